"""Layers that sum up many runs and stand still: bars, whiskers, stretches of an axis, outlines of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.layers import Layer

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counts(Layer):
    """How many of an entry's runs there are of each kind: bars from the left, with the entry's marker at their ends.

    thickness: of a bar, units of y. texts: what stands right of each, or none at all.
    """

    entry: int  # index into the scene's entries
    places: Floats  # float64[bar]: their middles, units of y
    lengths: Floats  # float64[bar]: where they end, units of x
    thickness: float
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.places.shape != self.lengths.shape or self.places.ndim != 1:
            raise ValueError(f"bars need places[bar] and as many lengths, not {self.places.shape, self.lengths.shape}")
        if self.texts and len(self.texts) != len(self.places):
            raise ValueError(f"{len(self.places)} bars need as many texts or none, not {len(self.texts)}")

    def part(self, entry: int | None, start: int | None) -> Counts | None:
        """Itself, unless it is another's."""
        return self if entry is None or entry == self.entry else None


@dataclass(frozen=True, eq=False)
class Whiskers(Layer):
    """An entry's marker at a middle value, and a line from a low value to a high one: for what has no order between.

    A value that is infinite stands at the edge of the panel as ∞; NaN is not drawn.
    """

    entry: int  # index into the scene's entries
    x: Floats  # float64[n], axis units
    low: Floats  # float64[n], axis units
    middle: Floats
    high: Floats

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        shapes = {one.shape for one in (self.x, self.low, self.middle, self.high)}
        if len(shapes) > 1 or self.x.ndim != 1:
            raise ValueError(f"whiskers need x, low, middle and high[n], not {sorted(shapes)}")

    def part(self, entry: int | None, start: int | None) -> Whiskers | None:
        """Itself, unless it is another's."""
        return self if entry is None or entry == self.entry else None


@dataclass(frozen=True, eq=False)
class Spans(Layer):
    """Stretches of the horizontal axis that are marked for an entry, as bars along the panel's upper edge.

    row: which of the rows of such bars it has, from above; text: what they mean, beside the first of them.
    """

    entry: int  # index into the scene's entries
    ends: Floats  # float64[n, 2], axis units, low < high
    row: int = 0
    text: str = ""

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.ends.ndim != 2 or self.ends.shape[1] != 2:
            raise ValueError(f"spans need ends[n, 2], not {self.ends.shape}")

    def part(self, entry: int | None, start: int | None) -> Spans | None:
        """Itself, unless it is another's."""
        return self if entry is None or entry == self.entry else None


@dataclass(frozen=True, eq=False)
class Outline(Layer):
    """Straight lines around cells of a map, in ink on a soft rim."""

    lines: Floats  # float64[line, 2, 2], where each begins and ends, axis units

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.lines.ndim != 3 or self.lines.shape[1:] != (2, 2):
            raise ValueError(f"an outline needs lines[n, 2, 2], not {self.lines.shape}")
