"""A panel on the page: from axis units to pixels and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.shapes import Box
from gdviz.scene.panels import Axis, Panel

Floats = NDArray[np.float64]
FAR = 40.0  # panels away from the corner: beyond this nothing is told apart


def _values(axis: Axis, share: Floats) -> Floats:
    if axis.scale == "linear":
        return axis.low + share * (axis.high - axis.low)
    return np.asarray(axis.low * (axis.high / axis.low) ** share)


@dataclass(frozen=True)
class Place:
    """A panel and the pixels between its axes."""

    panel: Panel
    box: Box

    def x_values(self, share: Floats) -> Floats:
        """Axis units at shares 0…1 of the width."""
        return _values(self.panel.x, share)

    def y_values(self, share: Floats) -> Floats:
        """Axis units at shares 0…1 of the height, from below."""
        return _values(self.panel.y, share)

    def pixels(self, points: Floats) -> Floats:
        """float64[n, 2] pixels of the page; may be far outside or not finite."""
        box = self.box
        across, up = self.panel.x.fraction(points[:, 0]), self.panel.y.fraction(points[:, 1])
        return np.column_stack([box.x0 + across * box.width, box.y1 - up * box.height])

    def track(self, points: Floats) -> Floats:
        """As pixels(), but every point can be drawn.

        What is not finite falls below (a logarithm of 0), rises above, or stays where it was; what is farther than FAR
        panels is brought back along the way it left, so that its direction is kept.
        """
        box = self.box
        share = np.column_stack([self.panel.x.fraction(points[:, 0]), self.panel.y.fraction(points[:, 1])])
        last = np.array([0.5, 0.5])
        for k in range(len(share)):
            point = share[k]
            if not np.all(np.isfinite(point)) or np.max(np.abs(point)) > FAR:
                point = np.where(np.isnan(point), last, point)
                point = np.where(np.isinf(point), last + np.sign(point) * 2.0, point)
                reach = np.max(np.abs(point - last))
                if np.max(np.abs(point)) > FAR and reach > 0:
                    limit = np.where(point > last, FAR - last, last + FAR) / np.maximum(np.abs(point - last), 1e-300)
                    point = last + (point - last) * min(1.0, float(np.min(limit)))
                share[k] = np.clip(point, -FAR, FAR)
            last = share[k]
        return np.column_stack([box.x0 + share[:, 0] * box.width, box.y1 - share[:, 1] * box.height])
