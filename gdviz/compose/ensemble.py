"""Ensembles as a scene: bands of the loss against the step, where runs end, how long they stay where they began."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST
from gdviz.compose import studies
from gdviz.compose.readings import readings
from gdviz.compose.split import grid_of
from gdviz.compose.values import value_axis, with_cut
from gdviz.compose.words import exactness
from gdviz.lang import Texts, texts
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.sizes import page_size
from gdviz.scene import Axis, Band, Counts, Entry, Layer, Panel, Reading, Scene, Track, Trails, themed
from gdviz.studies.minima import Minima
from gdviz.studies.results import whole
from gdviz.studies.study import Study

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

TOGETHER = 2
"""Most optimizers whose bands are drawn in one panel: those of more would cover each other."""

SQUARE = 0.25
"""How far the sides of a page may differ, as a share, for its panels to stand in a grid, as they do on paper."""

LISTED, SCREEN = 2.1, 96.0
"""Inches of a cell that has room for the rows of all optimizers: in smaller ones their panels alone name them, and how
many pixels of a screen an inch has."""

ROWS = 6
"""Most minima that have a row of their own; the rarest of more are counted together."""

MEDIAN = 2
"""Its place among the quantiles."""

THICK = 0.76
"""Share of a row that its bars take together."""


WORDS: Mapping[str, str] = {"diverged": "diverged_value", "undefined": "undefined_value"}
"""Words for runs that are lost, by how they are."""


@dataclasses.dataclass(frozen=True, eq=False)
class _Sums:
    """What the runs that are computed come to.

    records: float64[record], steps. losses: float64[optimizer, quantile, record], NaN where infinite, and of optimizers
    of which no run is computed. ends: int64[optimizer, end]. stayed: float64[optimizer, record], the share of those
    which began at a minimum that had not left it, in percent; None where none began at one or none left. decimals: of
    the last losses, as far as known.
    """

    records: Floats
    losses: Floats
    ends: Numbers
    stayed: Floats | None
    decimals: int

    @classmethod
    def of(cls, study: Study) -> _Sums:
        """Of the blocks that are computed."""
        problem: Any = study.problem
        found = whole(study)
        losses, began, escaped = found["loss_q"], found["began"][:, None], found["escaped"]
        stayed = 100 * (1 - escaped / np.maximum(began, 1))
        return cls(
            problem.drawn.records.astype(np.float64),
            np.where(np.isfinite(losses), losses, np.nan),
            found["ends"],
            np.where(began > 0, stayed, np.nan) if escaped.any() else None,
            problem.bins.decimals(losses[:, MEDIAN, -1]),
        )

    @property
    def runs(self) -> int:
        """Of each optimizer."""
        return int(self.ends.sum(axis=1).max())


def compose(study: Study, fps: Fraction | None = None) -> Scene:
    """The scene of an ensemble as its recipe asks for it; it stands still, so `fps` changes nothing.

    Raises UsageError where nothing is computed yet.
    """
    recipe, words = cast(Ensemble, study.recipe), texts(study.recipe.lang)
    studies.check_known(study)
    width, height, dpi = page_size(recipe.size)
    sums = _Sums.of(study)
    rows = tuple(_measured(sums, i, entry, words) for i, entry in enumerate(studies.entries(study, words, (), True)))
    panels = [*_losses(sums, words, [row.name for row in rows]), *_ends(study, sums, words), *_stays(sums, words)]
    parted = len(rows) > TOGETHER or dpi is not None or abs(width - height) < SQUARE * height
    grid = grid_of(panels, (width, height)) if parted and len(panels) > 1 else None
    named = len(rows) > TOGETHER and grid is not None and width / grid[1] < LISTED * (dpi or SCREEN)
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=themed(recipe),
        panels=tuple(panels),
        entries=rows,
        title=studies.title(study, words, "ensemble_title", recipe, n=sums.runs),
        caption=_caption(study, sums, recipe, words, panels),
        readings=readings(recipe, lambda said, words: _reading(study, sums, said, words, panels)),
        values_title=words.text("median_of_runs", n=sums.runs),
        legend="off" if named else recipe.legend,
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid,
    )


def _measured(sums: _Sums, optimizer: int, entry: Entry, words: Texts) -> Entry:
    """The entry with the median of the loss at every record, if any run of it is computed."""
    if not sums.ends[optimizer].any():
        return entry
    medians = np.where(np.isnan(sums.losses[:, MEDIAN]), np.inf, sums.losses[:, MEDIAN])
    digits = min(exactness(medians), sums.decimals)
    return dataclasses.replace(entry, values=tuple(words.number(float(one), digits) for one in medians[optimizer]))


def _losses(sums: _Sums, words: Texts, names: Sequence[str]) -> list[Panel]:
    """The median of the loss against the step, in the bands of the middle half and of nine tenths of all runs; of many
    optimizers a panel for each, with one axis for all."""
    steps, known = sums.records, sums.losses
    axis = with_cut(value_axis(known, words.decimal_mark, None), known, told=True)
    loss = words.text("loss")
    title = words.text("logarithmic", quantity=loss) if axis.scale == "log" else loss
    groups = [[i] for i in range(len(known))] if len(known) > TOGETHER else [list(range(len(known)))]
    panels = []
    for number, group in enumerate(groups):
        bands = [Band(i, steps, known[i, at], known[i, -1 - at], still=True) for at in (0, 1) for i in group]
        tracks = tuple(Track(i, np.column_stack([steps, known[i, 2]])) for i in group)
        layers: tuple[Layer, ...] = (*bands, Trails(tracks, kind="curve"))
        alone = len(groups) == 1
        up = dataclasses.replace(axis, label="" if alone else loss)
        said, brief = (title, loss) if alone else (names[number], "")
        panels.append(Panel("main", _along(sums, words), up, layers, title=said, brief=brief, frame=True))
    return panels


def _along(sums: _Sums, words: Texts) -> Axis:
    """The steps."""
    return Axis(0.0, float(sums.records[-1]), label=words.text("step"), decimal=words.decimal_mark)


def _ends(study: Study, sums: _Sums, words: Texts) -> list[Panel]:
    """How many runs end at which minimum, and how many at none; nothing where all end in one way."""
    names, counts = _rows(study, sums, words)
    if len(names) < 2:
        return []
    many, total = len(counts), counts.sum(axis=1, keepdims=True)
    layers = []
    for i, row in ((i, row) for i, row in enumerate(counts) if total[i, 0]):
        off = THICK / many * ((many - 1) / 2 - i)
        places = np.array([len(names) - 1 - number + off for number in range(len(names))])
        shares = [n / int(total[i, 0]) for n in row.tolist()]
        told = tuple(f"{n} ({studies.percent(one, words)} %)" for n, one in zip(row.tolist(), shares, strict=True))
        layers.append(Counts(i, places, np.array([100 * one for one in shares]), 0.9 * THICK / many, told))
    up = Axis(-0.5, len(names) - 0.5, decimal=words.decimal_mark, names=tuple(reversed(names)))
    across = Axis(0.0, 100.0, decimal=words.decimal_mark)
    title, brief = words.text("ensemble_ends"), words.text("ensemble_ends_brief")
    return [Panel("side", across, up, tuple(layers), title=title, brief=brief, frame=True)]


def _rows(study: Study, sums: _Sums, words: Texts) -> tuple[list[str], Numbers]:
    """How runs end, and how many do, int64[optimizer, row]: minima that any reaches, the lowest first, then others."""
    problem: Any = study.problem
    minima, counts = problem.minima, sums.ends
    known = 0 if minima is None else len(minima.points)
    reached = np.flatnonzero(counts[:, :known].any(axis=0))
    own = np.sort(reached[np.argsort(-counts[:, reached].sum(axis=0), kind="stable")[:ROWS]])
    names = [_place(minima, int(at), words) for at in own] if minima is not None else []
    columns = [counts[:, at] for at in own]
    if len(reached) > len(own):
        names.append(words.text("ensemble_others", n=len(reached) - len(own)))
        columns.append(counts[:, np.setdiff1d(reached, own)].sum(axis=1))
    elsewhere = words.text("ensemble_elsewhere" if known else "ensemble_finite")
    for at, name in enumerate((elsewhere, *(words.text(WORDS[status]) for status in LOST)), known):
        if counts[:, at].any():
            names.append(name)
            columns.append(counts[:, at])
    return names, np.stack(columns, axis=1)


def _place(minima: Minima, minimum: int, words: Texts) -> str:
    """Where a minimum is; of one with many coordinates its number and its value."""
    if minima.points.shape[1] > 3:
        value = words.number(float(f"{minima.values[minimum]:.3g}"))
        return words.text("ensemble_minimum", n=minimum + 1, value=value)
    return f"({words.point(minima.shown(minimum))})"


def _stays(sums: _Sums, words: Texts) -> list[Panel]:
    """Which share of the runs that begin at a minimum has not left it yet, by the step."""
    if sums.stayed is None:
        return []
    tracks = tuple(Track(i, np.column_stack([sums.records, one])) for i, one in enumerate(sums.stayed))
    up = Axis(-2.0, 102.0, decimal=words.decimal_mark)
    title = words.text("ensemble_stays")
    return [Panel("side", _along(sums, words), up, (Trails(tracks, kind="curve"),), title=title, frame=True)]


def _reading(study: Study, sums: _Sums, recipe: Ensemble, words: Texts, panels: Sequence[Panel]) -> Reading:
    """What the page says at most in the language of its recipe."""
    title = studies.title(study, words, "ensemble_title", recipe, n=sums.runs)
    return Reading(title, caption=_caption(study, sums, recipe, words, panels))


def _caption(study: Study, sums: _Sums, recipe: Ensemble, words: Texts, panels: Sequence[Panel]) -> str:
    """What bands are, and what counts as an end and as an escape."""
    said = [words.text("ensemble_bands")]
    if any(any(panel.y.cut) for panel in panels):
        said.append(words.text("axis_cut"))
    counts = ("radius",) if len(panels) > 1 else ()
    runs = words.text("ensemble_runs", n=sums.runs, dtype=recipe.dtype)
    return studies.caption(study, words, said, counts, recipe, runs)
