"""Operators of Python's syntax, how each is written and what it does, and which statements leave a loop."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Table = Mapping[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]]

ARITHMETIC: Table = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
}
WHOLE: Table = {ast.Mod: ("%", operator.mod), ast.FloorDiv: ("//", operator.floordiv)}
BITS: Table = {
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
}
COMPARISONS: Table = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether statements leave the loop that they stand in, or a turn of it."""
    for statement in body:
        if isinstance(statement, (ast.Break, ast.Continue)):
            return True
        if isinstance(statement, ast.If) and (leaves(statement.body) or leaves(statement.orelse)):
            return True
    return False
