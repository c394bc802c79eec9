"""What every optimizer and start leaves behind in a panel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.fairness import counted
from gdviz.lang import Texts
from gdviz.scene import Track
from gdviz.simulation import Trajectories

NOTES = 4
"""Most notes on a panel; more would cover what they speak of, and the ledger then says when a run diverged."""


def noted(run: Trajectories) -> bool:
    """Whether every run that diverged is told so beside its path: only where these notes are few."""
    return int((run.status == "diverged").sum()) <= NOTES


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
            stop = None if status == "running" else int(np.searchsorted(run.t, step))
            note = (
                counted(run.recipe, "diverged", words, k=step) if notes and status == "diverged" and noted(run) else ""
            )
            result.append(Track(i, way, status, stop, note, start=s))
    return tuple(result)
