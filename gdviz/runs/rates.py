"""Learning rates of training that are left open: the best of the half-decade grid."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST, STATUSES
from gdviz.backends.collectors import Losses, Measure, Measured, collect
from gdviz.backends.selection import choose
from gdviz.backends.table import BACKENDS, Backend
from gdviz.plans.plan import Plan
from gdviz.plans.training import Training
from gdviz.runs.tuning import RATES, Racer, ranked, shared, standings, tail_of

SEEDS = 3
"""Networks, the first of those that a recipe may ask for, by which every rate is judged."""

RECORDED = 100
"""Records of a run by which rates are judged."""

JUDGED = ("validation", "accuracy")
"""What objectives answer when networks are judged, in this order."""

Floats = NDArray[np.float64]


def open_rates(setting: Training, racers: Sequence[Racer]) -> tuple[Racer, ...]:
    """The racers with a rate in place of every `lr=auto`: that of the grid with which networks tell best what they
    have not seen.

    That is the lowest validation loss, or training loss where nothing is kept for validation, at the end: a mean over
    the last tenth of the records and over SEEDS networks. Of equals (see `standings`) the one that got there first,
    then the lower one. A rate with which any of them diverges counts last. Racers of one definition, variants beside
    each other, share the rate with the lowest mean rank among theirs.
    """
    starts = cache(lambda: setting.starts(np.arange(SEEDS, dtype=np.int64)))

    def rate_of(group: Sequence[int]) -> float:
        tried = [_tried(setting.alone(i), racers[i], starts()[i]) for i in group]
        return RATES[int(np.argmin(np.sum([ranked(standings(f, ends)) for f, ends in tried], axis=0)))]

    return shared(racers, rate_of)


def _tried(setting: Training, racer: Racer, start: Floats) -> tuple[Floats, Floats]:
    """The loss float64[rate, record] by which rates are judged, and its end float64[rate]; see `open_rates`."""
    racer = racer.at(RATES[0])
    plan = setting.plan(racer.entry, racer.definition, racer.options, start)
    plan = dataclasses.replace(plan, every=max(1, plan.steps // RECORDED)).with_lanes(lr=np.array(RATES))
    backend, run = choose([plan], setting.recipe.backend, setting.recipe.threads)
    judged = judges(setting, plan, BACKENDS[backend], setting.recipe.threads)
    unseen = [Measured(judged)] if "validation" in setting.judges else []
    history, *measured = collect(plan, run, [Losses(), *unseen])
    f = (measured[0][setting.judges.index("validation")] if measured else history.f).astype(np.float64)
    f = np.where(np.isfinite(f), f, np.inf).reshape(len(RATES), SEEDS, -1)
    f[np.isin(np.array(STATUSES)[history.status], LOST).reshape(len(RATES), SEEDS), 1:] = np.inf
    return f.mean(axis=1), f[:, :, -tail_of(f.shape[2]) :].mean(axis=(1, 2))


def judges(setting: Training, plan: Plan, backend: Backend, threads: int | None) -> Measure:
    """What networks are judged by at every record, by the backend that runs their plan: dtype[judge, run, record]."""
    measure = backend.judge(plan.objective, setting.objective.judging, threads)
    rows = [JUDGED.index(judge) for judge in setting.judges]
    return lambda block: measure(block)[rows]
