"""Builds of galleries that are interrupted or killed, or meet another one, and what they have made by then."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from children import child

from gdviz.cli.program import run
from gdviz.encode import FORMATS
from gdviz.errors import OutputError
from gdviz.gallery import merging, site, workers
from gdviz.gallery.holding import LOCK, held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")

SETTINGS = 'size = "160x120"\n[formats]\nother = ["png"]\n'
SMALL = 'landscape = "beale"\nsteps = 5\noptimizer = [{{ name = "gd", lr = 0.0{} }}]\n'
EVERY = [ending[1:] for ending in FORMATS]
MOVED = f"fps = 5.0\nseconds = 1.0\n{SMALL.format(1)}[gallery]\nformats = {EVERY}\n"


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five entries, one of them in all formats."""
    folder = tmp_path_factory.mktemp("ends") / "recipes"
    folder.mkdir()
    (folder / "gallery.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "c.toml").write_text(MOVED, encoding="utf-8")
    for i, name in enumerate("abde", 2):
        (folder / f"{name}.toml").write_text(SMALL.format(i), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def whole(recipes: Path) -> dict[str, bytes]:
    """What one process makes of them."""
    place = recipes.parent / "whole"
    assert run(["gallery", "build", str(recipes), "--out", str(place), "--jobs", "1", "--quiet"]) == 0
    return contents(place)


def contents(folder: Path) -> dict[str, bytes]:
    """What the files of a folder hold, by their names in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def files_of(whole: dict[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix("files/"): data for name, data in whole.items() if name.startswith("files/")}


def command(recipes: Path, place: Path, jobs: int) -> list[str]:
    words = ["gallery", "build", str(recipes), "--out", str(place), "--jobs", str(jobs)]
    return [sys.executable, "-m", "gdviz", *words]


@contextlib.contextmanager
def under_way(recipes: Path, place: Path, jobs: int) -> Iterator[subprocess.Popen[Any]]:
    """A build that has made an entry, and in the end is gone with all that it started."""
    with child(command(recipes, place, jobs), start_new_session=True) as process:
        try:
            until = time.monotonic() + 120
            while not list((place / "files").glob("*/[!.]*.json")):
                assert process.poll() is None and time.monotonic() < until
                time.sleep(0.01)
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def ended(group: int) -> bool:
    """Whether all processes of a group have ended, which they may take a moment for."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def goes_on(recipes: Path, place: Path, whole: dict[str, bytes]) -> None:
    """A build makes what is missing, and nothing else."""
    before = {path: path.stat().st_mtime_ns for path in (place / "files").glob("*/[!.]*.json")}
    assert before
    assert run(["gallery", "build", str(recipes), "--out", str(place), "--jobs", "1", "--quiet"]) == 0
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())
    assert contents(place) == whole


def test_ctrl_c_leaves_whole_files_alone_and_nobody(recipes: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    """As a terminal sends it, to workers too."""
    place = tmp_path / "site"
    with under_way(recipes, place, 2) as process:
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert ended(process.pid)
    assert err.decode().splitlines()[-1].startswith("gdviz: interrupted") and b"Traceback" not in err
    left = contents(place / "files")
    assert left.items() <= files_of(whole).items()
    assert not (place / LOCK).exists()
    goes_on(recipes, place, whole)


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.exhaustive)])
def test_a_killed_build_goes_on(recipes: Path, whole: dict[str, bytes], tmp_path: Path, jobs: int) -> None:
    """What has a final name is whole, and workers end by themselves."""
    place = tmp_path / "site"
    with under_way(recipes, place, jobs) as process:
        process.kill()
        process.wait()
        assert ended(process.pid)
    left = {name: data for name, data in contents(place / "files").items() if "/.gdviz-" not in name}
    assert left.items() <= files_of(whole).items()
    assert (place / LOCK).exists(), "which is nobody's now"
    goes_on(recipes, place, whole)


