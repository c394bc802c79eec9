"""From trajectories to a scene: fields sampled, levels and axes chosen, every text written in the chosen language.

The only place that knows both sides: definitions and results here, panels and layers there.
"""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import analyse, formula
from gdviz.compose.arrows import anatomy, gradient_arrows, reach
from gdviz.compose.fairness import counted, quartiles, told
from gdviz.compose.paces import stated
from gdviz.compose.ranges import continued, level_heights, toned
from gdviz.compose.sides import check_panels, loss_panel, named, side_panels, view_of
from gdviz.compose.split import grid_of, split
from gdviz.compose.tracks import VALUES, noted, tracks_of
from gdviz.entries import resolve_options
from gdviz.errors import UsageError, nearest
from gdviz.lang import Texts, texts
from gdviz.plan import Setting, box
from gdviz.recipe import DIRECTIONS, page_size
from gdviz.registry import find
from gdviz.scene import (
    DASHES,
    MARKERS,
    THEMES,
    Axis,
    Curve,
    Entry,
    Field,
    Layer,
    Levels,
    Marks,
    Panel,
    Scene,
    Style,
    Trails,
    styles,
    timeline,
)
from gdviz.simulation import LOST, Trajectories, check_apart

Floats = NDArray[np.float64]

SAMPLES = 480
"""Grid points along each side of a domain; a contour line is then straight for about two pixels at 1080p."""

COARSE = 160
"""The same for a Python function that takes one point at a time: 26 thousand calls instead of 230 thousand."""

WIDEST, HIGHEST = 2.0, 1.25
"""Width over height, and height over width, of the places that a round view may be widened to fill."""

TIE = 1e-9
"""Minima whose values differ by less than this share of the values in view are equally low."""

BESIDE = 3
"""Panels that stand beside the main one; with more, all stand in a grid."""

MARKED = 40
"""Minima of a formula that are marked; more would hide the field."""


def compose(run: Trajectories, fps: Fraction | None = None) -> Scene:
    """The scene of a run as its recipe asks for it, at `fps` frames a second where the format cannot show the recipe's.

    Raises UsageError when a view does not fit the landscape.
    """
    check(dataclasses.replace(run.setting, recipe=run.recipe))
    recipe = run.recipe
    words = texts(recipe.lang)
    theme = THEMES[recipe.theme]
    width, height, dpi = page_size(recipe.size)
    entries = _entries(run, words)
    panels = split(run, words, _main_panel(run, words), entries)
    panels += side_panels(run, words, _in_view(run))
    rate = fps or Fraction(recipe.fps).limit_denominator(1001)
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=theme,
        panels=panels,
        entries=entries,
        title=_title(run, words),
        formula=_formula(run, words),
        caption=_caption(run, words),
        values_title=words.text("median_of", n=run.x.shape[1]) if run.x.shape[1] > 1 else "",
        counter=tuple(counted(recipe, "counter", words, k=t) for t in run.t),
        counter_total=words.text("counter_total", n=recipe.steps),
        steps=run.t,
        timeline=timeline(len(run.t), rate, recipe.seconds),
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid_of(len(panels), (width, height)) if recipe.split or len(panels) > 1 + BESIDE else None,
    )


def _caption(run: Trajectories, words: Texts) -> str:
    """The recipe's, else what was done to the gradients: a picture must not hide it."""
    if run.recipe.caption is not None:
        return run.recipe.said(run.recipe.caption)
    said = [fairness] if (fairness := told(run, words)) else []
    for definition, options in run.plans[0].transforms:
        name = words.name("transform", definition.name) or definition.title
        details = [_detail(definition.symbol(key), value, words) for key, value in options.items()]
        said.append(", ".join([name, *details]))
    if run.setting.landscape.facts.get("called") == "differences":
        said.append(words.text("differences"))
    if len(run.setting.domain) > 2 and view_of(run.recipe, run.x.shape[-1]) == "contour":
        first, second = formula.derive(run.setting.landscape, len(run.setting.domain)).variables[:2]
        said.append(words.text("cut_minimum" if _lowest(run) else "cut_start", x=first, y=second))
    return "; ".join(said)


