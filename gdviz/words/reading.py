"""A recipe as words of a command line: what was typed becomes a recipe. `command` writes a recipe as words again.

No click here: the words arrive as a mapping from an option's name to its text, texts or number, None where nothing was
typed. Such an option leaves the recipe alone, so that recipe files and the recipe's own defaults stay in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gdviz.catalogue.lookup import find, is_known
from gdviz.catalogue.options import resolve_options
from gdviz.encode import atomic, check_target
from gdviz.errors import RecipeError, UsageError, short
from gdviz.formula.typed import POINT, constants_in
from gdviz.plans.schedules import without_steps
from gdviz.recipe.entries import DIRECTIONS, Entry
from gdviz.recipe.options import options_of
from gdviz.recipe.options.race import Race
from gdviz.recipe.race import Recipe, named_or_typed, read_toml
from gdviz.recipe.signal import Sequence
from gdviz.registry.names import normal
from gdviz.runs.rows import filled
from gdviz.words.entries import parse_optimizers, parse_transforms
from gdviz.words.quantities import parse_constant, parse_domain, parse_levels, parse_range, parse_start
from gdviz.words.rows import expand
from gdviz.words.schedules import parse_schedules
from gdviz.words.signals import all_signals, parse_signal

LOOK = ("size", "fps", "seconds", "theme", "lang", "title", "caption", "font", "font_size", "draft")
"""Options whose typed value goes into any recipe as it is."""

PLAIN = (
    *("dim", "fair", "steps", "every", "tol", "seed", "dtype", "backend", "threads", "view", "split", "anatomy", "at"),
    *LOOK,
)
"""The same, of a recipe of runs."""

FED = ("steps", "original", "at", *LOOK)
"""The same, of a recipe of responses."""

OF_THE_LANDSCAPE = tuple(option.key for option in options_of(Race).values() if option.place)
"""What a recipe says about its landscape only: another landscape drops it."""

OF_RUNS = {
    "landscape": "landscape",
    "formula": "--formula",
    "optimizers": "--optimizer",
    "transforms": "--transform",
    "schedules": "--schedule",
    "start": "--start",
    "domain": "--domain",
    "window": "--window",
    "levels": "--levels",
    "panels": "--panel",
    "arrows": "--arrows",
    "labels": "--label",
}
"""What else is typed for runs alone, as it is called there."""

TUNING = frozenset(option.word for option in options_of(Race).values() if option.tunes)
"""Options that tuned rates depend on: with another one typed beside a recipe its rates are searched again."""


def recipe_of(typed: Mapping[str, Any], base: Recipe) -> Recipe:
    """The recipe `base` with everything that was typed put over it.

    Keys are those of PLAIN and landscape, formula, constants, optimizers, transforms, schedules, start, domain,
    window, levels, panels, arrows, labels.
    Raises UsageError or RecipeError with the option and what to type instead.
    """
    if base.signal or base.chart:
        kind, read, known = ("signal", responses_of, FED) if base.signal else ("chart", chart_of, LOOK)
        wrong = [key for key in (*PLAIN, *OF_RUNS) if key not in known and typed.get(key) not in (None, (), [])]
        if wrong:
            word = OF_RUNS.get(wrong[0], f"--{wrong[0]}")
            raise UsageError(f"the recipe is one of gdviz {kind}, so it takes no {word}; drop it")
        return read(typed, base)
    place = _place(typed, base)
    if base.tuned and {key for key, value in typed.items() if value not in (None, (), []) and key in TUNING} | {
        key for key, value in place.items() if value != getattr(base, key)
    }:
        base = untuned(base)
    if any(value != getattr(base, key) for key, value in place.items()):
        base = base.updated(
            **{key: Recipe.model_fields[key].get_default(call_default_factory=True) for key in OF_THE_LANDSCAPE}
        )
    if typed.get("dim") not in (None, base.dim) and base.start is not None:
        base = base.updated(start=None, domain=None)  # points of other coordinates
    changes: dict[str, Any] = {**place, **{name: typed[name] for name in PLAIN if typed.get(name) is not None}}
    if texts := typed.get("optimizers"):
        entries = [entry for text in texts for entry in parse_optimizers(text)]
        changes["optimizer"] = [_rate_left_open(entry.flat()) for entry in entries]
    if texts := typed.get("transforms"):
        changes["transform"] = [entry.flat() for text in texts for entry in parse_transforms(text)]
    if texts := typed.get("schedules"):
        changes["schedule"] = [parse_schedules(text).flat() for text in texts]
    if texts := typed.get("constants"):
        if name := place.get("landscape", base.landscape):
            find("landscape", name).check_constants(text.partition("=")[0].strip() for text in texts if "=" in text)
        changes["constants"] = {**base.constants, **dict(parse_constant(text) for text in texts)}
    if texts := typed.get("start"):
        changes |= {"start": [parse_start(text) for text in texts], "starts_hash": None}
    if (text := typed.get("domain")) is not None:
        changes["domain"] = parse_domain(text)
    if (text := typed.get("window")) is not None:
        changes["window"] = parse_domain(text, "--window")
    if (text := typed.get("levels")) is not None:
        changes["levels"] = parse_levels(text)
    if panels := typed.get("panels"):
        changes["panel"] = list(panels)
    if texts := typed.get("arrows"):
        changes["arrows"] = [_arrow(one) for text in texts for one in _listed(text)]
    if named := typed.get("labels"):
        changes["labels"] = list(named)
    return _changed(base, changes)


def responses_of(typed: Mapping[str, Any], base: Recipe) -> Recipe:
    """As `recipe_of`, for a sheet of responses: keys are those of FED and methods, optimizers, signals, constants.

    `methods` make a row each, all `optimizers` together one more. What is named nowhere is left open.
    """
    if not base.signal and (base.landscape or base.formula or base.chart):
        raise UsageError("the recipe is not one of responses to signals; type gdviz plot --recipe")
    changes: dict[str, Any] = {name: typed[name] for name in FED if typed.get(name) is not None}
    methods, others = typed.get("methods") or (), typed.get("optimizers") or ()
    if methods or others:
        entries = [entry for text in methods for entry in expand(text)]
        entries += [filled(entry) for text in others for entry in parse_optimizers(text)]
        changes["optimizer"] = [entry.flat() for entry in entries]
    constants = dict(parse_constant(text) for text in typed.get("constants") or ())
    if (texts := typed.get("signals")) or constants:
        signals = [parse_signal(text, constants) for text in texts] if texts else base.signal
        changes["signal"] = _signals(signals, constants)
    elif not base.signal:
        changes["signal"] = [{"name": signal.name} for signal in all_signals()]
    return _changed(base, changes)


def chart_of(typed: Mapping[str, Any], base: Recipe) -> Recipe:
    """As `recipe_of`, for a chart: keys are those of LOOK and formulas, names, range, log, x, y, constants."""
    if base.chart is None and (base.landscape or base.formula or base.signal):
        raise UsageError("the recipe is not one of a chart; type gdviz plot --recipe")
    changes: dict[str, Any] = {name: typed[name] for name in LOOK if typed.get(name) is not None}
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
    if texts := typed.get("constants"):
        changes["constants"] = {**base.constants, **dict(parse_constant(text) for text in texts)}
    return _changed(base, {**changes, "chart": chart})


def _signals(signals: Iterable[Sequence], constants: Mapping[str, float]) -> list[dict[str, Any]]:
    """The signals, where every formula gets those of the constants that it uses."""
    signals = tuple(signals)
    used = [
        constants_in(one.formula, {**one.constants, **constants}, (POINT,)) if one.formula else {} for one in signals
    ]
    if idle := sorted(set(constants).difference(*used)):
        raise UsageError(f'--set {idle[0]}: no formula uses it; type one with it, as in --signal "sin(i/{idle[0]})"')
    return [{**one.flat(), **own} for one, own in zip(signals, used, strict=True)]


def _changed(base: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with other values; a fault is told with the option's name."""
    try:
        return base.updated(**changes)
    except RecipeError as error:
        # The recipe speaks of its keys; whoever types thinks of options.
        key = str(error).split(" ")[0].split("[")[0].split(":")[0]
        raise UsageError(
            f"--{str(error).replace(key, key.replace('_', '-'), 1)}" if key in {*changes} - {"chart"} else str(error)
        ) from None


