"""What can run plans, as rows of a table; nothing is loaded before it is asked to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdviz.errors import UsageError, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gdviz.backends import Paths
    from gdviz.backends.collectors import Measure
    from gdviz.backends.trackers import Tracker
    from gdviz.objectives.network import Network
    from gdviz.objectives.objective import Objective
    from gdviz.plans.plan import Plan

    Floats = NDArray[np.float64]

AUTO = "auto"
"""What leaves the choice to gdviz."""

Progress = Callable[[int, int], None]
"""Told how many trajectories of a plan are done, and of how many."""


@dataclass(frozen=True)
class Backend:
    """One row.

    name: what users call it. run: what a plan's trajectories are, on so many threads, None for all there are, with some
    states of its rule, and what trackers answer of them. section: what an objective is worth at centre float64[dim] +
    directions float64[dim, direction] · at float64[direction, point], float64[point], on so many threads, a few points
    at a time. judge: a measure of records, dtype[number, run, record]: what is answered for an objective on the data of
    another. rules and dtypes: what it can run, as far as plans say that; check raises EmissionError for a plan that it
    cannot for another reason. ready: whether this machine has what it needs, which is asked last. tell: what is done
    where it is taken and nobody chose it. compiles: it makes kernels, which takes a while the first time and can be
    done beforehand. worth: the work from which it is taken where nobody chooses, in coordinates that NumPy moves by
    one step. depth: how many times as many runs as a core is handed at once keep it busy.
    """

    name: str
    run: Callable[[Plan, int | None, Progress | None, Sequence[str], Sequence[Tracker]], Paths]
    section: Callable[[Objective, Floats, Floats, Floats, int | None], Floats]
    judge: Callable[[Objective, Network, int | None], Measure]
    rules: tuple[str, ...] = ("vector", "program", "host")
    dtypes: tuple[str, ...] = ("float64", "float32")
    check: Callable[[Plan], None] = lambda plan: None
    ready: Callable[[], bool] = lambda: True
    tell: Callable[[], None] = lambda: None
    compiles: bool = False
    worth: float = 0.0
    depth: int = 1

    def takes(self, plan: Plan) -> bool:
        """Whether the kind of its rule and its dtype are among those that it can run."""
        return plan.optimizer.rule in self.rules and plan.dtype in self.dtypes


def _python(
    plan: Plan,
    threads: int | None,
    progress: Progress | None,
    states: Sequence[str],
    trackers: Sequence[Tracker],
) -> Paths:
    from gdviz.backends import python

    return python.run(plan, states, trackers)


def _cpu(
    plan: Plan,
    threads: int | None,
    progress: Progress | None,
    states: Sequence[str],
    trackers: Sequence[Tracker],
) -> Paths:
    from gdviz.backends import cpu

    return cpu.run(plan, threads, progress, states=states, trackers=trackers)


def _cuda(
    plan: Plan,
    threads: int | None,
    progress: Progress | None,
    states: Sequence[str],
    trackers: Sequence[Tracker],
) -> Paths:
    from gdviz.backends.cuda import runs

    return runs.run(plan, progress, states, trackers)


def _python_section(
    objective: Objective, centre: Floats, directions: Floats, at: Floats, threads: int | None
) -> Floats:
    from gdviz.objectives.plane import in_pieces

    return in_pieces(objective, centre, directions, at)


def _cpu_section(objective: Objective, centre: Floats, directions: Floats, at: Floats, threads: int | None) -> Floats:
    from gdviz.backends import points

    return points.section(objective, centre, directions, at, threads)


def _python_judge(objective: Objective, on: Network, threads: int | None) -> Measure:
    from gdviz.backends.collectors import at_points

    return at_points(on.judged, on.at_once, threads)


def _cpu_judge(objective: Objective, on: Network, threads: int | None) -> Measure:
    from gdviz.backends import points

    return lambda block: points.answers(objective, on, block.x, threads)


def _check_cpu(plan: Plan) -> None:
    from gdviz.backends import cpu

    cpu.check(plan)


def _check_cuda(plan: Plan) -> None:
    from gdviz.backends.cuda import runs

    runs.check(plan)


def _cuda_ready() -> bool:
    from gdviz.backends.cuda import api

    return api.ready()


def _cuda_taken() -> None:
    from gdviz.backends.cuda import runs

    runs.tell_taken()


BACKENDS: dict[str, Backend] = {
    row.name: row
    for row in (
        Backend("python", _python, _python_section, _python_judge),
        # One second of NumPy: about what two kernels take to compile the first time.
        Backend(
            *("cpu", _cpu, _cpu_section, _cpu_judge, ("vector", "program")),
            check=_check_cpu,
            compiles=True,
            worth=7_000_000,
        ),
        # Half a minute of one core: finding a device and compiling for it takes some seconds. Points that no run steps
        # on are few, so the processor answers for those.
        Backend(
            *("cuda", _cuda, _cpu_section, _cpu_judge, ("vector", "program")),
            check=_check_cuda,
            ready=_cuda_ready,
            tell=_cuda_taken,
            compiles=True,
            worth=50_000_000_000,
            # Of 2^16 runs of a landscape, or the 2000 of a network of 272 weights that a block of a study has, a large
            # device could hold four or a hundred times as many; several threads hand it theirs beside each other.
            depth=8,
        ),
    )
}
"""By their names. All answer the same bits for the same plan, but for two things: NumPy adds up samples of networks in
its own order, and devices round a product and a sum together. So only time decides between them."""


def names() -> tuple[str, ...]:
    """What may be asked for."""
    return AUTO, *BACKENDS


def asked(name: str) -> Backend | None:
    """The backend of a name, None where the choice is left to gdviz. Raises UsageError where there is none."""
    if name != AUTO and name not in BACKENDS:
        raise UsageError(f"there is no backend '{name}'; use one of {', '.join(names())}{nearest(name, names())}")
    return BACKENDS.get(name)
