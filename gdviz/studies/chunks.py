"""How the cells of a study are cut into chunks, each of which is computed and stored as one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gdviz.backends.table import BACKENDS
from gdviz.studies.problem import Axis, Floats, Found, Problem

TRAJECTORIES = 2**16
"""Of a chunk, about, by the depth of the backend: some tenths of a second of a core, which is what a kill costs,
against a hundredth for writing it."""

WORK = 2**30
"""Of a chunk at most, in coordinates that a landscape's kernel moves by one step: seconds of a core, after which
progress moves and whoever is asked to end can."""

LANES = 256
"""Trajectories of a chunk at least, however long they take, by the depth of the backend: they fill some tiles."""

MOST = 2**16
"""Chunks of a study at most, by that: each is some files."""

FEWEST = 16
"""Chunks that a study has at least where it has so many cells, so that there is work for several threads."""


@dataclass(frozen=True)
class Chunk:
    """A rectangle of one optimizer's cells. index: its place among all chunks, by optimizer and along each axis."""

    number: int
    index: tuple[int, ...]
    cells: tuple[slice, ...]

    @property
    def optimizer(self) -> int:
        """Whose cells they are."""
        return self.index[0]

    @property
    def place(self) -> tuple[int | slice, ...]:
        """Of its cells in arrays over (optimizer, *axes)."""
        return self.optimizer, *self.cells

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis."""
        return tuple(part.stop - part.start for part in self.cells)

    def at(self, axes: tuple[Axis, ...]) -> Floats:
        """Values of the axes at its cells, the last axis fastest, float64[axis, cell]."""
        values = (axis.values[part] for axis, part in zip(axes, self.cells, strict=True))
        return np.stack([grid.ravel() for grid in np.meshgrid(*values, indexing="ij")])


@dataclass(frozen=True)
class Layout:
    """The chunks of a study. optimizers: how many; shape: cells along each axis; sides: those of a chunk, whose last
    one along an axis may have fewer."""

    optimizers: int
    shape: tuple[int, ...]
    sides: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Chunks by optimizer and along each axis."""
        return self.optimizers, *(-(-cells // side) for cells, side in zip(self.shape, self.sides, strict=True))

    def __len__(self) -> int:
        return math.prod(self.counts)

    def index(self, number: int) -> tuple[int, ...]:
        """Where a chunk is among all, by optimizer and along each axis."""
        return tuple(int(place) for place in np.unravel_index(number, self.counts))

    def chunk(self, number: int) -> Chunk:
        """One of them, by its number; optimizers follow each other, the last axis is fastest."""
        index = self.index(number)
        firsts = (place * side for place, side in zip(index[1:], self.sides, strict=True))
        cells = zip(firsts, self.sides, self.shape, strict=True)
        return Chunk(number, index, tuple(slice(first, min(first + side, of)) for first, side, of in cells))

    def __iter__(self) -> Iterator[Chunk]:
        return map(self.chunk, range(len(self)))

    def part(self, part: tuple[int, int] | None) -> range:
        """Numbers of the chunks of the K-th of N parts, (K, N) with K from 1: every N-th; None for all."""
        first, step = (1, 1) if part is None else part
        return range(first - 1, len(self), step)


def together(problem: Problem) -> int:
    """How many trajectories of a study are computed as one: as many as take long enough, and none too long."""
    each = problem.steps * problem.dim * problem.weight
    lanes = min(TRAJECTORIES, max(LANES, int(WORK / each)))
    return lanes * BACKENDS[problem.recipe.backend].depth


def layout_of(problem: Problem) -> Layout:
    """As its recipe says, else chunks of so many trajectories as are computed together, at least FEWEST and about MOST
    of them; their longest sides are halved until they have so few."""
    shape, optimizers = tuple(map(len, problem.axes)), len(problem.labels)
    if side := getattr(problem.recipe, "chunk", None):
        return Layout(optimizers, shape, tuple(min(side, cells) for cells in shape))
    cells = optimizers * math.prod(shape)
    most = min(max(together(problem) // max(problem.runs, 1), cells // MOST), cells // FEWEST)
    sides = list(shape)
    while math.prod(sides) > max(most, 1):
        longest = sides.index(max(sides))
        sides[longest] = -(-sides[longest] // 2)
    return Layout(optimizers, shape, tuple(sides))


def computed(problem: Problem, chunk: Chunk, threads: int = 1) -> Found:
    """What the cells of a chunk are worth, dtype[*axes of the chunk, …] by name."""
    found = problem.evaluate(chunk.optimizer, chunk.at(problem.axes), threads=threads)
    return {
        array.name: np.asarray(found[array.name], array.dtype).reshape(
            *chunk.shape, *(length for _, length in array.beside)
        )
        for array in problem.arrays
    }
