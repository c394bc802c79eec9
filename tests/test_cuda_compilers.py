"""What compilers of CUDA make of small kernels, run without a device: all that their texts say, bit for bit.

Products and sums that were fused are taken apart again (`ptx.py`); nothing else may differ.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from simulated.launching import STEPS, TOY, expected, values

from gdviz.backends.cuda import api
from gdviz.backends.cuda.diagnosis import KNOWN, philox_kernel
from gdviz.backends.cuda.launch import types_of
from gdviz.backends.cuda.records import Argument, FlatKernel
from gdviz.emit.expression import EmissionError
from gdviz.vmath import random

pytestmark = pytest.mark.skipif(
    api.compiler() is None,
    reason='needs no device, but a toolkit of CUDA, or pip install "numba-cuda-mlir[cu13]", 310 MB',
)
if api.compiler() is not None:
    from emulated import PACKAGE, faults, ran, text_of

links = pytest.mark.skipif(
    "numba_cuda_mlir" not in api.installed(),
    reason='is done without a device with pip install "numba-cuda-mlir[cu13]" only',
)
dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])


def of(kernel: FlatKernel, dtype: str) -> FlatKernel:
    """A kernel of float64 in a dtype."""
    arguments = (a._replace(dtype=dtype if a.dtype == "float64" else a.dtype) for a in kernel.arguments)
    return kernel._replace(dtype=dtype, arguments=tuple(arguments))


@dtypes
@pytest.mark.parametrize("ends", [(STEPS,), (1, STEPS), (2, 3, 8, STEPS)])
def test_compilers_make_what_the_text_says(dtype: str, ends: tuple[int, ...]) -> None:
    kernel = of(TOY, dtype)
    text = text_of(kernel)
    assert not faults(kernel, text)
    made = ran(kernel, text, values(21), ends)
    for name, array in expected(21, dtype=dtype).items():
        np.testing.assert_array_equal(made[name], array, err_msg=name)


SMALL = """
def descend(x, h, out, yes, first, count, begin, end):
    i = cuda.grid(1)
    if i >= count:
        return
    own = cuda.local.array(4, F)
    for k in range(4):
        own[k] = x[k, i] * h[k]
    a = own[0]
    out[0, i] = sqrt(a)
    out[1, i] = floor(a)
    out[2, i] = from_bits(bits(a) + I(1))
    out[3, i] = abs(a) + sqrt(own[1]) * floor(own[2])
    out[4, i] = NAN if a > INF else own[(first + np.int64(i)) & np.int64(3)]
    out[5, i] = mul(a, own[1]) + own[2]
    yes[0, i] = np.int8(finite(a))
    yes[1, i] = np.int8(a != a)
    yes[2, i] = np.int8(a != own[1])
    yes[3, i] = np.int8(not (a < own[1]) or ((a >= own[2]) & (own[1] == own[1])))
