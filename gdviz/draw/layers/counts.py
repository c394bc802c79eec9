"""Counts of counts, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn
from gdviz.draw.markers import marker
from gdviz.draw.shapes import Polygon, Shape, Text
from gdviz.draw.text import width
from gdviz.scene.summaries import Counts

OPACITY = 0.75
"""Of a bar: hairlines show through it."""

LOW = 0.7
"""Of the size of a text: the height of a bar below which none stands beside it, as those of neighbours would touch."""


class DrawnCounts(Drawn[Counts]):
    """Rectangles from the panel's left side, markers at their ends, texts right of these."""

    draws = Counts

    @property
    def _size(self) -> float:
        return self.site.page.size(18)

    @cached_property
    def _shapes(self) -> list[Shape]:
        site, layer = self.site, self.layer
        box, style = site.box, site.scene.entries[layer.entry].style
        half = layer.thickness / 2
        low, high = (site.place.pixels(np.column_stack([layer.lengths, layer.places + side])) for side in (-half, half))
        shapes: list[Shape] = []
        for number, ((x, bottom), (_, top)) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            end, middle = min(max(x, box.x0), box.x1), (bottom + top) / 2
            radius = min(site.line(8), 0.42 * (bottom - top))
            corners = np.array([(box.x0, bottom), (end, bottom), (end, top), (box.x0, top)], np.float64)
            shapes.append(Polygon(corners, style.color, OPACITY, box))
            shapes += marker(style.marker, end, middle, radius, style.color, site.line(1.2), site.theme.page)
            if layer.texts and bottom - top >= self._size * LOW:
                shapes.append(self._told(layer.texts[number], end, middle, radius))
        return shapes

    def _told(self, text: str, end: float, middle: float, radius: float) -> Text:
        """A text right of a bar, or left of its end where the page has no room there."""
        site = self.site
        size = self._size
        off = radius + site.line(8)
        if end + off + width(text, size, site.scene.font) <= site.box.x1 + site.page.space(20):
            return Text(end + off, round(middle + 0.36 * size), text, size, site.theme.ink)
        return Text(
            end - off,
            round(middle + 0.36 * size),
            text,
            size,
            site.theme.ink,
            "right",
            outline=site.theme.halo,
            rim=0.1 * size,
        )

    def above(self) -> Sequence[Shape]:
        """All of them."""
        return self._shapes

    def written(self) -> list[Text]:
        """Their texts."""
        return [shape for shape in self._shapes if isinstance(shape, Text)]


DRAWN = DrawnCounts
