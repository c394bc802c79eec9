"""A network on data as the text of tile kernels, each lane one network: `value`, `gradient` and `both`, as those of a
landscape are in gdviz.emit.objective, and its functions of one point.

W: dtype[rows * L]; behind the rows of f come `scratch` rows of the kernel's own, in which samples go through the layers
unit by unit, one at a time or in pairs. c: dtype[HEAD + samples * (features + 1)]: the batch's size, the weights of |w|
and of w² in the loss, then each sample's features and its target. Where classes are told, `value` also answers the
share that is told rightly, in a row of its own. Sums over inputs, outputs and samples are taken in their order one by
one, so the lanes change no bit of them.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence

from gdviz.emit.dense import NetworkText, alike, downward, indented, merged, over_lanes, repeated, upward, wanted_of
from gdviz.vmath import random
from gdviz.vmath.abreast import abreast, own
from gdviz.vmath.shuffle import ROUNDS

HEAD = 3
"""Numbers in c before the data."""


def network_text(of: NetworkText, lanes: int) -> str:
    """`value`, which is of all samples, `gradient` and `both` over the lanes of a tile. Where there are several, places
    are written out: products that are not there make a tenth less to compile."""
    bodies = {
        # The value is not asked for often, and so takes a quarter less to compile.
        "value": _body(dataclasses.replace(of, batch="full", together=1, abreast=1), True, False),
        "gradient": _body(of, False, True),
        "both": _body(of, True, True),
    }
    text = "\n\n".join(_function(f"{name}(W, c, draw)", lines) for name, lines in bodies.items())
    return text if lanes == 1 else re.sub(r"W\[\(?(\d+)\)? \* L \+", lambda row: f"W[{int(row[1]) * lanes} +", text)


def network_points_text(of: NetworkText) -> str:
    """`value_of`, `both_of` and `hessian_of` at one point, which is put on a tile of one lane."""
    rows, dim = of.places[-1], of.dim
    begin, end = [f"W = np.empty({rows}, x.dtype)", f"W[:{dim}] = x"], f"return W[{2 * dim}]"
    slopes = f"g[:] = W[{dim}:{2 * dim}]"
    functions = {
        "value_of(x, c, draw)": [*begin, *_body(of, True, False), end],
        "both_of(x, c, g, draw)": [*begin, *_body(of, True, True), slopes, end],
        "hessian_of(x, c, H, draw)": ["H[:] = F(np.nan)"],
    }
    return "\n\n".join(_function(head, lines) for head, lines in functions.items())


def _function(head: str, lines: Sequence[str]) -> str:
    return "\n".join([f"def {head}:", *indented(lines)]) + "\n"


def _body(of: NetworkText, valued: bool, sloped: bool) -> list[str]:
    """Lines that fill the row of f where `valued`, those of g where `sloped`."""
    dim = of.dim
    every = "" if of.together == 1 else f"0, taken, {of.together}"
    return [
        f"count = (c.size - {HEAD}) // {of.stride}",
        *_drawing(of),
        *(over_lanes(f"W[{row} * L + j] = F(0.0)" for _, row in _sums(of, valued, sloped)) if valued else ()),
        *([f"for k in range({dim} * L):", f"    W[{dim} * L + k] = F(0.0)"] if sloped else ()),
        f"for sample in range({every or 'taken'}):",
        *indented(_passing(of, valued, sloped)),
        *_ending(of, valued, sloped),
    ]


def _passing(of: NetworkText, valued: bool, sloped: bool) -> Iterator[str]:
    """Lines that take a sample through the layers and back. What the last layer does is short, and one loop: by
    themselves loops over few lanes are unrolled before anything makes vectors of them."""
    *before, last = alike(of)
    yield from _fetching(of)
    for layers in before:
        yield from _up(of, layers, sloped)
    yield from merged([*_up(of, last, sloped), *_losing(of, valued, sloped), *(_down(of, last) if sloped else ())])
    for layers in reversed(before) if sloped else ():
        yield from _down(of, layers)


def _up(of: NetworkText, layers: range, sloped: bool) -> list[str]:
    return repeated(of, layers, upward(of, layers[0], sloped), f"for depth in range({len(layers)}):")


def _down(of: NetworkText, layers: range) -> list[str]:
    return repeated(of, layers, downward(of, layers[0]), f"for depth in range({len(layers) - 1}, -1, -1):")


def _drawing(of: NetworkText) -> list[str]:
    """Lines that say how many samples are `taken` and draw what all of them are drawn by."""
    if of.batch == "full":
        return ["taken = count"]
    lines = [
        "seed, t = draw[0], draw[1]",
        "whole = t == 0",
        "size = int(c[0])",
        "picked = np.empty(L, np.uint32)",
    ]
    if of.batch == "drawn":
        return [*lines, "taken = count if whole else size", "words = np.empty(4 * L, np.uint64)"]
    return [
        *lines,
        "steps = (count + size - 1) // size",
        "epoch = (t - 1) // steps",
        "begun = (t - 1 - epoch * steps) * size",
        "taken = count if whole else min(size, count - begun)",
        "words = np.empty(4 * L, np.uint64)",
        f"rounds = np.empty({2 * ROUNDS} * L, np.uint32)",
        "if not whole:",
        *indented(
            over_lanes(
                [
                    f"n0, n1, n2, n3 = lots(seed, {random.BATCHES}, draw[2 + j], epoch, 0)",
                    *(f"words[{i} * L + j] = n{i}" for i in range(4)),
                ]
            )
        ),
        f"    for k in range({ROUNDS}):",
        *indented(
            indented(
                over_lanes(
                    [
                        "rounds[2 * k * L + j] = mirror(k, count, words[L + j], words[3 * L + j])",
                        "rounds[(2 * k + 1) * L + j] = coin(k, words[2 * L + j])",
                    ]
                )
            )
        ),
    ]


def _fetching(of: NetworkText) -> list[str]:
    """Lines that fetch the next sample: where lanes see samples of their own, into the rows of features and target."""
    rows = [*(of.units(0) + i for i in range(of.sizes[0])), of.target]
    if of.batch == "full":
        targets = [f"target{s} = c[at + {s * of.stride + of.sizes[0]}]" for s in range(of.together)]
        return [f"at = {HEAD} + sample * {of.stride}", *targets]
    same = [f"i = {HEAD} + sample * {of.stride}"]
    for k, row in enumerate(rows):
        same += [f"a = c[i + {k}]", *over_lanes([f"W[{row} * L + j] = a"])]
    picked = [f"i = {HEAD} + picked[j] * {of.stride}"]
    picked += [f"W[{row} * L + j] = c[i + {k}]" for k, row in enumerate(rows)]
    return ["if whole:", *indented(same), "else:", *indented([*_picking(of), *over_lanes(picked)])]


def _picking(of: NetworkText) -> list[str]:
    """Lines that choose the sample of every lane; of those drawn with replacement four come of one block of words."""
    if of.batch == "shuffled":
        swap = "picked[j] = swapped(picked[j], count, rounds[2 * k * L + j], rounds[(2 * k + 1) * L + j])"
        return [
            *over_lanes(["picked[j] = turned(begun + sample, count, words[j])"]),
            f"for k in range({ROUNDS}):",
            *indented(over_lanes([swap])),
        ]
    lots = [
        f"n0, n1, n2, n3 = lots(seed, {random.BATCHES}, draw[2 + j], t, sample // 4)",
        *(f"words[{i} * L + j] = n{i}" for i in range(4)),
    ]
    return [
        "if sample % 4 == 0:",
        *indented(over_lanes(lots)),
        "n = sample % 4 * L",
        *over_lanes(["picked[j] = scaled(words[n + j], count)"]),
    ]


def _losing(of: NetworkText, valued: bool, sloped: bool) -> list[str]:
    """Lines that add the loss of a sample and make its slopes by the outputs."""
    outputs, last, sums = of.sizes[-1], of.layers[-1], _sums(of, valued, sloped)
    wanted = {*(name for name, _ in sums), *(f"slope{b}" for b in range(outputs) if sloped)}
    body: list[str] = []
    for s in range(of.together):
        body += [f"{own(f'z{b}', s)} = W[{of.units(last + 1, s) + b} * L + j]" for b in range(outputs)]
        body.append(f"{own('y', s)} = " + (f"target{s}" if of.batch == "full" else f"W[{of.target} * L + j]"))
    body += abreast(wanted_of((*of.loss, *of.right), wanted), ["y", *(f"z{b}" for b in range(outputs))], of.together)
    for s in range(of.together):
        body += [f"W[{row} * L + j] = W[{row} * L + j] + {own(name, s)}" for name, row in sums]
        body += [f"W[{of.slopes(last, s) + b} * L + j] = {own(f'slope{b}', s)}" for b in range(outputs) if sloped]
    return over_lanes(body)


def _sums(of: NetworkText, valued: bool, sloped: bool) -> list[tuple[str, int]]:
    """What is added up over samples, and the row that it goes to."""
    counted = [("right", of.share)] if of.right and not sloped else []
    return [("value", 2 * of.dim), *counted] if valued else []


def _ending(of: NetworkText, valued: bool, sloped: bool) -> list[str]:
    """Lines that turn sums into means and add what large weights cost."""
    dim, sums = of.dim, _sums(of, valued, sloped)
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
        parts = {"value": "* share", "right": "/ F(taken)"}  # whole numbers are divided as NumPy does
        lines += over_lanes(f"W[{row} * L + j] = W[{row} * L + j] {parts[name]}" for name, row in sums)
    lines += ["l1, l2 = c[1], c[2]", "if l1 > F(0.0) or l2 > F(0.0):"]
    for layer in of.layers:
        lines.append(f"    for k in range({of.firsts[layer]}, {of.firsts[layer] + of.weights(layer)}):")
        body = ["w = W[k * L + j]"]
        if sloped:
            signed = "where(w > F(0.0), l1, where(w < F(0.0), -l1, F(0.0)))"
            body.append(f"W[({dim} + k) * L + j] = W[({dim} + k) * L + j] + ({signed} + F(2.0) * l2 * w)")
        if valued:
            body.append(f"W[{2 * dim} * L + j] = W[{2 * dim} * L + j] + (l1 * abs(w) + l2 * w * w)")
        lines += indented(indented(over_lanes(body)))
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
