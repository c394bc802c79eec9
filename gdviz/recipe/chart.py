"""Charts as a recipe holds them: curves of formulas, activations and losses over a range, without any optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gdviz.recipe.entries import Entry
from gdviz.recipe.values import Colour, Finite, Words

PRIME = "'"
"""Behind the name of what is drawn the sign of its slope."""


NAMED = ("activation", "loss")
"""Kinds whose functions of one number are drawn by their names."""


class Graph(BaseModel):
    """One curve: a `formula` in x, or an `activation` or a `loss` by its name with `options`, or the `slope` of one.

    A loss is drawn against the prediction beside a target of 0, or where it is one of classes for the right one of two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    formula: Annotated[str, Field(max_length=1000)] | None = None
    activation: str | None = None
    loss: str | None = None
    options: dict[str, Finite] = Field(default_factory=dict)
    slope: bool = False
    label: Words | None = None
    color: Colour | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Graph:
        if len([key for key in ("formula", *NAMED) if getattr(self, key) is not None]) != 1:
            raise ValueError("a curve has a formula, an activation or a loss, one of them")
        if self.formula is not None and (self.options or self.slope):
            raise ValueError("options and slope are for activations and losses")
        return self

    @property
    def named(self) -> tuple[str, Entry] | None:
        """The definition that it names: its kind, and the entry."""
        for kind in NAMED:
            if (name := getattr(self, kind)) is not None:
                return kind, Entry(name=name, options=dict(self.options))
        return None

    @property
    def typed(self) -> str:
        """As it is typed, without what it is called: a formula, `huber:delta=2`, or `tanh'` for a slope."""
        if self.named is None:
            return self.formula or ""
        _, entry = self.named
        pairs = ",".join(f"{key}={value!r}".removesuffix(".0") for key, value in self.options.items())
        return f"{entry.name}{':' if pairs else ''}{pairs}{PRIME if self.slope else ''}"


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

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The activations and losses that it draws."""
        yield from filter(None, (one.named for one in self.curve))

    def texts(self) -> tuple[Words | None, ...]:
        """What it writes onto a picture."""
        return self.x, self.y, *(one.label for one in self.curve)

    def flat(self) -> dict[str, Any]:
        """The chart as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude_defaults=True)
        return {
            **whole,
            "range": list(self.range),
            "curve": [one.model_dump(exclude_defaults=True) for one in self.curve],
        }
