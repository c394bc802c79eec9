"""What a study asks: which cells there are, and what each of them is worth."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gdviz.recipe.options.descent import Descent

if TYPE_CHECKING:
    from gdviz.runs.trained import Trained
    from gdviz.runs.trajectories import Trajectories

Floats = NDArray[np.float64]

Found = Mapping[str, NDArray[Any]]
"""Arrays of some cells by name, dtype[cell] or dtype[cell, …]."""


@dataclass(frozen=True, eq=False)
class Axis:
    """What is varied along one side of the cells.

    name: what is varied, as typed ("x", "lr", "lr.1", "batch"). values: float64[cell], one for each cell along it.
    scale: "linear", "log", or "words" where values are places in `words`. title: what it is called on a picture, empty
    for its name; unit as in "step". continuous: whether something lies between two values, as nothing does between two
    seeds.
    """

    name: str
    values: Floats
    scale: str = "linear"
    words: tuple[str, ...] = ()
    title: str = ""
    unit: str = ""
    continuous: bool = True

    def __len__(self) -> int:
        return len(self.values)

    @property
    def refines(self) -> bool:
        """Whether a grid twice as fine has cells along it that this one lacks."""
        return self.continuous and self.scale != "words" and len(self.values) > 1

    @property
    def edges(self) -> tuple[float, float]:
        """Where the first cell begins and the last one ends, in units of the values; half a cell beyond both."""
        if len(self.values) == 1:
            (only,) = self.values.tolist()
            return (only / 2, only * 2) if self.scale == "log" else (only - 0.5, only + 0.5)
        ends = np.log(self.values) if self.scale == "log" else self.values
        low, high = ends[0] - (ends[1] - ends[0]) / 2, ends[-1] + (ends[-1] - ends[-2]) / 2
        return (float(np.exp(low)), float(np.exp(high))) if self.scale == "log" else (float(low), float(high))


@dataclass(frozen=True)
class Array:
    """One of the arrays that a study answers, over (optimizer, *axes of the cells, *beside).

    fill: what stands where nothing is computed yet, which is never a result. about: a sentence for who opens the store;
    beside: names and lengths of further dimensions. attributes: what else is stored with it, such as CF's flag_values.
    """

    name: str
    dtype: str
    fill: float
    about: str
    beside: tuple[tuple[str, int], ...] = ()
    unit: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Problem(ABC):
    """A settled study. Neither which cells are asked for together, nor on how many threads, changes a bit of them."""

    kind: ClassVar[str]
    """Its word: "basins", "sweep", "ensemble", "trainability"."""

    recipe: Descent
    """With nothing left open: backend, rates, target and radius are numbers and names."""

    labels: tuple[str, ...]
    """Of the optimizers."""

    axes: tuple[Axis, ...]
    """Of the cells, the slowest first, as arrays have them."""

    arrays: tuple[Array, ...]
    """What `evaluate` answers."""

    wholes: tuple[Array, ...] = ()
    """What `whole` answers, over (optimizer, *beside)."""

    beside: Mapping[str, NDArray[Any]] = MappingProxyType({})
    """Coordinates of further dimensions, by name, where they have some: one value for each place."""

    runs: int
    """Trajectories of a cell."""

    steps: int
    """Of a trajectory, at most."""

    dim: int
    """Coordinates of a trajectory."""

    weight: float = 1.0
    """What a step of them costs kernels, see Objective."""

    @property
    def trajectories(self) -> int:
        """Of all cells."""
        return len(self.labels) * math.prod(map(len, self.axes)) * self.runs

    def lighter(self, steps: int, runs: int) -> Descent:
        """The recipe of the same study with so many steps, and with at most about so many runs of a cell where more of
        them take no more memory."""
        return self.recipe.updated(steps=steps)

    @property
    @abstractmethod
    def criteria(self) -> Mapping[str, float | str]:
        """What counts, by name: target, radius, window, guard …, stored as attributes and told in captions."""

    @abstractmethod
    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        """What cells are worth, at float64[axis, cell] of the axes' values or anywhere between them.

        ulps: by how many units in the last place of the dtype starts are moved; dtype: another than the recipe's.
        """

    def label(self, found: Found) -> NDArray[np.int64]:
        """What each cell counts as, int64[cell]: a map is as reliable as these are. Raises NotImplementedError where
        cells are no places of a map."""
        raise NotImplementedError

    def whole(self, arrays: Found) -> Found:
        """What all cells together come to, by name, dtype[optimizer, …] each: arrays beside those of the cells.

        arrays: of all cells, read as they are indexed where they are stored.
        """
        return {}

    def columns(self, optimizer: int, whole: Found) -> Mapping[str, Sequence[Any]] | None:
        """What a table tells of an optimizer in place of its cells, by `whole`: columns of one length by their names,
        the same ones for all; None where it tells the cells."""
        return None

    @abstractmethod
    def again(self, optimizer: int, at: Floats, run: int | None = None) -> Trajectories | Trained:
        """One cell again, at float64[axis], exactly, as runs to be drawn, or one run of it by its number from 0. Raises
        UsageError where there is none."""
