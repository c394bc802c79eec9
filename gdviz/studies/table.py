"""The kinds of studies: what each can be asked for, and what makes its problem, which is loaded on use."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from gdviz.recipe.options.basins import Basins
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.options.trainability import Trainability

if TYPE_CHECKING:
    from gdviz.recipe.recipe import Recipe
    from gdviz.studies.problem import Problem


@dataclass(frozen=True)
class Kind:
    """One of them. problem: what makes the problem of its recipes, MODULE:FUNCTION of this package."""

    options: type[Recipe]
    problem: str

    @property
    def name(self) -> str:
        """Its word."""
        return self.options.__name__.lower()


_ALL = (
    Kind(Basins, "basins:basins_of"),
    Kind(Sweep, "sweep:sweep_of"),
    Kind(Ensemble, "ensemble:ensemble_of"),
    Kind(Trainability, "trainability:trainability_of"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""All kinds by their words."""


def problem_of(recipe: Recipe, **given: Any) -> Problem:
    """What a recipe asks, settled; given: what stands in for its names where these are plain functions or arrays.

    Raises UsageError where names, options, rates or starts do not fit.
    """
    module, _, made = KINDS[recipe.job.__name__.lower()].problem.partition(":")
    return cast("Problem", getattr(importlib.import_module(f"gdviz.studies.{module}"), made)(recipe, **given))
