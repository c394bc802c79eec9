"""Laws of schedules: finite, between nothing and the base value."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import Verdict, bowl
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import model_of
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.runs.simulation import simulate
from gdviz.runs.trajectories import Trajectories

RATE = 0.9
"""Of gradient descent where a schedule is examined; down the bowl it is stable below 1."""


def laws(definition: Definition) -> Iterator[Verdict]:
    """Of gradient descent whose rate it changes, by itself and with each of its presets."""
    for preset in (None, *definition.presets):
        called = f" with preset {preset}" if preset else ""
        part = {"name": definition.name, **({"preset": preset} if preset else {})}
        made = [_paced(part, starts) for starts in (3, 1)]
        rates = made[0].hyperparameter("lr")[0]
        finite = bool(np.isfinite(rates).all())
        yield Verdict(f"finite at every step{called}", finite, f"{rates.shape[-1] - 1} steps, from {rates[0, 1]:.4g}")
        low, high = float(rates.min()), float(rates.max())
        bounded = low >= 0 and high <= RATE * (1 + 1e-12)
        yield Verdict(f"between 0 and the base value{called}", bounded, f"{low:.4g} to {high:.4g}, base {RATE:g}")
        same = np.array_equal(made[0].x[:, :1], made[1].x)
        yield Verdict(f"each trajectory alone as among others{called}", same, "bit for bit")


def _paced(part: dict[str, str], starts: int) -> Trajectories:
    """Gradient descent down the bowl for a thousand steps, the rate scheduled."""
    recipe = model_of(Race).model_validate(
        {
            "optimizer": ({"name": "gd", "lr": RATE},),
            "schedule": ({"parameter": "lr", "chain": (part,)},),
            "start": ((1.0, -2.0), (-0.3, 0.7), (2.5, 1.0))[:starts],
            "steps": 1000,
            "domain": ((-3.0, 3.0), (-3.0, 3.0)),
        }
    )
    return simulate(recipe, describe("landscape", bowl))
