"""What pictures show of a run beyond its paths: states of rules, and a step taken apart into what the gradient and what
the rule's memory did to it."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import python
from gdviz.backends.python import Update
from gdviz.backends.selection import choose
from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.plans.plan import Plan
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.race import Race
from gdviz.registry.definition import Definition
from gdviz.runs.trajectories import Trajectories


def states_of(recipe: Race, optimizer: Definition) -> tuple[str, ...]:
    """The states of a rule that a recipe's panels show. Raises UsageError for those of a rule that keeps none step by
    step."""
    asked = dict.fromkeys(name.removeprefix("state:") for name in recipe.panel if name.startswith("state:"))
    found = tuple(name for name in asked if name in optimizer.state)
    if found:
        check_apart(optimizer)
    return found


def apart_of(recipe: Race, plan: Plan) -> Update | None:
    """The step of a plan that a recipe takes apart, None where it takes none, or none that is made.

    The steps up to it are made once more, on NumPy: no kernel keeps what a step was made of, and no run should ask at
    every step whether it is the one. They are the run's, bit for bit, up to where a run stops; none is drawn beyond.

    Raises UsageError for a rule that calls the landscape back.
    """
    if recipe.anatomy is None or recipe.anatomy > plan.steps:
        return None
    check_apart(plan.optimizer)
    return python.update(plan, recipe.anatomy)


def completed(run: Trajectories) -> Trajectories:
    """The run with all that a picture by its recipe shows of it: what it has not kept is collected now."""
    recipe = run.recipe
    if recipe.fair == "evals":  # such a picture shows no steps
        return run
    states = []
    for plan, held in zip(run.plans, run.states, strict=True):
        missing = [name for name in states_of(recipe, plan.optimizer) if name not in held]
        _, collect = choose([plan], recipe.backend)
        states.append({**held, **collect(plan, missing).states} if missing else held)
    apart = tuple(
        held if held and held.t == recipe.anatomy else apart_of(recipe, plan)
        for plan, held in zip(run.plans, run.apart, strict=True)
    )
    return dataclasses.replace(run, states=tuple(states), apart=apart)


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