def test_a_killed_worker_costs_nothing(recipes: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    killed: list[BaseProcess] = []

    def told(_: object) -> None:
        for process in multiprocessing.active_children()[: 1 - len(killed)]:
            process.kill()
            killed.append(process)

    place, some = tmp_path / "site", ["a", "c"]
    report = site.build(site.planned(recipes, place, only=some), workers=2, told=told)
    assert killed and not report.faults and [one.name for one in report.made] == some
    assert contents(place / "files").items() <= files_of(whole).items()


DEADLY = """
import multiprocessing, os, signal
from gdviz.registry import define

if multiprocessing.parent_process() is not None:
    os.kill(os.getpid(), signal.SIGKILL)

@define("optimizer")
def deadly(x, g, lr=0.1):
    \"\"\"A step.\"\"\"
    return x - lr * g
"""


@pytest.mark.exhaustive
def test_entries_that_kill_their_workers_are_reported(recipes: Path, tmp_path: Path) -> None:
    plugin, place = tmp_path / "deadly.py", tmp_path / "site"
    plugin.write_text(DEADLY, encoding="utf-8")
    words = ["--plugin", str(plugin), "--only", "[ab]", "--quiet"]
    with child([*command(recipes, place, 2), *words]) as process:
        _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.decode().splitlines()[-1] == "gdviz: 2 entries could not be made: a, b"
    assert err.decode().count(workers.KILLED) == 2
    assert not list((place / "files").rglob("*.png"))


class Watching:
    """What a build tells; an entry that begins is half made at once."""

    def __init__(self, place: Path) -> None:
        self.place, self.told = place, list[tuple[str, str]]()

    def __call__(self, done: int, total: int, stage: str) -> None:
        self.told.append((stage, f"{done} of {total}"))

    def begins(self, name: str) -> None:
        self.told.append(("begins", name))
        (self.place / "files" / name).mkdir(parents=True)
        (self.place / "files" / name / ".gdviz-half.png").write_bytes(b"half")

    def ends(self, name: str) -> None:
        self.told.append(("ends", name))


def test_an_entry_that_takes_longer_than_the_limit_is_ended(recipes: Path, tmp_path: Path) -> None:
    """No process takes no time: the others go on, nothing half made is left, and nobody works on."""
    place = tmp_path / "site"
    watching = Watching(place)
    report = site.build(site.planned(recipes, place, only=["[ab]"]), limit=0.0, progress=watching)
    assert report.faults == dict.fromkeys("ab", workers.LATE.format(0))
    steps = [[("begins", name), ("ends", name), ("pictures", f"{i} of 2")] for i, name in enumerate("ab", 1)]
    assert watching.told == [("pictures", "0 of 2"), *steps[0], *steps[1]]
    assert not list(place.rglob(".gdviz-half*")) and not multiprocessing.active_children()


def test_two_at_once_do_not_write_into_one_site(recipes: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    """The second is told who the first is, and the first is not disturbed."""
    place, other = tmp_path / "site", recipes.parent / "whole"
    site.build(site.planned(recipes, place, only=["a"]))
    before = contents(place)
    who = f"process {os.getpid()} on .* is writing into {place}"
    with held(place):
        assert run(["gallery", "build", str(recipes), "--out", str(place), "--prune"]) == 2
        with pytest.raises(OutputError, match=who):
            site.build(site.planned(recipes, place))
        with pytest.raises(OutputError, match=who):
            site.merge([other], place)
        with pytest.raises(OutputError, match=who):
            site.merge([place], tmp_path / "new")
        assert {name: data for name, data in contents(place).items() if name != LOCK} == before
    assert not (place / LOCK).exists() and not (tmp_path / "new").exists()


def test_a_merge_follows_no_links(recipes: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    """A part that somebody sent would else bring files of this machine into a site."""
    part = tmp_path / "part"
    shutil.copytree(recipes.parent / "whole", part)
    (part / "files" / "a" / "secret.png").symlink_to(Path(__file__))
    site.merge([part], tmp_path / "site")
    assert contents(tmp_path / "site") == whole


@pytest.mark.parametrize("name", ["shutil.copyfile", "os.replace"])
@pytest.mark.parametrize("calls", [0, 3, 9])
def test_a_killed_merge_leaves_the_old_site_or_goes_on(
    recipes: Path, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, calls: int
) -> None:
    """All that has a final name is whole, and the manifest is the last to be another."""
    place, other = tmp_path / "site", recipes.parent / "whole"
    for path in other.rglob("*"):
        if path.is_file():  # an older site of the same pictures
            target = place / path.relative_to(other)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(b"old" if path.suffix not in (".json", ".html") else path.read_bytes())
    manifest = place / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"title": "gdviz"', b'"title": "old"'))
    old, left = contents(place), calls
    module, function = (merging.shutil, "copyfile") if name == "shutil.copyfile" else (merging.os, "replace")
    real: Callable[..., Any] = getattr(module, function)

    def stopping(*given: Any) -> Any:
        nonlocal left
        staged = merging.STAGE in str(given[1])
        if staged == (function == "copyfile") and merging.STAGE in f"{given[0]} {given[1]}":
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
        return real(*given)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, function, stopping)
        site.merge([other], place)
    now = {name: data for name, data in contents(place).items() if not name.startswith(merging.STAGE)}
    assert now.keys() == old.keys() and now["manifest.json"] == old["manifest.json"]
    if function == "copyfile":
        assert now == old
    else:
        assert all(data in (old[name], whole[name]) for name, data in now.items())
    with held(place):
        merging.settle(place)
    settled = contents(place)
    assert settled == old if function == "copyfile" else files_of(settled) == files_of(whole)
    site.merge([other], place)
    assert contents(place) == whole
