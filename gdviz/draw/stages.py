"""Everything that moves in a panel, as shapes of one moment: settled paths, comets, heads, marks, notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.exits import COUNT, Exit, exits
from gdviz.draw.labels import Ground, nearest, samples
from gdviz.draw.layout import Layout
from gdviz.draw.markers import arrow, bar, hollow, marker, ring
from gdviz.draw.places import Place
from gdviz.draw.shapes import Polygon, Text
from gdviz.draw.text import Glyphs, shorten
from gdviz.draw.trails import Trail, trail
from gdviz.draw.vectors import vectors
from gdviz.scene.layers import Arrows, Curve, Marks, Trails, Valleys
from gdviz.scene.page import Scene

Floats = NDArray[np.float64]


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
            trail(track, layer, scene.entries[track.entry].style, scene.theme, self.page, place)
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
        self._outside: tuple[int, list[Exit]] | None = None
        self.labels, self.notes = self._texts()

    # -- what moves ----------------------------------------------------------------------------------------------

    def heads(self, record: int) -> list[tuple[object, list[Polygon]]]:
        """Arrows, marks, heads and edge arrows, lowest first, each with a key that is equal where it looks the same.

        Where several meet they stand inside each other, like rings of a target: the later the entry the smaller, the
        star of a minimum last. Sizes change smoothly with distance, so nothing jumps when paths come together.
        """
        theme, box = self.scene.theme, self.box
        spots: list[tuple[float, float, Trail | None]] = [
            (*one.at(record), one) for one in self.trails if one.inside[record]
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
        outside = self.exits(record)
        for layer in self.marks:
            if layer.kind == "start":
                for x, y in self.place.pixels(layer.points).tolist():
                    items += self._start(x, y, [spot[:2] for spot in spots if spot[2]] + [one.place for one in outside])
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
                shape = marker(owner.style.marker, x, y, base * scale, owner.color, edge, theme.halo)
                shape += self._end(owner.ended(record), x, y, base * scale)
            items.append(((owner and owner.style.marker, x, y, scale, edge, owner and owner.ended(record)), shape))
        for number, note in enumerate(self.notes):
            if note.leader and record >= note.since:
                items.append((("leader", number), list(note.leader)))
        items += [self._exit(one, record) for one in outside]
        return items

    def _exit(self, one: Exit, record: int) -> tuple[object, list[Polygon]]:
        """The mark of who is outside: in ink where it is that of several, on a bar where it is of many steps."""
        theme, rim, owner = self.scene.theme, self.line(2.2), one.trail
        ends = {trail.ended(record) for trail in one.trails}
        ended = ends.pop() if len(ends) == 1 else ""
        single = len({trail.track.entry for trail in one.trails}) == 1
        color, outline = (owner.color, owner.style.marker) if single else (theme.ink, "circle")
        # what has no value stands on an axis, also of a graph: a large mark would hide the number below
        radius = self.line(9 if owner.layer.kind == "curve" or one.direction is None else 11.5)
        radius *= 1.25 if ended == "lost" else 1.0  # or the cross would hide it
        shape: list[Polygon] = []
        if one.span[1] - one.span[0] >= 1.0:
            back = 0.0 if one.direction is None else -math.copysign(0.9 * radius, one.direction[1])
            level = one.place[1] + back
            for thick, paint in ((6.4, theme.halo), (2.4, color)):
                shape += bar(one.span[0], level, one.span[1], level, self.line(thick), paint)
        if one.direction is None:
            radius *= 0.8
            shape += marker(outline, *one.place, radius, color, rim, theme.halo)
        else:
            shape += arrow(*one.place, one.direction, radius, color, rim, theme.halo)
        shape += self._end(ended, *one.place, 0.8 * radius)
        return ("arrow", *one.place, one.direction, one.span, outline, color, ended), shape

    def _end(self, ended: str, x: float, y: float, radius: float) -> list[Polygon]:
        """The mark on a head whose run has ended: a cross where it was lost, a dot where it stopped."""
        theme = self.scene.theme
        if ended == "lost":
            return marker("cross", x, y, 0.5 * radius, theme.ink, self.line(1.0), theme.halo)
        return marker("circle", x, y, 0.34 * radius, theme.ink, self.line(1.2), theme.halo) if ended else []

    def _start(self, x: float, y: float, heads: Sequence[tuple[float, float]]) -> list[tuple[object, list[Polygon]]]:
        """The ring of a start, wider where heads are near; at the edge with an arrow in it if the start is outside."""
        if not (math.isfinite(x) and math.isfinite(y)):
            return []
        theme, big, wide = self.scene.theme, self.line(12), self.line(3.2)
        u, v = self._within(x, y)
        near = max((self._near(u, v, *head, big) for head in heads), default=0.0)
        radius = big * (1.0 + 0.7 * near)
        shape = [ring(u, v, radius, 2.2 * wide, theme.halo), ring(u, v, radius, wide, theme.ink)]
        if (u, v) != (x, y) and near == 0.0:  # else the arrow of a head says where
            shape += arrow(u, v, (x - u, y - v), 0.5 * big, theme.ink, 0.0, theme.halo)
        return [(("ring", u, v, radius), shape)]

    def _within(self, x: float, y: float) -> tuple[float, float]:
        """A point, or where the mark for it stands at the edge if it lies outside."""
        box, inset = self.box, self.line(14)
        if box.holds(x, y):
            return x, y
        return min(max(x, box.x0 + inset), box.x1 - inset), min(max(y, box.y0 + inset), box.y1 - inset)

    def exits(self, record: int) -> list[Exit]:
        """The marks of what is not inside at a record."""
        if self._outside is None or self._outside[0] != record:  # marks and counts are asked for one after the other
            self._outside = record, exits(self.trails, record, self.box, self.page, self._wide)
        return self._outside[1]

    def _wide(self, text: str, size: float) -> float:
        return self.glyphs.width(text, size, False)

    @staticmethod
    def _near(x: float, y: float, u: float, v: float, radius: float) -> float:
        """1 for heads at one place, 0 for heads 1.5 radii apart, smooth between."""
        t = min(max((1.5 - math.hypot(x - u, y - v) / radius) / 1.2, 0.0), 1.0)
        return t * t * (3.0 - 2.0 * t)

    # -- texts ---------------------------------------------------------------------------------------------------

    def _texts(self) -> tuple[list[Text], list[Note]]:
        """Labels of marks, and notes with the record from which they are shown."""
        box, size, theme = self.box, self.note_size, self.scene.theme
        paths = [samples(one.points, box, self.line(9)) for one in self.trails]
        paths += [one.samples(self.line(3)) for one in self.vectors]
        for layer in self.place.panel.layers:
            if isinstance(layer, Curve):
                drawn = [self.place.track(np.column_stack([layer.x, layer.y]), "curve")]
            else:
                drawn = [self.place.pixels(line) for line in layer.lines] if isinstance(layer, Valleys) else []
            paths += [samples(line, box, self.line(9)) for line in drawn]
        ground = Ground(box, np.concatenate(paths) if paths else np.empty((0, 2)))
        reach = self.line(14)
        end = self.scene.records - 1
        said = [(one, one.track.noted or one.track.stop or 0) for one in self.trails if one.track.note]
        # a note stays from its stop to the end: who is then at rest or gone must not be covered
        for record in sorted({end, *(since for _, since in said)}):
            for left in self.exits(record):
                ground.take(*left.place, reach)
                ground.taken += [left.room] if left.count else []
        for one in self.trails:
            if one.inside[end]:
                ground.take(*one.at(end), reach)
        starts = []
        for layer in self.marks:
            for x, y in self.place.pixels(layer.points).tolist():
                x, y = self._within(x, y) if layer.kind == "start" else (x, y)
                ground.take(x, y, reach)
                starts += [(x, y)] if layer.kind == "start" else []

        def put(
            x: float, y: float, words: str, color: str, clear: float, note: bool, size: float = size
        ) -> tuple[Text, tuple[Polygon, ...]] | None:
            words = shorten(words, box.width - size, size, self.scene.font)
            if not words:  # there is no room for a letter
                return None
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
            for (x, y), words in zip(self.place.pixels(layer.points).tolist(), layer.texts, strict=False)
            if words
            and (box.holds(x, y) or layer.kind == "start")
            and math.isfinite(x + y)
            and (found := put(*self._within(x, y), words, theme.ink, self.line(22), False))
        ]
        for start in starts:  # its own word may stand closer than what is said of others
            ground.take(*start, self.line(18))
        notes = []
        for arm in self.vectors:
            if arm.text and (found := put(*arm.middle, arm.text, arm.color, self.line(9), True, self.page.size(24))):
                notes.append(Note(arm.since, *found))
        for one, since in said:
            places = [out.place for record in (end, since) for out in self.exits(record) if one in out.trails]
            place = next(iter(places), self._within(*one.at(since)))
            wide = any(self._near(*place, *start, self.line(12)) for start in starts)  # its ring is around the head
            if found := put(*place, one.track.note, one.color, self.line(24 if wide else 17), True):
                notes.append(Note(since, *found))
        return labels, notes

    def texts(self, record: int) -> list[Text]:
        """Labels, notes and counts to be seen at a record."""
        return [*self.labels, *(note.text for note in self.notes if record >= note.since), *self._counts(record)]

    def _counts(self, record: int) -> list[Text]:
        """Of how many a mark is that several share."""
        size, theme = self.page.size(COUNT), self.scene.theme
        return [
            Text(
                one.room[0],
                round(one.room[3] - 0.14 * size),
                one.count,
                size,
                theme.ink,
                outline=theme.halo,
                rim=0.13 * size,
            )
            for one in self.exits(record)
            if one.count
        ]
