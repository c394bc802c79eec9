"""What may be varied along a side of the cells, and how a value of it reaches runs.

Hyperparameters and coordinates of starts are lanes of one plan; whatever else is varied makes a plan of its own for
each of its values.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.plans.plan import Plan
from gdviz.recipe.entries import Entry, Option
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.train import Train
from gdviz.registry.definition import Definition
from gdviz.runs.tuning import Racer
from gdviz.studies.problem import Axis

Floats = NDArray[np.float64]

R = TypeVar("R", bound=Descent)


@dataclasses.dataclass(frozen=True, eq=False)
class Side(ABC):
    """An axis of the cells and what its values change."""

    axis: Axis

    splits: ClassVar[bool] = True
    """Whether each value needs a plan of its own."""

    @property
    def varies(self) -> tuple[object, ...]:
        """What it is that varies, by which sides that vary the same are told."""
        own = (getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "axis")
        return (type(self), *own)

    def recipe_at(self, recipe: R, value: float) -> R:
        """The recipe of a cell at this value of the axis. Raises UsageError where it is beyond limits."""
        return recipe

    def racer_at(self, racer: Racer, value: float) -> Racer:
        """The optimizer of a cell at this value of the axis. Raises UsageError where it is beyond limits."""
        return racer

    def spread(self, plan: Plan, values: Floats) -> Plan:
        """The plan with these values of the axis in its lanes, float64[lane], of a side that does not split."""
        return plan

    def meant(self, value: float) -> float | str:
        """What stands at a value of the axis: a number, or a word where it is one of words."""
        return self._listed[round(value)] if self.axis.words else value

    def numbers(self, values: Floats) -> Floats:
        """The same of many, all of which are numbers."""
        return np.array(self._listed, np.float64)[np.rint(values).astype(int)] if self.axis.words else values

    @cached_property
    def _listed(self) -> tuple[float | str, ...]:
        return tuple(map(_number, self.axis.words))


def _number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


class Lanes(Side):
    """A side whose values are lanes."""

    splits = False

    @abstractmethod
    def spread(self, plan: Plan, values: Floats) -> Plan:
        """The plan with these values of the axis in its lanes, float64[lane]."""


@dataclasses.dataclass(frozen=True, eq=False)
class Coordinate(Lanes):
    """A coordinate of the only start, by its place."""

    place: int

    def recipe_at(self, recipe: R, value: float) -> R:
        """Its start moved."""
        ((*point,),) = cast(Race, recipe).start or ()
        point[self.place] = value
        return recipe.updated(start=[point])

    def spread(self, plan: Plan, values: Floats) -> Plan:
        """Starts of the lanes."""
        start = plan.start.copy()
        start[:, self.place] = values
        return dataclasses.replace(plan, start=start)


@dataclasses.dataclass(frozen=True, eq=False)
class Hyperparameter(Lanes):
    """Hyperparameters of the rules that all have one value: most often one, as `lr`, `beta1` or the rate `lr.2` of a
    layer."""

    names: tuple[str, ...]

    def racer_at(self, racer: Racer, value: float) -> Racer:
        """With the number among its options."""
        return _with_options(racer, dict.fromkeys(self.names, self.meant(value)))

    def spread(self, plan: Plan, values: Floats) -> Plan:
        """Options of the lanes."""
        return dataclasses.replace(plan, options={**plan.options, **dict.fromkeys(self.names, self.numbers(values))})


@dataclasses.dataclass(frozen=True, eq=False)
class Switch(Side):
    """A word that rules are asked for, for each of which they are compiled anew."""

    name: str

    def racer_at(self, racer: Racer, value: float) -> Racer:
        """With the word, or yes or no, among its options."""
        return _with_options(racer, {self.name: _said(racer.definition, self.name, self.meant(value))})


@dataclasses.dataclass(frozen=True, eq=False)
class Constant(Side):
    """A constant of the landscape."""

    name: str

    def recipe_at(self, recipe: R, value: float) -> R:
        """With another value of it."""
        return recipe.updated(constants={**cast(Race, recipe).constants, self.name: self.meant(value)})


@dataclasses.dataclass(frozen=True, eq=False)
class TransformOption(Side):
    """An option of a transform, which stands at a place among the recipe's."""

    place: int
    name: str

    def recipe_at(self, recipe: R, value: float) -> R:
        """With another value of it."""
        entries = [entry.flat() for entry in recipe.transform]
        entries[self.place] = _changed("transform", recipe.transform[self.place], self.name, self.meant(value))
        return recipe.updated(transform=entries)


@dataclasses.dataclass(frozen=True, eq=False)
class InitOption(Side):
    """An option of what makes initial weights."""

    name: str

    def recipe_at(self, recipe: R, value: float) -> R:
        """With another value of it."""
        entry = cast(Entry, cast(Train, recipe).init)
        return recipe.updated(init=_changed("initialiser", entry, self.name, self.meant(value)))


@dataclasses.dataclass(frozen=True, eq=False)
class Number(Side):
    """A whole number of the recipe, such as the seed or the samples of a batch, or one of its words."""

    name: str

    def recipe_at(self, recipe: R, value: float) -> R:
        """With another value of it."""
        meant = self.meant(value)
        return recipe.updated(**{self.name: meant if isinstance(meant, str) else round(meant)})


def _with_options(racer: Racer, options: dict[str, Option]) -> Racer:
    entry = racer.entry.model_copy(update={"options": {**racer.entry.options, **options}})
    return Racer.of(entry, racer.definition)


def _changed(kind: str, entry: Entry, name: str, value: float | str) -> dict[str, object]:
    """An entry with another value of an option. Raises UsageError for one that is beyond its limits."""
    definition = find(kind, entry.name)
    changed = entry.model_copy(update={"options": {**entry.options, name: _said(definition, name, value)}})
    resolve_options(changed, definition)
    return changed.flat()


def _said(definition: Definition, name: str, value: float | str) -> Option:
    """A value as entries hold it: yes and no are no words there."""
    is_yes = isinstance(definition.switches.get(name), bool)
    return {"yes": True, "no": False}[str(value)] if is_yes else value
