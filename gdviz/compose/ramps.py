"""Colours of maps of numbers, from the worst value to the best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STEPS = 256
"""Colours of a ramp."""


def ramp(scale: Sequence[str], shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """uint8[…, 3] of shares float64[…], 0 the worst and 1 the best; scale: that of a theme's maps."""
    stops = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in scale], np.float64)
    at = np.clip(shares, 0.0, 1.0) * (len(stops) - 1)
    found = np.stack([np.interp(at, np.arange(len(stops)), part) for part in stops.T], axis=-1)
    return np.rint(found).astype(np.uint8)
