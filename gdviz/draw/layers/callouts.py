"""Callouts: a pin at each place, and its text beside it or at the end of a line."""

from __future__ import annotations

import math
from functools import cached_property

from gdviz.draw.layer import Drawn, Item, Point, Said
from gdviz.draw.markers import ring
from gdviz.scene.layers import Callouts


class DrawnCallouts(Drawn[Callouts]):
    """Small rings below the heads, and the texts that lead to them."""

    draws = Callouts
    moves = True

    @cached_property
    def places(self) -> list[Point | None]:
        """Where they are in pixels, at the edge for what is outside; None of what is nowhere."""
        points = self.site.place.pixels(self.layer.points).tolist()
        return [self.site.within(x, y) if math.isfinite(x + y) else None for x, y in points]

    def under(self, moment: float) -> list[Item]:
        """The pins of those that are there."""
        site, layer, (big, wide) = self.site, self.layer, map(self.site.line, (18 if self.layer.around else 6, 2.2))
        items: list[Item] = []
        for number, (at, color, since) in enumerate(zip(self.places, layer.colors, layer.since, strict=True)):
            if at is not None and moment >= since:
                pin = [ring(*at, big, 2.4 * wide, site.theme.halo), ring(*at, big, wide, color)]
                items.append((("pin", number, at), pin))
        return items

    def held(self) -> list[Point]:
        """All places: no other text covers them."""
        return [place for place in self.places if place is not None]

    def notes(self) -> list[Said]:
        """Their texts."""
        site, layer = self.site, self.layer
        size, clear = site.page.size(22), site.line(26 if layer.around else 14)
        parts = zip(self.places, layer.texts, layer.colors, layer.since, strict=True)
        return [Said(at, text, color, size, clear, since) for at, text, color, since in parts if at and text]


DRAWN = DrawnCallouts
