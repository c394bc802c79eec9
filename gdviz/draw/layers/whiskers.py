"""Middle values with the range around them, where no line leads from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdviz.draw.layer import Drawn
from gdviz.draw.markers import marker
from gdviz.draw.shapes import Polyline, Shape, Text
from gdviz.scene.summaries import Whiskers


class DrawnWhiskers(Drawn[Whiskers]):
    """A vertical line with the entry's marker on it."""

    draws = Whiskers

    def above(self) -> Sequence[Shape]:
        """Lines below, markers above them, ∞ at the edge for what is beyond all numbers."""
        site, layer, box = self.site, self.layer, self.site.box
        style = site.scene.entries[layer.entry].style
        size, radius = site.page.size(21), site.line(2.2)
        lines: list[Shape] = []
        marks: list[Shape] = []
        places = [site.place.pixels(np.column_stack([layer.x, edge])) for edge in (layer.low, layer.middle, layer.high)]
        values = (layer.low, layer.middle, layer.high)
        for number in range(len(layer.x)):
            (x, low), (_, middle), (_, high) = (place[number].tolist() for place in places)
            if any(np.isnan(one[number]) for one in values):
                continue
            ends = np.clip([low, high], box.y0, box.y1)
            if ends[0] - ends[1] > 1:
                points = np.array([(x, ends[0]), (x, ends[1])])
                even = np.ones(2)
                lines.append(
                    Polyline(points, np.array([0.0, ends[0] - ends[1]]), radius * even, even, style.color, (), box)
                )
            if np.isposinf(layer.middle[number]):
                at = round(box.y0 + 0.9 * size)
                marks.append(Text(x, at, "∞", size, style.color, "center", outline=site.theme.halo, rim=0.1 * size))
            elif box.y0 <= middle <= box.y1:
                rim = site.line(1.4)
                marks += marker(style.marker, x, middle, site.line(8.5), style.color, rim, site.theme.page)
        return [*lines, *marks]


DRAWN = DrawnWhiskers
