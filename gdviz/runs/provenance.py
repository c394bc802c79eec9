"""Where the definitions of a run come from, as recipes record it, so that a change of them is noticed."""

from __future__ import annotations

from collections.abc import Iterable

from gdviz.catalogue.lookup import definitions
from gdviz.catalogue.plugins import loaded_plugins, plugin_of
from gdviz.objectives.called import is_by_differences
from gdviz.recipe.recipe import Recipe
from gdviz.registry.definition import Definition

FUNCTION = "a Python function"
"""Stands for the hash of a plugin where a definition was a function that no file brings back."""

DIFFERENCES = "a Python function derived by central differences"
"""The same of a landscape that came without a gradient."""


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
