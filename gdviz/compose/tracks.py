"""What every optimizer and start leaves behind in a panel."""

from __future__ import annotations

from collections.abc import Sequence

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


def tracks_of(
    run: Trajectories,
    words: Texts,
    points: NDArray[np.float64],
    owners: Sequence[int] | None = None,
    notes: bool = True,
) -> tuple[Track, ...]:
    """One track per optimizer and start, start by start within each; `points` is float64[optimizer, start, record, 2].

    owners: optimizers that have what is drawn, None for all. A track repeats its last point from where its run stopped.
    """
    result = []
    for i in range(points.shape[0]) if owners is None else owners:
        for s in range(points.shape[1]):
            way, status, step = points[i, s].copy(), str(run.status[i, s]), int(run.stopped_at[i, s])
            stop = int(np.searchsorted(run.t, step)) if status != "unfinished" or step < run.t[-1] else None
            if stop is not None:
                way[stop:] = way[stop]
            note = counted(run.recipe, status, words, k=step) if notes and status in LOST and noted(run) else ""
            result.append(Track(i, way, status, stop, note, start=s))
    return tuple(result)
