"""The lowest minimum of a landscape in a box, without a survey of all that is stationary there: 16 ms on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import Field
from gdviz.analyse.grid import SAMPLES
from gdviz.analyse.kinks import low_points, lower
from gdviz.analyse.newton import newton
from gdviz.objectives.landscape import Landscape
from gdviz.registry.definition import Definition

Floats = NDArray[np.float64]

CELLS = {1: 2000, 2: 96}
"""Cells along each side of the grid whose lowest corners are followed down."""

FOLLOWED = 24
"""Lowest points that are followed."""


def lowest(
    definition: Definition, constants: Mapping[str, float], domain: Sequence[tuple[float, float]]
) -> float | None:
    """The lowest value of a local minimum that is found in a box, also at a kink or along a line; None without any.

    The lowest points of a grid, of more than two coordinates random ones, are followed down, first by comparing values,
    then by Newton's method.
    """
    low, high = np.array(domain, np.float64).T
    dimension = len(low)
    field = Field(Landscape(definition, dimension, constants), low, high)
    with np.errstate(all="ignore"):
        if cells := CELLS.get(dimension):
            axes = [np.linspace(a, b, cells + 1) for a, b in domain]
            grid = np.stack(np.meshgrid(*axes, indexing="ij"))
            values = field.value(grid.reshape(dimension, -1)).reshape(grid.shape[1:])
            low_ones = low_points(np.where(np.isnan(values), np.inf, values), 0.0)
            starts = grid.reshape(dimension, -1)[:, low_ones[:FOLLOWED]]
            radius = field.span / cells
        else:
            grid = low[:, None] + field.span[:, None] * np.random.default_rng(11).random((dimension, SAMPLES))
            starts, radius = grid[:, np.argsort(field.value(grid))[:FOLLOWED]], field.span / 20
        below = lower(field.value, starts, radius)
        found = np.concatenate([starts, below, newton(field.gradient, field.hessian, below, field.span)], axis=1)
        slack = 1e-9 * field.span[:, None]
        inside = ((found >= low[:, None] - slack) & (found <= high[:, None] + slack)).all(axis=0)
        heights = field.value(found[:, inside])
    return min(heights[np.isfinite(heights)].tolist(), default=None)
