"""What a picture says of fair play: in its caption, beside the entries, and in what it counts."""

from __future__ import annotations

import math

from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.recipe.options.race import Race
from gdviz.runs.descents import Descents
from gdviz.runs.trajectories import Trajectories

COUNTED = {
    "counter": "counter_evals",
    "diverged": "diverged_evals",
    "step": "step_evals",
    "undefined": "undefined_evals",
}
"""Texts that count steps, and those that count evaluations in their place."""


def told(run: Trajectories, words: Texts) -> str:
    """How the optimizers were made comparable; empty where they were not."""
    recipe = run.recipe
    if recipe.fair == "lr":
        return words.text("fair_lr", lr=words.number(run.plans[0].options["lr"]))
    if recipe.fair == "tuned":
        return words.text("fair_tuned", n=int(recipe.tuned[0].starts))
    return words.text("fair_evals") if recipe.fair else ""


def quartiles(run: Trajectories, i: int, words: Texts) -> str:
    """Median and quartiles of an optimizer's final loss from random starts, where rates were tuned; else empty."""
    if not run.recipe.tuned:
        return ""
    _, *numbers, _ = run.recipe.tuned[i]
    low, median, high = (_rounded(value, words) for value in numbers)
    return words.text("tuned", low=low, median=median, high=high)


def _rounded(value: float, words: Texts) -> str:
    """A number in two digits, also where the second is a 0: 3.0 stands beside 2.8."""
    value = float(f"{value:.2g}")
    digits = 1 - math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    return words.number(value, digits if 0 < digits <= 4 else None)


def counted(run: Descents, key: str, words: Texts, **values: object) -> str:
    """A text that counts steps, or evaluations where these are what is equal."""
    return words.text(COUNTED[key] if run.by_evaluations else key, **values)


def check_counts(recipe: Race, of_steps: tuple[str, ...]) -> None:
    """Raise UsageError for what is about single steps, such as panels `of_steps`, where evaluations are counted."""
    if recipe.fair != "evals":
        return
    if recipe.anatomy is not None:
        raise UsageError("--anatomy takes a step apart, but --fair evals counts evaluations; drop one of them")
    for name in recipe.panel:
        if name.partition(":")[0] in of_steps:
            raise UsageError(
                f"--panel {name} shows single steps, but --fair evals counts evaluations; drop one of them"
            )
