"""What a build keeps of every picture beside its files: written last, so that a picture is there when its record is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gdviz.encode import atomic

FILES = "files"
"""The folder of a site that holds what was made of recipes."""

RECIPE = "recipe.toml"
"""The copy of an entry's recipe beside its files."""

MANIFEST = "manifest.json"
"""All that a site holds, see gdviz.gallery.manifest."""


def is_site(folder: Path) -> bool:
    """Whether a folder holds a site."""
    return (folder / MANIFEST).is_file() and (folder / FILES).is_dir()


def folder_of(site: Path, name: str) -> Path:
    """Where the files of an entry lie."""
    return site / FILES / name


def path_of(site: Path, name: str, lang: str, theme: str) -> Path:
    """Where the record of an entry's picture lies."""
    return folder_of(site, name) / f"{lang}.{theme}.json"


def read(path: Path) -> dict[str, Any] | None:
    """A record, None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else None


def write(path: Path, record: Mapping[str, Any]) -> None:
    """Keep a record: in one move, so that nobody reads half of it."""
    replace(path, json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def replace(path: Path, text: str) -> None:
    """Write a text's file in one move, unless it holds that text already."""
    if holds(path, text):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path, replace=True) as target:
        Path(target).write_bytes(text.encode())


def holds(path: Path, text: str) -> bool:
    """Whether a file holds a text."""
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def sweep(site: Path, name: str) -> None:
    """Remove what a killed build left half made of an entry."""
    for path in folder_of(site, name).glob(".gdviz-*"):
        path.unlink(missing_ok=True)


def are_there(site: Path, name: str, record: Mapping[str, Any]) -> bool:
    """Whether the files of a record are there, as long as they were, and the recipe beside them."""
    folder = folder_of(site, name)
    try:
        return (folder / RECIPE).is_file() and all(
            (folder / one["name"]).stat().st_size == one["bytes"] for one in record["files"].values()
        )
    except (OSError, KeyError, TypeError):
        return False
