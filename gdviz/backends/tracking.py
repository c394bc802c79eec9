"""Trackers of a plan as compiled drivers take them, which are the same for all plans of a dtype."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from gdviz.backends import flags, passes
from gdviz.backends.records import aligned
from gdviz.backends.trackers import Kept, Lowest, Nearest, Score, Tracker, answers, asked_every, tells
from gdviz.plans.plan import Plan

KINDS: dict[type[Tracker], int] = {Lowest: passes.LOWEST, Nearest: passes.NEAREST, Score: passes.SCORE}
"""Passes by what they do; that of Lowest is LEAST where no target is set."""


class Follow(NamedTuple):
    """What runs are followed by.

    begins, after: whether any tracker looks as a step begins, or after it; every: after how many steps it is shown the
    loss, 0 for never; tells: whether gradients are taken where runs are recorded. first: the row of a tile with which
    those of trackers begin; real, whole: dtype[row] and int[row], what rows hold before the start; kept_real,
    kept_whole: dtype[row, run] and int[row, run], what they hold at the end.
    """

    begins: bool
    after: bool
    every: int
    tells: bool
    first: int
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
        self.note = note(plan.dtype, bool(trackers))
        self.sees = any(tracker.asks != "place" and tracker.looks_first(plan) for tracker in trackers)
        self.when = [_when(plan, tracker) for tracker in trackers]
        numbers = [tracker.numbers(dtype, plan.start.shape[1]) for tracker in trackers]
        begun = [tracker.begin() for tracker in trackers]
        sizes = [(len(n), len(real), len(integers)) for n, (real, integers) in zip(numbers, begun, strict=True)]
        self.edges = np.cumsum([(0, 0, 0), *sizes], axis=0)
        self.numbers = np.concatenate([np.empty(0, dtype), *numbers])
        self.real = np.array([value for real, _ in begun for value in real], dtype)
        self.whole = np.array([value for _, integers in begun for value in integers], whole)
        count = len(plan.start)
        self.kept_real, self.kept_whole = (
            np.empty((len(self.real), count), dtype),
            np.empty((len(self.whole), count), whole),
        )

    def told(self, rows: int) -> Follow:
        """What drivers are told whose tiles have so many rows but for those of trackers."""
        when, after = self.when, (passes.AFTER, passes.ASKED)
        return Follow(
            passes.BEGINS in when,
            any(one in after for one in when),
            asked_every(self.plan, self.trackers),
            tells(self.plan),
            rows + 1,
            *(self.real, self.whole, self.kept_real, self.kept_whole),
        )

    def rows(self, rows: int, width: int, x: int) -> Rows:
        """What a thread needs for itself whose tiles have so many rows and lanes; x: the first of the point that is
        recorded."""
        dim = self.plan.start.shape[1]
        own = [tracker.own_rows(dim) for tracker in self.trackers]
        first = rows + 1  # after alive
        numbers = (first + len(self.real) + sum(own)) * width
        W = aligned(numbers + len(self.numbers), self.dtype)
        W[numbers:] = self.numbers
        owned = first + len(self.real) + np.cumsum([0, *own])[:-1]
        a, r, n = self.edges[:-1].T
        kinds = [_kind(tracker) for tracker in self.trackers]
        begins = (numbers + a, width * (first + r), width * (passes.FIRST + n), width * owned)
        parts = np.column_stack([self.when, kinds, *begins])
        told = width * (passes.FIRST + len(self.whole))
        head = (width, dim, self.plan.steps, width * 2 * dim, width * x, width * rows, len(parts))
        N = aligned(told + passes.HEAD + parts.size, self.whole.dtype)
        N[told:] = *head, *parts.ravel()
        return Rows(W, N, told, W[width * rows : width * first], N[:width], N[width : 2 * width])

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
