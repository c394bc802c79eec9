"""Where small texts on a field go: beside what they name, inside the panel, off each other and off the paths."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.shapes import Box

Floats = NDArray[np.float64]
Rect = tuple[float, float, float, float]  # x0, y0, x1, y1
COVERED = 300.0  # cost of lying over something taken: more than all else together
WAY = np.linspace(0.0, 1.0, 17)
CROWDED = 10.0
"""Cost of a place that lies over paths, from which all of a panel is searched for a free one."""

MOST = 40  # places tried along a side of it
RINGS = 7  # distances tried around a point; at the last one there is room for a stack of texts beside one arrow


def _overlap(a: Rect, b: Rect) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _crosses(a: tuple[float, float], b: tuple[float, float], rect: Rect) -> bool:
    """Whether the way from a to b meets a rectangle that does not hold a."""
    if rect[0] <= a[0] <= rect[2] and rect[1] <= a[1] <= rect[3]:
        return False
    x, y = a[0] + WAY * (b[0] - a[0]), a[1] + WAY * (b[1] - a[1])
    return bool(((x > rect[0]) & (x < rect[2]) & (y > rect[1]) & (y < rect[3])).any())


@dataclass
class Ground:
    """A panel while its labels are being placed."""

    box: Box
    paths: Floats  # float64[n, 2], pixels: every iterate inside the panel
    taken: list[Rect] = field(default_factory=list)

    def place(
        self, x: float, y: float, wide: float, high: float, clear: float, rings: int = RINGS, must: bool = True
    ) -> Rect | None:
        """The rectangle of a text `wide` × `high` pixels near the point (x, y), `clear` pixels off it.

        The cheapest of places all around the point, near ones first; what lies over something taken costs more than
        any distance, what lies over paths a little. The place is pushed inside the panel and kept free from then on.
        rings: how many distances are tried. Where `must` is false and nothing is free the result is None.
        """
        best: tuple[float, Rect] | None = None
        for ring, number, left, top in self._around(x, y, wide, high, clear, rings):
            best = self._better(best, (x, y), (left, top, wide, high), 5.0 * ring + 0.2 * number, ring > 0)
        if must and (best is None or best[0] >= CROWDED):  # in a small panel what is free may lie in no direction
            for left, top in self._everywhere(wide, high):
                far = math.dist((x, y), nearest((left, top, left + wide, top + high), x, y))
                cost = 5.0 * max(far - clear, 0.0) / (1.5 * high)
                best = self._better(best, (x, y), (left, top, wide, high), cost, far > clear)
        if best is None or (not must and best[0] >= COVERED):
            return None
        self.taken.append(best[1])
        return best[1]

    def _around(
        self, x: float, y: float, wide: float, high: float, clear: float, rings: int
    ) -> Iterator[tuple[int, int, float, float]]:
        """Places in eight directions from a point, pushed inside the panel: ring, direction, left and upper end."""
        box, pad = self.box, 0.35 * high
        ways = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))
        for ring in range(rings):
            distance = clear + 1.5 * ring * high
            for number, (across, down) in enumerate(ways):
                slant = 0.72 if across and down else 1.0
                left = x + across * slant * distance - (wide / 2 if not across else wide if across < 0 else 0.0)
                top = y + down * slant * distance - (high / 2 if not down else high if down < 0 else 0.0)
                left = min(max(left, box.x0 + pad), max(box.x1 - pad - wide, box.x0))
                top = min(max(top, box.y0 + pad), max(box.y1 - pad - high, box.y0))
                yield ring, number, left, top

    def _everywhere(self, wide: float, high: float) -> Iterator[tuple[float, float]]:
        """Left and upper ends of places all over the panel, half a text's height apart."""
        box, pad = self.box, 0.35 * high
        across, down = box.x1 - pad - wide - (box.x0 + pad), box.y1 - pad - high - (box.y0 + pad)
        if across >= 0 and down >= 0:
            for left in np.linspace(0.0, across, min(int(across / (0.5 * high)) + 2, MOST)):
                for top in np.linspace(0.0, down, min(int(down / (0.5 * high)) + 2, MOST)):
                    yield float(box.x0 + pad + left), float(box.y0 + pad + top)

    def _better(
        self,
        best: tuple[float, Rect] | None,
        point: tuple[float, float],
        place: tuple[float, float, float, float],
        cost: float,
        led: bool,
    ) -> tuple[float, Rect] | None:
        """The cheaper of the best so far and a place: its left and upper end, width and height without the air around.

        cost: of its distance alone; led: whether a line leads there.
        """
        (x, y), (left, top, wide, high) = point, place
        pad = 0.35 * high
        rect = (left - pad, top - pad, left + wide + pad, top + high + pad)
        if best is not None and cost >= best[0]:
            return best
        covered = sum(_overlap(rect, other) for other in self.taken) / (wide * high)
        cost += COVERED + 1000.0 * covered if covered > 1e-6 else 0.0
        if rect[0] < x < rect[2] and rect[1] < y < rect[3]:
            cost += 100.0
        if len(self.paths):
            px, py = self.paths[:, 0], self.paths[:, 1]
            hit = (px > rect[0]) & (px < rect[2]) & (py > rect[1]) & (py < rect[3])
            cost += min(1.5 * np.count_nonzero(hit), 30.0)
        if led and (best is None or cost < best[0]):  # the line should not run over what others hold
            cost += 80.0 * sum(_crosses((x, y), nearest(rect, x, y), other) for other in self.taken)
        return (cost, rect) if best is None or cost < best[0] else best

    def take(self, x: float, y: float, reach: float) -> None:
        """Keep the surroundings of a point free."""
        self.taken.append((x - reach, y - reach, x + reach, y + reach))