def _title(run: Trajectories, words: Texts) -> str:
    landscape = run.setting.landscape
    if run.recipe.title is not None:
        return run.recipe.said(run.recipe.title)
    if run.recipe.formula is not None:
        return words.text("formula_title")
    return words.name("landscape", landscape.name) or landscape.title


def _formula(run: Trajectories, words: Texts) -> str:
    dimension = len(run.setting.domain)
    if dimension > 2:  # written out it is longer than any page
        return rf"x \in \mathbb{{R}}^{{{dimension}}}"
    derived = formula.derive(run.setting.landscape, dimension)
    latex = derived.latex_with({**run.setting.constants})
    if not latex or r"\begin" in latex:  # mathtext sets no environments
        return ""
    mark = "{" + words.decimal_mark + "}"
    body = re.sub(r"(?<=\d)\.(?=\d)", lambda _: mark, latex) if words.decimal_mark != "." else latex
    return f"f({', '.join(derived.variables)}) = {body}"


def _entries(run: Trajectories, words: Texts) -> tuple[Entry, ...]:
    given = run.recipe.optimizer
    theme = THEMES[run.recipe.theme]
    slots = [plan.optimizer.facts.get("slot") for plan in run.plans]
    looks = styles(slots, [plan.optimizer.name for plan in run.plans], theme)
    result: list[Entry] = []
    for entry, plan, look in zip(given, run.plans, looks, strict=True):
        style = Style(entry.color or look.color, entry.dash or look.dash, entry.marker or look.marker)
        shown = ["lr"] if np.isfinite(plan.options.get("lr", np.nan)) else []
        if "lr" not in plan.options and plan.optimizer.rule == "vector":  # what then sets the length of its steps
            shown = list(plan.optimizer.parameters)
        paces = stated(plan, words)
        shown += [key for key in (*entry.options, *paces) if key not in shown]
        notes = ", ".join(
            _detail(plan.optimizer.symbol(key), plan.options[key], words) + (f" ({paces[key]})" if key in paces else "")
            for key in dict.fromkeys(shown)
        )
        # beside its path it is told when it happens
        gone = words.text("left_view") if (run.left_at[len(result)] >= 0).any() and not _beside(run) else ""
        details = "; ".join(filter(None, [notes, quartiles(run, len(result), words), gone]))
        name = run.recipe.said(entry.label) or words.name("optimizer", plan.optimizer.name) or plan.optimizer.title
        result.append(Entry(name, details, style, _values(run, len(result), words)))
    return tuple(result)


def _beside(run: Trajectories) -> bool:
    """Whether how runs ended stands beside their paths: a panel of losses has no room for it."""
    return noted(run) and view_of(run.recipe, run.x.shape[-1]) != "loss"


def _values(run: Trajectories, i: int, words: Texts) -> tuple[str, ...]:
    """An optimizer's loss at each record, the median of all its starts; once most are lost, how, in words."""
    lost = np.flatnonzero(np.isin(run.status[i], LOST))
    lost = lost[np.argsort(run.stopped_at[i][lost], kind="stable")]
    texts = [_loss_text(value, words) for value in run.medians[i]]
    most = run.x.shape[1] // 2  # as many may be lost before the median means nothing
    if len(lost) > most:
        step = int(run.stopped_at[i][lost[most]])
        first = int(np.searchsorted(run.t, step))
        status = str(run.status[i][lost[most]])
        text = words.text(VALUES[status][not _beside(run)], k=step)
        texts[first:] = [text] * (len(texts) - first)
    return tuple(texts)


def _detail(symbol: str, value: float | str | bool, words: Texts) -> str:
    if isinstance(value, bool):
        return symbol if value else f"¬ {symbol}"
    return f"{symbol} = {value if isinstance(value, str) else words.number(value)}"


def _loss_text(value: float, words: Texts) -> str:
    return words.number(value, 3 if abs(value) < 1000 else 1)


