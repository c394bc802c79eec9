"""random: the published words of Philox, the same numbers on every backend, and laws they should follow."""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features
from numpy.typing import NDArray
from scipy import stats

from gdviz import vmath
from gdviz.vmath import random

dtypes = pytest.mark.parametrize("dtype", vmath.DTYPES)
MANY = 1 << 18

# Counter, key and words published with Random123 (kat_vectors, philox4x32 of 10 rounds).
PUBLISHED = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),  # the digits of π
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@functools.cache
def compiled(dtype: str) -> dict[str, Any]:
    """Loops over runs: out[number of the block, run], or out[run] of one draw."""
    source = vmath.header(dtype) + vmath.text(dtype, random.NEEDS) + random.text(dtype)
    places = range(random.PER_BLOCK[dtype])
    for name in ("uniforms", "normals"):
        source += f"\n@njit(error_model='numpy')\ndef loop_{name}(seed, stream, run, step, block, out):\n"
        source += "    for i in range(out.shape[1]):\n"
        source += f"        {', '.join(f'n{k}' for k in places)} = {name}(seed, stream, run + i, step, block)\n"
        source += "".join(f"        out[{k}, i] = n{k}\n" for k in places)
        source += f"\n@njit(error_model='numpy')\ndef loop_{name[:-1]}(seed, stream, run, step, draw, out):\n"
        source += f"    for i in range(out.size):\n        out[i] = {name[:-1]}(seed, stream, run + i, step, draw)\n"
    module: dict[str, Any] = {}
    exec(source, module)
    return {name: module[f"loop_{name}"] for name in ("uniforms", "normals", "uniform", "normal")}


def draw(dtype: str, name: str, *, seed: int = 1, stream: int = 0, step: int = 1, count: int = MANY) -> NDArray[Any]:
    """Numbers dtype[number of the block, run] of block 0."""
    return np.stack(random.namespace(dtype)[name](seed, stream, np.arange(count), step, 0))


@dtypes
def test_words_are_the_published_ones(dtype: str) -> None:
    philox = random.namespace(dtype)["philox"]
    for counter, key, words in PUBLISHED:
        assert tuple(map(int, philox(*counter, *key))) == words
    together = philox(*np.array([(*counter, *key) for counter, key, _ in PUBLISHED]).T)
    assert np.array_equal(np.stack(together).T, [words for *_, words in PUBLISHED])


def test_every_number_has_its_own_counter() -> None:
    """run in the two low words, step and block in the others, seed and stream in the key."""
    functions = random.namespace("float64")
    run, step, block, seed, stream = (5 << 32) + 7, 0xFFFFFFFF, 3, 0xDEADBEEF, 2
    a, b, c, d = map(int, functions["philox"](7, 5, step, block, seed, stream))
    u, v = functions["uniforms"](seed, stream, run, step, block)
    assert u == ((a << 20 | b >> 12) + 0.5) / 2**52
    assert v == ((c << 20 | d >> 12) + 0.5) / 2**52
    four = random.namespace("float32")["uniforms"](seed, stream, run, step, block)
    assert [float(n) for n in four] == [((word >> 9) + 0.5) / 2**23 for word in (a, b, c, d)]


