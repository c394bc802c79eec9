"""Whether a formula can be undefined somewhere in a box: its derived text, run on intervals instead of numbers.

What is proven finite here need not be asked at every step of a run. Intervals hold whatever NumPy or a kernel may
compute, rounding included; where they prove nothing (a root of what may be negative, a divisor that may be 0, a number
too large for the dtype), the formula can be undefined.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdviz.formula.derivation import Derived

WAVES = {"float64": 2.0**50, "float32": 2.0**21}
"""Angles that sine and cosine still answer: half of where vmath's say that rounding has left nothing of them."""


class _Unproven(ArithmeticError):
    """The result of an operation need not be a finite number."""


class _Condition:
    """A comparison of intervals: both branches of a `where` are possible."""

    def _same(self, _: Any = None) -> _Condition:
        return self

    __and__ = __or__ = __rand__ = __ror__ = __invert__ = _same


class Interval:
    """All numbers of a dtype from low to high, both finite; operations answer where their results may lie."""

    def __init__(self, dtype: str, low: float, high: float) -> None:
        kind = np.finfo(dtype)
        tiny, largest = 16 * float(kind.tiny), float(kind.max) / 16
        rounding = 8 * float(kind.eps)  # more than any one operation and vmath's functions err
        low, high = low - rounding * abs(low), high + rounding * abs(high)
        if not -largest <= low <= high <= largest:
            raise _Unproven
        self.dtype = dtype
        # An end so close to 0 that rounding may have made it 0 is 0.
        self.low, self.high = 0.0 if 0 < low < tiny else low, 0.0 if -tiny < high < 0 else high

    def of(self, *ends: float) -> Interval:
        """The interval of this dtype that reaches from the least to the largest of some numbers."""
        return Interval(self.dtype, min(ends), max(ends))

    def read(self, value: Any) -> Interval:
        """An interval, or that of one number."""
        return value if isinstance(value, Interval) else self.of(float(value))

    def apart(self) -> Interval:
        """Itself where 0 is none of its numbers."""
        if self.low <= 0 <= self.high:
            raise _Unproven
        return self

    def __add__(self, other: Any) -> Interval:
        other = self.read(other)
        return self.of(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Any) -> Interval:
        return self + -self.read(other)

    def __rsub__(self, other: Any) -> Interval:
        return -self + other

    def __neg__(self) -> Interval:
        return self.of(-self.low, -self.high)

    def __mul__(self, other: Any) -> Interval:
        if other is self:
            squares = self.low * self.low, self.high * self.high
            return self.of(*squares, 0.0) if self.low <= 0 <= self.high else self.of(*squares)
        other = self.read(other)
        return self.of(*(a * b for a in (self.low, self.high) for b in (other.low, other.high)))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Interval:
        other = self.read(other).apart()
        return self.of(*(a / b for a in (self.low, self.high) for b in (other.low, other.high)))

    def __rtruediv__(self, other: Any) -> Interval:
        return self.read(other) / self

    def _compared(self, _: Any) -> Any:
        return _Condition()

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _compared  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


def _elementary(function: Callable[[Interval], Interval], name: str) -> Callable[[Any], Any]:
    """Of intervals as told, of plain numbers as gdviz.formula says."""
    from gdviz import formula

    return lambda x: function(x) if isinstance(x, Interval) else formula.DERIVED[name](x)


