"""A network on data as the text of tile kernels, each lane one network: `value`, `gradient` and `both`, as those of a
landscape are in gdviz.emit.objective, and its functions of one point.

W: dtype[rows * L]; behind the rows of f come `scratch` rows of the kernel's own, in which `side` samples at a time go
through the layers, unit by unit. c: dtype[HEAD + samples * (features + 1)]: the batch's size, the weights of |w| and of
w² in the loss, then each sample's features and its target. Sums over inputs, outputs and samples are taken in their
order one by one, so neither the lanes nor `side` change a bit of them. Layers of few weights are written out, larger
ones are loops over blocks that are.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from gdviz.vmath import random

HEAD = 3
"""Numbers in c before the data."""

OUTPUTS, INPUTS = 4, 4
"""Units and inputs of a block that is written out."""

SIDE = 1
"""Samples that go through a layer together and share its weights and the sums of its gradient: two are a tenth quicker,
and take half as long again to compile."""

WRITTEN, WIDE = 80, 16
"""Weights and units up to which a layer is one block."""


@dataclasses.dataclass(frozen=True)
class NetworkText:
    """What the kernels of a network are made from.

    sizes: features, units of every hidden layer, outputs; scales: what each layer's sums are multiplied by before its
    bias, if there is one, is added; activation: lines that make `value` and `slope` of `z`; loss: lines that make
    `value` of `y` and z0, z1, … and the slopes slope0, slope1, …; batch: "full", "drawn" with replacement, "shuffled"
    without; side: samples at a time.
    """

    sizes: tuple[int, ...]
    bias: bool
    scales: tuple[float, ...]
    activation: tuple[str, ...]
    loss: tuple[str, ...]
    batch: str
    side: int = SIDE

    @property
    def layers(self) -> range:
        """Numbers of the layers."""
        return range(len(self.scales))

    def weights(self, layer: int) -> int:
        """How many weights a layer has."""
        return self.sizes[layer] * self.sizes[layer + 1]

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """Where each layer's parameters begin, and how many there are in all."""
        found = [0]
        for layer in self.layers:
            found.append(found[-1] + self.weights(layer) + (self.sizes[layer + 1] if self.bias else 0))
        return tuple(found)

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return self.firsts[-1]

    @cached_property
    def places(self) -> tuple[int, ...]:
        """First scratch rows of the samples' features, of the units of every layer, of their slopes, of the targets;
        the last is the number of all rows. A unit has one row for every sample."""
        found = [2 * self.dim + 1]
        for size in (*self.sizes, *self.sizes[1:], 1):
            found.append(found[-1] + size * self.side)
        return tuple(found)

    @property
    def scratch(self) -> int:
        """Rows behind that of f."""
        return self.places[-1] - self.places[0]

    def units(self, layer: int) -> int:
        """First row of what layer `layer` is fed, of the outputs where there is none of that number."""
        return self.places[layer]

    def slopes(self, layer: int) -> int:
        """First row of the slopes of the loss by the sums of a layer; on the way up, of the units by these."""
        return self.places[len(self.sizes) + layer]

    @property
    def targets(self) -> int:
        """First row of the targets."""
        return self.places[-2]


def network_text(of: NetworkText) -> str:
    """`value`, `gradient` and `both` over the lanes of a tile."""
    kernels = ("value", True, False), ("gradient", False, True), ("both", True, True)
    return "\n\n".join(_kernel(of, *kernel) for kernel in kernels)


def network_points_text(of: NetworkText) -> str:
    """`value_of`, `both_of` and `hessian_of` at one point: the kernels on a tile of one lane."""
    texts = [_kernel(of, name, True, name == "both", "@dev\n") for name in ("value", "both")]
    rows, dim = of.places[-1], of.dim
    begin = [f"W = np.empty({rows}, x.dtype)", f"W[:{dim}] = x"]
    ends = (
        ("value_of(x, c, draw)", [*begin, "value(W, c, draw)", f"return W[{2 * dim}]"]),
        ("both_of(x, c, g, draw)", [*begin, "both(W, c, draw)", f"g[:] = W[{dim}:{2 * dim}]", f"return W[{2 * dim}]"]),
        ("hessian_of(x, c, H, draw)", ["H[:] = F(np.nan)"]),
    )
    texts += ["\n".join([f"def {head}:", *_in(lines)]) + "\n" for head, lines in ends]
    return "\n\n".join(texts)


