"""Reads a straight-line rule from its source text into canonical form; see gdviz.emit.rule for what that is."""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from gdviz import formula
from gdviz.emit.expression import POWER, PRODUCT, REDUCTIONS, EmissionError, Kind, Level, Value, folded, judge, number
from gdviz.emit.rule import RESERVED, Names, Rule, inputs_of, resolved, tree_of
from gdviz.registry.definition import Definition

LARGEST_POWER = 64
"""Literal integer exponents up to this are products, by repeated squaring."""


def read_step(definition: Definition, switches: Mapping[str, Any], scheduled: frozenset[str] = frozenset()) -> Rule:
    """Canonical form of an optimizer's rule with its switches folded.

    `scheduled` are hyperparameters that change from step to step: h**t is then the power of the present h, as in torch
    and optax, and no running product. Raises EmissionError where the rule is not straight-line or has no source text.
    """
    return _read(definition, "step", tuple(sorted(switches.items())), scheduled)


def read_look_ahead(definition: Definition, switches: Mapping[str, Any]) -> Rule:
    """Canonical form of an optimizer's `at=`. Raises EmissionError as read_step does."""
    return _read(definition, "at", tuple(sorted(switches.items())))


def read_shown(definition: Definition, switches: Mapping[str, Any]) -> Rule:
    """Canonical form of an optimizer's `shown=`. Raises EmissionError as read_step does."""
    return _read(definition, "shown", tuple(sorted(switches.items())))


def read_transform(definition: Definition, switches: Mapping[str, Any]) -> Rule:
    """Canonical form of a transform, called "transform" where it changes the gradient, "beside" where it answers a move
    of x beside the step. Raises EmissionError as read_step does."""
    part = "transform" if "g" in definition.inputs else "beside"
    return _read(definition, part, tuple(sorted(switches.items())))


def read_schedule(definition: Definition, switches: Mapping[str, Any]) -> Rule:
    """Canonical form of a schedule that watches the loss. Raises EmissionError as read_step does."""
    return _read(definition, "schedule", tuple(sorted(switches.items())))


@lru_cache(maxsize=512)
def _read(
    definition: Definition, part: str, switches: tuple[tuple[str, Any], ...], scheduled: frozenset[str] = frozenset()
) -> Rule:
    function = {"at": definition.at, "shown": definition.shown}.get(part) or definition.function
    reader = _Reader(function, inputs_of(definition), dict(switches), scheduled)
    arguments = tuple(name for name in inspect.signature(function).parameters if name not in dict(switches))
    return reader.read(part, arguments)


