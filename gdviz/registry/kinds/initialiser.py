"""An initialiser: the weights of a layer before the first step, from random numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError
from gdviz.registry.contract import arguments, check_presets
from gdviz.registry.facts import OptionFacts
from gdviz.registry.kind import Kind, choices_told

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""Initial weights of my own.

Look at it:   gdviz train mlp:16,16 --data moons --init {name} --plugin "{file}"
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import sqrt
from gdviz.registry import define


@define("initialiser", title="{title}", source="{title}, unpublished")
def {name}(normal, uniform, fan_in, share=0.5, gain=1.0):
    """Normal weights of which only a share is not 0."""
    # normal and uniform are random numbers, one of each for every weight of a layer: arrays[fan_in, fan_out, run], of
    # variance 1 and between 0 and 1; fan_in and fan_out are how many numbers go into the layer and come out, and layer
    # is its number, from 1. Return the weights, an array of that shape or one number for all. Numbers with a default
    # are options, typed {name}:gain=2. Biases are 0, unless the fact biases=lambda normal, gain: … answers others, for
    # arrays[fan_out, run].
    return gain * normal * (uniform < share) / sqrt(share * fan_in)
'''

INPUTS = frozenset({"normal", "uniform", "fan_in", "fan_out", "layer"})
"""What an initialiser may ask for: random numbers, float64[fan_in, fan_out, run], of biases float64[fan_out, run], how
many numbers go into the layer and come out of it, and its own number, from 1."""

LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    dict.fromkeys(("gain", "std", "variance", "bias_variance"), (0.0, inf))
)
"""Least and largest value of what initialisers usually call so, both allowed."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InitialiserFacts(OptionFacts):
    """What an initialiser may state; None is not stated."""

    biases: Callable[..., Any] | None = None
    """Biases of a layer, of the same inputs and options, where they are not 0."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it asks for what there is not.

    It is not called here: what it computes with are arrays.
    """
    where = f"initialiser '{definition.name}'"
    if definition.state:
        raise DefinitionError(f"{where}: it may ask for {', '.join(sorted(INPUTS))}, not {definition.state[0]}")
    check_presets(where, definition)
    biases = InitialiserFacts.of(definition).biases
    options = {**definition.parameters, **definition.switches}
    if biases and (unknown := set(arguments(biases)) - {*INPUTS, *options}):
        raise DefinitionError(f"{where}: biases= asks for '{min(unknown)}', which is neither input nor option")


KIND = Kind(
    name="initialiser",
    place=10,
    facts=InitialiserFacts,
    check=check,
    template=TEMPLATE,
    inputs=INPUTS,
    limits=LIMITS,
    listed=choices_told,
)
