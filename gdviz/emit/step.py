"""A step rule as the text of tile kernels: `step(W, h, p, t, steps, box)` moves every lane of a tile by one step; see
gdviz.emit.kernel. `look` says where the rule looks ahead to, `show` which point it records.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gdviz.emit.expression import Kind, Level, Value
from gdviz.emit.kernel import Kernel
from gdviz.emit.layout import Layout, Rows
from gdviz.emit.reader import read_look_ahead, read_shown, read_step
from gdviz.emit.rule import Rule
from gdviz.registry.definition import Definition

STANDING = Rule("at", ("x",), {"x": Value(Kind.REAL, Level.COORDINATE)}, (), (ast.Name("x"),), ())
"""A look-ahead that does not look ahead."""


@dataclasses.dataclass(frozen=True, eq=False)
class StepText:
    """Text of a rule's kernels and how to fill what they read.

    functions: "step", "look" where the rule looks ahead, "show" where it records another point than x; uniform: names
    of h in order; swept: names of the hyperparameters that have a row each, and of these `each`, which have one for
    every coordinate; products: number of running products in p; product_rows: rows that hold one per lane; asks_value:
    whether the rule reads f.
    """

    body: str
    functions: tuple[str, ...]
    layout: Layout
    uniform: tuple[str, ...]
    swept: tuple[str, ...]
    each: frozenset[str]
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
    scratch: int = 0,
    each: frozenset[str] = frozenset(),
    followed: Collection[str] = (),
) -> StepText:
    """Emit an optimizer's kernels for `dim` coordinates; `swept` are hyperparameters that differ from lane to lane,
    those of `each` also from coordinate to coordinate, `scheduled` those that change from step to step; `scratch` rows
    behind that of f are the objective's own; `followed`: which of the rows "@free" and "@best" there are, where
    coordinates are written out and lanes may stop.

    Unless `stopping`, no lane can stop before the last step: nothing is asked, and x from before is not kept. Raises
    EmissionError where the rule cannot become one.
    """
    rules = {"step": read_step(definition, switches, scheduled)}
    if definition.at or definition.shown:  # `show` writes where value and gradient are taken: x has rows of its own
        rules["look"] = read_look_ahead(definition, switches) if definition.at else STANDING
    if definition.shown:
        rules["show"] = read_shown(definition, switches)
    differing = tuple(name for name in definition.parameters if name in set(swept))
    uniform = tuple(name for name in definition.parameters if name not in differing)
    rows = Rows(dim, 2 * dim + 1 + scratch)
    rows.rows["x"] = rows.add("x", dim) if "look" in rules else 0
    if stopping:
        rows.add("@before", dim)
    for name in followed:
        rows.add(name, 2 + dim if name == "@free" else 1)
    if "show" in rules:
        rows.add("@shown", dim)
    if "x0" in definition.inputs:
        rows.add("x0", dim)
    for state in definition.state:
        rows.add(state, 1 if state in definition.scalars else dim)
    for name in differing:
        rows.add(name, dim if name in each else 1)
    places = {name: i for i, name in enumerate(uniform)}
    moved = {row: state in definition.scalars for state, row in rows.rows.items() if state in definition.state}
    targets = {"step": {rows.rows["x"]: False, **moved}}
    kernels = {
        name: Kernel(
            rule,
            dim,
            rows,
            places,
            differing,
            targets.get(name, {rows.rows["@point"]: False}),
            stopping=stopping and name == "step",
            each=each,
        )
        for name, rule in rules.items()
    }
    texts = [kernel.text(name) for name, kernel in kernels.items()]
    return StepText(
        body="\n\n".join(texts),
        functions=tuple(kernels),
        layout=rows.layout(),
        uniform=uniform,
        swept=differing,
        each=each,
        products=len(kernels["step"].slots),
        product_rows=tuple(kernels["step"].product_rows.values()),
        asks_value="f" in definition.inputs,
    )
