"""What comes of a race: paths beside losses and ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.python import Update
from gdviz.plans.setting import Setting
from gdviz.recipe.options.race import Race
from gdviz.runs.descents import Descents


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectories(Descents):
    """What a race was: paths, losses and how each run ended; see Descents for what it shares with other runs.

    x: dtype[optimizer, start, record, dim], positions in data units; record 0 is the start, repeated after stopping;
    there is a run from every start, and f is f(x) of each record. evals: int64[optimizer, start, record], evaluations
    spent: a value, a gradient, or both at one point count 1, a Hessian counts dim. states: for each optimizer the
    states that the recipe's panels show, see `Paths`. apart: for each optimizer the step that the recipe takes apart,
    or None.
    """

    recipe: Race
    setting: Setting
    x: NDArray[np.floating]
    evals: NDArray[np.int64]
    states: tuple[Mapping[str, NDArray[np.floating]], ...]
    apart: tuple[Update | None, ...]

    @property
    def by_evaluations(self) -> bool:
        """Where evaluations are what is equal."""
        return self.recipe.fair == "evals"

    def alike(self, i: int, j: int) -> bool:
        """Also where they went."""
        return super().alike(i, j) and np.array_equal(self.x[i], self.x[j], equal_nan=True)

    @property
    def name(self) -> str:
        """That of the landscape."""
        return self.setting.landscape.name
