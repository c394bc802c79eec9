"""Entries that nobody writes: a page of every landscape and of every optimizer in the registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gdviz.catalogue.lookup import definitions, find
from gdviz.gallery.entry import Entry
from gdviz.jobs import OPTIMIZERS
from gdviz.lang import languages, texts
from gdviz.recipe.page import Page, Settings
from gdviz.recipe.recipe import parse_recipe
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS

FORMATS = ("png", "html")
"""A still, and a clip that can be touched."""

GROUND = "beale"
"""The landscape on which optimizers are shown: a narrow valley, and a start from which most come down in 300 steps."""

BESIDE = "gd"
"""Whom an optimizer is shown beside."""


def entries(settings: Settings, folder: Path) -> Iterator[Entry]:
    """An entry of every definition of the kinds that a gallery asks for."""
    for kind in settings.catalogue:
        for name in definitions(kind):
            yield entry(kind, name, folder)


def entry(kind: str, name: str, folder: Path) -> Entry:
    """The entry of a definition, as if its recipe lay in the gallery's folder."""
    definition = find(kind, name)
    text = _text(definition)
    place = f"{KINDS[kind].plural}/{definition.name}"
    recipe = parse_recipe(text, place)
    caption = {lang: texts(lang).about(kind, definition.name) or definition.summary for lang in languages()}
    page = Page(caption=caption, test="off")
    return Entry(place, folder / f"{place}.toml", text, recipe, page, FORMATS, made_of=(kind, definition.name))


def _text(definition: Definition) -> str:
    """The recipe of a definition's picture."""
    if definition.has_coordinates:
        rows = [f'{{ name = "{name}", lr = "auto" }}' for name in OPTIMIZERS]
        return f'schema = 1\nlandscape = "{definition.name}"\noptimizer = [{", ".join(rows)}]\n'
    shown = [find(definition.kind, BESIDE), definition] if definition.name != BESIDE else [definition]
    rate = ', lr = "auto"'
    rows = [f'{{ name = "{one.name}"{rate if one.searches_rate else ""} }}' for one in shown]
    said = {lang: texts(lang).name(definition.kind, definition.name) or definition.title for lang in languages()}
    title = ", ".join(f'{lang} = "{word}"' for lang, word in said.items())
    return f'schema = 1\ntitle = {{ {title} }}\nlandscape = "{GROUND}"\noptimizer = [{", ".join(rows)}]\n'
