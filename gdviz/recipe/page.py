"""What a recipe says of its page in a gallery: the table `[gallery]`, which no picture depends on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gdviz.errors import RecipeError
from gdviz.recipe.entries import Model
from gdviz.recipe.values import Text, Words

KEY = "gallery"
"""The table's name in a recipe's file."""


def _tag(word: str) -> str:
    if not re.fullmatch(r"[\w-]{1,40}", word):
        raise ValueError("a tag is a word of letters, digits and hyphens")
    return word


def _ending(word: str) -> str:
    if not re.fullmatch(r"[a-z0-9]{2,5}", word):
        raise ValueError("a format is an ending without its dot, such as 'png'")
    return word


Tag = Annotated[str, AfterValidator(_tag)]
Ending = Annotated[str, AfterValidator(_ending)]

Test = Literal["compare", "run", "off"]
"""What `gdviz gallery test` does with a recipe: compares its picture with a kept one, only makes it, or neither."""


class Page(Model):
    """The page of a recipe in a gallery.

    title, caption: in place of those on the picture; alt: what the picture shows, for those who do not see it; tags:
    words to find it by beside its definitions; formats: endings of its files without the dot, by default those that the
    gallery gives to its job; test: see `Test`.
    """

    title: Words | None = None
    caption: Words | None = None
    alt: Words | None = None
    tags: tuple[Tag, ...] = ()
    formats: Annotated[tuple[Ending, ...], Field(min_length=1)] | None = None
    test: Test = "run"


class Paged(Model):
    """A recipe's file but for the recipe."""

    gallery: Page = Page()


class Chapter(Model):
    """A folder of a gallery: what it is called and what stands above its entries."""

    title: Words
    text: Words = ""


class Sheet(Model):
    """A contact sheet: optimizers side by side on landscapes, one below the other."""

    optimizers: Annotated[tuple[str, ...], Field(min_length=1)]
    landscapes: Annotated[tuple[str, ...], Field(min_length=1)]


class Settings(Model):
    """What a gallery says of itself in its `gallery.toml`; every key may be missing.

    title, footer: of its pages; size: of its pictures and clips; languages, themes: those that are made where nobody
    asks for others; formats: endings by job, as in { race = ["png", "mp4"] }, "other" for all that are not named, of
    studies also csv and npz; chapters: by the names of folders; catalogue: kinds of which every definition has a page
    that nobody writes; sheet: what a page of small pictures compares.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    title: Words = "gdviz"
    footer: Words = ""
    size: Text = "720p"
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en",)
    themes: Annotated[tuple[str, ...], Field(min_length=1)] = ("light",)
    formats: dict[str, Annotated[tuple[Ending, ...], Field(min_length=1)]] = Field(default_factory=dict)
    sheet: Sheet | None = None
    catalogue: tuple[Literal["landscape", "optimizer"], ...] = ()
    chapters: dict[str, Chapter] = Field(default_factory=dict)


def split(data: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """A recipe's table without that of its page, and that."""
    return {key: value for key, value in data.items() if key != KEY}, data.get(KEY, {})


def words_of(text: Words | None, lang: str) -> str:
    """A text in a language, where that is missing in English, else the first."""
    if isinstance(text, dict):
        return text.get(lang) or text.get("en") or next(iter(text.values()), "")
    return text or ""


def load(text: str, where: str) -> dict[str, Any]:
    """The tables of a TOML file `where`. Raises RecipeError."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(f"{where}: this is not a recipe in TOML ({error})") from None
