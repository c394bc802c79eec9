"""SymPy expressions as text of straight-line functions: products for integer powers, common parts once."""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterator, Sequence
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from gdviz.formula import symbols, tex


class _Text(StrPrinter):  # type: ignore[misc]
    """Prints with the names of gdviz.formula; every number is a float literal, every integer power a product."""

    def _print_Integer(self, expr: Any) -> str:
        return _literal(expr)

    def _print_Float(self, expr: Any) -> str:
        return _literal(expr)

    def _print_Rational(self, expr: Any) -> str:
        exact = expr.q in (1, 2, 4, 8, 16) or max(abs(expr.p), expr.q) > 2**53
        return _literal(expr) if exact else f"({_literal(expr.p)}/{_literal(expr.q)})"

    _print_Half = _print_NegativeOne = _print_One = _print_Zero = _print_Rational

    def _print_Pi(self, expr: Any) -> str:
        return repr(float(expr.evalf(17)))

    def _print_Exp1(self, expr: Any) -> str:
        return repr(float(expr.evalf(17)))

    def _print_NaN(self, expr: Any) -> str:
        return "(0.0*1e999)"

    _print_ComplexInfinity = _print_NaN

    def _print_Infinity(self, expr: Any) -> str:
        return "1e999"

    def _print_NegativeInfinity(self, expr: Any) -> str:
        return "(-1e999)"

    def _print_Symbol(self, expr: Any) -> str:
        return variable(expr.name)

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.args
        inner = self.parenthesize(base, PRECEDENCE["Pow"])
        if exponent.is_Float and abs(float(exponent)) == 0.5:
            exponent = sympy.Rational(float(exponent))
        if exponent == sympy.S.Half:
            return f"sqrt({self._print(base)})"
        if exponent == -sympy.S.Half:
            return f"(1.0/sqrt({self._print(base)}))"
        if exponent.is_Integer and 0 < abs(int(exponent)) <= 3:
            product = "*".join([inner] * abs(int(exponent)))
            return f"({product})" if exponent > 0 else f"(1.0/({product}))"
        return f"pow({self._print(base)}, {self._print(exponent)})"

    def _print_Function(self, expr: Any) -> str:
        name = {"Abs": "abs", "maximum": "max", "minimum": "min"}.get(expr.func.__name__, expr.func.__name__)
        return f"{name}({', '.join(self._print(a) for a in expr.args)})"

    _print_Abs = _print_sign = _print_floor = _print_Function

    def _print_Piecewise(self, expr: Any) -> str:
        (yes, condition), *rest = expr.args
        if condition == sympy.true:
            return self._print(yes)
        no = self._print(sympy.Piecewise(*rest, evaluate=False)) if rest else "0.0*1e999"
        return f"where({self._print(condition)}, {self._print(yes)}, {no})"

    def _print__tip(self, expr: Any) -> str:
        term, value, *divisors = map(self._print, expr.args)
        lost = " | ".join(f"({divisor} == 0.0)" for divisor in divisors)
        return f"where((({term} != {term}) & ({lost})), 0.0*{value}, {term})"

    def _print_Relational(self, expr: Any) -> str:
        return f"({self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)})"

    def _print_And(self, expr: Any) -> str:
        return "(" + " & ".join(self._print(a) for a in expr.args) + ")"

    def _print_Or(self, expr: Any) -> str:
        return "(" + " | ".join(self._print(a) for a in expr.args) + ")"

    def _print_at_least(self, expr: Any) -> str:
        return f"where(({self._print(expr.args[0])} >= {self._print(expr.args[1])}), 1.0, 0.0)"

    def _print_above(self, expr: Any) -> str:
        return f"where(({self._print(expr.args[0])} > {self._print(expr.args[1])}), 1.0, 0.0)"

    def _print_ITE(self, expr: Any) -> str:
        condition, yes, no = (self._print(part) for part in expr.args)
        return f"(({condition} & {yes}) | (~{condition} & {no}))"

    def _print_Not(self, expr: Any) -> str:
        return f"(~{self._print(expr.args[0])})"


