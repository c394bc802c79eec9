"""Which learning rates train a network: the problem of Sohl-Dickstein 2024, arXiv:2402.06184."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.trackers import Score
from gdviz.errors import UsageError
from gdviz.plans.plan import Plan
from gdviz.plans.setting import ranges
from gdviz.plans.training import Training
from gdviz.recipe.grids import sides
from gdviz.recipe.options.train import Train
from gdviz.recipe.options.trainability import Trainability as Asked
from gdviz.registry.definition import Definition
from gdviz.runs.trained import Trained
from gdviz.studies.cells import Cells
from gdviz.studies.grounds import NetworkGround, over_networks
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem
from gdviz.studies.results import Row, part
from gdviz.studies.sides import Hyperparameter, Lanes, R, Side

if TYPE_CHECKING:
    from gdviz.studies.study import Study

STEPS = 500
"""Steps where nobody says, as in the paper."""

RATES = (0.1, 1000.0)
"""Where rates are varied unless told otherwise."""

MEANS = (0.01, 100.0)
"""Where the mean of the first layer's weights is."""

SCORE = "score"

Range = tuple[float, float]


@dataclasses.dataclass(frozen=True, eq=False)
class Offset(Lanes):
    """The mean of the weights of the first layer, which stand at `weights` among all."""

    weights: slice

    def recipe_at(self, recipe: R, value: float) -> R:
        """From weights with this mean."""
        return recipe.updated(init={"name": "offset", "mean": value})

    def spread(self, plan: Plan, values: Floats) -> Plan:
        """Starts of the lanes."""
        start = plan.start.copy()
        start[:, self.weights] += values[:, None]
        return dataclasses.replace(plan, start=start)


@dataclasses.dataclass(frozen=True, eq=False)
class Trainability(Problem):
    """Networks that begin alike and learn random numbers by heart, with the rates of each cell; see `trainability`.

    axes: v, the rate of the last layer or of all, and u, that of the layers before it or the mean of the first one's
    initial weights. Nothing stops a run but a loss that is not finite.
    """

    recipe: Asked
    labels: tuple[str, ...]
    axes: tuple[Axis, ...]
    arrays: tuple[Array, ...]
    steps: int
    dim: int
    cells: Cells
    score: Score
    weight: float
    kind = "trainability"
    runs = 1

    @property
    def criteria(self) -> Mapping[str, float | str]:
        """The last steps whose mean loss tells what converged, and what a loss counts as at most, in units of the
        first."""
        return {"window": self.score.window, "largest": self.score.largest}

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        """Scores, dtype[cell]."""
        score = np.empty(at.shape[1], dtype or self.recipe.dtype)
        for block in self.cells.blocks(optimizer, at, ulps=ulps, dtype=dtype):
            paths = self.cells.backend.run(block.plan.unguarded(), threads, None, (), (self.score,))
            score[block.cells] = paths.tracked[SCORE]
        return {SCORE: score}

    def label(self, found: Found) -> NDArray[np.int64]:
        """1 where training converged, else 0."""
        return (found[SCORE] < 0).astype(np.int64)

    def again(self, optimizer: int, at: Floats, run: int | None = None) -> Trained:
        """As a training, which stops where its weights leave their guard."""
        return cast(Trained, self.cells.again(optimizer, at, run))


def trainability(recipe: Asked, optimizers: Sequence[Definition | None] = ()) -> Trainability:
    """The problem of a recipe; optimizers stand in for names when they are plain functions.

    A mean-field network has as many features as neurons in a layer, and learns as many normal numbers as it has
    weights. Those of all cells begin with the weights of run 0 and see its batches. Raises UsageError where options do
    not fit.
    """
    names = tuple(f"lr.{layer}" for layer in range(1, recipe.depth + 2))
    ground = over_networks(_training(recipe), ("lr", *names), None, optimizers)
    _check_rules(ground)
    settled = ground.settled(ground.recipe)
    usual, sides_of = VARIED[recipe.vary]
    domain = _domain(recipe, usual)
    across, up = _counts(recipe)
    axes = _axis("v", *domain[1], up, recipe.dtype), _axis("u", *domain[0], across, recipe.dtype)
    filled = ground.completed(recipe, across * up, domain=domain, resolution=f"{across}x{up}")
    cells = Cells(ground.on(filled.backend), sides_of(*axes, names, settled))
    cells.check()
    about = (
        "Convergence measure of Sohl-Dickstein 2024, arXiv:2402.06184, by losses in units of the first: minus their "
        "sum where training converged, else the sum of their inverses"
    )
    arrays = (Array(SCORE, recipe.dtype, np.nan, about),)
    score = Score(min(recipe.window, settled.steps))
    network = settled.objective
    return Trainability(filled, ground.labels(), axes, arrays, settled.steps, network.dim, cells, score, network.weight)