def untuned(recipe: Recipe) -> Recipe:
    """The recipe with the rates open again that were tuned."""
    searched = [find("optimizer", entry.name).searches_rate for entry in recipe.optimizer]
    pairs = zip(recipe.optimizer, searched, strict=True)
    entries = [{**entry.flat(), **({"lr": "auto"} if open_ else {})} for entry, open_ in pairs]
    return recipe.updated(tuned=(), optimizer=entries)


def _listed(text: str) -> list[str]:
    """Names without options may stand in one list, as after -o."""
    names = [name for name in re.split("[,:]", text) if name.strip()]
    listed = all(normal(name) in DIRECTIONS or is_known("transform", name) for name in names)
    return names if names and (listed or not set(text) & set(":=")) else [text]


def _arrow(text: str) -> dict[str, Any]:
    """An arrow as typed after --arrows, `NAME[:KEY=VALUE…]`: gradient, descent or a transform with its options."""
    head, *chunks = text.strip().split(":")
    pairs = [word.strip() for chunk in chunks for word in chunk.split(",")]
    own = [pair for pair in pairs if pair.partition("=")[0].strip() in ("at", "label", "color")]
    options = [pair for pair in pairs if pair not in own]
    flat: dict[str, Any] = {"name": normal(head)}
    if flat["name"] not in DIRECTIONS:
        (entry,) = parse_transforms(":".join([head, ",".join(options)]) if options else head, "--arrows")
        flat = entry.flat()
    elif options:
        raise UsageError(f"--arrows {text}: {flat['name']} has no '{options[0]}'; its keys are at, label and color")
    return {**flat, **{key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in own)}}


