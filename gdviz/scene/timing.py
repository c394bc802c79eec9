"""Which record of the simulation each frame shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Timeline:
    """Frames of a clip; frame i shows record `record[i]`, and all that is drawn and said in it is of that record."""

    frames: int
    fps: Fraction
    record: NDArray[np.int64]  # int64[frame]

    def __post_init__(self) -> None:
        """Refuse records that do not belong to the frames, and moments between two of them."""
        if self.record.shape != (self.frames,) or not self.frames:
            raise ValueError(f"a timeline of {self.frames} frames needs as many records, at least one")
        if self.record.dtype.kind != "i":
            raise ValueError(f"frames show whole records, not {self.record.dtype}")


def timeline(records: int, fps: Fraction | int, seconds: float) -> Timeline:
    """Walk from record 0 to the last one, then hold the end.

    Every record takes the same time, to a frame. Nothing glides between two of them: of a point on the way there is no
    loss to tell, and a head that runs ahead of its number says something false in every paused frame. The hold is 1 s
    or 15 % of the clip, the lesser. records ≥ 1; the clip has round(seconds · fps) frames, at least one. A clip of a
    single frame shows the last record.
    """
    fps = Fraction(fps)
    frames = max(1, round(seconds * fps))
    hold = round(min(Fraction(1), Fraction(seconds) * 15 / 100) * fps)
    moving = max(1, frames - hold)
    record = np.full(frames, records - 1, np.int64)
    if moving > 1:
        record[:moving] = np.arange(moving, dtype=np.int64) * (records - 1) // (moving - 1)
    return Timeline(frames, fps, record)
