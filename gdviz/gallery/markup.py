"""What several pages of a gallery are made of."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError
from gdviz.lang import texts
from gdviz.scene.themes import THEMES


def title_of(kind: str, name: str, lang: str) -> str:
    """What a definition is called in a language; of one that there is not any more its name."""
    try:
        definition = find(kind, name)
    except UsageError:
        return name
    return texts(lang).name(kind, definition.name) or definition.title


def sources(pictures: Mapping[str, Any], file: str, folder: str, key: str = "src") -> str:
    """The attribute that names a file, and those by which it follows the page's colours where it was made in both."""
    paths = {theme: f"{folder}/{one['files'][file]['name']}" for theme, one in pictures.items() if file in one["files"]}
    first = next(iter(paths.values()))
    grounds = {THEMES[theme].dark: path for theme, path in reversed(paths.items())}
    words = {False: "light", True: "dark"} if len(grounds) > 1 else {}
    follow = [f'data-{key}-{words[dark]}="{escape(path)}"' for dark, path in grounds.items() if words]
    return " ".join([f'{key}="{escape(first)}"', *follow])
