"""A folder of recipes, with what its gallery makes of the registry, as a gallery."""

from __future__ import annotations

from pathlib import Path

from gdviz.errors import UsageError
from gdviz.gallery import catalogue
from gdviz.gallery.entry import SETTINGS, Gallery, read_entry, settings_of
from gdviz.recipe import lectures

LECTURES = "lectures"
"""What stands for the figures that come with gdviz where there is no folder of that name."""


def read(source: str | Path) -> Gallery:
    """The gallery of a folder, or of one recipe. Faults of single recipes are kept beside the others.

    Raises UsageError where there is nothing to read, RecipeError for a fault in its settings.
    """
    place = Path(source)
    if not place.exists() and str(source) == LECTURES:
        place = lectures.folder()
    if not place.exists():
        raise UsageError(f"there is no folder '{source}'; give a folder of recipes, or a recipe")
    folder = (place if place.is_dir() else place.parent).resolve()
    settings = settings_of(folder)
    entries, faults = [], {}
    for file in _files(place.resolve(), folder):
        name = file.relative_to(folder).with_suffix("").as_posix()
        try:
            entries.append(read_entry(file, folder, settings))
        except UsageError as error:
            faults[name] = str(error)
    if place.resolve() == folder:
        entries += catalogue.entries(settings, folder)
    if not entries and not faults:
        raise UsageError(f"there is no recipe (.toml) in '{source}'; gdviz gallery new {source} makes a first one")
    return Gallery(folder, settings, tuple(entries), faults)


def _files(place: Path, folder: Path) -> list[Path]:
    found = sorted(place.rglob("*.toml")) if place.is_dir() else [place]
    decks = lectures.folder() / lectures.DECKS
    return [file for file in found if file.is_file() and file.name != SETTINGS and file.parent != decks]
