"""A recipe as the command that makes its artefact: what `words` reads, written again."""

from __future__ import annotations

import shlex
from pathlib import Path

from gdviz.encode import CLIPS, FORMATS
from gdviz.recipe.chart import Graphs
from gdviz.recipe.options import typed
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.race import Recipe
from gdviz.runs.rows import all_rows, grouped
from gdviz.words import options
from gdviz.words.options import said, text_of
from gdviz.words.reading import untuned
from gdviz.words.rows import expand, word
from gdviz.words.signals import all_signals


def command_of(recipe: Recipe, file: str | None = None) -> str:
    """The command that makes a recipe's artefact; options at their defaults are left out.

    file: path of the artefact, whose ending tells a picture from a film and whose name the command gives it; a recipe
    alone is one of a film, unless it says which step is shown.
    """
    last: list[str] = []
    ending = Path(file or "").suffix.lower()
    still = ending not in CLIPS if ending in FORMATS else recipe.at is not None
    job: type
    if recipe.signal:
        job, own, words = Signal, {"optimizer", "signal"}, ["gdviz", "signal", *_sheet(recipe)]
    elif recipe.chart:
        formulas = [one.formula for one in recipe.chart.curve]
        dashed = any(text.startswith("-") for text in formulas)  # -x^2 would be read as options
        words, last = ["gdviz", "chart", *([] if dashed else formulas)], ["--", *formulas] if dashed else []
        job, own, words = Chart, set(), [*words, *_axes(recipe, recipe.chart)]
    else:
        job, own, words = Race, {"landscape"}, ["gdviz", "plot" if still else "animate"]
        words += [recipe.landscape] if recipe.landscape else []
        recipe = untuned(recipe) if recipe.tuned else recipe
    absent = ("clip" if still else "still") if job is Race else ""
    words += [word for name in recipe.plugins for word in ("--plugin", name)]
    words += options.words_of(
        recipe, (one for one in typed(job) if one.stored and one.key not in own and one.group != absent)
    )
    if file is not None and ending in FORMATS:
        words += ["--out", Path(file).name]
    return shlex.join([*words, *last])


def _axes(recipe: Recipe, chart: Graphs) -> list[str]:
    """Names of the curves and the axes of a chart, as typed."""
    words: list[str] = []
    if all(one.label is not None for one in chart.curve):
        words += [word for one in chart.curve for word in ("--name", recipe.said(one.label))]
    words += ["--range", ":".join(map(text_of, chart.range))]
    axes = (("--log", chart.log), ("--x", recipe.said(chart.x)), ("--y", recipe.said(chart.y)))
    defaults = ("", "x", "")
    return words + [word for axis, usual in zip(axes, defaults, strict=True) if axis[1] != usual for word in axis]


def _sheet(recipe: Recipe) -> list[str]:
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
