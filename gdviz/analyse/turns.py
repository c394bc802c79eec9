"""Whether a list of stationary points can be whole, told by how often the gradient turns along the rim of the box.

Around an isolated stationary point of two coordinates the gradient turns: once forwards around minima and maxima, once
backwards around a saddle, and along the rim as often as around all points inside together (Poincaré and Hopf). So it
does around points at which a formula is 0/0, tips of cones and poles, which Newton's method does not reach.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import Field
from gdviz.analyse.followed import Stationary

Floats = NDArray[np.float64]

PIECES = (1024, 1447)
"""Of each side of the rim: both must tell the same, or the gradient turns too often to be followed."""
SHARP = np.pi / 3
"""Angle between neighbours from which it cannot be told which way the gradient turned."""
RIM = 1e-6
"""Share of the box within which a point counts as lying on its rim, where it is only half inside."""
INDEX = ({"minimum": 1, "maximum": -1}, {"minimum": 1, "maximum": 1, "saddle": -1})
"""Of the kinds, by the number of coordinates less one."""


def is_short(field: Field, points: Sequence[Stationary]) -> bool:
    """Whether the gradient along the rim tells of points inside that are not among these; False where it does not tell.

    It does not where there are more than two coordinates, on kinks and where f has no value, where it turns too
    sharply, and with degenerate points or such on the rim. Of one coordinate, the rim are the two ends.
    """
    dimension = len(field.low)
    if dimension > 2 or any(point.kind not in INDEX[dimension - 1] for point in points):
        return False
    x = np.array([point.x for point in points]).reshape(-1, dimension).T
    margin = np.minimum(x - field.low[:, None], field.high[:, None] - x) / field.span[:, None]
    if (margin < RIM).any():
        return False
    counts = {_turns(field, pieces) for pieces in PIECES} if dimension == 2 else {_rise(field)}
    listed = sum(INDEX[dimension - 1][point.kind] for point in points)
    return len(counts) == 1 and None not in counts and counts != {listed}


def _rise(field: Field) -> int | None:
    """1 where a slope comes from below 0 and ends above it, -1 the other way, 0 where both ends agree, else None."""
    ends = np.stack([field.low, field.high], axis=1)
    slope = np.sign(field.gradient(ends)[0])
    told = np.isfinite([slope, field.value(ends)]).all() and slope.all()
    return int(slope[1] - slope[0]) // 2 if told else None


def _turns(field: Field, pieces: int) -> int | None:
    """How often the gradient turns along the rim, None where that cannot be told."""
    share = (np.arange(pieces) + 0.381966) / pieces  # off the middle, where formulas are 0/0
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    sides = [corners[k, :, None] + share * (corners[k + 1] - corners[k])[:, None] for k in range(4)]
    rim = field.low[:, None] + field.span[:, None] * np.concatenate(sides, axis=1)
    kinks = np.sign(field.kinks(rim))
    slope = field.gradient(rim) * field.span[:, None]
    told = np.isfinite(slope).all() and np.isfinite(field.value(rim)).all() and slope.any(axis=0).all()
    if not told or (kinks != kinks[:, :1]).any():
        return None
    angle = np.arctan2(slope[1], slope[0])
    turned = (np.diff(angle, append=angle[0]) + np.pi) % (2 * np.pi) - np.pi
    return None if (np.abs(turned) > SHARP).any() else round(float(turned.sum()) / (2 * np.pi))
