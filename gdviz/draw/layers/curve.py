"""The graph of a one-dimensional landscape, on ground toned like a field."""

from __future__ import annotations

import numpy as np

from gdviz.draw.fields import LINE, PITCH, hatched, tone
from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Hairlines, Image, Shape, rgb
from gdviz.scene.layers import Curve
from gdviz.scene.themes import Theme


def graph(layer: Curve, place: Place, theme: Theme, line: float, hatch: tuple[float, float]) -> list[Shape]:
    """The graph of a one-dimensional landscape, and the ground beneath it toned by the height above.

    hatch: pixels between the lines over what is not defined, and their width.
    """
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
    shapes: list[Shape] = _gaps(layer, place, theme, hatch) if layer.fill else []
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


def _gaps(layer: Curve, place: Place, theme: Theme, hatch: tuple[float, float]) -> list[Shape]:
    """Where the landscape is not defined, hatched from top to bottom; a single sample is a point and no gap."""
    box = place.box
    hole = np.isnan(layer.y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hole, [False]]).astype(np.int8)))
    shapes: list[Shape] = []
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        if last - first < 1:
            continue
        ends = place.pixels(np.column_stack([layer.x[[first, last]], np.full(2, place.panel.y.low)]))[:, 0]
        left, right = max(round(ends[0]), box.x0), min(round(ends[1]), box.x1)
        if right > left:
            # cut out of one pattern, so that the lines of all gaps lie in one slant
            pixels = np.full((box.height, box.width, 3), rgb(theme.page), np.uint8)
            hatched(pixels, 1.0, theme, *hatch)
            cut = np.ascontiguousarray(pixels[:, left - box.x0 : right - box.x0])
            shapes.append(Image(cut, Box(left, box.y0, right, box.y1)))
    return shapes


class DrawnCurve(Drawn[Curve]):
    """A line in ink that texts keep off."""

    draws = Curve

    def above(self) -> list[Shape]:
        """Ground and graph."""
        return graph(
            self.layer,
            self.site.place,
            self.site.theme,
            self.site.line(3.0),
            (self.site.line(PITCH), self.site.line(LINE)),
        )

    def ways(self) -> list[Floats]:
        """The graph."""
        site = self.site
        points = site.place.track(np.column_stack([self.layer.x, self.layer.y]), "curve")
        return [samples(points, site.box, site.line(9))]


DRAWN = DrawnCurve
