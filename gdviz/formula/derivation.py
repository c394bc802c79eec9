"""From a formula's value to its gradient, LaTeX and the text that computes them; of a landscape also to its Hessian.

SymPy is asked once for each text of a definition; what it answers is kept in the cache directory under the hash of
that text, so that a warm start never imports it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from gdviz import formula
from gdviz.cache import cache_directory, kept, sealed, write
from gdviz.errors import DefinitionError, FormulaError, UsageError
from gdviz.formula import tex
from gdviz.registry.definition import Definition
from gdviz.registry.facts import FormulaFacts

VERSION = 16
"""Raised whenever the texts made here change for the same definition."""


@dataclasses.dataclass(frozen=True, eq=False)
class Derived:
    """What follows from a formula: a landscape's, an activation's or a loss's.

    The functions take variables (floats or arrays that broadcast) and constants by name, by default the definition's,
    and answer what NumPy answers: an entry that does not depend on the variables is a plain number.
    """

    definition: Definition
    variables: tuple[str, ...]
    text: str
    latex: str
    """The value with the definition's own constants put in; `symbolic` keeps their names."""
    symbolic: str
    kinks: tuple[str, ...]

    @property
    def price(self) -> int:
        """Evaluations that value and gradient at one point count as."""
        return 1

    @property
    def takes_arrays(self) -> bool:
        """Whether many points cost one call."""
        return True

    def latex_with(self, constants: Mapping[str, float]) -> str:
        """LaTeX of the value; constants other than the definition's own are named and listed behind it."""
        changed = {name: value for name, value in constants.items() if value != self.definition.parameters[name]}
        if not changed:
            return self.latex
        listed = r",\; ".join(
            f"{tex.letters(name)} = {tex.number(constants[name])}" for name in self.definition.parameters
        )
        return rf"{self.symbolic},\quad {listed}"

    @cached_property
    def _functions(self) -> dict[str, Callable[..., Any]]:
        return self._executed(formula.where)

    @cached_property
    def _single_functions(self) -> dict[str, Callable[..., Any]]:
        """For float32 arrays, among which NumPy's where answers float64 when both branches are plain numbers."""

        def rounded(value: Any) -> Any:
            return np.float32(value) if isinstance(value, float) else value

        return self._executed(lambda condition, yes, no: formula.where(condition, rounded(yes), rounded(no)))

    def _executed(self, where: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
        namespace: dict[str, Any] = {**formula.DERIVED, "where": where}
        exec(compile(self.text, f"<gdviz {self.definition.name}>", "exec"), namespace)
        return namespace

    def _call(self, name: str, x: Sequence[Any], constants: dict[str, float]) -> Any:
        given = {**self.definition.parameters, **constants}
        arguments = (*x, *(given[key] for key in self.definition.parameters))
        with np.errstate(all="ignore"):  # where() computes both branches; plain floats would raise on the idle one
            single = any(getattr(a, "dtype", None) == np.float32 for a in x)
            functions = self._single_functions if single else self._functions
            return functions[name](*(np.float64(a) if isinstance(a, (int, float)) else a for a in arguments))

    def value(self, *x: Any, **constants: float) -> Any:
        """f(x), in the formula's unit."""
        return self._call("value", x, constants)

    def gradient(self, *x: Any, **constants: float) -> tuple[Any, ...]:
        """Partial derivatives in the order of the variables, of those that are no targets."""
        return tuple(self._call("value_and_gradient", x, constants)[1])

    def value_and_gradient(self, *x: Any, **constants: float) -> tuple[Any, tuple[Any, ...]]:
        """f(x) and its partial derivatives, sharing their common parts."""
        value, gradient = self._call("value_and_gradient", x, constants)
        return value, gradient

    def hessian(self, *x: Any, **constants: float) -> tuple[tuple[Any, ...], ...]:
        """Second partial derivatives of a landscape, row by row."""
        return tuple(self._call("hessian", x, constants))

    def kink_distances(self, *x: Any, **constants: float) -> tuple[Any, ...]:
        """One number per kink of the formula, zero exactly where its derivative may jump."""
        return tuple(self._call("kink_distances", x, constants))


@lru_cache(maxsize=256)
def derive(definition: Definition, dimension: int | None = None) -> Derived:
    """Derive a formula; `dimension` is needed for families that take `*x` (2 by default): how many x there are.

    Raises DefinitionError when the function cannot be called with symbols.
    """
    size = definition.dimension or dimension or 2
    if dimension not in (None, size):
        raise DefinitionError(f"{definition.kind} '{definition.name}' has {size} variables, not {dimension}")
    given = (VERSION, definition.digest, size, sorted(definition.parameters.items()))
    digest = hashlib.sha256(repr(given).encode()).hexdigest()[:24]
    path = cache_directory() / "formulas" / f"{digest}.sealed"
    variables = variables_of(definition, size)
    # A plugin's or a user's function may depend on more than its digest knows: on what other modules hold.
    own = (getattr(definition.function, "__module__", None) or "").startswith("gdviz.")
    if own and (found := kept(path)) is not None:
        return _derived(definition, variables, json.loads(found))
    try:
        fields = _derive(definition, variables)
    except RecursionError:
        raise DefinitionError(
            f"the derivatives of {definition.title} are nested too deeply to be written; split it into simpler parts"
        ) from None
    if own:
        write(path, sealed(json.dumps(fields, indent=1).encode()))
    return _derived(definition, variables, fields)


def _derived(definition: Definition, variables: tuple[str, ...], fields: Mapping[str, Any]) -> Derived:
    text, latex, symbolic = (str(fields[key]) for key in ("text", "latex", "symbolic"))
    return Derived(definition, variables, text, latex, symbolic, tuple(fields["kinks"]))


def variables_of(definition: Definition, size: int) -> tuple[str, ...]:
    """Names of a formula's variables; those that a family's `*x` stands for, `size` of them, come first."""
    if not definition.variadic:
        return definition.variables
    if definition.has_coordinates:
        return coordinates(size)
    return (*(f"z{i}" for i in range(size)), *definition.variables)


def coordinates(size: int) -> tuple[str, ...]:
    """Names of the coordinates of a family: x, y, z, or x1 … xn beyond three."""
    return ("x", "y", "z")[:size] if size <= 3 else tuple(f"x{i}" for i in range(1, size + 1))


@dataclasses.dataclass(frozen=True, eq=False)
class Symbolic:
    """A formula's value and derivatives as SymPy's expressions of `symbols`, variables and constants by name.

    The Hessian is empty of what is no landscape.
    """

    symbols: Mapping[str, Any]
    value: Any
    gradient: Sequence[Any]
    hessian: Sequence[Sequence[Any]]


def symbolic(definition: Definition, variables: Sequence[str]) -> Symbolic:
    """Put symbols into a formula and derive it, almost everywhere, by all variables that are no targets.

    Raises DefinitionError where it cannot be called with symbols, where a derivative of it is none of the functions of
    gdviz.formula, and where it has no finite value anywhere.
    """
    import sympy

    from gdviz.formula import reals

    typed = definition.source == "typed"
    who = "the formula" if typed else f"{definition.kind} '{definition.name}'"
    table = {name: sympy.Symbol(name, real=True) for name in (*variables, *definition.parameters)}
    x = [table[name] for name in variables if name not in definition.targets]
    given = {name: table[name] for name in (*definition.targets, *definition.parameters)}
    try:
        answer = definition.function(*x, **given)
        value = reals.real(answer[()] if isinstance(answer, np.ndarray) and not answer.shape else answer)
        if not isinstance(value, sympy.Expr):
            raise TypeError(f"it answers {type(answer).__name__}")
        free = {str(s) for s in value.free_symbols}
    except (RecursionError, FormulaError):
        raise  # the one is told by derive, the other tells itself
    except Exception as error:
        if typed:  # SymPy came to a number that is not real, as infinity is not
            raise FormulaError(
                "the formula cannot be derived, because a part of it has no real value that can be worked out"
            ) from error
        raise DefinitionError(
            f"{who} cannot be derived ({type(error).__name__}: {error}); "
            "write it with the functions of gdviz.formula instead of math's or NumPy's"
        ) from error
    if unknown := free - set(table):
        raise DefinitionError(f"{who} uses '{min(unknown)}', which is neither argument nor constant")
    if definition.has_coordinates and definition.variadic and not free & set(variables):
        raise UsageError(f"{definition.name} joins neighbouring coordinates, so it needs two at least; type --dim 2")
    if reals.is_nowhere(value):
        raise (FormulaError if typed else DefinitionError)(
            f"{who} has no finite value anywhere: it divides by zero, or takes a root or a logarithm of what has none"
        )
    if (stated := FormulaFacts.of(definition).gradient) is not None:
        gradient = [sympy.sympify(g) for g in stated(*x, **given)]
    else:
        gradient = [reals.real(sympy.diff(value, s)) for s in x]
    hessian = [[reals.real(sympy.diff(g, s)) for s in x] for g in gradient] if definition.has_coordinates else []
    for expression in (value, *gradient, *(entry for row in hessian for entry in row)):
        if (stranger := reals.stranger(expression)) is not None:
            raise DefinitionError(
                f"{who} cannot be derived, because it holds {stranger}; write it with the functions of gdviz.formula"
            )
    if (number := reals.overflowing((value, *gradient))) is not None:
        raise (FormulaError if typed else DefinitionError)(
            f"{who}, or its gradient, holds the number {number}, which is too large for floating point; "
            "write it in smaller units"
        )
    return Symbolic(table, value, gradient, hessian)


def _derive(definition: Definition, variables: tuple[str, ...]) -> dict[str, Any]:
    import sympy

    from gdviz.formula import printing, symbols

    found = symbolic(definition, variables)
    value, table = found.value, found.symbols
    kinks = symbols.kinks(value)
    arguments = (*variables, *definition.parameters)
    texts = [
        printing.function("value", arguments, value),
        printing.function("value_and_gradient", arguments, (value, found.gradient), value),
        printing.function("kink_distances", arguments, kinks),
    ]
    if found.hessian:
        texts.insert(2, printing.function("hessian", arguments, found.hessian, value))
    numbers = {
        table[name]: sympy.Integer(int(number)) if number == int(number) else sympy.Float(repr(number))
        for name, number in definition.parameters.items()
    }
    return {
        "text": "\n\n".join(texts),
        "latex": printing.latex(value.subs(numbers)),
        "symbolic": printing.latex(value),
        "kinks": [str(k) for k in kinks],
    }