def _kernel(of: NetworkText, name: str, valued: bool, sloped: bool, mark: str = "") -> str:
    dim, stride = of.dim, of.sizes[0] + 1
    body = [
        f"count = (c.size - {HEAD}) // {stride}",
        *_drawing(of),
        *(_lanes([f"W[{2 * dim} * L + j] = F(0.0)"]) if valued else ()),
        *([f"for k in range({dim} * L):", f"    W[{dim} * L + k] = F(0.0)"] if sloped else ()),
        f"for first in range(0, taken, {of.side}):",
        *_in(_fetching(of)),
        *(line for layer in of.layers for line in _in(_upward(of, layer, sloped))),
        *_in(_losing(of, valued, sloped)),
        *(line for layer in reversed(of.layers) if sloped for line in _in(_downward(of, layer))),
        *_ending(of, valued, sloped),
    ]
    return mark + "\n".join([f"def {name}(W, c, draw):", *_in(body)]) + "\n"


def _drawing(of: NetworkText) -> list[str]:
    """Lines that say how many samples are `taken` and draw what all of them are drawn by."""
    if of.batch == "full":
        return ["taken = count"]
    lines = [
        "seed, t = draw[0], draw[1]",
        "whole = t == 0",
        "size = int(c[0])",
        f"picked = np.empty({of.side} * L, np.int64)",
    ]
    if of.batch == "drawn":
        return [*lines, "taken = count if whole else size"]
    words = [f"orders[{i} * L + j] = {word}" for i, word in enumerate("abcd")]
    drawn = [f"a, b, c_, d = lots(seed, {random.BATCHES}, draw[2 + j], epoch, 0)".replace("c_", "e")]
    words[2] = "orders[2 * L + j] = e"
    return [
        *lines,
        "steps = (count + size - 1) // size",
        "epoch = (t - 1) // steps",
        "begun = (t - 1 - epoch * steps) * size",
        "taken = count if whole else min(size, count - begun)",
        "orders = np.empty(4 * L, np.uint64)",
        "if not whole:",
        *_in(_lanes([*drawn, *words])),
    ]


def _fetching(of: NetworkText) -> list[str]:
    """Lines that fill the rows of features and targets with the next samples."""
    features, stride = of.sizes[0], of.sizes[0] + 1
    every, rows = range(of.side), [*(of.units(0) + i * of.side for i in range(features)), of.targets]
    same: list[str] = []
    for s in every:
        same.append(f"i = {HEAD} + min(first + {s}, taken - 1) * {stride}")
        for k, row in enumerate(rows):
            same += [f"a = c[i + {k}]", *_lanes([f"W[{row + s} * L + j] = a"])]
    if of.batch == "full":
        return same
    own = _picking(of)
    for s in every:
        own += _lanes(
            [
                f"i = {HEAD} + picked[{s} * L + j] * {stride}",
                *(f"W[{row + s} * L + j] = c[i + {k}]" for k, row in enumerate(rows)),
            ]
        )
    return ["if whole:", *_in(same), "else:", *_in(own)]


