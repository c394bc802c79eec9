"""What lowering knows of an expression: a value that is known beforehand, a number, or an array of known shape."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gdviz.emit.expression import EmissionError

REAL, LONG, TRUTH = "F", "np.int64", "bool"
"""Words of kinds: numbers of a plan's dtype, whole numbers, truth. Others are NumPy's own words, such as np.uint32."""


@dataclasses.dataclass(frozen=True)
class Word:
    """A name that no text defines: of NumPy's or Python's functions, of a kind, of a function of vmath."""

    text: str


@dataclasses.dataclass(frozen=True, eq=False)
class Function:
    """A function that is lowered where it is called. around: what its names mean that it does not assign."""

    tree: ast.FunctionDef
    around: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As it is called where it was written."""
        return self.tree.name

    @property
    def arguments(self) -> list[str]:
        """Names of its arguments, which have no defaults."""
        return [a.arg for a in self.tree.args.args]


@dataclasses.dataclass(frozen=True)
class Opaque:
    """A function of scalars and arrays that needs no lowering: its name, the kind it answers ("" for nothing), and the
    places of the arrays that it fills."""

    name: str
    kind: str
    fills: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Known:
    """Known beforehand: a Python number, a truth, a tuple, a function, a Word, a NumPy array of constants."""

    value: Any


@dataclasses.dataclass(frozen=True)
class Scalar:
    """One number as text. Of a whole one that is a sum: what of it is known, and the text of the rest."""

    text: str
    kind: str
    known: int = 0
    rest: str = ""

    @property
    def core(self) -> str:
        """The text without what is known."""
        return self.rest or self.text

    @property
    def is_simple(self) -> bool:
        """Whether it may be repeated and moved: a literal, or a name."""
        return self.text.isidentifier() or is_literal(self.text)


@dataclasses.dataclass(frozen=True)
class Free:
    """A place of an index that goes over an axis of the array, from an offset on; whole: over all that there is."""

    axis: int
    offset: int | str = 0
    whole: bool = True


@dataclasses.dataclass(frozen=True)
class Array:
    """Numbers that lie somewhere: part of what has a name. shape: lengths of its axes, None where not known; index: for
    each axis of the named one a text, or the axis of this one that goes over it."""

    name: str
    kind: str
    shape: tuple[int | None, ...]
    index: tuple[str | Free, ...]

    @classmethod
    def named(cls, name: str, kind: str, shape: tuple[int | None, ...]) -> Array:
        """All of what has the name."""
        return cls(name, kind, shape, tuple(Free(axis) for axis in range(len(shape))))

    @property
    def is_whole(self) -> bool:
        """Whether it is all of what has the name."""
        return all(isinstance(place, Free) and place == Free(place.axis) for place in self.index)

    def element(self, at: tuple[str, ...]) -> str:
        """Text of one number."""
        places = [p if isinstance(p, str) else plus(at[p.axis], p.offset) for p in self.index]
        return f"{self.name}[{', '.join(places)}]"

    @property
    def view(self) -> str:
        """Text of it as an array, of which nothing is copied."""
        free = [p for p in self.index if isinstance(p, Free)]
        if [p.axis for p in free] != list(range(len(self.shape))):
            raise EmissionError(f"{self.name} is handed on with its axes in another order")
        if self.is_whole:
            return self.name
        return f"{self.name}[{', '.join(p if isinstance(p, str) else self._slice(p) for p in self.index)}]"

    def _slice(self, place: Free) -> str:
        size = self.shape[place.axis]
        return ":" if place.whole or size is None else f"{place.offset}:{plus(str(size), place.offset)}"

    def part(self, places: Sequence[Place]) -> Array:
        """What an index leaves, which has for each axis a text, an offset and a length, or nothing for all of it."""
        axes: list[str | Free] = []
        shape: list[int | None] = []
        for place, size in zip(places, self.shape, strict=True):
            if isinstance(place, str):
                axes.append(place)
                continue
            offset, length = (0, size) if place is None else place
            axes.append(Free(len(shape), offset, length == size))
            shape.append(length)
        index: list[str | Free] = []
        for own in self.index:
            new = own if isinstance(own, str) else axes[own.axis]
            if isinstance(own, Free) and isinstance(new, Free):
                first = plus(str(new.offset), own.offset)
                offset = int(first) if first.isdecimal() else first
                index.append(Free(new.axis, offset, own.whole and new.whole))
            elif isinstance(own, Free) and isinstance(new, str):
                index.append(plus(new, own.offset))
            else:
                index.append(new)
        return Array(self.name, self.kind, tuple(shape), tuple(index))


