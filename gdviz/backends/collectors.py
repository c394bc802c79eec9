"""What is kept of runs is chosen: reductions that are handed what a backend recorded, block by block.

A block is what some runs of a plan were, as `Paths`. How many runs it holds is nobody's business: blocks are combined
in the order of the runs, and `combine` is associative and exact, so no bit depends on how a study is cut.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import Paths
from gdviz.backends.trackers import Tracker
from gdviz.plans.plan import Plan

Kept = TypeVar("Kept")
"""What a collector holds between two blocks."""

Result = TypeVar("Result")
"""What it makes of that in the end."""

BLOCK = 2**24
"""Numbers recorded at once, 128 MB in float64, unless a collector keeps them."""


class Run(Protocol):
    """What a backend makes of a plan, with states of its rule, followed by trackers."""

    def __call__(self, plan: Plan, states: Sequence[str], trackers: Sequence[Tracker] = ()) -> Paths: ...


class Collector(ABC, Generic[Kept, Result]):
    """A reduction in four functions.

    `combine(append(create(), a), append(create(), b))` is what `append(create(), ab)` is, bit for bit, where ab are the
    runs of a and then those of b. `states` are those of the rule that blocks have to hold, `trackers` what their runs
    have to be followed by; `keeps` says that it holds on to the arrays of a block, which are then those of all runs.
    """

    states: Sequence[str] = ()
    trackers: Sequence[Tracker] = ()
    keeps = False

    @abstractmethod
    def create(self) -> Kept:
        """What is held of no runs."""

    @abstractmethod
    def append(self, kept: Kept, block: Paths) -> Kept:
        """What is held once a block is added."""

    @abstractmethod
    def combine(self, kept: Kept, more: Kept) -> Kept:
        """What is held of some runs and those that come after them."""

    @abstractmethod
    def finalize(self, kept: Kept) -> Result:
        """What is answered."""


class Whole(Collector[list[Paths], Paths]):
    """All that is recorded: positions, losses, ends, hyperparameters that follow the loss, and some states."""

    keeps = True

    def __init__(self, states: Sequence[str] = ()) -> None:
        self.states = states

    def create(self) -> list[Paths]:
        """No blocks."""
        return []

    def append(self, kept: list[Paths], block: Paths) -> list[Paths]:
        """One block more."""
        return [*kept, block]

    def combine(self, kept: list[Paths], more: list[Paths]) -> list[Paths]:
        """Blocks one after the other."""
        return kept + more

    def finalize(self, kept: list[Paths]) -> Paths:
        """The blocks as one; a single one is not copied."""
        return kept[0] if len(kept) == 1 else joined(kept)


class Point(NamedTuple):
    """One record of every run: its number, int64[run], its position, dtype[run, dim], its loss, dtype[run], and how
    the run ended, see `Paths`."""

    record: NDArray[np.int64]
    x: NDArray[np.floating]
    f: NDArray[np.floating]
    status: NDArray[np.int8]
    stopped_at: NDArray[np.int64]


class Picked(Collector[list[Point], Point]):
    """One record of every run; what is held does not grow with their number."""

    @abstractmethod
    def choose(self, block: Paths) -> NDArray[np.int64]:
        """Which, int64[run]."""

    def create(self) -> list[Point]:
        """No runs."""
        return []

    def append(self, kept: list[Point], block: Paths) -> list[Point]:
        """Copies, so that nothing holds on to the block."""
        record, runs = self.choose(block), np.arange(len(block.x))
        x, f = block.x[runs, record], block.f[runs, record]
        return [*kept, Point(record, x, f, block.status, block.stopped_at)]

    def combine(self, kept: list[Point], more: list[Point]) -> list[Point]:
        """Runs one after the other."""
        return kept + more

    def finalize(self, kept: list[Point]) -> Point:
        """Of all runs."""
        return Point(*map(np.concatenate, zip(*kept, strict=True)))


class Final(Picked):
    """Where runs ended: their last record."""

    def choose(self, block: Paths) -> NDArray[np.int64]:
        """The last."""
        return np.full(len(block.x), block.x.shape[1] - 1)


class Best(Picked):
    """Where runs were lowest: of equals the first, of a run without any finite loss its start."""

    def choose(self, block: Paths) -> NDArray[np.int64]:
        """The lowest that is finite."""
        return np.where(np.isfinite(block.f), block.f, np.inf).argmin(axis=1)


class History(NamedTuple):
    """Losses of every run, dtype[run, record], how it ended, and hyperparameters that follow its loss; see `Paths`."""

    f: NDArray[np.floating]
    status: NDArray[np.int8]
    stopped_at: NDArray[np.int64]
    left_at: NDArray[np.int64]
    followed: NDArray[np.floating] | None


class Losses(Collector[list[History], History]):
    """All that is recorded of runs but their positions, which take as many times more as there are coordinates."""

    def create(self) -> list[History]:
        """No runs."""
        return []

    def append(self, kept: list[History], block: Paths) -> list[History]:
        """Arrays of their own in a block, so that nothing holds on to its positions."""
        return [*kept, History(block.f, block.status, block.stopped_at, block.left_at, block.followed)]

    def combine(self, kept: list[History], more: list[History]) -> list[History]:
        """Runs one after the other."""
        return kept + more

    def finalize(self, kept: list[History]) -> History:
        """Of all runs."""
        f, status, stopped, left, followed = zip(*kept, strict=True)
        paced = [part for part in followed if part is not None]
        joint = np.concatenate(paced, axis=1) if paced else None
        return History(np.concatenate(f), np.concatenate(status), np.concatenate(stopped), np.concatenate(left), joint)


class Leading(Collector[NDArray[np.floating] | None, NDArray[np.floating]]):
    """All positions of the first runs, dtype[run, record, dim]."""

    def __init__(self, runs: int) -> None:
        self.runs = runs

    def create(self) -> NDArray[np.floating] | None:
        """No runs."""
        return None

    def append(self, kept: NDArray[np.floating] | None, block: Paths) -> NDArray[np.floating] | None:
        """A copy of those that are wanted."""
        return self.combine(kept, block.x[: self.runs].copy())

    def combine(
        self, kept: NDArray[np.floating] | None, more: NDArray[np.floating] | None
    ) -> NDArray[np.floating] | None:
        """What is there first, and so many of the others as are wanted beside it."""
        if kept is None or more is None:
            return more if kept is None else kept
        return kept if len(kept) >= self.runs else np.concatenate([kept, more[: self.runs - len(kept)]])

    def finalize(self, kept: NDArray[np.floating] | None) -> NDArray[np.floating]:
        """Of the first runs."""
        assert kept is not None
        return kept


Answers = Mapping[str, NDArray[Any]]
"""Of trackers, by name, [run] each."""


class Tracked(Collector[list[Answers], Answers]):
    """What trackers answer; what is held does not grow with the number of steps."""

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self.trackers = trackers

    def create(self) -> list[Answers]:
        """No runs."""
        return []

    def append(self, kept: list[Answers], block: Paths) -> list[Answers]:
        """The answers of these trackers alone."""
        names = (name for tracker in self.trackers for name in tracker.names)
        return [*kept, {name: block.tracked[name] for name in names}]

    def combine(self, kept: list[Answers], more: list[Answers]) -> list[Answers]:
        """Runs one after the other."""
        return kept + more

    def finalize(self, kept: list[Answers]) -> Answers:
        """Of all runs."""
        return side_by_side(kept)


Measure = Callable[[Paths], NDArray[np.floating]]
"""A number of every record of a block's runs, float[run, record], by what is recorded of these runs alone; of several
numbers float[number, run, record]."""


class Measured(Collector[list[NDArray[np.floating]], NDArray[np.floating]]):
    """Numbers of every record, such as the loss on other data, NaN where a run has no loss any more."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def create(self) -> list[NDArray[np.floating]]:
        """No runs."""
        return []

    def append(self, kept: list[NDArray[np.floating]], block: Paths) -> list[NDArray[np.floating]]:
        """Measured at once: of the block's positions nothing is held."""
        return [*kept, np.where(np.isnan(block.f), np.nan, self.measure(block))]

    def combine(self, kept: list[NDArray[np.floating]], more: list[NDArray[np.floating]]) -> list[NDArray[np.floating]]:
        """Runs one after the other."""
        return kept + more

    def finalize(self, kept: list[NDArray[np.floating]]) -> NDArray[np.floating]:
        """Of all runs, dtype[run, record] or dtype[number, run, record]."""
        return np.concatenate(kept, axis=-2)


