"""Trackers of a plan as compiled drivers take them, which are the same for all plans of a dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from gdviz.backends import flags, passes
from gdviz.backends.records import aligned
from gdviz.backends.texts import follows
from gdviz.backends.trackers import Kept, Lowest, Nearest, Score, Tracker, answers, asked_every, tells
from gdviz.plans.plan import Plan

KINDS: dict[type[Tracker], int] = {Lowest: passes.LOWEST, Nearest: passes.NEAREST, Score: passes.SCORE}
"""Passes by what they do; that of Lowest is LEAST where no target is set."""

FOLLOWED = {passes.LEAST: ("@best", passes.LEFT), passes.NEAREST: ("@free", passes.MOVES)}
"""Rows by which steps keep account of what a pass does, see gdviz.emit.layout, and what it has to do then."""


class Follow(NamedTuple):
    """What runs are followed by.

    begins, after: whether any tracker looks as a step begins, or after it; every: after how many steps it is shown the
    loss, 0 for never; tells: whether gradients are taken where runs are recorded. real_rows, whole_rows: int64[row],
    those of W and N that are handed on; real, whole: dtype[row] and int[row], what they hold before the start;
    kept_real, kept_whole: dtype[row, run] and int[row, run], what they hold at the end.
    """

    begins: bool
    after: bool
    every: int
    tells: bool
    real_rows: Any
    whole_rows: Any
    real: Any
    whole: Any
    kept_real: Any
    kept_whole: Any


class Rows(NamedTuple):
    """A thread's own: W, N and told, see gdviz.backends.passes; alive, status, stopped: rows of them, [lane]."""

    W: Any
    N: Any
    told: int
    alive: Any
    status: Any
    stopped: Any


def signature(dtype: str) -> Any:
    """Of gdviz.backends.passes.note."""
    number = numba.types.int64
    return number(_array(dtype, 1), _array(whole_dtype(dtype), 1), number, number, number, number)


def _array(kind: Any, axes: int) -> Any:
    return numba.types.Array(numba.from_dtype(np.dtype(kind)), axes, "C")


def whole_dtype(dtype: str) -> np.dtype[Any]:
    """Of the whole numbers beside reals of a dtype: as wide."""
    return np.dtype(f"int{8 * np.dtype(dtype).itemsize}")


@lru_cache(maxsize=8)
def note(dtype: str, follows: bool) -> Any:
    """The passes, compiled, or what stands in their place where nothing follows runs."""
    return flags.handed(signature(dtype), passes.note if follows else passes.nothing)


class Following:
    """The trackers of a plan, and what they keep of its runs."""

    def __init__(self, plan: Plan, trackers: Sequence[Tracker]) -> None:
        dtype, whole = np.dtype(plan.dtype), whole_dtype(plan.dtype)
        self.trackers, self.plan, self.dtype = trackers, plan, dtype
        self.sees = any(tracker.asks != "place" and tracker.looks_first(plan) for tracker in trackers)
        numbers = [tracker.numbers(dtype, plan.start.shape[1]) for tracker in trackers]
        begun = [tracker.begin() for tracker in trackers]
        sizes = [(len(n), len(real), len(integers)) for n, (real, integers) in zip(numbers, begun, strict=True)]
        self.edges = np.cumsum([(0, 0, 0), *sizes], axis=0)
        self.numbers = np.concatenate([np.empty(0, dtype), *numbers])
        self.real = np.array([value for real, _ in begun for value in real], dtype)
        self.whole = np.array([value for _, integers in begun for value in integers], whole)
        self.kept_real = np.empty((len(self.real), len(plan.start)), dtype)
        self.kept_whole = np.empty((len(self.whole), len(plan.start)), whole)
        self.when = [_when(plan, tracker) for tracker in trackers]
        self.kinds = [_kind(tracker) for tracker in trackers]
        names = {FOLLOWED[kind][0] for kind in self.kinds if kind in FOLLOWED} if follows(plan) else set()
        self.followed = tuple(sorted(names if tells(plan) else names - {"@best"}))

    @property
    def note(self) -> Any:
        """The passes, compiled."""
        return note(self.dtype.name, bool(self.trackers))

    def join(self, rows: Mapping[str, int], count: int) -> Follow:
        """Settle where rows are, and tell drivers; rows: those of tiles by name, of which there are so many."""
        self.alive, first = count, count + 1
        places: list[int] = []
        self.firsts: list[tuple[int, int]] = []  # in W, of what trackers hand on and of what they do not
        for i, (tracker, reals) in enumerate(zip(self.trackers, np.diff(self.edges[:, 1]).tolist(), strict=True)):
            r, own = first, first + reals
            first = own + tracker.own_rows(self.plan.start.shape[1])
            name, kind = FOLLOWED.get(self.kinds[i], ("", 0))
            if name in self.followed:
                self.kinds[i] = kind
                r, own = (rows[name], own) if name == "@best" else (r, rows[name])
            self.firsts.append((r, own))
            places += range(r, r + reals)
        self.count = first
        return Follow(
            passes.BEGINS in self.when,
            passes.AFTER in self.when or passes.ASKED in self.when,
            asked_every(self.plan, self.trackers),
            tells(self.plan),
            np.array(places, np.int64),
            passes.FIRST + np.arange(len(self.whole)),
            *(self.real, self.whole, self.kept_real, self.kept_whole),
        )

    def rows(self, width: int, x: int) -> Rows:
        """What a thread needs for itself whose tiles have so many lanes; x: the first row of the point to record."""
        numbers, alive, told = (width * row for row in (self.count, self.alive, passes.FIRST + len(self.whole)))
        W = aligned(numbers + len(self.numbers), self.dtype)
        W[numbers:] = self.numbers
        dim, (a, _, n) = self.plan.start.shape[1], self.edges[:-1].T
        r, own = np.array(self.firsts, np.int64).reshape(-1, 2).T
        begins = (numbers + a, width * r, width * (passes.FIRST + n), width * own)
        parts = np.column_stack([self.when, self.kinds, *begins])
        head = (width, dim, self.plan.steps, width * 2 * dim, width * x, alive, len(parts), True)
        N = aligned(told + passes.HEAD + parts.size, self.whole.dtype)
        N[told:] = *head, *parts.ravel()
        return Rows(W, N, told, W[alive : alive + width], N[:width], N[width : 2 * width])

    def answers(self, x: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
        """Of runs recorded at x, dtype[run, record, dim]."""
        real, whole = self.kept_real, self.kept_whole.astype(np.int64, copy=False)
        kept = []
        for tracker, (_, a, b), (_, c, d) in zip(self.trackers, self.edges, self.edges[1:], strict=False):
            kept.append((tracker, Kept(real[a:c], whole[b:d])))
        return answers(kept, x, self.plan.steps)


def _kind(tracker: Tracker) -> int:
    aimless = isinstance(tracker, Lowest) and tracker.target == -np.inf
    return passes.LEAST if aimless else KINDS[type(tracker)]


def _when(plan: Plan, tracker: Tracker) -> int:
    if tracker.looks_first(plan):
        return passes.BEGINS
    return passes.ASKED if tracker.asks == "loss" else passes.AFTER
