"""What all plans of a training share: data, network, batches and initial weights settled."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.objectives.architecture import Architecture, architecture_of
from gdviz.objectives.batches import Batch
from gdviz.objectives.data import Data
from gdviz.objectives.initial import initial
from gdviz.objectives.links import LINKED
from gdviz.objectives.network import Network
from gdviz.plans.data import load, source_of
from gdviz.plans.plan import GUARD, Plan, recorded_steps
from gdviz.plans.settled import Settled, planned
from gdviz.plans.sources import Columns
from gdviz.recipe import tables
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.train import Train
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.loss import LossFacts
from gdviz.registry.kinds.model import ModelFacts
from gdviz.registry.vocabulary import BINARY, CLASSES, REGRESSION

STEPS = 10**7
"""Steps of a training at most, as the recipe's own `steps` has it; of each that is recorded something is kept."""

EPOCHS = 20
"""How often all samples are seen where nobody says."""

BATCH = 32
"""Samples of a batch where nobody says and there are as many."""

Chosen = tuple[Definition, Mapping[str, Any]]
"""A definition and all its options."""


@dataclasses.dataclass(frozen=True, eq=False)
class Training(Settled):
    """What all plans of a training share.

    recipe: with batch, epochs and definitions filled in. data: what is learned from; architecture: of the network;
    initialisers, batches: what the weights of each optimizer's networks are at first, and how its steps see the
    samples; used: all definitions beside those of optimizers, transforms and schedules.
    """

    recipe: Train
    data: Data
    architecture: Architecture
    loss: Chosen
    initialisers: tuple[Chosen, ...]
    batches: tuple[Batch, ...]
    used: tuple[Definition, ...]

    @property
    def batch(self) -> Batch:
        """That with most steps in an epoch."""
        return max(self.batches, key=lambda batch: batch.epoch(len(self.data.training)))

    @property
    def by_samples(self) -> bool:
        """Whether records count samples, since steps do not see as many of them with every optimizer."""
        return len({*self.batches}) > 1

    @cached_property
    def objective(self) -> Network:
        """The network on the samples of training, which the steps of `batch` see."""
        data, recipe = self.data, self.recipe
        return Network(
            self.architecture,
            *self.loss,
            data.inputs(data.training),
            data.targets(data.training),
            batch=self.batch,
            l1=recipe.l1,
            l2=recipe.l2,
            name=f"{self.model} on {data.name}",
            validation=(data.inputs(data.validation), data.targets(data.validation)) if len(data.validation) else None,
            classes=len(data.classes) > 0,
        )

    @property
    def judges(self) -> tuple[str, ...]:
        """What networks are judged by beside their loss: "validation", the loss of samples that no step sees, where
        there are any, and "accuracy", where there are classes."""
        found = {"validation": len(self.data.validation) > 0, "accuracy": len(self.data.classes) > 0}
        return tuple(name for name, there in found.items() if there)

    @property
    def model(self) -> str:
        """The model as typed."""
        assert self.recipe.model is not None
        return self.recipe.model.typed()

    def told(self, recipe: Train) -> Training:
        """The same of a recipe that is drawn otherwise."""
        return dataclasses.replace(self, recipe=recipe)

    @property
    def steps(self) -> int:
        """The recipe's, or those of its epochs; where these differ, the most."""
        return self.recipe.steps or (self.recipe.epochs or EPOCHS) * self.batch.epoch(len(self.data.training))

    @property
    def records(self) -> NDArray[np.int64]:
        """Steps that are recorded, int64[record], or by samples how many of these were seen until then."""
        steps = recorded_steps(self.steps, self.recipe.every)
        return self.batch.seen(len(self.data.training), steps) if self.by_samples else steps

    def alone(self, optimizer: int) -> Training:
        """What the plan of one optimizer is made of; one with a larger batch than others records all of its steps."""
        batch = self.batches[optimizer]
        recipe = self.recipe if batch == self.batch else self.recipe.updated(every=1)
        return self if not self.by_samples else dataclasses.replace(self, batches=(batch,), recipe=recipe)

    def steps_at(self, optimizer: int) -> NDArray[np.int64]:
        """The step, int64[record], at which an optimizer stands in every record: its last until then."""
        if not self.by_samples:
            return self.records
        alone = self.alone(optimizer)
        seen = alone.batch.seen(len(self.data.training), np.arange(alone.steps + 1))
        return np.asarray(np.searchsorted(seen, self.records, side="right") - 1)

    def starts(self, runs: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Initial weights of these runs for each optimizer, float64[run, parameter]: those of a run depend on seed and
        number alone, and optimizers that begin alike have one array."""
        made: list[NDArray[np.float64]] = []
        for number, chosen in enumerate(self.initialisers):
            first = self.initialisers.index(chosen)
            known = first < number
            made.append(made[first] if known else initial(self.architecture, *chosen, self.recipe.seed, runs))
        return made

    @cached_property
    def guard(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centre and reach of the guard, float64[parameter] each.

        It stretches a box about 0 whose half sides are as large as targets, and as these over features, and 1 at least:
        weights of a solution lie inside. Initial weights are no part of it, or what ends a run would depend on the runs
        beside it.
        """
        rows = self.data.training
        spread = np.abs(self.data.inputs(rows)).max(axis=0)
        told = max(1.0, float(np.abs(self.data.targets(rows)).max()))
        half = max(told, told / float(spread[spread > 0].min(initial=1.0)))
        dim = self.objective.dim
        return np.zeros(dim), np.full(dim, GUARD * half)

    def plan(
        self, entry: Entry, optimizer: Definition, options: Mapping[str, Any] | None, start: NDArray[np.float64]
    ) -> Plan:
        """The plan of one optimizer for the first runs, whose initial weights are float64[run, parameter].

        Raises UsageError where something does not fit.
        """
        return planned(self, entry, optimizer, options, start, self.guard)

    def predict(self, X: Any, W: NDArray[np.floating]) -> NDArray[np.floating]:
        """What networks of weights dtype[parameter, lane] tell of samples X, dtype[sample, output, lane].

        X: float64[sample, feature] in data units, also [feature] of one sample or [sample] of one feature. Numbers come
        in data units; of two classes the probability of the second, of more that of each, or where the loss knows no
        probabilities what the network answers. Raises UsageError for features that do not fit.
        """
        count = len(self.data.features)
        samples = np.asarray(X, np.float64)
        if samples.ndim == 1 and count in (1, samples.size):
            samples = samples.reshape(-1, count)
        if samples.ndim != 2 or samples.shape[1] != count:
            raise UsageError(
                f"the model was trained on {count} feature{'s' * (count != 1)}, and X has the shape {np.shape(X)}; "
                f"give an array of the shape (samples, {count})"
            )
        told = self.objective.predict(self.data.scaled(samples), W)
        link = LossFacts.of(self.loss[0]).link
        told = LINKED[link](told) if link else told
        return np.moveaxis(told if self.data.classes else self.data.restored(told), 0, 1)

    def slopes(self, W: NDArray[np.floating]) -> NDArray[np.floating]:
        """Length of the gradient of the whole loss, dtype[lane], at weights dtype[parameter, lane]."""
        return np.asarray(np.sqrt((self.objective.gradient(W) ** 2).sum(axis=0)))


def settle(recipe: Train, given: Columns | None = None) -> Training:
    """Fill in what data and model decide: task, loss, activation, initial weights and batch.

    given: the columns of arrays, which a recipe does not hold. Raises UsageError for what there is not or does not fit
    together.
    """
    if recipe.model is None:
        raise UsageError("name a model, as in `gdviz train linear --data line`")
    if recipe.epochs is not None and recipe.steps is not None:
        raise UsageError("both epochs and steps are given; choose one of them")
    data = _loaded(recipe, given)
    model = find("model", recipe.model.name)
    facts = ModelFacts.of(model)
    if data.task not in facts.tasks:
        others = [name for name, one in definitions("model").items() if data.task in ModelFacts.of(one).tasks]
        numbers = bool(data.classes) and all(tables.number(label, False) is not None for label in data.classes)
        possible = {CLASSES: data.task == BINARY, REGRESSION: numbers and source_of(data.entry) is None}
        meant = [task for task in facts.tasks if recipe.task is None and possible.get(task)]
        raise UsageError(
            f"{model.name} is a model for {' and '.join(facts.tasks)}, and {data.name} asks for {data.task}; "
            f"{f'type --task {meant[0]}, or ' if meant else ''}choose {', '.join(others)}"
        )
    loss = _chosen("loss", recipe.loss or Entry(name=usual_loss(data.task)))
    if data.task not in LossFacts.of(loss[0]).tasks:
        raise UsageError(
            f"the loss {loss[0].name} is one for {' and '.join(LossFacts.of(loss[0]).tasks)}, and {data.name} asks for "
            f"{data.task}; drop --loss or choose {usual_loss(data.task)}"
        )
    activation = _chosen("activation", recipe.activation or Entry(name=facts.activation))
    init = _chosen("initialiser", recipe.init or Entry(name=facts.initialiser))
    named = [None if one.init is None else _chosen("initialiser", one.init.entry) for one in recipe.optimizer]
    initialisers = tuple(init if one is None else one for one in named) or (init,)
    chosen = resolve_options(recipe.model.entry, model)
    architecture = architecture_of(model, recipe.model.widths, chosen, activation, data.X.shape[1], data.outputs)
    hidden = len(architecture.sizes) > 2
    begun = dict.fromkeys(definition for definition, _ in initialisers)
    used = (model, loss[0], *begun, *((activation[0],) if hidden else ()))
    used += () if (source := source_of(data.entry)) is None else (source,)
    usual = _batch(recipe.batch, recipe, data)
    batches = tuple(usual if one.batch is None else _batch(one.batch, recipe, data) for one in recipe.optimizer)
    steps = recipe.steps or (recipe.epochs or EPOCHS) * max(
        one.epoch(len(data.training)) for one in batches or (usual,)
    )
    if steps > STEPS:
        raise UsageError(
            f"{recipe.epochs or EPOCHS} epochs of {data.name} are {steps} steps; {STEPS} are the most: type fewer"
        )
    if recipe.steps is not None and len({*batches}) > 1:
        raise UsageError("as many steps of different batches see different numbers of samples; choose epochs instead")
    filled = recipe.updated(
        loss=_entry(loss[0], recipe.loss),
        init=_entry(init[0], recipe.init) if None in named or not named else None,
        data=data.entry.flat(),
        batch=(usual.size or "full") if any(one.batch is None for one in recipe.optimizer) else None,
        epochs=None if recipe.steps else recipe.epochs or EPOCHS,
    )
    return Training(filled, data, architecture, loss, initialisers, batches or (usual,), used)


def _loaded(recipe: Train, given: Columns | None) -> Data:
    if recipe.data is None:
        raise UsageError("name what the model learns from, as in `gdviz train linear --data line`")
    return load(
        recipe.data,
        given=given,
        task=recipe.task,
        validation=recipe.validation,
        standardise=None if recipe.standardise is None else recipe.standardise == "yes",
        seed=recipe.seed,
        embed=recipe.embed,
    )


def _chosen(kind: str, entry: Entry) -> Chosen:
    definition = find(kind, entry.name)
    return definition, resolve_options(entry, definition)


def _entry(definition: Definition, entry: Entry | None) -> dict[str, Any]:
    """The entry of a definition that was chosen, under the name that brings it back."""
    return {**(entry.flat() if entry else {}), "name": definition.name}


def usual_loss(task: str) -> str:
    """Name of the loss of a task that nobody named one for."""
    return next(name for name, one in definitions("loss").items() if LossFacts.of(one).usual == task)


def _batch(size: int | str | None, recipe: Train, data: Data) -> Batch:
    """How steps see the samples: BATCH of them where nobody says, or all of fewer."""
    count = len(data.training)
    if size is None:
        size = min(BATCH, count)
    if size == "full":
        return Batch(None, recipe.replacement)
    if int(size) > count:
        raise UsageError(
            f"a batch of {size} is more than the {count} samples of {data.name} that are trained on; type --batch full"
        )
    return Batch(int(size), recipe.replacement)
