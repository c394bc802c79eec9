"""From a recipe to trajectories: settle it, choose the rates that are left open, run every plan."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import STATUSES, Paths
from gdviz.backends.selection import choose
from gdviz.backends.table import AUTO, asked
from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import Plan
from gdviz.plans.setting import Setting, check_starts, make, settle
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.race import Race
from gdviz.registry.definition import Definition
from gdviz.runs.anatomy import apart_of, states_of
from gdviz.runs.descents import followed_of, labels, stacked, tell_unmoved
from gdviz.runs.execution import run_plans
from gdviz.runs.provenance import recorded
from gdviz.runs.trajectories import Trajectories
from gdviz.runs.tuning import Racer, open_rates, settle_rates

SEARCHED = 64
"""Starts from which `lr=auto` and `--fair lr` search their rates when there are very many."""


def simulate(
    recipe: Race,
    landscape: Definition | None = None,
    optimizers: Sequence[Definition | None] = (),
    progress: Callable[[int, int], None] | None = None,
    points: NDArray[np.float64] | None = None,
) -> Trajectories:
    """Run a recipe. `landscape` and `optimizers` stand in for names when they are plain functions.

    `progress` is told, one optimizer after the other, how many trajectories are done and of how many. `points`,
    float64[start, dim], are starts too many for a recipe, which then holds their hash only; rates are searched from
    SEARCHED of them, drawn with the recipe's seed.

    Raises UsageError where names, options or starts do not fit.
    """
    asked(recipe.backend)  # before any work
    if points is not None:
        recipe = recipe.updated(start=_sample(points, recipe.seed).tolist())
    return race(settle(recipe, landscape), optimizers, progress, points)


def race(
    setting: Setting,
    optimizers: Sequence[Definition | None] = (),
    progress: Callable[[int, int], None] | None = None,
    points: NDArray[np.float64] | None = None,
) -> Trajectories:
    """Run a settled recipe; the rest is as in `simulate`."""
    check_starts(setting, points)
    entries = setting.recipe.optimizer
    if not entries:
        raise UsageError("name at least one optimizer, as in -o adam")
    given = [*optimizers, *[None] * (len(entries) - len(optimizers))]
    found = [definition or find("optimizer", entry.name) for entry, definition in zip(entries, given, strict=True)]
    pacing.check(setting.recipe.schedule, entries, found)
    plans: list[Plan] = []
    resolved: list[Entry] = []
    fair, tuned = settle_rates(setting, [Racer.of(*pair) for pair in zip(entries, found, strict=True)])
    for racer in (racer.stating for racer in open_rates(setting, fair)):
        plan = make(setting, racer.entry, racer.definition, racer.options, points)
        plans.append(dataclasses.replace(plan, runs=plan.runs + setting.recipe.first))
        resolved.append(racer.entry.model_copy(update={"name": racer.definition.name}))
    states = [states_of(setting.recipe, plan.optimizer) for plan in plans]
    backend, paths = run_plans(plans, setting.recipe, progress, states)
    if setting.recipe.fair != "evals":
        tell_unmoved(plans, paths)
    final = recorded(setting.recipe, resolved, plans, (setting.landscape, *found), backend).updated(
        tuned=tuned, **({} if points is None else {"start": None, "starts_hash": _hash(points)})
    )
    return Trajectories(
        x=stacked([p.x for p in paths]),
        f=stacked([p.f for p in paths]),
        t=plans[0].records,
        status=np.array(STATUSES)[np.stack([p.status for p in paths])],
        stopped_at=np.stack([p.stopped_at for p in paths]),
        left_at=np.stack([p.left_at for p in paths]),
        evals=stacked([p.evals for p in paths]),
        labels=tuple(labels([final.said(entry.label) for entry in resolved], plans)),
        recipe=final,
        setting=dataclasses.replace(setting, recipe=final),
        plans=tuple(plans),
        followed=tuple(followed_of(plan, p) for plan, p in zip(plans, paths, strict=True)),
        states=tuple(p.states for p in paths),
        apart=tuple(apart_of(setting.recipe, plan) for plan in plans),
    )


def _sample(points: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """SEARCHED of the points, drawn without replacement: the first, or every so manieth, of a grid are a few lines."""
    chosen = np.random.default_rng(seed).choice(len(points), min(SEARCHED, len(points)), replace=False)
    return points[np.sort(chosen)]


def _hash(points: NDArray[np.float64]) -> str:
    return hashlib.sha256(np.ascontiguousarray(points).data).hexdigest()[:16]


def rerun(
    plan: Plan,
    backend: str = AUTO,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Paths:
    """Run one plan, such as one of a run's `plans` with other starts or rates, on a backend."""
    _, run = choose([plan], backend, threads, progress)
    return run(plan, ())