"""


@dtypes
@pytest.mark.parametrize("capability", [(7, 5), (9, 0), pytest.param((12, 0), marks=links)], ids=str)
def test_words_of_headers(dtype: str, capability: tuple[int, int]) -> None:
    """At infinities, NaN and zeros too, in float32 without a trace of float64, by either way that compilers have: for
    capabilities from 10.0 on code is made of other parts."""
    arguments = (
        Argument("x", dtype, 2, "run"),
        Argument("h", dtype, 1, "in"),
        Argument("out", dtype, 2, "out", (6,)),
        Argument("yes", "int8", 2, "out", (4,)),
    )
    kernel = FlatKernel("words", dtype, SMALL, arguments)
    odd = [0.0, -0.0, 1.5, -2.75, np.inf, -np.inf, np.nan, 1e-30, 7e30]
    x = np.array([odd, odd[3:] + odd[:3], odd[5:] + odd[:5], odd[7:] + odd[:7]]).astype(dtype)
    h = np.array([1.0, 2.0, 0.5, -1.0], dtype)
    text = text_of(kernel, capability)
    assert not faults(kernel, text)
    made = ran(kernel, text, {"x": x, "h": h}, (1,))
    with np.errstate(all="ignore"):
        a, b, c, d = x * h[:, None]
        whole = f"int{8 * x.itemsize}"
        out = [np.sqrt(a), np.floor(a), (a.view(whole) + 1).view(dtype), np.abs(a) + np.sqrt(b) * np.floor(c)]
        out += [np.choose(np.arange(9) & 3, [a, b, c, d]), a * b + c]
    np.testing.assert_array_equal(made["out"].T, out)
    yes = [np.isfinite(a), a != a, a != b, ~(a < b) | (a >= c) & (b == b)]
    np.testing.assert_array_equal(made["yes"].T, np.array(yes, np.int8))


def test_products_that_stay_products() -> None:
    """`mul` is never fused with a sum, and other products are."""
    text = SMALL.replace("out[5, i] = mul(a, own[1]) + own[2]", "out[5, i] = {} + h[2]").replace("* floor(own[2])", "")
    kernel = FlatKernel("words", "float64", text, (*[Argument(n, "float64", k, r) for n, k, r in GIVEN], YES))
    assert "fma.rn.f64" not in text_of(kernel._replace(text=text.format("mul(a, own[1])")))
    assert "fma.rn.f64" in text_of(kernel._replace(text=text.format("a * own[1]")))


GIVEN = (("x", 2, "run"), ("h", 1, "in"), ("out", 2, "out"))
YES = Argument("yes", "int8", 2, "out", (4,))


def test_devices_draw_as_the_processor() -> None:
    """Philox's known words, and many more, by the compiler's own integers."""
    kernel = philox_kernel()
    counters = np.random.default_rng(1).integers(0, 2**32, (6, 40), np.uint64)
    counters[:, : len(KNOWN)] = np.array([given for given, _ in KNOWN], np.uint64).T
    words = ran(kernel, text_of(kernel), {"given": counters}, (1,))["words"]
    np.testing.assert_array_equal(words[: len(KNOWN)], np.array([answer for _, answer in KNOWN], np.uint64))
    np.testing.assert_array_equal(words.T, np.stack(random.namespace("float64")["philox"](*counters)))


@links
def test_a_kernel_that_does_not_compile_is_told_with_what_it_is_made_of() -> None:
    assert PACKAGE is not None
    broken = TOY._replace(text=TOY.text.replace("number[i] = first", "number[i] = first.nothing"), what="gd on booth")
    with (
        PACKAGE.pretended((9, 0)),
        pytest.raises(EmissionError, match=r"no CUDA kernel can be compiled of gd on booth by .*; use --backend cpu"),
    ):
        PACKAGE.compiled(broken.text, "descend", "float64", types_of(broken), broken.what)


COMPILES = """
import warnings
warnings.simplefilter("ignore")
from emulated import PACKAGE
from gdviz.backends.cuda.launch import types_of
from simulated.launching import TOY
with PACKAGE.pretended((9, 0)):
    PACKAGE.compiled(TOY.text, "descend", "float64", types_of(TOY), "a toy")
(made,) = PACKAGE.dispatchers.values()
print(sum(made.stats.cache_hits.values()), sum(made.stats.cache_misses.values()))
"""


@links
def test_what_was_compiled_is_loaded_by_the_next_process(tmp_path: Path) -> None:
    """And a damaged file is made again; as no device is there, nothing is launched."""
    tests = Path(__file__).parent
    environment = {"PYTHONPATH": f"{tests}:{tests.parent}", "GDVIZ_CACHE_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def told() -> str:
        command = [sys.executable, "-c", COMPILES]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert told() == "0 1" and told() == "1 0"
    (file,) = (tmp_path / "numba").rglob("*.nbc")
    file.write_bytes(file.read_bytes()[:-200] + b"damaged")
    assert told() == "0 1"
