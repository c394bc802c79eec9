"""What all plans of a recipe share: landscape, constants, domain, starts and steps settled; and plans made of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import check_untrained
from gdviz.errors import UsageError
from gdviz.objectives.landscape import Landscape
from gdviz.objectives.objective import Objective
from gdviz.plans.plan import GUARD, Plan
from gdviz.plans.settled import Settled, planned
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.race import Race
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.landscape import LandscapeFacts

WHOLE = "whole"
"""The domain or window that is the landscape's own box."""

STEPS = 300
"""Steps of a landscape that does not say how many are telling."""

TRIED = 200
"""Points of a domain that are tried as the start of a formula, after the five that tell most."""


@dataclasses.dataclass(frozen=True, eq=False)
class Setting(Settled):
    """What all plans of a race share: the landscape and the recipe with its start and steps filled in.

    `domain` has a range for every coordinate, in data units: where the recipe says none, the landscape's.
    """

    landscape: Definition
    constants: Mapping[str, float]
    domain: tuple[tuple[float, float], ...]
    recipe: Race

    @cached_property
    def objective(self) -> Objective:
        """What all plans descend."""
        return Landscape(self.landscape, len(self.domain), self.constants)

    @property
    def steps(self) -> int:
        """The recipe's."""
        return self.recipe.steps or STEPS


def settle(recipe: Race, landscape: Definition | None = None) -> Setting:
    """Fill in what the landscape decides: constants, start, steps and the domain.

    Raises UsageError or FormulaError for a landscape, constant or start that does not fit.
    """
    definition = landscape or _landscape(recipe)
    definition.check_constants(recipe.constants)
    check_untrained(recipe.optimizer)
    constants = {**definition.parameters, **recipe.constants}
    for name, value in recipe.constants.items():
        definition.check_limits(name, value)
    if recipe.dim is not None and definition.dimension not in (None, recipe.dim):
        count = f"{definition.dimension} coordinate{'s' if definition.dimension != 1 else ''}"
        raise UsageError(f"{definition.name} has {count}, not {recipe.dim}; drop --dim {recipe.dim}")
    dimension = definition.size(recipe.dim or (len(recipe.start[0]) if recipe.start else None))
    domain = box(definition, dimension, ranges(recipe.domain))
    if recipe.start is None:
        start = definition.start(dimension) or _telling_start(Landscape(definition, dimension, constants), domain)
        starts: tuple[tuple[float, ...], ...] = (start,)
    else:
        starts = recipe.start
    for point in starts:
        if len(point) != dimension:
            raise UsageError(
                f"the start {', '.join(f'{c:g}' for c in point)} has {len(point)} coordinates; {definition.name} has "
                f"{dimension}, so type --start {','.join((['1.5', '-2', '0.5'] * dimension)[:dimension])}"
            )
    steps = recipe.steps or int(LandscapeFacts.of(definition).steps or STEPS)
    return Setting(definition, constants, domain, recipe.updated(start=starts, steps=steps))


def check_starts(setting: Setting, points: NDArray[np.float64] | None = None) -> None:
    """Raise UsageError where the landscape is finite at none of the starts, or of `points`, float64[start, dim]."""
    starts = np.array(setting.recipe.start, np.float64) if points is None else points
    dtype = np.dtype(setting.recipe.dtype)
    for some in (starts[:1], starts):  # most often the first is fine
        with np.errstate(all="ignore"):
            if np.isfinite(setting.objective.value(some.T.astype(dtype))).any():
                return
    where = f"the start ({', '.join(f'{c:g}' for c in starts[0])})"
    where = where if len(starts) == 1 else f"any of the {len(starts)} starts"
    raise UsageError(f"the loss is not finite at {where}, so no run begins there; choose a start where it is")


def ranges(typed: str | tuple[tuple[float, float], ...] | None) -> tuple[tuple[float, float], ...]:
    """The ranges of a recipe's domain or window; of a word and of nothing there are none."""
    return typed if typed and not isinstance(typed, str) else ()


