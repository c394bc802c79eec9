"""Landscapes as objectives, whether they are derived from a formula or a Python function is called."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.emit.objective import objective_text
from gdviz.emit.program import point_text
from gdviz.formula import derivation
from gdviz.formula.derivation import Derived
from gdviz.objectives.called import Called, is_by_differences, is_called
from gdviz.objectives.objective import Array, Draw, Objective, spread
from gdviz.registry.definition import Definition


@lru_cache(maxsize=256)
def derive(definition: Definition, dimension: int | None = None) -> Derived:
    """What a landscape answers; `dimension` is needed for families that take `*x` (2 by default).

    Raises DefinitionError when the function cannot be called with symbols.
    """
    if not is_called(definition):
        return derivation.derive(definition, dimension)
    return Called(
        definition, definition.variables or derivation.coordinates(definition.size(dimension)), "", "", "", ()
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Landscape(Objective):
    """A landscape of `size` coordinates; `given` are constants by name where they are not the definition's own.

    Its loss is exact: there are no batches. Constants are rounded to the points' dtype.
    """

    definition: Definition
    size: int | None = None
    given: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def derived(self) -> Derived:
        """Its formula with derivatives, or the function that is called; made once for each definition and size."""
        return derive(self.definition, self.size)

    @property
    def name(self) -> str:
        """The definition's."""
        return self.definition.name

    @property
    def origin(self) -> str:
        """Named as a landscape."""
        return f"landscape {self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """The definition's; of a family x, y, z or x1 … xn."""
        return self.derived.variables

    @cached_property
    def constants(self) -> dict[str, float]:
        """All of them, in the definition's order."""
        return {**self.definition.parameters, **self.given}

    @property
    def digest(self) -> str:
        """Of the definition, the number of coordinates and the constants."""
        told = (self.definition.digest, self.dim, {name: float(value) for name, value in self.constants.items()})
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    @property
    def has_hessian(self) -> bool:
        """By its formula or by differences."""
        return True

    @property
    def price(self) -> int:
        """1, and of differences 1 + 2 dim."""
        return self.derived.price

    @property
    def takes_arrays(self) -> bool:
        """Whether one call answers for many points."""
        return self.derived.takes_arrays

    @property
    def searchable(self) -> bool:
        """Not a function that is called."""
        return not is_called(self.definition)

    @property
    def by_differences(self) -> bool:
        """Whether the function that is called came without a gradient."""
        return is_by_differences(self.definition)

    @property
    def latex(self) -> str:
        """Constants other than the definition's own are listed behind it."""
        return self.derived.latex_with(self.constants)

    @property
    def landmarks(self) -> Sequence[Sequence[float]]:
        """Minima that the definition states."""
        return [place[:-1] for place in self.definition.minima(self.dim)]

    @cached_property
    def _rounded(self) -> dict[np.dtype[Any], dict[str, Any]]:
        return {}

    def _constants(self, dtype: np.dtype[Any]) -> dict[str, Any]:
        if dtype not in self._rounded:
            self._rounded[dtype] = {name: dtype.type(value) for name, value in self.constants.items()}
        return self._rounded[dtype]

    def value(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[lane]."""
        return _filled(self.derived.value(*X, **self._constants(X.dtype)), X)

    def value_gradient(self, X: Array, draw: Draw | None = None) -> tuple[Array, Array]:
        """dtype[lane] and dtype[dim, lane]."""
        value, gradient = self.derived.value_and_gradient(*X, **self._constants(X.dtype))
        return _filled(value, X), np.stack([_filled(g, X) for g in gradient])

    def gradient(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[dim, lane], without a value where that costs a call."""
        return np.stack([_filled(g, X) for g in self.derived.gradient(*X, **self._constants(X.dtype))])

    def hessian(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[dim, dim, lane], of one point dtype[dim, dim]."""
        rows = self.derived.hessian(*X, **self._constants(X.dtype))
        return np.array([[_filled(h, X) for h in row] for row in rows])

    def kinks(self, X: Array) -> Array:
        """dtype[kink, lane], 0 where the slope may jump; none of a function that is called."""
        found = self.derived.kink_distances(*X, **self._constants(X.dtype))
        return np.stack([_filled(k, X) for k in found]) if found else np.empty((0, *X.shape[1:]), X.dtype)

    def sampled(self, *x: Any) -> NDArray[np.float64]:
        """float64 in the coordinates' joint shape; what depends on few of them is computed for these alone."""
        values = np.asarray(self.derived.value(*x, **self.constants), np.float64)
        return np.broadcast_to(values, np.broadcast_shapes(*map(np.shape, x)))

    def undefinable(self, box: Sequence[tuple[float, float]], dtype: str) -> tuple[bool, bool]:
        """What intervals do not prove of the formula; see gdviz.formula.bounds."""
        return _undefinable(self.definition, self.size, tuple(self.constants.items()), tuple(map(tuple, box)), dtype)

    def numbers(self, dtype: np.dtype[Any]) -> Array:
        """Its constants in the definition's order, dtype[constant]."""
        return np.array([self.constants[name] for name in self.definition.parameters], dtype)

    def tile_text(self, lanes: int) -> str:
        """Those of its formula. Raises EmissionError for a function that is called."""
        return _tile_text(self.definition, self.size)

    def point_text(self) -> str:
        """Those of its formula. Raises EmissionError for a function that is called."""
        return _point_text(self.definition, self.size)


def _filled(values: Any, X: Array) -> Array:
    """An entry that does not depend on the coordinates arrives as one number: spread it over the lanes."""
    return spread(values, X.dtype, X.shape[1:])


@lru_cache(maxsize=512)
def _undefinable(
    definition: Definition,
    size: int | None,
    constants: tuple[tuple[str, float], ...],
    box: tuple[tuple[float, ...], ...],
    dtype: str,
) -> tuple[bool, bool]:
    from gdviz.formula.bounds import undefinable

    return undefinable(derive(definition, size), [(low, high) for low, high in box], dict(constants), dtype)


@lru_cache(maxsize=512)
def _tile_text(definition: Definition, size: int | None) -> str:
    return objective_text(derive(definition, size))


@lru_cache(maxsize=512)
def _point_text(definition: Definition, size: int | None) -> str:
    return point_text(derive(definition, size))
