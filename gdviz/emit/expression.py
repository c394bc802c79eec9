"""Numbers in emitted text: what kind each expression is, how often it changes, and how it is printed for one dtype.

NumPy keeps Python's own numbers weak: `2 * x` is computed in the dtype of x. A compiler does not, so every literal that
meets a value of the plan's dtype is printed as `F(…)`, which rounds it once and exactly as NumPy does.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import math
from collections.abc import Iterable, Mapping, Sequence

from gdviz import formula
from gdviz.emit.operators import ARITHMETIC, COMPARISONS, WHOLE
from gdviz.errors import UsageError


class EmissionError(UsageError):
    """A definition that cannot become a kernel; the python backend still runs it."""


class Kind(enum.IntEnum):
    """What an expression is in Python: int, float, a value of the plan's dtype, or a condition."""

    INTEGER = 0
    FLOAT = 1
    REAL = 2
    TRUTH = 3


class Level(enum.IntEnum):
    """How often an expression changes: never, every step, with the trajectory too, with its coordinates as well."""

    CONSTANT = 0
    STEP = 1
    RUN = 2
    COORDINATE = 3


@dataclasses.dataclass(frozen=True)
class Value:
    """Kind and level of one expression."""

    kind: Kind
    level: Level


ELEMENTARY = frozenset(
    {
        *("sqrt", "cbrt", "exp", "log", "log2", "log10", "log1p", "abs", "sign", "floor"),
        *("sin", "cos", "sinq", "cosq", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    }
)
REDUCTIONS: Mapping[str, str] = {
    "dot": "({} + {})",
    "norm": "({} + {})",
    "total": "({} + {})",
    "largest": "max({}, {})",
}
"""Functions that go over coordinates, each with the text that joins what two of them give."""
LEAPING = frozenset({"sign", "floor"})
EXTREMES = frozenset({"max", "min"})
OF_TWO = frozenset({*EXTREMES, "atan2"})
PLAIN = frozenset({"max", "min", "abs"})
"""Functions that Python itself has for plain numbers."""
POWER, PRODUCT = "_pow", "_product"
"""Names of a real power and of h**t as a running product in canonical text; neither can be a definition's own name
(parameters of definitions do not begin with an underscore)."""

NEGLIGIBLE = 2.0**-100
"""Running products below this are 0: nothing in either dtype notices, and subnormal numbers, which a product of many
lanes would otherwise pass through all the time, slow a whole kernel down by half."""

_CHAINS = {"+": "+-", "-": "+-", "*": "*/", "/": "*/"}


def number(node: ast.AST) -> int | float | None:
    """The number a literal is, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return node.value
    return None


def called(node: ast.AST) -> str | None:
    """Name of the function that an expression calls, None for anything else."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None


def variables(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that expressions read, of functions too."""
    return {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}


def needed(results: Iterable[ast.AST], assignments: Sequence[tuple[str, ast.expr]]) -> set[str]:
    """Names that results depend on, directly or by assignments, which are in order."""
    wanted = variables(results)
    for name, value in reversed(assignments):
        if name in wanted:
            wanted |= variables([value])
    return wanted


def judge(node: ast.expr, names: Mapping[str, Value]) -> Value:
    """Kind and level of a canonical expression; `names` holds those of its variables.

    Raises EmissionError for an expression that is not in the language of kernels.
    """
    match node:
        case ast.Constant(value=bool()):
            return Value(Kind.TRUTH, Level.CONSTANT)
        case ast.Constant(value=int()):
            return Value(Kind.INTEGER, Level.CONSTANT)
        case ast.Constant(value=float()):
            return Value(Kind.FLOAT, Level.CONSTANT)
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return judge(operand, names)
        case ast.UnaryOp(op=ast.Invert() | ast.Not(), operand=operand):
            return Value(Kind.TRUTH, judge(operand, names).level)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr(), left=left, right=right):
            return Value(Kind.TRUTH, max(judge(left, names).level, judge(right, names).level))
        case ast.BinOp(left=left, op=op, right=right):
            a, b = judge(left, names), judge(right, names)
            if Kind.TRUTH in (a.kind, b.kind):
                raise EmissionError(
                    f"'{ast.unparse(node)}' computes with a condition; write where(condition, 1.0, 0.0)"
                )
            kind = max(a.kind, b.kind)
            if type(op) in WHOLE:
                if kind is not Kind.INTEGER:
                    raise EmissionError(f"'{ast.unparse(node)}' divides with remainder; write it with floor")
            elif isinstance(op, ast.Div):
                kind = max(kind, Kind.FLOAT)
            return Value(kind, max(a.level, b.level))
        case ast.Compare(left=left, comparators=[right]):
            return Value(Kind.TRUTH, max(judge(left, names).level, judge(right, names).level))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _judge_call(name, [judge(a, names) for a in args], node)
    raise EmissionError(f"'{ast.unparse(node)}' is not part of a kernel's language")


def _judge_call(name: str, values: list[Value], node: ast.expr) -> Value:
    level = max(v.level for v in values)
    if name in ELEMENTARY:
        return Value(max(values[0].kind, Kind.FLOAT), level)
    if name in REDUCTIONS:
        if level is not Level.COORDINATE:
            raise EmissionError(f"'{ast.unparse(node)}' has no coordinates to go over")
        return Value(Kind.REAL, Level.RUN)
    if name in EXTREMES:
        return Value(max(v.kind for v in values), level)
    if name in OF_TWO:
        return Value(max(Kind.FLOAT, *(v.kind for v in values)), level)
    if name == "where":
        kind = max(v.kind for v in values[1:])
        # Between Python's numbers a condition on numbers of the run chooses values of the plan's dtype.
        return Value(Kind.REAL if values[0].level > Level.STEP else kind, level)
    if name in (POWER, PRODUCT):
        return Value(Kind.REAL, level)
    raise EmissionError(f"'{ast.unparse(node)}' calls {name}, which kernels do not know")


class Printer:
    """Text of canonical expressions for one dtype.

    `names` holds kind and level of every variable, `words` how it is written where it is not its own name.
    """

    def __init__(self, names: Mapping[str, Value], words: Mapping[str, str] | None = None) -> None:
        self.names = names
        self.words = words or {}

    def real(self, node: ast.expr) -> str:
        """Text of an expression as a value of the plan's dtype."""
        if (literal := number(node)) is not None:
            return f"F({_spelled(float(literal))})"
        text = self.text(node)
        return text if judge(node, self.names).kind is Kind.REAL else f"F({text})"

    def text(self, node: ast.expr) -> str:
        """Text of an expression in its own kind."""
        match node:
            case ast.Constant(value=value):
                return _spelled(value) if isinstance(value, float) else repr(value)
            case ast.Name(id=name):
                return self.words.get(name, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(-{self.text(operand)})"
            case ast.UnaryOp(operand=operand):
                return f"(not {self.text(operand)})"
            case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
                return f"({self.text(left)} & {self.text(right)})"
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return f"({self.text(left)} | {self.text(right)})"
            case ast.BinOp(left=left, op=op, right=right):
                sign = {**ARITHMETIC, **WHOLE}[type(op)][0]
                first = self._beside(left, node)
                if sign in _CHAINS.get(
                    _sign(left), ""
                ):  # a + b + c is (a + b) + c, and a hundred terms need no brackets
                    first = first.removeprefix("(").removesuffix(")") if first.startswith("(") else first
                return f"({first} {sign} {self._beside(right, node)})"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                both = max(judge(left, self.names).kind, judge(right, self.names).kind)
                show = self.real if both is Kind.REAL else self.text
                return f"({show(left)} {COMPARISONS[type(op)][0]} {show(right)})"
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, args, node)
        raise EmissionError(f"'{ast.unparse(node)}' is not part of a kernel's language")

    def _beside(self, operand: ast.expr, whole: ast.expr) -> str:
        return self.real(operand) if judge(whole, self.names).kind is Kind.REAL else self.text(operand)

    def _call(self, name: str, args: list[ast.expr], node: ast.expr) -> str:
        is_real = judge(node, self.names).kind is Kind.REAL
        if name == "where":
            show = self.real if is_real else self.text
            return f"where({self.text(args[0])}, {show(args[1])}, {show(args[2])})"
        if is_real:
            word = "pow" if name == POWER else name
            return f"{word}({', '.join(map(self.real, args))})"
        if name in PLAIN:
            return f"{name}({', '.join(map(self.text, args))})"
        if name in LEAPING:
            raise EmissionError(f"'{ast.unparse(node)}' takes {name} of a plain number; compute it beforehand")
        return f"math.{name}({', '.join(map(self.text, args))})"


def _sign(node: ast.expr) -> str:
    return ARITHMETIC[type(node.op)][0] if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC else ""


def _spelled(value: float | int) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return repr(value)


def folded(node: ast.expr) -> ast.expr:
    """The literal that an expression of literals is, computed as Python computes it; else the expression itself."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand) if (a := number(operand)) is not None:
            return ast.Constant(-a)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            a, b = number(left), number(right)
            if a is not None and b is not None and not (isinstance(op, ast.Div) and b == 0):
                return ast.Constant(ARITHMETIC[type(op)][1](a, b))
        case ast.Call(func=ast.Name(id=name), args=args) if name in formula.FUNCTIONS and name != "where":
            values = [number(a) for a in args]
            if all(v is not None for v in values):
                return ast.Constant(formula.FUNCTIONS[name](*values))
    return node
