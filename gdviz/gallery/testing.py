"""`gdviz gallery test`: recipes made small, and their stills compared with kept ones."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gdviz.encode.comparing import differing
from gdviz.gallery import building, records
from gdviz.gallery.entry import STILL, Gallery
from gdviz.gallery.wishes import Wish
from gdviz.gallery.workers import Watch

SIZE = "480x270"
"""Of the pictures that are compared: some 20 kB each."""

MOST = 0.002
"""Share of the pixels that may differ: some 260 of these, less than a short word."""


@dataclasses.dataclass(frozen=True)
class Tested:
    """What became of a recipe.

    state: "same", "made" (it is to be made only), "kept" (its picture is the one to compare with from now on), "new"
    (there is none yet), "differs" or "failed"; told: the sentence about it, with what to look at.
    """

    name: str
    state: str
    told: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.state in ("same", "made", "kept")


def test(
    gallery: Gallery,
    baselines: Path,
    update: bool = False,
    workers: int = 1,
    plugins: Sequence[str] = (),
    progress: Watch | None = None,
) -> list[Tested]:
    """Make a still of every recipe whose test is not off, and compare those whose test is compare.

    baselines: the folder of the kept ones, NAME.png; where one differs the new one is put beside it, NAME.new.png.
    update: keep the new ones instead. Faults of recipes that cannot be read are in the answer, too.
    """
    chosen = [entry for entry in gallery.entries if entry.page.test != "off"]
    asked = Wish(("en",), ("light",), SIZE)
    found = [Tested(name, "failed", fault) for name, fault in gallery.faults.items()]
    with tempfile.TemporaryDirectory(prefix="gdviz-") as folder:
        site = Path(folder)
        planned = [building.Planned(entry, 1, {asked.pictures[0]: [building.MISSING]}) for entry in chosen]
        made = building.build(gallery, site, planned, asked, workers, 1, plugins, progress, formats=STILL)
        faults = {one.name: one.fault for one in made}
        for entry in chosen:
            if faults[entry.name]:
                found.append(Tested(entry.name, "failed", faults[entry.name]))
            elif entry.page.test == "run":
                found.append(Tested(entry.name, "made"))
            else:
                picture = records.folder_of(site, entry.name) / f"en.light.{STILL[0]}"
                found.append(_compared(entry.name, picture, baselines, update))
    return found


def _compared(name: str, picture: Path, baselines: Path, update: bool) -> Tested:
    kept = baselines / f"{name}{picture.suffix}"
    new = kept.with_suffix(f".new{picture.suffix}")
    share = differing(picture, kept) if kept.exists() else None
    if share is not None and share <= MOST:
        new.unlink(missing_ok=True)
        return Tested(name, "same")
    kept.parent.mkdir(parents=True, exist_ok=True)
    if update:
        shutil.copyfile(picture, kept)
        new.unlink(missing_ok=True)
        return Tested(name, "kept")
    shutil.copyfile(picture, new)
    if share is None:
        return Tested(name, "new", f"there is no picture to compare with; look at {new} and type --update")
    return Tested(
        name, "differs", f"{100 * share:.1f} % of its pixels differ; look at {new}, and type --update to keep it"
    )
