"""Expressions that SymPy made, brought back to real numbers and to the functions of gdviz.formula."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from gdviz.formula import symbols

LARGEST = 1.7976931348623157e308
"""Of float64."""


def real(expression: Any) -> Any:
    """An expression that SymPy simplified among complex numbers, in the functions of gdviz.formula.symbols.

    |z| and its kin get almost-everywhere derivatives, also where SymPy did not know that z is real, as in √(log²x);
    what holds the imaginary unit has no real value.
    """
    expression = sympy.sympify(expression)
    for theirs, ours in (
        (sympy.Abs, symbols.abs),
        (sympy.sign, symbols.sign),
        (sympy.Max, _nested(symbols.maximum)),
        (sympy.Min, _nested(symbols.minimum)),
    ):
        if expression.has(theirs):
            expression = expression.replace(theirs, ours)
    if expression.has(sympy.Pow):
        expression = expression.replace(_is_other, _exactly)
    return expression.xreplace({sympy.I: sympy.nan}) if expression.has(sympy.I) else expression


def _nested(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda *values: functools.reduce(function, values)


def _is_other(node: Any) -> bool:
    """Whether a power has a whole exponent that is written as a float, or is a root of an even power."""
    if not node.is_Pow or not node.exp.is_number or node.exp.is_Integer:
        return False
    return _is_whole(node.exp) or _is_even(node.base)


def _is_whole(number: Any) -> bool:
    return bool(number.is_Float) and float(number).is_integer()


def _is_even(base: Any) -> bool:
    return bool(base.is_Pow and base.exp.is_Integer and base.exp.is_even)


def _exactly(node: Any) -> Any:
    power = sympy.Integer(int(node.exp)) if _is_whole(node.exp) else node.exp
    if power.is_Integer or not _is_even(node.base):
        return node.base**power
    whole = node.base.exp * power
    whole = sympy.Integer(int(whole)) if _is_whole(whole) else whole
    return node.base.base**whole if whole.is_even else symbols.abs(node.base.base) ** whole


def is_nowhere(value: Any) -> bool:
    """Whether an expression is not finite for any number, as 1/(x − x); branches of `where` are not looked into."""
    masked = value.replace(lambda node: isinstance(node, sympy.Piecewise), lambda node: sympy.Integer(1))
    return bool(masked.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan))


def stranger(expression: Any) -> str | None:
    """The name of the first function in an expression that derived texts cannot call, None where they can call all."""
    known = {getattr(symbols, name) for name in symbols.__all__} | {sympy.Piecewise, sympy.sign, sympy.Abs}
    for node in sympy.preorder_traversal(expression):
        if isinstance(node, (sympy.Function, sympy.Derivative, sympy.Subs)) and type(node) not in known:
            return type(node).__name__
    return None


def overflowing(expressions: Iterable[Any]) -> str | None:
    """The first number in the expressions that floats cannot hold."""
    for expression in expressions:
        for number in expression.atoms(sympy.Number):
            if number.is_finite and abs(number) > LARGEST:
                return f"{sympy.Float(number, 3)}"
    return None
