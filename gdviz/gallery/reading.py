"""A folder of recipes, with what its gallery makes of the registry, as a gallery."""

from __future__ import annotations

from pathlib import Path

from gdviz.errors import RecipeError, UsageError, nearest
from gdviz.gallery import catalogue, records
from gdviz.gallery.entry import SETTINGS, Gallery, read_entry, settings_of
from gdviz.gallery.limits import printable
from gdviz.recipe import lectures
from gdviz.recipe.deck import is_deck

LECTURES = "lectures"
"""What stands for the figures that come with gdviz where there is no folder of that name."""


def read(source: str | Path) -> Gallery:
    """The gallery of a folder, or of one recipe. Faults of single recipes are kept beside the others.

    A recipe that lies where the page of a definition would takes its place. Copies of recipes in sites are none, and
    neither are decks.

    Raises UsageError where there is nothing to read, RecipeError for a fault in its settings.
    """
    place = Path(source)
    if not place.exists() and str(source) == LECTURES:
        place = lectures.folder()
    if not place.exists():
        raise UsageError(f"there is no folder '{source}'; give a folder of recipes, or a recipe")
    if place.is_file() and place.suffix != ".toml":
        raise UsageError(f"'{source}' is no recipe (.toml); give one, or a folder of them")
    folder = (place if place.is_dir() else place.parent).resolve()
    settings = settings_of(folder)
    entries, faults, decks, known = [], {}, dict[str, Path](), dict[str, str]()
    for file in _files(folder if place.is_dir() else folder / place.name, folder):
        name = file.relative_to(folder).with_suffix("").as_posix()
        other = known.setdefault(name.casefold(), name)
        try:
            if other != name:
                raise RecipeError(f"{name}: '{other}' differs from it in capitals alone; choose another name")
            entries.append(read_entry(file, folder, settings))
        except UsageError as error:
            if is_deck(file):
                decks[printable(name)] = file
            else:
                faults[printable(name)] = str(error)
    if place.is_dir():
        entries += [entry for entry in catalogue.entries(settings, folder) if entry.name not in known]
    if not entries and not faults and not decks:
        raise UsageError(f"there is no recipe (.toml) in '{source}'; gdviz gallery new {source} makes a first one")
    chapters = {name.rpartition("/")[0] for name in (*(entry.name for entry in entries), *faults)}
    unused = {
        f"{SETTINGS}, chapters.{name}": f"no recipe lies there{nearest(name, chapters)}"
        for name in settings.chapters
        if name not in chapters and place.is_dir()
    }
    return Gallery(folder, settings, tuple(entries), faults, unused, decks)


def _files(place: Path, folder: Path) -> list[Path]:
    if not place.is_dir():
        return [place] if place.name != SETTINGS else []
    return [
        file
        for file in sorted(place.rglob("*.toml"))
        if file.is_file() and file.name != SETTINGS and not _is_aside(file, folder)
    ]


def _is_aside(file: Path, folder: Path) -> bool:
    """Whether a file is hidden, as editors' own are, or lies in a site that was built inside the gallery's folder."""
    if any(part.startswith(".") for part in file.relative_to(folder).parts):
        return True
    inside = (parent for parent in file.parents if parent != folder and parent.is_relative_to(folder))
    return any(records.is_site(parent) for parent in inside)
