"""From trajectories to a scene: fields sampled, levels and axes chosen, every text written in the chosen language.

The only place that knows both sides: definitions and results here, panels and layers there.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.compose.arrows import anatomy, said_of, shafts
from gdviz.compose.callouts import called_out
from gdviz.compose.callouts import check as check_callouts
from gdviz.compose.entries import check_styles, roll_of
from gdviz.compose.fairness import counted, quartiles, told
from gdviz.compose.formulas import localized
from gdviz.compose.framing import Window, in_view, window_of
from gdviz.compose.ground import contour_panel, line_panel
from gdviz.compose.insets import check_inset, inlays
from gdviz.compose.minima import lowest_of
from gdviz.compose.pacing import check as check_pace
from gdviz.compose.pacing import film
from gdviz.compose.playing import playing
from gdviz.compose.quantities import QUANTITIES, check_panels, loss_panel, side_panels, view_of
from gdviz.compose.quantity import named
from gdviz.compose.readings import readings
from gdviz.compose.split import grid_of, split
from gdviz.compose.words import detail
from gdviz.errors import UsageError
from gdviz.lang import Texts, texts
from gdviz.plans.setting import Setting, box, ranges
from gdviz.recipe.entries import DIRECTIONS
from gdviz.recipe.sizes import page_size
from gdviz.runs.anatomy import check_apart
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import (
    Panel,
    Reading,
    Scene,
    Valleys,
    themed,
)

BESIDE = 3
"""Panels that stand beside the main one; with more, all stand in a grid."""


def compose(run: Trajectories, fps: Fraction | None = None) -> Scene:
    """The scene of a run as its recipe asks for it, at `fps` frames a second where the format cannot show the recipe's.

    Raises UsageError when a view does not fit the landscape.
    """
    check(dataclasses.replace(run.setting, recipe=run.recipe))
    recipe = run.recipe
    words = texts(recipe.lang)
    theme = themed(recipe)
    width, height, dpi = page_size(recipe.size)
    view = view_of(recipe, run.x.shape[-1])
    roll = roll_of(run, words, view != "loss", [quartiles(run, i, words) for i in range(len(run.plans))])
    entries = roll.entries
    window = window_of(run, words, view != "loss")
    panels = split(run, words, window, lambda view: _main_panel(run, words, view), entries)
    panels += side_panels(run, words, in_view(run, window))
    panels = called_out(run, panels, entries, recipe.mark)
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=theme,
        panels=(*panels, *inlays(run, words, window)),
        entries=entries,
        title=_title(run, words),
        formula=_formula(run, words),
        formula_left_out=words.text("formula_long", names=", ".join(run.setting.objective.names)),
        caption=_caption(run, words, panels),
        values_title=words.text("median_of", n=run.x.shape[1]) if run.x.shape[1] > 1 else "",
        counter=tuple(counted(run, "counter", words, k=min(int(t), _ended(run))) for t in run.t),
        readings=readings(recipe, lambda said, words: _reading(dataclasses.replace(run, recipe=said), words, panels)),
        shared=roll.shared,
        legend=recipe.legend,
        counter_total=words.text("counter_total", n=recipe.steps),
        steps=run.t,
        timeline=film(recipe, panels, run.t, fps),
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid_of(panels, (width, height), bool(entries)) if recipe.split or len(panels) > 1 + BESIDE else None,
    )


def played(run: Trajectories, scene: Scene) -> dict[str, Any]:
    """What a page that plays says of a run besides its scene."""
    words = texts(run.recipe.lang)
    (slopes,) = QUANTITIES["gradient"](run, words, "")
    return playing(run, scene, words, slopes.values)


def _reading(run: Trajectories, words: Texts, panels: tuple[Panel, ...]) -> Reading:
    """What the page says at most in the language of its recipe."""
    last = counted(run, "counter", words, k=_ended(run))
    total = words.text("counter_total", n=run.recipe.steps)
    return Reading(_title(run, words), last, total, _caption(run, words, panels), _formula(run, words))


def _ended(run: Trajectories) -> int:
    """The step after which nothing happens any more: the last, or that at which the last of all runs stopped."""
    stopped = run.status != "unfinished"
    return int(run.stopped_at.max()) if stopped.all() else int(run.t[-1])


def _caption(run: Trajectories, words: Texts, panels: tuple[Panel, ...]) -> str:
    """The recipe's, else what was done to gradients and axes: a picture must not hide it."""
    if run.recipe.caption is not None:
        return run.recipe.said(run.recipe.caption)
    said = [fairness] if (fairness := told(run, words)) else []
    for definition, options in run.plans[0].transforms:
        name = words.name("transform", definition.name) or definition.title
        details = [detail(definition.symbol(key), value, words, definition.name) for key, value in options.items()]
        said.append(", ".join([name, *details]))
    if run.setting.objective.by_differences:
        said.append(words.text("differences"))
    if len(run.setting.domain) > 2 and view_of(run.recipe, run.x.shape[-1]) == "contour":
        first, second = run.setting.objective.names[:2]
        said.append(words.text("cut_minimum" if lowest_of(run) else "cut_start", x=first, y=second))
    if len({panel.x.span for panel in panels if panel.area == "main"}) > 1:
        said.append(words.text("magnified"))
    if run.recipe.anatomy is not None:
        parts = {text: layer.dash for layer in anatomy(run, words) for text in layer.texts}
        told_by = ": " + shafts(parts, words) if themed(run.recipe).dashes_arrows else ""
        said.append(words.text("arrows_anatomy", k=run.recipe.anatomy) + told_by)
    if any(arrow.at != "start" for arrow in run.recipe.arrows):
        said.append(words.text("arrows_key", names=said_of(run, words)))
    if any(isinstance(layer, Valleys) for panel in panels for layer in panel.layers):
        said.append(words.text("valley"))
    if any(panel.undefined for panel in panels):
        said.append(words.text("hatched"))
    if any(any(panel.y.cut) for panel in panels):
        said.append(words.text("axis_cut"))
    for bend in dict.fromkeys(panel.y.bend for panel in panels if panel.y.scale == "symlog"):
        said.append(words.text("axis_symlog", bend=words.number(bend)))
    return ". ".join(one[:1].upper() + one[1:] for one in said)


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
    latex = run.setting.objective.latex
    return f"f({', '.join(run.setting.objective.names)}) = {localized(latex, words)}" if latex else ""


def check(setting: Setting) -> None:
    """Raise UsageError for what no picture of a settled recipe could show; asked before the simulation."""
    recipe, dimension, name = setting.recipe, len(setting.domain), setting.landscape.name
    if recipe.view == "contour" and dimension == 1:
        raise UsageError(f"{name} has one coordinate and is drawn as a line; drop --view contour or type --view line")
    if recipe.view == "line" and dimension != 1:
        raise UsageError(f"{name} has {dimension} coordinates and cannot be drawn as a line; type --view contour")
    box(setting.landscape, dimension, ranges(recipe.window), "window")
    if recipe.at is not None and recipe.steps is not None and recipe.at > recipe.steps:
        raise UsageError(f"--at {recipe.at} is beyond the last step, {recipe.steps}")
    check_styles(recipe)
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
    check_inset(recipe, view_of(recipe, dimension))
    check_panels(setting)
    check_pace(recipe)
    check_callouts(setting)


def _main_panel(run: Trajectories, words: Texts, window: Window) -> Panel:
    view = view_of(run.recipe, run.x.shape[-1])
    if view == "loss":
        return loss_panel(run, words, in_view(run, window))
    return line_panel(run, words, window) if view == "line" else contour_panel(run, words, window)
