"""Regions of decision: an image that moves with the record."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.layer import Drawn, Floats, Item
from gdviz.draw.shapes import Image, rgb
from gdviz.scene.layers import Regions

TINT = 0.38
"""Share of a class's colour in its tint: its samples, which wear the colour itself, stand out from it."""

LINE = 2.2
"""How wide the line between two regions is, units of the page."""


class DrawnRegions(Drawn[Regions]):
    """An image that fills the panel."""

    draws = Regions
    moves = True

    _kept: tuple[int, Image] | None = None

    def under(self, moment: float) -> Sequence[Item]:
        """The image of the record."""
        number = self.layer.at(int(moment))
        if self._kept is None or self._kept[0] != number:
            self._kept = number, Image(self._pixels(number), self.site.box)
        return [(("regions", number), [self._kept[1]])]

    def _pixels(self, number: int) -> NDArray[np.uint8]:
        from gdviz.raster.regions import decided

        site, layer, box = self.site, self.layer, self.site.box
        down, across = ((np.arange(side) + 0.5) / side for side in (box.height, box.width))
        rows = _among(layer.y, site.place.y_values(1.0 - down))
        columns = _among(layer.x, site.place.x_values(across))
        ground = np.array(rgb(site.theme.page), float)
        tints = np.array([ground + TINT * (rgb(color) - ground) for color in layer.colors])
        ink = np.array(rgb(site.theme.ink), float)
        pixels = np.empty((box.height, box.width, 3), np.uint8)
        scores = np.ascontiguousarray(np.nan_to_num(layer.scores[number], posinf=1e30, neginf=-1e30), np.float32)
        decided(scores, rows, columns, tints, ink, site.line(LINE), layer.shares, pixels)
        return pixels


def _among(samples: Floats, values: Floats) -> Floats:
    """Where values lie among rising samples, float64[value] from 0 to n − 1."""
    return np.interp(values, samples, np.arange(len(samples), dtype=float))


DRAWN = DrawnRegions
