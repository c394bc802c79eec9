"""The recipes of lectures that come with gdviz, and the decks that put them in order, found by name from any folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

DECKS = "decks"
"""The folder among them that holds decks."""


@cache
def folder() -> Path:
    """Where they lie: inside the package where it was installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "gallery" / "lectures"
    return installed if installed.is_dir() else package.parent / "gallery" / "lectures"


@cache
def recipes() -> dict[str, Path]:
    """Files of all recipes by their names, which are those of the files without the ending."""
    found = sorted(folder().rglob("*.toml"))
    return {file.stem: file for file in found if file.parent.name != DECKS}


@cache
def decks() -> dict[str, Path]:
    """Files of all decks by their names."""
    return {file.stem: file for file in sorted((folder() / DECKS).glob("*.toml"))}
