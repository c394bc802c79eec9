"""Where small texts on a field go: beside what they name, inside the panel, off each other and off the paths."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.shapes import Box

Floats = NDArray[np.float64]
Rect = tuple[float, float, float, float]  # x0, y0, x1, y1


def _overlap(a: Rect, b: Rect) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


@dataclass
class Ground:
    """A panel while its labels are being placed."""

    box: Box
    paths: Floats  # float64[n, 2], pixels: every iterate inside the panel
    taken: list[Rect] = field(default_factory=list)

    def place(self, x: float, y: float, wide: float, high: float, clear: float) -> tuple[float, float]:
        """Left end and baseline of a text `wide` × `high` pixels beside the point (x, y), `clear` pixels off it.

        The cheapest of sixteen places around the point, near ones first; what lies over another label costs most,
        then what lies over paths. The place is then pushed inside the panel and kept free for it.
        """
        box, pad = self.box, 0.35 * high
        best: tuple[float, Rect] | None = None
        for ring, distance in enumerate((clear, clear + 1.6 * high, clear + 3.2 * high, clear + 5.0 * high)):
            for number, (across, down) in enumerate(
                ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))
            ):
                slant = 0.72 if across and down else 1.0
                left = x + across * slant * distance - (wide / 2 if not across else wide if across < 0 else 0.0)
                top = y + down * slant * distance - (high / 2 if not down else high if down < 0 else 0.0)
                left = min(max(left, box.x0 + pad), max(box.x1 - pad - wide, box.x0))
                top = min(max(top, box.y0 + pad), max(box.y1 - pad - high, box.y0))
                rect = (left - pad, top - pad, left + wide + pad, top + high + pad)
                cost = 3.0 * ring + 0.2 * number
                cost += 300.0 * sum(_overlap(rect, other) for other in self.taken) / (wide * high)
                if rect[0] < x < rect[2] and rect[1] < y < rect[3]:
                    cost += 100.0
                if len(self.paths):
                    px, py = self.paths[:, 0], self.paths[:, 1]
                    hit = (px > rect[0]) & (px < rect[2]) & (py > rect[1]) & (py < rect[3])
                    cost += min(2.0 * np.count_nonzero(hit), 40.0)
                if best is None or cost < best[0]:
                    best = (cost, rect)
        assert best is not None
        rect = best[1]
        self.taken.append(rect)
        # text boxes are measured from capital to descender: the baseline lies a quarter above the lower edge
        return rect[0] + pad, round(rect[3] - pad - 0.24 * high)


def samples(points: Floats, box: Box, step: float) -> Floats:
    """float64[n, 2]: points along a polyline at most `step` pixels apart, those inside a box."""
    parts = []
    for k in range(len(points) - 1):
        a, b = points[k], points[k + 1]
        length = float(np.hypot(*(b - a)))
        if length == 0.0:
            continue
        count = int(min(max(length / step, 1), 400))
        parts.append(a + (b - a) * (np.arange(count)[:, None] / count))
    every = np.concatenate([*parts, points[-1:]]) if parts else points[-1:]
    inside = (every[:, 0] >= box.x0) & (every[:, 0] <= box.x1) & (every[:, 1] >= box.y0) & (every[:, 1] <= box.y1)
    return np.asarray(every[inside])
