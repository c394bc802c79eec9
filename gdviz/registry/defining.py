"""Definitions and where they are kept: one small function in one file is everywhere in gdviz.

The signature of the function is its schema. Reserved names ask for inputs, other names without a default are
coordinates (of a landscape) or state (of an optimizer), numbers by default are constants or hyperparameters, strings
and booleans by default are switches. What can be read off the function is never declared beside it.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError, nearest
from gdviz.registry.contract import check_limits, check_refused
from gdviz.registry.definition import Definition
from gdviz.registry.facts import Facts
from gdviz.registry.kind import Kind
from gdviz.registry.kinds import KINDS
from gdviz.registry.kinds.optimizer import OptimizerFacts
from gdviz.registry.names import normal

if TYPE_CHECKING:
    scalar = Any  # rules compute with what is annotated so
else:

    class scalar:
        """Annotation of optimizer state of which there is one number per run instead of one per coordinate."""


_tables: dict[str, dict[str, Definition]] = {}
_names: dict[str, dict[str, str]] = {}


def define(kind: str, **facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as a definition of `kind` and hand it back unchanged.

    Raises DefinitionError when a fact or the signature breaks the contract, when one dry call of the function fails, or
    when its name or an alias is taken.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        definition = describe(kind, function, **facts)
        table, names = _tables.setdefault(kind, {}), _names.setdefault(kind, {})
        for name in (definition.name, *definition.aliases):
            if (taken := names.get(normal(name))) is not None:
                raise DefinitionError(
                    f"{kind} '{definition.name}': the name '{name}' already belongs to '{taken}'; choose another one"
                )
        slot = OptimizerFacts.of(definition).slot
        taken_by = (d for d in table.values() if OptimizerFacts.of(d).slot == slot)
        if slot is not None and (owner := next(taken_by, None)):
            raise DefinitionError(f"{kind} '{definition.name}': slot {slot} already belongs to '{owner.name}'")
        table[definition.name] = definition
        for name in (definition.name, *definition.aliases):
            names[normal(name)] = definition.name
        return function

    return register


def describe(kind: str, function: Callable[..., Any], *, name: str | None = None, **facts: Any) -> Definition:
    """Make a checked Definition of a plain function without registering it.

    Raises DefinitionError naming the definition and the fault.
    """
    name = str(name or getattr(function, "__name__", type(function).__name__))
    if kind not in KINDS:
        raise DefinitionError(f"'{name}': there is no kind '{kind}'{nearest(kind, KINDS)}")
    one = KINDS[kind]
    if unknown := facts.keys() - one.facts.__dataclass_fields__.keys():
        word, known = min(unknown), [field.name for field in dataclasses.fields(one.facts)]
        raise DefinitionError(f"{kind} '{name}': there is no fact '{word}='{nearest(word, known)}")
    definition = _read_signature(one, name, function, one.facts(**facts))
    one.check(definition)
    check_limits(definition)
    check_refused(definition)
    return definition


def _read_signature(kind: Kind, name: str, function: Callable[..., Any], facts: Facts) -> Definition:
    variables: list[str] = []
    inputs: list[str] = []
    state: list[str] = []
    scalars: set[str] = set()
    shapes: dict[str, tuple[str, ...]] = {}
    parameters: dict[str, float] = {}
    switches: dict[str, str | bool] = {}
    variadic = False
    for item in inspect.signature(function).parameters.values():
        if item.kind is item.VAR_KEYWORD:
            raise DefinitionError(
                f"{kind.name} '{name}': '**{item.name}' hides the options; name each with its default"
            )
        if item.kind is item.VAR_POSITIONAL:
            if not kind.is_variadic:
                families = ", ".join(known.plural for known in KINDS.values() if known.is_variadic)
                raise DefinitionError(f"{kind.name} '{name}': '*{item.name}' is only for {families}")
            variadic = True
        elif item.default is item.empty:
            if kind.is_formula:
                variables.append(item.name)
            elif item.name in kind.inputs:
                inputs.append(item.name)
            else:
                state.append(item.name)
                if item.annotation is scalar or item.annotation == "scalar" or kind.has_scalars:
                    scalars.add(item.name)
                elif isinstance(item.annotation, str):
                    shapes[item.name] = tuple(axis.strip() for axis in item.annotation.strip("'\"").split(","))
        elif isinstance(item.default, (str, bool)):
            switches[item.name] = item.default
        elif isinstance(item.default, (int, float)) and math.isfinite(item.default):
            parameters[item.name] = float(item.default)
        else:
            raise DefinitionError(
                f"{kind.name} '{name}': the default of '{item.name}' is {item.default!r}; "
                "it must be a number, text or bool"
            )
    return Definition(
        kind=kind.name,
        name=name,
        function=function,
        facts=facts,
        variables=tuple(variables),
        variadic=variadic,
        inputs=tuple(inputs),
        state=tuple(state),
        scalars=frozenset(scalars),
        shapes=MappingProxyType(shapes),
        parameters=MappingProxyType(parameters),
        switches=MappingProxyType(switches),
    )


def origin(dimension: int) -> tuple[tuple[float, ...], ...]:
    """The fact `minima=` of a family that is lowest at the origin, and 0 there, in any number of coordinates."""
    return ((0.0,) * (dimension + 1),)


def load_package(name: str, path: Iterable[str]) -> None:
    """Import every module of a package of definitions, so that adding a file is all it takes."""
    for module in sorted(entry.name for entry in pkgutil.iter_modules(path)):
        importlib.import_module(f"{name}.{module}")


def registered(kind: str) -> Mapping[str, Definition]:
    """Definitions of a kind that have been made so far, by name."""
    return _tables.get(kind, {})


def names_of(kind: str) -> Mapping[str, str]:
    """The definition's name for every name and alias of a kind, in the form that names are compared in."""
    return _names.get(kind, {})


def forget(definition: Definition) -> None:
    """Take a definition out of the registry, with its aliases."""
    _tables[definition.kind].pop(definition.name, None)
    names = _names[definition.kind]
    for name in (definition.name, *definition.aliases):
        names.pop(normal(name), None)
