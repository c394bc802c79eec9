"""Heaps of points that are one: amid the rounding of a point at which f is level, Newton's method ends in many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import Field, is_lowest
from gdviz.analyse.followed import Stationary, rounded

WIDEST = 1e-3
"""Farthest that points of a heap are apart, a share of the box."""
ROUNDING = 4e-15
"""f that differs by less, relative to |f|, is the same."""
BETWEEN = (0.5, 0.381966, 0.145898)
"""Shares of the way from one point to another at which f is compared: waves are not the same at all of them."""


def lumped(field: Field, points: list[Stationary]) -> list[Stationary]:
    """Points as they were, but one where several are amid the rounding of one degenerate point, as sin(x²)/x² has it.

    Several are one if they are close and f is the same, to rounding, at them and between them.
    """
    places = np.array([point.x for point in points]).reshape(-1, len(field.span)).T
    crowded = _crowded(places / (WIDEST * field.span[:, None]))
    heaped = sorted((points[k] for k in np.flatnonzero(crowded)), key=lambda point: point.value)
    value = np.array([point.value for point in heaped])
    x = np.array([point.x for point in heaped]).reshape(-1, len(field.span)).T
    slack = ROUNDING * (np.abs(value) + WIDEST * field.size)
    last = np.searchsorted(value, value + slack, side="right")
    first = np.arange(len(heaped))  # of those that are one
    for i in np.flatnonzero(last > first + 1):
        here, others = x[:, i : i + 1], x[:, i : last[i]]
        same = np.arange(last[i] - i) > 0
        same &= (np.abs(others - here) <= WIDEST * field.span[:, None]).all(axis=0)
        for share in BETWEEN if same.any() else ():
            between = field.value(here + share * (others - here))
            same &= np.abs(between - value[i]) <= slack[i]
        first[i : last[i]][same] = np.minimum(first[i : last[i]][same], first[i])
    heaps = [[heaped[k] for k in np.flatnonzero(first == i)] for i in np.unique(first)]
    lone = [points[k] for k in np.flatnonzero(~crowded)]
    return lone + [heap[0] if len(heap) == 1 else _middle(field, heap) for heap in heaps]


def _crowded(u: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of points float64[dim, n] have another within 1 along every coordinate: few do, so few are compared."""
    order = np.argsort(u[0])
    u, near = u[:, order], np.zeros(u.shape[1], bool)
    for shift in range(1, u.shape[1]):
        gap = np.abs(u[:, shift:] - u[:, :-shift])
        if (gap[0] > 1).all():
            break
        both = (gap <= 1).all(axis=0)
        near[shift:] |= both
        near[:-shift] |= both
    found = np.empty_like(near)
    found[order] = near
    return found


def _middle(field: Field, heap: Sequence[Stationary]) -> Stationary:
    """The degenerate point amid whose rounding others were found."""
    x = rounded(field, np.mean([point.x for point in heap], axis=0), WIDEST)
    value = heap[len(heap) // 2].value
    low = bool(is_lowest(field, x[:, None], np.array([value]))[0])
    return Stationary(tuple(map(float, x)), float(value), "degenerate", (0.0,) * len(x), lowest=low)
