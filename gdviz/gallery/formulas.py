"""The mathematics of a definition for its page: formulas and rules as MathML and TeX, and what their letters are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gdviz.about.expressions import symbol
from gdviz.about.mathml import mathml
from gdviz.about.rules import aligned, rule
from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.compose.formulas import localized
from gdviz.errors import UsageError
from gdviz.formula import derivation, tex
from gdviz.formula.typed import parse
from gdviz.lang import Texts
from gdviz.recipe.recipe import Recipe
from gdviz.registry.definition import Definition

CALLED = {"landscape": "f", "activation": r"\varphi", "loss": r"\ell"}
"""What formulas of a kind are called."""

Told = dict[str, Any]
"""tex: for papers and slides; lines: depth and MathML of each; when: the switches that it holds for, "" where nothing
is to be told apart; options: MathML, name and value of each letter that is an option."""


def told(definition: Definition, recipe: Recipe, words: Texts) -> list[Told]:
    """The formula of a definition with the constants of a recipe, or its rule with the switches of each entry there."""
    if definition.kind in CALLED:
        return [] if definition.package else [_formula(definition, recipe, words)]
    found: dict[tuple[tuple[str, Any], ...], list[Mapping[str, Any]]] = {}
    for options in _chosen(definition, recipe):
        found.setdefault(tuple((key, options[key]) for key in definition.switches), []).append(options)
    rules = [(entries, rule(definition, entries[0], words)) for entries in found.values()]
    return [
        {
            "tex": aligned(lines),
            "lines": [[line.depth, mathml(line.tex)] for line in lines],
            "when": _when(definition, entries[0]) if len(rules) > 1 else "",
            "options": _letters(definition, entries, words),
        }
        for entries, lines in rules
        if lines
    ]


def typed(recipe: Recipe, words: Texts) -> Told | None:
    """The formula that a recipe has in place of a landscape; None where it has none."""
    text = getattr(recipe, "formula", None)
    return None if not text else _formula(parse(text, getattr(recipe, "constants", {})), recipe, words)


def _formula(definition: Definition, recipe: Recipe, words: Texts) -> Told:
    size = definition.size() if definition.has_coordinates else 1
    derived = derivation.derive(definition, size if definition.variadic else None)
    given = getattr(recipe, "constants", {}) if definition.has_coordinates else {}
    constants = {**definition.parameters, **{key: given[key] for key in given if key in definition.parameters}}
    said = f"{CALLED[definition.kind]}({', '.join(derived.variables)}) = {localized(derived.symbolic, words)}"
    return {
        "tex": said,
        "lines": [[0, mathml(said)]],
        "when": "",
        "options": [
            [mathml(tex.letters(name), block=False), name, words.number(value)] for name, value in constants.items()
        ],
    }


def _chosen(definition: Definition, recipe: Recipe) -> Iterator[Mapping[str, Any]]:
    """Options of each entry of a recipe that names a definition, and the defaults where none does."""
    usual, count = {**definition.parameters, **definition.switches}, 0
    for kind, entry in recipe.named():
        if kind == definition.kind and _is(entry.name, definition):
            count += 1
            try:
                yield resolve_options(entry, definition)
            except UsageError:  # options of a grid, which no single entry has
                yield usual
    if not count:
        yield usual


def _is(name: str, definition: Definition) -> bool:
    try:
        return find(definition.kind, name) is definition
    except UsageError:
        return False


def _when(definition: Definition, options: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {str(options[key]).lower()}" for key in definition.switches)


def _letters(definition: Definition, entries: Sequence[Mapping[str, Any]], words: Texts) -> list[list[str]]:
    """The letter, name and values of each option: of several entries those that differ."""
    between = ", " if words.decimal_mark == "." else "; "
    found = []
    for key in definition.parameters:
        values = [options[key] for options in entries]
        said = dict.fromkeys(value if isinstance(value, str) else words.number(value) for value in values)
        found.append([mathml(symbol(definition.symbol(key)), block=False), key, between.join(said)])
    return found
