"""What a flat kernel of a vector rule is given: what gdviz.backends.tiles.descend is, as arguments of one function, but
for what is as good as text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import passes, tiles
from gdviz.backends.cuda.records import Argument, Role
from gdviz.backends.filling import Filling, watched
from gdviz.backends.records import Ends, Results, Runs
from gdviz.backends.tracking import Follow, Following
from gdviz.emit.given import Array, Record, shaped
from gdviz.plans.plan import FAR, Plan


class Arguments:
    """Those of a plan's kernel.

    given: by name; values: what those with roles "in" and "run" are given, the latter with the runs as their last axis;
    kinds: of their numbers, see gdviz.emit.folding. rows, ends, paced, follow, runs, results: the records; options,
    aims: dtype[n], what its rule and its trackers read; held: int[n], what passes are told, an expression where that is
    no text; steps: how many there are.
    """

    def __init__(self, plan: Plan, filling: Filling, following: Following) -> None:
        self.dtype = dtype = np.dtype(plan.dtype)
        self.values: dict[str, Any] = {}
        self.given: dict[str, Argument] = {}
        self.kinds: dict[str, str | None] = {}
        n, records, self.dim = len(plan.start), len(plan.records), plan.start.shape[1]
        rows, paced, told = filling.rows, filling.paced, filling.follow
        self.steps = self._number("steps", plan.steps, "int64")
        self.rows = _record(
            tiles.Rows,
            *(ast.Constant(int(row)) for row in (rows.x, rows.before, rows.x0, rows.shown)),
            self._begun("initial", rows.initial),
            self._text("copies", rows.copies),
            self._each("varied", rows.varied, 1),
            self._text("kept", rows.kept),
        )
        self.ends = _record(
            Ends,
            *map(ast.Constant, (plan.guarded, *plan.asks)),
            self._same("box", np.concatenate([plan.centre, plan.reach, FAR * plan.reach]).astype(dtype)),
            self._number("tol", dtype.type(plan.tol), plan.dtype) if plan.tol > 0 else ast.Constant(0),
        )
        self.paced = _record(
            tiles.Paced,
            self._same("timed", paced.timed),
            self._text("places", paced.places),
            self._same("spread", paced.spread),
            self._text("targets", paced.targets),
            self._same("untils", paced.untils),
            self._each("cells", paced.cells, 1),
            self._text("watched_rows", paced.watched),
        )
        self.follow = _record(
            Follow,
            *map(ast.Constant, (told.begins, told.after)),
            self._number("every", told.every, "int64") if told.every > 0 else ast.Constant(0),
            ast.Constant(told.tells),
            self._text("real_rows", told.real_rows),
            self._text("whole_rows", told.whole_rows),
            self._begun("begun_real", told.real),
            self._begun("begun_whole", told.whole, "I"),
            self._answer("kept_real", (len(told.real), n), dtype, 1),
            self._answer("kept_whole", (len(told.whole), n), told.whole.dtype, 1, "I"),
        )
        self.runs = _record(
            Runs,
            self._each("start", plan.start.astype(dtype), 0),
            self._same("constants", np.ascontiguousarray(plan.objective.numbers(dtype))),
            self.steps,
            self._same("records", plan.records),
            self._number("seed", plan.seed, "int64"),
            self._each("numbers", np.ascontiguousarray(plan.runs), 0),
            self._text("cancel", np.zeros(1, np.int8)),
            self._same("watched", watched(plan)),
        )
        self.results = _record(
            Results,
            self._answer("x", (n, records, self.dim), dtype, 0),
            self._answer("f", (n, records), dtype, 0),
            self._answer("status", (n,), np.int8, 0),
            self._answer("stopped", (n,), np.int64, 0),
            self._answer("left", (n,), np.int64, 0),
            self._answer("followed", (len(paced.watched), n, records), dtype, 1),
            self._answer("states", (len(rows.kept), n, records), dtype, 1),
        )
        self.options = self._begun("options", filling.uniform)
        self.aims = self._same("aims", following.numbers)
        seen = following.rows(1, rows.shown)
        self.reals, self.wholes = len(seen.W) - len(following.numbers), seen.told
        self.held = np.array(seen.N[seen.told :], object)
        self.held[2] = self.steps
        self.held[passes.MOVED] = 0  # told after every step

    def records(self) -> list[Record]:
        """Those of `descend`, between the rule and the scratch."""
        return [self.rows, self.ends, self.paced, self.follow, self.runs, self.results]

    def key(self) -> tuple[Any, ...]:
        """All of them that the text of a kernel depends on."""
        parts = [*self.records(), self.options, self.aims, *self.held]
        return (self.dim, self.reals, self.wholes, *map(_described, parts))

    def _number(self, name: str, value: Any, dtype: str) -> ast.expr:
        self.values[name] = value
        self.given[name] = Argument(name, dtype, 0, "in")
        self.kinds[name] = "F" if dtype == self.dtype else f"np.{dtype}"
        return ast.Name(name)

    def _array(self, name: str, dtype: Any, axes: int, role: Role, shape: Iterable[int] = (), word: str = "") -> str:
        """Note an argument that is an array; the word of its numbers."""
        kind = np.dtype(dtype)
        self.given[name] = Argument(name, str(kind), axes, role, tuple(shape))
        found = word or ("F" if kind == self.dtype else f"np.{kind}")
        self.kinds[name] = found
        return found

    def _same(self, name: str, value: NDArray[Any]) -> Array:
        """The same for all runs; how long it is the text asks, but for what is empty."""
        self.values[name] = value
        lengths = [f"{name}.shape[{axis}]" if n else 0 for axis, n in enumerate(value.shape)]
        return Array(name, self._array(name, value.dtype, value.ndim, "in"), shaped(*lengths))

    def _begun(self, name: str, value: NDArray[Any], word: str = "") -> Array:
        """What rows hold before the start: as many in all plans of a text."""
        self.values[name] = value
        return Array(name, self._array(name, value.dtype, 1, "in", word=word), shaped(len(value)))

    def _text(self, name: str, value: NDArray[Any]) -> Array:
        """The same for all runs, and text wherever a place in it is known."""
        self.values[name] = value
        return Array(name, self._array(name, value.dtype, value.ndim, "in"), shaped(*value.shape), value)

    def _each(self, name: str, value: NDArray[Any], run: int) -> Array:
        """Of each run; `run` is the axis of runs."""
        self.values[name] = np.moveaxis(value, run, -1)
        word = self._array(name, value.dtype, value.ndim, "run")
        return Array(name, word, shaped(*(_length(n, axis, run) for axis, n in enumerate(value.shape))), run=run)

    def _answer(self, name: str, shape: tuple[int, ...], dtype: Any, run: int, word: str = "") -> Array:
        """What the kernel writes of each run; `run` is the axis of runs."""
        rest = [n for axis, n in enumerate(shape) if axis != run]
        word = self._array(name, dtype, len(shape), "out", rest, word)
        lengths = [_length(n, axis, run) for axis, n in enumerate(shape)]
        return Array(name, word, shaped(*lengths), run=run)


def _length(length: int, axis: int, run: int) -> int | str:
    return "count" if axis == run else length


def _record(fields: Callable[..., Any], *values: Any) -> Record:
    """Values as a record of drivers."""
    return Record(dict(zip(fields._fields, values, strict=True)))  # type: ignore[attr-defined]


def _described(value: Any) -> Any:
    if isinstance(value, Record):
        return tuple(map(_described, value.fields.values()))
    if isinstance(value, Array):
        known = None if value.known is None else (value.known.shape, value.known.tobytes())
        shape = () if value.run is not None else tuple(map(ast.unparse, value.shape))  # else only coordinates count
        return value.name, value.word, shape, known
    return ast.unparse(value) if isinstance(value, ast.expr) else value
