"""A plan of a vector rule as one flat kernel: what compiled tiles do, for a tile of one lane, in one body.

Its turns are steps + 2, one more than records may need: what holds at the last point is known only once a step from
there is begun. The launches of a plan may be cut at any turn, and the bits stay the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz import vmath
from gdviz.backends import Paths, passes, tiles
from gdviz.backends.cuda.arguments import Arguments
from gdviz.backends.cuda.records import FlatKernel
from gdviz.backends.ends import Lanes
from gdviz.backends.filling import Filling
from gdviz.backends.trackers import Tracker
from gdviz.backends.tracking import Following
from gdviz.emit import tidy
from gdviz.emit.flat import Flattening
from gdviz.emit.folding import cast, constant
from gdviz.emit.given import Array, Record, functions, pasted, shaped
from gdviz.emit.parting import KEPT, parted
from gdviz.plans.plan import Plan
from gdviz.vmath import random

WRITTEN, FEW = 96, 4
"""Rows of a tile up to which loops over them are written out, so that each becomes a variable; and turns up to which
loops are where rows stay an array, as those of networks do: to compile 17 weights and their batches takes 4 s in place
of 12, and as many registers."""

CONSTANTS = 16
"""Constants of an objective up to which each is a variable."""

TEXTS = 512
"""Kernels that are remembered: to paste one takes as long as a short run."""

REALS = {*vmath.NAMES, "uniform", "normal"} - {"where", "abs"}
WHOLES = dict.fromkeys(("scaled", "shuffled", "turned", "swapped", "mirror", "coin"), "np.uint32")
WORDS: dict[str, str | None] = {
    **dict.fromkeys(REALS, "F"),
    **WHOLES,
    **dict.fromkeys(("i", "begin", "end", "first", "count"), "np.int64"),
}
"""Kinds of what functions answer and of what every kernel is given."""


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
        self.filling = filling = Filling(plan, states, self.following)
        given = Arguments(plan, filling, self.following)
        self.values: Mapping[str, Any] = given.values
        bodies = [filling.step.body, *(part.body for part in (filling.change, filling.paces) if part is not None)]
        sees = filling.step.asks_value or filling.paces is not None or self.following.sees
        constants = min(len(given.values["constants"]), CONSTANTS + 1)
        key = (plan.dtype, plan.objective.tile_text(1), *bodies, sees, bool(trackers), constants, given.key())
        made = _made.get(key)
        if made is None:
            if len(_made) >= TEXTS:
                _made.clear()
            made = _made[key] = _Body(plan, filling, given, sees, bool(trackers)).made()
        arguments = tuple(argument for name, argument in given.given.items() if name in made.names)
        what = f"{plan.optimizer.name} on {plan.objective.name}"
        self.kernel = FlatKernel(what, plan.dtype, made.text, arguments, made.saved, made.own)

    def paths(self, results: Mapping[str, NDArray[Any]]) -> Paths:
        """What the runs came to, of what the kernel has written: dtype[run, …] by the names of its arguments."""
        plan, filling, following = self.plan, self.filling, self.following
        x, f, stopped = results["x"], results["f"], results["stopped"]
        seen = np.moveaxis(results["followed"], 0, 1) if "followed" in results else None
        for name, kept in (("kept_real", following.kept_real), ("kept_whole", following.kept_whole)):
            if kept.size:
                kept[...] = results[name].T
        evals = np.minimum(plan.records[None, :], stopped[:, None]) * plan.objective.price
        found, first = {}, 0
        for name, size in filling.kept.items():
            rows = results["states"][:, first : first + size]
            found[name] = rows[:, 0] if name in plan.optimizer.scalars else np.moveaxis(rows, 1, -1)
            first += size
        ends = (results["status"], stopped, results["left"])
        return Paths(x, f, *ends, evals, seen, states=found, tracked=following.answers(x))


class _Made(NamedTuple):
    """text: of a kernel; names: of the arguments that it takes; saved, own: see FlatKernel."""

    text: str
    names: frozenset[str]
    saved: tuple[int, int, int]
    own: int


_made: dict[Any, _Made] = {}


class _Body:
    """A kernel on its way to text."""

    def __init__(self, plan: Plan, filling: Filling, given: Arguments, sees: bool, follows: bool) -> None:
        self.plan, self.filling, self.given = plan, filling, given
        self.sees, self.follows = sees, follows
        written_out = filling.count <= WRITTEN and not plan.objective.scratch
        self.flat = Flattening({**WORDS, **given.kinds}, WRITTEN if written_out else FEW)
        self.words = self._row_words(given.reals)
        if written_out:
            self._keep_near()

    def made(self) -> _Made:
        """The module, and what its function takes."""
        flat = self.flat
        scratch = self._scratch()
        thread = [ast.Name("i"), ast.BinOp(ast.Name("i"), ast.Add(), ast.Constant(1))]
        flat.paste(
            pasted(tiles.descend),
            [self._rule(), *self.given.records(), scratch, ast.Constant(1), *thread],
            pinned={"count": ast.Constant(1)},
            spans={"t": [ast.Constant(0), ast.parse("steps + 2", mode="eval").body]},
        )
        body, scalar = tidy.scalars(tidy.fresh(flat.out), flat.own, self._word, flat.kinds)
        body = tidy.tidy(body, flat.kinds)
        left = {name: of for name, of in flat.own.items() if name not in scalar and name in tidy.read(body)}
        lengths = {name: constant(length) for name, (_, length) in left.items() if name not in flat.passing}
        lasting = {name: int(length) for name, length in lengths.items() if length is not None}
        whole = parted(body, "t", "steps + 2", flat.kinds, lasting)
        return self._written(whole.body, whole.rows, left)

    def _rule(self) -> Record:
        """The functions that a step is made of, as gdviz.backends.tiles.Rule has them."""
        plan, filling = self.plan, self.filling
        known = {"L": ast.Constant(1), **{word: ast.Name(word) for word in ("min", "max", "abs", "where")}}
        objective = functions(plan.objective.tile_text(1), known)
        step = functions(filling.step.body, known)
        change = functions(filling.change.body, known) if filling.change else {}
        pace = functions(filling.paces.body, known)["pace"] if filling.paces else step["step"]
        looks, shows = "look" in step, "show" in step
        given = (
            *(objective["value"], objective["both" if self.sees else "gradient"]),
            *(step["look" if looks else "step"], step["step"], step["show" if shows else "step"]),
            *(change.get("alter", step["step"]), change.get("beside", step["step"]), pace),
            *map(ast.Constant, (looks, shows, bool(change), filling.paces is not None)),
            pasted(passes.note if self.follows else passes.nothing),
        )
        return Record(dict(zip(tiles.Rule._fields, given, strict=True)))

    def _near(self, name: str, word: str, of: Array, length: int) -> Array:
        """An array of the thread's own that begins as an argument does."""
        made = self.flat.array(name, word, length)
        for place in range(length):
            self._begin(made, place, ast.Subscript(ast.Name(of.name), ast.Constant(place)))
        return made

    def _begin(self, array: Array, place: int, value: ast.expr) -> None:
        target = ast.Subscript(ast.Name(array.name), ast.Constant(place), ast.Store())
        self.flat.out.append(ast.Assign([target], value))

    def _keep_near(self) -> None:
        """The guard and the objective's constants as variables; who is outside the guard asks for the far one."""
        ends, runs, near = self.given.ends.fields, self.given.runs.fields, 2 * self.given.dim
        far = replace(ends["box"], first=ast.Constant(near))
        guard = replace(self._near("guard", "F", ends["box"], near), tail=(near, far))
        self.given.ends = Record({**ends, "box": guard})
        count = len(self.given.values["constants"])
        if count <= CONSTANTS:
            self.given.runs = Record({**runs, "constants": self._near("c", "F", runs["constants"], count)})

    def _scratch(self) -> Record:
        """What a thread needs for itself, as gdviz.backends.tiles.Scratch has it."""
        filling, given, flat = self.filling, self.given, self.flat
        tile = replace(flat.array("W", "F", given.reals), tail=(given.reals, given.aims))
        moved = flat.array("moved", "I", 1)
        self._begin(moved, 0, ast.Constant(1))
        held = given.held.copy()
        held[passes.MOVED] = ast.Subscript(ast.Name(moved.name), ast.Constant(0))
        told = Array("told", "I", shaped(len(held)), held)
        wholes = replace(flat.array("N", "I", given.wholes), tail=(given.wholes, told))
        one, watched = shaped(1), len(filling.paced.watched)
        kinds = (("left", "np.int64"), ("away", "np.int8"), ("begun", "F"), ("norms", "F"))
        lanes = {
            "alive": replace(tile, first=ast.Constant(filling.count), shape=one),
            "status": replace(wholes, shape=one),
            "stopped": replace(wholes, first=ast.Constant(1), shape=one),
            **{name: flat.array(f"its_{name}", word, 1) for name, word in kinds},
        }
        own = {
            "W": tile,
            "h": self._near("h", "F", given.options, len(filling.uniform)),
            "p": flat.array("p", "F", filling.step.products),
            "products": flat.array("products", "F", filling.products),
            "lanes": Record({name: lanes[name] for name in Lanes._fields}),
            "draw": flat.array("draw", "np.int64", 3),
            "latest": flat.array("latest", "F", watched, shaped(watched, 1)),
            "N": wholes,
            "told": ast.Constant(given.wholes),
        }
        return Record({name: own[name] for name in tiles.Scratch._fields})

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
    ) -> _Made:
        used = tidy.read(body)
        _, wanted = tidy.live(body, set())
        names = [name for name in self.given.given if name in used]
        kept = [name for name, rows in zip(KEPT.values(), saved, strict=True) if rows]
        lines = ["i = cuda.grid(1)", "if i >= count:", "    return"]
        lines += [f"{name} = cuda.local.array({ast.unparse(size)}, {word})" for name, (word, size) in left.items()]
        for name in sorted(wanted & tidy.stored(body)):  # read before it is assigned to, as far as a compiler sees
            lines.append(f"{name} = {ast.unparse(cast(self.flat.kinds.get(name) or 'F', ast.Constant(0), {}))}")
        lines += ast.unparse(ast.fix_missing_locations(ast.Module(body, []))).splitlines()
        head = f"def descend({', '.join([*names, *kept, 'first', 'count', 'begin', 'end'])}):"
        text = "\n".join([head, *(f"    {line}" for line in lines)]) + "\n"
        own = sum((constant(size) or 0) * self._bytes(word) for word, size in left.values())
        return _Made(tidy.chosen(_needed(self.plan.dtype, used) + text), frozenset(names), saved, int(own))

    def _bytes(self, word: str) -> int:
        """Of a number of a kind."""
        return np.dtype(self.plan.dtype if word in ("F", "I") else word.removeprefix("np.")).itemsize


def _needed(dtype: str, names: Iterable[str]) -> str:
    """The functions that a body calls, as text."""
    return vmath.selected(vmath.text(dtype) + random.text(dtype), names) + "\n\n"
