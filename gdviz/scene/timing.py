"""Which record of the simulation each frame shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

HOLDS = (0.5, 1.5)
"""Seconds for which a film stands at its start and at its end unless told otherwise."""

SHARES = (0.05, 0.15)
"""The most of a film that each of them may take then: a short clip still shows something."""


WHOLE = 0.999
"""How far into a record all has come that comes with it: at moment k + WHOLE record k looks as in a still."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Frames of a clip; frame i shows record `record[i]`, and all that is drawn and said in it is of that record.

    stops: records at which whoever shows it may want to stand still, rising, the first and the last among them.
    stands: records at which the film stands still while what comes with them comes one after another.
    """

    frames: int
    fps: Fraction
    record: NDArray[np.int64]  # int64[frame], rising
    stops: tuple[int, ...] = ()
    stands: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse records that do not belong to the frames, and moments between two of them."""
        if self.record.shape != (self.frames,) or not self.frames:
            raise ValueError(f"a timeline of {self.frames} frames needs as many records, at least one")
        if self.record.dtype.kind != "i":
            raise ValueError(f"frames show whole records, not {self.record.dtype}")

    @cached_property
    def moment(self) -> NDArray[np.float64]:
        """How far each frame is, float64[frame]: its record, and how much has come of what comes with that, up to
        WHOLE."""
        moment = np.asarray(self.record + WHOLE, np.float64)
        for record in self.stands:
            first, last = np.searchsorted(self.record, [record, record + 1])
            moment[first:last] = record + np.linspace(0.0, WHOLE, last - first)
        return moment

    @property
    def parts(self) -> list[NDArray[np.float64]]:
        """Moments of the frames between each two stops, float64[frame]: the first shows the one, the last the other.

        One after another they are the film; the hold at the end is the last one's.
        """
        whole = np.array(self.stops) + WHOLE
        first = np.searchsorted(self.moment, whole).tolist()
        first[-1:] = [self.frames]
        return [
            np.sort(np.append(self.moment[i:j], np.setdiff1d(ends, self.moment[i:j])))
            for i, j, ends in zip(first, first[1:], pairwise(whole), strict=False)
        ]


def holds(seconds: float) -> tuple[float, float]:
    """Seconds for which a film of some length stands at its start and at its end unless told otherwise."""
    start, end = (min(hold, share * seconds) for hold, share in zip(HOLDS, SHARES, strict=True))
    return start, end


def timeline(
    records: int,
    fps: Fraction | int,
    seconds: float,
    hold: tuple[float, float] | None = None,
    pace: NDArray[np.float64] | None = None,
    stops: tuple[int, ...] = (),
    stands: Mapping[int, float] = MappingProxyType({}),
) -> Timeline:
    """Walk from record 0 to the last one, after a hold at the start and before one at the end.

    Nothing glides between two records: of a point on the way there is no loss to tell, and a head that runs ahead of
    its number says something false in every paused frame. records ≥ 1; the clip has round(seconds · fps) frames, at
    least one. hold: seconds at both ends, `holds(seconds)` where it is None. pace: float64[record] > 0, how long each
    record is shown compared with the others, apart from the holds; None = all alike, to a frame. A clip of a single
    frame shows the last record; a longer one begins with record 0. stands: seconds for which records are shown in
    addition; in a film that is too short for all of them they share three quarters of the time between the holds.
    """
    fps = Fraction(fps)
    frames = max(1, round(seconds * fps))
    start, end = (round(Fraction(part) * fps) for part in (holds(seconds) if hold is None else hold))
    start = min(start, frames - 1)
    moving = max(1, frames - start - end)
    wanted = [(record, seconds * float(fps)) for record, seconds in sorted(stands.items())]
    fit = min(1.0, 0.75 * moving / max(sum(stand for _, stand in wanted), 1.0))
    standing = [np.full(round(fit * stand), record) for record, stand in wanted]
    moving = max(1, moving - sum(map(len, standing)))
    ends = np.cumsum(np.ones(records) if pace is None else pace)
    # moments from the middle of the first frame to that of the last, all in the same distance
    step = 0.5 * ends[-1] / moving
    first, last = min(step, 0.5 * ends[0]), ends[-1] - min(step, 0.5 * (ends[-1] - ends[-2] if records > 1 else step))
    walked = np.searchsorted(ends, np.linspace(first, last, moving), side="right") if moving > 1 else [records - 1]
    parts = [np.zeros(start), np.minimum(walked, records - 1), *standing, np.full(frames, records - 1)]
    return Timeline(frames, fps, np.sort(np.concatenate(parts)).astype(np.int64)[:frames], stops, tuple(stands))
