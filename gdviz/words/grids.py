"""Grids as typed and as Python gives them: what is varied, and its values."""

from __future__ import annotations

import math
import re
from typing import Any

from gdviz.errors import UsageError, short
from gdviz.recipe.grids import Grid

USUAL = "lr=log:1e-4:1:64"
"""A grid, as errors show one."""

LISTED = "batch=1/8/full"
"""Values, as errors show them."""

SAME = 1e-12
"""By how much numbers that were made as evenly spaced ones may differ from those of a grid, as a share of them."""


def parse_grid(text: str) -> dict[str, Any]:
    """Read `NAME=lin|log:LOW:HIGH:COUNT` or `NAME=VALUE/VALUE…`, as typed after --grid, as a recipe holds it.

    Raises UsageError.
    """
    name, _, rest = (part.strip() for part in text.partition("="))
    if not name or not rest:
        raise UsageError(f"--grid {short(text)}: type what is varied and its values, as in {USUAL} or {LISTED}")
    scale, *numbers = (part.strip() for part in rest.split(":"))
    if not numbers:
        return {"name": name, "values": [_value(name, part.strip()) for part in rest.split("/")]}
    if (scale := scale.lower().removesuffix("ear")) not in ("lin", "log"):
        raise UsageError(
            f"--grid {short(text)}: '{short(scale)}' is neither lin nor log; type {name}=log:LOW:HIGH:COUNT, as in "
            f"{USUAL}, or values with strokes between them, as in {LISTED}"
        )
    if len(numbers) != 3:
        raise UsageError(f"--grid {short(text)}: type the lowest value, the highest and how many, as in {USUAL}")
    low, high, count = numbers
    if not count.isdecimal():
        raise UsageError(f"--grid {short(text)}: '{short(count)}' is no number of values; type {name}={USUAL[3:]}")
    return {
        "name": name,
        "scale": scale,
        "low": _number(name, low),
        "high": _number(name, high),
        "count": int(count),
    }


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"--grid {name}: '{short(text)}' is no finite number; type it as in {USUAL}")
    return value


def _value(name: str, text: str) -> float | str:
    """A listed value: a number, or a word."""
    if "," in text:
        raise UsageError(f"--grid {name}={short(text)}: put strokes between values, as in {LISTED}, and write 0.1")
    if re.fullmatch(r"[^\W\d]\w*", text) and text.lower() not in ("nan", "inf", "infinity"):
        return text
    return _number(name, text)


def grid_of(name: str, given: Any) -> dict[str, Any]:
    """A grid as Python gives it, a text as after --grid or values, as a recipe holds it.

    Numbers that are evenly spaced, or whose logarithms are, to rounding are told by their ends. Raises UsageError.
    """
    if isinstance(given, str):
        return parse_grid(f"{name}={given}")
    try:
        values = [one if isinstance(one, str) else float(one) for one in given]
    except (TypeError, ValueError):
        raise UsageError(f"grid of {name} is {given!r:.60}; give its values, or a text such as '{USUAL[3:]}'") from None
    if len(values) < 3 or any(isinstance(one, str) or not math.isfinite(one) for one in values):
        return {"name": name, "values": values}
    numbers = [one for one in values if not isinstance(one, str)]
    for scale in ("lin", "log"):
        if numbers[0] < numbers[-1] and (scale == "lin" or numbers[0] > 0):
            ends = {"name": name, "scale": scale, "low": numbers[0], "high": numbers[-1], "count": len(numbers)}
            spaced = Grid.model_validate(ends).numbers()
            largest = max(map(abs, (numbers[0], numbers[-1]))) if scale == "lin" else 0.0
            if all(abs(a - b) <= SAME * max(largest, abs(b)) for a, b in zip(numbers, spaced, strict=True)):
                return ends
    return {"name": name, "values": numbers}
