"""Plans run on a backend, by steps or by evaluations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from gdviz.backends import Paths
from gdviz.backends.collectors import Whole, collect
from gdviz.backends.selection import choose
from gdviz.plans.plan import Plan
from gdviz.recipe.options.race import Race


def run_plans(
    plans: Sequence[Plan],
    recipe: Race,
    progress: Callable[[int, int], None] | None,
    states: Sequence[Sequence[str]] = (),
) -> tuple[str, list[Paths]]:
    """Name of the backend, and what every plan's trajectories were, by evaluations where the recipe says so.

    states: of each plan's rule, to be kept.
    """
    by_steps = recipe.fair != "evals"
    wanted = [plan if by_steps else dataclasses.replace(plan, every=1) for plan in plans]
    backend, run = choose(wanted, recipe.backend, recipe.threads, progress)
    collectors = [Whole(kept) for kept in states or [()] * len(wanted)]
    paths = [collect(plan, run, [whole])[0] for plan, whole in zip(wanted, collectors, strict=True)]
    return backend, paths if by_steps else [by_evaluations(p, plan) for p, plan in zip(paths, plans, strict=True)]


def by_evaluations(paths: Paths, plan: Plan) -> Paths:
    """Paths recorded at every step, cut and recorded at numbers of evaluations: the plan's `records` count these.

    A run stands where its last step within so many evaluations led; a step that would take more is not made.
    """
    budgets, lanes = plan.records, np.arange(len(paths.x))
    kept = np.stack([np.searchsorted(spent, budgets, side="right") - 1 for spent in paths.evals])  # int64[lane, record]
    cost = paths.evals[lanes, paths.stopped_at]
    within = cost <= plan.steps
    left = np.where(paths.left_at < 0, -1, paths.evals[lanes, paths.left_at])
    ended = within & (paths.stopped_at < plan.steps) | (within & (paths.status != 0))
    return Paths(
        np.take_along_axis(paths.x, kept[:, :, None], axis=1),
        np.take_along_axis(paths.f, kept, axis=1),
        np.where(within, paths.status, 0).astype(paths.status.dtype),
        np.where(ended, cost, plan.steps),
        np.where((left >= 0) & (left <= plan.steps), left, -1),
        np.take_along_axis(paths.evals, kept, axis=1),
        None if paths.followed is None else np.take_along_axis(paths.followed, kept[None], axis=2),
        kept,
    )
