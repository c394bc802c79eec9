"""Entries of a gallery: recipes in folders, and what the gallery says of itself."""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from gdviz import jobs
from gdviz.encode import CLIPS, FORMATS
from gdviz.errors import RecipeError, UsageError, nearest
from gdviz.gallery.limits import LONGEST, check_files, check_picture, check_work, files_of, printable
from gdviz.recipe.page import KEY, Page, Settings, load, split
from gdviz.recipe.recipe import Recipe, model_checked, read_text, validate, with_formula
from gdviz.words.files import check_names

SHEET = "sheet"
"""The folder of a site with the small pictures of its contact sheet, and the page of these."""

SETTINGS = "gallery.toml"
"""What a gallery says of itself, in its folder."""

TAKEN = ("index", SHEET)
"""Names of pages that a site has of itself."""

DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9¹²³]")
"""What Windows keeps for itself, with any ending."""

STILL, FILM = ("png",), ("png", "mp4")
"""Endings of an entry's files where nobody says others: of what stands still, and of what moves."""

DATA = ("csv", "npz")
"""Endings of files with the numbers of a study, which are the same in every language."""

NUMBERS = "studies alone have their numbers in a file"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A recipe of a gallery.

    name: its path below the gallery's folder without the ending, with slashes; file: where it lies; text: the recipe as
    written; page: what it says of its page; formats: endings of its files, without dots, a still first; made_of: kind
    and name of the definition that it shows, or SHEET, landscape and optimizer, where nobody wrote it.
    """

    name: str
    file: Path
    text: str
    recipe: Recipe
    page: Page
    formats: tuple[str, ...]
    made_of: tuple[str, ...] = ()

    @property
    def chapter(self) -> str:
        """The folder that it lies in, "" of one at the top."""
        return self.name.rpartition("/")[0]

    @functools.cached_property
    def files(self) -> list[str]:
        """Paths of the files that its run reads, as they stand in it."""
        return files_of(self.recipe)

    @property
    def is_cell(self) -> bool:
        """Whether it is a picture of the contact sheet, which has no words and is the same in every language."""
        return self.made_of[:1] == (SHEET,)

    @property
    def named(self) -> dict[str, list[str]]:
        """Names of the definitions that it says, by their kind."""
        found: dict[str, list[str]] = {}
        for kind, one in self.recipe.named():
            if one.name not in found.setdefault(kind, []):
                found[kind].append(one.name)
        return found


@dataclasses.dataclass(frozen=True)
class Gallery:
    """A folder of recipes; faults: the entries that cannot be read, and why; unused: what its settings say of none;
    decks: files of decks among them, by name."""

    folder: Path
    settings: Settings
    entries: tuple[Entry, ...]
    faults: dict[str, str] = dataclasses.field(default_factory=dict)
    unused: dict[str, str] = dataclasses.field(default_factory=dict)
    decks: dict[str, Path] = dataclasses.field(default_factory=dict)

    def only(self, patterns: Sequence[str]) -> Gallery:
        """The same with the entries alone whose names, or chapters, are like one of the patterns, all without any.

        Raises UsageError for a pattern that is like none.
        """

        def like(name: str, pattern: str) -> bool:
            return any(fnmatch.fnmatchcase(word, pattern) for word in (name, *name.split("/")))

        if not patterns:
            return self
        names = [*(entry.name for entry in self.entries), *self.faults, *self.decks]
        for pattern in patterns:
            if not any(like(name, pattern) for name in names):
                known = nearest(pattern, [*names, *(name.rpartition("/")[2] for name in names)])
                raise UsageError(f"--only {pattern} is like no entry of {self.folder}{known or '; try gallery list'}")
        kept = [name for name in names if any(like(name, pattern) for pattern in patterns)]
        return dataclasses.replace(
            self,
            entries=tuple(entry for entry in self.entries if entry.name in kept),
            faults={name: fault for name, fault in self.faults.items() if name in kept},
            decks={name: file for name, file in self.decks.items() if name in kept},
        )

    def part(self, number: int, count: int) -> Gallery:
        """Each `count`th entry from the `number`th on, from 1."""
        chosen = {entry.name for entry in self.entries[number - 1 :: count]}
        return dataclasses.replace(
            self,
            entries=tuple(entry for entry in self.entries if entry.name in chosen),
            faults=self.faults if number == 1 else {},
        )


def settings_of(folder: Path) -> Settings:
    """What a gallery's folder says of itself. Raises RecipeError."""
    file = folder / SETTINGS
    if not file.exists():
        return Settings()
    if not file.is_file():
        raise RecipeError(f"{SETTINGS} is no ordinary file; remove it")
    if not file.resolve().is_relative_to(folder.resolve()):
        raise RecipeError(f"{SETTINGS} is a link that leads out of the gallery's folder; copy the file into it")
    settings = model_checked(Settings, load(read_text(file, LONGEST), file.name), file.name)
    known = [*(job.name for job in jobs.JOBS.values()), "other"]
    for job, endings in settings.formats.items():
        if job not in known:
            raise RecipeError(
                f"{file.name}: formats: there is no job '{job}'{nearest(job, known)}; use {', '.join(known)}"
            )
        _check_endings(endings, file.name)
        films = {one.name: one.films for one in jobs.JOBS.values()}
        if films.get(job) and (data := [one for one in endings if one in DATA]):
            raise RecipeError(f"{file.name}: formats.{job}: {NUMBERS}, {data[0]}; leave it out")
    return settings


