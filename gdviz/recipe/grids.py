"""Grids of studies: what is varied from cell to cell, and into how many cells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from gdviz.recipe.entries import Model
from gdviz.recipe.values import Finite, Text

MOST_CELLS = 10**10
"""Of a study: a month of a machine with a hundred cores at a thousand steps a cell."""


def _plain(value: float | str) -> float | str:
    """A whole number as one, so that it is written without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _few(cells: int) -> None:
    if cells > MOST_CELLS:
        raise ValueError(f"a study has at most {MOST_CELLS:,} cells, and these are {cells:,}; ask for fewer")


Value = Annotated[int | Finite | Text, AfterValidator(_plain)]
Many = Annotated[int, Field(ge=1, le=MOST_CELLS)]


class Grid(Model):
    """What is varied along an axis of a study: `count` values of `name` from `low` to `high`, or the `values` listed.

    scale: "lin" or "log". name: a hyperparameter such as lr, lr.1 for the rate of a layer, a constant of the landscape,
    TRANSFORM.OPTION, init.OPTION, batch or seed.
    """

    name: Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.\w+)?$")]
    scale: Literal["lin", "log"] = "lin"
    low: Finite | None = None
    high: Finite | None = None
    count: Many | None = None
    values: Annotated[tuple[Value, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Grid:
        ends = (self.low, self.high, self.count)
        if self.values is not None:
            if ends != (None, None, None):
                raise ValueError("a grid has either values, or low, high and count")
            again = [value for k, value in enumerate(self.values) if value in self.values[:k]]
            if again:
                raise ValueError(f"{again[0]} stands twice in its values; drop one of them")
            return self
        if self.low is None or self.high is None or self.count is None:
            raise ValueError("a grid needs low, high and count, or values")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a logarithmic grid begins above 0, and not at {self.low:g}; take lin, or a higher one")
        if not self.low < self.high or self.count == 1:
            raise ValueError("a grid rises from low to high in two values or more; type a single one as in lr=0.1")
        return self

    def __len__(self) -> int:
        return len(self.values) if self.values is not None else self.count or 0

    def numbers(self) -> Iterator[float]:
        """The values from low to high, both of them exactly. Raises TypeError where these are listed."""
        if self.low is None or self.high is None or self.count is None:
            raise TypeError("the values of this grid are listed")
        for k in range(self.count):
            share = k / max(self.count - 1, 1)
            if k in (0, self.count - 1):
                yield self.low if k == 0 else self.high
            elif self.scale == "log":
                yield math.exp((1 - share) * math.log(self.low) + share * math.log(self.high))
            else:
                yield (1 - share) * self.low + share * self.high

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        whole = self.model_dump(exclude_none=True)
        if self.values is not None:
            return {"name": self.name, "values": list(self.values)}
        return whole

    def typed(self) -> str:
        """As it is typed after --grid."""
        if self.values is not None:
            return f"{self.name}={'/'.join(map(_said, self.values))}"
        return f"{self.name}={self.scale}:{_said(self.low)}:{_said(self.high)}:{self.count}"


def _said(value: Any) -> str:
    return value if isinstance(value, str) else repr(value).removesuffix(".0")


def _sized(grids: tuple[Grid, ...]) -> tuple[Grid, ...]:
    names = [grid.name for grid in grids]
    if again := [name for k, name in enumerate(names) if name in names[:k]]:
        raise ValueError(f"{again[0]} is varied twice; drop one of them")
    _few(math.prod(map(len, grids)))
    return grids


def sides(text: str) -> tuple[int, ...]:
    """Cells across and down, as in `512x400`, or along one axis alone, `512`.

    Raises ValueError saying what can be typed.
    """
    match = re.fullmatch(r"(\d+)(?:[x×](\d+))?", text.strip().lower())
    if match is None:
        raise ValueError("it must be the cells across and down, as in 512x512, or of a single axis, as in 512")
    found = tuple(int(side) for side in match.groups() if side is not None)
    if 0 in found:
        raise ValueError("a side has at least one cell, as in 512x512")
    _few(math.prod(found))
    return found


def _sides(text: str) -> str:
    return "x".join(map(str, sides(text)))


Grids = Annotated[tuple[Grid, ...], AfterValidator(_sized)]
Resolution = Annotated[str, AfterValidator(_sides)]
