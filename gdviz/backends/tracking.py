"""Trackers of a plan as compiled drivers take them, which are the same for all plans of a dtype."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from gdviz.backends import flags, passes
from gdviz.backends.trackers import Kept, Lowest, Nearest, Score, Tracker, answers, asked_every, tells
from gdviz.plans.plan import Plan

KINDS: dict[type[Tracker], int] = {Lowest: passes.LOWEST, Nearest: passes.NEAREST, Score: passes.SCORE}
"""Passes by what they do; that of Lowest is LEAST where no target is set."""


class Follow(NamedTuple):
    """What runs are followed by.

    begins, after: whether any tracker looks as a step begins, or after it; every: after how many steps it is shown the
    loss, 0 for never; tells: whether gradients are taken where runs are recorded. numbers and parts: see
    gdviz.backends.passes; real, whole: dtype[row] and int[row], what rows hold before the start; kept_real, kept_whole:
    dtype[row, run] and int[row, run], what they hold at the end.
    """

    begins: bool
    after: bool
    every: int
    tells: bool
    numbers: Any
    parts: Any
    real: Any
    whole: Any
    kept_real: Any
    kept_whole: Any


class Rows(NamedTuple):
    """A thread's own rows of trackers, dtype[row, lane] and int[row, lane]."""

    real: Any
    whole: Any


def signature(dtype: str) -> Any:
    """Of gdviz.backends.passes.note."""
    rows, whole, parts = (_array(kind, 2) for kind in (dtype, whole_dtype(dtype), np.int64))
    real, status, long = (_array(kind, 1) for kind in (dtype, np.int8, np.int64))
    number = numba.types.int64
    return number(rows, real, rows, whole, parts, real, status, long, *(number,) * 6)


def _array(kind: Any, axes: int) -> Any:
    return numba.types.Array(numba.from_dtype(np.dtype(kind)), axes, "C")


def whole_dtype(dtype: str) -> np.dtype[Any]:
    """Of the whole numbers beside reals of a dtype: as wide."""
    return np.dtype(f"int{8 * np.dtype(dtype).itemsize}")


@lru_cache(maxsize=8)
def note(dtype: str, follows: bool) -> Any:
    """The passes, compiled, or what stands in their place where nothing follows runs."""
    return flags.kernel(signature(dtype), passes.note if follows else passes.nothing)


class Following:
    """The trackers of a plan, and what they keep of its runs."""

    def __init__(self, plan: Plan, trackers: Sequence[Tracker]) -> None:
        dtype, whole = np.dtype(plan.dtype), whole_dtype(plan.dtype)
        count, dim = plan.start.shape
        self.trackers, self.steps = trackers, plan.steps
        self.note = note(plan.dtype, bool(trackers))
        self.sees = any(tracker.asks != "place" and tracker.looks_first(plan) for tracker in trackers)
        numbers = [tracker.numbers(dtype, dim) for tracker in trackers]
        begun = [tracker.begin() for tracker in trackers]
        sizes = [(len(n), len(real), len(integers)) for n, (real, integers) in zip(numbers, begun, strict=True)]
        self.edges = np.cumsum([(0, 0, 0), *sizes], axis=0)
        self.own = [tracker.own_rows(dim) for tracker in trackers]
        owned = self.edges[-1, 1] + np.cumsum([0, *self.own])[:-1]
        when = [_when(plan, tracker) for tracker in trackers]
        kinds = [_kind(tracker) for tracker in trackers]
        self.told = Follow(
            passes.BEGINS in when,
            passes.AFTER in when or passes.ASKED in when,
            asked_every(plan, trackers),
            tells(plan),
            np.concatenate([np.empty(0, dtype), *numbers]),
            np.column_stack([when, kinds, self.edges[:-1], owned]).astype(np.int64),
            np.array([value for real, _ in begun for value in real], dtype),
            np.array([value for _, integers in begun for value in integers], whole),
            np.empty((self.edges[-1, 1], count), dtype),
            np.empty((self.edges[-1, 2], count), whole),
        )

    def rows(self, width: int) -> Rows:
        """What a thread needs for itself."""
        real, whole = self.told.real, self.told.whole
        rows = real.size + sum(self.own)
        return Rows(np.empty((rows, width), real.dtype), np.empty((whole.size, width), whole.dtype))

    def answers(self, x: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
        """Of runs recorded at x, dtype[run, record, dim]."""
        real, whole = self.told.kept_real, self.told.kept_whole.astype(np.int64, copy=False)
        kept = []
        for tracker, (_, a, b), (_, c, d) in zip(self.trackers, self.edges, self.edges[1:], strict=False):
            kept.append((tracker, Kept(real[a:c], whole[b:d])))
        return answers(kept, x, self.steps)


def _kind(tracker: Tracker) -> int:
    aimless = isinstance(tracker, Lowest) and tracker.target == -np.inf
    return passes.LEAST if aimless else KINDS[type(tracker)]


def _when(plan: Plan, tracker: Tracker) -> int:
    if tracker.looks_first(plan):
        return passes.BEGINS
    return passes.ASKED if tracker.asks == "loss" else passes.AFTER
