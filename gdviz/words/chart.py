"""Charts as typed: formulas, axes, and the same words again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gdviz.catalogue.lookup import find, is_known
from gdviz.errors import UsageError
from gdviz.recipe.chart import NAMED, PRIME, Graphs
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.chart import Chart
from gdviz.registry.names import is_formula
from gdviz.words import options
from gdviz.words.entries import parse_entries
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
        known = {**base.constants, **changes.get("constants", {})}
        chart["curve"] = [{**parse_curve(text, known), **name} for text, name in zip(texts, called, strict=True)]
    elif not chart:
        raise UsageError('what to draw is missing; type formulas of x or names, as in gdviz chart "x^2" "2*x" tanh')
    elif typed.get("names"):
        raise UsageError("--name belongs to formulas; type these as well")
    if (text := typed.get("range")) is not None:
        chart["range"] = parse_range(text)
    chart |= {key: typed[key] for key in ("log", "x", "y") if typed.get(key) is not None}
    if "constants" in changes:
        changes["constants"] = {**base.constants, **changes["constants"]}
    return options.changed(base, {**changes, "chart": chart})


def parse_curve(text: str, constants: Collection[str] = ()) -> dict[str, Any]:
    """Read a curve as typed: a formula in x, `tanh`, `huber:delta=2`, or with a prime behind it the slope of one.

    What is no name is a formula, of which is asked later. Raises UsageError for options that a definition lacks.
    """
    whole = text.strip().replace("\u2032", PRIME)
    name, colon, rest = whole.removesuffix(PRIME).partition(":")
    name = name.removesuffix(PRIME)  # the prime may stand behind the name or behind all
    plain = f"{name}{colon}{rest}"
    kind = next((kind for kind in NAMED if is_known(kind, name)), None)
    if kind is None or is_formula(text, ("x",), constants):
        return {"formula": text}
    definition = find(kind, name)
    entry = parse_entries(plain, kind, "", f"{kind} {name}")[0] if colon else Entry(name=definition.name)
    options = {**definition.presets.get(entry.preset or "", {}), **entry.options}
    return {kind: definition.name, "options": options, "slope": plain != whole}


def told(recipe: Chart, still: bool, out: Sequence[str]) -> list[str]:
    """A chart as typed, with `out` behind its options."""
    chart = recipe.chart
    assert chart is not None, "a chart's recipe is told by its curves"
    formulas = [one.typed for one in chart.curve]
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
