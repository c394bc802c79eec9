"""What the runs of a study descend, and what moves them, settled once: a landscape or a model on data."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.selection import choose
from gdviz.backends.table import asked
from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError
from gdviz.plans import schedules as pacing
from gdviz.plans import setting as races
from gdviz.plans import training as trainings
from gdviz.plans.plan import Plan
from gdviz.plans.setting import Setting
from gdviz.plans.sources import Columns
from gdviz.plans.starts import MANY, random_starts
from gdviz.plans.training import Training
from gdviz.recipe.options import options_of
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.train import Train
from gdviz.registry.definition import Definition
from gdviz.runs import rates, simulation, training, tuning
from gdviz.runs.descents import labels
from gdviz.runs.provenance import recorded
from gdviz.runs.trained import Trained
from gdviz.runs.trajectories import Trajectories
from gdviz.runs.tuning import Racer
from gdviz.studies.minima import least_of
from gdviz.vmath import random as draws

Floats = NDArray[np.float64]

Runs = NDArray[np.int64]
"""Numbers of runs: what of a run is random depends on seed and number alone."""

R = TypeVar("R", bound=Descent)

PIECES = 32
"""Into so many the runs of a small study are cut: its chunks, and the samples by which a map says how sure it is."""


class Ground(ABC):
    """What runs descend and what moves them.

    recipe: of a race or a training. racers: the optimizers, resolved once. used: definitions beside those of
    optimizers, transforms and schedules. varied: names of hyperparameters that cells decide. Recipes of cells differ
    from it in what is varied, and each is settled before plans are made of it.
    """

    recipe: Descent
    racers: tuple[Racer, ...]
    used: tuple[Definition, ...]
    varied: frozenset[str]

    @abstractmethod
    def settled(self, recipe: Descent) -> Any:
        """What all plans of the recipe of a cell share. Raises UsageError where something does not fit."""

    @abstractmethod
    def plan(self, settled: Any, optimizer: int, runs: Runs, racer: Racer | None = None) -> Plan:
        """The plan of these runs of an optimizer, or of it with other options, recorded at start and end alone."""

    @abstractmethod
    def least(self, settled: Any) -> float | None:
        """The lowest loss that is known of, None where none is."""

    @abstractmethod
    def searched(self) -> Ground:
        """The same with a rate in place of every `lr=auto`; until then these count as the least that is searched."""

    @abstractmethod
    def again(
        self, recipe: Descent, optimizer: int, runs: Runs, racer: Racer, begin: Runs | None = None
    ) -> Trajectories | Trained:
        """Runs of a cell, whose numbers follow each other, as a race or a training of its own, bit for bit, recorded as
        the recipe says. begin: numbers of the starts from which they begin, where these are not their own."""

    def stating(self, racers: Sequence[Racer]) -> tuple[Racer, ...]:
        """With their rates in their entries, unless cells decide them."""
        return tuple(racers) if "lr" in self.varied else tuple(racer.stating for racer in racers)

    @property
    def random(self) -> bool:
        """Whether anything in a run is random but where it begins: noise, batches, or the rule itself."""
        plans = self.plans()
        noisy = any(set(draws.DRAWS) & set(definition.inputs) for plan in plans for definition, _ in plan.transforms)
        return noisy or any(plan.objective.batched or "random" in plan.optimizer.inputs for plan in plans)

    def plans(self, lanes: int = 1) -> list[Plan]:
        """One of each optimizer, of so many lanes, all from where the first run begins."""
        settled, first = self.settled(self.recipe), np.zeros(1, np.int64)
        plans = [self.plan(settled, i, first) for i in range(len(self.racers))]
        shape = (lanes, plans[0].start.shape[1])
        return [plan.with_start(np.broadcast_to(plan.start, shape), np.broadcast_to(first, lanes)) for plan in plans]

    def on(self, backend: str) -> Ground:
        """The same whose runs are a backend's."""
        own: Any = self
        return dataclasses.replace(own, recipe=self.recipe.updated(backend=backend))  # type: ignore[no-any-return]

    def labels(self) -> tuple[str, ...]:
        """Of the optimizers."""
        return tuple(labels([self.recipe.said(racer.entry.label) for racer in self.racers], self.plans()))

    def completed(self, recipe: R, lanes: int, **changes: Any) -> R:
        """The recipe of a study with nothing left open that this ground has settled, and with these changes.

        Its backend is the one for so many lanes of each optimizer, in PIECES. Raises EmissionError where the one that
        is wanted cannot run them.
        """
        known, own = options_of(recipe.job), options_of(self.recipe.job)
        filled = {key: getattr(self.recipe, key) for key in known if key in own and known[key].stored}
        entries = [racer.entry.model_copy(update={"name": racer.definition.name}) for racer in self.racers]
        backend, _ = choose(self.plans(-(-lanes // PIECES)) * PIECES, recipe.backend)
        definitions = (*self.used, *(racer.definition for racer in self.racers))
        return recorded(recipe.updated(**{**filled, **changes}), entries, self.plans(), definitions, backend)


@dataclasses.dataclass(frozen=True, eq=False)
class LandscapeGround(Ground):
    """A landscape. drawn: whether runs begin at random points of the domain, by their numbers, in place of the recipe's
    starts in turn."""

    recipe: Race
    racers: tuple[Racer, ...]
    landscape: Definition
    drawn: bool
    varied: frozenset[str] = frozenset()

    @property
    def used(self) -> tuple[Definition, ...]:  # type: ignore[override]
        """The landscape."""
        return (self.landscape,)

    def settled(self, recipe: Descent) -> Setting:
        """With landscape, constants and domain."""
        return races.settle(cast(Race, recipe), self.landscape)

    def starts(self, settled: Setting, runs: Runs) -> Floats:
        """Where runs begin, float64[run, dim]."""
        if self.drawn:
            return random_starts(settled.domain, settled.objective.value, settled.recipe.seed, runs)
        typed = np.array(settled.recipe.start, np.float64)
        return typed[runs % len(typed)]

    def plan(self, settled: Setting, optimizer: int, runs: Runs, racer: Racer | None = None) -> Plan:
        """Guarded by the domain and all of the recipe's starts, whichever runs these are."""
        racer = _closed(racer or self.racers[optimizer])
        middle = np.array(settled.domain).mean(axis=1)[None] if self.drawn else None
        plan = races.make(settled, racer.entry, racer.definition, racer.options, middle)
        return dataclasses.replace(plan, every=plan.steps).with_start(self.starts(settled, runs), runs)

    def least(self, settled: Setting) -> float | None:
        """That of the lowest minimum."""
        return least_of(settled)

    def searched(self) -> LandscapeGround:
        """By the starts, of random ones by the first SEARCHED, as races do."""
        setting = self.settled(self.recipe)
        tried = dataclasses.replace(setting, recipe=setting.recipe.updated(start=self.first(setting).tolist()))
        return dataclasses.replace(self, racers=self.stating(tuning.open_rates(tried, self.racers)))

    def first(self, settled: Setting) -> Floats:
        """The starts, or some of the random ones, float64[start, dim]. Raises UsageError where the loss is finite at
        none."""
        count = simulation.SEARCHED if self.drawn else len(settled.recipe.start or ())
        points = self.starts(settled, np.arange(count))
        races.check_starts(settled, points)
        return points

    def again(
        self, recipe: Descent, optimizer: int, runs: Runs, racer: Racer, begin: Runs | None = None
    ) -> Trajectories:
        """As a race from the same starts; where typed ones lie beyond the domain, so that the guard depends on them, it
        has all of them at least."""
        settled = self.settled(recipe)
        if not self.drawn:
            typed, (low, high) = np.array(settled.recipe.start), np.transpose(settled.domain)
            if len(runs) < len(typed) and ((typed < low) | (typed > high)).any():
                runs = runs[0] - runs[0] % len(typed) + np.arange(len(typed))
        points = self.starts(settled, runs if begin is None else begin)
        few = len(points) <= MANY
        own = recipe.updated(optimizer=[racer.entry.flat()], start=points.tolist() if few else None, first=int(runs[0]))
        return simulation.race(self.settled(own), [racer.definition], points=None if few else points)


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkGround(Ground):
    """A model on data, of which every run has its own initial weights. given: columns that the recipe does not hold."""

    recipe: Train
    racers: tuple[Racer, ...]
    used: tuple[Definition, ...]
    varied: frozenset[str] = frozenset()
    given: Columns | None = None

    def settled(self, recipe: Descent) -> Training:
        """With data, architecture and batches."""
        return trainings.settle(cast(Train, recipe), self.given)

    def plan(self, settled: Training, optimizer: int, runs: Runs, racer: Racer | None = None) -> Plan:
        """From the initial weights of the runs."""
        racer = _closed(racer or self.racers[optimizer])
        own = dataclasses.replace(settled, initialisers=(settled.initialisers[optimizer],))
        start = own.starts(runs)[0]
        plan = settled.alone(optimizer).plan(racer.entry, racer.definition, racer.options, start)
        return dataclasses.replace(plan, every=plan.steps, runs=runs)

    @property
    def random(self) -> bool:
        """Also where initial weights are."""
        settled, some = self.settled(self.recipe), np.arange(2)
        starts = (self.plan(settled, optimizer, some).start for optimizer in range(len(self.racers)))
        return super().random or any((start[0] != start[1]).any() for start in starts)

    def least(self, settled: Training) -> float:
        """No loss is below 0."""
        return 0.0

    def searched(self) -> NetworkGround:
        """As trainings do."""
        found = rates.open_rates(self.settled(self.recipe), self.racers)
        return dataclasses.replace(self, racers=self.stating(found))

    def again(self, recipe: Descent, optimizer: int, runs: Runs, racer: Racer, begin: Runs | None = None) -> Trained:
        """As a training of as many networks."""
        own = recipe.updated(optimizer=[racer.entry.flat()], runs=len(runs), first=int(runs[0]))
        return training.train(self.settled(own), [racer.definition])


def over_landscape(
    recipe: Race,
    drawn: bool,
    varied: Collection[str] = (),
    landscape: Definition | None = None,
    optimizers: Sequence[Definition | None] = (),
) -> LandscapeGround:
    """The ground of a race's recipe, on which rates may still be open.

    drawn: whether runs begin at random points; varied: hyperparameters that cells decide; landscape, optimizers: in
    place of names when they are plain functions. Raises UsageError where names, options or starts do not fit.
    """
    asked(recipe.backend)  # before any work
    setting = races.settle(recipe, landscape)
    filled = setting.recipe.updated(start=None) if drawn else setting.recipe
    return LandscapeGround(filled, _racers(recipe, optimizers, varied), setting.landscape, drawn, frozenset(varied))


def over_networks(
    recipe: Train,
    varied: Collection[str] = (),
    given: Columns | None = None,
    optimizers: Sequence[Definition | None] = (),
) -> NetworkGround:
    """The ground of a training's recipe; given: columns that it does not hold, the rest is as in `over_landscape`."""
    asked(recipe.backend)  # before any work
    settled = trainings.settle(recipe, given)
    return NetworkGround(settled.recipe, _racers(recipe, optimizers, varied), settled.used, frozenset(varied), given)


def _racers(recipe: Descent, optimizers: Sequence[Definition | None], varied: Collection[str]) -> tuple[Racer, ...]:
    """The optimizers of a recipe, of which none says what cells decide; `lr=auto` says nothing."""
    entries = recipe.optimizer
    if not entries:
        raise UsageError("name at least one optimizer, as in -o adam")
    given = [*optimizers, *[None] * (len(entries) - len(optimizers))]
    found = [definition or find("optimizer", entry.name) for entry, definition in zip(entries, given, strict=True)]
    pacing.check(recipe.schedule, entries, found)
    racers = []
    for entry, definition in zip(entries, found, strict=True):
        own = {k: v for k, v in definition.spelled(entry.options).items() if k not in varied or v != "auto"}
        for name in own.keys() & {*varied}:
            raise UsageError(f"{name} is varied over the cells, and {entry.name} states {name}={own[name]}; drop one")
        racers.append(Racer.of(entry.model_copy(update={"options": own}), definition))
    return tuple(racers)


def _closed(racer: Racer) -> Racer:
    return racer.at(tuning.RATES[0]) if racer.options.get("lr") == "auto" else racer
