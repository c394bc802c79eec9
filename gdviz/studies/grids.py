"""What the grids of a recipe vary: names that people type into sides of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError, nearest
from gdviz.recipe.grids import Grid
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.train import Train
from gdviz.registry.definition import Definition
from gdviz.studies.problem import Axis
from gdviz.studies.sides import Constant, Hyperparameter, InitOption, Number, Side, Switch, TransformOption

Floats = NDArray[np.float64]

SCALES = {"lin": "linear", "log": "log"}
"""How axes call what grids call so."""

CONSTANT, RULE = "set.", "rule."
"""What stands before a name that is both a constant of the landscape and a hyperparameter of the optimizers."""


class Offer(NamedTuple):
    """Something that can be varied: what makes its side, the words it may be, and whether it may be a number, and then
    a whole one."""

    side: Callable[[Axis], Side]
    words: tuple[str, ...] = ()
    number: bool = True
    whole: bool = False


Offers = Mapping[str, Offer]
"""By what they are called."""


def side_of(grid: Grid, offers: Offers) -> Side:
    """The side that a grid asks for. Raises UsageError for a name that nothing has, and values that do not fit."""
    offer = offers.get(grid.name)
    if offer is not None:
        return offer.side(_axis(grid, offer))
    if CONSTANT + grid.name in offers:
        raise UsageError(
            f"{grid.name} is a constant of the landscape and a hyperparameter of the optimizers; type "
            f"{CONSTANT}{grid.name} or {RULE}{grid.name}"
        )
    hint = nearest(grid.name, offers) or f"; there are: {', '.join(offers)}"
    raise UsageError(f"--grid {grid.typed()}: nothing that can be varied here is called '{grid.name}'{hint}")


def _axis(grid: Grid, offer: Offer) -> Axis:
    """The axis of a grid: numbers rise; where one of listed values is a word, all stand as words in their order."""
    listed = grid.values or ()
    told = tuple(value if isinstance(value, str) else f"{value:.17g}" for value in listed)
    fits = [value in offer.words if isinstance(value, str) else offer.number for value in listed or (0.0,)]
    if not all(fits):
        allowed = " or ".join(filter(None, ["a number" * offer.number, ", ".join(offer.words)]))
        raise UsageError(f"--grid {grid.typed()}: {grid.name} is {allowed}")
    if any(isinstance(value, str) for value in listed):
        return Axis(grid.name, np.arange(float(len(told))), "words", told, continuous=False)
    values = np.sort(np.array([*(listed or grid.numbers())], np.float64))
    if offer.whole:
        values = np.rint(values)
        if len(np.unique(values)) < len(values):
            raise UsageError(
                f"--grid {grid.typed()}: {grid.name} is a whole number, and there are not so many of them between "
                f"{values.min():g} and {values.max():g}; ask for {len(np.unique(values))}"
            )
    return Axis(grid.name, values, _scale(values) if listed else SCALES[grid.scale], continuous=not offer.whole)


def _scale(values: Floats) -> str:
    """Logarithmic where that spaces rising values more evenly."""
    if len(values) < 3 or values[0] <= 0:
        return "linear"
    steps, ratios = np.diff(values), np.diff(np.log(values))
    return "log" if ratios.max() / ratios.min() < steps.max() / steps.min() else "linear"


def offers_of(recipe: Descent, optimizers: Sequence[Definition], own: Offers, layers: int = 0) -> Offers:
    """What can be varied of a recipe; own: of its landscape or model, which has so many layers.

    Of hyperparameters those that all optimizers have. A name that stands for two things has a word before it, and of a
    transform that stands twice the second has its number behind its name.
    """
    rules = dict(_rules(optimizers, layers))
    return {
        **{RULE + name if name in own else name: offer for name, offer in rules.items()},
        **{CONSTANT + name if name in rules else name: offer for name, offer in own.items()},
        **dict(_transforms(recipe)),
        "seed": Offer(partial(Number, name="seed"), whole=True),
    }


def of_landscape(landscape: Definition) -> Offers:
    """Its constants."""
    return {name: Offer(partial(Constant, name=name)) for name in landscape.parameters}


def of_model(recipe: Train) -> Offers:
    """The batch and options of the initial weights, where all optimizers have the same."""
    found = {}
    if all(entry.batch is None for entry in recipe.optimizer):
        found["batch"] = Offer(partial(Number, name="batch"), words=("full",), whole=True)
    if recipe.init is not None and all(entry.init is None for entry in recipe.optimizer):
        definition = find("initialiser", recipe.init.name)
        found |= {f"init.{name}": offer for name, offer in _options(definition, InitOption)}
    return found


def _rules(optimizers: Sequence[Definition], layers: int) -> Iterator[tuple[str, Offer]]:
    """Hyperparameters and switches that all optimizers have, and rates of layers."""
    for name in optimizers[0].parameters:
        if all(name in one.parameters for one in optimizers):
            whole = any(one.counts(name) for one in optimizers)
            yield name, Offer(partial(Hyperparameter, names=(name,)), whole=whole)
    if all("lr" in one.parameters and one.rule == "vector" for one in optimizers):
        for layer in range(1, layers + 1):
            yield f"lr.{layer}", Offer(partial(Hyperparameter, names=(f"lr.{layer}",)))
    for name in optimizers[0].switches:
        if all(name in one.switches for one in optimizers):
            yield name, Offer(partial(Switch, name=name), _words(optimizers[0], name), number=False)


def _transforms(recipe: Descent) -> Iterator[tuple[str, Offer]]:
    seen: list[Definition] = []
    for place, entry in enumerate(recipe.transform):
        definition = find("transform", entry.name)
        number = seen.count(definition) + 1
        seen.append(definition)
        for name, offer in _options(definition, partial(TransformOption, place=place)):
            for called in (definition.name, *definition.aliases):
                yield f"{called}{number if number > 1 else ''}.{name}", offer


def _options(definition: Definition, side: Callable[..., Side]) -> Iterator[tuple[str, Offer]]:
    for name in definition.parameters:
        yield name, Offer(partial(side, name=name), whole=definition.counts(name))
    for name in definition.switches:
        yield name, Offer(partial(side, name=name), _words(definition, name), number=False)


def _words(definition: Definition, switch: str) -> tuple[str, ...]:
    """What a switch may be, as it is typed."""
    return tuple(str(word) if isinstance(word, str) else ("no", "yes")[word] for word in definition.choices[switch])
