"""A recipe as words of a command line: what was typed becomes a recipe. `command` writes a recipe as words again.

No click here: the words arrive as a mapping from an option's name to its text, texts or number, None where nothing was
typed. Such an option leaves the recipe alone, so that recipe files and the recipe's own defaults stay in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.encode import atomic, check_target
from gdviz.errors import RecipeError, UsageError, short
from gdviz.formula.typed import POINT, constants_in
from gdviz.recipe.options import options_of
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.recipe import Recipe, named_or_typed, read_toml
from gdviz.recipe.signal import Sequence
from gdviz.runs.rows import filled
from gdviz.words import options
from gdviz.words.entries import parse_optimizers
from gdviz.words.quantities import parse_constant, parse_range
from gdviz.words.rows import expand
from gdviz.words.signals import all_signals, parse_signal

TUNING = frozenset(option.word for option in options_of(Race).values() if option.tunes)
"""Options that tuned rates depend on: with another one typed beside a recipe its rates are searched again."""


def race_of(typed: Mapping[str, Any], base: Race) -> Race:
    """The recipe `base` with everything that was typed put over it; keys are the words of its options.

    Raises UsageError or RecipeError with the option and what to type instead.
    """
    place = _place(typed, base)
    if base.tuned and {option.word for option in options.given(typed, Race)} & TUNING | {
        key for key, value in place.items() if value != getattr(base, key)
    }:
        base = untuned(base)
    if any(value != getattr(base, key) for key, value in place.items()):
        base = base.updated(**{option.key: option.default for option in options_of(Race).values() if option.place})
    if typed.get("dim") not in (None, base.dim) and base.start is not None:
        base = base.updated(start=None, domain=None)  # points of other coordinates
    if (texts := typed.get("constants")) and (name := place.get("landscape", base.landscape)):
        find("landscape", name).check_constants(text.partition("=")[0].strip() for text in texts if "=" in text)
    changes = {**options.changes_of(typed, Race), **place}
    if "optimizer" in changes:
        changes["optimizer"] = [_rate_left_open(entry) for entry in changes["optimizer"]]
    if "constants" in changes:
        changes["constants"] = {**base.constants, **changes["constants"]}
    if "start" in changes:
        changes["starts_hash"] = None
    return options.changed(base, changes)


def responses_of(typed: Mapping[str, Any], base: Signal) -> Signal:
    """As `race_of`, for a sheet of responses.

    `methods` make a row each, all `optimizers` together one more. What is named nowhere is left open.
    """
    changes = options.changes_of({**typed, "optimizers": None, "signals": None}, Signal)
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
    return options.changed(base, changes)


def chart_of(typed: Mapping[str, Any], base: Chart) -> Chart:
    """As `race_of`, for a chart."""
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


def _signals(signals: Iterable[Sequence], constants: Mapping[str, float]) -> list[dict[str, Any]]:
    """The signals, where every formula gets those of the constants that it uses."""
    signals = tuple(signals)
    used = [
        constants_in(one.formula, {**one.constants, **constants}, (POINT,)) if one.formula else {} for one in signals
    ]
    if idle := sorted(set(constants).difference(*used)):
        raise UsageError(f'--set {idle[0]}: no formula uses it; type one with it, as in --signal "sin(i/{idle[0]})"')
    return [{**one.flat(), **own} for one, own in zip(signals, used, strict=True)]


def untuned(recipe: Race) -> Race:
    """The recipe with the rates open again that were tuned."""
    searched = [find("optimizer", entry.name).searches_rate for entry in recipe.optimizer]
    pairs = zip(recipe.optimizer, searched, strict=True)
    entries = [{**entry.flat(), **({"lr": "auto"} if open_ else {})} for entry, open_ in pairs]
    return recipe.updated(tuned=(), optimizer=entries)


def check_names(recipe: Recipe, where: str) -> None:
    """Raise RecipeError when a recipe, read from the file `where`, asks for names or options that there are not."""
    if recipe.plugins:
        return  # their names are known once the plugins are loaded; running the recipe asks for them
    try:
        for kind, entry in recipe.named():
            resolve_options(entry, find(kind, entry.name))
    except UsageError as error:
        raise RecipeError(f"{where}: {error}") from None


def _place(typed: Mapping[str, Any], base: Race) -> dict[str, str | None]:
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