def _picking(of: NetworkText) -> list[str]:
    """Lines that choose the samples of every lane."""
    every = range(of.side)
    if of.batch == "shuffled":
        words = ", ".join(f"orders[{i} * L + j]" for i in range(4))
        picks = [f"picked[{s} * L + j] = shuffled(begun + min(first + {s}, taken - 1), count, {words})" for s in every]
        return [line for pick in picks for line in _lanes([pick])]
    if of.side % 4 == 0:
        lines = []
        for s in range(0, of.side, 4):
            lines += [
                f"n0, n1, n2, n3 = lots(seed, {random.BATCHES}, draw[2 + j], t, first // 4 + {s // 4})",
                *(f"picked[{s + i} * L + j] = scaled(n{i}, count)" for i in range(4)),
            ]
        return _lanes(lines)
    lines = []
    for s in every:
        lines += [
            f"n0, n1, n2, n3 = lots(seed, {random.BATCHES}, draw[2 + j], t, (first + {s}) // 4)",
            f"n = (first + {s}) % 4",
            "m = where(n < 2, where(n == 0, n0, n1), where(n == 2, n2, n3))",
            f"picked[{s} * L + j] = scaled(m, count)",
        ]
    return _lanes(lines)


@dataclasses.dataclass(frozen=True)
class _Span:
    """Part of an axis: `size` places from `first`, a number or the name of the variable of a loop."""

    first: int | str
    size: int
    head: str = ""

    def row(self, base: int, place: int, stride: int, rest: str = "") -> str:
        """Text of a row: base + place * stride, where place counts from the part's first."""
        if isinstance(self.first, int):
            return f"{base + (self.first + place) * stride}{rest}"
        return f"{base + place * stride} + {self.first} * {stride}{rest}"


def _spans(count: int, block: int, word: str) -> Iterator[_Span]:
    """An axis in blocks: a loop over whole ones, then what is left."""
    if count <= block:
        yield _Span(0, count)
        return
    whole = count - count % block
    yield _Span(word, block, f"for {word} in range(0, {whole}, {block}):")
    if whole < count:
        yield _Span(whole, count - whole)


def _blocks(of: NetworkText, layer: int) -> tuple[int, int]:
    """Inputs and outputs of a layer's blocks."""
    inputs, outputs = of.sizes[layer : layer + 2]
    if inputs * outputs <= WRITTEN and outputs <= WIDE:
        return inputs, outputs
    return INPUTS, OUTPUTS


def _weight(of: NetworkText, layer: int, base: int, i: _Span, a: int, o: _Span, b: int) -> str:
    """Text of a weight, or of its slope: input a of one part and output b of another."""
    outputs = of.sizes[layer + 1]
    first = base + of.firsts[layer]
    if isinstance(i.first, int):
        return _at(o.row(first + (i.first + a) * outputs, b, 1))
    return _at(o.row(first + a * outputs, b, 1, f" + {i.first} * {outputs}"))


def _upward(of: NetworkText, layer: int, sloped: bool) -> list[str]:
    """Lines that make the units of the next layer, and the slopes of these by their sums."""
    side, every = of.side, range(of.side)
    block_in, block_out = _blocks(of, layer)
    spans = list(_spans(of.sizes[layer], block_in, "i"))
    single = len(spans) == 1 and not spans[0].head
    lines: list[str] = []
    for o in _spans(of.sizes[layer + 1], block_out, "o"):
        rows = [(b, s, _at(o.row(of.units(layer + 1) + s, b, side))) for s in every for b in range(o.size)]
        inner: list[str] = []
        for i in spans:
            body = []
            if side > 1:
                body += [
                    f"w{a}_{b} = {_weight(of, layer, 0, i, a, o, b)}" for a in range(i.size) for b in range(o.size)
                ]
            for b, s, row in rows:
                if b == 0:
                    body += [f"a{a} = {_at(i.row(of.units(layer) + s, a, side))}" for a in range(i.size)]
                weights = [f"w{a}_{b}" if side > 1 else _weight(of, layer, 0, i, a, o, b) for a in range(i.size)]
                terms = [*(() if single else (row,)), *(f"a{a} * {weight}" for a, weight in enumerate(weights))]
                body.append(f"{'z' if single else row} = {_sum(terms)}")
                body += _finished(of, layer, o, b, s, sloped) if single else ()
            inner += _under(i.head, _lanes(body))
        if not single:
            ends = [line for b, s, row in rows for line in (f"z = {row}", *_finished(of, layer, o, b, s, sloped))]
            inner = [*_lanes(f"{row} = F(0.0)" for _, _, row in rows), *inner, *_lanes(ends)]
        lines += _under(o.head, inner)
    return lines


