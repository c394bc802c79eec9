"""vmath: accuracy as its docstring states it, C's special values, the same bits on NumPy and Numba, packed loops."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features
from numpy.typing import NDArray

from gdviz import vmath

Array = NDArray[np.floating]
ROOT = Path(__file__).parent.parent
LOGARITHMS = ("log", "log2", "log10")
ANGLES = ("atan", "asin", "acos")
GROWING = ("sinh", "cosh")
UNARY = (
    *("sin", "cos", "sinq", "cosq", "tan", "exp", *LOGARITHMS, "log1p", "tanh", *GROWING, "cbrt", *ANGLES),
    *("sqrt", "floor", "abs", "sign"),
)
BINARY = ("pow", "atan2", "min", "max")
FITTED = tuple(name for name in (*UNARY, "pow", "atan2") if name not in ("sqrt", "floor", "abs", "sign"))
NUMPY = {"pow": "power", "min": "minimum", "max": "maximum", "atan": "arctan", "asin": "arcsin", "acos": "arccos"}
NUMPY["atan2"] = "arctan2"
CIRCLE = {"float64": 1e6, "float32": 1e4}
REACH = {"float64": 2.0**51, "float32": 2.0**22}
BITS = {"float64": 53, "float32": 24}
QUARTERS = {"sinq": 0, "cosq": 1}
"""Functions of quarter turns, and by how many of them the sine is shifted."""


def of_quarters(x: Array, shift: int) -> Array:
    """Sine of x + shift quarter turns by NumPy's sine of less than one, exact at every quarter."""
    with np.errstate(invalid="ignore"):
        n = np.rint(x)
        r = (x - n) * (np.arctan(x.dtype.type(1)) * 2)
        turn = np.remainder(n + shift, 4)
        value = np.where(np.remainder(turn, 2) == 1, np.cos(r), np.sin(r))
    return np.where(turn >= 2, -value, value)


dtypes = pytest.mark.parametrize("dtype", vmath.DTYPES)
on_x86 = pytest.mark.skipif(not get_host_cpu_features().get("avx2"), reason="reads AVX2 or AVX-512 assembly")


OPTIONS = "error_model='numpy', no_cfunc_wrapper=True"
"""Of loops that Python calls and nothing compiled does."""


@functools.cache
def compiled(dtype: str) -> dict[str, Any]:
    """Lane loops over the functions of a dtype, by name; sincos gives both of one argument."""
    source = vmath.header(dtype) + vmath.text(dtype)
    for name in UNARY:
        source += f"\n@njit({OPTIONS})\ndef loop_{name}(x, out):\n"
        source += f"    for i in range(x.size):\n        out[i] = {name}(x[i])\n"
    for name in BINARY:
        source += f"\n@njit({OPTIONS})\ndef loop_{name}(x, y, out):\n"
        source += f"    for i in range(x.size):\n        out[i] = {name}(x[i], y[i])\n"
    source += f"\n@njit({OPTIONS})\ndef loop_sincos(x, out, other):\n    for i in range(x.size):\n"
    source += "        v = x[i]\n        s = sin(v)\n        c = cos(v)\n        out[i] = s\n        other[i] = c\n"
    module: dict[str, Any] = {}
    exec(source, module)
    return {name: module[f"loop_{name}"] for name in (*UNARY, *BINARY, "sincos")}


def numba(dtype: str, name: str, *arguments: Array) -> Array:
    out = np.empty_like(arguments[0])
    compiled(dtype)[name](*arguments, out)
    return out


def signs_and_values(x: Array) -> NDArray[np.signedinteger]:
    """The bits of numbers; every NaN alike, since which operand's payload survives is the processor's affair."""
    return np.where(np.isnan(x), np.array(np.nan, x.dtype), x).view(f"i{x.itemsize}")


