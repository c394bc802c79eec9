"""What the numbers of a study depend on, as a store remembers it, and how two such memories differ."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from gdviz.errors import short
from gdviz.recipe.options import options_of
from gdviz.studies.problem import Problem
from gdviz.version import __version__

APART = frozenset({"chunk", "reliability", "threads", "versions"})
"""Options on which no number of an array over the cells depends, beside those that only draw."""

DRAWN = frozenset({"label", "color", "dash", "marker", "row"})
"""The same of an optimizer."""


def fingerprint(problem: Problem) -> str:
    """A line for all that its numbers depend on: options of the settled recipe, digests of definitions, arrays, what
    counts, such as the ends of bins, and the version of gdviz, which runs them."""
    recipe = problem.recipe
    told = tomllib.loads(recipe.text())
    lines: dict[str, object] = {}
    for key, option in options_of(recipe.job).items():
        if key in told and not option.draws and key not in APART:
            value = _undrawn(told[key])
            lines |= {f"{key} {n}": v for n, v in value.items()} if isinstance(value, dict) else {key: value}
    for array in problem.arrays:
        lines[f"array {array.name}"] = [array.dtype, *(length for _, length in array.beside)]
    lines |= {f"criterion {name}": value for name, value in problem.criteria.items()}
    lines["optimizers"], lines["gdviz"] = len(problem.labels), __version__
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())


def _undrawn(value: Any) -> Any:
    """What a recipe says but for how optimizers are drawn."""
    if isinstance(value, list):
        return [_undrawn(item) for item in value]
    return {key: one for key, one in value.items() if key not in DRAWN} if isinstance(value, dict) else value


def difference(stored: str, asked: str) -> str:
    """The first thing in which fingerprints differ, empty where they are the same."""
    there, here = _lines(stored), _lines(asked)
    for key in here | there:
        if there.get(key) != here.get(key):
            has, wants = (short(one.get(key, "nothing"), 120) for one in (there, here))
            return f"{key} is {has} there and {wants} here"
    return ""


def _lines(text: str) -> dict[str, str]:
    return dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
