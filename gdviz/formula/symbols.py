"""SymPy's side of the functions: almost-everywhere derivatives, no delta functions, no cases at single points."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import acos, asin, atan, cos, cosh, exp, log, sin, sinh, sqrt, tan, tanh

__all__ = [
    "above",
    "abs",
    "acos",
    "asin",
    "at_least",
    "atan",
    "atan2",
    "cbrt",
    "cos",
    "cosh",
    "cosq",
    "exp",
    "floor",
    "log",
    "log1p",
    "log2",
    "log10",
    "maximum",
    "minimum",
    "sign",
    "sin",
    "sinh",
    "sinq",
    "sqrt",
    "tan",
    "tanh",
    "where",
]


class sign(sympy.Function):
    """-1, 0 or 1, with derivative 0 everywhere."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.sign(x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.Integer(0)


class abs(sympy.Function):
    """Absolute value, with derivative sign(x)."""

    nargs = 1
    is_real = True
    is_nonnegative = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.Abs(x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        return sign(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\left|{printer._print(self.args[0])}\right|"
        return inner if exp is None else rf"{inner}^{{{exp}}}"


class floor(sympy.Function):
    """Largest integer not above x, with derivative 0 everywhere."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.floor(x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.Integer(0)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\left\lfloor {printer._print(self.args[0])} \right\rfloor"
        return inner if exp is None else rf"{inner}^{{{exp}}}"


class cbrt(sympy.Function):
    """Real cube root, negative of negative numbers."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3) if x.is_number and x.is_real else None

    def fdiff(self, argindex: int = 1) -> Any:
        return 1 / (3 * self**2)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\sqrt[3]{{{printer._print(self.args[0])}}}"
        return inner if exp is None else rf"{inner}^{{{exp}}}"


class _Logarithm(sympy.Function):
    nargs = 1

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.log(x, cls.base) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        return 1 / (self.args[0] * sympy.log(self.base))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        raised = "" if exp is None else f"^{{{exp}}}"
        return rf"\log_{{{self.base}}}{raised}\left({printer._print(self.args[0])}\right)"


class log2(_Logarithm):
    """Logarithm to base 2."""

    base = 2


class log10(_Logarithm):
    """Decimal logarithm."""

    base = 10


class log1p(sympy.Function):
    """Natural logarithm of 1 + x; SymPy's own would lose the digits of a small x."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.log(1 + x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        return 1 / (1 + self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        raised = "" if exp is None else f"^{{{exp}}}"
        return rf"\ln{raised}\left({printer._print(1 + self.args[0])}\right)"


class atan2(sympy.Function):
    """Angle of the point (x, y); arguments in the order y, x."""

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, y: Any, x: Any) -> Any:
        return sympy.atan2(y, x) if y.is_number and x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        y, x = self.args
        return (x if argindex == 1 else -y) / (x**2 + y**2)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\mathrm{{atan2}}\left({', '.join(printer._print(a) for a in self.args)}\right)"
        return inner if exp is None else rf"{inner}^{{{exp}}}"


class sinq(sympy.Function):
    """Sine of an angle in quarter turns; only what is printed holds it, so nobody asks for its derivative."""

    nargs = 1
    is_real = True


class cosq(sympy.Function):
    """Cosine of an angle in quarter turns."""

    nargs = 1
    is_real = True


class _Extreme(sympy.Function):
    nargs = 2
    is_real = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\{self.short}\left({', '.join(printer._print(a) for a in self.args)}\right)"
        return inner if exp is None else rf"{inner}^{{{exp}}}"


class _Step(sympy.Function):
    """1 or 0, with derivative 0; SymPy's own cases would be simplified, for some conditions without an end."""

    nargs = 2
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.Integer(0)


class at_least(_Step):
    """1 where a ≥ b, else 0."""

    @classmethod
    def eval(cls, a: Any, b: Any) -> Any:
        return sympy.Integer(bool(a >= b)) if a.is_number and b.is_number else None


class above(_Step):
    """1 where a > b, else 0."""

    @classmethod
    def eval(cls, a: Any, b: Any) -> Any:
        return sympy.Integer(bool(a > b)) if a.is_number and b.is_number else None


class maximum(_Extreme):
    """Larger of two, with the derivative of the one taken."""

    short = "max"

    @classmethod
    def eval(cls, a: Any, b: Any) -> Any:
        return sympy.Max(a, b) if a.is_number and b.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        mine, other = self.args if argindex == 1 else reversed(self.args)
        return at_least(mine, other) if argindex == 1 else above(mine, other)


class minimum(_Extreme):
    """Smaller of two, with the derivative of the one taken."""

    short = "min"

    @classmethod
    def eval(cls, a: Any, b: Any) -> Any:
        return sympy.Min(a, b) if a.is_number and b.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        mine, other = self.args if argindex == 1 else reversed(self.args)
        return at_least(other, mine) if argindex == 1 else above(other, mine)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """The branch the condition chooses, as SymPy's Piecewise."""
    return sympy.Piecewise((yes, condition), (no, True))


def kinks(expression: sympy.Expr) -> list[sympy.Expr]:
    """Expressions whose zeros are where the formula's derivative may jump: kinks of abs, sign, max, min and where.

    A `floor` jumps at every integer of its argument; sin(pi * argument) stands for it.
    """
    found: set[sympy.Expr] = set()
    for node in sympy.preorder_traversal(expression):
        if isinstance(node, (abs, sign)):
            found.add(node.args[0])
        elif isinstance(node, _Extreme):
            found.add(node.args[0] - node.args[1])
        elif isinstance(node, (cbrt, atan2)):  # atan2 jumps across the negative x axis, where y = 0
            found.add(node.args[0])
        elif isinstance(node, floor):
            found.add(sympy.sin(sympy.pi * node.args[0]))
        elif isinstance(node, sympy.core.relational.Relational):
            found.add(node.lhs - node.rhs)
    return sorted(found, key=str)
