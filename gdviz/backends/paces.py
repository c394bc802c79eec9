"""What a plan's scheduled hyperparameters are in each step, on NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import vmath
from gdviz.emit.expression import PRODUCT, EmissionError
from gdviz.emit.reader import read_schedule
from gdviz.errors import DefinitionError
from gdviz.objectives.objective import spread
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import Plan
from gdviz.plans.tables import Scheduled, Table
from gdviz.registry.contract import start_of

Array = NDArray[np.floating]


class Paces:
    """The hyperparameters of a plan that follow schedules.

    `now` holds the values of the present step by name: one of the plan's dtype, or dtype[lane] where lanes differ,
    or dtype[dim, lane] where coordinates do.
    `watched` are the names of those that follow the loss, always dtype[lane].
    """

    def __init__(self, plan: Plan) -> None:
        self.dtype = np.dtype(plan.dtype)
        self.steps = plan.steps
        self.tables = [
            (table, table.values.astype(self.dtype), slice(None) if table.cells is None else table.cells.T)
            for table in pacing.tables(plan)
        ]
        lanes = len(plan.start)
        self.watchers = [_Watcher(s, plan, lanes) for s in plan.schedules if s.watcher is not None]
        self.watched = tuple(watcher.parameter for watcher in self.watchers)
        self.now: dict[str, Any] = {}
        for table, values, cells in self.tables:
            self._put(table, values[0, cells])
            if table.parameter in self.watched:
                self.now[table.parameter] = np.broadcast_to(self.now[table.parameter], lanes)

    def begin(self, t: int) -> Mapping[str, Any]:
        """The values that are known before step t; those that follow the loss are still the last step's."""
        for table, values, cells in self.tables:
            if t <= table.until:
                self._put(table, values[t - 1, cells])
        return self.now

    def see(self, f: Array, t: int) -> Mapping[str, Any]:
        """The values of step t, at whose point the losses are f, dtype[lane]."""
        for watcher in self.watchers:
            if t > watcher.before:
                self.now[watcher.parameter] = watcher(f, t - watcher.before, self.steps - watcher.before)
        return self.now

    def _put(self, table: Table, values: Array) -> None:
        self.now[table.parameter] = values[0] if table.cells is None else values


class _Watcher:
    """One schedule that follows the loss, with its state, dtype[lane] each."""

    def __init__(self, scheduled: Scheduled, plan: Plan, lanes: int) -> None:
        part = scheduled.parts[-1]
        self.parameter, self.before = scheduled.parameter, scheduled.known
        self.definition, self.dtype = part.definition, np.dtype(plan.dtype)
        self.base = np.broadcast_to(np.asarray(plan.options[self.parameter], self.dtype), lanes)
        self.state = {
            name: np.full(lanes, start_of(part.definition, name, part.options), self.dtype)
            for name in part.definition.state
        }
        typed = {k: v if isinstance(v, (str, bool)) else self.dtype.type(v) for k, v in part.options.items()}
        self.function: Callable[..., Any] = part.definition.function
        self.bound: dict[str, Any] = typed
        try:
            rule = read_schedule(part.definition, {name: typed[name] for name in part.definition.switches})
        except EmissionError:
            return
        self.function = rule.function(self.dtype.type, vmath.namespace(plan.dtype)["pow"])
        self.bound = {PRODUCT: None, **{name: value for name, value in typed.items() if name in rule.arguments}}

    def __call__(self, f: Array, t: int, steps: int) -> Array:
        given = {"base": self.base, "f": f, "t": t, "steps": steps}
        asked = {name: given[name] for name in self.definition.inputs}
        try:
            result = self.function(**asked, **self.state, **self.bound)
        except (TypeError, ValueError) as error:
            raise DefinitionError(
                f"{self.definition.name} fails on arrays ({error}); use gdviz.formula's max, min, where, and & for and"
            ) from error
        value, *rest = result if isinstance(result, tuple) else (result,)
        after = dict(zip(self.definition.state, rest, strict=True))
        self.state = {name: spread(v, self.dtype, f.shape) for name, v in after.items()}
        return spread(value, self.dtype, f.shape)
