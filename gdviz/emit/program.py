"""A program rule as the text of a function of one trajectory: loops and branches stay as they are written.

    program(value_of, both_of, hessian_of, x, x0, state, h, c, draw, steps, spent, seen, moved)

x, x0, moved: dtype[dim]; state: dtype[state, widest], each from its row's beginning; h: dtype[hyperparameter];
c: dtype[constant]; draw: int64[3], the seed, the step and the number of the run; spent: int64[1], evaluations so far;
seen: dtype[dim], where value or gradient was taken last. The landscape comes as functions of a point (`point_text`):
value_of(x, c, draw), both_of(x, c, g, draw) which fills the gradient and answers the value, hessian_of(x, c, H, draw).
Functions that the rule calls (line searches) are emitted with it. The answer
is the length of the gradient at x, NaN where that is not finite. A value that is no number counts as infinite for what
the rule compares.
"""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gdviz import formula
from gdviz.emit.expression import ELEMENTARY, OF_TWO, REDUCTIONS, EmissionError, Printer, number
from gdviz.emit.objective import straight
from gdviz.emit.rule import RESERVED, Names, resolved, tree_of
from gdviz.formula.derivation import Derived
from gdviz.registry.definition import Definition

CALLBACKS = {
    "value": "_value({point}, _value_of, _c, _draw, _spent, _seen)",
    "gradient": "_gradient({point}, _both_of, _c, _draw, _spent, _seen)",
    "hessian": "_hessian({point}, _hessian_of, _c, _draw, _spent)",
}
HIDDEN = "_value_of, _both_of, _hessian_of, _c, _draw, _spent, _seen"
"""What every emitted function is handed besides its own arguments, to call the landscape back."""

LINEAR = {"solve": "eliminate", "eigen": "jacobi", "times": "multiplied", "diagonal": "diagonal_of"}
"""Functions of gdviz.formula on matrices and those of gdviz.formula.linear that do it."""

_WHOLE = frozenset({"int", "range", "len"})

# Reductions add in the order of the coordinates, as gdviz.formula does.
PRELUDE = """
@dev
def total(x):
    result = x[0]
    for i in range(1, x.size):
        result = result + x[i]
    return result


@dev
def dot(a, b):
    result = a[0] * b[0]
    for i in range(1, a.size):
        result = result + a[i] * b[i]
    return result


@dev
def norm(x):
    return sqrt(dot(x, x))


@dev
def _slope(g):
    sound = True
    for i in range(g.size):
        sound &= np.isfinite(g[i])
    return norm(g) if sound else F(np.nan)


@dev
def largest(x):
    result = x[0]
    for i in range(1, x.size):
        result = max(result, x[i])
    return result


@dev
def _charge(x, spent, seen):
    moved = False
    for i in range(x.size):
        moved |= not x[i] == seen[i]
    if moved:
        spent[0] += 1
        seen[:] = x


@dev
def _value(x, value_of, c, draw, spent, seen):
    _charge(x, spent, seen)
    f = value_of(x, c, draw)
    return F(np.inf) if np.isnan(f) else f


@dev
def _gradient(x, both_of, c, draw, spent, seen):
    _charge(x, spent, seen)
    g = np.empty_like(x)
    both_of(x, c, g, draw)
    return g


@dev
def _hessian(x, hessian_of, c, draw, spent):
    spent[0] += x.size
    matrix = np.empty((x.size, x.size), x.dtype)
    hessian_of(x, c, matrix, draw)
    return matrix
"""


