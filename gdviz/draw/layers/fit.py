"""What an entry has learned as a graph that moves, with lines that lead from samples to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats, Item
from gdviz.draw.markers import bar, ribbon
from gdviz.draw.shapes import Image, Polygon
from gdviz.scene.layers import Fit

LINE, RIM, STICK = 3.6, 0.8, 1.5
"""How wide the graph is, the rim on either side of it, and a residual; units of the page."""


class DrawnFit(Drawn[Fit]):
    """Residuals, and the graph over them in the look of its entry."""

    draws = Fit
    moves = True

    def under(self, moment: float) -> Sequence[Item]:
        """Both at a record."""
        record = min(int(moment), len(self.layer.y) - 1)
        layer, site = self.layer, self.site
        style, line = site.scene.entries[layer.entry].style, site.line(LINE)
        points = self._graph(record)
        rim = ribbon(points, line + 2 * site.line(RIM), site.theme.halo, clip=site.box)
        graph = ribbon(points, line, style.color, style.dashes(line), site.box)
        drawn: list[Polygon | Image] = [*self._residuals(record), *rim, *graph]
        known = layer.y[record].tobytes(), None if layer.feet is None else layer.feet[record].tobytes()
        return [(("fit", layer.entry, *known), drawn)] if drawn else []

    def _graph(self, record: int) -> Floats:
        points = self.site.place.track(np.column_stack([self.layer.x, self.layer.y[record]]), "curve")
        return points[np.isfinite(points).all(axis=1)]

    def _residuals(self, record: int) -> list[Polygon]:
        layer, site = self.layer, self.site
        if layer.ends is None or layer.feet is None:
            return []
        ends = site.place.pixels(layer.ends)
        feet = site.place.track(np.column_stack([layer.ends[:, 0], layer.feet[record]]), "curve")
        wide, made = site.page.stroke(STICK), []
        for (x, y0), (_, y1) in zip(ends.tolist(), feet.tolist(), strict=True):
            if np.isfinite(y1) and site.box.holds(x, y0) and abs(y1 - y0) > 1.0:
                made += [Polygon(one.points, site.theme.dim, clip=site.box) for one in bar(x, y0, x, y1, wide, "")]
        return made

    def ways(self) -> Sequence[Floats]:
        """The graph at the first record and at the last."""
        site, last = self.site, len(self.layer.y) - 1
        found = [self._graph(record) for record in (0, last)]
        return [samples(points, site.box, site.line(9)) for points in found if len(points) > 1]


DRAWN = DrawnFit