def _literal(number: Any) -> str:
    """A number as a float literal; what floats cannot hold is infinite."""
    try:
        value = float(number)
    except OverflowError:
        value = math.inf if number > 0 else -math.inf
    return repr(value) if math.isfinite(value) else "1e999" if value > 0 else "(-1e999)"


def variable(name: str) -> str:
    """A symbol's name in texts, where Python's own words, such as lambda, cannot be names."""
    return f"{name}_" if keyword.iskeyword(name) else name


def function(name: str, arguments: Sequence[str], result: Any, value: Any = None) -> str:
    """Text of `def name(arguments): return result`; `result` is an expression or nested sequences of them.

    Where `value` is given, `result` holds its derivatives (and perhaps itself); terms of them that would be 0 / 0 at a
    point where the value is finite are 0 there, as those of abs are: the tip of a cone is at rest. Those that are
    ∞ / ∞, of numbers that a float does not hold, stay undefined.
    """
    items = list(_flat(result)) if value is None else [_settled(item, value) for item in _flat(result)]
    flat = [_in_quarters(item) for item in items]
    common, reduced = sympy.cse(flat, symbols=(sympy.Symbol(f"_c{i}") for i in range(10**6)), order="none")
    printer = _Text()
    lines: list[str] = []
    named: dict[Any, Any] = {}

    def emit(expression: Any) -> str:
        return str(printer.doprint(_powers(expression, named, lines, printer)))

    for symbol, expression in common:
        lines.append(f"    {symbol} = {emit(expression)}")
    values = iter([emit(expression) for expression in reduced])
    lines.append(f"    return {_nest(result, values)}")
    return "\n".join([f"def {name}({', '.join(map(variable, arguments))}):", *lines])


class _tip(sympy.Function):
    """A term of a derivative, the value that it is a derivative of, and fourth powers of what the term divides by: 0
    where the value is finite and the term is not a number because one of these is 0.

    Powers that stand in gradients and Hessians are infinite where a fourth power is 0, in float32 as in float64.
    """

    is_real = True


def _settled(derivative: Any, value: Any) -> Any:
    if derivative == value:
        return value
    parts = ((term, _divisors(term)) for term in sympy.Add.make_args(derivative))
    return sympy.Add(*(_tip(term, value, *(d**4 for d in divisors)) if divisors else term for term, divisors in parts))


def _divisors(expression: Any) -> list[Any]:
    """What may be 0 where an expression has its power, negative or of unknown sign."""
    found = {
        node.base
        for node in expression.atoms(sympy.Pow)
        if node.exp.is_nonnegative is not True and node.base.is_positive is not True and node.free_symbols
    }
    return sorted((base for base in found if base.free_symbols or base == 0), key=sympy.default_sort_key)


def _flat(result: Any) -> Iterator[Any]:
    if isinstance(result, (list, tuple)):
        for item in result:
            yield from _flat(item)
    else:
        yield sympy.sympify(result)


def _nest(result: Any, values: Iterator[str]) -> str:
    if isinstance(result, (list, tuple)):
        return "(" + "".join(_nest(item, values) + ", " for item in result) + ")"
    return next(values)


def _in_quarters(expression: Any) -> Any:
    """sin and cos of multiples of π as functions of quarter turns: without π their arguments are exact."""
    turned = {}
    for node in expression.atoms(sympy.sin, sympy.cos):
        parts = [term.as_independent(*node.free_symbols, as_Add=False) for term in sympy.Add.make_args(node.args[0])]
        quarters = [2 * (_exact(c) if c.is_Float else c) / sympy.pi for c, _ in parts]
        if node.free_symbols and all(q.is_Rational for q in quarters):
            function = symbols.sinq if isinstance(node, sympy.sin) else symbols.cosq
            turned[node] = function(sympy.Add(*(q * rest for q, (_, rest) in zip(quarters, parts, strict=True))))
    return expression.xreplace(turned)


