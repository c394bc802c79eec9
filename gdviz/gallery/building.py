"""`gdviz gallery build`: which pictures are not what their causes say, and workers that make them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gdviz.encode import check_target
from gdviz.errors import OutputError
from gdviz.gallery import records
from gdviz.gallery.causes import causes, changed, digest_now, hash_of
from gdviz.gallery.entry import Entry, Gallery
from gdviz.gallery.rendering import THUMBNAIL, Made, Task
from gdviz.gallery.wishes import Wish
from gdviz.gallery.workers import Watch, entries_made

MISSING = "it is not there yet"
"""Why a picture is made for the first time."""


@dataclasses.dataclass(frozen=True)
class Planned:
    """An entry's pictures that are to be made, and why, by language and theme; pictures: how many it has in all; there:
    records of those that are as they should be, by their files."""

    entry: Entry
    pictures: int
    why: dict[tuple[str, str], list[str]]
    there: dict[Path, dict[str, Any]] = dataclasses.field(default_factory=dict)


def plan(gallery: Gallery, site: Path, asked: Wish) -> list[Planned]:
    """Every entry of a gallery with the pictures that are missing in a site, or have other causes than there."""
    found, now, hashed = [], functools.cache(digest_now), functools.cache(hash_of)
    for entry in gallery.entries:
        one = Planned(entry, len(asked.pictures_of(entry)), {})
        for lang, theme in asked.pictures_of(entry):
            path = records.path_of(site, entry.name, lang, theme)
            record = records.read(path)
            if reasons := _reasons(entry, site, lang, theme, asked, record, now, hashed):
                one.why[lang, theme] = reasons
            elif record is not None:
                one.there[path] = record
        found.append(one)
    return found


def _reasons(
    entry: Entry,
    site: Path,
    lang: str,
    theme: str,
    asked: Wish,
    record: dict[str, Any] | None,
    now: Callable[[str], str],
    hashed: Callable[[Path], str],
) -> list[str]:
    """now: the digest of a definition as it is; hashed: the hash of a file as it is."""
    if record is None:
        return [MISSING]
    if not records.are_there(site, entry.name, record):
        return ["a file of it is not as it was made"]
    digests = {key: now(key) for key in record.get("digests", {})}
    reasons = changed(causes(entry, lang, theme, asked.look_of(entry), digests, hashed), record.get("causes", {}))
    if set(record["files"]) != {*entry.formats, THUMBNAIL}:
        reasons.append("its formats")
    return reasons


def build(
    gallery: Gallery,
    site: Path,
    planned: Sequence[Planned],
    asked: Wish,
    workers: int,
    threads: int,
    plugins: Sequence[str] = (),
    progress: Watch | None = None,
    formats: tuple[str, ...] | None = None,
    limit: float | None = None,
) -> Iterator[Made]:
    """Make the pictures that are planned, entry by entry, on so many processes, and yield what became of each.

    formats: endings in place of those of each entry; limit: seconds that an entry may take. Entries are made in any
    order and are the same in each.
    """
    tasks = [
        Task(
            one.entry.name,
            one.entry.made_of,
            gallery.folder,
            site,
            tuple(one.why),
            asked.look_of(one.entry),
            threads,
            formats,
        )
        for one in planned
        if one.why
    ]
    done, whole = 0, sum(len(task.wanted) for task in tasks)
    if progress is not None and tasks:
        progress(done, whole, "pictures")  # from here on time is counted
    try:
        for made, task in entries_made(tasks, min(workers, len(tasks)), tuple(plugins), limit, progress):
            done += len(task.wanted)
            if progress is not None:
                progress(done, whole, "pictures")
            yield made
    except BaseException:
        for task in tasks:
            records.sweep(site, task.name)
        raise


def check_site(site: Path) -> None:
    """Raise OutputError for a folder that no site can be built in: one that holds something else, or is no folder."""
    if site.exists() and not site.is_dir():
        raise OutputError(f"{site} is no folder; give the folder of a site")
    if (
        site.is_dir()
        and any(site.iterdir())
        and not (site / records.MANIFEST).exists()
        and not (site / records.FILES).is_dir()
    ):
        raise OutputError(f"{site} holds other files and no site of gdviz; choose an empty or a new folder")


def make_site(site: Path) -> None:
    """Make a site's folder where there is none. Raises OutputError where it cannot be written to."""
    try:
        (site / records.FILES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {site} cannot be made: {error.strerror}; choose another one") from error
    check_target(site / records.MANIFEST, replace=True, endings=(".json",))