def is_name(name: str) -> bool:
    """Whether an entry can have a name, see `check_name`."""
    try:
        check_name(name)
    except RecipeError:
        return False
    return True


def check_name(name: str) -> None:
    """Raise RecipeError for an entry's name that could not be one of a site's files on every system."""
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", name):
        raise RecipeError(
            f"{printable(name)}: a recipe's name becomes an address; use letters, digits, hyphens and underscores"
        )
    if name in TAKEN:
        raise RecipeError(f"{name}: a site has a page of this name itself; choose another name")
    if any(DEVICES.fullmatch(part.partition(".")[0].lower()) or part.endswith(".") for part in name.split("/")):
        raise RecipeError(f"{name}: Windows takes no file of this name; choose another one")


def read_entry(file: Path, folder: Path, settings: Settings) -> Entry:
    """A recipe of the gallery in `folder`. Raises RecipeError, UsageError."""
    name = file.relative_to(folder).with_suffix("").as_posix()
    check_name(name)
    if not file.resolve().is_relative_to(folder):
        raise RecipeError(f"{name}: the file is a link that leads out of the gallery's folder; copy it into it")
    text = read_text(file, LONGEST)
    recipe, page = read_recipe(text, file.name)
    check_names(recipe, file.name)
    check_files(recipe, file, folder)
    check_picture(recipe, file.name, len(text))
    check_work(recipe, file.name)
    return Entry(name, file, text, recipe, page, _formats(recipe, page, settings, file.name))


def read_recipe(text: str, where: str) -> tuple[Recipe, Page]:
    """The recipe of a file's text, in which a formula may stand for a landscape's name, and its page.

    Raises RecipeError.
    """
    data = load(text, where)
    recipe = with_formula(validate(data, where))
    return recipe, model_checked(Page, split(data)[1], f"{where}: {KEY}")


def _formats(recipe: Recipe, page: Page, settings: Settings, where: str) -> tuple[str, ...]:
    """Endings of an entry's files; one of a still comes first, which stands for it on pages."""
    job = jobs.of(recipe)
    usual = FILM if job.films else STILL
    asked = page.formats or settings.formats.get(job.name) or settings.formats.get("other") or usual
    _check_endings(asked, where)
    if job.films and (data := [one for one in page.formats or () if one in DATA]):
        raise RecipeError(f"{where}: gallery.formats: {NUMBERS}, {data[0]}; leave it out")
    if not job.films and (films := [one for one in page.formats or () if f".{one}" in CLIPS]):
        raise RecipeError(f"{where}: gallery.formats: a study stands still and makes no {films[0]}; leave it out")
    kept = [one for one in asked if (one not in DATA if job.films else f".{one}" not in CLIPS)]
    still = next((one for one in kept if f".{one}" in _pixels()), STILL[0])
    return tuple(dict.fromkeys([still, *kept]))


def _pixels() -> Iterable[str]:
    return [ending for ending, format_ in FORMATS.items() if format_.pixels]


def _check_endings(endings: Iterable[str], where: str) -> None:
    for ending in endings:
        if f".{ending}" not in FORMATS and ending not in DATA:
            known = [*(one[1:] for one in FORMATS), *DATA]
            raise RecipeError(f"{where}: there is no format '{ending}'{nearest(ending, known)}; use {', '.join(known)}")
