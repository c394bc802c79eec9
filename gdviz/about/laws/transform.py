"""Laws of transforms: finite, random by seed and run alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import Verdict, bowl, told
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import model_of
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.runs.simulation import simulate
from gdviz.runs.trajectories import Trajectories


def laws(definition: Definition) -> Iterator[Verdict]:
    """Of gradient descent whose gradients it changes."""
    made = [_noisy(definition, seed, starts) for seed, starts in ((0, 2), (0, 2), (1, 2), (0, 1))]
    finite = all(bool(np.isfinite(run.x).all()) for run in made)
    yield Verdict("finite down a bowl", finite, f"100 steps of gradient descent end at {told(made[0].x[0, 0, -1])}")
    first, again, other, alone = (run.x for run in made)
    yield Verdict("the same seed gives the same run", np.array_equal(first, again), "100 steps, bit for bit")
    yield Verdict("each trajectory alone as among others", np.array_equal(first[:, :1], alone), "bit for bit")
    if {"normal", "uniform"} & set(definition.inputs):
        differ = not np.array_equal(first, other) and not np.array_equal(first[:, 0], first[:, 1])
        yield Verdict("another seed or run gives other numbers", differ, "seeds 0 and 1, runs 0 and 1")


def _noisy(definition: Definition, seed: int, starts: int) -> Trajectories:
    """Gradient descent down the bowl from the same point several times, with a transform."""
    recipe = model_of(Race).model_validate(
        {
            "optimizer": ({"name": "gd", "lr": 0.1},),
            "transform": ({"name": definition.name},),
            "start": ((1.0, -2.0),) * starts,
            "steps": 100,
            "seed": seed,
            "domain": ((-3.0, 3.0), (-3.0, 3.0)),
        }
    )
    return simulate(recipe, describe("landscape", bowl))
