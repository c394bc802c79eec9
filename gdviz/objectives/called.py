"""A landscape that is any Python function: called point by point, derived by the user or by differences.

It answers what a derived landscape answers, so that whoever samples, descends or draws one need not know which of the
two it is. There is no formula, hence no LaTeX, no kinks and no text to compile.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import DefinitionError, GdvizError, own
from gdviz.formula.derivation import Derived
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.landscape import LandscapeFacts

Floats = NDArray[np.float64]

PRECISIONS = {"float64": 2.2e-16, "float32": 1.2e-7, "float16": 9.8e-4, "bfloat16": 7.8e-3}
"""Spacing of numbers at 1 by the dtype of what a function answers. Arms of central differences are its cube root, and
for second derivatives its fourth root, times 1 + |x|: there rounding and curvature err alike."""

TRIED = 7
"""Points at which the answer to arrays is compared with single calls."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CalledFacts(LandscapeFacts):
    """What is known of a function that is called, besides what a landscape states."""

    grad: Callable[..., Any] | None = None
    """The user's own partial derivatives; None for differences."""
    precision: str = "float64"
    """The dtype in which it answers, a key of PRECISIONS."""


def called(definition: Definition, grad: Callable[..., Any] | None, precision: str = "float64") -> Definition:
    """The landscape as a function that is called and answers in a precision, with `grad` for its partial derivatives or
    differences."""
    facts = CalledFacts(**vars(definition.facts) | {"grad": grad, "precision": precision})
    return dataclasses.replace(definition, facts=facts)


def is_called(definition: Definition) -> bool:
    """Whether a landscape is a function that is called, and no formula."""
    return isinstance(definition.facts, CalledFacts)


def is_by_differences(definition: Definition) -> bool:
    """Whether a landscape is a function that is called and came without a gradient."""
    return is_called(definition) and CalledFacts.of(definition).grad is None


