"""Random numbers that depend on their place only: Philox4x32-10 as text for every backend.

    word = Philox(counter = (run mod 2^32, run div 2^32, step, block), key = (seed, stream))

Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405. There is no state: the numbers of one run at one step
are the same on every backend, in every tile, thread and worker, whatever else is drawn. `run` may be any number below
2^64; seed, stream, step and block below 2^32 (more is taken modulo 2^32). A block gives PER_BLOCK numbers of a dtype:

    function                                        answers
    philox(c0, c1, c2, c3, k0, k1)                  four words below 2^32, as uint64
    uniforms(seed, stream, run, step, block)        the numbers of a block: two float64 or four float32
    normals(seed, stream, run, step, block)         the same, by Box and Muller from the pairs of `uniforms`
    uniform(seed, stream, run, step, draw)          number draw mod PER_BLOCK of block draw div PER_BLOCK
    normal(seed, stream, run, step, draw)           likewise
    lots(seed, stream, run, step, block)            the words of a block themselves, as batches need them
    scaled, shuffled                                samples of batches, see gdviz.vmath.shuffle

Uniform numbers are odd multiples of 2^-53 (52 random bits) or 2^-24 (23 bits): in the open interval (0, 1), symmetric
about 1/2, mean 1/2 exactly. Normal numbers reach ±8.57 or ±5.76, since the smallest uniform number is 2^-53 or 2^-24.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from gdviz import vmath
from gdviz.vmath import shuffle

PER_BLOCK = {"float64": 2, "float32": 4}
"""Numbers that one block of four words gives."""

NEEDS = ("log", "sin", "cos")
"""What a text of `normals` uses of vmath's."""

DRAWS = {"normal": "normal", "uniform": "uniform", "uniform2": "uniform"}
"""Random numbers that a transform may ask for, one per coordinate, and the function that gives each."""

_FIRST_STREAM = {"normal": (2, 0), "uniform": (2, 1), "uniform2": (1, 2**16)}
"""Stream of each draw at place 0, after how many the next place has its own."""


def stream_of(place: int, draw: str) -> int:
    """Number of the random stream of the transform at `place` (below 2^15) of a plan, and of what it draws: no two
    share one."""
    stride, first = _FIRST_STREAM[draw]
    return stride * place + first


BATCHES = 2**17
"""Stream that the batches of an objective are drawn from; those of transforms are below."""

SAMPLES = 2**17 + 8
"""Stream of the data sets' random numbers: the run is always 0, the step the number of the call, the draw the place in
what it answers."""

SPLITS = 2**17 + 9
"""Stream that says which samples are kept for validation."""

PLANES = 2**17 + 11
"""Stream of the directions of planes through spaces of weights."""

CELLS = 2**17 + 12
"""Stream that the sampled cells of a study are drawn from: the step is the number of the optimizer, the run tells
samples apart, the draw is the place in the sample."""

STARTS = 2**17 + 13
"""Stream of random starts: the run is the number of the start, the step that of the try, the draw the coordinate."""

WEIGHTS = {"normal": 2**17 + 16, "uniform": 2**17 + 17}
"""Streams of the initial weights of networks: the step is the number of the layer, the draw the place in it."""


NAMES = ("philox", "uniforms", "normals", "uniform", "normal", "lots", *shuffle.NAMES)

