"""Formulas typed by a user: read by an allow-list, never evaluated as Python.

The text, brought to Python's syntax by gdviz.formula.notation, is parsed to a tree of which only numbers, names,
+ - * / **, comparisons and calls of the functions of gdviz.formula are accepted; the tree is then walked node by node
with floats, arrays or SymPy symbols.
"""

from __future__ import annotations

import ast
import inspect
import keyword
import math
import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gdviz import formula
from gdviz.errors import FormulaError, nearest
from gdviz.formula.notation import python_of
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition

LIMIT_CHARACTERS = 1000
LIMIT_NODES = 400
LIMIT_DEPTH = 40
LIMIT_EXPONENT = 100.0

COORDINATES = ("x", "y")
POINT = "i"
_CONSTANTS = {"pi": math.pi, "e": math.e}
_LOOKALIKES = {"х": "x", "у": "y", "е": "e", "а": "a", "с": "c"}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_STRANGE = re.compile(r"[^\w\s.,+\-*/%^()<>=|:]")
_OF_DATA = {"n": 200.0, "span": 1.0, "noise": 0.0}
"""What data of any formula have: how many, from -span to span, under how much noise."""
_LITERALS = ("True", "False", "None")
_ARGUMENTS = {"where": 3, "min": 2, "max": 2, "atan2": 2}


def parse(text: str, constants: Mapping[str, float] | None = None) -> Definition:
    """Make a landscape of a formula in x (and y) and the constants given by name; `^` means power.

    Raises FormulaError naming what is not allowed and what to type instead.
    """
    body, used = _read(text, dict(constants or {}), COORDINATES)
    if not used & set(COORDINATES):
        raise FormulaError('the formula uses neither x nor y; type one such as "x**2 + 3*y**2"')
    if any(isinstance(node, ast.Mod) for node in ast.walk(body)):
        raise FormulaError("the formula holds %, which has no derivative; it is for signals in i")
    variables = COORDINATES if "y" in used else COORDINATES[:1]
    return _described("landscape", body, variables, constants or {}, (parse, (text, dict(constants or {}))))


def parse_signal(text: str, constants: Mapping[str, float] | None = None) -> Definition:
    """Make a signal of a formula in i, the number of the point, and the constants given by name; `%` is the remainder.

    Raises FormulaError naming what is not allowed and what to type instead.
    """
    body, used = _read(text, dict(constants or {}), (POINT,))
    if POINT not in used:
        raise FormulaError('the formula does not use i, the number of the point; type one such as "sin(i/10)"')
    return _described("signal", body, (POINT,), constants or {}, (parse_signal, (text, dict(constants or {}))))


def parse_data(text: str, constants: Mapping[str, float] | None = None) -> Definition:
    """Make a data set of a formula in x (and y) and the constants given by name, beside those that all such have.

    A comparison, as in `y > sin(3*x)`, tells two classes in the plane; any other formula is a number to be told.
    Raises FormulaError naming what is not allowed and what to type instead.
    """
    kept = {name: value for name, value in (constants or {}).items() if name not in _OF_DATA}
    body, used = _read(text, kept, COORDINATES, data=True)
    compared = isinstance(body, ast.Compare)
    if not used & set(COORDINATES):
        raise FormulaError('the formula uses neither x nor y; type one such as "y > sin(3*x)"')
    variables = COORDINATES if compared or "y" in used else COORDINATES[:1]

    def typed(uniform: Any, normal: Any, n: float, span: float, noise: float, **given: float) -> Any:
        x = [span * (2 * uniform() - 1) for _ in variables]
        value = _walk(body, {**_CONSTANTS, **given, **dict(zip(variables, x, strict=True))})
        if not compared:
            return tuple(x), value + noise * normal()
        return tuple(c + noise * normal() for c in x), formula.where(value, 1.0, 0.0)

    ask, choose = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.KEYWORD_ONLY
    typed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, ask) for name in ("uniform", "normal")]
        + [inspect.Parameter(name, choose, default=value) for name, value in {**_OF_DATA, **kept}.items()]
    )
    typed.definition_text = f"{ast.unparse(body)} of {', '.join((*variables, *kept))}"  # type: ignore[attr-defined]
    typed.made_by = (parse_data, (text, dict(constants or {})))  # type: ignore[attr-defined]
    target = "class" if compared else "z" if "y" in used else "y"
    facts = {"task": "binary" if compared else "regression", "names": variables, "target": target}
    return describe("dataset", typed, name="formula", title="f", source="typed", **facts)


