"""Names at the heads of paths and curves: whose there are, and where each stands at every record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.columns import CLOSE, OFF, PAD, SIZE, abreast
from gdviz.draw.labels import Floats, Rect
from gdviz.draw.layer import Item, Site
from gdviz.draw.layers.trails import Trail
from gdviz.draw.leaders import FROM, bars, ends
from gdviz.draw.search import Host, Paths, Rects, placed
from gdviz.draw.shapes import Text
from gdviz.draw.text import Glyphs
from gdviz.scene.page import Scene
from gdviz.scene.palette import legible

WIDEST, ROOMY = (0.5, 0.75), 12.0
"""Share of a panel's width that a tag may take, and what it may where that is as many heights of its text and a part is
magnified; longer ones are left out, as two that are shortened may read alike."""


@dataclass(frozen=True, eq=False)
class Tag:
    """A name and where it stands."""

    trail: Trail
    text: Text  # at the origin
    half: tuple[float, float]
    knots: NDArray[np.int64]  # int64[knot], records
    points: Floats  # float64[knot, 2], what it names: the head, or the mark in its stead
    offsets: Floats  # float64[knot, 2], from there to the middle; NaN where it is not shown
    clear: float

    def at(self, record: int) -> tuple[float, float, float, float] | None:
        """Where what it names is at a record, and the upper left corner; None where it is not shown."""
        if record not in self._known:
            self._known[record] = self._at(record)
        return self._known[record]

    def rect(self, record: int) -> Rect | None:
        """The rectangle that it takes at a record."""
        at = self.at(record)
        return at and (at[2], at[3], at[2] + 2 * self.half[0], at[3] + 2 * self.half[1])

    @cached_property
    def _known(self) -> dict[int, tuple[float, float, float, float] | None]:
        return {}

    def _at(self, record: int) -> tuple[float, float, float, float] | None:
        last = int(np.searchsorted(self.knots, record, side="right")) - 1
        if last < 0:
            return None
        (x, y), (u, v) = self.points[last].tolist(), self.offsets[last].tolist()
        if self.knots[last] != record:  # no frame shows it: between two that do the tag goes evenly beside its head
            if last + 1 == len(self.knots) or not self.trail.inside[record]:
                return None
            share = (record - self.knots[last]) / (self.knots[last + 1] - self.knots[last])
            (x, y), (p, q) = self.trail.at(record), self.offsets[last + 1].tolist()
            u, v = u + share * (p - u), v + share * (q - v)
        return None if math.isnan(u) else (x, y, round(x + u - self.half[0]), round(y + v - self.half[1]))

    def written(self, record: int) -> list[Text]:
        """The text at a record."""
        rect = self.rect(record)
        if rect is None:
            return []
        size = self.text.size
        # from capital to descender: the baseline lies a quarter of it above the lower edge
        base = rect[3] - (self.half[1] - size / 2) - 0.24 * size
        return [replace(self.text, x=round(rect[0] + PAD * size), y=round(base))]

    def leader(self, record: int, halo: str) -> list[Item]:
        """The line to its head, where it stands farther off."""
        at, rect = self.at(record), self.rect(record)
        if at is None or rect is None:
            return []
        found = bars(at[:2], rect, self.clear, self.text.size, self.trail.page.line, (halo, self.text.color))
        return [(("leader", self.text.text, *at), found)] if found else []


MOST = 600
"""Records up to which tags are placed for every one; beyond that for those which the clip shows."""

PASSED = 0.25
"""Of a frame what a record counts that no frame shows: a still may."""


def moments(scene: Scene) -> tuple[NDArray[np.int64], Floats]:
    """The records at which tags are placed, int64[knot], and for how many frames each is on show."""
    knots, counts = np.unique(scene.clock.record, return_counts=True)
    if scene.records > MOST:
        return knots, counts.astype(float)
    frames = np.full(scene.records, PASSED)
    frames[knots] = counts
    return np.arange(scene.records), frames


def tags_of(
    trails: Sequence[Trail],
    when: tuple[NDArray[np.int64], Floats],
    places: Floats,
    site: Site,
    glyphs: Glyphs,
    fixed: Rects,
    points: Floats,
) -> list[Tag]:
    """A tag for every trail whose entry has a label, the first ones placed first.

    when: as from moments. places: float64[knot, trail, 2], where their heads are, or the marks in their stead; NaN
    where none is. fixed: what tags keep off besides. points: along all paths, float64[n, 2].
    """
    scene, page, box, theme = site.scene, site.page, site.box, site.theme
    named = [trail for trail in trails if scene.entries[trail.track.entry].label and not trail.track.quiet]
    if len({trail.track.entry for trail in trails}) < 2:  # who is alone in a panel is named above it
        return []
    panel = site.place.panel
    if panel.area == "side" and panel.x.until is None and all(entry.heading for entry in scene.listed):
        return []  # a chart without room: over its curves they would be struck through, and the ledger has them
    knots, frames = when
    size = page.size(SIZE)
    paths = Paths(box, points)
    reach = np.array([_room(one) for one in trails])
    rects = fixed.joined(Rects(places, np.broadcast_to(reach[None, :, None], places.shape)))
    taken = np.concatenate([fixed.middles - fixed.halves, fixed.middles + fixed.halves], axis=2)
    beside = abreast(named, trails, knots, places, site, glyphs, taken)
    found, lines = [], np.empty((len(knots), 0, 2, 2))
    for trail in sorted(named, key=lambda trail: id(trail) not in beside):
        label = scene.entries[trail.track.entry].label
        wide, high = glyphs.width(label, size, True) + 2 * PAD * size, (1.0 + 2 * PAD) * size
        number = next(n for n, one in enumerate(trails) if one is trail)
        color = legible(trail.color, theme.halo, theme.ink)
        text = Text(0, 0, label, size, color, bold=True, outline=theme.halo, rim=0.13 * size)
        if id(trail) in beside:
            middles, half = beside[id(trail)], np.array([wide / 2, CLOSE * size / 2])
            rects = rects.joined(Rects(middles[:, None], np.broadcast_to(half, middles[:, None].shape)))
            heads = places[:, number]
            found.append(
                Tag(trail, text, (wide / 2, CLOSE * size / 2), knots, heads, middles - heads, page.line(OFF) + 1)
            )
            continue
        if wide > WIDEST[panel.area == "inset" and box.width >= ROOMY * size] * box.width:
            continue
        host = Host(places[:, number], wide, high, _room(trail) + 1.0)
        half = np.array([wide / 2, high / 2])
        others = places[:, [one.track.entry != trail.track.entry for one in trails]]
        middles = placed(host, others, rects, lines, paths, box, frames)
        line = np.stack([host.points, host.points + ends(middles - host.points, half)], axis=1)
        line[np.hypot(*(line[:, 1] - line[:, 0]).T) < host.clear + FROM * size] = np.nan
        lines = np.concatenate([lines, line[:, None]], axis=1)
        rects = rects.joined(Rects(middles[:, None], np.broadcast_to(half, middles[:, None].shape)))
        found.append(Tag(trail, text, (wide / 2, high / 2), knots, host.points, middles - host.points, host.clear))
    return found


def _room(trail: Trail) -> float:
    """Half the side of the square that a head takes, pixels: larger where several meet."""
    return 1.3 * trail.page.line(7.5 if trail.layer.kind == "curve" else 12)
