"""Charts as a recipe holds them: curves of formulas over a range, without landscape or optimizer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(max_length=10**6)]
"""Text that a recipe can hold. Where letters are counted they must be letters, not bytes of a command line."""

Words = Text | dict[Annotated[str, Field(pattern="^[a-z]{2}$")], Text]
"""A text on a picture: the same in every language, or one for each by its code, as in { en = "…", kk = "…" }."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Graph(BaseModel):
    """One curve: a formula in x, what it is called, and its colour where the palette's does not do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    formula: Annotated[str, Field(max_length=1000)]
    label: Words | None = None
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None


class Chart(BaseModel):
    """Curves over a range of x, low < high; `log` names the axes that are logarithmic, x and y what they are called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    curve: Annotated[tuple[Graph, ...], Field(min_length=1, max_length=40)]
    range: tuple[Finite, Finite] = (-3.0, 3.0)
    log: Literal["", "x", "y", "xy"] = ""
    x: Words = "x"
    y: Words = ""

    @model_validator(mode="after")
    def _a_range(self) -> Chart:
        low, high = self.range
        if not low < high:
            raise ValueError(f"the range must rise, as in -3:3, but {low:g}:{high:g} does not")
        if "x" in self.log and low <= 0:
            raise ValueError(f"a logarithmic axis starts above 0, not at {low:g}")
        return self

    def flat(self) -> dict[str, Any]:
        """The chart as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude_defaults=True)
        return {**whole, "range": list(self.range), "curve": [one.model_dump(exclude_none=True) for one in self.curve]}
