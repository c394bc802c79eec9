"""Gradient sequences as a recipe names them: a signal with its constants, a formula in i, or the numbers of a file."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gdviz.errors import UsageError, nearest
from gdviz.registry import Definition, definitions, find

LONGEST = 10_000
"""Points of a sequence: what a recipe can hold and a picture can show."""

FORMULA_SIGNS = frozenset("*+/^(%²³ ")
"""What a formula holds and no name does; a lone i is a formula too."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Sequence(BaseModel):
    """One sequence: `name` of a signal or `formula` with its constants, or `values` read from a file's column."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    formula: Annotated[str, Field(max_length=1000)] | None = None
    file: str | None = None
    column: str | None = None
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
        return {**fixed, "constants": {**data.get("constants", {}), **loose}}

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


def parse_signal(text: str) -> Sequence:
    """Read what follows --signal: `rectangles`, `spikes:period=30`, `sin(i/10)`, or `file.csv:column`.

    Raises UsageError for names, files and columns that there are not.
    """
    text = text.strip()
    if not text:
        raise UsageError("--signal needs a name, a formula in i or FILE.csv:COLUMN, as in --signal rectangles")
    path, column = _file_and_column(text)
    if path is not None:
        return Sequence(file=Path(path).name, column=column, values=read_column(path, column))
    head, colon, rest = text.partition(":")
    if not colon and (FORMULA_SIGNS & set(text) or text == "i"):
        return Sequence(formula=text)
    definition = find("signal", head)
    constants: dict[str, float] = {}
    for part in rest.replace(":", ",").split(",") if colon else ():
        key, equals, value = (word.strip() for word in part.partition("="))
        if not equals:
            raise UsageError(f"--signal {text}: '{part}' is no key=value; type {head}:key=value")
        if key not in definition.parameters:
            hint = nearest(key, definition.parameters) or f"; it has: {', '.join(definition.parameters) or 'none'}"
            raise UsageError(f"{definition.name} has no constant '{key}'{hint}")
        try:
            constants[key] = float(value)
        except ValueError:
            raise UsageError(f"{definition.name}: {key} is '{value}'; type a number, as in {key}=10") from None
    return Sequence(name=definition.name, constants=constants)


def _file_and_column(text: str) -> tuple[str | None, str]:
    """The path and the column of `file.csv:column`; a drive's colon (C:\\…) is part of the path."""
    lower = text.lower()
    for ending in (".csv", ".tsv", ".txt"):
        if lower.endswith(ending):
            return text, ""
        if (cut := lower.rfind(f"{ending}:")) >= 0:
            return text[: cut + len(ending)], text[cut + len(ending) + 1 :]
    return None, ""


def read_column(path: str | Path, column: str = "") -> tuple[float, ...]:
    """The numbers of one column of a CSV file: by its heading or its number from 1, by default the first.

    Commas, semicolons and tabs separate columns. Raises UsageError naming file, line and what to do.
    """
    name = Path(path).name
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise UsageError(f"--signal {path}: the file cannot be read: {reason}") from None
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = [(number, row) for number, row in enumerate(csv.reader(text.splitlines(), delimiter=separator), 1) if row]
    if not rows:
        raise UsageError(f"{name} holds no numbers")
    heads = [cell.strip() for cell in rows[0][1]] if any(_value(cell) is None for cell in rows[0][1]) else []
    place = _place(name, column, heads, len(rows[0][1]))
    values = []
    for number, row in rows[bool(heads) :]:
        value = _value(row[place]) if place < len(row) else None
        if value is None or not math.isfinite(value):
            cell = row[place].strip() if place < len(row) else ""
            raise UsageError(f"{name}, line {number}: '{cell}' is no finite number; write it as in 0.25")
        values.append(value)
    if not 1 <= len(values) <= LONGEST:
        raise UsageError(f"{name} holds {len(values)} numbers in this column; give 1 to {LONGEST}")
    return tuple(values)


def _place(name: str, column: str, heads: list[str], count: int) -> int:
    if not column:
        return 0
    if column in heads:
        return heads.index(column)
    if column.isdigit() and 1 <= int(column) <= count:
        return int(column) - 1
    hint = nearest(column, heads) or f"; it has {', '.join(heads) or f'columns 1 to {count}'}"
    raise UsageError(f"{name} has no column '{column}'{hint}")


def _value(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


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
