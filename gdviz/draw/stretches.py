"""Straight stretches of lines on which a text can stand: along them, off everything else, off each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.shapes import Box

Floats = NDArray[np.float64]

BENT = 0.16
"""How far a line may leave the chord of a stretch, in heights of the text."""

CLEAR = 1.1
"""From the middle of a line of text to what it keeps off, in its heights."""

APART = 4.5
"""From one text to the next, in heights."""


@dataclass(frozen=True)
class Stretch:
    """A place on a line: the middle, the angle by which the text is turned against the clock, degrees, and what is left
    of the line beside it."""

    x: float
    y: float
    angle: float
    rest: tuple[Floats, ...]


class Places:
    """A panel on whose lines texts are put, as a raster of what is taken; all lengths are pixels."""

    def __init__(self, box: Box, size: float, taken: Floats) -> None:
        """`size`: of the texts; taken: float64[n, 2], points that they keep off."""
        self.box, self.size, self.cell = box, size, max(size / 3, 1.0)
        rows, columns = (int(side / self.cell) + 1 for side in (box.height, box.width))
        self.free = np.ones((rows, columns), bool)
        edge = max(round(size / self.cell), 1)
        self.free[:edge] = self.free[-edge:] = self.free[:, :edge] = self.free[:, -edge:] = False
        self.take(taken, CLEAR * size)

    def take(self, points: Floats, reach: float) -> None:
        """Keep texts off points."""
        inside = points[np.isfinite(points).all(axis=1)]
        cells = np.unique(np.floor((inside - (self.box.x0, self.box.y0)) / self.cell).astype(np.int64), axis=0)
        span = math.ceil(reach / self.cell)
        for down in range(-span, span + 1):
            for across in range(-span, span + 1):
                if math.hypot(down, across) <= span + 0.1:
                    row, column = cells[:, 1] + down, cells[:, 0] + across
                    held = (row >= 0) & (row < self.free.shape[0]) & (column >= 0) & (column < self.free.shape[1])
                    self.free[row[held], column[held]] = False

    def put(self, lines: Sequence[Floats], wide: float) -> tuple[int, Stretch] | None:
        """The straightest stretch of several lines for a text so wide, and the number of its line; None without one."""
        step, best = 0.5 * self.size, (BENT * self.size, -1, 0)
        count = max(round((wide + 0.7 * self.size) / step), 2)
        walks = [_walked(line, step) for line in lines]
        for number, walk in enumerate(walks):
            if len(walk) <= count:
                continue
            column, row = np.floor((walk - (self.box.x0, self.box.y0)) / self.cell).astype(np.int64).T
            row, column = row.clip(0, self.free.shape[0] - 1), column.clip(0, self.free.shape[1] - 1)
            windows = np.lib.stride_tricks.sliding_window_view(walk, count + 1, axis=0)  # [start, 2, point]
            chord = windows[:, :, -1] - windows[:, :, 0]
            off = windows - windows[:, :, :1]
            length = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-9)
            bent = np.abs(off[:, 0] * chord[:, 1, None] - off[:, 1] * chord[:, 0, None]).max(axis=1) / length
            free = np.lib.stride_tricks.sliding_window_view(self.free[row, column], count + 1).all(axis=1)
            bent = np.where(free & (length > 0.97 * count * step), bent, np.inf)
            at = int(bent.argmin())
            if bent[at] < best[0]:
                best = float(bent[at]), number, at
        if best[1] < 0:
            return None
        _, number, at = best
        walk = walks[number]
        first, last = walk[at], walk[at + count]
        x, y = (first + last) / 2
        angle = -math.degrees(math.atan2(last[1] - first[1], last[0] - first[0]))
        angle = (angle + 90.0) % 180.0 - 90.0  # reads from the left, whichever way the line was followed
        self.take(walk[at : at + count + 1], APART * self.size)
        parts = walk[: at + 1], walk[at + count :]
        return number, Stretch(float(x), float(y), angle, tuple(part for part in parts if len(part) > 1))


def _walked(line: Floats, step: float) -> Floats:
    """float64[n, 2]: points along a line, `step` apart."""
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0.0, reach[-1], max(round(reach[-1] / step), 1) + 1)
    return np.column_stack([np.interp(at, reach, side) for side in line.T])