def constants_in(text: str, constants: Mapping[str, float], variables: Sequence[str] = COORDINATES) -> dict[str, float]:
    """Those of the constants that a formula in these variables uses. Raises FormulaError for what is no formula."""
    words = {node.id for node in ast.walk(_parse(text, variables, constants)) if isinstance(node, ast.Name)}
    return {name: value for name, value in constants.items() if name in words}


def _read(
    text: str, constants: Mapping[str, float], variables: tuple[str, ...], data: bool = False
) -> tuple[ast.expr, set[str]]:
    """The formula as a checked tree, and every name in it that is no function; data: it may be one comparison."""
    given = ":" if data else "--set "
    for name, value in constants.items():
        taken = {*variables, *formula.FUNCTIONS, *_CONSTANTS, *_LITERALS}
        if not name.isidentifier() or name in taken:
            raise FormulaError(f"a constant cannot be called '{name}'; choose a name like a, b or kappa")
        if not math.isfinite(value):
            raise FormulaError(f"the constant {name} is {value}; give it a finite number")
    tree = _parse(text, variables, constants, data)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(formula.FUNCTIONS)
    for name in sorted(used - {*variables, *constants, *_CONSTANTS}):
        if name in _LOOKALIKES:
            raise FormulaError(f"the formula holds the Cyrillic letter {name}; type the Latin {_LOOKALIKES[name]}")
        known = nearest(name if len(name) > 1 else "", (*variables, *formula.FUNCTIONS, *constants)).replace(
            "; d", ", or d"
        )
        raise FormulaError(f"the formula uses '{name}', which has no value; give it one with {given}{name}=1{known}")
    if idle := sorted(set(constants) - used):
        raise FormulaError(f"the formula does not use '{idle[0]}'; drop {given}{idle[0]}=… or use it in the formula")
    _check_values(tree.body, {**_CONSTANTS, **constants})
    if (power := _power(tree.body)) > LIMIT_EXPONENT:
        raise FormulaError(f"the formula raises to the power {power:g}; exponents up to {LIMIT_EXPONENT:g} are allowed")
    return tree.body, used


def _check_values(node: ast.AST, names: Mapping[str, float]) -> bool:
    """Whether a part of a formula has a number for a value; FormulaError where that is not finite."""
    inner = [_check_values(child, names) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    divides = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Mod)) and inner[1]
    if isinstance(node, ast.BinOp) and divides and _walk(node.right, names) == 0:
        part = "" if isinstance(node.right, ast.Constant) else f", as {ast.unparse(node.right)} is 0"
        raise FormulaError(f"the formula divides by zero{part}; change the divisor")
    if isinstance(node, ast.Name):
        return node.id in names or node.id in formula.FUNCTIONS
    if not all(inner) or isinstance(node, ast.Compare):
        return False
    if isinstance(node, (ast.Call, ast.BinOp)):
        value, part = _walk(node, names), ast.unparse(node)
        part = part if len(part) <= 40 else f"{part[:40]}…"
        if math.isnan(value):
            raise FormulaError(f"the formula holds {part}, which is no real number; change it, or use abs(…)")
        if math.isinf(value):
            logarithm = isinstance(node, ast.Call) and value < 0
            what = "which is minus infinity" if logarithm else "a number that is too large for floating point"
            raise FormulaError(f"the formula holds {part}, {what}; change it")
    return True


