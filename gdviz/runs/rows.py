"""Rows of a sheet of responses: which methods are compared, at which values of which hyperparameter.

A row is an optimizer with constants that make its steps as large as the signals, and several values of one of its
hyperparameters. The fact `responses=` of a definition names its rows; a rule without it has one that is derived.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.recipe.entries import Entry
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.optimizer import OptimizerFacts

RATE = 0.25
"""Rate of rules that state no row: a gradient of 1 then moves most of them by as much, which shows beside it."""

MEMORY = (0.25, 0.9, 0.975)
"""Values to compare of a hyperparameter that says how much is remembered: little, as usual, long."""

Options = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Row:
    """A method and its options; an option that is a tuple is the one whose values are compared."""

    name: str
    definition: Definition
    options: Options

    @property
    def compared(self) -> str | None:
        """The hyperparameter of which there are several values."""
        return next((key for key, value in self.options.items() if isinstance(value, tuple)), None)

    @property
    def constants(self) -> dict[str, Any]:
        """The options that are the same along the row."""
        return {key: value for key, value in self.options.items() if not isinstance(value, tuple)}


def refusal(definition: Definition) -> str | None:
    """Why a rule cannot be fed with gradients alone, or None: a signal has neither a loss nor a minimum."""
    if definition.rule == "host" or {"value", "hessian"} & set(definition.inputs):
        return f"{definition.name} asks the landscape for more than gradients, and a signal has nothing else"
    if "f" in definition.inputs:
        return f"{definition.name} asks for the loss, which a signal does not have"
    if "x0" in definition.inputs:  # as in Prodigy, whose steps then grow without end
        return f"{definition.name} goes by the distance from its start, which no signal bounds"
    return None


def rows_of(definition: Definition) -> list[Row]:
    """The rows that a definition states, or the one that follows from its hyperparameters."""
    stated = OptimizerFacts.of(definition).responses
    if stated:
        return [Row(name, definition, options) for name, options in stated.items()]
    return [Row(definition.name, definition, _derived(definition))]


def _derived(definition: Definition) -> Options:
    """A telling rate, and values of the first hyperparameter after it, which papers name first because it matters."""
    parameters = definition.parameters
    options: dict[str, Any] = {}
    # a rule whose own rate is 1 has its scale from elsewhere
    if "lr" in parameters and parameters["lr"] != 1.0:
        options["lr"] = RATE
    first = next((key for key in parameters if key != "lr"), "lr" if "lr" in parameters else None)
    if first is not None:
        usual = options.get(first, parameters[first])
        if 0.5 <= usual < 1.0:
            options[first] = MEMORY
        else:
            options[first] = (usual / 10, usual, usual * 10) if usual else (0.0, 0.1, 1.0)
    return options


def all_rows() -> list[Row]:
    """Every row that a definition states, in the order in which methods were invented: that of the source."""
    stated = [definition for definition in definitions("optimizer").values() if OptimizerFacts.of(definition).responses]
    first: dict[str, float] = {}
    for definition in stated:
        module, slot = definition.function.__module__, OptimizerFacts.of(definition).slot
        first[module] = min(first.get(module, math.inf), math.inf if slot is None else slot)

    def place(definition: Definition) -> tuple[float, int]:
        return first[definition.function.__module__], definition.function.__code__.co_firstlineno

    return [row for definition in sorted(stated, key=place) for row in rows_of(definition)]


def filled(entry: Entry, row: Row | None = None) -> Entry:
    """An entry with a row's constants, by default those of its optimizer's first, where it states neither nor a preset.

    Raises UsageError for a rule that cannot be fed with gradients.
    """
    definition = find("optimizer", entry.name) if row is None else row.definition
    _check(definition)
    constants = (row or rows_of(definition)[0]).constants if entry.preset is None else {}
    if (key := (row or rows_of(definition)[0]).compared) is not None and entry.preset is None:
        constants = {key: definition.parameters[key], **constants}
    stated = {key: value for key, value in constants.items() if key not in entry.options}
    full = entry.model_copy(update={"options": {**stated, **entry.options}})
    fed_options(full, definition)
    return full


def fed_options(entry: Entry, definition: Definition) -> dict[str, Any]:
    """Every option of a rule that is fed with gradients. Raises UsageError for one that cannot be, or an open rate."""
    _check(definition)
    options: dict[str, Any] = resolve_options(entry, definition)
    if options.get("lr") == "auto":
        raise UsageError(f"lr=auto needs a landscape; type a number, as in {definition.name}:lr=0.25")
    return options


def _check(definition: Definition) -> None:
    if (why := refusal(definition)) is not None:
        raise UsageError(f"{why}; choose another method")


def grouped(entries: Iterable[Entry]) -> list[tuple[str | None, list[Entry]]]:
    """Entries that follow each other in one row."""
    return [(row, list(group)) for row, group in itertools.groupby(entries, key=lambda entry: entry.row)]
