"""A gallery's recipes into a site: planned, made, told, and written as pages."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gdviz.errors import OutputError, UsageError
from gdviz.gallery import building, manifest, merging, pages, records
from gdviz.gallery.building import Planned
from gdviz.gallery.entry import Gallery
from gdviz.gallery.holding import check_free, held
from gdviz.gallery.reading import read
from gdviz.gallery.rendering import Made
from gdviz.gallery.wishes import Wish, wish
from gdviz.gallery.workers import Watch


@dataclasses.dataclass(frozen=True)
class Report:
    """What a build did: of each entry the pictures that were made and why, what went wrong, notes and seconds.

    kept: pictures that were as they should be; pruned: files that were removed; seconds: of the whole build.
    """

    site: Path
    made: tuple[Made, ...]
    why: dict[str, dict[str, list[str]]]
    faults: dict[str, str]
    kept: int
    pruned: tuple[str, ...]
    seconds: float

    @property
    def pictures(self) -> int:
        """How many pictures were made."""
        return sum(len(one.pictures) for one in self.made)

    def table(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "site": str(self.site),
            "pictures": self.pictures,
            "kept": self.kept,
            "seconds": round(self.seconds, 2),
            "faults": self.faults,
            "pruned": list(self.pruned),
            "entries": [
                {
                    "name": one.name,
                    "pictures": ["{}.{}".format(*pair) for pair in one.pictures],
                    "why": self.why.get(one.name, {}),
                    "fault": one.fault,
                    "notes": list(one.notes),
                    "seconds": round(one.seconds, 2),
                }
                for one in self.made
            ],
        }


@dataclasses.dataclass(frozen=True)
class Plan:
    """A build before it begins; whole: the gallery with all its entries, of which those may be in the site, too, that
    are not built now."""

    gallery: Gallery
    whole: Gallery
    site: Path
    asked: Wish
    entries: tuple[Planned, ...]

    @property
    def pictures(self) -> int:
        """How many pictures are to be made."""
        return sum(len(one.why) for one in self.entries)


def planned(
    source: str | Path,
    site: str | Path,
    *,
    only: Sequence[str] = (),
    part: tuple[int, int] | None = None,
    languages: Sequence[str] = (),
    themes: Sequence[str] = (),
    size: str | None = None,
    draft: bool = False,
) -> Plan:
    """What a build of the recipes in `source` into the folder `site` would make.

    only: patterns of names; part: (K, N), the Kth of N parts; languages, themes, size: by default those of the
    gallery's settings. Raises UsageError, OutputError.
    """
    gallery = read(source)
    asked = wish(gallery.settings, languages, themes, size, draft)
    place = Path(site).expanduser().absolute()
    building.check_site(place)
    if gallery.folder.is_relative_to(place.resolve()):
        raise OutputError(f"the recipes lie inside the site {place}; choose another folder for it")
    chosen = gallery.only(only)
    chosen = chosen if part is None else chosen.part(*part)
    whole = read(gallery.folder) if Path(source).is_file() else gallery
    return Plan(chosen, whole, place, asked, tuple(building.plan(chosen, place, asked)))


def build(
    plan: Plan,
    *,
    workers: int = 1,
    threads: int = 1,
    prune: bool = False,
    with_pages: bool = True,
    plugins: Sequence[str] = (),
    progress: Watch | None = None,
    told: Callable[[Made], None] | None = None,
    limit: float | None = None,
) -> Report:
    """Make what is planned, and the manifest and pages of all that is there then.

    workers: processes that make pictures; threads: that each may take for a run; told: called with each entry as it is
    made; limit: seconds that an entry may take, after which its process is ended. What cannot be made is told in the
    report; the others are made all the same, and of one that was made before the old pictures stay. Raises OutputError
    where another process is writing into the site.
    """
    began = time.monotonic()
    building.make_site(plan.site)
    with held(plan.site):
        merging.settle(plan.site)
        gallery, told_before, wanted = plan.whole, _told_before(plan), plan.pictures
        if not (plan.site / records.MANIFEST).exists():  # a site is known by it, also where its first build is killed
            finish(plan.site, manifest.manifest(gallery, plan.site, plan.asked, {}), with_pages=False)
        made = []
        for one in building.build(
            plan.gallery, plan.site, plan.entries, plan.asked, workers, threads, plugins, progress, limit=limit
        ):
            made.append(one)
            if told is not None:
                told(one)
        order = {one.entry.name: i for i, one in enumerate(plan.entries)}
        made.sort(key=lambda one: order[one.name])
        failed = {one.name: one.fault for one in made if one.fault}
        known = {path: record for one in plan.entries for path, record in one.there.items()}
        faults = {**plan.gallery.faults, **failed}
        whole = manifest.manifest(gallery, plan.site, plan.asked, {**told_before, **faults}, known)
        pruned = [*manifest.prune(plan.site, whole), *pages.prune(plan.site, whole)] if prune else []
        finish(plan.site, whole, with_pages)
    pictures = sum(one.pictures for one in plan.entries)
    why = {one.entry.name: {".".join(pair): list(reasons) for pair, reasons in one.why.items()} for one in plan.entries}
    return Report(plan.site, tuple(made), why, faults, pictures - wanted, tuple(pruned), time.monotonic() - began)


def _told_before(plan: Plan) -> dict[str, str]:
    """What an earlier build said went wrong with entries that this one leaves alone: they are still as they were."""
    chosen = {*(one.entry.name for one in plan.entries), *plan.gallery.faults}
    if chosen >= {*(entry.name for entry in plan.whole.entries), *plan.whole.faults}:
        return {}  # nothing is left alone, and a manifest of very many entries takes half a second to be read
    try:
        entries = manifest.read(plan.site)["entries"]
    except OutputError:
        return {}
    return {one["name"]: one["fault"] for one in entries if one["fault"] and one["name"] not in chosen}


def finish(site: Path, whole: dict[str, Any], with_pages: bool = True) -> None:
    """Write a site's pages, where they are not those of what it holds already, then its manifest."""
    stamp = pages.stamp(whole["languages"]) if with_pages else ""
    text = manifest.text({**whole, "pages": stamp})
    if with_pages and not (records.holds(site / records.MANIFEST, text) and pages.are_there(site, whole)):
        pages.write(site, whole)
    records.replace(site / records.MANIFEST, text)


def merge(sites: Sequence[str | Path], out: str | Path, with_pages: bool = True) -> dict[str, Any]:
    """Put the sites that parts of one gallery were built into together; the manifest of `out`.

    Raises OutputError where one of them is no site, or where a process is writing into one.
    """
    if not sites:
        raise UsageError("nothing to merge; give the folders of sites")
    place = Path(out).expanduser().absolute()
    building.check_site(place)
    parts = [Path(site).expanduser().absolute() for site in sites]
    for part in parts:
        check_free(part)
    building.make_site(place)
    with held(place):
        whole = merging.merge(parts, place)
        finish(place, whole, with_pages)
    return whole
