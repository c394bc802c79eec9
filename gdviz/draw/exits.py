"""Marks at a panel's edge for what is not inside it: arrows of paths that left, ends of runs without a value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box
from gdviz.draw.trails import Trail

Point = tuple[float, float]

ROWS = 8
"""Arrows that stand behind one another; whoever comes then shares the first place."""


@dataclass(frozen=True, eq=False)
class Exit:
    """Who is outside, where its mark stands, and where it points, pixels; a mark of what has no value does not."""

    trail: Trail
    place: Point
    direction: Point | None


def exits(trails: Sequence[Trail], record: int, box: Box, page: Measures) -> list[Exit]:
    """The marks at a record; who left first keeps the place it had.

    An arrow stands where its path left, and of a curve at the head's own step. Where several would lie over each other
    they stand one behind the other, back along their way: never beside it, where no path left and another step is.
    Curves of one entry that are out at the same place share an arrow. A run that was lost and has no value from then on
    has its mark at its step: at the edge that it left by, else on the axis.
    """
    out = [
        trail
        for trail in trails
        if not trail.inside[record]
        and (trail.known[record] or (trail.ended(record) and not np.isnan(trail.across[record])))
    ]
    out.sort(key=lambda trail: int(trail.left_from[record]))
    found: list[Exit] = []
    shared: set[tuple[int, int, int]] = set()
    for trail in out:
        curve = trail.layer.kind == "curve"
        gap = page.line(19 if curve else 25)
        places, direction = _places(trail, record, box, page.line(9 if curve else 14), gap)
        key = (trail.track.entry, round(places[0][0]), round(places[0][1]))
        if curve and key in shared:
            continue
        shared.add(key)
        taken = [other.place for other in found]
        free = (
            (x, y)
            for x, y in places
            if box.holds(x, y) and all(math.hypot(x - u, y - v) >= 0.9 * gap for u, v in taken)
        )
        found.append(Exit(trail, next(free, places[0]), direction))
    return found


def _places(trail: Trail, record: int, box: Box, inset: float, gap: float) -> tuple[list[Point], Point | None]:
    """Where the mark of a path that is now outside may stand, best first, and its direction."""
    x, y = trail.at(record)
    if not trail.known[record]:
        along = float(trail.across[record])
        x = min(max(along, box.x0), box.x1)
        before = np.flatnonzero(trail.known[:record])
        y = float(trail.points[before[-1], 1]) if len(before) else box.y1
        if box.y0 <= y <= box.y1:
            return [(x, box.y1 - back) for back in gap * np.arange(ROWS)], (
                None if x == along else (math.copysign(1.0, along - x), 0.0)
            )
        level = min(max(y, box.y0 + inset), box.y1 - inset)
        return [(x, level - math.copysign(back, y - level)) for back in gap * np.arange(ROWS)], (0.0, y - level)
    last = int(trail.left_from[record])
    x0, y0, x1, y1 = box.x0 + inset, box.y0 + inset, box.x1 - inset, box.y1 - inset
    behind = gap * np.arange(ROWS)
    if trail.layer.kind == "curve":
        x, level = min(max(x, box.x0), box.x1), min(max(y, y0), y1)
        return [(x, level - math.copysign(back, y - level)) for back in behind], (0.0, y - level)
    if last < 0 or not trail.known[last + 1]:  # it never was inside, or nobody knows how it left
        edge = min(max(x, x0), x1), min(max(y, y0), y1)
        direction = x - edge[0], y - edge[1]
        far = math.hypot(*direction)
        return [
            (edge[0] - back * direction[0] / far, edge[1] - back * direction[1] / far) for back in behind
        ], direction
    (a, b), (u, v) = trail.points[last].tolist(), trail.points[last + 1].tolist()
    step = float(trail.lengths[last + 1] - trail.lengths[last])
    gone = min(_share(a, u, box.x0, box.x1), _share(b, v, box.y0, box.y1)) * step
    room = min(_share(a, u, x0, x1), _share(b, v, y0, y1)) * step
    # a way nearly along the edge has room for an arrow far off only: its arrow then stands beside it, but near
    left = float(trail.lengths[last]) + max(room, gone - 3 * inset)
    # where it came in again on the same line, there is no way of its own before that
    came = 1.0 - min(_share(u, a, box.x0, box.x1), _share(v, b, box.y0, box.y1))
    ways = left - behind[behind <= (left - trail.lengths[last] - came * step if came else left)]
    ways = ways if len(ways) else np.array([left])
    path = (np.interp(ways, trail.lengths[: last + 2], part[: last + 2]) for part in trail.points.T)
    return [(min(max(p, x0), x1), min(max(q, y0), y1)) for p, q in zip(*path, strict=True)], (u - a, v - b)


def _share(begin: float, end: float, low: float, high: float) -> float:
    """The share of the way from `begin` after which it is no longer between low and high, or 1."""
    over = high if end > high else low if end < low else None
    return 1.0 if over is None else max((over - begin) / (end - begin), 0.0)
