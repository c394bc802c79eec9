"""Dense layers as lines of a kernel: the way of samples up to the outputs, and that of slopes back.

Layers of few weights are written out, larger ones are loops over blocks that are. Sums over inputs and outputs are
taken in their order one by one.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from gdviz.vmath.abreast import COUNT, abreast, own

OUTPUTS, INPUTS = 4, 4
"""Units and inputs of a block that is written out."""

WRITTEN, WIDE = 80, 16
"""Weights and units up to which a layer is one block."""

TOGETHER = 2
"""Samples that go through such layers side by side: half as many slopes by weights are stored, and a processor stores
half as much at a time as it adds. With activations side by side a
network 8-8-1 takes 14.5 ns a sample in place of 19."""


@dataclasses.dataclass(frozen=True)
class NetworkText:
    """What the kernels of a network are made from.

    sizes: features, units of every hidden layer, outputs; scales: what each layer's sums are multiplied by before its
    bias, if there is one, is added; activation: lines that make `value` and `slope` of `z`; loss: lines that make
    `value` of `y` and z0, z1, … and the slopes slope0, slope1, …; batch: "full", "drawn" with replacement, "shuffled"
    without; right: lines that make of the same `right`, 1 where a sample is told rightly and else 0, none where numbers
    are told; together, abreast: samples and activations that stand side by side where slopes are asked.
    """

    sizes: tuple[int, ...]
    bias: bool
    scales: tuple[float, ...]
    activation: tuple[str, ...]
    loss: tuple[str, ...]
    batch: str
    right: tuple[str, ...] = ()
    together: int = 1
    abreast: int = 1

    @property
    def layers(self) -> range:
        """Numbers of the layers."""
        return range(len(self.scales))

    @property
    def stride(self) -> int:
        """Numbers of a sample: features and target."""
        return self.sizes[0] + 1

    def weights(self, layer: int) -> int:
        """How many weights a layer has."""
        return self.sizes[layer] * self.sizes[layer + 1]

    def biases(self, layer: int) -> int:
        """Where a layer's biases begin, if there are some."""
        return self.firsts[layer] + self.weights(layer)

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
        """First scratch rows of the target, of the share that is told rightly, of the samples' features, of the units
        of every layer, of their slopes; the last is the number of all rows. Of samples that go together the units of a
        layer follow each other; their features are in no rows."""
        found = [2 * self.dim + 1]
        units = [self.together * size for size in self.sizes[1:]]
        for size in (1, 1 if self.right else 0, self.sizes[0], *units, *units):
            found.append(found[-1] + size)
        return tuple(found)

    @property
    def scratch(self) -> int:
        """Rows behind that of f."""
        return self.places[-1] - self.places[0]

    def units(self, layer: int, sample: int = 0) -> int:
        """First row of what layer `layer` is fed, of the outputs where there is none of that number; sample: which of
        those that go together."""
        return self.places[2 + layer] + sample * self.sizes[layer]

    def slopes(self, layer: int, sample: int = 0) -> int:
        """First row of the slopes of the loss by the sums of a layer; on the way up, of the units by these."""
        return self.places[2 + len(self.sizes) + layer] + sample * self.sizes[layer + 1]

    @property
    def target(self) -> int:
        """Row of the target."""
        return self.places[0]

    @property
    def share(self) -> int:
        """Row of the share of samples that are told rightly, where there is one."""
        return self.places[1]

    def written_out(self, layer: int) -> bool:
        """Whether a layer is one block."""
        inputs, outputs = self.sizes[layer : layer + 2]
        return inputs * outputs <= WRITTEN and outputs <= WIDE

    def side_by_side(self, samples: int) -> NetworkText:
        """For tiles of several lanes: samples go together where all lanes see the same ones, and an even number, and
        layers are written out."""
        paired = self.batch == "full" and samples % TOGETHER == 0 and all(map(self.written_out, self.layers))
        return dataclasses.replace(self, together=TOGETHER if paired else 1, abreast=COUNT)


@dataclasses.dataclass(frozen=True)
class _Span:
    """Part of an axis: `size` places from `first`, a number or the name of the variable of a loop."""

    first: int | str
    size: int
    head: str = ""

    def place(self, base: int, place: int) -> str:
        """Text of base + place, where place counts from the part's first."""
        return f"{base + self.first + place}" if isinstance(self.first, int) else f"{base + place} + {self.first}"

    def row(self, base: int, place: int, rest: str = "") -> str:
        """Text of a row of W: that place + rest."""
        return f"W[({self.place(base, place)}{rest}) * L + j]"


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
    return (of.sizes[layer], of.sizes[layer + 1]) if of.written_out(layer) else (INPUTS, OUTPUTS)


