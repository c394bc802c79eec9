"""Paths and curves of a panel in pixels, cut at any record: what stays of them, and their bright ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats, Item, Spot
from gdviz.draw.markers import marker
from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Dots, Polygon, Polyline
from gdviz.scene.layers import Track, Trails
from gdviz.scene.palette import Style
from gdviz.scene.themes import Theme

QUIET = 0.5
"""Share of its width that a quiet curve has."""


@dataclass(frozen=True, eq=False)
class Trail:
    """One track in pixels."""

    track: Track
    layer: Trails
    style: Style
    theme: Theme
    page: Measures
    box: Box
    radius: float  # half the settled width, pixels
    slim: float  # 1, less for a path so long that it would cover the panel
    points: Floats  # float64[record, 2], pixels; NaN where unknown
    across: Floats  # float64[record], pixels: where along the axis each record is, known or not
    lengths: Floats  # float64[record], arc length from the start, pixels
    known: NDArray[np.bool_]  # bool[record]: there is a point
    dotted: NDArray[np.bool_]  # bool[record]: the iterate gets a dot
    inside: NDArray[np.bool_]  # bool[record]: the iterate lies in the panel
    left_from: NDArray[
        np.int64
    ]  # int64[record]: the latest up to this one that is in the panel or leads across it, or -1

    @property
    def color(self) -> str:
        """Its entry's."""
        return self.style.color

    @property
    def rim(self) -> float:
        """How far its halo goes beyond its strokes, pixels."""
        return self.page.line({"path": 2.3, "steps": 1.6, "curve": 1.0}[self.layer.kind]) * self.slim

    @property
    def size(self) -> float:
        """The radius of its marker where it is alone, pixels."""
        return self.page.line(7.5 if self.layer.kind == "curve" else 12) * (0.7 if self.track.quiet else 1.0)

    @cached_property
    def pattern(self) -> tuple[float, ...]:
        """On and off lengths of its dashes, pixels."""
        return self.style.dashes(2 * self.radius)

    @cached_property
    def _lifted(self) -> NDArray[np.bool_]:
        """bool[record]: no line leads here from the record before."""
        return np.isin(np.arange(len(self.known)), self.track.breaks) | np.diff(self.known, prepend=self.known[:1])

    @cached_property
    def _since(self) -> NDArray[np.int64]:
        """int64[record]: from which record on all are known up to this one; the one after it where it is not."""
        return np.maximum.accumulate(np.where(self.known, 0, np.arange(1, len(self.known) + 1)))

    def at(self, record: int) -> tuple[float, float]:
        """Where the head is at a record, pixels."""
        x, y = self.points[record]
        return float(x), float(y)

    def ended(self, record: int) -> str:
        """How the run has ended by a record: "lost" if it diverged or became undefined, "done" if it stopped, or ""."""
        if self.track.stop is None or record < self.track.stop:
            return ""
        return "lost" if self.track.status in ("diverged", "undefined") else "done"

    def head(self, record: int) -> Spot:
        """Its marker at a record."""
        (x, y), radius = self.at(record), self.size

        def drawn(scale: float, rim: float) -> Item:
            shape = marker(self.style.marker, x, y, radius * scale, self.color, rim, self.theme.halo)
            ended = self.ended(record)
            shape += end_mark(ended, x, y, radius * scale, self.theme, self.page.line)
            return (self.style.marker, x, y, scale, rim, ended), shape

        return Spot(x, y, radius, drawn)

    def settled(self, first: int, last: int) -> list[Polyline | Dots]:
        """A path between two records, both included, with the dots and arrows on it; first = 0 includes the start.

        Where points are unknown, and at the track's breaks, the line has a gap.
        """
        return [*self.strokes(first, last), *self.signs(first, last)]

    def strokes(self, first: int, last: int) -> list[Polyline]:
        """The line alone, in as many parts as it has."""
        cuts = np.flatnonzero(self._lifted[first + 1 : last + 1]) + first + 1
        return [
            self._line(self.points[begin:end], self.lengths[begin:end], self.pattern)
            for begin, end in pairwise([first, *cuts.tolist(), last + 1])
            if end - begin > 1 and self.known[begin]
        ]

    def signs(self, first: int, last: int) -> list[Polyline | Dots]:
        """The dots and arrows on it."""
        part, signs = slice(first, last + 1), list[Polyline | Dots]()
        fresh = np.flatnonzero(self.dotted[part])
        fresh = fresh[fresh > 0] if first else fresh  # the first of these records came with the part before it
        if len(fresh):
            signs.append(Dots(self.points[part][fresh], 1.75 * self.radius, self.color, 1.0, self.box))
        if self.layer.kind == "steps":
            for k in range(first, last):
                signs.extend(self._chevron(self.points[k], self.points[k + 1]))
        return signs

    def _line(self, points: Floats, phase: Floats, dashes: tuple[float, ...] = ()) -> Polyline:
        even = np.ones(len(points))
        return Polyline(points, phase, self.radius * even, even, self.color, dashes, self.box)

    def _chevron(self, a: Floats, b: Floats) -> list[Polyline]:
        """A small arrow in the middle of a step that is long enough to carry it."""
        line = self.page.line
        length = float(np.hypot(*(b - a)))
        if not line(46) <= length < 1e4:
            return []
        along = (b - a) / length
        across = np.array([-along[1], along[0]])
        tip, size = a + 0.5 * (b - a) + line(5) * along, line(9)
        wings = np.array([tip - size * (along + 0.62 * across), tip, tip - size * (along - 0.62 * across)])
        reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(wings, axis=0).T))])
        return [self._line(np.ascontiguousarray(wings), reach)]

    def halo(self, line: Polyline) -> Polyline:
        """The soft rim under one of its strokes: the same way, wider, in the ground's colour, without gaps."""
        color = self.theme.page if self.layer.kind == "curve" else self.theme.halo
        return Polyline(line.points, line.phase, line.radius + self.rim, line.opacity, color, (), line.clip)

    def comet(self, record: int) -> Polyline | None:
        """The bright end of a path, thicker and more opaque towards its head; a curve has none."""
        from gdviz.raster.strokes import recent

        if self.layer.kind == "curve":
            return None
        span = max(self.layer.comet * len(self.points), 5.0)
        begin = int(self._since[record])
        if begin > record:
            return None
        part, phase = self.points[begin : record + 1], self.lengths[begin : record + 1]
        points, phase, strength = recent(part, phase, span, self.page.line(9))
        if len(points) < 2 or phase[-1] <= phase[0]:
            return None
        swell = 1.0 + (1.15 if self.layer.kind == "path" else 0.6) * strength**1.5
        shine = np.minimum(1.25 * strength, 1.0)
        return Polyline(points, phase, self.radius * swell, shine, self.color, self.pattern, self.box)


