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
from gdviz.plans.settled import Settled
from gdviz.plans.sources import Columns
from gdviz.plans.starts import MANY, random_starts
from gdviz.plans.training import Training
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

Floats = NDArray[np.float64]

Runs = NDArray[np.int64]
"""Numbers of runs: what of a run is random depends on seed and number alone."""

S = TypeVar("S", bound=Settled)
R = TypeVar("R", bound=Descent)


class Ground(ABC):
    """What runs descend and what moves them, with every rate settled.

    recipe: of a race or a training. racers: the optimizers, resolved once. used: definitions beside those of
    optimizers, transforms and schedules. Recipes of cells differ from it in what is varied, and each is settled before
    plans are made of it.
    """

    recipe: Descent
    racers: tuple[Racer, ...]
    used: tuple[Definition, ...]

    @abstractmethod
    def settled(self, recipe: Descent) -> Any:
        """What all plans of the recipe of a cell share. Raises UsageError where something does not fit."""

    @abstractmethod
    def plan(self, settled: Any, optimizer: int, runs: Runs, racer: Racer | None = None) -> Plan:
        """The plan of these runs of an optimizer, or of it with other options, recorded at start and end alone."""

    @abstractmethod
    def again(self, recipe: Descent, optimizer: int, runs: int, racer: Racer) -> Trajectories | Trained:
        """The first runs of a cell as a race or a training of its own, bit for bit, recorded as the recipe says."""

    def plans(self, lanes: int = 1) -> list[Plan]:
        """One of each optimizer, of so many lanes, all from where the first run begins."""
        settled, first = self.settled(self.recipe), np.zeros(1, np.int64)
        plans = [self.plan(settled, i, first) for i in range(len(self.racers))]
        return [plan.with_start(np.broadcast_to(plan.start, (lanes, plan.start.shape[1]))) for plan in plans]

    def on(self, backend: str) -> Ground:
        """The same whose runs are a backend's."""
        own: Any = self
        return dataclasses.replace(own, recipe=self.recipe.updated(backend=backend))  # type: ignore[no-any-return]

    def labels(self) -> tuple[str, ...]:
        """Of the optimizers."""
        return tuple(labels([self.recipe.said(racer.entry.label) for racer in self.racers], self.plans()))

    def completed(self, recipe: R, lanes: int, **changes: Any) -> R:
        """The recipe of a study with nothing left open that this ground has settled, and with these changes.

        Its backend is the one for so many lanes of each optimizer. Raises EmissionError where the one that is wanted
        cannot run them.
        """
        known = type(recipe).model_fields.keys() & type(self.recipe).model_fields.keys()
        filled = {key: getattr(self.recipe, key) for key in self.recipe.differs(recipe) if key in known}
        entries = [racer.entry.model_copy(update={"name": racer.definition.name}) for racer in self.racers]
        backend, _ = choose(self.plans(lanes), recipe.backend)
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
        racer = racer or self.racers[optimizer]
        middle = np.array(settled.domain).mean(axis=1)[None] if self.drawn else None
        plan = races.make(settled, racer.entry, racer.definition, racer.options, middle)
        return dataclasses.replace(plan, every=plan.steps).with_start(self.starts(settled, runs), runs)

    def again(self, recipe: Descent, optimizer: int, runs: int, racer: Racer) -> Trajectories:
        """As a race from the same starts."""
        points = self.starts(self.settled(recipe), np.arange(runs))
        few = len(points) <= MANY
        own = recipe.updated(optimizer=[racer.entry.flat()], start=points.tolist() if few else None)
        return simulation.race(self.settled(own), [racer.definition], points=None if few else points)


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkGround(Ground):
    """A model on data, of which every run has its own initial weights. given: columns that the recipe does not hold."""

    recipe: Train
    racers: tuple[Racer, ...]
    used: tuple[Definition, ...]
    given: Columns | None = None

    def settled(self, recipe: Descent) -> Training:
        """With data, architecture and batches."""
        return trainings.settle(cast(Train, recipe), self.given)

    def plan(self, settled: Training, optimizer: int, runs: Runs, racer: Racer | None = None) -> Plan:
        """From the initial weights of the runs."""
        racer = racer or self.racers[optimizer]
        own = dataclasses.replace(settled, initialisers=(settled.initialisers[optimizer],))
        start = own.starts(runs)[0]
        plan = settled.alone(optimizer).plan(racer.entry, racer.definition, racer.options, start)
        return dataclasses.replace(plan, every=plan.steps, runs=runs)

    def again(self, recipe: Descent, optimizer: int, runs: int, racer: Racer) -> Trained:
        """As a training of as many networks."""
        own = recipe.updated(optimizer=[racer.entry.flat()], runs=runs)
        return training.train(self.settled(own), [racer.definition])


def over_landscape(
    recipe: Race,
    drawn: bool,
    varied: Collection[str] = (),
    landscape: Definition | None = None,
    optimizers: Sequence[Definition | None] = (),
) -> LandscapeGround:
    """The ground of a race's recipe.

    drawn: whether runs begin at random points, from SEARCHED of which rates are then searched; varied: hyperparameters
    that cells decide, whose rates are not searched; landscape, optimizers: in place of names when they are plain
    functions. Raises UsageError where names, options, rates or starts do not fit.
    """
    asked(recipe.backend)  # before any work
    setting = races.settle(recipe, landscape)
    racers = _racers(recipe, optimizers, varied)
    ground = LandscapeGround(setting.recipe, racers, setting.landscape, drawn)
    points = ground.starts(setting, np.arange(simulation.SEARCHED if drawn else len(setting.recipe.start or ())))
    races.check_starts(setting, points)
    tried = dataclasses.replace(setting, recipe=setting.recipe.updated(start=points.tolist()))
    racers = tuple(_told(racer, varied) for racer in tuning.open_rates(tried, racers))
    recipe = setting.recipe.updated(start=None) if drawn else setting.recipe
    return dataclasses.replace(ground, recipe=recipe, racers=racers)


def over_networks(
    recipe: Train,
    varied: Collection[str] = (),
    given: Columns | None = None,
    optimizers: Sequence[Definition | None] = (),
) -> NetworkGround:
    """The ground of a training's recipe; given: columns that it does not hold, the rest is as in `over_landscape`."""
    asked(recipe.backend)  # before any work
    settled = trainings.settle(recipe, given)
    racers = rates.open_rates(settled, _racers(recipe, optimizers, varied))
    return NetworkGround(settled.recipe, tuple(_told(racer, varied) for racer in racers), settled.used, given)


def _racers(recipe: Descent, optimizers: Sequence[Definition | None], varied: Collection[str]) -> tuple[Racer, ...]:
    """The optimizers of a recipe, without rates to search where cells decide them."""
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


def _told(racer: Racer, varied: Collection[str]) -> Racer:
    """With its rate in its entry, also where that is the rule's own, unless cells decide it."""
    return racer if "lr" in varied else racer.stating
