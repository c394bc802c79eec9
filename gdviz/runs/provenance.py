"""Where the definitions of a run come from, as recipes record it, so that a change of them is noticed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.plugins import loaded_plugins, plugin_of
from gdviz.objectives.called import is_by_differences
from gdviz.plans.plan import Plan
from gdviz.recipe.entries import Entry, Pace
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.recipe import Recipe
from gdviz.registry.definition import Definition
from gdviz.version import __version__

FUNCTION = "a Python function"
"""Stands for the hash of a plugin where a definition was a function that no file brings back."""

DIFFERENCES = "a Python function derived by central differences"
"""The same of a landscape that came without a gradient."""


R = TypeVar("R", bound=Descent)


def recorded(recipe: R, entries: Sequence[Entry], plans: Sequence[Plan], used: Sequence[Definition], backend: str) -> R:
    """The recipe of a run with nothing left open: definitions under the names that bring them back, and their digests.

    entries: of the optimizers, with their rates; used: definitions beside those of transforms and schedules.
    """
    changed = [definition for definition, _ in plans[0].transforms]
    paced = [find("schedule", part.name) for pace in recipe.schedule for part in pace.chain]
    named = zip(recipe.transform, changed, strict=True)
    everything = (*used, *changed, *paced)
    return recipe.updated(
        optimizer=tuple(entry.flat() for entry in entries),
        transform=tuple({**entry.flat(), "name": definition.name} for entry, definition in named),
        **({"schedule": tuple(map(_named, recipe.schedule))} if recipe.schedule else {}),
        backend=backend,
        threads=None,  # they change no bit of the result, so they are no part of what determines it
        plugins=origins(everything),
        digests=digests(everything),
        versions={"gdviz": __version__, "numpy": np.__version__, **packages(used)},
    )


def _named(pace: Pace) -> dict[str, Any]:
    """A schedule as recorded: under the names of the definitions, not their aliases."""
    chain = [{**part.flat(), "name": find("schedule", part.name).name} for part in pace.chain]
    return {**pace.flat(), "chain": chain}


def origins(used: Iterable[Definition]) -> dict[str, str]:
    """Where definitions that are not gdviz's own come from: the hash of a plugin's file, or FUNCTION."""
    found = {}
    for definition in used:
        if (origin := plugin_of(definition)) is not None:
            found[origin[0]] = origin[1]
        elif definition.package or definition.source == "typed":
            continue  # their names bring them back
        elif definitions(definition.kind).get(definition.name) is not definition:
            found[definition.name] = DIFFERENCES if is_by_differences(definition) else FUNCTION
    return found


def digests(used: Iterable[Definition]) -> dict[str, str]:
    """Digests of definitions by kind and name, as in `landscape:beale`."""
    return {f"{definition.kind}:{definition.name}": definition.digest for definition in used}


def packages(used: Iterable[Definition]) -> dict[str, str]:
    """Versions of the packages that foreign definitions come from."""
    return dict(definition.package.split(" ", 1) for definition in used if definition.package)


def changes(recipe: Recipe, now: Recipe) -> list[str]:
    """Names of definitions and plugins that are no longer those a recipe was made with, now that it has run again.

    Digests without a prefix, which earlier versions recorded, are not compared.
    """
    names = [key for key, digest in recipe.digests.items() if now.digests.get(key, digest) != digest]
    loaded = loaded_plugins()
    files = [name for name, digest in recipe.plugins.items() if loaded.get(name, digest) != digest]
    return [*dict.fromkeys(key.partition(":")[2] for key in names), *files]
