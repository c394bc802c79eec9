"""What a race came to: its table, and why runs diverged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gdviz.plans.plan import Plan
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.race import Race
from gdviz.runs.descents import Descents
from gdviz.runs.trajectories import Trajectories


def notes(recipe: Race, made: Trajectories) -> list[str]:
    """What whoever asked for the race should know of its results."""
    return [*thinned(recipe, made), *divergences(made)]


def thinned(recipe: Descent, made: Descents) -> list[str]:
    """That fewer records are shown than were asked for."""
    if (shown := made.recipe.every) == recipe.every:
        return []
    return [f"of {made.t[-1]} steps one in {shown} is shown; --every K chooses another"]


def divergences(made: Trajectories) -> list[str]:
    """Why runs diverged: for each cause one sentence with the optimizers that it stopped."""
    found: dict[str, list[str]] = {}
    starts = made.f.shape[1]
    for i, (label, plan) in enumerate(zip(made.labels, made.plans, strict=True)):
        far = plan.is_far(made.x[i, :, -1])
        lost = [
            _cause(plan, float(made.f[i, j, 0]), float(made.f[i, j, -1]), bool(far[j]))
            for j in (made.status[i] == "diverged").nonzero()[0]
        ]
        for cause in dict.fromkeys(lost):
            of = f" (from {lost.count(cause)} of {starts} starts)" if starts > 1 else ""
            found.setdefault(cause, []).append(f"{label}{of}")
    return [f"{', '.join(labels)} {cause}" for cause, labels in found.items()]


def _cause(plan: Plan, begun: float, ended: float, far: bool) -> str:
    """Why a run diverged, from its first and last loss and whether it ended beyond the far guard."""
    outside = f"diverged outside the guard {plan.guard_told} (10³ times domain, starts and minima)"
    if not math.isfinite(ended):
        return f"{outside}, where the loss is not a finite number"
    if ended > begun:
        return f"{outside} with a loss above the one at the start; a wider --domain widens the guard"
    if far:
        return "diverged beyond 10⁶ times domain, starts and minima, where every run stops; a wider --domain widens it"
    if plan.optimizer.shown:  # the point that is judged is not the one that is recorded
        return f"{outside}, where its own point went beyond 10⁶ times or a gradient or step was not a finite number"
    return f"{outside}, where a gradient or step was not a finite number"


def ledger(recipe: Race, made: Trajectories) -> list[tuple[str, ...]]:
    """One row per optimizer: its rate, the loss it ended with, and how."""
    searched, k = searched_of(recipe, made), shown_of(made)
    tuned, unit = made.recipe.tuned, "evaluation" if made.recipe.fair == "evals" else "step"
    at_word = "after" if made.recipe.fair == "evals" else "at step"
    rows: list[tuple[str, ...]] = []
    for i, (label, entry) in enumerate(zip(made.labels, made.recipe.optimizer, strict=True)):
        rate = entry.options.get("lr")
        origin = " (tuned)" if tuned and tuned[i].rate and searched[i] else " (auto)" if searched[i] else ""
        said = f"lr={rate:g}{origin}" if isinstance(rate, float) else ""
        told = loss_of("loss", float(made.medians[i, k]), made.f.shape[1])
        row: tuple[str, ...] = (label, said, told, endings(made, i, k, unit, at_word))
        if tuned:
            _, low, median, high, starts = tuned[i]
            row += (f"from {starts:g} random starts: median {median:.3g}, quartiles {low:.3g} and {high:.3g}",)
        rows.append(row)
    return rows


def searched_of(recipe: Descent, made: Descents) -> list[bool]:
    """Of every optimizer whether its rate was searched; of a recipe that names none all are."""
    return [entry.options.get("lr") == "auto" for entry in recipe.optimizer] or [True] * len(made.labels)


def shown_of(made: Descents) -> int:
    """The record that a still shows."""
    at = made.recipe.at
    return len(made.t) - 1 if at is None else int(abs(made.t - at).argmin())


def loss_of(word: str, loss: float, runs: int) -> str:
    """A loss in a row of a table; of several runs it is their median."""
    told = f"{word} –" if math.isnan(loss) else f"{word} {loss:.4g}"
    return f"{told} (median of {runs})" if runs > 1 else told


def endings(made: Descents, i: int, k: int, unit: str, at_word: str) -> str:
    """How the runs of an optimizer ended, as far as record k tells where they did not."""
    steps = {str(end): made.stopped_at[i][made.status[i] == end] for end in sorted({*made.status[i]})}
    steps.pop("unfinished", None)
    gone = made.left_at[i][made.left_at[i] >= 0]
    ends = {**steps, f"went beyond {made.plans[i].guard_told}": gone} if len(gone) else steps
    how = ", ".join(_ending(end, when, made.f.shape[1], at_word) for end, when in ends.items())
    return how if steps else ", ".join(filter(None, [f"after {made.t[k]} {unit}{'s' * (int(made.t[k]) != 1)}", how]))


def _ending(end: str, when: Sequence[int], starts: int, at_word: str) -> str:
    """How and when runs of an optimizer ended; of several starts how many did."""
    if starts == 1:
        return f"{end} {at_word} {when[0]}"
    many = "all" if len(when) == starts else f"{len(when)} of {starts}"
    return f"{many} {end}, the first {at_word} {min(when)}"
