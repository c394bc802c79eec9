"""What a gallery does not take from a stranger's recipe: it may be asked to build what nobody has read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gdviz.errors import RecipeError
from gdviz.recipe.recipe import Recipe

LONGEST = 1_000_000
"""Bytes of a recipe's file; the longest of gdviz's own has some 2,000."""

MOST = 5 * 10**10
"""Steps of all runs of a recipe; a minute or two on two cores."""

USUAL = 100
"""Steps where a recipe does not say how many; landscapes have their own, of about this."""

TILE = 64
"""Runs that take no longer than one of them."""


def check_size(file: Path) -> None:
    """Raise RecipeError, before it is read, for a file that is too long to be a recipe."""
    if (size := file.stat().st_size) > LONGEST:
        raise RecipeError(f"{file.name}: a recipe of {size / 1e6:.0f} MB is no recipe; the longest allowed has 1 MB")


def check_files(recipe: Recipe, file: Path, folder: Path) -> None:
    """Raise RecipeError where a recipe asks for a file that is not in the gallery's folder."""
    for given in files_of(recipe):
        if not (file.parent / given).resolve().is_relative_to(folder):
            raise RecipeError(f"{file.name}: the file '{given}' is outside the gallery's folder; copy it into it")


def files_of(recipe: Recipe) -> list[str]:
    """Paths of the files that a recipe's run reads, as they stand there: rows of data, signals and fonts."""
    font = recipe.font
    found = [font] if font is not None and Path(font).suffix else []
    return [*found, *(value for value in _values(recipe) if value)]


def _values(recipe: Any) -> list[str]:
    """Values of all keys called `file` inside a recipe."""
    found: list[str] = []
    waiting: list[Any] = [recipe.model_dump()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found += [value["file"]] if isinstance(value.get("file"), str) else []
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
    return found


def check_work(recipe: Any, where: str) -> None:
    """Raise RecipeError where a recipe asks for more steps than a gallery makes."""
    steps = getattr(recipe, "steps", None) or USUAL
    cells = _cells(recipe)
    rules = max(1, len(getattr(recipe, "optimizer", ()) or ()))
    if steps * cells * rules > MOST:
        raise RecipeError(
            f"{where}: {steps:,} steps of {cells * rules:,} runs are more than a gallery makes; "
            "compute it with gdviz itself, or ask for fewer"
        )


def _cells(recipe: Any) -> int:
    """Runs of each optimizer that a recipe asks for, as far as it says; fewer take as long as a tile of them."""
    count = max(1, len(getattr(recipe, "start", None) or ())) * (getattr(recipe, "runs", None) or 1)
    count *= getattr(recipe, "starts", None) or 1
    axes = getattr(recipe, "grid", ())
    if isinstance(axes, tuple) and axes:  # that of a cut is a number
        for axis in axes:
            count *= getattr(axis, "count", None) or 1
    elif isinstance(size := getattr(recipe, "resolution", None), str):
        wide, _, high = size.partition("x")
        count *= int(wide) * int(high or wide)
    return max(int(count), TILE)
