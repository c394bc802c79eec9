"""The compiled backend: tiles of trajectories on a pool of threads, bit for bit what the python backend answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import lru_cache
from typing import Any

import numpy as np

from gdviz import formula
from gdviz.backends import Paths, kernels, tiles
from gdviz.emit.expression import EmissionError
from gdviz.emit.objective import objective_text
from gdviz.emit.step import StepText, step_text
from gdviz.plan import Plan
from gdviz.registry import Definition, start_of

LANES = 128
"""Width of a tile: the rows of Adam on two coordinates, float64, fill 11 KiB of the nearest cache."""

BLOCK = 2**22
"""Trajectory-steps handed to a thread at once: some milliseconds, so that threads end together."""

Progress = Callable[[int, int], None]
"""Told how many trajectories are done, and of how many."""


def affinity() -> int:
    """Number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def run(plan: Plan, threads: int | None = None, progress: Progress | None = None, lanes: int = LANES) -> Paths:
    """All trajectories of a plan; neither `threads` nor `lanes` changes a bit of them.

    Raises EmissionError where the rule or the landscape cannot become a kernel.
    """
    return Tiles(plan, lanes).run(threads or affinity(), progress)


def check(plan: Plan) -> None:
    """Raise EmissionError where a plan cannot be compiled; nothing is compiled yet."""
    if plan.optimizer.rule != "vector":
        raise EmissionError(f"{plan.optimizer.name} calls the landscape back; it runs with --backend python")
    _step_of(plan)
    _objective(plan.landscape, plan.start.shape[1])


def _step_of(plan: Plan) -> StepText:
    switches = tuple(sorted((name, plan.options[name]) for name in plan.optimizer.switches))
    swept = tuple(name for name, value in plan.options.items() if isinstance(value, np.ndarray))
    return _step(plan.optimizer, switches, plan.start.shape[1], swept)


class Tiles:
    """One plan, compiled and laid out."""

    def __init__(self, plan: Plan, lanes: int = LANES) -> None:
        self.plan, self.lanes = plan, lanes
        dtype = np.dtype(plan.dtype)
        runs, dim = plan.start.shape
        self.step = step = _step_of(plan)
        slope = "both" if step.asks_value else "gradient"
        objective = objective_kernels(plan.landscape, dim, plan.dtype, lanes, ("value", slope))
        rule = step_kernels(plan.optimizer.name, step, plan.dtype, lanes)
        self.joined = (
            objective["value"],
            objective[slope],
            rule.get("look", rule["step"]),
            rule["step"],
            "look" in rule,
        )
        typed = dtype.type
        self.constants = np.array([plan.constants[name] for name in plan.landscape.parameters], dtype)
        self.uniform = np.array([plan.options[name] for name in step.uniform], dtype)
        self.varied = np.array([plan.options[name] for name in step.swept], dtype).reshape(
            len(step.swept), runs if step.swept else 0
        )
        layout = step.layout
        self.initial = np.zeros(layout.count, dtype)
        self.initial[list(step.product_rows)] = 1
        copies = [(layout[name], i) for i, name in enumerate(step.swept)]
        for state in plan.optimizer.state:
            rows = range(layout[state], layout[state] + (1 if state in plan.optimizer.scalars else dim))
            source = plan.optimizer.facts.get("init", {}).get(state)
            if source in step.swept:
                copies += [(row, step.swept.index(source)) for row in rows]
            else:
                options = {name: value for name, value in plan.options.items() if name not in step.swept}
                self.initial[rows.start : rows.stop] = start_of(plan.optimizer, state, options)
        self.copies = np.array(copies, np.int64).reshape(-1, 2)
        self.rows = np.array([layout["x"], layout["@before"], layout.rows.get("x0", -1)], np.int64)
        self.start = np.ascontiguousarray(plan.start, dtype)
        self.box = np.concatenate([plan.centre, plan.reach]).astype(dtype)
        self.tol = typed(plan.tol)
        self.records = plan.records
        self.x = np.empty((runs, len(self.records), dim), dtype)
        self.f = np.empty((runs, len(self.records)), dtype)
        self.status = np.empty(runs, np.int8)
        self.stopped_at = np.empty(runs, np.int64)
        self.cancel = np.zeros(1, np.int8)

    def run(self, threads: int, progress: Progress | None = None) -> Paths:
        """Run every tile; an interrupt ends all threads within one step."""
        runs = len(self.start)
        count = -(-runs // self.lanes)
        per_block = max(1, min(BLOCK // (self.lanes * max(1, self.plan.steps)), -(-count // threads)))
        blocks = [(first, min(first + per_block, count)) for first in range(0, count, per_block)]
        if len(blocks) == 1 and progress is None:
            self.descend(0, count)
        else:
            self._share(blocks, min(threads, len(blocks)), progress)
        evals = np.minimum(self.records[None, :], self.stopped_at[:, None])
        return Paths(self.x, self.f, self.status, self.stopped_at, evals)

    def _share(self, blocks: list[tuple[int, int]], threads: int, progress: Progress | None) -> None:
        done, runs = 0, len(self.start)
        with ThreadPoolExecutor(threads) as pool:
            pending: set[Future[tuple[int, int]]] = set()
            try:
                queue = iter(blocks)
                pending = {
                    pool.submit(self.descend, *block) for _, block in zip(range(2 * threads), queue, strict=False)
                }
                while pending:
                    finished, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in finished:
                        first, last = future.result()
                        done += min(last * self.lanes, runs) - first * self.lanes
                        if (block := next(queue, None)) is not None:
                            pending.add(pool.submit(self.descend, *block))
                    if finished and progress is not None:
                        progress(done, runs)
            except BaseException:
                self.cancel[0] = 1
                raise

    def descend(self, first: int, last: int) -> tuple[int, int]:
        """Run some tiles on this thread."""
        dtype = self.x.dtype
        tiles.driver(self.plan.dtype)(
            *self.joined,
            np.empty(self.step.layout.count * self.lanes, dtype),
            self.constants,
            self.uniform,
            np.ones(self.step.products, dtype),
            self.initial,
            self.copies,
            self.varied,
            self.rows,
            self.start,
            self.box,
            self.tol,
            self.plan.steps,
            self.records,
            first,
            last,
            self.lanes,
            self.x,
            self.f,
            self.status,
            self.stopped_at,
            self.cancel,
        )
        return first, last


@lru_cache(maxsize=512)
def _step(optimizer: Definition, switches: tuple[tuple[str, Any], ...], dim: int, swept: tuple[str, ...]) -> StepText:
    return step_text(optimizer, dict(switches), dim, swept)


def objective_kernels(
    landscape: Definition, dim: int, dtype: str, lanes: int, names: Sequence[str] = ("value", "gradient", "both")
) -> Mapping[str, Any]:
    """Compiled kernels of a landscape."""
    source = kernels.source(f"landscape {landscape.name}", dtype, lanes, _objective(landscape, dim))
    return kernels.compiled(source, names, kernels.signatures(dtype)[0])


@lru_cache(maxsize=512)
def _objective(landscape: Definition, dim: int) -> str:
    return objective_text(formula.derive(landscape, dim))


def step_kernels(name: str, step: StepText, dtype: str, lanes: int) -> Mapping[str, Any]:
    """Compiled `step` of an optimizer, and `look` where it looks ahead."""
    source = kernels.source(f"optimizer {name}", dtype, lanes, step.body)
    return kernels.compiled(source, step.functions, kernels.signatures(dtype)[1])
