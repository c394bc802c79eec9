"""Samples of data: a small marker for each, in parts of the panel, so that what moves over a few redraws no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn, Item, Point, Said
from gdviz.draw.markers import hollow, marker
from gdviz.draw.shapes import Polygon
from gdviz.scene.layers import Points

RADIUS, LEAST = 6.0, 3.4
"""Of a marker, units of the page: where samples are few, and where they are many."""

CROWD = 200
"""Samples from which markers are smaller than RADIUS."""

PART = 64
"""Pixels of the side of the squares whose samples are drawn as one."""


class DrawnPoints(Drawn[Points]):
    """Markers inside the panel, in their order, with names of the groups beside them."""

    draws = Points
    moves = True

    @cached_property
    def _radius(self) -> float:
        return self.site.line(max(RADIUS * min(1.0, (CROWD / max(len(self.layer.points), 1)) ** 0.35), LEAST))

    @cached_property
    def _items(self) -> list[Item]:
        layer, site = self.layer, self.site
        parts: dict[tuple[int, int], list[Polygon]] = defaultdict(list)
        empty = np.zeros(len(layer.points), bool) if layer.hollow is None else layer.hollow
        rim, radius = site.line(1.1), self._radius
        for (x, y), group, open_ in zip(site.place.pixels(layer.points).tolist(), layer.groups, empty, strict=True):
            if not site.box.holds(x, y):
                continue
            look = layer.styles[group]
            made = (
                hollow(look.marker, x, y, radius, 0.36 * radius, look.color, rim, site.theme.halo)
                if open_
                else marker(look.marker, x, y, radius, look.color, rim, site.theme.halo)
            )
            parts[int(x) // PART, int(y) // PART] += made
        return [(("points", *part), shapes) for part, shapes in sorted(parts.items())]

    def under(self, moment: float) -> Sequence[Item]:
        """All of them."""
        return self._items

    def labels(self) -> list[Said]:
        """The groups' names, each beside the sample that has the middle place in its group."""
        layer, site = self.layer, self.site
        pixels = site.place.pixels(layer.points)
        found = []
        for group, text in enumerate(layer.texts):
            mine = pixels[layer.groups == group]
            if len(mine) and text:
                at = mine[np.argmin(np.abs(mine - np.median(mine, axis=0)).sum(axis=1))]
                place: Point = float(at[0]), float(at[1])
                found.append(Said(place, text, layer.styles[group].color, site.page.size(21), site.line(10)))
        return found


DRAWN = DrawnPoints