def _described(
    kind: str, body: ast.expr, variables: tuple[str, ...], kept: Mapping[str, float], made: tuple[Any, ...]
) -> Definition:
    """The definition of a checked formula; `made` is the call that makes it again where it is unpickled."""

    def typed(*x: Any, **given: Any) -> Any:
        exact = any(map(formula.is_symbolic, x))
        return _walk(body, {**_CONSTANTS, **kept, **dict(zip(variables, x, strict=False)), **given}, exact)

    parameter = inspect.Parameter
    typed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            parameter(name, parameter.POSITIONAL_ONLY) for name in variables
        ]  # a keyword, lambda, may be one of these only
        + [parameter(name, parameter.POSITIONAL_ONLY, default=value) for name, value in kept.items()]
    )
    typed.definition_text = f"{ast.unparse(body)} of {', '.join((*variables, *kept))}"  # type: ignore[attr-defined]
    typed.made_by = made  # type: ignore[attr-defined]
    return describe(kind, typed, name="formula", title="f", source="typed")


def _parse(text: str, variables: Sequence[str], constants: Collection[str], compares: bool = False) -> ast.Expression:
    if len(text) > LIMIT_CHARACTERS:
        raise FormulaError(f"the formula has {len(text)} characters; {LIMIT_CHARACTERS} are allowed")
    plain = python_of(text, variables, constants, formula.FUNCTIONS)
    depth = deepest = 0
    for character in plain:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > LIMIT_DEPTH:
        raise FormulaError(f"the formula nests {deepest} brackets; {LIMIT_DEPTH} are allowed")
    if not plain:
        raise FormulaError('the formula is empty; type one such as "x**2 + 3*y**2"')
    try:
        if "#" in plain:  # Python would take what follows for a comment
            raise SyntaxError
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise FormulaError(f"the formula cannot be read{_fault(plain, getattr(error, 'offset', None))}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and keyword.iskeyword(node.id[:-1]) and node.id not in constants:
            node.id = node.id[:-1]
    nodes = list(ast.walk(tree))
    if len(nodes) > LIMIT_NODES:
        raise FormulaError(f"the formula has {len(nodes)} parts; {LIMIT_NODES} are allowed")
    for part in _compared(tree.body) if compares and isinstance(tree.body, ast.Compare) else (tree.body,):
        _check(part, 0)
    return tree


def _fault(plain: str, place: int | None) -> str:
    """What is wrong with a text that Python's parser refuses at a place, counted from 1."""
    if strange := _STRANGE.search(plain):
        return f": {strange[0]!r} is no sign of formulas; they hold numbers, names, + - * / ^, brackets and functions"
    if missing := plain.count("(") - plain.count(")"):
        return (
            f": a bracket is {'opened' if missing > 0 else 'closed'}, but not {'closed' if missing > 0 else 'opened'}"
        )
    if ended := re.search(r"(\*\*|[-+*/%^<>=]+)\s*$", plain):
        return f": it ends after '{ended[1].replace('**', '^')}'; type what comes next"
    for before, number in re.findall(r"(\w+|\))\s+(\.?\d+)", plain):
        if not keyword.iskeyword(before):
            return f": put * between '{before}' and '{number}'"
    rest = plain[place - 1 : place + 11] if place and 0 < place <= len(plain) else ""
    if re.match(r"[-+*/%^<>=),]", rest):
        return f": something is missing before '{rest}'"
    return (f" at '{rest}'" if rest else "") + '; type one such as "x**2 + 3*y**2"'


def _check(node: ast.expr, depth: int) -> None:
    """Refuse everything that is not on the list, with the sentence that helps."""
    if depth > LIMIT_DEPTH * 3:
        raise FormulaError("the formula is nested too deeply; split it into fewer levels")
    inner: list[ast.expr] = []
    match node:
        case ast.Constant(value=bool() | str() | bytes() | complex() | None):
            raise FormulaError(f"the formula holds {ast.unparse(node)}; only numbers and names are allowed")
        case ast.Constant(value=int() | float() as number) if not _is_finite(number):
            raise FormulaError("the formula holds a number that is too large for floating point")
        case ast.Name(id=name) if name in formula.FUNCTIONS:
            raise FormulaError(f"{name} is a function; give it brackets, as in {name}(x)")
        case ast.Constant(value=int() | float()) | ast.Name():
            pass
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            inner = [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            inner = [left, right]
        case ast.Compare():
            raise FormulaError("a comparison is allowed only first in where, as in where(x > 0, x**2, y)")
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in formula.FUNCTIONS:
            expected = _ARGUMENTS.get(name, 1)
            if len(args) != expected or any(isinstance(a, ast.Starred) for a in args):
                raise FormulaError(f"{name} takes {expected} argument{'s' if expected > 1 else ''}, not {len(args)}")
            inner = [*_compared(args[0]), *args[1:]] if name == "where" else list(args)
        case ast.Call(func=ast.Name(id=name)):
            hint = nearest(name, formula.FUNCTIONS) or "; allowed are " + " ".join(sorted(formula.FUNCTIONS))
            raise FormulaError(f"there is no function '{name}' in formulas{hint}")
        case ast.Call(func=ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Call(), args=[], keywords=[]):
            raise FormulaError(
                f"the formula holds '{ast.unparse(node)[-20:]}', brackets with nothing in them; drop them"
            )
        case ast.Tuple():
            raise FormulaError("the formula holds a comma; write decimals with a point, as in 0.5*x")
        case _:
            raise FormulaError(
                f"the formula holds '{ast.unparse(node)[:40]}', which is not allowed; "
                "use numbers, x, y, constants, + - * / ** and functions such as sin"
            )
    for child in inner:
        _check(child, depth + 1)


def _compared(condition: ast.expr) -> list[ast.expr]:
    """Both sides of where's condition."""
    match condition:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return [left, right]
    raise FormulaError("where takes one comparison first, as in where(x > 0, x**2, y)")


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _walk(node: ast.expr, names: Mapping[str, Any], exact: bool = False) -> Any:
    """The value of a tree; `exact` keeps quotients of whole numbers as such, for heads that show x^(1/3)."""
    match node:
        case ast.Constant(value=number):
            return number if isinstance(number, int) and abs(number) < 2**53 else float(number)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=op, operand=operand):
            value = _walk(operand, names, exact)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, _walk(left, names, exact), _walk(right, names, exact), exact)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _OPERATORS[type(op)](_walk(left, names, exact), _walk(right, names, exact))
        case ast.Call(func=ast.Name(id=name), args=args):
            values = [_walk(a, names, exact) for a in args]
            return formula.FUNCTIONS[name](*map(_plain, values) if exact and name != "where" else values)
    raise AssertionError(ast.dump(node))  # _check lets nothing else pass


