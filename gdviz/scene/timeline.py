"""Which moment of the simulation each frame shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Timeline:
    """Frames of a clip; `position[i]` is the fractional record index that frame i shows."""

    frames: int
    fps: Fraction
    position: NDArray[np.float64]  # float64[frame], records

    def __post_init__(self) -> None:
        """Refuse positions that do not belong to the frames."""
        if self.position.shape != (self.frames,) or not self.frames:
            raise ValueError(f"a timeline of {self.frames} frames needs as many positions, at least one")


STEPPED = 4
"""Frames for each record from which a clip goes from iterate to iterate instead of gliding past them."""

DWELL = 0.6
"""Share of a record's time that is spent on its iterate; the rest is the way to the next one."""


def timeline(records: int, fps: Fraction | int, seconds: float) -> Timeline:
    """Walk from record 0 to the last one, then hold the end.

    Every record takes the same time. With STEPPED frames or more for each, positions rest on the iterate and then move
    on with an ease, so that a paused clip shows an iterate more often than not; with fewer the walk is even. The hold
    is 1 s or 15 % of the clip, the lesser. records ≥ 1; the clip has round(seconds · fps) frames, at least one. A clip
    of a single frame shows the last record.
    """
    fps = Fraction(fps)
    frames = max(1, round(seconds * fps))
    hold = round(min(Fraction(1), Fraction(seconds) * 15 / 100) * fps)
    moving = max(1, frames - hold)
    position = np.full(frames, float(records - 1))
    if moving > 1:
        # whole numbers: a head must be at a record in the very frame in which counter and values turn to it
        record, rest = np.divmod(np.arange(moving, dtype=np.int64) * (records - 1), moving - 1)
        way = rest / (moving - 1)
        if moving - 1 >= STEPPED * (records - 1):
            way = np.maximum(way - DWELL, 0.0) / (1.0 - DWELL)
            way = way * way * (3.0 - 2.0 * way)
        position[:moving] = record + way
    return Timeline(frames, fps, position)