def check(setting: Setting) -> None:
    """Raise UsageError for what no picture of a settled recipe could show; asked before the simulation."""
    recipe, dimension, name = setting.recipe, len(setting.domain), setting.landscape.name
    if recipe.view == "contour" and dimension == 1:
        raise UsageError(f"{name} has one coordinate and is drawn as a line; drop --view contour or type --view line")
    if recipe.view == "line" and dimension != 1:
        raise UsageError(f"{name} has {dimension} coordinates and cannot be drawn as a line; type --view contour")
    box(setting.landscape, dimension, recipe.domain or ())
    if recipe.at is not None and recipe.steps is not None and recipe.at > recipe.steps:
        raise UsageError(f"--at {recipe.at} is beyond the last step, {recipe.steps}")
    for entry in recipe.optimizer:
        for key, value, known in (("dash", entry.dash, DASHES), ("marker", entry.marker, MARKERS)):
            if value is not None and value not in known:
                hint = nearest(value, known) or f"; type one of {', '.join(known)}"
                raise UsageError(f"{entry.name}: there is no {key} '{value}'{hint}")
    if recipe.anatomy is not None and recipe.steps is not None and recipe.anatomy > recipe.steps:
        raise UsageError(f"--anatomy {recipe.anatomy} is beyond the last step, {recipe.steps}")
    if recipe.anatomy is not None and view_of(recipe, dimension) != "contour":
        raise UsageError(
            "--anatomy needs a plane to draw in; type --view contour, with a landscape of two coordinates or more"
        )
    for definition in named(recipe) if recipe.anatomy is not None else ():
        check_apart(definition)
    if recipe.arrows and view_of(recipe, dimension) == "loss":
        raise UsageError(f"--arrows are drawn on the landscape; type --view contour for a cut through {name}")
    for arrow in recipe.arrows:
        if arrow.name not in DIRECTIONS:
            definition = find("transform", arrow.name)
            resolve_options(arrow.transform, definition)
            if "g" not in definition.inputs:
                raise UsageError(
                    f"--arrows {arrow.name}: it leaves the gradient alone; choose a transform that does not"
                )
    check_panels(setting)
    texts(recipe.lang)


def _main_panel(run: Trajectories, words: Texts) -> Panel:
    view = view_of(run.recipe, run.x.shape[-1])
    if view == "loss":
        return loss_panel(run, words, _in_view(run))
    return _line_panel(run, words) if view == "line" else _contour_panel(run, words)


def _lowest(run: Trajectories) -> tuple[float, ...]:
    """Coordinates of the lowest minimum that the landscape states for its own constants; empty where it states none."""
    landscape = run.setting.landscape
    stated = landscape.minima(len(run.setting.domain)) if run.setting.constants == dict(landscape.parameters) else ()
    return stated[0][:-1] if stated else ()


def _view_domain(run: Trajectories) -> tuple[tuple[float, float], ...]:
    """A range for every coordinate, as the recipe asks for it now: a finished run may be drawn in another one."""
    return box(run.setting.landscape, len(run.setting.domain), run.recipe.domain or ())


