"""Everything that moves in a panel, as shapes of one moment: settled paths, comets, heads, marks, notes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.furniture import pattern
from gdviz.draw.labels import Ground, nearest, samples
from gdviz.draw.layout import Layout
from gdviz.draw.markers import arrow, bar, hollow, marker, ring
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Dots, Polygon, Polyline, Text
from gdviz.draw.text import Glyphs, shorten
from gdviz.draw.vectors import vectors
from gdviz.scene.layers import Arrows, Curve, Marks, Track, Trails
from gdviz.scene.page import Scene

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trail:
    """One track in pixels, ready to be cut at any record."""

    track: Track
    layer: Trails
    color: str
    marker: str
    pattern: tuple[float, ...]
    radius: float  # half the settled width, pixels
    slim: float  # 1, less for a path so long that it would cover the panel
    points: Floats  # float64[record, 2], pixels
    lengths: Floats  # float64[record], arc length from the start, pixels
    dotted: NDArray[np.bool_]  # bool[record]: the iterate gets a dot
    last_inside: NDArray[np.int64]  # int64[record]: the latest record up to this one that lies in the panel, or -1

    def at(self, record: int) -> tuple[float, float]:
        """Where the head is at a record, pixels."""
        x, y = self.points[record]
        return float(x), float(y)


def _crossing(a: Floats, b: Floats, box: Box) -> tuple[float, float]:
    """Where the way from a (inside) to b leaves the box."""
    t = 1.0
    for part, low, high in ((0, box.x0, box.x1), (1, box.y0, box.y1)):
        step = b[part] - a[part]
        if step > 0 and b[part] > high:
            t = min(t, (high - a[part]) / step)
        elif step < 0 and b[part] < low:
            t = min(t, (low - a[part]) / step)
    return float(a[0] + t * (b[0] - a[0])), float(a[1] + t * (b[1] - a[1]))


@dataclass(frozen=True, eq=False)
class Note:
    """A text that appears with a record, and the line that leads to it where it does not stand beside its arrow."""

    since: int
    text: Text
    leader: tuple[Polygon, ...]


class Stage:
    """The moving part of one panel."""

    def __init__(self, scene: Scene, layout: Layout, place: Place, glyphs: Glyphs) -> None:
        self.scene, self.page, self.place, self.box = scene, layout.cell, place, place.box
        self.line = self.page.line
        self.marks = [layer for layer in place.panel.layers if isinstance(layer, Marks)]
        self.trails = [
            self._trail(track, layer)
            for layer in place.panel.layers
            if isinstance(layer, Trails)
            for track in layer.tracks
        ]
        self.vectors = [
            one
            for layer in place.panel.layers
            if isinstance(layer, Arrows) and layer.since is not None
            for one in vectors(layer, place, self.page, scene.theme)
        ]
        self.note_size = self.page.size(19)
        self.glyphs = glyphs
        self.labels, self.notes = self._texts()

    def _trail(self, track: Track, layer: Trails) -> Trail:
        style = self.scene.entries[track.entry].style
        points = np.ascontiguousarray(self.place.track(track.points, layer.kind != "curve"))
        steps = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.empty(0)
        lengths = np.concatenate([[0.0], np.cumsum(steps)])
        box = self.box
        # an iterate on the very edge, up to rounding, is inside: starts often lie there
        inside = (points[:, 0] >= box.x0 - 0.5) & (points[:, 0] <= box.x1 + 0.5)
        inside &= (points[:, 1] >= box.y0 - 0.5) & (points[:, 1] <= box.y1 + 0.5)
        apart = steps >= self.line(8)
        dotted = np.zeros(len(points), dtype=bool)
        if layer.dots and layer.kind != "curve":
            dotted[1:] |= apart
            dotted[:-1] &= apart
            dotted[0] = False
        last = np.maximum.accumulate(np.where(inside, np.arange(len(points)), -1))
        # a path that wanders for ever would paint the panel over: beyond ten diagonals its old part gets thinner
        diagonal = math.hypot(box.width, box.height)
        way = float(np.minimum(steps, diagonal)[inside[1:] & inside[:-1]].sum()) / (10.0 * diagonal)
        slim = 1.0 if layer.kind == "curve" else min(1.0, max(way, 1e-9) ** -0.5)
        slim = max(slim, 0.5)
        dotted &= slim > 0.8
        radius = self.line({"path": 1.75, "steps": 1.5, "curve": 1.7}[layer.kind]) * slim
        dashes = pattern(style.dash, radius)
        return Trail(track, layer, style.color, style.marker, dashes, radius, slim, points, lengths, dotted, last)

    # -- what stays ----------------------------------------------------------------------------------------------

    def settled(self, trail: Trail, first: int, last: int) -> list[Polyline | Dots]:
        """A path between two records, both included, with the dots and arrows on it; first = 0 includes the start."""
        part = slice(first, last + 1)
        count = last + 1 - first
        strokes: list[Polyline | Dots] = []
        if count > 1:
            strokes.append(self._line(trail, trail.points[part], trail.lengths[part], trail.radius, trail.pattern))
        fresh = np.flatnonzero(trail.dotted[part])
        fresh = fresh[fresh > 0]  # the first of these records came with the part before it
        if len(fresh):
            strokes.append(Dots(trail.points[part][fresh], 1.75 * trail.radius, trail.color, 1.0, self.box))
        if trail.layer.kind == "steps":
            for k in range(first, last):
                strokes.extend(self._chevron(trail, trail.points[k], trail.points[k + 1]))
        return strokes

    def _line(
        self, trail: Trail, points: Floats, phase: Floats, radius: float, dashes: tuple[float, ...] = ()
    ) -> Polyline:
        even = np.ones(len(points))
        return Polyline(points, phase, radius * even, even, trail.color, dashes, self.box)

    def _chevron(self, trail: Trail, a: Floats, b: Floats) -> list[Polyline]:
        """A small arrow in the middle of a step that is long enough to carry it."""
        length = float(np.hypot(*(b - a)))
        if not self.line(46) <= length < 1e4:
            return []
        along = (b - a) / length
        across = np.array([-along[1], along[0]])
        tip, size = a + 0.5 * (b - a) + self.line(5) * along, self.line(9)
        wings = np.array([tip - size * (along + 0.62 * across), tip, tip - size * (along - 0.62 * across)])
        reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(wings, axis=0).T))])
        return [self._line(trail, np.ascontiguousarray(wings), reach, trail.radius)]

    def halo(self, line: Polyline, trail: Trail) -> Polyline:
        """The soft rim under a stroke: the same way, wider, in the ground's colour, without gaps."""
        kind, theme = trail.layer.kind, self.scene.theme
        rim = self.line({"path": 2.3, "steps": 1.6, "curve": 1.0}[kind]) * trail.slim
        color = theme.page if kind == "curve" else theme.halo
        return Polyline(line.points, line.phase, line.radius + rim, line.opacity, color, (), line.clip)

    # -- what moves ----------------------------------------------------------------------------------------------

    def comet(self, trail: Trail, record: int) -> Polyline | None:
        """The bright end of a path, thicker and more opaque towards its head; a curve has none."""
        from gdviz.raster.strokes import recent

        if trail.layer.kind == "curve":
            return None
        span = max(trail.layer.comet * len(trail.points), 5.0)
        points, phase, strength = recent(trail.points, trail.lengths, record, span, self.line(9))
        if len(points) < 2 or phase[-1] <= phase[0]:
            return None
        swell = 1.0 + (1.15 if trail.layer.kind == "path" else 0.6) * strength**1.5
        shine = np.minimum(1.25 * strength, 1.0)
        return Polyline(points, phase, trail.radius * swell, shine, trail.color, trail.pattern, self.box)

    def heads(self, record: int) -> list[tuple[object, list[Polygon]]]:
        """Arrows, marks, heads and edge arrows, lowest first, each with a key that is equal where it looks the same.

        Where several meet they stand inside each other, like rings of a target: the later the entry the smaller, the
        star of a minimum last. Sizes change smoothly with distance, so nothing jumps when paths come together.
        """
        theme, box = self.scene.theme, self.box
        spots: list[tuple[float, float, Trail | None]] = [
            (*trail.at(record), trail) for trail in self.trails if self._inside(*trail.at(record))
        ]
        for layer in self.marks:
            if layer.kind == "minimum":
                spots.extend((float(x), float(y), None) for x, y in self.place.pixels(layer.points) if box.holds(x, y))
        big, small = self.line(12), self.line(7.5)
        items: list[tuple[object, list[Polygon]]] = [
            (("vector", number), list(one.shapes))
            for number, one in enumerate(self.vectors)
            if record >= one.since and one.shapes
        ]
        for layer in self.marks:
            if layer.kind == "start":
                for x, y in self.place.pixels(layer.points):
                    if box.holds(x, y):
                        near = max((self._near(x, y, *spot[:2], big) for spot in spots if spot[2]), default=0.0)
                        radius, wide = big * (1.0 + 0.7 * near), self.line(3.2)
                        rim = ring(x, y, radius, 2.2 * wide, theme.halo)
                        items.append((("ring", x, y, radius), [rim, ring(x, y, radius, wide, theme.ink)]))
            elif layer.kind == "local":
                size, thick = self.line(8.5), self.line(1.5)
                for x, y in self.place.pixels(layer.points):
                    if box.holds(x, y):
                        shape = hollow("star", x, y, size, thick, theme.dim, self.line(1.3), theme.halo)
                        items.append((("local", x, y), shape))
        for number, (x, y, owner) in enumerate(spots):
            base = big if owner is None or owner.layer.kind != "curve" else small
            before = sum(self._near(x, y, *spot[:2], base) for spot in spots[:number])
            after = sum(self._near(x, y, *spot[:2], base) for spot in spots[number + 1 :])
            crowd = before + after
            scale = 1.0
            if crowd > 0:
                grow, shrink = min(0.14 * crowd, 0.60), min(0.18 * crowd, 0.45)
                scale = 1.0 + grow - (grow + shrink) * before / crowd
            edge = self.line(2.4) * (1.0 - 0.4 * min(crowd, 1.0))
            if owner is None:
                shape = marker("star", x, y, base * 1.08 * scale, theme.ink, edge, theme.halo)
            else:
                shape = marker(owner.marker, x, y, base * scale, owner.color, edge, theme.halo)
                if self._broken(owner, record):
                    shape += marker("cross", x, y, 0.62 * base * scale, theme.ink, 0.6 * edge, theme.halo)
            items.append(((owner and owner.marker, x, y, scale, edge, owner and self._broken(owner, record)), shape))
        for number, note in enumerate(self.notes):
            if note.leader and record >= note.since:
                items.append((("leader", number), list(note.leader)))
        for trail, (x, y), direction in self.arrows(record):
            radius = self.line(11.5 if trail.layer.kind != "curve" else 9)
            shape = arrow(x, y, direction, radius, trail.color, self.line(2.2), theme.halo)
            items.append((("arrow", x, y, direction, trail.color), shape))
        return items

    def _inside(self, x: float, y: float) -> bool:
        box = self.box
        return box.x0 - 0.5 <= x <= box.x1 + 0.5 and box.y0 - 0.5 <= y <= box.y1 + 0.5

    def arrows(self, record: int) -> list[tuple[Trail, tuple[float, float], tuple[float, float]]]:
        """Who is outside, with the place and the direction of an arrow; who left first keeps the place it had.

        Curves of one entry that are out at the same place share an arrow.
        """
        out = [trail for trail in self.trails if not self._inside(*trail.at(record))]
        out.sort(key=lambda trail: int(trail.last_inside[record]))
        found: list[tuple[Trail, tuple[float, float], tuple[float, float]]] = []
        shared: set[tuple[int, int, int]] = set()
        for trail in out:
            (x, y), direction = self.exit(trail, record)
            curve = trail.layer.kind == "curve"
            key = (trail.track.entry, round(x), round(y))
            if curve and key in shared:
                continue
            shared.add(key)
            found.append((trail, self._free(x, y, [place for _, place, _ in found], curve), direction))
        return found

    @staticmethod
    def _near(x: float, y: float, u: float, v: float, radius: float) -> float:
        """1 for heads at one place, 0 for heads 1.5 radii apart, smooth between."""
        t = min(max((1.5 - math.hypot(x - u, y - v) / radius) / 1.2, 0.0), 1.0)
        return t * t * (3.0 - 2.0 * t)

    @staticmethod
    def _broken(trail: Trail, record: int) -> bool:
        track = trail.track
        return track.status in ("diverged", "undefined") and track.stop is not None and record >= track.stop

    def exit(self, trail: Trail, record: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where a path that is now outside left the panel, drawn in far enough for an arrow, and its direction."""
        box, inset = self.box, self.line(14)
        head = trail.at(record)
        last = int(trail.last_inside[record])
        curve = trail.layer.kind == "curve"
        if last < 0 or (curve and not self._broken(trail, record)):
            x, y = min(max(head[0], box.x0), box.x1), min(max(head[1], box.y0), box.y1)
            direction = (0.0 if curve else head[0] - x, head[1] - y)
        else:
            beyond = np.array(head) if last == record else trail.points[last + 1]
            x, y = _crossing(trail.points[last], beyond, box)
            direction = (float(beyond[0] - trail.points[last, 0]), float(beyond[1] - trail.points[last, 1]))
        if curve:
            inset = self.line(9)
            return (x, min(max(y, box.y0 + inset), box.y1 - inset)), (0.0, direction[1])
        return (min(max(x, box.x0 + inset), box.x1 - inset), min(max(y, box.y0 + inset), box.y1 - inset)), direction

    def _free(self, x: float, y: float, placed: list[tuple[float, float]], level: bool) -> tuple[float, float]:
        """The point, or the nearest one along its edge that no other arrow holds."""
        box, gap = self.box, self.line(25)
        sideways = level or min(x - box.x0, box.x1 - x) > min(y - box.y0, box.y1 - y)
        for shift in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5):
            u, v = (x + shift * gap, y) if sideways else (x, y + shift * gap)
            if box.holds(u, v) and all(math.hypot(u - a, v - b) >= 0.9 * gap for a, b in placed):
                return u, v
        return x, y

    # -- texts ---------------------------------------------------------------------------------------------------

    def _texts(self) -> tuple[list[Text], list[Note]]:
        """Labels of marks, and notes with the record from which they are shown."""
        box, size, theme = self.box, self.note_size, self.scene.theme
        paths = [samples(trail.points, box, self.line(9)) for trail in self.trails]
        paths += [one.samples(self.line(3)) for one in self.vectors]
        graphs = [layer for layer in self.place.panel.layers if isinstance(layer, Curve)]
        paths += [
            samples(self.place.track(np.column_stack([one.x, one.y]), False), box, self.line(9)) for one in graphs
        ]
        ground = Ground(box, np.concatenate(paths) if paths else np.empty((0, 2)))
        reach = self.line(14)
        end = self.scene.records - 1
        said = [(trail, trail.track.stop or 0) for trail in self.trails if trail.track.note]
        # a note stays from its stop to the end: who is then at rest or gone must not be covered
        for moment in sorted({end, *(stop for _, stop in said)}):
            for _, place, _ in self.arrows(moment):
                ground.take(*place, reach)
        for trail in self.trails:
            if self._inside(*trail.at(end)):
                ground.take(*trail.at(end), reach)
        for layer in self.marks:
            for x, y in self.place.pixels(layer.points):
                ground.take(x, y, reach)

        def put(
            x: float, y: float, words: str, color: str, clear: float, note: bool, size: float = size
        ) -> tuple[Text, tuple[Polygon, ...]] | None:
            words = shorten(words, box.width - size, size, self.scene.font)
            wide, pad = self.glyphs.width(words, size, False), 0.35 * size
            # a label stays beside its mark or is left out; a note may go farther and is then led to by a line
            rect = ground.place(x, y, wide, size, clear + pad, *(() if note else (2, False)))
            if rect is None:
                return None
            # the rectangle goes from capital to descender: the baseline lies a quarter above the lower edge
            base = round(rect[3] - pad - 0.24 * size)
            text = Text(round(rect[0] + pad), base, words, size, color, outline=theme.halo, rim=0.13 * size)
            u, v = nearest(rect, x, y)
            far = math.hypot(u - x, v - y)
            if far < clear + size:
                return text, ()
            begin = (x + (u - x) * 0.8 * clear / far, y + (v - y) * 0.8 * clear / far)
            halo = bar(*begin, u, v, self.line(4.0), theme.halo)
            return text, (*halo, *bar(*begin, u, v, self.line(1.6), color))

        labels = [
            found[0]
            for layer in self.marks
            for (x, y), words in zip(self.place.pixels(layer.points), layer.texts, strict=False)
            if words and box.holds(x, y) and (found := put(x, y, words, theme.ink, self.line(22), False))
        ]
        notes = []
        for one in self.vectors:
            if one.text and (found := put(*one.middle, one.text, one.color, self.line(9), True, self.page.size(24))):
                notes.append(Note(one.since, *found))
        for trail, stop in said:
            place = next((place for other, place, _ in self.arrows(end) if other is trail), trail.at(stop))
            if found := put(*place, trail.track.note, trail.color, self.line(17), True):
                notes.append(Note(stop, *found))
        return labels, notes

    def texts(self, record: int) -> list[Text]:
        """Labels and notes to be seen at a record."""
        return [*self.labels, *(note.text for note in self.notes if record >= note.since)]
