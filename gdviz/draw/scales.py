"""Axes of panels as those of Matplotlib: scales, and ticks that are found anew for whatever limits they have."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from matplotlib.axis import Axis as Side
from matplotlib.ticker import Formatter, Locator, NullLocator

from gdviz.draw.edges import end_labels
from gdviz.draw.ticks import multiples, ticks
from gdviz.scene.panels import Axis

SCALES = {"linear": "linear", "log": "log", "symlog": "function"}
"""Matplotlib's names of scales; its own symlog bends elsewhere."""

APART = 0.08
"""Share of an axis by which numbers keep off those at its ends."""

MOST = 9
"""Ticks of an axis at most."""


def put_scale(side: Side, axis: Axis, set_scale: Callable[..., None]) -> None:
    """Give an axis of Matplotlib's the scale and the ticks of a panel's; set_scale: the method of its axes."""
    functions = {"functions": (axis.heights, axis.unheights)} if axis.scale == "symlog" else {}
    set_scale(SCALES[axis.scale], **functions)
    found = Ticks(axis)
    side.set_major_locator(found)
    side.set_major_formatter(Labels(found))
    side.set_minor_locator(NullLocator())


def now(axis: Axis, side: Side) -> Axis | None:
    """The panel's axis in the limits of Matplotlib's; None where these are turned round, or it has another scale."""
    low, high = map(float, side.get_view_interval())
    if not low < high or side.get_scale() != SCALES[axis.scale]:
        return None
    return within(axis, low, high)


def within(axis: Axis, low: float, high: float) -> Axis:
    """The axis in other limits, beyond which nothing is said to go on."""
    if (low, high) == (axis.low, axis.high):
        return axis
    until = axis.until if axis.until is not None and low < axis.until < high else None
    return dataclasses.replace(
        axis, low=low, high=high, until=until, reach=None, cut=(False, False), beyond=(None, None)
    )


class Ticks(Locator):
    """Where a panel's axis has ticks."""

    def __init__(self, axis: Axis) -> None:
        self.scale = axis

    @property
    def limits(self) -> tuple[float, float]:
        """Those of Matplotlib's axis at the moment."""
        low, high = cast(Side, self.axis).get_view_interval()
        return float(low), float(high)

    def __call__(self) -> Sequence[float]:
        """Values of the ticks in the limits of the moment."""
        return self.tick_values(*self.limits)

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Values of the ticks between limits."""
        return [value for value, _ in self.found(float(vmin), float(vmax))]

    def found(self, low: float, high: float) -> list[tuple[float, str]]:
        """Values and labels between limits, with those of the ends beyond which curves go on."""
        low, high = sorted((low, high))
        if not self.scale.labelled or low == high or (self.scale.scale == "log" and low <= 0):
            return []
        axis = within(self.scale, low, high)
        until = dataclasses.replace(axis, high=axis.high if axis.until is None else axis.until, until=None, reach=None)
        room = max(2, min(MOST, cast(Side, self.axis).get_tick_space() // 2))
        wished = multiples(until)
        found = wished if 0 < len(wished) <= 2 * room else ticks(until, room)
        ends = [(end, text) for end, text in zip((axis.low, axis.high), end_labels(axis), strict=True) if text]
        shares = axis.fraction(np.array([value for value, _ in ends]))
        far = [bool((np.abs(axis.fraction(np.array(value)) - shares) > APART).all()) for value, _ in found]
        return [*(tick for tick, kept in zip(found, far, strict=True) if kept), *ends]


class Labels(Formatter):
    """What ticks are called."""

    def __init__(self, ticks: Ticks) -> None:
        self.ticks = ticks

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Of one of them its label; of a place between them, as under a pointer, four digits."""
        names = dict(self.ticks.found(*self.ticks.limits))
        return names.get(x, f"{x:.4g}")
