"""Places to know: rings of starts, stars of minima, hollow ones of local minima."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gdviz.draw.layer import Drawn, Item, Point, Said, Spot, nearness
from gdviz.draw.markers import arrow, hollow, marker, ring
from gdviz.scene.layers import Marks


class DrawnMarks(Drawn[Marks]):
    """Rings, also at the edge for what lies outside, and stars inside the panel."""

    draws = Marks
    moves = True

    @cached_property
    def points(self) -> list[Point]:
        """All of them in pixels, wherever they are."""
        return [(x, y) for x, y in self.site.place.pixels(self.layer.points).tolist()]

    @cached_property
    def inside(self) -> list[Point]:
        """Those in the panel."""
        return [point for point in self.points if self.site.box.holds(*point)]

    def own(self) -> dict[str, list[Any]]:
        """Rings wherever they are, stars in the panel with their colours, hollow ones."""
        if self.layer.kind == "start":
            return {"rings": [[round(x, 2), round(y, 2)] for x, y in self.points if math.isfinite(x + y)]}
        if self.layer.kind == "local":
            return {"locals": [[round(x, 2), round(y, 2)] for x, y in self.inside]}
        colors = self.layer.colors or (self.site.theme.ink,) * len(self.points)
        pairs = zip(self.points, colors, strict=True)
        return {"stars": [[round(x, 2), round(y, 2), color] for (x, y), color in pairs if self.site.box.holds(x, y)]}

    def marks(self, record: int, heads: Sequence[Point]) -> list[Item]:
        """Rings and hollow stars."""
        if self.layer.kind == "start":
            return [item for point in self.points for item in self._ring(point, heads)]
        if self.layer.kind != "local":
            return []
        theme, (size, thick, rim) = self.site.theme, map(self.site.line, (8.5, 1.5, 1.3))
        return [
            (("local", x, y), hollow("star", x, y, size, thick, theme.dim, rim, theme.halo)) for x, y in self.inside
        ]

    def _ring(self, point: Point, heads: Sequence[Point]) -> list[Item]:
        """The ring of a start, wider where heads are near; at the edge with an arrow in it if the start is outside."""
        x, y = point
        if not (math.isfinite(x) and math.isfinite(y)):
            return []
        theme, big, wide = self.site.theme, self.site.line(12), self.site.line(3.2)
        u, v = self.site.within(x, y)
        near = max((nearness((u, v), head, big) for head in heads), default=0.0)
        radius = big * (1.0 + 0.7 * near)
        shape = [ring(u, v, radius, 2.2 * wide, theme.halo), ring(u, v, radius, wide, theme.ink)]
        if (u, v) != (x, y) and near == 0.0:  # else the arrow of a head says where
            shape += arrow(u, v, (x - u, y - v), 0.5 * big, theme.ink, 0.0, theme.halo)
        return [(("ring", u, v, radius), shape)]

    def spots(self, record: int) -> list[Spot]:
        """The stars of minima."""
        if self.layer.kind != "minimum":
            return []
        colors = self.layer.colors or (self.site.theme.ink,) * len(self.points)
        told = zip(self.points, colors, strict=True)
        return [self._star(*point, color) for point, color in told if self.site.box.holds(*point)]

    def _star(self, x: float, y: float, color: str) -> Spot:
        theme, radius = self.site.theme, self.site.line(12)

        def drawn(scale: float, rim: float) -> Item:
            shape = marker("star", x, y, radius * 1.08 * scale, color, rim, theme.halo)
            return (None, x, y, scale, rim, color), shape

        return Spot(x, y, radius, drawn, head=False)

    def held(self) -> list[Point]:
        """All of them; those of starts where their rings are."""
        return [self.site.within(*point) if self.layer.kind == "start" else point for point in self.points]

    def rings(self) -> list[Point]:
        """Those of starts."""
        return self.held() if self.layer.kind == "start" else []

    def labels(self) -> list[Said]:
        """Their texts."""
        site, everywhere = self.site, self.layer.kind == "start"
        return [
            Said(site.within(x, y), words, site.theme.ink, site.page.size(19), site.line(22))
            for (x, y), words in zip(self.points, self.layer.texts, strict=False)
            if words and (everywhere or site.box.holds(x, y)) and math.isfinite(x + y)
        ]


DRAWN = DrawnMarks
