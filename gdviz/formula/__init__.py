"""The functions that definitions may call: they answer floats, arrays and SymPy symbols alike.

    sqrt cbrt exp log log2 log10 log1p abs sign floor     one argument
    sin cos tan asin acos atan sinh cosh tanh
    max min atan2 where                                   of two values; where(condition, yes, no)
    dot norm total largest                                over the coordinates of a step rule (axis 0)
    solve times eigen diagonal                            of a matrix, such as the Hessian
    pi

On NumPy values of float64 and float32 these are vmath's, so that every backend computes the same bits. Nothing heavy is
imported here: NumPy and SymPy are reached only when one of their values arrives.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

pi = math.pi

TIP = 1e-36
"""What definitions add under a root whose slope is infinite, or 0/0, where it vanishes: it rounds the tip off within
1e-18 of it and changes no bit of sums farther than 1e-10 away."""


def is_symbolic(value: Any) -> bool:
    """Whether a value is a SymPy expression (or condition)."""
    return hasattr(value, "free_symbols")


def _of_arrays(name: str, *values: Any) -> Any:
    """The function of that name on NumPy values: vmath's in float64 and float32, NumPy's own in other dtypes."""
    import numpy

    dtype = numpy.result_type(*values).name
    if dtype in ("float64", "float32"):
        from gdviz import vmath

        return vmath.namespace(dtype)[name](*values)
    return getattr(numpy, _NUMPY.get(name, name))(*values)


_NUMPY = {
    "max": "maximum",
    "min": "minimum",
    "pow": "power",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
}
"""Functions that NumPy calls otherwise."""


def _elementary(name: str, of_float: Callable[[float], float], summary: str) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        if type(x) is float or type(x) is int:  # NumPy's float64 is a float as well, but computes as arrays do
            try:
                return of_float(x)
            except OverflowError:  # sinh is the only one that may be below all numbers
                return -math.inf if x < 0 and name == "sinh" else math.inf
            except ValueError:  # outside the domain, or log(0)
                return -math.inf if x == 0 else math.nan
        if is_symbolic(x):
            from gdviz.formula import symbols

            return getattr(symbols, name)(x)
        return _of_arrays(name, x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = summary
    return function


sqrt = _elementary("sqrt", math.sqrt, "Square root.")
sin = _elementary("sin", math.sin, "Sine of an angle in radians.")
cos = _elementary("cos", math.cos, "Cosine of an angle in radians.")
tan = _elementary("tan", math.tan, "Tangent of an angle in radians.")
exp = _elementary("exp", math.exp, "Exponential.")
log = _elementary("log", math.log, "Natural logarithm.")
log2 = _elementary("log2", math.log2, "Logarithm to base 2.")
log10 = _elementary("log10", math.log10, "Decimal logarithm.")
log1p = _elementary("log1p", math.log1p, "Natural logarithm of 1 + x, to all digits where x is small.")
cbrt = _elementary("cbrt", math.cbrt, "Cube root, negative of negative numbers.")
asin = _elementary("asin", math.asin, "Arcsine in radians.")
acos = _elementary("acos", math.acos, "Arccosine in radians.")
atan = _elementary("atan", math.atan, "Arctangent in radians.")
sinh = _elementary("sinh", math.sinh, "Hyperbolic sine.")
cosh = _elementary("cosh", math.cosh, "Hyperbolic cosine.")
tanh = _elementary("tanh", math.tanh, "Hyperbolic tangent.")
abs = _elementary("abs", builtins.abs, "Absolute value; its derivative is sign(x), with 0 at 0.")
sign = _elementary(
    "sign", lambda x: math.copysign(1.0, x) if x else 0.0 * x, "Sign, 0 at 0; its derivative is 0 (no delta function)."
)
floor = _elementary("floor", lambda x: float(math.floor(x)), "Largest integer not above x; its derivative is 0.")


def _sine_of_quarters(x: float) -> float:
    r = math.remainder(x, 4.0)
    return math.sin(math.pi / 2 * (r if builtins.abs(r) <= 1 else math.copysign(2.0, r) - r))


sinq = _elementary("sinq", _sine_of_quarters, "Sine of an angle in quarter turns.")
cosq = _elementary("cosq", lambda x: _sine_of_quarters(1.0 - builtins.abs(x)), "Cosine of an angle in quarter turns.")


def where(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`; the derivative is that of the branch taken."""
    if isinstance(condition, bool):
        return yes if condition else no
    if is_symbolic(condition):
        from gdviz.formula import symbols

        return symbols.where(condition, yes, no)
    import numpy

    return numpy.where(condition, yes, no)


