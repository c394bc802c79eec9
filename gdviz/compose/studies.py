"""What pictures of all kinds of studies have in common: rows of optimizers, names of axes, title, caption."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.compose.entries import check_styles
from gdviz.compose.words import detail, lowered
from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.recipe.options.descent import Descent
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.optimizer import OptimizerFacts
from gdviz.scene import Axis, Entry, Style, styles, themed
from gdviz.studies.problem import Axis as Varied
from gdviz.studies.shares import Shares
from gdviz.studies.statistics import in_percent
from gdviz.studies.study import Study

Floats = NDArray[np.float64]

LABELLED = 8
"""Most entries whose curves have names at their ends; more would hide what they name."""


def check(recipe: Descent) -> None:
    """Raise UsageError for what no picture of a study could show; asked before anything is run."""
    check_styles(recipe)


def optimizers(study: Study) -> list[Definition | None]:
    """The definitions of a study's optimizers; None of functions, which no name brings back."""
    found: list[Definition | None] = []
    for entry in study.recipe.optimizer:
        found.append(None)
        with contextlib.suppress(UsageError):
            found[-1] = find("optimizer", entry.name)
    return found


def names(study: Study, words: Texts, brief: bool = False) -> list[str]:
    """What each optimizer is called: as its label says, else by its name in the language, where no other has it, or
    where that has no room as its definition calls it, such as GD."""
    titles = [
        label if one is None else (not brief and words.name("optimizer", one.name)) or one.title
        for one, label in zip(optimizers(study), study.problem.labels, strict=True)
    ]
    return [
        study.recipe.said(entry.label) or (title if titles.count(title) == 1 else label)
        for entry, title, label in zip(study.recipe.optimizer, titles, study.problem.labels, strict=True)
    ]


def entries(study: Study, words: Texts, remarks: Sequence[str] = (), labelled: bool = False) -> tuple[Entry, ...]:
    """A row for each optimizer: its hyperparameters, without those that are varied, and a remark.

    labelled: whether curves have names at their ends.
    """
    recipe, found = study.recipe, optimizers(study)
    varied = {axis.name for axis in study.problem.axes}
    slots = [None if one is None else OptimizerFacts.of(one).slot for one in found]
    looks = styles(slots, [entry.name for entry in recipe.optimizer], themed(recipe))
    told = names(study, words)
    rows = []
    for i, (asked, one, look, name) in enumerate(zip(recipe.optimizer, found, looks, told, strict=True)):
        style = Style(asked.color or look.color, asked.dash or look.dash, asked.marker or look.marker)
        own = [
            detail(one.symbol(key) if one else key, value, words, asked.name)
            for key, value in asked.options.items()
            if key not in varied
        ]
        details = "; ".join(filter(None, [", ".join(own), remarks[i] if remarks else ""]))
        label = name if labelled and 2 <= len(told) <= LABELLED else ""
        rows.append(Entry(name, details, style, label=label))
    return tuple(rows)


NAMED: Mapping[str, str] = {"batch": "batch_size", "seed": "seed"}
"""Words for what may be varied besides the options of definitions."""


def symbol(study: Study, name: str, words: Texts) -> str:
    """How the field writes what is varied: the letter of a hyperparameter, of a constant or of an option, or a word."""
    if name in NAMED:
        return words.text(NAMED[name])
    for definition in optimizers(study):
        if definition is not None and name.partition(".")[0] in definition.parameters:
            return words.option(definition.symbol(name), definition.name) or definition.symbol(name)
    owner, option = _owner(study, name)
    if owner is None:
        return name
    letter = owner.symbol(option)
    return words.option(letter, owner.name) or letter


def _owner(study: Study, name: str) -> tuple[Definition | None, str]:
    """Of what is no optimizer's: the definition whose constant or option it is, and how that calls it."""
    owner, _, option = name.partition(".")
    for kind, entry in study.recipe.named():
        asked = entry.name == owner or (kind, owner) == ("initialiser", "init") or (kind == "landscape" and not option)
        with contextlib.suppress(UsageError):
            if asked and (option or name) in (definition := find(kind, entry.name)).parameters:
                return definition, option or name
    return None, ""


def called(study: Study, axis: Varied, words: Texts) -> str:
    """What an axis is called: its letter, with the word for a rate, or with what it is an option of."""
    letter = symbol(study, axis.name, words)
    if axis.name.partition(".")[0] == "lr":
        return words.text("learning_rate", symbol=letter)
    owner, _ = _owner(study, axis.name)
    if owner is None or owner.kind == "landscape" or axis.name in NAMED:
        return letter
    return f"{letter} ({lowered(words.name(owner.kind, owner.name) or owner.title)})"


def value_of(study: Study, axis: Varied, at: int, words: Texts) -> str:
    """What is varied and a value of it: η = 0.193."""
    return f"{symbol(study, axis.name, words)} = {said(axis, at, words)}"


def said(axis: Varied, at: int, words: Texts) -> str:
    """A value along an axis: a whole number where nothing lies between these, else one to three digits."""
    if not axis.words and not axis.continuous:
        return f"{axis.values[at]:.0f}".replace("-", "\u2212")
    if not axis.words:
        return words.number(float(f"{axis.values[at]:.3g}"))
    return words.text("batch_full") if (axis.name, axis.words[at]) == ("batch", "full") else axis.words[at]


def apart(axis: Varied) -> bool:
    """Whether nothing lies between the values of an axis: they are words, or there is but one."""
    return axis.scale == "words" or len(axis) == 1


def places(axis: Varied) -> Floats:
    """float64[cell]: where the cells of an axis stand on that of a panel."""
    return np.arange(0.0, len(axis)) if apart(axis) else axis.values


