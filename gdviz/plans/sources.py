"""Columns of files, arrays and frames, before anybody says which of them are features."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError, nearest
from gdviz.plans.samples import numbered
from gdviz.recipe.data import PARTING
from gdviz.recipe.tables import LARGEST, file_name, read_file, read_table, seen

MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "<na>", "nat", "?"))
"""What programs write into cells that hold nothing, in small letters."""

Cells = NDArray[np.float64] | tuple[str, ...]
"""A column: numbers, NaN where one is missing, or what is written in its cells."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Columns:
    """Columns of equally many rows.

    name: of the file, or what arrays are called. cells: the columns by their headings. groups: headings of the columns
    of an array that has several, by its name. lines: number of each row as its reader counts, and `row` what they call
    it. notes: how they were read. shape: rows and columns; sha256: hash of the file or of the arrays.
    """

    name: str
    cells: Mapping[str, Cells]
    groups: Mapping[str, tuple[str, ...]]
    lines: Sequence[int]
    row: str
    notes: tuple[str, ...]
    shape: tuple[int, int]
    sha256: str

    def named(self, text: str) -> tuple[str, ...]:
        """The headings that are meant by one, by a number from 1, or by an array's name. Raises UsageError."""
        wanted = seen(text)
        if wanted in self.groups:
            return self.groups[wanted]
        for form in (str, str.casefold):
            if found := [head for head in self.cells if form(head) == form(wanted)]:
                return (found[0],)
        heads = [*self.cells]
        if wanted.isdecimal() and 1 <= int(wanted) <= len(heads):
            return (heads[int(wanted) - 1],)
        there = nearest(wanted, (*heads, *self.groups)) or f"; it has {', '.join(heads[:20])}"
        raise UsageError(f"{self.name} has no column '{text}'{there}")

    def typed(self, head: str) -> str:
        """A heading as it is typed: where it holds a sign that parts words, its number from 1."""
        return str([*self.cells].index(head) + 1) if set(head) & set(PARTING) else head

    def place(self, row: int, head: str) -> str:
        """Where a cell is, in words."""
        return f"{self.name}, {self.row} {self.lines[row]}, column '{head}'"


def of_file(path: str) -> Columns:
    """The columns of a CSV or NPZ file. Raises UsageError naming the file."""
    return _of_npz(path) if path.lower().endswith(".npz") else _of_csv(path)


def _of_csv(path: str) -> Columns:
    table = read_table(path)
    heads = _unique(table.heads, table.width)
    kept = [k for k, head in enumerate(heads) if head]
    notes = [f"{table.name} was read with {' and '.join(table.notes)}"] if table.notes else []
    if len(kept) < len(heads):
        notes.append(f"columns of {table.name} without a heading were left out")
    rows = [row for _, row in table.rows]
    return Columns(
        name=table.name,
        cells={heads[k]: tuple(row[k] if k < len(row) else "" for row in rows) for k in kept},
        groups={},
        lines=[line for line, _ in table.rows],
        row="line",
        notes=tuple(notes),
        shape=(len(rows), table.width),
        sha256=table.sha256,
    )


def _unique(heads: tuple[str, ...], width: int) -> list[str]:
    """Headings that differ, empty where there is none; where nothing has one, x1, x2, …"""
    if not any(heads):
        return [f"x{k + 1}" for k in range(width)]
    found: list[str] = []
    for head in (*heads, *[""] * (width - len(heads))):
        again = sum(other.rpartition(".")[0] == head or other == head for other in found)
        found.append(f"{head}.{again + 1}" if again and head else head)
    return found


