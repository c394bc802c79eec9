"""Pictures and films of runs, recipes and landscapes: what `gdviz.animate` and `gdviz.plot` do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from gdviz.artefacts import Out, destination, draw_into
from gdviz.encode import Files
from gdviz.errors import UsageError
from gdviz.jobs import Made, Progress, make
from gdviz.jobs import of as job_of
from gdviz.recipe.recipe import Recipe, named_or_typed, validate

if TYPE_CHECKING:
    from gdviz.runs.trained import Trained
    from gdviz.runs.trajectories import Trajectories

AxesT = TypeVar("AxesT")
"""Axes of Matplotlib, or several."""


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


@overload
def plot(
    source: Trajectories | Trained | Recipe | str,
    out: Out = None,
    *,
    at: int | None = None,
    ax: None = None,
    format: str | None = None,
    force: bool = False,
    **changed: Any,
) -> Files: ...


@overload
def plot(
    source: Trajectories | Trained | Recipe | str, *, ax: AxesT, at: int | None = None, **changed: Any
) -> AxesT: ...


def plot(
    source: Trajectories | Trained | Recipe | str,
    out: Out = None,
    *,
    at: int | None = None,
    ax: Any = None,
    format: str | None = None,
    force: bool = False,
    **changed: Any,
) -> Any:
    """Make stills (endings of `STILLS`) of step `at`, by default the last; the rest is as in `animate`.

    ax: axes of a figure of yours, which are drawn into and returned in place of files. They get limits, scales, ticks
    and colours; the rest of the figure stays as it is, and `ax.legend()` names the paths. One gets the first panel, or
    the one that `panel` names: "main", or as after --panel ("loss"). A list or an array of axes gets all panels in
    their order. Paths are lines in data units (`ax.lines`); all else follows size and limits of the axes as they are
    when the figure is drawn.
    """
    changed = changed if at is None else {**changed, "at": at}
    if ax is None:
        place = destination(out, format, ".png", force)
        return place.write(_source(source, changed))
    if out is not None or format is not None or force:
        raise UsageError("ax= draws into axes of yours and writes no file; leave out, format and force away")
    name = changed["panel"] if isinstance(changed.get("panel"), str) else None
    if name is not None:
        changed = {key: value for key, value in changed.items() if key != "panel"}
        changed |= {} if name == "main" else {"panel": [name]}
    return draw_into(_source(source, changed), ax, name)


def redrawn(made: Made, changes: Mapping[str, Any]) -> Made:
    """The same run to be drawn otherwise: with other options of its recipe that draw. Raises RecipeError.

    Another domain is the window that is drawn then: the run's own, which its guard follows, stays in its recipe.
    """
    if "domain" in changes:
        changes = {"window": changes["domain"], **{key: value for key, value in changes.items() if key != "domain"}}
    changed = dataclasses.replace(cast(Any, made), recipe=made.recipe.updated(**changes)) if changes else made
    return cast(Made, job_of(changed.recipe).completed(changed))


def _source(source: Trajectories | Trained | Recipe | str, changed: Mapping[str, Any]) -> Made:
    if not isinstance(source, (Recipe, str)):
        if not isinstance(getattr(source, "recipe", None), Recipe):
            raise UsageError(
                f"a picture is made of a run, a recipe or a landscape, and {type(source).__name__} is none; numbers "
                "such as those of a cut go to Matplotlib's own functions, and gdviz slice draws cuts"
            )
        job = job_of(source.recipe)
        if wrong := set(changed) - job.drawn:
            raise UsageError(f"{min(wrong)} belongs to the simulation; pass it to gdviz.{job.call}")
        return redrawn(source, changed)
    named = {} if isinstance(source, Recipe) else named_or_typed(source, changed.get("constants", {}))
    recipe = source if isinstance(source, Recipe) else validate(named)
    recipe = recipe.updated(**changed) if changed else recipe
    return make(recipe)
