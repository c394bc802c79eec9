"""What is put on slides: files made by gdviz, recipes, figures of the lectures, and decks that put these in order."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gdviz.encode import FORMATS
from gdviz.encode import read_recipe as carried
from gdviz.errors import RecipeError, UsageError, nearest
from gdviz.gallery.entry import read_recipe
from gdviz.gallery.reading import read as gallery_of
from gdviz.recipe import lectures
from gdviz.recipe.deck import Deck, find_deck, read_deck
from gdviz.recipe.page import Page, load, words_of
from gdviz.recipe.recipe import Recipe, parse_recipe, read_text
from gdviz.recipe.values import Words
from gdviz.words.files import check_names

MOST = 1_000
"""Slides of a file; a lecture of ours has some 50. Decks of decks could name any number of them."""


@dataclasses.dataclass(frozen=True)
class Source:
    """The picture of a slide: what it is called, its recipe, what that says of its page, and its file if it is made."""

    name: str
    recipe: Recipe
    page: Page = dataclasses.field(default_factory=Page)
    file: Path | None = None


@dataclasses.dataclass(frozen=True)
class Heading:
    """A slide of words: a lecture's title with what stands below, or that of a part of it."""

    title: Words
    below: Words
    opens: bool


def read(words: Iterable[str | Path]) -> list[Heading | Source]:
    """The slides of what is named, in order. Raises UsageError where something is not there, or nothing for slides."""
    found = list(itertools.islice((slide for word in words for slide in _read(str(word), Path())), MOST + 1))
    if len(found) > MOST:
        raise UsageError(f"these are more than {MOST:,} slides; make several files of them")
    return found


def _read(word: str, folder: Path, inside: tuple[Deck, ...] = ()) -> Iterator[Heading | Source]:
    """What a word stands for, which may be a path in a folder; inside: the decks that name it."""
    path = folder / Path(word).expanduser()
    if path.is_dir():
        yield from _folder(path)
    elif path.exists():
        if not path.is_file():  # a pipe may wait for ever for somebody who writes into it
            raise RecipeError(f"'{word}' is no ordinary file; give a recipe (.toml) or a file made by gdviz")
        if path.suffix.lower() != ".toml":
            yield _artefact(path)
            return
        if "part" in load(read_text(path), path.name):
            yield from _slides(read_deck(path), path.parent, inside)
        else:
            yield _recipe(path)
    elif (deck := find_deck(word)) is not None:
        yield from _slides(deck, Path(), inside)
    elif (figure := lectures.recipes().get(word)) is not None:
        yield _recipe(figure)
    else:
        aliases = [alias for file in lectures.decks().values() for alias in read_deck(file).aliases]
        known = nearest(word, [*lectures.recipes(), *lectures.decks(), *aliases])
        known = known or "; give a recipe (.toml), a file made by gdviz, a lecture's figure or a deck such as lecture_1"
        raise RecipeError(f"there is no file or figure '{word}'{known}")


def _folder(path: Path) -> Iterator[Heading | Source]:
    """The recipes of a gallery's folder, chapter by chapter."""
    gallery = gallery_of(path)
    if gallery.faults:
        name, fault = next(iter(gallery.faults.items()))
        raise RecipeError(f"{name}: {fault}" if name not in fault else fault)
    named = [entry for entry in gallery.entries if not entry.made_of]
    if not named:
        raise UsageError(f"the folder '{path}' holds no recipes; name files, recipes or a deck such as lecture_1")
    settings = gallery.settings
    yield Heading(settings.title, "", opens=True)
    for chapter, entries in itertools.groupby(named, key=lambda entry: entry.chapter):
        if chapter:
            words = re.sub(r"^[\d_]+", "", chapter.rpartition("/")[2]).replace("_", " ").capitalize()
            known = settings.chapters.get(chapter)
            yield Heading(known.title if known else words, settings.title, opens=False)
        yield from (Source(entry.file.stem, entry.recipe, entry.page) for entry in entries)


def _slides(deck: Deck, folder: Path, inside: tuple[Deck, ...]) -> Iterator[Heading | Source]:
    if deck in inside:
        raise RecipeError(f"the deck '{words_of(deck.title, 'en')}' is one of its own slides; leave it out there")
    yield Heading(deck.title, deck.subtitle, opens=True)
    for part in deck.part:
        yield Heading(part.title, deck.title, opens=False)
        for word in part.slides:
            yield from _read(word, folder, (*inside, deck))


def _recipe(path: Path) -> Source:
    recipe, page = read_recipe(read_text(path), path.name)
    check_names(recipe, path.name)
    return Source(path.stem, recipe, page)


def _artefact(path: Path) -> Source:
    text = carried(path)
    if text is None:
        raise UsageError(f"{path.name} was not made by gdviz; slides take its own clips and pictures, and recipes")
    format_ = next((one for ending, one in FORMATS.items() if ending == path.suffix.lower()), None)
    if format_ is None or not format_.slides:
        known = " ".join(ending for ending, one in FORMATS.items() if one.slides)
        other = f"make it again as one, as in gdviz plot --recipe {path.name} --out {path.stem}.png"
        raise UsageError(f"{path.name}: slides hold files that end in {known}; {other}")
    return Source(path.stem, parse_recipe(text, path.name), file=path)
