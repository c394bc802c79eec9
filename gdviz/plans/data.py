"""Data as a recipe names them into samples that a model is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import RecipeError, UsageError, nearest, remark, short
from gdviz.formula.typed import parse_data
from gdviz.objectives.data import Data
from gdviz.plans.columns import chosen
from gdviz.plans.samples import Samples, made
from gdviz.plans.sources import Cells, Columns, embedded, of_file, of_python
from gdviz.recipe.data import DataEntry, parse
from gdviz.recipe.entries import Entry
from gdviz.recipe.tables import file_name
from gdviz.registry.definition import Definition
from gdviz.registry.vocabulary import BINARY, CLASSES, REGRESSION, TASKS
from gdviz.vmath import random

VALIDATION = 0.2
"""Share of samples that is kept for validation unless told otherwise."""

FEW = 20
"""Whole numbers of at most so many values, each twice on average, are classes where nobody says what they are."""

MOST = 1000
"""Classes of a data set."""


def load(
    source: Any,
    *,
    target: str | None = None,
    features: Sequence[str] | None = None,
    given: Columns | None = None,
    task: str | None = None,
    validation: float = VALIDATION,
    standardise: bool | None = None,
    seed: int = 0,
    embed: bool = False,
) -> Data:
    """Samples, which part of them a model is trained on, and how it sees them.

    source: as typed after --data, as a recipe holds it, or anything that `taken` knows, with target and features as
    there; given: the columns that `taken` answered beside what a recipe holds. task: one of TASKS where that is not to
    follow from the data. validation: share of samples that is kept from training. standardise: whether a model sees
    columns of mean 0 and variance 1; by default those of a user's own data. seed: of random numbers where the source
    has none of its own. embed: whether the recipe holds the columns that are used.

    Raises UsageError for names, files, columns and numbers that do not fit; warns with the notes of what comes back.
    """
    entry, columns = (source, given) if isinstance(source, DataEntry) else taken(source, target, features)
    seed = seed if entry.seed is None else entry.seed
    if (definition := source_of(entry)) is not None:
        options = resolve_options(Entry(name=definition.name, options=dict(entry.options)), definition)
        entry = entry if entry.name is None else entry.model_copy(update={"name": definition.name})
        samples = made(definition, options, seed)
    else:
        columns = columns or _columns(entry)
        samples = chosen(columns, entry, task)
        entry = _held(entry, columns, samples, embed)
    data = settled(samples, entry, task=task, validation=validation, standardise=standardise, seed=seed)
    for note in data.notes:
        remark(note)
    return data


def taken(
    source: Any, target: str | None = None, features: Sequence[str] | None = None
) -> tuple[DataEntry, Columns | None]:
    """What a recipe holds of data that were given in Python, and the columns of those that it does not hold.

    source: text as after --data, the path of a file, a pair of arrays (X, y), or a frame or mapping of columns, of
    which target and features name those that are used. Raises UsageError.
    """
    choice: dict[str, Any] = {} if target is None else {"target": str(target)}
    if features is not None:
        choice["features"] = (features,) if isinstance(features, str) else tuple(map(str, features))
    if isinstance(source, (str, Path)):
        entry = parse(str(source))
        if choice and entry.file is None:
            raise UsageError(f"{min(choice)}= chooses among columns of a file, an array or a frame; drop it")
        return entry.model_copy(update=choice), None
    columns = of_python(source)
    return DataEntry(shape=columns.shape, sha256=columns.sha256, **choice), columns


def source_of(entry: DataEntry) -> Definition | None:
    """The definition behind what a recipe holds; None where that is a file or arrays."""
    if entry.formula is not None:
        return parse_data(entry.formula, entry.options)
    return None if entry.name is None else find("dataset", entry.name)


def _columns(entry: DataEntry) -> Columns:
    """The columns of a file, or those that a recipe holds."""
    if entry.columns is not None:
        return embedded(file_name(entry.file or "the data"), entry.columns, entry.sha256 or "")
    if entry.file is None:
        rows, width = entry.shape or (0, 0)
        told = f"the data of this recipe were arrays of {rows} rows and {width} columns, given in Python"
        raise RecipeError(f"{told}, which it does not hold; give them again, or type --data")
    return of_file(entry.file)


def _held(entry: DataEntry, columns: Columns, samples: Samples, embed: bool) -> DataEntry:
    """What a recipe holds of columns: where they are, shape and hash, and where it is told so those that are used."""
    if entry.sha256 not in (None, columns.sha256):
        remark(f"{columns.name} has changed since this recipe was made, so the result may differ")
    shape = columns.shape if entry.columns is None else entry.shape  # of the file, of which these columns are a part
    changes: dict[str, Any] = {"target": samples.target, "shape": shape, "sha256": columns.sha256}
    if embed and entry.columns is None:
        held = {head: _plain(columns.cells[head]) for head in (*samples.features, samples.target)}
        changes |= {"columns": held, "features": samples.features, "drop": None}
        changes |= {} if entry.file is None else {"file": file_name(entry.file)}
    return entry.model_copy(update=changes)


def _plain(cells: Cells) -> tuple[Any, ...]:
    return tuple(cells.tolist()) if isinstance(cells, np.ndarray) else cells


def settled(
    samples: Samples, entry: DataEntry, *, task: str | None, validation: float, standardise: bool | None, seed: int
) -> Data:
    """Samples with their task, their parts and their units settled; arguments as in `load`."""
    if task is not None and task not in TASKS:
        raise UsageError(f"there is no task '{short(task)}'{nearest(task, TASKS)}; it is one of {', '.join(TASKS)}")
    found, y, classes = told(samples, task)
    notes = list(samples.notes)
    if classes and samples.own and task is None:
        words = samples.values.dtype == object
        held = f"words, so there are {len(classes)} classes" if words else f"whole numbers of {len(classes)} values"
        held = "true and false: two classes" if [label.lower() for label in classes] == ["false", "true"] else held
        told_so = "" if words else ": classes, unless the task is regression"
        notes.append(f"'{samples.target}' of {samples.name} holds {held}{told_so}")
    kept, trained = split(y if classes else np.zeros(len(y), dtype=np.int64), validation, seed)
    standardise = samples.own if standardise is None else standardise
    numbers: dict[str, Any] = {"shift": np.zeros(samples.X.shape[1]), "scale": np.ones(samples.X.shape[1])}
    if standardise:
        numbers = {"shift": samples.X[trained].mean(0), "scale": _spread(samples.X[trained])}
    if standardise and found == REGRESSION:
        numbers |= {"target_shift": float(y[trained].mean()), "target_scale": float(_spread(y[trained]))}
    return Data(
        name=samples.name,
        X=samples.X,
        y=y,
        task=found,
        features=samples.features,
        target=samples.target,
        classes=classes,
        training=trained,
        validation=kept,
        truth={} if standardise else samples.truth,
        notes=tuple(notes),
        entry=entry,
        **numbers,
    )


def told(samples: Samples, task: str | None) -> tuple[str, NDArray[Any], tuple[str, ...]]:
    """The task, float64[sample] or the numbers of classes int64[sample], and the labels of these.

    task: what is asked for, one of TASKS. Unless asked, words are classes, and so are whole numbers of FEW values.
    Raises UsageError where the values are of no such kind.
    """
    where = f"{samples.name}: the target '{samples.target}'"
    values = samples.values
    words = values.dtype == object
    asked = task or samples.task
    found, y = np.unique(values.astype(str) if words else values, return_inverse=True)
    if asked is None:
        few = words or (len(found) <= min(FEW, len(values) // 2) and bool((found == np.floor(found)).all()))
        asked = CLASSES if few else REGRESSION
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
        raise UsageError(f"{n} sample{'s' * (n != 1)} cannot be parted by {share:g}; give more or a validation of 0")
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def _spread(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation of each column, 1 where it is constant: that one is then 0 in the units of the model."""
    deviation = columns.std(0)
    flat = deviation <= 1e-12 * np.abs(columns).max(0)
    return np.where(flat, 1.0, deviation)
