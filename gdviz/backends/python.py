"""The oracle backend: the definitions themselves, called on NumPy values of the plan's dtype.

Vector rules take all lanes in one call, program and host rules one lane at a time. It waits for no compiler, so it is
also what runs small plans.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdviz.backends import Paths
from gdviz.backends.calls import Calls
from gdviz.backends.collectors import joined
from gdviz.backends.paces import Paces
from gdviz.backends.recorder import Move, Moves, Recorder
from gdviz.backends.rules import Array, Change, Step, failed, shaped
from gdviz.backends.trackers import Tracker
from gdviz.errors import GdvizError
from gdviz.objectives.objective import Draw
from gdviz.plans.plan import Plan
from gdviz.registry.definition import Definition
from gdviz.vmath import random


def run(plan: Plan, states: Sequence[str] = (), trackers: Sequence[Tracker] = ()) -> Paths:
    """All trajectories of a plan, followed by trackers; `states` of a vector rule are kept as well."""
    plan = plan.by_coordinate()
    with np.errstate(all="ignore"):
        if plan.optimizer.rule == "vector":
            paces = Paces(plan)
            return Recorder(plan, plan.objective.value, paces, states, trackers).follow(_vector_steps(plan, paces))
        steps = _host_steps if plan.optimizer.rule == "host" else _program_steps
        singles = [_single(plan, lane) for lane in range(len(plan.start))]
        lanes = [Recorder(one, plan.objective.value, trackers=trackers).follow(steps(one)) for one in singles]
        return joined(lanes)


def feed(optimizer: Definition, options: Mapping[str, Any], gradients: Array, values: Array, x0: Array) -> Array:
    """Points dtype[step + 1, dim] of a vector rule that is handed gradients dtype[step, dim] and values dtype[step]."""
    with np.errstate(all="ignore"):
        step = Step(optimizer, options, gradients.dtype, len(gradients))
        X = start = x0[:, None].astype(gradients.dtype)
        state = step.start(X)
        points = [X]
        for t, (gradient, value) in enumerate(zip(gradients, values, strict=True), start=1):
            X, state = step(X, state, t=t, g=gradient[:, None], f=value[None], x0=start)
            points.append(step.shown(X, state))
        return np.stack(points)[:, :, 0]


def _step_of(plan: Plan) -> Step:
    scheduled = frozenset(scheduled.parameter for scheduled in plan.schedules)
    return Step(plan.optimizer, plan.options, np.dtype(plan.dtype), plan.steps, scheduled)


@dataclasses.dataclass(frozen=True, eq=False)
class Update:
    """One step t of all lanes of a vector rule, taken apart; dtype[dim, lane] each, per-run state dtype[lane].

    It goes from `x` to `moved`, as they are recorded; `point` is where its gradient was taken, `gradient` what the rule
    saw of it, `coast` the step that the rule would have made of a gradient of zero, `state` what it left behind.
    """

    t: int
    x: Array
    point: Array
    gradient: Array
    coast: Array
    moved: Array
    state: Mapping[str, Array]


def update(plan: Plan, t: int) -> Update:
    """Step t of a vector rule, taken apart; lanes go on after they have diverged."""
    found: list[Update] = []
    with np.errstate(all="ignore"):
        moves = _vector_steps(plan, Paces(plan), found.append, t)
        for _ in range(t):
            next(moves)
    return found[0]


def _vector_steps(plan: Plan, paces: Paces, watch: Callable[[Update], None] | None = None, watched: int = 0) -> Moves:
    """Every lane in one call of the rule; `watch` is told how step `watched` was made."""
    step = _step_of(plan)
    change = _Transforms(plan)
    X = x0 = place = np.ascontiguousarray(plan.start.T, dtype=plan.dtype)
    state, t, price = step.start(X), 0, plan.objective.price
    watching = plan.objective.watching if paces.watched else None
    while True:
        t += 1
        step.set(paces.begin(t))
        point = step.point(X, state)
        f, G = plan.objective.value_gradient(point, Draw(plan.seed, t, plan.runs))
        step.set(paces.see(f if watching is None else watching.value(point), t))
        rate, before = step.options.get("lr"), state
        seen = change.gradient(point, G, t, rate)
        moved, state = step(X.copy(), before, t=t, g=seen.copy(), f=f, x0=x0.copy())
        moved = change.point(X, moved, t, rate)
        if watch is not None and t == watched:
            still, after = step(X.copy(), before, t=t, g=np.zeros_like(G), f=f, x0=x0.copy())
            coast = step.shown(change.point(X, still, t, rate), after) - place
            watch(Update(t, place, point, seen, coast, step.shown(moved, state), state))
        place = step.shown(moved, state)
        kept = yield Move(moved, place, G, price, state, f)
        X = moved if kept is None else kept


class _Transforms:
    """A plan's transforms, one after the other, with random numbers of their own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        made = [Change(d, options, np.dtype(plan.dtype), plan.steps) for d, options in plan.transforms]
        self.before = [(i, step) for i, step in enumerate(made) if "g" in step.optimizer.inputs]
        self.beside = [(i, step) for i, step in enumerate(made) if "g" not in step.optimizer.inputs]

    def gradient(self, X: Array, G: Array, t: int, lr: Any) -> Array:
        """The gradients dtype[dim, lane] taken at X as the optimizer sees them at step t, whose rate is lr."""
        for i, step in self.before:
            G, _ = step(X, {}, t=t, g=G, lr=lr, **self._all_drawn(step, i, t, len(G)))
        return G

    def point(self, X: Array, moved: Array, t: int, lr: Any) -> Array:
        """Where step t from X leads, dtype[dim, lane]: what the optimizer answered and the moves beside it."""
        for i, step in self.beside:
            move, _ = step(X, {}, t=t, lr=lr, **self._all_drawn(step, i, t, len(X)))
            moved = moved + move
        return moved

    def _all_drawn(self, step: Step, place: int, t: int, dim: int) -> dict[str, Array]:
        return {name: self._drawn(name, place, t, dim) for name in random.DRAWS if name in step.optimizer.inputs}

    def _drawn(self, name: str, place: int, t: int, dim: int) -> Array:
        """One number per coordinate and lane."""
        draw = np.arange(dim, dtype=np.uint64)[:, None]
        runs = self.plan.runs.astype(np.uint64)[None, :]
        draws = random.namespace(self.plan.dtype)[random.DRAWS[name]]
        made = draws(self.plan.seed, random.stream_of(place, name), runs, t, draw)
        return np.asarray(made, dtype=self.plan.dtype)


