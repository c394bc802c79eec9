"""Which backend runs a plan: the answers are the same bit for bit, so only time decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gdviz.backends import Paths, python
from gdviz.emit.expression import EmissionError
from gdviz.plans.plan import Plan

STEP_COST = 500
"""What the calls of one step cost NumPy, in coordinates of one lane: 70 µs against 0.14 µs."""

WORTH_COMPILING = 7_000_000
"""In the same unit, one second of NumPy: about what two kernels take to compile the first time."""

Run = Callable[[Plan], Paths]


def choose(
    plans: Sequence[Plan],
    wanted: str = "auto",
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[str, Run]:
    """Name of the backend for some plans, and what runs one of them.

    `progress` is told how many trajectories of a plan are done, and of how many, by backends that take their time.

    "auto" takes the compiled one where NumPy would take longer than compiling, and every plan can be compiled. Raises
    EmissionError where "cpu" is wanted and a plan cannot.
    """
    work = sum(plan.steps * (STEP_COST * _calls(plan) + plan.start.size) for plan in plans)
    if wanted == "python" or (wanted == "auto" and work < WORTH_COMPILING):
        return "python", python.run
    from gdviz.backends import cpu

    try:
        for plan in plans:
            cpu.check(plan)
    except EmissionError:
        if wanted == "cpu":
            raise
        return "python", python.run
    return "cpu", lambda plan: cpu.run(plan, threads, progress)


def _calls(plan: Plan) -> int:
    """Calls of a rule in one step: NumPy takes all lanes of a vector rule at once, those of any other one by one."""
    return 1 if plan.optimizer.rule == "vector" else len(plan.start)
