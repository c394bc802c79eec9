"""Curves of formulas as a scene: a chart that needs no landscape."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gdviz.compose.entries import LABELLED
from gdviz.compose.formulas import typed
from gdviz.compose.pacing import check as check_pace
from gdviz.compose.pacing import film
from gdviz.compose.ranges import heights_of
from gdviz.compose.readings import readings
from gdviz.compose.values import with_cut
from gdviz.compose.words import decimals, detail
from gdviz.errors import UsageError
from gdviz.lang import Texts, texts
from gdviz.recipe.chart import PRIME, Graph
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.sizes import page_size
from gdviz.runs.curves import Curves
from gdviz.scene import Axis, Entry, Panel, Reading, Scene, Style, Theme, Track, Trails, styles, themed


def compose(made: Curves, fps: Fraction | None = None) -> Scene:
    """The scene of a chart as its recipe asks for it; `fps` where the format cannot show the recipe's."""
    recipe, chart = made.recipe, made.recipe.chart
    assert chart is not None
    check_pace(recipe)
    words, theme = texts(recipe.lang), themed(recipe)
    width, height, dpi = page_size(recipe.size)
    looks = _looks(chart.curve, theme)
    entries, tracks = [], []
    labelled = 2 <= len(chart.curve) <= LABELLED
    for number, (one, look) in enumerate(zip(chart.curve, looks, strict=True)):
        label = recipe.said(one.label)
        formula = _named(made, number, words) if one.formula is None else typed(one.formula, words)
        values = tuple(words.number(value, 3) for value in made.y[number])
        style = Style(one.color or look.color, look.dash, look.marker)
        name = label or formula
        details = formula if label and one.formula is not None else ""
        entries.append(Entry(name, details, style, values, label=name if labelled else ""))
        ends = tuple((np.flatnonzero(made.breaks[number]) + 1).tolist())
        tracks.append(Track(number, np.column_stack([made.x, made.y[number]]), breaks=ends))
    mark = words.decimal_mark
    scale = "log" if "x" in chart.log else "linear"
    along = Axis(float(made.x[0]), float(made.x[-1]), scale, recipe.said(chart.x), mark)
    up = _heights(made, "y" in chart.log, mark)
    panel = Panel("main", along, up, (Trails(tuple(tracks), kind="curve"),), recipe.said(chart.y), frame=True)
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=theme,
        panels=(panel,),
        entries=tuple(entries),
        title=recipe.said(recipe.title),
        caption=_caption(recipe, up, words),
        readings=readings(
            recipe, lambda said, words: Reading(said.said(said.title), caption=_caption(said, up, words))
        ),
        counter=_counter(made, scale == "log", words),
        timeline=film(recipe, (panel,), made.t, fps),
        legend=recipe.legend,
        font=recipe.font,
        font_scale=recipe.font_size,
    )


def _looks(curves: Sequence[Graph], theme: Theme) -> list[Style]:
    """The style of each curve; slopes have the colour of what they are slopes of, where that is drawn, and dots."""
    bare = [one.typed.removesuffix(PRIME) for one in curves]
    owners = {text: number for number, (text, one) in enumerate(zip(bare, curves, strict=True)) if not one.slope}
    own = [
        number
        for number, (text, one) in enumerate(zip(bare, curves, strict=True))
        if not one.slope or text not in owners
    ]
    looks = dict(zip(own, styles([None] * len(own), [bare[number] for number in own], theme), strict=True))
    found = []
    for number, text in enumerate(bare):
        if number in looks:
            found.append(looks[number])
        else:
            owner = looks[owners[text]]
            found.append(dataclasses.replace(owner, dash="dashed" if owner.dash == "dotted" else "dotted"))
    return found


def _named(made: Curves, number: int, words: Texts) -> str:
    """What an activation or a loss is called, with the options that were typed."""
    one, definition = made.recipe.chart.curve[number], made.definitions[number]  # type: ignore[union-attr]
    assert definition is not None
    title = words.name(definition.kind, definition.name) or definition.title
    stated = [detail(definition.symbol(key), value, words, definition.name) for key, value in one.options.items()]
    name = ", ".join([title, *stated])
    return words.text("derivative_of", name=name) if one.slope else name


def _counter(made: Curves, logarithmic: bool, words: Texts) -> tuple[str, ...]:
    """Where the curves have got to, with as many decimals as tell neighbours apart, so that nothing jumps.

    What the axis is called stands for x where that is a letter, too.
    """
    assert made.recipe.chart is not None
    axis = made.recipe.said(made.recipe.chart.x)
    letter = axis if len(axis) == 1 else "x"
    if logarithmic:
        return tuple(f"{letter} = {words.number(float(f'{x:.3g}'))}" for x in made.x)
    digits = decimals(float(made.x[0]), float(made.x[-1]), len(made.x))
    return tuple(f"{letter} = {words.fixed(float(x), digits)}" for x in made.x)


def _caption(recipe: Chart, up: Axis, words: Texts) -> str:
    """The recipe's, else that curves go on beyond the axis where they do."""
    return words.text("axis_cut") if recipe.caption is None and any(up.cut) else recipe.said(recipe.caption)


def _heights(made: Curves, logarithmic: bool, mark: str) -> Axis:
    """An axis that holds all that is finite, poles cut off, and of a logarithmic one all that is above 0."""
    shown = made.y[np.isfinite(made.y) & (made.y > 0)] if logarithmic else made.y[np.isfinite(made.y)]
    if not len(shown):
        raise UsageError("no curve rises above 0, where a logarithmic axis begins; drop --log y")
    low, high = float(shown.min()), float(shown.max())
    if logarithmic:
        return Axis(low / 1.4, high * 1.4, "log", decimal=mark)
    ends = [heights_of(y, bool(unbounded)) for y, unbounded in zip(made.y, made.unbounded, strict=True)]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    pad = 0.05 * ((high - low) or abs(high) or 1.0)
    return with_cut(Axis(low - pad, high + pad, decimal=mark), made.y)
