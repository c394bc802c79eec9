"""The key of maps: what their colours mean, as a table whose rows begin with a bar of colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.layers import HATCHES
from gdviz.scene.panels import Axis


@dataclass(frozen=True, eq=False)
class Bar:
    """A row of a key.

    colors: uint8[n, 3] of its bar from left to right, one for a swatch, None for a row without a bar. hatch: which of
    HATCHES lies over it. axis: what the bar's ends are, told below it with ticks and the axis's name, None where that
    of a later row says it or there is none. star: colour of the star beside it, "" without one. values: texts of its
    columns.
    """

    name: str
    colors: NDArray[np.uint8] | None = None
    hatch: int = 0
    axis: Axis | None = None
    star: str = ""
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no drawer knows."""
        if self.colors is not None and (self.colors.ndim != 2 or self.colors.shape[1] != 3 or not len(self.colors)):
            raise ValueError(f"a bar needs colours uint8[n, 3], not {self.colors.shape}")
        if not 0 <= self.hatch < len(HATCHES):
            raise ValueError(f"hatch {self.hatch} of a bar is not one of 0 … {len(HATCHES) - 1}")


@dataclass(frozen=True, eq=False)
class Key:
    """Bars below each other, with columns of values.

    heads: what stands above each column, or none at all; title: what the values are, dim, above them; notes: sentences
    below, dim.
    """

    bars: tuple[Bar, ...]
    heads: tuple[str, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse rows that do not fit the columns."""
        counts = {len(bar.values) for bar in self.bars if bar.values}
        if len(counts) > 1 or (self.heads and counts - {len(self.heads)}):
            raise ValueError(f"all rows of a key have as many values as there are heads, not {sorted(counts)}")

    @property
    def columns(self) -> int:
        """How many values a row has."""
        return max((len(bar.values) for bar in self.bars), default=0)
