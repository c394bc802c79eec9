"""A straight-line rule as the text of a tile kernel: `name(W, h, p, t, steps, box)` runs it on every lane of a tile.

W: dtype[rows * L], see layout; h: dtype[hyperparameter], those that are one number; p: dtype[product], running
products h**t of those; t, steps: int64; box: dtype[2 * dim], centre and reach. What depends only on h, p, t and
steps is computed once a step, before the loop. Where lanes may stop, the answer is whether any is not finite or has
left the box: the new point is at hand there, and asking costs little beside a division. Else it is False.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from gdviz.emit.expression import (
    NEGLIGIBLE,
    PRODUCT,
    REDUCTIONS,
    EmissionError,
    Kind,
    Level,
    Printer,
    Value,
    called,
    judge,
    needed,
    variables,
)
from gdviz.emit.head import Head
from gdviz.emit.layout import Rows
from gdviz.emit.rule import RESERVED, Names, Rule

UNROLLED = 4
"""Up to this dimension coordinates are written out and stay in registers; beyond it they are a loop."""


class Kernel:
    """One rule on its way to text."""

    def __init__(
        self,
        rule: Rule,
        dim: int,
        rows: Rows,
        uniform: Mapping[str, int],
        swept: Sequence[str],
        targets: Mapping[int, bool],
        inputs: Mapping[str, int] | None = None,
        stopping: bool = False,
        each: Collection[str] = (),
    ) -> None:
        """uniform: where in h each hyperparameter is; swept: which of them have a row each, those of `each` one for
        every coordinate; targets: the first row that each result goes to, and whether it is one number per lane;
        inputs: rows of what the rule reads, where these are not the rows of that name. stopping: the first result is x,
        it is kept from before and asked for the box, and for what rows that are followed ask.
        """
        self.dim, self.rows, self.targets, self.stopping = dim, rows, targets, stopping
        self.fresh = Names({*RESERVED, *rule.names, "t", "steps"})
        # Arguments called like what a kernel is written with have another name in it.
        alias = {name: self.fresh.fresh(name) for name in rule.arguments if name in RESERVED}
        self.rule = rule = rule.renamed(alias)
        self.uniform = {alias.get(name, name): place for name, place in uniform.items()}
        self.names = rule.levels(*({alias.get(name, name) for name in names} for names in (swept, each)))
        given = rows.rows if inputs is None else inputs
        known = {alias.get(name, name): row for name, row in given.items()}
        self.used = variables((*(value for _, value in rule.assignments), *rule.results))
        read = self.used | variables(rule.products) | ({"x"} if stopping else set())
        self.inputs = {name: row for name, row in known.items() if name in read & self.names.keys()}
        self.printer = Printer(self.names)
        self.head = Head(self.names, self.fresh)
        self.slots: dict[int, int] = {}  # product → index in p
        self.product_rows: dict[int, int] = {}  # product → its row, where h differs from lane to lane
        self.powers = self.head.calls[PRODUCT] = []  # the name of each product
        self.words: dict[tuple[str, int], str] = {}

    def text(self, name: str) -> str:
        """The kernel as Python."""
        for parameter, place in self.uniform.items():
            if parameter in self.used:
                self.head.lines.append(f"{parameter} = h[{place}]")
        if "dim" in self.rule.arguments:
            self.head.lines.append(f"dim = {self.dim}")
        for index, base in enumerate(self.rule.products):
            word, level = self.fresh.fresh("power"), Level.STEP
            if judge(base, self.names).level > Level.RUN:
                raise EmissionError(f"what {self.rule.name} raises to the power t cannot differ between coordinates")
            if judge(base, self.names).level > Level.STEP:
                self.product_rows[index], level = self.rows.add(f"product {index}", 1), Level.RUN
            else:
                slot = self.slots[index] = len(self.slots)
                self.head.lines += _advance(word, f"p[{slot}]", self.printer.real(base))
            self.powers.append(word)
            self.names[word] = Value(Kind.REAL, level)
        body = self._unrolled() if self.dim <= UNROLLED else self._looped()
        lines = [f"def {name}(W, h, p, t, steps, box):", *(f"    {line}" for line in (*self.head.lines, *body))]
        return "\n".join(lines) + "\n"

    def _unrolled(self) -> list[str]:
        """Every coordinate written out: one loop over lanes."""
        each = range(self.dim)
        lines: list[str] = []
        for name, row in self.inputs.items():
            if self._is_coordinate(name):
                lines += [f"{self._word(name, d)} = W[{row + d} * L + j]" for d in each]
            else:
                lines.append(f"{name} = W[{row} * L + j]")
        lines += self._advanced()
        for name, value in self._statements():
            if called(value) in REDUCTIONS:
                terms = [_term(value, self._at(d)) for d in each]
                lines.append(f"{name} = {functools.reduce(_join(value), terms)}")
            elif self._is_coordinate(name):
                lines += [f"{self._word(name, d)} = {self._at(d).real(value)}" for d in each]
            else:
                lines.append(f"{name} = {self.printer.text(value)}")
        stores, box = [], []
        for i, ((row, is_scalar), value) in enumerate(zip(self.targets.items(), self.results, strict=True)):
            if is_scalar:
                stores.append(f"W[{row} * L + j] = {self.printer.real(value)}")
            elif i == 0 and self.stopping:
                for d in each:
                    moved, centre, reach = (self._word(word, d) for word in ("moved", "centre", "reach"))
                    stores += _watched(moved, self._at(d).real(value), f"W[{row + d} * L + j]", centre, reach)
                    box += [f"{centre} = box[{d}]", f"{reach} = box[{self.dim + d}]"]
            else:
                stores += [f"W[{row + d} * L + j] = {self._at(d).real(value)}" for d in each]
        if self.stopping:
            lines += [f"W[{self.rows.rows['@before'] + d} * L + j] = {self._word('x', d)}" for d in each]
            stores += self._followed()
        return [*box, "lost = False", *_over_lanes([*lines, *stores]), "return lost"]

    def _followed(self) -> list[str]:
        """What trackers ask at every step of every lane, see gdviz.emit.layout: beside divisions it takes no time."""
        rows, lines = self.rows.rows, []
        if "@free" in rows:
            gone = [self._word("gone", d) for d in range(self.dim)]
            for d, word in enumerate(gone):
                lines.append(f"{word} = {self._word('moved', d)} - W[{rows['@free'] + 2 + d} * L + j]")
            apart = " + ".join(f"{word} * {word}" for word in gone)
            lines.append(f"lost |= not ({apart} < W[{rows['@free']} * L + j])")
        if "@best" in rows:
            seen, best = self.fresh.fresh("seen"), self.fresh.fresh("best")
            lines += [f"{seen} = W[{rows['f']} * L + j]", f"{best} = W[{rows['@best']} * L + j]"]
            lower = f"({seen} < {best}) & ({seen} - {seen} == F(0.0))"  # lower and finite
            lines.append(f"W[{rows['@best']} * L + j] = where({lower}, {seen}, {best})")
        return lines

    def _looped(self) -> list[str]:
        """Coordinates as a loop around the lanes; reductions make a pass of their own.

        What a pass needs of the coordinates it computes again from the rows, which stay as they were until the last.
        """
        rows, real = self.rows.rows, self.printer.real
        lines: list[str] = []
        kept: dict[str, int] = {}  # one number per lane → its row
        statements = self._statements()
        coordinates = [(name, value) for name, value in statements if self._is_coordinate(name)]

        def loads(values: Sequence[ast.expr]) -> list[str]:
            """What one pass reads and computes again, in order."""
            wanted = needed(values, coordinates)
            return [
                *(
                    f"{name} = W[({row} + d) * L + j]" if self._is_coordinate(name) else f"{name} = W[{row} * L + j]"
                    for name, row in {**self.inputs, **kept}.items()
                    if name in wanted
                ),
                *(f"{name} = {real(value)}" for name, value in coordinates if name in wanted),
            ]

        if advanced := self._advanced():
            lines += _over_lanes([*loads(self.rule.products), *advanced])
        kept |= {self.powers[index]: row for index, row in self.product_rows.items()}
        for name, value in statements:
            if self._is_coordinate(name):
                continue
            kept_at = self.rows.add(f"{self.rule.name} {name}", 1)
            row = f"W[{kept_at} * L + j]"
            if called(value) in REDUCTIONS:
                term = _term(value, self.printer)
                parts = loads(value.args)  # type: ignore[attr-defined]
                first = [part.replace("+ d)", "+ 0)") for part in parts]
                lines += _over_lanes([*first, f"{row} = {term}"])
                lines += _over(
                    f"d in range(1, {self.dim})", _over_lanes([*parts, f"{row} = {_join(value)(row, term)}"])
                )
            else:
                lines += _over_lanes([*loads([value]), f"{row} = {real(value)}"])
            kept[name] = kept_at
        results = list(zip(self.targets.items(), self.results, strict=True))
        coordinate = [(row, value) for (row, is_scalar), value in results if not is_scalar]
        per_run = [(row, value) for (row, is_scalar), value in results if is_scalar]
        head = []
        inner = loads([value for _, value in coordinate])
        if self.stopping:
            head = [f"centre, reach = box[d], box[{self.dim} + d]"]
            inner.append(f"W[({rows['@before']} + d) * L + j] = W[({rows['x']} + d) * L + j]")
            (at, value), *coordinate = coordinate
            moved, stored, lost = _watched("moved", real(value), f"W[({at} + d) * L + j]", "centre", "reach")
            inner += [moved, lost, stored]
        inner += [f"W[({row} + d) * L + j] = {real(value)}" for row, value in coordinate]
        lines += ["lost = False", *_over(f"d in range({self.dim})", [*head, *_over_lanes(inner)])]
        if per_run:
            stores = [f"W[{row} * L + j] = {real(value)}" for row, value in per_run]
            lines += _over_lanes([*loads([value for _, value in per_run]), *stores])
        return [*lines, "return lost"]

    def _is_coordinate(self, name: str) -> bool:
        return self.names[name].level is Level.COORDINATE

    def _advanced(self) -> list[str]:
        """Running products of hyperparameters that differ from lane to lane, one step on."""
        lines = []
        for index, row in self.product_rows.items():
            base = self.printer.real(self.head.lift(self.rule.products[index]))
            lines += _advance(self.powers[index], f"W[{row} * L + j]", base)
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

    def _at(self, d: int) -> Printer:
        return Printer(self.names, {name: self._word(name, d) for name in self.names if self._is_coordinate(name)})

    def _word(self, name: str, d: int) -> str:
        """The name of one coordinate of a variable."""
        if (name, d) not in self.words:
            self.words[name, d] = self.fresh.fresh(f"{name}_{d}")
        return self.words[name, d]


def _term(call: ast.expr, printer: Printer) -> str:
    """What one coordinate adds to a reduction: what it is of, or the product of the two that it is of."""
    factors = [printer.real(a) for a in call.args]  # type: ignore[attr-defined]
    return f"({' * '.join(factors)})" if len(factors) > 1 else factors[0]


def _join(call: ast.expr) -> Callable[[str, str], str]:
    """How two terms of a reduction become one."""
    return REDUCTIONS[called(call) or ""].format


def _over(what: str, lines: Iterable[str]) -> list[str]:
    return [f"for {what}:", *(f"    {line}" for line in lines)]


def _over_lanes(lines: Iterable[str]) -> list[str]:
    return _over("j in range(L)", lines)


def _watched(moved: str, value: str, place: str, centre: str, reach: str) -> list[str]:
    """A coordinate of the new point computed, stored, and asked whether it is inside the box."""
    return [f"{moved} = {value}", f"{place} = {moved}", f"lost |= not (abs({moved} - {centre}) <= {reach})"]


def _advance(word: str, place: str, base: str) -> list[str]:
    """A running product one step on."""
    return [
        f"{word} = {place} * {base}",
        f"{word} = where(abs({word}) < F({NEGLIGIBLE!r}), F(0.0), {word})",
        f"{place} = {word}",
    ]
