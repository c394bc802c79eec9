"""Stretches of an axis that are marked along the upper edge of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.markers import marker
from gdviz.draw.shapes import Polygon, Shape, Text
from gdviz.draw.text import width
from gdviz.scene.summaries import Spans

HIGH, PITCH, OFF = 9.0, 20.0, 8.0
"""Units of lines: the height of a bar, from one row to the next, and from the panel's edge to the first."""


class DrawnSpans(Drawn[Spans]):
    """Bars in the entry's colour, with its marker where each begins inside the panel."""

    draws = Spans

    @cached_property
    def _ends(self) -> list[tuple[float, float]]:
        """Left and right sides in pixels of what is in view."""
        box, end = self.site.box, self.site.place.end
        level = np.full(len(self.layer.ends), self.site.place.panel.y.low)
        found = [self.site.place.pixels(np.column_stack([side, level]))[:, 0] for side in self.layer.ends.T]
        ends = np.clip(np.column_stack(found), box.x0, end)
        return [(left, right) for left, right in ends.tolist() if right > left]

    @property
    def _middle(self) -> float:
        return self.site.box.y0 + self.site.line(OFF + self.layer.row * PITCH + HIGH / 2)

    @cached_property
    def _shapes(self) -> list[Shape]:
        site, middle = self.site, self._middle
        half, style = site.line(HIGH) / 2, site.scene.entries[self.layer.entry].style
        shapes: list[Shape] = []
        for left, right in self._ends:
            y0, y1 = middle - half, middle + half
            shapes.append(Polygon(np.array([(left, y0), (right, y0), (right, y1), (left, y1)]), style.color, 0.8))
            if left > site.box.x0:
                shapes += marker(style.marker, left, middle, site.line(8), style.color, site.line(1.2), site.theme.page)
        if self.layer.text and self._ends:
            shapes += self._told(*self._ends[0])
        return shapes

    def _told(self, left: float, right: float) -> list[Shape]:
        """The text left of a bar, else right of it, else nothing: the caption tells as well."""
        site, text, size = self.site, self.layer.text, self.site.page.size(17)
        room, off = width(text, size, site.scene.font), site.line(13)
        y = round(self._middle + 0.34 * size)
        rim = {"outline": site.theme.page, "rim": 0.12 * size}
        color = site.theme.dim
        if left - off - room >= site.box.x0:
            return [Text(left - off, y, text, size, color, "right", **rim)]  # type: ignore[arg-type]
        if right + off + room <= site.place.end:
            return [Text(right + off, y, text, size, color, **rim)]  # type: ignore[arg-type]
        return []

    def above(self) -> Sequence[Shape]:
        """All of it."""
        return self._shapes

    def written(self) -> list[Text]:
        """The text."""
        return [shape for shape in self._shapes if isinstance(shape, Text)]

    def ways(self) -> Sequence[Floats]:
        """The bars."""
        return [
            np.column_stack([np.linspace(left, right, 24), np.full(24, self._middle)]) for left, right in self._ends
        ]


DRAWN = DrawnSpans
