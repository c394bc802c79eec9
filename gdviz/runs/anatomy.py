"""Steps taken apart: what the gradient and what the memory of a rule did to each."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import python
from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.plans.plan import Plan
from gdviz.recipe.entries import Entry
from gdviz.registry.definition import Definition


def updates(plan: Plan, until: int) -> list[python.Update]:
    """The first `until` steps of a plan taken apart: what the gradient and what the rule's memory did to each.

    Raises UsageError for a rule that calls the landscape back.
    """
    check_apart(plan.optimizer)
    return python.updates(plan, until)


def check_apart(optimizer: Definition) -> None:
    """Raise UsageError for a rule whose steps cannot be taken apart: it calls the landscape back."""
    if optimizer.rule != "vector":
        raise UsageError(
            f"{optimizer.name} calls the landscape back, so its steps cannot be taken apart; choose another rule"
        )


def transformed(
    plan: Plan, entry: Entry, points: NDArray[np.float64], gradients: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What a transform makes of gradients float64[n, dim] at points of that shape, with the plan's seed."""
    definition = find("transform", entry.name)
    alone = dataclasses.replace(plan, transforms=((definition, resolve_options(entry, definition)),), dtype="float64")
    return np.asarray(python.transformed(alone.with_start(points), gradients.T).T, np.float64)
