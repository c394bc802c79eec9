"""A plan's transforms as the text of two kernels around a step rule's.

`alter(W, h, p, t, steps, box, seed, runs)` draws the random numbers that the transforms ask for into rows of their own
and then runs those that change the gradient, in order, over the rows of g. `beside(W, h, p, t, steps, box)` comes after
the step: transforms without g add their move to x, each computed at the point from before the step; it answers whether
there are any. h holds the step rule's hyperparameters and then those of all transforms, p the transforms' running
products, one after the other; seed: int64; runs: int64[lane], the numbers of the lanes' random streams.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from gdviz.emit.expression import Kind, Level, Value
from gdviz.emit.kernel import Kernel
from gdviz.emit.layout import Rows
from gdviz.emit.reader import read_transform
from gdviz.emit.rule import Rule
from gdviz.emit.step import StepText
from gdviz.registry.definition import Definition
from gdviz.vmath.random import DRAWS, stream_of


@dataclasses.dataclass(frozen=True, eq=False)
class TransformText:
    """Text of `alter` and `beside`, the rows of the whole tile, the options that follow the step rule's in h, and the
    number of products."""

    body: str
    count: int
    uniform: tuple[tuple[int, str], ...]
    products: int


def transforms_text(transforms: Sequence[tuple[Definition, Mapping[str, Any]]], step: StepText) -> TransformText:
    """Emit the transforms of a plan for tiles that begin with a step rule's rows.

    Raises EmissionError where one is not straight-line.
    """
    layout = step.layout
    dim = layout.dim
    rows = Rows(dim, layout.count)
    rows.rows |= {"x": layout["x"]}
    asked = [name for name in DRAWS if any(name in definition.inputs for definition, _ in transforms)]
    for name in asked:
        rows.add(name, dim)
    drawn = {name: rows.rows[name] for name in asked}
    rate = {"lr": layout["lr"]} if "lr" in step.swept else {}
    functions: list[str] = []
    lines: dict[str, list[str]] = {"transform": [], "beside": []}
    uniform: list[tuple[int, str]] = []
    products = 0
    for place, (definition, options) in enumerate(transforms):
        rule = read_transform(definition, {name: options[name] for name in definition.switches})
        inputs, target = {"g": dim, "x": layout["@point"], **drawn, **rate}, rows.rows["g"]
        if rule.name == "beside":
            rule, target = _added(rule), layout["x"]
            inputs |= {"x": layout["@before"], HERE: target}
        first = len(step.uniform) + len(uniform)
        places = {name: first + i for i, name in enumerate(definition.parameters)}
        if "lr" in step.uniform:
            places["lr"] = step.uniform.index("lr")
        kernel = Kernel(rule, dim, rows, places, tuple(rate), {target: False}, inputs, each=step.each)
        functions.append("@dev\n" + kernel.text(f"transform{place}"))
        for name in asked:
            if name in definition.inputs:
                draw = f"{DRAWS[name]}(seed, {stream_of(place, name)}, runs[j], t, d)"
                lines["transform"] += [f"for d in range({dim}):", "    for j in range(L):"]
                lines["transform"].append(f"        W[({rows.rows[name]} + d) * L + j] = {draw}")
        uniform += [(place, name) for name in definition.parameters]
        kept = f"p[{products} : {products + len(kernel.slots)}]"
        lines[rule.name].append(f"transform{place}(W, h, {kept}, t, steps, box)")
        products += len(kernel.slots)
    whole = {
        "alter(W, h, p, t, steps, box, draw)": ["seed, runs = draw[0], draw[2:]", *lines["transform"]],
        "beside(W, h, p, t, steps, box)": [*lines["beside"], f"return {bool(lines['beside'])}"],
    }
    kernels = ["\n".join([f"def {head}:", *(f"    {line}" for line in body)]) + "\n" for head, body in whole.items()]
    return TransformText("\n\n".join((*functions, *kernels)), rows.count, tuple(uniform), products)


HERE = "_here"
"""The point after the step, in canonical text; parameters of definitions do not begin with an underscore."""


def _added(rule: Rule) -> Rule:
    """The rule of a move as that of the point it leads to."""
    (move,) = rule.results
    return dataclasses.replace(
        rule,
        arguments=(*rule.arguments, HERE),
        names={**rule.names, HERE: Value(Kind.REAL, Level.COORDINATE)},
        results=(ast.BinOp(ast.Name(HERE), ast.Add(), move),),
    )
