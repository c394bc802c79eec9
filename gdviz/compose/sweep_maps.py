"""Sweeps along two axes: a map of each optimizer, its best cell, and the boundary beyond which runs diverge."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.outcomes import Outcome, worth
from gdviz.compose.ramps import STEPS, ramp
from gdviz.compose.studies import cells, names, order, places, side, value_of
from gdviz.lang import Texts
from gdviz.recipe.sizes import page_size
from gdviz.scene import Axis, Bar, Key, Layer, Marks, Mosaic, Outline, Panel, themed
from gdviz.scene.layers import HATCHES
from gdviz.studies.optimum import MOST, best_cell
from gdviz.studies.study import Study

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

NONE, LOST, UNKNOWN = map(HATCHES.index, ("rising", "falling", "crossed"))
"""Lines over cells without a number, over those of them in which most runs diverge, and over those not computed."""

RAGGED = 4
"""Edges of a boundary for each row and column beyond which it is no line, and would cover the cells."""

DEEP = 1e-12
"""Share of the highest value below which all have one colour: what rounding leaves would else take most of them."""


def plane(study: Study, optimizer: int) -> tuple[int | slice, ...]:
    """Which cells of an optimizer are drawn: all along the first two axes, of further ones those of its best cell."""
    further = len(study.problem.axes) - 2
    best = best_cell(study.arrays, optimizer) if further else None
    return (optimizer, slice(None), slice(None), *(best[2:] if best else (0,) * further))


def drawn(study: Study, values: NDArray) -> NDArray:
    """What is drawn of values [optimizer, *axes]: [optimizer, row, column], the first axis across, both rising."""
    first, second = (order(axis) for axis in study.problem.axes[:2])
    return np.stack([values[plane(study, i)][np.ix_(first, second)].T for i in range(len(values))])


def panels(study: Study, words: Texts, outcome: Outcome) -> tuple[Panel, ...]:
    """A panel for each optimizer, all with the same colours; the axes are named where they stand."""
    theme = themed(study.recipe)
    across, up = (side(study, axis, words) for axis in study.problem.axes[:2])
    values = drawn(study, outcome.of(study))
    lost = drawn(study, study.arrays["diverged"]) > MOST
    shares = better(study, values, outcome)
    found = []
    for i, name in enumerate(names(study, words)):
        columns, rows = (cells(axis) for axis in study.problem.axes[:2])
        hatch = hatching(values[i], lost[i], outcome)
        pixels = ramp(theme.maps.scale, np.nan_to_num(shares[i]))
        page = [int(theme.page[at : at + 2], 16) for at in (1, 3, 5)]
        pixels[hatch > 0] = page
        layers: list[Layer] = [Mosaic(columns, rows, pixels, hatch)]
        known = ~np.isnan(values[i])
        if 0 < _changes(lost[i], known) <= RAGGED * sum(lost[i].shape):
            layers.append(Outline(boundary(lost[i], known, columns, rows)))
        best = best_cell(study.arrays, i)
        if best is not None:
            layers.append(Marks("minimum", _place(study, best)[None], (_told(study, i, best, words),)))
        further = zip(study.problem.axes[2:], best[2:] if best else (), strict=False)
        rest = ", ".join(value_of(study, axis, at, words) for axis, at in further if len(axis) > 1)
        alone = len(study.problem.labels) == 1 and not rest
        title = "" if alone else f"{name} ({rest})" if rest else name
        found.append(Panel("main", across, up, tuple(layers), title=title))
    return tuple(found)


def better(study: Study, values: Floats, outcome: Outcome) -> Floats:
    """How good values are, 0…1 along the axis of the key, 1 for the best; NaN where there is no number."""
    axis = scale(study, outcome, ".")
    shares = axis.fraction(np.where(np.isfinite(values), values, np.nan))
    return 1 - shares if outcome.lower else shares


def scale(study: Study, outcome: Outcome, mark: str) -> Axis:
    """The axis of the key: from the lowest to the highest value in cells that do not diverge, of decades where these
    span more than one, and then no deeper than DEEP."""
    if outcome.share:
        return Axis(0.0, 100.0, decimal=mark)
    values, lost = drawn(study, outcome.of(study)), drawn(study, study.arrays["diverged"]) > MOST
    finite = values[np.isfinite(values)]
    finite = values[np.isfinite(values) & ~lost] if (np.isfinite(values) & ~lost).any() else finite
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if low == high:
        pad = abs(low) / 2 or 0.5
        return Axis(low - pad, high + pad, decimal=mark)
    above = finite[finite > 0]
    floor = max(float(above.min()), DEEP * high) if len(above) else 0.0
    if low >= 0 and high > 10 * floor > 0:
        return Axis(floor, high, "log", decimal=mark)
    return Axis(low, high, decimal=mark)


def _steps(lost: Mask, known: Mask) -> Mask:
    """bool[row - 1, column]: between which rows of cells some are lost and others are known not to be."""
    return np.asarray((lost[1:] != lost[:-1]) & known[1:] & known[:-1])


def _changes(lost: Mask, known: Mask) -> int:
    """Edges between cells bool[row, column] that are lost and others."""
    return int(_steps(lost, known).sum() + _steps(lost.T, known.T).sum())


def boundary(lost: Mask, known: Mask, x: Floats, y: Floats) -> Floats:
    """Lines float64[line, 2, 2] along the edges of cells bool[row, column] between those that are lost and others, as
    long as they are straight."""
    found = []
    for flags, told, along, across, turned in ((lost, known, x, y, False), (lost.T, known.T, y, x, True)):
        changes = np.pad(_steps(flags, told), ((0, 0), (1, 1))).astype(np.int8)  # between a row and the next
        steps = np.diff(changes, axis=1)
        (rows, first), last = np.nonzero(steps > 0), np.nonzero(steps < 0)[1]
        ends = [np.stack([along[at], across[rows + 1]], axis=-1) for at in (first, last)]
        lines = np.stack(ends, axis=1)
        found.append(lines[:, :, ::-1] if turned else lines)
    return np.concatenate(found)


def _place(study: Study, cell: tuple[int, ...]) -> Floats:
    """float64[2]: where a cell stands."""
    return np.array([places(axis)[at] for axis, at in zip(study.problem.axes[:2], cell, strict=False)])


def _told(study: Study, optimizer: int, cell: tuple[int, ...], words: Texts) -> str:
    """Where a cell is along the axes that are drawn, and what it comes to; beside other maps on paper this alone."""
    if len(study.problem.labels) > 1 and page_size(study.recipe.size)[2] is not None:
        return worth(study, optimizer, cell, words)
    place = ", ".join(value_of(study, axis, at, words) for axis, at in zip(study.problem.axes[:2], cell, strict=False))
    return f"{place}: {worth(study, optimizer, cell, words)}"


def key(study: Study, words: Texts, outcome: Outcome) -> Key:
    """What colours mean."""
    values = drawn(study, outcome.of(study))
    axis = scale(study, outcome, words.decimal_mark)
    label = words.text(outcome.title)
    if ((values < axis.low) | ((values > axis.high) & np.isfinite(values))).any():
        label = words.text("sweep_beyond", quantity=label)
    shares = np.linspace(0.0, 1.0, STEPS)
    colors = ramp(themed(study.recipe).maps.scale, 1 - shares if outcome.lower else shares)
    return Key((Bar("", colors, axis=dataclasses.replace(axis, label=label)),))


def hatching(values: Floats, lost: NDArray[np.bool_], outcome: Outcome) -> NDArray[np.uint8]:
    """Which of HATCHES lies over cells float64[row, column]; steps tell runs that miss from those that diverge."""
    none = np.where(lost & (outcome.array == "median_steps"), LOST, NONE)
    return np.where(np.isnan(values), UNKNOWN, np.where(np.isfinite(values), 0, none)).astype(np.uint8)


def hatches(words: Texts, outcome: Outcome, panels: Sequence[Panel]) -> list[str]:
    """What lines over cells mean, where there are any."""
    there = {kind for panel in panels for layer in panel.layers if isinstance(layer, Mosaic) for kind in _kinds(layer)}
    none = "sweep_missed" if outcome.array == "median_steps" else "sweep_lost"
    told = ((NONE, none), (LOST, "sweep_falling"), (UNKNOWN, "sweep_unknown"))
    return [words.text(key) for kind, key in told if kind in there]


def _kinds(layer: Mosaic) -> list[int]:
    return [] if layer.hatch is None else np.unique(layer.hatch).tolist()
