"""A quantity of runs against the step, as a panel, whatever is descended."""

from __future__ import annotations

import contextlib
import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST
from gdviz.catalogue.lookup import find
from gdviz.compose.fairness import counted
from gdviz.compose.paces import pace_axis
from gdviz.compose.tracks import tracks_of
from gdviz.compose.values import value_axis, with_cut
from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.recipe.options.descent import Descent
from gdviz.registry.definition import Definition
from gdviz.runs.descents import Descents
from gdviz.scene import Axis, Panel, Trails

Floats = NDArray[np.float64]

AIR = 1.05
"""Of a panel in which all runs stop before its last step: how far it goes on beyond the last stop."""


@dataclasses.dataclass(frozen=True, eq=False)
class Quantity:
    """One quantity float64[optimizer, start, record], NaN where it is not defined.

    tame: its axis does not follow runs that diverge, nor those that rise outside the view. axis: its axis, where the
    values do not tell. owners: the optimizers that have it, None for all.
    """

    title: str
    values: Floats
    tame: bool = False
    axis: Axis | None = None
    owners: tuple[int, ...] | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Along:
    """What quantities stand against: float64[optimizer, run, record], what it is called, and where its axis ends."""

    values: Floats
    title: str
    last: float


def losses_of(run: Descents, words: Texts) -> Quantity:
    """The losses."""
    return Quantity(words.text("loss"), run.f.astype(np.float64), tame=True)


def hyperparameter_of(run: Descents, words: Texts, name: str) -> Quantity:
    """A hyperparameter as its schedule changes it."""
    values = run.hyperparameter(name)
    symbol = next(plan.optimizer.symbol(name) for plan in run.plans if name in plan.optimizer.parameters)
    title = words.text("learning_rate", symbol=symbol) if name == "lr" else symbol
    owners = tuple(i for i, plan in enumerate(run.plans) if name in plan.optimizer.parameters)
    return Quantity(title, values, axis=pace_axis(values, words.decimal_mark), owners=owners)


def panel_of(
    run: Descents,
    words: Texts,
    quantity: Quantity,
    scale: str | None,
    in_view: NDArray[np.bool_] | None = None,
    along: Along | None = None,
) -> Panel:
    """A quantity of the runs as a panel of its own.

    scale: of its axis, None for the one that suits. in_view: bool[optimizer, run, record], where a path is inside the
    main panel, None where all are; along: what it stands against, None for the steps.
    """
    along = along or steps_of(run, words)
    in_view = np.ones(run.f.shape, bool) if in_view is None else in_view
    # of a run without a value nothing is known from there on, whatever its last place would give
    lost = (run.status == "undefined")[..., None] & (run.t >= run.stopped_at[..., None])
    values = np.where(lost, np.nan, quantity.values)
    points = np.stack([along.values, values], axis=-1)
    mark = words.decimal_mark
    # outside the view a run that ends lost is not followed, another where it descends, or all along beyond the guard
    kept = ~np.isin(run.status, LOST)[..., None]
    followed = in_view | (kept & ((run.left_at >= 0)[..., None] | (run.f <= run.f[..., :1])))
    shown = np.where(followed, values, np.nan) if quantity.tame else values
    axis = (scale is None and quantity.axis) or value_axis(shown, mark, scale, quantity.tame)
    return Panel(
        "side",
        Axis(0.0, along.last, label=along.title, decimal=mark),
        with_cut(axis, np.where(followed | kept, values, np.nan), told=True),  # who is lost has an arrow that tells
        (Trails(tracks_of(run, words, points, quantity.owners, notes=False), kind="curve"),),
        title=words.text("logarithmic", quantity=quantity.title) if scale == "log" else quantity.title,
        frame=True,
    )


def steps_of(run: Descents, words: Texts) -> Along:
    """The steps; a run that has stopped goes no further."""
    steps = np.minimum(run.t, run.stopped_at[..., None]).astype(np.float64)
    return Along(steps, counted(run, "step", words), _last(run))


def _last(run: Descents) -> float:
    """Where the axis of steps ends: at the last one, or, where all runs have stopped long before, a little after that.

    Rounded up to a twelfth of it or so, a step of 1, 2, or 5 times a power of ten.
    """
    end, stop = max(float(run.t[-1]), 1.0), AIR * float(run.stopped_at.max())
    unit = 10.0 ** math.floor(math.log10(max(stop / 12, 1.0)))
    unit *= next(part for part in (5, 2, 1) if part == 1 or part * unit <= stop / 12)
    return min(end, max(math.ceil(stop / unit) * unit, 1.0))


def named(recipe: Descent) -> list[Definition]:
    """The optimizers of a recipe that their names bring back; Python functions are left out."""
    found = []
    for entry in recipe.optimizer:
        with contextlib.suppress(UsageError):
            found.append(find("optimizer", entry.name))
    return found


def hyperparameters(recipe: Descent) -> tuple[str, ...]:
    """Names of the hyperparameters of a recipe's optimizers, of functions without a name those that were set."""
    known = dict.fromkeys(key for definition in named(recipe) for key in definition.parameters)
    return tuple(known | dict.fromkeys(key for entry in recipe.optimizer for key in entry.options))
