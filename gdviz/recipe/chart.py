"""Charts as a recipe holds them: curves of formulas over a range, without landscape or optimizer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gdviz.recipe.values import Colour, Finite, Words


class Graph(BaseModel):
    """One curve: a formula in x, what it is called, and its colour where the palette's does not do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    formula: Annotated[str, Field(max_length=1000)]
    label: Words | None = None
    color: Colour | None = None


class Graphs(BaseModel):
    """Curves over a range of x, low < high; `log` names the axes that are logarithmic, x and y what they are called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    curve: Annotated[tuple[Graph, ...], Field(min_length=1, max_length=40)]
    range: tuple[Finite, Finite] = (-3.0, 3.0)
    log: Literal["", "x", "y", "xy"] = ""
    x: Words = "x"
    y: Words = ""

    @model_validator(mode="after")
    def _a_range(self) -> Graphs:
        low, high = self.range
        if not low < high:
            raise ValueError(f"the range must rise, as in -3:3, but {low:g}:{high:g} does not")
        if "x" in self.log and low <= 0:
            raise ValueError(f"a logarithmic axis starts above 0, not at {low:g}")
        return self

    def texts(self) -> tuple[Words | None, ...]:
        """What it writes onto a picture."""
        return self.x, self.y, *(one.label for one in self.curve)

    def flat(self) -> dict[str, Any]:
        """The chart as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude_defaults=True)
        return {**whole, "range": list(self.range), "curve": [one.model_dump(exclude_none=True) for one in self.curve]}
