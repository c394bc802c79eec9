"""Charts of a training: a quantity against epochs, steps or samples seen, of one run or of the middle of many."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.quantity import Along, Quantity, hyperparameter_of, losses_of, panel_of
from gdviz.compose.tracks import tracks_of
from gdviz.compose.values import value_axis, with_cut
from gdviz.lang import Texts
from gdviz.objectives.data import Data
from gdviz.runs.trained import Trained
from gdviz.scene import SCALES, Axis, Band, Panel, Track, Trails

Floats = NDArray[np.float64]

QUARTERS = (0.25, 0.75)
"""Of many runs: the edges of their band; a quartile is one of the values."""

DECADES = 100.0
"""Times by which optimizers differ in what they have seen from which the axis has decades: else one is a dash."""


ALONG: Mapping[str, tuple[str, Callable[[Trained, int], NDArray[Any]]]] = {
    "epoch": ("epoch", lambda run, optimizer: run.epoch),
    "step": ("step", lambda run, optimizer: run.steps_at(optimizer)),
    "samples": ("samples_seen", lambda run, optimizer: run.samples),
}
"""What curves may stand against: the word for it, and its values of an optimizer at every record."""


def along_of(run: Trained, words: Texts, axis: str) -> Along:
    """What curves stand against; a run that has stopped goes no further."""
    title, told = ALONG[axis]
    values = np.stack([told(run, i) for i in range(len(run.plans))]).astype(np.float64)
    stops = np.minimum(np.searchsorted(run.t, run.stopped_at), len(run.t) - 1)
    held = np.minimum(values[:, None, :], np.take_along_axis(values, stops, axis=1)[..., None])
    return Along(held, words.text(title), max(float(held.max()), 1e-9))


def _losses(run: Trained, words: Texts) -> Quantity:
    return losses_of(run, words)


def _validated(run: Trained, words: Texts) -> Quantity | None:
    if run.validation_loss is None:
        return None
    return Quantity(words.text("validation_loss"), run.validation_loss.astype(np.float64), tame=True)


def _accuracies(run: Trained, words: Texts) -> Quantity | None:
    if run.accuracy is None:
        return None
    title = words.text("accuracy_kept" if len(run.setting.data.validation) else "accuracy")
    return Quantity(title, run.accuracy.astype(np.float64), axis=Axis(-0.02, 1.02, decimal=words.decimal_mark))


def _slopes(run: Trained, words: Texts) -> Quantity:
    return Quantity(words.text("gradient_norm"), run.measures["gradient"].astype(np.float64), tame=True)


def _lengths(run: Trained, words: Texts) -> Quantity:
    return Quantity(words.text("step_length"), run.measures["step"].astype(np.float64))


HISTORIES: Mapping[str, Callable[[Trained, Texts], Quantity | None]] = {
    "loss": _losses,
    "validation": _validated,
    "accuracy": _accuracies,
    "gradient": _slopes,
    "step": _lengths,
}
"""What of a training has a chart, by the name of its panel; None where it has none of it."""

NEEDED: Mapping[str, tuple[Callable[[Data], bool], str]] = {
    "validation": (lambda data: data.validation.size > 0, "samples that no step sees; type --validation 0.2"),
    "accuracy": (lambda data: bool(data.classes), "classes, and numbers are told; drop it"),
}
"""What data must have for a chart of them, and what to say where they have it not."""


def history_panels(run: Trained, words: Texts, name: str) -> Iterator[Panel]:
    """The charts of a panel as it is typed, one against each axis of the recipe."""
    head, _, scale = name.partition(":")
    quantity = HISTORIES[head](run, words) if head in HISTORIES else hyperparameter_of(run, words, head)
    for axis in run.recipe.axis if quantity is not None else ():
        assert quantity is not None
        along = along_of(run, words, axis)
        yield _chart(run, words, quantity, scale if scale in SCALES else None, along, head == "loss")


def _chart(run: Trained, words: Texts, quantity: Quantity, scale: str | None, along: Along, losses: bool) -> Panel:
    kept = run.validation_loss if losses else None
    if run.f.shape[1] > 1:
        panel = _spread(run, words, quantity, scale, along)
    elif kept is None:
        panel = panel_of(run, words, quantity, scale, along=along)
    else:
        both = np.concatenate([quantity.values, kept.astype(np.float64)], axis=1)
        axis = quantity.axis or value_axis(both, words.decimal_mark, scale, quantity.tame)
        panel = panel_of(run, words, dataclasses.replace(quantity, axis=axis), None, along=along)
        points = np.stack([along.values, kept.astype(np.float64)], axis=-1)
        thin = tuple(dataclasses.replace(track, quiet=True) for track in tracks_of(run, words, points, notes=False))
        panel = dataclasses.replace(panel, layers=(Trails(thin, kind="curve"), *panel.layers))
    return dataclasses.replace(panel, x=_wide(panel.x, along))


def _wide(axis: Axis, along: Along) -> Axis:
    """The axis, of decades where one optimizer has come much farther along it than another."""
    ends = along.values.max(axis=(1, 2))
    if ends.min() > 0 and ends.max() > DECADES * ends.min():
        first = along.values[along.values > 0].min()
        return dataclasses.replace(axis, scale="symlog", bend=float(first), high=1.05 * axis.high)
    return axis


def _spread(run: Trained, words: Texts, quantity: Quantity, scale: str | None, along: Along) -> Panel:
    """The median of all runs as a curve, in a band from the lower to the upper quartile.

    What is undefined counts as infinite, so that who is lost does not better the others.
    """
    values = np.where(np.isnan(quantity.values), np.inf, quantity.values)
    low, high = np.quantile(values, QUARTERS, axis=1, method="inverted_cdf")
    with np.errstate(invalid="ignore"):
        middle = np.median(values, axis=1)
    quarters = np.where(np.isfinite(found := np.stack([low, middle, high], axis=1)), found, np.nan)
    farthest = along.values.max(axis=1)
    owners = range(len(quarters)) if quantity.owners is None else quantity.owners
    bands = [Band(i, farthest[i], quarters[i, 0], quarters[i, 2]) for i in owners]
    tracks = tuple(Track(i, np.column_stack([farthest[i], quarters[i, 1]]), start=-1) for i in owners)
    axis = quantity.axis or value_axis(quarters, words.decimal_mark, scale, quantity.tame)
    return Panel(
        "side",
        Axis(0.0, along.last, label=along.title, decimal=words.decimal_mark),
        with_cut(axis, quarters, told=True),
        (*bands, Trails(tracks, kind="curve")),
        title=words.text("logarithmic", quantity=quantity.title) if scale == "log" else quantity.title,
        frame=True,
    )
