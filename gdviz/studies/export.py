"""Studies handed on: to xarray, as NumPy's arrays, as a table of cells, and as one file of a store."""

from __future__ import annotations

import csv
import itertools
import math
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.encode.targets import atomic, final_path
from gdviz.errors import OutputError, UsageError, nearest
from gdviz.studies.chunks import layout_of
from gdviz.studies.files import PARTIAL
from gdviz.studies.problem import Axis
from gdviz.studies.results import whole as sums
from gdviz.studies.variables import OPTIMIZER, Variable, attributes, coordinates, in_chunks, judgement, whole

if TYPE_CHECKING:
    import xarray

    from gdviz.studies.study import Study

ROWS = 2**16
"""Cells of a table that are read at once."""

STAMP = (1980, 1, 1, 0, 0, 0)
"""The date of every file in an archive, which is the first that archives know."""


def dataset(study: Study) -> xarray.Dataset:
    """A study as xarray has it; see `Study.dataset`."""
    try:
        import xarray
    except ImportError:
        raise UsageError('datasets need xarray; pip install "gdviz[study]"') from None
    if study.store is not None:
        return xarray.open_zarr(study.store, chunks=None)

    def told(some: Iterable[Variable]) -> dict[str, Any]:
        return {one.name: (one.dims, one.values, dict(one.attributes)) for one in some}

    return xarray.Dataset(told(_variables(study)), told(coordinates(study.problem)), attributes(study.problem))


def _variables(study: Study) -> Iterator[Variable]:
    """Arrays of a study with their values: of its cells, of all of them together, and of its reliability."""
    *cells, _ = in_chunks(study.problem, layout_of(study.problem))
    yield from (replace(one, values=study.arrays[one.name]) for one in cells)
    names = {one.name for one in cells}
    yield from whole(study.problem, {name: found for name, found in study.arrays.items() if name not in names})
    yield from judgement(study.reliability) if study.reliability else ()


def export(study: Study, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a study into a file that its ending tells: .npz (arrays and coordinates by name), .csv (a row for each
    cell), or .zarr.zip (its store, which xarray opens); the path of the file.

    The table of an ensemble has a row for each record in place of each block: step, loss_q5 … loss_q95, survival (the
    share of runs that began at a minimum and had not left it) and, in the last row, ends[…], how many ended how.

    force: replace a file that is there. Raises OutputError where it cannot be written.
    """
    target = final_path(path)
    ending = next((ending for ending in WRITERS if target.name.lower().endswith(ending)), None)
    if ending is None:
        raise OutputError(
            f"{target.name}: studies are exported as {', '.join(WRITERS)}{nearest(target.suffix, WRITERS)}"
        )
    if not target.parent.is_dir():
        raise OutputError(f"the folder {target.parent} does not exist; make it first or choose another one")
    if os.path.lexists(target) and not (force and target.is_file()):
        raise OutputError(f"{target} exists; choose another name or add --force")
    with atomic(target, replace=True) as written:
        WRITERS[ending](study, Path(written))
    return written.path


def _arrays(study: Study, path: Path) -> None:
    named = [*coordinates(study.problem), *_variables(study)]
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **{one.name: np.asarray(one.values) for one in named})


def _rows(study: Study, path: Path) -> None:
    """A head, and rows of what is computed."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(_columns(study) or _cells(study))


def _columns(study: Study) -> list[tuple[Any, ...]]:
    """Those that the problem has in place of cells, none where it has the cells."""
    labels, together, rows = study.problem.labels, sums(study), list[tuple[Any, ...]]()
    for optimizer, label in enumerate(labels):
        if (told := study.problem.columns(optimizer, together)) is None:
            return []
        rows = rows or [(OPTIMIZER, *told)]
        if study.known[optimizer].any():
            rows += zip(itertools.repeat(label), *told.values(), strict=False)
    return rows


def _cells(study: Study) -> Iterator[tuple[Any, ...]]:
    """Further dimensions stand beside each other, as in final[0]."""
    problem = study.problem
    names = [array.name for array in problem.arrays]
    beside = {array.name: [*np.ndindex(*(length for _, length in array.beside))] for array in problem.arrays}
    shape = tuple(map(len, problem.axes))
    size, known = math.prod(shape), study.known
    heads = [f"{name}[{','.join(map(str, at))}]" if at else name for name in names for at in beside[name]]
    yield OPTIMIZER, *(axis.name for axis in problem.axes), *heads
    for optimizer, label in enumerate(problem.labels):
        for first in range(0, size, ROWS):
            places = np.unravel_index(np.arange(first, min(first + ROWS, size)), shape)
            places = tuple(place[known[optimizer][places]] for place in places)
            if not places[0].size:
                continue
            at = [_told(axis, place) for axis, place in zip(problem.axes, places, strict=True)]
            values = [study.arrays[name][optimizer][places].reshape(len(places[0]), -1) for name in names]
            columns = [column.tolist() for one in values for column in one.T]
            yield from zip(itertools.repeat(label, len(places[0])), *at, *columns, strict=True)


def _told(axis: Axis, places: NDArray[np.int64]) -> list[float] | list[str]:
    """What stands at places of an axis."""
    values: list[Any] = (np.array(axis.words) if axis.scale == "words" else axis.values)[places].tolist()
    return values


def _archive(study: Study, path: Path) -> None:
    """Not compressed again, and with the same date always, so that the same study makes the same archive."""
    if study.store is None:
        raise UsageError("the study is in no store; run it with --out NAME.zarr first")
    files = sorted(file for file in study.store.rglob("*") if file.is_file() and file.suffix != PARTIAL)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.relative_to(study.store).as_posix(), STAMP), file.read_bytes())


WRITERS: Mapping[str, Callable[[Study, Path], None]] = {".npz": _arrays, ".csv": _rows, ".zarr.zip": _archive}
"""What writes files, by their endings."""
