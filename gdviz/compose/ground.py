"""The ground that paths are drawn on: a landscape sampled in view, its minima and valleys, and where its poles are."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import analyse
from gdviz.analyse.poles import is_unbounded, poles
from gdviz.compose.arrows import anatomy, gradient_arrows, reach
from gdviz.compose.ranges import continued, heights_of, level_heights, toned, with_cut
from gdviz.compose.tracks import tracks_of
from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.plans.setting import box
from gdviz.registry.kinds.landscape import LandscapeFacts
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import (
    Axis,
    Curve,
    Field,
    Layer,
    Levels,
    Marks,
    Panel,
    Trails,
    Valleys,
)

Floats = NDArray[np.float64]

SAMPLES = 480
"""Grid points along each side of a domain; a contour line is then straight for about two pixels at 1080p."""

COARSE = 160
"""The same for a Python function that takes one point at a time: 26 thousand calls instead of 230 thousand."""

WIDEST, HIGHEST = 2.0, 1.25
"""Width over height, and height over width, of the places that a round view may be widened to fill."""

TIE = 1e-9
"""Minima whose values differ by less than this share of the values in view are equally low."""

MARKED = 40
"""Minima of a formula that are marked; more would hide the field."""


@dataclasses.dataclass(frozen=True, eq=False)
class Poles:
    """Whether the largest values in view are those of a pole, and bool[row, column] of the samples beside which the
    field passes through one; None where it does nowhere."""

    rules: bool = False
    cut: NDArray[np.bool_] | None = None


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


def view_domain(run: Trajectories) -> tuple[tuple[float, float], ...]:
    """A range for every coordinate: the recipe's window, and the domain where that says nothing."""
    landscape, dimension, window = run.setting.landscape, len(run.setting.domain), run.recipe.window or ()
    box(landscape, dimension, window, "window")
    return (*window, *box(landscape, dimension, run.recipe.domain or ())[len(window) :])


def sampled(
    run: Trajectories, view: Any, others: tuple[float, ...], free: bool
) -> tuple[Floats, Floats, Floats, Floats, Poles]:
    """The field over a view and, where it is free to be widened, beyond: x, y, z float64[row, column], z of the view
    alone, and its poles.

    others: coordinates beyond the second, of the cut that is drawn. Raises UsageError where nothing is finite.
    """
    (x0, x1), (y0, y1) = view
    ratio = (x1 - x0) / (y1 - y0)
    objective = run.setting.objective
    count = SAMPLES if objective.takes_arrays else COARSE
    x, columns = _samples(x0, x1, min(max(WIDEST / ratio, 1.0), 2.0) if free else 1.0, count)
    y, rows = _samples(y0, y1, min(max(HIGHEST * ratio, 1.0), 2.0) if free else 1.0, count)

    def value(down: Any, across: Any) -> Any:
        return objective.sampled(across, down, *map(float, others))

    with np.errstate(all="ignore"):
        z = np.array(value(y[:, None], x[None, :]))
    inside = z[rows, columns]  # levels are chosen for the domain alone: beyond it a landscape may rise without end
    if not np.isfinite(inside).any():
        raise UsageError(f"{objective.name} is not finite anywhere in this domain; type another --domain")
    if not objective.takes_arrays:
        return x, y, z, inside, Poles()
    cut = np.zeros(z.shape, bool)
    down, across = poles(value, (y, x), z)
    cut[:-1] |= down
    cut[1:] |= down
    cut[:, :-1] |= across
    cut[:, 1:] |= across
    rules = is_unbounded(value, (y[rows], x[columns]), inside)
    return x, y, z, inside, Poles(rules, cut if cut.any() else None)


