"""A panel on the page: from axis units to pixels and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.shapes import Box
from gdviz.scene.panels import Panel

Floats = NDArray[np.float64]
FAR = 40.0  # panels away from the corner: beyond this nothing is told apart
FARTHER = 2000.0  # the same for a panel that magnifies another, which may be as large as that beside it


@dataclass(frozen=True)
class Place:
    """A panel and the pixels between its axes."""

    panel: Panel
    box: Box

    @property
    def end(self) -> int:
        """Where the axis of x ends, pixels: at the panel's right side, or before it."""
        axis, box = self.panel.x, self.box
        until = axis.high if axis.until is None else axis.until
        return round(box.x0 + box.width * float(axis.fraction(np.array(until))))

    def x_values(self, share: Floats) -> Floats:
        """Axis units at shares 0…1 of the width."""
        return self.panel.x.values(share)

    def y_values(self, share: Floats) -> Floats:
        """Axis units at shares 0…1 of the height, from below."""
        return self.panel.y.values(share)

    def pixels(self, points: Floats) -> Floats:
        """float64[n, 2] pixels of the page; may be far outside or not finite."""
        box = self.box
        across, up = self.panel.x.fraction(points[:, 0]), self.panel.y.fraction(points[:, 1])
        return np.column_stack([box.x0 + across * box.width, box.y1 - up * box.height])

    def track(self, points: Floats, kind: str) -> Floats:
        """As pixels(), but every point of trails of a kind can be drawn or is NaN.

        What is infinite stands two panels off on its side (a logarithm of 0 below, infinity above). What is farther
        than FAR panels is brought back: along the way it left, so that a path keeps its direction; of a curve each
        coordinate by itself, so that it keeps its step. Without a number a path, which has overflowed, stays where it
        was; a graph and a curve have no point there.
        """
        box, limit = self.box, FARTHER if self.panel.inlaid else FAR
        share = np.column_stack([self.panel.x.fraction(points[:, 0]), self.panel.y.fraction(points[:, 1])])
        last = np.array([0.5, 0.5])
        if kind != "path":
            share[np.isnan(share).any(axis=1)] = np.nan
        for k in np.flatnonzero(~(np.abs(share) <= limit).all(axis=1)):
            last = last if not k or np.isnan(share[k - 1, 0]) else share[k - 1]
            if kind != "path" and np.isnan(share[k, 0]):
                continue
            point = np.where(np.isnan(share[k]), last, share[k])
            point = np.where(np.isinf(point), np.sign(point) * 2.5 + 0.5, point)
            if kind != "curve" and np.max(np.abs(point)) > limit:
                t = (limit - np.abs(last)) / np.maximum(np.abs(point - last), 1e-300)
                point = last + (point - last) * min(1.0, float(np.min(np.where(np.abs(point) > limit, t, 1.0))))
            share[k] = np.clip(point, -limit, limit)
        return np.column_stack([box.x0 + share[:, 0] * box.width, box.y1 - share[:, 1] * box.height])
