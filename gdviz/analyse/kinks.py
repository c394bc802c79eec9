"""Minima at which the slope jumps: where a kink of |x|, max or min runs, and at tips of cones.

Found by comparing values only, then brought onto the kinks that pass nearby, so that they are as exact as smooth ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

DIRECTIONS = 24
"""In which values are compared around a point of two coordinates."""
ROUNDS = 130
"""Of comparing: the radius, at first a cell of the grid, is halved without success and ends below 1e-12 of the box."""
LIMIT = 3000
"""Lowest grid points that are followed: more would take longer than anybody waits."""
REACH = 1e-4
"""A kink this close, as a share of the box, is one that the minimum lies on."""


def low_points(values: Floats, size: float) -> NDArray[np.int64]:
    """Flat indices of inner grid points that have no lower and at least one higher neighbour, the lowest first.

    size: what the values vary by, typically.
    """
    inner = tuple(slice(1, -1) for _ in values.shape)
    low = np.ones(values[inner].shape, dtype=bool)
    higher = np.zeros_like(low)
    for offset in np.ndindex(*(3 for _ in values.shape)):
        other = values[tuple(slice(o, n - 2 + o) for o, n in zip(offset, values.shape, strict=True))]
        low &= values[inner] <= other
        higher |= values[inner] < other - 1e-12 * (size + np.abs(other))
    found = np.nonzero(low & higher)
    order = np.argsort(values[inner][found], kind="stable")[:LIMIT]
    return np.ravel_multi_index(tuple(index[order] + 1 for index in found), values.shape)


def crossings(kinks: Function, grid: Floats, most: int = 300) -> Floats:
    """Points float64[2, n] on kinks, where they cross lines of a grid float64[2, …]; of many at most so many each."""
    found = [np.empty((2, 0))]
    distances = kinks(grid.reshape(2, -1)).reshape(-1, *grid.shape[1:])
    for number, distance in enumerate(distances):
        for axis in (0, 1):
            ends = [np.moveaxis(distance, axis, 0)[part] for part in (slice(None, -1), slice(1, None))]
            at = np.flatnonzero((np.sign(ends[0]) * np.sign(ends[1]) < 0).ravel())
            at = at[np.linspace(0, len(at) - 1, min(len(at), most)).astype(np.int64)]
            lines = np.moveaxis(grid, axis + 1, 1)
            a, b = lines[:, :-1].reshape(2, -1)[:, at], lines[:, 1:].reshape(2, -1)[:, at]
            left = np.sign(ends[0].ravel()[at])
            for _ in range(60):
                middle = (a + b) / 2
                side = np.sign(kinks(middle)[number])
                a, b = np.where(side == left, middle, a), np.where(side == left, b, middle)
            found.append(b)
    return np.concatenate(found, axis=1)


def lower(value: Function, x: Floats, radius: Floats) -> Floats:
    """Local minima float64[dim, n] below the points `x`, by comparing values at a distance that shrinks.

    radius: of the first comparison in every coordinate, float64[dim].
    """
    x = x.copy()
    dimension, count = x.shape
    best = np.array(value(x))
    share = np.ones(count)
    draw = np.random.default_rng(17)
    for _ in range(ROUNDS):
        lanes = np.flatnonzero((share > 1e-10) & np.isfinite(best))
        if not lanes.size:
            break
        if dimension == 1:
            turned = np.array([[-1.0, 1.0, -0.3, 0.3]])
        elif dimension == 2:
            angle = 2 * np.pi * (np.arange(DIRECTIONS) + draw.random()) / DIRECTIONS
            turned = np.stack([np.cos(angle), np.sin(angle)])
        else:
            turned = draw.normal(size=(dimension, DIRECTIONS * dimension))
            turned /= np.linalg.norm(turned, axis=0)
        # float64[dim, lane, direction]
        tried = x[:, lanes, None] + share[lanes][None, :, None] * radius[:, None, None] * turned[:, None, :]
        f = value(tried.reshape(dimension, -1)).reshape(len(lanes), -1)
        choice = np.nanargmin(np.where(np.isnan(f), np.inf, f), axis=1)
        lowest = f[np.arange(len(lanes)), choice]
        better = lowest < best[lanes]
        x[:, lanes[better]] = tried[:, better, choice[better]]
        best[lanes[better]] = lowest[better]
        share[lanes] = np.where(better, np.minimum(share[lanes] * 1.2, 1.0), share[lanes] * 0.5)
    return x


def settle(value: Function, kinks: Function, x: Floats, span: Floats) -> Floats:
    """A point float64[dim] near `x` moved down along the kinks that pass it, and onto where they cross."""

    def in_shares(function: Function) -> Function:
        return lambda u: function(u * span[:, None])

    return _settled(in_shares(value), in_shares(kinks), x / span) * span


def _settled(value: Function, kinks: Function, x: Floats) -> Floats:
    """The same where the box is measured in shares of itself."""
    best = x
    for _ in range(4):
        slopes, distances = _slopes(kinks, best), kinks(best[:, None])[:, 0]
        steep = np.linalg.norm(slopes, axis=1)
        active = np.flatnonzero((np.abs(distances) <= REACH * steep) & (steep > 0))
        if not active.size:
            break
        before = best
        best = _along(value, kinks, active, best)
        if np.abs(best - before).max() <= 1e-13:
            break
    return best


def _slopes(kinks: Function, x: Floats) -> Floats:
    """Gradients of the kinks' distances by differences, float64[kink, dim]."""
    arm = 1e-6 * np.eye(len(x))
    return np.stack([(kinks((x + a)[:, None]) - kinks((x - a)[:, None]))[:, 0] / (2e-6) for a in arm], axis=1)


def _onto(kinks: Function, active: NDArray[np.int64], x: Floats) -> Floats:
    """The nearest point at which the active kinks' distances are 0."""
    for _ in range(8):
        distance = kinks(x[:, None])[active, 0]
        if (distance == 0).all():
            break
        x = x - np.linalg.lstsq(_slopes(kinks, x)[active], distance, rcond=1e-6)[0]
    return x


def _along(value: Function, kinks: Function, active: NDArray[np.int64], x: Floats) -> Floats:
    """The lowest point near `x` on the active kinks."""
    _, sizes, axes = np.linalg.svd(_slopes(kinks, x)[active])
    rank = int((sizes > 1e-6 * sizes.max()).sum())
    x = _onto(kinks, active, x)
    free = axes[rank:]
    share, f = 1e-3, float(value(x[:, None])[0])
    for _ in range(ROUNDS):  # beside a cusp, rounding can look like a way down for ever
        if share <= 1e-9 or not len(free):
            break
        steps = [_onto(kinks, active, x + side * share * axis) for axis in free for side in (1, -1)]
        heights = [float(value(step[:, None])[0]) for step in steps]
        choice = int(np.nanargmin(heights))
        if heights[choice] < f:
            x, f, share = steps[choice], heights[choice], min(2 * share, 0.02)
        else:
            share /= 2
    return x