def _powers(expression: Any, named: dict[Any, Any], lines: list[str], printer: _Text) -> Any:
    """Replace integer powers of anything but a short product of one symbol by named squares, each computed once."""

    def name(value: Any) -> Any:
        if value not in named:
            named[value] = sympy.Symbol(f"_p{len(named)}")
            lines.append(f"    {named[value]} = {printer.doprint(value)}")
        return named[value]

    def visit(node: Any) -> Any:
        if not node.args or (isinstance(node, sympy.core.relational.Relational) and not node.has(sympy.Pow)):
            return node
        args = [visit(a) for a in node.args]
        if isinstance(node, _tip):
            return node.func(*(a if a.is_Symbol else name(a) for a in args))
        node = node.func(*args, evaluate=False) if isinstance(node, sympy.Piecewise) else node.func(*args)
        if not (isinstance(node, sympy.Pow) and node.exp.is_Integer) or abs(int(node.exp)) < 2:
            return node
        base = node.base if node.base.is_Symbol else name(node.base)
        power = abs(int(node.exp))
        if power <= 3:
            return base**node.exp
        result, square, rest = sympy.S.One, base, power
        while rest:
            if rest & 1:
                result = square if result == 1 else name(sympy.Mul(result, square, evaluate=False))
            rest >>= 1
            if rest:
                square = name(sympy.Pow(square, 2, evaluate=False))
        return result if node.exp > 0 else 1 / result

    return visit(expression)


def _natural(terms: list[Any]) -> list[Any]:
    """Terms of a sum with a positive one first, where there is one: y − x² in place of −x² + y."""
    first = next((i for i, term in enumerate(terms) if not term.as_coeff_Mul()[0].is_negative), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]]


class _Plain(StrPrinter):  # type: ignore[misc]
    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return _natural(super()._as_ordered_terms(expr, order=order))


class _Latex(LatexPrinter):  # type: ignore[misc]
    def _print_Integer(self, expr: Any) -> str:
        """Many zeros as a power of ten."""
        return tex.number(int(expr.p))

    def _print_Float(self, expr: Any) -> str:
        return tex.number(float(f"{float(expr):.15g}"))

    def _print_Pow(self, expr: Any) -> str:
        """Roots other than square ones as the powers they were typed as."""
        power = expr.exp
        if expr.base.is_number and "10^" in (base := self._print(expr.base)) and power.is_Rational is not True:
            return rf"\left({base}\right)^{{{self._print(power)}}}"
        if power.is_Rational and power.q > 1 and (power.q > 2 or abs(power.p) > 1):
            above = f"{abs(power.p)}/{power.q}"
            if expr.base.is_Function:
                raised = self._print(expr.base, exp=above)
            else:
                raised = f"{self.parenthesize(expr.base, PRECEDENCE['Pow'])}^{{{above}}}"
            return raised if power > 0 else rf"\frac{{1}}{{{raised}}}"
        return str(super()._print_Pow(expr))

    def _print_Piecewise(self, expr: Any) -> str:
        return rf"\left({self.cases(expr)}\right)"

    def cases(self, expr: Any) -> str:
        """A value by cases in words, as mathtext knows no braces over lines: a if c, else b."""
        if not isinstance(expr, sympy.Piecewise):
            return str(self._print(expr))
        (yes, condition), *rest = expr.args
        if condition == sympy.true or not rest:
            return self.cases(yes)
        no = sympy.Piecewise(*rest, evaluate=False)
        return f"{self._print(yes)}{IF}{self._print(condition)}{ELSE}{self.cases(no)}"

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        own = isinstance(expr, sympy.Piecewise)  # has brackets already
        return not own and bool(super()._needs_mul_brackets(expr, first=first, last=last))

    def parenthesize(self, item: Any, level: int, is_neg: bool = False, strict: bool = False) -> str:
        if isinstance(item, sympy.Piecewise):
            return str(self._print(item))
        return str(super().parenthesize(item, level, is_neg=is_neg, strict=strict))

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return _natural(super()._as_ordered_terms(expr, order=order))