def _of_npz(path: str) -> Columns:
    name, data = file_name(path), read_file(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as whole:
            if sum(entry.file_size for entry in whole.infolist()) > 8 * LARGEST:
                raise UsageError(f"{name} holds more than {LARGEST >> 17} MB; save the arrays that are needed alone")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {key: arrays[key] for key in arrays.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, RuntimeError) as error:  # also encrypted ones
        raise UsageError(f"{name} is no NPZ file; save it by np.savez: {error}") from None
    except ValueError as error:
        raise UsageError(f"{name} cannot be read: {error}; save arrays of numbers or text") from None
    return of_arrays(found, name, sha256=hashlib.sha256(data).hexdigest())


def of_python(source: Any) -> Columns:
    """Columns of what was given in Python: a pair (X, y), or whatever has columns. Raises UsageError."""
    if isinstance(source, (tuple, list)) and len(source) == 2:
        X, y = source
        return of_arrays({**(_frame(X) or {"X": X}), str(getattr(y, "name", None) or "y"): y}, "the data", {"X": "x"})
    if (parts := _frame(source)) is None:
        what = f"data are {type(source).__name__}"
        raise UsageError(f"{what}; give a name, a file, a pair of arrays (X, y), or a frame with target=")
    return of_arrays(parts, "the data")


def _frame(source: Any) -> dict[str, Any] | None:
    """The columns of what has some by their names, None where it has none.

    Frames of pandas, Polars and Arrow, arrays with fields and mappings are asked alike; none of these is imported.
    """
    if isinstance(source, Mapping):
        return {str(name): values for name, values in source.items()}
    fields = getattr(getattr(source, "dtype", None), "names", None)
    names = getattr(source, "column_names", None) or getattr(source, "columns", None)
    names = fields if names is None else names
    try:
        return None if names is None else {str(name): source[name] for name in names}
    except (TypeError, KeyError, IndexError, ValueError):
        return None


def of_arrays(
    parts: Mapping[str, Any], name: str, letters: Mapping[str, str] | None = None, sha256: str = ""
) -> Columns:
    """Columns of arrays [row] or [row, column] by their names; those of several are numbered.

    letters: what the columns of an array are called where that is not the array's name.
    """
    cells: dict[str, Cells] = {}
    groups: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = {}
    for key, values in parts.items():
        array = _array(name, str(key), values)
        counts[str(key)] = len(array)
        heads = numbered(array.shape[1], (letters or {}).get(key, str(key)))
        groups[str(key)] = heads
        for k, head in enumerate(heads):
            if head in cells:
                raise UsageError(f"{name}: two columns are called '{head}'; rename one of them")
            cells[head] = _cells(array[:, k])
    if not cells:
        raise UsageError(f"{name} holds no columns; give arrays of features and a target")
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{key} has {count}" for key, count in counts.items())
        raise UsageError(f"{name}: the columns are of unequal length: {told}; give as many rows of each")
    rows = next(iter(counts.values()))
    if not rows:
        raise UsageError(f"{name} holds no rows; give at least two")
    return Columns(
        name=name,
        cells=cells,
        groups=groups,
        lines=range(1, rows + 1),
        row="row",
        notes=(),
        shape=(rows, len(cells)),
        sha256=sha256 or _digest(cells),
    )


def _array(name: str, key: str, values: Any) -> NDArray[Any]:
    """Values as an array [row, column]."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}: '{key}' is no array: {error}") from None
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.dtype.kind not in "biufUSO":
        shape = "x".join(map(str, array.shape)) or "no rows"
        raise UsageError(
            f"{name}: '{key}' is an array of {shape} {array.dtype}; give rows and columns of numbers or text"
        )
    return array


def _cells(column: NDArray[Any]) -> Cells:
    """A column of numbers as float64, of anything else as it is written."""
    if column.dtype.kind in "iuf":
        return np.ascontiguousarray(column, dtype=np.float64)
    return tuple(_written(column.tolist()))


def _written(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        yield "" if value is None else text.lower() if isinstance(value, (bool, np.bool_)) else seen(text)


def _digest(cells: Mapping[str, Cells]) -> str:
    """Hash of columns and their names."""
    whole = hashlib.sha256()
    for head, column in cells.items():
        told = column.tobytes() if isinstance(column, np.ndarray) else "\0".join(column).encode()
        whole.update(f"{head}\0{len(told)}\0".encode() + told)
    return whole.hexdigest()


def embedded(name: str, columns: Mapping[str, Sequence[Any]], sha256: str) -> Columns:
    """The columns that a recipe holds."""
    numbers = {head: all(isinstance(cell, float) for cell in cells) for head, cells in columns.items()}
    parts = {head: np.array(cells, dtype=np.float64 if numbers[head] else object) for head, cells in columns.items()}
    return of_arrays(parts, name, sha256=sha256)
