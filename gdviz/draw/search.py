"""The search for the places of names at heads: the cheapest way through all records, off all else, without jumps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.labels import Floats, Rect
from gdviz.draw.leaders import struck
from gdviz.draw.shapes import Box

AROUND = 32
"""Places tried around a head at each distance."""

DISTANCES = (0.0, 0.55, 1.3, 2.4)
"""How far off its head's own room a tag may stand, heights of its text."""

REACH = (2, 1)
"""How many places around, and distances, a tag may glide by from one record to the next."""

LEAP = 1.6
"""A head that moves by more heights of a text between two records takes its tag to any other place."""

STILL = 4
"""So does one whose records are on show for as many frames: it leaps as well."""

FARTHER, SIDE, BURIED, GLIDE = 5.0, (0.0, 1.0, 1.5, 2.5), 22.0, 1.0
"""What a frame costs at the next distance; right of its head, beyond its corners, above and below, left; with its
rectangle full of paths; and each pixel, of a text 20 pixels high, by which a tag moves beside its head."""

MISTAKEN = 9.0
"""What a frame costs with the tag as near to another head as to its own, where no line leads to its own: more than a
place farther off with a line, or any on its own other sides."""

CLEARLY = 0.5
"""Of a head's own room, how much farther off another head has to be."""

HIDDEN, BLINK = 60.0, 900.0
"""What a frame without the tag costs, and each time that it comes or goes."""

BRIEF = 12
"""Frames for which a tag at least stays once it has come."""

TAKEN = 1e7
"""More than all else together."""


@dataclass(frozen=True, eq=False)
class Host:
    """A head at every knot, pixels: NaN where it is not in the panel; the tag's width and height; its own room."""

    points: Floats  # float64[knot, 2]
    wide: float
    high: float
    clear: float


@dataclass(frozen=True, eq=False)
class Rects:
    """Rectangles to keep off at every knot: their middles and half their sides; NaN where there is none."""

    middles: Floats  # float64[knot, rectangle, 2]
    halves: Floats  # float64[knot, rectangle, 2]

    @staticmethod
    def held(rects: Sequence[Rect], knots: int) -> Rects:
        """The same at every knot."""
        each = np.array(rects, float).reshape(-1, 4)
        middles, halves = (each[:, :2] + each[:, 2:]) / 2, (each[:, 2:] - each[:, :2]) / 2
        return Rects(np.repeat(middles[None], knots, axis=0), np.repeat(halves[None], knots, axis=0))

    @staticmethod
    def varying(rects: Sequence[Sequence[Rect]]) -> Rects:
        """Others at each knot."""
        each = np.full((len(rects), max(map(len, rects), default=0), 4), np.nan)
        for knot, found in enumerate(rects):
            each[knot, : len(found)] = np.array(found, float).reshape(-1, 4)
        return Rects((each[..., :2] + each[..., 2:]) / 2, (each[..., 2:] - each[..., :2]) / 2)

    def joined(self, other: Rects) -> Rects:
        """Both."""
        return Rects(
            np.concatenate([self.middles, other.middles], axis=1), np.concatenate([self.halves, other.halves], axis=1)
        )


