"""Functions pasted into one body: what they are given takes the place of their parameters, and what is known is gone.

Sources are ordinary Python that compiled drivers and emitted texts are written in. Read with what is known (numbers,
records of a plan, the lengths of arrays, the width 1 of a tile), calls of functions become their bodies under names of
their own, slices become places in the arrays they are of, loops of a few known turns are written out, and branches that
cannot be taken fall away. What is left are assignments, loops over steps and records, and conditions of runs.
"""

from __future__ import annotations

import ast
import builtins
import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from gdviz.emit.expression import EmissionError
from gdviz.emit.folding import (
    LONG,
    REAL,
    added,
    alike,
    cast,
    constant,
    difference,
    folded,
    index,
    kind_of,
    total,
)
from gdviz.emit.given import CALLS, Array, Frame, Pasted, Record, Spans
from gdviz.emit.operators import leaves

# NumPy's words in drivers, as modules of emitted text have them.
_WORDS = {"np.nan": "NAN", "np.inf": "INF", "np.isfinite": "finite", "np.sqrt": "sqrt", "np.floor": "floor"}


class Flattening:
    """A body in the making.

    `kinds` are those of names that it finds, functions by what they answer, arguments by what they are; it grows.
    turns: up to how many turns loops are written out.
    """

    def __init__(self, kinds: Mapping[str, str | None], turns: int) -> None:
        self.kinds: dict[str, str | None] = dict(kinds)
        self.turns = turns
        self.own: dict[str, tuple[str, ast.expr]] = {}
        """Arrays of the thread's own: word and length of each."""
        self.passing: set[str] = set()
        """Those of them that no turn of a loop hands to the next."""
        self.out: list[ast.stmt] = []
        self.frame: Any = None
        self.fixed = set(kinds)
        self.taken = set(kinds) | set(dir(builtins)) | {"np", "math"}

    def fresh(self, word: str) -> str:
        """A name that nothing else has."""
        name, count = word, 1
        while name in self.taken:
            count += 1
            name = f"{word}_{count}"
        self.taken.add(name)
        return name

    def array(self, word: str, kind: str, length: int | ast.expr, shape: tuple[ast.expr, ...] = ()) -> Array:
        """An array of the thread's own."""
        name = self.fresh(word)
        size = ast.Constant(length) if isinstance(length, int) else length
        self.own[name] = (kind, size)
        self.kinds[name] = kind
        return Array(name, kind, shape or (size,), own=True)

    def paste(
        self,
        function: Pasted,
        arguments: Sequence[Any],
        pinned: Mapping[str, ast.expr] | None = None,
        spans: Spans | None = None,
    ) -> Any:
        """Paste a function; its answer. `pinned` are values of names in it, whatever it assigns to them, `spans` what
        loops go over, by their variables."""
        frame = Frame(function, pinned or {}, spans or {})
        if len(frame.parameters) != len(arguments):
            raise EmissionError(f"{function.tree.name} takes {len(frame.parameters)} arguments, not {len(arguments)}")
        for name, value in zip(frame.parameters, arguments, strict=True):
            frame.held[name] = self._given(frame, name, value)
        outer, self.frame = self.frame, frame
        answer = self._body(function.tree.body)
        self.frame = outer
        return answer

    def _given(self, frame: Frame, name: str, value: Any) -> Any:
        """What a parameter stands for: a variable of its own where it is assigned to, or costs something twice."""
        if not isinstance(value, ast.expr):
            return value
        if frame.sites[name] == 1 and (isinstance(value, (ast.Name, ast.Constant)) or frame.uses[name] <= 1):
            return value
        frame.words[name] = word = self.fresh(name)
        self._assign(word, value)
        return ast.Name(word)

    def _body(self, statements: Sequence[ast.stmt]) -> Any:
        for statement in statements:
            if isinstance(statement, ast.Return):
                if statement is not statements[-1]:
                    raise EmissionError("a function that is pasted returns at its end alone")
                return None if statement.value is None else self.value(statement.value)
            self._statement(statement)
        return None

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=[target], value=value):
                self._store(target, self.value(value))
            case ast.AugAssign(target=target, op=op, value=value):
                read = copy.deepcopy(target)
                read.ctx = ast.Load()
                self._store(target, self.value(ast.BinOp(read, op, value)))
            case ast.If(test=test, body=body, orelse=orelse):
                self._branch(self.expression(test), body, orelse)
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=args), body=body):
                self._loop(name, args, body)
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=value):
                self.value(value)
            case ast.Break() | ast.Continue():
                self.out.append(node)
            case _:
                raise EmissionError(f"'{ast.unparse(node)}' cannot be part of a flat kernel")

    def _branch(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]) -> None:
        if (value := constant(test)) is not None:
            self._statements(body if value else orelse)
            return
        yes, no = (self._aside(partial(self._statements, part)) for part in (body, orelse))
        if yes or no:
            self.out.append(ast.If(test, yes or [ast.Pass()], no))

    def _aside(self, work: Callable[[], None]) -> list[ast.stmt]:
        """The statements that some work makes."""
        kept, self.out = self.out, []
        work()
        made, self.out = self.out, kept
        return made

    def _statements(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _loop(self, name: str, args: Sequence[ast.expr], body: Sequence[ast.stmt]) -> None:
        """A loop over a range, none at all where a condition in its bounds fails."""
        if name in self.frame.spans:
            self._turning(name, list(self.frame.spans[name]), body)
            return
        values = [self.expression(arg) for arg in args]
        match values:
            case [ast.IfExp(test=test, body=count, orelse=ast.Constant(value=0))]:
                if inner := self._aside(partial(self._over, name, [count], body)):
                    self.out.append(ast.If(test, inner, []))
            case _:
                self._over(name, values, body)

    def _over(self, name: str, values: list[ast.expr], body: Sequence[ast.stmt]) -> None:
        bounds = [ast.Constant(0), *values] if len(values) == 1 else values
        first, last, step = [*bounds, ast.Constant(1)][:3]
        apart, stride = difference(last, first), constant(step)
        if apart is not None and stride and not leaves(body):
            turns = range(0, apart, stride)
            if len(turns) <= max(1, self.turns):
                for turn in turns:
                    self.frame.held[name] = added(first, ast.Constant(turn))
                    self._statements(body)
                return
        self._turning(name, [index(value) for value in values], body)

    def _turning(self, name: str, bounds: list[ast.expr], body: Sequence[ast.stmt]) -> None:
        word = self._word(name)
        self.kinds[word] = LONG
        self.frame.held[name] = ast.Name(word)
        inner = self._aside(partial(self._statements, body))
        if inner:
            self.out.append(ast.For(ast.Name(word, ast.Store()), _call("range", bounds), inner, []))

    def _word(self, name: str) -> str:
        if name not in self.frame.words:
            self.frame.words[name] = self.fresh(name)
        return self.frame.words[name]

    def _store(self, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name):
                self._name(name, value)
            case ast.Tuple(elts=targets):
                if isinstance(value, Record):
                    value = tuple(value.fields.values())
                if isinstance(value, tuple):
                    for one, part in zip(targets, value, strict=True):
                        self._store(one, part)
                else:
                    self._answered([one.id for one in targets if isinstance(one, ast.Name)], value)
            case ast.Subscript():
                place = self.value(target)
                if not isinstance(place, ast.Subscript) or not isinstance(value, ast.expr):
                    raise EmissionError(f"'{ast.unparse(target)}' is no place in a flat kernel")
                word = self.kinds[place.value.id]  # type: ignore[attr-defined]
                self.out.append(ast.Assign([place], cast(word or REAL, value, self.kinds)))
            case _:
                raise EmissionError(f"'{ast.unparse(target)}' is no place in a flat kernel")

    def _answered(self, names: Sequence[str], value: ast.expr) -> None:
        """Several numbers that one call answers."""
        words = [self._word(name) for name in names]
        for name, word in zip(names, words, strict=True):
            self.frame.held[name] = ast.Name(word)
            self.kinds.setdefault(word, None)
        self.out.append(ast.Assign([ast.Tuple([ast.Name(word, ast.Store()) for word in words], ast.Store())], value))

    def _name(self, name: str, value: Any) -> None:
        frame = self.frame
        if name in frame.pinned:
            return
        if not isinstance(value, ast.expr):
            frame.held[name] = value
            return
        settled = constant(value) is not None or (isinstance(value, ast.Name) and value.id in self.fixed)
        if frame.sites[name] == 1 and settled:
            frame.held[name] = value
            return
        word = self._word(name)
        frame.held[name] = ast.Name(word)
        self._assign(word, value)

    def _assign(self, word: str, value: ast.expr) -> None:
        kind = kind_of(value, self.kinds)
        if word in self.kinds and self.kinds[word] == REAL and constant(value) is not None:
            value, kind = cast(REAL, value, self.kinds), REAL
        self.kinds[word] = kind if self.kinds.get(word, kind) == kind else _both(kind, self.kinds[word])
        self.out.append(ast.Assign([ast.Name(word, ast.Store())], value))

    def expression(self, node: ast.expr) -> ast.expr:
        """An expression that has to be a number in the body."""
        value = self.value(node)
        if not isinstance(value, ast.expr):
            raise EmissionError(f"'{ast.unparse(node)}' is no number in a flat kernel")
        return value

    def value(self, node: ast.expr) -> Any:
        """What an expression is: one of the body, an array, a record, a function, or a tuple of such."""
        match node:
            case ast.Constant():
                return node
            case ast.Name(id=name):
                if name in self.frame.held:
                    return self.frame.held[name]
                return self.frame.known.get(name, node)
            case ast.Tuple(elts=parts):
                return tuple(self.value(part) for part in parts)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=of, slice=at):
                return self._part(self.value(of), at)
            case ast.Call():
                return self._call(node)
            case ast.UnaryOp(op=op, operand=operand):
                return folded(ast.UnaryOp(op, self.expression(operand)), self.kinds)
            case ast.BinOp(left=left, op=op, right=right):
                sides = [self.expression(left), self.expression(right)]
                a, b = alike(sides, self.kinds)
                return folded(ast.BinOp(a, op, b), self.kinds)
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=parts)]):
                return ast.Constant(constant(self.value(left)) in [constant(self.value(part)) for part in parts])
            case ast.Compare(left=left, ops=ops, comparators=rest):
                a, *others = alike([self.expression(part) for part in (left, *rest)], self.kinds)
                return folded(ast.Compare(a, ops, others), self.kinds)
            case ast.BoolOp(op=op, values=values):
                return folded(ast.BoolOp(op, [self.expression(part) for part in values]), self.kinds)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                asked = self.expression(test)
                if (value := constant(asked)) is not None:
                    return self.value(body if value else orelse)
                a, b = alike([self.expression(body), self.expression(orelse)], self.kinds)
                return ast.IfExp(asked, a, b)
        raise EmissionError(f"'{ast.unparse(node)}' cannot be part of a flat kernel")

    def _attribute(self, node: ast.Attribute) -> Any:
        if (word := ast.unparse(node)) in _WORDS:
            return ast.Name(_WORDS[word])
        of = self.value(node.value)
        if isinstance(of, Record):
            return of.fields[node.attr]
        if isinstance(of, Array):
            if node.attr == "shape":
                return of.shape
            if node.attr == "size":
                size: ast.expr = ast.Constant(1)
                for length in of.shape:
                    size = index(ast.BinOp(size, ast.Mult(), length))
                return size
            if node.attr == "dtype":
                return ast.parse(of.word, mode="eval").body
        if node.attr == "type" and isinstance(of, ast.expr):
            return of  # of a dtype
        return ast.Attribute(self.expression(node.value), node.attr)

    def _part(self, of: Any, at: ast.expr) -> Any:
        """A place in an array, or what is known to be there; a part of an array; one of a tuple."""
        if isinstance(of, tuple):
            return of[constant(self.expression(at)) or 0]
        if not isinstance(of, Array):
            raise EmissionError(f"'[{ast.unparse(at)}]' is taken of what is no array")
        if isinstance(at, ast.Slice):
            first = self.expression(at.lower) if at.lower else ast.Constant(0)
            last = self.expression(at.upper) if at.upper else of.shape[0]
            length = index(ast.BinOp(last, ast.Sub(), first))
            return dataclasses.replace(of, first=added(of.first, first), shape=(length, *of.shape[1:]), known=None)
        places = [self.expression(one) for one in (at.elts if isinstance(at, ast.Tuple) else [at])]
        if len(places) != len(of.shape):
            raise EmissionError(f"{of.name} has {len(of.shape)} axes, not {len(places)}")
        places[0] = added(of.first, places[0])
        if of.tail is not None and total(places[0])[0] >= of.tail[0]:  # what is added to that is never less than 0
            return self._part(of.tail[1], added(places[0], ast.Constant(-of.tail[0])))
        found = [constant(place) for place in places]
        if of.known is not None and None not in found:
            value = of.known[tuple(found)]  # type: ignore[arg-type]
            return value if isinstance(value, ast.expr) else ast.Constant(int(value))
        if of.own:
            at = places[0]
            for length, place in zip(of.shape[1:], places[1:], strict=True):
                at = ast.BinOp(ast.BinOp(at, ast.Mult(), length), ast.Add(), place)
            places = [at]
        elif of.run is not None:
            places.append(places.pop(of.run))
        places = [index(place) for place in places]
        where = places[0] if len(places) == 1 else ast.Tuple(places)
        return ast.Subscript(ast.Name(of.name), where)

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in ("min", "max") and node.func.id not in self.frame.known:
            a, b = alike([self._once(arg) for arg in node.args], self.kinds)
            order = ast.Lt() if node.func.id == "min" else ast.Gt()
            if (apart := difference(b, a)) is not None:
                return b if (apart < 0) == (node.func.id == "min") and apart else a
            return folded(ast.IfExp(folded(ast.Compare(b, [order], [a]), self.kinds), b, a), self.kinds)
        function = self.value(node.func)
        given: list[Any] = []
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                given += self.value(arg.value)
            else:
                given.append(self.value(arg))
        if isinstance(function, ast.Name) and function.id in CALLS:
            function, given = given
        if isinstance(function, Pasted):
            return self.paste(function, given)
        word = ast.unparse(function)
        if word == "np.empty":
            made = self.array("own", ast.unparse(given[1]), given[0])
            self.passing.add(made.name)
            return made
        if word == "int":
            function = ast.parse(LONG, mode="eval").body
        if word == LONG and isinstance(given[0], ast.Constant):
            return given[0]
        if any(not isinstance(value, ast.expr) for value in given):
            raise EmissionError(f"'{word}' of arrays cannot be part of a flat kernel")
        if word == "where":
            given[1:] = alike(given[1:], self.kinds)
            if (value := constant(given[0])) is not None:
                return given[1] if value else given[2]
        return ast.Call(function, given, [])

    def _once(self, node: ast.expr) -> ast.expr:
        """A number that may be written twice without being computed twice."""
        value = self.expression(node)
        if isinstance(value, (ast.Name, ast.Constant)):
            return value
        word = self.fresh("least")
        self._assign(word, value)
        return ast.Name(word)


def _both(a: str | None, b: str | None) -> str | None:
    return LONG if {a, b} <= {LONG, "np.int8", "I"} else None


def _call(word: str, arguments: Sequence[ast.expr]) -> ast.Call:
    return ast.Call(ast.Name(word), list(arguments), [])