def _training(recipe: Asked) -> Train:
    """The recipe of the training that all cells share but for what is varied."""
    width, depth = recipe.width, recipe.depth
    for entry in recipe.optimizer if recipe.vary == "init" else ():
        if entry.init is not None:
            raise UsageError(f"initial weights are varied over the cells, and {entry.name} states its own; drop them")
    return recipe.taken(Train).updated(
        model={"name": "mean_field", "width": width, "depth": depth},
        data={"name": "tiny", "n": (width * depth + 1) * width, "dims": width},
        steps=recipe.steps or STEPS,
        batch=recipe.batch or "full",
        init={"name": "offset"},
        validation=0.0,
        standardise="no",
    )


def _check_rules(ground: NetworkGround) -> None:
    """Raise UsageError for an optimizer whose layers can have no rates of their own."""
    for racer in ground.racers:
        rule = racer.definition
        if rule.rule != "vector" or "lr" not in rule.parameters:
            raise UsageError(f"{rule.name} has no rate that could differ between layers; choose another optimizer")


def _domain(recipe: Asked, usual: tuple[Range, Range]) -> tuple[Range, Range]:
    """Ranges of u and v. Raises UsageError where there are not two, of numbers above 0."""
    if recipe.domain == "whole":
        raise UsageError("rates have no box of their own; type two ranges after --domain, as in 0.1:1000,1:100")
    typed = ranges(recipe.domain) or usual
    if len(typed) != 2 or min(map(min, typed)) <= 0:
        told = ",".join(f"{low:g}:{high:g}" for low, high in typed)
        raise UsageError(
            f"the domain {told} must be two ranges of numbers above 0, across and upwards, as in 0.1:1000,1:100"
        )
    return typed[0], typed[1]


def _counts(recipe: Asked) -> tuple[int, int]:
    """Cells across and upwards; of one number as many both ways."""
    found = sides(recipe.resolution)
    return found[0], found[-1]


def _axis(name: str, low: float, high: float, count: int, dtype: str) -> Axis:
    """Middles of cells that fill a range, each as many times as large as the one before it. Raises UsageError where
    that are no different numbers."""
    ratio = math.log(high / low)
    values = np.array([low * math.exp(ratio * (k + 0.5) / count) for k in range(count)])
    if (np.diff(values.astype(dtype)) <= 0).any():
        raise UsageError(
            f"{low!r} to {high!r} has no {count} different numbers in {dtype}; ask for fewer cells or a wider domain"
        )
    return Axis(name, values, "log")


def _rates(up: Axis, across: Axis, names: Sequence[str], settled: Training) -> tuple[Side, Side]:
    return Hyperparameter(up, tuple(names[-1:])), Hyperparameter(across, tuple(names[:-1]))


def _means(up: Axis, across: Axis, names: Sequence[str], settled: Training) -> tuple[Side, Side]:
    return Hyperparameter(up, ("lr",)), Offset(across, settled.architecture.layers[0].weights)


VARIED: Mapping[str, tuple[tuple[Range, Range], Callable[[Axis, Axis, Sequence[str], Training], tuple[Side, Side]]]] = {
    "rates": ((RATES, RATES), _rates),
    "init": ((MEANS, RATES), _means),
}
"""By what the recipe says is varied: where u and v are unless told otherwise, and what varies them."""


def row(study: Study, i: int) -> Row:
    """Which share of the cells trains."""
    known = study.known[i]
    labels = study.problem.label({name: values[i] for name, values in study.arrays.items()})
    return {"trained": part(int((labels[known] == 1).sum()), int(known.sum()), bool(known.all()))}
