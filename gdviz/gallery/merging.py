"""`gdviz gallery merge`: the sites of several parts of a gallery into one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gdviz.gallery import manifest, records

STAGE = ".gdviz-merge"
"""A folder of a site in which all that is merged lies before it takes its place; its manifest comes last."""


def merge(sites: Sequence[Path], out: Path) -> dict[str, Any]:
    """Put the files of several sites, parts of one gallery, into the site `out`; its manifest.

    Of an entry in several sites that which was made counts, of two of these the later one's. All files are copied
    beside those that are there before the first takes its place; see `settle`.
    """
    parts = [manifest.read(site) for site in sites]
    chosen: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    for site, part in zip(sites, parts, strict=True):
        for entry in part["entries"]:
            old = chosen.get(entry["name"])
            if old is None or old[1]["state"] != "ok" or entry["state"] == "ok":
                chosen[entry["name"]] = site, entry
    settle(out)
    stage = out / STAGE
    for name, (site, _) in chosen.items():
        if site.resolve() != out.resolve():
            _copy(records.folder_of(site, name), records.folder_of(stage, name))
    chapters = {chapter["name"]: chapter for part in parts for chapter in part["chapters"]}
    joined = {key: list(dict.fromkeys(one for part in parts for one in part[key])) for key in ("languages", "themes")}
    listed = [dict(entry) for _, entry in chosen.values()]
    order = manifest.ordered(listed, list(chapters))
    told = [chapters[name] for name in order]
    whole = {**parts[0], **joined, "chapters": told, "pages": "", "entries": listed}
    records.replace(stage / records.MANIFEST, manifest.text(whole))
    settle(out)
    return whole


def settle(site: Path) -> None:
    """Give all that a merge has copied its place: files, then records, then the manifest.

    Where a merge was killed while it did that, this goes on with it; what was killed while it copied is removed.
    """
    stage = site / STAGE
    if (stage / records.MANIFEST).is_file():
        found = [path for path in (stage / records.FILES).rglob("*") if path.is_file()]
        for path in sorted(found, key=lambda path: path.suffix == ".json"):
            target = site / path.relative_to(stage)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
        os.replace(stage / records.MANIFEST, site / records.MANIFEST)
    shutil.rmtree(stage, ignore_errors=True)


def _copy(folder: Path, place: Path) -> None:
    """Copy an entry's files; folders among them are those of other entries, and links might lead anywhere."""
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place / path.name)
