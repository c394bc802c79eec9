"""What becomes of lanes on NumPy: they are moved by a stepper, recorded, and stopped where they end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz import formula
from gdviz.backends import Paths
from gdviz.backends.paces import Paces
from gdviz.backends.rules import Array
from gdviz.backends.trackers import Followers, Moment, Tracker
from gdviz.objectives.objective import Draw
from gdviz.plans.plan import FAR, Plan

UNFINISHED, CONVERGED, DIVERGED, UNDEFINED = range(4)
"""Places in gdviz.backends.STATUSES."""

Lanes = NDArray[np.bool_]
"""Which of the lanes, bool[lane]."""


class Move(NamedTuple):
    """What a stepper yields: the next points dtype[dim, lane], the points to record for them, the gradients that led
    there (None if unknown), the evaluations spent on the step, the state that it left, dtype[dim, lane] or, of one
    number per run, dtype[lane], and the losses beside the gradients, dtype[lane] (None if unknown)."""

    x: Array
    shown: Array
    gradient: Array | None
    cost: Array | int
    state: Mapping[str, Array] = {}
    loss: Array | None = None


Moves = Generator[Move, Array | None, bool]
"""Moves of all lanes; the consumer sends back the points it kept, because stopped lanes stay put. Those that end say
whether they have converged or only given up."""


class Recorder:
    """Follows a stepper: stops lanes that converge, end or are lost, and records every k-th step."""

    def __init__(
        self,
        plan: Plan,
        value: Callable[[Array], Array],
        paces: Paces | None = None,
        states: Sequence[str] = (),
        trackers: Sequence[Tracker] = (),
    ) -> None:
        """`value` answers dtype[lane] for points dtype[dim, lane]; `states` of the rule are kept."""
        self.followers = Followers(plan, trackers)
        self.plan = plan
        self.states = states
        self.value = value
        self.paces = paces
        lanes = len(plan.start)
        self.status = np.zeros(lanes, np.int8)
        self.stopped_at = np.full(lanes, plan.steps, np.int64)
        self.left_at = np.full(lanes, -1, np.int64)
        dtype = np.dtype(plan.dtype)
        self.centre, self.reach, self.far = (
            side[:, None].astype(dtype) for side in (plan.centre, plan.reach, FAR * plan.reach)
        )

    def follow(self, moves: Moves) -> Paths:
        """What became of every lane."""
        plan = self.plan
        asks_value, asks_slope = plan.asks
        X = shown = np.ascontiguousarray(plan.start.T, dtype=plan.dtype)
        lanes = X.shape[1]
        f = first = self.value(shown)
        away = np.zeros(lanes, bool)
        if plan.guarded:
            self._stop(~np.isfinite(first), UNDEFINED, 0)
        spent = np.zeros(lanes, np.int64)
        records = plan.records
        x = np.empty((lanes, len(records), X.shape[0]), X.dtype)
        values = np.empty((lanes, len(records)), X.dtype)
        evals = np.zeros((lanes, len(records)), np.int64)
        x[:, 0], values[:, 0] = X.T, first
        names, now = (self.paces.watched, self.paces.now) if self.paces else ((), {})
        last = np.array([now[name] for name in names], X.dtype)
        followed = np.repeat(last[:, :, None], len(records), axis=2) if names else None
        scalars = plan.optimizer.scalars
        states = {name: np.full(values.shape if name in scalars else x.shape, np.nan, X.dtype) for name in self.states}
        k = 1
        kept: Array | None = None
        state: Mapping[str, Array] = {}
        ended = False
        followers, begun = self.followers, 0  # the last step that was
        self._look(0, 0, shown, first)
        # What holds at the last point is known only once the rule is asked for the step from there.
        beyond = plan.tol > 0 or asks_slope or plan.optimizer.rule == "host"
        for t in range(1, plan.steps + 2):
            active = (self.status == UNFINISHED) & (not ended)
            if t > plan.steps and not (active.any() and (beyond or away[active].any())):
                break
            if active.any():
                try:
                    moved, seen, G, cost, state, loss = moves.send(kept)
                    begun = t
                except StopIteration as end:
                    ended = True
                    self._stop(active, CONVERGED if end.value else UNFINISHED, t - 1)
                    active = np.zeros(lanes, bool)
                    moved, seen, G, cost, loss = X, shown, None, 0, None
                if G is not None:
                    if plan.guarded:
                        unsound = active & (away | asks_slope) & ~np.isfinite(G).all(axis=0)
                        self._stop(unsound & away, DIVERGED, t - 1)
                        self._stop(unsound & ~away, UNDEFINED, t - 1)
                        active &= ~unsound
                    if plan.tol > 0:
                        arrived = active & (formula.norm(G) < plan.tol)
                        self._stop(arrived, CONVERGED, t - 1)
                        active &= ~arrived
                if followers.first and begun == t:
                    loss = plan.objective.value(X, Draw(plan.seed, t, plan.runs)) if loss is None else loss
                    lost = active & self._look(t - 1, t - 1, shown, loss, begins=True)
                    self._stop(lost, DIVERGED, t - 1)
                    active &= ~lost
                if t > plan.steps:
                    break
                spent[active] += cost
                for i, name in enumerate(names):
                    last[i] = np.where(active, now[name], last[i])
                if plan.guarded:
                    unsound = active & ~(np.isfinite(moved).all(axis=0) & np.isfinite(seen).all(axis=0))
                    self._stop(unsound & away, DIVERGED, t)
                    self._stop(unsound & ~away, UNDEFINED, t)
                    active &= ~unsound
                X = np.where(active, moved, X)
                shown = np.where(active, seen, shown)
                kept = X
                if plan.guarded:
                    away = ~(np.abs(X - self.centre) <= self.reach).all(axis=0)
                    if asks_value or (active & away).any():
                        f = self.value(shown)
                        self._judge(active, away, X, f, first, t)
            if followers.after:
                self._look(t, t, shown, self.value(shown) if followers.asks(t) else f)
            if records[k] == t:
                x[:, k], values[:, k], evals[:, k] = shown.T, f, spent
                if followed is not None:
                    followed[:, :, k] = last
                if states and (running := t <= self.stopped_at).any():
                    for name, found in states.items():
                        found[running, k] = state[name].T[running]
                k += 1
        if followers.first and begun <= plan.steps:
            draw = Draw(plan.seed, begun + 1, plan.runs)
            objective = plan.objective
            loss = objective.value_gradient(X, draw)[0] if followers.tells else objective.value(X, draw)
            self._look(begun, plan.steps, shown, loss, begins=True)
        if not asks_value:  # all at once is quicker
            flat = np.ascontiguousarray(x.reshape(-1, x.shape[2]).T)
            values = np.array(self.value(flat).reshape(lanes, len(records)))
        gone = (self.status == UNDEFINED)[:, None] & (records >= self.stopped_at[:, None])
        values[gone] = np.nan
        tracked = followers.answers(x)
        ends = (self.status, self.stopped_at, self.left_at)
        return Paths(x, values, *ends, evals, followed, states=states, tracked=tracked)

    def _look(self, t: int, until: int, shown: Array, f: Array, begins: bool = False) -> Lanes:
        """Show the lanes to those that follow them, as a step begins or after it; which are to be stopped."""
        at = Moment(t, until, shown, f, self.status, self.stopped_at, self.plan.steps)
        return self.followers.look(at, begins)

    def _judge(self, active: Lanes, away: Lanes, X: Array, f: Array, first: Array, t: int) -> None:
        """Stop lanes at X dtype[dim, lane] by their values f and `first`, those at the starts, dtype[lane] both.

        Those that go on outside the guard are marked.
        """
        sound, near = np.isfinite(f), (np.abs(X - self.centre) <= self.far).all(axis=0)
        if self.plan.asks[0]:
            self._stop(active & ~away & ~sound, UNDEFINED, t)
        goes_on = near & sound & (f <= first)
        self._stop(active & away & ~goes_on, DIVERGED, t)
        self.left_at[active & away & goes_on & (self.left_at < 0)] = t

    def _stop(self, lanes: Lanes, status: int, t: int) -> None:
        self.status[lanes], self.stopped_at[lanes] = status, t
