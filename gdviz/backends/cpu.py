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
from gdviz.backends.records import Ends, Results, Runs, aligned
from gdviz.backends.texts import paces_of, program_of, step_of, transforms_of, width_of
from gdviz.backends.trackers import Tracker
from gdviz.backends.tracking import Following
from gdviz.emit.expression import EmissionError
from gdviz.emit.transform import TransformText
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import FAR, Plan
from gdviz.plans.tables import Table
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
        plan.objective.tile_text()
    else:
        _program_kernel(plan)  # whether arrays and numbers fit together only the compiler knows
        plan.objective.point_text()


class _Runs(ABC):
    """One plan, compiled, and the arrays its trajectories go to; `width` of them are one piece of work."""

    width = 1

    def __init__(self, plan: Plan, trackers: Sequence[Tracker], kept: int = 0) -> None:
        """`kept`: rows of states to keep."""
        self.plan = plan
        self.following = Following(plan, trackers)
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
            self._watched(),
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

    def _watched(self) -> NDArray[np.floating]:
        follows = any(scheduled.watcher is not None for scheduled in self.plan.schedules)
        watching = self.plan.objective.watching if follows else None
        return np.empty(0, self.dtype) if watching is None else np.ascontiguousarray(watching.numbers(self.dtype))

    def spread(self, tables: Sequence[Table]) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
        """Tables side by side, dtype[steps, cell], and the cell of each run in each of them, int64[table, run]."""
        runs, first = len(self.plan.start), 0
        cells = np.zeros((len(tables), runs), np.int64)
        for i, table in enumerate(tables):
            cells[i] = first + (np.zeros(runs, np.int64) if table.cells is None else table.cells)
            first += table.values.shape[1]
        columns = [np.empty((self.plan.steps if tables else 0, 0)), *(table.values for table in tables)]
        return np.ascontiguousarray(np.concatenate(columns, axis=1), self.dtype), cells

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
        dim = plan.start.shape[1]
        self.kept = {name: 1 if name in plan.optimizer.scalars else dim for name in states}
        super().__init__(plan, trackers, sum(self.kept.values()))
        self.width = lanes = lanes or width_of(plan)
        self.step = step = step_of(plan, self.following.followed)
        follows = any(scheduled.watcher is not None for scheduled in plan.schedules)
        slope = "both" if step.asks_value or follows or self.following.sees else "gradient"
        objective = kernels.objective_kernels(plan.objective, plan.dtype, lanes, ("value", slope))
        rule = kernels.step_kernels(plan.optimizer.name, step, plan.dtype, lanes)
        looks, shows = "look" in rule, "show" in rule
        moves = (rule["look" if looks else "step"], rule["step"], rule["show" if shows else "step"])
        dtype = self.dtype
        self.uniform = np.array([plan.options[name] for name in step.uniform], dtype)
        self.varied = self._rows(step.swept)
        anchored = plan.optimizer.anchored
        if anchored:
            varied = self.varied.reshape(-1, len(plan.start))
            self.varied = np.ascontiguousarray(np.concatenate([varied, self.runs.start.T]))
        layout = step.layout
        self.initial = np.zeros(layout.count, dtype)
        self.initial[list(step.product_rows)] = 1
        sizes = [dim if name in step.each else 1 for name in step.swept]
        self.firsts = dict(zip(step.swept, itertools.accumulate(sizes, initial=0), strict=False))
        copies = [
            (layout[name] + d, self.firsts[name] + d)
            for name, size in zip(step.swept, sizes, strict=True)
            for d in range(size)
        ]
        for state in plan.optimizer.state:
            rows = range(layout[state], layout[state] + (1 if state in plan.optimizer.scalars else dim))
            source = plan.optimizer.init.get(state)
            if state in anchored:
                copies += [(row, sum(sizes) + d) for d, row in enumerate(rows)]
            elif source in step.swept:
                copies += [(row, self.firsts[source] + d * (source in step.each)) for d, row in enumerate(rows)]
            else:
                self.initial[rows.start : rows.stop] = start_of(plan.optimizer, state, plan.options)
        change = transforms_of(plan)
        self.tile_rows = layout.count if change is None else change.count
        self.products = 0 if change is None else change.products
        around = (tiles.idle(plan.dtype), rule["step"])
        if change is not None:
            around = kernels.transform_kernels(change.body, plan.dtype, lanes)
            given = [plan.transforms[place][1][name] for place, name in change.uniform]
            self.uniform = np.concatenate([self.uniform, np.array(given, dtype)])
        pace, paced = self._follow(change, copies)
        note = self.following.note
        self.functions = (objective["value"], objective[slope], *moves, *around, pace or rule["step"])
        shown = layout.rows.get("@shown", layout["x"])
        before, x0 = (layout.rows.get(name, -1) for name in ("@before", "x0"))
        if before < 0 and any(tracker.stops for tracker in trackers):
            before, self.tile_rows = self.tile_rows, self.tile_rows + dim
        filled = np.array(copies, np.int64).reshape(-1, 2)
        kept = np.array([layout[name] + d for name, size in self.kept.items() for d in range(size)], np.int64)
        self.told = (
            tiles.Rule._make(
                [*map(address, self.functions), *(looks, shows, change is not None, pace is not None), address(note)]
            ),
            tiles.Rows(layout["x"], before, x0, shown, self.initial, filled, self.varied, kept),
            *(self.ends, paced, self.following.join(layout.rows, self.tile_rows), self.runs, self.results),
        )
        self.driver = tiles.driver(*self.told, self.scratch())

    def _rows(self, names: Sequence[str]) -> NDArray[np.floating]:
        """Hyperparameters as they are before the first step, dtype[row, run], those that differ between coordinates one
        row for each."""
        runs = len(self.plan.start) if names else 0
        given = [np.asarray(self.plan.options[name], self.dtype) for name in names]
        rows = [value.T if value.ndim == 2 else np.broadcast_to(value, (1, runs)) for value in given]
        return np.ascontiguousarray(np.concatenate([np.empty((0, runs), self.dtype), *rows]))

    def _follow(self, change: TransformText | None, copies: list[tuple[int, int]]) -> tuple[Any, tiles.Paced]:
        """Set up the hyperparameters that follow schedules, those of the loss by a kernel, or None; rows to be filled
        from `varied` are added to copies."""
        plan, step = self.plan, self.step
        tables = pacing.tables(plan)
        timed = [table for table in tables if table.parameter in step.uniform]
        spread = [table for table in tables if table.parameter in step.swept]
        values, cells = self.spread(spread)
        for i, table in enumerate(spread):
            if table.until:
                self.varied[self.firsts[table.parameter]] = values[0, cells[i]]
        watchers = [s for s in plan.schedules if s.watcher is not None]
        made = paces_of(plan, change, self.following.followed)
        pace = None if made is None else kernels.pace_kernel(made.body, plan.dtype, self.width)
        if made is not None:
            self.tile_rows = made.count
            self.initial = np.concatenate([self.initial, np.zeros(made.count - len(self.initial), self.dtype)])
            given: list[float] = []
            for s, base, state in zip(watchers, made.bases, made.states, strict=True):
                definition, options = s.parts[-1].definition, s.parts[-1].options
                given += [*(options[name] for name in definition.parameters), s.known]
                starts = [start_of(definition, name, options) for name in definition.state]
                self.initial[state : state + len(starts)] = starts
                copies.append((base, len(self.varied)))
                self.varied = np.concatenate([self.varied, self._rows([s.parameter])])
            self.uniform = np.concatenate([self.uniform, np.array(given, self.dtype)])
        return pace, tiles.Paced(
            self.spread(timed)[0],
            np.array([step.uniform.index(table.parameter) for table in timed], np.int64),
            values,
            np.array([step.layout[table.parameter] for table in spread], np.int64),
            np.array([table.until for table in spread], np.int64),
            cells,
            np.array([step.layout[s.parameter] for s in watchers], np.int64),
        )

    def scratch(self) -> tiles.Scratch:
        """What a thread needs for itself."""
        width, dtype = self.width, self.dtype
        tracked = self.following.rows(width, self.told[1].shown)
        left, away, begun, norms = (aligned(width, np.dtype(kind)) for kind in (np.int64, np.int8, dtype, dtype))
        return tiles.Scratch(
            tracked.W,
            self.uniform.copy(),
            np.ones(self.step.products, dtype),
            np.ones(self.products, dtype),
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
        for name, size in self.kept.items():
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
        super().__init__(plan, trackers)
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
        values, cells = self.spread(tables)
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
