"""The compiled backend: tiles of trajectories on a pool of threads, bit for bit what the python backend answers."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from gdviz.backends import Paths, kernels, programs, tiles, tracking
from gdviz.backends.addresses import address
from gdviz.backends.cores import affinity
from gdviz.backends.ends import Lanes
from gdviz.backends.filling import Filling, side_by_side, watched
from gdviz.backends.records import Ends, Results, Runs, aligned
from gdviz.backends.texts import paces_of, program_of, step_of, transforms_of, width_of
from gdviz.backends.trackers import Tracker
from gdviz.backends.tracking import Following
from gdviz.emit.expression import EmissionError
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import FAR, Plan
from gdviz.registry.contract import shape_of, start_of

BLOCK = 2**24
"""Trajectory-steps handed to a thread at once, some 10 to 20 ms: so often progress is told. Every thread gets as many
blocks as any other, all but equally long, so that threads end together."""

Progress = Callable[[int, int], None]
"""Told how many trajectories are done, and of how many."""


def run(
    plan: Plan,
    threads: int | None = None,
    progress: Progress | None = None,
    lanes: int | None = None,
    states: Sequence[str] = (),
    trackers: Sequence[Tracker] = (),
) -> Paths:
    """All trajectories of a plan, followed by trackers; neither `threads` nor `lanes` changes a bit of them.

    `states` of a vector rule are kept as well. Raises EmissionError where rule or objective cannot become a kernel.
    """
    tiny = float(np.finfo(plan.dtype).tiny)
    plan = plan.by_coordinate()
    plan = replace(plan, options=plan.optimizer.stabilized(plan.options, tiny))
    vector = plan.optimizer.rule == "vector"
    with kernels.MAKING:
        runs = Tiles(plan, lanes, states, trackers) if vector else Programs(plan, trackers)
    return runs.run(threads or affinity(), progress)


def check(plan: Plan) -> None:
    """Raise EmissionError where a plan cannot be compiled."""
    plan = plan.part(0, 1).by_coordinate()
    if plan.optimizer.rule == "vector":
        step_of(plan)
        paces_of(plan, transforms_of(plan))
        plan.objective.tile_text(width_of(plan))
    else:
        _program_kernel(plan)  # whether arrays and numbers fit together only the compiler knows
        plan.objective.point_text()


class _Runs(ABC):
    """One plan, compiled, and the arrays its trajectories go to; `width` of them are one piece of work."""

    width = 1

    def __init__(self, plan: Plan, following: Following, kept: int = 0) -> None:
        """`kept`: rows of states to keep."""
        self.plan, self.following = plan, following
        self.dtype = dtype = np.dtype(plan.dtype)
        count, dim = plan.start.shape
        records = len(plan.records)
        followed = sum(scheduled.watcher is not None for scheduled in plan.schedules)
        box = np.concatenate([plan.centre, plan.reach, FAR * plan.reach]).astype(dtype)
        self.ends = Ends(plan.guarded, *plan.asks, box, dtype.type(plan.tol))
        self.runs = Runs(
            np.ascontiguousarray(plan.start, dtype),
            np.ascontiguousarray(plan.objective.numbers(dtype)),
            plan.steps,
            plan.records,
            plan.seed,
            np.ascontiguousarray(plan.runs),
            np.zeros(1, np.int8),
            watched(plan),
        )
        self.results = Results(
            np.empty((count, records, dim), dtype),
            np.empty((count, records), dtype),
            np.empty(count, np.int8),
            np.empty(count, np.int64),
            np.full(count, -1, np.int64),
            np.empty((followed, count, records), dtype),
            np.empty((kept, count, records), dtype),
        )

    @abstractmethod
    def descend(self, first: int, last: int) -> tuple[int, int]:
        """Run some pieces on this thread."""

    @abstractmethod
    def evals(self) -> NDArray[np.int64]:
        """Evaluations spent, int64[run, record]."""

    def states(self) -> dict[str, NDArray[np.floating]]:
        """The states that are kept, see `Paths`."""
        return {}

    def run(self, threads: int, progress: Progress | None = None) -> Paths:
        """Run every piece; an interrupt ends all threads within one step."""
        count = -(-len(self.plan.start) // self.width)
        threads = max(1, min(threads, count))
        rounds = -(-count * self.width * self.plan.steps // (BLOCK * threads))
        pieces = min(count, threads * max(1, rounds))
        edges = [i * count // pieces for i in range(pieces + 1)] if pieces else []
        self._share(list(itertools.pairwise(edges)), threads, progress)
        x, f, status, stopped, left, followed, _ = self.results
        seen = followed if len(followed) else None
        ends = (status, stopped, left)
        return Paths(x, f, *ends, self.evals(), seen, states=self.states(), tracked=self.following.answers(x))

    def _share(self, blocks: list[tuple[int, int]], threads: int, progress: Progress | None) -> None:
        done, runs = 0, len(self.plan.start)
        with ThreadPoolExecutor(threads) as pool:
            queue = iter(blocks)
            try:
                pending = {pool.submit(self.descend, *block) for block in itertools.islice(queue, 2 * threads)}
                while pending:
                    # Short waits: only between them does Python see that it was interrupted.
                    finished, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in finished:
                        first, last = future.result()
                        done += min(last * self.width, runs) - first * self.width
                        if (block := next(queue, None)) is not None:
                            pending.add(pool.submit(self.descend, *block))
                    if finished and progress is not None:
                        progress(done, runs)
            except BaseException:
                self.runs.cancel[0] = 1
                raise


class Tiles(_Runs):
    """Trajectories of a vector rule, `lanes` side by side."""

    def __init__(self, plan: Plan, lanes: int | None, states: Sequence[str], trackers: Sequence[Tracker]) -> None:
        following = Following(plan, trackers)
        self.filling = filling = Filling(plan, states, following)
        super().__init__(plan, following, len(filling.rows.kept))
        self.width = lanes = lanes or width_of(plan)
        step, change, paces = filling.step, filling.change, filling.paces
        slope = "both" if step.asks_value or paces is not None or following.sees else "gradient"
        objective = kernels.objective_kernels(plan.objective, plan.dtype, lanes, ("value", slope))
        rule = kernels.step_kernels(plan.optimizer.name, step, plan.dtype, lanes)
        looks, shows = "look" in rule, "show" in rule
        moves = (rule["look" if looks else "step"], rule["step"], rule["show" if shows else "step"])
        around = (tiles.idle(plan.dtype), rule["step"])
        if change is not None:
            around = kernels.transform_kernels(change.body, plan.dtype, lanes)
        pace = rule["step"] if paces is None else kernels.pace_kernel(paces.body, plan.dtype, lanes)
        self.functions = (objective["value"], objective[slope], *moves, *around, pace)
        has = (looks, shows, change is not None, paces is not None)
        self.told = (
            tiles.Rule._make([*map(address, self.functions), *has, address(following.note)]),
            filling.rows,
            *(self.ends, filling.paced, filling.follow, self.runs, self.results),
        )
        self.driver = tiles.driver(*self.told, self.scratch())

    def scratch(self) -> tiles.Scratch:
        """What a thread needs for itself."""
        width, dtype = self.width, self.dtype
        tracked = self.following.rows(width, self.filling.rows.shown)
        left, away, begun, norms = (aligned(width, np.dtype(kind)) for kind in (np.int64, np.int8, dtype, dtype))
        return tiles.Scratch(
            tracked.W,
            self.filling.uniform.copy(),
            np.ones(self.filling.step.products, dtype),
            np.ones(self.filling.products, dtype),
            Lanes(tracked.alive, tracked.status, tracked.stopped, left, away, begun, norms),
            np.empty(2 + width, np.int64),
            np.empty((len(self.results.followed), width), dtype),
            tracked.N,
            tracked.told,
        )

    def evals(self) -> NDArray[np.int64]:
        """Every step is a value and a gradient at one point."""
        stopped = self.results.stopped[:, None]
        return np.minimum(self.plan.records[None, :], stopped) * self.plan.objective.price

    def states(self) -> dict[str, NDArray[np.floating]]:
        """Of the rows that were kept, dtype[row, run, record]."""
        found, first = {}, 0
        for name, size in self.filling.kept.items():
            rows = self.results.states[first : first + size]
            found[name] = rows[0] if name in self.plan.optimizer.scalars else np.moveaxis(rows, 0, -1)
            first += size
        return found

    def descend(self, first: int, last: int) -> tuple[int, int]:
        """Run some tiles on this thread."""
        self.driver(*self.told, self.scratch(), self.width, first, last)
        return first, last


class Programs(_Runs):
    """Trajectories of a program rule, one by one."""

    def __init__(self, plan: Plan, trackers: Sequence[Tracker]) -> None:
        super().__init__(plan, Following(plan, trackers))
        runs, dim = plan.start.shape
        optimizer, dtype = plan.optimizer, self.dtype
        signatures = programs.signatures(plan.dtype)
        source = kernels.source(plan.objective.origin, plan.dtype, 1, plan.objective.point_text())
        names = ("value_of", "both_of", "hessian_of")
        points = [kernels.compiled(source, (name,), signatures[name])[name] for name in names]
        given = [np.broadcast_to(plan.options[name], runs) for name in optimizer.parameters]
        h = np.ascontiguousarray(np.array(given, dtype).reshape(len(given), runs).T)
        largest = {name: np.max(plan.options[name]) for name in optimizer.parameters}
        widest = max((math.prod(shape_of(optimizer, name, dim, largest)) for name in optimizer.state), default=dim)
        initial = np.zeros((runs, len(optimizer.state), widest), dtype)
        for i, state in enumerate(optimizer.state):
            if state in optimizer.anchored:
                initial[:, i] = self.runs.start
            else:
                initial[:, i] = np.broadcast_to(start_of(optimizer, state, plan.options), runs)[:, None]
        tables = pacing.tables(plan)
        values, cells = side_by_side(plan, tables)
        places = np.array([list(optimizer.parameters).index(table.parameter) for table in tables], np.int64)
        self.spent = np.empty((runs, len(plan.records)), np.int64)
        self.told = (
            programs.Rule(
                *(points[0], points[1], points[2], _program_kernel(plan)),
                *(plan.objective.batched, self.following.note),
            ),
            programs.Options(h, initial, values, places, cells),
            *(self.ends, self.following.join({}, 2 * dim + 1), self.runs, self.results, self.spent),
        )
        self.driver = programs.driver(plan.dtype, *self.told, self.scratch())

    def scratch(self) -> tracking.Rows:
        """What a thread needs for itself: a tile of one lane that trackers see."""
        return self.following.rows(1, 0)

    def evals(self) -> NDArray[np.int64]:
        """As counted."""
        return self.spent

    def descend(self, first: int, last: int) -> tuple[int, int]:
        """Run some trajectories on this thread."""
        self.driver(*self.told, self.scratch(), first, last)
        return first, last


def _program_kernel(plan: Plan) -> Any:
    """Compiled `program` of a plan's rule."""
    source = kernels.source(f"optimizer {plan.optimizer.name}", plan.dtype, 1, program_of(plan))
    try:
        return kernels.compiled(source, ("program",), programs.signatures(plan.dtype)["program"])["program"]
    except NumbaError as error:
        reason = str(error).strip().splitlines()[-1]
        raise EmissionError(f"{plan.optimizer.name} cannot be compiled ({reason}); use --backend python") from None
