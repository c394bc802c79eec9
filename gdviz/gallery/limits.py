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

TRAINED = 300
"""Steps on a landscape that take as long as one of a small network."""

MANY = 100
"""Optimizers, panels, marks or notes of a picture; gdviz's own have up to 48 of one kind."""

LETTERS = 2_000
"""Of a text on a picture; the longest of gdviz's own has some 300."""


def printable(name: str) -> str:
    """A file's name with codes in place of what no console shows, or would obey."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)


def check_files(recipe: Recipe, file: Path, folder: Path) -> None:
    """Raise RecipeError where a recipe asks for a file that is not in the gallery's folder, or for what is no file."""
    for given in files_of(recipe):
        place, said = file.parent / given, printable(given)
        if "\0" in given or not place.resolve().is_relative_to(folder):
            raise RecipeError(f"{file.name}: the file '{said}' is outside the gallery's folder; copy it into it")
        if not place.is_file():  # what else is there, a pipe, may wait for ever for somebody who writes into it
            raise RecipeError(f"{file.name}: there is no file '{said}' beside it; copy it there")


def check_picture(recipe: Recipe, where: str, whole: int) -> None:
    """Raise RecipeError where a recipe of so many letters asks for a picture that would be full before it is drawn."""
    if whole > LETTERS and any(len(text) > LETTERS for text in recipe.texts()):
        raise RecipeError(f"{where}: a text has more than {LETTERS:,} letters; shorten it")
    for key in recipe.model_fields_set:
        value = getattr(recipe, key)
        if key != "start" and isinstance(value, tuple) and len(value) > MANY:
            raise RecipeError(f"{where}: {key} has {len(value):,} values; up to {MANY} have room on a picture")


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
    steps = getattr(recipe, "steps", None) or USUAL * (getattr(recipe, "epochs", None) or 1)
    price = 1 if getattr(recipe, "landscape", None) or getattr(recipe, "formula", None) else TRAINED
    cells = _cells(recipe)
    rules = max(1, len(getattr(recipe, "optimizer", ()) or ()))
    if price * steps * cells * rules > MOST:
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
