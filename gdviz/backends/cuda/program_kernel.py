"""A plan of a program rule as one flat kernel: the loop of gdviz.backends.programs for one run, with the rule and the
objective beside it as functions that are lowered to arrays of constant length."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import vmath
from gdviz.backends import Paths, passes, programs
from gdviz.backends.cuda.records import Argument, FlatKernel, Role
from gdviz.backends.texts import parted_of
from gdviz.backends.trackers import Tracker
from gdviz.backends.tracking import Following, whole_dtype
from gdviz.emit.expression import EmissionError
from gdviz.emit.lowering.functions import Body
from gdviz.emit.lowering.module import Module, function_of
from gdviz.emit.lowering.values import (
    LONG,
    REAL,
    TRUTH,
    Array,
    Bundle,
    Free,
    Function,
    Known,
    Opaque,
    Parted,
    Scalar,
    Value,
)
from gdviz.formula import linear
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import FAR, Plan
from gdviz.plans.tables import Table
from gdviz.registry.contract import shape_of, start_of
from gdviz.vmath import random

PASSING = frozenset({"moved", "draw", "W", "N", "xs", "fs"})
"""Arrays of the loop that hold nothing from one step to the next, those of the answer, and tiles, whose rows of
trackers have names of their own."""

SAVED = {REAL: "saved_real", LONG: "saved_long", TRUTH: "saved_byte"}
"""What a run keeps from launch to launch, by kind."""

COMMON = "\n\n@dev\ndef where(condition, yes, no):\n    return yes if condition else no\n\n\n"
"""What vmath's functions need beside the words of a header."""


