"""The middle of many runs as a translucent band that grows with the record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn, Floats, Item
from gdviz.draw.shapes import Polygon
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

    def under(self, moment: float) -> Sequence[Item]:
        """What of it is known by a record."""
        low, high = (edge[: int(moment) + 1] for edge in self._edges)
        known = np.isfinite(low).all(axis=1) & np.isfinite(high).all(axis=1)
        cuts = np.flatnonzero(np.diff(known)) + 1
        parts = [
            np.concatenate([below, above[::-1]])
            for below, above, there in zip(*(np.split(one, cuts) for one in (low, high, known)), strict=True)
            if there.all() and len(below) > 1
        ]
        color = self.site.scene.entries[self.layer.entry].style.color
        shapes = [Polygon(part, color, OPACITY, self.site.box) for part in parts]
        return [(("band", self.layer.entry, len(low)), shapes)] if shapes else []


DRAWN = DrawnBand