def _finished(of: NetworkText, layer: int, o: _Span, b: int, s: int, sloped: bool) -> list[str]:
    """Lines that make a unit of its sum z."""
    lines = []
    if of.scales[layer] != 1:
        lines.append(f"z = z * F({of.scales[layer]!r})")
    if of.bias:
        lines.append(f"z = z + W[({o.row(of.firsts[layer] + of.weights(layer), b, 1)}) * L + j]")
    row = f"W[({o.row(of.units(layer + 1) + s, b, of.side)}) * L + j]"
    if layer == of.layers[-1]:
        return [*lines, f"{row} = z"]
    lines += _wanted(of.activation, {"value", "slope"} if sloped else {"value"})
    lines.append(f"{row} = value")
    if sloped:
        lines.append(f"W[({o.row(of.slopes(layer) + s, b, of.side)}) * L + j] = slope")
    return lines


def _losing(of: NetworkText, valued: bool, sloped: bool) -> list[str]:
    """Lines that add the loss of the samples and make its slopes by the outputs; samples past the last add nothing."""
    outputs, last = of.sizes[-1], of.layers[-1]
    wanted = {*(["value"] if valued else []), *(f"slope{b}" for b in range(outputs) if sloped)}
    body: list[str] = [f"f = W[{2 * of.dim} * L + j]"] if valued else []
    for s in range(of.side):
        body += [f"z{b} = W[{of.units(last + 1) + b * of.side + s} * L + j]" for b in range(outputs)]
        body += [f"y = W[{of.targets + s} * L + j]", *_wanted(of.loss, wanted)]
        kept = f"first + {s} < taken"
        if valued:
            body.append(f"f = f + where({kept}, value, F(0.0))")
        if sloped:
            rows = [of.slopes(last) + b * of.side + s for b in range(outputs)]
            body += [f"W[{row} * L + j] = where({kept}, slope{b}, F(0.0))" for b, row in enumerate(rows)]
    return _lanes([*body, *([f"W[{2 * of.dim} * L + j] = f"] if valued else [])])


def _downward(of: NetworkText, layer: int) -> list[str]:
    """Lines that add to the slopes by a layer's parameters and make those by the sums of the layer before."""
    inputs, outputs = of.sizes[layer : layer + 2]
    side, every = of.side, range(of.side)
    block_in, block_out = _blocks(of, layer)
    units, slopes = of.units(layer), of.slopes(layer)
    lines: list[str] = []
    for o in _spans(outputs, block_out, "o"):
        loads = [f"d{b}_{s} = {_at(o.row(slopes + s, b, side))}" for b in range(o.size) for s in every]
        inner: list[str] = []
        for i in _spans(inputs, block_in, "i"):
            body = list(loads)
            for a in range(i.size):
                body += [f"a{s} = {_at(i.row(units + s, a, side))}" for s in every]
                for b in range(o.size):
                    row = _weight(of, layer, of.dim, i, a, o, b)
                    body.append(f"{row} = {_sum([row, *(f'a{s} * d{b}_{s}' for s in every)])}")
            inner += _under(i.head, _lanes(body))
        if of.bias:
            rows = [_at(o.row(of.dim + of.firsts[layer] + of.weights(layer), b, 1)) for b in range(o.size)]
            sums = [f"{row} = {_sum([row, *(f'd{b}_{s}' for s in every)])}" for b, row in enumerate(rows)]
            inner += _lanes([*loads, *sums])
        lines += _under(o.head, inner)
    return lines if layer == 0 else lines + _through(of, layer)


