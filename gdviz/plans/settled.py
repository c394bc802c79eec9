"""What every job settles before it runs: a recipe without gaps, what is descended, and the plans made of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.objectives.objective import Objective
from gdviz.plans import schedules as pacing
from gdviz.plans.plan import Plan, Transform
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.descent import Descent
from gdviz.registry.definition import Definition


class Settled(ABC):
    """What all plans of a recipe share: the recipe with what it left open filled in, and the objective."""

    recipe: Descent

    @property
    @abstractmethod
    def objective(self) -> Objective:
        """What all plans descend."""

    @property
    @abstractmethod
    def steps(self) -> int:
        """How many each run makes."""


def planned(
    setting: Settled,
    entry: Entry,
    optimizer: Definition,
    options: Mapping[str, Any] | None,
    start: NDArray[np.float64],
    guard: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Plan:
    """The plan of one optimizer of a settled recipe from points float64[lane, dim]; guard: its centre and reach.

    Raises UsageError where options, transforms or schedules do not fit the rule.
    """
    recipe, steps = setting.recipe, setting.steps
    chosen = options or resolve_options(entry, optimizer)
    plan = Plan(
        objective=setting.objective,
        optimizer=optimizer,
        options=chosen,
        start=start,
        steps=steps,
        every=recipe.every,
        tol=recipe.tol,
        seed=recipe.seed,
        dtype=recipe.dtype,
        centre=guard[0],
        reach=guard[1],
        runs=np.arange(len(start), dtype=np.int64),
        transforms=_transforms(recipe, optimizer),
        schedules=pacing.schedules(recipe.schedule, entry, optimizer, steps),
    )
    for name in optimizer.parameters:
        if np.isfinite(value := float(chosen[name])):  # NaN: a foreign rule may leave its rate open
            plan.check(name, value)
    pacing.check_values(plan)
    return plan


def _transforms(recipe: Descent, optimizer: Definition) -> tuple[Transform, ...]:
    transforms = []
    for wanted in recipe.transform:
        definition = find("transform", wanted.name)
        if optimizer.rule != "vector":
            raise UsageError(
                f"{optimizer.name} calls the landscape back, so {definition.name} cannot change its gradients; "
                f"drop --transform or -o {optimizer.name}"
            )
        if "lr" in definition.inputs and "lr" not in optimizer.parameters:
            raise UsageError(
                f"{definition.name} moves by the learning rate, and {optimizer.name} has none; "
                f"drop --transform {definition.name} or -o {optimizer.name}"
            )
        transforms.append((definition, resolve_options(wanted, definition)))
    return tuple(transforms)