class Called(Derived):
    """Value and derivatives of a called landscape; coordinates are floats or arrays that broadcast."""

    @property
    def grad(self) -> Callable[..., Any] | None:
        """The user's own gradient."""
        return CalledFacts.of(self.definition).grad

    @property
    def price(self) -> int:
        """Evaluations that value and gradient at one point take."""
        return 1 if self.grad else 1 + 2 * len(self.variables)

    def arm(self, order: int) -> float:
        """Half the width of differences for derivatives of an order, times 1 + |x|."""
        return float(PRECISIONS[CalledFacts.of(self.definition).precision] ** (1 / (2 + order)))

    def latex_with(self, constants: Mapping[str, float]) -> str:
        """Nothing: there is no formula."""
        return ""

    def value(self, *x: Any, **constants: float) -> Any:
        """f(x), float64 in the shape of the coordinates."""
        x = np.broadcast_arrays(*(np.asarray(c, np.float64) for c in x))
        if x[0].size > TRIED and self.takes_arrays:
            try:
                with np.errstate(all="ignore"):
                    return np.array(self.definition.function(*x, **self._given(constants)), np.float64)
            except Exception:  # what seven points allowed may fail for others
                pass
        flat = [self.at(point, constants) for point in zip(*(c.ravel().tolist() for c in x), strict=True)]
        return np.array(flat, np.float64).reshape(x[0].shape)

    def gradient(self, *x: Any, **constants: float) -> tuple[Any, ...]:
        """Partial derivatives in the order of the coordinates."""
        x = np.broadcast_arrays(*(np.asarray(c, np.float64) for c in x))
        if self.grad is not None:
            rows = [self._slope(point, constants) for point in zip(*(c.ravel().tolist() for c in x), strict=True)]
            return tuple(np.array(rows).reshape(*x[0].shape, len(x)).transpose(-1, *range(x[0].ndim)))
        return tuple(self._difference(i, x, self.arm(1), lambda *p: self.value(*p, **constants)) for i in range(len(x)))

    def value_and_gradient(self, *x: Any, **constants: float) -> tuple[Any, tuple[Any, ...]]:
        """f(x) and its partial derivatives."""
        return self.value(*x, **constants), self.gradient(*x, **constants)

    def hessian(self, *x: Any, **constants: float) -> tuple[tuple[Any, ...], ...]:
        """Second partial derivatives by differences of the gradient, row by row; symmetric."""
        arm = self.arm(1 if self.grad else 2)
        x = np.broadcast_arrays(*(np.asarray(c, np.float64) for c in x))
        size = range(len(x))
        rows = [
            [self._difference(j, x, arm, lambda *p, i=i: self.gradient(*p, **constants)[i]) for j in size] for i in size
        ]
        return tuple(tuple((rows[i][j] + rows[j][i]) / 2 for j in size) for i in size)

    def kink_distances(self, *x: Any, **constants: float) -> tuple[Any, ...]:
        """None are known."""
        return ()

    @cached_property  # type: ignore[misc]
    def takes_arrays(self) -> bool:
        """Whether one call with arrays answers what as many single calls do."""
        x = np.random.default_rng(0).uniform(-1.5, 1.5, (len(self.variables), TRIED))
        try:
            with np.errstate(all="ignore"):
                answer = np.asarray(self.definition.function(*x, **self._given({})))
                single = [self.at(tuple(point), {}) for point in x.T.tolist()]
        except Exception:
            return False
        near = max(1e-12, 10 * PRECISIONS[CalledFacts.of(self.definition).precision])
        return answer.shape == (TRIED,) and np.allclose(answer, single, rtol=near, atol=1e-300, equal_nan=True)

    def _difference(self, i: int, x: Sequence[Floats], arm: float, function: Callable[..., Any]) -> Any:
        """The central difference of a function along one coordinate."""
        ends = [x[i] + sign * arm * (1 + np.abs(x[i])) for sign in (1, -1)]
        upper, lower = (function(*(end if k == i else c for k, c in enumerate(x))) for end in ends)
        return (upper - lower) / (ends[0] - ends[1])

    def _given(self, constants: Mapping[str, float]) -> dict[str, float]:
        return {**self.definition.parameters, **constants}

    def at(self, point: tuple[float, ...], constants: Mapping[str, float]) -> float:
        """f at one point; DefinitionError for what is no number."""
        where = f"landscape '{self.definition.name}'"
        answer = self._ask(where, self.definition.function, point, constants)
        if (value := number(answer)) is None:
            shape = f" of shape {tuple(answer.shape)}" if getattr(answer, "shape", ()) else ""
            raise DefinitionError(
                f"{where}: it returned {type(answer).__name__}{shape} at {_told(point)}; it must return one number"
            )
        return value

    def precision(self, point: tuple[float, ...]) -> str:
        """The dtype in which the function answers near a point, a key of PRECISIONS.

        Where a plain float comes back it is float32 if no answer has more digits, and most have as many.
        """
        found = set()
        values = []
        for shift in (0.0, 0.1234567, -0.3141593, 0.5772157, -0.7182818, 1.0471976):
            try:
                answer = self._ask("", self.definition.function, [c + shift * (1 + c) for c in point], {})
            except DefinitionError:
                continue
            found.add(str(getattr(answer, "dtype", "")).rpartition(".")[2])
            values.append(number(answer))
        if len(found) == 1 and (name := found.pop()):
            return name if name in PRECISIONS else "float64"
        told = [value for value in values if value is not None and math.isfinite(value)]
        short = [value for value in told if float(np.float32(value)) == value]
        digits = [value for value in short if math.frexp(value)[0] * 2**16 % 1]
        return "float32" if len(short) == len(told) and len(digits) >= 3 else "float64"

    def _slope(self, point: tuple[float, ...], constants: Mapping[str, float]) -> Floats:
        where = f"the gradient of landscape '{self.definition.name}'"
        assert self.grad is not None
        answer = self._ask(where, self.grad, point, constants)
        try:
            slope = np.asarray(answer, np.float64).ravel()
        except (TypeError, ValueError):
            slope = np.empty(0)
        if len(slope) != len(point):
            raise DefinitionError(
                f"{where}: it returned {answer!r:.60} at {_told(point)}; it must return {len(point)} numbers"
            )
        return slope

    def _ask(self, where: str, function: Callable[..., Any], point: Sequence[float], constants: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function(*point, **self._given(constants))
        except GdvizError:
            raise
        except Exception as error:
            if not _is_undefined(error):
                raise DefinitionError(f"{where} fails at {_told(point)}: {own(error)}") from error
            return float("nan") if function is not self.grad else [float("nan")] * len(point)


_OF_MATH = re.compile(
    r"math (domain|range) error"
    r"|expected (a (positive|nonnegative|finite) input|a noninteger or positive integer"
    r"|a number (in range from -1 up to|between -1 and) 1|argument value (not less than 1|> -1))(, got \S+)?"
)
"""How the module math words its ValueErrors, up to Python 3.13 and since; others are the user's own."""


def _is_undefined(error: Exception) -> bool:
    """Whether an exception says that mathematics has no answer, not that something is wrong."""
    if isinstance(error, ValueError):
        return _OF_MATH.fullmatch(str(error)) is not None
    return isinstance(error, (ZeroDivisionError, OverflowError, FloatingPointError))


def number(answer: Any) -> float | None:
    """The number that an answer is: a float, an array without axes, or whatever else is one number to Python."""
    complex_ = isinstance(answer, numbers.Complex) and not isinstance(answer, numbers.Real)
    if complex_ or isinstance(answer, (str, bytes)) or tuple(getattr(answer, "shape", ())) or answer is None:
        return None
    try:
        return float(answer)
    except (TypeError, ValueError):
        return None


def _told(point: Sequence[float]) -> str:
    return f"({', '.join(f'{c:g}' for c in point)})"
