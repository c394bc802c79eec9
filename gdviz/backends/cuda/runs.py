"""Trajectories of plans on a device, as other backends answer them but for the last digits: compilers of CUDA make one
operation of a product and a sum, which rounds once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from gdviz.backends import Paths
from gdviz.backends.cuda import api, sentences
from gdviz.backends.cuda.kernel import FlatPlan
from gdviz.backends.cuda.launch import Progress, execute
from gdviz.backends.cuda.program_kernel import ProgramPlan
from gdviz.backends.cuda.records import FlatKernel
from gdviz.backends.trackers import Tracker
from gdviz.errors import remark
from gdviz.plans.plan import Plan


class Flat(Protocol):
    """A plan as a kernel."""

    @property
    def turns(self) -> int:
        """That its launches go through."""

    @property
    def kernel(self) -> FlatKernel:
        """Of all its runs."""

    @property
    def values(self) -> Mapping[str, Any]:
        """What the kernel reads, by its arguments."""

    def paths(self, results: Mapping[str, NDArray[Any]]) -> Paths:
        """What the runs came to, of what the kernel wrote, dtype[run, …]."""


def flat_of(plan: Plan, trackers: Sequence[Tracker] = (), states: Sequence[str] = ()) -> Flat:
    """A plan, what follows it, and the states that are kept, as a kernel. Raises EmissionError."""
    if plan.optimizer.rule == "program":
        return ProgramPlan(plan, trackers)
    return FlatPlan(plan, trackers, states)


def run(
    plan: Plan, progress: Progress | None = None, states: Sequence[str] = (), trackers: Sequence[Tracker] = ()
) -> Paths:
    """All trajectories of a plan, followed by trackers, with states of its rule; cutting them changes no bit.

    Raises NoDevice where there is none, EmissionError where it cannot become a kernel, DeviceError where the device
    fails.
    """
    found = api.found()
    flat = flat_of(plan, trackers, states)
    fits(flat.kernel, found.local)
    return flat.paths(execute(found, flat.kernel, flat.values, len(plan.start), flat.turns, progress))


def check(plan: Plan) -> None:
    """Raise NoDevice where there is none, EmissionError where a plan cannot become a kernel."""
    room = api.found().local
    fits(flat_of(plan.part(0, 1)).kernel, room)


def fits(kernel: FlatKernel, room: int) -> None:
    """Raise EmissionError where a run needs more of its own than so many bytes, which a thread of the device has."""
    if kernel.own > room:
        raise sentences.too_large(kernel.what, kernel.own, room)


_taken = False


def tell_taken() -> None:
    """Say which device makes the runs, once in a process."""
    global _taken
    if not _taken:
        _taken = True
        remark(sentences.chosen(api.found().devices()[0].name))
