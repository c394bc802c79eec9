"""The kinds of definitions, as words of the command line."""

from __future__ import annotations

from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import UsageError, nearest, short
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS
from gdviz.registry.names import library_of


def kind_of(word: str) -> str:
    """The kind meant by `landscapes`, `landscape` or `Landscape`; UsageError names the nearest."""
    kind = word.lower().removesuffix("s")
    if kind in KINDS:  # without a look at the others, which would have to be loaded
        return kind
    plurals = {other.plural: other.name for other in KINDS.values()}
    kind = plurals.get(word.lower(), word.lower())
    if kind not in KINDS:
        hint = nearest(word, plurals) or f"; type {' or '.join(plurals)}"
        raise UsageError(f"there is no kind '{word}'{hint}")
    return kind


def find_any(name: str) -> list[Definition]:
    """Every definition of this name or alias, whatever its kind; UsageError names the nearest."""
    if library_of(name) is not None:
        return [find("optimizer", name)]
    found = []
    for kind in KINDS:
        try:
            found.append(find(kind, name))
        except UsageError:
            continue
    plural = next((kind.plural for kind in KINDS.values() if name.lower() in (kind.name, kind.plural)), None)
    if not found and plural:
        raise UsageError(f"'{name}' is a kind of definitions; `gdviz list {plural}` shows them")
    if not found:
        names = [known for kind in KINDS for d in definitions(kind).values() for known in (d.name, *d.aliases)]
        raise UsageError(f"nothing is called '{short(name)}'{nearest(name, names) or '; `gdviz list` shows all names'}")
    return found