def at_points(
    function: Callable[[NDArray[Any]], NDArray[Any]], lanes: int | None = None, threads: int | None = None
) -> Measure:
    """What a function makes of points dtype[dim, lane] at every record: one number of each, dtype[lane], or several,
    dtype[number, lane].

    lanes: how many of them it is handed at once, None for all; threads: on which it works side by side.
    """

    def measure(block: Paths) -> NDArray[np.floating]:
        runs, records, dim = block.x.shape
        flat = np.ascontiguousarray(block.x.reshape(-1, dim).T)
        size = lanes or max(flat.shape[1], 1)

        def answered(first: int) -> NDArray[Any]:
            with np.errstate(all="ignore"):  # runs that diverge come far
                return np.asarray(function(np.ascontiguousarray(flat[:, first : first + size])))

        with ThreadPoolExecutor(threads or 1) as pool:
            found = np.concatenate(list(pool.map(answered, range(0, flat.shape[1], size))), axis=-1)
        return found.reshape(*found.shape[:-1], runs, records)

    return measure


def moved(block: Paths) -> NDArray[np.floating]:
    """How far every record is from the one before it, NaN of the first: lengths of steps where each is recorded."""
    with np.errstate(all="ignore"):
        steps = np.sqrt((np.diff(block.x, axis=1) ** 2).sum(axis=-1))
    return np.concatenate([np.full_like(block.f[:, :1], np.nan), steps], axis=1)


