"""A plane through the space of an objective's coordinates, as an objective of two."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
from numpy.typing import NDArray

from gdviz.objectives.objective import Array, Draw, Objective
from gdviz.vmath import random

PIECE, ROOM = 1024, 2**22
"""Points whose values are asked for at once, since a value may need a number for every sample of its data, and how many
coordinates these have together at most: 32 MB."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plane(Objective):
    """Values of an objective at centre + directions · (u, v).

    centre: float64[dim]; directions: float64[dim, 2], orthonormal. shares: of the variance of paths, how much each
    direction holds, None where directions were not chosen by that.
    """

    whole: Objective
    centre: NDArray[np.float64]
    directions: NDArray[np.float64]
    shares: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """That of the objective."""
        return self.whole.name

    @property
    def origin(self) -> str:
        """That of the objective."""
        return self.whole.origin

    @property
    def names(self) -> tuple[str, ...]:
        """Of the coordinates, where these are the directions; else u and v."""
        along = self.directions.argmax(axis=0)
        if (self.directions[along, [0, 1]] == 1.0).all():
            return tuple(self.whole.names[place] for place in along)
        return "u", "v"

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the space."""
        return self.whole.dim == 2

    def value(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[lane, …], a few at a time."""
        return in_pieces(self.whole, self.centre, self.directions, X.reshape(2, -1), draw).reshape(X.shape[1:])

    def value_gradient(self, X: Array, draw: Draw | None = None) -> tuple[Array, Array]:
        """dtype[lane] and dtype[2, lane]."""
        f, g = self.whole.value_gradient(self.centre[:, None] + self.directions @ X, draw)
        return f, self.directions.T @ g

    @property
    def digest(self) -> str:
        """Of the objective and the plane."""
        told = hashlib.sha256(self.whole.digest.encode() + self.centre.tobytes() + self.directions.tobytes())
        return f"sha256:{told.hexdigest()[:16]}"

    @property
    def searchable(self) -> bool:
        """Not where every value is a pass over data."""
        return self.whole.searchable

    @property
    def takes_arrays(self) -> bool:
        """As the objective does."""
        return self.whole.takes_arrays

    def projected(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points float64[…, dim] lie in the plane, float64[…, 2], seen along what is at right angles to it."""
        return np.asarray((points.astype(np.float64) - self.centre) @ self.directions)

    def off(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """How far points float64[…, dim] are from the plane, float64[…]."""
        away = points.astype(np.float64) - self.centre
        return np.asarray(np.linalg.norm(away - (away @ self.directions) @ self.directions.T, axis=-1))


def in_pieces(
    objective: Objective,
    centre: NDArray[np.float64],
    directions: NDArray[np.float64],
    at: Array,
    draw: Draw | None = None,
) -> Array:
    """Values at centre + directions · at, dtype[point], a few together, see PIECE; at: dtype[direction, point]."""
    count = max(1, min(PIECE, ROOM // objective.dim))
    parts = (at[:, first : first + count] for first in range(0, at.shape[1], count))
    return np.concatenate([objective.value(centre[:, None] + directions @ part, draw) for part in parts])


def whole(objective: Objective) -> Plane:
    """All of the space of an objective of two coordinates."""
    return Plane(objective, np.zeros(2), np.eye(2))


def axes(objective: Objective, centre: NDArray[np.float64], places: tuple[int, int]) -> Plane:
    """The plane of two coordinates, the others as at a centre float64[dim]."""
    directions = np.zeros((objective.dim, 2))
    directions[list(places), [0, 1]] = 1.0
    held = centre.copy()
    held[list(places)] = 0.0
    return Plane(objective, held, directions)


def principal(objective: Objective, centre: NDArray[np.float64], points: NDArray[np.float64]) -> Plane:
    """The plane through a centre float64[dim] in which points float64[n, dim] vary most about their mean; any where
    none differs from the others.

    Source: Li et al. 2018, arXiv:1712.09913, section 7.2.
    """
    away = points - points.mean(axis=0)
    gram = away.T @ away if away.shape[1] <= len(away) else away @ away.T
    values, vectors = np.linalg.eigh(gram)
    directions = vectors[:, ::-1][:, :2] if gram.shape[0] == away.shape[1] else away.T @ vectors[:, ::-1][:, :2]
    directions, _ = np.linalg.qr(directions)  # of a straight path the second one is any at a right angle
    # Eigenvectors have no side of their own.
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), [0, 1]])
    if not np.ptp(points, axis=0).any():
        return Plane(objective, centre, directions)
    shares = np.maximum(values[::-1][:2], 0.0) / values.sum()
    return Plane(objective, centre, directions, (float(shares[0]), float(shares[1])))


def by_chance(objective: Objective, centre: NDArray[np.float64], seed: int) -> Plane:
    """The plane through a centre float64[dim] along two directions by chance, at right angles to each other."""
    normal = random.namespace("float64")["normal"]
    drawn = normal(seed, random.PLANES, np.zeros(1, np.uint64), 0, np.arange(2 * objective.dim))
    directions, _ = np.linalg.qr(drawn.reshape(objective.dim, 2))
    return Plane(objective, centre, directions)