def order(axis: Varied) -> NDArray[np.int64]:
    """int64[cell]: the places of the values of an axis from the lowest to the highest; of words as they stand."""
    return np.argsort(places(axis), kind="stable")


def cells(axis: Varied) -> Floats:
    """float64[cell + 1], rising: the edges of cells along an axis, halfway between its values."""
    if apart(axis):
        return np.arange(-0.5, len(axis))
    (low, high), values = sorted(axis.edges), axis.values[order(axis)]
    middle = np.sqrt(values[1:] * values[:-1]) if axis.scale == "log" else (values[1:] + values[:-1]) / 2
    return np.array([low, *middle.tolist(), high])


def side(study: Study, axis: Varied, words: Texts, edges: bool = True) -> Axis:
    """An axis of cells as one of a panel, from edge to edge, or from the first value to the last."""
    name, mark = called(study, axis, words), words.decimal_mark
    if apart(axis):
        return Axis(
            -0.5,
            len(axis) - 0.5,
            label=name,
            decimal=mark,
            names=tuple(said(axis, at, words) for at in range(len(axis))),
        )
    low, high = map(float, (cells(axis) if edges else np.sort(axis.values))[[0, -1]])
    return Axis(low, high, axis.scale, name, mark, whole=not axis.continuous)


def check_known(study: Study) -> None:
    """Raise UsageError where there is nothing to be drawn."""
    if not study.known.any():
        raise UsageError("nothing of this study is computed yet, so there is nothing to draw")


def title(study: Study, words: Texts, key: str, recipe: Descent | None = None, **gaps: object) -> str:
    """The recipe's, else what is descended and what is asked of it, by the key of that sentence and with its gaps.

    recipe: the study's in the language of the words, where that is another.
    """
    recipe = recipe or study.recipe
    if recipe.title is not None:
        return recipe.said(recipe.title)
    told = [(kind, entry.name) for kind, entry in recipe.named() if kind in ("landscape", "model", "dataset")]
    titles = [words.name(kind, name) or find(kind, name).title for kind, name in told]
    what = ", ".join([*titles[:1], *map(lowered, titles[1:])]) or words.text("formula_title")
    first, *others = study.problem.axes
    letters = " × ".join(symbol(study, axis.name, words) for axis in study.problem.axes)
    axes = letters if others else called(study, first, words)
    return words.text(key, what=what, axes=axes, **gaps)


CRITERIA: Mapping[str, str] = {
    "target": "study_target",
    "loss": "study_loss",
    "radius": "study_radius",
    "window": "study_window",
}
"""Sentences for what counts, by the names of criteria."""


def caption(
    study: Study,
    words: Texts,
    more: Iterable[str] = (),
    criteria: Sequence[str] = tuple(CRITERIA),
    recipe: Descent | None = None,
    runs: str = "",
    judged: bool = True,
    last: Iterable[str] = (),
) -> str:
    """The recipe's, else what a picture must not hide: what is missing, what counts, of how many runs, how sure it is.

    more: what else there is to say; criteria: those of CRITERIA that the picture rests on; recipe: the study's in the
    language of the words, where that is another; runs: what tells how many there are, where that is
    not those of a cell; judged: whether it says how sure it is; last: what may be left out before that.
    """
    recipe, problem = recipe or study.recipe, study.problem
    if recipe.caption is not None:
        return recipe.said(recipe.caption)
    said = [] if study.complete else [words.text("study_part", share=percent(study.done[0] / study.done[1], words))]
    sentences = {**CRITERIA, "loss": "study_loss_epoch"} if problem.criteria.get("asked") == "epoch" else CRITERIA
    said += [
        words.text(sentences[name], value=_criterion(problem.criteria[name], words), steps=problem.steps)
        for name in criteria
        if name in problem.criteria
    ]
    said.append(runs or words.text("study_runs", n=problem.runs, dtype=recipe.dtype))
    said += [*more, *(reliability(study, words) if judged else []), *last]
    return ". ".join(one[:1].upper() + one[1:] for one in said)


def _criterion(value: float | str, words: Texts) -> str:
    return value if isinstance(value, str) else words.number(float(f"{value:.3g}"))


def percent(share: float, words: Texts) -> str:
    """A share of 1 in percent, to two digits."""
    return words.number(in_percent(share, 2))


def reliability(study: Study, words: Texts) -> list[str]:
    """Which shares of labels change, of all optimizers from the smallest to the largest, all over and at boundaries:
    one sentence, so that neither is told without the other."""
    if not study.reliability:
        return []
    other = "float32" if study.recipe.dtype == "float64" else "float64"
    ways = {"ulp": "1 ulp", "dtype": other, "resolution": words.text("study_finer")}
    halves = [[one.all for one in study.reliability], [one.boundary for one in study.reliability]]
    shares = [{name: [getattr(row, name) for row in rows] for name in ways} for rows in halves]
    known = [name for name in ways if not np.isnan([half[name] for half in shares]).all()]
    if not known:
        return []
    told = [" / ".join(_range(half[name], words) for name in known) for half in shares]
    by = " / ".join(ways[name] for name in known)
    said = [words.text("study_reliability", n=_cells(halves[0], words), ways=by, shares=told[0])]
    if any(row.cells for row in halves[1]):
        said.append(words.text("study_boundary", n=_cells(halves[1], words), shares=told[1]))
    return ["; ".join(said)]


def _range(shares: Sequence[float], words: Texts) -> str:
    known = [share for share in shares if not np.isnan(share)]
    if not known:
        return "–"
    ends = list(dict.fromkeys(percent(end, words) for end in (min(known), max(known))))
    return "–".join(ends)


def _cells(rows: Sequence[Shares], words: Texts) -> str:
    most = max(row.cells for row in rows)
    return words.number(most)
