"""A flat body made smaller: places of arrays that are known by number become variables, variables that never change
become what they are, and what nobody reads is gone; also which variables a loop hands from turn to turn."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from gdviz.emit.folding import constant, refolded

Kinds = dict[str, str | None]

WORDS = frozenset({"F", "I", "np", "NAN", "INF"})
"""Names that a constant may hold."""


def fresh(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The same statements, no part of which stands in two places."""
    return ast.parse(ast.unparse(ast.fix_missing_locations(ast.Module(list(body), [])))).body


def scalars(
    body: list[ast.stmt], arrays: Iterable[str], names: Callable[[str, int], str], kinds: Kinds
) -> tuple[list[ast.stmt], set[str]]:
    """Arrays all of whose places are known by number become variables called `names(array, place)`; those that did."""
    places: dict[str, set[int | None]] = {array: set() for array in arrays}
    for node in _nodes(body):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in places:
            at = constant(node.slice)
            places[node.value.id].add(None if at is None else int(at))
    found = {array for array, at in places.items() if None not in at}
    words = {(array, int(at or 0)): names(array, int(at or 0)) for array in sorted(found) for at in places[array]}
    kinds |= {word: kinds[array] for (array, _), word in words.items()}

    class Naming(ast.NodeTransformer):
        def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
            self.generic_visit(node)
            if isinstance(node.value, ast.Name) and node.value.id in found:
                return ast.Name(words[node.value.id, int(constant(node.slice) or 0)], node.ctx)
            return node

    return [Naming().visit(statement) for statement in body], found


def tidy(body: list[ast.stmt], kinds: Kinds) -> list[ast.stmt]:
    """The body without what is constant, and without what nobody reads."""
    text = ""
    while text != (now := ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))):
        text = now
        body, _ = live(_settled(body, kinds), set())
    return body


def _settled(body: list[ast.stmt], kinds: Kinds) -> list[ast.stmt]:
    """Variables that are the same constant wherever they are assigned to, as that constant; expressions folded."""
    values: dict[str, set[str | None]] = {}
    for node in _nodes(body):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if not (isinstance(value, ast.Name) and value.id == name):
                    values.setdefault(name, set()).add(ast.unparse(value) if _read(value) <= WORDS else None)
            case ast.Name(id=name, ctx=ast.Store()):
                values.setdefault(name, set())
            case ast.For(target=ast.Name(id=name)):
                values.setdefault(name, set()).add(None)
            case ast.Tuple(elts=parts, ctx=ast.Store()):
                for part in parts:
                    values.setdefault(part.id, set()).add(None)  # type: ignore[attr-defined]
    same = {name: next(iter(found)) for name, found in values.items() if len(found) == 1}
    known = {name: text for name, text in same.items() if text is not None}

    class Replacing(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id in known and isinstance(node.ctx, ast.Load):
                return _expression(known[node.id])
            return node

    def settle(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for node in statements:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    if name in known or (isinstance(value, ast.Name) and value.id == name):
                        continue
                    made.append(ast.Assign(node.targets, refolded(Replacing().visit(value), kinds)))
                case ast.Assign(targets=targets, value=value):
                    places = [refolded(Replacing().visit(target), kinds) for target in targets]
                    made.append(ast.Assign(places, refolded(Replacing().visit(value), kinds)))
                case ast.If(test=test, body=body, orelse=orelse):
                    test = refolded(Replacing().visit(test), kinds)
                    if (taken := constant(test)) is not None:
                        made += settle(body if taken else orelse)
                    else:
                        made.append(ast.If(test, settle(body), settle(orelse)))
                case ast.For(target=target, iter=over, body=body):
                    made.append(ast.For(target, refolded(Replacing().visit(over), kinds), settle(body), []))
                case _:
                    made.append(node)
        return made

    return settle(body)


def live(
    body: Sequence[ast.stmt], after: set[str], broken: set[str] | None = None, continued: set[str] | None = None
) -> tuple[list[ast.stmt], set[str]]:
    """The statements that have an effect, if the names `after` are read behind them (behind the loop around them, and
    at its head, `broken` and `continued`), and the names that they read of before."""
    made: list[ast.stmt] = []
    wanted = set(after)
    for node in reversed(body):
        match node:
            case ast.Break():
                made, wanted = [node], set(broken or ())
            case ast.Continue():
                made, wanted = [node], set(continued or ())
            case ast.Return():
                made, wanted = [node], set()
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if name in wanted:
                    made.append(node)
                    wanted = (wanted - {name}) | _read(value)
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=value):
                words = {part.id for part in parts if isinstance(part, ast.Name)}
                if words & wanted:
                    made.append(node)
                    wanted = (wanted - words) | _read(value)
            case ast.If(test=test, body=yes, orelse=no):
                yes, first = live(yes, wanted, broken, continued)
                no, second = live(no, wanted, broken, continued)
                if yes or no:
                    if not yes:
                        test, yes, no = refolded(ast.UnaryOp(ast.Not(), test), {}), no, []
                    made.append(ast.If(test, yes, no))
                    wanted = first | second | _read(test)
            case ast.For(target=ast.Name(id=name) as target, iter=over, body=inner):
                head = heads(node, wanted)
                inner, _ = live(inner, head, wanted, head)
                if inner:
                    made.append(ast.For(target, over, inner, []))
                    wanted = (head - {name}) | _read(over)
            case _:
                made.append(node)
                wanted |= _read(node)
    return made[::-1], wanted


def heads(node: ast.For, after: set[str]) -> set[str]:
    """Names that are read of before at the head of a loop, in whatever turn."""
    head = set(after)
    while True:
        _, inside = live(node.body, head, after, head)
        more = head | (inside - {node.target.id})  # type: ignore[attr-defined]
        if more == head:
            return head
        head = more


def stored(body: Sequence[ast.stmt]) -> set[str]:
    """Names that statements assign to."""
    return {n.id for n in _nodes(body) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def filled(body: Sequence[ast.stmt]) -> set[str]:
    """Arrays that statements write to."""
    return {
        node.value.id
        for node in _nodes(body)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
    }


def read(body: Sequence[ast.stmt]) -> set[str]:
    """Names that statements read, arrays that they write to among them."""
    return {n.id for n in _nodes(body) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def chosen(text: str) -> str:
    """A module's text with conditional expressions in place of calls of `where`, which take compilers half as long
    again."""
    return ast.unparse(ast.fix_missing_locations(_Choosing().visit(ast.parse(text)))) + "\n"


class _Choosing(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return ast.IfExp(*node.args) if isinstance(node.func, ast.Name) and node.func.id == "where" else node


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _nodes(body: Sequence[ast.stmt]) -> Iterable[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _read(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
