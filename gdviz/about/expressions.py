"""Expressions of rules in TeX: what Python writes as beta1 * m + (1 - beta1) * g."""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Callable, Mapping

from gdviz.formula import tex
from gdviz.registry.vocabulary import SYMBOLS

OR, AND, COMPARED, SUM, PRODUCT, POWER, ATOM = range(7)
"""How tightly an expression holds together, the loosest first."""

_SIGNS: Mapping[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: r"\leq", ast.Gt: ">", ast.GtE: r"\geq", ast.Eq: "=", ast.NotEq: r"\neq",
    ast.Is: "=", ast.IsNot: r"\neq",
}  # fmt: skip
_TURNED: Mapping[type[ast.AST], str] = {
    ast.Lt: r"\geq", ast.LtE: ">", ast.Gt: r"\leq", ast.GtE: "<", ast.Eq: r"\neq", ast.NotEq: "=",
    ast.Is: r"\neq", ast.IsNot: "=",
}  # fmt: skip
"""What holds where a comparison does not."""

_NAMED = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "exp")},
    "log": r"\ln",
    "log10": r"\log_{10}",
    "log2": r"\log_{2}",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "sign": r"\operatorname{sgn}",
    "largest": r"\max",
    "diagonal": r"\operatorname{diag}",
    "value": "f",
    "gradient": r"\nabla f",
    "hessian": r"\nabla^{2} f",
}
"""Functions of one argument or more that stand before it."""

_AROUND = {
    "abs": (r"\left|", r"\right|"),
    "norm": (r"\left\|", r"\right\|"),
    "floor": (r"\left\lfloor", r"\right\rfloor"),
}

_LETTERS = {
    "inf": r"\infty",
    "pi": r"\pi",
    "normal": r"\xi",
    "uniform": "u",
    "uniform2": "u_{2}",
    "steps": "T",
    "dim": "n",
    "value": "f",
    "gradient": r"\nabla f",
    "hessian": r"\nabla^{2} f",
    "True": r"\mathrm{true}",
    "False": r"\mathrm{false}",
    "_": r"\cdot",
}
"""What inputs of definitions are called in formulas."""

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_GREEK = dict(re.findall(r"(\w+) (\S)", "alpha α beta β gamma γ delta δ varepsilon ε eta η kappa κ lambda λ mu μ nu ν "
                         "rho ρ sigma σ tau τ varphi φ psi ψ theta θ omega ω Delta Δ Sigma Σ"))  # fmt: skip


class UnwrittenError(Exception):
    """Something that has no form in TeX here."""


def symbol(sign: str) -> str:
    """A symbol of a legend, such as β₁ or η⁻, in TeX."""
    for word, letter in _GREEK.items():
        sign = sign.replace(letter, rf"\{word} ")
    sign = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda found: f"^{{{found[0].translate(_RAISED)}}}", sign.strip())
    sign = re.sub("[₀₁₂₃₄₅₆₇₈₉]+", lambda found: f"_{{{found[0].translate(_LOWERED)}}}", sign)
    sign = re.sub(r"\s+(?=[_^]|$)", "", sign.replace("*", "^{*}"))
    return sign if re.fullmatch(r"(\\\w+|\w)([_^](\{[^{}]*\}|\w))*", sign) else name(sign)


def name(word: str) -> str:
    """A name of Python's: m_hat has a hat, f_worst an index, v1 the index 1; whole words are upright."""
    if word in _LETTERS:
        return _LETTERS[word]
    first, *rest = [part for part in word.split("_") if part] or [word]
    matched = re.fullmatch(r"(\D+)(\d+)", first)
    base, rest = (matched[1], [matched[2], *rest]) if matched else (first, rest)
    if base in SYMBOLS:
        said = symbol(SYMBOLS[base])
    else:
        said = rf"\{base}" if base in tex.GREEK else base if len(base) == 1 else rf"\mathrm{{{base}}}"
    if "hat" in rest:
        rest.remove("hat")
        said = rf"\hat{{{said}}}"
    index = r",\,".join(
        part if part.isdigit() or len(part) == 1 else rf"\{part}" if part in tex.GREEK else rf"\mathrm{{{part}}}"
        for part in rest
    )
    return f"{said}_{{{index}}}" if rest else said