def check_names(recipe: Recipe, where: str) -> None:
    """Raise RecipeError when a recipe, read from the file `where`, asks for names or options that there are not."""
    if recipe.plugins:
        return  # their names are known once the plugins are loaded; running the recipe asks for them
    try:
        if recipe.landscape is not None:
            find("landscape", recipe.landscape)
        changing = [arrow.transform for arrow in recipe.arrows if arrow.name not in DIRECTIONS]
        named = (("optimizer", recipe.optimizer), ("transform", (*recipe.transform, *changing)))
        for kind, entries in named:
            for entry in entries:
                resolve_options(entry, find(kind, entry.name))
        for part in (part for pace in recipe.schedule for part in pace.chain):
            resolve_options(without_steps(part), find("schedule", part.name))
        for one in recipe.signal:
            if one.name is not None:
                resolve_options(Entry(name=one.name, options=dict(one.constants)), find("signal", one.name))
    except UsageError as error:
        raise RecipeError(f"{where}: {error}") from None


def _place(typed: Mapping[str, Any], base: Recipe) -> dict[str, str | None]:
    """What to descend: `landscape` and `formula`, of which one is None; empty where the recipe's stays."""
    name, formula = typed.get("landscape"), typed.get("formula")
    if name is not None and formula is not None:
        raise UsageError(f"both the landscape {short(name)} and a formula are given; type one of them")
    if formula is not None:
        return {"landscape": None, "formula": formula}
    if name is not None:
        place = named_or_typed(name, {text.partition("=")[0].strip() for text in typed.get("constants") or ()})
        return place if place["formula"] else {"landscape": find("landscape", name).name, "formula": None}
    if base.landscape is None and base.formula is None:
        raise UsageError('what to descend is missing; type a landscape such as beale, or --formula "x**2 + 3*y**2"')
    return {}


def _rate_left_open(entry: dict[str, Any]) -> dict[str, Any]:
    """On the command line a rate that neither the user nor the preset states is searched."""
    definition = find("optimizer", entry["name"])
    stated = {**definition.presets.get(entry.get("preset", ""), {}), **entry}
    return entry if "lr" in stated or not definition.searches_rate else {**entry, "lr": "auto"}


def check_recipe_target(path: str, force: bool) -> None:
    """Raise OutputError, before any work, when a recipe cannot be written there. A recipe may replace a recipe."""
    check_target(path, force or _is_recipe(path), (".toml",))


def save_recipe(recipe: Recipe, path: str, force: bool) -> Path:
    """Write a recipe as TOML; its absolute path. Raises OutputError."""
    with atomic(path, replace=force or _is_recipe(path)) as target:
        Path(target).write_text(recipe.text(), encoding="utf-8", newline="\n")
    return target.path


def _is_recipe(path: str) -> bool:
    try:
        recipe = read_toml(path)
    except RecipeError:
        return False
    return "schema_" in recipe.model_fields_set  # an empty file is valid, but somebody else's
