"""What every job that runs optimizers is answered: losses and how each run ended, with a label for each optimizer."""

from __future__ import annotations

import dataclasses
import html
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST, Paths
from gdviz.backends.collectors import History
from gdviz.errors import remark
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import Plan
from gdviz.plans.settled import Settled
from gdviz.recipe.options.descent import Descent
from gdviz.registry import sources


@dataclasses.dataclass(frozen=True, eq=False)
class Descents(ABC):
    """How the loss of every run went, and how it ended, whatever was descended.

    f: dtype[optimizer, run, record], the loss, repeated after stopping, but NaN in every record of an undefined run
    whose step is stopped_at or later. t: int64[record], step numbers, with fair="evals" counts of evaluations.
    status: str[optimizer, run], "unfinished", "converged", "diverged" or "undefined" (see gdviz.backends.STATUSES).
    stopped_at: int64[optimizer, run], in units of t: where the run stopped, else the last. Records beyond it only
    repeat and are no part of the run; of a diverged run the record there is its last, of an undefined one it is the
    first without a value. left_at: int64[optimizer, run], where a run that went on first left the guard ("left the
    view"), -1 where none did. labels: one per optimizer. recipe: all that this depends on, with nothing left open.
    followed: for each optimizer the hyperparameters that follow more than step numbers; `hyperparameter` reads any.
    """

    f: NDArray[np.floating]
    t: NDArray[np.int64]
    status: NDArray[np.str_]
    stopped_at: NDArray[np.int64]
    left_at: NDArray[np.int64]
    labels: tuple[str, ...]
    recipe: Descent
    setting: Settled
    plans: tuple[Plan, ...]
    followed: tuple[Mapping[str, NDArray[np.floating]], ...]

    @property
    @abstractmethod
    def name(self) -> str:
        """What files of these runs are called unless told otherwise."""

    def steps_at(self, optimizer: int) -> NDArray[np.int64]:
        """The step at which an optimizer stands in every record, int64[record]."""
        return self.t

    def hyperparameter(self, name: str) -> NDArray[np.float64]:
        """What a hyperparameter was, float64[optimizer, run, record]: in the step that led to each record, and in the
        first step at record 0. NaN where an optimizer has none of this name."""
        values = np.full(self.f.shape, np.nan)
        for i, plan in enumerate(self.plans):
            if name in plan.optimizer.parameters:
                values[i] = np.reshape(np.asarray(plan.options[name], dtype=np.float64), (-1, 1))
            for table in (table for table in pacing.tables(plan) if table.parameter == name):
                values[i] = table.values[np.maximum(self.steps_at(i), 1) - 1][
                    :, slice(None) if table.cells is None else table.cells
                ].T
            if name in self.followed[i]:
                values[i] = self.followed[i][name]
        return values

    @property
    def by_evaluations(self) -> bool:
        """Whether t counts evaluations in place of steps."""
        return False

    def alike(self, i: int, j: int) -> bool:
        """Whether the runs of two optimizers are the same, bit for bit at every record."""
        ends = (self.status, self.stopped_at)
        return np.array_equal(self.f[i], self.f[j], equal_nan=True) and all((one[i] == one[j]).all() for one in ends)

    @property
    def gone(self) -> NDArray[np.bool_]:
        """bool[optimizer, run]: diverged, undefined, or outside the guard."""
        return np.asarray(np.isin(self.status, LOST) | (self.left_at >= 0))

    @property
    def medians(self) -> NDArray[np.float64]:
        """The median loss of all runs, float64[optimizer, record], the number by which pictures and the console tell
        an optimizer. A loss that is undefined counts as infinite; NaN where the median is then not a number."""
        losses = self.f.astype(np.float64)
        unknown = np.isnan(losses)
        with np.errstate(invalid="ignore"):
            middle = np.median(np.where(unknown, np.inf, losses), axis=1)
        return np.where(np.isinf(middle) & unknown.any(axis=1), np.nan, middle)

    def _repr_html_(self) -> str:
        cells = (
            (html.escape(label), ", ".join(self.status[i]), f"{self.f[i, :, -1].min():.6g}")
            for i, label in enumerate(self.labels)
        )
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
        return f"<table><tr><th>optimizer</th><th>status</th><th>best final loss</th></tr>{rows}</table>"


def tell_unmoved(plans: Sequence[Plan], runs: Sequence[Paths | History]) -> None:
    """Say of schedules that watch the loss why they left their hyperparameters as they were."""
    for plan, run in zip(plans, runs, strict=True):
        if run.followed is not None:
            for sentence in pacing.unmoved(plan, run.f, run.followed):
                remark(sentence)


def followed_of(plan: Plan, paths: Paths | History) -> dict[str, NDArray[np.floating]]:
    """Scheduled hyperparameters dtype[start, record] that the step numbers of the records alone do not tell."""
    found: dict[str, NDArray[np.floating]] = {}
    if isinstance(paths, Paths) and paths.stepped is not None:
        for table in pacing.tables(plan):
            cells = np.zeros(len(paths.stepped), np.int64) if table.cells is None else table.cells
            found[table.parameter] = table.values[np.maximum(paths.stepped, 1) - 1, cells[:, None]]
    names = [scheduled.parameter for scheduled in plan.schedules if scheduled.watcher is not None]
    return found if paths.followed is None else {**found, **dict(zip(names, paths.followed, strict=True))}


def stacked(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """np.stack without the copy for a single array, which may be most of the memory."""
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)


def labels(given: Sequence[str], plans: Sequence[Plan], besides: Sequence[Sequence[str]] = ()) -> list[str]:
    """What each optimizer is called: the label it was given or its title, and what differs where one stands twice.

    besides: what is told of each in addition, every part where it is not the same of all its twins.
    """
    names = [label or plan.optimizer.title for label, plan in zip(given, plans, strict=True)]
    result = []
    for i, name in enumerate(names):
        others = [j for j in range(len(names)) if names[j] == name and j != i]
        twins = [plans[j] for j in others]
        mine = plans[i]
        differing = [key for key in mine.options if any(twin.options.get(key) != mine.options[key] for twin in twins)]
        holds = sources.values_held(mine.optimizer.function)
        theirs = [sources.values_held(twin.optimizer.function) for twin in twins]
        closed = [
            key
            for key, value in holds.items()
            if isinstance(value, (int, float, str)) and key not in mine.options
            if any(held.get(key) != value for held in theirs)
        ]
        said = ", ".join(
            (
                *(f"{mine.optimizer.symbol(key)} = {short(holds[key])}" for key in closed),
                *(f"{mine.optimizer.symbol(key)} = {short(mine.options[key])}" for key in differing),
                *(
                    f"{mine.optimizer.symbol(s.parameter)}: {s.name}"
                    for s in mine.schedules
                    if any(s.name not in [other.name for other in twin.schedules] for twin in twins)
                ),
                *(part for part in (besides[i] if besides else ()) if any(part not in besides[j] for j in others)),
            )
        )
        result.append(f"{name} ({said})" if said else name)
    return [_numbered(label, i, result, plans) for i, label in enumerate(result)]


def _numbered(label: str, i: int, among: Sequence[str], plans: Sequence[Plan]) -> str:
    """The label, with a number where another rule, whose difference no word tells, is called the same."""
    same = [plans[j].optimizer.name for j, other in enumerate(among) if other == label]
    place = list(dict.fromkeys(same)).index(plans[i].optimizer.name)
    return f"{label} {place + 1}" if place else label


def short(value: Any) -> str:
    """A value as labels write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
