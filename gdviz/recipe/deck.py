"""Decks: which figures a lecture shows, in which order, under which titles. TOML in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gdviz.errors import UsageError
from gdviz.recipe import lectures
from gdviz.recipe.entries import Model
from gdviz.recipe.page import load
from gdviz.recipe.recipe import model_checked, read_text
from gdviz.recipe.values import Text, Words


class Part(Model):
    """A part of a lecture: its title, and its slides, each a figure's name or the path of a recipe or an artefact."""

    title: Words
    slides: Annotated[tuple[Text, ...], Field(min_length=1)]


class Deck(Model):
    """A lecture: title, what stands below it, other names that it is found by, its parts in order."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    title: Words
    subtitle: Words = ""
    aliases: tuple[str, ...] = ()
    part: Annotated[tuple[Part, ...], Field(min_length=1)]


def read_deck(path: str | Path) -> Deck:
    """The deck in a TOML file. Raises RecipeError."""
    where = Path(path).name
    return model_checked(Deck, load(read_text(path), where), where)


def is_deck(path: str | Path) -> bool:
    """Whether a TOML file has what only decks have: parts."""
    try:
        return isinstance(load(read_text(path), Path(path).name).get("part"), list)
    except UsageError:
        return False


def find_deck(name: str) -> Deck | None:
    """The lecture's deck of a name or an alias, None where there is none."""
    known = lectures.decks()
    if name in known:
        return read_deck(known[name])
    return next((deck for deck in map(read_deck, known.values()) if name in deck.aliases), None)
