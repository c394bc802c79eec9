"""What every optimizer and start leaves behind in a panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST
from gdviz.compose.fairness import counted
from gdviz.compose.words import limits
from gdviz.lang import Texts
from gdviz.runs.descents import Descents
from gdviz.scene import Track

NOTES = 4
"""Most notes on a panel; more would cover what they speak of, and the ledger then says when a run was lost."""

ALIKE = 2
"""Most runs of which notes say that they left the guard: the words are the same, and the edge is often the same too."""

VALUES = {"diverged": "diverged_value", "undefined": "undefined_value"}
"""What the ledger says in place of a loss where the step stands beside the path."""


def noted(run: Descents) -> bool:
    """Whether of every run that was lost or left the guard it is told beside its path: only where these are few."""
    return int(run.gone.sum()) <= NOTES and int((run.left_at >= 0).sum()) <= ALIKE


def tracks_of(
    run: Descents,
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
            said = status if status in LOST else "left_guard" if run.left_at[i, s] >= 0 else ""
            since = step if status in LOST else int(run.left_at[i, s])
            note, first = "", None
            if said and notes and noted(run):
                # the guard, which it left at this step, lies far beyond the picture: that it left before
                note = (
                    words.text(said, limits=limits(run.plans[i], words))
                    if said == "left_guard"
                    else counted(run, said, words, k=since)
                )
                first = int(np.searchsorted(run.t, since))
            result.append(Track(i, way, status, stop, note, start=s, noted=first))
    return tuple(result)
