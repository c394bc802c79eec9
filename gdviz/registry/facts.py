"""What definitions may state beside their function: `define(kind, **facts)` takes the fields of its kind's facts.

Here is what several kinds share, each class with what the one before it has; the rest is in the kind's own module.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Facts:
    """What every definition may state: where it comes from, its names, and bounds of its parameters."""

    source: str = ""
    title: str = ""
    aliases: Sequence[str] = ()
    limits: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    """Least and largest value of a parameter, both allowed, where the usual ones of its name are wrong."""
    whole: Collection[str] | None = None
    """Parameters that count something, where the usual names are wrong."""

    @classmethod
    def of(cls, definition: Definition) -> Self:
        """The facts of a definition as these; of a kind that has none such, those of one that states nothing."""
        return definition.facts if isinstance(definition.facts, cls) else cls()


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class FormulaFacts(Facts):
    """Of kinds of which only the value is written."""

    gradient: Callable[..., Any] | None = None
    """Partial derivatives of the same arguments as the value, where the derived ones are bad."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SymbolFacts(Facts):
    """Of kinds whose parameters stand in legends."""

    symbols: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """How a legend writes a parameter, where that is not the usual symbol."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class OptionFacts(SymbolFacts):
    """Of kinds that are typed with options: they have presets, and other packages have the same thing."""

    presets: Mapping[str, Mapping[str, float | str | bool]] = dataclasses.field(default_factory=dict)
    """Named sets of hyperparameters and switches: a library's or a lecture's convention."""
    oracle: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """By preset, the expression of another package that must give the same numbers."""
    no_oracle: str = ""
    """Why there is none."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class StateFacts(OptionFacts):
    """Of kinds that keep state from step to step."""

    init: Mapping[str, float | str] = dataclasses.field(default_factory=dict)
    """Where state begins: a number, a hyperparameter's name, or "x0", the start."""
    refused: Mapping[str, Callable[..., Any]] = dataclasses.field(default_factory=dict)
    """What is wrong with several options together, and what to do, to a condition on the options it asks for."""