def arguments(dtype: str, name: str, count: int) -> tuple[Array, ...]:
    """Arguments over the whole range of a function and, as many again, over its everyday part."""
    rng = np.random.default_rng(sum(map(ord, name)))
    info = np.finfo(dtype)
    near = np.exp2(rng.uniform(-40, 0, count)) * rng.choice((-1, 1), count)
    if name in {"sin", "cos", "tan", *QUARTERS}:
        wide = rng.uniform(-CIRCLE[dtype], CIRCLE[dtype], count), rng.uniform(-7, 7, count), near
    elif name == "exp":
        wide = rng.uniform(np.log(float(info.smallest_subnormal)), np.log(float(info.max)), count), near
    elif name in LOGARITHMS:
        wide = np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp, count)), rng.uniform(0.5, 2, count), 1 + near
    elif name == "log1p":
        wide = np.exp2(rng.uniform(info.minexp, info.maxexp, count)), rng.uniform(-1, 3, count), near
    elif name in GROWING:
        last = np.log(float(info.max)) + np.log(2)
        wide = rng.uniform(-last, last, count), rng.uniform(-3, 3, count), near
    elif name in ("asin", "acos"):
        wide = rng.uniform(-1, 1, count), np.sign(near) - near, near
    elif name in ("cbrt", "atan", "atan2"):
        any_ = np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp, count)) * rng.choice((-1, 1), count)
        wide = any_, rng.uniform(-4, 4, count), near
    elif name == "tanh":
        wide = rng.uniform(-22, 22, count), rng.uniform(-1, 1, count), near
    else:
        base = np.concatenate((np.exp2(rng.uniform(info.minexp, info.maxexp, count)), rng.uniform(0.5, 2, count)))
        base = base.astype(dtype)
        with np.errstate(divide="ignore"):
            power = rng.uniform(info.minexp, info.maxexp, base.size) / np.log2(base.astype(float))
        keep = np.isfinite(power)
        return base[keep], power[keep].astype(dtype)
    x = np.concatenate(wide).astype(dtype)
    if name == "atan2":
        return x, rng.permutation(x)
    return (x[x > 0] if name in LOGARITHMS else x,)


