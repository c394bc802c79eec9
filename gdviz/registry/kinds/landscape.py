"""A loss landscape: a formula of coordinates, of which only the value is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gdviz.errors import DefinitionError
from gdviz.registry.contract import dry_call
from gdviz.registry.facts import FormulaFacts
from gdviz.registry.kind import Kind

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A landscape of my own.

Look at it:   gdviz animate {name} --plugin "{file}"
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import cos
from gdviz.registry import define


# Facts about the formula: the box to draw, where runs start, every known minimum as (x, y, value there), a telling
# number of steps, and where the formula comes from (printed by `gdviz cite`).
@define(
    "landscape",
    title="{title}",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.5, 2.0),
    minima=((0.0, 0.0, 0.0),),
    steps=200,
    source="{title}, unpublished",
)
def {name}(x, y, height=1.0):
    """A bowl with ripples along x."""
    # Arguments without a default are coordinates (one, two or more); those with a default are constants that
    # --set height=2 changes. Only the value is written: gradient and Hessian are derived from it, so use the functions
    # of gdviz.formula (sqrt, sin, cos, exp, log, tanh, abs, sign, max, min, where, floor), not those of math or NumPy.
    return x**2 / 4 + y**2 + height * (1 - cos(3 * x))
'''

Places = Sequence[Any] | Callable[[int], Sequence[Any]]
"""Entries for each coordinate; of a family also a function of the number of coordinates."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LandscapeFacts(FormulaFacts):
    """What a landscape may state, data units; None is not stated."""

    domain: Places | None = None
    """Low and high end of every coordinate: the box that is drawn."""
    start: Places | None = None
    """Where runs start."""
    minima: Places | None = None
    """Coordinates and value of every known minimum."""
    steps: int | None = None
    """A telling number of steps."""
    levels: str | tuple[float, ...] | None = None
    """Heights of contour lines, or how they follow each other: "linear", "log" or "quantile"."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where coordinates, stated places or what one call answers do not fit together."""
    where = f"landscape '{definition.name}'"
    facts = LandscapeFacts.of(definition)
    if definition.variadic and definition.variables:
        raise DefinitionError(f"{where}: use either named coordinates or one '*x'")
    if not definition.variadic and not definition.variables:
        raise DefinitionError(f"{where}: it has no coordinate; give it arguments without default, such as (x, y)")
    dimension = definition.dimension
    stated: dict[str, Any] = {"domain": facts.domain, "start": facts.start, "minima": facts.minima}
    if dimension and (made := [fact for fact, entries in stated.items() if callable(entries)]):
        raise DefinitionError(f"{where}: {made[0]}= is a function, which is for families that take '*x'")
    domain, start, minima = (fact(definition.size()) if callable(fact) else fact for fact in stated.values())
    if any(len(pair) != 2 or not pair[0] < pair[1] for pair in domain or ()):
        raise DefinitionError(f"{where}: domain= must hold pairs (low, high) with low < high")
    for name, entries in (("domain", domain), ("start", start)):
        if dimension and entries is not None and len(entries) != dimension:
            raise DefinitionError(f"{where}: {name}= has {len(entries)} entries for {dimension} coordinates")
    for minimum in minima or ():
        if dimension and len(minimum) != dimension + 1:
            raise DefinitionError(f"{where}: a minimum is {dimension} coordinates and the value there, not {minimum!r}")
    point = list(definition.start()) or [0.5] * definition.size()
    result = dry_call(where, definition.function, point, {})
    if isinstance(result, (tuple, list, str)) or result is None:
        raise DefinitionError(f"{where}: it must return one number, not {type(result).__name__}")


def _dimension(definition: Definition) -> str:
    return "n-D" if definition.dimension is None else f"{definition.dimension}-D"


KIND = Kind(
    name="landscape",
    place=0,
    facts=LandscapeFacts,
    check=check,
    template=TEMPLATE,
    is_formula=True,
    has_coordinates=True,
    is_variadic=True,
    limits=MappingProxyType({}),  # those of its constants that it states only
    whole=frozenset(),
    column=_dimension,
    listed=lambda definition: {"dimension": definition.dimension},
)
