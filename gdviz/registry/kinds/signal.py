"""A made-up sequence of gradients that optimizers are fed with."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from gdviz.errors import DefinitionError
from gdviz.registry.contract import dry_call
from gdviz.registry.facts import SymbolFacts
from gdviz.registry.kind import Kind

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


TEMPLATE = '''"""A gradient signal of my own.

Look at it:   gdviz signal adam --plugin "{file}" --signal {name}
Examine it:   gdviz check "{file}"
"""

from gdviz.formula import exp, sin
from gdviz.registry import define


# `range` is what the values stay within.
@define("signal", title="{title}", range=(-1.0, 1.0), source="{title}, unpublished")
def {name}(i, period=40.0, decay=100.0):
    """A wave that dies out."""
    # i are the numbers of the points, 0, 1, 2, …; numbers with a default are constants: --signal {name}:period=20. The
    # value is the gradient at each point. A signal that also asks for uniform, one random number between 0 and 1 for
    # each point, says draws=(413, 0) beside its range: the seed, and how many numbers come before its own.
    return sin(6.2832 * i / period) * exp(-i / decay)
'''


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SignalFacts(SymbolFacts):
    """What a signal may state; None is not stated."""

    range: tuple[float, float] | None = None
    """What its values stay within."""
    draws: tuple[int, int] | None = None
    """Seed of NumPy's legacy generator, and how many numbers come before its own."""


def check(definition: Definition) -> None:
    """Raise DefinitionError where it asks for what there is not, or answers no numbers."""
    where = f"signal '{definition.name}'"
    if "i" not in definition.inputs:
        raise DefinitionError(f"{where}: its signature must ask for i, the number of the point")
    if definition.state or definition.switches:
        word = (*definition.state, *definition.switches)[0]
        raise DefinitionError(f"{where}: it may ask for i and uniform and have numbers by default, not '{word}'")
    if ("uniform" in definition.inputs) != (SignalFacts.of(definition).draws is not None):
        raise DefinitionError(f"{where}: a signal that asks for uniform says draws=(seed, how many come before)")
    given = {"i": 7.0, "uniform": 0.3}
    result = dry_call(where, definition.function, (), {name: given[name] for name in definition.inputs})
    if isinstance(result, tuple) or result is None:
        raise DefinitionError(f"{where}: it must return one number for each point, not {type(result).__name__}")


KIND = Kind(
    name="signal",
    place=4,
    facts=SignalFacts,
    check=check,
    template=TEMPLATE,
    inputs=frozenset({"i", "uniform"}),
    listed=lambda definition: {"range": list(SignalFacts.of(definition).range or ())},
)
"""Its inputs are the numbers of the points, 0, 1, 2, …, and a random number between 0 and 1 for each."""
