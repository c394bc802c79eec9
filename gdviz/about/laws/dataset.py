"""Laws of data sets: finite, of the task they state, the same whatever else is drawn, and true to their truth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import Verdict
from gdviz.catalogue.options import resolve_options
from gdviz.objectives.data import Data
from gdviz.plans.data import settled
from gdviz.plans.samples import made
from gdviz.recipe.data import DataEntry
from gdviz.recipe.entries import Entry
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.dataset import DatasetFacts

ERRORS = 5.0
"""Standard errors that an estimate may be off its truth: chance alone goes farther once in two million times."""


def laws(definition: Definition) -> Iterator[Verdict]:
    """Of its samples with the options' defaults."""
    data = _made(definition)  # refuses what is not finite
    n, count = data.X.shape
    yield Verdict("finite features and targets of n samples", True, f"{n} samples, {count} features")
    stated = DatasetFacts.of(definition).task
    yield Verdict("of its task", data.task == stated, f"stated {stated}, found {data.task}")
    other = _made(definition, seed=1)
    again = _made(definition)
    same = np.array_equal(again.X, data.X) and np.array_equal(again.y, data.y)
    moved = not np.array_equal(other.X, data.X)
    yield Verdict("samples follow from their seed", same and moved, "seeds 0 and 1")
    if data.task != stated or not data.truth:
        return
    weights, errors = least_squares(data)
    off = float(np.max(np.abs(weights - [*data.truth.values()]) / np.maximum(errors, 1e-12)))
    told = ", ".join(f"{name} = {weight:.4g}" for name, weight in zip(data.truth, weights, strict=True))
    yield Verdict("least squares find its truth", off < ERRORS, f"{told}, {off:.2g} standard errors off")


def least_squares(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Weights that the normal equations answer, in the order of the truth, and their standard errors.

    The last is the bias; of one feature, the others are those of its powers.
    """
    count = len(data.truth) - 1
    powers = data.X ** np.arange(1, count + 1) if data.X.shape[1] == 1 else data.X
    design = np.column_stack((powers, np.ones(len(powers))))
    normal = design.T @ design
    weights = np.linalg.solve(normal, design.T @ data.y)
    left = data.y - design @ weights
    variance = left @ left / max(len(left) - len(weights), 1)
    return weights, np.sqrt(np.diag(np.linalg.inv(normal)) * variance)


def _made(definition: Definition, seed: int = 0) -> Data:
    """All its samples, none kept for validation."""
    samples = made(definition, resolve_options(Entry(name=definition.name), definition), seed)
    return settled(samples, DataEntry(name=definition.name), task=None, validation=0.0, standardise=None, seed=seed)
