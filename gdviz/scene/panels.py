"""Panels: a slot of the page, two axes, and the layers between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.layers import Layer

AREAS = ("main", "side")


@dataclass(frozen=True)
class Axis:
    """A range of values, low < high; a log axis needs low > 0. Tick labels are written with `decimal`."""

    low: float
    high: float
    scale: str = "linear"
    label: str = ""
    decimal: str = "."

    def __post_init__(self) -> None:
        """Refuse ranges that cannot be drawn."""
        if self.scale not in ("linear", "log"):
            raise ValueError(f"scale {self.scale!r} of an axis is not one of linear, log")
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis needs finite low < high, not {self.low} … {self.high}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a log axis starts above 0, not at {self.low}")

    def fraction(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values lie along the axis: 0 at low, 1 at high, beyond outside. Values ≤ 0 on a log axis give -inf."""
        if self.scale == "linear":
            return np.asarray((values - self.low) / (self.high - self.low))
        with np.errstate(divide="ignore", invalid="ignore"):
            decades = np.where(values > 0, np.log10(np.maximum(values, 0.0)), np.where(values <= 0, -np.inf, np.nan))
        return np.asarray((decades - np.log10(self.low)) / (np.log10(self.high) - np.log10(self.low)))


@dataclass(frozen=True, eq=False)
class Panel:
    """One part of the page. `area` names a slot of the layout; panels of one slot share it in their order.

    aspect: pixels of a y unit for each pixel of an x unit (1 keeps circles round), or None to fill the slot;
    frame: hairlines at the ticks, as a chart has them; without it only the tick labels stand outside the field.
    """

    area: str
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    title: str = ""
    aspect: float | None = None
    frame: bool = False

    def __post_init__(self) -> None:
        """Refuse slots that no layout has."""
        if self.area not in AREAS:
            raise ValueError(f"area {self.area!r} of a panel is not one of {', '.join(AREAS)}")
