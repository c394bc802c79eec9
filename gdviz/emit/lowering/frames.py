"""What a function that is lowered has names for: arguments, variables, and arrays that are made and filled."""

from __future__ import annotations

import ast
import dataclasses
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from gdviz.emit.expression import EmissionError
from gdviz.emit.lowering.expressions import Expressions
from gdviz.emit.lowering.values import (
    REAL,
    TRUTH,
    Array,
    Bundle,
    Fresh,
    Function,
    Known,
    Lazy,
    Opaque,
    Parted,
    Scalar,
    Value,
    Word,
    cast,
    count,
    joined,
    kind_of,
    places,
    sizes,
)
from gdviz.emit.rule import RESERVED, Names

LOCAL = "cuda.local.array({shape}, {kind})"
"""How an array of a function's own is made; its shape is a number or a tuple of such."""

WRITTEN = 4
"""Numbers of an array up to which what is done to each is written out, and turns of loops that are: so compilers keep
them in registers."""

Result = Known | tuple[str, tuple[int, ...]]
"""What a function answers at one place: known, or its kind and shape, () of a number."""


@dataclasses.dataclass(frozen=True, eq=False)
class Made:
    """A function that was lowered. results: what it answers, in order; alone: whether that is no tuple; changes: names
    of the arguments that it changes; is_idle: whether it does nothing."""

    name: str
    results: tuple[Result, ...]
    alone: bool
    changes: frozenset[str]
    is_idle: bool


class Functions(Protocol):
    """Functions that others call, lowered. own: kinds and lengths of the arrays that they make."""

    own: list[tuple[str, int]]

    def lowered(
        self, function: Function, args: Sequence[Value], into: Sequence[str | None], own: frozenset[str]
    ) -> Made:
        """One for arguments like these, see gdviz.emit.lowering.module."""


