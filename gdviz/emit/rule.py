"""The canonical form of a straight-line rule: what every backend computes, operation by operation.

Switches are folded, each variable is assigned once, integer powers are products, `h**t` is a running product
((h·h)·h)…, other powers are vmath's, and division by what depends only on t and hyperparameters is multiplication by
its reciprocal, which is then computed once a step. The python backend runs this form on NumPy, the others emit it.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import inspect
import textwrap
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from gdviz import formula
from gdviz.emit.expression import (
    ELEMENTARY,
    OF_TWO,
    POWER,
    PRODUCT,
    REDUCTIONS,
    EmissionError,
    Kind,
    Level,
    Value,
    called,
    judge,
)
from gdviz.registry.definition import Definition


@dataclasses.dataclass(frozen=True, eq=False)
class Rule:
    """A step rule (or look-ahead) as assignments in order.

    arguments: names it takes, inputs, then state, then hyperparameters, with kind and level in `names` as all other
    names; assignments: (name, expression), each name once; results: the expressions it returns; products: h of each
    `h**t`, numbered in order.
    """

    name: str
    arguments: tuple[str, ...]
    names: Mapping[str, Value]
    assignments: tuple[tuple[str, ast.expr], ...]
    results: tuple[ast.expr, ...]
    products: tuple[ast.expr, ...]

    def renamed(self, words: Mapping[str, str]) -> Rule:
        """The same rule with other names for some of its variables."""

        class Renaming(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.Name:
                return ast.Name(words.get(node.id, node.id))

            def visit_Call(self, node: ast.Call) -> ast.Call:
                return ast.Call(node.func, [self.visit(a) for a in node.args], [])

        def changed(node: ast.expr) -> ast.expr:
            result: ast.expr = Renaming().visit(copy.deepcopy(node))
            return result

        return Rule(
            self.name,
            tuple(words.get(name, name) for name in self.arguments),
            {words.get(name, name): value for name, value in self.names.items()},
            tuple((name, changed(value)) for name, value in self.assignments),
            tuple(map(changed, self.results)),
            tuple(map(changed, self.products)),
        )

    def levels(self, swept: Iterable[str], each: Collection[str] = ()) -> dict[str, Value]:
        """Kind and level of every name when some hyperparameters differ from lane to lane, those of `each` also from
        coordinate to coordinate."""
        names = dict(self.names)
        for name in swept:
            if name in names:
                names[name] = Value(Kind.REAL, Level.COORDINATE if name in each else Level.RUN)
        for name, value in self.assignments:
            names[name] = judge(value, names)
        return names

    def text(self) -> str:
        """The rule as a Python function; `_F` rounds plain numbers to the plan's dtype."""
        lines = [f"def {self.name}({', '.join((*self.arguments, PRODUCT))}):"]
        lines += [f"    {name} = {ast.unparse(_rounded(value, self.names))}" for name, value in self.assignments]
        results = ", ".join(ast.unparse(_rounded(value, self.names)) for value in self.results)
        return "\n".join([*lines, f"    return {results}"]) + "\n"

    def function(self, round_: Callable[[Any], Any], power: Callable[[Any, Any], Any]) -> Callable[..., Any]:
        """The rule compiled for one dtype on NumPy; its last argument answers running products."""
        functions = {**formula.FUNCTIONS, **{name: getattr(formula, name) for name in REDUCTIONS}}
        namespace: dict[str, Any] = {**functions, "_F": round_, POWER: power}
        exec(compile(self.text(), f"<gdviz {self.name}>", "exec"), namespace)
        made: Callable[..., Any] = namespace[self.name]
        return made


def inputs_of(definition: Definition) -> dict[str, Value]:
    """Kind and level of all that an optimizer's or a transform's signature may name."""
    real = {
        "x": Level.COORDINATE,
        "g": Level.COORDINATE,
        "x0": Level.COORDINATE,
        "normal": Level.COORDINATE,
        "uniform": Level.COORDINATE,
        "uniform2": Level.COORDINATE,
        "lr": Level.STEP,
        "f": Level.RUN,
        "base": Level.RUN,
        **{s: Level.RUN if s in definition.scalars else Level.COORDINATE for s in definition.state},
        **dict.fromkeys(definition.parameters, Level.STEP),
    }
    asked = {"t", "steps", "dim"} & set(definition.inputs)
    whole = {name: Value(Kind.INTEGER, Level.STEP) for name in asked}
    return {**{name: Value(Kind.REAL, level) for name, level in real.items()}, **whole}


