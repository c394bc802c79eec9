"""Expressions of flat kernels, made smaller without a change of any bit, and kinds of what they are."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from gdviz.emit.operators import ARITHMETIC, BITS, COMPARISONS, WHOLE

REAL, LONG, TRUTH = "F", "np.int64", "bool"
"""Words of kinds: numbers of a plan's dtype, whole numbers, truth. Others are NumPy's own words, such as np.int8."""

_OPERATIONS = {op: made for op, (_, made) in {**ARITHMETIC, **WHOLE, **BITS}.items() if op is not ast.Div}
"""Of whole numbers, whose quotient is none."""


def constant(node: ast.AST) -> bool | int | None:
    """The whole number or truth that an expression is, None where it is another."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def folded(node: ast.expr, kinds: Mapping[str, str | None]) -> ast.expr:
    """An expression, whose parts are folded, folded itself: whole numbers and truths only, so nothing rounds."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=bool() | int() as value)):
            return ast.Constant(not value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as whole)) if not isinstance(whole, bool):
            return ast.Constant(-whole)
        case ast.BinOp(left=left, op=op, right=right):
            return _joined(node, left, op, right, kinds)
        case ast.Compare(left=left, ops=ops, comparators=rest):
            return _compared(node, left, ops, rest)
        case ast.BoolOp(op=op, values=values):
            return _decided(isinstance(op, ast.Or), op, values)
        case ast.IfExp(test=test, body=body, orelse=orelse) if (known := constant(test)) is not None:
            return body if known else orelse
    return node


def _joined(
    node: ast.expr, left: ast.expr, op: ast.operator, right: ast.expr, kinds: Mapping[str, str | None]
) -> ast.expr:
    a, b = constant(left), constant(right)
    if a is not None and b is not None and type(op) in _OPERATIONS:
        return ast.Constant(_OPERATIONS[type(op)](a, b))
    if isinstance(op, ast.BitOr) and True in (a, b):
        return ast.Constant(True)
    if isinstance(op, ast.BitAnd) and False in (a, b):
        return ast.Constant(False)
    other, known = (right, a) if a is not None else (left, b)
    if isinstance(known, bool) and isinstance(op, (ast.BitOr, ast.BitAnd)) and kind_of(other, kinds) == TRUTH:
        return other  # neither decides
    whole = kind_of(node, kinds) == LONG
    adds = isinstance(op, ast.Add) or (isinstance(op, ast.Sub) and other is left)
    if known == 0 and known is not False and whole and adds:
        return other
    if known == 1 and known is not True and whole and isinstance(op, ast.Mult):
        return other
    return node


def _compared(node: ast.expr, left: ast.expr, ops: list[ast.cmpop], rest: list[ast.expr]) -> ast.expr:
    values = [_number(part) for part in (left, *rest)]
    if None in values:
        return node
    return ast.Constant(
        all(COMPARISONS[type(op)][1](*pair) for op, *pair in zip(ops, values, values[1:], strict=False))
    )


def _number(node: ast.expr) -> bool | int | None:
    """As `constant`, of any dtype."""
    match node:
        case ast.Call(func=ast.Name(id="F" | "I") | ast.Attribute(), args=[argument]):
            return _number(argument)
        case ast.UnaryOp(op=ast.USub(), operand=operand) if (value := _number(operand)) is not None:
            return -value
    return constant(node)


def _decided(decisive: bool, op: ast.boolop, values: Sequence[ast.expr]) -> ast.expr:
    """`and`, `or` of truths: what decides ends it, what cannot is left out."""
    found = [constant(part) for part in values]
    if any(value is not None and bool(value) is decisive for value in found):
        return ast.Constant(decisive)  # nothing that is asked before has an effect
    kept = [part for part, value in zip(values, found, strict=True) if value is None]
    if not kept:
        return ast.Constant(not decisive)
    return kept[0] if len(kept) == 1 else ast.BoolOp(op, kept)


class _Folding(ast.NodeTransformer):
    def __init__(self, kinds: Mapping[str, str | None]) -> None:
        self.kinds = kinds

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        return folded(node, self.kinds) if isinstance(node, ast.expr) else node


def refolded(node: ast.expr, kinds: Mapping[str, str | None]) -> ast.expr:
    """An expression folded from its leaves up."""
    made: ast.expr = _Folding(kinds).visit(node)
    return made


def kind_of(node: ast.expr, kinds: Mapping[str, str | None]) -> str | None:
    """Kind of an expression's value, None where that is not told; kinds: of names, functions among them by what they
    answer."""
    match node:
        case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.BoolOp():
            return TRUTH
        case ast.Constant(value=int()):
            return LONG
        case ast.Name(id=name):
            return kinds.get(name)
        case ast.Subscript(value=ast.Name(id=name)):
            return kinds.get(name)
        case ast.UnaryOp(operand=operand):
            return kind_of(operand, kinds)
        case ast.BinOp(left=left, right=right):
            return _wider(kind_of(left, kinds), kind_of(right, kinds))
        case ast.IfExp(body=body, orelse=orelse):
            return _wider(kind_of(body, kinds), kind_of(orelse, kinds))
        case ast.Call(func=ast.Name(id="where"), args=[_, yes, no]):
            return _wider(kind_of(yes, kinds), kind_of(no, kinds))
        case ast.Call(func=ast.Name(id="abs"), args=[argument]):
            return kind_of(argument, kinds)
        case ast.Call(func=ast.Name(id="F" | "I" as word)):
            return word
        case ast.Call(func=ast.Name(id=name)):
            return kinds.get(name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np")) as word):
            return ast.unparse(word)
    return None


def _wider(a: str | None, b: str | None) -> str | None:
    """Kind of what joins two kinds."""
    if REAL in (a, b):
        return REAL
    if a == b:
        return a
    return LONG if {a, b} <= {LONG, TRUTH, "np.int8", "I"} else None


def cast(word: str, node: ast.expr, kinds: Mapping[str, str | None]) -> ast.expr:
    """An expression as a number of a kind."""
    if kind_of(node, kinds) == word and constant(node) is None:
        return node
    return ast.Call(ast.parse(word, mode="eval").body, [node], [])


def alike(nodes: Iterable[ast.expr], kinds: Mapping[str, str | None]) -> list[ast.expr]:
    """Operands as those of one operation: beside numbers of the dtype whole ones that are written out become such, or
    compilers would take both for float64."""
    given = list(nodes)
    if not any(kind_of(node, kinds) == REAL for node in given):
        return given
    return [cast(REAL, node, kinds) if constant(node) is not None else node for node in given]


def total(node: ast.expr) -> tuple[int, list[tuple[int, ast.expr]]]:
    """An index as a sum: what is known of it, and the rest as multiples."""
    match node:
        case ast.Constant(value=int() as value):
            return int(value), []
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _times(-1, total(operand))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            return _plus(total(left), _times(1 if isinstance(op, ast.Add) else -1, total(right)))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            a, b = total(left), total(right)
            if not a[1]:
                return _times(a[0], b)
            if not b[1]:
                return _times(b[0], a)
    return 0, [(1, node)]


def _times(factor: int, found: tuple[int, list[tuple[int, ast.expr]]]) -> tuple[int, list[tuple[int, ast.expr]]]:
    return factor * found[0], [(factor * count, node) for count, node in found[1] if factor]


def _plus(
    a: tuple[int, list[tuple[int, ast.expr]]], b: tuple[int, list[tuple[int, ast.expr]]]
) -> tuple[int, list[tuple[int, ast.expr]]]:
    merged: dict[str, tuple[int, ast.expr]] = {}
    for count, node in (*a[1], *b[1]):
        word = ast.unparse(node)
        merged[word] = (merged.get(word, (0, node))[0] + count, node)
    return a[0] + b[0], [part for part in merged.values() if part[0]]


def index(node: ast.expr) -> ast.expr:
    """An index in its shortest form."""
    known, rest = total(node)
    made: ast.expr | None = None
    for count, part in sorted(rest, key=lambda term: term[0] < 0):
        size = abs(count)
        term = part if size == 1 else ast.BinOp(part, ast.Mult(), ast.Constant(size))
        if made is None:
            made = term if count > 0 else ast.UnaryOp(ast.USub(), term)
        else:
            made = ast.BinOp(made, ast.Add() if count > 0 else ast.Sub(), term)
    if made is None:
        return ast.Constant(known)
    if known:
        made = ast.BinOp(made, ast.Add() if known > 0 else ast.Sub(), ast.Constant(abs(known)))
    return made


def added(a: ast.expr, b: ast.expr) -> ast.expr:
    """The sum of two indices."""
    return index(ast.BinOp(a, ast.Add(), b))


def difference(a: ast.expr, b: ast.expr) -> int | None:
    """a - b of indices, None where that is not known."""
    known, rest = total(ast.BinOp(a, ast.Sub(), b))
    return None if rest else known
