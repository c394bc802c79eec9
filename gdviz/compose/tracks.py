"""What every optimizer and start leaves behind in a panel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.fairness import counted
from gdviz.lang import Texts
from gdviz.scene import Track
from gdviz.simulation import LOST, Trajectories

NOTES = 4
"""Most notes on a panel; more would cover what they speak of, and the ledger then says when a run was lost."""

VALUES = {
    "diverged": ("diverged_value", "diverged_value_at"),
    "undefined": ("undefined_value", "undefined_value_at"),
}
"""What the ledger says in place of a loss: where the step stands beside the path, and where it does not."""


def noted(run: Trajectories) -> bool:
    """Whether every run that diverged or became undefined is told so beside its path: only where these are few."""
    return int(np.isin(run.status, LOST).sum()) <= NOTES


def tracks_of(run: Trajectories, words: Texts, points: NDArray[np.float64], notes: bool = True) -> tuple[Track, ...]:
    """One track per optimizer and start, start by start within each; `points` is float64[optimizer, start, record, 2].

    Points that are not a number at first stand where the first number is; without any number there is no track.
    """
    result = []
    for i in range(points.shape[0]):
        for s in range(points.shape[1]):
            known = np.flatnonzero(~np.isnan(points[i, s]).any(axis=1))
            if not len(known):
                continue
            way = points[i, s].copy()
            way[: known[0]] = way[known[0]]
            status, step = str(run.status[i, s]), int(run.stopped_at[i, s])
            stop = None if status == "unfinished" else int(np.searchsorted(run.t, step))
            note = counted(run.recipe, status, words, k=step) if notes and status in LOST and noted(run) else ""
            result.append(Track(i, way, status, stop, note, start=s))
    return tuple(result)
