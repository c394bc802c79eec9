"""Gradient sequences as a recipe names them: a signal with its constants, a formula in i, or the numbers of a file."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gdviz.errors import UsageError
from gdviz.names import is_formula
from gdviz.registry import Definition, definitions, find
from gdviz.tables import file_name, read_table, split_column

LONGEST = 10_000
"""Points of a sequence: what a recipe can hold and a picture can show."""

LONGEST_FORMULA = 1000
"""Characters of a formula; gdviz.formula.typed reads no more."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


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

    @model_validator(mode="after")
    def _one_origin(self) -> Sequence:
        given = [key for key in ("name", "formula", "values") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError("a signal has a name, a formula or values, one of them")
        return self

    def flat(self) -> dict[str, Any]:
        """The sequence as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude={"constants"})
        if "values" in whole:
            whole["values"] = list(whole["values"])
        return {**whole, **self.constants}


def all_signals() -> list[Definition]:
    """Every signal there is, in the order of the source."""

    def place(definition: Definition) -> tuple[str, int]:
        return definition.function.__module__, definition.function.__code__.co_firstlineno

    return sorted(definitions("signal").values(), key=place)


def parse_signal(text: str, constants: Collection[str] = ()) -> Sequence:
    """Read what follows --signal: `rectangles`, `spikes:period=30`, `sin(i/10)`, or `file.csv:column`.

    `constants` are names that have a value, so that with `a` among them `ai` is a formula.
    Raises UsageError for names, files and columns that there are not.
    """
    text = text.strip()
    if not text:
        raise UsageError("--signal needs a name, a formula in i or FILE.csv:COLUMN, as in --signal rectangles")
    path, column = split_column(text)
    if path is not None:
        try:
            values = read_table(path).column(column, LONGEST)
        except UsageError as error:
            raise UsageError(f"--signal: {error}") from None
        return Sequence(file=file_name(path), column=column, values=values)
    head, colon, rest = text.partition(":")
    if not colon and is_formula(text, ("i",), constants):
        if len(text) > LONGEST_FORMULA:
            raise UsageError(f"the formula has {len(text)} characters; {LONGEST_FORMULA} are allowed")
        return Sequence(formula=text)
    definition = find("signal", head)
    options: dict[str, float] = {}
    for part in rest.replace(":", ",").split(",") if colon else ():
        key, equals, value = (word.strip() for word in part.partition("="))
        if not equals:
            raise UsageError(f"--signal {text}: '{part}' is no key=value; type {head}:key=value")
        definition.check_constants([key])
        try:
            options[key] = float(value)
        except ValueError:
            raise UsageError(f"{definition.name}: {key} is '{value}'; type a number, as in {key}=10") from None
    return Sequence(name=definition.name, constants=options)


def sequence_of(given: Any) -> Sequence:
    """A sequence given in Python: text as after --signal, or float64[point]. Raises UsageError."""
    if isinstance(given, str):
        return parse_signal(given)
    try:
        values = tuple(float(value) for value in given)
    except (TypeError, ValueError):
        raise UsageError("a signal is a name, a formula in i, or a row of numbers") from None
    if not 1 <= len(values) <= LONGEST or not all(map(math.isfinite, values)):
        raise UsageError(f"a signal of numbers holds 1 to {LONGEST}, all finite")
    return Sequence(values=values)
