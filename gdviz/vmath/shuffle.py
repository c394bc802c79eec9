"""Samples of batches as text for every backend: places of a random order that nobody stores, and single draws.

    function                                answers
    scaled(word, count)                     a number below count, of a word below 2^32
    shuffled(place, count, a, b, c, d)      which of `count` things stands at a place of an order drawn by four words
    turned(place, count, a)                 the same before the first round, and
    swapped(x, count, mirror, coin)         after a round, whose own numbers are
    mirror(number, count, b, d)             that of its mirror
    coin(number, c)                         and that of its coins

A random order is a rotation and then ROUNDS rounds of swap-or-not (Hoang, Morris & Rogaway 2012,
doi:10.1007/978-3-642-32009-5_1): a round pairs x with k − x for a random k and swaps those pairs whose coin says so. So
every place holds every thing equally often, and two places hold every pair equally often but for a share of
2^-ROUNDS. A round's own numbers are the same for all places; with these at hand it costs some fifteen operations on
32 bits. Counts are below 2^31; numbers are uniform but for a
share of count / 2^32.
"""

from __future__ import annotations

NAMES = ("scaled", "shuffled", "turned", "swapped", "mirror", "coin")

ROUNDS = 16
"""Rounds of swap-or-not."""

TEXT = f"""
W32 = np.uint32
HALF_WORD = W32(16)
LAST_BITS = W32(15)
MIX_1 = W32(0x7FEB352D)
MIX_2 = W32(0x846CA68B)
STEP_1 = W32(0x9E3779B9)
STEP_2 = W32(0xBB67AE85)
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
def turned(place, count, a):
    x = W32(W32(place) + scaled(a, count))
    return where(x >= W32(count), W32(x - W32(count)), x)


@dev
def mirror(number, count, b, d):
    return scaled(_mixed(W32(W32(b) + W32(number) * STEP_1) ^ W32(d)), count)


@dev
def coin(number, c):
    return _mixed(W32(W32(c) + W32(number) * STEP_2))


@dev
def swapped(x, count, mirror, coin):
    other = where(x > mirror, W32(W32(mirror + W32(count)) - x), W32(mirror - x))
    return where(_mixed(W32(where(x > other, x, other) ^ coin)) >= HEADS, other, x)


@dev
def shuffled(place, count, a, b, c, d):
    x = turned(place, count, a)
    for number in range({ROUNDS}):
        x = swapped(x, W32(count), mirror(number, count, b, d), coin(number, c))
    return x
"""
