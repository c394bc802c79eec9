"""What stands at the ends of an axis that is cut: how far the curves go on."""

from __future__ import annotations

import math

from gdviz.draw.ticks import raised
from gdviz.scene.panels import Axis


def end_labels(axis: Axis) -> tuple[str, str]:
    """The numbers below and above the breaks of an axis, "" where there is none."""
    low, high = ("" if value is None else _number(value, axis.decimal) for value in axis.beyond)
    return low, high


def _number(value: float, decimal: str) -> str:
    """A number to three digits, of a very small or large one two, as the ledger tells it."""
    if not value or not math.isfinite(value):
        return "0" if not value else "∞" if value > 0 else "−∞"
    power = math.floor(math.log10(abs(value)))
    if -3 <= power <= 3:
        text = f"{float(f'{value:.3g}'):.{max(2 - power, 0)}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−").replace(".", decimal)
    first, _, exponent = f"{abs(value):.1e}".partition("e")
    first = first.removesuffix(".0").replace(".", decimal)
    return ("−" if value < 0 else "") + (f"{first}·" if first != "1" else "") + raised(int(exponent))