def plain(expression: Any) -> str:
    """An expression as a person types it."""
    return str(_Plain().doprint(_short_numbers(sympy.sympify(expression))))


def latex(expression: sympy.Expr) -> str:
    """LaTeX that Matplotlib's mathtext can set as well: no environments, short numbers, bars of one height."""
    text = _Latex({"fold_short_frac": False, "ln_notation": True}).cases(_told_numbers(sympy.sympify(expression)))
    for made, wanted in _SPELT.items():
        text = text.replace(made, wanted)
    return str(text)


IF, ELSE = r"\ \mathrm{if}\ ", r",\ \mathrm{else}\ "
"""What stands between the parts of a value by cases."""

_SPELT = {
    r"\left|": "|",
    r"\right|": "|",
    r"\operatorname{sign}": r"\mathrm{sgn}",
    r"\operatorname{asin}": r"\arcsin",
    r"\operatorname{acos}": r"\arccos",
    r"\operatorname{atan}": r"\arctan",
    r"\operatorname": r"\mathrm",
}
"""What SymPy writes, and what mathtext sets and people read."""


def _short_numbers(expression: Any) -> Any:
    return expression.xreplace({number: _exact(number) for number in expression.atoms(sympy.Float)})


def _told_numbers(expression: Any) -> Any:
    """With the numbers that readers know: 0.785398163397448 is π/4."""
    return expression.xreplace({number: _known(_exact(number)) for number in expression.atoms(sympy.Float)})


def _known(number: sympy.Expr) -> sympy.Expr:
    """What a float of many digits was computed from, where that is a short number n + r·c with c one of π, 1/π, 1/π²
    and ln 2; else itself. Shown to people, never computed with."""
    if not number.is_Float or len(repr(float(number))) < 13:
        return number
    value = float(number)
    for whole in (0, *(sign * n for n in range(1, 21) for sign in (1, -1))):
        for constant in (sympy.pi, 1 / sympy.pi, 1 / sympy.pi**2, sympy.log(2)):
            share = (value - whole) / float(constant)
            short = sympy.Rational(f"{share:.4g}") if abs(share) < 1e3 else sympy.S.Zero
            if short and math.isclose(share, float(short), rel_tol=4e-15 * (1 + abs(whole / share))):
                return whole + short * constant
    return number


ULPS = 5e-16
"""A root or quotient may be off by its last two bits when it comes out of further operations."""

GUARD = 1e-30
"""A number smaller than this stands under a root only to keep its slope finite; readers are spared it."""


def _exact(number: sympy.Float) -> sympy.Expr:
    """What a float was written as: an integer, a multiple of pi or 1/pi, a root or an integer beside e; else itself."""
    value = float(number)
    side = 1 if value > 0 else -1
    if abs(value) < GUARD:
        return sympy.Integer(0)
    if value == int(value):
        return sympy.Integer(int(value))
    for count in range(1, 41):
        if abs(value) == count * math.pi / 2:
            return sympy.Rational(side * count, 2) * sympy.pi
        if math.isclose(abs(value), count / math.pi, rel_tol=ULPS):
            return side * count / sympy.pi
    square = f"{value * value:.3g}"
    if len(repr(value)) > 10 and math.isclose(abs(value), math.sqrt(float(square)), rel_tol=ULPS):
        return side * sympy.sqrt(sympy.Rational(square))
    rest = round(value - math.e)
    return sympy.Integer(rest) + sympy.E if value == rest + math.e else number


assert precedence(sympy.Symbol("x")) > PRECEDENCE["Pow"]  # a bare symbol never gets parentheses