def box(
    definition: Definition, dimension: int, typed: tuple[tuple[float, float], ...], word: str = "domain"
) -> tuple[tuple[float, float], ...]:
    """A range for each coordinate, data units: the typed ones first, then the landscape's own.

    Where it has none, the typed ones repeat themselves, as a family's do, and without any all are ±3. Raises UsageError
    where neither the coordinates that are drawn nor all of them have been given one; `word` is what was typed.
    """
    drawn = min(dimension, 2)
    if typed and len(typed) not in (drawn, dimension):
        raise UsageError(
            f"the {word} has {len(typed)} range{'s' if len(typed) > 1 else ''}; {definition.name} has {dimension} "
            f"coordinate{'s' if dimension > 1 else ''}{', of which 2 are drawn' if dimension > 2 else ''}, "
            f"so type --{word} {','.join(['-2:2', '-1:3'][:drawn])}"
        )
    rest = definition.domain(dimension) or (typed or ((-3.0, 3.0),)) * dimension
    return (*typed, *rest[len(typed) : dimension])


def _landscape(recipe: Race) -> Definition:
    if recipe.formula is not None:
        from gdviz.formula.typed import parse

        return parse(recipe.formula, recipe.constants)
    if recipe.landscape is None:
        raise UsageError('name a landscape, as in `gdviz animate beale`, or type --formula "x**2 + 3*y**2"')
    return find("landscape", recipe.landscape)


def _telling_start(objective: Objective, domain: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """A start for a formula that says none: value and gradient are finite, and it is no critical point.

    It lies off the axes, near the upper left, or where that is none, anywhere in the domain.
    """
    telling = [(0.1, 0.85), (0.15, 0.7), (0.9, 0.2), (0.35, 0.6), (0.27, 0.31)]
    # Multiples of the plastic number's powers spread evenly over a square.
    telling += [((0.5 + k * 0.7548776662466927) % 1, (0.5 + k * 0.5698402909980532) % 1) for k in range(TRIED)]
    is_finite, flat = False, []
    for fractions in telling:
        point = tuple(
            round(low + (high - low) * fractions[i % 2], 6 + max(0, -math.floor(math.log10(high - low))))
            for i, (low, high) in enumerate(domain)
        )
        with np.errstate(all="ignore"):
            value, slope = objective.value_gradient(np.array(point)[:, None])
        is_finite |= bool(np.isfinite(value).all())
        if np.isfinite(value).all() and np.isfinite(slope).all():
            flat.append((float(np.abs(slope).max()), point))
            if flat[-1][0] > 1e-6:
                return point
    steepest = max((steep for steep, _ in flat), default=0.0)
    if steepest > 0:  # all of f is small
        return next(point for steep, point in flat if steep > 1e-6 * steepest)
    what = "its gradient vanishes or is not finite" if is_finite else "it is not finite"
    raise UsageError(
        f"no start of {objective.name} was found: {what} at {len(telling)} points of "
        f"{' × '.join(f'{low:g}:{high:g}' for low, high in domain)}; type --start X,Y or another --domain"
    )


def make(
    setting: Setting,
    entry: Entry,
    optimizer: Definition,
    options: Mapping[str, Any] | None = None,
    points: NDArray[np.float64] | None = None,
) -> Plan:
    """The plan of one optimizer of a settled recipe; `points`, float64[start, dim], in place of the recipe's starts."""
    recipe = setting.recipe
    starts = np.array(recipe.start, dtype=np.float64) if points is None else points
    centre, reach = guard_box(setting.domain, [starts.min(axis=0), starts.max(axis=0), *setting.objective.landmarks])
    return planned(setting, entry, optimizer, options, starts, (centre, reach))


def guard_box(
    domain: Sequence[tuple[float, float]], points: Sequence[Sequence[float]] = ()
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and reach, float64[dim] each, of the guard around a domain and points that are known: see GUARD."""
    corners = np.array([*zip(*domain, strict=True), *points], dtype=np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return (low + high) / 2, GUARD * (high - low) / 2
