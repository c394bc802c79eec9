"""The graph of a one-dimensional landscape, on ground toned like a field."""

from __future__ import annotations

import numpy as np

from gdviz.draw.fields import tone
from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Hairlines, Image, Shape
from gdviz.scene.layers import Curve
from gdviz.scene.themes import Theme


def graph(layer: Curve, place: Place, theme: Theme, line: float) -> list[Shape]:
    """The graph of a one-dimensional landscape, and the ground beneath it toned by the height above."""
    box = place.box
    points = place.pixels(np.column_stack([layer.x, layer.y]))
    # a vertical axis much higher than the panel would overflow a drawer's coordinates
    points = np.clip(points, (-1e5, box.y0 - 2.0 * box.height), (1e5, box.y1 + 2.0 * box.height))
    good = np.isfinite(layer.x) & np.isfinite(layer.y)
    parted = ~good[1:] | ~good[:-1]
    if layer.breaks is not None:
        parted |= layer.breaks
    parts = [part[np.isfinite(part).all(axis=1)] for part in np.split(points, np.flatnonzero(parted) + 1)]
    parts = [part for part in parts if len(part) > 1]
    shapes: list[Shape] = []
    for part in parts if layer.fill else ():
        left, right = max(round(part[0, 0]), box.x0), min(round(part[-1, 0]), box.x1)
        if right <= left:
            continue
        ground_box = Box(left, box.y0, right, box.y1)
        height = np.interp(np.arange(left, right) + 0.5, part[:, 0], part[:, 1])
        rise = np.clip((box.y1 - height) / box.height, 0.0, 1.0)
        pixels = np.rint(np.repeat(tone(theme, 0.25 + 0.75 * rise)[None], box.height, axis=0)).astype(np.uint8)
        ground = np.concatenate([part, [(part[-1, 0], box.y1), (part[0, 0], box.y1)]])
        ground[:, 1] = np.clip(ground[:, 1], box.y0, box.y1)
        shapes.append(Image(pixels, ground_box, ground))
    return [*shapes, Hairlines(tuple(parts), theme.ink, line, 0.75, box)] if parts else []


class DrawnCurve(Drawn[Curve]):
    """A line in ink that texts keep off."""

    draws = Curve

    def above(self) -> list[Shape]:
        """Ground and graph."""
        return graph(self.layer, self.site.place, self.site.theme, self.site.line(3.0))

    def ways(self) -> list[Floats]:
        """The graph."""
        site = self.site
        points = site.place.track(np.column_stack([self.layer.x, self.layer.y]), "curve")
        return [samples(points, site.box, site.line(9))]


DRAWN = DrawnCurve
