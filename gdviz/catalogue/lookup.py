"""Where definitions are found by their names: the read side of the registry."""

from __future__ import annotations

import copyreg
import dataclasses
import importlib
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gdviz.errors import UsageError, nearest, short
from gdviz.registry.defining import names_of, registered
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS
from gdviz.registry.names import library_of, normal


def definitions(kind: str) -> Mapping[str, Definition]:
    """All definitions of a kind by name, sorted."""
    return dict(sorted(_loaded(kind).items()))


def _loaded(kind: str) -> Mapping[str, Definition]:
    """The same in the order in which they were made."""
    package = f"gdviz.catalogue.{KINDS[kind].plural}" if kind in KINDS else ""
    if package and package not in sys.modules:
        importlib.import_module(package)
    return registered(kind)


def find(kind: str, name: str) -> Definition:
    """The definition of that name or alias.

    Raises UsageError with the nearest known name.
    """
    plural = KINDS[kind].plural
    if not isinstance(name, str):
        raise UsageError(f"{plural} are asked for by name, and {name!r:.60} is none; `gdviz list {plural}` shows all")
    if KINDS[kind].in_libraries and library_of(name) is not None:
        foreign: Definition = importlib.import_module("gdviz.catalogue.foreign").find(name)
        return foreign
    known = _loaded(kind)
    found = names_of(kind).get(normal(name))
    if found is None:
        others = [one.plural for one in KINDS.values() if is_known(one.name, name)]
        hint = f"; it is among the {' and the '.join(others)}" if others else nearest(normal(name), names_of(kind))
        raise UsageError(f"there is no {kind} '{short(name)}'{hint or f'; `gdviz list {plural}` shows all'}")
    return known[found]


def is_known(kind: str, name: str) -> bool:
    """Whether a definition of gdviz has this name or alias."""
    return bool(definitions(kind)) and normal(name) in names_of(kind)


def _reduced(definition: Definition) -> tuple[Any, ...]:
    """How a definition is pickled: by name where that brings it back, a formula by its text.

    A plugin's is found again where the plugin is loaded; a user's own function is pickled as pickle does, by its name.
    """
    if made := getattr(definition.function, "made_by", None):
        return tuple(made)
    if definition.package or definitions(definition.kind).get(definition.name) is definition:
        return find, (definition.kind, definition.name)
    values = (getattr(definition, field.name) for field in dataclasses.fields(definition))
    return _again, tuple(dict(value) if isinstance(value, Mapping) else value for value in values)


def _again(*values: Any) -> Definition:
    """An unpickled definition, with mappings that nobody changes."""
    plain: list[Any] = [MappingProxyType(value) if isinstance(value, dict) else value for value in values]
    return Definition(*plain)


copyreg.pickle(Definition, _reduced)
