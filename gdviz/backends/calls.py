"""What a foreign optimizer evaluates, and what that costs."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class Counter(Protocol):
    """Evaluations at single points dtype[dim], and how many were spent."""

    spent: int

    def value(self, x: Array) -> Any: ...
    def gradient(self, x: Array) -> Array: ...
    def hessian(self, x: Array) -> Array: ...
    def taken(self) -> int: ...


class Calls:
    """The landscape as a foreign optimizer asks for it.

    Such a rule is answered nothing for the points it yields and evaluates by itself.
    """

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.point = b""
        self.known: dict[str, Any] = {}
        self.first: tuple[bytes, Array] | None = None

    def forget(self) -> None:
        """Know no point any more: the next step evaluates another batch."""
        self.point = b""

    def value(self, x: Array) -> Any:
        """f(x), a number of the run's dtype."""
        return self._answer("value", x)

    def gradient(self, x: Array) -> Array:
        """dtype[dim]."""
        slope: Array = self._answer("gradient", x)
        self.first = self.first or (self.point, slope)
        return slope

    def both(self, x: Array) -> tuple[Any, Array]:
        """f(x) and its gradient dtype[dim]."""
        return self.value(x), self.gradient(x)

    def hessian(self, x: Array) -> Array:
        """dtype[dim, dim]."""
        return self.counter.hessian(x)

    def taken(self) -> int:
        """Evaluations spent since this was last asked."""
        return self.counter.taken()

    def spend(self, evaluations: int) -> None:
        """Charge a step with evaluations that were made, and taken, before."""
        self.counter.spent += evaluations

    def slope_of_step(self, x: Array) -> Array | None:
        """The gradient dtype[dim, 1] at the point x that a step was made from, where it was the first asked for."""
        first, self.first = self.first, None
        return first[1][:, None] if first is not None and first[0] == x.tobytes() else None

    def _answer(self, name: str, x: Array) -> Any:
        point = x.tobytes()
        if point != self.point:
            self.point, self.known = point, {}
        if name not in self.known:
            self.known[name] = getattr(self.counter, name)(x)
        return self.known[name]
