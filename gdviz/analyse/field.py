"""A landscape with its constants and box: f, its derivatives, and what they are around a point."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gdviz.formula.derivation import Derived

Floats = NDArray[np.float64]

FLAT = 1e-12
"""f varies by less than this, relative to |f| + 1, around a point of a flat region."""


@dataclasses.dataclass(frozen=True, eq=False)
class Field:
    """A landscape with its constants and box, called with float64[dim, lane]."""

    derived: Derived
    constants: Mapping[str, float]
    low: Floats
    high: Floats

    @property
    def span(self) -> Floats:
        return self.high - self.low

    def value(self, x: Floats) -> Floats:
        """f, float64[lane]."""
        return _spread(self.derived.value(*x, **self.constants), x)

    def gradient(self, x: Floats) -> Floats:
        """float64[dim, lane]."""
        return np.stack([_spread(g, x) for g in self.derived.gradient(*x, **self.constants)])

    def hessian(self, x: Floats) -> Floats:
        """float64[lane, dim, dim]."""
        rows = self.derived.hessian(*x, **self.constants)
        return np.moveaxis(np.array([[_spread(entry, x) for entry in row] for row in rows]), -1, 0)

    def kinks(self, x: Floats) -> Floats:
        """float64[kink, lane], 0 where the slope may jump."""
        found = self.derived.kink_distances(*x, **self.constants)
        return np.stack([_spread(k, x) for k in found]) if found else np.empty((0, x.shape[1]))


def _spread(values: object, x: Floats) -> Floats:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), x.shape[1:])


def ring(field: Field, x: Floats, radius: float) -> Floats:
    """f around a point, float64[n]; `radius` as a share of the box."""
    return field.value(x[:, None] + radius * field.span[:, None] * _directions(len(x)))


def _directions(dimension: int) -> Floats:
    """Unit vectors all around, float64[dim, n]."""
    if dimension == 1:
        return np.array([[-1.0, 1.0]])
    if dimension == 2:
        angle = np.arange(96) * (2 * np.pi / 96) + 0.011
        return np.stack([np.cos(angle), np.sin(angle)])
    drawn = np.random.default_rng(5).normal(size=(dimension, 40 * dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=0))


def extent(values: Floats) -> float:
    """Largest minus smallest of the finite ones, 0 without any."""
    finite = values[np.isfinite(values)]
    return float(np.ptp(finite)) if len(finite) else 0.0


def is_flat(field: Field, x: Floats, value: float) -> bool:
    """Whether f hardly varies within a twentieth of the box, or not at all within a thousandth."""
    if extent(np.append(ring(field, x, 5e-2), value)) <= FLAT * (1 + abs(value)):
        return True
    return bool((field.gradient(x[:, None] + 1e-3 * field.span[:, None] * _directions(len(x))) == 0).all())


def is_lowest(field: Field, x: Floats, value: float) -> bool:
    """Whether no sampled neighbour is lower."""
    if not bool((np.abs(ring(field, x, 1e-8) - value) <= 0.1 * extent(np.append(ring(field, x, 1e-2), value))).any()):
        return False  # a pole
    noise = 4e-15 * (abs(value) + 1e-3 * extent(np.append(ring(field, x, 1e-2), value)))
    return all(bool((ring(field, x, radius) >= value - noise).all()) for radius in (1e-3, 1e-4, 1e-5, 1e-6))
