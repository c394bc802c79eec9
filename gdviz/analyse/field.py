"""A landscape with its constants and box: f, its derivatives, and what they are around a point."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from gdviz.objectives.landscape import Landscape

Floats = NDArray[np.float64]

FLAT = 1e-12
"""f varies by less than this, relative to |f|, around a point of a flat region."""

LEVEL = 0.2
"""Share of a small circle with a gradient of exactly 0 from which its middle belongs to a flat region, or its rim."""


@dataclasses.dataclass(frozen=True, eq=False)
class Field:
    """A landscape with its constants and box, called with float64[dim, lane]."""

    objective: Landscape
    low: Floats
    high: Floats
    sign: float = 1.0
    """-1 turns `value` upside down, so that its highest places are the lowest; derivatives and kinks stay f's own."""
    size: float = 0.0
    """What f varies by, typically: below `FLAT` of it nothing is told apart."""

    @property
    def span(self) -> Floats:
        return self.high - self.low

    def value(self, x: Floats) -> Floats:
        """f, float64[lane]."""
        return self.sign * self.objective.value(x)

    def gradient(self, x: Floats) -> Floats:
        """float64[dim, lane]."""
        return self.objective.gradient(x)

    def hessian(self, x: Floats) -> Floats:
        """float64[lane, dim, dim]."""
        return np.moveaxis(self.objective.hessian(x), -1, 0)

    def scaled_hessian(self, x: Floats) -> Floats:
        """float64[lane, dim, dim] in shares of the box, so that units of the coordinates do not matter."""
        return self.hessian(x) * np.outer(self.span, self.span)

    def kinks(self, x: Floats) -> Floats:
        """float64[kink, lane], 0 where the slope may jump."""
        return self.objective.kinks(x)


def ring(field: Field, x: Floats, radius: float) -> Floats:
    """f around points float64[dim, n]: float64[n, direction]; `radius` as a share of the box."""
    return field.value(_around(field, x, radius)).reshape(x.shape[1], _directions(len(x)).shape[1])


def _around(field: Field, x: Floats, radius: float) -> Floats:
    """Points all around each of float64[dim, n], one after the other: float64[dim, n · directions]."""
    arms = radius * field.span[:, None] * _directions(len(x))
    return np.asarray((x[:, :, None] + arms[:, None, :]).reshape(len(x), -1))


def _directions(dimension: int) -> Floats:
    """Unit vectors all around, float64[dim, n]."""
    if dimension == 1:
        return np.array([[-1.0, 1.0]])
    if dimension == 2:
        angle = np.arange(96) * (2 * np.pi / 96) + 0.011
        return np.stack([np.cos(angle), np.sin(angle)])
    drawn = np.random.default_rng(5).normal(size=(dimension, 40 * dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=0))


def extent(around: Floats, value: Floats) -> Floats:
    """Largest minus smallest of the finite ones of float64[n, direction] and float64[n]; 0 without any."""
    values = np.concatenate([around, value[:, None]], axis=1)
    finite = np.isfinite(values)
    top, bottom = np.where(finite, values, -np.inf).max(axis=1), np.where(finite, values, np.inf).min(axis=1)
    return np.asarray(np.where(finite.any(axis=1), top - bottom, 0.0))


def is_flat(field: Field, x: Floats, value: Floats) -> NDArray[np.bool_]:
    """Whether f hardly varies within a twentieth of the box around points, or is level in parts within a thousandth."""
    even = extent(ring(field, x, 5e-2), value) <= FLAT * (np.abs(value) + 1e-3 * field.size)
    idle = (field.gradient(_around(field, x, 1e-3)) == 0).all(axis=0)
    return np.asarray(even | (idle.reshape(x.shape[1], _directions(len(x)).shape[1]).mean(axis=1) >= LEVEL))


def is_lowest(field: Field, x: Floats, value: Floats) -> NDArray[np.bool_]:
    """Whether no sampled neighbour of points is lower."""
    near = extent(ring(field, x, 1e-2), value)
    whole = (np.abs(ring(field, x, 1e-8) - value[:, None]) <= 0.1 * near[:, None]).any(axis=1)  # else a pole
    floor = value - 4e-15 * (np.abs(value) + 1e-3 * near)
    for radius in (1e-3, 1e-4, 1e-5, 1e-6):
        whole &= (ring(field, x, radius) >= floor[:, None]).all(axis=1)
    return np.asarray(whole)
