"""A loop of a flat body over several launches: what it hands from turn to turn is kept between them."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping, Sequence

from gdviz.emit import tidy
from gdviz.emit.expression import EmissionError
from gdviz.emit.folding import LONG, REAL, TRUTH

BYTE = "np.int8"
KEPT = {REAL: "saved_real", LONG: "saved_long", BYTE: "saved_byte"}
"""Arrays that hold what is kept of each run, by the kind of their numbers, which are wide enough for all others."""


@dataclasses.dataclass(frozen=True)
class Parted:
    """The body, and how many rows of each of KEPT it needs."""

    body: list[ast.stmt]
    rows: tuple[int, int, int]


def parted(
    body: Sequence[ast.stmt], variable: str, turns: str, kinds: Mapping[str, str | None], arrays: Mapping[str, int]
) -> Parted:
    """The body whose loop over `variable` goes from `begin` to `end`, and is at its end where `end` is `turns`, an
    expression: what comes before it is done in every launch, what comes after it in the last, or in the first after
    which there is nothing left to do. `arrays` are those of the run's own that have to be kept, with their lengths."""
    place = next(i for i, node in enumerate(body) if isinstance(node, ast.For) and node.target.id == variable)  # type: ignore[attr-defined]
    loop = body[place]
    assert isinstance(loop, ast.For)
    _, after = tidy.live(body[place + 1 :], set())
    names = sorted(tidy.heads(loop, after) & tidy.stored(loop.body) - {variable})
    kept = _Kept()
    loads, stores = [], []
    for name in names:
        load, store = kept.of(name, kinds.get(name))
        loads.append(load)
        stores.append(store)
    for name in sorted(tidy.filled(loop.body) & arrays.keys()):
        load, store = kept.row(name, kinds.get(name), arrays[name])
        loads.append(load)
        stores.append(store)
    done = kept.add(BYTE)
    resumed = f"if begin > 0:\n    if {done} == 0:\n        return\n{_indented(loads)}"
    ending = f"if end < {turns}:\n    {done} = np.int8(going)\n    if going:\n{_indented([*stores, 'return'], 2)}"
    whole = [
        *body[:place],
        *ast.parse(f"going = True\n{resumed}").body,
        ast.For(loop.target, ast.parse("range(begin, end)", mode="eval").body, _flagged(loop.body), []),
        *ast.parse(ending).body,
        *body[place + 1 :],
    ]
    return Parted(whole, (kept.rows[REAL], kept.rows[LONG], kept.rows[BYTE]))


class _Kept:
    """Rows given in order."""

    def __init__(self) -> None:
        self.rows = {REAL: 0, LONG: 0, BYTE: 0}

    def add(self, holder: str, count: int = 1, place: str = "") -> str:
        """The place of the next number of a kind, of the first of some with `place` to be added."""
        first = self.rows[holder]
        self.rows[holder] += count
        return f"{KEPT[holder]}[{f'{first} + {place}' if place else first}, i]"

    def of(self, name: str, kind: str | None) -> tuple[str, str]:
        """Lines that load and store a variable."""
        holder = self._holder(name, kind)
        at = self.add(holder)
        if kind == TRUTH:
            return f"{name} = {at} != 0", f"{at} = {holder}({name})"
        return f"{name} = {kind}({at})", f"{at} = {holder}({name})"

    def row(self, name: str, kind: str | None, length: int) -> tuple[str, str]:
        """Those that load and store an array."""
        holder = self._holder(name, kind)
        at = self.add(holder, length, "row")
        over = f"for row in range({length}):\n    "
        return f"{over}{name}[row] = {kind}({at})", f"{over}{at} = {holder}({name}[row])"

    @staticmethod
    def _holder(name: str, kind: str | None) -> str:
        if kind is None:
            raise EmissionError(f"'{name}' is of no kind that can be kept between launches")
        return {REAL: REAL, TRUTH: BYTE, BYTE: BYTE}.get(kind, LONG)


def _flagged(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """A loop's body in which leaving it is told."""
    made: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.Break):
            made += ast.parse("going = False").body
        if isinstance(node, ast.If):
            node = ast.If(node.test, _flagged(node.body), _flagged(node.orelse))
        made.append(node)
    return made


def _indented(lines: Sequence[str], times: int = 1) -> str:
    return "\n".join("    " * times + line for text in lines for line in text.splitlines())
