"""Where the labels of an axis stand, and how they read."""

from __future__ import annotations

import math

from gdviz.scene.panels import Axis

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


# steps between a round one and the next smaller, by mantissa
ODD = {1: (0.8, 0.75, 0.6), 2: (1.5,), 5: (4.0, 3.0, 2.5)}


LONG = 6
"""Digits from which labels say the difference to one of them: nobody reads 1000000.5 beside 1000001.0."""


def ticks(axis: Axis, room: int) -> list[tuple[float, str]]:
    """Values and labels of at most `room` ticks (at least two where the axis allows), in rising order."""
    if axis.names:
        return _named(axis, max(room, 1))
    room = max(room, 2)
    kinds = {"linear": _round, "log": _decades, "symlog": _both}
    return kinds[axis.scale](axis, room)


def _named(axis: Axis, room: int) -> list[tuple[float, str]]:
    """Every name that is in range, or as many at equal distances as there is room for."""
    inside = [(float(at), name) for at, name in enumerate(axis.names) if axis.low <= at <= axis.high]
    return inside[:: math.ceil(len(inside) / room)] if inside else []


def raised(power: int) -> str:
    """A power of ten."""
    return f"10{str(power).translate(_RAISED)}"


def _round(axis: Axis, room: int) -> list[tuple[float, str]]:
    span = axis.high - axis.low
    power = math.floor(math.log10(span / room))
    power = max(power, 0) if axis.whole else power
    for mantissa, exponent in ((1, 0), (2, 0), (5, 0), (1, 1), (2, 1), (5, 1), (1, 2)):
        step = mantissa * 10.0 ** (power + exponent)
        first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
        if last - first + 1 <= room:
            break
    if last - first + 1 < 2:  # a single label gives no scale: an odder step that gives two is better
        if axis.whole:
            return _labelled(sorted({float(math.ceil(axis.low)), float(math.floor(axis.high))}), 1.0, axis)
        for odd in ODD[mantissa]:
            other = odd * 10.0 ** (power + exponent)
            begin, end = math.ceil(axis.low / other - 1e-9), math.floor(axis.high / other + 1e-9)
            if 2 <= end - begin + 1 <= room:
                step, first, last = other, begin, end
                break
    return _labelled([number * step for number in range(first, last + 1)], step, axis)


def multiples(axis: Axis) -> list[tuple[float, str]]:
    """Values and labels of ticks as far apart as the axis wishes; none where it has no wish."""
    if axis.step is None or axis.span / axis.step > 100:
        return []
    first, last = math.ceil(axis.low / axis.step - 1e-9), math.floor(axis.high / axis.step + 1e-9)
    return _labelled([number * axis.step for number in range(first, last + 1)], axis.step, axis)


def _labelled(values: list[float], step: float, axis: Axis) -> list[tuple[float, str]]:
    largest = max((abs(value) for value in values), default=0.0)
    needed = math.floor(math.log10(largest)) - math.floor(math.log10(step) + 1e-9) + 1 if largest else 0
    if len(values) > 1 and needed > (LONG if largest < 1e5 else LONG - 2):
        return _offsets(values, step, axis.decimal)
    if largest >= 1e5 or (largest and step < 1e-4):
        power = math.floor(math.log10(largest))
        digits = max(power - math.floor(math.log10(step) + 1e-9), 0)
        names = [_number(value / 10.0**power, digits, axis.decimal) for value in values]
        tail = f"·{raised(power)}"
        return [(value, name + tail if value else "0") for value, name in zip(values, names, strict=True)]
    digits = _decimals(step)
    return [(value, _number(value, digits, axis.decimal)) for value in values]


