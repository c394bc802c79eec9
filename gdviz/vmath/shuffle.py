"""Samples of batches as text for every backend: places of a random order that nobody stores, and single draws.

    function                                answers
    scaled(word, count)                     a number below count, of a word below 2^32
    shuffled(place, count, a, b, c, d)      which of `count` things stands at a place of an order drawn by four words

A random order is a rotation and then ROUNDS rounds of swap-or-not (Hoang, Morris & Rogaway 2012,
doi:10.1007/978-3-642-32009-5_1): a round pairs x with k − x for a random k and swaps those pairs whose coin says so. So
every place holds every thing equally often, and two places hold every pair equally often but for a share of
2^-ROUNDS; each round costs a lane some ten operations on 32 bits. Counts are below 2^31; numbers are uniform but for a
share of count / 2^32.
"""

from __future__ import annotations

NAMES = ("scaled", "shuffled")

ROUNDS = 16
"""Rounds of swap-or-not."""

# Written out: of a loop this long LLVM would not put lanes side by side.
_ROUNDS = "\n    ".join(
    f"x = _round(x, count, W32(b + W32({i * 0x9E3779B9 % 2**32})), W32(c + W32({i * 0xBB67AE85 % 2**32})), d)"
    for i in range(1, ROUNDS + 1)
)

TEXT = f"""
W32 = np.uint32
HALF_WORD = W32(16)
LAST_BITS = W32(15)
MIX_1 = W32(0x7FEB352D)
MIX_2 = W32(0x846CA68B)
HEADS = W32(0x80000000)


@dev
def _mixed(x):
    x = W32(W32(x ^ (x >> HALF_WORD)) * MIX_1)
    x = W32(W32(x ^ (x >> LAST_BITS)) * MIX_2)
    return W32(x ^ (x >> HALF_WORD))


@dev
def scaled(word, count):
    return W32((U(word) * U(count)) >> WORD)


@dev
def _round(x, count, b, c, d):
    mirror = scaled(_mixed(W32(b ^ d)), count)
    other = where(x > mirror, W32(W32(mirror + count) - x), W32(mirror - x))
    coin = _mixed(W32(where(x > other, x, other) ^ _mixed(c)))
    return where(coin >= HEADS, other, x)


@dev
def shuffled(place, count, a, b, c, d):
    count = W32(count)
    b, c, d = W32(b), W32(c), W32(d)
    x = W32(W32(place) + scaled(a, count))
    x = where(x >= count, W32(x - count), x)
    {_ROUNDS}
    return x
"""
