"""Operators and functions of numbers on numbers and arrays: text of what they answer, of arrays number by number."""

from __future__ import annotations

import ast
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gdviz.emit.expression import ELEMENTARY, OF_TWO, EmissionError
from gdviz.emit.lowering.values import (
    LONG,
    REAL,
    TRUTH,
    Array,
    Bundle,
    Fresh,
    Function,
    Known,
    Lazy,
    Opaque,
    Scalar,
    Value,
    cast,
    joined,
    kind_of,
    names_in,
    sizes,
    spelled,
)
from gdviz.emit.operators import ARITHMETIC, BITS, COMPARISONS, WHOLE

_BINARY = {**ARITHMETIC, **WHOLE, **BITS, ast.Pow: ("**", operator.pow), **COMPARISONS}
WORDS: Mapping[type[ast.AST], str] = {op: word for op, (word, _) in _BINARY.items()}
_KNOWN: Mapping[str, Callable[[Any, Any], Any]] = dict(_BINARY.values())
_SIGNS: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
KINDS = frozenset({REAL, "I", "np.int8", "np.int32", LONG, "np.uint32", "np.uint64"})
"""Kinds that a text may name."""

RANDOM: Mapping[str, tuple[str, ...]] = {
    "lots": ("np.uint64",) * 4,
    **dict.fromkeys(("scaled", "turned", "shuffled", "swapped", "mirror", "coin"), ("np.uint32",)),
    **dict.fromkeys(("uniform", "normal"), (REAL,)),
}
"""Functions of gdviz.vmath.random, and the kinds of what they answer."""

NUMBERS = {"np.nan": math.nan, "np.inf": math.inf, "math.inf": math.inf, "math.nan": math.nan}
PLAIN = frozenset({"max", "min", "where"})
"""Functions of numbers of one kind, whichever it is."""