def _plain(value: Any) -> Any:
    """A number as a float, where it is one of SymPy's."""
    return float(value) if formula.is_symbolic(value) and getattr(value, "is_number", False) else value


def _combine(op: ast.operator, left: Any, right: Any, exact: bool) -> Any:
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if isinstance(op, ast.Pow):
        if isinstance(right, (int, float)) and abs(right) > LIMIT_EXPONENT:
            raise FormulaError(
                f"the formula raises to the power {right:g}; exponents up to {LIMIT_EXPONENT:g} are allowed"
            )
        if numbers:
            left = float(left)  # so that towers such as 9**9**9 overflow instead of growing
    elif exact and isinstance(op, ast.Div) and isinstance(left, int) and isinstance(right, int):
        from sympy import Rational

        return Rational(left, right)
    try:
        result = _OPERATORS[type(op)](left, right)
    except (OverflowError, ZeroDivisionError):
        result = math.nan
    if numbers and (isinstance(result, complex) or not math.isfinite(result)):
        import numpy

        with numpy.errstate(all="ignore"):
            return float(_OPERATORS[type(op)](numpy.float64(left), numpy.float64(right)))
    return float(result) if isinstance(result, int) and abs(result) >= 2**53 else result


def _power(node: ast.AST) -> float:
    """Largest product of stacked numeric exponents: ((x**9)**9)**9 counts as 729."""
    inner = max((_power(child) for child in ast.iter_child_nodes(node)), default=1.0)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        free = {leaf.id for leaf in ast.walk(node.right) if isinstance(leaf, ast.Name)} - set(_CONSTANTS)
        if not free:
            inner *= max(1.0, abs(float(_walk(node.right, _CONSTANTS))))
    return inner
