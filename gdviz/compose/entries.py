"""The entries of a race: what its ledger says of every optimizer, at every record."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gdviz.backends import LOST
from gdviz.compose.fairness import counted
from gdviz.compose.paces import stated
from gdviz.compose.tracks import VALUES, noted
from gdviz.compose.words import detail, exactness, limits
from gdviz.errors import UsageError, nearest
from gdviz.lang import Texts
from gdviz.plans.plan import Plan
from gdviz.recipe.options.descent import Descent
from gdviz.registry.kinds.optimizer import OptimizerFacts
from gdviz.runs.descents import Descents
from gdviz.scene import DASHES, MARKERS, Entry, Style, styles, themed

if TYPE_CHECKING:
    from gdviz.recipe.entries import Entry as Named


LABELLED = 8
"""Most entries whose paths have labels at their heads; more would hide what they name."""


@dataclasses.dataclass(frozen=True)
class Roll:
    """The entries of a race, and what all rows share, which is said once above them."""

    entries: tuple[Entry, ...]
    shared: str


def roll_of(
    run: Descents,
    words: Texts,
    beside: bool,
    remarks: Sequence[str],
    more: Sequence[Sequence[str]] = (),
    middle: bool = False,
) -> Roll:
    """An entry for each optimizer, in the recipe's order.

    beside: whether how few runs ended stands beside their paths, for which a panel of losses has no room; remarks: what
    the row of each says besides, "" for nothing; more: what each was told that is no hyperparameter; middle: whether of
    many runs medians alone are drawn, so that there is one head to name.
    """
    beside = beside and noted(run)
    given, theme = run.recipe.optimizer, themed(run.recipe)
    more = more or [()] * len(run.plans)
    slots = [OptimizerFacts.of(plan.optimizer).slot for plan in run.plans]
    looks = styles(slots, [plan.optimizer.name for plan in run.plans], theme)
    titles = [words.name("optimizer", plan.optimizer.name) or plan.optimizer.title for plan in run.plans]
    names = [run.recipe.said(entry.label) or title for entry, title in zip(given, titles, strict=True)]
    keys = [_told(plan, entry) for plan, entry in zip(run.plans, given, strict=True)]
    entries: list[Entry] = []
    for i, (asked, plan, look) in enumerate(zip(given, run.plans, looks, strict=True)):
        style = Style(asked.color or look.color, asked.dash or look.dash, asked.marker or look.marker)
        details = "; ".join(filter(None, [", ".join([*_parts(plan, keys[i], words), *more[i]]), remarks[i]]))
        entries.append(
            Entry(names[i], details, style, _values(run, i, words, beside), () if beside else _left(run, i, words))
        )
    if len(entries) < 2:
        return Roll(tuple(entries), "")
    # variants of one method are compared in all that any of them was told, not in what each was told by itself
    told: dict[str, dict[str, None]] = {}
    for plan, mine in zip(run.plans, keys, strict=True):
        told.setdefault(plan.optimizer.name, {}).update(dict.fromkeys(mine))
    parts = [
        [*_parts(plan, told[plan.optimizer.name], words), *also] for plan, also in zip(run.plans, more, strict=True)
    ]
    common = [part for part in parts[0] if all(part in other for other in parts)]
    own = [", ".join(part for part in mine if part not in common) for mine in parts]
    alike = len(set(names)) == 1 and all(own)
    headings = own if alike else names
    labels = [
        head if alike else ", ".join([name, *_apart(i, names, parts)])
        for i, (head, name) in enumerate(zip(headings, names, strict=True))
    ]
    if "names" not in run.recipe.labels or len(entries) > LABELLED or (run.f.shape[1] > 1 and not middle):
        labels = [""] * len(entries)
    twins = _twins(run)
    for i, twin in enumerate(twins):
        same = "" if twin == i else equated("", headings[twin])
        remark = "; ".join(filter(None, [same, "" if alike else own[i], remarks[i]]))
        label = equated(*(label for label, other in zip(labels, twins, strict=True) if label and other == i))
        entries[i] = dataclasses.replace(entries[i], label=label, row=(headings[i], remark))
    what = ", ".join(common)
    shared = ": ".join(filter(None, [names[0], what])) if alike else words.text("shared", what=what) if what else ""
    return Roll(tuple(entries), shared)


def check_styles(recipe: Descent) -> None:
    """Raise UsageError for dashes and markers that there are not."""
    for entry in recipe.optimizer:
        for key, value, known in (("dash", entry.dash, DASHES), ("marker", entry.marker, MARKERS)):
            if value is not None and value not in known:
                hint = nearest(value, known) or f"; type one of {', '.join(known)}"
                raise UsageError(f"{entry.name}: there is no {key} '{value}'{hint}")


def _apart(i: int, names: Sequence[str], parts: Sequence[Sequence[str]]) -> list[str]:
    """What tells an entry from others of its name; nothing where there are none."""
    others = [told for j, (name, told) in enumerate(zip(names, parts, strict=True)) if name == names[i] and j != i]
    return [part for part in parts[i] if not all(part in told for told in others)] if others else []


def equated(*names: str) -> str:
    """Names of what is the same: "GD = Momentum"."""
    return (" ≡ " if any("=" in name for name in names) else " = ").join(names).lstrip()


def _told(plan: Plan, entry: Named) -> list[str]:
    """The hyperparameters that a row tells: the rate, those that were typed, those with a schedule."""
    shown = ["lr"] if np.isfinite(plan.options.get("lr", np.nan)) else []
    if "lr" not in plan.options and plan.optimizer.rule == "vector":  # what then sets the length of its steps
        shown = list(plan.optimizer.parameters)
    return list(dict.fromkeys([*shown, *entry.options, *(scheduled.parameter for scheduled in plan.schedules)]))


def _parts(plan: Plan, keys: Iterable[str], words: Texts) -> list[str]:
    paces = stated(plan, words)
    return [
        detail(plan.optimizer.symbol(key), plan.options[key], words, plan.optimizer.name)
        + (f" ({paces[key]})" if key in paces else "")
        for key in keys
        if key in plan.options  # of variants one may have rates of layers that another has not
    ]


def _twins(run: Descents) -> list[int]:
    """For each optimizer the first one whose runs are the same: itself where none is."""
    return [next(j for j in range(i + 1) if j == i or run.alike(i, j)) for i in range(len(run.plans))]


def _left(run: Descents, i: int, words: Texts) -> tuple[str, ...]:
    """Whether, and of several starts how many, of an optimizer's runs left the guard by each record, in words."""
    left = run.left_at[i][run.left_at[i] >= 0]
    if not len(left):
        return ()
    starts, far = run.f.shape[1], limits(run.plans[i], words)
    texts = [
        words.text("left_guard_of", n=n, all=starts, limits=far) if starts > 1 else words.text("left_guard", limits=far)
        for n in range(1, len(left) + 1)
    ]
    return tuple(("", *texts)[int((left <= step).sum())] for step in run.t)


def _values(run: Descents, i: int, words: Texts, beside: bool) -> tuple[str, ...]:
    """An optimizer's loss at each record, the median of all its starts; once most are lost, how, in words.

    beside: whether at which step is told beside the path.
    """
    lost = np.flatnonzero(np.isin(run.status[i], LOST))
    lost = lost[np.argsort(run.stopped_at[i][lost], kind="stable")]
    digits = exactness(run.medians)
    texts = [words.number(value, digits) for value in run.medians[i]]
    most = run.f.shape[1] // 2  # as many may be lost before the median means nothing
    if len(lost) > most:
        step = int(run.stopped_at[i][lost[most]])
        first = int(np.searchsorted(run.t, step))
        status = str(run.status[i][lost[most]])
        text = words.text(VALUES[status]) if beside else counted(run, status, words, k=step)
        texts[first:] = [text] * (len(texts) - first)
    return tuple(texts)
