"""Functions lowered from what one calls, each once for the shapes of its arguments and what of them is known."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from gdviz.emit.lowering.frames import Made, Wider
from gdviz.emit.lowering.functions import Body
from gdviz.emit.lowering.values import (
    Bundle,
    Function,
    Known,
    Parted,
    Value,
    kind_of,
)
from gdviz.emit.rule import RESERVED, Names


class Module:
    """Functions lowered from what one calls."""

    def __init__(self) -> None:
        self.names = Names({*RESERVED})
        self.texts: list[str] = []
        self.made: dict[Any, Made] = {}
        self.functions: list[Function] = []
        self.own: list[tuple[str, int]] = []  # kinds and lengths of arrays

    def lowered(
        self,
        function: Function,
        args: Sequence[Value],
        into: Sequence[str | None] = (),
        own: frozenset[str] = frozenset(),
    ) -> Made:
        """A function for arguments like these. into: for each array that it answers the argument that it is put into,
        if it is one of them; own: arguments that nobody else needs any more."""
        key = (id(function), tuple(map(_key, args)), tuple(into), own)
        if key not in self.made:
            name = self.names.fresh(f"_{function.name.lstrip('_')}")
            presets: dict[str, str] = {}
            while True:
                body = Body(self, function, args, into, own, presets)
                try:
                    lines = body.whole(name)
                    break
                except Wider as wider:
                    presets[wider.name] = wider.kind
            made = Made(name, body.results or (), body.alone, frozenset(body.changes), lines[1:] == ["    pass"])
            if not made.is_idle:
                self.texts.append("\n".join(("@dev", *lines)) + "\n")
            self.made[key] = made
            self.functions.append(function)  # or another one might be given its number
        return self.made[key]

    @property
    def text(self) -> str:
        """All functions, those first that others call."""
        return "\n\n".join(self.texts)


def function_of(python: Any) -> Function:
    """A Python function, compiled or not, as one that can be lowered."""
    plain = getattr(python, "py_func", python)
    tree = ast.parse(textwrap.dedent(inspect.getsource(plain))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return Function(tree, _Globals(plain.__globals__))


class _Globals(dict[str, Any]):
    """Globals of a module, its functions as ones that can be lowered."""

    def get(self, name: str, default: Any = None) -> Any:
        found = super().get(name, default)
        if isinstance(getattr(found, "py_func", found), types.FunctionType):
            self[name] = found = function_of(found)
        return found


def _key(value: Value) -> Any:
    """What of an argument a lowered function depends on."""
    if isinstance(value, Bundle):
        return tuple(map(_key, value.values))
    if isinstance(value, Parted):
        return tuple((at, _key(part)) for at, part in value.parts)
    if isinstance(value, Known):
        held = value.value
        return (
            ("known", held.tobytes(), held.shape)
            if isinstance(held, np.ndarray)
            else ("known", type(held), _held(held))
        )
    return kind_of(value), getattr(value, "shape", ())


def _held(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
