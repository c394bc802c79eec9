"""Pictures and films of runs, recipes and landscapes: what `gdviz.animate` and `gdviz.plot` do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from gdviz.artefacts import Out, destination
from gdviz.encode import Files
from gdviz.errors import UsageError
from gdviz.jobs import Made, Progress, make
from gdviz.jobs import of as job_of
from gdviz.recipe.recipe import Recipe, named_or_typed, validate
from gdviz.runs.trained import Trained
from gdviz.runs.trajectories import Trajectories


def animate(
    source: Trajectories | Trained | Recipe | str,
    out: Out = None,
    *,
    format: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    **changed: Any,
) -> Files:
    """Make clips (endings of `CLIPS`) and stills of the last step (of `STILLS`), one simulation for all of them.

    source: a run, a recipe, or a landscape's name or formula; out: one path or several, by default ./LANDSCAPE.mp4, or
    an open binary file, such as BytesIO, into which `format` ("mp4", "gif", …) is written; force: replace files that
    gdviz did not make; other keywords change the recipe's options (`lang="kk"`, `theme="dark"`, …). Returns the paths
    as they were written, none for an open file, in a list that a notebook shows as pictures and films.

    Raises UsageError, OutputError.
    """
    place = destination(out, format, ".mp4", force)
    return place.write(_source(source, changed), progress)


def plot(
    source: Trajectories | Trained | Recipe | str,
    out: Out = None,
    *,
    at: int | None = None,
    format: str | None = None,
    force: bool = False,
    **changed: Any,
) -> Files:
    """Make stills (endings of `STILLS`) of step `at`, by default the last; the rest is as in `animate`."""
    place = destination(out, format, ".png", force)
    return place.write(_source(source, changed if at is None else {**changed, "at": at}))


def redrawn(made: Made, changes: Mapping[str, Any]) -> Made:
    """The same run to be drawn otherwise: with other options of its recipe that draw. Raises RecipeError.

    Another domain is the window that is drawn then: the run's own, which its guard follows, stays in its recipe.
    """
    if "domain" in changes:
        changes = {"window": changes["domain"], **{key: value for key, value in changes.items() if key != "domain"}}
    if not changes:
        return made
    changed = dataclasses.replace(cast(Any, made), recipe=made.recipe.updated(**changes))
    return cast(Made, job_of(changed.recipe).completed(changed))


def _source(source: Trajectories | Trained | Recipe | str, changed: Mapping[str, Any]) -> Made:
    if not isinstance(source, (Recipe, str)):
        job = job_of(source.recipe)
        if wrong := set(changed) - job.drawn:
            raise UsageError(f"{min(wrong)} belongs to the simulation; pass it to gdviz.{job.call}")
        return redrawn(source, changed)
    named = {} if isinstance(source, Recipe) else named_or_typed(source, changed.get("constants", {}))
    recipe = source if isinstance(source, Recipe) else validate(named)
    recipe = recipe.updated(**changed) if changed else recipe
    return make(recipe)
