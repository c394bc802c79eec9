"""Weights of networks before their first step: random numbers by seed, run, layer and place alone.

A run has the same weights alone and among others, whatever else is drawn, and all optimizers begin with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import DefinitionError
from gdviz.objectives.architecture import Architecture
from gdviz.registry.contract import arguments
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.initialiser import InitialiserFacts
from gdviz.vmath import random

Floats = NDArray[np.float64]

AT_ONCE = 2**20
"""Random numbers of runs that are drawn together: 8 MB, and as much for what is computed of them."""


def initial(
    architecture: Architecture,
    initialiser: Definition,
    options: Mapping[str, Any],
    seed: int,
    runs: Sequence[int] | NDArray[np.int64],
) -> Floats:
    """Initial parameters of runs by their numbers, float64[run, parameter]; biases are 0 unless it says otherwise.

    options: all of the initialiser's. Raises DefinitionError for one that answers arrays of another shape.
    """
    numbers = np.asarray(runs, np.uint64)
    found = np.zeros((len(numbers), architecture.dim))
    biases = InitialiserFacts.of(initialiser).biases
    for number, layer in enumerate(architecture.layers):
        weights = layer.fan_in * layer.fan_out
        size = max(1, AT_ONCE // (weights + layer.fan_out))
        for first in range(0, len(numbers), size):
            some = numbers[first : first + size]
            rows = found[first : first + size]
            given = {**options, "fan_in": layer.fan_in, "fan_out": layer.fan_out, "layer": number + 1}
            for first_place, function, shape, part in (
                (0, initialiser.function, (layer.fan_in, layer.fan_out), layer.weights),
                (weights, biases if architecture.bias else None, (layer.fan_out,), layer.biases),
            ):
                if function is not None:
                    draws = {name: partial(_drawn, name, (seed, number), some, first_place) for name in random.WEIGHTS}
                    made = _made(initialiser, function, {**given, **draws}, (*shape, len(some)))
                    rows[:, part] = made.reshape(-1, len(some)).T
    return found


def _drawn(draw: str, place: tuple[int, int], runs: NDArray[np.uint64], first: int, shape: tuple[int, ...]) -> Floats:
    """Random numbers of a stream from a place of a layer on, float64 in a shape whose last axis are the runs.

    place: the seed, and the number of the layer.
    """
    seed, layer = place
    count = int(np.prod(shape[:-1]))
    blocks = np.arange(first // 2, (first + count + 1) // 2, dtype=np.uint64)[:, None]
    pair = random.namespace("float64")[f"{draw}s"](seed, random.WEIGHTS[draw], runs, layer, blocks)
    numbers = np.stack(pair, axis=1).reshape(-1, len(runs))
    return np.asarray(numbers[first % 2 : first % 2 + count]).reshape(shape)


def _made(
    initialiser: Definition, function: Callable[..., Any], given: Mapping[str, Any], shape: tuple[int, ...]
) -> Floats:
    """What a function makes of what it asks for, in a shape; what it does not ask for is not drawn."""
    asked = {name: given[name] for name in arguments(function)}
    answer = np.asarray(
        function(**{name: value(shape) if callable(value) else value for name, value in asked.items()}), np.float64
    )
    try:
        return np.broadcast_to(answer, shape)
    except ValueError:
        raise DefinitionError(
            f"initialiser '{initialiser.name}': it answers an array of the shape {answer.shape}; it must be {shape}, "
            "as the random numbers are"
        ) from None
