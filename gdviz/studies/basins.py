"""Basins of attraction: a grid of starts, and the minimum at which a run from each of them ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST, STATUSES
from gdviz.backends.trackers import Lowest, Nearest
from gdviz.errors import remark
from gdviz.recipe.grids import sides
from gdviz.recipe.options.basins import Basins as Asked
from gdviz.recipe.options.race import Race
from gdviz.registry.definition import Definition
from gdviz.runs.trajectories import Trajectories
from gdviz.studies.cells import Cells
from gdviz.studies.grounds import LandscapeGround, over_landscape
from gdviz.studies.minima import Minima, minima_of
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem
from gdviz.studies.results import Row, part
from gdviz.studies.sides import Coordinate
from gdviz.studies.statistics import basin_entropy

if TYPE_CHECKING:
    from gdviz.studies.study import Study

NOWHERE, AWAY = -1, -2
"""Labels of cells whose run ends at no minimum that is known: it is somewhere else, or lost."""


@dataclasses.dataclass(frozen=True, eq=False)
class Basins(Problem):
    """Starts all over the domain, of which the first two coordinates vary; others are those of the landscape's start.

    minima: where a run may end. It is at the nearest of them if that is within `radius` of its last position, and at
    none along a line of minima, where no point is isolated.
    """

    kind = "basins"
    runs = 1

    recipe: Asked
    cells: Cells
    minima: Minima
    radius: float
    labels: tuple[str, ...]
    steps: int
    guard: str

    @property
    def axes(self) -> tuple[Axis, ...]:  # type: ignore[override]
        """y and x, or x alone."""
        return tuple(side.axis for side in self.cells.sides)

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Of the landscape."""
        return self.minima.points.shape[1]

    @property
    def arrays(self) -> tuple[Array, ...]:  # type: ignore[override]
        """status, steps, minimum, final and best."""
        places = [",".join(f"{c:.6g}" for c in point) for point in self.minima.points.tolist()]
        flags = {"flag_values": [*range(len(STATUSES))], "flag_meanings": " ".join(STATUSES)}
        where = {"flag_values": [NOWHERE, *range(len(places))], "flag_meanings": " ".join(["none", *places])}
        dtype, nan = self.recipe.dtype, float("nan")
        return (
            Array("status", "int8", -1, "How the run ended.", attributes=flags),
            Array(
                "steps",
                "int32",
                -1,
                "First step from which on the run is within the radius of its minimum; of a run that ends at none the "
                "step at which it stopped.",
                unit="step",
            ),
            Array("minimum", "int16", AWAY, "Minimum within whose radius the run ends, the nearest.", attributes=where),
            Array("final", dtype, nan, "Loss at the end, infinite where it is undefined."),
            Array("best", dtype, nan, "Lowest finite loss of the run, infinite where there is none."),
        )

    @property
    def criteria(self) -> Mapping[str, float | str]:
        """radius and guard."""
        return {"radius": self.radius, "guard": self.guard}

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        """Where runs from float64[axis, cell] end."""
        found = {array.name: np.empty(at.shape[1], array.dtype) for array in self.arrays}
        trackers = (Nearest(self.minima.points, self.radius), Lowest())
        ends = self.cells.ends(optimizer, at, lambda block: trackers, ulps=ulps, dtype=dtype, threads=threads)
        for cells, _, final, status, stopped, tracked in ends:
            since = tracked["since"]
            values = {
                "status": status,
                "steps": np.where(since < 0, stopped, since),
                "minimum": tracked["minimum"],
                "final": np.where(np.isnan(final), np.inf, final),
                "best": tracked["best"],
            }
            for name, runs in values.items():
                found[name][cells] = runs[:, 0]
        return found

    def label(self, found: Found) -> NDArray[np.int64]:
        """The minimum; of a run that ends at none, whether it is lost."""
        lost = np.isin(found["status"], [STATUSES.index(status) for status in LOST])
        return np.where(found["minimum"] < 0, np.where(lost, AWAY, NOWHERE), found["minimum"]).astype(np.int64)

    def again(self, optimizer: int, at: Floats, run: int | None = None) -> Trajectories:
        """The run from float64[axis]."""
        return cast(Trajectories, self.cells.again(optimizer, at, run))


def basins(recipe: Asked, landscape: Definition | None = None, optimizers: Sequence[Definition | None] = ()) -> Basins:
    """The basins that a recipe asks for, with nothing left open.

    landscape, optimizers: in place of names when they are plain functions. Rates that are left open are searched from
    random points of the domain. Raises UsageError where something does not fit.
    """
    ground = over_landscape(recipe.taken(Race), True, (), landscape, optimizers)
    ground = ground.searched()
    setting = ground.settled(ground.recipe)
    lows, highs = np.array(setting.domain).T
    point = [*map(float, (lows + highs) / 2)][:2] + [*(setting.recipe.start or ((),))[0]][2:]
    size = sides(recipe.resolution)
    counts = (*size, size[0])[: min(len(setting.domain), 2)]
    axes = [
        Coordinate(Axis(name, low + (high - low) * (np.arange(count) + 0.5) / count, title=title), place)
        for place, (name, title, low, high, count) in enumerate(
            zip("xy", setting.objective.names, lows.tolist(), highs.tolist(), counts, strict=False)
        )
    ]
    minima = minima_of(setting)
    radius = recipe.radius or minima.radius
    ground = LandscapeGround(ground.recipe.updated(start=[point]), ground.racers, ground.landscape, False)
    final = ground.completed(
        recipe, int(np.prod(counts)), radius=radius, domain=setting.domain, resolution="x".join(map(str, counts))
    )
    ground = cast(LandscapeGround, ground.on(final.backend))
    if minima.lines:
        remark(f"{setting.objective.name} has lines of minima: runs that end along one count as at none")
    (plan, *_) = ground.plans()
    return Basins(
        recipe=final,
        cells=Cells(ground, tuple(reversed(axes))),
        minima=minima,
        radius=radius,
        labels=ground.labels(),
        steps=setting.steps,
        guard=plan.guard_told,
    )


def row(study: Study, i: int) -> Row:
    """Which share of the starts leads to a lowest minimum, and which to each; and how unsure it is to which."""
    problem: Any = study.problem
    known = study.known[i]
    labels = np.where(known, problem.label({name: values[i] for name, values in study.arrays.items()}), -3)
    counted, total, whole = labels[known], int(known.sum()), bool(known.all())
    lowest = np.flatnonzero(problem.minima.lowest)
    areas = {
        name: part(count, total, whole)
        for number, name in enumerate(problem.minima.names())
        if (count := int((counted == number).sum()))
    }
    row: Row = {"success": part(int(np.isin(counted, lowest).sum()), total, whole), "areas": areas}
    row |= {"lost": part(int((counted == -2).sum()), total, whole)}
    if whole:
        row["entropy"], row["boundary_entropy"] = basin_entropy(labels)
    return row
