"""The entries of a race: what its ledger says of every optimizer, at every record."""

from __future__ import annotations

import numpy as np

from gdviz.backends import LOST
from gdviz.compose.fairness import quartiles
from gdviz.compose.paces import stated
from gdviz.compose.quantities import view_of
from gdviz.compose.tracks import VALUES, noted
from gdviz.compose.words import detail, loss_text
from gdviz.lang import Texts
from gdviz.registry.kinds.optimizer import OptimizerFacts
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import THEMES, Entry, Style, styles


def entries_of(run: Trajectories, words: Texts) -> tuple[Entry, ...]:
    """One for each optimizer, in the recipe's order."""
    given = run.recipe.optimizer
    theme = THEMES[run.recipe.theme]
    slots = [OptimizerFacts.of(plan.optimizer).slot for plan in run.plans]
    looks = styles(slots, [plan.optimizer.name for plan in run.plans], theme)
    result: list[Entry] = []
    for entry, plan, look in zip(given, run.plans, looks, strict=True):
        style = Style(entry.color or look.color, entry.dash or look.dash, entry.marker or look.marker)
        shown = ["lr"] if np.isfinite(plan.options.get("lr", np.nan)) else []
        if "lr" not in plan.options and plan.optimizer.rule == "vector":  # what then sets the length of its steps
            shown = list(plan.optimizer.parameters)
        paces = stated(plan, words)
        shown += [key for key in (*entry.options, *paces) if key not in shown]
        notes = ", ".join(
            detail(plan.optimizer.symbol(key), plan.options[key], words, plan.optimizer.name)
            + (f" ({paces[key]})" if key in paces else "")
            for key in dict.fromkeys(shown)
        )
        details = "; ".join(filter(None, [notes, quartiles(run, len(result), words)]))
        name = run.recipe.said(entry.label) or words.name("optimizer", plan.optimizer.name) or plan.optimizer.title
        result.append(Entry(name, details, style, _values(run, len(result), words), _left(run, len(result), words)))
    return tuple(result)


def _beside(run: Trajectories) -> bool:
    """Whether how runs ended stands beside their paths: a panel of losses has no room for it."""
    return noted(run) and view_of(run.recipe, run.x.shape[-1]) != "loss"


def _left(run: Trajectories, i: int, words: Texts) -> tuple[str, ...]:
    """Whether, and of several starts how many, of an optimizer's runs left the guard by each record, in words."""
    left = run.left_at[i][run.left_at[i] >= 0]
    if not len(left) or _beside(run):
        return ()
    starts = run.x.shape[1]
    texts = [
        words.text("left_guard_of", n=n, all=starts) if starts > 1 else words.text("left_guard")
        for n in range(1, len(left) + 1)
    ]
    return tuple(("", *texts)[int((left <= step).sum())] for step in run.t)


def _values(run: Trajectories, i: int, words: Texts) -> tuple[str, ...]:
    """An optimizer's loss at each record, the median of all its starts; once most are lost, how, in words."""
    lost = np.flatnonzero(np.isin(run.status[i], LOST))
    lost = lost[np.argsort(run.stopped_at[i][lost], kind="stable")]
    texts = [loss_text(value, words) for value in run.medians[i]]
    most = run.x.shape[1] // 2  # as many may be lost before the median means nothing
    if len(lost) > most:
        step = int(run.stopped_at[i][lost[most]])
        first = int(np.searchsorted(run.t, step))
        status = str(run.status[i][lost[most]])
        text = words.text(VALUES[status][not _beside(run)], k=step)
        texts[first:] = [text] * (len(texts) - first)
    return tuple(texts)
