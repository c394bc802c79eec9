"""Sweeps of hyperparameters as a scene: curves along one axis, maps along two."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import numpy as np

from gdviz.compose import studies, sweep_curves, sweep_maps
from gdviz.compose.outcomes import OUTCOMES, told_best
from gdviz.compose.readings import readings
from gdviz.compose.split import grid_of
from gdviz.lang import Texts, texts
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.sizes import page_size
from gdviz.scene import Band, Mosaic, Outline, Panel, Reading, Scene, Spans, Whiskers, themed
from gdviz.studies.study import Study


def compose(study: Study, fps: Fraction | None = None) -> Scene:
    """The scene of a sweep as its recipe asks for it; it stands still, so `fps` changes nothing.

    Raises UsageError where nothing is computed yet.
    """
    recipe, words = cast(Sweep, study.recipe), texts(study.recipe.lang)
    studies.check_known(study)
    width, height, dpi = page_size(recipe.size)
    shown = shown_of(study)
    flat = len(study.problem.axes) == 1
    rows = studies.entries(study, words, told_best(study, words), labelled=True) if flat else ()
    if flat:
        panels = sweep_curves.panels(study, words, rows, shown)
    else:
        panels = sweep_maps.panels(study, words, OUTCOMES[shown])
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=themed(recipe),
        panels=panels,
        entries=rows,
        title=studies.title(study, words, "sweep_title"),
        caption=_caption(study, recipe, words, panels),
        readings=readings(recipe, lambda said, words: _reading(study, said, words, panels)),
        legend=recipe.legend,
        font=recipe.font,
        font_scale=recipe.font_size,
        key=None if flat else sweep_maps.key(study, words, OUTCOMES[shown]),
        grid=grid_of(panels, (width, height)) if not flat and len(panels) > 1 else None,
    )


def shown_of(study: Study) -> str:
    """What is shown first: as asked for, else of curves the final loss and of maps steps, where anything succeeds."""
    recipe = cast(Sweep, study.recipe)
    if recipe.show is not None:
        return recipe.show
    if len(study.problem.axes) == 1:
        return "final"
    return "steps" if np.isfinite(OUTCOMES["steps"].of(study)).any() else "success"


def _reading(study: Study, recipe: Sweep, words: Texts, panels: tuple[Panel, ...]) -> Reading:
    """What the page says at most in the language of its recipe."""
    return Reading(studies.title(study, words, "sweep_title", recipe), caption=_caption(study, recipe, words, panels))


def _caption(study: Study, recipe: Sweep, words: Texts, panels: tuple[Panel, ...]) -> str:
    """What counts, and what bands, bars and lines mean."""
    problem, said = study.problem, list[str]()
    kinds = {type(layer) for panel in panels for layer in panel.layers}
    if problem.runs > 1 and Band in kinds:
        said.append(words.text("sweep_bands"))
    if problem.runs > 1 and Whiskers in kinds:
        said.append(words.text("sweep_whiskers"))
    if Mosaic in kinds:
        said += sweep_maps.hatches(words, OUTCOMES[shown_of(study)], panels)
    falling = words.text("sweep_falling") in said
    if Outline in kinds and not falling:
        said.append(words.text("sweep_boundary"))
    if Spans in kinds:
        said.append(words.text("sweep_spans"))
    if falling or kinds & {Outline, Spans}:
        said.append(words.text("sweep_diverges"))
    if len(problem.axes) > 2:
        said.append(words.text("sweep_further"))
    if any(any(panel.y.cut) for panel in panels):
        said.append(words.text("axis_cut"))
    return studies.caption(study, words, said, ("target", "loss"), recipe)
