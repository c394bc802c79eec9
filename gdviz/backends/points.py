"""What an objective answers at points by its compiled kernel of values, tile by tile."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.cores import affinity
from gdviz.backends.kernels import objective_kernels, signatures
from gdviz.backends.records import Asked, compiled
from gdviz.backends.texts import width
from gdviz.objectives.objective import Array, Objective

Floats = NDArray[np.float64]

PIECES = 8
"""Parts of the work for each thread: they end at about the same time, and an interrupt is seen between two."""


def fill(asked, found, W, draw, lanes, first, last):
    """Fill found, dtype[number, point], of tiles first … last - 1, of `lanes` points each.

    W: dtype[row * lane], a tile; draw: int64[2 + lane], whose step 0 asks for the whole loss.
    """
    value, rows, c, origins, directions, at = asked
    total = found.shape[1]
    for tile in range(first, last):
        base = tile * lanes
        count = min(lanes, total - base)  # lanes beyond the last point repeat it
        for d in range(origins.shape[1]):
            for j in range(lanes):
                point = base + min(j, count - 1)
                x = origins[min(point, origins.shape[0] - 1), d]
                for k in range(at.shape[0]):
                    x += directions[d, k] * at[k, point]
                W[d * lanes + j] = x
        value(W, c, draw)
        for k in range(rows.size):
            for j in range(count):
                found[k, base + j] = W[rows[k] * lanes + j]


def section(objective: Objective, centre: Floats, directions: Floats, at: Floats, threads: int | None = None) -> Floats:
    """Values at centre + directions · at, float64[point].

    centre: float64[dim]; directions: float64[dim, direction]; at: float64[direction, point]. Beside the answer memory
    is that of a tile for each thread, and threads change no bit. Raises EmissionError where there is no kernel.
    """
    return _found(objective, objective, centre[None], directions, at, threads)[0]


def answers(objective: Objective, on: Objective, X: Array, threads: int | None = None) -> Array:
    """All that an objective answers at points dtype[…, dim], dtype[number, …], on the data of another that has the same
    kernels; see `section`."""
    flat = X.reshape(-1, X.shape[-1])
    at = np.empty((0, len(flat)), X.dtype)
    found = _found(objective, on, flat, np.empty((X.shape[-1], 0), X.dtype), at, threads)
    return found.reshape(-1, *X.shape[:-1])


def _found(
    objective: Objective, on: Objective, origins: Array, directions: Array, at: Array, threads: int | None
) -> Array:
    dtype = origins.dtype
    lanes = width(objective.dim, objective.lanes(dtype))
    (kernel,) = objective_kernels(objective, dtype.name, lanes, ("value",)).values()
    rows = np.array(objective.answered)
    asked = Asked(kernel, rows, *map(np.ascontiguousarray, (on.numbers(dtype), origins, directions, at)))
    found = np.empty((len(rows), at.shape[1]), dtype)
    size = (2 * objective.dim + 1 + objective.scratch) * lanes
    count, threads = -(-at.shape[1] // lanes), threads or affinity()

    def scratch() -> tuple[Any, Any]:
        return np.empty(size, dtype), np.zeros(2 + lanes, np.int64)

    driver = compiled(fill, {"value": signatures(dtype.name)[0]}, asked, found, *scratch(), 0, 0, 0)
    pieces = min(count, threads * PIECES)
    edges = [i * count // pieces for i in range(pieces + 1)] if pieces else []

    def work(part: tuple[int, int]) -> None:
        driver(asked, found, *scratch(), lanes, *part)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, itertools.pairwise(edges)))
    return found
