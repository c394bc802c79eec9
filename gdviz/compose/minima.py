"""Minima of a landscape that pictures mark: those it states, else those that its formula is found to have."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from gdviz import analyse
from gdviz.registry.kinds.landscape import LandscapeFacts
from gdviz.runs.trajectories import Trajectories

Floats = NDArray[np.float64]
View = tuple[tuple[float, float], ...]

TIE = 1e-9
"""Minima whose values differ by less than this share of the values in view are equally low."""

MARKED = 40
"""Minima of a formula that are marked; more would hide the field."""


@dataclasses.dataclass(frozen=True, eq=False)
class Known:
    """Minima float64[n, dim + 1] of coordinates and value, and lines of them with their values.

    searched: the ranges in which an analysis looked for them; None where they are stated, or nobody looks.
    """

    minima: Floats
    lines: tuple[tuple[Floats, float], ...] = ()
    searched: View | None = None

    def lowest(self, values: Floats, view: View) -> NDArray[np.bool_]:
        """bool[n]: those as low as the lowest that lie in a view or on a line; values say what a tie is."""
        heights, own = self.minima[:, -1], [value for _, value in self.lines]
        heights_in = heights[_within(self.minima[:, :-1], view)] if self.searched else heights
        least = min([*heights_in.tolist(), *own], default=np.inf)
        finite = values[np.isfinite(values)]
        spread = float(np.ptp(finite)) if len(finite) else 0.0
        return np.asarray(heights <= least + TIE * max(spread, abs(least)))

    def lowest_of(self, run: Trajectories, view: View) -> Floats:
        """The lowest minima float64[n, 2], or [n, 1], in the coordinates that are drawn; losses at starts say what a
        tie is."""
        return self.minima[self.lowest(run.f[:, :, 0].astype(np.float64), view), :-1][:, : len(view)]


@dataclasses.dataclass(frozen=True, eq=False)
class Places:
    """Minima float64[n, dim + 1] of coordinates and value, the lowest and the others, and valleys float64[n, 2]."""

    lowest: Floats
    higher: Floats
    valleys: tuple[Floats, ...] = ()


def lowest_of(run: Trajectories) -> tuple[float, ...]:
    """Coordinates of the lowest minimum that the landscape states for its own constants; empty where it states none."""
    landscape = run.setting.landscape
    stated = landscape.minima(len(run.setting.domain)) if run.setting.constants == dict(landscape.parameters) else ()
    return stated[0][:-1] if stated else ()


def others_of(run: Trajectories) -> tuple[float, ...]:
    """Coordinates beyond the second of the cut that is drawn of more than two."""
    return (lowest_of(run) or tuple(run.x[0, 0, 0]))[2:]


def known_of(run: Trajectories, ranges: View) -> Known:
    """The stated minima, or those found in some ranges where none are stated; on a cut only those that lie on it."""
    landscape, constants, dimension = run.setting.landscape, run.setting.constants, len(run.setting.domain)
    if dimension > 2:
        stated = [m for m in landscape.minima(dimension) if lowest_of(run) and m[2:-1] == lowest_of(run)[2:]]
    elif LandscapeFacts.of(landscape).minima is not None and constants == dict(landscape.parameters):
        stated = list(landscape.minima(dimension))
    elif not run.setting.objective.searchable:  # a function that is called would be called too often
        stated = []
    else:  # a formula that says none, or other constants, under which they lie elsewhere
        survey = analyse.survey(landscape, constants, ranges)
        found = [(*point.x, point.value) for point in survey.points if point.lowest]
        lines = tuple((line.x, line.value) for line in survey.lines if line.kind == "minimum")
        return Known(np.array(found, np.float64).reshape(-1, dimension + 1), lines, ranges)
    return Known(np.array(stated, np.float64).reshape(len(stated), dimension + 1))


def places_of(run: Trajectories, known: Known, values: Floats, view: View, reach: View) -> Places:
    """The minima and valleys that may come into view.

    values: the landscape's in view, which say what a tie is; view: the ranges among whose minima the lowest is one;
    reach: those that may be drawn at most. Where these go beyond what was searched, they are searched.
    """
    if known.searched and not _holds(known.searched, reach):
        known = known_of(run, reach)
    lowest = known.lowest(values, view)
    drawn = np.ones(len(lowest), bool)
    if known.searched:
        drawn = _within(known.minima[:, :-1], reach)
        drawn &= np.cumsum(drawn) <= MARKED
    lines = tuple(line for line, _ in known.lines if _within(line, reach).any())
    return Places(known.minima[lowest & drawn], known.minima[~lowest & drawn], lines)


def _within(points: Floats, ranges: View) -> NDArray[np.bool_]:
    """bool[n]: which of points float64[n, dim] lie in ranges, or on their edge."""
    low, high = np.array(ranges).T
    slack = 1e-9 * (high - low)
    return np.asarray(((points >= low - slack) & (points <= high + slack)).all(axis=-1))


def _holds(ranges: View, others: View) -> bool:
    """Whether ranges hold others."""
    return all(a <= c and d <= b for (a, b), (c, d) in zip(ranges, others, strict=True))