class ProgramPlan:
    """A plan of a program rule, and what follows it, as a flat kernel.

    `turns`: how many its launches go through, one more than records may need: what holds at the last point is known
    only once a step from there is made; `kernel`; `values`: what its arguments are given, those of each run with the
    runs as their last axis. Raises EmissionError where it cannot become a kernel.
    """

    def __init__(self, plan: Plan, trackers: Sequence[Tracker] = ()) -> None:
        tiny = float(np.finfo(plan.dtype).tiny)
        self.plan = plan = replace(plan, options=plan.optimizer.stabilized(plan.options, tiny))
        self.turns = plan.steps + 2
        self.dim = plan.start.shape[1]
        self.following = Following(plan, trackers)
        self.told = self.following.join({}, 2 * self.dim + 1)
        self.rows = self.following.rows(1, 0)
        self.tables = pacing.tables(plan)
        self.states = {f"state_{name}": shape for name, shape in self._shapes().items()}
        self.values: dict[str, Any] = {}
        self.arguments: list[Argument] = []
        self.seen: dict[str, Value] = {}
        self._tell()

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Of the rule's state; of a number of the run that of an array of one."""
        optimizer, sizes = self.plan.optimizer, {}
        for axis in {axis for axes in optimizer.shapes.values() for axis in axes} & set(optimizer.parameters):
            found = {int(value) for value in np.ravel(self.plan.options[axis])}
            if len(found) > 1 or any(table.parameter == axis for table in self.tables):
                raise EmissionError(
                    f"{optimizer.name} keeps arrays as long as {axis} says, which is not one number here; "
                    "use --backend cpu"
                )
            sizes[axis] = found.pop()
        return {name: shape_of(optimizer, name, self.dim, sizes) or (1,) for name in optimizer.state}

    # What the kernel is given

    def _argument(self, name: str, value: Any, kind: str, role: Role = "in", axis: int = 0, loose: int = 0) -> None:
        """Note an argument. value: a number, an array, whose last axis counts runs if these have their own; of what is
        written its shape. axis: which of its axes counts runs where the loop uses it; loose: of how many others the
        text does not hold the length."""
        dtype = {REAL: np.dtype(self.plan.dtype), "I": whole_dtype(self.plan.dtype), "np.int8": np.dtype(np.int8)}
        kept = dtype.get(kind, np.dtype(np.int64))
        shape: tuple[int, ...] = value if role == "out" else np.shape(value)
        ndim = len(shape) + (role == "out")
        if role != "out":
            self.values[name] = np.asarray(value, kept) if shape else kept.type(value)
        self.arguments.append(Argument(name, kept.name, ndim, role, shape if role == "out" else ()))
        own: list[int | None] = list(shape[:-1] if role == "run" else shape)
        own[:loose] = [None] * loose
        if role == "in":
            self.seen[name] = Array.named(name, kind, tuple(own)) if shape else Scalar(name, kind)
            return
        others = [place for place in range(len(own) + 1) if place != axis]
        index = tuple(map(Free, (*others, axis)))
        self.seen[name] = Array(name, kind, (*own[:axis], None, *own[axis:]), index)

    def _tell(self) -> None:
        plan, told, dim = self.plan, self.told, self.dim
        optimizer, runs, records = plan.optimizer, len(plan.start), len(plan.records)
        give = self._argument
        give("starts", plan.start.T, REAL, "run")
        give("constants", plan.objective.numbers(np.dtype(plan.dtype)), REAL, loose=1)
        give("all_steps", plan.steps, LONG)
        give("recorded", plan.records, LONG, loose=1)
        give("seed_of_all", plan.seed, LONG)
        give("run_numbers", plan.runs, LONG, "run")
        give("hyper", _rows([plan.options[name] for name in optimizer.parameters], runs), REAL, "run")
        if self.states:
            start = [0.0 if n in optimizer.anchored else start_of(optimizer, n, plan.options) for n in optimizer.state]
            give("initial_state", _rows(start, runs), REAL, "run")
        if self.tables:
            spread, cells = _side_by_side(self.tables, runs)
            give("paces", spread, REAL, loose=2)
            give("pace_cells", cells, LONG, "run", 1)
        if plan.guarded:
            give("guard", np.concatenate([plan.centre, plan.reach, FAR * plan.reach]), REAL)
        if plan.tol > 0:
            give("tolerance", plan.tol, REAL)
        if self.following.trackers:
            give("asked_every", told.every, LONG)
            give("tracker_numbers", self.following.numbers, REAL, loose=1)
        for word, kind, begun in (("real", REAL, told.real), ("whole", "I", told.whole)):
            if begun.size:
                give(f"begun_{word}", begun, kind)
                give(f"tracked_{word}", begun.shape, kind, "out", 1)
        give("points", (records, dim), REAL, "out", loose=1)
        give("losses", (records,), REAL, "out", loose=1)
        give("ended", (), "np.int8", "out")
        give("stopped_at", (), LONG, "out")
        give("left_at", (), LONG, "out")
        give("evals", (records,), LONG, "out", loose=1)

    # The kernel

    @cached_property
    def kernel(self) -> FlatKernel:
        """Text, arguments and what is kept between launches."""
        functions, before = self._functions()
        module = Module()
        saved = self._saved()
        body = Body(module, Function(self._loop(saved), function_of(programs.descend).around))
        self._give(body, functions)
        assert not {*body.parameters, *body.temporary} & {*body.assigned}, "an argument is called like a variable"
        try:
            lines = body.whole("descend")
        except EmissionError as error:
            raise EmissionError(f"{self._what} cannot become a kernel: {error}; use --backend cpu") from None
        own = sum(size * (np.dtype(self.plan.dtype).itemsize if kind == REAL else 8) for kind, size in module.own)
        rows = {
            table: sum(math.prod(shape) for _, kind, shape in saved if _table(kind) == table)
            for table in SAVED.values()
        }
        handed = (*body.parameters, *(name for name, size in rows.items() if size), "first", "count", "begin", "end")
        first = ["run = cuda.grid(1)", "if run >= count:", "    return"]
        descend = [f"def descend({', '.join(handed)}):", *(f"    {line}" for line in first), *lines[1:]]
        text = "\n\n".join((*before, *module.texts, "\n".join(descend) + "\n"))
        used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        needed = vmath.selected(COMMON + vmath.text(self.plan.dtype) + random.text(self.plan.dtype), used)
        real, long, byte = rows.values()
        text = f"{needed}\n\n{text}"
        return FlatKernel(self._what, self.plan.dtype, text, tuple(self.arguments), (real, long, byte), own)

    @property
    def _what(self) -> str:
        """As sentences name it."""
        return f"{self.plan.optimizer.name} on {self.plan.objective.name}"

    def _functions(self) -> tuple[dict[str, Any], list[str]]:
        """What the loop calls by name, and texts that need no lowering: formulas are straight lines."""
        text = self.plan.objective.point_text()
        trees = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        rule = _defined(parted_of(self.plan))
        if not all(map(_is_straight, trees)):
            points = _defined(text)
            return {"program": rule["program"], **{tree.name: points[tree.name] for tree in trees}}, []
        made = Opaque("value_of", REAL), Opaque("both_of", REAL, (2,)), Opaque("hessian_of", "", (2,))
        known = {"program": rule["program"], **{function.name: function for function in made}}
        return known, [f"@dev\n{ast.unparse(tree)}\n" for tree in trees]

    def _give(self, body: Body, functions: Mapping[str, Any]) -> None:
        """Tell the loop what it is handed, as gdviz.backends.programs has it."""
        plan, told, seen = self.plan, self.told, dict(self.seen)
        body.parameters += [argument.name for argument in self.arguments]
        tile, marks = self._tile(body)
        nothing = Known(np.empty((0, 1)))
        some = [list(plan.optimizer.parameters).index(table.parameter) for table in self.tables]

        def all_of(*names: str) -> tuple[Value, ...]:
            return tuple(seen.get(name, nothing) for name in names)

        note = Known(function_of(passes.note))
        points = tuple(Known(functions[name]) for name in ("value_of", "both_of", "hessian_of", "program"))
        tables = (*all_of("paces"), Known(np.array(some, np.int64)), *all_of("pace_cells"))
        looks = (Known(told.begins), Known(told.after), seen.get("asked_every", Known(0)), Known(told.tells))
        kept = (
            *map(Known, (told.real_rows, told.whole_rows)),
            *all_of("begun_real", "begun_whole", "tracked_real", "tracked_whole"),
        )
        counted = all_of("starts", "constants", "all_steps", "recorded", "seed_of_all", "run_numbers")
        answers = all_of("points", "losses", "ended", "stopped_at", "left_at")
        stand = (tile.at(2 * self.dim + 1)[1], marks.at(0)[1], marks.at(1)[1])
        ends = (*map(Known, (plan.guarded, *plan.asks)), *all_of("guard"), seen.get("tolerance", Known(0.0)))
        body.env |= {
            "rule": Bundle((*points, Known(plan.objective.batched), note)),
            "given": Bundle((*all_of("hyper", "initial_state"), *tables)),
            "ends": Bundle(ends),
            "follow": Bundle((*looks, *kept)),
            "runs": Bundle((*counted, Known(np.zeros(1, np.int8)), Known(None))),
            "results": Bundle((*answers, Known(None), Known(None))),
            "scratch": Bundle((tile, marks, Known(self.rows.told), *stand)),
            "evals": seen["evals"],
            **{name: Scalar(name, LONG) for name in ("run", "begin", "end")},
            **{
                name: Array(name, kind if kind != TRUTH else "np.int8", (None, None), (Free(0), Free(1)))
                for kind, name in SAVED.items()
            },
        }

    def _tile(self, body: Body) -> tuple[Parted, Parted]:
        """W and N of gdviz.backends.passes, in which rows are arrays of a thread's own and what they tell is known."""
        dim, rows = self.dim, self.rows
        alive = 2 * dim + 1
        places = {"now": (0, dim), "slopes": (dim, dim), "loss_now": (2 * dim, 1), "running": (alive, 1)}
        marks = {"status_now": (0, 1), "stopped_now": (1, 1), "marks": (passes.FIRST, len(self.told.whole))}
        places |= self._tracked()
        found: list[list[tuple[int, Array | Known]]] = []
        for kind, some in ((REAL, places), ("I", marks)):
            found.append([])
            for name, (first, size) in some.items():
                if size:
                    body.arrays[name] = kind, (size,)
                    body.temporary.add(name)
                    body.env[name] = array = Array.named(name, kind, (size,))
                    found[-1].append((first, array))
        numbers = self.seen.get("tracker_numbers")
        if isinstance(numbers, Array):
            found[0].append((len(rows.W) - len(self.following.numbers), numbers))
        found[1].append((rows.told, Known(rows.N[rows.told :].astype(np.int64))))
        return Parted(tuple(found[0])), Parted(tuple(found[1]))

    def _tracked(self) -> dict[str, tuple[int, int]]:
        """Rows of trackers in W, where they begin and how many they are."""
        found, firsts = {}, self.following.firsts
        for i, (tracker, (row, own)) in enumerate(zip(self.following.trackers, firsts, strict=True)):
            found[f"rows_{i}"] = row, int(self.following.edges[i + 1, 1] - self.following.edges[i, 1])
            found[f"own_rows_{i}"] = own, tracker.own_rows(self.dim)
        return found

    def _loop(self, saved: Sequence[tuple[str, str, tuple[int, ...]]]) -> ast.FunctionDef:
        """gdviz.backends.programs.descend for the one run of a thread, from step to step of a launch."""
        tree = function_of(programs.descend).tree
        (over_runs,) = [statement for statement in tree.body if isinstance(statement, ast.For)]
        one = over_runs.body
        (loop,) = [statement for statement in one if isinstance(statement, ast.For)]
        (state,) = [s for s in one if ast.unparse(s) == "state = initial[run].copy()"]
        at, begun = one.index(loop), one.index(state)
        loop.iter = ast.parse("range(begin, end)", mode="eval").body
        before = [*tree.body[: tree.body.index(over_runs)], *one[:begun], *self._begun(), *one[begun + 1 : at]]
        changed = _stored([loop]) & _stored(before) - PASSING - ({"options"} if not self.tables else set())
        assert changed <= {name for name, _, _ in saved}, f"{changed} would be lost between launches"
        rows = dict.fromkeys(SAVED.values(), 0)
        load, store = [], []
        for name, kind, shape in saved:
            table = _table(kind)
            load.append(_moved(name, kind, shape, f"{table}[{rows[table]}", into=True))
            store.append(_moved(name, kind, shape, f"{table}[{rows[table]}", into=False))
            rows[table] += math.prod(shape)
        again, done = (ast.parse(text, mode="eval").body for text in ("begin > 0", "end > steps + 1"))
        tree.args.args = []
        tree.body = [
            *before,
            ast.If(again, ast.parse("\n".join(load)).body, []),
            loop,
            ast.If(done, one[at + 1 :], ast.parse("\n".join(store)).body),
        ]
        return tree

    def _begun(self) -> list[ast.stmt]:
        """Statements that make the state of a run as it is before its first step."""
        lines = []
        for i, (name, shape) in enumerate(self.states.items()):
            anchored = name.removeprefix("state_") in self.plan.optimizer.anchored
            lines += [f"{name} = np.empty({shape}, start.dtype)"]
            lines += [f"{name}[:] = {'x' if anchored else f'initial[run, {i}]'}"]
        lines += [f"state = ({', '.join(self.states)}{',' * (len(self.states) == 1)})"]
        return ast.parse("\n".join(lines)).body

    def _saved(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """What a run keeps from launch to launch: names in the loop, their kinds and shapes."""
        tracked = {name: (REAL, size) for name, (_, size) in self._tracked().items()}
        tracked["marks"] = "I", len(self.told.whole)
        options = [("options", REAL, (len(self.plan.optimizer.parameters),))] if self.tables else []
        return [
            *(("x", REAL, (self.dim,)), ("seen", REAL, (self.dim,)), *options),
            *((name, REAL, shape) for name, shape in self.states.items()),
            *((name, kind, (size,)) for name, (kind, size) in tracked.items() if size),
            *(("begun", REAL, ()), ("spent", LONG, (1,))),
            *((name, LONG, ()) for name in ("status", "stopped", "left", "made", "k")),
            ("away", TRUTH, ()),
        ]

    def paths(self, results: Mapping[str, NDArray[Any]]) -> Paths:
        """What the runs came to, of what the kernel has written: dtype[run, …] by the names of its arguments."""
        for name, kept in (("tracked_real", self.told.kept_real), ("tracked_whole", self.told.kept_whole)):
            if kept.size:
                kept[...] = results[name].T
        x = results["points"]
        ends = (results["ended"], results["stopped_at"], results["left_at"])
        return Paths(x, results["losses"], *ends, results["evals"], tracked=self.following.answers(x))


def _rows(values: Sequence[Any], runs: int) -> NDArray[np.float64]:
    """Numbers of all runs or of each as rows, float64[row, run]."""
    return np.array([np.broadcast_to(value, runs) for value in values], np.float64).reshape(len(values), runs)


def _side_by_side(tables: Sequence[Table], runs: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Tables side by side, float64[steps, cell], and the cell of each run in each of them, int64[table, run]."""
    first, cells = 0, np.zeros((len(tables), runs), np.int64)
    for i, table in enumerate(tables):
        cells[i] = first + (0 if table.cells is None else table.cells)
        first += table.values.shape[1]
    return np.concatenate([table.values for table in tables], axis=1), cells


def _table(kind: str) -> str:
    """Of what is saved, the array that holds numbers of a kind."""
    return SAVED.get(kind, SAVED[LONG])


def _moved(name: str, kind: str, shape: tuple[int, ...], place: str, into: bool) -> str:
    """Statement that takes a value from what was saved, or puts it there; `place` is how that begins."""
    words = [f"i{axis}" for axis in range(len(shape))]
    for axis, word in enumerate(words):
        stride = math.prod(shape[axis + 1 :])
        place += f" + {word} * {stride}" if stride > 1 else f" + {word}"
    ours, theirs = (f"{name}[{', '.join(words)}]" if shape else name), f"{place}, run]"
    line = f"{theirs} = {ours}"
    if into:
        line = f"{ours} = {theirs} != 0" if kind == TRUTH else f"{ours} = {theirs}"
    heads = [f"{'    ' * depth}for {word} in range({shape[depth]}):" for depth, word in enumerate(words)]
    return "\n".join([*heads, "    " * len(shape) + line])


def _stored(body: Sequence[ast.stmt]) -> set[str]:
    """Names that statements assign, or parts of."""
    found = set()
    for node in (n for statement in body for n in ast.walk(statement)):
        if isinstance(getattr(node, "ctx", None), ast.Store):
            while isinstance(node, ast.Subscript):
                node = node.value
            found |= {node.id} if isinstance(node, ast.Name) else set()
    return found


def _defined(text: str) -> dict[str, Any]:
    """The functions of a text, which call each other, and those of gdviz.formula.linear under their names in it."""
    around: dict[str, Any] = {"L": 1}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            around[node.name] = Function(node, around)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            (target,), (called,) = node.targets, node.value.args
            around[ast.unparse(target)] = function_of(getattr(linear, ast.unparse(called)))
    return around


def _is_straight(tree: ast.FunctionDef) -> bool:
    """Whether a function is lines of numbers, as those of a formula are."""
    loops = (ast.For, ast.While, ast.If, ast.Slice)
    return not any(isinstance(node, loops) for node in ast.walk(tree)) and "np.empty" not in ast.unparse(tree)
