"""Data as a recipe names them into samples that a model is trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError, nearest, short
from gdviz.objectives.data import Data
from gdviz.plans.samples import Samples, made
from gdviz.recipe.data import DataEntry, parse
from gdviz.recipe.entries import Entry
from gdviz.registry.kinds.dataset import BINARY, CLASSES, REGRESSION, TASKS
from gdviz.vmath import random

VALIDATION = 0.2
"""Share of samples that is kept for validation unless told otherwise."""

FEW = 20
"""Whole numbers of at most so many values are taken for numbers of classes where nobody says what they are."""

MOST = 1000
"""Classes of a data set."""


def load(
    entry: str | DataEntry,
    *,
    task: str | None = None,
    validation: float = VALIDATION,
    standardise: bool | None = None,
    seed: int = 0,
) -> Data:
    """Samples of a data set, which part of them a model is trained on, and how it sees them.

    entry: as typed after --data, or as a recipe holds it. task: one of TASKS where the data's own is not meant.
    validation: share of samples that is kept from training. standardise: whether a model sees columns of mean 0 and
    variance 1; by default those of a user's own data. seed: of random numbers where the entry has none of its own.
    Raises UsageError for names, options and numbers that do not fit.
    """
    asked = parse(entry) if isinstance(entry, str) else entry
    seed = seed if asked.seed is None else asked.seed
    definition = find("dataset", asked.name)
    options = resolve_options(Entry(name=definition.name, options=dict(asked.options)), definition)
    samples = made(definition, options, seed)
    return settled(samples, task=task, validation=validation, standardise=standardise, seed=seed)


def settled(samples: Samples, *, task: str | None, validation: float, standardise: bool | None, seed: int) -> Data:
    """Samples with their task, their parts and their units settled; arguments as in `load`."""
    if task is not None and task not in TASKS:
        raise UsageError(f"there is no task '{short(task)}'{nearest(task, TASKS)}; it is one of {', '.join(TASKS)}")
    task, y, classes = told(samples, task)
    kept, trained = split(y if classes else np.zeros(len(y), dtype=np.int64), validation, seed)
    standardise = samples.own if standardise is None else standardise
    numbers: dict[str, Any] = {"shift": np.zeros(samples.X.shape[1]), "scale": np.ones(samples.X.shape[1])}
    if standardise:
        numbers = {"shift": samples.X[trained].mean(0), "scale": _spread(samples.X[trained])}
    if standardise and task == REGRESSION:
        numbers |= {"target_shift": float(y[trained].mean()), "target_scale": float(_spread(y[trained]))}
    return Data(
        name=samples.name,
        X=samples.X,
        y=y,
        task=task,
        features=samples.features,
        target=samples.target,
        classes=classes,
        training=trained,
        validation=kept,
        truth={} if standardise else samples.truth,
        notes=samples.notes,
        **numbers,
    )


def told(samples: Samples, task: str | None) -> tuple[str, NDArray[Any], tuple[str, ...]]:
    """The task, float64[sample] or the numbers of classes int64[sample], and the labels of these.

    task: what is asked for, one of TASKS. Unless asked, words are classes, and so are whole numbers of few values.
    Raises UsageError where the values are of no such kind.
    """
    where = f"{samples.name}: the target '{samples.target}'"
    values = samples.values
    words = values.dtype == object
    asked = task or samples.task
    found, y = np.unique(values.astype(str) if words else values, return_inverse=True)
    if asked is None:
        asked = CLASSES if words or (len(found) <= FEW and bool((found == np.floor(found)).all())) else REGRESSION
    if asked == REGRESSION:
        if words:
            raise UsageError(f"{where} holds words, so that it has classes; drop the task or choose another target")
        return REGRESSION, values, ()
    labels = tuple(str(label) if words else f"{label:g}" for label in found.tolist())
    if len(labels) == 1:
        raise UsageError(f"{where} holds one class only, '{short(labels[0])}'; two are the least to tell apart")
    if len(labels) > MOST:
        raise UsageError(f"{where} has {len(labels)} different values; up to {MOST} can be classes: choose regression")
    if task == BINARY and len(labels) > 2:
        raise UsageError(f"{where} has {len(labels)} classes, not two; choose the task classes")
    return (BINARY if len(labels) == 2 and task != CLASSES else CLASSES), y.astype(np.int64), labels


def split(labels: NDArray[np.int64], share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The samples kept for validation and those that are trained on, int64 each, both in ascending order.

    labels: int64[sample]; each of them is kept in the same share, give or take a sample. Raises UsageError where
    nothing would be left of a part.
    """
    n = len(labels)
    if not 0 <= share < 1:
        raise UsageError(f"the share for validation is {share:g}; it must be from 0 to below 1, as in 0.2")
    numbers = random.namespace("float64")["uniform"](seed, random.SPLITS, 0, 0, np.arange(n))
    order = np.lexsort((numbers, labels))  # by label, and by chance within
    places = np.floor(np.arange(n + 1) * share + 0.5)  # which of them a sample is kept at
    chosen = np.zeros(n, dtype=bool)
    chosen[order[np.diff(places) > 0]] = True
    if chosen.all() or (share > 0 and not chosen.any()):
        raise UsageError(f"{n} samples cannot be parted by {share:g}; give more samples or a validation of 0")
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def _spread(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation of each column, 1 where it is constant: that one is then 0 in the units of the model."""
    deviation = columns.std(0)
    flat = deviation <= 1e-12 * np.abs(columns).max(0)
    return np.where(flat, 1.0, deviation)