@dataclasses.dataclass(frozen=True, eq=False)
class Lazy:
    """An array that is computed number by number where it is needed. reads, names: the arrays and the variables that it
    is made of."""

    kind: str
    shape: tuple[int, ...]
    element: Callable[[tuple[str, ...]], str]
    reads: tuple[Array, ...] = ()
    names: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Fresh:
    """An array that nothing is in yet, or zeros."""

    kind: str
    shape: tuple[int, ...]
    zeros: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Bundle:
    """A tuple."""

    values: tuple[Value, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Parted:
    """A row of numbers that lie in several arrays, [number], or are known: where each begins in it, and what it is."""

    parts: tuple[tuple[int, Array | Known], ...]

    @property
    def is_told(self) -> bool:
        """Whether some of it is known."""
        return any(isinstance(part, Known) for _, part in self.parts)

    def at(self, place: int) -> tuple[int, Array | Known]:
        """The part that a place is in, and where it begins."""
        return max((part for part in self.parts if part[0] <= place), key=lambda part: part[0])


Value = Known | Scalar | Array | Lazy | Fresh | Bundle | Parted
Place = str | tuple[int | str, int] | None
"""Of an axis: a number as text, an offset and a length, or all of it."""


def names_in(*texts: str) -> set[str]:
    """Names that texts of numbers have."""
    return {n.id for text in texts for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}


def names_of(value: Value) -> set[str]:
    """Variables and arrays that a value changes with."""
    if isinstance(value, Scalar):
        return names_in(value.text)
    if isinstance(value, Array):
        return {value.name} | names_in(*(p if isinstance(p, str) else str(p.offset) for p in value.index))
    if isinstance(value, Lazy):
        return set(value.names).union(*map(names_of, value.reads))
    return set()


def is_literal(text: str) -> bool:
    """Whether a text is a number of a kind, as in F(0.5)."""
    word, _, rest = text.partition("(")
    return word in (REAL, LONG) and rest.rstrip(")").lstrip("-").replace(".", "").replace("e-", "").isdigit()


def plus(text: str, offset: int | str) -> str:
    """Text of a whole number and another."""
    if offset in (0, "0"):
        return text
    if text == "0":
        return str(offset)
    known = text.isdecimal() and str(offset).isdecimal()
    return str(int(text) + int(offset)) if known else f"({text} + {offset})"


def sizes(shape: tuple[int | None, ...]) -> tuple[int, ...]:
    """A shape that has to be known."""
    found = tuple(size for size in shape if size is not None)
    if len(found) < len(shape):
        raise EmissionError("an array's length is not known before it runs")
    return found


def places(shape: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
    """Index of every number of an array, as texts."""
    return (tuple(map(str, at)) for at in itertools.product(*map(range, shape)))


def count(shape: tuple[int, ...]) -> int:
    """How many numbers an array has."""
    return math.prod(shape)


def spelled(value: float) -> str:
    """A plain number as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return repr(value)


def joined(a: str, b: str) -> str:
    """The kind of what two kinds are computed to."""
    if a == b:
        return a
    if REAL in (a, b):
        return REAL
    if TRUTH in (a, b):
        raise EmissionError("a number meets a condition; write where(condition, 1.0, 0.0)")
    return LONG


def kind_of(value: Value) -> str:
    """Of a number or an array."""
    if isinstance(value, Known):
        for made_of, kind in ((bool, TRUTH), (int, LONG), (float, REAL)):
            if isinstance(value.value, made_of):
                return kind
    if isinstance(value, (Scalar, Array, Lazy, Fresh)):
        return value.kind
    raise EmissionError("a number is asked for where there is none")


def cast(value: Value, kind: str) -> str:
    """Text of a number as one of a kind."""
    if isinstance(value, Known) and isinstance(value.value, (int, float)):
        if kind == TRUTH or isinstance(value.value, bool):
            return repr(bool(value.value))
        return f"{kind}({spelled(value.value)})"
    if isinstance(value, Scalar):
        return value.text if value.kind == kind else f"{kind}({value.text})"
    raise EmissionError("a number is asked for where there is none")
