"""What a network is made of: how many neurons its layers have, what they answer, and how its parameters are called."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError
from gdviz.registry.contract import arguments
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.model import ModelFacts

Floats = NDArray[np.float64]
Columns = Callable[[Floats], Sequence[Floats]]


@dataclasses.dataclass(frozen=True, eq=False)
class Layer:
    """One dense layer: where its weights, float[fan_in, fan_out] row by row, and its biases stand among the parameters.

    Without biases that slice is empty.
    """

    fan_in: int
    fan_out: int
    weights: slice
    biases: slice


@dataclasses.dataclass(frozen=True, eq=False)
class Architecture:
    """A chain of dense layers.

    sizes: what goes in, neurons of every hidden layer, outputs. bias: whether layers have biases. activation,
    activation_options: of hidden layers, with all its options; the last layer answers its sums. scales: what the
    weighted sums of each layer are multiplied by, before its biases are added. columns: what the network sees of one
    feature, a column for each, where that is not the feature itself.
    """

    sizes: tuple[int, ...]
    bias: bool
    activation: Definition
    activation_options: Mapping[str, Any]
    scales: tuple[float, ...]
    columns: Columns | None = None

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """In order, as their parameters are."""
        found: list[Layer] = []
        first = 0
        for fan_in, fan_out in pairwise(self.sizes):
            middle = first + fan_in * fan_out
            last = middle + (fan_out if self.bias else 0)
            found.append(Layer(fan_in, fan_out, slice(first, middle), slice(middle, last)))
            first = last
        return tuple(found)

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return self.layers[-1].biases.stop

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the parameters: w and b, or w1, w2, …, b of one output without hidden layers, else w1[2,3] and b1[3], the
        layer and in brackets what it joins."""
        if len(self.layers) == 1 and self.sizes[-1] == 1:
            weights = ["w"] if self.sizes[0] == 1 else [f"w{i}" for i in range(1, self.sizes[0] + 1)]
            return (*weights, *(["b"] if self.bias else []))
        found: list[str] = []
        for number, layer in enumerate(self.layers, 1):
            ends = range(1, layer.fan_out + 1)
            found += [f"w{number}[{i},{j}]" for i in range(1, layer.fan_in + 1) for j in ends]
            found += [f"b{number}[{j}]" for j in ends] if self.bias else []
        return tuple(found)

    def seen(self, X: Floats) -> Floats:
        """What the network sees of samples float64[sample, feature]: float64[sample, sizes[0]], power by power."""
        return X if self.columns is None else np.concatenate(self.columns(X), axis=1)


def architecture_of(
    model: Definition,
    widths: Sequence[int],
    options: Mapping[str, Any],
    activation: tuple[Definition, Mapping[str, Any]],
    features: int,
    outputs: int,
) -> Architecture:
    """The network that a model makes of so many features and outputs.

    widths: as typed, `mlp:64,64`; options: all of the model's; activation: with all its options. Raises UsageError for
    widths of a model that takes none.
    """
    if widths and not model.variadic:
        typed = ",".join(map(str, widths))
        hint = f"; type {model.name}:width={widths[0]}" if "width" in model.parameters else ""
        raise UsageError(
            f"{model.name} takes no widths, as in {model.name}:{typed}{hint or '; mlp is a model that does'}"
        )
    facts = ModelFacts.of(model)
    given = {**model.parameters, **model.switches, **options}
    columns: Columns | None = _bound(facts.expand, given)
    count = features if columns is None else sum(part.shape[1] for part in columns(np.zeros((1, features))))
    asked = {"features": features, "outputs": outputs}
    call = {name: asked[name] for name in model.inputs}
    own = {name: value for name, value in given.items() if name in arguments(model.function)}
    hidden = model.function(*call.values(), *widths, **own)
    sizes = (count, *hidden, outputs)
    scale = _bound(facts.scale, given)
    last = len(sizes) - 2
    scales = tuple(float(scale(fan_in=sizes[i], last=i == last)) if scale else 1.0 for i in range(last + 1))
    return Architecture(sizes, bool(given.get("bias", True)), *activation, scales, columns)


def _bound(function: Callable[..., Any] | None, options: Mapping[str, Any]) -> Callable[..., Any] | None:
    """A function with the options that it asks for."""
    if function is None:
        return None
    return partial(function, **{name: value for name, value in options.items() if name in arguments(function)})
