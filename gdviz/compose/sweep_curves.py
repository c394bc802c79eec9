"""Sweeps along one axis: final losses with their bands, success, steps, and where runs diverge."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.outcomes import OUTCOMES, Outcome
from gdviz.compose.studies import apart, cells, order, places, side
from gdviz.compose.values import with_cut
from gdviz.lang import Texts
from gdviz.scene import Axis, Band, Entry, Layer, Panel, Spans, Track, Trails, Whiskers
from gdviz.studies.optimum import MOST
from gdviz.studies.statistics import wilson
from gdviz.studies.study import Study

Floats = NDArray[np.float64]

ROOM = 0.075
"""Share of a panel's height for a row of bars that mark where runs diverge."""

DODGE = 0.6
"""Share of the distance of two words that the markers of all optimizers at one word take."""


def panels(study: Study, words: Texts, rows: Sequence[Entry], first: str) -> tuple[Panel, ...]:
    """A panel for each outcome, the one that is asked for first and large; the others have no span of divergence."""
    shown = [first, *(name for name in ("final", "success", "steps") if name != first)]
    if not np.isfinite(OUTCOMES["steps"].of(study)).any():
        shown = [name for name in shown if name != "steps"] or [first]
    return tuple(_panel(study, words, rows, OUTCOMES[name], not place) for place, name in enumerate(shown))


def _panel(study: Study, words: Texts, rows: Sequence[Entry], outcome: Outcome, large: bool) -> Panel:
    axis, way = study.problem.axes[0], order(study.problem.axes[0])
    values, low, high = (edge[:, way] for edge in _edges(study, outcome))
    up = outcome.axis(np.stack([low, values, high], axis=1), words.decimal_mark)
    layers: list[Layer] = []
    if apart(axis):
        spread = DODGE / len(values) * (np.arange(len(values)) - (len(values) - 1) / 2)
        layers += [Whiskers(i, places(axis) + spread[i], low[i], values[i], high[i]) for i in range(len(values))]
    else:
        if study.problem.runs > 1 and outcome.array != "median_steps":
            layers += [
                Band(i, axis.values[way], _known(low[i]), _known(high[i]), still=True) for i in range(len(values))
            ]
        layers.append(Trails(tuple(_track(study, i, values[i]) for i in range(len(values))), kind="curve"))
    if large and outcome.array != "diverged" and (spans := _spans(study, words)):
        layers += spans
        up = _higher(up, ROOM * (len(rows) + 0.5), 119.0 if outcome.share else np.inf)
    told = words.text(outcome.title)
    scaled = words.text("logarithmic", quantity=told) if up.scale == "log" else told
    finite = np.where(np.isfinite(values), values, np.nan)
    return Panel(
        "main" if large else "side",
        side(study, axis, words, edges=False),
        dataclasses.replace(with_cut(up, finite, told=True), label=""),
        tuple(layers),
        title=scaled,
        brief=told,
        frame=True,
    )


def _edges(study: Study, outcome: Outcome) -> tuple[Floats, Floats, Floats]:
    """The middle of a band, its lower and its upper edge: of losses quantiles of the runs, infinite where most diverge,
    for which there are other marks; of shares of several runs their 95 % limits."""
    values = outcome.of(study)
    if outcome.array == "final_q50":
        lost = (study.arrays["diverged"] > MOST) & (not apart(study.problem.axes[0]))
        arrays = ("final_q50", "final_q10", "final_q90")
        middle, low, high = (
            np.where(lost, np.inf, dataclasses.replace(outcome, array=array).of(study)) for array in arrays
        )
        return middle, low, high
    if outcome.share and study.problem.runs > 1:
        counts = np.rint(values / 100 * study.problem.runs)
        low, high = wilson(np.nan_to_num(counts), study.problem.runs)
        return values, np.where(np.isnan(values), np.nan, 100 * low), np.where(np.isnan(values), np.nan, 100 * high)
    return values, values, values


def _known(edge: Floats) -> Floats:
    """Edges of a band; what is infinite has none."""
    return np.where(np.isfinite(edge), edge, np.nan)


def _track(study: Study, optimizer: int, values: Floats) -> Track:
    """A curve of values float64[cell], in rising order along the axis, that ends at its last number; where runs
    diverge beyond that its head is crossed out."""
    way = order(study.problem.axes[0])
    known = np.flatnonzero(np.isfinite(values))
    points = np.column_stack([study.problem.axes[0].values[way], _known(values)])
    if not len(known) or known[-1] == len(values) - 1:
        return Track(optimizer, points)
    last = int(known[-1])
    lost = bool(study.arrays["diverged"][optimizer, way[last + 1]] > MOST)
    points[last + 1 :] = points[last]
    return Track(optimizer, points, "diverged" if lost else "unfinished", last if lost else None)


def _spans(study: Study, words: Texts) -> list[Layer]:
    """Where most runs of each optimizer diverge, from the edge of a cell to that of another."""
    axis = study.problem.axes[0]
    if apart(axis):
        return []
    edges, found = cells(axis), list[Layer]()
    for i, shares in enumerate(study.arrays["diverged"][:, order(axis)]):
        ends, at = [], 0
        for lost, group in groupby(shares > MOST):
            count = len(list(group))
            ends += [(edges[at], edges[at + count])] if lost else []
            at += count
        if ends:
            found.append(Spans(i, np.array(ends), len(found), words.text("diverged_value") if not found else ""))
    return found


def _higher(axis: Axis, share: float, most: float) -> Axis:
    """The axis with a share of its height more at its top, up to a value at most."""
    low, high = axis.heights(np.array([axis.low, axis.high]))
    return dataclasses.replace(axis, high=min(float(axis.unheights(np.array([high + share * (high - low)]))[0]), most))
