"""What a definition computes, in TeX line by line: update equations of an optimizer, the formula of a schedule."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gdviz.about.expressions import PRODUCT, UnwrittenError, Writer, name, symbol
from gdviz.emit.expression import EmissionError
from gdviz.emit.rule import resolved, tree_of
from gdviz.lang import Texts
from gdviz.registry.definition import Definition
from gdviz.registry.facts import SymbolFacts
from gdviz.registry.vocabulary import SYMBOLS

Options = Mapping[str, Any]

ANSWERS = {
    "transform": ("g", r"\leftarrow"),
    "schedule": (r"h_{t}", "="),
    "signal": (r"g_{i}", "="),
    "initialiser": ("w", "="),
}
"""What definitions of a kind answer, and how it is said."""

SHORT = 3
"""Names and numbers of a value that is told where it is used, if that is once: η (g + μ v) in place of two lines."""

DRAWN = {
    "normal": r"\xi \sim \mathcal{N}\left(0,\, 1\right)",
    "uniform": r"u \sim \mathcal{U}\left(0,\, 1\right)",
    "uniform2": r"u_{2} \sim \mathcal{U}\left(0,\, 1\right)",
}
"""Random numbers that definitions ask for."""


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a rule: TeX without dollars, and how many loops and conditions it stands inside."""

    tex: str
    depth: int = 0


def rule(definition: Definition, options: Options, words: Texts) -> tuple[Line, ...]:
    """What a definition computes with its switches as `options` have them, else by default; words: of which language.

    Empty for one without a text of its own, as those of other packages are, or one that does more than mathematics.
    """
    if definition.package or definition.kind not in ("optimizer", *ANSWERS):
        return ()
    try:
        return tuple(_Reader(definition, definition.function, options, words).lines())
    except (EmissionError, UnwrittenError):
        return ()


def aligned(lines: Sequence[Line]) -> str:
    """Lines as one piece of TeX for a slide or a paper: `aligned` of amsmath where there are several."""
    told = [r"\quad " * line.depth + line.tex for line in lines]
    if len(told) < 2:
        return "".join(told)
    rows = "\n".join(rf"  & {one} \\" for one in told)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


