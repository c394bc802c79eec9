"""Gradient sequences as typed after --signal: a name, a formula in i, or a column of a file."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import UsageError
from gdviz.recipe.signal import LONGEST, LONGEST_FORMULA, Sequence
from gdviz.recipe.tables import file_name, read_table, relative, split_column
from gdviz.registry.definition import Definition
from gdviz.registry.names import is_formula


def all_signals() -> list[Definition]:
    """Every signal there is, in the order of the source."""

    def place(definition: Definition) -> tuple[str, int]:
        return definition.function.__module__, definition.function.__code__.co_firstlineno

    return sorted(definitions("signal").values(), key=place)


def parse_signal(text: str, constants: Collection[str] = (), embed: bool = False) -> Sequence:
    """Read what follows --signal: `rectangles`, `spikes:period=30`, `sin(i/10)`, or `file.csv:column`.

    `constants` are names that have a value, so that with `a` among them `ai` is a formula. embed: whether the numbers
    of a file are kept however many there are.
    Raises UsageError for names, files and columns that there are not.
    """
    text = text.strip()
    if not text:
        raise UsageError("--signal needs a name, a formula in i or FILE.csv:COLUMN, as in --signal rectangles")
    path, column = split_column(text)
    if path is not None:
        try:
            table = read_table(path)
            values = table.column(column, LONGEST)
        except UsageError as error:
            raise UsageError(f"--signal: {error}") from None
        whole = Sequence(file=file_name(path), column=column, values=values)
        held = whole if embed else whole.held(table.sha256)
        return held if held.values is not None else held.model_copy(update={"file": relative(path)})
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
