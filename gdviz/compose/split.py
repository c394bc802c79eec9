"""Small multiples: the main panel once for every optimizer or start."""

from __future__ import annotations

import dataclasses
import math

from gdviz.lang import Texts
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Entry, Panel


def split(run: Trajectories, words: Texts, whole: Panel, entries: tuple[Entry, ...]) -> tuple[Panel, ...]:
    """The panels that a main panel becomes; each shows what belongs to one optimizer or to one start."""
    if run.recipe.split == "optimizer":
        told = len({entry.name for entry in entries}) > 1  # where all are one method only their details differ
        titles = [", ".join(filter(None, [entry.name if told else "", entry.details])) for entry in entries]
        return tuple(_part(whole, title, entry=i) for i, title in enumerate(titles))
    if run.recipe.split == "start":
        starts = [words.text("start_at", place=words.point(map(float, point))) for point in run.x[0, :, 0]]
        return tuple(_part(whole, title, start=s) for s, title in enumerate(starts))
    return (whole,)


def _part(whole: Panel, title: str, entry: int | None = None, start: int | None = None) -> Panel:
    """The panel with the tracks, marks and arrows of one entry, or of one start."""
    parts = (layer.part(entry, start) for layer in whole.layers)
    return dataclasses.replace(whole, layers=tuple(part for part in parts if part is not None), title=title)


STRIP = 0.14
"""Share of the page that a ledger across the top takes; in a cell that is left over it takes none."""

HEADER = 0.12
"""Share of the page that its title takes."""


def grid_of(count: int, size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns in which panels that should be neither flat nor narrow are largest."""

    def area(columns: int) -> float:
        rows = math.ceil(count / columns)
        free = 1.0 - HEADER - (STRIP if rows * columns == count else 0.0)
        wide, high = size[0] / columns, size[1] * free / rows
        return min(wide, 1.4 * high) * min(high, 1.2 * wide)

    columns = max(range(1, count + 2), key=area)
    return math.ceil(count / columns), columns
