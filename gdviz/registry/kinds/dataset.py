"""A data set: features of so many samples, and what is to be told from them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, nearest
from gdviz.registry.facts import Facts
from gdviz.registry.kind import Kind
from gdviz.registry.vocabulary import TASKS

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A data set of my own.

Train on it:  gdviz train mlp:16,16 --plugin "{file}" --data {name}
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import cos, sin
from gdviz.registry import define


# `task` is "regression" where the target is a number, "binary" for two classes and "classes" for more.
@define("dataset", task="binary", title="{title}", source="{title}, unpublished")
def {name}(i, uniform, normal, n=200, noise=0.1):
    """A flower of five petals, and what lies around it."""
    # uniform() and normal() answer n random numbers, new ones whenever they are called; uniform(n, 3) answers n rows of
    # three. i are the numbers of the samples, 0, 1, 2, … Numbers with a default are options: {name}:n=400,noise=0.2
    # Return the features, a tuple of columns or an array[sample, feature], and the target: a number for each
    # sample, or its class, 0, 1, 2, …
    label = i % 2
    angle = 6.2832 * uniform()
    radius = (1 + 0.3 * cos(5 * angle)) * (uniform() + label)
    return (radius * cos(angle) + noise * normal(), radius * sin(angle) + noise * normal()), label
'''

LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"n": (1.0, 5e5), "noise": (0.0, inf), "span": (0.0, inf), "classes": (2.0, 100.0), "dims": (1.0, 1000.0)}
)
"""Least and largest value of what data sets usually call so, both allowed."""

WHOLE = frozenset(("n", "classes", "dims"))
"""What counts something."""

OF_COLUMNS = ("target", "features", "drop", "missing")
"""What recipes call the choice among columns of a file or of arrays."""

TAKEN = frozenset((*OF_COLUMNS, "name", "formula", "file", "shape", "sha256", "columns", "seed", "options"))
"""What recipes say of all data, so that no parameter is called so."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class DatasetFacts(Facts):
    """What a data set states: its task, and what there is to know of its columns."""

    task: str = ""
    """One of TASKS, with the options' defaults."""
    names: Sequence[str] = ()
    """Of the features, where they are not x, or x1, x2, …"""
    target: str = "y"
    """Name of what is to be told."""
    truth: Mapping[str, float | str] = dataclasses.field(default_factory=dict)
    """Weights of the model that the samples were made with: numbers, or the parameters that they are."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it has no task, cannot be told its number of samples, or asks for what there is not.

    It is not called here: what it computes with are arrays.
    """
    where = f"dataset '{definition.name}'"
    facts = DatasetFacts.of(definition)
    if facts.task not in TASKS:
        raise DefinitionError(f"{where}: task= must be one of {', '.join(TASKS)}, not '{facts.task}'")
    if "n" not in definition.parameters:
        raise DefinitionError(f"{where}: its signature must have the number of samples with its default, as in n=200")
    if definition.state or definition.switches:
        word = (*definition.state, *definition.switches)[0]
        raise DefinitionError(
            f"{where}: it may ask for i, normal and uniform and have numbers by default, not '{word}'"
        )
    if taken := TAKEN & set(definition.parameters):
        raise DefinitionError(f"{where}: recipes call something else '{min(taken)}'; rename the parameter")
    for value in facts.truth.values():
        if isinstance(value, str) and value not in definition.parameters:
            raise DefinitionError(f"{where}: truth= names '{value}'{nearest(value, definition.parameters)}")
    if inspect.isgeneratorfunction(definition.function):
        raise DefinitionError(f"{where}: it must return its features and its target, not yield them")


def truth_of(definition: Definition, options: Mapping[str, Any]) -> dict[str, float]:
    """Weights that the samples were made with, where it states them, in data units; `options` are all parameters."""
    stated = DatasetFacts.of(definition).truth
    return {name: float(options[value] if isinstance(value, str) else value) for name, value in stated.items()}


def told(definition: Definition) -> Iterator[str]:
    """What `gdviz show` says beside the options."""
    facts = DatasetFacts.of(definition)
    yield f"task {facts.task}"
    if truth := truth_of(definition, definition.parameters):
        yield f"truth {', '.join(f'{name} = {value:g}' for name, value in truth.items())}"


KIND = Kind(
    name="dataset",
    place=9,
    facts=DatasetFacts,
    check=check,
    template=TEMPLATE,
    inputs=frozenset({"i", "normal", "uniform"}),
    limits=LIMITS,
    whole=WHOLE,
    told=told,
    column=lambda definition: f"{DatasetFacts.of(definition).task}: {' '.join(definition.parameters)}",
    listed=lambda definition: {
        "task": DatasetFacts.of(definition).task,
        "truth": truth_of(definition, definition.parameters),
    },
)
"""Its inputs are the samples' numbers, 0, 1, 2, …, and what answers random numbers."""
