"""What the commands of `gdviz gallery` do."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdviz.cli import console
from gdviz.cli.progress import Progress
from gdviz.errors import GdvizError, OutputError, UsageError

if TYPE_CHECKING:
    from gdviz.gallery.entry import Gallery
    from gdviz.gallery.rendering import Made
    from gdviz.gallery.site import Plan


def build(
    recipes: str,
    out: str,
    *,
    only: Sequence[str],
    languages: Sequence[str],
    themes: Sequence[str],
    size: str | None,
    jobs: int | None,
    limit: int | None,
    part: str | None,
    prune: bool,
    no_pages: bool,
    draft: bool,
    dry_run: bool,
    why: bool,
    report: str | None,
    quiet: bool,
    json_progress: bool,
) -> None:
    """Plan, tell, make, report."""
    from gdviz.backends.cores import affinity
    from gdviz.catalogue.plugins import paths
    from gdviz.encode.targets import check_target, final_path
    from gdviz.gallery import records, site

    if prune and part is not None:
        raise UsageError(
            "--prune would remove what other parts have made; drop it, and prune after gdviz gallery merge"
        )
    chosen = _part(part) if part is not None else None
    if report is not None:
        check_target(report, replace=True, endings=(Path(report).suffix.lower(),))
    plan = site.planned(
        recipes, out, only=only, part=chosen, languages=languages, themes=themes, size=size, draft=draft
    )
    if why or dry_run:
        _tell(plan)
    if dry_run:
        return
    cores = affinity()
    workers = jobs or cores
    with Progress(quiet=quiet, as_json=json_progress, timed=True) as progress:

        def told(one: Made) -> None:
            for sentence in (*one.notes, *([one.fault] if one.fault else [])):
                progress.end()
                console.remark(_note(one.name, sentence))

        found = site.build(
            plan,
            workers=workers,
            threads=max(1, cores // workers),
            prune=prune,
            with_pages=not no_pages,
            plugins=paths(),
            progress=progress,
            told=told,
            limit=limit,
        )
    for name, fault in (*plan.gallery.unused.items(), *plan.gallery.faults.items()):
        console.remark(_note(name, fault))
    if report is not None:
        records.replace(final_path(report), json.dumps(found.table(), indent=1, ensure_ascii=False) + "\n")
    if not quiet:
        gone = f", {len(found.pruned)} files removed" if found.pruned else ""
        made = "1 picture" if found.pictures == 1 else f"{found.pictures} pictures"
        console.say(f"{made} made, {found.kept} kept{gone}, {found.seconds:.1f} s")
    console.say(str(found.site))
    if found.faults:
        count = len(found.faults)
        raise GdvizError(f"{count} {'entry' if count == 1 else 'entries'} could not be made: {', '.join(found.faults)}")


def _tell(plan: Plan) -> None:
    for one in plan.entries:
        for (lang, theme), reasons in one.why.items():
            console.say(f"{one.entry.name}  {lang} {theme}: {', '.join(reasons)}")
    whole = sum(one.pictures for one in plan.entries)
    console.say(f"{plan.pictures} of {whole} pictures to be made")


def _part(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise UsageError(f"--part {text}: type the part and how many there are, as in --part 1/4")
    return int(number), int(count)


def merge(sites: Sequence[str], out: str, no_pages: bool) -> None:
    """Join sites."""
    from gdviz.gallery import site

    whole = site.merge(sites, out, not no_pages)
    console.say(f"{len(whole['entries'])} entries")
    console.say(str(Path(out).expanduser().absolute()))


def list_entries(recipes: str, only: Sequence[str], as_json: bool) -> None:
    """Print the entries of a gallery."""
    from gdviz import jobs
    from gdviz.gallery.reading import read

    gallery = read(recipes).only(only)
    if as_json:
        rows = [
            {
                "name": one.name,
                "job": jobs.of(one.recipe).name,
                "formats": list(one.formats),
                "tags": list(one.page.tags),
                "test": one.page.test,
                **one.named,
            }
            for one in gallery.entries
        ]
        whole = {"entries": rows, "decks": list(gallery.decks), "faults": gallery.faults}
        console.say(json.dumps(whole, indent=1, ensure_ascii=True))
        return
    listed = [(one.name, jobs.of(one.recipe).name, " ".join(one.formats)) for one in gallery.entries]
    for line in console.table([*listed, *((name, "deck", "pptx") for name in gallery.decks)]):
        console.say(line)
    _faults(gallery.faults)


def check(source: str, only: Sequence[str], site: str | None) -> None:
    """Tell what is wrong with recipes, and with the files of a site."""
    from gdviz.gallery import manifest, records, sources
    from gdviz.gallery.causes import hash_of
    from gdviz.gallery.reading import read

    gallery = read(source).only(only)
    faults = {**gallery.unused, **gallery.faults, **_unknown(gallery)}
    for name, file in gallery.decks.items():
        try:
            sources.read([file])
        except UsageError as error:
            faults[name] = str(error)
    if site is not None:
        place = Path(site).expanduser()
        for entry in manifest.read(place)["entries"]:
            for file in (file for picture in entry["pictures"] for file in picture["files"].values()):
                if hash_of(records.folder_of(place, entry["name"]) / file["name"]) != file["sha256"]:
                    faults[f"{entry['name']}/{file['name']}"] = "the file is not what was made; build again"
    recipes, decks = ({*names} - faults.keys() for names in ((one.name for one in gallery.entries), gallery.decks))
    beside = f" and {len(decks)} {'deck' if len(decks) == 1 else 'decks'}" if decks else ""
    console.say(f"{len(recipes)} {'recipe' if len(recipes) == 1 else 'recipes'}{beside} are well")
    _faults(faults)


def test(recipes: str, only: Sequence[str], baselines: str, update: bool, jobs: int | None, quiet: bool) -> None:
    """Make recipes small and compare their pictures."""
    from gdviz.backends.cores import affinity
    from gdviz.catalogue.plugins import paths
    from gdviz.gallery.reading import read
    from gdviz.gallery.testing import test

    gallery = read(recipes).only(only)
    place = Path(baselines).expanduser().absolute()
    if place.exists() and not place.is_dir():
        raise OutputError(f"--baselines {baselines} is no folder")
    with Progress(quiet=quiet, timed=True) as progress:
        found = test(gallery, place, update, jobs or affinity(), paths(), progress)
    for state in dict.fromkeys(one.state for one in found):
        named = [one for one in found if one.state == state]
        if not quiet:
            console.say(f"{state}: {len(named)}")
    _faults({one.name: one.told for one in found if not one.good})


def _unknown(gallery: Gallery) -> dict[str, str]:
    """Of entries that name what there is not, or formulas that are none."""
    from gdviz import api, jobs
    from gdviz.recipe.options import options_of

    found = {}
    for entry in gallery.entries:
        try:
            jobs.whole(entry.recipe)
            api.definitions_of(entry.recipe)
            api.check_texts(entry.recipe)
            if "backend" not in options_of(entry.recipe.job):
                api.make(entry.recipe)  # charts and responses to signals: milliseconds, which read their formulas
            elif formula := getattr(entry.recipe, "formula", None):
                api.parse_formula(formula, getattr(entry.recipe, "constants", {}))
        except UsageError as error:
            found[entry.name] = str(error)
    return found


def _faults(faults: dict[str, str]) -> None:
    for name, fault in faults.items():
        console.remark(_note(name, fault))
    if faults:
        count = len(faults)
        raise GdvizError(f"{count} {'fault' if count == 1 else 'faults'}: {', '.join(faults)}")


def _note(name: str, sentence: str) -> str:
    """What is told of an entry, which may be named in it already."""
    return f"note: {sentence}" if sentence.startswith(f"{name}: ") else f"note: {name}: {sentence}"


def new(folder: str) -> None:
    """Write the first files of a gallery."""
    from gdviz.gallery.first import FIRST

    place = Path(folder).expanduser().absolute()
    for name in FIRST:
        if os.path.lexists(place / name):
            raise OutputError(f"{place / name} is there already; choose another folder")
    for name, text in FIRST.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8", newline="\n")
        console.say(str(place / name))
    console.say(f"Now: gdviz gallery build {click.format_filename(folder)} --out site")
