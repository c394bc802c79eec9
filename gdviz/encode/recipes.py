"""The recipe inside a finished file: found again in any format, without reading the file as a whole."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

from gdviz.encode.formats import EVERY
from gdviz.encode.marks import MARK, unmarked
from gdviz.errors import RecipeError

LONGEST_HEAD = 1024  # bytes that are enough to recognise every format


def read_recipe(path: str | os.PathLike[str]) -> str | None:
    """The recipe (TOML) that a file made by gdviz carries, or None for any other file, a damaged one included.

    The format is recognised by its first bytes, never by the ending, so a renamed file still tells its recipe.
    Raises RecipeError when the file is missing or may not be read.
    """
    place = Path(path)
    try:
        if place.is_dir():
            raise RecipeError(f"{place} is a folder; name a file made by gdviz")
        with place.open("rb") as file:
            head = file.read(LONGEST_HEAD)
            for format in EVERY:
                if format.head(head):
                    file.seek(0)
                    texts = format.texts(file)
                    return texts.get("gdviz") or next((unmarked(text) for text in texts.values() if MARK in text), None)
    except FileNotFoundError as error:
        raise RecipeError(f"there is no file {place}; name a file made by gdviz") from error
    except OSError as error:
        raise RecipeError(f"{place} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, IndexError, OverflowError, struct.error, zlib.error):
        return None  # the lengths inside contradict each other: a truncated file, or not the format it seems to be
    return None


def carries_recipe(path: str | os.PathLike[str]) -> bool:
    """Whether a file was made by gdviz, and so may be replaced without asking."""
    try:
        return read_recipe(path) is not None
    except RecipeError:
        return False
