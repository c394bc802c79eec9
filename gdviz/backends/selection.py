"""Which backend runs a plan: time decides, as the answers are the same, or as good."""

from __future__ import annotations

from collections.abc import Sequence

from gdviz.backends.collectors import Run
from gdviz.backends.table import AUTO, BACKENDS, Backend, Progress, asked
from gdviz.emit.expression import EmissionError
from gdviz.plans.plan import Plan

STEP_COST = 500
"""What the calls of one step cost NumPy, in coordinates of one lane: 70 µs against 0.14 µs."""


def choose(
    plans: Sequence[Plan], wanted: str = AUTO, threads: int | None = None, progress: Progress | None = None
) -> tuple[str, Run]:
    """Name of the backend for some plans, and what runs one of them.

    `progress` is told how many trajectories of a plan are done, and of how many, by backends that take their time.

    Where nobody chooses it is the one for the most work of those that are worth it, are ready and can run every plan.
    Raises EmissionError where the one that is wanted cannot, UsageError where there is none of that name or the machine
    lacks what it needs.
    """
    row = asked(wanted)
    if row is None:
        work = sum(map(_work, plans))
        if any(plan.objective.compiled for plan in plans):
            work = max(work, min(row.worth for row in BACKENDS.values() if row.compiles))
        rows = sorted(BACKENDS.values(), key=lambda row: row.worth, reverse=True)
        row = next(row for row in rows if work >= row.worth and row.ready() and _can(row, plans))
        row.tell()
    else:
        for plan in plans:
            check(row, plan)
    return row.name, lambda plan, states, trackers=(): row.run(plan, threads, progress, states, trackers)


def check(row: Backend, plan: Plan) -> None:
    """Raise EmissionError where a backend cannot run a plan."""
    if not row.takes(plan):
        others = " or ".join(other.name for other in BACKENDS.values() if other.takes(plan) and other.ready())
        what = f"{plan.optimizer.name}, a {plan.optimizer.rule} rule, in {plan.dtype}"
        raise EmissionError(f"the {row.name} backend does not run {what}; use --backend {others}")
    row.check(plan)


def _can(row: Backend, plans: Sequence[Plan]) -> bool:
    """Whether a backend runs all of them."""
    try:
        for plan in plans:
            check(row, plan)
    except EmissionError:
        return False
    return True


def _work(plan: Plan) -> float:
    """Of all its runs, in coordinates that NumPy moves by one step."""
    return plan.steps * (STEP_COST * _calls(plan) + plan.start.size * plan.objective.weight)


def _calls(plan: Plan) -> int:
    """Calls of a rule in one step: NumPy takes all lanes of a vector rule at once, those of any other one by one."""
    return 1 if plan.optimizer.rule == "vector" else len(plan.start)