def _through(of: NetworkText, layer: int) -> list[str]:
    """Lines that make the slopes by the sums of the layer before."""
    inputs, outputs = of.sizes[layer : layer + 2]
    side, every = of.side, range(of.side)
    block_in, block_out = _blocks(of, layer)
    scale = "" if of.scales[layer] == 1 else f" * F({of.scales[layer]!r})"
    spans = list(_spans(outputs, block_out, "o"))
    single = len(spans) == 1 and not spans[0].head
    lines: list[str] = []
    for i in _spans(inputs, block_in, "i"):
        # The units are not needed any more: where sums come in parts, they hold these.
        rows = [
            (a, s, _at(i.row(of.slopes(layer - 1) + s, a, side)), _at(i.row(of.units(layer) + s, a, side)))
            for s in every
            for a in range(i.size)
        ]
        inner: list[str] = []
        for o in spans:
            body = []
            for a, s, row, kept in rows:
                if a == 0:
                    body += [f"d{b} = {_at(o.row(of.slopes(layer) + s, b, side))}" for b in range(o.size)]
                total = _sum(f"{_weight(of, layer, 0, i, a, o, b)} * d{b}" for b in range(o.size))
                body.append(f"{row} = ({total}){scale} * {row}" if single else f"{kept} = {kept} + {total}")
            inner += _under(o.head, _lanes(body))
        if not single:
            ends = [f"{row} = {kept}{scale} * {row}" for _, _, row, kept in rows]
            inner = [*_lanes(f"{kept} = F(0.0)" for *_, kept in rows), *inner, *_lanes(ends)]
        lines += _under(i.head, inner)
    return lines


def _ending(of: NetworkText, valued: bool, sloped: bool) -> list[str]:
    """Lines that turn sums into means and add what large weights cost."""
    dim = of.dim
    lines = ["share = F(1.0) / F(taken)"]
    if sloped:
        for layer in of.layers:
            scale = "" if of.scales[layer] == 1 else f" * F({of.scales[layer]!r})"
            first, last = of.firsts[layer], of.firsts[layer] + of.weights(layer)
            lines += [f"part = share{scale}", f"for k in range({first} * L, {last} * L):"]
            lines.append(f"    W[{dim} * L + k] = W[{dim} * L + k] * part")
            if of.bias:
                lines.append(f"for k in range({last} * L, {of.firsts[layer + 1]} * L):")
                lines.append(f"    W[{dim} * L + k] = W[{dim} * L + k] * share")
    if valued:
        lines += _lanes([f"W[{2 * dim} * L + j] = W[{2 * dim} * L + j] * share"])
    lines += ["l1, l2 = c[1], c[2]", "if l1 > F(0.0) or l2 > F(0.0):"]
    for layer in of.layers:
        lines.append(f"    for k in range({of.firsts[layer]}, {of.firsts[layer] + of.weights(layer)}):")
        body = ["w = W[k * L + j]"]
        if sloped:
            signed = "where(w > F(0.0), l1, where(w < F(0.0), -l1, F(0.0)))"
            body.append(f"W[({dim} + k) * L + j] = W[({dim} + k) * L + j] + ({signed} + F(2.0) * l2 * w)")
        if valued:
            body.append(f"W[{2 * dim} * L + j] = W[{2 * dim} * L + j] + (l1 * abs(w) + l2 * w * w)")
        lines += _in(_in(_lanes(body)))
    return lines


def restated(lines: Sequence[str], kept: Collection[str]) -> tuple[str, ...]:
    """Assignments whose names no kernel has but for those to be kept."""
    trees = [ast.parse(line) for line in lines]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    for node in nodes:
        if node.id in stored and node.id not in kept:
            node.id = f"own_{node.id}"
    return tuple(ast.unparse(tree) for tree in trees)


def _wanted(lines: Sequence[str], wanted: Iterable[str]) -> list[str]:
    """Those of some assignments that some names need, in order."""
    needed, kept = set(wanted), []
    for line in reversed(lines):
        tree = ast.parse(line).body[0]
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if stored & needed:
            needed = (needed - stored) | (names - stored)
            kept.append(line)
    return kept[::-1]


def _at(row: str) -> str:
    return f"W[({row}) * L + j]"


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms)


def _in(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _lanes(lines: Iterable[str]) -> list[str]:
    return ["for j in range(L):", *_in(lines)]


def _under(head: str, lines: list[str]) -> list[str]:
    return [head, *_in(lines)] if head else lines
