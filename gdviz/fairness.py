"""Fair play between optimizers: one rate for all, every rate tuned alike, or the same number of evaluations.

What is chosen depends on the recipe alone: starts are drawn with its seed, and grids are fixed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import formula
from gdviz import plan as planning
from gdviz.backends import STATUSES, Paths
from gdviz.backends.selection import choose
from gdviz.entries import resolve_options
from gdviz.errors import UsageError
from gdviz.plan import Plan, Setting
from gdviz.recipe import Entry, Recipe
from gdviz.registry import Definition

Floats = NDArray[np.float64]

RATES = tuple(float(f"{digit}e{power}") for power in range(-4, 3) for digit in (1, 3) if (power, digit) != (2, 3))
"""Half-decade grid of rates that are searched: 0.0001, 0.0003, 0.001 … 30, 100."""

STARTS = 64
"""Random starts in the domain from which every rate is tuned."""

Tuned = tuple[float, float, float, float, float]
"""A rate (0 where a rule has none), quartiles of the final loss with it, lowest first, and from how many starts."""


def tail_of(records: int) -> int:
    """How many of the last records make the end of a run: a tenth, so that a lucky last jump does not win."""
    return max(1, records // 10)


def settle_rates(
    setting: Setting, entries: Sequence[Entry], found: Sequence[Definition]
) -> tuple[tuple[Entry, ...], tuple[Tuned, ...]]:
    """The entries with the rates that the recipe's `fair` gives them, and what tuning found.

    Raises UsageError where rates are stated that contradict it, or where a rule has no rate that could be equal.
    """
    if setting.recipe.fair == "lr":
        return _equal(setting, entries, found), ()
    if setting.recipe.fair == "tuned":
        return _tune(setting, entries, found)
    return tuple(entries), ()


def _equal(setting: Setting, entries: Sequence[Entry], found: Sequence[Definition]) -> tuple[Entry, ...]:
    """One rate for all: the one that is stated, else the one with the lowest mean rank among the grid's.

    Ranks are of the mean final loss from the recipe's starts, for each optimizer by itself; equal losses share theirs.
    """
    for definition in found:
        if "lr" not in definition.parameters:
            raise UsageError(
                f"--fair lr gives all the same learning rate, and {definition.name} has none; "
                f"drop -o {definition.name} or type --fair evals"
            )
    named = [(entry.name, _stated(entry, definition)) for entry, definition in zip(entries, found, strict=True)]
    stated = {rate: name for name, rate in named if rate is not None}
    if len(stated) > 1:
        said = " and ".join(f"{name} has {rate:g}" for rate, name in list(stated.items())[:2])
        raise UsageError(f"--fair lr gives all the same learning rate, but {said}; state one, or none")
    if stated:
        (rate,) = stated
    else:
        ranks = []
        for entry, definition in zip(entries, found, strict=True):
            ends = final_losses(setting, entry, definition, None, RATES).mean(axis=1)
            ranks.append([(ends < end).sum() + ((ends == end).sum() - 1) / 2 for end in ends])
        rate = RATES[int(np.argmin(np.mean(ranks, axis=0)))]
    return tuple(_with_rate(entry, rate) for entry in entries)


def _tune(
    setting: Setting, entries: Sequence[Entry], found: Sequence[Definition]
) -> tuple[tuple[Entry, ...], tuple[Tuned, ...]]:
    """The rate of the grid with the lowest median of the final loss; of equals the one with lower quartiles."""
    known = setting.recipe.tuned
    if known and [row[0] for row in known] == [
        _stated(entry, d) or 0.0 for entry, d in zip(entries, found, strict=True)
    ]:
        return tuple(entries), known
    points = random_starts(setting)
    settled, tuned = [], []
    for entry, definition in zip(entries, found, strict=True):
        rate = _stated(entry, definition)
        searched = definition.searches_rate or entry.options.get("lr") == "auto"
        if searched and rate is not None:
            raise UsageError(
                f"--fair tuned searches every rate, but {entry.name} states {rate:g}; drop lr= or type --fair lr"
            )
        rates: tuple[float, ...] = RATES if searched else ()
        ends = final_losses(setting, entry, definition, points, rates)
        quartiles = np.quantile(ends, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf").T
        best = min(range(len(quartiles)), key=lambda i: (quartiles[i, 1], quartiles[i, 2], quartiles[i, 0], i))
        low, middle, high = map(float, quartiles[best])
        if searched:
            rate = rates[best]
            entry = _with_rate(entry, rate)
        tuned.append((rate or 0.0, low, middle, high, float(len(points))))
        settled.append(entry)
    return tuple(settled), tuple(tuned)


def _stated(entry: Entry, definition: Definition) -> float | None:
    """The rate that an entry or its preset states, a natural one included; None where it is open."""
    preset = definition.presets.get(entry.preset or "", {})
    rate = entry.options.get("lr", preset.get("lr"))
    if rate is None and "lr" in definition.parameters and not definition.searches_rate:
        rate = definition.parameters["lr"]
    return float(rate) if isinstance(rate, (int, float)) and np.isfinite(rate) else None


def _with_rate(entry: Entry, rate: float) -> Entry:
    return entry.model_copy(update={"options": {**entry.options, "lr": rate}})


def random_starts(setting: Setting) -> Floats:
    """float64[start, dim]: seeded points of the domain at which the landscape is finite."""
    low, high = np.array(setting.domain).T
    points = np.random.default_rng(setting.recipe.seed).uniform(low, high, (STARTS, len(low)))
    derived = formula.derive(setting.landscape, len(low))
    with np.errstate(all="ignore"):
        f = np.broadcast_to(np.asarray(derived.value(*points.T, **setting.constants), np.float64), len(points))
    if not np.isfinite(f).any():
        raise UsageError(f"{setting.landscape.name} is not finite at any random start of its domain; drop --fair tuned")
    return points[np.isfinite(f)]


def final_losses(
    setting: Setting, entry: Entry, optimizer: Definition, points: Floats | None, rates: Sequence[float]
) -> Floats:
    """float64[rate, start]: the mean loss over the last tenth of the steps, infinite for runs that diverged.

    points: float64[start, dim], by default the recipe's; rates: none to keep the entry's own, which is then one row.
    """
    options: Mapping[str, Any] = resolve_options(entry, optimizer)
    if rates:
        options = {**options, "lr": rates[0]}
    plan = planning.make(setting, entry, optimizer, options)
    plan = plan if points is None else plan.with_start(points)
    plan = dataclasses.replace(plan, every=max(1, plan.steps // 300))
    starts = len(plan.start)
    if rates:
        plan = plan.with_lanes(lr=np.array(rates))
    paths = run_plans([plan], setting.recipe, None)[1][0]
    f = np.where(np.isfinite(paths.f), paths.f, np.inf).astype(np.float64)
    ends = np.where(paths.status == STATUSES.index("diverged"), np.inf, f[:, -tail_of(f.shape[1]) :].mean(axis=1))
    return ends.reshape(-1, starts)


def run_plans(
    plans: Sequence[Plan], recipe: Recipe, progress: Callable[[int, int], None] | None
) -> tuple[str, list[Paths]]:
    """Name of the backend, and what every plan's trajectories were, by evaluations where the recipe says so."""
    by_steps = recipe.fair != "evals"
    wanted = [plan if by_steps else dataclasses.replace(plan, every=1) for plan in plans]
    backend, run = choose(wanted, recipe.backend, recipe.threads, progress)
    paths = [run(plan) for plan in wanted]
    return backend, paths if by_steps else [by_evaluations(p, plan) for p, plan in zip(paths, plans, strict=True)]


def by_evaluations(paths: Paths, plan: Plan) -> Paths:
    """Paths recorded at every step, cut and recorded at numbers of evaluations: the plan's `records` count these.

    A run stands where its last step within so many evaluations led; a step that would take more is not made.
    """
    budgets, lanes = plan.records, np.arange(len(paths.x))
    kept = np.stack([np.searchsorted(spent, budgets, side="right") - 1 for spent in paths.evals])  # int64[lane, record]
    cost = paths.evals[lanes, paths.stopped_at]
    within = cost <= plan.steps
    ended = within & (paths.stopped_at < plan.steps) | (within & (paths.status != 0))
    return Paths(
        np.take_along_axis(paths.x, kept[:, :, None], axis=1),
        np.take_along_axis(paths.f, kept, axis=1),
        np.where(within, paths.status, 0).astype(paths.status.dtype),
        np.where(ended, cost, plan.steps),
        np.take_along_axis(paths.evals, kept, axis=1),
        None if paths.followed is None else np.take_along_axis(paths.followed, kept[None], axis=2),
        kept,
    )
