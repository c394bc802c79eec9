"""Lines around cells of a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.shapes import Hairlines, Shape
from gdviz.scene.summaries import Outline


class DrawnOutline(Drawn[Outline]):
    """A line in ink with a rim, which is seen on every tone."""

    draws = Outline

    def below(self) -> Sequence[Shape]:
        """Rim and line."""
        site, lines = self.site, tuple(self._lines())
        thin = max(site.page.stroke(2.4), 1.2)
        if not lines:
            return []
        return [
            Hairlines(lines, site.theme.halo, 2.4 * thin, 0.75, site.box),
            Hairlines(lines, site.theme.ink, thin, 1.0, site.box),
        ]

    def _lines(self) -> list[Floats]:
        return [self.site.place.pixels(line) for line in self.layer.lines]

    def ways(self) -> Sequence[Floats]:
        """The lines."""
        return [samples(np.asarray(line), self.site.box, self.site.line(9)) for line in self._lines()]


DRAWN = DrawnOutline
