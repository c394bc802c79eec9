"""Expressions lowered: numbers to text, arrays to what each of their numbers is; what has to be done first to lines."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from gdviz.emit.expression import EmissionError
from gdviz.emit.lowering.operations import NUMBERS, WORDS, Operations
from gdviz.emit.lowering.values import (
    LONG,
    REAL,
    TRUTH,
    Array,
    Bundle,
    Free,
    Fresh,
    Function,
    Known,
    Lazy,
    Opaque,
    Parted,
    Place,
    Scalar,
    Value,
    Word,
    cast,
    count,
    joined,
    kind_of,
    plus,
    sizes,
)


class Expressions(Operations):
    """Values of expressions."""

    def beside(self, node: ast.expr) -> tuple[Value, list[str]]:
        """A value, and the lines that it needs, which are not added yet."""
        before, self.lines = self.lines, []
        try:
            return self.value(node), self.lines
        finally:
            self.lines = before

    def value(self, node: ast.expr) -> Value:
        """What an expression is."""
        match node:
            case ast.Constant(value=value):
                return Known(value)
            case ast.Name(id=name):
                return self.look_up(name)
            case ast.Attribute(value=base, attr=name):
                return self._attribute(self.value(base), name)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return Bundle(tuple(self.values(elements)))
            case ast.UnaryOp(op=op, operand=operand):
                return self.turned(op, self.value(operand))
            case ast.BinOp(left=left, op=op, right=right):
                return self.joint(WORDS[type(op)], self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in WORDS:
                return self.joint(WORDS[type(op)], self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[ast.In()], comparators=[right]):
                return self._among(self.value(left), self.members(self.value(right)))
            case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(op) in WORDS for op in ops):
                return self._chain([left, *rest], ops)
            case ast.BoolOp(op=op, values=parts):
                return self._either(isinstance(op, ast.Or), parts)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._chosen(self.value(test), body, orelse)
            case ast.Subscript(value=base, slice=index):
                return self.part(self.value(base), index)
            case ast.Call(func=func, args=args, keywords=[]):
                return self._called(func, args)
        raise self.fault(f"'{ast.unparse(node)}' is not part of a program's language")

    def values(self, nodes: Sequence[ast.expr]) -> list[Value]:
        """What expressions are, those with a star one by one."""
        found: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += self.members(self.value(node.value))
            else:
                found.append(self.value(node))
        return found

    def members(self, value: Value) -> list[Value]:
        """What a tuple, or a row of known numbers, consists of."""
        if isinstance(value, Bundle):
            return list(value.values)
        if isinstance(value, Known) and isinstance(value.value, (tuple, np.ndarray)):
            return [_plain(one) for one in value.value]
        raise self.fault("what is taken apart is no tuple")

    def _attribute(self, value: Value, name: str) -> Value:
        if isinstance(value, Known) and isinstance(value.value, Word):
            word = value.value.text
            if name == "type":
                return value
            dotted = f"{word}.{name}"
            return Known(NUMBERS[dotted]) if dotted in NUMBERS else Known(Word(dotted))
        if isinstance(value, Known) and isinstance(value.value, np.ndarray) and name != "dtype":
            return Known(getattr(value.value, name))
        if isinstance(value, Parted) and name == "dtype":
            return Known(Word(next(part.kind for _, part in value.parts if isinstance(part, Array))))
        if isinstance(value, (Array, Lazy, Fresh)):
            if name == "shape":
                return Bundle(tuple(self.length(value, axis) for axis in range(len(value.shape))))
            if name == "size" and (None not in value.shape or len(value.shape) == 1):
                return self.length(value, 0) if len(value.shape) == 1 else Known(count(sizes(value.shape)))
            if name == "dtype":
                return Known(Word(value.kind))
        raise self.fault(f"'.{name}' is not part of a program's language")

    def length(self, value: Array | Lazy | Fresh, axis: int) -> Value:
        """Of an axis."""
        size = value.shape[axis]
        if size is None:
            assert isinstance(value, Array)
            return Scalar(f"{LONG}({value.name}.shape[{value.index.index(Free(axis))}])", LONG)
        return Known(size)

    def _among(self, one: Value, others: Sequence[Value]) -> Value:
        """Whether a value is one of others."""
        result: Value = Known(False)
        for other in others:
            result = self.joint("|", result, self.joint("==", one, other))
        return result

    def _chain(self, nodes: Sequence[ast.expr], ops: Sequence[ast.cmpop]) -> Value:
        """Comparisons of neighbours, all of which have to hold."""
        found = [self.value(node) for node in nodes]
        once = [self.kept(v.text, v.kind) if isinstance(v, Scalar) and not v.is_simple else v for v in found]
        result: Value = Known(True)
        for op, a, b in zip(ops, once, once[1:], strict=False):
            result = self.joint("&", result, self.joint(WORDS[type(op)], a, b))
        return result

    def _either(self, is_or: bool, nodes: Sequence[ast.expr]) -> Value:
        found: Value | None = None
        for node in nodes:
            value, lines = self.beside(node)
            if isinstance(value, Known) and (found is None or not lines):
                self.lines += lines
                if bool(value.value) == is_or:
                    return Known(is_or)
            elif found is None:
                self.lines += lines
                found = value
            elif lines:
                chosen = self.variable(TRUTH)
                self.lines.append(f"{chosen.text} = {cast(found, TRUTH)}")
                self.lines.append(f"if {'not ' if is_or else ''}{chosen.text}:")
                self.lines += [f"    {line}" for line in (*lines, f"{chosen.text} = {cast(value, TRUTH)}")]
                found = chosen
            else:
                word = "or" if is_or else "and"
                found = Scalar(f"({cast(found, TRUTH)} {word} {cast(value, TRUTH)})", TRUTH)
        return Known(not is_or) if found is None else found

    def _chosen(self, test: Value, body: ast.expr, orelse: ast.expr) -> Value:
        if isinstance(test, Known):
            return self.value(body if test.value else orelse)
        (yes, first), (no, second) = self.beside(body), self.beside(orelse)
        kind = joined(kind_of(yes), kind_of(no))
        if isinstance(yes, (Array, Lazy)) or isinstance(no, (Array, Lazy)):
            raise self.fault("an array is chosen in passing; write an if")
        if not (first or second):
            return Scalar(f"({cast(yes, kind)} if {cast(test, TRUTH)} else {cast(no, kind)})", kind)
        chosen = self.variable(kind)
        self.lines.append(f"if {cast(test, TRUTH)}:")
        self.lines += [f"    {line}" for line in (*first, f"{chosen.text} = {cast(yes, kind)}")]
        self.lines.append("else:")
        self.lines += [f"    {line}" for line in (*second, f"{chosen.text} = {cast(no, kind)}")]
        return chosen

    def part(self, value: Value, index: ast.expr) -> Value:
        """What an index takes of a value."""
        nodes = index.elts if isinstance(index, ast.Tuple) else [index]
        if isinstance(value, Parted):
            return self._of_parts(value, index)
        if isinstance(value, (Bundle, Known)):
            at = [self.value(node) for node in nodes]
            if not all(isinstance(a, Known) for a in at):
                raise self.fault(f"'{ast.unparse(index)}' is not known before it runs")
            places = tuple(a.value for a in at if isinstance(a, Known))
            if isinstance(value, Bundle):
                return value.values[places[0]]
            return _plain(value.value[places if len(places) > 1 else places[0]])
        if isinstance(value, (Lazy, Array)):
            array = self.stored(value) if isinstance(value, Lazy) else value
            taken = array.part(self._places(array, nodes))
            return taken if taken.shape else Scalar(taken.element(()), taken.kind)
        raise self.fault("an index stands behind what is no array")

    def _of_parts(self, value: Parted, index: ast.expr) -> Value:
        """A number, or those side by side that lie in one part."""
        if not isinstance(index, ast.Slice):
            at = self._whole(index)
            first, part = value.at(at.known)
            if isinstance(part, Known):
                return self.part(part, ast.Constant(_known(at, first)))
            return Scalar(part.element((plus(at.core, at.known - first),)), part.kind)
        at, end = self._whole(index.lower or ast.Constant(0)), self._whole(index.upper or ast.Constant(-1))
        first, part = value.at(at.known)
        if at.core != end.core or not isinstance(part, Array):
            raise self.fault(f"'{ast.unparse(index)}' has no length that is known before it runs")
        offset = plus(at.core, at.known - first)
        return part.part([(int(offset) if offset.isdecimal() else offset, end.known - at.known)])

    def _whole(self, node: ast.expr) -> Scalar:
        """A whole number; of one that is known the rest is 0."""
        at = self.value(node)
        if isinstance(at, Known):
            return Scalar(str(at.value), LONG, at.value, "0")
        if not isinstance(at, Scalar) or at.kind == REAL:
            raise self.fault(f"'{ast.unparse(node)}' is no whole number")
        return at

    def _places(self, array: Array, nodes: Sequence[ast.expr]) -> list[Place]:
        found: list[Place] = []
        for node, size in zip(nodes, array.shape, strict=False):
            if isinstance(node, ast.Slice):
                found.append(self._span(node, size))
                continue
            at = self.value(node)
            if isinstance(at, Known) and at.value < 0:
                at = Known(at.value + sizes((size,))[0])
            if kind_of(at) == REAL:
                raise self.fault(f"'{ast.unparse(node)}' is no whole number")
            found.append(str(at.value) if isinstance(at, Known) else cast(at, kind_of(at)))
        if len(nodes) > len(array.shape):
            raise self.fault(f"{array.name} has fewer axes than its index")
        return found + [None] * (len(array.shape) - len(nodes))

    def _span(self, node: ast.Slice, size: int | None) -> Place:
        if node.lower is None and node.upper is None and node.step is None:
            return None
        ends = [Known(None) if part is None else self.value(part) for part in (node.lower, node.upper)]
        if node.step is not None or not all(isinstance(end, Known) for end in ends):
            raise self.fault(f"'{ast.unparse(node)}' is not known before it runs")
        first, last, _ = slice(*(end.value for end in ends if isinstance(end, Known))).indices(sizes((size,))[0])
        return first, max(last - first, 0)

    def _called(self, func: ast.expr, args: Sequence[ast.expr]) -> Value:
        if isinstance(func, ast.Attribute) and func.attr == "copy" and not args:
            return self._copied(self.value(func.value))
        function = self.value(func)
        called = function.value if isinstance(function, Known) else None
        given = self.values(args)
        if isinstance(called, (Function, Opaque)):
            return self.call(called, given)
        if isinstance(called, Word):
            return self.of_word(called.text, given, func)
        raise self.fault(f"'{ast.unparse(func)}' is no function that a program may call")

    def _copied(self, value: Value) -> Value:
        if isinstance(value, Array):
            return Lazy(value.kind, sizes(value.shape), value.element, (value,))
        return value


def _known(at: Scalar, first: int) -> int:
    """A place in a part whose content is known."""
    if at.core != "0":
        raise EmissionError("a known number is asked for at a place that is not")
    return at.known - first


def _plain(value: Any) -> Known:
    return Known(value.item() if isinstance(value, np.generic) else value)
