"""Panels: a slot of the page, two axes, and the layers between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.layers import Layer, Trails

AREAS = ("main", "side", "inset", "locator")
SCALES = ("linear", "log", "symlog")

INLAID = ("inset", "locator")
"""Those that stand inside the main panel: a part of it magnified, and a map of what lies around it."""


@dataclass(frozen=True)
class Axis:
    """A range of values, low < high; a log axis needs low > 0. Tick labels are written with `decimal`.

    scale: "linear", "log", or "symlog": decades on both sides of 0, about linear within `bend` of it.

    reach: the widest range that the axis may be given where its panel would else not fill its place on the page;
    labelled: whether its ticks carry numbers: where panels share an axis, one of them does; step: how far apart ticks
    stand where that many have room; cut: whether what is drawn goes on below it and above it, which a break shows;
    beyond: how far, which stands beside the break, None where no number tells it; until: where it ends before its panel
    does, which leaves room for names, None where it does not; names: what stands at 0, 1, … in place of numbers;
    brief: its label where that has no room; whole: nothing lies between whole numbers, so that no tick does.
    """

    low: float
    high: float
    scale: str = "linear"
    label: str = ""
    decimal: str = "."
    reach: tuple[float, float] | None = None
    labelled: bool = True
    step: float | None = None
    cut: tuple[bool, bool] = (False, False)
    beyond: tuple[float | None, float | None] = (None, None)
    bend: float = 1.0
    until: float | None = None
    names: tuple[str, ...] = ()
    brief: str = ""
    whole: bool = False

    def __post_init__(self) -> None:
        """Refuse ranges that cannot be drawn."""
        if self.scale not in SCALES:
            raise ValueError(f"scale {self.scale!r} of an axis is not one of {', '.join(SCALES)}")
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis needs finite low < high, not {self.low} … {self.high}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a log axis starts above 0, not at {self.low}")
        if self.reach is not None and not (self.reach[0] <= self.low and self.high <= self.reach[1]):
            raise ValueError(f"the reach {self.reach} of an axis must hold {self.low} … {self.high}")

    @property
    def span(self) -> float:
        """high − low."""
        return self.high - self.low

    @property
    def most(self) -> float:
        """The span that the axis may be widened to."""
        return self.reach[1] - self.reach[0] if self.reach else self.span

    def widened(self, span: float) -> Axis:
        """The axis with a larger span, at most `most`; each side gets its share of the room there is."""
        if self.reach is None or span <= self.span:
            return self
        share = min((span - self.span) / (self.most - self.span), 1.0) if self.most > self.span else 0.0
        low, high = self.low + share * (self.reach[0] - self.low), self.high + share * (self.reach[1] - self.high)
        return replace(self, low=low, high=high)

    def fraction(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values lie along the axis: 0 at low, 1 at high, beyond outside. Values ≤ 0 on a log axis give -inf."""
        if self.scale == "linear":
            return np.asarray((values - self.low) / (self.high - self.low))
        low, high = self.heights(np.array([self.low, self.high]))
        return np.asarray((self.heights(values) - low) / (high - low))

    def values(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values that lie at shares 0…1 of the axis."""
        if self.scale == "linear":
            return np.asarray(self.low + shares * (self.high - self.low))
        if self.scale == "log":
            return np.asarray(self.low * (self.high / self.low) ** shares)
        low, high = self.heights(np.array([self.low, self.high]))
        return self.unheights(low + shares * (high - low))

    def heights(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What of values grows evenly along the axis: themselves, or decades."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.scale == "log":
                return np.where(values > 0, np.log10(np.maximum(values, 0.0)), np.where(values <= 0, -np.inf, np.nan))
            return np.sign(values) * np.log10(1 + np.abs(values) / self.bend) if self.scale == "symlog" else values

    def unheights(self, heights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values of heights."""
        if self.scale == "symlog":
            return np.asarray(np.sign(heights) * self.bend * (10.0 ** np.abs(heights) - 1))
        return np.asarray(10.0**heights) if self.scale == "log" else heights


@dataclass(frozen=True, eq=False)
class Panel:
    """One part of the page. `area` names a slot of the layout; panels of one slot share it in their order.

    aspect: pixels of a y unit for each pixel of an x unit (1 keeps circles round), or None to fill the slot; with an
    aspect the axes are widened towards their reach as far as the slot has room;
    frame: hairlines at the ticks, as a chart has them; without it only the tick labels stand outside the field;
    asked: one of INLAID that stands also where it hides the end of a path;
    base: the value of y at which a chart's axis is drawn, at its foot where that is None or out of range;
    name: what it is asked for by, besides its area; brief: its title where that has no room.
    """

    area: str
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    title: str = ""
    aspect: float | None = None
    frame: bool = False
    base: float | None = None
    asked: bool = False
    name: str = ""
    brief: str = ""

    @property
    def curves(self) -> tuple[Trails, ...]:
        """Its paths that run along its x axis."""
        return tuple(layer for layer in self.layers if isinstance(layer, Trails) and layer.kind == "curve")

    @property
    def undefined(self) -> bool:
        """Whether a layer of it has no value somewhere between its axes."""
        return any(layer.undefined((self.x.low, self.x.high), (self.y.low, self.y.high)) for layer in self.layers)

    def __post_init__(self) -> None:
        """Refuse slots that no layout has."""
        if self.area not in AREAS:
            raise ValueError(f"area {self.area!r} of a panel is not one of {', '.join(AREAS)}")

    @property
    def inlaid(self) -> bool:
        """Whether it stands inside the main panel, where it hides least."""
        return self.area in INLAID