def _offsets(values: list[float], step: float, decimal: str) -> list[tuple[float, str]]:
    """The roundest value in full, and the others by how far they are from it: −1, −0.5, 10⁶, +0.5, +1."""
    digits = _decimals(step)
    written = [f"{value:.{digits}f}" for value in values]
    base = min(range(len(values)), key=lambda n: len(written[n].rstrip("0.").lstrip("-")))
    away = [(number - base) * step for number in range(len(values))]
    power = math.floor(math.log10(step) + 1e-9) if step < 1e-3 else 0
    tail = f"·10{str(power).translate(_RAISED)}" if power else ""
    told = [_number(one / 10.0**power, 0 if power else digits, decimal) + tail for one in away]
    told = ["+"[number < base :] + text for number, text in enumerate(told)]
    told[base] = _full(values[base], digits, decimal)
    return list(zip(values, told, strict=True))


def _full(value: float, digits: int, decimal: str) -> str:
    """A number with few digits and many zeros by a power of ten, 10⁶ or −2.5·10⁷, others in full."""
    power = math.floor(math.log10(abs(value)) + 1e-12)
    mantissa = f"{value / 10.0**power:.2f}".rstrip("0").rstrip(".")
    if power < 5 or float(mantissa) * 10.0**power != value:
        return _number(value, digits, decimal)
    raised = f"10{str(power).translate(_RAISED)}"
    short = {"1": raised, "-1": f"-{raised}"}.get(mantissa, f"{mantissa}·{raised}")
    return short.replace("-", "−").replace(".", decimal)


def _decimals(step: float) -> int:
    """How many decimals tell multiples of a step apart."""
    digits = max(-math.floor(math.log10(step) + 1e-9), 0)
    return digits + (round(step * 10**digits, 6) % 1 != 0)  # a step of 2.5 needs one more


def _decades(axis: Axis, room: int) -> list[tuple[float, str]]:
    low, high = math.log10(axis.low), math.log10(axis.high)
    whole = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    for stride in (1, 2, 3, 5, 10, 20, 50, 100, 200):
        powers = [power for power in whole if power % stride == 0]
        if len(powers) <= room:
            break
    if len(powers) < 2 <= len(whole):  # two odd powers are better than one that is even
        powers = list(whole[:: math.ceil(len(whole) / room)])
    if len(powers) >= 2:
        return [(10.0**power, raised(power)) for power in powers]
    # less than two decades: ones, twos and fives, written out
    found = []
    for power in range(0 if axis.whole else math.floor(low) - 1, math.ceil(high) + 1):
        for mantissa in (1, 2, 5):
            value = mantissa * 10.0**power
            if axis.low * (1 - 1e-9) <= value <= axis.high * (1 + 1e-9):
                found.append((value, _number(value, max(-power, 0), axis.decimal)))
    return found[:: max(1, math.ceil(len(found) / room))] if len(found) >= 2 else _round(axis, room)


def _both(axis: Axis, room: int) -> list[tuple[float, str]]:
    """0 and powers of ten on either side, of those within which the axis is linear only the last."""
    first = round(math.log10(axis.bend))
    last = max(math.floor(math.log10(max(abs(end), axis.bend)) + 1e-9) for end in (axis.low, axis.high))
    for stride in (1, 2, 3, 5, 10, 20, 50, 100):
        sizes = range(first, last + 1, stride)
        marks = [-(10.0**power) for power in reversed(sizes)] + [0.0] + [10.0**power for power in sizes]
        marks = [mark for mark in marks if axis.low <= mark <= axis.high]
        if len(marks) <= room:
            break
    if len(marks) > room:
        marks = [0.0, marks[-1]] if marks[-1] > 0 else [marks[0], 0.0]
    if len(marks) < 2:
        return _round(axis, room)
    names = ("0" if not mark else ("−" if mark < 0 else "") + _power(round(math.log10(abs(mark)))) for mark in marks)
    return list(zip(marks, names, strict=True))


def _power(power: int) -> str:
    """A power of ten beside a 0: 10⁰ would be read as one."""
    return "1" if power == 0 else raised(power)


def _number(value: float, digits: int, decimal: str) -> str:
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−").replace(".", decimal)