class _Reader:
    """Goes through a function's statements, switches folded and what is a plain name or number put in its place."""

    def __init__(self, definition: Definition, function: Callable[..., Any], options: Options, words: Texts) -> None:
        self.definition = definition
        self.words = words
        self.switches = {key: options.get(key, value) for key, value in definition.switches.items()}
        self.around = inspect.getclosurevars(function)
        self.arguments, body = tree_of(function)
        self.body = list(_folded(body, self.switches))
        self.state = ("x", *definition.state)
        self.known = {*self.state, *definition.inputs}  # what a line changes; other names are said to be something
        self.symbols = {key: definition.symbol(key) for key in definition.parameters}
        self.writer = Writer(self._spelled, self._number, self._if, rf"\text{{{words.text('rule_otherwise')}}}")

    def lines(self) -> Iterator[Line]:
        """All of it, in order."""
        ahead = list(self._gradient()) if self.definition.kind == "optimizer" else []
        yield from ahead
        yield from (one for one in self._block(_inlined(self.body), 0, last=True) if one not in ahead)
        yield from (Line(told) for key, told in DRAWN.items() if any(_counted(one, key) for one in self.body))

    def _gradient(self) -> Iterator[Line]:
        """Where the gradient is taken."""
        if "g" not in self.definition.inputs:
            return
        at = self.definition.at
        if at is not None:
            ahead = _Reader(self.definition, at, self.switches, self.words)
            found = _inlined(ahead.body)
            answer = found[-1].value if found and isinstance(found[-1], ast.Return) else None
            if answer is not None and ast.unparse(answer) != "x":
                yield from self._block(found[:-1], 0)
                yield Line(f"y = {self.writer.text(answer)}")
                yield Line(r"g = \nabla f\left(y\right)")
                return
        yield Line(r"g = \nabla f\left(x\right)")

    def _block(self, body: Sequence[ast.stmt], depth: int, last: bool = False) -> Iterator[Line]:
        """last: nothing follows, so that a return needs no word."""
        for place, statement in enumerate(body):
            ends = last and place == len(body) - 1
            yield from self._statement(statement, depth, ends)

    def _statement(self, statement: ast.stmt, depth: int, ends: bool) -> Iterator[Line]:
        write = self.writer.text
        match statement:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                values
            ):
                yield from (self._assigned(a, b, depth) for a, b in zip(targets, values, strict=True))
            case ast.Assign(targets=[target], value=value):
                yield self._assigned(target, value, depth)
            case ast.AugAssign(target=target, op=op, value=value):
                read = ast.parse(ast.unparse(target), mode="eval").body
                yield self._assigned(target, ast.BinOp(read, op, value), depth)
            case ast.If(test=test, body=yes, orelse=no):
                yield self._said("rule_if", depth, condition=write(test))
                yield from self._block(yes, depth + 1, ends and not no)
                while len(no) == 1 and isinstance(no[0], ast.If):
                    test, yes, no = no[0].test, no[0].body, no[0].orelse
                    yield self._said("rule_or_if", depth, condition=write(test))
                    yield from self._block(yes, depth + 1)
                if no:
                    yield self._said("rule_else", depth)
                    yield from self._block(no, depth + 1)
            case ast.For(target=ast.Name(id="_"), iter=ast.Call(args=[count]), body=inner):
                yield self._said("rule_times", depth, count=write(count))
                yield from self._block(inner, depth + 1)
            case ast.For(target=target, iter=values, body=inner):
                yield self._said("rule_for", depth, values=self.writer.through(target, values))
                yield from self._block(inner, depth + 1)
            case ast.While(test=ast.Constant(value=True), body=inner):
                yield self._said("rule_steps", depth)
                yield from self._block(inner, depth + 1)
            case ast.While(test=test, body=inner):
                yield self._said("rule_while", depth, condition=write(test))
                yield from self._block(inner, depth + 1)
            case ast.Break():
                yield self._said("rule_leave", depth)
            case ast.Continue():
                yield self._said("rule_next", depth)
            case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
                yield self._said("rule_point", depth, point=write(value))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="sort"))):
                yield self._said("rule_sort", depth, values=write(value))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="append"), args=[one])):
                yield self._said("rule_append", depth, values=write(value), one=write(one))
            case ast.Return(value=ast.expr() as value):
                yield from self._answer(value, depth)
                if not ends:
                    yield self._said("rule_done", depth)
            case _:
                raise UnwrittenError(f"'{ast.unparse(statement).splitlines()[0]}' has no form in TeX")

    def _assigned(self, target: ast.expr, value: ast.expr, depth: int) -> Line:
        whole = target.id if isinstance(target, ast.Name) else ""
        sign = "=" if whole and whole not in self.known else r"\leftarrow"
        self.known.add(whole)
        return Line(f"{self.writer.text(target)} {sign} {self.writer.text(value)}", depth)

    def _answer(self, value: ast.expr, depth: int) -> Iterator[Line]:
        """What is returned becomes of x and state; those that stay what they are named, are not told."""
        if self.definition.kind != "optimizer":
            kind = self.definition.kind
            if kind == "transform" and "g" not in self.definition.inputs:  # a move of x beside the step
                yield Line(rf"x \leftarrow x + {self.writer.text(value, PRODUCT)}", depth)
                return
            named, sign = ANSWERS[kind]
            answer, *rest = value.elts if isinstance(value, ast.Tuple) else [value]
            if not (isinstance(answer, ast.Name) and answer.id == named):
                yield Line(f"{named} {sign} {self.writer.text(answer)}", depth)
            yield from self._changed(list(zip(self.definition.state, rest, strict=True)), depth)
            return
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        yield from self._changed(list(zip(self.state, values, strict=True)), depth)

    def _changed(self, pairs: list[tuple[str, ast.expr]], depth: int) -> Iterator[Line]:
        """New values of names that are set at once, in an order in which none reads what is new already."""
        left = [(key, one) for key, one in pairs if not (isinstance(one, ast.Name) and one.id == key)]
        while left:
            free = next((pair for pair in left if not _reads([one for one in left if one is not pair], pair[0])), None)
            if free is None:
                names, values = ast.Tuple([ast.Name(key) for key, _ in left]), ast.Tuple([one for _, one in left])
                yield Line(rf"{self.writer.text(names)} \leftarrow {self.writer.text(values)}", depth)
                return
            left.remove(free)
            yield Line(rf"{self._spelled(free[0])} \leftarrow {self.writer.text(free[1])}", depth)

    def _said(self, key: str, depth: int, **given: str) -> Line:
        """A sentence of the language with mathematics in its gaps."""
        sentence = self.words.text(key, **{gap: f"\0{value}\0" for gap, value in given.items()})
        parts = [
            part if number % 2 else rf"\text{{{part}}}" for number, part in enumerate(sentence.split("\0")) if part
        ]
        return Line("".join(parts), depth)

    def _if(self, condition: str) -> str:
        return self._said("rule_case", 0, condition=condition).tex

    def _spelled(self, word: str) -> str:
        if word == "base" and self.definition.kind == "schedule":
            return "h"
        if word in self.symbols:
            return symbol(self.symbols[word])
        usual = SYMBOLS.get(word)
        stated = SymbolFacts.of(self.definition).symbols.get(word)
        if stated or (usual and usual not in self.symbols.values()):
            return symbol(stated or usual or word)
        return name(word)

    def _number(self, word: str) -> float | None:
        """A number of the function's surroundings, such as a constant of its module."""
        if word in self.known or word in self.arguments:
            return None
        value = resolved(self.around, ast.Name(word))
        plain = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(value) if plain and word not in ("pi", "inf", "e") else None


def _reads(pairs: Sequence[tuple[str, ast.expr]], word: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == word for _, value in pairs for node in ast.walk(value))