def _weight(of: NetworkText, layer: int, base: int, i: _Span, a: int, o: _Span, b: int) -> str:
    """Text of a weight, or of its slope: input a of one part and output b of another."""
    outputs = of.sizes[layer + 1]
    first = base + of.firsts[layer]
    if isinstance(i.first, int):
        return o.row(first + (i.first + a) * outputs, b)
    return o.row(first + a * outputs, b, f" + {i.first} * {outputs}")


def upward(of: NetworkText, layer: int, sloped: bool) -> list[str]:
    """Lines that make the units of the next layer, and the slopes of these by their sums."""
    block_in, block_out = _blocks(of, layer)
    spans = list(_spans(of.sizes[layer], block_in, "i"))
    single = len(spans) == 1 and not spans[0].head
    whole = single and layer == of.layers[-1]
    lines: list[str] = []
    for o in _spans(of.sizes[layer + 1], block_out, "o"):
        units = [(b, s, o.row(of.units(layer + 1, s), b)) for b in range(o.size) for s in range(of.together)]
        inner = [] if single else over_lanes(f"{row} = F(0.0)" for _, _, row in units)
        for i in spans:
            same, body = _fed(of, layer, i, "a")
            for b, s, row in units:
                weights = [_weight(of, layer, 0, i, a, o, b) for a in range(i.size)]
                if of.together > 1:
                    named = [f"w{layer}_{a}_{b}" for a in range(i.size)]
                    body += [f"{name} = {weight}" for name, weight in zip(named, weights, strict=True) if s == 0]
                    weights = named
                terms = [f"{own(f'a{layer}_{a}', s)} * {weight}" for a, weight in enumerate(weights)]
                total = _sum(terms if single else [row, *terms])
                body.append(f"{row} = {_scaled(of, layer, total, o.row(of.biases(layer), b)) if whole else total}")
            inner += _under(i.head, [*same, *over_lanes(body)])
        lines += _under(o.head, inner)
    return lines if whole else lines + _finished(of, layer, sloped)


def _fed(of: NetworkText, layer: int, i: _Span, word: str) -> tuple[list[str], list[str]]:
    """Lines that set what a layer is fed, by `word` and number, of every sample: before the loop over lanes where all
    see the same, and in it. Words differ from loop to loop: names that are set once are quicker to compile."""
    names = [(a, s, own(f"{word}{layer}_{a}", s)) for s in range(of.together) for a in range(i.size)]
    if layer == 0 and of.batch == "full":
        return [f"{name} = c[at + {i.place(s * of.stride, a)}]" for a, s, name in names], []
    return [], [f"{name} = {i.row(of.units(layer, s), a)}" for a, s, name in names]


def _scaled(of: NetworkText, layer: int, total: str, bias: str) -> str:
    """Text of a layer's sum, scaled, and its bias."""
    scaled = total if of.scales[layer] == 1 else f"({total}) * F({of.scales[layer]!r})"
    return f"{scaled} + {bias}" if of.bias else scaled


