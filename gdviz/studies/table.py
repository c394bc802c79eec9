"""The kinds of studies: what each can be asked for, and the problem of a recipe, whose module is loaded on use."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from gdviz.recipe.options import jobs
from gdviz.recipe.options.study import Studied

if TYPE_CHECKING:
    from gdviz.recipe.recipe import Recipe
    from gdviz.studies.problem import Problem

KINDS: Mapping[str, type[Recipe]] = {job.__name__.lower(): job for job in jobs() if issubclass(job, Studied)}
"""Options by the word of a kind; what makes its problem is the function of that name in the module of that name, and
`row` there tells what an optimizer came to."""


def problem_of(recipe: Recipe, **given: Any) -> Problem:
    """What a recipe asks, settled; given: what stands in for its names where these are plain functions or arrays.

    Raises UsageError where names, options, rates or starts do not fit.
    """
    (word,) = (word for word, options in KINDS.items() if options is recipe.job)
    made = getattr(importlib.import_module(f"gdviz.studies.{word}"), word)
    return cast("Problem", made(recipe, **given))
