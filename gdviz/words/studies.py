"""Studies as typed: what they are of, who computes them, and the same words again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gdviz.errors import UsageError, nearest, short
from gdviz.recipe.options import Option, options_of
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.options.train import Train
from gdviz.recipe.recipe import Recipe
from gdviz.studies.table import KINDS
from gdviz.words import options, race, train

STORE = ".zarr"
"""The ending of stores."""

YES_OR_NO = ("yes", "no")
"""What options are that Python gives as True or False."""

R = TypeVar("R", bound=Recipe)
Either = TypeVar("Either", Sweep, Ensemble)


def read_either(typed: Mapping[str, Any], base: Either) -> Either:
    """The recipe `base` of a study of a landscape, or where data are given of a model, with everything that was typed
    put over it.

    Raises UsageError or RecipeError with the option and what to type instead.
    """
    name = typed.get("landscape")
    if typed.get("data") is None and base.data is None:
        _refuse(typed, base.job, Train, Race, "belongs to models; drop it, or type --data and a model")
        return _varied(race.read(typed, base))
    _refuse(typed, base.job, Race, Train, "belongs to landscapes; drop it, or drop --data")
    if base.landscape is not None or base.formula is not None:
        own = options_of(base.job).values()
        base = base.updated(**{option.key: option.default for option in own if option.place})
        base = base.updated(landscape=None, formula=None)
    return _varied(train.read({**typed, "landscape": None, "model": name}, base))


def _varied(recipe: Either) -> Either:
    """The recipe in which no rate is searched that the cells decide."""
    if not {"lr", "rule.lr"} & {grid.name for grid in getattr(recipe, "grid", ())}:
        return recipe
    entries = [entry.flat() for entry in recipe.optimizer]
    stated = [{key: value for key, value in entry.items() if (key, value) != ("lr", "auto")} for entry in entries]
    return recipe if stated == entries else recipe.updated(optimizer=stated)


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


def shared_out(part: str | tuple[int, int] | None, cluster: str | None) -> dict[str, Any]:
    """Who computes a study: the `part` of it that this process does, or the `cluster` that does all; else nothing.

    Raises UsageError.
    """
    if part is not None and cluster is not None:
        raise UsageError("--part is for jobs that each compute a part, --cluster hands out all; type one of them")
    parts = None if part is None else read_part(part if isinstance(part, str) else "/".join(map(str, part)))
    found = {"part": parts, "cluster": cluster}
    return {key: value for key, value in found.items() if value is not None}


def places(out: Any) -> tuple[Path | None, Any]:
    """The store among those places where a study goes, and the others, None where there are none.

    out: a path, several, or None. Raises UsageError for two stores, and for an open file.
    """
    if hasattr(out, "write"):
        raise UsageError("a study goes to paths; for a picture in an open file there is study.plot(file, format='png')")
    if out is None:
        return None, None
    paths = [Path(out)] if isinstance(out, (str, os.PathLike)) else [Path(one) for one in out]
    stores = [path for path in paths if path.suffix.lower() == STORE]
    if len(stores) > 1:
        raise UsageError(f"{stores[1].name}: a study is kept in one store, and {stores[0].name} is given, too")
    return (stores[0] if stores else None), [path for path in paths if path not in stores] or None


def asked(job: type[Recipe], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a recipe holds of the options of a job as Python gives them: texts as after their flags, numbers, arrays.

    Raises UsageError for what is no option of it.
    """
    known = {key: option for key, option in options_of(job).items() if option.stored and option.group != "origin"}
    if unknown := [key for key in given if key not in known]:
        hint = nearest(unknown[0], known) or f"; there are {', '.join(known)}"
        raise UsageError(f"a study has no option '{unknown[0]}'{hint}")
    return {key: _held(value, known[key]) for key, value in given.items()}


def _held(value: Any, option: Option) -> Any:
    value = value.tolist() if hasattr(value, "tolist") else value
    kind = option.type.removesuffix(" | None")
    if isinstance(value, bool) and option.chosen == YES_OR_NO:
        return YES_OR_NO[not value]
    if isinstance(value, str) and not option.several and kind in options.READERS:
        return options.READERS[kind](value, option)
    if kind == "Resolution" and not isinstance(value, str):
        return "x".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
    return value


def looked(typed: Mapping[str, Any], recipe: R) -> R:
    """The recipe of a study with the look options that were typed put over it. Raises UsageError."""
    own = options_of(recipe.job)
    for option in (option for job in KINDS.values() for option in options.given(typed, job)):
        if option.key not in own:
            raise UsageError(
                f"{option.flag} is no option of {recipe.job.__name__.lower()}, which the store holds; drop it"
            )
    return options.read(typed, recipe)


def told(recipe: Recipe, still: bool, out: Sequence[str]) -> list[str]:
    """A study as typed, with `out` at the end."""
    said: Any = recipe
    model = getattr(said, "model", None)
    place = model.typed() if model else getattr(said, "landscape", None)
    first = [recipe.job.__name__.lower(), *([place] if place else [])]
    return options.command(recipe, "study", first, out, own=("landscape",))
