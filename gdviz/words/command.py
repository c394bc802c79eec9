"""Recipes as the commands that make their artefacts: what `words` reads, written again."""

from __future__ import annotations

from collections.abc import Sequence

from gdviz.recipe.chart import Graphs
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.runs.rows import all_rows, grouped
from gdviz.words.options import command, said, text_of
from gdviz.words.reading import untuned
from gdviz.words.rows import expand, word
from gdviz.words.signals import all_signals


def of_race(recipe: Race, still: bool, out: Sequence[str]) -> list[str]:
    """A race as typed, with `out` at the end."""
    told = untuned(recipe) if recipe.tuned else recipe
    return command(told, "plot" if still else "animate", out=out, without="clip" if still else "still")


def of_signal(recipe: Signal, still: bool, out: Sequence[str]) -> list[str]:
    """A sheet of responses as typed, with `out` at the end."""
    return command(recipe, "signal", _sheet(recipe), out, own=("optimizer", "signal"))


def of_chart(recipe: Chart, still: bool, out: Sequence[str]) -> list[str]:
    """A chart as typed, with `out` behind its options."""
    chart = recipe.chart
    assert chart is not None, "a chart's recipe is told by its curves"
    formulas = [one.formula for one in chart.curve]
    dashed = any(text.startswith("-") for text in formulas)  # -x^2 would be read as options
    words = command(recipe, "chart", [*([] if dashed else formulas), *_axes(recipe, chart)], out)
    return [*words, "--", *formulas] if dashed else words


def _axes(recipe: Chart, chart: Graphs) -> list[str]:
    """Names of the curves and the axes of a chart, as typed."""
    words: list[str] = []
    if all(one.label is not None for one in chart.curve):
        words += [word for one in chart.curve for word in ("--name", recipe.said(one.label))]
    words += ["--range", ":".join(map(text_of, chart.range))]
    axes = (("--log", chart.log), ("--x", recipe.said(chart.x)), ("--y", recipe.said(chart.y)))
    defaults = ("", "x", "")
    return words + [word for axis, usual in zip(axes, defaults, strict=True) if axis[1] != usual for word in axis]


def _sheet(recipe: Signal) -> list[str]:
    """Methods, curves and signals of a sheet of responses, as typed."""
    words: list[str] = []
    everything = [entry for row in all_rows() for entry in expand(row.name)]
    for _, entries in grouped(recipe.optimizer) if list(recipe.optimizer) != everything else ():
        method = word(entries)
        words += [method] if method else [item for one in entries for item in ("-o", said(recipe, one))]
    constants: dict[str, float] = {}
    usual = [{"name": signal.name} for signal in all_signals()]
    for one in recipe.signal if [one.flat() for one in recipe.signal] != usual else ():
        if one.formula is not None:
            words += ["--signal", one.formula]
            constants |= one.constants
        elif one.name is not None:
            pairs = ",".join(f"{name}={text_of(value)}" for name, value in one.constants.items())
            words += ["--signal", f"{one.name}:{pairs}" if pairs else one.name]
        else:
            words += ["--signal", f"{one.file}:{one.column}" if one.column else one.file or "FILE.csv"]
    return words + [item for name, value in constants.items() for item in ("--set", f"{name}={text_of(value)}")]
