"""What runs are followed by at every step: a few numbers of each, so that no path has to be recorded for them.

A tracker looks at all runs of a plan side by side after each step, or as it begins, and keeps rows of numbers, one for
each run. Compiled passes over the same rows are in gdviz.backends.tracking, and both answer the same bits. Runs that
have stopped stay where they are, so that nothing that is kept of them changes any more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.plans.plan import Plan

Array = NDArray[np.floating]
Lanes = NDArray[np.bool_]

LOST = (2, 3)
"""Diverged and undefined among gdviz.backends.STATUSES."""


class Kept(NamedTuple):
    """Rows that a tracker keeps: real, dtype[row, lane], and whole, int64[row, lane]."""

    real: Array
    whole: NDArray[np.int64]


class Moment(NamedTuple):
    """Runs as a tracker sees them at their record t, and at all up to record `until`, until which nothing changes.

    x: dtype[dim, lane], where they are recorded; f: dtype[lane], the loss, see `Tracker.asks`; status and stopped as in
    `Paths`; steps: of the plan.
    """

    t: int
    until: int
    x: Array
    f: Array
    status: NDArray[np.int8]
    stopped: NDArray[np.int64]
    steps: int


class Tracker(ABC):
    """A reduction of every run over its steps.

    asks: "place", nothing but where runs are recorded after each step; "loss", the loss there as well; "seen", in place
    of it the loss that the step from there saw, on its batch and where it looks ahead to. names: of what it answers.
    stops: whether it stops runs that can add nothing any more. every: after how many steps the loss is asked for where
    steps do not tell it by themselves, and after the last.
    """

    asks: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    stops: ClassVar[bool] = False
    every: int = 1

    @abstractmethod
    def numbers(self, dtype: np.dtype[Any], dim: int) -> Array:
        """dtype[n], what its compiled pass reads."""

    @abstractmethod
    def begin(self) -> tuple[Sequence[float], Sequence[int]]:
        """What each of its rows holds before the start: real numbers and whole ones."""

    def own_rows(self, dim: int) -> int:
        """Rows of real numbers that its compiled pass has for itself."""
        return 0

    @abstractmethod
    def note(self, kept: Kept, at: Moment) -> Lanes | None:
        """Look at the runs; those to be stopped, bool[lane], None if there are none."""

    @abstractmethod
    def answer(self, kept: Kept, x: Array, steps: int) -> Mapping[str, NDArray[Any]]:
        """What has become of runs recorded at x, dtype[lane, record, dim], by name, [lane] each."""

    def looks_first(self, plan: Plan) -> bool:
        """Whether it looks as a step begins, when value and gradient are taken, and not after it."""
        return self.asks == "seen" or tells(plan)


def tells(plan: Plan) -> bool:
    """Whether every step of a plan begins with the loss where the run is recorded."""
    rule = plan.optimizer
    return rule.rule == "vector" and not (rule.at or rule.shown or plan.objective.batched)


@dataclass(frozen=True, eq=False)
class Lowest(Tracker):
    """How low runs come, and when they are as low as `target`, -inf where none is set.

    best: dtype[lane], the lowest finite loss where a run was recorded, inf where there is none; hit: int64[lane], the
    first step after which it was finite and no more than the target, -1 where it never was. Where a step does not tell
    the loss at its record, of rules that look ahead, programs and batches, it is asked for at every so many steps.
    """

    target: float = -np.inf
    every: int = 1
    asks = "loss"
    names = ("best", "hit")

    def numbers(self, dtype: np.dtype[Any], dim: int) -> Array:
        """The target."""
        return np.array([self.target], dtype)

    def begin(self) -> tuple[Sequence[float], Sequence[int]]:
        """best; hit."""
        return (np.inf,), (-1,)

    def note(self, kept: Kept, at: Moment) -> None:
        """Where the loss is lower than ever, and where it is low enough."""
        (best,), (hit,) = kept
        (target,) = self.numbers(at.f.dtype, 0)
        finite = at.f > -np.inf
        hit[finite & (at.f <= target) & (hit < 0)] = at.t
        lower = finite & (at.f < best)
        best[lower] = at.f[lower]

    def answer(self, kept: Kept, x: Array, steps: int) -> Mapping[str, NDArray[Any]]:
        """As they are kept."""
        return {"best": kept.real[0], "hit": kept.whole[0]}


@dataclass(frozen=True, eq=False)
class Nearest(Tracker):
    """Which of some minima runs come to: points, float64[minimum, dim], at each of which is what is within `radius` of
    it, and nearer to it than to the others.

    minimum: int64[lane], the point at which a run ends, -1 where it is at none; since: int64[lane], the first step from
    which on it is there to the end, -1 where it is at none; left: int64[lane], the first step after which it was no
    longer at the point at which it began, -1 where it never left, -2 where it began at none.
    """

    points: NDArray[np.float64]
    radius: float
    asks = "place"
    names = ("minimum", "since", "left")

    def numbers(self, dtype: np.dtype[Any], dim: int) -> Array:
        """The radius squared and as it is, the number of points, what roundings of distances come to, and the points.
        Raises ValueError where these do not fit dim."""
        if self.points.ndim != 2 or self.points.shape[1] != dim:
            raise ValueError(f"points of {dim} coordinates are wanted, not {self.points.shape}")
        radius, margin = dtype.type(self.radius), (8 + 2 * dim) * np.finfo(dtype).eps
        return np.array([radius * radius, radius, len(self.points), margin, *self.points.ravel()], dtype)

    def begin(self) -> tuple[Sequence[float], Sequence[int]]:
        """As they are answered."""
        return (), (-1, -1, -2)

    def own_rows(self, dim: int) -> int:
        """How far a lane may go and has gone, squared, and from where."""
        return 2 + dim

    def note(self, kept: Kept, at: Moment) -> None:
        """Where they are now, and whether they were there before."""
        minimum, since, left = kept.whole
        found = self._place(at.x)
        other = found != minimum
        if at.t == 0:
            left[found >= 0] = -1
        else:
            left[other & (left == -1)] = at.t
        since[other] = at.t
        minimum[:] = found

    def answer(self, kept: Kept, x: Array, steps: int) -> Mapping[str, NDArray[Any]]:
        """By where they are."""
        minimum, since, left = kept.whole
        return {"minimum": minimum, "since": np.where(minimum < 0, -1, since), "left": left}

    def _place(self, x: Array) -> NDArray[np.int64]:
        """The point at which each of x, dtype[dim, lane], is, -1 for none."""
        dim, lanes = x.shape
        radius, _, count, _, *flat = self.numbers(x.dtype, dim)
        found, closest = np.full(lanes, -1), np.full(lanes, np.inf, x.dtype)
        for m in range(int(count)):
            apart = np.zeros(lanes, x.dtype)
            for d in range(dim):
                difference = x[d] - x.dtype.type(flat[m * dim + d])
                apart = difference * difference if d == 0 else apart + difference * difference
            nearer = (apart <= radius) & (apart < closest)
            found[nearer], closest[nearer] = m, apart[nearer]
        return found


@dataclass(frozen=True, eq=False)
class Score(Tracker):
    """How training goes, as one number: the measure of Sohl-Dickstein 2024, arXiv:2402.06184, by what its steps see.

    A loss that is not finite counts as `largest`, and every loss is taken in units of the first, of which it is
    `largest` at most. A run whose loss is once not finite stops, as diverged: from there on each counts as that, as of
    a run that is lost otherwise; of one that has converged the last loss it stood at is repeated.

    total, inverse: dtype[lane], the sums of these and of their inverses, none of which is more than `largest`; late:
    dtype[lane], the sum of the last `window`. score: dtype[lane], -total where the mean of these is less than 1, else
    inverse, so that trained runs are below 0 and the others above.
    """

    window: int = 20
    largest: float = 1e6
    asks = "seen"
    names = ("total", "inverse", "late", "score")
    stops = True

    def numbers(self, dtype: np.dtype[Any], dim: int) -> Array:
        """The largest, its inverse, and the window."""
        largest = dtype.type(self.largest)
        return np.array([largest, 1 / largest, self.window], dtype)

    def begin(self) -> tuple[Sequence[float], Sequence[int]]:
        """The first loss, the last one in its units, and the sums."""
        return (1.0, 1.0, 0.0, 0.0, 0.0), ()

    def note(self, kept: Kept, at: Moment) -> Lanes:
        """Add a loss to the sums."""
        first, last, total, inverse, late = kept.real
        largest, least, _ = self.numbers(at.f.dtype, 0)
        lost = np.isin(at.status, LOST)
        sound = np.isfinite(at.f)
        live = ~lost & (at.stopped >= at.t)
        f = np.where(live & sound, at.f, largest)
        if at.t == 0:
            first[:] = f
        f = f / first
        f = np.where(f <= largest, f, largest)
        last[:] = np.where(live | lost, f, last)
        for t in range(at.t, min(at.until, at.steps - 1) + 1):
            total += last
            inverse += 1 / np.maximum(last, least)
            if t >= at.steps - self.window:
                late += last
        return live & ~sound & (at.t < at.steps)

    def answer(self, kept: Kept, x: Array, steps: int) -> Mapping[str, NDArray[Any]]:
        """The sums, and the score."""
        _, _, total, inverse, late = kept.real
        trained = late / min(self.window, steps) < 1
        return {"total": total, "inverse": inverse, "late": late, "score": np.where(trained, -total, inverse)}


class Followers:
    """Trackers on NumPy, beside the runs of a plan."""

    def __init__(self, plan: Plan, trackers: Sequence[Tracker]) -> None:
        lanes, dtype = len(plan.start), np.dtype(plan.dtype)
        self.steps, self.tells = plan.steps, tells(plan)
        self.kept: list[tuple[Tracker, Kept]] = []
        for tracker in trackers:
            tracker.numbers(dtype, plan.start.shape[1])
            real, whole = tracker.begin()
            rows = np.repeat(np.array(real, dtype)[:, None], lanes, axis=1)
            self.kept.append((tracker, Kept(rows, np.repeat(np.array(whole, np.int64)[:, None], lanes, axis=1))))
        self.first = [pair for pair in self.kept if pair[0].looks_first(plan)]
        self.after = [pair for pair in self.kept if not pair[0].looks_first(plan)]
        self.every = asked_every(plan, trackers)

    def asks(self, t: int) -> bool:
        """Whether the loss after step t is asked for."""
        return self.every > 0 and (t % self.every == 0 or t == self.steps)

    def look(self, at: Moment, first: bool) -> Lanes:
        """Show the runs as a step begins, to those that look `first`, or after it; which are to be stopped."""
        stopped = np.zeros(len(at.status), bool)
        for tracker, kept in self.first if first else self.after:
            if first or tracker.asks == "place" or self.asks(at.t):
                found = tracker.note(kept, at)
                stopped |= False if found is None else found
        return stopped

    def answers(self, x: Array) -> dict[str, NDArray[Any]]:
        """Of runs recorded at x, dtype[lane, record, dim]."""
        return answers(self.kept, x, self.steps)


def asked_every(plan: Plan, trackers: Sequence[Tracker]) -> int:
    """After how many steps the loss is asked for, 0 where steps tell all that is wanted of it."""
    return min((one.every for one in trackers if one.asks == "loss" and not one.looks_first(plan)), default=0)


def answers(kept: Sequence[tuple[Tracker, Kept]], x: Array, steps: int) -> dict[str, NDArray[Any]]:
    """All that trackers answer, see `Tracker.answer`. Raises ValueError where two answer to one name."""
    found: dict[str, NDArray[Any]] = {}
    for tracker, rows in kept:
        made = tracker.answer(rows, x, steps)
        if twice := found.keys() & made.keys():
            raise ValueError(f"two trackers answer {sorted(twice)}")
        found |= made
    return found