@dtypes
def test_numbered_draws_are_those_of_their_blocks(dtype: str) -> None:
    functions, per = random.namespace(dtype), random.PER_BLOCK[dtype]
    for one, many in (("uniform", "uniforms"), ("normal", "normals")):
        for number in range(3 * per):
            assert functions[one](9, 1, 4, 2, number) == functions[many](9, 1, 4, 2, number // per)[number % per]


@dtypes
def test_numpy_and_numba_agree_bit_for_bit(dtype: str) -> None:
    first, count = 2**32 - 30_000, 60_001  # over the end of the low word of the run
    runs = np.arange(first, first + count)
    for name in ("uniforms", "normals"):
        block = np.empty((random.PER_BLOCK[dtype], count), dtype)
        compiled(dtype)[name](7, 3, first, 2**31 + 5, 11, block)
        ours = np.stack(random.namespace(dtype)[name](7, 3, runs, 2**31 + 5, 11))
        assert ours.dtype == dtype
        assert np.array_equal(ours, block)
        single = np.empty(count, dtype)
        compiled(dtype)[name[:-1]](7, 3, first, 12, 5, single)
        assert np.array_equal(random.namespace(dtype)[name[:-1]](7, 3, runs, 12, 5), single)
        one = random.namespace(dtype)[name[:-1]](7, 3, first + 17, 12, 5)
        assert type(one) is np.dtype(dtype).type
        assert one == single[17]


@pytest.mark.skipif(not get_host_cpu_features().get("avx2"), reason="reads AVX2 or AVX-512 assembly")
@dtypes
@pytest.mark.parametrize("name", ["uniforms", "normals"])
def test_loops_over_runs_are_packed_and_call_nothing(dtype: str, name: str) -> None:
    compiled(dtype)[name](1, 2, 3, 4, 5, np.empty((random.PER_BLOCK[dtype], 64), dtype))
    assembly = next(iter(compiled(dtype)[name].inspect_asm().values()))
    lines = assembly.splitlines()
    labels = {line[:-1]: i for i, line in enumerate(lines) if re.fullmatch(r"[.\w$]+:", line)}
    jumps = [(i, m[1]) for i, line in enumerate(lines) if (m := re.match(r"\s+j\w+\s+(\S+)", line))]
    loops = [lines[labels[to] : i] for i, to in jumps if labels.get(to, i) < i]
    loop = max(loops, key=lambda texts: sum("pmuludq" in text for text in texts))
    assert sum("pmuludq" in text for text in loop) >= 18, "ten rounds of two products, some of them for all runs"
    assert not [text for text in loop if re.match(r"\s+call", text)]
    if dtype == "float32":
        assert not [text for text in loop if re.match(r"\s+v?(add|sub|mul|div|sqrt)[ps]d\b", text)]


@dtypes
def test_uniform_numbers_stay_inside_and_are_symmetric(dtype: str) -> None:
    u = draw(dtype, "uniforms")
    step = 2.0**-53 if dtype == "float64" else 2.0**-24
    assert 0 < u.min() < u.max() < 1
    odd = u.astype(float) / step
    assert (odd % 2 == 1).all()
    module: dict[str, Any] = {}
    exec(vmath.header(dtype, "numpy") + vmath.text(dtype, random.NEEDS) + random.text(dtype), module)
    last = np.uint64(2**52 - 1 if dtype == "float64" else 2**23 - 1)
    assert module["_unit"](np.uint64(0)) == step
    assert module["_unit"](last) == 1 - step


@dtypes
@pytest.mark.parametrize(("name", "law"), [("uniforms", stats.uniform), ("normals", stats.norm)])
def test_numbers_follow_their_law(dtype: str, name: str, law: Any) -> None:
    """Kolmogorov-Smirnov, and moments within 4.5 standard errors; seeds are fixed, so this is the same on every run."""
    for numbers in draw(dtype, name, seed=11).astype(float):
        assert stats.kstest(numbers, law.cdf).pvalue > 1e-3
        centred = numbers - law.mean()
        for order in (1, 2, 3, 4):
            expected, spread = (law.expect(lambda x, k=k: (x - law.mean()) ** k) for k in (order, 2 * order))
            error = np.sqrt((spread - expected**2) / numbers.size)
            assert abs((centred**order).mean() - expected) < 4.5 * error


@dtypes
def test_words_use_every_digit(dtype: str) -> None:
    """Each random bit is set in half of the numbers, within 5 standard errors."""
    digits = 52 if dtype == "float64" else 23
    whole = np.floor(draw(dtype, "uniforms", seed=5).astype(float) * 2.0**digits).astype(np.int64).ravel()
    for bit in range(digits):
        assert abs((whole >> bit & 1).mean() - 0.5) < 5 * 0.5 / np.sqrt(whole.size)


@dtypes
@pytest.mark.parametrize("name", ["uniforms", "normals"])
def test_neighbouring_places_are_uncorrelated(dtype: str, name: str) -> None:
    base = draw(dtype, name)
    others = {
        "seed": draw(dtype, name, seed=2)[0],
        "stream": draw(dtype, name, stream=1)[0],
        "step": draw(dtype, name, step=2)[0],
        "next run": np.roll(base[0], 1),
        "next number": base[1],
        "last number": base[-1],
    }
    for place, other in others.items():
        for a, b in ((base[0], other), ((base[0] - base[0].mean()) ** 2, (other - other.mean()) ** 2)):
            correlation = np.corrcoef(a.astype(float), b.astype(float))[0, 1]
            assert abs(correlation) < 4.5 / np.sqrt(MANY), place


def test_numbers_below_nothing_are_refused() -> None:
    with pytest.raises(OverflowError):
        random.namespace("float64")["uniform"](-1, 0, 0, 0, 0)
