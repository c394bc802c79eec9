"""The texts that a plan is compiled from: its objective's, its rule's, and those of its transforms and schedules."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.backends import kernels
from gdviz.emit.kernel import UNROLLED
from gdviz.emit.program import parted_text, program_text
from gdviz.emit.schedule import PaceText, paces_text
from gdviz.emit.step import StepText, step_text
from gdviz.emit.transform import TransformText, transforms_text
from gdviz.plans.plan import Plan
from gdviz.registry.definition import Definition

LANES, MANY_LANES = 64, 256
"""Width of a tile: 256 where its rows stay in the nearest cache (30 KiB for Adam on two coordinates, float64), 64 for
more coordinates than are written out. 256 is a tenth faster than 64: what is done once a step costs less a lane."""


def width(dim: int, own: int | None = None) -> int:
    """Lanes of a tile of so many coordinates, or those that an objective asks for."""
    return own or (MANY_LANES if dim <= UNROLLED else LANES)


def width_of(plan: Plan) -> int:
    """Lanes of a plan's tiles."""
    return width(plan.start.shape[1], plan.objective.lanes(np.dtype(plan.dtype)))


def follows(plan: Plan) -> bool:
    """Whether steps can tell trackers how runs went: where coordinates are written out, and the new x is recorded as
    the step makes it."""
    dim, rule = plan.start.shape[1], plan.optimizer
    return rule.rule == "vector" and _stopping(plan) and dim <= UNROLLED and not (plan.transforms or rule.shown)


def step_of(plan: Plan, followed: tuple[str, ...] = ()) -> StepText:
    """The rule's kernels; followed: see gdviz.emit.step. Raises EmissionError where it cannot become some."""
    switches = tuple(sorted((name, plan.options[name]) for name in plan.optimizer.switches))
    watched = {scheduled.parameter for scheduled in plan.schedules if scheduled.watcher is not None}
    swept = tuple(name for name, value in plan.options.items() if isinstance(value, np.ndarray) or name in watched)
    scheduled = frozenset(scheduled.parameter for scheduled in plan.schedules)
    each = frozenset(name for name, value in plan.options.items() if np.ndim(value) == 2)
    dim, scratch = plan.start.shape[1], plan.objective.scratch
    return _step(plan.optimizer, switches, dim, swept, scheduled, _stopping(plan), scratch, each, followed)


def _stopping(plan: Plan) -> bool:
    # Transforms may read x from before the step.
    return plan.guarded or plan.tol > 0 or bool(plan.transforms)


def transforms_of(plan: Plan) -> TransformText | None:
    """Those of the transforms, None without any."""
    if not plan.transforms:
        return None
    chosen = [(one, tuple((name, options[name]) for name in one.switches)) for one, options in plan.transforms]
    return _transforms(tuple(chosen), step_of(plan))


def paces_of(plan: Plan, change: TransformText | None, followed: tuple[str, ...] = ()) -> PaceText | None:
    """That of the schedules that follow the loss, None without any; `change` are the transforms', `followed` as in
    `step_of`."""
    watchers = [s for s in plan.schedules if s.watcher is not None]
    if not watchers:
        return None
    step = step_of(plan, followed)
    given = [(s.parameter, s.parts[-1].definition, s.parts[-1].options) for s in watchers]
    taken = (step.layout.count, 0) if change is None else (change.count, len(change.uniform))
    return paces_text(given, step.layout, taken[0], len(step.uniform) + taken[1])


def texts(plan: Plan) -> tuple[str, ...]:
    """The modules a plan is compiled from, as they lie in the cache: the objective's, the optimizer's, and the one of
    its transforms if there are any."""
    if plan.optimizer.rule == "vector":
        lanes = width_of(plan)
        objective, rule = plan.objective.tile_text(lanes), step_of(plan).body
    else:
        lanes, objective, rule = 1, plan.objective.point_text(), program_of(plan)
    change = transforms_of(plan) if plan.transforms else None
    paces = paces_of(plan, change)
    return (
        kernels.source(plan.objective.origin, plan.dtype, lanes, objective),
        kernels.source(f"optimizer {plan.optimizer.name}", plan.dtype, lanes, rule),
        *((kernels.source("gradient transforms", plan.dtype, lanes, change.body),) if change else ()),
        *((kernels.source("schedules", plan.dtype, lanes, paces.body),) if paces else ()),
    )


def program_of(plan: Plan) -> str:
    """The function of a program rule. Raises EmissionError where it cannot become one."""
    return program_text(plan.optimizer, {name: plan.options[name] for name in plan.optimizer.switches})


def parted_of(plan: Plan) -> str:
    """The same with its state in parts, see gdviz.emit.program. Raises EmissionError."""
    return parted_text(plan.optimizer, {name: plan.options[name] for name in plan.optimizer.switches})


@lru_cache(maxsize=512)
def _step(
    optimizer: Definition,
    switches: tuple[tuple[str, Any], ...],
    dim: int,
    swept: tuple[str, ...],
    scheduled: frozenset[str],
    stopping: bool,
    scratch: int,
    each: frozenset[str],
    followed: tuple[str, ...],
) -> StepText:
    return step_text(optimizer, dict(switches), dim, swept, scheduled, stopping, scratch, each, followed)


@lru_cache(maxsize=512)
def _transforms(chosen: tuple[tuple[Definition, tuple[tuple[str, Any], ...]], ...], step: StepText) -> TransformText:
    return transforms_text([(definition, dict(switches)) for definition, switches in chosen], step)