def _folded(body: Sequence[ast.stmt], switches: Options) -> Iterator[ast.stmt]:
    """Statements with conditions on switches decided."""
    for statement in body:
        if isinstance(statement, ast.If):
            yes, no = list(_folded(statement.body, switches)), list(_folded(statement.orelse, switches))
            test = _Deciding(switches).visit(statement.test)
            if isinstance(test, ast.Constant):
                yield from yes if test.value else no
            else:
                yield ast.If(test, yes, no)
        elif isinstance(statement, (ast.For, ast.While)):
            statement.body = list(_folded(statement.body, switches))
            yield statement
        else:
            changed: ast.stmt = _Deciding(switches).visit(statement)
            yield changed


class _Deciding(ast.NodeTransformer):
    """Puts what switches decide in place of what asks them."""

    def __init__(self, switches: Options) -> None:
        self.switches = switches

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        yes, no = self.visit(node.body), self.visit(node.orelse)
        return (yes if test.value else no) if isinstance(test, ast.Constant) else ast.IfExp(test, yes, no)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return self._decided(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self.switches[node.id]) if isinstance(self.switches.get(node.id), bool) else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        ends = isinstance(node.op, ast.Or)  # what decides the whole
        kept = []
        for value in map(self.visit, node.values):
            if not isinstance(value, ast.Constant):
                kept.append(value)
            elif bool(value.value) == ends:
                return ast.Constant(ends)
        return ast.Constant(not ends) if not kept else kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not) and isinstance(operand, ast.Constant):
            return ast.Constant(not operand.value)
        return ast.UnaryOp(node.op, operand)

    def _decided(self, node: ast.Compare) -> ast.expr:
        match node:
            case ast.Compare(left=ast.Name(id=word), ops=[op], comparators=[ast.Constant(value=str() as value)]):
                if word in self.switches:
                    same = self.switches[word] == value
                    return ast.Constant(same if isinstance(op, ast.Eq) else not same)
        self.generic_visit(node)
        return node


def _inlined(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements of one level without those that only call a plain name, a number, or what is short and read once
    otherwise: it stands in the place of its name, and what this leaves to do with 0 and 1 is done."""
    left: list[ast.stmt] = [_Standing({}).visit(one) for one in body]
    found: list[ast.stmt] = []
    while left:
        statement = left.pop(0)
        match statement:
            case ast.Assign(targets=[ast.Name(id=word)], value=value):
                if _is_lost(word, left):
                    continue
                read = sum(_counted(one, word) for one in left)
                parts = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
                leaves = sum(isinstance(node, (ast.Name, ast.Constant)) for node in ast.walk(value))
                calls = any(isinstance(node, (ast.Call, ast.Subscript)) for node in ast.walk(value))
                short = leaves == 1 or (leaves <= SHORT and read == 1)
                last = max((place for place, one in enumerate(left) if _counted(one, word)), default=0)
                kept = calls or any(_sets(one, {word}) for one in (*found, *left))
                if short and not kept and not any(_sets(one, parts) for one in left[:last]):
                    left = [_Standing({word: value}).visit(one) for one in left]
                    continue
        found.append(statement)
    return found


def _is_lost(word: str, left: Sequence[ast.stmt]) -> bool:
    """Whether a name gets another value before anything reads it."""
    touching = next((one for one in left if _counted(one, word) or _sets(one, {word})), None)
    match touching:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name == word and not _counted(touching, word)
    return False


def _counted(statement: ast.stmt, word: str) -> int:
    """How often a statement reads a name."""
    return sum(
        isinstance(node, ast.Name) and node.id == word and isinstance(node.ctx, ast.Load)
        for node in ast.walk(statement)
    )


def _sets(statement: ast.stmt, words: set[str]) -> bool:
    """Whether a statement gives one of these names, or a part of what it stands for, another value."""
    targets: list[ast.expr] = []
    for node in ast.walk(statement):
        match node:
            case ast.Assign(targets=several):
                targets += several
            case ast.AugAssign(target=target) | ast.For(target=target):
                targets.append(target)
    return any(isinstance(part, ast.Name) and part.id in words for one in targets for part in ast.walk(one))


class _Standing(ast.NodeTransformer):
    """Puts values in the place of names, and does what this leaves to do with 0 and 1."""

    def __init__(self, stands: Mapping[str, ast.expr]) -> None:
        self.stands = stands

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if isinstance(node.ctx, ast.Store) else self.stands.get(node.id, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        match node.op:
            case ast.Add() if _is(left, 0):
                return right
            case ast.Add() | ast.Sub() if _is(right, 0):
                return left
            case ast.Mult() if _is(left, 1):
                return right
            case ast.Mult() | ast.Div() if _is(right, 1):
                return left
            case ast.Mult() if _is(left, 0):
                return left
        return ast.BinOp(left, node.op, right)


def _is(node: ast.expr, value: float) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, bool) and node.value == value
