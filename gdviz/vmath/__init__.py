"""Elementary functions as text that gives the same bits on NumPy arrays and in compiled lane loops.

    function    float64: range   ulp   float32: range   ulp   at the edges
    sin cos     |x| ≤ 1e6        1.6   |x| ≤ 1e4        1.6   below
    sinq cosq   |x| ≤ 2^51       1.9   |x| ≤ 2^22       2.1   below
    tan         |x| ≤ 1e6        3.2   |x| ≤ 1e4        3.8   below
    exp         all              1.0   all              1.0   0 and subnormals, inf
    log         all              0.9   all              0.9   log 0 = −inf, log of less is NaN
    log2 log10  all              0.8   all              0.8   as log; exact at powers of 2, of 10
    log1p       all              2.5   all              2.5   as log of 1 + x
    tanh        all              1.8   all              1.8
    sinh        all              3.2   all              3.2   ±inf
    cosh        all              2.2   all              2.2   inf
    cbrt        all              0.7   all              0.8   exact at cubes
    atan atan2  all              1.9   all              1.9   those of C: atan2(0, −1) = π, atan2(inf, inf) = π/4, …
    asin        |x| ≤ 1          2.5   |x| ≤ 1          2.6   NaN beyond
    acos        |x| ≤ 1          2.7   |x| ≤ 1          2.8   NaN beyond
    pow         all              1.3   all              1.2   those of C: pow(x, 0) = 1, sign of odd powers, …
    sqrt floor abs sign          exact                        sign(−0) = −0
    min max                      exact                        NaN if either is; the first of equals
    where(condition, yes, no)

The errors are the largest found (in some 10^7 float64 arguments and in every float32 one of sin and cos), rounded up;
tests/test_vmath.py measures them against mpmath. Past their range sin and cos answer for an argument that is off by a
further half ulp (error up to |x| 2^-53 or |x| 2^-24), never above 1 in magnitude; past 2^51 or 2^22 they answer NaN.
sinq and cosq are sine and cosine of x quarter turns, so of x π/2: where a formula holds a multiple of π, that is both
quicker and exact at every quarter. NaN gives NaN, signed zeros keep their sign; only sin and tan of −0 are +0.

Each function is one straight line of additions, products, divisions, selections and bit operations: no branch, no
table, no call, no fused multiply-add, so a compiler may put lanes side by side and cannot change a bit. sin and cos of
one argument share its reduction. scripts/coefficients.py fits the polynomials. A module gets its functions by

    header(dtype) + text(dtype, ["sin", "exp"])        Numba: functions of scalars, always inlined
    namespace(dtype)["sin"]                            NumPy: functions of scalars and arrays
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable
from typing import Any

from gdviz.vmath import abreast
from gdviz.vmath.body import FUNCTIONS
from gdviz.vmath.preamble import WIDTHS, preamble

NAMES = (
    *("sin", "cos", "sinq", "cosq", "tan", "exp", "log", "log2", "log10", "log1p", "tanh", "sinh", "cosh"),
    *("pow", "cbrt", "atan", "asin", "acos", "atan2"),
    *("sqrt", "floor", "abs", "sign", "min", "max", "where"),
)
"""What a namespace holds."""

DTYPES = tuple(WIDTHS)

# What differs between backends. A further one adds its header here and takes the same functions.
HEADERS = {
    "numpy": """
import numpy as np

F = np.{real}
I = np.{integer}


def dev(function):
    return function


def where(condition, yes, no):
    return np.where(condition, yes, no)[()]


def bits(x):
    return x.view(I)


def from_bits(i):
    return i.view(F)


def sqrt(x):
    return np.sqrt(x)


def floor(x):
    return np.floor(x)
""",
    "numba": """
import numpy as np
from numba import njit

dev = njit(error_model="numpy", fastmath=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
F = np.{real}
I = np.{integer}


@dev
def where(condition, yes, no):
    return yes if condition else no


@dev
def bits(x):
    return F(x).view(I)


@dev
def from_bits(i):
    return I(i).view(F)


@dev
def sqrt(x):
    return np.sqrt(x)


@dev
def floor(x):
    return np.floor(x)
""",
}


def header(dtype: str, backend: str = "numba") -> str:
    """The primitives `dev F I where bits from_bits sqrt floor` of a backend ("numpy", "numba"), as text."""
    return HEADERS[backend].format(real=dtype, integer=dtype.replace("float", "int")).lstrip()


@functools.cache
def _whole_text(dtype: str) -> str:
    return preamble(dtype) + FUNCTIONS + abreast.texts(FUNCTIONS)


def text(dtype: str, names: Iterable[str] | None = None) -> str:
    """The functions of a dtype ("float64", "float32") as text that follows a header, or only what `names` need."""
    return _whole_text(dtype) if names is None else selected(_whole_text(dtype), names)


def selected(source: str, names: Iterable[str]) -> str:
    """The functions and constants of a text that some names of it need, in their order; names it lacks are ignored."""
    lines = source.splitlines()
    pieces: dict[str, tuple[str, set[str]]] = {}
    for node in ast.parse(source).body:
        words = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if isinstance(node, ast.FunctionDef):
            first, name = min(d.lineno for d in node.decorator_list), node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            first, name = node.lineno, node.targets[0].id
        else:
            continue
        pieces[name] = ("\n".join(lines[first - 1 : node.end_lineno]), words)
    needed: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        if name in pieces and name not in needed:
            needed.add(name)
            waiting |= pieces[name][1]
    return "".join(f"\n\n{t}\n" if t.startswith("@") else f"{t}\n" for n, (t, _) in pieces.items() if n in needed)


@functools.cache
def namespace(dtype: str) -> dict[str, Callable[..., Any]]:
    """The functions for NumPy: given numbers or arrays they answer scalars or arrays of the dtype, and never warn.

    `where` takes a condition and two values.
    """
    import numpy as np

    from gdviz.vmath import arrays

    singles: dict[str, Callable[..., Any]] = {
        "sqrt": arrays.one_operation(np.sqrt, dtype),
        "floor": arrays.one_operation(np.floor, dtype),
        "abs": arrays.one_operation(np.abs, dtype),
        "where": arrays.where(dtype),
    }
    rest = [name for name in NAMES if name not in singles]
    return arrays.functions(header(dtype, "numpy") + text(dtype), rest, dtype) | singles
