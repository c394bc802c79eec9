"""Sweeps: what is varied over a grid, and how the runs of each cell end."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST, STATUSES
from gdviz.backends.trackers import Lowest
from gdviz.errors import UsageError
from gdviz.plans.sources import Columns
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.sweep import Sweep as Asked
from gdviz.recipe.options.train import Train
from gdviz.registry.definition import Definition
from gdviz.runs.trained import Trained
from gdviz.runs.trajectories import Trajectories
from gdviz.studies.cells import Block, Cells, Ends
from gdviz.studies.grids import RULE, of_landscape, of_model, offers_of, side_of
from gdviz.studies.grounds import Ground, over_landscape, over_networks
from gdviz.studies.minima import one_digit
from gdviz.studies.optimum import MOST, best_cell
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem
from gdviz.studies.results import Row, part
from gdviz.studies.statistics import ordered, quantile

if TYPE_CHECKING:
    from gdviz.studies.study import Study

MISSED, ARRIVED, DIVERGED = 0, 1, 2
"""Labels of cells: most runs of one diverged, else at least half of them arrived, or neither."""

REPEATED = 16
"""Runs of a cell where anything in them is random and nobody says how many."""

SHARE, LEARNED = 1e-3, 0.1
"""The target unless told otherwise: of how high the start is above the minimum, of the loss of networks at first."""

AT_ONCE = 256
"""Starts whose median height decides the target."""


@dataclasses.dataclass(frozen=True, eq=False)
class Sweep(Problem):
    """Cells that differ in what is varied, each of some runs.

    target: the loss at which a run has arrived, where `above` in units above the lowest minimum that is known, which
    constants of the landscape move, else above 0. asked: when it is looked at, every "step", or every "epoch"
    where steps see batches: the whole loss at every step would take most of the time.
    """

    kind = "sweep"

    recipe: Asked
    cells: Cells
    target: float
    above: bool
    asked: str
    labels: tuple[str, ...]
    steps: int
    dim: int
    guard: str
    weight: float
    _known: dict[str, float | None] = dataclasses.field(default_factory=dict)

    @property
    def axes(self) -> tuple[Axis, ...]:  # type: ignore[override]
        """In the order typed."""
        return tuple(side.axis for side in self.cells.sides)

    @property
    def runs(self) -> int:  # type: ignore[override]
        """Of a cell."""
        return self.cells.runs

    @property
    def arrays(self) -> tuple[Array, ...]:  # type: ignore[override]
        """success, diverged, median_steps and quantiles of the final loss."""
        dtype, nan = self.recipe.dtype, float("nan")
        finals = [
            Array(
                f"final_q{share}",
                dtype,
                nan,
                f"Loss at the end that {share} % of the runs do not exceed; one that is not finite counts as infinite.",
            )
            for share in (10, 50, 90)
        ]
        return (
            Array("success", "float32", nan, "Share of runs that arrived: whose loss came as low as the target."),
            Array("diverged", "float32", nan, "Share of runs that were lost or ended above their start."),
            Array(
                "median_steps",
                "float32",
                nan,
                "Steps within which half of the runs arrived, infinite where fewer did.",
                unit="step",
            ),
            *finals,
        )

    @property
    def criteria(self) -> Mapping[str, float | str]:
        """target, above the minimum, or where it is above 0 loss; asked, "step" or "epoch"; and guard."""
        return {"target" if self.above else "loss": self.target, "asked": self.asked, "guard": self.guard}

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        """How the runs of cells at float64[axis, cell] end."""
        found = {array.name: np.empty(at.shape[1], array.dtype) for array in self.arrays}
        for ends in self.cells.ends(optimizer, at, self._trackers, ulps=ulps, dtype=dtype, threads=threads):
            for name, values in _worth(ends).items():
                found[name][ends.cells] = values
        return found

    def _trackers(self, block: Block) -> tuple[Lowest]:
        settled, every = block.settled, block.plan.objective.epoch
        if not self.above:
            return (Lowest(self.target, every),)
        told = settled.objective.digest
        if told not in self._known:
            self._known[told] = self.cells.ground.least(settled)
        least = self._known[told]
        if least is None:
            raise UsageError(
                f"no minimum is known of {settled.objective.name} with all of these constants; vary them less, or type "
                "the loss that counts as arrived after --target"
            )
        return (Lowest(least + self.target, every),)

    def label(self, found: Found) -> NDArray[np.int64]:
        """Whether most runs diverged, else whether at least half of them arrived."""
        arrived = np.where(found["success"] >= 0.5, ARRIVED, MISSED)
        return np.where(found["diverged"] > MOST, DIVERGED, arrived).astype(np.int64)

    def again(self, optimizer: int, at: Floats, run: int | None = None) -> Trajectories | Trained:
        """All runs of the cell at float64[axis], or one."""
        return self.cells.again(optimizer, at, run)


def _worth(ends: Ends) -> dict[str, NDArray[Any]]:
    """The arrays of some cells."""
    hit = ends.tracked["hit"]
    arrived, finals = hit >= 0, ordered(ends.final)
    lost = np.isin(ends.status, [STATUSES.index(status) for status in LOST]) | ~(ends.final <= ends.begun)
    steps = np.sort(np.where(arrived, hit, np.inf), axis=1)
    return {
        "success": arrived.mean(axis=1),
        "diverged": lost.mean(axis=1),
        "median_steps": quantile(steps, 0.5),
        **{f"final_q{share}": quantile(finals, share / 100) for share in (10, 50, 90)},
    }


def sweep(
    recipe: Asked,
    landscape: Definition | None = None,
    optimizers: Sequence[Definition | None] = (),
    given: Columns | None = None,
) -> Sweep:
    """The sweep that a recipe asks for, with nothing left open.

    landscape, optimizers: in place of names when they are plain functions; given: columns that the recipe does not
    hold. Raises UsageError where something does not fit, before any rate is searched.
    """
    if not recipe.grid:
        raise UsageError("say what is varied, as in --grid lr=log:1e-4:1:64")
    names = {grid.name.removeprefix(RULE) for grid in recipe.grid}
    drawn = recipe.starts is not None and not recipe.start and recipe.model is None
    ground: Ground
    if recipe.model is None:
        ground = over_landscape(recipe.taken(Race), drawn, names, landscape, optimizers)
        own, layers = of_landscape(ground.landscape), 0
    else:
        ground = over_networks(recipe.taken(Train), names, given, optimizers)
        own, layers = of_model(ground.recipe), len(ground.settled(ground.recipe).objective.parts)
    offers = offers_of(ground.recipe, [racer.definition for racer in ground.racers], own, layers)
    sides = tuple(side_of(grid, offers) for grid in recipe.grid)
    for number, side in enumerate(sides):
        if any(side.varies == other.varies for other in sides[:number]):
            raise UsageError(f"{side.axis.name} is varied twice, under two names; drop one of them")
    typed = len(recipe.start or ()) or 1
    (first, *_) = plans = ground.plans()
    runs = recipe.starts or (max(REPEATED, typed) if ground.random else typed)
    cells = Cells(ground, sides, runs)
    steps = cells.check()
    target, above = _target(recipe, ground, runs)
    ground = ground.searched()
    lanes = runs * int(np.prod([len(side.axis) for side in sides]))
    final = ground.completed(recipe, lanes, starts=runs, target=target)
    ground = ground.on(final.backend)
    return Sweep(
        recipe=final,
        cells=dataclasses.replace(cells, ground=ground),
        target=target,
        above=above,
        asked="epoch" if "batch" in names or any(plan.objective.epoch > 1 for plan in plans) else "step",
        labels=ground.labels(),
        steps=steps,
        dim=first.objective.dim,
        weight=first.objective.weight,
        guard=first.guard_told,
    )


def _target(recipe: Asked, ground: Ground, runs: int) -> tuple[float, bool]:
    """The loss at which runs have arrived, and whether it is above that of the lowest minimum, not above 0."""
    settled, is_model = ground.settled(ground.recipe), recipe.model is not None
    least = ground.least(settled)
    above = least is not None and not is_model
    if recipe.target is not None:
        return recipe.target, above
    if least is None:
        raise UsageError(
            f"no minimum of {settled.objective.name} is known, so say which loss counts as arrived, as in --target 0.1"
        )
    starts = ground.plan(settled, 0, np.arange(min(runs, AT_ONCE))).start
    height = float(np.median(settled.objective.value(starts.T.copy()))) - least
    if not 0 < height < np.inf:
        raise UsageError(f"the start is no higher than the minimum, by {height:g}; type --start X,Y or --target LOSS")
    return one_digit((LEARNED if is_model else SHARE) * height), above


def row(study: Study, i: int) -> Row:
    """The best cell and what it comes to, which share of the cells diverges, and of one axis from where to where."""
    known, arrays, axes = study.known[i], study.arrays, study.problem.axes
    cell = best_cell(arrays, i)
    row: Row = {"best": {}, "success": part(0, 0), "median_steps": np.inf, "final": np.inf}
    if cell is not None:
        runs = study.problem.runs
        row["best"] = {
            axis.name: axis.words[at] if axis.words else float(axis.values[at])
            for axis, at in zip(axes, cell, strict=True)
        }
        row["success"] = part(round(float(arrays["success"][(i, *cell)]) * runs), runs)
        row |= {
            told: float(arrays[name][(i, *cell)])
            for told, name in (("median_steps", "median_steps"), ("final", "final_q50"))
        }
    lost = known & (arrays["diverged"][i] > MOST)
    row["diverged"] = float(lost.sum() / known.sum())
    if len(axes) == 1 and not axes[0].words:
        row["diverges"] = _stretches(axes[0].values, lost, known)
    return row


def _stretches(
    values: NDArray[np.float64], lost: NDArray[np.bool_], known: NDArray[np.bool_]
) -> list[tuple[float, float]]:
    """The first and the last value of each stretch of an axis that is lost, from the lowest on; what is not known parts
    none."""
    order = np.argsort(values, kind="stable")
    order = order[known[order]]
    steps = np.diff(np.concatenate([[False], lost[order], [False]]).astype(np.int8))
    ends = zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0) - 1, strict=True)
    return [(float(values[order[first]]), float(values[order[last]])) for first, last in ends]
