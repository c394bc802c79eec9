"""Value and derivatives of a landscape, whether they follow from its formula or are asked of a Python function."""

from __future__ import annotations

from functools import lru_cache

from gdviz.formula import derivation
from gdviz.formula.derivation import Derived
from gdviz.objectives.called import Called
from gdviz.registry.definition import Definition


@lru_cache(maxsize=256)
def derive(definition: Definition, dimension: int | None = None) -> Derived:
    """What a landscape answers; `dimension` is needed for families that take `*x` (2 by default).

    Raises DefinitionError when the function cannot be called with symbols.
    """
    if "called" not in definition.facts:
        return derivation.derive(definition, dimension)
    return Called(
        definition, definition.variables or derivation.coordinates(definition.size(dimension)), "", "", "", ()
    )