def _finished(of: NetworkText, layer: int, sloped: bool) -> list[str]:
    """Lines that make units of their sums in one loop over both units and lanes: a processor has more of the long way
    through an activation in hand at a time than where sums stand between."""
    size = of.sizes[layer + 1]
    parts = math.gcd(of.abreast // of.together, size)
    firsts = list(itertools.product(range(of.together), range(0, size, size // parts)))
    rows = [f"W[({of.units(layer + 1, s) + first}) * L + k]" for s, first in firsts]
    biases = [f"W[({of.biases(layer) + first}) * L + k]" for _, first in firsts]
    sums = [_scaled(of, layer, row, bias) for row, bias in zip(rows, biases, strict=True)]
    if layer == of.layers[-1]:
        body = [f"{row} = {z}" for row, z in zip(rows, sums, strict=True) if z != row]
    else:
        body = [f"{own('z', n)} = {z}" for n, z in enumerate(sums)]
        body += abreast(wanted_of(of.activation, {"value", "slope"} if sloped else {"value"}), ["z"], len(rows))
        body += [f"{row} = {own('value', n)}" for n, row in enumerate(rows)]
        slopes = [f"W[({of.slopes(layer, s) + first}) * L + k]" for s, first in firsts if sloped]
        body += [f"{row} = {own('slope', n)}" for n, row in enumerate(slopes)]
    return _under(f"for k in range({size // parts} * L):", body) if body else []


def downward(of: NetworkText, layer: int) -> list[str]:
    """Lines that add to the slopes by a layer's parameters and make those by the sums of the layer before."""
    inputs, outputs = of.sizes[layer : layer + 2]
    block_in, block_out = _blocks(of, layer)
    samples = range(of.together)
    lines: list[str] = []
    for o in _spans(outputs, block_out, "o"):
        loads = _slopes(of, layer, o, "d")
        inner: list[str] = []
        for i in _spans(inputs, block_in, "i"):
            same, body = _fed(of, layer, i, "b")
            body += loads
            for a, b in itertools.product(range(i.size), range(o.size)):
                row = _weight(of, layer, of.dim, i, a, o, b)
                products = [f"{own(f'b{layer}_{a}', s)} * {own(f'd{layer}_{b}', s)}" for s in samples]
                body.append(f"{row} = {_sum([row, *products])}")
            inner += _under(i.head, [*same, *over_lanes(body)])
        if of.bias:
            sums = [
                [o.row(of.dim + of.biases(layer), b), *(own(f"d{layer}_{b}", s) for s in samples)]
                for b in range(o.size)
            ]
            inner += over_lanes([*loads, *(f"{terms[0]} = {_sum(terms)}" for terms in sums)])
        lines += _under(o.head, inner)
    return lines if layer == 0 else lines + _through(of, layer)


def _slopes(of: NetworkText, layer: int, o: _Span, word: str) -> list[str]:
    """Lines that set the slopes of the loss by a layer's sums, by `word` and number, of every sample."""
    places = itertools.product(range(of.together), range(o.size))
    return [f"{own(f'{word}{layer}_{b}', s)} = {o.row(of.slopes(layer, s), b)}" for s, b in places]


def _through(of: NetworkText, layer: int) -> list[str]:
    """Lines that make the slopes by the sums of the layer before."""
    inputs, outputs = of.sizes[layer : layer + 2]
    block_in, block_out = _blocks(of, layer)
    scale = "" if of.scales[layer] == 1 else f" * F({of.scales[layer]!r})"
    spans = list(_spans(outputs, block_out, "o"))
    single = len(spans) == 1 and not spans[0].head
    lines: list[str] = []
    for i in _spans(inputs, block_in, "i"):
        # The units are not needed any more: where sums come in parts, they hold these.
        places = list(itertools.product(range(of.together), range(i.size)))
        rows = [(i.row(of.slopes(layer - 1, s), a), i.row(of.units(layer, s), a)) for s, a in places]
        inner: list[str] = []
        for o in spans:
            body = _slopes(of, layer, o, "e")
            for (s, a), (row, kept) in zip(places, rows, strict=True):
                total = _sum(f"{_weight(of, layer, 0, i, a, o, b)} * {own(f'e{layer}_{b}', s)}" for b in range(o.size))
                body.append(f"{row} = ({total}){scale} * {row}" if single else f"{kept} = {kept} + {total}")
            inner += _under(o.head, over_lanes(body))
        if not single:
            ends = [f"{row} = {kept}{scale} * {row}" for row, kept in rows]
            inner = [*over_lanes(f"{kept} = F(0.0)" for _, kept in rows), *inner, *over_lanes(ends)]
        lines += _under(i.head, inner)
    return lines


def alike(of: NetworkText) -> Iterator[range]:
    """Layers in order, those together that differ in nothing but where their rows are."""
    first = 0
    for layer in of.layers:
        follows = layer + 1 < of.layers[-1] and first > 0
        same = len({*of.sizes[first : layer + 3]}) == 1 == len({*of.scales[first : layer + 2]})
        if not (follows and same):
            yield range(first, layer + 1)
            first = layer + 1


def repeated(of: NetworkText, layers: range, lines: list[str], head: str) -> list[str]:
    """Lines of the first of some layers that are alike as a loop over them; `head` counts `depth` from 0."""
    if len(layers) == 1:
        return lines
    size = of.together * of.sizes[layers[0]]
    weights = of.firsts[layers[0] + 1] - of.firsts[layers[0]]

    def moved(found: re.Match[str]) -> str:
        return f"W[({found[1]} + depth * {size if int(found[1]) > 2 * of.dim else weights}"

    return [head, *indented(re.sub(r"W\[\((\d+)", moved, line) for line in lines)]


def wanted_of(lines: Sequence[str], wanted: Iterable[str]) -> list[str]:
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


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms)


def indented(lines: Iterable[str]) -> list[str]:
    """The lines one step further in."""
    return [f"    {line}" for line in lines]


def over_lanes(lines: Iterable[str]) -> list[str]:
    """The lines for every lane."""
    return ["for j in range(L):", *indented(lines)]


def merged(lines: Iterable[str]) -> list[str]:
    """The lines with loops over lanes that follow each other as one: a lane reads and writes its own places alone."""
    head, found, inside = over_lanes(())[0], list[str](), False
    for line in lines:
        if line != head or not inside:
            found.append(line)
        inside = line == head or (inside and line.startswith(" "))
    return found


def _under(head: str, lines: list[str]) -> list[str]:
    return [head, *indented(lines)] if head else lines
