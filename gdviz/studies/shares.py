"""How far a map can be trusted, as shares of its cells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """How many of the sampled cells have another label, as shares of them, NaN where none was sampled.

    ulp: where starts are moved by one unit in the last place; dtype: in the other precision; resolution: of the parts
    of these cells on a grid twice as fine, NaN where no axis can be finer.
    """

    cells: int
    ulp: float
    dtype: float
    resolution: float


@dataclass(frozen=True)
class Reliability:
    """How far the map of an optimizer can be trusted, by a seeded sample of all cells, and of those at boundaries,
    which have a neighbour with another label."""

    all: Shares
    boundary: Shares