def program_text(definition: Definition, switches: Mapping[str, Any]) -> str:
    """Emit a program rule with its switches folded. Raises EmissionError where it cannot be compiled."""
    rule, given = _rule_lines(definition, switches)
    # Copies: a rule may change its arguments in place.
    inputs = {"x": "x.copy()", "g": "g.copy()", "f": "f", "x0": "x0.copy()", "t": "F(draw[1])", "steps": "F(steps)"}
    inputs |= {name: f"h[{i}]" for i, name in enumerate(definition.parameters)}
    stores = ["moved[:] = result[0]"]
    for i, name in enumerate(definition.state):
        if name in definition.scalars:
            inputs[name], store = f"state[{i}, 0]", f"state[{i}, 0] = result[{i + 1}]"
        elif name in definition.shapes:
            axes = [_axis(axis, inputs) for axis in definition.shapes[name]]
            size = " * ".join(axes)
            inputs[name] = f"state[{i}, :{size}].copy().reshape(({', '.join(axes)},))"
            store = f"state[{i}, :{size}] = result[{i + 1}].ravel()"
        else:
            inputs[name], store = f"state[{i}, :x.size].copy()", f"state[{i}, :x.size] = result[{i + 1}]"
        stores.append(store)
    return _whole(rule, [inputs[name] for name in given], "result = {}", stores)


def parted_text(definition: Definition, switches: Mapping[str, Any]) -> str:
    """The same where `state` is a tuple of arrays of the lengths that they have, numbers of a run arrays of one number,
    which the rule may change in place: nobody needs the state before. Raises EmissionError as program_text does."""
    rule, given = _rule_lines(definition, switches)
    inputs = {"x": "x.copy()", "g": "g.copy()", "f": "f", "x0": "x0.copy()", "t": "F(draw[1])", "steps": "F(steps)"}
    inputs |= {name: f"h[{i}]" for i, name in enumerate(definition.parameters)}
    inputs |= {f"state {n}": f"state_{n}{'[0]' * (n in definition.scalars)}" for n in definition.state}
    into = [f"state_{n}[{'0' if n in definition.scalars else ':'}]" for n in definition.state]
    unpacked = [f"{', '.join(f'state_{n}' for n in definition.state)}, = state"] if definition.state else []
    handed = [inputs[f"state {name}" if name in definition.state else name] for name in given]
    return _whole(rule, handed, f"{', '.join(('moved[:]', *into))}, = {{}}", [], unpacked)


