"""Data space: the samples, and among them what a model tells at every record, as a line or as decision regions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from gdviz.lang import Texts
from gdviz.objectives.data import Data
from gdviz.registry.kinds.loss import LossFacts
from gdviz.runs.trained import Trained
from gdviz.scene import Axis, Entry, Fit, Layer, Panel, Points, Regions, Style, themed

Floats = NDArray[np.float64]

SHOWN = 800
"""Most samples that are drawn; more would be a carpet."""

RESIDUALS = 150
"""Most samples from all of which lines lead to the fit of who is alone."""

CURVE = 121
"""Points of a fitted curve: straight pieces of it are then a few pixels long."""

GRID = 101
"""Samples of a decision along each side of a panel; between them scores are bilinear."""

FEWEST, WORK = 33, 5e9
"""Of wide networks: samples along a side at least, and how many weights times samples times records a panel may cost,
some ten seconds."""

APART = 4
"""Most entries that have regions of their own; of more the first are shown."""

AIR = 0.07
"""Of the range of samples: what is shown beyond it on either side."""

PIECE = 8
"""Records of which decisions are computed at once."""

CLASSES = (2, 4, 3, 6, 1, 5, 7, 0)
"""Slots of the palette for classes: neighbours in this order differ most; the first come first."""


SHAPES = ("circle", "square", "triangle", "diamond", "down", "hexagon")
"""Markers of classes: those that may be hollow."""


def is_drawn(data: Data) -> bool:
    """Whether its samples have a place on a page: of one feature beside their target, of two as classes in a plane."""
    return data.outputs == 1 if len(data.features) == 1 else len(data.features) == 2 and bool(data.classes)


def shown_of(data: Data) -> NDArray[np.int64]:
    """The samples that are drawn, int64[n]: all, or of many some that lie all over them."""
    rows = np.sort(np.concatenate([data.training, data.validation]))
    if len(rows) <= SHOWN:
        return rows
    spread = np.argsort(np.arange(len(rows)) * 0.6180339887498949 % 1.0, kind="stable")
    return np.sort(rows[spread[:SHOWN]])


def data_panels(run: Trained, words: Texts, entries: Sequence[Entry], records: NDArray[np.int64]) -> tuple[Panel, ...]:
    """The samples with what the first run of every entry tells; a panel for each where regions cannot be shared.

    records: those that are drawn, int64[n], rising from 0.
    """
    data = run.setting.data
    if len(data.features) == 1:
        return (_line(run, words, entries),)
    count = min(len(entries), APART)
    return tuple(_regions(run, words, entries, number, records) for number in range(count))


def _line(run: Trained, words: Texts, entries: Sequence[Entry]) -> Panel:
    """One feature and the target, or the probability of the second class, and every entry's curve through them."""
    data, theme, rows = run.setting.data, themed(run.recipe), shown_of(run.setting.data)
    x, y = data.X[rows, 0], data.y[rows].astype(np.float64)
    along, up = _axis(x, words, data.features[0]), _axis(y, words, data.target)
    looks = _looks(run, entries) if data.classes else (Style(theme.dim),)
    groups = data.y[rows].astype(np.int64) if data.classes else np.zeros(len(rows), np.int64)
    samples = Points(np.column_stack([x, y]), groups, looks, ~np.isin(rows, data.training))
    told = np.linspace(along.low, along.high, CURVE)
    alone = len(entries) == 1 and not data.classes and len(rows) <= RESIDUALS
    ends = samples.points if alone else None
    fits = [
        Fit(
            number,
            told,
            _told(run, number, told),
            ends,
            None if ends is None else _told(run, number, ends[:, 0]),
        )
        for number in range(len(entries))
    ]
    return Panel("main", along, up, (samples, *fits), frame=True)


def _told(run: Trained, entry: int, x: Floats) -> Floats:
    """What an entry's first run tells of values of the one feature, float64[record, value]."""
    return np.asarray(run.setting.predict(x[:, None], _weights(run, entry))[:, 0].T, np.float64)


def _weights(run: Trained, entry: int) -> NDArray[np.floating]:
    """Of the first run of an entry, dtype[parameter, record]."""
    assert run.path is not None
    return np.ascontiguousarray(run.path[entry, 0].T)


def _regions(run: Trained, words: Texts, entries: Sequence[Entry], entry: int, records: NDArray[np.int64]) -> Panel:
    """Two features, the classes of samples, and which class an entry's first run tells where."""
    data, rows = run.setting.data, shown_of(run.setting.data)
    points, looks = data.X[rows], _looks(run, entries)
    along, up = (_axis(points[:, part], words, data.features[part]) for part in (0, 1))
    count = int(np.clip((WORK / (run.setting.objective.dim * len(records))) ** 0.5, FEWEST, GRID))
    x, y = np.linspace(along.low, along.high, count), np.linspace(up.low, up.high, count)
    plain = all(label.lstrip("-").isdigit() for label in data.classes)
    layers: tuple[Layer, ...] = (
        Regions(
            x,
            y,
            _scores(run, entry, x, y, records),
            records,
            tuple(look.color for look in looks),
            bool(LossFacts.of(run.setting.loss[0]).link),
        ),
        Points(
            points, data.y[rows].astype(np.int64), looks, ~np.isin(rows, data.training), () if plain else data.classes
        ),
    )
    title = entries[entry].heading if len(entries) > 1 else ""
    return Panel("main", along, up, layers, title=title)


def _scores(run: Trained, entry: int, x: Floats, y: Floats, records: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32[record, class, row, column]: of two classes what speaks for the second beside 0 for the first."""
    setting, weights = run.setting, _weights(run, entry)
    places = setting.data.scaled(np.column_stack([part.ravel() for part in np.meshgrid(x, y)]))
    count = max(len(setting.data.classes), 2)
    scores = np.zeros((len(records), count, len(y), len(x)), np.float32)
    for first in range(0, len(records), PIECE):
        some = records[first : first + PIECE]
        told = setting.objective.predict(places, np.ascontiguousarray(weights[:, some]))  # [output, sample, record]
        found = np.moveaxis(told, 2, 0).reshape(len(some), -1, len(y), len(x))
        if found.shape[1] == 1:
            found = found - LossFacts.of(setting.loss[0]).boundary
        scores[first : first + PIECE, count - found.shape[1] :] = found
    return scores


def _axis(values: Floats, words: Texts, label: str) -> Axis:
    low, high = float(values.min()), float(values.max())
    pad = AIR * ((high - low) or abs(high) or 1.0)
    return Axis(low - pad, high + pad, label=label, decimal=words.decimal_mark)


def _looks(run: Trained, entries: Sequence[Entry]) -> tuple[Style, ...]:
    """How samples of each class look: first in colours that no entry wears, then in all others."""
    theme = themed(run.recipe)
    worn = {entry.style.color for entry in entries}
    ordered = [theme.colors[slot] for slot in (*CLASSES, *range(len(CLASSES), len(theme.colors)))]
    free = sorted(dict.fromkeys(ordered), key=worn.__contains__)
    pairs = zip(cycle(free), cycle(SHAPES), strict=False)
    return tuple(Style(color, marker=shape) for color, shape in islice(pairs, len(run.setting.data.classes)))
