"""The minima at which runs may end: those that a landscape states and those that its formula is found to have."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from gdviz import analyse
from gdviz.plans.setting import Setting

Floats = NDArray[np.float64]

SAME = 1e-3
"""Of the domain's diagonal: a found minimum this near a stated one is that one, which some state with few digits."""

TIE = 1e-9
"""Values that differ by less than this share of the largest, and places by less than this share of the diagonal, are
equal in the order of minima."""

NOTHING = 1e-5
"""Of the domain's diagonal: no pixel of a picture shows that a coordinate differs from 0 by less."""

NEAR = 0.02
"""Of the domain's diagonal: the largest radius within which a run is at a minimum unless told otherwise."""


@dataclasses.dataclass(frozen=True, eq=False)
class Minima:
    """Isolated local minima, lowest first, and of equal ones by their coordinates from the first on.

    points: float64[minimum, dim]; values: float64[minimum]. diagonal: of the domain. lines: how many lines of minima
    there are besides, no point of which is isolated.
    """

    points: Floats
    values: Floats
    diagonal: float
    lines: int = 0

    def shown(self, minimum: int) -> list[float]:
        """The coordinates of one as pictures tell them: three digits, and 0 for what is next to nothing beside the
        domain."""
        least = NOTHING * self.diagonal
        return [float(f"{c:.3g}") if abs(c) >= least else 0.0 for c in self.points[minimum].tolist()]

    @property
    def radius(self) -> float:
        """Half the distance between the nearest two, NEAR of the diagonal at most, rounded down to one digit."""
        apart = np.sqrt(((self.points[:, None] - self.points) ** 2).sum(axis=-1))
        nearest = apart[~np.eye(len(apart), dtype=bool)].min(initial=np.inf)
        return one_digit(min(nearest / 2, NEAR * self.diagonal), down=True)

    @property
    def lowest(self) -> NDArray[np.bool_]:
        """bool[minimum]: those as low as the lowest."""
        if not len(self.values):
            return np.zeros(0, bool)
        return np.asarray(_levels(self.values) == _levels(self.values)[0])

    def names(self) -> tuple[str, ...]:
        """By their coordinates, with as many digits, three at least, as tell them apart."""
        for digits in range(3, 18):
            names = tuple(f"({', '.join(f'{c + 0.0:.{digits}g}' for c in point)})" for point in self.points.tolist())
            if len({*names}) == len(names):
                break
        return names


def minima_of(setting: Setting) -> Minima:
    """The minima of a settled landscape: stated ones, where its constants are its own, and those found in the domain.

    A stated one may lie outside the domain, a found one may not; of a function that is called point by point none is
    looked for.
    """
    landscape, domain = setting.landscape, setting.domain
    low, high = np.array(domain).T
    diagonal = float(np.sqrt(((high - low) ** 2).sum()))
    stated = _stated(setting)
    found, lines = np.empty((0, len(domain) + 1)), 0
    if setting.objective.searchable:
        survey = analyse.survey(landscape, setting.constants, domain)
        points = [(*point.x, point.value) for point in survey.points if point.lowest]
        found = np.array(points, np.float64).reshape(-1, len(domain) + 1)
        lines = sum(line.kind == "minimum" for line in survey.lines)
    for place in stated[:, :-1]:
        apart = np.sqrt(((found[:, :-1] - place) ** 2).sum(axis=1))
        if len(apart) and apart.min() <= SAME * diagonal:
            found = np.delete(found, apart.argmin(), axis=0)
    every = np.concatenate([stated, found])
    places = np.rint(every[:, :-1] / (TIE * diagonal))
    order = np.lexsort((*places.T[::-1], _levels(every[:, -1])))
    return Minima(every[order, :-1], every[order, -1], diagonal, lines)


def least_of(setting: Setting) -> float | None:
    """The value of the lowest minimum of a settled landscape that is stated, or found in its domain, on a line or not;
    None where there is none."""
    found = None
    if setting.objective.searchable:
        found = analyse.lowest(setting.landscape, setting.constants, setting.domain)
    return min((*_stated(setting)[:, -1].tolist(), *(() if found is None else (found,))), default=None)


def _stated(setting: Setting) -> Floats:
    """float64[minimum, dim + 1]: those that a landscape states for its own constants."""
    own, dim = setting.constants == dict(setting.landscape.parameters), len(setting.domain)
    return np.array(setting.landscape.minima(dim) if own else (), np.float64).reshape(-1, dim + 1)


def one_digit(value: float, down: bool = False) -> float:
    """A number above 0 rounded to one digit, as 0.034 to 0.03; down where it is said."""
    power = math.floor(math.log10(value))
    digits = value / 10.0**power
    return float(f"{math.floor(digits + TIE) if down else round(digits)}e{power}")


def _levels(values: Floats) -> Floats:
    """Values in units below which they are equal."""
    return np.rint(values / (TIE * max(float(np.abs(values).max(initial=0.0)), float(np.finfo(float).tiny))))