def tree_of(function: Callable[..., Any]) -> tuple[tuple[str, ...], list[ast.stmt]]:
    """Arguments and statements of a function or lambda.

    Raises EmissionError where there is no source text, or where the text found is not certainly that of the function:
    wrapped, one of several lambdas of a line, or edited since it was imported.
    """
    name = getattr(function, "__name__", repr(function))
    if not inspect.isfunction(function) or hasattr(function, "__wrapped__"):
        raise EmissionError(f"{name} is no plain function to make a kernel of")
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise EmissionError(f"{name} has no source text to make a kernel of") from None
    wanted = tuple(inspect.signature(function).parameters)
    for candidate in (text, text + "\ndef _(): pass", f"_({text}\n)", "(" + text.strip().rstrip(",)") + "))"):
        try:
            tree = ast.parse(candidate)
        except SyntaxError:
            continue
        found = [
            node
            for node in ast.walk(tree)
            if (isinstance(node, ast.FunctionDef) and node.name == name)
            or (isinstance(node, ast.Lambda) and name == "<lambda>" and _names(node) == wanted)
        ]
        if len(found) == 1 and _is_text_of(found[0], function):
            node = found[0]
            return wanted, node.body if isinstance(node, ast.FunctionDef) else [ast.Return(node.body)]
    raise EmissionError(f"the text of {name} cannot be read back")


def resolved(around: inspect.ClosureVars, node: ast.expr) -> Any:
    """What a name (or an attribute of one) of a function's surroundings stands for; None where nothing does."""
    if isinstance(node, ast.Attribute):
        return getattr(resolved(around, node.value), node.attr, None)
    if not isinstance(node, ast.Name):
        return None
    for place in (around.nonlocals, around.globals, around.builtins):
        if node.id in place:
            return place[node.id]
    return None


def _names(node: ast.Lambda) -> tuple[str, ...]:
    return tuple(argument.arg for argument in node.args.args)


def _is_text_of(node: ast.FunctionDef | ast.Lambda, function: Callable[..., Any]) -> bool:
    """Whether the text compiles to the function's code; constants and names are compared, as jumps may differ."""
    plain = copy.deepcopy(node)
    if isinstance(plain, ast.FunctionDef):
        plain.decorator_list = []
        plain.returns = None
    module = ast.Module([plain if isinstance(plain, ast.FunctionDef) else ast.Expr(plain)], [])
    whole = compile(ast.fix_missing_locations(module), "<text>", "exec")
    codes = [item for item in whole.co_consts if isinstance(item, types.CodeType)]
    mine = function.__code__

    def numbers(code: types.CodeType) -> list[str]:
        return sorted(repr(c) for c in code.co_consts if not isinstance(c, types.CodeType))

    return any(
        numbers(code) == numbers(mine)
        and code.co_varnames == mine.co_varnames
        and set(code.co_names) <= set(mine.co_names) | set(mine.co_freevars)
        for code in codes
    )


class Names:
    """Names that are given once."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def fresh(self, word: str) -> str:
        """The word itself, or with a number behind it where it is taken."""
        count, name = 1, word
        while name in self.taken:
            count += 1
            name = f"{word}{count}"
        self.taken.add(name)
        return name


RESERVED = frozenset(
    {
        *ELEMENTARY,
        *REDUCTIONS,
        *OF_TWO,
        "where",
        "pow",
        "F",
        "W",
        "L",
        "j",
        "d",
        "range",
        "abs",
        "c",
        "h",
        "p",
        "np",
        "math",
        "box",
        "lost",
        "moved",
        "centre",
        "reach",
    }
)


def _rounded(node: ast.expr, names: Mapping[str, Value]) -> ast.expr:
    """The expression with plain numbers rounded by `_F` where NumPy would otherwise compute in float64."""

    class Rounding(ast.NodeTransformer):
        def visit_Call(self, call: ast.Call) -> ast.expr:
            kind = judge(call, names).kind
            name = called(call)
            if name == PRODUCT:
                slot, base = call.args
                return ast.Call(call.func, [slot, self._real(base), ast.Name("t")], [])
            args = list(call.args)
            first = 1 if name == "where" else 0
            if kind is Kind.REAL and name in {"where", POWER, *OF_TWO}:
                args[first:] = [self._real(a) for a in args[first:]]
                args[:first] = [self.visit(a) for a in args[:first]]
            else:
                args = [self.visit(a) for a in args]
            return ast.Call(call.func, args, [])

        def _real(self, operand: ast.expr) -> ast.expr:
            plain = judge(operand, names).kind is not Kind.REAL
            inner = self.visit(operand)
            return ast.Call(ast.Name("_F"), [inner], []) if plain else inner

    result: ast.expr = Rounding().visit(copy.deepcopy(node))
    return result
