"""Notes and marks of a recipe on the panels: at which place, from which record, in which colour."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from gdviz.compose.quantities import view_of
from gdviz.errors import UsageError, nearest
from gdviz.plans.setting import Setting
from gdviz.recipe.callouts import Mark, Note
from gdviz.recipe.options.descent import Descent
from gdviz.registry.names import normal
from gdviz.runs.descents import Descents
from gdviz.scene import Callouts, Curve, Entry, Panel, Trails, themed


def check(setting: Setting) -> None:
    """Raise UsageError for notes of steps or optimizers that there are not, and for marks where nothing is drawn."""
    recipe, dimension = setting.recipe, len(setting.domain)
    for note in recipe.note:
        if recipe.steps is not None and note.step > recipe.steps:
            raise UsageError(f"--note {note.step}: the last step is {recipe.steps}; type an earlier one")
        whose(note, recipe)
    view = view_of(recipe, dimension)
    wanted = {"contour": 2, "line": 1}.get(view)
    for mark in recipe.mark:
        if wanted is None:
            raise UsageError("--mark stands on the landscape, which is not drawn here; type --view contour or drop it")
        if len(mark.at) != wanted:
            place = ",".join(f"{part:g}" for part in mark.at)
            raise UsageError(f"--mark {place}: type as many coordinates as the landscape has axes, here {wanted}")


def whose(note: Note, recipe: Descent) -> int:
    """Which of the recipe's optimizers a note is of. Raises UsageError."""
    if note.optimizer is None:
        return 0
    names = [(normal(entry.name), normal(recipe.said(entry.label))) for entry in recipe.optimizer]
    asked = normal(note.optimizer)
    found = [number for number, called in enumerate(names) if asked in called]
    if not found:
        known = [recipe.said(entry.label) or entry.name for entry in recipe.optimizer]
        hint = nearest(note.optimizer, known) or f"; type one of {', '.join(known)}"
        raise UsageError(f"--note {note.optimizer}@{note.step}: there is no optimizer '{note.optimizer}' here{hint}")
    return found[0]


def record_of(note: Note, run: Descents) -> int:
    """The first record at which it is shown."""
    return min(int(np.searchsorted(run.t, note.step)), len(run.t) - 1)


def called_out(
    run: Descents, panels: Sequence[Panel], entries: Sequence[Entry], marks: Sequence[Mark] = ()
) -> tuple[Panel, ...]:
    """Panels with the notes of the tracks that they show, of the first start, and with all marks.

    Raises UsageError where a mark lies outside what is drawn.
    """
    return tuple(_with(run, panel, entries, marks) if panel.area == "main" else panel for panel in panels)


def _with(run: Descents, panel: Panel, entries: Sequence[Entry], marks: Sequence[Mark]) -> Panel:
    recipe, ink = run.recipe, themed(run.recipe).ink
    tracks = {
        track.entry: track for layer in panel.layers if isinstance(layer, Trails) for track in reversed(layer.tracks)
    }
    points, texts, colors, since = [], [], [], []
    for mark in marks:
        points.append(_place(mark.at, panel))
        texts.append(recipe.said(mark.text))
        colors.append(ink)
        since.append(0)
    for note in recipe.note:
        if (track := tracks.get(whose(note, recipe))) is not None:
            since.append(record_of(note, run))
            points.append(tuple(track.points[since[-1]]))
            texts.append(recipe.said(note.text))
            colors.append(entries[track.entry].style.color)
    if not points:
        return panel
    layer = Callouts(np.array(points, np.float64), tuple(texts), tuple(colors), tuple(since))
    return dataclasses.replace(panel, layers=(*panel.layers, layer))


def _place(at: tuple[float, ...], panel: Panel) -> tuple[float, float]:
    """A place in a panel; of one coordinate the graph's."""
    for value, axis, name in zip(at, (panel.x, panel.y), "xy", strict=False):
        low, high = axis.reach or (axis.low, axis.high)
        if not low <= value <= high:
            told = ",".join(f"{part:g}" for part in at)
            seen = f"{axis.low:.3g} to {axis.high:.3g}"
            raise UsageError(
                f"--mark {told} lies outside the picture, where {name} goes from {seen}; type a --window that holds it"
            )
    if len(at) == 2:
        return at[0], at[1]
    (curve,) = (layer for layer in panel.layers if isinstance(layer, Curve))
    return at[0], float(np.interp(at[0], curve.x, curve.y))
