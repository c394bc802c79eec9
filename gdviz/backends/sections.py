"""Values of an objective on a line or a plane through its coordinates, by its compiled kernel, tile by tile."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.cores import affinity
from gdviz.backends.cpu import objective_kernels
from gdviz.backends.kernels import signatures
from gdviz.backends.records import Section, compiled
from gdviz.backends.texts import width
from gdviz.objectives.objective import Objective

Floats = NDArray[np.float64]

PIECES = 8
"""Parts of the work for each thread: they end at about the same time, and an interrupt is seen between two."""


def fill(section, at, answers, W, draw, lanes, first, last):
    """Fill answers, dtype[point], of tiles first … last - 1, of `lanes` points each; at: dtype[direction, point].

    W: dtype[row * lane], a tile; draw: int64[2 + lane], whose step 0 asks for the whole loss.
    """
    value, centre, directions, c = section
    dim, total = centre.shape[0], at.shape[1]
    for tile in range(first, last):
        base = tile * lanes
        count = min(lanes, total - base)  # lanes beyond the last point repeat it
        for d in range(dim):
            for j in range(lanes):
                point = base + min(j, count - 1)
                x = centre[d]
                for k in range(at.shape[0]):
                    x += directions[d, k] * at[k, point]
                W[d * lanes + j] = x
        value(W, c, draw)
        for j in range(count):
            answers[base + j] = W[2 * dim * lanes + j]


def values(objective: Objective, centre: Floats, directions: Floats, at: Floats, threads: int | None = None) -> Floats:
    """Values at centre + directions · at, float64[point].

    centre: float64[dim]; directions: float64[dim, direction]; at: float64[direction, point]. Beside the answer memory
    is that of a tile for each thread, and threads change no bit. Raises EmissionError where there is no kernel.
    """
    dtype = np.dtype(np.float64)
    lanes = width(objective.dim, objective.lanes(dtype))
    (kernel,) = objective_kernels(objective, dtype.name, lanes, ("value",)).values()
    told = Section(kernel, *map(np.ascontiguousarray, (centre, directions, objective.numbers(dtype))))
    at, answers = np.ascontiguousarray(at), np.empty(at.shape[1])
    rows = 2 * objective.dim + 1 + objective.scratch
    count, threads = -(-at.shape[1] // lanes), threads or affinity()

    def scratch() -> tuple[Any, Any]:
        return np.empty(rows * lanes), np.zeros(2 + lanes, np.int64)

    driver = compiled(fill, {"value": signatures(dtype.name)[0]}, told, at, answers, *scratch(), 0, 0, 0)
    pieces = min(count, threads * PIECES)
    edges = [i * count // pieces for i in range(pieces + 1)]

    def work(part: tuple[int, int]) -> None:
        driver(told, at, answers, *scratch(), lanes, *part)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, itertools.pairwise(edges)))
    return answers
