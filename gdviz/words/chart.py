"""Charts as typed: formulas, axes, and the same words again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gdviz.errors import UsageError
from gdviz.recipe.chart import Graphs
from gdviz.recipe.options.chart import Chart
from gdviz.words import options
from gdviz.words.options import text_of
from gdviz.words.quantities import parse_range


def read(typed: Mapping[str, Any], base: Chart) -> Chart:
    """The recipe `base` with everything that was typed put over it. Raises UsageError or RecipeError."""
    changes = options.changes_of(typed, Chart)
    chart: dict[str, Any] = base.chart.flat() if base.chart else {}
    if texts := typed.get("formulas"):
        names = typed.get("names") or ()
        if names and len(names) != len(texts):
            raise UsageError(f"{len(texts)} curves need as many --name, not {len(names)}")
        called = [{"label": name} for name in names] or [{}] * len(texts)
        chart["curve"] = [{"formula": text, **name} for text, name in zip(texts, called, strict=True)]
    elif not chart:
        raise UsageError('what to draw is missing; type formulas of x, as in gdviz chart "x^2" "2*x"')
    elif typed.get("names"):
        raise UsageError("--name belongs to formulas; type these as well")
    if (text := typed.get("range")) is not None:
        chart["range"] = parse_range(text)
    chart |= {key: typed[key] for key in ("log", "x", "y") if typed.get(key) is not None}
    if "constants" in changes:
        changes["constants"] = {**base.constants, **changes["constants"]}
    return options.changed(base, {**changes, "chart": chart})


def told(recipe: Chart, still: bool, out: Sequence[str]) -> list[str]:
    """A chart as typed, with `out` behind its options."""
    chart = recipe.chart
    assert chart is not None, "a chart's recipe is told by its curves"
    formulas = [one.formula for one in chart.curve]
    dashed = any(text.startswith("-") for text in formulas)  # -x^2 would be read as options
    words = options.command(recipe, "chart", [*([] if dashed else formulas), *_axes(recipe, chart)], out)
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
