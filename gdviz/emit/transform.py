"""A plan's gradient transforms as the text of one kernel: `alter(W, h, p, t, steps, box, seed, runs)`.

It draws the random numbers that the transforms ask for into rows of their own and then runs them in order over the rows
of g. h and p hold hyperparameters and running products of all of them, one after the other; seed: int64; runs:
int64[lane], the numbers of the lanes' random streams.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from gdviz.emit.layout import Layout, Rows
from gdviz.emit.reader import read_transform
from gdviz.emit.step import Kernel
from gdviz.random import DRAWS, stream_of
from gdviz.registry import Definition


@dataclasses.dataclass(frozen=True, eq=False)
class TransformText:
    """Text of `alter`, the rows of the whole tile, the options that h holds in order, and the number of products."""

    body: str
    count: int
    uniform: tuple[tuple[int, str], ...]
    products: int


def transforms_text(transforms: Sequence[tuple[Definition, Mapping[str, Any]]], step: Layout) -> TransformText:
    """Emit the transforms of a plan for tiles that begin with a step rule's rows.

    Raises EmissionError where one is not straight-line.
    """
    rows = Rows(step.dim, step.count)
    asked = [name for name in DRAWS if any(name in definition.inputs for definition, _ in transforms)]
    for name in asked:
        rows.add(name, step.dim)
    functions: list[str] = []
    lines: list[str] = []
    uniform: list[tuple[int, str]] = []
    products = 0
    for place, (definition, options) in enumerate(transforms):
        rule = read_transform(definition, {name: options[name] for name in definition.switches})
        kernel = Kernel(rule, step.dim, rows, tuple(definition.parameters), (), definition)
        functions.append("@dev\n" + kernel.text(f"transform{place}"))
        for name in asked:
            if name in definition.inputs:
                lines += [f"for d in range({step.dim}):", "    for j in range(L):"]
                drawn = f"{name}(seed, {stream_of(place, name)}, runs[j], t, d)"
                lines.append(f"        W[({rows.rows[name]} + d) * L + j] = {drawn}")
        first, last = len(uniform), len(uniform) + len(definition.parameters)
        uniform += [(place, name) for name in definition.parameters]
        kept = f"p[{products} : {products + len(kernel.slots)}]"
        lines.append(f"transform{place}(W, h[{first}:{last}], {kept}, t, steps, box)")
        products += len(kernel.slots)
    alter = "def alter(W, h, p, t, steps, box, seed, runs):\n" + "".join(f"    {line}\n" for line in lines)
    return TransformText("\n\n".join((*functions, alter)), rows.count, tuple(uniform), products)
