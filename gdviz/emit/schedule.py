"""A plan's schedules that watch the loss as the text of one kernel: `pace(W, h, p, t, steps, box)`.

It comes between the objective and the step, reads the row of f and fills the rows of the hyperparameters. Each schedule
counts its steps from where it begins; until then a table fills the row. h holds, after what the step rule and the
transforms read, each schedule's options and then the last step before it begins.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from gdviz.emit.expression import EmissionError
from gdviz.emit.kernel import Kernel
from gdviz.emit.layout import Layout, Rows
from gdviz.emit.reader import read_schedule
from gdviz.registry.definition import Definition


@dataclasses.dataclass(frozen=True, eq=False)
class PaceText:
    """Text of `pace`; the rows of the whole tile; for each schedule the row of the hyperparameter's own value and the
    first row of its state."""

    body: str
    count: int
    bases: tuple[int, ...]
    states: tuple[int, ...]


def paces_text(
    watchers: Sequence[tuple[str, Definition, Mapping[str, Any]]], layout: Layout, rows_taken: int, h_taken: int
) -> PaceText:
    """Emit schedules, each after the hyperparameter that it changes and with its options.

    `rows_taken` are the rows of a tile that others use, `h_taken` the numbers in h.

    Raises EmissionError where one is not straight-line.
    """
    rows = Rows(layout.dim, rows_taken)
    functions: list[str] = []
    lines: list[str] = []
    bases: list[int] = []
    states: list[int] = []
    for place, (parameter, definition, options) in enumerate(watchers):
        rule = read_schedule(definition, {name: options[name] for name in definition.switches})
        if rule.products:
            raise EmissionError(f"{definition.name} raises a number to the power t; write it with exp")
        bases.append(rows.add(f"base {place}", 1))
        states.append(rows.count)
        state = {name: rows.add(f"{place} {name}", 1) for name in definition.state}
        inputs = {"base": bases[-1], "f": 2 * layout.dim, **state}
        places = {name: h_taken + i for i, name in enumerate(definition.parameters)}
        h_taken += len(places) + 1
        kernel = Kernel(rule, 1, rows, places, (), dict.fromkeys((layout[parameter], *state.values()), True), inputs)
        functions.append("@dev\n" + kernel.text(f"schedule{place}"))
        lines += [f"before{place} = np.int64(h[{h_taken - 1}])", f"if t > before{place}:"]
        lines.append(f"    schedule{place}(W, h, p, t - before{place}, steps - before{place}, box)")
    pace = (
        "\n".join(["def pace(W, h, p, t, steps, box):", *(f"    {line}" for line in (*lines, "return False"))]) + "\n"
    )
    return PaceText("\n\n".join((*functions, pace)), rows.count, tuple(bases), tuple(states))