def max(a: Any, b: Any) -> Any:
    """The larger of two values; the derivative is that of the one taken."""
    return _extreme("maximum", builtins.max, a, b)


def min(a: Any, b: Any) -> Any:
    """The smaller of two values; the derivative is that of the one taken."""
    return _extreme("minimum", builtins.min, a, b)


def _extreme(name: str, of_floats: Callable[[float, float], float], a: Any, b: Any) -> Any:
    if is_symbolic(a) or is_symbolic(b):
        from gdviz.formula import symbols

        return getattr(symbols, name)(a, b)
    if type(a) in (float, int) and type(b) in (float, int):
        return of_floats(a, b)
    return _of_arrays(of_floats.__name__, a, b)


def atan2(y: Any, x: Any) -> Any:
    """Angle of the point (x, y) from the positive x axis, in radians, from −π to π."""
    if is_symbolic(x) or is_symbolic(y):
        from gdviz.formula import symbols

        return symbols.atan2(y, x)
    if type(x) in (float, int) and type(y) in (float, int):
        return math.atan2(y, x)
    return _of_arrays("atan2", y, x)


def power(a: Any, b: Any) -> Any:
    """a to a power that is no small integer; what derived texts call `pow`. NaN where it is not a real number."""
    if type(a) in (float, int) and type(b) in (float, int):
        try:
            return math.pow(a, b)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.inf if a == 0 else math.nan
    return _of_arrays("pow", a, b)


def total(x: Any) -> Any:
    """Sum over the coordinates (axis 0), added in their order so that every backend rounds alike."""
    if isinstance(x, (float, int)):
        return x
    result = x[0]
    for row in x[1:]:
        result = result + row
    return result


def dot(a: Any, b: Any) -> Any:
    """Inner product over the coordinates (axis 0)."""
    return total(a * b)


def norm(x: Any) -> Any:
    """Euclidean norm over the coordinates (axis 0)."""
    return sqrt(dot(x, x))


def largest(x: Any) -> Any:
    """Largest coordinate (axis 0)."""
    if isinstance(x, (float, int)):
        return x
    result = x[0]
    for row in x[1:]:
        result = max(result, row)
    return result


def solve(matrix: Any, vector: Any, shift: Any = 0.0) -> Any:
    """Solution s of (matrix + shift · I) s = vector: float[dim, dim], float[dim]; NaN where it has none."""
    if isinstance(vector, (float, int)):
        return vector / (matrix + shift)
    from gdviz.formula.linear import eliminate

    return eliminate(matrix, vector, vector.dtype.type(shift))


def times(matrix: Any, vector: Any) -> Any:
    """Product float[dim] of a matrix float[dim, dim] and a vector float[dim], added in order of the coordinates."""
    if isinstance(vector, (float, int)):
        return matrix * vector
    from gdviz.formula.linear import multiplied

    return multiplied(matrix, vector)


def diagonal(matrix: Any) -> Any:
    """Diagonal float[dim] of a matrix float[dim, dim]."""
    if isinstance(matrix, (float, int)):
        return matrix
    from gdviz.formula.linear import diagonal_of

    return diagonal_of(matrix)


def eigen(matrix: Any) -> Any:
    """Eigenvalues float[dim] of a symmetric matrix float[dim, dim], and their unit vectors as the rows of a matrix.

    Both in no particular order; NaN where the matrix is not finite.
    """
    if isinstance(matrix, (float, int)):
        return matrix, 1.0
    from gdviz.formula.linear import jacobi

    return jacobi(matrix)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        *(sqrt, cbrt, exp, log, log2, log10, abs, sign, floor),
        *(sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, max, min, atan2, where),
    )
}
"""What formulas, typed or derived, may call."""

DERIVED: dict[str, Callable[..., Any]] = {**FUNCTIONS, "pow": power, "sinq": sinq, "cosq": cosq, "log1p": log1p}
"""What derived texts call."""
