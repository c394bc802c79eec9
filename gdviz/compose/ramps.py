"""Colours of maps from the worst value to the best: light falls or rises evenly, so that grey print tells them too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

STEPS = 256
"""Colours of a ramp."""

RAMPS: Mapping[str, tuple[str, ...]] = {
    "light": ("#f3f0dc", "#cfe0b8", "#93c5a4", "#4f9f9c", "#23718a", "#123f68", "#0c1f40"),
    "dark": ("#1d2433", "#274058", "#2b6473", "#3d8b80", "#72b184", "#b9d28d", "#f6f0b4"),
    "print": ("#f2f2f2", "#d2d2d2", "#acacac", "#848484", "#5c5c5c", "#353535", "#141414"),
}
"""By theme, from the worst, which is near the page, to the best."""


def ramp(theme: str, shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """uint8[…, 3] of shares float64[…], 0 the worst and 1 the best."""
    stops = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in RAMPS[theme]], np.float64)
    at = np.clip(shares, 0.0, 1.0) * (len(stops) - 1)
    found = np.stack([np.interp(at, np.arange(len(stops)), part) for part in stops.T], axis=-1)
    return np.rint(found).astype(np.uint8)