def _contour_panel(run: Trajectories, words: Texts) -> Panel:
    parts = anatomy(run, words)
    view = (None if run.recipe.domain else reach(parts)) or _view_domain(run)[:2]
    (x0, x1), (y0, y1) = view
    derived = formula.derive(run.setting.landscape, len(run.setting.domain))
    others = (_lowest(run) or tuple(run.x[0, 0, 0]))[2:]  # of more than two coordinates a cut is drawn
    labels = derived.variables if others else ("", "")
    ratio = (x1 - x0) / (y1 - y0)
    round_view = 0.75 <= ratio <= 1.6
    # a domain that was asked for is shown as it is
    free = round_view and run.recipe.domain is None
    count = SAMPLES if derived.takes_arrays else COARSE
    x, columns = _samples(x0, x1, min(max(WIDEST / ratio, 1.0), 2.0) if free else 1.0, count)
    y, rows = _samples(y0, y1, min(max(HIGHEST * ratio, 1.0), 2.0) if free else 1.0, count)
    with np.errstate(all="ignore"):
        found = derived.value(x[None, :], y[:, None], *map(float, others), **run.setting.constants)
    z = np.array(np.broadcast_to(np.asarray(found, np.float64), (len(y), len(x))))
    inside = z[rows, columns]  # levels are chosen for the domain alone: beyond it a landscape may rise without end
    if not np.isfinite(inside).any():
        raise UsageError(f"{run.setting.landscape.name} is not finite anywhere in this domain; type another --domain")
    levels = level_heights(inside, run.recipe.levels or run.setting.landscape.facts.get("levels"))
    tracks = tracks_of(run, words, run.x[:, :, :, :2].astype(np.float64))
    lowest, higher = _minima(run, inside)
    layers: tuple[Layer, ...] = (
        Field(x, y, z, toned(levels, z)),
        Levels(x, y, z, levels if run.recipe.levels else continued(levels, z), "levels" in run.recipe.labels),
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


def _samples(low: float, high: float, stretch: float, count: int) -> tuple[Floats, slice]:
    """Evenly spaced values float64[n] over a range made `stretch` times as long, and which of them lie in the range."""
    beyond = round(0.5 * (stretch - 1.0) * (count - 1))
    step = (high - low) / (count - 1)
    values = np.linspace(low - beyond * step, high + beyond * step, count + 2 * beyond)
    if not beyond:
        return values, slice(0, count)
    values[beyond], values[beyond + count - 1] = low, high  # exactly, whatever the spacing rounds to
    return values, slice(beyond, beyond + count)


def _line_panel(run: Trajectories, words: Texts) -> Panel:
    ((x0, x1),) = _view_domain(run)
    derived = formula.derive(run.setting.landscape, 1)
    x = np.linspace(x0, x1, 2 * SAMPLES)
    with np.errstate(all="ignore"):
        y = np.broadcast_to(np.asarray(derived.value(x, **run.setting.constants), np.float64), x.shape)
    finite = y[np.isfinite(y)]
    if not len(finite):
        raise UsageError(f"{run.setting.landscape.name} is not finite anywhere in this domain; type another --domain")
    pad = 0.06 * (float(np.ptp(finite)) or 1.0)
    points = np.stack([run.x[:, :, :, 0], run.f], axis=-1).astype(np.float64)
    lowest, others = _minima(run, y)
    layers: tuple[Layer, ...] = (
        Curve(x, y),
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
        Axis(float(finite.min()) - pad, float(finite.max()) + pad, label="f(x)", decimal=mark),
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


def _minima(run: Trajectories, values: Floats) -> tuple[Floats, Floats]:
    """The lowest of the minima and the others: the stated ones, or those found where none are stated.

    Both are float64[n, dim + 1] of coordinates and value. values: the landscape's in view, which say what a tie is.
    """
    landscape, constants, domain = run.setting.landscape, run.setting.constants, _view_domain(run)
    if len(domain) > 2:  # on a cut only what lies on it
        stated: Any = [m for m in landscape.minima(len(domain)) if _lowest(run) and m[2:-1] == _lowest(run)[2:]]
    elif "minima" in landscape.facts and constants == dict(landscape.parameters):
        stated = landscape.minima(len(domain))
    else:  # a formula that says none, or other constants, under which they lie elsewhere
        stated = analyse.minima(landscape, constants, domain)[:MARKED]
    found = np.array(stated, np.float64).reshape(len(stated), len(domain) + 1)
    if not len(found):
        return found, found
    spread = float(np.ptp(values[np.isfinite(values)]))
    lowest = found[:, -1] <= found[:, -1].min() + TIE * max(spread, abs(float(found[:, -1].min())))
    return found[lowest], found[~lowest]


def _in_view(run: Trajectories) -> NDArray[np.bool_]:
    """bool[optimizer, start, record]: whether the point is inside the panel; all true when a start is outside."""
    low, high = np.array(_view_domain(run)).T
    drawn = run.x[..., : len(low)]
    inside = ((drawn >= low) & (drawn <= high)).all(axis=-1)
    return inside if inside[:, :, 0].all() else np.ones_like(inside)
