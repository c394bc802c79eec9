"""Responses to signals as a scene: one figure, a method's row, or a whole sheet of methods and signals."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.pacing import check as check_pace
from gdviz.compose.pacing import film
from gdviz.compose.readings import readings
from gdviz.compose.words import detail, lowered
from gdviz.errors import UsageError
from gdviz.lang import Texts, texts
from gdviz.recipe.entries import Entry as Given
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.sizes import page_size
from gdviz.recipe.tables import file_name
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.optimizer import OptimizerFacts
from gdviz.runs.response import Responses
from gdviz.runs.rows import grouped, rows_of
from gdviz.scene import Axis, Entry, Head, Panel, Reading, Scene, Style, Theme, Track, Trails, styles, themed

Floats = NDArray[np.float64]

MOST = 120
"""Panels of a sheet; of more even a large page shows nothing."""

SLOTS = (2, 4, 0, 3, 6, 1, 5, 7)
"""Of the palette, for values of one hyperparameter: neighbours in this order differ most."""

TICKS = 20.0
"""Points between two ticks where there is room: the lecture's."""

SHAPE = 1.9
"""Width over height of a panel in which a sequence reads well."""


@dataclasses.dataclass(frozen=True)
class _Row:
    """Entries that are drawn in the same panels, by their numbers in the recipe; `key` is what the recipe calls it."""

    key: str
    title: str
    entries: tuple[int, ...]


def check(recipe: Signal) -> None:
    """Raise UsageError for what no page could show; asked before anything is computed."""
    check_pace(recipe)
    panels = len(recipe.signal) * len(grouped(recipe.optimizer))
    if panels > MOST:
        raise UsageError(f"{panels} panels are more than a page can show; name fewer methods or signals")


def compose(made: Responses, fps: Fraction | None = None) -> Scene:
    """The scene of responses as their recipe asks for it; `fps` where the format cannot show the recipe's."""
    check(made.recipe)
    recipe = made.recipe
    words, theme = texts(recipe.lang), themed(recipe)
    width, height, dpi = page_size(recipe.size)
    rows = _rows(made, words)
    names = [_signal_title(made, number, words) for number in range(len(made.signals))]
    sheet = len(rows) > 1
    grid = (len(rows), len(names)) if sheet else arrangement(len(names), (width, height))
    entries = [Entry(words.text("gradient"), "", Style(theme.dim, "solid", "diamond"))]
    heads = []
    panels: list[Panel] = []
    for number, row in enumerate(rows):
        first = len(entries)
        entries += _curves(made, row, words, theme)
        heads.append(Head(row.title, tuple(range(first, len(entries)))))
        shown = [name if len(names) > 1 and number == 0 else "" for name in names]
        if (template := _template(recipe)) and len(rows) * len(names) > 1:
            shown = [_filled(template, row, made, signal) for signal in range(len(names))]
        panels += [_panel(made, row, first, signal, title, words) for signal, title in enumerate(shown)]
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=theme,
        panels=tuple(panels),
        entries=tuple(entries),
        title=_title(made, rows, names, words),
        caption=_caption(recipe, words),
        timeline=film(recipe, panels, made.t, fps),
        readings=readings(recipe, lambda said, words: _reading(dataclasses.replace(made, recipe=said), words)),
        legend=recipe.legend,
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid,
        heads=tuple(heads) if sheet else (),
    )


def _reading(made: Responses, words: Texts) -> Reading:
    """What the page says in the language of its recipe."""
    names = [_signal_title(made, number, words) for number in range(len(made.signals))]
    return Reading(_title(made, _rows(made, words), names, words), caption=_caption(made.recipe, words))


def _caption(recipe: Signal, words: Texts) -> str:
    """The recipe's, else how the signals were read where that is not as anyone would."""
    return words.text("signal_original") if recipe.original and recipe.caption is None else recipe.said(recipe.caption)


