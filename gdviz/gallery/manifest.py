"""`manifest.json`: all that a site holds, with its texts in every language, for pages and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gdviz.errors import OutputError
from gdviz.gallery import records
from gdviz.gallery.causes import hash_of
from gdviz.gallery.entry import Gallery, check_name, is_name
from gdviz.gallery.records import MANIFEST
from gdviz.gallery.wishes import Wish
from gdviz.version import __version__

OF_PICTURE = ("title", "caption", "remarks", "alt", "command", "files", "thumbnail", "notes", "definitions")
"""What of a record is a picture's own."""

OF_ENTRY = ("job", "named", "tags", "formats")
"""What of a record is the same in all of an entry's pictures."""

KEPT = {*OF_PICTURE, *OF_ENTRY}
"""Records of earlier versions may lack some; their pictures are told once they are made again."""


def manifest(
    gallery: Gallery, site: Path, asked: Wish, faults: Mapping[str, str], known: Mapping[Path, Mapping[str, Any]] = {}
) -> dict[str, Any]:
    """What a site holds of a gallery.

    faults: by entry, why it could not be made this time; known: records whose pictures have been seen to be there.
    """
    settings = gallery.settings
    entries = []
    for name in sorted({*(entry.name for entry in gallery.entries), *filter(is_name, gallery.faults)}):
        found = _entry(site, name, asked, faults.get(name, ""), known)
        if found["pictures"] or found["fault"]:
            entries.append(found)
    chapters = ordered(entries, list(settings.chapters))
    return {
        "schema": 1,
        "gdviz": __version__,
        "title": settings.title,
        "footer": settings.footer,
        "languages": list(asked.languages),
        "themes": list(asked.themes),
        "sheet": settings.sheet.model_dump() if settings.sheet else None,
        "chapters": [
            {"name": name, **settings.chapters[name].model_dump()}
            if name in settings.chapters
            else {"name": name, "title": _spoken(name), "text": ""}
            for name in chapters
        ],
        "pages": "",
        "entries": entries,
    }


def ordered(entries: list[dict[str, Any]], told: Sequence[str]) -> list[str]:
    """The chapters of entries, those that settings tell in their order, then the others; entries are put into it."""
    names = sorted({entry["chapter"] for entry in entries})
    chapters = sorted(names, key=lambda name: told.index(name) if name in told else len(told))
    entries.sort(key=lambda entry: (chapters.index(entry["chapter"]), entry["name"]))
    return chapters


def _spoken(chapter: str) -> str:
    """A folder's name as a title."""
    word = chapter.rpartition("/")[2].lstrip("0123456789_-. ") or chapter
    return word.replace("_", " ").capitalize()


def _entry(site: Path, name: str, asked: Wish, fault: str, known: Mapping[Path, Mapping[str, Any]]) -> dict[str, Any]:
    pictures, common = [], {}
    for lang, theme in asked.pictures:
        path = records.path_of(site, name, lang, theme)
        record = known.get(path) or records.read(path)
        if record is None or not record.keys() >= KEPT:
            continue
        if path in known or records.are_there(site, name, record):
            pictures.append({"lang": lang, "theme": theme, **{key: record[key] for key in OF_PICTURE}})
            common = {key: record[key] for key in OF_ENTRY}
    state = "ok" if not fault else "stale" if pictures else "failed"
    recipe = f"{records.FILES}/{name}/{records.RECIPE}" if pictures else None
    return {
        "name": name,
        "chapter": name.rpartition("/")[0],
        "state": state,
        "fault": fault,
        **common,
        "recipe": recipe,
        "recipe_sha256": hash_of(site / recipe) if recipe else None,
        "pictures": pictures,
    }


def read(site: Path) -> dict[str, Any]:
    """The manifest of a site. Raises OutputError where there is none, or one whose names lead out of the site."""
    try:
        found = json.loads((site / MANIFEST).read_text(encoding="utf-8"))
        if found["schema"] != 1 or not isinstance(found["entries"], list):
            raise ValueError
        for entry in found["entries"]:
            check_name(entry["name"])
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputError(f"there is no {MANIFEST} of a site in '{site}'; gdviz gallery build makes one") from None
    return dict(found)


def text(made: Mapping[str, Any]) -> str:
    """A manifest as it is written: a line for each entry."""
    rows = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in made["entries"])
    head = json.dumps({**made, "entries": []}, ensure_ascii=False, indent=1)
    return head.replace('"entries": []', f'"entries": [\n{rows}\n ]') + "\n"


def prune(site: Path, made: Mapping[str, Any]) -> list[str]:
    """Remove files of entries that a manifest does not name, and pictures that its entries have no more; names."""
    root, gone = site / records.FILES, []
    kept = {root / entry["name"] / records.RECIPE for entry in made["entries"]}
    for entry in made["entries"]:
        for picture in entry["pictures"]:
            folder = root / entry["name"]
            kept |= {folder / one["name"] for one in picture["files"].values()}
            kept.add(records.path_of(site, entry["name"], picture["lang"], picture["theme"]))
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_file() and path not in kept:
            path.unlink()
            gone.append(path.relative_to(site).as_posix())
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return gone
