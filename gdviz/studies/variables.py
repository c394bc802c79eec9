"""What a study's arrays are called and mean for whoever opens them: dimensions, coordinates, units and flags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.studies.chunks import Layout
from gdviz.studies.problem import Array, Axis, Problem
from gdviz.studies.shares import Reliability, Shares
from gdviz.version import __version__

OPTIMIZER = "optimizer"
"""The first dimension of all arrays."""

DONE = "done"
"""What tells of each chunk whether it is done, by its index."""

SHARES = {
    "ulp": "whose label changes where the start moves by one unit in the last place",
    "dtype": "whose label differs in the other precision",
    "resolution": "of whose parts on a grid twice as fine the label differs",
}
"""What arrays of reliability say of sampled cells, by the names of `Shares`."""

HALVES = {"all": ("", "of the sampled cells"), "boundary": ("_boundary", "of the sampled cells at boundaries")}
"""Ends of their names and words for their cells, by the names of `Reliability`."""

JUDGED = tuple(f"flips_{name}{suffix}" for suffix, _ in HALVES.values() for name in ("cells", *SHARES))
"""Their names."""


@dataclass(frozen=True, eq=False)
class Variable:
    """An array as it is stored. values: of one that is known from the start or in the end, None of one in chunks, whose
    chunks are as long as `chunk` says. dtype: as NumPy calls it, or "string"."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    fill: float | str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    chunk: tuple[int, ...] = ()
    values: NDArray[Any] | None = None


def dims(problem: Problem) -> tuple[str, ...]:
    """What the dimensions of all arrays over cells are called: names that are folders on every system, and no array's,
    whether or not letters are told from capitals."""
    names, taken = [OPTIMIZER], {OPTIMIZER, DONE, *JUDGED, *problem.beside}
    taken |= {array.name for array in (*problem.arrays, *problem.wholes)}
    for axis in problem.axes:
        name = re.sub(r"[^\w.-]", "_", axis.name)
        while name.lower() in taken:
            name += "_axis"
        names.append(name)
        taken.add(name.lower())
    return tuple(names)


def coordinates(problem: Problem) -> list[Variable]:
    """Labels of the optimizers, values of the axes, and those of further dimensions that have some."""
    found = [_values(OPTIMIZER, np.array(problem.labels), {"long_name": "optimizer"})]
    for name, axis in zip(dims(problem)[1:], problem.axes, strict=True):
        values = np.array(axis.words) if axis.scale == "words" else axis.values
        found.append(_values(name, values, _about(axis)))
    return found + [_values(name, np.asarray(values), {}) for name, values in problem.beside.items()]


def in_chunks(problem: Problem, layout: Layout) -> list[Variable]:
    """What `evaluate` answers, and last what says which chunks are done."""
    outer, found = dims(problem), []
    for array in problem.arrays:
        names, lengths = [name for name, _ in array.beside], [length for _, length in array.beside]
        shape, chunk = (layout.optimizers, *layout.shape, *lengths), (1, *layout.sides, *lengths)
        found.append(Variable(array.name, (*outer, *names), shape, array.dtype, array.fill, _meaning(array), chunk))
    inner = tuple(f"{name}_chunk" for name in outer[1:])
    meaning = {"long_name": "whether a chunk of cells is done", "flag_values": [0, 1], "flag_meanings": "missing done"}
    ones = (1,) * len(layout.counts)
    return [*found, Variable(DONE, (OPTIMIZER, *inner), layout.counts, "int8", 0, meaning, ones)]


def whole(problem: Problem, found: Mapping[str, NDArray[Any]]) -> list[Variable]:
    """What all cells together come to."""
    variables = []
    for array in problem.wholes:
        names, values = (OPTIMIZER, *(dim for dim, _ in array.beside)), found[array.name]
        meaning, dtype = _meaning(array), str(values.dtype)
        variables.append(Variable(array.name, names, values.shape, dtype, array.fill, meaning, values.shape, values))
    return variables


def judgement(reliability: tuple[Reliability, ...]) -> list[Variable]:
    """Shares by optimizer, of all cells and of those at boundaries, and of how many cells they are."""
    found = []
    for half, (suffix, cells) in HALVES.items():
        shares = [getattr(one, half) for one in reliability]
        counts = np.array([one.cells for one in shares], np.int64)
        found.append(_values(f"flips_cells{suffix}", counts, {"long_name": f"number {cells}"}, (OPTIMIZER,)))
        for name, about in SHARES.items():
            values = np.array([getattr(one, name) for one in shares], np.float64)
            meaning = {"long_name": f"share {cells} {about}", "units": "1"}
            found.append(_values(f"flips_{name}{suffix}", values, meaning, (OPTIMIZER,)))
    return found


def judged(values: Mapping[str, NDArray[Any]]) -> tuple[Reliability, ...]:
    """The same back again, of arrays by name."""
    columns = zip(*(values[name].tolist() for name in JUDGED), strict=True)
    half = 1 + len(SHARES)
    return tuple(Reliability(Shares(*column[:half]), Shares(*column[half:])) for column in columns)


def files_of(problem: Problem, layout: Layout) -> int:
    """How many files a store of it holds once it is done: a chunk has one of each array and one that says so, all that
    is no chunk has one, and one stands beside each array and beside all of them that describes it."""
    whole = 1 + len(problem.axes) + len(problem.beside) + len(problem.wholes)
    if getattr(problem.recipe, "reliability", "no") == "yes":
        whole += len(JUDGED)
    arrays = len(problem.arrays) + 1
    return len(layout) * arrays + arrays + 2 * whole + 1


def attributes(problem: Problem) -> dict[str, Any]:
    """Of the whole: what counts, and all that brings it back."""
    return {
        "Conventions": "CF-1.11",
        "title": f"{problem.kind} by gdviz",
        "gdviz": __version__,
        "kind": problem.kind,
        "runs": problem.runs,
        "steps": problem.steps,
        **problem.criteria,
        "recipe": problem.recipe.text(),
    }


def _values(name: str, values: NDArray[Any], about: Mapping[str, Any], over: tuple[str, ...] = ()) -> Variable:
    is_text = values.dtype.kind == "U"
    fill = "" if is_text else np.nan if values.dtype.kind == "f" else -1
    dtype = "string" if is_text else str(values.dtype)
    return Variable(name, over or (name,), values.shape, dtype, fill, about, values.shape, values)


def _about(axis: Axis) -> dict[str, Any]:
    about = {"long_name": axis.title or axis.name, "scale": axis.scale}
    return {**about, "units": axis.unit} if axis.unit else about


def _meaning(array: Array) -> dict[str, Any]:
    told = {"long_name": array.about, **({"units": array.unit} if array.unit else {})}
    return {**told, **array.attributes}
