"""Lines around cells of a map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.shapes import Hairlines, Shape
from gdviz.scene.summaries import Outline


class DrawnOutline(Drawn[Outline]):
    """A line in ink with a rim, which is seen on every tone."""

    draws = Outline

    @cached_property
    def _lines(self) -> Floats:
        """float64[line, 2, 2], pixels."""
        lines = self.layer.lines
        return self.site.place.pixels(lines.reshape(-1, 2)).reshape(lines.shape)

    def below(self) -> Sequence[Shape]:
        """Rim and line."""
        site, lines = self.site, tuple(self._lines)
        thin = max(site.page.stroke(2.4), 1.2)
        if not lines:
            return []
        return [
            Hairlines(lines, site.theme.halo, 2.4 * thin, 0.75, site.box),
            Hairlines(lines, site.theme.ink, thin, 1.0, site.box),
        ]

    def ways(self) -> Sequence[Floats]:
        """Points of the lines, close to each other."""
        begin, way = self._lines[:, 0], self._lines[:, 1] - self._lines[:, 0]
        counts = np.maximum(np.ceil(np.hypot(*way.T) / self.site.line(9)), 1).astype(np.int64) + 1
        walked = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        shares = (walked / np.repeat(counts - 1, counts))[:, None]
        return [np.repeat(begin, counts, axis=0) + shares * np.repeat(way, counts, axis=0)]


DRAWN = DrawnOutline
