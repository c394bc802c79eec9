"""The ground that paths are drawn on: a landscape sampled in its window, and where its poles are."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.poles import is_unbounded, poles
from gdviz.compose.arrows import anatomy, gradient_arrows
from gdviz.compose.framing import Window
from gdviz.compose.minima import others_of, places_of
from gdviz.compose.ranges import check_levels, continued, heights_of, level_heights, toned
from gdviz.compose.tracks import tracks_of
from gdviz.compose.values import with_cut
from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.objectives.objective import Objective
from gdviz.registry.kinds.landscape import LandscapeFacts
from gdviz.runs.descents import Descents
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
    themed,
)

Floats = NDArray[np.float64]

SAMPLES = 480
"""Grid points along each side of a domain; a contour line is then straight for about two pixels at 1080p."""

COARSE = 160
"""The same for a Python function that takes one point at a time: 26 thousand calls instead of 230 thousand."""


ACTION = 0.6
"""Share of a graph's height that its paths take at least, where the window follows them."""


@dataclasses.dataclass(frozen=True, eq=False)
class Poles:
    """Whether the largest values in view are those of a pole, and bool[row, column] of the samples beside which the
    field passes through one; None where it does nowhere."""

    rules: bool = False
    cut: NDArray[np.bool_] | None = None


def sampled(
    objective: Objective, window: Window, others: tuple[float, ...], count: int = SAMPLES
) -> tuple[Floats, Floats, Floats, Floats, Poles]:
    """The field over a window and what a page may widen it to: x, y, z float64[row, column], z of the window alone, and
    its poles.

    others: coordinates beyond the second, of the cut that is drawn. Raises UsageError where nothing is finite.
    """
    count = count if objective.takes_arrays else min(count, COARSE)
    (x, columns), (y, rows) = (
        _samples(*ends, (most[1] - most[0]) / (ends[1] - ends[0]), count)
        for ends, most in zip(window.view, window.most, strict=True)
    )

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


def relief(
    run: Trajectories, words: Texts, window: Window, told: bool = True, count: int = SAMPLES
) -> tuple[Field, tuple[Layer, ...]]:
    """The field of a window, and what lies on it: level lines, valleys, minima.

    told: with words and values; count: samples along each side.
    """
    x, y, z, inside, pole = sampled(run.setting.objective, window, others_of(run), count)
    if told:
        check_levels(run.recipe.levels, inside, bool(run.recipe.window or run.recipe.domain))
    levels = level_heights(inside, run.recipe.levels or LandscapeFacts.of(run.setting.landscape).levels, pole.rules)
    found = places_of(run, window.known, inside, window.home, window.most)
    lines = levels if run.recipe.levels else continued(levels, z)
    return Field(x, y, z, toned(levels, z)), (
        Levels(x, y, z, lines, told and "levels" in run.recipe.labels, pole.cut),
        *([Valleys(found.valleys)] if found.valleys else []),
        Marks("local", found.higher[:, :2]),
        Marks("minimum", found.lowest[:, :2], minimum_texts(run, words, found.lowest) if told else ()),
    )


def paths(run: Trajectories, words: Texts, told: bool = True) -> Trails:
    """The paths in the plane; told: with notes of those that were lost."""
    return Trails(tracks_of(run, words, run.x[:, :, :, :2].astype(np.float64), notes=told), kind="path")


def contour_panel(run: Trajectories, words: Texts, window: Window) -> Panel:
    """The field of a landscape with the paths on it."""
    view = (x0, x1), (y0, y1) = window.view
    field, lying = relief(run, words, window)
    reach = (float(field.x[0]), float(field.x[-1])), (float(field.y[0]), float(field.y[-1]))
    named = others_of(run) or themed(run.recipe).names_axes
    labels = [lettered(name) if named else "" for name in run.setting.objective.names[:2]]
    layers: tuple[Layer, ...] = (
        field,
        *lying,
        Marks("start", run.x[0, :, 0, :2].astype(np.float64), start_texts(run, words)),
        paths(run, words),
        *gradient_arrows(run, words, (view, reach), others_of(run), window.even),
        *anatomy(run, words),
    )
    mark = words.decimal_mark
    return Panel(
        "main",
        Axis(x0, x1, label=labels[0], decimal=mark, reach=reach[0]),
        Axis(y0, y1, label=labels[1], decimal=mark, reach=reach[1]),
        layers,
        aspect=1.0 if window.even else None,
    )


def line_panel(run: Trajectories, words: Texts, window: Window) -> Panel:
    """The graph of a landscape of one coordinate with the steps on it."""
    ((x0, x1),) = window.view
    x, y, poles = graph_of(run, x0, x1)
    points = np.stack([run.x[:, :, :, 0], run.f], axis=-1).astype(np.float64)
    low, high = heights_of(y, poles is not None, points[:, :, 0, 1])
    if not (run.recipe.window or run.recipe.domain):
        high = min(high, _top(points, (x0, x1), low))
    pad = 0.06 * ((high - low) or 1.0)
    found = places_of(run, window.known, y, window.home, window.view)
    lowest, others = found.lowest, found.higher
    layers: tuple[Layer, ...] = (
        Curve(x, y, breaks=poles),
        Marks("start", points[0, :, 0], start_texts(run, words)),
        Marks("local", others),
        Marks("minimum", lowest, minimum_texts(run, words, lowest)),
        Trails(tracks_of(run, words, points), kind="steps"),
        *gradient_arrows(run, words, (((x0, x1),),) * 2),
    )
    mark = words.decimal_mark
    heights = Axis(low - pad, high + pad, label="$f(x)$", decimal=mark)
    return Panel(
        "main",
        Axis(x0, x1, label="$x$", decimal=mark),
        heights if poles is None else with_cut(heights, y),
        layers,
        frame=True,
    )


def _top(points: Floats, view: tuple[float, float], low: float) -> float:
    """The highest that a graph is shown: what paths float64[…, 2] reach in view fills ACTION of the axis at least."""
    x, f = points[..., 0], points[..., 1]
    seen = f[(x >= view[0]) & (x <= view[1]) & np.isfinite(f)]
    top = float(seen.max(initial=low))
    return low + (top - low) / ACTION if top > low else np.inf


def lettered(name: str) -> str:
    """A coordinate as formulas write it, where one letter is its name."""
    return f"${name}$" if len(name) == 1 and name.isalpha() else name


def start_texts(run: Descents, words: Texts) -> tuple[str, ...]:
    """The word at a start that is alone, if the recipe asks for it."""
    return (words.text("start"),) if run.f.shape[1] == 1 and "start" in run.recipe.labels else ()


def minimum_texts(run: Descents, words: Texts, minima: Floats) -> tuple[str, ...]:
    """Where each stands in the picture, if the recipe asks for it; minima: float64[n, dim + 1]."""
    if "minimum" not in run.recipe.labels:
        return ()
    shown = minima if minima.shape[1] == 2 else minima[:, :-1]
    places = (words.point([float(f"{c:.3g}") for c in point]) for point in shown)
    return tuple(words.text("minimum", place=place) for place in places)