def _samples(low: float, high: float, stretch: float, count: int) -> tuple[Floats, slice]:
    """Evenly spaced values float64[n] over a range made `stretch` times as long, and which of them lie in the range."""
    beyond = round(0.5 * (stretch - 1.0) * (count - 1))
    step = (high - low) / (count - 1)
    values = np.linspace(low - beyond * step, high + beyond * step, count + 2 * beyond)
    if not beyond:
        return values, slice(0, count)
    values[beyond], values[beyond + count - 1] = low, high  # exactly, whatever the spacing rounds to
    return values, slice(beyond, beyond + count)


def graph_of(run: Trajectories, low: float, high: float) -> tuple[Floats, Floats, NDArray[np.bool_] | None]:
    """The graph of a landscape of one coordinate, x and f float64[n], and between which samples it passes through a
    pole, bool[n - 1]; None where it is bounded.

    Raises UsageError where nothing is finite.
    """
    objective = run.setting.objective
    x = np.linspace(low, high, 2 * SAMPLES)
    with np.errstate(all="ignore"):
        y = np.array(objective.sampled(x))
    if not np.isfinite(y).any():
        raise UsageError(f"{objective.name} is not finite anywhere in this domain; type another --domain")
    if not objective.takes_arrays or not is_unbounded(objective.sampled, (x,), y):
        return x, y, None
    return x, y, poles(objective.sampled, (x,), y)[0]


def places_of(run: Trajectories, values: Floats, reach: Any = None) -> Places:
    """The stated minima, or those found where none are stated; those of lines of them as valleys.

    values: the landscape's in view, which say what a tie is; reach: the ranges that may come into view, where they are
    more than the domain: valleys are followed up to their ends.
    """
    landscape, constants, domain = run.setting.landscape, run.setting.constants, view_domain(run)
    if len(domain) > 2:  # on a cut only what lies on it
        stated: Any = [m for m in landscape.minima(len(domain)) if lowest_of(run) and m[2:-1] == lowest_of(run)[2:]]
    elif LandscapeFacts.of(landscape).minima is not None and constants == dict(landscape.parameters):
        stated = landscape.minima(len(domain))
    else:  # a formula that says none, or other constants, under which they lie elsewhere
        return _found(run, values, domain, reach or domain)
    found = np.array(stated, np.float64).reshape(len(stated), len(domain) + 1)
    return Places(*_parted(found, values, found[:, -1]))


def _found(run: Trajectories, values: Floats, domain: Any, reach: Any) -> Places:
    """What an analysis of the formula finds; nothing of a function that is called, which would be called too often."""
    if not run.setting.objective.searchable:
        return Places(np.empty((0, len(domain) + 1)), np.empty((0, len(domain) + 1)))
    survey = analyse.survey(run.setting.landscape, run.setting.constants, reach)
    low, high = np.array(domain).T
    slack = 1e-9 * (high - low)
    minima = [
        (*point.x, point.value)
        for point in survey.points
        if point.lowest and (point.x >= low - slack).all() and (point.x <= high + slack).all()
    ]
    found = np.array(minima[:MARKED], np.float64).reshape(-1, len(domain) + 1)
    valleys = [line for line in survey.lines if line.kind == "minimum"]
    heights = np.array([*found[:, -1], *(line.value for line in valleys)])
    return Places(*_parted(found, values, heights), tuple(line.x for line in valleys))


