"""What cuts came to: their table, and what whoever asked for them should know."""

from __future__ import annotations

from gdviz.about import training
from gdviz.about.results import loss_of
from gdviz.recipe.options.slice import Slice
from gdviz.runs.slices import Slices


def notes(recipe: Slice, made: Slices) -> list[str]:
    """What is told of the trainings, each sentence once."""
    return list(dict.fromkeys(sentence for fit in made.fits for sentence in training.notes(recipe, fit)))


def ledger(recipe: Slice, made: Slices) -> list[tuple[str, ...]]:
    """One row for each cut: whose it is, the loss there, and how high and low it is in view."""
    rows = []
    for part in made.parts:
        own = float(part.fit.f[(*part.at, -1)])
        row = [part.fit.setting.model, part.fit.labels[part.at[0]], loss_of("loss", own, 1)]
        row.append(f"in view {part.cut.z.min():.4g} to {part.cut.z.max():.4g}")
        if part.cut.explained is not None and part.cut.off is not None:
            shares = " + ".join(f"{100 * share:.3g}" for share in part.cut.explained)
            row.append(f"holds {shares} % of the path's variance, off it by {100 * part.cut.off:.2g} %")
        rows.append(tuple(row))
    return rows