def ulps(dtype: str, name: str, *points: Array) -> float:
    """Largest error in units of the last place of the true value, which mpmath gives with 40 digits."""
    known = {"pow": mpmath.power, "sinq": lambda x: mpmath.sinpi(x / 2), "cosq": lambda x: mpmath.cospi(x / 2)}
    known |= {"log2": lambda x: mpmath.log(x, 2), "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))}
    exact: Callable[..., Any] = known.get(name) or getattr(mpmath, name)
    info = np.finfo(dtype)
    found = vmath.namespace(dtype)[name](*points)
    worst = 0.0
    with mpmath.workdps(40):
        for *given, answer in zip(*(p.tolist() for p in points), found.tolist(), strict=True):
            true = exact(*map(mpmath.mpf, given))
            if abs(true) > float(info.max) or not true:
                continue
            place = max(mpmath.frexp(true)[1], info.minexp + 1) - info.nmant - 1
            worst = max(worst, float(abs(answer - true) / mpmath.ldexp(1, place)))
    return worst


def stated(dtype: str, name: str) -> float:
    """The bound that the docstring's table gives."""
    for line in (vmath.__doc__ or "").splitlines():
        names, numbers = line[:15].split(), re.findall(r"\b\d\.\d\b", line)
        if name in names and len(numbers) == 2:
            return float(numbers[vmath.DTYPES.index(dtype)])
    raise AssertionError(f"the table does not state {name}")


@dtypes
@pytest.mark.parametrize("name", FITTED)
def test_the_table_states_the_error(dtype: str, name: str) -> None:
    found = ulps(dtype, name, *arguments(dtype, name, 1500))
    assert stated(dtype, name) - 1.2 < found <= stated(dtype, name), found


@pytest.mark.parametrize("name", FITTED)
def test_the_table_holds_on_many_float32(name: str) -> None:
    """float64 functions of the library are reference enough."""
    points = arguments("float32", name, 500_000)
    with np.errstate(all="ignore"):
        wide = [p.astype(float) for p in points]
        true = of_quarters(wide[0], QUARTERS[name]) if name in QUARTERS else getattr(np, NUMPY.get(name, name))(*wide)
        found = vmath.namespace("float32")[name](*points)
        place = np.maximum(np.frexp(true)[1], -125) - 24
        error = np.where(np.abs(true) < np.finfo("float32").max, np.abs(found - true), 0) / np.ldexp(1.0, place)
    assert error.max() <= stated("float32", name)


def hardest(dtype: str) -> Array:
    """Numbers of every binade up to the stated range that come nearest to a multiple of π/2, by continued fractions."""
    digits, points = BITS[dtype], []
    with mpmath.workdps(60):
        for exponent in range(int(np.log2(CIRCLE[dtype])) + 1):
            step = mpmath.ldexp(1, exponent + 1 - digits) / (mpmath.pi / 2)
            rest, before, denominator = step, 0, 1
            while denominator < 2**digits:
                if 2 ** (digits - 1) <= denominator:
                    points.append(float(mpmath.ldexp(denominator, exponent + 1 - digits)))
                elif denominator > 2 ** (digits - 12):
                    times = -(-(2 ** (digits - 1)) // denominator)
                    points.append(float(mpmath.ldexp(denominator * times, exponent + 1 - digits)))
                rest = 1 / (rest - mpmath.floor(rest))
                before, denominator = denominator, int(mpmath.floor(rest)) * denominator + before
    return np.array([p for p in points if p <= CIRCLE[dtype]], dtype)


@dtypes
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_next_to_multiples_of_a_quarter_turn_digits_are_kept(dtype: str, name: str) -> None:
    points = hardest(dtype)
    assert len(points) >= 10
    away = np.abs(np.sin(2 * points.astype(float))).min()
    assert away < 2.0 ** (12 - BITS[dtype]), "the points are not hard"
    assert ulps(dtype, name, points) <= stated(dtype, name)


@dtypes
def test_past_the_range_the_argument_is_off_by_half_an_ulp(dtype: str) -> None:
    x = np.exp2(np.random.default_rng(1).uniform(np.log2(CIRCLE[dtype]), np.log2(REACH[dtype]), 3000)).astype(dtype)
    x = np.concatenate((x, -x))
    functions = vmath.namespace(dtype)
    for name, exact in (("sin", mpmath.sin), ("cos", mpmath.cos)):
        found = functions[name](x)
        assert np.abs(found).max() <= 1
        true = np.array([float(exact(v)) for v in x.tolist()])
        assert (np.abs(found - true) <= 1.01 * np.abs(x.astype(float)) * 2.0 ** -BITS[dtype]).all()
        assert np.isnan(functions[name](x * np.finfo(dtype).max ** 0.5)).all()


@dtypes
def test_no_sine_is_above_one(dtype: str) -> None:
    quarter = (np.arange(-200_000, 200_000) * (np.pi / 2)).astype(dtype)
    for x in (quarter, np.nextafter(quarter, np.inf), np.nextafter(quarter, -np.inf)):
        for name in ("sin", "cos"):
            assert np.abs(vmath.namespace(dtype)[name](x)).max() <= 1
        for name in QUARTERS:
            quarters = x / x.dtype.type(np.pi / 2)
            assert np.abs(vmath.namespace(dtype)[name](quarters)).max() <= 1


@dtypes
def test_quarter_turns_are_exact(dtype: str) -> None:
    functions, last = vmath.namespace(dtype), REACH[dtype]
    n = np.concatenate((np.arange(-4000, 4000), last - np.arange(1000), -last + np.arange(1000))).astype(dtype)
    turn = np.remainder(n, 4).astype(int)
    np.testing.assert_array_equal(functions["sinq"](n), np.array([0, 1, 0, -1], dtype)[turn])
    np.testing.assert_array_equal(functions["cosq"](n), np.array([1, 0, -1, 0], dtype)[turn])
    beyond = np.array([last * 1.01, last * 1e6, np.inf, -np.inf, np.nan], dtype)
    for name in QUARTERS:
        assert np.isnan(functions[name](beyond)).all()


@dtypes
def test_powers_and_cubes_are_exact(dtype: str) -> None:
    functions, info = vmath.namespace(dtype), np.finfo(dtype)
    twos = np.arange(info.minexp - info.nmant, info.maxexp)
    np.testing.assert_array_equal(functions["log2"](np.ldexp(np.ones(len(twos), dtype), twos)), twos)
    tens = np.arange(-int(info.precision) - 20, 38)
    np.testing.assert_array_equal(functions["log10"](np.array([float(f"1e{n}") for n in tens], dtype)), tens)
    whole = np.arange(-200.0, 200.0).astype(dtype)
    np.testing.assert_array_equal(functions["cbrt"](whole**3), whole)


@dtypes
def test_zeros_keep_their_sign(dtype: str) -> None:
    for name in UNARY:
        for zero in (0.0, -0.0):
            answer = vmath.namespace(dtype)[name](np.array([zero], dtype))
            if answer[0] == 0:
                assert np.signbit(answer[0]) == (np.signbit(zero) and name not in {"sin", "tan", "abs"})


def special(dtype: str) -> Array:
    info = np.finfo(dtype)
    positive = [
        0,
        0.5,
        1,
        2,
        2.5,
        3,
        7,
        700,
        1e6,
        2.0 ** BITS[dtype] - 1,
        2.0 ** BITS[dtype],
        2.0 ** (BITS[dtype] - 1) + 1,
    ]
    positive += [
        1e30,
        1e-30,
        info.max,
        info.tiny,
        info.smallest_subnormal,
        1 + info.eps,
        1 - info.epsneg,
        np.inf,
        np.nan,
    ]
    positive += [709.78, 709.79, 745.1, 745.2, 746, 88.72, 88.73, 89, 103.9, 104, 104.1, 0.5493, 0.5494, 10, 20]
    return np.array([sign * value for value in positive for sign in (1, -1)], dtype)


@dtypes
@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_special_values_are_those_of_c(dtype: str, name: str) -> None:
    x = special(dtype)
    points = (x, x) if name in BINARY else (x,)
    if name in BINARY:
        points = tuple(p.ravel() for p in np.meshgrid(x, x))
    elif name in {"sin", "cos", "tan", *QUARTERS}:
        points = (x[(np.abs(x) <= CIRCLE[dtype]) | ~np.isfinite(x)],)
    library: Callable[..., Any]
    if name in QUARTERS:
        library = functools.partial(of_quarters, shift=QUARTERS[name])
    else:
        library = getattr(np, NUMPY.get(name, name))
    with np.errstate(all="ignore"):
        wide = np.longdouble if name in FITTED else dtype  # the library's own float32 functions are less exact
        true = library(*(p.astype(wide) for p in points)).astype(dtype)
    found = vmath.namespace(dtype)[name](*points)
    assert np.array_equal(np.isnan(found), np.isnan(true))
    edge = np.isinf(true) | (true == 0)
    assert np.array_equal(found[edge], true[edge])
    if name not in {"min", "max", "sign", *QUARTERS}:
        assert np.array_equal(np.signbit(found[edge]), np.signbit(true[edge]))
    smallest = np.finfo(dtype).smallest_subnormal
    inner = ~edge & np.isfinite(true)
    assert np.isfinite(found[inner]).all()
    error = np.abs(found[inner].astype(np.longdouble) - true[inner].astype(np.longdouble))
    assert (error <= 3 * np.finfo(dtype).epsneg * 2 * np.abs(true[inner].astype(np.longdouble)) + smallest).all()


def every_kind(dtype: str, count: int, seed: int) -> Array:
    """Random bit patterns (every exponent, NaN and infinity, subnormals) and everyday numbers."""
    rng = np.random.default_rng(seed)
    size = np.dtype(dtype).itemsize
    patterns = rng.integers(0, 2 ** (8 * size) - 1, count, np.uint64, endpoint=True).astype(f"u{size}").view(dtype)
    return np.concatenate((patterns, rng.uniform(-800, 800, count).astype(dtype), rng.normal(size=count).astype(dtype)))


@dtypes
@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_numpy_and_numba_agree_bit_for_bit(dtype: str, name: str) -> None:
    points = [every_kind(dtype, 400_000, seed) for seed in range(2 if name in BINARY else 1)]
    special_points = [special(dtype)] if name in UNARY else np.meshgrid(special(dtype), special(dtype))
    points = [np.concatenate((p, s.ravel())) for p, s in zip(points, special_points, strict=True)]
    ours = vmath.namespace(dtype)[name](*points)
    assert ours.dtype == dtype
    assert np.array_equal(signs_and_values(ours), signs_and_values(numba(dtype, name, *points)))
    for place in range(0, len(ours), len(ours) // 40):  # scalars go another way through NumPy
        one = vmath.namespace(dtype)[name](*(p[place] for p in points))
        assert type(one) is np.dtype(dtype).type
        assert np.array_equal(one, ours[place], equal_nan=True)


@dtypes
def test_python_numbers_become_the_dtype(dtype: str) -> None:
    functions = vmath.namespace(dtype)
    kind = np.dtype(dtype).type
    assert type(functions["exp"](0)) is kind
    assert functions["exp"](0) == 1
    assert type(functions["pow"](2, 3.0)) is kind
    assert functions["pow"](2, 3.0) == 8
    assert type(functions["where"](True, 1, 2)) is kind
    assert functions["where"](np.array([True, False]), 1.5, kind(2)).tolist() == [1.5, 2.0]
    assert functions["sin"](np.zeros((2, 3))[:, ::2]).shape == (2, 2)


@dtypes
def test_shape_and_number_of_elements_do_not_matter(dtype: str) -> None:
    """Few elements, blocks and single numbers go different ways."""
    functions = vmath.namespace(dtype)
    x = every_kind(dtype, 5000, 4)
    whole = functions["pow"](np.abs(x), x[::-1])
    for count in (0, 1, 3, 5, 4097):
        assert np.array_equal(functions["pow"](np.abs(x[:count]), x[::-1][:count]), whole[:count], equal_nan=True)
    table = functions["exp"](x[:60].reshape(3, 4, 5)[:, ::2])
    assert np.array_equal(table, functions["exp"](x[:60]).reshape(3, 4, 5)[:, ::2], equal_nan=True)
    column = functions["max"](x[:7, None], x[None, :9])
    assert column.shape == (7, 9)
    assert np.array_equal(column[3], functions["max"](x[3], x[:9]), equal_nan=True)


@dtypes
def test_symmetries_are_exact(dtype: str) -> None:
    functions, x = vmath.namespace(dtype), every_kind(dtype, 20_000, 3)
    for name in ("sin", "sinq", "tan", "tanh", "sinh", "cbrt", "atan", "asin"):
        assert np.array_equal(functions[name](-x), -functions[name](x), equal_nan=True)
    for name in ("cos", "cosq", "cosh"):
        assert np.array_equal(functions[name](-x), functions[name](x), equal_nan=True)


def lane_loop(dtype: str, name: str) -> list[str]:
    """Instructions of the innermost loop with most packed arithmetic."""
    x = np.ones(8, dtype)
    compiled(dtype)[name](x, x.copy(), x.copy()) if name in {*BINARY, "sincos"} else numba(dtype, name, x)
    (assembly,) = compiled(dtype)[name].inspect_asm().values()
    lines = assembly.splitlines()
    labels = {line[:-1]: i for i, line in enumerate(lines) if re.fullmatch(r"[.\w$]+:", line)}
    loops = []
    for i, line in enumerate(lines):
        jump = re.match(r"\s+j\w+\s+(\S+)", line)
        if jump and labels.get(jump[1], i) < i:
            loops.append((labels[jump[1]], i))
    innermost = [
        [text.strip() for text in lines[first : last + 1]]
        for first, last in loops
        if not any(first <= other[0] and other[1] <= last for other in loops if other != (first, last))
    ]
    return max(innermost, key=lambda loop: sum(bool(PACKED.match(text)) for text in loop))


PACKED = re.compile(
    r"v?(add|sub|mul|div|sqrt|rndscale|round|and|cmp\w*|blend\w*)p[sd]\b|vp?(blendm|ternlog|and|cmp)\w*"
)


@on_x86
@dtypes
@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_lane_loops_are_packed_and_call_nothing(dtype: str, name: str) -> None:
    loop = lane_loop(dtype, name)
    assert any(PACKED.match(text) for text in loop), "nothing packed"
    assert not [text for text in loop if text.startswith("call")]
    assert not [text for text in loop if re.match(r"v?(add|sub|mul|div|sqrt)s[sd]\b", text)], "scalar arithmetic"
    if dtype == "float32":
        assert not [text for text in loop if re.match(r"v?(add|sub|mul|div|cvt\w*2)(p|s)d\b", text)], (
            "float64 arithmetic"
        )


@on_x86
@dtypes
def test_sine_and_cosine_of_one_argument_share_the_reduction(dtype: str) -> None:
    def products(name: str, results: int) -> float:
        """Packed products per lane group."""
        loop = lane_loop(dtype, name)
        stores = sum(bool(re.match(r"v?movup[sd]\s+%\w+, .*\(", text)) for text in loop)
        return sum(bool(re.match(r"v?mulp[sd]", text)) for text in loop) * results / stores

    assert products("sincos", 2) <= products("sin", 1) + products("cos", 1) - 5


@dtypes
@pytest.mark.parametrize("name", FITTED)
def test_no_operation_is_fused(dtype: str, name: str) -> None:
    numba(dtype, name, *[np.ones(8, dtype)] * (2 if name in BINARY else 1))
    (assembly,) = compiled(dtype)[name].inspect_asm().values()
    assert not re.search(r"\b(vfn?m(add|sub)\w*|fn?m(add|sub)|fml[as])\b", assembly)


@dtypes
def test_a_part_of_the_text_stands_alone(dtype: str) -> None:
    part = vmath.text(dtype, ["tanh", "unknown"])
    assert "def tanh" in part
    assert "def _circle" not in part
    module: dict[str, Any] = {}
    exec(vmath.header(dtype, "numpy") + part, module)
    x = np.linspace(-3, 3, 101, dtype=dtype)
    assert np.array_equal(module["tanh"](x), vmath.namespace(dtype)["tanh"](x))


def test_coefficients_are_what_the_script_fits() -> None:
    script = ROOT / "scripts" / "coefficients.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run scripts/coefficients.py\n{done.stderr}"
