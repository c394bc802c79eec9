"""Samples before a model sees them, and those of the data sets that gdviz makes, by numbered random streams."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.dataset import DatasetFacts, truth_of
from gdviz.registry.vocabulary import CLASSES, REGRESSION
from gdviz.vmath import random

MOST = 10**8
"""Numbers that a data set draws at once: 800 MB."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
    """What a data set or a file holds.

    name: as it is called in sentences. X: float64[sample, feature]; values: float64[sample] or, where words are told,
    object[sample]. features, target: names of the columns. task: "regression", "classes" where the values are labels,
    or None where that is to be seen from them. own: whether they are a user's; truth and notes as in Data.
    """

    name: str
    X: NDArray[np.float64]
    values: NDArray[Any]
    features: tuple[str, ...]
    target: str
    task: str | None = None
    own: bool = False
    truth: Mapping[str, float] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()


def made(definition: Definition, options: Mapping[str, Any], seed: int) -> Samples:
    """The samples of a data set, given all its parameters: the same on every machine, and more of them begin alike.

    Raises UsageError where it answers something else than finite features and targets of n samples.
    """
    n = int(options["n"])
    called = 0

    def numbers(draw: str) -> Callable[..., NDArray[np.float64]]:
        def answer(*shape: int) -> NDArray[np.float64]:
            nonlocal called
            called += 1
            sizes = shape or (n,)
            if (count := math.prod(sizes)) > MOST:
                raise UsageError(f"{definition.name} is to hold {count} numbers; {MOST} are allowed: make it smaller")
            places = np.arange(count, dtype=np.int64)
            drawn = random.namespace("float64")[draw](seed, random.SAMPLES, 0, called, places)
            return np.asarray(drawn).reshape(sizes)

        return answer

    offered = {"i": np.arange(n), "normal": numbers("normal"), "uniform": numbers("uniform")}
    given = {key: int(value) if definition.counts(key) else value for key, value in options.items()}
    with np.errstate(all="ignore"):
        answered = definition.function(**{name: offered[name] for name in definition.inputs}, **given)
    X, y = _arrays(definition.name, answered, n)
    facts = DatasetFacts.of(definition)
    return Samples(
        name=definition.name,
        X=X,
        values=y,
        features=tuple(facts.names) or numbered(X.shape[1]),
        target=facts.target,
        task=facts.task if facts.task == REGRESSION else CLASSES,
        truth=truth_of(definition, options),
    )


def numbered(count: int, letter: str = "x") -> tuple[str, ...]:
    """Names of columns that have none: x, or x1, x2, …"""
    return (letter,) if count == 1 else tuple(f"{letter}{k + 1}" for k in range(count))


def _arrays(name: str, answered: Any, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a data set answers as float64[sample, feature] and float64[sample]."""
    wanted = f"{name}: a data set returns its features and its target, each of {n} samples"
    if not isinstance(answered, tuple) or len(answered) != 2:
        raise UsageError(wanted)
    features, target = answered
    try:
        columns = np.column_stack(features) if isinstance(features, tuple) else np.asarray(features)
        X = np.ascontiguousarray(columns.reshape(len(columns), -1), dtype=np.float64)
        y = np.ascontiguousarray(target, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{wanted}: {error}") from None
    if len(X) != n or y.shape != (n,):
        raise UsageError(f"{wanted}, not {len(X)} and {'x'.join(map(str, y.shape)) or 'one number'}")
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise UsageError(f"{name}: a feature or a target is not finite; change its options")
    return X, y
