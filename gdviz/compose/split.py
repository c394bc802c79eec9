"""Small multiples: the main panel once for every optimizer or start."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

from gdviz.compose.framing import View, Window, frame
from gdviz.compose.quantities import view_of
from gdviz.lang import Texts
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Entry, Marks, Panel

CLOSER = 3
"""How many times smaller than that of all the window of a part must be to have a panel of its own scale."""


def split(
    run: Trajectories, words: Texts, window: Window, panel: Callable[[Window], Panel], entries: tuple[Entry, ...]
) -> tuple[Panel, ...]:
    """The panels that a main panel becomes; each shows what belongs to one optimizer or to one start.

    panel: the main panel of a window.
    """
    whole = panel(window)
    if run.recipe.split == "optimizer":
        told = len({entry.name for entry in entries}) > 1  # where all are one method only their details differ
        titles = [", ".join(filter(None, [entry.name if told else "", entry.details])) for entry in entries]
        parts: list[tuple[str, int | None, int | None]] = [(title, i, None) for i, title in enumerate(titles)]
    elif run.recipe.split == "start":
        starts = [words.text("start_at", place=words.point(map(float, point))) for point in run.x[0, :, 0]]
        parts = [(title, None, s) for s, title in enumerate(starts)]
    else:
        return (whole,)
    found = []
    for number, (title, entry, start) in enumerate(parts):
        view, times = closer(run, window, entry, start)
        own = whole if times == 1 else panel(dataclasses.replace(window, view=view))
        said = f"{title} (×{times})" if times > 1 else title
        found.append(part_of(own if not number else said_once(own), said, entry, start))
    return tuple(found)


def closer(run: Trajectories, window: Window, entry: int | None, start: int | None) -> tuple[View, int]:
    """The window of a part of a run and how many times it is smaller than that of all; the same and 1 where that is
    not CLOSER times at least, where a window was asked for, where arrows are compared, or where what is drawn is no
    plane."""
    recipe = run.recipe
    flat = view_of(recipe, run.x.shape[-1]) == "contour"
    if recipe.window or recipe.domain or recipe.anatomy is not None or recipe.arrows or not flat:
        return window.view, 1
    lowest = window.known.lowest_of(run, window.home)
    one = frame(run, window.home, lowest, None if entry is None else [entry], None if start is None else [start])
    spans = [(high - low) / (b - a) for (low, high), (a, b) in zip(window.view, one, strict=True)]
    times = int(min(spans))
    if times < CLOSER:
        return window.view, 1
    view = []
    for (low, high), (a, b) in zip(window.view, one, strict=True):  # of one shape with the others, and inside them
        half = (high - low) / times / 2
        middle = min(max((a + b) / 2, low + half), high - half)
        view.append((middle - half, middle + half))
    return tuple(view), times


def said_once(whole: Panel) -> Panel:
    """The panel without the word at its start, which stands in the first of several."""
    layers = tuple(
        dataclasses.replace(layer, texts=()) if isinstance(layer, Marks) and layer.kind == "start" else layer
        for layer in whole.layers
    )
    return dataclasses.replace(whole, layers=layers)


def part_of(whole: Panel, title: str, entry: int | None = None, start: int | None = None) -> Panel:
    """The panel with the tracks, marks and arrows of one entry, or of one start."""
    parts = (layer.part(entry, start) for layer in whole.layers)
    return dataclasses.replace(whole, layers=tuple(part for part in parts if part is not None), title=title)


STRIP = 0.14
"""Share of the page that a ledger across the top takes; in a cell that is left over it takes none."""

HEADER = 0.12
"""Share of the page that its title takes."""

LEDGER = 0.19, 0.3
"""Share of the width that a ledger in a cell needs, on a wide page and on others."""


def grid_of(panels: Sequence[Panel], size: tuple[int, int], listed: bool = True) -> tuple[int, int]:
    """Rows and columns in which panels that should be neither flat nor narrow are largest.

    listed: whether there is a ledger, which takes cells that are left over; without one none should be.
    """
    count = len(panels)
    flat, steep = 1.4, 1.2  # of charts, width over height and the other way round
    for panel in panels[:1]:
        if panel.aspect:
            flat, steep = panel.x.most / panel.y.span / panel.aspect, panel.y.most * panel.aspect / panel.x.span

    def area(columns: int) -> float:
        rows = math.ceil(count / columns)
        left = rows * columns - count
        free = 1.0 - HEADER - (STRIP if listed and not left else 0.0)
        wide, high = size[0] / columns, size[1] * free / rows
        narrow = left and (not listed or 1 / columns < LEDGER[size[0] < 1.2 * size[1]])
        return min(wide, flat * high) * min(high, steep * wide) * (0.3 if narrow else 1.0)

    columns = max(range(1, count + 2), key=area)
    return math.ceil(count / columns), columns