class _Reader:
    def __init__(
        self,
        function: Callable[..., Any],
        roles: Mapping[str, Value],
        switches: Mapping[str, Any],
        scheduled: frozenset[str],
    ) -> None:
        self.function = function
        self.roles = roles
        self.switches = switches
        self.scheduled = scheduled
        self.names: dict[str, Value] = {}
        self.current: dict[str, ast.expr] = {}  # a variable of the source → its latest canonical name, or its literal
        self.assignments: list[tuple[str, ast.expr]] = []
        self.products: list[ast.expr] = []
        self.results: tuple[ast.expr, ...] | None = None

    def read(self, part: str, arguments: tuple[str, ...]) -> Rule:
        wanted, body = tree_of(self.function)
        self.around = inspect.getclosurevars(self.function)
        self.fresh = Names({*RESERVED, *wanted, "t", "steps"})
        for name in arguments:
            if name not in self.roles:
                raise EmissionError(f"{self.function.__name__} asks for {name}, which a tile kernel cannot offer")
            self.names[name], self.current[name] = self.roles[name], ast.Name(name)
        self._block(body)
        if self.results is None:
            raise EmissionError(f"{self.function.__name__} does not return on every way through it")
        return Rule(part, arguments, self.names, tuple(self.assignments), self.results, tuple(self.products))

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if self.results is not None:
                return
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._assign(name, self._visit(value))
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._assign(name, self._visit(value))
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                    self._assign(name, self._visit(ast.BinOp(ast.Name(name), op, value)))
                case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                    values
                ) and all(isinstance(target, ast.Name) for target in targets):
                    found = [self._visit(value) for value in values]
                    for target, value in zip(targets, found, strict=True):
                        self._assign(target.id, value)  # type: ignore[attr-defined]
                case ast.If(test=test, body=yes, orelse=no):
                    self._block(yes if self._asked(test) else no)
                case ast.Return(value=ast.Tuple(elts=values)):
                    self.results = tuple(self._visit(value) for value in values)
                case ast.Return(value=ast.expr() as value):
                    self.results = (self._visit(value),)
                case _:
                    raise EmissionError(f"'{ast.unparse(statement).splitlines()[0]}' is not straight-line")

    def _assign(self, name: str, value: ast.expr) -> None:
        plain = number(value) is not None or isinstance(value, ast.Name)
        self.current[name] = value if plain else ast.Name(self._named(name, value))

    def _named(self, word: str, value: ast.expr) -> str:
        name = self.fresh.fresh(word)
        self.names[name] = judge(value, self.names)
        self.assignments.append((name, value))
        return name

    def _asked(self, test: ast.expr) -> bool:
        """Whether a condition on switches alone holds."""
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        if not names or not names <= set(self.switches):
            raise EmissionError(f"'if {ast.unparse(test)}' asks for more than switches")
        return bool(
            eval(compile(ast.Expression(test), "<switches>", "eval"), {"__builtins__": {}}, dict(self.switches))
        )

    def _visit(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=bool() | int() | float()):
                return node
            case ast.Name() | ast.Attribute():
                return self._variable(node)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._visit(operand)
            case ast.UnaryOp(op=op, operand=operand):
                return folded(ast.UnaryOp(op, self._visit(operand)))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(self._visit(left), self._visit(right))
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._quotient(self._visit(left), self._visit(right))
            case ast.BinOp(left=left, op=op, right=right):
                return folded(ast.BinOp(self._visit(left), op, self._visit(right)))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return ast.Compare(self._visit(left), [op], [self._visit(right)])
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._visit(yes if self._asked(test) else no)
            case ast.Call(func=func, args=args, keywords=[]):
                name = self._function(func)
                given = [self._visit(a) for a in args]
                return folded(self._called(name, given))
        raise EmissionError(f"'{ast.unparse(node)}' is not part of a kernel's language")

    def _called(self, name: str, args: list[ast.expr]) -> ast.expr:
        if name == "norm":
            return ast.Call(ast.Name("sqrt"), [self._called("dot", [args[0], args[0]])], [])
        call = ast.Call(ast.Name(name), args, [])
        if name in REDUCTIONS:  # its own assignment, so that a kernel can loop over the coordinates there
            return ast.Name(self._named("r", call))
        return call

    def _variable(self, node: ast.Name | ast.Attribute) -> ast.expr:
        if isinstance(node, ast.Name) and node.id in self.current:
            return self.current[node.id]
        if isinstance(node, ast.Name) and node.id in self.switches:
            raise EmissionError(f"'{node.id}' is a switch; compare it with its values in an if")
        value = resolved(self.around, node)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return ast.Constant(value)
        raise EmissionError(f"'{ast.unparse(node)}' is no number that a kernel can hold")

    def _function(self, node: ast.expr) -> str:
        value = resolved(self.around, node)
        known = {**formula.FUNCTIONS, **{name: getattr(formula, name) for name in REDUCTIONS}}
        for name, function in known.items():
            if value is function or (value is builtins.abs and function is formula.abs):
                return name
        raise EmissionError(f"'{ast.unparse(node)}' is no function of gdviz.formula")

    def _quotient(self, left: ast.expr, right: ast.expr) -> ast.expr:
        a, b = judge(left, self.names), judge(right, self.names)
        if a.level > Level.STEP >= b.level and (b.kind is Kind.REAL or number(right)):
            inverse = folded(ast.BinOp(ast.Constant(1.0), ast.Div(), right))
            return ast.BinOp(left, ast.Mult(), inverse)
        return folded(ast.BinOp(left, ast.Div(), right))

    def _power(self, base: ast.expr, exponent: ast.expr) -> ast.expr:
        n = number(exponent)
        if number(base) is not None and n is not None:
            result = number(base) ** n  # type: ignore[operator]
            if isinstance(result, complex):
                raise EmissionError(f"'{ast.unparse(base)}**{n}' is not a real number")
            return ast.Constant(result)
        if n is not None and n == int(n) and 1 <= builtins.abs(n) <= LARGEST_POWER:
            product = self._integer_power(base, int(builtins.abs(n)))
            return product if n > 0 else self._quotient(ast.Constant(1.0), product)
        if n == 0.5:
            return ast.Call(ast.Name("sqrt"), [base], [])
        if isinstance(exponent, ast.Name) and exponent.id == "t" and number(base) != 0:
            base = self._spelled_out(base)
            level = judge(base, self.names).level
            if level > Level.STEP or any(isinstance(n, ast.Name) and n.id == "t" for n in ast.walk(base)):
                raise EmissionError(f"'{ast.unparse(base)}**t' raises a number that changes on the way")
            if any(isinstance(n, ast.Name) and n.id in self.scheduled for n in ast.walk(base)):
                return ast.Call(ast.Name(POWER), [base, exponent], [])
            known = [ast.dump(product) for product in self.products]
            if ast.dump(base) not in known:
                known.append(ast.dump(base))
                self.products.append(base)
            return ast.Call(ast.Name(PRODUCT), [ast.Constant(known.index(ast.dump(base))), base], [])
        return ast.Call(ast.Name(POWER), [base, exponent], [])

    def _spelled_out(self, node: ast.expr) -> ast.expr:
        """The expression in terms of the rule's arguments alone."""
        known = dict(self.assignments)

        class Spelling(ast.NodeTransformer):
            def visit_Name(self, name: ast.Name) -> ast.expr:
                found: ast.expr = self.visit(known[name.id]) if name.id in known else name
                return found

        result: ast.expr = Spelling().visit(copy.deepcopy(node))
        return result

    def _integer_power(self, base: ast.expr, n: int) -> ast.expr:
        result: ast.expr | None = None
        square: ast.expr = base
        if n > 1 and not isinstance(base, ast.Name):
            square = ast.Name(self._named("b", base))
        while True:
            if n & 1:
                result = square if result is None else ast.BinOp(result, ast.Mult(), square)
            n >>= 1
            if not n:
                assert result is not None
                return result
            square = ast.BinOp(square, ast.Mult(), square)
            if n > 1:  # used twice: as a factor or squared again
                square = ast.Name(self._named("b", square))