def _rising(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """Of a function that rises, or falls, all the way; Python's own raises where it is not defined."""
    return lambda x: x.of(function(x.low), function(x.high))


def _wave(x: Interval) -> Interval:
    if not max(-x.low, x.high) < WAVES[x.dtype]:
        raise _Unproven
    return x.of(-1.0, 1.0)


def _tan(x: Interval) -> Interval:
    if not -1.57 < x.low <= x.high < 1.57:
        raise _Unproven
    return x.of(math.tan(x.low), math.tan(x.high))


def _abs(x: Interval) -> Interval:
    ends = builtins.abs(x.low), builtins.abs(x.high)
    return x.of(*ends, 0.0) if x.low <= 0 <= x.high else x.of(*ends)


def _power(x: Any, exponent: Any) -> Any:
    if isinstance(exponent, Interval):
        x = exponent.read(x).apart()
    elif not isinstance(x, Interval):
        return float(x) ** float(exponent)
    elif float(exponent).is_integer():
        x = _abs(x) if exponent % 2 == 0 else x
        ends = [math.pow(c, exponent) for c in ((x if exponent > 0 else x.apart()).low, x.high)]
        return x.of(*ends)
    if x.low < 0 or (x.low == 0 and not exponent > 0):
        raise _Unproven
    powers = (exponent.low, exponent.high) if isinstance(exponent, Interval) else (exponent,)
    return x.of(*(math.pow(a, b) for a in (x.low, x.high) for b in powers))


def _angle(a: Any, b: Any) -> Any:
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return math.atan2(a, b)
    return (a if isinstance(a, Interval) else b).of(-math.pi, math.pi)


def _paired(join: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """What takes two values and answers one of them."""

    def function(a: Any, b: Any) -> Any:
        if not isinstance(a, Interval) and not isinstance(b, Interval):
            return join(a, b)
        a, b = (b.read(a), b) if isinstance(b, Interval) else (a, a.read(b))
        return a.of(join(a.low, b.low), join(a.high, b.high))

    return function


def _either(condition: Any, yes: Any, no: Any) -> Any:
    if not isinstance(condition, _Condition):
        return yes if condition else no
    if not isinstance(yes, Interval) and not isinstance(no, Interval):
        # a kernel chooses between two numbers, which fit its dtype or are found too large where they are used
        yes = Interval("float64", float(yes), float(yes))
    yes, no = (no.read(yes), no) if isinstance(no, Interval) else (yes, yes.read(no))
    return yes.of(yes.low, yes.high, no.low, no.high)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: _elementary(function, name)
        for name, function in {
            **dict.fromkeys(("sin", "cos", "sinq", "cosq"), _wave),
            **dict.fromkeys(("sign", "tanh"), lambda x: x.of(-1.0, 1.0)),
            **{f.__name__: _rising(f) for f in (math.sqrt, math.cbrt, math.exp, math.sinh, math.floor)},
            **{f.__name__: _rising(f) for f in (math.log, math.log2, math.log10, math.log1p)},
            **{f.__name__: _rising(f) for f in (math.asin, math.acos, math.atan)},
            "cosh": lambda x: _rising(math.cosh)(_abs(x)),
            "tan": _tan,
            "abs": _abs,
        }.items()
    },
    "pow": _power,
    "atan2": _angle,
    "max": _paired(max),
    "min": _paired(min),
    "where": _either,
}
"""What derived texts call, on intervals."""


def undefinable(
    derived: Derived, box: Sequence[tuple[float, float]], constants: Mapping[str, float], dtype: str
) -> tuple[bool, bool]:
    """Whether the value, and whether the gradient, may fail to be a finite number at some point of a box.

    box: low and high end of every coordinate, data units. A function that is only called always may.
    """
    if not derived.text:
        return True, True
    namespace: dict[str, Any] = dict(FUNCTIONS)
    exec(compile(derived.text, f"<gdviz {derived.definition.name}>", "exec"), namespace)
    found = []
    for name in ("value", "value_and_gradient"):
        try:
            point = [Interval(dtype, low, high) for low, high in box]
            told = [float(constants[key]) for key in derived.definition.parameters]
            _read(point[0], namespace[name](*point, *told))
            found.append(False)
        except (ArithmeticError, ValueError):  # Python's own say of two plain numbers what these say of intervals
            found.append(True)
    return found[0], found[1]


def _read(kind: Interval, result: Any) -> None:
    """Raise ArithmeticError where an entry of a result is no finite number."""
    if isinstance(result, tuple):
        for item in result:
            _read(kind, item)
    else:
        kind.read(result)
