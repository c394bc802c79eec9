"""Where stationary points are looked for: a grid fine enough for the formula's waves, and further starts."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import Field

Floats = NDArray[np.float64]

CELLS = {1: 8000, 2: 480}
"""Cells along each side of the grid whose corners tell where every slope changes sign; more where f has short waves."""
PER_CHANGE = 4
"""Cells for each change of a slope's sign along a side."""
MOST_CELLS = 3_000_000
"""Cells of the whole grid: gradients at so many take about a second."""
PROBE = 32_768
"""Points along a line on which changes of sign are counted."""
SEEDS = {1: 500, 2: 56}
"""Further starts of Newton's method along each side: at some points the slopes touch 0 without a change of sign."""
SAMPLES = 6000
"""Random starts in three and more dimensions, where a grid would be too large."""
LONE = 3
"""So many starts may stand where f is flat by chance; more are a region."""
FOLLOWED = 40_000
"""Cells from which Newton's method starts; of more, evenly chosen ones."""


def sides_of(field: Field) -> tuple[list[int], str]:
    """Cells along each side, and what the grid is too coarse for in words, empty where it is fine enough."""
    dimension = len(field.low)
    if dimension not in CELLS:
        return [], f"more than two coordinates are searched from {SAMPLES} random points only"
    changes, unresolved = [], False
    for k in range(dimension):
        # at even distances a wave that is too short may look like a longer one
        shares = (np.arange(PROBE) + np.random.default_rng(3).random(PROBE)) / PROBE
        counts = []
        for share in (0.137, 0.419, 0.683, 0.871) if dimension > 1 else (0.0,):
            line = np.repeat((field.low + share * field.span)[:, None], PROBE, axis=1)
            line[k] = field.low[k] + shares * field.span[k]
            slope = field.gradient(line)[k]
            counts.append([_changes(slope), _changes(slope[::2])])
        most, halved = np.max(counts, axis=0).tolist()
        unresolved |= most > 1.1 * halved + 8
        changes.append(most)
    least = CELLS[dimension]
    sides = [max(least, PER_CHANGE * count) for count in changes]
    if len(sides) == 2 and np.prod(sides) > MOST_CELLS:  # the side with fewer waves gives way
        unresolved |= min(sides) > least
        sides = [min(side, MOST_CELLS // least) for side in sides]
        if np.prod(sides) > MOST_CELLS:
            sides = [least, least]
    if not unresolved:
        return sides, ""
    pairs = zip(changes, field.objective.names, strict=True)
    told = " and ".join(f"{count} times along {name}" for count, name in pairs if count)
    return sides, f"the slopes change sign at least {told}, more often than the grid of cells can tell apart"


def _changes(slope: Floats) -> int:
    signs = np.sign(slope[np.isfinite(slope) & (slope != 0)])
    return int((signs[1:] != signs[:-1]).sum())


def grid_of(field: Field, sides: list[int]) -> tuple[Floats, Floats]:
    """Points float64[dim, …] of the grid and f there, float64[…]; in three and more dimensions a random sample."""
    dimension = len(field.low)
    if not sides:
        draw = np.random.default_rng(11).random((dimension, SAMPLES))
        points = field.low[:, None] + field.span[:, None] * draw
        return points, field.value(points)
    # The share of a cell on either side keeps corners off the round numbers at which f likes to be symmetric.
    axes = [
        low + span * (np.arange(side + 1) - 0.37) / (side - 0.74 + 0.37)
        for low, span, side in zip(field.low, field.span, sides, strict=True)
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"))
    return points, field.value(points.reshape(dimension, -1)).reshape(points.shape[1:])


def starts_of(field: Field, grid: Floats, sides: list[int]) -> tuple[Floats, bool, str]:
    """Where Newton's method starts, float64[dim, n], whether flat regions were left out, and in words what else was."""
    dimension = len(grid)
    starts, left_out = grid.reshape(dimension, -1), ""
    if sides:
        slopes = field.gradient(starts).reshape(grid.shape)
        crossed = np.ones([n - 1 for n in grid.shape[1:]], dtype=bool)
        level = crossed.copy()
        for slope in slopes:
            ends = [slope[corner] for corner in corners(dimension)]
            least, most = np.minimum.reduce(ends), np.maximum.reduce(ends)
            crossed &= (least <= 0) & (most >= 0)
            level &= (least == 0) & (most == 0)
        crossed &= ~level
        cell = field.span / sides
        centres = np.stack([axis[corners(dimension)[0]][crossed] for axis in grid]) + cell[:, None] / 2
        if centres.shape[1] > FOLLOWED:
            left_out = f"the slopes change sign in {centres.shape[1]} cells, of which {FOLLOWED} were looked into"
            centres = centres[:, np.linspace(0, centres.shape[1] - 1, FOLLOWED).astype(np.int64)]
        seeds = (np.arange(SEEDS[dimension]) + 0.413) / SEEDS[dimension]
        axes = [low + span * seeds for low, span in zip(field.low, field.span, strict=True)]
        coarse = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
        middle = (field.low + field.high)[:, None] / 2
        if dimension == 1:
            centres = _bisected(field, centres - cell[:, None] / 2, centres + cell[:, None] / 2)
        starts = np.concatenate([centres, coarse, middle], axis=1)
    idle = (field.gradient(starts) == 0).all(axis=0) & (field.hessian(starts) == 0).all(axis=(1, 2))
    return starts[:, ~idle], bool(idle.sum() > LONE), left_out


def _bisected(field: Field, low: Floats, high: Floats) -> Floats:
    """Where slopes change sign between float64[1, n]: Newton's method is slow where f rises with a high power."""
    rising = field.gradient(high) > field.gradient(low)
    for _ in range(60):
        middle = (low + high) / 2
        slope = field.gradient(middle)
        left = (slope > 0) == rising
        low, high = np.where(left & (slope != 0), low, middle), np.where(left | (slope == 0), middle, high)
    return (low + high) / 2


def corners(dimension: int) -> list[tuple[slice, ...]]:
    """Slices of an array that give the corners of every cell."""
    return list(itertools.product((slice(None, -1), slice(1, None)), repeat=dimension))