def _parted(found: Floats, values: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Those of minima float64[n, dim + 1] that are as low as the lowest of some heights, and the others."""
    if not len(found):
        return found, found
    spread, least = float(np.ptp(values[np.isfinite(values)])), float(heights.min())
    lowest = found[:, -1] <= least + TIE * max(spread, abs(least))
    return found[lowest], found[~lowest]


def _contour_panel(run: Trajectories, words: Texts) -> Panel:
    parts = anatomy(run, words)
    asked = run.recipe.window or run.recipe.domain
    view = (None if asked else reach(parts)) or view_domain(run)[:2]
    (x0, x1), (y0, y1) = view
    others = (lowest_of(run) or tuple(run.x[0, 0, 0]))[2:]  # of more than two coordinates a cut is drawn
    labels = run.setting.objective.names if others else ("", "")
    ratio = (x1 - x0) / (y1 - y0)
    round_view = 0.75 <= ratio <= 1.6
    # a domain that was asked for is shown as it is
    x, y, z, inside, pole = sampled(run, view, others, round_view and asked is None)
    levels = level_heights(inside, run.recipe.levels or LandscapeFacts.of(run.setting.landscape).levels, pole.rules)
    tracks = tracks_of(run, words, run.x[:, :, :, :2].astype(np.float64))
    found = places_of(run, inside, ((x[0], x[-1]), (y[0], y[-1])))
    lowest, higher = found.lowest, found.higher
    layers: tuple[Layer, ...] = (
        Field(x, y, z, toned(levels, z)),
        Levels(x, y, z, levels if run.recipe.levels else continued(levels, z), "levels" in run.recipe.labels, pole.cut),
        *([Valleys(found.valleys)] if found.valleys else []),
        Marks("start", run.x[0, :, 0, :2].astype(np.float64), _start_texts(run, words)),
        Marks("local", higher[:, :2]),
        Marks("minimum", lowest[:, :2], _minimum_texts(run, words, lowest)),
        Trails(tracks, kind="path"),
        *gradient_arrows(run, words, (view, ((x[0], x[-1]), (y[0], y[-1]))), others, round_view),
        *parts,
    )
    mark = words.decimal_mark
    return Panel(
        "main",
        Axis(x0, x1, label=labels[0], decimal=mark, reach=(float(x[0]), float(x[-1]))),
        Axis(y0, y1, label=labels[1], decimal=mark, reach=(float(y[0]), float(y[-1]))),
        layers,
        aspect=1.0 if round_view else None,
    )


def _line_panel(run: Trajectories, words: Texts) -> Panel:
    ((x0, x1),) = view_domain(run)
    x, y, poles = graph_of(run, x0, x1)
    points = np.stack([run.x[:, :, :, 0], run.f], axis=-1).astype(np.float64)
    low, high = heights_of(y, poles is not None, points[:, :, 0, 1])
    pad = 0.06 * ((high - low) or 1.0)
    found = places_of(run, y)
    lowest, others = found.lowest, found.higher
    layers: tuple[Layer, ...] = (
        Curve(x, y, breaks=poles),
        Marks("start", points[0, :, 0], _start_texts(run, words)),
        Marks("local", others),
        Marks("minimum", lowest, _minimum_texts(run, words, lowest)),
        Trails(tracks_of(run, words, points), kind="steps"),
        *gradient_arrows(run, words, (((x0, x1),),) * 2),
    )
    mark = words.decimal_mark
    return Panel(
        "main",
        Axis(x0, x1, label="x", decimal=mark),
        with_cut(Axis(low - pad, high + pad, label="f(x)", decimal=mark), y),
        layers,
        frame=True,
    )


def _start_texts(run: Trajectories, words: Texts) -> tuple[str, ...]:
    return (words.text("start"),) if run.x.shape[1] == 1 and "start" in run.recipe.labels else ()


def _minimum_texts(run: Trajectories, words: Texts, minima: Floats) -> tuple[str, ...]:
    """Where each stands in the picture, if the recipe asks for it; minima: float64[n, dim + 1]."""
    if "minimum" not in run.recipe.labels:
        return ()
    shown = minima if minima.shape[1] == 2 else minima[:, :-1]
    places = (words.point([float(f"{c:.3g}") for c in point]) for point in shown)
    return tuple(words.text("minimum", place=place) for place in places)


def _in_view(run: Trajectories) -> NDArray[np.bool_]:
    """bool[optimizer, start, record]: whether the point is inside the panel; all true when a start is outside."""
    low, high = np.array(view_domain(run)).T
    drawn = run.x[..., : len(low)]
    inside = ((drawn >= low) & (drawn <= high)).all(axis=-1)
    return inside if inside[:, :, 0].all() else np.ones_like(inside)
