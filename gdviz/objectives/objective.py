"""What trajectories descend, as all above this room know it: nobody there asks whether it is a formula."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.emit.expression import EmissionError
from gdviz.errors import UsageError

Array = NDArray[Any]
"""Of floating point. Points are dtype[dim, lane], with as many axes of lanes as whoever asks likes, or none."""


class Draw(NamedTuple):
    """What a batch is drawn by: the seed, the step (from 1) and the number of each lane's run, int64[lane].

    Kernels take it as int64[2 + lane]: seed, step and run numbers, one after the other. Their step 0 asks for the whole
    loss.
    """

    seed: int
    t: int
    runs: NDArray[np.int64]


class Objective(ABC):
    """A loss of `dim` coordinates, and what a run and its pictures ask of it.

    Where the loss is a mean over data, a rule sees that over a batch, which a `Draw` chooses by random numbers of the
    stream `gdviz.vmath.random.BATCHES`; without a draw the whole loss is meant, and records are always of the whole.
    Answers are of the points' dtype.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """As it is called in sentences."""

    @property
    @abstractmethod
    def origin(self) -> str:
        """What a kernel's text says that it is made from, such as `landscape beale`."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Of the coordinates, in their order."""

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.names)

    @property
    @abstractmethod
    def digest(self) -> str:
        """Another one where anything differs that the loss depends on."""

    @property
    def batched(self) -> bool:
        """Whether draws change what is answered."""
        return False

    @property
    def epoch(self) -> int:
        """Steps in which batches come to all samples once, 1 where every step sees all."""
        return 1

    @property
    def has_hessian(self) -> bool:
        """Whether it has second derivatives; rules that ask for them are refused otherwise."""
        return False

    @property
    def price(self) -> int:
        """Evaluations that value and gradient at one point count as."""
        return 1

    @property
    def takes_arrays(self) -> bool:
        """Whether many points cost one call."""
        return True

    @property
    def searchable(self) -> bool:
        """Whether an analysis may ask for values and derivatives at some ten thousand points."""
        return True

    @property
    def by_differences(self) -> bool:
        """Whether differences of values stand in for the gradient."""
        return False

    @property
    def latex(self) -> str:
        """The value as LaTeX, empty where there is no formula."""
        return ""

    @property
    def landmarks(self) -> Sequence[Sequence[float]]:
        """Points of dim coordinates that the guard has to hold besides domain and starts, such as known minima."""
        return ()

    @abstractmethod
    def value(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[lane]."""

    @abstractmethod
    def value_gradient(self, X: Array, draw: Draw | None = None) -> tuple[Array, Array]:
        """dtype[lane] and dtype[dim, lane]."""

    def gradient(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[dim, lane]."""
        return self.value_gradient(X, draw)[1]

    def hessian(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[dim, dim, lane], of one point dtype[dim, dim], where it has one."""
        raise UsageError(f"{self.name} has no second derivatives; choose what asks for none")

    def sampled(self, *x: Any) -> NDArray[np.float64]:
        """The whole loss at coordinates that broadcast, such as the axes of a grid, float64 in their joint shape."""
        X = np.array(np.broadcast_arrays(*x), np.float64)
        return np.asarray(self.value(X), np.float64)

    def undefinable(self, box: Sequence[tuple[float, float]], dtype: str) -> tuple[bool, bool]:
        """Whether the value, and whether the gradient, need not be a finite number everywhere in a box.

        True where nothing proves it: then a run asks at every step.
        """
        return True, True

    def numbers(self, dtype: np.dtype[Any]) -> Array:
        """dtype[n], what its kernels read as `c`: constants, or data."""
        return np.empty(0, dtype)

    @property
    def parts(self) -> tuple[slice, ...]:
        """Coordinates that may have a rate of their own, `lr.1`, `lr.2`, …, such as those of layers."""
        return ()

    @property
    def watching(self) -> Objective | None:
        """What schedules that follow the loss watch in place of the loss of a step, None where they watch that: other
        data, whose whole loss the same kernels answer from its `numbers`."""
        return None

    @property
    def answered(self) -> tuple[int, ...]:
        """Rows of a tile that its kernel of values fills: that of f, and those of what it answers beside."""
        return (2 * self.dim,)

    @property
    def compiled(self) -> bool:
        """Whether kernels are quicker than NumPy however small the work is."""
        return False

    @property
    def weight(self) -> float:
        """What a step costs kernels a coordinate, in those of a landscape."""
        return 1.0

    @property
    def scratch(self) -> int:
        """Rows of a tile that its kernels use for themselves, behind the row of f."""
        return 0

    def lanes(self, dtype: np.dtype[Any]) -> int | None:
        """Width of a tile for its kernels, None where that follows from the number of coordinates."""
        return None

    def tile_text(self, lanes: int) -> str:
        """`value`, `gradient` and `both` over the lanes of a tile, see gdviz.emit.objective; the value alone is asked
        of the whole loss only. Devices have tiles of one lane. Raises EmissionError."""
        raise EmissionError(f"{self.name} has no kernels; use --backend python")

    def point_text(self) -> str:
        """`value_of`, `both_of` and `hessian_of` at one point, see gdviz.emit.program; the last is never called where
        there is no Hessian. Raises EmissionError."""
        raise EmissionError(f"{self.name} has no kernels of one point; use --backend python")


def spread(values: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
    """Values in a dtype and shape, not to be written to: one number for all, or arrays as they are, for which
    broadcast_to would take six times as long."""
    found = np.asarray(values, dtype)
    if found.shape != shape:
        return np.broadcast_to(found, shape)
    found = found.view()
    found.flags.writeable = False
    return found