def transformed(plan: Plan, G: Array) -> Array:
    """Gradients dtype[dim, lane] at a plan's starts, as its transforms leave them at the first step."""
    with np.errstate(all="ignore"):
        return _Transforms(plan).gradient(plan.start.T, G, 1, plan.options.get("lr"))


class _Counter:
    """Counts what a rule spends on evaluations at single points: value and gradient where it was last are one."""

    def __init__(self, plan: Plan) -> None:
        """Of a plan of one lane."""
        self.plan = plan
        self.objective = plan.objective
        self.dtype = np.dtype(plan.dtype)
        self.spent = 0
        self.begin(1)

    def begin(self, t: int) -> None:
        """Evaluate for step t from now on: on another batch no point is known."""
        self.draw = Draw(self.plan.seed, t, self.plan.runs)
        if t == 1 or self.objective.batched:
            self.last, self.paid = np.full(self.plan.start.shape[1], np.nan, self.dtype), 0

    def value(self, x: Array) -> Any:
        return self.objective.value(self._charged(x, 1)[:, None], self.draw)[0]

    def compared(self, x: Array) -> Any:
        """The value for rules that compare values: what is no number is worse than any."""
        found = self.value(x)
        return found if found == found else found.dtype.type(np.inf)

    def gradient(self, x: Array) -> Array:
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Array) -> tuple[Any, Array]:
        f, G = self.objective.value_gradient(self._charged(x, self.objective.price)[:, None], self.draw)
        return f[0], G[:, 0].copy()

    def hessian(self, x: Array) -> Array:
        self.spent += len(x) * self.objective.price
        return self.objective.hessian(np.asarray(x, self.dtype), self.draw)

    def _charged(self, x: Array, price: int) -> Array:
        point = np.array(x, self.dtype)  # a copy: the rule may change its own in place
        if not np.array_equal(point, self.last):
            self.last, self.paid = point, 0
        if price > self.paid:
            self.spent += price - self.paid
            self.paid = price
        return point

    def taken(self) -> int:
        spent, self.spent = self.spent, 0
        return spent


def _single(plan: Plan, lane: int) -> Plan:
    """The plan of one lane, whose hyperparameters are numbers."""
    options = {k: v[lane] if isinstance(v, np.ndarray) else v for k, v in plan.options.items()}
    return dataclasses.replace(plan.part(lane, lane + 1), options=options)


def _program_steps(plan: Plan) -> Moves:
    step = _step_of(plan)
    paces = Paces(plan)
    counter = _Counter(plan)
    callbacks = {"value": counter.compared, "gradient": counter.gradient, "hessian": counter.hessian}
    x = x0 = plan.start[0].astype(plan.dtype)
    state, t = step.start(x), 0
    while True:
        t += 1
        step.set(paces.begin(t))
        counter.begin(t)
        f, g = counter.value_and_gradient(step.point(x, state))
        G = g[:, None].copy()
        # Copies: a rule may change its arguments in place.
        own = {name: np.array(value)[()] for name, value in state.items()}
        try:
            moved, state = step(x.copy(), own, t=t, g=g, f=f, x0=x0.copy(), **callbacks)
        except np.linalg.LinAlgError:  # a singular Hessian: the step is not defined
            moved = np.full_like(x, np.nan)
        kept = yield Move(moved[:, None], moved[:, None], G, counter.taken())
        x = moved if kept is None else kept[:, 0]


def _host_steps(plan: Plan) -> Moves:
    dtype = np.dtype(plan.dtype)
    counter = _Counter(plan)
    calls = Calls(counter)
    x0 = plan.start[0].astype(dtype)
    given = {"x": x0.copy(), "x0": x0, "steps": plan.steps, "value": counter.compared, "gradient": counter.gradient}
    given["calls"] = calls
    given["random"] = np.random.default_rng([plan.seed, int(plan.runs[0]), zlib.crc32(plan.optimizer.name.encode())])
    rule = plan.optimizer.function(**{name: given[name] for name in plan.optimizer.inputs}, **plan.options)
    x, answer, t = x0, None, 0
    while True:
        before, t = x, t + 1
        counter.begin(t)
        if plan.objective.batched:
            calls.forget()
        try:
            x = shaped(plan.optimizer, "x", rule.send(answer), x0)
        except StopIteration as end:  # the rule has nothing left to do, or gives up
            return end.value is not False
        except GdvizError:
            raise
        except Exception as error:
            raise failed(plan.optimizer, t, error) from error
        if plan.optimizer.is_answered:
            answer = counter.compared(x)
        yield Move(x[:, None], x[:, None], calls.slope_of_step(before), counter.taken())
