"""Activations and losses as pairs: a value and its slope from one argument, sharing their common parts.

The same straight lines are run on NumPy and stand in kernels, so that both round alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from gdviz import vmath
from gdviz.emit.expression import Printer, needed
from gdviz.emit.objective import straight
from gdviz.formula.derivation import Derived, derive
from gdviz.objectives.objective import Array, spread
from gdviz.registry.definition import Definition


@dataclasses.dataclass(frozen=True, eq=False)
class Pair:
    """An activation, or a loss of so many outputs, with its slope.

    `arguments` are the words that the statements read: "z", of a loss of all outputs "z0", "z1", …, then of every loss
    "y". `slopes` are those that they make beside "value", one for each z: "slope", or "slope0", "slope1", … `names` are
    the definition's parameters and the words that stand for them. `statements` are assignments in order, one a line;
    they call functions of vmath by name, and their literals are typed, `F(…)`.
    """

    derived: Derived
    arguments: tuple[str, ...]
    slopes: tuple[str, ...]
    names: Mapping[str, str]
    statements: tuple[str, ...]

    @property
    def definition(self) -> Definition:
        """What it is the pair of."""
        return self.derived.definition

    def python(self, dtype: str) -> Callable[..., tuple[Array, Array]]:
        """The pair on arrays: z (and y) and parameters by name to value and slope in the dtype and the shape of z.

        Of a loss of all outputs z has them along its first axis, and so has the slope; value and y have the others.
        """
        return _python(self, dtype)


@lru_cache(maxsize=256)
def pair(definition: Definition, outputs: int = 1) -> Pair:
    """The pair of an activation or a loss; `outputs` is how many a loss of all outputs sees.

    Raises DefinitionError where the function cannot be called with symbols, EmissionError where it gives no text.
    """
    derived = derive(definition, outputs if definition.variadic else None)
    numbers = range(outputs) if definition.variadic else ("",)
    z, slopes = (tuple(f"{word}{number}" for number in numbers) for word in ("z", "slope"))
    targets = tuple(name for name in definition.variables if name in definition.targets)
    predictions = [name for name in derived.variables if name not in targets]
    chosen = dict(zip((*predictions, *targets), (*z, *targets), strict=True))
    source = straight(derived, "value_and_gradient", chosen, {*z, *slopes, "value"})
    printer = Printer(source.names)
    wanted = needed(source.results, source.assignments)
    lines = [f"{word} = {printer.text(node)}" for word, node in source.assignments if word in wanted]
    lines += [f"{word} = {printer.real(node)}" for word, node in zip(("value", *slopes), source.results, strict=True)]
    names = dict(zip(definition.parameters, source.constants, strict=True))
    return Pair(derived, (*z, *targets), slopes, names, tuple(lines))


@lru_cache(maxsize=256)
def _python(made: Pair, dtype: str) -> Callable[..., tuple[Array, Array]]:
    definition = made.definition
    kind = np.dtype(dtype)
    namespace: dict[str, Any] = {**vmath.namespace(dtype), "F": kind.type}
    results = ", ".join(("value", *made.slopes))
    lines = [f"def both({', '.join((*made.arguments, *made.names.values()))}):", *made.statements, f"return {results}"]
    exec(compile("\n    ".join(lines), f"<gdviz {definition.name}>", "exec"), namespace)

    def both(z: Any, y: Any = None, **parameters: float) -> tuple[Array, Array]:
        z = np.asarray(z, kind)
        given = {**definition.parameters, **parameters}
        arguments = [*z] if definition.variadic else [z]
        arguments += [np.asarray(y, kind)] * bool(definition.targets)
        with np.errstate(all="ignore"):  # where() computes both branches
            value, *slopes = namespace["both"](*arguments, *(kind.type(given[name]) for name in made.names))
        shape = np.broadcast_shapes(*(a.shape for a in arguments))
        if not definition.variadic:
            return spread(value, kind, shape), spread(slopes[0], kind, shape)
        return spread(value, kind, shape), np.stack([spread(slope, kind, shape) for slope in slopes])

    return both
