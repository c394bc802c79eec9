"""The kinds of definitions, one module each with an object `KIND`; every module of this package is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property

from gdviz.registry.kind import Kind


class _Kinds(Mapping[str, Kind]):
    """Every kind by its name, in the order of their places; one that is asked for by name is loaded alone, because the
    facts of each take half a millisecond to make."""

    def __init__(self) -> None:
        self._names = {module.name for module in pkgutil.iter_modules(__path__)}
        self._loaded: dict[str, Kind] = {}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._names, key=lambda name: self[name].place)

    def __getitem__(self, name: str) -> Kind:
        if name not in self._loaded:
            if name not in self._names:
                raise KeyError(name)
            self._loaded[name] = importlib.import_module(f"{__name__}.{name}").KIND
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._sorted)

    def __len__(self) -> int:
        return len(self._names)


KINDS: Mapping[str, Kind] = _Kinds()
"""Every kind by its name, in the order in which they are listed."""
