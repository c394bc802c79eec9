"""Straight lines for several numbers side by side: each line for all of them before the next.

A processor is at several long ways at a time only where they are near each other: four tanh in turn took 2.1 ns each
(Zen 4, 8 lanes a register), side by side 1.6.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

COUNT = 4
"""How many numbers the functions of FUNCTIONS take at a time; eight would need more registers than there are."""

FUNCTIONS = ("tanh",)
"""Functions of one number of which there is one of COUNT numbers."""

NAMES = tuple(f"{name}{COUNT}" for name in FUNCTIONS)
"""What these are called."""


def own(word: str, number: int) -> str:
    """What a name is called for one of the numbers; for the first as it is."""
    return f"{word}_{number}" if number else word


def abreast(lines: Sequence[str], given: Iterable[str], count: int) -> list[str]:
    """Assignments for `count` numbers; `given` are names that differ from one to another, besides those assigned."""
    names = {
        *given,
        *(node.id for line in lines for node in _names(ast.parse(line)) if isinstance(node.ctx, ast.Store)),
    }
    found: list[str] = []
    for line in lines:
        copies = [_owned(ast.parse(line).body[0], names, number) for number in range(count)]
        function = _called(copies[0])
        if count == COUNT and function in FUNCTIONS:
            targets, arguments = zip(*(copy.removesuffix(")").split(f" = {function}(") for copy in copies), strict=True)
            found.append(f"{', '.join(targets)} = {function}{COUNT}({', '.join(arguments)})")
        else:
            found += copies
    return found


def texts(source: str) -> str:
    """The functions of COUNT numbers, made of those of one number in a text."""
    there = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    return "".join(f"\n\n@dev\n{_function(there[name])}\n" for name in FUNCTIONS)


def _function(of: ast.FunctionDef) -> str:
    (given,), (*lines, last) = [one.arg for one in of.args.args], map(ast.unparse, of.body)
    made = abreast([*lines, last.replace("return", "answer =", 1)], [given], COUNT)
    head, answers = (", ".join(own(word, number) for number in range(COUNT)) for word in (given, "answer"))
    return "\n    ".join([f"def {of.name}{COUNT}({head}):", *made, f"return {answers}"])


def _owned(statement: ast.stmt, names: set[str], number: int) -> str:
    for node in _names(statement):
        node.id = own(node.id, number) if node.id in names else node.id
    return ast.unparse(statement)


def _names(tree: ast.AST) -> list[ast.Name]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _called(line: str) -> str:
    """The function of one name that a line calls and does nothing else, or nothing."""
    match ast.parse(line).body[0]:
        case ast.Assign([ast.Name()], ast.Call(ast.Name(function), [ast.Name()], [])):
            return function
    return ""
