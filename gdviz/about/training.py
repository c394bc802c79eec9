"""What training came to: its table, and what whoever asked for it should know."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.results import endings, loss_of, searched_of, shown_of, thinned
from gdviz.recipe.options.train import Train
from gdviz.runs.rates import SEEDS
from gdviz.runs.trained import Trained


def notes(recipe: Train, made: Trained) -> list[str]:
    """How rates were chosen, which rules look at one batch as if it were all, and who diverged."""
    return [*thinned(recipe, made), *_rates(recipe, made), *_batches(made), *_lost(made)]


def _rates(recipe: Train, made: Trained) -> Iterator[str]:
    if any(searched_of(recipe, made)):
        judge = "validation" if made.validation_loss is not None else "training"
        yield (
            f"lr=auto took the rate of the half-decade grid from 0.0001 to 100 with the lowest {judge} loss at the "
            f"end, a mean over {SEEDS} networks"
        )


def _batches(made: Trained) -> Iterator[str]:
    """Rules that compare losses or slopes of several points see those of one batch, which the next step has not."""
    batched = [plan.optimizer.rule != "vector" and plan.objective.batched for plan in made.plans]
    names = [label for label, searches in zip(made.labels, batched, strict=True) if searches]
    if names:
        yield (
            f"a step of {' and of '.join(names)} looks at several points with the samples of one batch; what it finds "
            "there need not hold for all samples, which --batch full shows it"
        )


def _lost(made: Trained) -> Iterator[str]:
    for status in ("diverged", "undefined"):
        counts = [int((ends == status).sum()) for ends in made.status]
        runs = made.f.shape[1]
        names = [
            f"{label} ({count} of {runs})" if runs > 1 else label
            for label, count in zip(made.labels, counts, strict=True)
            if count
        ]
        if names:
            yield f"{', '.join(names)} {status}: {WHY[status]}"


WHY = {
    "diverged": "weights went beyond 10³ times what data ask for, the loss above that at the start; a lower lr helps",
    "undefined": "a loss, a gradient or a step was not a finite number; a lower lr helps",
}
"""Why runs were lost, by their status."""


def ledger(recipe: Train, made: Trained) -> list[tuple[str, ...]]:
    """One row per optimizer: its rate, losses and accuracy at the end, medians of its runs, and how these ended."""
    searched, k, runs = searched_of(recipe, made), shown_of(made), made.f.shape[1]
    counted = ("sample", "at sample") if made.setting.by_samples else ("step", "at step")
    rows = []
    for i, (label, entry) in enumerate(zip(made.labels, made.recipe.optimizer, strict=True)):
        rate = entry.options.get("lr")
        row = [label, f"lr={rate:g}{' (auto)' * searched[i]}" if isinstance(rate, float) else ""]
        row.append(loss_of("loss", float(made.medians[i, k]), runs))
        if made.validation_loss is not None:
            row.append(loss_of("validation", float(np.median(made.validation_loss[i, :, k])), 1))
        if made.accuracy is not None:
            row.append(f"accuracy {100 * float(np.median(made.accuracy[i, :, k])):.3g} %")
        rows.append((*row, endings(made, i, k, *counted)))
    return rows
