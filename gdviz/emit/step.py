"""A step rule as the text of a tile kernel: `step(W, h, p, t, steps, box)` moves every lane of a tile by one step.

W: dtype[rows * L], see layout; h: dtype[hyperparameter], those that are one number; p: dtype[product], running
products h**t of those; t, steps: int64; box: dtype[2 * dim], centre and reach. What depends only on h, p, t and
steps is computed once a step, before the loop. The answer is whether any lane is not finite or has left the box: the
new point is at hand there, and asking costs little beside a division. Where no lane can stop, it is not asked.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gdviz.emit.expression import NEGLIGIBLE, PRODUCT, REDUCTIONS, Kind, Level, Printer, Value, called, judge
from gdviz.emit.head import Head
from gdviz.emit.layout import Layout, Rows
from gdviz.emit.reader import read_look_ahead, read_shown, read_step
from gdviz.emit.rule import RESERVED, Names, Rule
from gdviz.registry.definition import Definition

UNROLLED = 4
"""Up to this dimension coordinates are written out and stay in registers; beyond it they are a loop."""


STANDING = Rule("at", ("x",), {"x": Value(Kind.REAL, Level.COORDINATE)}, (), (ast.Name("x"),), ())
"""A look-ahead that does not look ahead."""


@dataclasses.dataclass(frozen=True, eq=False)
class StepText:
    """Text of a rule's kernels and how to fill what they read.

    functions: "step", "look" where the rule looks ahead, "show" where it records another point than x; uniform: names
    of h in order; swept: names of the hyperparameters that have a row each; products: number of running products in p;
    product_rows: rows that hold one per lane; asks_value: whether the rule reads f.
    """

    body: str
    functions: tuple[str, ...]
    layout: Layout
    uniform: tuple[str, ...]
    swept: tuple[str, ...]
    products: int
    product_rows: tuple[int, ...]
    asks_value: bool


def step_text(
    definition: Definition,
    switches: Mapping[str, Any],
    dim: int,
    swept: Iterable[str] = (),
    scheduled: frozenset[str] = frozenset(),
    stopping: bool = True,
) -> StepText:
    """Emit an optimizer's kernels for `dim` coordinates; `swept` are hyperparameters that differ from lane to lane,
    `scheduled` those that change from step to step.

    Unless `stopping`, no lane can stop before the last step: nothing is asked, and x from before is not kept. Raises
    EmissionError where the rule cannot become one.
    """
    rule = read_step(definition, switches, scheduled)
    look = read_look_ahead(definition, switches) if definition.at else None
    show = read_shown(definition, switches) if definition.shown else None
    if show is not None and look is None:  # `show` writes where value and gradient are taken, so x has rows of its own
        look = STANDING
    differing = tuple(name for name in definition.parameters if name in set(swept))
    uniform = tuple(name for name in definition.parameters if name not in differing)
    rows = Rows(dim)
    rows.rows["x"] = 0 if look is None else rows.add("x", dim)
    if stopping:
        rows.add("@before", dim)
    if show is not None:
        rows.add("@shown", dim)
    if "x0" in definition.inputs:
        rows.add("x0", dim)
    for state in definition.state:
        rows.add(state, 1 if state in definition.scalars else dim)
    for name in differing:
        rows.add(name, 1)
    places = {name: i for i, name in enumerate(uniform)}
    step = Kernel(rule, dim, rows, places, differing, definition)
    texts = [step.text("step")]
    if look is not None:
        texts.append(Kernel(look, dim, rows, places, differing, definition).text("look"))
    if show is not None:
        texts.append(Kernel(show, dim, rows, places, differing, definition).text("show"))
    return StepText(
        body="\n\n".join(texts),
        functions=("step", *(("look",) if look else ()), *(("show",) if show else ())),
        layout=rows.layout(),
        uniform=uniform,
        swept=differing,
        products=len(step.slots),
        product_rows=tuple(step.product_rows.values()),
        asks_value="f" in definition.inputs,
    )


class Kernel:
    """One rule on its way to text.

    `uniform` says where in h each hyperparameter is, `swept` which of them have a row each, `inputs` the rows of what
    the rule reads where these are not the rows of that name.
    """

    def __init__(
        self,
        rule: Rule,
        dim: int,
        rows: Rows,
        uniform: Mapping[str, int],
        swept: Sequence[str],
        definition: Definition,
        inputs: Mapping[str, int] | None = None,
    ) -> None:
        self.dim, self.rows, self.definition = dim, rows, definition
        self.stopping = rule.name == "step" and "@before" in rows.rows
        self.fresh = Names({*RESERVED, *rule.names, "t", "steps"})
        # Arguments called like what a kernel is written with have another name in it.
        self.alias = {name: self.fresh.fresh(name) for name in rule.arguments if name in RESERVED}
        self.rule = rule = rule.renamed(self.alias)
        self.uniform = {self.alias.get(name, name): place for name, place in uniform.items()}
        self.inputs = rows.rows if inputs is None else inputs
        self.names = _levels(rule, [self.alias.get(name, name) for name in swept])
        self.head = Head(self.names, self.fresh)
        self.slots: dict[int, int] = {}  # product → index in p
        self.product_rows: dict[int, int] = {}  # product → its row, where h differs from lane to lane
        self.powers = self.head.calls[PRODUCT] = []  # the name of each product
        self.words: dict[tuple[str, int], str] = {}

    def text(self, name: str) -> str:
        """The kernel as Python."""
        used = {n.id for _, value in self.rule.assignments for n in ast.walk(value) if isinstance(n, ast.Name)}
        used |= {n.id for value in self.rule.results for n in ast.walk(value) if isinstance(n, ast.Name)}
        for parameter, place in self.uniform.items():
            if parameter in used:
                self.head.lines.append(f"{parameter} = h[{place}]")
        if "dim" in self.definition.inputs:
            self.head.lines.append(f"dim = {self.dim}")
        for index, base in enumerate(self.rule.products):
            if judge(base, self.names).level > Level.STEP:
                self.product_rows[index] = self.rows.add(f"product {index}", 1)
                word, value = self.fresh.fresh("power"), Value(Kind.REAL, Level.RUN)
            else:
                slot = self.slots[index] = len(self.slots)
                word, value = self.fresh.fresh("power"), Value(Kind.REAL, Level.STEP)
                self.head.lines += _advance(word, f"p[{slot}]", Printer(self.names).real(base))
            self.powers.append(word)
            self.names[word] = value
        body = self._unrolled() if self.dim <= UNROLLED else self._looped()
        lines = [f"def {name}(W, h, p, t, steps, box):", *(f"    {line}" for line in (*self.head.lines, *body))]
        return "\n".join(lines) + "\n"

    def _unrolled(self) -> list[str]:
        """Every coordinate written out: one loop over lanes."""
        dim, rows = self.dim, self.rows
        lines: list[str] = []
        loaded = self._inputs()
        for name, row in loaded.items():
            if self.names[name].level is Level.COORDINATE:
                lines += [f"{self._word(name, d)} = W[{row + d} * L + j]" for d in range(dim)]
            else:
                lines.append(f"{name} = W[{row} * L + j]")
        lines += self._advanced()
        for name, value in self._statements():
            level = self.names[name].level
            if called(value) in REDUCTIONS:
                lines.append(f"{name} = {self._reduced(value)}")
            elif level is Level.COORDINATE:
                lines += [f"{self._word(name, d)} = {self._at(d).real(value)}" for d in range(dim)]
            else:
                lines.append(f"{name} = {Printer(self.names).text(value)}")
        stores, box = [], []
        for (target, row, is_scalar), value in zip(self._targets(), self.results, strict=True):
            if is_scalar:
                stores.append(f"W[{row} * L + j] = {Printer(self.names).real(value)}")
                continue
            for d in range(dim):
                stores.append(f"W[{row + d} * L + j] = {self._at(d).real(value)}")
                if target == "x" and self.stopping:
                    moved, centre, reach = (self._word(word, d) for word in ("moved", "centre", "reach"))
                    stores[-1:] = [
                        f"{moved} = {self._at(d).real(value)}",
                        f"W[{row + d} * L + j] = {moved}",
                        f"lost |= not (abs({moved} - {centre}) <= {reach})",
                    ]
                    box += [f"{centre} = box[{d}]", f"{reach} = box[{dim + d}]"]
        if self.stopping:
            lines += [f"W[{rows.rows['@before'] + d} * L + j] = {self._word('x', d)}" for d in range(dim)]
        return [
            *box,
            "lost = False",
            "for j in range(L):",
            *(f"    {line}" for line in (*lines, *stores)),
            "return lost",
        ]

    def _looped(self) -> list[str]:
        """Coordinates as a loop around the lanes; reductions make a pass of their own.

        What a pass needs of the coordinates it computes again from the rows, which stay as they were until the last.
        """
        dim, rows, printer = self.dim, self.rows, Printer(self.names)
        lines: list[str] = []
        kept: dict[str, int] = {}  # one number per lane → its row
        statements = self._statements()
        bodies = {name: value for name, value in statements if self.names[name].level is Level.COORDINATE}
        inputs = self._inputs()

        def loads(values: Iterable[ast.expr]) -> list[str]:
            """What one pass reads and computes again, in order."""
            wanted = {n.id for value in values for n in ast.walk(value) if isinstance(n, ast.Name)}
            for name, value in reversed(statements):
                if name in wanted and name in bodies:
                    wanted |= {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
            found = [
                f"{name} = W[({row} + d) * L + j]"
                if self.names[name].level is Level.COORDINATE
                else f"{name} = W[{row} * L + j]"
                for name, row in {**inputs, **kept}.items()
                if name in wanted
            ]
            return found + [
                f"{n} = {Printer(self.names).real(v)}" for n, v in statements if n in wanted and n in bodies
            ]

        if advanced := self._advanced():
            lines += ["for j in range(L):"]
            lines += [f"    {line}" for line in (*loads(self.rule.products), *advanced)]
        kept |= {self.powers[index]: row for index, row in self.product_rows.items()}
        for name, value in statements:
            if name in bodies:
                continue
            row = f"W[{rows.add(f'{self.rule.name} {name}', 1)} * L + j]"
            if called(value) in REDUCTIONS:
                term, join = self._term(value, printer)
                parts = loads(value.args)  # type: ignore[attr-defined]
                first = [part.replace("+ d)", "+ 0)") for part in parts]
                lines += ["for j in range(L):", *(f"    {part}" for part in (*first, f"{row} = {term}"))]
                lines += [f"for d in range(1, {dim}):", "    for j in range(L):"]
                lines += [f"        {part}" for part in (*parts, f"{row} = {join(row, term)}")]
            else:
                parts = [*loads([value]), f"{row} = {printer.real(value)}"]
                lines += ["for j in range(L):", *(f"    {part}" for part in parts)]
            kept[name] = rows.rows[f"{self.rule.name} {name}"]
        coordinate: list[tuple[int, ast.expr]] = []
        per_run: list[tuple[int, ast.expr]] = []
        for (_, first_row, is_scalar), value in zip(self._targets(), self.results, strict=True):
            (per_run if is_scalar else coordinate).append((first_row, value))
        lines += ["lost = False", f"for d in range({dim}):"]
        inner = loads([value for _, value in coordinate])
        if self.stopping:
            lines += ["    centre, reach = box[d], box[" + f"{dim} + d]"]
            inner.append(f"W[({rows.rows['@before']} + d) * L + j] = W[({rows.rows['x']} + d) * L + j]")
            moved = Printer(self.names).real(coordinate[0][1])
            inner += [f"moved = {moved}", "lost |= not (abs(moved - centre) <= reach)"]
            inner.append(f"W[({coordinate[0][0]} + d) * L + j] = moved")
            coordinate = coordinate[1:]
        inner += [f"W[({row} + d) * L + j] = {Printer(self.names).real(value)}" for row, value in coordinate]
        lines += ["    for j in range(L):", *(f"        {line}" for line in inner)]
        if per_run:
            inner = loads([value for _, value in per_run])
            inner += [f"W[{row} * L + j] = {Printer(self.names).real(value)}" for row, value in per_run]
            lines += ["for j in range(L):", *(f"    {line}" for line in inner)]
        return [*lines, "return lost"]

    def _inputs(self) -> dict[str, int]:
        """Rows of what the rule reads, by the name it has there."""
        wanted = {n.id for value in self._all() for n in ast.walk(value) if isinstance(n, ast.Name)}
        aliased = {self.alias.get(name, name): row for name, row in self.inputs.items()}
        known = {name: row for name, row in aliased.items() if name in self.names}
        return {
            name: row for name, row in known.items() if name in wanted or (name == "x" and self.rule.name == "step")
        }

    def _all(self) -> list[ast.expr]:
        return [*(value for _, value in self.rule.assignments), *self.rule.results, *self.rule.products]

    def _advanced(self) -> list[str]:
        """Running products of hyperparameters that differ from lane to lane, one step on."""
        lines = []
        for index, row in self.product_rows.items():
            base = Printer(self.names).real(self.head.lift(self.rule.products[index]))
            word = self.powers[index]
            lines += _advance(word, f"W[{row} * L + j]", base)
        return lines

    def _statements(self) -> list[tuple[str, ast.expr]]:
        """Assignments of the loop, lifted; those that are the same for all lanes have gone before it."""
        found = []
        for name, value in self.rule.assignments:
            if self.names[name].level > Level.STEP:
                found.append((name, self.head.lift(value)))
            else:
                self.head.assign(name, value)
        self.results = [self.head.lift(value) for value in self.rule.results]
        return found

    def _targets(self) -> list[tuple[str, int, bool]]:
        """Where the results go: name, first row, whether it is one number per run."""
        rows = self.rows.rows
        if self.rule.name == "transform":
            return [("g", rows["g"], False)]
        if self.rule.name == "beside":
            return [("", rows["x"], False)]
        if self.rule.name == "schedule":
            return [(name, self.inputs[name], True) for name in ("@value", *self.definition.state)]
        if self.rule.name != "step":
            return [("@point", rows["@point"], False)]
        return [("x", rows["x"], False), *((s, rows[s], s in self.definition.scalars) for s in self.definition.state)]

    def _at(self, d: int) -> Printer:
        varying = [name for name, value in self.names.items() if value.level is Level.COORDINATE]
        return Printer(self.names, {name: self._word(name, d) for name in varying})

    def _word(self, name: str, d: int) -> str:
        """The name of one coordinate of a variable."""
        if (name, d) not in self.words:
            self.words[name, d] = self.fresh.fresh(f"{name}_{d}")
        return self.words[name, d]

    def _reduced(self, call: ast.expr) -> str:
        terms = []
        for d in range(self.dim):
            term, join = self._term(call, self._at(d))
            terms.append(term)
        text = terms[0]
        for term in terms[1:]:
            text = join(text, term)
        return text

    def _term(self, call: ast.expr, printer: Printer) -> tuple[str, Any]:
        """What one coordinate adds to a reduction, and how two of them are joined."""
        args = [printer.real(a) for a in call.args]  # type: ignore[attr-defined]
        if called(call) == "dot":
            return f"({args[0]} * {args[1]})", lambda a, b: f"({a} + {b})"
        if called(call) == "largest":
            return args[0], lambda a, b: f"max({a}, {b})"
        return args[0], lambda a, b: f"({a} + {b})"


def _advance(word: str, place: str, base: str) -> list[str]:
    """A running product one step on."""
    return [
        f"{word} = {place} * {base}",
        f"{word} = where(abs({word}) < F({NEGLIGIBLE!r}), F(0.0), {word})",
        f"{place} = {word}",
    ]


def _levels(rule: Rule, swept: Sequence[str]) -> dict[str, Value]:
    """Kind and level of every name when some hyperparameters differ from lane to lane."""
    names = dict(rule.names)
    for name in swept:
        if name in names:
            names[name] = Value(Kind.REAL, Level.RUN)
    for name, value in rule.assignments:
        found = judge(value, names)
        names[name] = Value(found.kind, found.level)
    return names
