"""Studies as typed: what they are of, who computes them, and the same words again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from gdviz.errors import UsageError, short
from gdviz.recipe.options import options_of
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.options.train import Train
from gdviz.recipe.recipe import Recipe
from gdviz.words import options, race, train

Either = TypeVar("Either", Sweep, Ensemble)


def read_either(typed: Mapping[str, Any], base: Either) -> Either:
    """The recipe `base` of a study of a landscape, or where data are given of a model, with everything that was typed
    put over it.

    Raises UsageError or RecipeError with the option and what to type instead.
    """
    name = typed.get("landscape")
    if typed.get("data") is None and base.data is None:
        _refuse(typed, base.job, Train, Race, "belongs to models; drop it, or type --data and a model")
        return race.read(typed, base)
    _refuse(typed, base.job, Race, Train, "belongs to landscapes; drop it, or drop --data")
    if base.landscape is not None or base.formula is not None:
        own = options_of(base.job).values()
        base = base.updated(**{option.key: option.default for option in own if option.place})
        base = base.updated(landscape=None, formula=None)
    return train.read({**typed, "landscape": None, "model": name}, base)


def _refuse(typed: Mapping[str, Any], job: type, wrong: type, right: type, why: str) -> None:
    """Raise UsageError for what was typed of options of a job that are of `wrong` and not of `right`."""
    for option in options.given(typed, job):
        only = option.key in options_of(wrong) and option.key not in options_of(right) and not option.is_argument
        if only and (option.place or option.key not in vars(job)):
            raise UsageError(f"{option.flag} {why}")


def read_part(text: str) -> tuple[int, int]:
    """Read `K/N`, as typed after --part: which of N equal parts, from 1. Raises UsageError."""
    match = re.fullmatch(r"(\d+)\s*/\s*(\d+)", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--part {short(text)}: type which part and of how many, as in 1/16, 2/16 … 16/16")
    return int(match[1]), int(match[2])


def shared_out(part: str | None, cluster: str | None) -> dict[str, Any]:
    """Who computes a study: the `part` of it that this process does, or the `cluster` that does all; else nothing.

    Raises UsageError.
    """
    if part is not None and cluster is not None:
        raise UsageError("--part is for jobs that each compute a part, --cluster hands out all; type one of them")
    found = {"part": None if part is None else read_part(part), "cluster": cluster}
    return {key: value for key, value in found.items() if value is not None}


def told(recipe: Recipe, still: bool, out: Sequence[str]) -> list[str]:
    """A study as typed, with `out` at the end."""
    model = getattr(recipe, "model", None)
    return options.command(recipe, "study", [recipe.job.__name__.lower(), *([model.typed()] if model else [])], out)
