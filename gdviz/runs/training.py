"""From a recipe to trained networks: rates that are left open are searched, every plan is run in blocks, and of these
is kept what was asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from gdviz.backends import STATUSES
from gdviz.backends.collectors import (
    Collector,
    Final,
    History,
    Leading,
    Losses,
    Measure,
    Measured,
    Point,
    at_points,
    collect,
    moved,
    travelled,
)
from gdviz.backends.cores import affinity
from gdviz.backends.selection import choose
from gdviz.backends.table import BACKENDS, Backend, asked
from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError, remark
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import Plan
from gdviz.plans.training import Training
from gdviz.registry.definition import Definition
from gdviz.runs.descents import followed_of, labels, short, stacked, tell_unmoved
from gdviz.runs.provenance import recorded
from gdviz.runs.rates import judges, open_rates
from gdviz.runs.trained import Trained
from gdviz.runs.tuning import Racer

LARGE = 2**28
"""Bytes of an answer from which it is told before the work begins how many it takes."""

ROOM = 2**31
"""Bytes that the weights of one run may take at all its records, which stand in memory until they are measured."""

MEASURES: Mapping[str, Callable[[Training], Measure]] = {
    "gradient": lambda setting: at_points(setting.slopes, setting.objective.at_once, threads_of(setting)),
    "step": lambda setting: moved,
}
"""What panels show of every record beside losses and accuracy, by their names."""


def train(
    setting: Training,
    optimizers: Sequence[Definition | None] = (),
    progress: Callable[[int, int], None] | None = None,
    paths: int = 0,
) -> Trained:
    """Train the networks of a settled recipe; `optimizers` stand in for names when they are plain functions.

    paths: of how many runs, the first ones, the weights of every record are kept. `progress` is told, one optimizer
    after the other, how many networks of a block are done and of how many. Beside the answer, one of whose arrays may
    be there twice, memory is bounded, see `collect`. Raises UsageError where something does not fit.
    """
    recipe = setting.recipe
    asked(recipe.backend)  # before any work
    if not recipe.optimizer:
        raise UsageError("name at least one optimizer, as in -o adam")
    given = [*optimizers, *[None] * (len(recipe.optimizer) - len(optimizers))]
    pairs = zip(recipe.optimizer, given, strict=True)
    found = [definition or find("optimizer", entry.name) for entry, definition in pairs]
    pacing.check(recipe.schedule, recipe.optimizer, found)
    racers = [Racer.of(*pair) for pair in zip(recipe.optimizer, found, strict=True)]
    _check_size(setting, paths)
    racers = [racer.stating for racer in open_rates(setting, racers)]
    runs = np.arange(recipe.first, recipe.first + recipe.runs, dtype=np.int64)
    starts = setting.starts(runs)
    plans = [
        dataclasses.replace(setting.alone(i).plan(racer.entry, racer.definition, racer.options, start), runs=runs)
        for i, (racer, start) in enumerate(zip(racers, starts, strict=True))
    ]
    backend, kept = _collected(setting, plans, paths, recipe.backend, recipe.threads, progress)
    histories: list[History] = [one.pop("losses") for one in kept]
    resolved = [racer.entry.model_copy(update={"name": racer.definition.name}) for racer in racers]
    final = recorded(recipe, resolved, plans, (*setting.used, *found), backend)
    besides = [
        [f"batch {batch.size or 'full'}", " ".join(["init", init.name, *_differing(init, options)])]
        for batch, (init, options) in zip(setting.batches, setting.initialisers, strict=True)
    ]
    parts = [one.pop("judges") for one in kept] if setting.judges else []
    judged = {name: stacked([part[k] for part in parts]) for k, name in enumerate(setting.judges)}
    made = {name: stacked([one.pop(name) for one in kept]) for name in [*kept[0]]}
    return Trained(
        f=stacked([history.f for history in histories]),
        t=setting.records,
        status=np.array(STATUSES)[np.stack([history.status for history in histories])],
        stopped_at=np.stack([history.stopped_at for history in histories]),
        left_at=np.stack([history.left_at for history in histories]),
        labels=tuple(labels([final.said(entry.label) for entry in resolved], plans, besides)),
        recipe=final,
        setting=setting.told(final),
        plans=tuple(plans),
        followed=tuple(followed_of(plan, history) for plan, history in zip(plans, histories, strict=True)),
        validation_loss=judged.get("validation"),
        accuracy=judged.get("accuracy"),
        weights=made["weights"],
        path=made.get("path"),
        way=made["way"],
        measures={name: made[name] for name in shown(setting)},
    )


def _collected(
    setting: Training,
    plans: Sequence[Plan],
    paths: int,
    backend: str,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    only: Collection[str] | None = None,
) -> tuple[str, list[dict[str, Any]]]:
    """Name of the backend, and of every plan what each collector, or `only` those of these names, makes of it, at the
    records of the training."""
    backend, run = choose(plans, backend, threads, progress)
    found = []
    for i, plan in enumerate(plans):
        kinds = collectors(setting, plan, paths, BACKENDS[backend])
        kinds = {name: kind for name, kind in kinds.items() if only is None or name in only}
        made = dict(zip(kinds, collect(plan, run, list(kinds.values())), strict=True))
        if "losses" in made:
            tell_unmoved([plan], [made["losses"]])
        found.append({name: _settled(kinds[name], answer, setting, i, plan) for name, answer in made.items()})
    return backend, found


def _settled(kind: Collector[Any, Any], answer: Any, setting: Training, optimizer: int, plan: Plan) -> Any:
    """What a collector answers, of positions these alone, at the records of the training where these are not those of
    the plan."""
    if isinstance(answer, Point):
        return answer.x
    if not setting.by_samples:
        return answer
    kept = np.searchsorted(plan.records, setting.steps_at(optimizer), side="right") - 1
    if not isinstance(answer, History):
        return np.take(answer, kept, axis=1 if isinstance(kind, Leading) else -1)
    batch, samples = setting.batches[optimizer], len(setting.data.training)
    return History(
        answer.f[:, kept],
        answer.status,
        batch.seen(samples, answer.stopped_at),
        np.where(answer.left_at < 0, -1, batch.seen(samples, answer.left_at)),
        None if answer.followed is None else answer.followed[:, :, kept],
    )


def completed(run: Trained, paths: int) -> Trained:
    """The training with all that a picture by its recipe shows of it: what was not kept is collected now.

    paths: of how many runs it shows the weights of every record.
    """
    setting = run.setting.told(run.recipe)
    fewer = run.path is None or run.path.shape[1] < min(paths, setting.recipe.runs)
    wanted = [*(name for name in shown(setting) if name not in run.measures), *(["path"] if paths and fewer else [])]
    if not wanted:
        return dataclasses.replace(run, setting=setting)
    _, kept = _collected(setting, run.plans, paths, run.recipe.backend, only=wanted)
    made = {name: stacked([one.pop(name) for one in kept]) for name in wanted}
    path = made.pop("path", run.path)
    return dataclasses.replace(run, setting=setting, path=path, measures={**run.measures, **made})


def _differing(definition: Definition, options: Mapping[str, Any]) -> list[str]:
    """Options that are not at their defaults, as labels write them."""
    return [f"{definition.symbol(key)} = {short(value)}" for key, value in definition.differing(options).items()]


def threads_of(setting: Training) -> int:
    """Threads on which networks are asked outside their kernels."""
    return setting.recipe.threads or affinity()


def shown(setting: Training) -> list[str]:
    """What panels show of every record, of MEASURES."""
    asked_for = {panel.partition(":")[0] for panel in setting.recipe.panel}
    return [name for name in MEASURES if name in asked_for]


def collectors(setting: Training, plan: Plan, paths: int, backend: Backend) -> dict[str, Collector[Any, Any]]:
    """What is kept of a plan that a backend runs, by name."""
    found: dict[str, Collector[Any, Any]] = {"losses": Losses(), "weights": Final(), "way": Measured(travelled)}
    if setting.judges:
        found["judges"] = Measured(judges(setting, plan, backend, threads_of(setting)))
    found |= {name: Measured(MEASURES[name](setting)) for name in shown(setting)}
    return {**found, "path": Leading(min(paths, setting.recipe.runs))} if paths else found


def size_of(setting: Training, paths: int) -> int:
    """Bytes that an answer takes; paths: of how many runs the weights of every record are kept."""
    records, dim = len(setting.records), setting.objective.dim
    numbers = 2 + len(shown(setting)) + len(setting.judges)  # the loss, how far the weights went, and what is asked for
    each = setting.recipe.runs * (dim + records * numbers)
    each += min(paths, setting.recipe.runs) * records * dim
    return len(setting.recipe.optimizer) * each * np.dtype(setting.recipe.dtype).itemsize


def _check_size(setting: Training, paths: int) -> None:
    """Say, before any work, how much a large answer takes. Raises UsageError where one run alone has no room."""
    parts = [setting.alone(i) for i in range(len(setting.batches))]
    records, dim = max(len(part.records) for part in parts), setting.objective.dim
    each = dim * np.dtype(setting.recipe.dtype).itemsize
    if (size := records * each) > ROOM:
        least = 2 * each  # a run has at least its start and its end
        every = f"type --every {-(-size // ROOM) * setting.recipe.every} or more"
        raise UsageError(
            f"{setting.objective.name}: {dim} weights at {records} records take {size / 2**30:.3g} GB for each run; "
            f"{every if least <= ROOM else 'choose narrower layers'}"
        )
    if (size := size_of(setting, paths)) >= LARGE:
        remark(f"the answer takes {size / 2**30:.3g} GB of memory; --every K takes K times less")