def arrangement(count: int, size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of a grid for so many panels, whose cells have nearly the best shape and leave few gaps."""

    def cost(columns: int) -> float:
        rows = -(-count // columns)
        shape = size[0] / columns / (size[1] / rows)
        return abs(math.log(shape / SHAPE)) + 0.5 * (rows * columns - count) / count

    columns = min(range(1, count + 1), key=cost)
    return -(-count // columns), columns


def _rows(made: Responses, words: Texts) -> list[_Row]:
    rows, place = [], 0
    for key, entries in grouped(made.recipe.optimizer):
        numbers = tuple(range(place, place + len(entries)))
        place += len(entries)
        found = {made.definitions[number].name for number in numbers}
        first = made.definitions[numbers[0]]
        title = words.text("signal_title") if len(found) > 1 else _method(first, made.options[numbers[0]], words)
        rows.append(_Row(key or "_".join(dict.fromkeys(made.definitions[n].name for n in numbers)), title, numbers))
    return rows


def _method(definition: Definition, options: Mapping[str, Any], words: Texts) -> str:
    """A method's name, and what tells its row from the other rows that its definition states."""
    title = words.name("optimizer", definition.name) or definition.title
    constants = [{**definition.parameters, **row.constants} for row in rows_of(definition)]
    differing = [key for key in definition.parameters if len({row[key] for row in constants}) > 1]
    return ", ".join([title, *(_said(definition, key, options[key], words) for key in differing)])


def _said(definition: Definition, key: str, value: float | str | bool, words: Texts) -> str:
    return detail(definition.symbol(key), value, words, definition.name)


def _curves(made: Responses, row: _Row, words: Texts, theme: Theme) -> list[Entry]:
    """The ledger's entries of a row: what differs between its curves, or whose they are."""
    definitions = [made.definitions[number] for number in row.entries]
    given = [made.recipe.optimizer[number] for number in row.entries]
    alike = len({definition.name for definition in definitions}) == 1
    if alike:
        slots = [SLOTS[place % len(SLOTS)] for place in range(len(given))]
        looks = styles(slots, [str(slot) for slot in range(len(given))], theme)
    else:
        looks = styles([OptimizerFacts.of(d).slot for d in definitions], [d.name for d in definitions], theme)
    result = []
    for entry, number, look in zip(given, row.entries, looks, strict=True):
        definition = made.definitions[number]
        twins = [n for n in row.entries if made.definitions[n] is definition]
        options = made.options[number]
        differing = [key for key in options if len({made.options[n][key] for n in twins}) > 1]
        details = ", ".join(_said(definition, key, options[key], words) for key in differing)
        title = words.name("optimizer", definition.name) or definition.title
        name = made.recipe.said(entry.label) or (details if alike and details else title)
        result.append(Entry(name, "" if name == details else details, _style(entry, look)))
    return result


def _style(entry: Given, look: Style) -> Style:
    return Style(entry.color or look.color, entry.dash or look.dash, entry.marker or look.marker)


def _panel(made: Responses, row: _Row, first: int, signal: int, title: str, words: Texts) -> Panel:
    t = made.t.astype(np.float64)
    curves = [made.signals[signal], *(made.y[number, signal] for number in row.entries)]
    owners = [0, *range(first, first + len(row.entries))]
    tracks = tuple(
        Track(owner, np.column_stack([t, curve.astype(np.float64)]), quiet=owner == 0)
        for owner, curve in zip(owners, curves, strict=True)
    )
    finite = np.concatenate([curve[np.isfinite(curve)] for curve in curves]).astype(np.float64)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    pad = 0.06 * ((high - low) or 1.0)
    mark = words.decimal_mark
    return Panel(
        "main",
        Axis(-0.01 * len(t), float(len(t)), label=words.text("epoch"), decimal=mark, step=TICKS),
        Axis(low - pad, high + pad, label=words.text("value"), decimal=mark),
        (Trails(tracks, kind="curve"),),
        title=title,
        frame=True,
        base=0.0,
    )


def _signal_title(made: Responses, number: int, words: Texts) -> str:
    named, source = made.recipe.signal[number], made.sequences[number]
    if named.formula is not None:
        return named.formula
    if source is None:
        return ": ".join(filter(None, [file_name(named.file or "") or words.text("gradient"), named.column]))
    title = words.name("signal", source.name) or source.title
    return ", ".join([title, *(_said(source, key, value, words) for key, value in named.constants.items())])


def _template(recipe: Signal) -> str | None:
    """The recipe's title where it speaks of methods or signals, so that it names panels."""
    title = recipe.said(recipe.title)
    return title if title and ("{method}" in title or "{signal}" in title) else None


def _filled(template: str, row: _Row, made: Responses, signal: int) -> str:
    named, source = made.recipe.signal[signal], made.sequences[signal]
    name = source.name if source and named.name else named.formula or named.column or file_name(named.file or "")
    return template.replace("{method}", row.key).replace("{signal}", name)


def _title(made: Responses, rows: list[_Row], names: list[str], words: Texts) -> str:
    title, template = made.recipe.said(made.recipe.title), _template(made.recipe)
    if made.recipe.title is not None and template is None:
        return title
    if len(rows) * len(names) == 1:
        return _filled(template, rows[0], made, 0) if template else f"{rows[0].title}: {lowered(names[0])}"
    if len(rows) == 1:
        return rows[0].title
    return f"{words.text('signal_title')}: {lowered(names[0])}" if len(names) == 1 else words.text("signal_title")
