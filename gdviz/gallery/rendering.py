"""One entry of a gallery made, in a process of its own: run once, drawn in every language and theme that is asked."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gdviz import api, jobs
from gdviz.catalogue.lookup import find
from gdviz.catalogue.plugins import load_plugin
from gdviz.encode import CLIPS, atomic
from gdviz.encode.thumbnails import thumbnail
from gdviz.errors import GdvizError, GdvizWarning
from gdviz.gallery import catalogue, formulas, records
from gdviz.gallery.causes import GONE, causes, digest_now, hash_of
from gdviz.gallery.entry import DATA, Entry, read_entry, settings_of
from gdviz.gallery.sayings import said
from gdviz.lang import texts
from gdviz.recipe.options import options_of
from gdviz.recipe.recipe import Recipe
from gdviz.studies.export import export

if TYPE_CHECKING:
    from gdviz.studies.study import Study

THUMBNAIL = "thumb"
"""What a thumbnail is called among the files of a record."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Pictures of an entry to be made: of the gallery in `folder`, into `site`, in each (language, theme) of `wanted`.

    made_of: the definition that it shows where nobody wrote it; look: what the build asks of its pictures, see
    Wish.look_of; threads: that a run may take; formats: endings in place of the entry's own.
    """

    name: str
    made_of: tuple[str, ...]
    folder: Path
    site: Path
    wanted: tuple[tuple[str, str], ...]
    look: dict[str, str]
    threads: int
    formats: tuple[str, ...] | None = None


@dataclasses.dataclass(frozen=True)
class Made:
    """What became of a task: the pictures that are whole, the sentence of what went wrong, notes, and seconds."""

    name: str
    pictures: tuple[tuple[str, str], ...]
    fault: str
    notes: tuple[str, ...]
    seconds: float


def begin(plugins: Sequence[str]) -> None:
    """Prepare a process of workers, which ends with the one that asked for it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told by that one, once
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    for path in plugins:
        load_plugin(path)


def make(task: Task) -> Made:
    """Make the pictures of an entry. What goes wrong is told in the answer; the pictures before it stay."""
    began, done, fault = time.monotonic(), [], ""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        place = (task.folder / task.name).parent
        try:
            with contextlib.chdir(place if place.is_dir() else task.folder):  # where a recipe's files are looked for
                for lang, theme, record in _pictures(task):
                    records.write(records.path_of(task.site, task.name, lang, theme), record)
                    done.append((lang, theme))
        except GdvizError as error:
            fault = str(error)
        except MemoryError:
            fault = "the memory is used up; ask for a smaller size or fewer steps"
        except OSError as error:
            fault = f"the system refused: {error.strerror or error}"
        except Exception as error:
            fault = f"a fault inside gdviz, {type(error).__name__}: {error}"
    notes = tuple(dict.fromkeys(str(one.message) for one in told if issubclass(one.category, GdvizWarning)))
    return Made(task.name, tuple(done), fault, notes, time.monotonic() - began)


def _pictures(task: Task) -> Any:
    """Language, theme and record of each picture, as it is made."""
    if not task.made_of:
        entry = read_entry(task.folder / f"{task.name}.toml", task.folder, settings_of(task.folder))
    else:
        entry = catalogue.made(task.made_of, task.folder)
    if task.formats is not None:
        entry = dataclasses.replace(entry, formats=task.formats)
    asked = {"threads": task.threads, **task.look, "draft": task.look.get("draft") == "yes"}
    known = options_of(entry.recipe.job)  # a study has no draft, a chart no threads
    made = api.make(entry.recipe.updated(**{key: value for key, value in asked.items() if key in known}))
    used = digests(entry, made)
    folder = records.folder_of(task.site, entry.name)
    folder.mkdir(parents=True, exist_ok=True)
    records.sweep(task.site, entry.name)
    records.replace(folder / records.RECIPE, entry.text)
    data = {ending: folder / f"data.{ending}" for ending in entry.formats if ending in DATA}
    for path in data.values():
        export(cast("Study", made), path, force=True)
    for lang, theme in task.wanted:
        drawn = api.redrawn(made, {"lang": lang, "theme": theme})
        paths = {ending: folder / f"{lang}.{theme}.{ending}" for ending in entry.formats if ending not in data}
        notes = [one.note for one in api.render(drawn, list(paths.values()), force=True) if one.note]
        paths |= data
        paths[THUMBNAIL] = folder / f"{lang}.{theme}.{THUMBNAIL}.webp"
        with atomic(paths[THUMBNAIL], replace=True) as target:
            measures = thumbnail(paths[entry.formats[0]], target)
        yield (
            lang,
            theme,
            {
                **_said(entry, drawn, lang),
                "causes": causes(entry, lang, theme, task.look, used),
                "digests": used,
                "definitions": _described(used, drawn.recipe, lang),
                "files": {ending: _file(path) for ending, path in paths.items()},
                "thumbnail": list(measures),
                "notes": notes,
            },
        )


def digests(entry: Entry, made: Any) -> dict[str, str]:
    """Of every definition that a run has used: those that its recipe records, and those that the recipe names.

    What is typed in a recipe, as a formula is, is no definition: the recipe's text counts.
    """
    named = {f"{one.kind}:{one.name}": one.digest for one in api.definitions_of(entry.recipe)}
    found = {**named, **{key: digest for key, digest in made.recipe.digests.items() if ":" in key}}
    return {key: digest for key, digest in found.items() if digest_now(key) != GONE}


def _said(entry: Entry, made: Any, lang: str) -> dict[str, Any]:
    """What a page says of a picture in a language."""
    words = said(entry.page, made, lang, entry.name.rpartition("/")[2])
    best = next((one for one in entry.formats if f".{one}" in CLIPS), entry.formats[0])
    drawn = entry.recipe.updated(lang=lang, theme=made.recipe.theme)
    return {
        **dataclasses.asdict(words),
        "command": api.command_of(drawn, f"{entry.file.stem}.{best}"),
        "job": jobs.of(entry.recipe).name,
        "named": entry.named,
        "tags": list(entry.page.tags),
        "formats": list(entry.formats),
    }


def _described(used: Iterable[str], recipe: Recipe, lang: str) -> list[dict[str, Any]]:
    """What a page says of each definition, and of a formula that stands for a landscape."""
    words, found = texts(lang), list[dict[str, Any]]()
    if (typed := formulas.typed(recipe, words)) is not None:
        title = words.text("formula_title")
        empty = dict.fromkeys(("summary", "text", "source"), "")
        found.append({"kind": "landscape", "name": "", "title": title, **empty, "formulas": [typed]})
    for key in used:
        kind, _, name = key.partition(":")
        definition = find(kind, name)
        title = words.name(kind, definition.name) or definition.title
        found.append(
            {
                "kind": kind,
                "name": definition.name,
                "title": title,
                "summary": words.about(kind, definition.name) or definition.summary,
                "text": definition.text,
                "source": definition.source,
                "formulas": formulas.told(definition, recipe, words),
            }
        )
    return found


def _file(path: Path) -> dict[str, Any]:
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": hash_of(path)}
