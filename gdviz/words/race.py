"""Races as typed: what to descend, who runs, and the same words again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError, short
from gdviz.recipe.options import options_of
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import named_or_typed
from gdviz.words import options
from gdviz.words.entries import rate_left_open

R = TypeVar("R", bound=Race)

TUNING = frozenset(option.word for option in options_of(Race).values() if option.tunes)
"""Options that tuned rates depend on: with another one typed beside a recipe its rates are searched again."""


def read(typed: Mapping[str, Any], base: R) -> R:
    """The recipe `base`, of a race or a study of races, with everything that was typed put over it; keys
    are the words of its options.

    Raises UsageError or RecipeError with the option and what to type instead.
    """
    place, own = _place(typed, base), options_of(base.job)
    if base.tuned and {option.word for option in options.given(typed, base.job)} & TUNING | {
        key for key, value in place.items() if value != getattr(base, key)
    }:
        base = untuned(base)
    if any(value != getattr(base, key) for key, value in place.items()):
        base = base.updated(**{option.key: option.default for option in own.values() if option.place})
    if typed.get("dim") not in (None, base.dim) and base.start is not None:
        base = base.updated(start=None, domain=None)  # points of other coordinates
    if (texts := typed.get("constants")) and (name := place.get("landscape", base.landscape)):
        find("landscape", name).check_constants(text.partition("=")[0].strip() for text in texts if "=" in text)
    changes = {**options.changes_of(typed, base.job), **place}
    if "optimizer" in changes:
        changes["optimizer"] = [rate_left_open(entry) for entry in changes["optimizer"]]
    if "constants" in changes:
        changes["constants"] = {**base.constants, **changes["constants"]}
    if "start" in changes and "starts_hash" in own:
        changes["starts_hash"] = None
    return options.changed(base, changes)


def untuned(recipe: R) -> R:
    """The recipe with the rates open again that were tuned."""
    searched = [find("optimizer", entry.name).searches_rate for entry in recipe.optimizer]
    pairs = zip(recipe.optimizer, searched, strict=True)
    entries = [{**entry.flat(), **({"lr": "auto"} if open_ else {})} for entry, open_ in pairs]
    return recipe.updated(tuned=(), optimizer=entries)


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


def told(recipe: Race, still: bool, out: Sequence[str]) -> list[str]:
    """A race as typed, with `out` at the end."""
    said = untuned(recipe) if recipe.tuned else recipe
    return options.command(said, "plot" if still else "animate", out=out, without="clip" if still else "still")
