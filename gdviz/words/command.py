"""A recipe as the command that makes its artefact: what `words` reads, written again."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import Any

from gdviz.encode import CLIPS, FORMATS
from gdviz.recipe.chart import Graphs
from gdviz.recipe.race import Recipe
from gdviz.runs.rows import all_rows, grouped
from gdviz.words.reading import FED, LOOK, PLAIN, untuned
from gdviz.words.rows import expand, word
from gdviz.words.schedules import typed as typed_schedule
from gdviz.words.signals import all_signals

OF_CLIPS, OF_STILLS = ("fps", "seconds", "draft"), ("at",)
"""Options that a still of a run, or a clip of one, has not."""


def command_of(recipe: Recipe, file: str | None = None) -> str:
    """The command that makes a recipe's artefact; options at their defaults are left out.

    file: path of the artefact, whose ending tells a picture from a film and whose name the command gives it; a recipe
    alone is one of a film, unless it says which step is shown.
    """
    fields = Recipe.model_fields
    plain: tuple[str, ...] = PLAIN
    last: list[str] = []
    ending = Path(file or "").suffix.lower()
    still = ending not in CLIPS if ending in FORMATS else recipe.at is not None
    if recipe.signal:
        said, plain = ["gdviz", "signal", *_sheet(recipe)], FED
    elif recipe.chart:
        formulas = [one.formula for one in recipe.chart.curve]
        dashed = any(text.startswith("-") for text in formulas)  # -x^2 would be read as options
        said, last = ["gdviz", "chart", *([] if dashed else formulas)], ["--", *formulas] if dashed else []
        said, plain = [*said, *_axes(recipe, recipe.chart)], LOOK
    else:
        said = ["gdviz", "plot" if still else "animate"]
        plain = tuple(name for name in PLAIN if name not in (OF_CLIPS if still else OF_STILLS))
        said += [recipe.landscape] if recipe.landscape else ["--formula", recipe.formula or ""]
        optimizers = untuned(recipe).optimizer if recipe.tuned else recipe.optimizer
        said += [word for entry in optimizers for word in ("-o", _entry(recipe, entry.flat()))]
    said += [word for name in recipe.plugins for word in ("--plugin", name)]
    said += [word for name, value in recipe.constants.items() for word in ("--set", f"{name}={_written(value)}")]
    named = (("--transform", recipe.transform), ("--arrows", recipe.arrows))
    said += [word for flag, entries in named for entry in entries for word in (flag, _entry(recipe, entry.flat()))]
    said += [word for pace in recipe.schedule for word in ("--schedule", typed_schedule(pace, partial(_entry, recipe)))]
    said += [word for point in recipe.start or () for word in ("--start", ",".join(map(_written, point)))]
    for name in plain:
        value = getattr(recipe, name)
        if value is None or value == fields[name].default or name == "backend":
            continue
        option = f"--{name.replace('_', '-')}"
        said += [option] if value is True else [option, _written(_in_language(recipe, value))]
    for option, key in (("--panel", "panel"), ("--label", "labels")):
        if (chosen := getattr(recipe, key)) != fields[key].default:
            said += [word for name in chosen for word in (option, name)]
    for option, ranges in (("--domain", recipe.domain), ("--window", recipe.window)):
        if ranges is not None:
            said += [option, ",".join(f"{_written(low)}:{_written(high)}" for low, high in ranges)]
    if recipe.levels is not None:
        said += [
            "--levels",
            recipe.levels if isinstance(recipe.levels, str) else ",".join(map(_written, recipe.levels)),
        ]
    if file is not None and ending in FORMATS:
        said += ["--out", Path(file).name]
    return shlex.join([*said, *last])


def _axes(recipe: Recipe, chart: Graphs) -> list[str]:
    """Names of the curves and the axes of a chart, as typed."""
    said: list[str] = []
    if all(one.label is not None for one in chart.curve):
        said += [word for one in chart.curve for word in ("--name", recipe.said(one.label))]
    said += ["--range", ":".join(map(_written, chart.range))]
    axes = (("--log", chart.log), ("--x", recipe.said(chart.x)), ("--y", recipe.said(chart.y)))
    defaults = ("", "x", "")
    return said + [word for axis, usual in zip(axes, defaults, strict=True) if axis[1] != usual for word in axis]


def _sheet(recipe: Recipe) -> list[str]:
    """Methods, curves and signals of a sheet of responses, as typed."""
    said: list[str] = []
    everything = [entry for row in all_rows() for entry in expand(row.name)]
    for _, entries in grouped(recipe.optimizer) if list(recipe.optimizer) != everything else ():
        method = word(entries)
        said += [method] if method else [item for one in entries for item in ("-o", _entry(recipe, one.flat()))]
    constants: dict[str, float] = {}
    usual = [{"name": signal.name} for signal in all_signals()]
    for one in recipe.signal if [one.flat() for one in recipe.signal] != usual else ():
        if one.formula is not None:
            said += ["--signal", one.formula]
            constants |= one.constants
        elif one.name is not None:
            pairs = ",".join(f"{name}={_written(value)}" for name, value in one.constants.items())
            said += ["--signal", f"{one.name}:{pairs}" if pairs else one.name]
        else:
            said += ["--signal", f"{one.file}:{one.column}" if one.column else one.file or "FILE.csv"]
    return said + [item for name, value in constants.items() for item in ("--set", f"{name}={_written(value)}")]


def _in_language(recipe: Recipe, value: Any) -> Any:
    """The value itself, or of a text in several languages that of the recipe: a command speaks one."""
    return recipe.said(value) if isinstance(value, dict) else value


def _entry(recipe: Recipe, flat: dict[str, Any]) -> str:
    """An optimizer as after -o; a label that holds a separator cannot be typed and is left out."""
    texts = {key: _written(_in_language(recipe, value)) for key, value in flat.items() if key not in ("name", "row")}
    pairs = ",".join(f"{key}={text}" for key, text in texts.items() if not set(text) & set(",:"))
    return f"{flat['name']}:{pairs}" if pairs else str(flat["name"])


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value).removesuffix(".0")
