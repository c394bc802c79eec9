"""Which columns are features, which one is to be told, and the samples that their rows make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError, short
from gdviz.plans.samples import Samples
from gdviz.plans.sources import MISSING, Cells, Columns
from gdviz.recipe.data import DataEntry
from gdviz.recipe.tables import has_decimal_commas, number
from gdviz.registry.vocabulary import REGRESSION

TARGET = "y"
"""The target of columns of which nobody says which one it is."""

BOOLEANS = {"false": 0.0, "true": 1.0}
"""What programs write for them, in small letters."""


def chosen(columns: Columns, entry: DataEntry, task: str | None) -> Samples:
    """The samples of columns, of which an entry says which are used; task: what is asked for, if anything.

    Rows that lack a cell are left out and counted, or refused. Raises UsageError naming columns and rows.
    """
    target = _target(columns, entry)
    features = _features(columns, entry, target)
    X = np.column_stack([_numbers(columns, head, features) for head in features])
    values, lacking = _values(columns, target, task)
    lacking |= np.isnan(X).any(1)
    notes = list(columns.notes)
    if any(
        has_decimal_commas(cells) for head in (*features, target) if isinstance(cells := columns.cells[head], tuple)
    ):
        notes.append(f"{columns.name} was read with decimal commas")
    if first := lacking.nonzero()[0].tolist()[:1]:
        if entry.missing == "refuse":
            head = next((h for k, h in enumerate(features) if np.isnan(X[first[0], k])), target)
            raise UsageError(
                f"{columns.place(first[0], head)}: the cell is missing; fill it in, or drop missing=refuse"
            )
        X, values = X[~lacking], values[~lacking]
        count, whole = int(lacking.sum()), len(lacking)
        if not len(X):
            raise UsageError(f"{columns.name}: every row lacks a cell; choose other features, or drop columns")
        notes.append(f"{count} of {whole} rows of {columns.name} lack a cell and were left out")
    flat = [head for k, head in enumerate(features) if (X[:, k] == X[0, k]).all()]
    if flat and len(X) > 1:
        notes.append(f"the same in all samples of {columns.name}, and so of no use: {', '.join(flat[:5])}")
    return Samples(
        name=columns.name,
        X=np.ascontiguousarray(X),
        values=values,
        features=features,
        target=target,
        own=True,
        notes=tuple(notes),
    )


def _target(columns: Columns, entry: DataEntry) -> str:
    if entry.target is None and TARGET not in columns.cells:
        heads = [*columns.cells]
        there = ", ".join(heads[:20])
        raise UsageError(
            f"{columns.name}: say which column is to be told, as in target={columns.typed(heads[-1])}; it has {there}"
        )
    found = columns.named(entry.target or TARGET)
    if len(found) > 1:
        raise UsageError(f"{columns.name}: the target '{entry.target}' has {len(found)} columns; choose one of them")
    return found[0]


def _features(columns: Columns, entry: DataEntry, target: str) -> tuple[str, ...]:
    dropped = {head for text in entry.drop or () for head in columns.named(text)}
    if target in dropped:
        raise UsageError(f"{columns.name}: '{target}' is the target and cannot be dropped")
    if entry.features is None:
        found = [head for head in columns.cells if head not in dropped and head != target]
    else:
        found = list(dict.fromkeys(head for text in entry.features for head in columns.named(text)))
        if target in found:
            raise UsageError(f"{columns.name}: '{target}' is the target and cannot be a feature as well")
        found = [head for head in found if head not in dropped]
    if not found:
        raise UsageError(f"{columns.name}: no column is left for features; choose another target, or drop fewer")
    return tuple(found)


def _numbers(columns: Columns, head: str, features: Sequence[str]) -> NDArray[np.float64]:
    """float64[row]: a column of features, NaN where a cell is missing; of true and false 1 and 0."""
    cells = columns.cells[head]
    if isinstance(cells, np.ndarray):
        return _finite(columns, head, cells)
    read, word = _read(cells)
    if word is not None and _boolean(cells):
        return np.array([BOOLEANS.get(cell.lower(), np.nan) for cell in cells])
    if word is not None:
        where = f"{columns.place(word, head)}: '{short(cells[word])}' is no number"
        words = [one for one in features if _words(columns.cells[one])]
        left = f"leave the column{'s' * (len(words) > 1)} out by drop={'/'.join(map(columns.typed, words))}"
        raise UsageError(f"{where}; {left if head in words else 'correct or empty the cell'}")
    return _finite(columns, head, read)


def _boolean(cells: Sequence[str]) -> bool:
    """Whether cells hold true and false alone."""
    return {cell.lower() for cell in cells} - MISSING <= BOOLEANS.keys()


def _words(cells: Cells) -> bool:
    """Whether a column holds no number at all, but something else."""
    if isinstance(cells, np.ndarray) or _boolean(cells):
        return False
    read, word = _read(cells)
    return word is not None and not np.isfinite(read).any()


def _values(columns: Columns, head: str, task: str | None) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The target, float64[row] or object[row] where it holds words, and which rows have none."""
    cells = columns.cells[head]
    if isinstance(cells, np.ndarray):
        return _finite(columns, head, cells), np.isnan(cells)
    read, word = _read(cells)
    if word is None:
        return _finite(columns, head, read), np.isnan(read)
    if np.isfinite(read).any() and task in (None, REGRESSION):
        raise UsageError(
            f"{columns.place(word, head)}: '{short(cells[word])}' stands among numbers; correct or empty the cell, or "
            "choose the task classes"
        )
    return np.array(cells, dtype=object), np.array([cell.lower() in MISSING for cell in cells])


def _read(cells: Sequence[str]) -> tuple[NDArray[np.float64], int | None]:
    """The numbers in cells, NaN where there is none, and the first cell that holds something else."""
    there = [cell.lower() not in MISSING for cell in cells]
    commas = has_decimal_commas(cell for cell, full in zip(cells, there, strict=True) if full)
    found = [number(cell, commas) if full else np.nan for cell, full in zip(cells, there, strict=True)]
    word = next((row for row, value in enumerate(found) if value is None), None)
    return np.array([np.nan if value is None else value for value in found]), word


def _finite(columns: Columns, head: str, values: Cells) -> NDArray[np.float64]:
    """The same numbers, of which none is infinite."""
    numbers = np.asarray(values, dtype=np.float64)
    if endless := np.flatnonzero(np.isinf(numbers)).tolist():
        raise UsageError(f"{columns.place(endless[0], head)}: {numbers[endless[0]]:g} is no finite number; correct it")
    return numbers