def travelled(block: Paths) -> NDArray[np.floating]:
    """How long the way to every record was, over the records before it."""
    with np.errstate(all="ignore"):
        return np.cumsum(np.nan_to_num(moved(block), nan=0.0, posinf=np.inf), axis=1)


def collect(plan: Plan, run: Run, collectors: Sequence[Collector[Any, Any]], block: int = BLOCK) -> list[Any]:
    """Run a plan and answer what each collector makes of it; `block`: about how many numbers are recorded at once."""
    count = len(plan.start)
    states = tuple(dict.fromkeys(name for collector in collectors for name in collector.states))
    trackers = tuple(dict.fromkeys(tracker for collector in collectors for tracker in collector.trackers))
    followed = sum(len(rows) for tracker in trackers for rows in tracker.begin())
    each = len(plan.records) * (plan.start.shape[1] * (1 + len(states)) + 1) + followed
    size = count if any(collector.keeps for collector in collectors) else max(1, block // each)
    kept = [collector.create() for collector in collectors]
    for first in range(0, count, max(1, size)):
        part = plan if size >= count else plan.part(first, min(first + size, count))
        paths = run(part, states, trackers)
        more = [collector.append(collector.create(), paths) for collector in collectors]
        kept = [collector.combine(a, b) for collector, a, b in zip(collectors, kept, more, strict=True)]
    # One after the other, so that no more than one of them is there twice, in pieces and whole.
    return [collector.finalize(kept.pop(0)) for collector in collectors]


def joined(parts: Sequence[Paths]) -> Paths:
    """The runs of several, one after the other, as one."""
    followed = [part.followed for part in parts if part.followed is not None]
    return Paths(
        x=np.concatenate([part.x for part in parts]),
        f=np.concatenate([part.f for part in parts]),
        status=np.concatenate([part.status for part in parts]),
        stopped_at=np.concatenate([part.stopped_at for part in parts]),
        left_at=np.concatenate([part.left_at for part in parts]),
        evals=np.concatenate([part.evals for part in parts]),
        followed=np.concatenate(followed, axis=1) if followed else None,
        states=side_by_side([part.states for part in parts]),
        tracked=side_by_side([part.tracked for part in parts]),
    )


def side_by_side(parts: Sequence[Answers]) -> dict[str, NDArray[Any]]:
    """Arrays of the same names, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