def nearest(rect: Rect, x: float, y: float) -> tuple[float, float]:
    """The point of a rectangle that is nearest to a point."""
    return min(max(x, rect[0]), rect[2]), min(max(y, rect[1]), rect[3])


def samples(points: Floats, box: Box, step: float) -> Floats:
    """float64[n, 2]: points along a polyline some `step` pixels apart, those inside a box.

    Of each piece only what is inside is walked along, however far it comes from or goes.
    """
    begins, steps = points[:-1], np.diff(points, axis=0)
    pieces = np.maximum(np.floor(np.hypot(steps[:, 0], steps[:, 1]) / step), 1.0)
    across = _crossing(begins[:, 0], steps[:, 0], box.x0, box.x1)
    down = _crossing(begins[:, 1], steps[:, 1], box.y0, box.y1)
    first = np.ceil(np.maximum(across[0], down[0]) * pieces)
    # the end of a piece is where the next one begins
    after = np.floor(np.minimum(np.minimum(across[1], down[1]) * pieces, pieces - 1)) + 1
    counts = np.where((steps != 0).any(axis=1) & (after > first), after - first, 0).astype(np.int64)
    walked = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.repeat(first, counts) + walked) / np.repeat(pieces, counts)
    every = np.repeat(begins, counts, axis=0) + share[:, None] * np.repeat(steps, counts, axis=0)
    every = np.concatenate([every, points[-1:]])
    inside = (every[:, 0] >= box.x0) & (every[:, 0] <= box.x1) & (every[:, 1] >= box.y0) & (every[:, 1] <= box.y1)
    return np.asarray(every[inside])


def _crossing(begin: Floats, step: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """From which to which share of each way a coordinate lies between low and high; backwards where it never does."""
    moves = step != 0
    over = np.where(moves, step, 1.0)
    a, b = (low - begin) / over, (high - begin) / over
    held = (begin >= low) & (begin <= high)
    enters = np.where(moves, np.minimum(a, b), np.where(held, 0.0, 1.0))
    leaves = np.where(moves, np.maximum(a, b), np.where(held, 1.0, 0.0))
    return np.maximum(enters, 0.0), np.minimum(leaves, 1.0)
