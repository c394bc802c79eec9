"""Where runs start, as people give it to `gdviz.simulate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError
from gdviz.vmath import random

MANY = 1000
"""Starts that a recipe still holds one by one."""

TRIES = 100
"""How often a random start is drawn anew where the loss is not finite."""


def read_starts(start: Any) -> tuple[list[list[float]] | None, NDArray[np.float64] | None]:
    """Starts for a recipe, or, where they are too many for one, as float64[start, dim]; the other is None.

    `start` is None, one point, or points; a flat list of more than MANY numbers is as many points of one coordinate.
    Raises UsageError for what is neither, and for points that are not finite.
    """
    if start is None:
        return None, None
    try:
        if np.ma.getmaskarray(np.ma.array(start)).any():
            raise UsageError("start holds masked points; give those alone that are meant, as in start.compressed()")
        if np.iscomplexobj(start):
            raise UsageError("start holds complex numbers; give real ones, as in start.real")
        points = np.asarray(start, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError("start must be one point or a list of points with as many coordinates each") from None
    if points.ndim not in (1, 2) or not points.size:
        raise UsageError("start must be one point or a list of points, as in (1.0, 1.5)")
    if not np.isfinite(points).all():
        raise UsageError("start holds a number that is not finite; give finite points")
    if len(points) > MANY:
        return None, points if points.ndim == 2 else points[:, None]
    return [[float(c) for c in point] for point in np.atleast_2d(points)], None


def random_starts(
    domain: Sequence[tuple[float, float]],
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    seed: int,
    numbers: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Random points of a domain by their numbers, float64[start, dim]: each depends on seed and number alone.

    value: the loss, float64[lane], of points float64[dim, lane]; where it is not finite a point is drawn anew. Raises
    UsageError where that is in vain.
    """
    low, high = np.array(domain, np.float64).T
    uniform = random.namespace("float64")["uniform"]
    found = np.empty((len(numbers), len(low)))
    missing = np.arange(len(numbers))
    for attempt in range(TRIES):
        runs = numbers[missing].astype(np.uint64)[:, None]
        drawn = uniform(seed, random.STARTS, runs, attempt, np.arange(len(low), dtype=np.uint64))
        found[missing] = low + (high - low) * drawn
        with np.errstate(all="ignore"):
            missing = missing[~np.isfinite(value(found[missing].T.copy()))]
        if not len(missing):
            return found
    told = ",".join(f"{a:g}:{b:g}" for a, b in list(domain)[:2])
    raise UsageError(f"the loss is not finite at {TRIES} random points of {told}; type --start X,Y or another --domain")
