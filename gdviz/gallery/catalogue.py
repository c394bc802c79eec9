"""Entries that nobody writes: a page of every landscape and of every optimizer in the registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gdviz.catalogue.lookup import definitions, find
from gdviz.gallery.entry import SHEET, Entry
from gdviz.jobs import OPTIMIZERS
from gdviz.lang import languages, texts
from gdviz.recipe.page import Page, Settings
from gdviz.recipe.recipe import parse_recipe
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS

FORMATS = ("png", "html")
"""A still, and a clip that can be touched."""

SIZE = "320x240"
"""Of the pictures of a contact sheet."""

LINE = ', dash = "solid"'
"""How a method's path is drawn there: it is alone, and dots of so small a picture would be lost in their halo."""

GROUND = "beale"
"""The landscape on which optimizers are shown: a narrow valley, and a start from which most come down in 300 steps."""

SADDLE = "long_valley"
"""That of those whose steps follow from the Hessian: a saddle beside the start tells whether they heed it."""

BOWL = "ravine"
"""That of those that are told two curvatures: a quadratic that has them."""

BESIDE = "gd"
"""Whom an optimizer is shown beside."""


def entries(settings: Settings, folder: Path) -> Iterator[Entry]:
    """An entry of every definition of the kinds that a gallery asks for, and of every cell of its contact sheet.

    Raises UsageError for a name of the sheet that there is not.
    """
    for kind in settings.catalogue:
        for name in definitions(kind):
            yield made((kind, name), folder)
    if settings.sheet is not None:
        for landscape in settings.sheet.landscapes:
            for optimizer in settings.sheet.optimizers:
                yield made((SHEET, landscape, optimizer), folder)


def made(of: tuple[str, ...], folder: Path) -> Entry:
    """The entry of a definition, or of a cell, as if its recipe lay in the gallery's folder.

    of: see `Entry.made_of`.
    """
    if of[0] == SHEET:
        return _cell(find("landscape", of[1]), find("optimizer", of[2]), folder)
    kind, name = of
    definition = find(kind, name)
    caption = {lang: texts(lang).about(kind, definition.name) or definition.summary for lang in languages()}
    title = {lang: texts(lang).name(kind, definition.name) or definition.title for lang in languages()}
    place = f"{KINDS[kind].plural}/{definition.name}"
    return _entry(place, folder, _text(definition), FORMATS, (kind, definition.name), title, caption)


def _cell(landscape: Definition, optimizer: Definition, folder: Path) -> Entry:
    text = (
        f'schema = 1\nlandscape = "{landscape.name}"\nsize = "{SIZE}"\ndomain = "whole"\nbare = true\n'
        f'legend = "off"\ninset = "off"\npanel = []\nlabels = []\noptimizer = [{_row(optimizer, LINE)}]\n'
    )
    place = f"{SHEET}/{landscape.name}/{optimizer.name}"
    return _entry(place, folder, text, FORMATS[:1], (SHEET, landscape.name, optimizer.name))


def _entry(
    place: str,
    folder: Path,
    text: str,
    formats: tuple[str, ...],
    made_of: tuple[str, ...],
    title: dict[str, str] | None = None,
    caption: dict[str, str] | None = None,
) -> Entry:
    recipe, page = parse_recipe(text, place), Page(title=title, caption=caption, test="off")
    return Entry(place, folder / f"{place}.toml", text, recipe, page, formats, made_of)


def _row(optimizer: Definition, look: str = "") -> str:
    rate = ', lr = "auto"' if optimizer.searches_rate else ""
    return f'{{ name = "{optimizer.name}"{rate}{look} }}'


def _text(definition: Definition) -> str:
    """The recipe of a definition's picture, which has the landscape's title: its page has the definition's."""
    if definition.has_coordinates:
        rows = [f'{{ name = "{name}", lr = "auto" }}' for name in OPTIMIZERS]
        return f'schema = 1\nlandscape = "{definition.name}"\noptimizer = [{", ".join(rows)}]\n'
    shown = [find(definition.kind, BESIDE), definition] if definition.name != BESIDE else [definition]
    rows = list(map(_row, shown))
    return f"schema = 1\n{_ground(definition)}optimizer = [{', '.join(rows)}]\n"


def _ground(optimizer: Definition) -> str:
    """The lines of a recipe that name the landscape on which an optimizer is shown."""
    if {"flattest", "steepest"} <= optimizer.parameters.keys():
        kappa = optimizer.parameters["steepest"] / optimizer.parameters["flattest"]
        return f'landscape = "{BOWL}"\nconstants = {{ kappa = {kappa} }}\n'
    newtonian = "hessian" in optimizer.inputs and not optimizer.searches_rate
    return f'landscape = "{SADDLE if newtonian else GROUND}"\n'