class Paths:
    """How much of a rectangle lies over paths, from points along them float64[n, 2]."""

    CELL = 6.0  # pixels

    def __init__(self, box: Box, points: Floats) -> None:
        self.box = box
        self.shape = int(box.height / self.CELL) + 1, int(box.width / self.CELL) + 1
        grid = np.zeros(self.shape)
        if len(points):
            rows, columns = self._cells(points)
            grid[rows, columns] = 1.0
        self.sums = np.zeros((self.shape[0] + 1, self.shape[1] + 1))
        self.sums[1:, 1:] = grid.cumsum(axis=0).cumsum(axis=1)

    def _cells(self, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        at = ((points - (self.box.x0, self.box.y0)) / self.CELL).astype(np.int64)
        rows, columns = (np.clip(at[..., axis], 0, self.shape[1 - axis] - 1) for axis in (1, 0))
        return rows, columns

    def share(self, middles: Floats, half: tuple[float, float]) -> Floats:
        """float64[…]: of rectangles around middles float64[…, 2]."""
        (r0, c0), (r1, c1) = self._cells(middles - half), self._cells(middles + half)
        s = self.sums
        full = s[r1 + 1, c1 + 1] - s[r0, c1 + 1] - s[r1 + 1, c0] + s[r0, c0]
        return np.asarray(full / ((r1 - r0 + 1) * (c1 - c0 + 1)))


def around(wide: float, high: float, clear: float) -> Floats:
    """float64[distance · AROUND, 2]: middles of rectangles about a head at the origin, each ring at one distance.

    The rectangle slides around the head: along its own sides and, at its corners, on arcs.
    """
    rings = []
    for distance in DISTANCES:
        off, a, b = clear + distance * high, wide / 2, high / 2
        arc = math.pi / 2 * off
        sides = np.array([b, arc, 2 * a, arc, 2 * b, arc, 2 * a, arc, b])
        ends = np.cumsum(sides)
        at = np.arange(AROUND) * ends[-1] / AROUND
        side = np.minimum(np.searchsorted(ends, at, side="right"), 8)
        t = (at - (ends - sides)[side]) / sides[side]
        u = np.pi / 2 * t
        sin, cos = off * np.sin(u), off * np.cos(u)
        ones = np.ones_like(t)
        # from the middle of the right side downwards
        across = np.stack([(a + off) * ones, a + cos, a - 2 * a * t, -a - sin, -(a + off) * ones, -a - cos,
                           -a + 2 * a * t, a + sin, (a + off) * ones])  # fmt: skip
        down = np.stack([b * t, b + sin, (b + off) * ones, b + cos, b - 2 * b * t, -b - sin,
                         -(b + off) * ones, -b - cos, -b + b * t])  # fmt: skip
        numbers = np.arange(AROUND)
        rings.append(np.column_stack([across[side, numbers], down[side, numbers]]))
    return np.concatenate(rings)


def placed(host: Host, heads: Floats, others: Rects, lines: Floats, paths: Paths, box: Box, frames: Floats) -> Floats:
    """float64[knot, 2]: the middle of a tag at every knot, NaN where it is not shown.

    The cheapest way through all knots that keeps off the others' rectangles and inside the box, and where it can off
    lines float64[knot, line, end, 2] and nearer to its own head than to others, of float64[knot, head, 2]. frames: for
    how many frames each knot is on show.
    """
    offsets = around(host.wide, host.high, host.clear)
    half = np.array([host.wide / 2, host.high / 2])
    found = np.full(host.points.shape, np.nan)
    there: NDArray[np.bool_] = np.isfinite(host.points[:, 0]) & np.isfinite(host.points[:, 1])
    links = _Links(offsets, GLIDE * 20.0 / host.high)
    for at in np.split(np.arange(len(there)), np.flatnonzero(there[1:] != there[:-1]) + 1):
        if not there[at[0]]:
            continue
        middles = host.points[at, None] + offsets
        cost = _cost(middles, offsets, half, paths)
        head = host.points[at, None]
        told = others.middles[at] - head, others.halves[at]
        cost += struck(offsets, half, host.clear, np.arange(len(offsets)) >= AROUND, told, lines[at] - head[:, None])
        cost[:, :AROUND] += MISTAKEN * _mistaken(offsets[:AROUND], half, host.clear, heads[at] - head)
        across, down = middles[..., 0], middles[..., 1]
        taken: NDArray[np.bool_] = (across - half[0] <= box.x0 + 3) | (across + half[0] >= box.x1 - 3)
        taken |= (down - half[1] <= box.y0 + 3) | (down + half[1] >= box.y1 - 3)
        _take(taken, offsets, half, *told)
        cost[taken] = TAKEN
        steps = np.hypot(*np.diff(host.points[at], axis=0).T)
        leaps = np.concatenate([[False], (steps > LEAP * host.high) | (frames[at][:-1] >= STILL)])
        way = _cheapest(cost, frames[at], leaps, links)
        way = _lasting(way, frames[at])
        shown = way >= 0
        found[at[shown]] = middles[np.flatnonzero(shown), way[shown]]
    return found


def _mistaken(offsets: Floats, half: Floats, clear: float, heads: Floats) -> NDArray[np.bool_]:
    """bool[knot, place]: whether a rectangle is not clearly nearer to its own head than to another, told from that."""
    found = np.zeros((len(heads), len(offsets)), bool)
    own = np.hypot(*(np.maximum(np.abs(offsets) - half, 0.0)).T)
    reach = np.abs(offsets).max(axis=0) + half + clear
    near = np.all(np.abs(heads) < reach, axis=2) & np.any(
        np.abs(heads) > clear, axis=2
    )  # else they stand in each other
    for other in np.flatnonzero(near.any(axis=0)):
        at = np.flatnonzero(near[:, other])
        gaps = np.maximum(np.abs(offsets - heads[at, other, None]) - half, 0.0)
        found[at] |= np.hypot(gaps[..., 0], gaps[..., 1]) < own + CLEARLY * clear
    return found


def _take(taken: NDArray[np.bool_], offsets: Floats, half: Floats, middles: Floats, halves: Floats) -> None:
    """Mark the places bool[knot, place] that lie over others' rectangles, whose middles are told from the head."""
    reach = np.abs(offsets).max(axis=0) + half
    near = np.all(np.abs(middles) < reach + halves, axis=2)
    for other in np.flatnonzero(near.any(axis=0)):
        at = np.flatnonzero(near[:, other])
        x, y = middles[at, other, :, None].transpose(1, 0, 2)
        a, b = (halves[at, other] + half + 1.0).T[:, :, None]  # a pixel more: places are rounded
        taken[at] |= (np.abs(offsets[:, 0] - x) < a) & (np.abs(offsets[:, 1] - y) < b)


def _cost(middles: Floats, offsets: Floats, half: Floats, paths: Paths) -> Floats:
    """float64[knot, place]: of a frame with the tag there, whoever else is there."""
    right, corner, level, left = SIDE
    beside, over = np.abs(offsets[:, 1]) < half[1], np.abs(offsets[:, 0]) <= half[0]
    place = np.where(beside, np.where(offsets[:, 0] > 0, right, left), np.where(over, level, corner))
    place = place + FARTHER * np.repeat(np.arange(len(DISTANCES)), AROUND)
    return np.asarray(place + BURIED * paths.share(middles, (float(half[0]), float(half[1]))))


@dataclass(frozen=True, eq=False)
class _Links:
    """Whence a place is reached in one step, and for what: by gliding, and by leaping from any place."""

    offsets: Floats  # float64[place, 2]
    pixel: float

    @cached_property
    def near(self) -> NDArray[np.int64]:
        """int64[neighbour, place]"""
        rings = len(self.offsets) // AROUND
        places = np.arange(len(self.offsets)).reshape(rings, AROUND)
        found = []
        for across in range(-REACH[1], REACH[1] + 1):
            ring = np.clip(np.arange(rings) - across, 0, rings - 1)
            found += [np.roll(places, turn, axis=1)[ring].ravel() for turn in range(-REACH[0], REACH[0] + 1)]
        return np.stack(found)

    @cached_property
    def toll(self) -> Floats:
        """float64[neighbour, place]"""
        return self.pixel * np.hypot(*(self.offsets - self.offsets[self.near]).transpose(2, 0, 1))

    @cached_property
    def far(self) -> Floats:
        """float64[place, place]"""
        return self.pixel * np.hypot(*(self.offsets[:, None] - self.offsets[None]).transpose(2, 0, 1))


def _cheapest(cost: Floats, frames: Floats, leaps: NDArray[np.bool_], links: _Links) -> NDArray[np.int64]:
    """int64[knot]: the place at each knot, -1 where the tag is hidden. Source: Viterbi 1967, as all such searches."""
    knots, places = cost.shape
    best, unseen = cost * frames[:, None], HIDDEN * frames  # of the cheapest way to each place, and to nowhere
    for knot in range(1, knots):
        before, least = best[knot - 1], best[knot]
        ways = before + links.far if leaps[knot] else before[links.near] + links.toll
        least += np.minimum(ways.min(axis=1 if leaps[knot] else 0), unseen[knot - 1] + BLINK)
        unseen[knot] += min(before.min() + BLINK, unseen[knot - 1])
    way = np.empty(knots, np.int64)
    at = int(best[-1].argmin()) if best[-1].min() <= unseen[-1] else -1
    for knot in range(knots - 1, 0, -1):
        way[knot], before, gone = at, best[knot - 1], unseen[knot - 1]
        if at < 0:
            at = int(before.argmin()) if before.min() + BLINK < gone else -1
            continue
        whence = np.arange(places) if leaps[knot] else links.near[:, at]
        ways = before[whence] + (links.far[at] if leaps[knot] else links.toll[:, at])
        chosen = int(ways.argmin())
        at = -1 if gone + BLINK < ways[chosen] else int(whence[chosen])
    way[0] = at
    return way


def _lasting(way: NDArray[np.int64], frames: Floats) -> NDArray[np.int64]:
    """Without what would be seen for a moment only, unless nothing comes after it."""
    shown = way >= 0
    for part in np.split(np.arange(len(way)), np.flatnonzero(np.diff(shown)) + 1):
        if shown[part[0]] and part[-1] < len(way) - 1 and frames[part].sum() < BRIEF:
            way[part] = -1
    return way