class Operations(ABC):
    """What is made of values. `lines` get what has to be done before a value can be asked."""

    lines: list[str]

    @abstractmethod
    def look_up(self, name: str) -> Value:
        """What a name stands for."""

    @abstractmethod
    def fault(self, what: str) -> EmissionError:
        """What the function cannot be lowered for."""

    @abstractmethod
    def kept(self, text: str, kind: str) -> Scalar:
        """A number that is computed here and now, under a name of its own."""

    @abstractmethod
    def variable(self, kind: str) -> Scalar:
        """A name for a number that lines are going to set."""

    @abstractmethod
    def stored(self, value: Value) -> Array:
        """An array that lies somewhere, with what a value is."""

    @abstractmethod
    def call(self, function: Function | Opaque, args: Sequence[Value]) -> Value:
        """What another function answers."""

    @abstractmethod
    def length(self, value: Array | Lazy | Fresh, axis: int) -> Value:
        """Of an axis."""

    def turned(self, op: ast.unaryop, value: Value) -> Value:
        """What an operator makes of a value."""
        if isinstance(value, Known):
            return Known(not value.value if isinstance(op, ast.Not) else _SIGNS[type(op)](value.value))
        if isinstance(op, ast.UAdd):
            return value
        text = "(not {})" if isinstance(op, (ast.Not, ast.Invert)) else "(-{})"
        return self.each(kind_of(value), text.format, [value])

    def joint(self, word: str, a: Value, b: Value) -> Value:
        """What an operator makes of two values."""
        if isinstance(a, Known) and isinstance(b, Known):
            return Known(_KNOWN[word](a.value, b.value))
        if isinstance(b, Known) and kind_of(a) != REAL and (word, b.value) in (("+", 0), ("-", 0), ("*", 1)):
            return a
        if isinstance(a, Known) and kind_of(b) != REAL and (word, a.value) in (("+", 0), ("*", 1)):
            return b
        kind = joined(kind_of(a), kind_of(b))
        if word in "|&" and kind == TRUTH:
            for known, other in ((a, b), (b, a)):
                if isinstance(known, Known):
                    return known if known.value == (word == "|") else other
        if isinstance(a, Known) and kind_of(b) != REAL and not isinstance(a.value, float):
            kind = kind_of(b)  # a plain whole number is of the other's kind
        if isinstance(b, Known) and kind_of(a) != REAL and not isinstance(b.value, float):
            kind = kind_of(a)
        if word == "/":
            kind = REAL
        text = f"({{}} {word} {{}})".format
        if word == "**":
            kind, text = REAL, "pow({}, {})".format
        if word in "+-" and kind not in (REAL, TRUTH):
            return _sum(word, kind, a, b)
        result = TRUTH if word in ("<", "<=", ">", ">=", "==", "!=") else kind
        return self.each(result, text, [a, b], [kind, kind])

    def each(
        self, kind: str, text: Callable[..., str], args: Sequence[Value], kinds: Sequence[str] | None = None
    ) -> Value:
        """A function of numbers, of arrays number by number; `kinds` are what its arguments are made to be."""
        kinds = kinds or [kind_of(a) for a in args]
        arrays = [a for a in args if isinstance(a, (Array, Lazy))]
        if not arrays:
            return Scalar(text(*(cast(a, k) for a, k in zip(args, kinds, strict=True))), kind)
        shape = sizes(arrays[0].shape)
        if any(a.shape != shape for a in arrays):
            raise self.fault("arrays of different shapes meet")
        parts: list[Callable[[tuple[str, ...]], str]] = []
        names: set[str] = set()
        for a, k in zip(args, kinds, strict=True):
            if isinstance(a, (Array, Lazy)):
                parts.append(_elements(a, k))
            else:
                one = cast(a, k)
                fixed = one if isinstance(a, Known) or Scalar(one, k).is_simple else self.kept(one, k).text
                names |= names_in(fixed)
                parts.append(_always(fixed))
        reads = tuple(r for a in arrays for r in ((a,) if isinstance(a, Array) else a.reads))
        names = names.union(*(a.names for a in arrays if isinstance(a, Lazy)))
        return Lazy(kind, shape, lambda at: text(*(part(at) for part in parts)), reads, frozenset(names))

    def of_word(self, word: str, args: list[Value], func: ast.expr) -> Value:
        """What a function that no text defines answers; `func` is how it is written."""
        bare = word.removeprefix("np.").removeprefix("math.")
        if word in KINDS or word == "int":
            kind = LONG if word == "int" else word
            (one,) = args
            if isinstance(one, Known) and kind == LONG:
                return Known(int(one.value))
            return self.each(kind, lambda text: text, [one], [kind])
        if word == "len":
            (array,) = args
            if isinstance(array, (Array, Lazy, Fresh)):
                return self.length(array, 0)
        if bare in ("empty", "zeros"):
            kind = args[1].value.text if len(args) > 1 and isinstance(args[1], Known) else REAL
            lengths = args[0].values if isinstance(args[0], Bundle) else args[:1]
            if all(isinstance(size, Known) for size in lengths):
                return Fresh(kind, tuple(int(size.value) for size in lengths), bare == "zeros")  # type: ignore[union-attr]
            raise self.fault(f"the length in '{word}' is not known before it runs")
        if bare in ("empty_like", "zeros_like") and isinstance(args[0], (Array, Lazy)):
            return Fresh(args[0].kind, sizes(args[0].shape), bare == "zeros_like")
        # Neither is an instruction, and both are written without a call.
        if bare in ("isnan", "isfinite"):
            (one,) = args
            one = self.kept(cast(one, REAL), REAL) if isinstance(one, Scalar) and not one.is_simple else one
            test = (lambda t: f"({t} != {t})") if bare == "isnan" else (lambda t: f"(({t} - {t}) == F(0.0))")
            return self.each(TRUTH, test, [one], [REAL])
        if bare in RANDOM:
            return self._drawn(bare, args)
        if bare in PLAIN:
            numbers = args[bare == "where" :]
            kind = kind_of(numbers[0])
            for number in numbers[1:]:
                kind = joined(kind, kind_of(number))
            kinds = [TRUTH, kind, kind] if bare == "where" else [kind] * len(args)
            return self.each(kind, lambda *texts: f"{bare}({', '.join(texts)})", args, kinds)
        if bare == "abs" and kind_of(args[0]) != REAL:
            return self.each(kind_of(args[0]), "abs({})".format, args)
        if bare in ELEMENTARY or bare in OF_TWO or bare == "pow":
            return self.each(REAL, lambda *texts: f"{bare}({', '.join(texts)})", args, [REAL] * len(args))
        raise self.fault(f"'{ast.unparse(func)}' is no function that a program may call")

    def _drawn(self, word: str, args: Sequence[Value]) -> Value:
        texts = [spelled(a.value) if isinstance(a, Known) else cast(a, kind_of(a)) for a in args]
        names = [self.variable(kind) for kind in RANDOM[word]]
        self.lines.append(f"{', '.join(name.text for name in names)} = {word}({', '.join(texts)})")
        return Bundle(tuple(names)) if len(names) > 1 else names[0]


def _sum(word: str, kind: str, a: Value, b: Value) -> Value:
    """Of whole numbers, what of it is known kept apart."""
    text = f"({cast(a, kind)} {word} {cast(b, kind)})"
    sign = 1 if word == "+" else -1
    if isinstance(a, Known) and isinstance(b, Scalar) and word == "+":
        return Scalar(text, kind, a.value + b.known, b.core)
    if isinstance(a, Scalar) and isinstance(b, Known):
        return Scalar(text, kind, a.known + sign * b.value, a.core)
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return Scalar(text, kind, a.known + sign * b.known, f"({a.core} {word} {b.core})")
    return Scalar(text, kind)


def _always(text: str) -> Callable[[tuple[str, ...]], str]:
    """The same text for every number."""
    return lambda at: text


def _elements(array: Array | Lazy, kind: str) -> Callable[[tuple[str, ...]], str]:
    """Text of each number of an array as one of a kind."""
    return lambda at: cast(Scalar(array.element(at), array.kind), kind)
