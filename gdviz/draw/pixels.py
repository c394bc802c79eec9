"""Shapes to pixels: the moving part of a panel over a ground that is kept."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.mathematics import plain
from gdviz.draw.shapes import Box, Dots, Image, Polygon, Polyline, Text, rgb
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs
from gdviz.raster import blends, strokes
from gdviz.scene.themes import Theme

Pixels = NDArray[np.uint8]
Rect = tuple[int, int, int, int]  # y0, y1, x0, x1, half-open
Comet = tuple[Polyline, Polyline, Rect]  # its ink, its halo, and the pixels it lies in
Stamp = tuple[NDArray[np.uint8], int, int, NDArray[np.uint8]]  # a mask, its top and left on the page, its colour
EMPTY = 2147483647
_colors: dict[str, NDArray[np.uint8]] = {}


def color(name: str) -> NDArray[np.uint8]:
    """uint8[3], the same array for the same name."""
    if name not in _colors:
        _colors[name] = rgb(name)
    return _colors[name]


def untouched(rows: int) -> NDArray[np.int32]:
    """int32[row, 2] spans that say that nothing was drawn."""
    spans = np.zeros((rows, 2), np.int32)
    spans[:, 0] = EMPTY
    return spans


class Canvas:
    """Settled paths of one panel as coverage layers, and room for one comet at a time.

    Memory: one byte a pixel of the panel for each path and three more layers; 1080p with six paths, about 8 MB.
    """

    def __init__(self, stage: Stage, theme: Theme) -> None:
        box = stage.box
        self.stage, self.theme, self.box = stage, theme, box
        self.covers = np.zeros((len(stage.trails), box.height, box.width), np.uint8)
        self.halo = np.zeros((box.height, box.width), np.uint8)
        self.live = np.zeros((box.height, box.width), np.uint8)
        self.fresh = untouched(box.height)  # where settled layers have changed and the page has not yet
        self.spans = untouched(box.height)
        self.colors = np.array([rgb(trail.color) for trail in stage.trails], np.uint8).reshape(-1, 3)
        # a chart's curves are all there is to read in it: they do not fade
        path = any(trail.layer.kind != "curve" for trail in stage.trails)
        self.opacity = round(255 * (theme.settled if path else 1.0))
        self.shine = round(255 * theme.halo_alpha)
        self.shine_color = color(theme.halo if path else theme.page)
        self.record = -1

    def _fold(self, layer: NDArray[np.uint8], spans: NDArray[np.int32], line: Polyline | Dots) -> None:
        if isinstance(line, Dots):
            for x, y in (line.points - (self.box.x0, self.box.y0)).tolist():
                strokes.capsule(layer, spans, x, y, line.radius, 1.0, x, y, line.radius, 1.0)
            return
        points = np.ascontiguousarray(line.points - (self.box.x0, self.box.y0))
        strokes.stroke(layer, spans, points, line.phase, line.radius, line.opacity, np.array(line.pattern, float))

    def clear(self) -> None:
        """Forget what has settled: the ground is another, and all is to be laid over it anew."""
        self.covers[:], self.halo[:] = 0, 0
        self.record = -1
        self.fresh[:] = (0, self.box.width)

    def settle(self, record: int, page: Pixels, ground: Pixels) -> Rect | None:
        """Bring the kept page to a record; gives the rectangle that changed, or None."""
        if record == self.record or not self.stage.trails:
            return None
        if record < self.record:
            self.clear()
        first = max(self.record, 0)
        for number, trail in enumerate(self.stage.trails):
            for line in trail.settled(first, record):
                self._fold(self.covers[number], self.fresh, line)
                if isinstance(line, Polyline):
                    self._fold(self.halo, self.fresh, trail.halo(line))
        self.record = record
        rect = blends.bounds(self.fresh, self.box.y0, self.box.x0)
        if rect[0] == rect[1]:
            return None
        blends.settle(
            page, ground, self.fresh, self.covers, self.halo, self.colors, self.shine_color, self.opacity, self.shine,
            self.box.y0, self.box.x0,
        )  # fmt: skip
        self.fresh[:] = (EMPTY, 0)
        return rect

    def comets(self, record: int) -> list[Comet]:
        """The bright ends at a record, each with its halo and the rectangle it lies in."""
        found = []
        for trail in self.stage.trails:
            line = trail.comet(record)
            if line is None:
                continue
            rim = trail.halo(line)
            reach = float(rim.radius.max()) + 1.0
            (x0, y0), (x1, y1) = line.points.min(axis=0) - reach, line.points.max(axis=0) + reach
            rect = clipped((int(y0), int(y1) + 1, int(x0), int(x1) + 1), self.box)
            if rect[0] < rect[1] and rect[2] < rect[3]:
                found.append((line, rim, rect))
        return found

    def draw(self, page: Pixels, comets: Iterable[Comet]) -> None:
        """Lay comets over the page, one after the other."""
        for line, rim, _ in comets:
            self._fold(self.live, self.spans, rim)
            blends.overlay(page, self.live, self.spans, self.shine_color, self.shine, self.box.y0, self.box.x0)
            self._fold(self.live, self.spans, line)
            blends.overlay(page, self.live, self.spans, color(line.color), 255, self.box.y0, self.box.x0)


def clipped(rect: Rect, box: Box) -> Rect:
    """The part of a rectangle inside a box."""
    return max(rect[0], box.y0), min(rect[1], box.y1), max(rect[2], box.x0), min(rect[3], box.x1)


def whole(page: Pixels) -> Rect:
    """The rectangle of a whole page."""
    return 0, page.shape[0], 0, page.shape[1]


def around(shapes: Iterable[Polygon | Image], page: Pixels) -> Rect:
    """The rectangle of pixels that polygons and images touch."""
    every = np.concatenate([_corners(one.box) if isinstance(one, Image) else one.points for one in shapes])
    (x0, y0), (x1, y1) = np.floor(every.min(axis=0)), np.ceil(every.max(axis=0))
    height, width = page.shape[:2]
    return max(int(y0), 0), min(int(y1) + 1, height), max(int(x0), 0), min(int(x1) + 1, width)


def _corners(box: Box) -> NDArray[np.float64]:
    return np.array([(box.x0, box.y0), (box.x1, box.y1)], np.float64)


def paint(page: Pixels, shapes: Iterable[Polygon | Image]) -> None:
    """Fill polygons over the page, and copy images into it."""
    for shape in shapes:
        if isinstance(shape, Image):
            page[shape.box.y0 : shape.box.y1, shape.box.x0 : shape.box.x1] = shape.pixels
            continue
        clip = whole(page) if shape.clip is None else (shape.clip.y0, shape.clip.y1, shape.clip.x0, shape.clip.x1)
        blends.fill(page, shape.points, color(shape.color), round(255 * shape.opacity), clip)


class Pen:
    """Writes texts; those written last need not be set again."""

    KEPT = 100

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._set: dict[Text, list[Stamp]] = {}

    def stamps(self, text: Text) -> list[Stamp]:
        """What a text is printed with, its rim first."""
        if text not in self._set:
            if len(self._set) >= self.KEPT:
                self._set.clear()
            rims = self._stamps(text, text.rim, text.outline) if text.outline else []
            self._set[text] = rims + self._stamps(text, 0.0, text.color)
        return self._set[text]

    def _stamps(self, text: Text, rim: float, name: str) -> list[Stamp]:
        glyphs, said, ink = self._glyphs, plain(text.text), color(name)
        wide = 0.0 if text.align == "left" else glyphs.width(text.text, text.size, text.bold)
        pen, base = text.x - (wide / 2 if text.align == "center" else wide), round(text.y)
        if text.outline:  # it stands on a field and says the same all the time
            mask, top, left = glyphs.word(said, text.size, text.bold, rim)
            return [(mask, base + top, round(pen) + left, ink)] if mask.size else []
        found = []
        for letter in said:
            mask, top, left = glyphs.mask(letter, text.size, text.bold, rim)
            if mask.size:
                found.append((mask, base + top, round(pen) + left, ink))
            pen += glyphs.advance(letter, text.size, text.bold)
        return found

    def rect(self, text: Text, page: Pixels) -> Rect:
        """The rectangle of pixels that a text touches."""
        y0, y1, x0, x1 = page.shape[0], 0, page.shape[1], 0
        for mask, top, left, _ in self.stamps(text):
            y0, y1 = min(y0, top), max(y1, top + mask.shape[0])
            x0, x1 = min(x0, left), max(x1, left + mask.shape[1])
        return (max(y0, 0), min(y1, page.shape[0]), max(x0, 0), min(x1, page.shape[1])) if y0 < y1 else (0, 0, 0, 0)

    def write(self, page: Pixels, text: Text) -> None:
        """Print a text over the page."""
        clip = whole(page)
        for mask, top, left, ink in self.stamps(text):
            blends.stamp(page, mask, top, left, ink, clip)
