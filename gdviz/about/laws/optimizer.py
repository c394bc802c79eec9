"""Laws of optimizers: at rest where nothing pulls, down a bowl, each trajectory by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import Verdict, bowl, told
from gdviz.backends import LOST
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import model_of
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.runs.response import feed
from gdviz.runs.simulation import simulate
from gdviz.runs.trajectories import Trajectories

SHORT = 50
"""Steps that tell whether a rule stays, and whether each trajectory is by itself."""


def laws(definition: Definition) -> Iterator[Verdict]:
    """By itself and with each of its presets."""
    presets: list[str | None] = [None, *definition.presets]
    for preset in presets:
        called = f" with preset {preset}" if preset else ""
        if definition.rule == "vector" and preset is None:
            points = feed(definition, np.zeros((20, 2)), x0=(1.0, -2.0), values=np.zeros(20))
            finite = bool(np.isfinite(points).all())
            yield Verdict("finite when the gradient is 0", finite, f"20 steps from (1, -2) end at {told(points[-1])}")
        if definition.rule == "program" and preset is None:
            resting = _descend(definition, None, [(0.0, 0.0)], None, SHORT)
            stays = bool((resting.x == 0).all()) and resting.status[0, 0] not in LOST
            yield Verdict("stays where the gradient is 0", stays, f"{SHORT} steps end {resting.status[0, 0]}")
        run = _descend(definition, preset, [(1.0, -2.0)])
        f = run.f[0, 0]
        holds = bool(np.isfinite(f).all()) and f[-1] < f[0] and run.status[0, 0] not in LOST
        rate = run.recipe.optimizer[0].options.get("lr")
        said = "" if rate is None else f", lr {rate:g}" if isinstance(rate, float) else ""
        yield Verdict(f"gets down a bowl{called}", holds, f"loss {f[0]:.3g} to {f[-1]:.3g} in {run.t[-1]} steps{said}")
        if preset is None:
            starts = [(1.0, -2.0), (-0.3, 0.7), (2.5, 1.0)]
            together = _descend(definition, None, starts, rate, SHORT)
            # What draws random numbers has others at each place among the starts.
            apart = starts[:1] if "random" in definition.inputs else starts
            alone = [_descend(definition, None, [start], rate, SHORT) for start in apart]
            same = all(np.array_equal(together.x[0, i], a.x[0, 0], equal_nan=True) for i, a in enumerate(alone))
            found = f"{len(starts)} starts, {SHORT} steps, bit for bit"
            yield Verdict("each trajectory alone as among others", same, found)


def _descend(
    definition: Definition,
    preset: str | None,
    starts: list[tuple[float, float]],
    rate: object = "auto",
    steps: int = 200,
) -> Trajectories:
    stated = dict(definition.presets.get(preset or "", {}))
    options = {"lr": rate} if "lr" in definition.parameters and "lr" not in stated and rate is not None else {}
    entry = Entry.model_validate({"name": definition.name, **({"preset": preset} if preset else {}), **options})
    recipe = model_of(Race).model_validate(
        {"optimizer": (entry,), "start": tuple(starts), "steps": steps, "domain": ((-3.0, 3.0), (-3.0, 3.0))}
    )
    return simulate(recipe, describe("landscape", bowl), [definition])
