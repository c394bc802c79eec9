"""What stands for names in functions that are pasted: arrays, records, and functions themselves."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, eq=False)
class Array:
    """An array that a flat body reads or writes, or a part of it.

    name: in the body; word: of its numbers, see gdviz.emit.folding; shape: lengths of its axes, whole numbers where
    they are known; known: its content, where it is as good as text; own: whether it is a thread's own, one axis in the
    body and as long as all of `shape`; run: the axis of runs, which in the body is the last; first: where the part
    begins; tail: a place, and the array that stands in for all from there on.
    """

    name: str
    word: str
    shape: tuple[ast.expr, ...]
    known: NDArray[Any] | None = None
    own: bool = False
    run: int | None = None
    first: ast.expr = dataclasses.field(default_factory=lambda: ast.Constant(0))
    tail: tuple[int, Array] | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Record:
    """Values by name, which are also numbered."""

    fields: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Pasted:
    """A function to be pasted where it is called; known: values of names that are not its own."""

    tree: ast.FunctionDef
    known: Mapping[str, Any]


CALLS = frozenset({"call", "call_bool", "call_int"})
"""How drivers call functions that they are handed: the function, then its arguments as a tuple."""


def shaped(*lengths: int | str) -> tuple[ast.expr, ...]:
    """Lengths as an Array has them; those that are not known by the name of an argument."""
    return tuple(ast.Constant(n) if isinstance(n, int) else ast.Name(n) for n in lengths)


def pasted(function: Callable[..., Any]) -> Pasted:
    """A function of gdviz, with the functions and numbers that its module knows."""
    return _pasted(getattr(function, "py_func", function))


@cache
def _pasted(function: Callable[..., Any]) -> Pasted:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    around = inspect.unwrap(function).__globals__
    known: dict[str, Any] = {}
    for word in words & around.keys():
        value = getattr(around[word], "py_func", around[word])
        if isinstance(value, types.FunctionType):
            known[word] = pasted(value)
        elif isinstance(value, int):
            known[word] = ast.Constant(value)
    return Pasted(tree, known)


def functions(text: str, known: Mapping[str, Any]) -> dict[str, Pasted]:
    """The functions of an emitted text, which may call each other; `known` are values of other names in it."""
    found: dict[str, Any] = dict(known)
    made = {}
    for tree in ast.parse(text).body:
        if isinstance(tree, ast.FunctionDef):
            found[tree.name] = made[tree.name] = Pasted(tree, found)
    return made


Spans = Mapping[str, Sequence[ast.expr]]
"""Bounds of loops by their variables."""


class Frame:
    """One pasting of a function: what its names stand for."""

    def __init__(self, function: Pasted, pinned: Mapping[str, ast.expr], spans: Spans) -> None:
        self.known, self.pinned, self.spans = function.known, pinned, spans
        self.parameters = [argument.arg for argument in function.tree.args.args]
        self.held: dict[str, Any] = dict(pinned)
        self.words: dict[str, str] = {}
        names = [node for node in ast.walk(function.tree) if isinstance(node, ast.Name)]
        self.uses = Counter(name.id for name in names)
        self.sites = Counter([*self.parameters, *(name.id for name in names if isinstance(name.ctx, ast.Store))])
