"""How far the maps of a study can be trusted: its labels on a sample of cells, asked again in other ways."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.recipe.options.descent import DTYPES
from gdviz.studies.chunks import together
from gdviz.studies.problem import Axis, Floats, Found, Problem
from gdviz.studies.shares import Reliability, Shares
from gdviz.vmath import random

Progress = Callable[[int, int], None]
"""Told how many cells are judged, and of how many."""

Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]

FEWEST, SHARE, MOST = 256, 1 / 16, 65_536
"""How many cells are judged: a sixteenth of all, so that six runs more of each cost less than half of the study."""

TOGETHER = 2**16
"""About how many cells are labelled at once, and how many trajectories are run at once where these are short."""

ALL, BOUNDARY = 0, 1
"""Random streams of the two halves of a sample."""


def judge(
    problem: Problem, arrays: Found, *, threads: int = 1, progress: Progress | None = None
) -> tuple[Reliability, ...] | None:
    """The reliability of each optimizer's map, None where cells are no places of a map.

    arrays: of the whole study, dtype[optimizer, *axes, …]. Half of the cells are drawn from all by the recipe's seed,
    half from those at boundaries, and each is labelled again with starts one unit in the last place away, in the other
    precision, and at the 2^axes places of a grid twice as fine. What is answered depends neither on threads nor on how
    many cells are run together.
    """
    samples: list[tuple[NDArray[np.int64], Mask, Mask, Labels]] = []
    try:
        for optimizer in range(len(problem.labels)):
            found = {array.name: arrays[array.name][optimizer] for array in problem.arrays}
            samples.append(_sample(problem, optimizer, found))
    except NotImplementedError:
        return None
    total, done = sum(len(cells) for cells, *_ in samples), 0
    judged = []
    for optimizer, (cells, *halves, labels) in enumerate(samples):
        flips = [np.zeros((0, 4), np.int64)]
        for part in _batches(problem, len(cells), threads):
            flips.append(_flips(problem, optimizer, cells[part], labels[part], threads))
            done += len(cells[part])
            if progress is not None:
                progress(done, total)
        counts = np.concatenate(flips)
        judged.append(Reliability(*(_shares(counts[half]) for half in halves)))
    return tuple(judged)


def sampled(cells: int) -> int:
    """How many cells of so many are judged, at most."""
    return min(cells, max(FEWEST, min(int(SHARE * cells), MOST)))


def evaluations(problem: Problem) -> int:
    """How many cells a judgement runs, at most."""
    cells = int(np.prod([len(axis) for axis in problem.axes]))
    finer = len(_finer(problem.axes))
    return len(problem.labels) * sampled(cells) * (2 + finer)


def _sample(problem: Problem, optimizer: int, found: Found) -> tuple[NDArray[np.int64], Mask, Mask, Labels]:
    """Which cells, ascending; which of them were drawn from all, which from those at boundaries; and their labels."""
    shape = tuple(len(axis) for axis in problem.axes)
    cells = int(np.prod(shape))
    half = cells if cells <= FEWEST else sampled(cells) // 2
    first = spread_out(problem.recipe.seed, optimizer, ALL, cells, half)
    border = np.flatnonzero(_boundary(problem, found).ravel())
    second = border[spread_out(problem.recipe.seed, optimizer, BOUNDARY, len(border), half)]
    chosen = np.union1d(first, second)
    places = np.unravel_index(chosen, shape)
    labels = problem.label({name: values[places] for name, values in found.items()})
    return chosen, np.isin(chosen, first), np.isin(chosen, second), labels


def spread_out(seed: int, optimizer: int, stream: int, count: int, most: int) -> NDArray[np.int64]:
    """So many of 0 … count − 1, ascending, by chance: one of each of equally long pieces, all of them where there are
    no more."""
    if count <= most:
        return np.arange(count)
    ends = np.arange(most + 1) * count // most
    uniform = random.namespace("float64")["uniform"](seed, random.CELLS, stream, optimizer, np.arange(most))
    within: NDArray[np.int64] = ends[:-1] + (uniform * np.diff(ends)).astype(np.int64)
    return within


def _boundary(problem: Problem, found: Found) -> Mask:
    """Which cells have a neighbour with another label, bool[*axes]; neighbours along axes that cannot be finer do not
    count. Some rows of the map at a time."""
    shape = tuple(len(axis) for axis in problem.axes)
    rows = max(1, TOGETHER // int(np.prod(shape[1:])))
    other = np.zeros(shape, bool)
    for first in range(0, shape[0], rows):
        seen = slice(max(0, first - 1), first + rows + 1)
        part = {name: values[seen] for name, values in found.items()}
        labels = _labels(problem, part)
        differ = np.zeros(labels.shape, bool)
        for number, axis in enumerate(problem.axes):
            if axis.refines:
                step = np.diff(labels, axis=number) != 0
                along, sides = np.moveaxis(differ, number, 0), np.moveaxis(step, number, 0)
                along[:-1] |= sides
                along[1:] |= sides
        other[first : first + rows] = differ[first - seen.start :][:rows]
    return other


def _labels(problem: Problem, found: Found) -> Labels:
    """Of a block of cells, int64[*axes]."""
    dims = len(problem.axes)
    shape = next(iter(found.values())).shape[:dims]
    return problem.label({name: a.reshape(-1, *a.shape[dims:]) for name, a in found.items()}).reshape(shape)


def _flips(problem: Problem, optimizer: int, cells: NDArray[np.int64], labels: Labels, threads: int) -> NDArray[Any]:
    """How many labels differ of each cell, int64[cell, 4]: an ulp away, in the other precision, of its parts on a grid
    twice as fine, and how many such parts it has."""
    axes = problem.axes
    places = np.unravel_index(cells, tuple(len(axis) for axis in axes))
    at = np.stack([axis.values[place] for axis, place in zip(axes, places, strict=True)])

    def again(at: Floats, **ways: Any) -> Labels:
        return problem.label(problem.evaluate(optimizer, at, threads=threads, **ways))

    other = next(dtype for dtype in DTYPES if dtype != problem.recipe.dtype)
    counts = np.zeros((len(cells), 4), np.int64)
    counts[:, 0] = again(at, ulps=1) != labels
    counts[:, 1] = again(at, dtype=other) != labels
    for sides in _finer(axes):
        parts = at.copy()
        inside = np.ones(len(cells), bool)
        for number, side in sides.items():
            values, place = axes[number].values, places[number]
            beside = place + side
            inside &= (beside >= 0) & (beside < len(values))
            near, far = values[place], values[np.clip(beside, 0, len(values) - 1)]
            parts[number] = _quarter(axes[number], near, far)
        counts[inside, 2] += again(parts[:, inside]) != labels[inside]
        counts[inside, 3] += 1
    return counts


def _finer(axes: tuple[Axis, ...]) -> list[dict[int, int]]:
    """The parts of a cell on a grid twice as fine: on which side of its middle, −1 or 1, along which axes. None where
    no axis can be finer."""
    finer = [number for number, axis in enumerate(axes) if axis.refines]
    sides = itertools.product((-1, 1), repeat=len(finer)) if finer else ()
    return [dict(zip(finer, side, strict=True)) for side in sides]


def _quarter(axis: Axis, near: Floats, far: Floats) -> Floats:
    """A quarter of the way between values of an axis, which is the middle of half a cell."""
    if axis.scale == "log":
        return near * np.sqrt(np.sqrt(far / near))  # the same on every machine, as powers are not
    return near + 0.25 * (far - near)


def _shares(counts: NDArray[np.int64]) -> Shares:
    """Of cells, by what differs of each, see `_flips`."""
    cells = len(counts)
    ulp, dtype, differ, parts = counts.sum(axis=0).tolist()
    share = [number / of if of else float("nan") for number, of in ((ulp, cells), (dtype, cells), (differ, parts))]
    return Shares(cells, *share)


def _batches(problem: Problem, cells: int, threads: int) -> Iterator[slice]:
    """Pieces of the sample that are run together: no longer than a chunk, which one thread computes."""
    size = max(1, min(TOGETHER, threads * together(problem)) // max(problem.runs, 1))
    return (slice(first, first + size) for first in range(0, cells, size))