COMMON = """
U = np.uint64
LOW_WORD = U(0xFFFFFFFF)
WORD = U(32)
MULTIPLIER_0 = U(0xD2511F53)
MULTIPLIER_1 = U(0xCD9E8D57)
WEYL_0 = U(0x9E3779B9)
WEYL_1 = U(0xBB67AE85)
FIRST = U(0)
SECOND = U(1)
THIRD = U(2)
TWO_PI = F(6.283185307179586)


@dev
def philox(c0, c1, c2, c3, k0, k1):
    for _ in range(10):
        a = MULTIPLIER_0 * c0
        b = MULTIPLIER_1 * c2
        c0 = (b >> WORD) ^ c1 ^ k0
        c1 = b & LOW_WORD
        c2 = (a >> WORD) ^ c3 ^ k1
        c3 = a & LOW_WORD
        k0 = (k0 + WEYL_0) & LOW_WORD
        k1 = (k1 + WEYL_1) & LOW_WORD
    return c0, c1, c2, c3


@dev
def lots(seed, stream, run, step, block):
    run = U(run)
    return philox(
        run & LOW_WORD, run >> WORD, U(step) & LOW_WORD, U(block) & LOW_WORD, U(seed) & LOW_WORD, U(stream) & LOW_WORD
    )


@dev
def _unit(digits):
    return from_bits(I(digits | UNIT_BITS)) - UNIT_LESS


@dev
def _normal_pair(u, v):
    radius = sqrt(F(-2.0) * log(u))
    angle = TWO_PI * v
    return radius * cos(angle), radius * sin(angle)
"""

# A number between 1 and 2 is filled with random digits; what is taken off leaves the middle of its last digit's place.
OF_DTYPE = {
    "float64": """
UNIT_BITS = U(0x3FF0000000000000)
UNIT_LESS = F(1.0 - 2.0**-53)
DIGITS_HIGH = U(20)
DIGITS_LOW = U(12)


@dev
def uniforms(seed, stream, run, step, block):
    a, b, c, d = lots(seed, stream, run, step, block)
    return _unit((a << DIGITS_HIGH) | (b >> DIGITS_LOW)), _unit((c << DIGITS_HIGH) | (d >> DIGITS_LOW))


@dev
def normals(seed, stream, run, step, block):
    u, v = uniforms(seed, stream, run, step, block)
    return _normal_pair(u, v)


@dev
def uniform(seed, stream, run, step, draw):
    draw = U(draw)
    a, b = uniforms(seed, stream, run, step, draw >> SECOND)
    return where(draw & SECOND == FIRST, a, b)


@dev
def normal(seed, stream, run, step, draw):
    draw = U(draw)
    a, b = normals(seed, stream, run, step, draw >> SECOND)
    return where(draw & SECOND == FIRST, a, b)
""",
    "float32": """
UNIT_BITS = U(0x3F800000)
UNIT_LESS = F(1.0 - 2.0**-24)
DIGITS_LOW = U(9)


@dev
def uniforms(seed, stream, run, step, block):
    a, b, c, d = lots(seed, stream, run, step, block)
    return _unit(a >> DIGITS_LOW), _unit(b >> DIGITS_LOW), _unit(c >> DIGITS_LOW), _unit(d >> DIGITS_LOW)


@dev
def normals(seed, stream, run, step, block):
    u, v, s, t = uniforms(seed, stream, run, step, block)
    a, b = _normal_pair(u, v)
    c, d = _normal_pair(s, t)
    return a, b, c, d


@dev
def _of_four(draw, a, b, c, d):
    return where(
        draw & THIRD == FIRST, where(draw & SECOND == FIRST, a, b), where(draw & SECOND == FIRST, c, d)
    )


@dev
def uniform(seed, stream, run, step, draw):
    draw = U(draw)
    a, b, c, d = uniforms(seed, stream, run, step, draw >> THIRD)
    return _of_four(draw, a, b, c, d)


@dev
def normal(seed, stream, run, step, draw):
    draw = U(draw)
    a, b, c, d = normals(seed, stream, run, step, draw >> THIRD)
    return _of_four(draw, a, b, c, d)
""",
}


def text(dtype: str, names: Iterable[str] | None = None) -> str:
    """The functions as text that follows vmath's header and text; only what `names` need, if given."""
    whole = COMMON + OF_DTYPE[dtype] + shuffle.TEXT
    return whole if names is None else vmath.selected(whole, names)


@functools.cache
def namespace(dtype: str) -> dict[str, Callable[..., Any]]:
    """The functions for NumPy: given whole numbers or integer arrays that broadcast, they answer scalars or arrays."""
    from gdviz.vmath import arrays

    return arrays.functions(vmath.header(dtype, "numpy") + vmath.text(dtype, NEEDS) + text(dtype), NAMES, "uint64")
