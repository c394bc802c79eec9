"""`gdviz gallery build`: which pictures are not what their causes say, and workers that make them."""

from __future__ import annotations

import dataclasses
import functools
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from gdviz.encode import check_target
from gdviz.errors import OutputError
from gdviz.gallery import records
from gdviz.gallery.causes import causes, changed, digest_now
from gdviz.gallery.entry import Entry, Gallery
from gdviz.gallery.rendering import THUMBNAIL, Made, Task, begin, make
from gdviz.gallery.wishes import Wish

Progress = Callable[[int, int, str], None]

MISSING = "it is not there yet"
"""Why a picture is made for the first time."""

KILLED = "its process was killed, perhaps for want of memory; ask for a smaller size"
"""Of an entry whose worker has been killed twice."""


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
    found, now = [], functools.cache(digest_now)
    for entry in gallery.entries:
        one = Planned(entry, len(asked.pictures_of(entry)), {})
        for lang, theme in asked.pictures_of(entry):
            path = records.path_of(site, entry.name, lang, theme)
            record = records.read(path)
            if reasons := _reasons(entry, site, lang, theme, asked, record, now):
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
) -> list[str]:
    """now: the digest of a definition as it is."""
    if record is None:
        return [MISSING]
    if not records.are_there(site, entry.name, record):
        return ["a file of it is not as it was made"]
    digests = {key: now(key) for key in record.get("digests", {})}
    reasons = changed(causes(entry, lang, theme, asked.look_of(entry), digests), record.get("causes", {}))
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
    progress: Progress | None = None,
    formats: tuple[str, ...] | None = None,
) -> Iterator[Made]:
    """Make the pictures that are planned, entry by entry, on so many processes, and yield what became of each.

    formats: endings in place of those of each entry. Entries are made in any order and are the same in each. A worker
    that is killed costs the entry that it was at; a single one is this process.
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
        for made, task in _made(tasks, min(workers, len(tasks)), tuple(plugins)):
            done += len(task.wanted)
            if progress is not None:
                progress(done, whole, "pictures")
            yield made
    except BaseException:
        for task in tasks:
            records.sweep(site, task.name)
        raise


def _made(
    tasks: list[Task], workers: int, plugins: tuple[str, ...], apart: bool = False
) -> Iterator[tuple[Made, Task]]:
    """What becomes of tasks; apart: also where there is one worker, it is a process of its own.

    Workers are started anew, not forked: what has threads must not be forked.
    """
    if workers <= 1 and not apart:
        yield from ((make(task), task) for task in tasks)
        return
    waiting = list(tasks)
    while waiting:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=begin, initargs=(plugins,))
        running: dict[Future[Made], Task] = {}
        lost: list[Task] = []
        try:
            while (waiting or running) and not lost:
                while waiting and len(running) < workers:
                    running[pool.submit(make, waiting[0])] = waiting[0]
                    del waiting[0]
                finished, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in finished:
                    task = running.pop(future)
                    try:
                        yield future.result(), task
                    except BrokenProcessPool:
                        lost.append(task)
        except BrokenProcessPool:  # one that had nothing to do was killed: what waits goes to others
            pass
        except BaseException:
            workers_now = list(dict(pool._processes or {}).values())
            for process in workers_now:
                process.terminate()
            for process in workers_now:
                process.join()  # so that none writes any more when what is half made is removed
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        # One of those that were under way may have taken its worker with it: each is tried alone, once.
        for task in (*lost, *running.values()):
            if apart:
                yield Made(task.name, (), KILLED, (), 0.0), task
            else:
                yield from _made([task], 1, plugins, apart=True)


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
