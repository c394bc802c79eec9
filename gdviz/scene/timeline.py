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


def timeline(records: int, fps: Fraction | int, seconds: float) -> Timeline:
    """Walk evenly from record 0 to the last one, then hold the end.

    The hold is 1 s or 15 % of the clip, the lesser. records ≥ 1; the clip has round(seconds · fps) frames, at least
    one. A clip of a single frame shows the last record.
    """
    fps = Fraction(fps)
    frames = max(1, round(seconds * fps))
    hold = round(min(Fraction(1), Fraction(seconds) * 15 / 100) * fps)
    moving = max(1, frames - hold)
    position = np.full(frames, float(records - 1))
    if moving > 1:
        position[:moving] = np.linspace(0.0, records - 1.0, moving)
    return Timeline(frames, fps, position)
