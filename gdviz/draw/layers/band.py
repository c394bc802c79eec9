"""The middle of many runs as a translucent band that grows with the record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn, Floats, Item
from gdviz.draw.shapes import Polygon, Shape
from gdviz.scene.layers import Band

OPACITY = 0.22
"""Of a band: a curve and another band show through it."""


class DrawnBand(Drawn[Band]):
    """A polygon for each stretch in which both edges are known."""

    draws = Band
    moves = True

    @cached_property
    def _edges(self) -> tuple[Floats, Floats]:
        layer, place = self.layer, self.site.place
        low, high = (place.track(np.column_stack([layer.x, edge]), "curve") for edge in (layer.low, layer.high))
        return low, high

    def above(self) -> Sequence[Shape]:
        """All of one that stands still."""
        return self._parts(len(self.layer.x)) if self.layer.still else []

    def under(self, moment: float) -> Sequence[Item]:
        """What of one that grows is known by a record."""
        count = int(moment) + 1
        shapes = [] if self.layer.still else self._parts(count)
        return [(("band", self.layer.entry, count), shapes)] if shapes else []

    def _parts(self, count: int) -> list[Polygon]:
        low, high = (edge[:count] for edge in self._edges)
        known = np.isfinite(low).all(axis=1) & np.isfinite(high).all(axis=1)
        cuts = np.flatnonzero(np.diff(known)) + 1
        parts = [
            np.concatenate([below, above[::-1]])
            for below, above, there in zip(*(np.split(one, cuts) for one in (low, high, known)), strict=True)
            if there.all() and len(below) > 1
        ]
        color = self.site.scene.entries[self.layer.entry].style.color
        return [Polygon(part, color, OPACITY, self.site.box) for part in parts]


DRAWN = DrawnBand
