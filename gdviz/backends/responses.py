"""A step rule fed with gradients that were made up beforehand, so that there is no landscape.

A rule that takes its gradient ahead of its point looks ahead in the sequence instead: what it would see by moving on
by d is the sequence d points later. For whole d that is a point of the sequence, else it lies between two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.rules import Step
from gdviz.registry.definition import Definition

Array = NDArray[np.floating]
Reading = Callable[[Array, Array], Array]
"""The value of sequences dtype[point, lane] at fractional points dtype[…, lane]."""


def interpolated(sequences: Array, at: Array) -> Array:
    """Along the line between two neighbours; 0 before the first point and past the last."""
    low, high, share, inside = _neighbours(sequences, at)
    return np.where(inside, (1 - share) * low + share * high, sequences.dtype.type(0))


def unweighted(sequences: Array, at: Array) -> Array:
    """As in the script of the lecture's figures: the lower neighbour in full and a share of the upper one on top."""
    low, high, share, inside = _neighbours(sequences, at)
    return np.where(inside, low + share * high, sequences.dtype.type(0))


def _neighbours(sequences: Array, at: Array) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    last = len(sequences) - 1
    inside = (at >= 0) & (at <= last)  # False where `at` is no number
    where = np.where(inside, at, 0)
    below = np.floor(where).astype(np.int64)
    lane = np.arange(sequences.shape[1])
    return sequences[below, lane], sequences[np.minimum(below + 1, last), lane], where - below, inside


def respond(optimizer: Definition, options: Mapping[str, Any], sequences: Array, reading: Reading) -> Array:
    """The steps −Δx, dtype[point, lane], of a rule that starts at 0 and is fed with gradients dtype[point, lane].

    x is the iterate that runs record.
    The rule asks for nothing but gradients: kind "vector", or "program" with gradient(x).
    """
    if optimizer.rule == "vector":
        return _steps(optimizer, options, sequences, reading, (1, sequences.shape[1]))
    alone = [_steps(optimizer, options, lane[:, None], reading, (1,)) for lane in sequences.T]
    return np.concatenate(alone, axis=1)


def _steps(
    optimizer: Definition, options: Mapping[str, Any], sequences: Array, reading: Reading, shape: tuple[int, ...]
) -> Array:
    with np.errstate(all="ignore"):
        step = Step(optimizer, options, sequences.dtype, len(sequences))
        X = x0 = np.zeros(shape, sequences.dtype)
        state = step.start(X)
        shown = step.shown(X, state)
        steps = np.empty_like(sequences)
        for i in range(len(sequences)):
            here = X

            def gradient(p: Array, i: int = i, here: Array = here) -> Array:
                return reading(sequences, (i + (here - p)).astype(sequences.dtype))

            g = gradient(step.point(X, state))
            X, state = step(X.copy(), state, t=i + 1, g=g, x0=x0.copy(), gradient=gradient)
            seen, shown = shown, step.shown(X, state)
            steps[i] = (seen - shown).reshape(-1)
        return steps
