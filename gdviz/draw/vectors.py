"""Arrows of a panel in pixels: those that stand still, and those that appear with a record and may carry a label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.markers import broken, vector
from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.shapes import Polygon
from gdviz.scene.layers import Arrows
from gdviz.scene.themes import Theme

Floats = NDArray[np.float64]
WIDTHS = {"arrow": 6.0, "fine": 2.4, "guide": 2.2}
"""Of shafts, in units of the page."""

BEYOND = 2.0
"""Panels that an arrow may reach beyond its own; the rest of it would only cost time."""


@dataclass(frozen=True, eq=False)
class Vector:
    """One arrow: its outlines, the record from which it is there, and what is written beside its middle."""

    since: int
    tail: Floats  # float64[2], pixels
    tip: Floats
    shapes: tuple[Polygon, ...]
    text: str
    color: str

    @property
    def middle(self) -> tuple[float, float]:
        """Where its label belongs, pixels."""
        x, y = self.tail + 0.5 * (self.tip - self.tail)
        return float(x), float(y)

    def samples(self, step: float) -> Floats:
        """float64[n, 2]: points along it, `step` pixels apart."""
        count = max(int(np.hypot(*(self.tip - self.tail)) / step), 1)
        return np.asarray(self.tail + np.linspace(0.0, 1.0, count + 1)[:, None] * (self.tip - self.tail))


def vectors(layer: Arrows, place: Place, page: Measures, theme: Theme) -> Iterator[Vector]:
    """Every arrow of a layer that has a length and a place."""
    box = place.box
    most = BEYOND * (box.width + box.height)
    width = page.line(WIDTHS[layer.kind])
    for number, (tail, tip) in enumerate(zip(place.pixels(layer.tails), place.pixels(layer.tips), strict=True)):
        length = float(np.hypot(*(tip - tail)))
        if not (np.isfinite(length) and length > 0 and np.abs(tail).max() < most):
            continue
        tip = tail + (tip - tail) * min(1.0, most / length)
        if layer.kind == "guide":
            shapes = broken(tail, tip, width, layer.color, box)
        else:
            rim = page.line(2.2 if layer.kind == "arrow" else 1.2)
            shapes = vector(tail, tip, width, layer.color, rim, theme.halo, box)
        since = layer.since[number] if layer.since is not None else 0
        text = layer.texts[number] if number < len(layer.texts) else ""
        yield Vector(since, tail, tip, tuple(shapes), text, layer.color)