def _rule_lines(definition: Definition, switches: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Lines of `_rule` and of the functions that it calls, and what it is handed by name."""
    if definition.rule != "program" or definition.at:
        raise EmissionError(f"{definition.name} is no program that looks at one point at a time")
    arguments = [name for name in inspect.signature(definition.function).parameters if name not in switches]
    given = [name for name in arguments if name not in CALLBACKS]
    helpers = _Helpers()
    callbacks = {name: name for name in arguments if name in CALLBACKS}
    statements = _Writer(definition.function, switches, set(arguments), callbacks, helpers, tuples=True).statements()
    return [
        *(line for text in helpers.texts for line in (*text, "", "")),
        "@dev",
        f"def _rule({', '.join((*given, HIDDEN))}):",
        *(f"    {line}" for line in statements),
    ], given


def _whole(
    rule: Sequence[str], handed: Sequence[str], answer: str, after: Sequence[str], before: Sequence[str] = ()
) -> str:
    """`program`, which hands something to `_rule`, and all that it needs."""
    call = f"_rule({', '.join(handed)}, value_of, both_of, hessian_of, c, draw, spent, seen)"
    body = [
        *before,
        "g = np.empty_like(x)",
        "_charge(x, spent, seen)",
        "f = both_of(x, c, g, draw)",
        answer.format(call),
        *after,
        "return _slope(g)",
    ]
    lines = [
        *rule,
        "",
        "",
        "def program(value_of, both_of, hessian_of, x, x0, state, h, c, draw, steps, spent, seen, moved):",
        *(f"    {line}" for line in body),
    ]
    text = "\n".join(lines) + "\n"
    words = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    linear = [f"{name} = dev({LINEAR[name]})" for name in LINEAR if name in words]
    return "\n".join([*linear, PRELUDE, text])


def _axis(axis: str, inputs: Mapping[str, str]) -> str:
    """Length of an axis of state in emitted text; see gdviz.registry.contract.shape_of."""
    if axis == "dim":
        return "x.size"
    return axis if axis.isdecimal() else f"max(1, int({inputs[axis]}))"


class _Helpers:
    """The functions that a rule calls, each emitted once for the callbacks it is handed."""

    def __init__(self) -> None:
        self.names = Names({*RESERVED, *LINEAR})
        self.known: dict[tuple[Callable[..., Any], tuple[tuple[str, str], ...]], str] = {}
        self.texts: list[list[str]] = []

    def name(self, function: Callable[..., Any], callbacks: Mapping[str, str]) -> str:
        """What a function is called in the text; `callbacks` says which of its arguments are which."""
        key = (function, tuple(sorted(callbacks.items())))
        if key not in self.known:
            self.known[key] = name = self.names.fresh(f"_{function.__name__}")
            arguments = list(inspect.signature(function).parameters)
            statements = _Writer(function, {}, set(arguments), callbacks, self).statements()
            given = [word for word in arguments if word not in callbacks]
            head = f"def {name}({', '.join((*given, HIDDEN))}):"
            self.texts.append(["@dev", head, *(f"    {line}" for line in statements)])
        return self.known[key]


class _Writer(ast.NodeTransformer):
    """Rewrites a function's statements: literals of the dtype, callbacks that count, switches folded."""

    def __init__(
        self,
        function: Callable[..., Any],
        switches: Mapping[str, Any],
        known: set[str],
        callbacks: Mapping[str, str],
        helpers: _Helpers,
        tuples: bool = False,
    ) -> None:
        self.function, self.switches, self.callbacks, self.helpers = function, switches, callbacks, helpers
        self.tuples = tuples
        _, self.body = tree_of(function)
        assigned = {
            node.id
            for statement in self.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self.known = known | assigned
        self.around = inspect.getclosurevars(function)
        self.is_whole = False

    def statements(self) -> list[str]:
        """The lines of the function's body."""
        return [line for statement in self.block(self.body) for line in ast.unparse(statement).splitlines()]

    def fault(self, what: str) -> EmissionError:
        """What a function cannot be emitted for."""
        return EmissionError(f"{self.function.__name__}: {what}")

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Statements without docstrings, switches folded."""
        found: list[ast.stmt] = []
        for statement in copy.deepcopy(body):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            if isinstance(statement, ast.If) and self._on_switches(statement.test):
                found += self.block(statement.body if self._holds(statement.test) else statement.orelse)
            elif isinstance(statement, (ast.If, ast.For, ast.While)):
                for part in ("test", "iter"):
                    if hasattr(statement, part):
                        setattr(statement, part, self.visit(getattr(statement, part)))
                statement.body = self.block(statement.body) or [ast.Pass()]
                statement.orelse = self.block(statement.orelse)
                found.append(statement)
            elif isinstance(statement, ast.Return) and statement.value is not None:
                value = self.visit(statement.value)
                single = self.tuples and not isinstance(value, ast.Tuple)
                found.append(ast.Return(ast.Tuple([value], ast.Load()) if single else value))
            elif isinstance(statement, (ast.Assign, ast.AugAssign, ast.Break, ast.Continue, ast.Pass)):
                found.append(self.visit(statement))
            else:
                raise self.fault(f"'{ast.unparse(statement).splitlines()[0]}' is not part of a program's language")
        return found

    def _on_switches(self, test: ast.expr) -> bool:
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        return bool(names) and names <= set(self.switches)

    def _holds(self, test: ast.expr) -> bool:
        return bool(
            eval(compile(ast.Expression(test), "<switches>", "eval"), {"__builtins__": {}}, dict(self.switches))
        )

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if number(node) is None or self.is_whole:
            return node
        return ast.Call(ast.Name("F"), [node], [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        return ast.Subscript(self.visit(node.value), self._whole(node.slice), node.ctx)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.known:
            return node
        value = resolved(self.around, node)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.visit_Constant(ast.Constant(value))
        raise self.fault(f"'{node.id}' is no number that a kernel can hold")

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if self._on_switches(node.test):
            chosen: ast.AST = self.visit(node.body if self._holds(node.test) else node.orelse)
            return chosen
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if not isinstance(node.op, ast.Pow) or self.is_whole:
            return self.generic_visit(node)
        if number(node.right) == 2 and isinstance(node.left, ast.Name):
            return ast.BinOp(node.left, ast.Mult(), node.left)
        return ast.Call(ast.Name("pow"), [self.visit(node.left), self.visit(node.right)], [])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in self.callbacks:
            point = ast.unparse(self.visit(node.args[0]))
            return ast.parse(CALLBACKS[self.callbacks[node.func.id]].format(point=point), mode="eval").body
        function = resolved(self.around, node.func)
        if isinstance(node.func, ast.Name) and node.func.id in _WHOLE and function is getattr(builtins, node.func.id):
            return ast.Call(node.func, [self._whole(a) for a in node.args], [])
        for name in (*ELEMENTARY, *REDUCTIONS, *OF_TWO, "where", *LINEAR):
            if function is getattr(formula, name):
                given = [self.visit(a) for a in node.args]
                if name == "solve" and len(given) == 2:
                    given.append(ast.Call(ast.Name("F"), [ast.Constant(0.0)], []))
                return ast.Call(ast.Name(name), given, [])
        if inspect.isfunction(function) and not function.__module__.startswith("gdviz.formula"):
            return self._helped(function, node)
        raise self.fault(f"'{ast.unparse(node.func)}' is no function of gdviz.formula")

    def _helped(self, function: Callable[..., Any], node: ast.Call) -> ast.expr:
        """A call of another function with source text: it is emitted too."""
        try:
            bound = inspect.signature(function).bind(*node.args, **{str(k.arg): k.value for k in node.keywords})
        except TypeError as error:
            raise self.fault(f"'{ast.unparse(node)}' does not fit {function.__name__} ({error})") from None
        arguments: dict[str, ast.expr] = {
            word: bound.arguments.get(word, ast.Constant(parameter.default))
            for word, parameter in inspect.signature(function).parameters.items()
        }
        callbacks = {
            word: self.callbacks[value.id]
            for word, value in arguments.items()
            if isinstance(value, ast.Name) and value.id in self.callbacks
        }
        given = [self.visit(value) for word, value in arguments.items() if word not in callbacks]
        hidden = [ast.Name(name) for name in HIDDEN.split(", ")]
        return ast.Call(ast.Name(self.helpers.name(function, callbacks)), [*given, *hidden], [])

    def _whole(self, node: ast.expr) -> ast.expr:
        before, self.is_whole = self.is_whole, True
        result: ast.expr = self.visit(node)
        self.is_whole = before
        return result


def point_text(derived: Derived) -> str:
    """A landscape as functions of one point: `value_of`, `both_of`, `hessian_of`."""
    dim = len(derived.variables)
    value, shared, hessian = (straight(derived, name) for name in ("value", "value_and_gradient", "hessian"))
    texts = []
    for name, source, arguments in (
        ("value_of", value, "x, c, draw"),
        ("both_of", shared, "x, c, g, draw"),
        ("hessian_of", hessian, "x, c, H, draw"),
    ):
        words = {n: f"v_{n}" for n in source.names}
        printer = Printer(source.names, words)
        lines = [f"{words[n]} = x[{d}]" for d, n in enumerate(source.variables)]
        lines += [f"{words[n]} = c[{i}]" for i, n in enumerate(source.constants)]
        lines += [f"{words[n]} = {printer.text(expression)}" for n, expression in source.assignments]
        results = [printer.real(expression) for expression in source.results]
        if name == "both_of":
            lines += [f"g[{d}] = {text}" for d, text in enumerate(results[1:])]
        if name == "hessian_of":
            lines += [f"H[{i // dim}, {i % dim}] = {text}" for i, text in enumerate(results)]
        else:
            lines.append(f"return {results[0]}")
        texts.append("\n".join([f"def {name}({arguments}):", *(f"    {line}" for line in lines)]) + "\n")
    return "\n\n".join(texts)