class Wider(Exception):
    """A variable is of a wider kind than it was taken for."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(name)
        self.name, self.kind = name, kind


class Frame(Expressions):
    """Names of a function that is lowered: its arguments, variables and arrays, and the functions that it calls."""

    @abstractmethod
    def block(self, body: Sequence[ast.stmt]) -> None:
        """Lower statements in order."""

    def __init__(
        self,
        module: Functions,
        function: Function,
        args: Sequence[Value] = (),
        into: Sequence[str | None] = (),
        own: frozenset[str] = frozenset(),
        kinds: Mapping[str, str] | None = None,
    ) -> None:
        self.module, self.function, self.into = module, function, into
        self.lines: list[str] = []
        self.names = Names({*RESERVED, *(n.id for n in ast.walk(function.tree) if isinstance(n, ast.Name))})
        self.kinds: dict[str, str] = {}
        self.presets = kinds or {}
        self.arrays: dict[str, tuple[str, tuple[int, ...]]] = {}
        self.results: tuple[Result, ...] | None = None
        self.alone = True
        self.changes: set[str] = set()
        self.env: dict[str, Value] = {}
        stores = [n for n in ast.walk(function.tree) if isinstance(getattr(n, "ctx", None), ast.Store)]
        self.assigned = Counter(n.id for n in stores if isinstance(n, ast.Name))
        self.assigned.update(name for name in function.arguments if name in self.assigned)
        self.stored_in = {base_of(n) for n in stores if isinstance(n, ast.Subscript)}
        self.parameters: list[str] = []
        self.turns = {
            n.target.id for n in ast.walk(function.tree) if isinstance(n, ast.For) and isinstance(n.target, ast.Name)
        }
        self.temporary: set[str] = set()
        for name, value in zip(function.arguments, args, strict=True):
            self.env[name] = self._parameter(name, value)
        for name in [n for n in self.assigned if isinstance(self.env.get(n), Array)]:
            if name in self.stored_in and name not in own:
                raise self.fault(f"'{name}' is changed in place and made anew")
            if name not in own:
                given = self.env[name]
                self.env[name] = self.array(name, self.names.fresh(name), given)
        self.own = own

    def _parameter(self, name: str, value: Value) -> Value:
        """An argument as the function sees it."""
        if isinstance(value, Bundle):
            return Bundle(tuple(self._parameter(f"{name}_{i}", part) for i, part in enumerate(value.values)))
        if isinstance(value, Parted):
            parts = ((at, self._parameter(f"{name}_{at}", part)) for at, part in value.parts)
            return Parted(tuple((at, part) for at, part in parts if isinstance(part, (Array, Known))))
        if isinstance(value, Known) and (name not in self.assigned or not isinstance(value.value, (int, float))):
            return value
        if isinstance(value, Known):
            kind = self._kind(name, kind_of(value))
            self.lines.append(f"{name} = {cast(value, kind)}")
            return Scalar(name, kind)
        self.parameters.append(name)
        if isinstance(value, Scalar):
            self.kinds[name] = self.presets.get(name, value.kind)
            return Scalar(name, self.kinds[name])
        assert isinstance(value, Array)
        return Array.named(name, value.kind, value.shape)

    def whole(self, name: str) -> list[str]:
        """Lines of the function under a name."""
        start = list(self.lines)
        self.lines = []
        self.block(self.function.tree.body)
        if self.results is None:
            self.results, self.alone = (), False
        outs = [f"out_{i}" for i, _ in self._outs()]
        used = {n.id for n in ast.walk(ast.parse("\n".join((*start, *self.lines)))) if isinstance(n, ast.Name)}
        local = [f"{n} = {self._local(kind, shape)}" for n, (kind, shape) in self.arrays.items() if n in used]
        self.module.own += [(kind, count(shape)) for n, (kind, shape) in self.arrays.items() if n in used]
        widened = [f"{n} = {k}({n})" for n, k in self.presets.items() if n in self.parameters]
        lines = [*local, *widened, *start, *(self.lines or ["pass"])]
        return [f"def {name}({', '.join((*self.parameters, *outs))}):", *(f"    {line}" for line in lines)]

    def _outs(self) -> Iterator[tuple[int, Result]]:
        """Arrays that are answered into what is handed over for them, with their places in the answer."""
        for i, result in enumerate(self.results or ()):
            if not isinstance(result, Known) and result[1] and not self.taker(i):
                yield i, result

    def taker(self, place: int) -> str | None:
        """The argument that takes what is answered at a place, if there is one."""
        return self.into[place] if place < len(self.into) else None

    def _local(self, kind: str, shape: tuple[int, ...]) -> str:
        told = str(shape[0]) if len(shape) == 1 else repr(shape)
        return LOCAL.format(shape=told, kind="np.bool_" if kind == TRUTH else kind)

    # What expressions ask for.

    def fault(self, what: str) -> EmissionError:
        """With the name of the function that it stands in."""
        return EmissionError(f"{what} (in {self.function.name.lstrip('_')})")

    def look_up(self, name: str) -> Value:
        """Its own, of the text around it, or a word."""
        if name in self.env:
            return self.env[name]
        if name in self.assigned:
            raise self.fault(f"'{name}' has no value yet")
        found = self.function.around.get(name, Word(name))
        return Known(Word("np")) if found is np else Known(found)

    def variable(self, kind: str) -> Scalar:
        """With a fresh name."""
        name = self.names.fresh("s")
        self.temporary.add(name)
        return Scalar(name, kind)

    def kept(self, text: str, kind: str) -> Scalar:
        """In a line before what needs it."""
        made = self.variable(kind)
        self.lines.append(f"{made.text} = {text}")
        return made

    def stored(self, value: Value) -> Array:
        """In an array of its own, where it lies nowhere yet."""
        if isinstance(value, Array):
            return value
        return self.aside(value)

    def aside(self, value: Value) -> Array:
        """An array that no variable stands for."""
        name = self.names.fresh("v")
        self.temporary.add(name)
        return self.array(None, name, value)

    def array(self, name: str | None, word: str, value: Value) -> Array:
        """Put an array where it has a name; `name` is that of the variable that stands for it."""
        if not isinstance(value, (Array, Lazy, Fresh)):
            raise self.fault("an array is asked for where there is none")
        shape = sizes(value.shape)
        if self.arrays.setdefault(word, (value.kind, shape)) != (value.kind, shape):
            raise self.fault(f"'{name}' changes its shape")
        made = Array.named(word, value.kind, shape)
        if not isinstance(value, Fresh) or value.zeros:
            self.fill(made, value)
        return made

    def fill(self, target: Array, value: Value) -> None:
        """Lines that put a value into a whole array or a part of one."""
        shape = sizes(target.shape)
        if isinstance(value, Fresh):
            value = Known(0.0 if value.kind == REAL else 0)
        if not isinstance(value, (Array, Lazy)):
            self.change(target)
            one = cast(value, target.kind)
            self._over(shape, lambda at: f"{target.element(at)} = {one}")
            return
        if value.shape != shape:
            raise self.fault("an array is put into one of another shape")
        if isinstance(value, Array) and value == target:
            return
        self.change(target)
        reads = (value,) if isinstance(value, Array) else value.reads
        if any(r.name == target.name and r.index != target.index for r in reads):
            value = self.aside(value)
        numbers = value
        self._over(
            shape, lambda at: f"{target.element(at)} = {cast(Scalar(numbers.element(at), numbers.kind), target.kind)}"
        )

    def _over(self, shape: tuple[int, ...], line: Any) -> None:
        """A line for every number of an array."""
        if count(shape) <= WRITTEN:
            self.lines += [line(at) for at in places(shape)]
            return
        words = [self.names.fresh("k") for _ in shape]
        for depth, (word, size) in enumerate(zip(words, shape, strict=True)):
            self.lines.append(f"{'    ' * depth}for {word} in range({size}):")
        self.lines.append(f"{'    ' * len(shape)}{line(tuple(words))}")

    def call(self, function: Function | Opaque, args: Sequence[Value], outs: Sequence[Array | None] = ()) -> Value:
        """Call another function; `outs` are where what it answers goes to, in order, where that is an array."""
        lazy = {i for i, a in enumerate(args) if isinstance(a, (Lazy, Fresh))}
        given = [self.stored(a) if i in lazy else a for i, a in enumerate(args)]
        if isinstance(function, Opaque):
            texts = [text for a in given for text in _handed(a)]
            for i in function.fills:
                self.change(given[i])
            if function.kind:
                return self.kept(f"{function.name}({', '.join(texts)})", function.kind)
            self.lines.append(f"{function.name}({', '.join(texts)})")
            return Known(None)
        names = function.arguments
        into = [_taker(out, names, given) for out in outs]
        own = frozenset({names[i] for i in lazy} | {n for n in into if n is not None})
        made = self.module.lowered(function, given, into, own)
        for name, value in _named(names, given):
            if name in made.changes:
                self.change(value)
        targets: list[Array] = []
        found: list[Value] = []
        for i, result in enumerate(made.results):
            if isinstance(result, Known):
                found.append(result)
            elif not result[1]:
                found.append(self.variable(result[0]))
            else:
                out = outs[i] if i < len(outs) else None
                used = out is None or out.shape != result[1] or any(_named_as(out, a) for a in given)
                if out is not None and into[i] is not None:
                    found.append(out)
                elif out is not None and not used:
                    targets.append(out)
                    found.append(out)
                else:
                    targets.append(self.aside(Fresh(result[0], result[1], False)))
                    found.append(targets[-1])
        texts = [text for a in given for text in _handed(a)] + [t.view for t in targets]
        numbers = [v.text for v in found if isinstance(v, Scalar)]
        if made.is_idle:
            return Known(None)
        self.lines.append(f"{', '.join(numbers)}{' = ' * bool(numbers)}{made.name}({', '.join(texts)})")
        if not made.results:
            return Known(None)
        return found[0] if made.alone else Bundle(tuple(found))

    def change(self, value: Value) -> None:
        """Note that an array changes in place."""
        if isinstance(value, Array) and value.name in self.parameters:
            self.changes.add(value.name)

    def _kind(self, name: str, kind: str) -> str:
        """The kind of a variable that is also of this one."""
        before = self.kinds.setdefault(name, self.presets.get(name, kind))
        wider = joined(before, kind)
        if wider != before:
            raise Wider(name, wider)
        return wider


def _handed(value: Value) -> list[str]:
    """Texts by which a value is handed to a function: none where it is known, several for a tuple."""
    if isinstance(value, Bundle):
        return [text for part in value.values for text in _handed(part)]
    if isinstance(value, Parted):
        return [text for _, part in value.parts for text in _handed(part)]
    if isinstance(value, Known):
        return []
    return [value.view if isinstance(value, Array) else cast(value, kind_of(value))]


def _named_as(out: Array, value: Value) -> bool:
    return isinstance(value, Array) and value.name == out.name


def _taker(out: Array | None, names: Sequence[str], values: Sequence[Value]) -> str | None:
    """The argument that is what an answer goes to, where it is handed over once."""
    if out is None or sum(_named_as(out, value) for value in values) != 1:
        return None
    return next((name for name, value in zip(names, values, strict=True) if value == out), None)


def _named(names: Sequence[str], values: Sequence[Value]) -> Iterator[tuple[str, Value]]:
    """Values with the names by which a function knows them, those of tuples one by one."""
    for name, value in zip(names, values, strict=True):
        if isinstance(value, Bundle):
            yield from _named([f"{name}_{i}" for i in range(len(value.values))], value.values)
        elif isinstance(value, Parted):
            yield from _named([f"{name}_{at}" for at, _ in value.parts], [part for _, part in value.parts])
        else:
            yield name, value


def base_of(node: ast.expr) -> str:
    """The variable that a target belongs to."""
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