@dataclasses.dataclass(frozen=True)
class Writer:
    """Writes expressions. spelled: how names are written; number: a name of the surroundings that is a number, else
    None; cases: what joins values by cases: a sentence with the condition, and one for what is left."""

    spelled: Callable[[str], str]
    number: Callable[[str], float | None]
    condition: Callable[[str], str]
    otherwise: str

    def text(self, node: ast.expr, holds: int = OR) -> str:
        """An expression, in brackets where it holds less tightly than asked."""
        said, own = self._written(node)
        return said if own >= holds else rf"\left({said}\right)"

    def _written(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant(value=bool() | None as value):
                return (r"\varnothing" if value is None else name(str(value))), ATOM
            case ast.Constant(value=int() | float() as value):
                said = tex.number(float(value))
                return said, SUM if said.startswith(
                    "-"
                ) else PRODUCT if "cdot" in said else POWER if "^" in said else ATOM
            case ast.Name(id=word):
                value = self.number(word)
                return self._written(ast.Constant(value)) if value is not None else (self.spelled(word), ATOM)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.text(operand, PRODUCT)}", SUM
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left=left, ops=[op], comparators=[right])):
                return f"{self.text(left, SUM)} {_TURNED[type(op)]} {self.text(right, SUM)}", COMPARED
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return rf"\neg {self.text(operand, POWER)}", COMPARED
            case ast.BoolOp(op=op, values=values):
                return self._joined(values, isinstance(op, ast.And))
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
                return self._joined([left, right], isinstance(op, ast.BitAnd))
            case ast.Compare(left=left, ops=ops, comparators=others):
                said = "".join(
                    f" {_SIGNS[type(op)]} {self.text(other, SUM)}" for op, other in zip(ops, others, strict=True)
                )
                return self.text(left, SUM) + said, COMPARED
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._sum(left, "+", right, SUM)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return self._sum(left, "-", right, PRODUCT)
            case ast.BinOp(op=ast.Mult()):
                return self._product(node)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return rf"\frac{{{self.text(left)}}}{{{self.text(right)}}}", POWER
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
                return rf"\left\lfloor \frac{{{self.text(left)}}}{{{self.text(right)}}} \right\rfloor", ATOM
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return rf"{self.text(left, PRODUCT)} \bmod {self.text(right, POWER)}", PRODUCT
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(left, right)
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._cases(test, yes, no)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                value, indices = _indexed(node)
                said = self.text(value, ATOM)
                listed = r",\,".join(map(self._index, indices))
                return said if _is_column(node) else f"{said}_{{{listed}}}", ATOM
            case ast.Tuple(elts=values):
                return rf"\left({self._listed(values)}\right)", ATOM
            case ast.ListComp(elt=value, generators=[of]) | ast.GeneratorExp(elt=value, generators=[of]):
                return rf"\left({self.text(value)}\right)_{{{self.among(of)}}}", ATOM
            case ast.List(elts=values):
                return rf"\left({self._listed(values)}\right)", ATOM
        raise UnwrittenError(f"'{ast.unparse(node)}' has no form in TeX")

    def _listed(self, values: list[ast.expr]) -> str:
        return r",\, ".join(map(self.text, values))

    def _joined(self, values: list[ast.expr], every: bool) -> tuple[str, int]:
        sign, own = (r" \land ", AND) if every else (r" \lor ", OR)
        return sign.join(self.text(value, COMPARED) for value in values), own

    def _sum(self, left: ast.expr, sign: str, right: ast.expr, holds: int) -> tuple[str, int]:
        after = self.text(right, holds)
        if after.startswith("-"):  # + -b
            after = rf"\left({after}\right)"
        return f"{self.text(left, SUM)} {sign} {after}", SUM

    def _product(self, node: ast.expr) -> tuple[str, int]:
        """Factors side by side; equal ones as a power, a column times a row as an outer product."""
        factors, said = _factors(node), list[str]()
        if isinstance(factors[0], ast.UnaryOp) and isinstance(factors[0].op, ast.USub):
            rest = functools.reduce(lambda a, b: ast.BinOp(a, ast.Mult(), b), [factors[0].operand, *factors[1:]])
            return f"-{self.text(rest, PRODUCT)}", SUM
        while factors:
            one, *factors = factors
            if _is_column(one) and factors:
                row, *factors = factors
                said.append(rf"{self.text(one, POWER)}\, {self.text(row, ATOM)}^{{\top}}")
                continue
            count = 1 + sum(ast.dump(one) == ast.dump(other) for other in factors)
            factors = [other for other in factors if ast.dump(one) != ast.dump(other)]
            said.append(self._power(one, ast.Constant(count))[0] if count > 1 else self.text(one, PRODUCT))
        text = said[0]
        for factor in said[1:]:
            text += (r" \cdot " if re.match(r"[\d-]", factor) else r"\, ") + factor
        return text, PRODUCT if len(said) > 1 else POWER

    def _power(self, base: ast.expr, exponent: ast.expr) -> tuple[str, int]:
        said = self.text(base, ATOM)
        if "^" in said and isinstance(base, (ast.Name, ast.Attribute)):
            said = rf"\left({said}\right)"
        return f"{said}^{{{self.text(exponent)}}}", POWER

    def _cases(self, test: ast.expr, yes: ast.expr, no: ast.expr) -> tuple[str, int]:
        rows = [f"{self.text(yes)} & {self.condition(self.text(test))}"]
        while (found := _choice(no)) is not None:
            test, yes, no = found
            rows.append(f"{self.text(yes)} & {self.condition(self.text(test))}")
        rows.append(f"{self.text(no)} & {self.otherwise}")
        listed = r" \\ ".join(rows)
        return rf"\begin{{cases}} {listed} \end{{cases}}", ATOM

    def _call(self, node: ast.Call) -> tuple[str, int]:
        called, given = ast.unparse(node.func), node.args
        match called, given:
            case "sqrt", [x]:
                return rf"\sqrt{{{self.text(x)}}}", ATOM
            case "cbrt", [x]:
                return rf"\sqrt[3]{{{self.text(x)}}}", ATOM
            case "power", [a, b]:
                return self._power(a, b)
            case "where", [test, yes, no]:
                return self._cases(test, yes, no)
            case "dot", [a, b]:
                if ast.dump(a) == ast.dump(b):
                    return rf"\left\| {self.text(a)} \right\|^{{2}}", POWER
                return rf"\left\langle {self.text(a)},\, {self.text(b)} \right\rangle", ATOM
            case "times", [a, b]:
                return rf"{self.text(a, PRODUCT)}\, {self.text(b, POWER)}", PRODUCT
            case "solve", [matrix, vector, *shift]:
                added = f" + {self.text(shift[0], PRODUCT)}\\, I" if shift else ""
                inner = self.text(matrix, SUM)
                inverse = rf"\left({inner}{added}\right)" if added or len(inner) > 1 else inner
                return rf"{inverse}^{{-1}}\, {self.text(vector, POWER)}", PRODUCT
            case "total", [x]:
                return rf"\sum {self.text(x, PRODUCT)}", PRODUCT
            case "sum", [ast.GeneratorExp(elt=value, generators=[of])]:
                return rf"{self._sum_over(of)} {self.text(value, PRODUCT)}", PRODUCT
            case "any", [ast.GeneratorExp(elt=value, generators=[of])]:
                return rf"\exists\, {self.among(of)}:\, {self.text(value, SUM)}", COMPARED
            case "sum", [x]:
                return rf"\sum {self.text(x, PRODUCT)}", PRODUCT
            case "len", [x]:
                return rf"\dim {self.text(x, ATOM)}", PRODUCT
            case "float", [x]:
                return self._written(x)
            case "int", [x]:
                return self._written(x) if isinstance(x, ast.Name) else self._call(ast.Call(ast.Name("floor"), [x], []))
            case "random.normal", _:
                return r"\mathcal{N}\left(0,\, I\right)", ATOM
            case "random.random", _:
                return r"\mathcal{U}\left(0,\, 1\right)", ATOM
        if called in _AROUND and len(given) == 1:
            before, behind = _AROUND[called]
            return f"{before} {self.text(given[0])} {behind}", ATOM
        if called.endswith((".copy", ".any")) and isinstance(node.func, ast.Attribute):
            return self._written(node.func.value)
        if called.startswith(".") or not all(part.isidentifier() for part in called.split(".")):
            raise UnwrittenError(f"'{called}' has no form in TeX")
        spaced = re.sub(r"[_.]+", r"\\ ", called.strip("_"))
        said = _NAMED.get(called) or rf"\operatorname{{{spaced}}}"
        if called == "exp" and len(given) == 1:
            return f"e^{{{self.text(given[0])}}}", POWER
        return rf"{said}\left({self._listed(given)}\right)", ATOM

    def _sum_over(self, of: ast.comprehension) -> str:
        match of.iter:
            case ast.Call(func=ast.Name(id="range"), args=[count]):
                last = self._sum(count, "-", ast.Constant(1), PRODUCT)[0]
                return rf"\sum_{{{self.text(of.target)} = 0}}^{{{last}}}"
        return rf"\sum_{{{self.among(of)}}}"

    def among(self, of: ast.comprehension) -> str:
        """What a sum or a list goes through."""
        return self.through(of.target, of.iter)

    def through(self, target: ast.expr, values: ast.expr) -> str:
        """i = 0, …, n − 1, or an element of a list."""
        match values:
            case ast.Call(func=ast.Name(id="range"), args=[count]):
                last = self._sum(count, "-", ast.Constant(1), PRODUCT)[0]
                return rf"{self.text(target)} = 0,\, \ldots,\, {last}"
            case ast.Call(func=ast.Name(id="zip"), args=several):
                return rf"{self.text(target)} \in {self._listed(several)}"
        return rf"{self.text(target)} \in {self.text(values)}"

    def _index(self, index: ast.expr) -> str:
        match index:
            case ast.Tuple(elts=parts):
                return r",\,".join(map(self._index, parts))
            case ast.Slice(lower=None, upper=None):
                return ":"
            case ast.Slice(lower=lower, upper=upper):
                return f"{self.text(lower) if lower else ''}:{self.text(upper) if upper else ''}"
        return self.text(index)


def _factors(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_factors(node.left), *_factors(node.right)]
    return [node]


def _indexed(node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """What is indexed, and by what: of corners[0][1] by both."""
    if not isinstance(node, ast.Subscript):
        return node, []
    value, before = _indexed(node.value)
    return value, [*before, node.slice]


def _is_column(node: ast.expr) -> bool:
    """Whether it is y[:, None], a vector upright."""
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=[ast.Slice(lower=None, upper=None), ast.Constant(value=None)])):
            return True
    return False


def _choice(node: ast.expr) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    """Condition and both values of a value by cases."""
    match node:
        case ast.IfExp(test=test, body=yes, orelse=no):
            return test, yes, no
        case ast.Call(func=ast.Name(id="where"), args=[test, yes, no]):
            return test, yes, no
    return None
