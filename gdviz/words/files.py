"""Files of recipes: how one is read, whether the names in it are known, and where one may be written."""

from __future__ import annotations

from pathlib import Path

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.encode import atomic, check_target
from gdviz.encode import read_recipe as embedded_recipe
from gdviz.errors import OutputError, RecipeError, UsageError, nearest
from gdviz.recipe import lectures
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import Recipe, parse_recipe, read_toml


def load_recipe(path: str | Path, usual: type[Recipe] = Race) -> Recipe:
    """The recipe in a TOML file, inside an artefact made by gdviz, or of the lectures' figure of this name.

    usual: the job of one that says none.

    Raises RecipeError.
    """
    file = Path(path)
    if not file.exists():
        if (packaged := lectures.recipes().get(str(path))) is not None:
            return read_toml(packaged, usual)
        hint = nearest(str(path), lectures.recipes()) if file.name == str(path) and not file.suffix else ""
        hint = hint or "; give a recipe (.toml), a file made by gdviz, or the name of a figure"
        raise RecipeError(f"there is no file '{path}'{hint}")
    if file.is_dir():
        return _of_store(file)
    if file.suffix.lower() == ".toml":
        return read_toml(file, usual)
    text = embedded_recipe(file)
    if text is None:
        raise RecipeError(f"{file.name} carries no gdviz recipe; give a recipe (.toml) or a file made by gdviz")
    return parse_recipe(text, file.name, usual)


def _of_store(folder: Path) -> Recipe:
    from gdviz.studies.opening import recipe_of

    try:
        return recipe_of(folder)
    except OutputError:
        raise RecipeError(f"'{folder}' is a folder; give a recipe (.toml) or a file or store made by gdviz") from None


def check_names(recipe: Recipe, where: str) -> None:
    """Raise RecipeError when a recipe, read from the file `where`, asks for names or options that there are not."""
    if recipe.plugins:
        return  # their names are known once the plugins are loaded; running the recipe asks for them
    try:
        for kind, entry in recipe.named():
            resolve_options(entry, find(kind, entry.name))
    except UsageError as error:
        raise RecipeError(f"{where}: {error}") from None


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
