"""Small marks on a panel's rim where paths that came back had left it, and where they came in again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.layer import Item, Point
from gdviz.draw.layers.trails import Trail
from gdviz.draw.markers import arrow
from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box

MOST = 6
"""Marks of one path; where it crosses the rim more often, those that stand closest are one."""

APART = 24.0
"""How far marks of one path stand from each other at least, units of a full page."""

RADIUS = 6.5
"""Half the length of a mark, units of a full page: about half of an arrow of a path that is outside."""


@dataclass(frozen=True, eq=False)
class Crossing:
    """Where a path crosses the rim and which way, pixels, and the record from which that is shown."""

    trail: Trail
    since: int
    place: Point
    direction: Point

    def hidden(self, arrows: Sequence[Point]) -> bool:
        """Whether it would lie under one of the arrows of paths that are outside."""
        reach = self.trail.page.line(3 * RADIUS)
        return any(math.dist(self.place, arrow) < reach for arrow in arrows)

    def drawn(self) -> Item:
        """The mark, in the path's colour."""
        trail, line = self.trail, self.trail.page.line
        shape = arrow(*self.place, self.direction, line(RADIUS), trail.color, line(1.6), trail.theme.halo)
        return ("crossing", *self.place, self.direction, trail.color), shape


def crossings(trails: Sequence[Trail], box: Box, page: Measures) -> list[Crossing]:
    """The marks of all paths: of one that comes in at its own record, of one that leaves from where it is in again.

    Until then, or for good, the arrow of `exits` stands where it left. Where marks of several paths would lie over each
    other, the one that comes first stands for all.
    """
    found = [mark for trail in trails if trail.layer.kind == "path" for mark in _of(trail, box, page)]
    return _spread(sorted(found, key=lambda mark: mark.since), page.line(2 * RADIUS + 3.0))


def _of(trail: Trail, box: Box, page: Measures) -> list[Crossing]:
    found: list[Crossing] = []
    left, since = None, 0
    for record, inwards, place, direction in _passages(trail, box, page.line(RADIUS + 1.0)):
        if not inwards:
            left, since = Crossing(trail, record, place, direction), record
            continue
        if not trail.inside[since : record + 1].all():  # else it went along the rim only
            found += [] if left is None else [Crossing(trail, record, left.place, left.direction)]
            found.append(Crossing(trail, record, place, direction))
        left = None
    gap = page.line(APART)
    while len(kept := _spread(found, gap)) > MOST:
        gap *= 1.5
    return kept


def _spread(marks: Sequence[Crossing], gap: float) -> list[Crossing]:
    """Those that are not too near to an earlier one."""
    kept: list[Crossing] = []
    for mark in marks:
        if all(math.dist(mark.place, other.place) >= gap for other in kept):
            kept.append(mark)
    return kept


def _passages(trail: Trail, box: Box, inset: float) -> Iterator[tuple[int, bool, Point, Point]]:
    """Every passage of the line on which marks stand, `inset` within the rim: record, whether inwards, place, way."""
    low, high = np.array([box.x0, box.y0]) + inset, np.array([box.x1, box.y1]) - inset
    with np.errstate(invalid="ignore"):
        within: NDArray[np.bool_] = np.all((trail.points >= low) & (trail.points <= high), axis=1)
    for record in np.flatnonzero(trail.known[1:] & trail.known[:-1] & ~(within[1:] & within[:-1])) + 1:
        if record in trail.track.breaks:
            continue
        begin, end = trail.points[record - 1], trail.points[record]
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (low - begin) / (end - begin), (high - begin) / (end - begin)
        fits = (low <= begin) & (begin <= high)  # along a coordinate that does not change
        still = end == begin
        enters = np.where(still, np.where(fits, -np.inf, np.inf), np.minimum(first, second)).max()
        leaves = np.where(still, np.where(fits, np.inf, -np.inf), np.maximum(first, second)).min()
        way = (float(end[0] - begin[0]), float(end[1] - begin[1]))
        for share, inwards, crosses in ((enters, True, ~within[record - 1]), (leaves, False, ~within[record])):
            if enters < leaves and crosses and 0 <= share <= 1:
                x, y = (begin + share * (end - begin)).tolist()
                yield int(record), inwards, (x, y), way
