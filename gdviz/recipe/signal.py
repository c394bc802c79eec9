"""Gradient sequences as a recipe names them: a signal with its constants, a formula in i, or the numbers of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator

from gdviz.recipe.entries import Entry
from gdviz.recipe.values import Finite, flat_schema

LONGEST = 10_000
"""Points of a sequence: what a recipe can hold and a picture can show."""

LONGEST_FORMULA = 1000
"""Characters of a formula; gdviz.formula.typed reads no more."""


class Sequence(BaseModel):
    """One sequence: `name` of a signal or `formula` with its constants, or `values` read from a file's column."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    formula: Annotated[str, Field(max_length=LONGEST_FORMULA)] | None = None
    file: Annotated[str, Field(max_length=1000)] | None = None
    column: Annotated[str, Field(max_length=1000)] | None = None
    values: Annotated[tuple[Finite, ...], Field(min_length=1, max_length=LONGEST)] | None = None
    constants: dict[str, Finite] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_constants(cls, data: Any) -> Any:
        """In a recipe a sequence is flat: `name = "spikes"`, `period = 30`."""
        if not isinstance(data, Mapping):
            return data
        fixed = {key: value for key, value in data.items() if key in cls.model_fields}
        loose = {key: value for key, value in data.items() if key not in cls.model_fields}
        constants = data.get("constants", {})
        return {**fixed, "constants": {**constants, **loose} if isinstance(constants, Mapping) else constants}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return flat_schema(handler.resolve_ref_schema(handler(schema)), "constants")

    @model_validator(mode="after")
    def _one_origin(self) -> Sequence:
        given = [key for key in ("name", "formula", "values") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError("a signal has a name, a formula or values, one of them")
        return self

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The signal, if it has a name."""
        if self.name is not None:
            yield kind, Entry(name=self.name, options=dict(self.constants))

    def flat(self) -> dict[str, Any]:
        """The sequence as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude={"constants"})
        if "values" in whole:
            whole["values"] = list(whole["values"])
        return {**whole, **self.constants}
