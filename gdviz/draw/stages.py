"""Everything that moves in a panel, as shapes of one moment: settled paths, comets, heads, marks, notes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdviz.draw.crossings import RADIUS, crossings
from gdviz.draw.exits import Exit, exits
from gdviz.draw.labels import Ground, Rect, nearest
from gdviz.draw.layer import Item, Said, Site, Spot, nearness
from gdviz.draw.layers import drawn
from gdviz.draw.layout import Layout
from gdviz.draw.markers import bar
from gdviz.draw.measures import SMALLEST
from gdviz.draw.places import Place
from gdviz.draw.search import Rects
from gdviz.draw.shapes import Image, Polygon, Text
from gdviz.draw.tags import Tag, moments, tags_of
from gdviz.draw.text import Glyphs, fitting, shorten
from gdviz.scene.page import Scene
from gdviz.scene.timing import WHOLE


@dataclass(frozen=True, eq=False)
class Note:
    """A text that appears with a record, and the line that leads to it where it does not stand beside its arrow.

    entry: whose it is, None where it is nobody's.
    """

    since: float
    text: Text
    leader: tuple[Polygon, ...]
    entry: int | None = None


class Stage:
    """The moving part of one panel: what its layers have that moves, making room for each other."""

    def __init__(self, scene: Scene, layout: Layout, place: Place, glyphs: Glyphs) -> None:
        self.scene, self.page, self.place, self.box = scene, layout.cell, place, place.box
        self.site = Site(scene, self.page, place)
        insets = [one for one in layout.insets if one.host.panel is place.panel]
        self.magnified = [one.spot.tolist() for one in insets if one.magnifies]
        outers = [one.outer for one in insets]
        self.covered: list[Rect] = [(outer.x0, outer.y0, outer.x1, outer.y1) for outer in outers]
        self.line = self.page.line
        self.layers = drawn(self.site)
        self.moves = any(layer.moves for layer in self.layers)
        self.trails = [trail for layer in self.layers for trail in layer.trails()]
        self.crossings = crossings([] if place.panel.inlaid else self.trails, self.box, self.page)
        self.glyphs = glyphs
        self._outside: tuple[int, list[Exit]] | None = None
        self.labels, self.notes = self._texts()
        self.labels += [one.told(self.page, scene.theme) for one in layout.insets if one.place is place]

    @cached_property
    def tags(self) -> list[Tag]:
        """The names at heads."""
        if not any(self.scene.entries[trail.track.entry].label for trail in self.trails):
            return []
        knots, frames = moments(self.scene)
        reach, wide = self.line(14), self.line(20)
        still = [_about(*point, reach) for layer in self.layers for point in layer.held()]
        still += [_about(*point, wide) for layer in self.layers for point in layer.rings()]
        still += [_about(*mark.place, self.line(RADIUS)) for mark in self.crossings]
        still += [self._rect(text) for text in self.labels] + self.covered
        still += [self._along(text) for layer in self.layers for text in layer.written()]
        fixed = Rects.held(still, len(knots))
        if self.notes:
            later = Rects.held([self._rect(note.text) for note in self.notes], len(knots))
            later.middles[knots[:, None] < [int(note.since) for note in self.notes]] = np.nan
            fixed = fixed.joined(later)
        places = np.stack([np.where(one.inside[knots, None], one.points[knots], np.nan) for one in self.trails], axis=1)
        for (x0, y0), (x1, y1) in self.magnified:  # who is there is named where it is shown large
            across, down = places[..., 0], places[..., 1]
            places[(across > x0) & (across < x1) & (down > y0) & (down < y1)] = np.nan
        outside: list[list[Rect]] = [[] for _ in knots]
        for at in np.flatnonzero(np.isnan(places[..., 0]).any(axis=1)):  # who is outside is named at a mark of its own
            for one in self.exits(int(knots[at])):
                outside[at] += [_about(*one.place, reach), *([one.room] if one.count else [])]
                if len(one.trails) == 1 and not self.place.panel.inlaid:  # else its host names it
                    places[at, self.trails.index(one.trail)] = one.place
        ways = [way for layer in self.layers for way in layer.ways()]
        paths = np.concatenate(ways) if ways else np.empty((0, 2))
        fixed = fixed.joined(Rects.varying(outside))
        return tags_of(self.trails, (knots, frames), places, self.site, self.glyphs, fixed, paths)

    def _rect(self, text: Text) -> Rect:
        """What a text takes, from capital to descender."""
        wide = self.glyphs.width(text.text, text.size, text.bold)
        return text.x, text.y - 0.76 * text.size, text.x + wide, text.y + 0.24 * text.size

    def _along(self, text: Text) -> Rect:
        """What a text takes that stands on its middle along a line."""
        wide, turn = self.glyphs.width(text.text, text.size, text.bold), math.radians(text.angle or 0.0)
        across = 0.5 * (wide * abs(math.cos(turn)) + text.size * abs(math.sin(turn)))
        down = 0.5 * (wide * abs(math.sin(turn)) + text.size * abs(math.cos(turn)))
        return text.x - across, text.y - down, text.x + across, text.y + down

    # -- what moves ----------------------------------------------------------------------------------------------

    def heads(self, record: int, moment: float | None = None) -> list[Item]:
        """Arrows, marks, edge arrows and heads, lowest first: what is there is not hidden by what is not.

        Where several meet they stand inside each other, like rings of a target: the later the entry the smaller, the
        star of a minimum last. Sizes change smoothly with distance, so nothing jumps when paths come together.
        moment: how far into the record, see Timeline; by default all of it has come.
        """
        moment = record + WHOLE if moment is None else moment
        spots = [spot for layer in self.layers for spot in layer.spots(record)]
        spots.sort(key=lambda spot: not spot.head)
        outside = self.exits(record)
        arrows = [one.place for one in outside]
        heads = [*((spot.x, spot.y) for spot in spots if spot.head), *arrows]
        leaders: list[Item] = [
            (("leader", number), list(note.leader))
            for number, note in enumerate(self.notes)
            if note.leader and moment >= note.since
        ]
        found = [
            *self.under(moment),
            *(mark.drawn() for mark in self.crossings if record >= mark.since and not mark.hidden(arrows)),
            *(item for layer in self.layers for item in layer.marks(record, heads)),
            *(item for tag in self.tags for item in tag.leader(record, self.scene.theme.halo)),
            *(one.drawn(record) for one in outside),
            *self._nested(spots),
            *leaders,
        ]
        if not self.place.panel.inlaid:
            return found
        return [(look, [self._clipped(one) for one in shape]) for look, shape in found]

    def under(self, moment: float) -> list[Item]:
        """What of it there is at a moment below all marks."""
        return [item for layer in self.layers for item in layer.under(moment)]

    def _clipped(self, shape: Polygon | Image) -> Polygon | Image:
        return shape if isinstance(shape, Image) else dataclasses.replace(shape, clip=self.box)

    def _nested(self, spots: Sequence[Spot]) -> list[Item]:
        """What stands at points, the first largest and lowest where several meet."""
        items = []
        for number, spot in enumerate(spots):
            near = [nearness((spot.x, spot.y), (other.x, other.y), spot.radius) for other in spots]
            before, after = sum(near[:number]), sum(near[number + 1 :])
            crowd = before + after
            scale = 1.0
            if crowd > 0:
                grow, shrink = min(0.14 * crowd, 0.60), min(0.18 * crowd, 0.45)
                scale = 1.0 + grow - (grow + shrink) * before / crowd
            items.append(spot.drawn(scale, self.line(2.4) * (1.0 - 0.4 * min(crowd, 1.0))))
        return items

    def exits(self, record: int) -> list[Exit]:
        """The marks of what is not inside at a record."""
        if self.place.panel.inlaid:  # its host shows where they are
            return []
        if self._outside is None or self._outside[0] != record:  # marks and counts are asked for one after the other
            self._outside = record, exits(self.trails, record, self.box, self.page, self._wide)
        return self._outside[1]

    def _wide(self, text: str, size: float) -> float:
        return self.glyphs.width(text, size, False)

    # -- texts ---------------------------------------------------------------------------------------------------

    def _texts(self) -> tuple[list[Text], list[Note]]:
        """Labels of marks, and notes with the record from which they are shown."""
        ways = [way for layer in self.layers for way in layer.ways()]
        ground = Ground(self.box, np.concatenate(ways) if ways else np.empty((0, 2)))
        ground.taken += self.covered
        reach, end = self.line(14), self.scene.records - 1
        told = [(one, one.track.noted or one.track.stop or 0) for one in self.trails if one.track.note]
        # a note stays from its stop to the end: who is then at rest or gone must not be covered
        for record in sorted({end, *(since for _, since in told)}):
            for left in self.exits(record):
                ground.take(*left.place, reach)
                ground.taken += [left.room] if left.count else []
        for one in self.trails:
            if one.inside[end]:
                ground.take(*one.at(end), reach)
        for mark in self.crossings:
            ground.take(*mark.place, self.line(RADIUS))
        for layer in self.layers:
            for point in layer.held():
                ground.take(*point, reach)
        labels = [
            found[0]
            for layer in self.layers
            for said in layer.labels()
            if (found := self._put(ground, said, beside=True))
        ]
        rings = [point for layer in self.layers for point in layer.rings()]
        for point in rings:  # its own word may stand closer than what is said of others
            ground.take(*point, self.line(18))
        saying = [said for layer in self.layers for said in layer.notes()]
        for one, since in told:
            places = [out.place for record in (end, since) for out in self.exits(record) if one in out.trails]
            place = next(iter(places), self.site.within(*one.at(since)))
            wide = any(nearness(place, ring, self.line(12)) for ring in rings)  # its ring is around the head
            clear = self.line(24 if wide else 17)
            saying.append(Said(place, one.track.note, one.color, self.page.size(19), clear, since, one.track.entry))
        notes = [Note(said.since, *found, said.entry) for said in saying if (found := self._put(ground, said))]
        return labels, notes

    def _put(self, ground: Ground, said: Said, beside: bool = False) -> tuple[Text, tuple[Polygon, ...]] | None:
        """A text where there is room, and the line that leads to it from its point.

        beside: it stands right there or is left out.
        """
        (x, y), clear, halo, room = said.at, said.clear, self.scene.theme.halo, self.box.width - said.size
        size = fitting(said.text, room, said.size, self.page.size(SMALLEST), self.scene.font)
        words = shorten(said.text, room, size, self.scene.font)
        if not words:  # there is no room for a letter
            return None
        wide, pad = self.glyphs.width(words, size, False), 0.35 * size
        rect = ground.place(x, y, wide, size, clear + pad, *((2, False) if beside else ()))
        if rect is None:
            return None
        # the rectangle goes from capital to descender: the baseline lies a quarter above the lower edge
        base = round(rect[3] - pad - 0.24 * size)
        text = Text(round(rect[0] + pad), base, words, size, said.color, outline=halo, rim=0.13 * size)
        u, v = nearest(rect, x, y)
        far = math.hypot(u - x, v - y)
        if far < clear + size:
            return text, ()
        begin = (x + (u - x) * 0.8 * clear / far, y + (v - y) * 0.8 * clear / far)
        under = bar(*begin, u, v, self.line(4.0), halo)
        return text, (*under, *bar(*begin, u, v, self.page.stroke(1.6), said.color))

    def texts(self, record: int, moment: float | None = None) -> list[Text]:
        """Labels, names, notes and counts to be seen at a record, or at a moment of it."""
        moment = record + WHOLE if moment is None else moment
        notes = (note.text for note in self.notes if moment >= note.since)
        tags = (text for tag in self.tags for text in tag.written(record))
        return [*self.labels, *tags, *notes, *(one.counted() for one in self.exits(record) if one.count)]


def _about(x: float, y: float, reach: float) -> Rect:
    return x - reach, y - reach, x + reach, y + reach