def trail(track: Track, layer: Trails, style: Style, theme: Theme, page: Measures, place: Place) -> Trail:
    """A track in its panel."""
    box = place.box
    points = np.ascontiguousarray(place.track(track.points, layer.kind))
    known = ~np.isnan(points[:, 0])
    steps = np.nan_to_num(np.hypot(*np.diff(points, axis=0).T)) if len(points) > 1 else np.empty(0)
    lengths = np.concatenate([[0.0], np.cumsum(steps)])
    # an iterate on the very edge, up to rounding, is inside: starts often lie there
    inside = (points[:, 0] >= box.x0 - 0.5) & (points[:, 0] <= box.x1 + 0.5)
    inside &= (points[:, 1] >= box.y0 - 0.5) & (points[:, 1] <= box.y1 + 0.5)
    apart = steps >= page.line(8)
    dotted = np.zeros(len(points), dtype=bool)
    if layer.dots and layer.kind != "curve":
        dotted[1:] |= apart
        dotted[:-1] &= apart
        dotted[0] = False
    else:  # of a value between two gaps there is no line
        dotted |= known & ~np.append(known[1:], False) & ~np.append(False, known[:-1])
    last = np.where(inside, np.arange(len(points)), -1)
    crossed = np.flatnonzero(_crosses(points, box) & ~inside[:-1] & ~inside[1:])
    crossed = crossed[~np.isin(crossed + 1, track.breaks)]
    last[crossed + 1] = crossed
    last = np.maximum.accumulate(last)
    # a path that wanders for ever would paint the panel over: beyond ten diagonals its old part gets thinner
    diagonal = math.hypot(box.width, box.height)
    way = float(np.minimum(steps, diagonal)[inside[1:] & inside[:-1]].sum()) / (10.0 * diagonal)
    slim = 1.0 if layer.kind == "curve" else min(1.0, max(way, 1e-9) ** -0.5)
    slim = max(slim, 0.5)
    dotted &= slim > 0.8
    slimmer = slim * (QUIET if track.quiet else 1.0)
    radius = max(page.line({"path": 1.75, "steps": 1.5, "curve": 1.7}[layer.kind]) * slimmer, page.thinnest / 2)
    across = place.pixels(track.points)[:, 0]
    across = across[np.maximum.accumulate(np.where(np.isnan(across), 0, np.arange(len(across))))]
    return Trail(
        track, layer, style, theme, page, box, radius, slim, points, across, lengths, known, dotted, inside, last
    )


def _crosses(points: Floats, box: Box) -> NDArray[np.bool_]:
    """bool[record - 1]: whether the line from each point to the next meets a box. Source: Liang & Barsky 1984."""
    begin, way = points[:-1], np.diff(points, axis=0)
    with np.errstate(all="ignore"):
        shares = np.stack([((box.x0, box.y0) - begin) / way, ((box.x1, box.y1) - begin) / way])
    still = way == 0.0  # along an axis: in reach all the time or never
    within = (begin >= (box.x0, box.y0)) & (begin <= (box.x1, box.y1))
    enters = np.where(still, np.where(within, -np.inf, np.inf), shares.min(axis=0)).max(axis=1, initial=0.0)
    leaves = np.where(still, np.inf, shares.max(axis=0)).min(axis=1, initial=1.0)
    return np.asarray(enters < leaves)


def end_mark(
    ended: str, x: float, y: float, radius: float, theme: Theme, line: Callable[[float], float]
) -> list[Polygon]:
    """The mark on a head whose run has ended: a cross where it was lost, a dot where it stopped. radius: the head's."""
    if ended == "lost":
        return marker("cross", x, y, 0.5 * radius, theme.ink, line(1.0), theme.halo)
    return marker("circle", x, y, 0.34 * radius, theme.ink, line(1.2), theme.halo) if ended else []


class DrawnTrails(Drawn[Trails]):
    """Paths that texts keep off, with their heads."""

    draws = Trails
    moves = True

    @cached_property
    def _trails(self) -> list[Trail]:
        site = self.site
        return [
            trail(track, self.layer, site.scene.entries[track.entry].style, site.theme, site.page, site.place)
            for track in self.layer.tracks
        ]

    def trails(self) -> list[Trail]:
        """One for each track."""
        return self._trails

    def spots(self, record: int) -> list[Spot]:
        """Heads inside the panel."""
        return [one.head(record) for one in self._trails if one.inside[record]]

    def ways(self) -> list[Floats]:
        """The paths."""
        return [samples(one.points, self.site.box, self.site.line(9)) for one in self._trails]


DRAWN = DrawnTrails
