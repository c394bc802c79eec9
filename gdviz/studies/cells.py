"""Cells of a study as runs: which plans they make, and how their runs end.

The runs of a cell are numbered from 0, and all cells and optimizers have runs of the same numbers: these have the same
starts, initial weights, noise and batches, so that cells differ in nothing but what is varied.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import Paths
from gdviz.backends.collectors import History, Losses, Tracked, collect
from gdviz.backends.table import BACKENDS, Backend
from gdviz.backends.trackers import Tracker
from gdviz.errors import UsageError
from gdviz.plans.plan import Plan
from gdviz.recipe.options.descent import Descent
from gdviz.runs.trained import Trained
from gdviz.runs.trajectories import Trajectories
from gdviz.runs.tuning import Racer
from gdviz.studies.grounds import Ground
from gdviz.studies.sides import Side

Floats = NDArray[np.float64]

BLOCK = 2**19
"""Coordinates of the starts of a plan, 4 MB, and numbers of its schedules, by the depth of the backend; some times as
much becomes of them."""

HELD = 64
"""Settled recipes that are kept for the cells to come."""


class Block(NamedTuple):
    """Some runs of some cells: settled, what their recipe is settled to; cells, int64[cell], which of those that were
    asked for; plan, whose lanes are their runs from `first` on, cell by cell and in each run by run."""

    settled: Any
    cells: NDArray[np.int64]
    first: int
    plan: Plan


class Ends(NamedTuple):
    """How all runs of some cells went: cells, int64[cell]; begun, final: dtype[cell, run], the loss at both ends, NaN
    where it is undefined; status: int8[cell, run], stopped: int64[cell, run], as in gdviz.backends.Paths; tracked: what
    trackers answered, by name, [cell, run] each."""

    cells: NDArray[np.int64]
    begun: NDArray[np.floating]
    final: NDArray[np.floating]
    status: NDArray[np.int8]
    stopped: NDArray[np.int64]
    tracked: Mapping[str, NDArray[Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class Cells:
    """What is varied along the sides of a study's cells, on a ground, with so many runs of each cell."""

    ground: Ground
    sides: tuple[Side, ...]
    runs: int = 1
    _held: OrderedDict[tuple[float, ...], Any] = dataclasses.field(default_factory=OrderedDict)
    _lock: Lock = dataclasses.field(default_factory=Lock)

    def check(self) -> int:
        """The most steps of a run. Raises UsageError where a value of a side does not fit, before any work.

        Each is tried beside the first of all others, of hyperparameters the least and the largest.
        """
        usual, steps = np.array([side.axis.values[0] for side in self.sides]), 0
        for number, side in enumerate(self.sides):
            values = side.axis.values
            for value in values.tolist() if side.splits else [values.min(), values.max()]:
                at = usual.copy()
                at[number] = value
                settled = self.ground.settled(self.recipe(at))
                for optimizer in range(len(self.ground.racers)):
                    racer = self.racer(optimizer, at)
                    steps = max(steps, self.ground.plan(settled, optimizer, np.zeros(1, np.int64), racer).steps)
        return steps

    def recipe(self, at: Floats) -> Descent:
        """The recipe of a race or a training of a cell at float64[axis], but for the options of its optimizers."""
        recipe = self.ground.recipe
        for side, value in zip(self.sides, at.tolist(), strict=True):
            recipe = side.recipe_at(recipe, value)
        return recipe

    def racer(self, optimizer: int, at: Floats) -> Racer:
        """An optimizer with the options of a cell at float64[axis]."""
        racer = self.ground.racers[optimizer]
        for side, value in zip(self.sides, at.tolist(), strict=True):
            racer = side.racer_at(racer, value)
        return racer

    def again(self, optimizer: int, at: Floats, run: int | None = None) -> Trajectories | Trained:
        """The runs of a cell at float64[axis], or one of them, as a race or a training of its own, bit for bit. Raises
        UsageError for one that there is not."""
        if run is not None and not 0 <= run < self.runs:
            raise UsageError(f"a cell has {self.runs} run{'s' * (self.runs != 1)}, counted from 0, and no run={run}")
        runs = np.arange(self.runs) if run is None else np.array([run])
        return self.ground.again(self.recipe(at), optimizer, runs, self.racer(optimizer, at))

    @property
    def backend(self) -> Backend:
        """Whose runs they are."""
        return BACKENDS[self.ground.recipe.backend]

    def blocks(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, room: int | None = None
    ) -> Iterator[Block]:
        """The plans of cells at float64[axis, cell], no two of which need to stand in memory at once.

        ulps: by how many units in the last place every coordinate of every start is moved; dtype: another than the
        recipe's; room: about how many coordinates the starts of a plan have, None for BLOCK. What becomes of a run
        depends on neither its block nor the cells beside it. A cell of more runs than there is room for has blocks that
        follow each other.
        """
        room = room or BLOCK * self.backend.depth
        split = [number for number, side in enumerate(self.sides) if side.splits]
        keys, group = np.unique(at[split], axis=1, return_inverse=True)
        for number in range(keys.shape[1]):
            cells = np.flatnonzero(group.ravel() == number)
            settled, racer = self._settled(optimizer, keys[:, number], split)
            runs = min(self.runs, max(1, room // settled.objective.dim))
            base = self.ground.plan(settled, optimizer, np.arange(runs), racer)
            size = max(1, room // (runs * settled.objective.dim))
            size = min(size, max(1, room // settled.steps)) if base.schedules else size
            for first in range(0, len(cells), size):
                some = cells[first : first + size]
                for begin in range(0, self.runs, runs):
                    if (begin, self.runs) != (0, runs):
                        numbers = np.arange(begin, min(begin + runs, self.runs))
                        base = self.ground.plan(settled, optimizer, numbers, racer)
                    yield Block(settled, some, begin, moved(self._spread(base, at[:, some]), ulps, dtype))

    def ends(
        self,
        optimizer: int,
        at: Floats,
        trackers: Callable[[Block], Sequence[Tracker]],
        *,
        ulps: int = 0,
        dtype: str | None = None,
        threads: int = 1,
    ) -> Iterator[Ends]:
        """How the runs of cells at float64[axis, cell] go, some cells after the other; the rest is as in `blocks`.

        trackers: what follows the runs of a block.
        """
        row = self.backend

        def run(plan: Plan, states: Sequence[str], trackers: Sequence[Tracker] = ()) -> Paths:
            return row.run(plan, threads, None, states, trackers)

        blocks = self.blocks(optimizer, at, ulps=ulps, dtype=dtype)
        for _, group in itertools.groupby(blocks, key=lambda block: id(block.cells)):
            found: list[tuple[Block, History, Mapping[str, NDArray[Any]]]] = []
            for block in group:
                kept = collect(block.plan, run, [Losses(), Tracked(trackers(block))])
                found.append((block, *kept))
            cells = found[0][0].cells
            yield Ends(
                cells,
                _by_cell([history.f[:, 0] for _, history, _ in found], cells),
                _by_cell([history.f[:, -1] for _, history, _ in found], cells),
                _by_cell([history.status for _, history, _ in found], cells),
                _by_cell([history.stopped_at for _, history, _ in found], cells),
                {name: _by_cell([tracked[name] for *_, tracked in found], cells) for name in found[0][2]},
            )

    def _settled(self, optimizer: int, key: Floats, split: Sequence[int]) -> tuple[Any, Racer]:
        """What the cells at these values of the sides that split are settled to, and the optimizer there."""
        recipe, racer = self.ground.recipe, self.ground.racers[optimizer]
        for number, value in zip(split, key.tolist(), strict=True):
            racer = self.sides[number].racer_at(racer, value)
        told = tuple(key.tolist())
        with self._lock:
            if told not in self._held:
                for number, value in zip(split, told, strict=True):
                    recipe = self.sides[number].recipe_at(recipe, value)
                self._held[told] = self.ground.settled(recipe)
                if len(self._held) > HELD:
                    self._held.popitem(last=False)
            return self._held[told], racer

    def _spread(self, plan: Plan, at: Floats) -> Plan:
        """A plan of runs with lanes for cells at float64[axis, cell], which differ in nothing that splits."""
        runs, cells = len(plan.start), at.shape[1]
        start, numbers = np.tile(plan.start, (cells, 1)), np.tile(plan.runs, cells)
        plan = dataclasses.replace(plan, start=start, runs=numbers)
        for side, values in zip(self.sides, at, strict=True):
            plan = plan if side.splits else side.spread(plan, np.repeat(values, runs))
        return plan


def moved(plan: Plan, ulps: int, dtype: str | None) -> Plan:
    """The plan in another dtype, from starts that are moved."""
    plan = plan if dtype is None else dataclasses.replace(plan, dtype=dtype)
    if not ulps:
        return plan
    start = plan.start.astype(plan.dtype)
    for _ in range(ulps):
        start = np.nextafter(start, start.dtype.type(np.inf))
    return dataclasses.replace(plan, start=start.astype(np.float64))


def _by_cell(parts: Sequence[NDArray[Any]], cells: NDArray[np.int64]) -> NDArray[Any]:
    """Runs of cells, [cell, run], of parts [lane] with some runs of all of them each."""
    return np.concatenate([part.reshape(len(cells), -1) for part in parts], axis=1)
