"""Optimizers of other packages, by their names there: `torch:AdamW`, `optax:lion`, `scipy:BFGS`.

A definition is made on the fly from the name and holds what the package itself says: the options of the factory's
signature, its summary and its version. Nothing here is in the registry, and a package is imported when one of its
optimizers is asked for. Each library is one module with a function `find(name)` and `factories(name)`.
"""

from __future__ import annotations

import importlib

from gdviz.errors import UsageError
from gdviz.registry.definition import Definition
from gdviz.registry.names import library_of


def find(name: str) -> Definition:
    """The optimizer of that name, `LIBRARY:NAME`; case, '-' and '_' do not matter.

    Raises UsageError when the package is missing, or with the nearest name that it has.
    """
    library, inner = library_of(name) or ("", "")
    if not inner:
        raise UsageError(f"'{name}' names a library; add the optimizer, as in torch:AdamW, optax:lion or scipy:BFGS")
    made: Definition = importlib.import_module(f"gdviz.catalogue.foreign.{library}").find(inner)
    return made


def names(library: str) -> list[str]:
    """What the installed package of that name has, as `torch:AdamW`. Raises UsageError when it is missing."""
    known = importlib.import_module(f"gdviz.catalogue.foreign.{library}").factories("NAME")
    return [f"{library}:{word}" for word in known]
