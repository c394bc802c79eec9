"""What tiles of a vector rule hold before the first step, and which of their rows change by schedules."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.texts import paces_of, step_of, transforms_of
from gdviz.backends.tiles import Paced, Rows
from gdviz.backends.tracking import Following
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import Plan
from gdviz.plans.tables import Table
from gdviz.registry.contract import start_of


class Filling:
    """A plan's tiles: the texts of its rule (`step`), transforms (`change`) and schedules (`paces`); `uniform`,
    dtype[n], what they read as h; `rows` and `paced`, see gdviz.backends.tiles; `kept`, how many rows each state has
    that is kept; `count`, the rows of a tile but for those of trackers, `follow`, what is told of these, and
    `products`, the running products of transforms."""

    def __init__(self, plan: Plan, states: Sequence[str], following: Following) -> None:
        """`following`: the plan's trackers, who learn where their rows are. Raises EmissionError where the plan cannot
        become kernels."""
        self.plan, self.dtype = plan, np.dtype(plan.dtype)
        self.step = step = step_of(plan, following.followed)
        self.change = change = transforms_of(plan)
        self.paces = paces_of(plan, change, following.followed)
        dim, layout = plan.start.shape[1], step.layout
        self.kept = {name: 1 if name in plan.optimizer.scalars else dim for name in states}
        self.uniform = np.array([plan.options[name] for name in step.uniform], self.dtype)
        self.varied = self._rows(step.swept)
        anchored = plan.optimizer.anchored
        if anchored:
            varied = self.varied.reshape(-1, len(plan.start))
            self.varied = np.ascontiguousarray(np.concatenate([varied, plan.start.T.astype(self.dtype)]))
        self.initial = np.zeros(layout.count, self.dtype)
        self.initial[list(step.product_rows)] = 1
        sizes = [dim if name in step.each else 1 for name in step.swept]
        self.firsts = dict(zip(step.swept, itertools.accumulate(sizes, initial=0), strict=False))
        self.copies = [
            (layout[name] + d, self.firsts[name] + d)
            for name, size in zip(step.swept, sizes, strict=True)
            for d in range(size)
        ]
        for state in plan.optimizer.state:
            rows = range(layout[state], layout[state] + (1 if state in plan.optimizer.scalars else dim))
            source = plan.optimizer.init.get(state)
            if state in anchored:
                self.copies += [(row, sum(sizes) + d) for d, row in enumerate(rows)]
            elif source in step.swept:
                self.copies += [(row, self.firsts[source] + d * (source in step.each)) for d, row in enumerate(rows)]
            else:
                self.initial[rows.start : rows.stop] = start_of(plan.optimizer, state, plan.options)
        self.count = layout.count if change is None else change.count
        self.products = 0 if change is None else change.products
        if change is not None:
            given = [plan.transforms[place][1][name] for place, name in change.uniform]
            self.uniform = np.concatenate([self.uniform, np.array(given, self.dtype)])
        self.paced = self._follow()
        self.rows = self._filled(any(tracker.stops for tracker in following.trackers))
        self.follow = following.join(layout.rows, self.count)

    def _filled(self, stops: bool) -> Rows:
        layout = self.step.layout
        shown = layout.rows.get("@shown", layout["x"])
        before, x0 = (layout.rows.get(name, -1) for name in ("@before", "x0"))
        if before < 0 and stops:
            before, self.count = self.count, self.count + layout.dim
        copies = np.array(self.copies, np.int64).reshape(-1, 2)
        kept = np.array([layout[name] + d for name, size in self.kept.items() for d in range(size)], np.int64)
        return Rows(layout["x"], before, x0, shown, self.initial, copies, self.varied, kept)

    def _rows(self, names: Sequence[str]) -> NDArray[np.floating]:
        """Hyperparameters as they are before the first step, dtype[row, run], those that differ between coordinates one
        row for each."""
        runs = len(self.plan.start) if names else 0
        given = [np.asarray(self.plan.options[name], self.dtype) for name in names]
        rows = [value.T if value.ndim == 2 else np.broadcast_to(value, (1, runs)) for value in given]
        return np.ascontiguousarray(np.concatenate([np.empty((0, runs), self.dtype), *rows]))

    def _follow(self) -> Paced:
        """The hyperparameters that follow schedules; rows to be filled from `varied` are added to copies."""
        plan, step, made = self.plan, self.step, self.paces
        tables = pacing.tables(plan)
        timed = [table for table in tables if table.parameter in step.uniform]
        spread = [table for table in tables if table.parameter in step.swept]
        values, cells = side_by_side(plan, spread)
        sizes = [plan.start.shape[1] if table.parameter in step.each else 1 for table in spread]
        rows = [(table, d) for table, size in zip(spread, sizes, strict=True) for d in range(size)]
        for (table, d), of in zip(rows, cells, strict=True):
            if table.until:
                self.varied[self.firsts[table.parameter] + d] = values[0, of]
        watchers = [s for s in plan.schedules if s.watcher is not None]
        if made is not None:
            self.count = made.count
            self.initial = np.concatenate([self.initial, np.zeros(made.count - len(self.initial), self.dtype)])
            given: list[float] = []
            for s, base, state in zip(watchers, made.bases, made.states, strict=True):
                definition, options = s.parts[-1].definition, s.parts[-1].options
                given += [*(options[name] for name in definition.parameters), s.known]
                starts = [start_of(definition, name, options) for name in definition.state]
                self.initial[state : state + len(starts)] = starts
                self.copies.append((base, len(self.varied)))
                self.varied = np.concatenate([self.varied, self._rows([s.parameter])])
            self.uniform = np.concatenate([self.uniform, np.array(given, self.dtype)])
        return Paced(
            side_by_side(plan, timed)[0],
            np.array([step.uniform.index(table.parameter) for table in timed], np.int64),
            values,
            np.array([step.layout[table.parameter] + d for table, d in rows], np.int64),
            np.array([table.until for table, _ in rows], np.int64),
            cells,
            np.array([step.layout[s.parameter] for s in watchers], np.int64),
        )


def side_by_side(plan: Plan, tables: Sequence[Table]) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Tables of a plan, dtype[steps, cell], and the cell of each run in each of their rows, int64[row, run], of which a
    table has one, or one for each coordinate."""
    runs, first = len(plan.start), 0
    cells = np.zeros((0, runs), np.int64)
    for table in tables:
        of = np.zeros(runs, np.int64) if table.cells is None else table.cells
        cells = np.concatenate([cells, first + of.T.reshape(-1, runs)])
        first += table.values.shape[1]
    columns = [np.empty((plan.steps if tables else 0, 0)), *(table.values for table in tables)]
    return np.ascontiguousarray(np.concatenate(columns, axis=1), plan.dtype), cells


def watched(plan: Plan) -> NDArray[np.floating]:
    """Constants of what schedules watch in place of the objective, if anything."""
    follows = any(scheduled.watcher is not None for scheduled in plan.schedules)
    watching = plan.objective.watching if follows else None
    dtype = np.dtype(plan.dtype)
    return np.empty(0, dtype) if watching is None else np.ascontiguousarray(watching.numbers(dtype))
