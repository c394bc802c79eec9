"""The kinds of definitions, one module each with an object `KIND`; every module of this package is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from gdviz.registry.kind import Kind

_found: list[Kind] = [
    importlib.import_module(f"gdviz.registry.kinds.{module.name}").KIND for module in pkgutil.iter_modules(__path__)
]

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in sorted(_found, key=lambda k: k.place)})
"""Every kind by its name, in the order in which they are listed."""
