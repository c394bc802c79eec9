"""A plan of a vector rule as one flat kernel: what compiled tiles do, for a tile of one lane, in one body.

Its turns are steps + 2, one more than records may need: what holds at the last point is known only once a step from
there is begun. The launches of a plan may be cut at any turn, and the bits stay the same.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import vmath
from gdviz.backends import Paths, passes, tiles
from gdviz.backends.cuda.records import Argument, FlatKernel
from gdviz.backends.ends import Lanes
from gdviz.backends.filling import Filling, watched
from gdviz.backends.records import Ends, Results, Runs
from gdviz.backends.trackers import Tracker
from gdviz.backends.tracking import Follow, Following
from gdviz.emit import tidy
from gdviz.emit.flat import Flattening
from gdviz.emit.folding import cast, constant
from gdviz.emit.given import Array, Record, functions, pasted, shaped
from gdviz.emit.parting import KEPT, parted
from gdviz.plans.plan import FAR, Plan
from gdviz.vmath import random

WRITTEN, FEW = 96, 4
"""Rows of a tile up to which loops over them are written out, so that each becomes a variable; and turns up to which
loops are where rows stay an array."""

CONSTANTS = 16
"""Constants of an objective up to which each is a variable."""

REALS = {*vmath.NAMES, "uniform", "normal"} - {"where", "abs"}
WHOLES = dict.fromkeys(("scaled", "shuffled", "turned", "swapped", "mirror", "coin"), "np.uint32")


class FlatPlan:
    """A plan of a vector rule, what follows it, and the states that are kept, as a flat kernel.

    `turns`: how many its launches go through; `kernel`; `values`: what its arguments are given, those of each run with
    the runs as their last axis. Raises EmissionError where it cannot become a kernel.
    """

    def __init__(self, plan: Plan, trackers: Sequence[Tracker] = (), states: Sequence[str] = ()) -> None:
        plan = plan.by_coordinate()
        tiny = float(np.finfo(plan.dtype).tiny)
        self.plan = plan = replace(plan, options=plan.optimizer.stabilized(plan.options, tiny))
        self.turns = plan.steps + 2
        self.following = Following(plan, trackers)
        self.filling = Filling(plan, states, self.following)
        self.dim = plan.start.shape[1]
        self.values: dict[str, Any] = {}
        self.given: dict[str, Argument] = {}
        written_out = self.filling.count <= WRITTEN
        self.kinds: dict[str, str | None] = {**dict.fromkeys(REALS, "F"), **WHOLES}
        self.kinds |= dict.fromkeys(("i", "begin", "end", "first", "count", "steps", "seed"), "np.int64")
        arguments = self._arguments()
        self.flat = Flattening(self.kinds, WRITTEN if written_out else FEW)
        self.words: dict[int, str] = {}
        self.kernel = self._kernel(arguments, written_out)

    def _array(
        self,
        name: str,
        value: NDArray[Any],
        role: str,
        run: int | None = None,
        known: bool = False,
        beside: bool = False,
    ) -> Array:
        """An argument that is an array; run: its axis of runs; known: whether its content is text; beside: whether it
        holds whole numbers as wide as the dtype."""
        lengths = [
            f"{name}.shape[{axis}]" if n and not known and role == "in" and axis == 0 else n
            for axis, n in enumerate(value.shape)
        ]
        kept = value if run is None else np.moveaxis(value, run, -1)
        if role != "out":
            self.values[name] = kept
        dtype, shape = value.dtype, tuple(n for axis, n in enumerate(value.shape) if axis != run)
        self.given[name] = Argument(name, str(dtype), value.ndim, role, shape if role == "out" else ())  # type: ignore[arg-type]
        word = "F" if dtype == self.plan.dtype else f"np.{dtype}"
        word = "I" if beside else word
        self.kinds[name] = word
        return Array(name, word, shaped(*lengths), value if known else None, run=run)

    def _number(self, name: str, value: Any, dtype: str) -> ast.expr:
        """An argument that is a number."""
        self.values[name] = value
        self.given[name] = Argument(name, dtype, 0, "in")
        self.kinds[name] = "F" if dtype == self.plan.dtype else f"np.{dtype}"
        return ast.Name(name)

    def _told(self, name: str, value: NDArray[Any]) -> Array:
        """What is the same for all runs and as good as text."""
        return self._array(name, value, "in", known=True)

    def _begun(self, name: str, value: NDArray[Any], beside: bool = False) -> Array:
        """What rows hold before the start: as many in all plans of a text."""
        return replace(self._array(name, value, "in", beside=beside), shape=shaped(len(value)))

    def _arguments(self) -> list[Any]:
        """What `gdviz.backends.tiles.descend` is given, but for what is a thread's own."""
        plan, told, dim = self.plan, self.filling.follow, self.dim
        dtype, rows, paced = np.dtype(plan.dtype), self.filling.rows, self.filling.paced
        n, records = len(plan.start), len(plan.records)
        self.box = np.concatenate([plan.centre, plan.reach, FAR * plan.reach]).astype(dtype)
        self.given_steps = self._number("steps", plan.steps, "int64")
        self.constants = np.ascontiguousarray(plan.objective.numbers(dtype))
        place = Record(
            {
                **{name: ast.Constant(int(getattr(rows, name))) for name in ("x", "before", "x0", "shown")},
                "initial": self._begun("initial", rows.initial),
                "copies": self._told("copies", rows.copies),
                "varied": self._array("varied", rows.varied, "run", 1),
                "kept": self._told("kept", rows.kept),
            }
        )
        tol = self._number("tol", dtype.type(plan.tol), plan.dtype) if plan.tol > 0 else ast.Constant(0)
        ends = Record(
            dict(
                zip(
                    Ends._fields,
                    (*map(ast.Constant, (plan.guarded, *plan.asks)), self._array("box", self.box, "in"), tol),
                    strict=True,
                )
            )
        )
        pace = {
            "timed": self._array("timed", paced.timed, "in"),
            "places": self._told("places", paced.places),
            "spread": self._array("spread", paced.spread, "in"),
            "targets": self._told("targets", paced.targets),
            "untils": self._array("untils", paced.untils, "in"),
            "cells": self._array("cells", paced.cells, "run", 1),
            "watched": self._told("watched", paced.watched),
        }
        asked = self._number("asked", told.every, "int64") if told.every > 0 else ast.Constant(0)
        follow = {
            **{name: ast.Constant(bool(getattr(told, name))) for name in ("begins", "after", "tells")},
            "every": asked,
            "real_rows": self._told("real_rows", told.real_rows),
            "whole_rows": self._told("whole_rows", told.whole_rows),
            "real": self._begun("begun_real", told.real),
            "whole": self._begun("begun_whole", told.whole, beside=True),
            "kept_real": self._array("kept_real", told.kept_real, "out", 1),
            "kept_whole": self._array("kept_whole", told.kept_whole, "out", 1, beside=True),
        }
        runs = {
            "start": self._array("start", plan.start.astype(dtype), "run", 0),
            "constants": self._array("constants", self.constants, "in"),
            "steps": self.given_steps,
            "records": self._array("records", plan.records, "in"),
            "seed": self._number("seed", plan.seed, "int64"),
            "numbers": self._array("numbers", np.ascontiguousarray(plan.runs), "run", 0),
            "cancel": self._told("cancel", np.zeros(1, np.int8)),
            "watched": self._array("watched", watched(plan), "in"),
        }
        shapes: dict[str, tuple[tuple[int, ...], Any, int]] = {
            "x": ((n, records, dim), dtype, 0),
            "f": ((n, records), dtype, 0),
            "status": ((n,), np.int8, 0),
            "stopped": ((n,), np.int64, 0),
            "left": ((n,), np.int64, 0),
            "followed": ((len(paced.watched), n, records), dtype, 1),
            "states": ((len(rows.kept), n, records), dtype, 1),
        }
        results = {k: self._array(k, np.empty(shape, kind), "out", run) for k, (shape, kind, run) in shapes.items()}
        return [
            place,
            ends,
            Record({name: pace[name] for name in tiles.Paced._fields}),
            Record({name: follow[name] for name in Follow._fields}),
            Record({name: runs[name] for name in Runs._fields}),
            Record({name: results[name] for name in Results._fields}),
        ]

    def _rule(self) -> Record:
        """The functions that a step is made of, as gdviz.backends.tiles.Rule has them."""
        plan, filling = self.plan, self.filling
        known = {"L": ast.Constant(1), **{word: ast.Name(word) for word in ("min", "max", "abs", "where")}}
        objective = functions(plan.objective.tile_text(), known)
        step = functions(filling.step.body, known)
        change = functions(filling.change.body, known) if filling.change else {}
        pace = functions(filling.paces.body, known)["pace"] if filling.paces else step["step"]
        sees = filling.step.asks_value or filling.paces is not None or self.following.sees
        looks, shows = "look" in step, "show" in step
        given = (
            *(objective["value"], objective["both" if sees else "gradient"]),
            *(step["look" if looks else "step"], step["step"], step["show" if shows else "step"]),
            *(change.get("alter", step["step"]), change.get("beside", step["step"]), pace),
            *map(ast.Constant, (looks, shows, bool(change), filling.paces is not None)),
            pasted(passes.note if self.following.trackers else passes.nothing),
        )
        return Record(dict(zip(tiles.Rule._fields, given, strict=True)))

    def _own(self, name: str, word: str, value: NDArray[Any] | None, length: int, of: str = "") -> Array:
        """An array of the thread's own, filled from an argument if there is one."""
        made = self.flat.array(name, word, length)
        for k in range(0 if value is None else length):
            self.flat.out.append(_stored(made.name, k, ast.Subscript(ast.Name(of), ast.Constant(k))))
        return made

    def _scratch(self) -> Record:
        """What a thread needs for itself, as gdviz.backends.tiles.Scratch has it."""
        filling, following = self.filling, self.following
        told = self._array("options", filling.uniform, "in")
        self.flat.kinds[told.name] = "F"
        seen = following.rows(1, filling.rows.shown)
        rows, held = len(seen.W) - len(following.numbers), np.array(seen.N[seen.told :], object)
        aims = self._array("aims", following.numbers, "in")
        self.flat.kinds["aims"] = "F"
        held[2] = self.given_steps
        moved = self.flat.array("gone", "I", 1)  # told after every step
        self.flat.out.append(_stored(moved.name, 0, ast.Constant(1)))
        held[passes.MOVED] = ast.Subscript(ast.Name(moved.name), ast.Constant(0))
        self.words = self._row_words(rows)
        tile = replace(self.flat.array("W", "F", rows), tail=(rows, aims))
        wholes = replace(
            self.flat.array("N", "I", seen.told), tail=(seen.told, Array("told", "I", shaped(len(held)), held))
        )
        one = shaped(1)
        kinds = (("left", "np.int64"), ("away", "np.int8"), ("begun", "F"), ("norms", "F"))
        lanes = {
            "alive": replace(tile, first=ast.Constant(filling.count), shape=one),
            "status": replace(wholes, shape=one),
            "stopped": replace(wholes, first=ast.Constant(1), shape=one),
            **{name: self.flat.array(name, word, 1) for name, word in kinds},
        }
        watched = len(filling.paced.watched)
        own = {
            "W": tile,
            "h": self._own("h", "F", filling.uniform, len(filling.uniform), told.name),
            "p": self.flat.array("p", "F", filling.step.products),
            "products": self.flat.array("products", "F", filling.products),
            "lanes": Record({name: lanes[name] for name in Lanes._fields}),
            "draw": self.flat.array("draw", "np.int64", 3),
            "latest": self.flat.array("latest", "F", watched, shaped(watched, 1)),
            "N": wholes,
            "told": ast.Constant(seen.told),
        }
        return Record({name: own[name] for name in tiles.Scratch._fields})

    def _kernel(self, arguments: list[Any], written_out: bool) -> FlatKernel:
        flat = self.flat
        if written_out:
            self._kept_near(arguments)
        driver = pasted(tiles.descend)
        scratch = self._scratch()
        thread = [ast.Name("i"), ast.BinOp(ast.Name("i"), ast.Add(), ast.Constant(1))]
        flat.paste(
            driver,
            [self._rule(), *arguments, scratch, ast.Constant(1), *thread],
            pinned={"count": ast.Constant(1)},
            spans={"t": [ast.Constant(0), ast.parse("steps + 2", mode="eval").body]},
        )
        body, scalar = tidy.scalars(tidy.fresh(flat.out), flat.own, self._word, flat.kinds)
        body = tidy.tidy(body, flat.kinds)
        left = {name: of for name, of in flat.own.items() if name not in scalar and name in tidy.read(body)}
        lengths = {name: constant(length) for name, (_, length) in left.items() if name not in flat.passing}
        lasting = {name: int(length) for name, length in lengths.items() if length is not None}
        made = parted(body, "t", "steps + 2", flat.kinds, lasting)
        return self._written(made.body, made.rows, left)

    def _kept_near(self, arguments: list[Any]) -> None:
        """The guard and the objective's constants as variables; who is outside the guard asks for the far one."""
        ends, runs = arguments[1].fields, arguments[4].fields
        near = 2 * self.dim
        far = replace(ends["box"], first=ast.Constant(near))
        ends["box"] = replace(self._own("guard", "F", self.box, near, "box"), tail=(near, far))
        if len(self.constants) <= CONSTANTS:
            runs["constants"] = self._own("c", "F", self.constants, len(self.constants), "constants")

    def _row_words(self, rows: int) -> dict[int, str]:
        """Names of a tile's rows, if these become variables, after what they hold."""
        words, name, first = {}, "W", 0
        starts = {row: name for name, row in self.filling.step.layout.rows.items()}
        starts |= {0: "x" if self.filling.rows.x == 0 else "point", self.filling.count: "alive"}
        starts[self.filling.count + 1] = "tracked"
        for row in range(rows):
            if row in starts:
                name, first = starts[row], row
            word = "".join(c if c.isalnum() else "_" for c in name.strip("@"))
            words[row] = self.flat.fresh(f"{word}_{row - first}")
        return words

    def _word(self, array: str, place: int) -> str:
        """The name of a row, or of another place in an array."""
        if array == "W":
            return self.words[place]
        if array == "N" and place < passes.FIRST:
            return self.flat.fresh(("its_status", "its_stopped")[place])
        return self.flat.fresh(f"{array}_{place}")

    def _written(
        self, body: list[ast.stmt], saved: tuple[int, int, int], left: Mapping[str, tuple[str, ast.expr]]
    ) -> FlatKernel:
        """The module, and the arguments that its function reads or writes."""
        plan, flat = self.plan, self.flat
        used = tidy.read(body)
        arguments = tuple(argument for name, argument in self.given.items() if name in used)
        _, wanted = tidy.live(body, set())
        names = [argument.name for argument in arguments]
        names += [name for name, rows in zip(KEPT.values(), saved, strict=True) if rows]
        first = ["i = cuda.grid(1)", "if i >= count:", "    return"]
        first += [f"{name} = cuda.local.array({ast.unparse(size)}, {word})" for name, (word, size) in left.items()]
        for name in sorted(wanted & tidy.stored(body)):  # read before it is assigned to, as far as a compiler sees
            first.append(f"{name} = {ast.unparse(cast(flat.kinds.get(name) or 'F', ast.Constant(0), {}))}")
        lines = [*first, *ast.unparse(ast.fix_missing_locations(ast.Module(body, []))).splitlines()]
        head = f"def descend({', '.join([*names, 'first', 'count', 'begin', 'end'])}):"
        text = "\n".join([head, *(f"    {line}" for line in lines)]) + "\n"
        text = tidy.chosen(_needed(plan.dtype, used) + text)
        what = f"{plan.optimizer.name} on {plan.objective.name}"
        return FlatKernel(what, plan.dtype, text, arguments, saved)

    def paths(self, results: Mapping[str, NDArray[Any]]) -> Paths:
        """What the runs came to, of what the kernel has written: dtype[run, …] by the names of its arguments."""
        plan, filling = self.plan, self.filling
        n, records = len(plan.start), len(plan.records)
        x, f, stopped = results["x"], results["f"], results["stopped"]
        seen = np.moveaxis(results["followed"], 0, 1) if "followed" in results else None
        following = self.following
        for name, kept in (("kept_real", following.kept_real), ("kept_whole", following.kept_whole)):
            if kept.size:
                kept[...] = results[name].T
        evals = np.minimum(plan.records[None, :], stopped[:, None]) * plan.objective.price
        found, first = {}, 0
        for name, size in filling.kept.items():
            rows = results["states"][:, first : first + size]
            found[name] = rows[:, 0] if name in plan.optimizer.scalars else np.moveaxis(rows, 1, -1)
            first += size
        assert x.shape == (n, records, self.dim)
        tracked = following.answers(x)
        return Paths(x, f, results["status"], stopped, results["left"], evals, seen, states=found, tracked=tracked)


def flat_kernel(plan: Plan, trackers: Sequence[Tracker] = (), states: Sequence[str] = ()) -> FlatKernel:
    """The kernel of a plan of a vector rule. Raises EmissionError where it cannot become one."""
    return FlatPlan(plan.part(0, min(1, len(plan.start))), trackers, states).kernel


def _needed(dtype: str, names: set[str]) -> str:
    """The functions that a body calls, as text."""
    return vmath.selected(vmath.text(dtype) + random.text(dtype), names) + "\n\n"


def _stored(array: str, place: int, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Subscript(ast.Name(array), ast.Constant(place), ast.Store())], value)
