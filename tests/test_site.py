"""Galleries: what a build makes again and what not, what it refuses, and what its pages say."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gdviz import api
from gdviz.catalogue.lookup import definitions
from gdviz.catalogue.plugins import load_plugin
from gdviz.cli.program import program, run
from gdviz.errors import DefinitionError, UsageError
from gdviz.gallery import building, catalogue, manifest, site, testing, workers
from gdviz.gallery import causes as what
from gdviz.gallery.building import MISSING
from gdviz.gallery.entry import DATA
from gdviz.gallery.reading import read
from gdviz.objectives.landscape import derive
from gdviz.recipe.recipe import parse_recipe
from gdviz.registry.kinds import KINDS
from gdviz.studies.export import WRITERS

SETTINGS = """
size = "320x180"
languages = ["en", "kk"]
footer = { en = "a footer & more", kk = "…" }
[formats]
other = ["png"]
[chapters.b]
title = { en = "Bends", kk = "Иілістер" }
"""
VALLEY = 'landscape = "beale"\nsteps = 20\noptimizer = [{ name = "adam", lr = 0.1 }]\n'
ROWS = 'schema = 1\nsteps = 5\nbatch = "full"\noptimizer = [{ name = "gd", lr = 0.1 }]\n'
ROWS += '[model]\nname = "linear"\n[data]\nfile = "rows.csv"\ntarget = "y"\n'


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of four entries, and its site beside it."""
    folder = tmp_path_factory.mktemp("site") / "recipes"
    (folder / "b").mkdir(parents=True)
    (folder / "gallery.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "a.toml").write_text('title = "<script>alert(1)</script> & Co"\n' + VALLEY, encoding="utf-8")
    (folder / "b" / "bowl.toml").write_text(VALLEY.replace("beale", "quadratic_2d"), encoding="utf-8")
    (folder / "b" / "rows.toml").write_text(ROWS, encoding="utf-8")
    (folder / "b" / "rows.csv").write_text("x,y\n" + "".join(f"{i},{3 * i - 2}\n" for i in range(8)), encoding="utf-8")
    (folder / "b" / "moved.toml").write_text(
        VALLEY.replace("adam", "nesterov") + '[gallery]\ntags = ["first"]\nalt = "a path"\nformats = ["png", "gif"]\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def built(gallery: Path) -> Path:
    assert run(["gallery", "build", str(gallery), "--out", str(gallery.parent / "site"), "--jobs", "1", "--quiet"]) == 0
    return gallery.parent / "site"


@pytest.fixture
def kept(gallery: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of the gallery may be changed: it is put back afterwards."""
    texts = {path: path.read_bytes() for path in gallery.rglob("*") if path.is_file()}
    yield gallery
    for path in gallery.rglob("*"):
        if path.is_file() and path not in texts:
            path.unlink()
    for path, text in texts.items():
        path.write_bytes(text)


def why(gallery: Path, place: Path) -> dict[str, set[str]]:
    """By entry what has changed since it was made."""
    plan = site.planned(gallery, place)
    return {one.entry.name: {r for reasons in one.why.values() for r in reasons} for one in plan.entries if one.why}


def test_a_second_build_has_nothing_to_do(gallery: Path, built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()}
    result = CliRunner().invoke(program, ["gallery", "build", str(gallery), "--out", str(built)])
    assert result.exit_code == 0 and "0 pictures made, 8 kept" in result.output
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()} == before
    assert result.output.splitlines()[-1] == str(built)


def test_a_second_build_reads_each_file_once_and_no_picture_page_or_manifest(
    gallery: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is why five hundred entries take less than two seconds, of which half a second is Python's imports."""
    opened: Counter[Path] = Counter()
    real = io.open

    def counted(file: Any, *given: Any, **named: Any) -> Any:
        opened[Path(file) if isinstance(file, (str, os.PathLike)) else Path()] += 1
        return real(file, *given, **named)

    monkeypatch.setattr(io, "open", counted)
    monkeypatch.setattr(workers, "make", None)
    monkeypatch.setattr(manifest, "read", None)
    site.build(site.planned(gallery, built), workers=1)
    ours = {path: count for path, count in opened.items() if path.is_relative_to(gallery.parent)}
    assert {path.suffix for path in ours} == {".toml", ".json", ".csv", ""}, "the last is the lock"
    once = [path for path in ours if path.suffix and path.name != "manifest.json"]
    assert len(once) == 1 + 4 + 4 + 8 + 1 and all(ours[path] == 1 for path in once)


def test_size_and_draft_are_causes_of_what_they_change(gallery: Path, built: Path, tmp_path: Path) -> None:
    def names(**asked: Any) -> set[str]:
        return {one.entry.name for one in site.planned(gallery, built, **asked).entries if one.why}

    assert names(size="160x120") == {"a", "b/bowl", "b/moved", "b/rows"}
    assert names(draft=True) == {"b/moved"}, "which has a film"
    (tmp_path / "gallery.toml").write_text('[sheet]\noptimizers = ["gd"]\nlandscapes = ["booth"]\n', encoding="utf-8")
    site.build(site.planned(tmp_path, tmp_path / "site"))
    assert site.planned(tmp_path, tmp_path / "site", size="160x120", draft=True).pictures == 0


def test_pages_are_made_again_where_one_is_gone_or_what_they_say_has_changed(kept: Path, built: Path) -> None:
    page, before = built / "en" / "b" / "bowl.html", contents(built)
    page.unlink()
    build = ["gallery", "build", str(kept), "--out", str(built), "--jobs", "1", "--quiet"]
    assert run(build) == 0 and contents(built) == before
    edit(kept / "gallery.toml", "a footer &", "another footer &")
    assert run(build) == 0 and "another footer &amp; more" in page.read_text(encoding="utf-8")
    edit(kept / "gallery.toml", "another footer &", "a footer &")
    assert run(build) == 0 and contents(built) == before


def test_records_of_earlier_versions_are_no_pictures_of_this_one(gallery: Path, built: Path, tmp_path: Path) -> None:
    """They may lack what pages say now; a build that leaves their entries alone leaves them out."""
    place = tmp_path / "copy"
    shutil.copytree(built, place)
    for path in (place / "files" / "b" / "bowl").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({k: v for k, v in record.items() if k != "remarks"}), encoding="utf-8")
    site.build(site.planned(gallery, place, only=["a"]))
    entries = json.loads((place / "manifest.json").read_text(encoding="utf-8"))["entries"]
    assert [one["name"] for one in entries] == ["b/moved", "b/rows", "a"]


def contents(folder: Path) -> dict[str, bytes]:
    """What the files of a folder hold, by their names in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_typed_in_a_recipe_is_no_definition(kept: Path, tmp_path: Path) -> None:
    (kept / "typed.toml").write_text(
        'formula = "x^2 + a*y^2"\nconstants = { a = 3.0 }\nsteps = 5\noptimizer = [{ name = "gd", lr = 0.1 }]\n',
        encoding="utf-8",
    )
    words = ["gallery", "build", str(kept), "--out", str(tmp_path / "site"), "--only", "typed", "--jobs", "1"]
    assert run(words) == 0
    assert site.planned(kept, tmp_path / "site", only=["typed"]).pictures == 0


def test_what_has_changed_is_made_again_and_nothing_else(
    kept: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why(kept, built) == {}
    bowl = kept / "b" / "bowl.toml"
    bowl.write_text(bowl.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    assert why(kept, built) == {"b/bowl": {"recipe"}}
    (kept / "b" / "rows.csv").write_text("x,y\n1,1\n2,2\n3,5\n", encoding="utf-8")
    assert why(kept, built) == {"b/bowl": {"recipe"}, "b/rows": {"file rows.csv"}}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("optimizer:adam", {"a", "b/bowl"}),
        ("landscape:quadratic_2d", {"b/bowl"}),
        ("loss:squared", {"b/rows"}),
    ],
)
def test_a_changed_definition_touches_what_used_it(
    gallery: Path, built: Path, monkeypatch: pytest.MonkeyPatch, changed: str, expected: set[str]
) -> None:
    """Also where it is not named, as the loss of a training is."""
    now = building.digest_now
    monkeypatch.setattr(building, "digest_now", lambda key: now(key) if key != changed else "other")
    assert why(gallery, built) == {name: {changed.replace(":", " ")} for name in expected}


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edited_optimizer_or_helper_of_gdviz_touches_what_used_it(
    gallery: Path, built: Path, tmp_path: Path
) -> None:
    """In files of a copy of the package: Adam, and what Nesterov's method asks where it looks ahead."""
    shutil.copytree(what.ROOT, tmp_path / "gdviz", ignore=shutil.ignore_patterns("__pycache__"))
    rules = tmp_path / "gdviz" / "catalogue" / "optimizers"
    edit(rules / "adaptive.py", "def adam(\n    x, g, m, v, t, lr=1e-3", "def adam(\n    x, g, m, v, t, lr=2e-3")
    edit(rules / "classic.py", "        ahead = mu * drift\n", "        ahead = 0.5 * mu * drift\n")
    words = ["-m", "gdviz", "gallery", "build", str(gallery), "--out", str(built), "--dry-run", "--lang", "en"]
    told = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert told.stdout.splitlines() == [
        "a  en light: optimizer adam",
        "b/bowl  en light: optimizer adam",
        "b/moved  en light: optimizer nesterov",
        "3 of 4 pictures to be made",
    ]


HELPED = """
from gdviz.registry import define

def tamed(g):
    return 0.5 * g

@define("optimizer")
def by_half(x, g, lr=0.1):
    \"\"\"Half of a step.\"\"\"
    return x - lr * tamed(g)

@define("optimizer")
def by_all(x, g, lr=0.1):
    \"\"\"A step.\"\"\"
    return x - lr * g
"""


def test_decks_are_no_entries_and_faults_of_what_was_not_asked_for_are_not_told(tmp_path: Path) -> None:
    folder = tmp_path / "recipes"
    (folder / "decks").mkdir(parents=True)
    (folder / "gallery.toml").write_text('size = "160x120"\n[formats]\nother = ["png"]\n', encoding="utf-8")
    (folder / "a.toml").write_text(VALLEY, encoding="utf-8")
    (folder / "b.toml").write_text(VALLEY.replace("beale", "bael"), encoding="utf-8")
    deck = 'title = "All"\naliases = ["all"]\n[[part]]\ntitle = "One"\nslides = ["../a.toml"]\n'
    (folder / "decks" / "deck.toml").write_text(deck, encoding="utf-8")
    (folder / "decks" / "lost.toml").write_text(deck.replace("../a", "../c"), encoding="utf-8")
    listed = CliRunner().invoke(program, ["gallery", "list", str(folder)]).output.splitlines()
    assert [line.split() for line in listed if "deck" in line] == [
        ["decks/deck", "deck", "pptx"],
        ["decks/lost", "deck", "pptx"],
    ]
    checked = CliRunner().invoke(program, ["gallery", "check", str(folder), "--only", "[al]*", "--only", "decks"])
    assert checked.exit_code == 1 and "1 recipe and 1 deck are well" in checked.output
    assert "note: decks/lost: there is no file or figure '../c.toml'" in checked.output
    plan = site.planned(folder, tmp_path / "site", only=["a"])
    assert list(plan.whole.faults) == ["b"]
    assert not site.build(plan).faults
    assert [one["name"] for one in manifest.read(tmp_path / "site")["entries"]] == ["a"]
    assert list(site.build(site.planned(folder, tmp_path / "site")).faults) == ["b"]
    assert [one["name"] for one in manifest.read(tmp_path / "site")["entries"]] == ["a", "b"]
    site.build(site.planned(folder, tmp_path / "site", only=["a"]))
    states = {one["name"]: one["state"] for one in manifest.read(tmp_path / "site")["entries"]}
    assert states == {"a": "ok", "b": "failed"}, "what was not built now is as it was"


def test_an_edited_plugin_makes_again_what_used_what_was_edited(tmp_path: Path) -> None:
    folder, place, plugin = tmp_path / "recipes", tmp_path / "site", tmp_path / "mine.py"
    folder.mkdir()
    (folder / "gallery.toml").write_text('size = "160x120"\n[formats]\nother = ["png"]\n', encoding="utf-8")
    for rule in ("by_half", "by_all", "gd"):
        (folder / f"{rule}.toml").write_text(VALLEY.replace("adam", rule), encoding="utf-8")

    def made() -> list[str]:
        load_plugin(plugin)
        return [one.name for one in site.build(site.planned(folder, place)).made]

    try:
        plugin.write_text(HELPED, encoding="utf-8")
        assert made() == ["by_all", "by_half", "gd"]
        assert made() == []
        before = (place / "files" / "by_half" / "en.light.png").read_bytes()
        edit(plugin, "0.5 * g", "0.25 * g")
        assert made() == ["by_half"]
        assert (place / "files" / "by_half" / "en.light.png").read_bytes() != before
        edit(plugin, "return x - lr * g", "return x - 2 * lr * g")
        assert made() == ["by_all"]
    finally:
        plugin.write_text("", encoding="utf-8")
        with pytest.raises(DefinitionError, match="defines nothing"):
            load_plugin(plugin)


def test_languages_themes_fonts_and_sources_count_by_value(
    gallery: Path, built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    languages = tmp_path / "lang"
    shutil.copytree(what.LANGUAGES, languages)
    with (languages / "kk.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    with monkeypatch.context() as patch:
        patch.setattr(what, "LANGUAGES", languages)
        plan = site.planned(gallery, built)
        assert {pair for one in plan.entries for pair in one.why} == {("kk", "light")}
        assert len([one for one in plan.entries if one.why]) == 4
    with monkeypatch.context() as patch:
        patch.setattr(what, "own_sources", lambda: "other")
        assert set(why(gallery, built)) == {"a", "b/bowl", "b/moved", "b/rows"}
    with monkeypatch.context() as patch:
        patch.setitem(what.THEMES, "light", what.THEMES["dark"])
        assert all(reasons == {"theme light"} for reasons in why(gallery, built).values())


def test_own_sources_are_all_but_definitions_languages_and_themes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "gdviz"
    shutil.copytree(what.ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(what, "ROOT", copy)
    monkeypatch.setattr(what, "LANGUAGES", copy / "lang")

    def hashed() -> str:
        what.own_sources.cache_clear()
        return what.own_sources()

    first = hashed()
    for name in ("catalogue/optimizers/adam.py", "scene/themes.py", "lang/ru.toml"):
        target = copy / name if (copy / name).exists() else next((copy / name).parent.glob("*.py"))
        target.write_text(target.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        assert hashed() == first, name
    for name in ("draw/render.py", "catalogue/lookup.py", "lang/__init__.py", "gallery/assets/site.js"):
        (copy / name).write_text((copy / name).read_text(encoding="utf-8") + "\n", encoding="utf-8")
        now = hashed()
        assert now != first, name
        first = now
    what.own_sources.cache_clear()


def test_a_recipe_that_fails_keeps_its_old_page(kept: Path, built: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(built, place)
    (kept / "b" / "bowl.toml").write_text('landscape = "beale"\noptimizer = [{ name = "adamm" }]\n', encoding="utf-8")
    report = tmp_path / "report.json"
    result = CliRunner().invoke(
        program, ["gallery", "build", str(kept), "--out", str(place), "--jobs", "1", "--report", str(report)]
    )
    assert result.exit_code == 1
    assert "did you mean 'adam'" in json.loads(report.read_text(encoding="utf-8"))["faults"]["b/bowl"]
    entry = next(
        one for one in json.loads((place / "manifest.json").read_text("utf-8"))["entries"] if "bowl" in one["name"]
    )
    assert entry["state"] == "stale" and len(entry["pictures"]) == 2
    assert "adamm" in (place / "en" / "b" / "bowl.html").read_text(encoding="utf-8")
    assert (place / "en" / "index.html").read_text(encoding="utf-8").count("an earlier version") == 1


def test_parts_make_the_whole(gallery: Path, built: Path, tmp_path: Path) -> None:
    """The same bytes as by one build."""
    parts = [tmp_path / f"part{k}" for k in (1, 2)]
    for k, part in enumerate(parts, 1):
        words = ["--part", f"{k}/2", "--jobs", "1", "--lang", "en", "--no-pages", "--quiet"]
        assert run(["gallery", "build", str(gallery), "--out", str(part), *words]) == 0
        assert not (part / "index.html").exists()
    result = CliRunner().invoke(program, ["gallery", "merge", *map(str, parts), "--out", str(tmp_path / "whole")])
    assert result.exit_code == 0
    made = {p.relative_to(tmp_path / "whole"): p for p in (tmp_path / "whole" / "files").rglob("*") if p.is_file()}
    assert len([path for path in made if path.suffix == ".png"]) == 4
    for name, path in made.items():
        assert path.read_bytes() == (built / name).read_bytes(), name


def test_a_manifest_leads_out_of_no_site(built: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(built, place)
    file = place / "manifest.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"name": "b/bowl"', '"name": "../../bowl"'), "utf-8")
    with pytest.raises(UsageError, match=r"\.\./\.\./bowl"):
        site.merge([place], tmp_path / "whole")
    assert not (tmp_path / "bowl").exists()


def test_prune_removes_what_no_recipe_asks_for(kept: Path, built: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(built, place)
    (kept / "a.toml").unlink()
    assert run(["gallery", "build", str(kept), "--out", str(place), "--jobs", "1", "--quiet"]) == 0
    assert (place / "files" / "a" / "en.light.png").exists()
    assert run(["gallery", "build", str(kept), "--out", str(place), "--prune", "--jobs", "1", "--quiet"]) == 0
    assert not (place / "files" / "a").exists() and (place / "files" / "b" / "bowl").exists()
    assert not (place / "kk" / "a.html").exists() and (place / "kk" / "b" / "bowl.html").exists()
    assert run(["gallery", "build", str(kept), "--out", str(place), "--prune", "--part", "1/2"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('font = "../../secret.ttf"\n' + VALLEY, "outside the gallery's folder"),
        (ROWS.replace("rows.csv", "/etc/passwd"), "outside the gallery's folder"),
        (VALLEY.replace("20", "1000000000"), "less than or equal to 10000000"),
        ('study = "basins"\nlandscape = "beale"\nresolution = "1000000x1000000"\n', "at most"),
        ('study = "basins"\nlandscape = "beale"\nresolution = "90000x90000"\n', "more than a gallery makes"),
        ("x" * 2_000_000, "no recipe"),
        ("a = " + "[" * 20_000 + "]" * 20_000, "not a recipe in TOML"),
        (ROWS.replace("rows.csv", "a\\u0000b.csv"), "outside the gallery's folder"),
        ('title = "\\u001b[31m"\n' + VALLEY, "it holds U+001B"),
        (ROWS.replace("rows.csv", "../recipes/../../rows.csv"), "outside the gallery's folder"),
        (ROWS, "there is no file 'rows.csv' beside it"),
        ('out = "../../x.png"\n' + VALLEY, "there is no key 'out'"),
        (VALLEY + '[gallery]\nformats = ["../x"]\n', "a format is an ending"),
        (VALLEY + '[gallery]\ntags = ["<script>"]\n', "a tag is a word"),
        ('title = "' + "x" * 10_000 + '"\n' + VALLEY, "more than 2,000 letters"),
        ("panel = [" + '"loss",' * 1000 + "]\n" + VALLEY, "panel has 1,000 values"),
        (ROWS.replace("steps = 5", "epochs = 10000000"), ""),
        ("[gallery]\nformats = ['exe']\n" + VALLEY.replace("landscape", "[x]\nlandscape"), ""),
    ],
)
def test_hostile_recipes_are_refused(tmp_path: Path, text: str, said: str) -> None:
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "one.toml").write_text(text, encoding="utf-8")
    found = read(folder)
    assert not found.entries and said in found.faults["one"] and found.faults["one"].isprintable()
    result = CliRunner().invoke(
        program, ["gallery", "build", str(folder), "--out", str(tmp_path / "site"), "--jobs", "1"]
    )
    assert result.exit_code == 1
    assert {path.name for path in tmp_path.iterdir()} == {"recipes", "site"}


@pytest.mark.parametrize(
    "text",
    [
        'formula = "{}"\n',
        'signal = [{{ formula = "{}" }}]\noptimizer = [{{ name = "gd" }}]\n',
        'chart = {{ curve = [{{ formula = "{}" }}] }}\n',
    ],
)
def test_formulas_execute_nothing(tmp_path: Path, text: str) -> None:
    """Also those that nothing but a build would read: a check tells them."""
    folder, target = tmp_path / "recipes", tmp_path / "made"
    folder.mkdir()
    formulas = (f"__import__('os').mkdir('{target}')", "x.__class__.__base__", f"open('{target}', 'w')", "9**9**9*x")
    for i, formula in enumerate(formulas):
        (folder / f"{i}.toml").write_text(text.format(formula), encoding="utf-8")
    for words in (["check", str(folder)], ["build", str(folder), "--out", str(tmp_path / "site"), "--jobs", "1"]):
        result = CliRunner().invoke(program, ["gallery", *words])
        assert result.exit_code == 1 and not target.exists()
        told = [line for line in result.output.splitlines() if line.startswith("note: ")]
        assert sorted(line.split(":")[1].strip() for line in told) == ["0", "1", "2", "3"]
        assert "fault inside" not in result.output


HOSTILE = ("a b<c>", "line\nbreak", "\x1b[31m", "right\u202eleft", "bad\udcff")
"""Names that addresses do not take, and that consoles obey or cannot print."""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_names_become_no_paths_and_no_commands(tmp_path: Path) -> None:
    """A site is made all the same, and once more."""
    outside, place = tmp_path / "outside.toml", tmp_path / "site"
    outside.write_text(VALLEY, encoding="utf-8")
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "linked.toml").symlink_to(outside)
    (folder / ".editor.toml").write_text("x = 1\n", encoding="utf-8")
    (folder / "gallery.toml").write_text('size = "160x120"\n[formats]\nother = ["png"]\n', encoding="utf-8")
    for name in (*HOSTILE, "well"):
        (folder / f"{name}.toml").write_text(VALLEY, encoding="utf-8")
    faults = read(folder).faults
    assert len(faults) == 1 + len(HOSTILE) and "link" in faults.pop("linked")
    assert all("address" in fault and name.isprintable() and fault.isprintable() for name, fault in faults.items())
    for made in (1, 0):
        result = CliRunner().invoke(program, ["gallery", "build", str(folder), "--out", str(place), "--jobs", "1"])
        assert result.exit_code == 1 and f"{made} picture" in result.output
        assert "\x1b" not in result.output and "\u202e" not in result.output
    listed = json.loads((place / "manifest.json").read_text(encoding="utf-8"))["entries"]
    assert {one["name"]: one["state"] for one in listed} == {"linked": "failed", "well": "ok"}
    (folder / "gallery.toml").unlink()
    (folder / "gallery.toml").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out"):
        read(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_data_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "rows.toml").write_text(ROWS, encoding="utf-8")
    os.mkfifo(tmp_path / "rows.csv")
    assert "no file 'rows.csv'" in read(tmp_path).faults["rows"]


def test_a_site_is_built_in_no_folder_of_others(gallery: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    assert run(["gallery", "build", str(gallery), "--out", str(tmp_path)]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"thesis.tex"}


class Page(HTMLParser):
    """What a page refers to, and its nesting."""

    VOID = frozenset({"meta", "link", "img", "input", "source"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.refers: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.refers += [str(found[key]) for key in ("src", "href", "poster") if found.get(key)]
        self.open += [] if tag in self.VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_pages_are_whole_and_refer_to_what_is_there(built: Path) -> None:
    pages = sorted(built.rglob("*.html"))
    assert len(pages) == 1 + 2 * 5
    for path in pages:
        page = Page(path)
        assert not set(page.open) - {"html"}, path
        for target in page.refers:
            assert "://" not in target, f"{path.name} asks the network for {target}"
            assert target.startswith("#") or (path.parent / target).resolve().is_file(), f"{path}: {target}"
        images = [attrs for tag, attrs in page.tags if tag == "img"]
        assert all("alt" in attrs for attrs in images)
        assert not any(tag == "script" and "src" not in attrs for tag, attrs in page.tags) or path.parent == built


def test_titles_are_escaped_and_texts_are_of_the_language(built: Path) -> None:
    page = (built / "en" / "a.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert "a footer &amp; more" in page
    index = (built / "kk" / "index.html").read_text(encoding="utf-8")
    assert "Иілістер" in index and 'lang="kk"' in index
    moved = Page(built / "en" / "b" / "moved.html")
    assert (
        next(attrs["alt"] for tag, attrs in moved.tags if tag == "img"),
        next(
            attrs["data-tags"]
            for tag, attrs in Page(built / "en" / "index.html").tags
            if tag == "li" and "moved" in str(attrs.get("data-words"))
        ).split()[-1],
    ) == ("a path", "tag:first")


def test_first_files_are_a_gallery(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert run(["gallery", "new", str(folder)]) == 0
    found = read(folder)
    assert [one.name for one in found.entries] == ["1_first/valley"] and not found.faults
    assert run(["gallery", "new", str(folder)]) == 2
    assert run(["gallery", "check", str(folder)]) == 0


def test_the_repository_has_a_gallery_without_faults() -> None:
    found = read(Path(__file__).parent.parent / "gallery")
    assert not found.faults and len(found.entries) > 40


def test_why_names_the_missing(gallery: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        program, ["gallery", "build", str(gallery), "--out", str(tmp_path / "s"), "--dry-run", "--only", "a"]
    )
    assert result.exit_code == 0 and result.output.count(MISSING) == 2
    assert not (tmp_path / "s" / "files").exists()
    with pytest.raises(UsageError, match="did you mean 'bowl'"):
        site.planned(gallery, tmp_path / "s", only=["bowk"])


def test_every_definition_can_have_a_page(tmp_path: Path) -> None:
    (tmp_path / "gallery.toml").write_text('catalogue = ["landscape", "optimizer"]\n', encoding="utf-8")
    found = read(tmp_path)
    names = {entry.name for entry in found.entries}
    assert names == {f"{KINDS[k].plural}/{name}" for k in ("landscape", "optimizer") for name in definitions(k)}
    for entry in found.entries:
        assert parse_recipe(entry.text, entry.name) == entry.recipe
        assert api.definitions_of(entry.recipe)
        assert entry.formats == ("png", "html") and not entry.file.exists()


@pytest.mark.parametrize("name", [n for n, d in definitions("optimizer").items() if d.inputs or d.parameters])
def test_an_optimizer_is_shown_where_what_it_stands_on_is_seen(name: str) -> None:
    """The curvatures that it is told are those of its ground; where it steps by the Hessian, this bends both ways."""
    rule = definitions("optimizer")[name]
    recipe = catalogue.made(("optimizer", name), Path("gallery")).recipe
    ground = derive(definitions("landscape")[recipe.landscape])
    bends = np.linalg.eigvalsh(np.array(ground.hessian(*ground.definition.start(2), **recipe.constants), float))
    if "flattest" in rule.parameters:
        assert bends == pytest.approx([rule.parameters["flattest"], rule.parameters["steepest"]])
    elif "hessian" in rule.inputs and not rule.searches_rate:
        assert bends[0] < 0 < bends[1]
    else:
        assert recipe.landscape == catalogue.GROUND and not recipe.constants


def test_a_page_of_the_registry_is_made_and_kept(tmp_path: Path) -> None:
    folder, place = tmp_path / "mine", tmp_path / "site"
    folder.mkdir()
    (folder / "gallery.toml").write_text('catalogue = ["optimizer"]\nsize = "480x270"\n', encoding="utf-8")
    words = [
        "gallery",
        "build",
        str(folder),
        "--out",
        str(place),
        "--only",
        "signum",
        "--lang",
        "ru",
        "--jobs",
        "1",
        "--quiet",
    ]
    assert run(words) == 0
    page = Page(place / "ru" / "optimizers" / "signum.html")
    (frame,) = (attrs for tag, attrs in page.tags if tag == "iframe")
    assert (place / "files" / "optimizers" / "signum" / "ru.light.html").exists()
    assert str(frame["title"]).startswith("Signum. Функция Била. Градиентный спуск, Signum. "), "page, picture, paths"
    index = (place / "ru" / "index.html").read_text(encoding="utf-8")
    assert '<span class="name">Signum</span>' in index, "where pages would else have their landscape's name"
    plan = site.planned(folder, place, only=["signum"], languages=["ru"])
    assert plan.pictures == 0


def test_pictures_are_compared_with_kept_ones(kept: Path, tmp_path: Path) -> None:
    bowl, baselines = kept / "b" / "bowl.toml", tmp_path / "kept"
    bowl.write_text(bowl.read_text(encoding="utf-8") + '[gallery]\ntest = "compare"\n', encoding="utf-8")
    (kept / "a.toml").write_text('[gallery]\ntest = "off"\n', encoding="utf-8")
    chosen = read(kept).only(["bowl", "a"])

    def tested(**how: bool) -> dict[str, str]:
        return {one.name: one.state for one in testing.test(chosen, baselines, **how)}

    assert tested() == {"b/bowl": "new"} and (baselines / "b" / "bowl.new.png").exists()
    assert tested(update=True) == {"b/bowl": "kept"} and not (baselines / "b" / "bowl.new.png").exists()
    assert tested() == {"b/bowl": "same"}
    bowl.write_text(bowl.read_text(encoding="utf-8").replace("0.1", "0.03"), encoding="utf-8")
    assert tested() == {"b/bowl": "differs"} and (baselines / "b" / "bowl.new.png").exists()
    assert (
        run(["gallery", "test", str(kept), "--only", "bowl", "--baselines", str(baselines), "--jobs", "1", "--quiet"])
        == 1
    )


def test_a_contact_sheet_compares_optimizers_on_landscapes(tmp_path: Path) -> None:
    folder, place = tmp_path / "mine", tmp_path / "site"
    folder.mkdir()
    text = 'languages = ["ru", "kk"]\n[sheet]\noptimizers = ["gd", "newton"]\nlandscapes = ["booth"]\n'
    (folder / "gallery.toml").write_text(text, encoding="utf-8")
    words = ["gallery", "build", str(folder), "--out", str(place), "--only", "sheet", "--jobs", "1"]
    assert run(words) == 0
    assert [path.name for path in sorted((place / "files" / "sheet" / "booth" / "gd").glob("*.png"))] == [
        "ru.light.png"
    ]
    cell = catalogue.made(("sheet", "booth", "adadelta"), folder).recipe.optimizer[0]
    assert (cell.options, cell.dash) == ({"lr": "auto"}, "solid"), "a path of its own needs no dots to be known by"
    page = Page(place / "kk" / "sheet.html")
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert [str(one["alt"]).partition(",")[0] for one in images] == ["Градиенттік төмендеу", "Ньютон"]
    assert all((place / "kk" / str(one["src"])).resolve().is_file() for one in images)
    assert not [tag for tag, attrs in Page(place / "kk" / "index.html").tags if attrs.get("class") == "card"]
    assert site.planned(folder, place, only=["sheet"]).pictures == 0
    (folder / "gallery.toml").write_text(text.replace("newton", "newtin"), encoding="utf-8")
    assert run(words) == 2


def test_chapters_stand_in_the_order_that_is_told(gallery: Path, built: Path) -> None:
    whole = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
    assert [chapter["name"] for chapter in whole["chapters"]] == ["b", ""], "first those that gallery.toml tells"
    assert [entry["name"] for entry in whole["entries"]] == ["b/bowl", "b/moved", "b/rows", "a"]


def test_pages_of_the_site_and_names_that_systems_mix_up_are_refused(tmp_path: Path) -> None:
    for name in ("A", "a", "index", "con", "Aux.v1", "LPT¹", "b/index", "b/con.d/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.toml").write_text(VALLEY, encoding="utf-8")
    found = read(tmp_path)
    assert {one.name for one in found.entries} == {"A", "b/index"}
    assert {name: said.rpartition("; ")[0].partition(": ")[2] for name, said in found.faults.items()} == {
        "a": "'A' differs from it in capitals alone",
        "index": "a site has a page of this name itself",
        **dict.fromkeys(("con", "Aux.v1", "LPT¹", "b/con.d/x"), "Windows takes no file of this name"),
    }


def test_a_recipe_takes_the_place_of_a_definition_s_page(tmp_path: Path) -> None:
    (tmp_path / "gallery.toml").write_text('catalogue = ["optimizer"]\n', encoding="utf-8")
    (tmp_path / "optimizers").mkdir()
    (tmp_path / "optimizers" / "adam.toml").write_text(VALLEY, encoding="utf-8")
    found = [one for one in read(tmp_path).entries if one.name == "optimizers/adam"]
    assert [one.text for one in found] == [VALLEY]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("languages = []", "languages"),
        ("themes = []", "themes"),
        ('[formats]\nrase = ["png"]', "did you mean 'race'"),
        ('titel = "x"', "did you mean 'title'"),
    ],
)
def test_settings_that_would_do_nothing_are_refused(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(VALLEY, encoding="utf-8")
    (tmp_path / "gallery.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read(tmp_path)


def test_a_site_inside_its_recipes_holds_no_recipes(gallery: Path, built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "recipes"
    shutil.copytree(gallery, folder)
    shutil.copytree(built, folder / "site")
    assert why(folder, folder / "site") == {} and len(read(folder).entries) == 4
    with pytest.raises(UsageError, match="inside the site"):
        site.planned(built / "files", built)
    with pytest.raises(UsageError, match="inside the site"):
        site.planned(built / "files" / "a" / "recipe.toml", built)


def test_one_recipe_may_be_a_link_out_of_its_folder(gallery: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").symlink_to(gallery / "a.toml")
    assert "link" in read(tmp_path / "mine.toml").faults["mine"]
    (tmp_path / "folder").symlink_to(gallery, target_is_directory=True)
    assert not read(tmp_path / "folder").faults and len(read(tmp_path / "folder").entries) == 4


def test_what_is_asked_wrongly_is_told_before_anything_is_made(gallery: Path, tmp_path: Path) -> None:
    place = tmp_path / "new" / "site"
    words = ["gallery", "build", str(gallery), "--out", str(place)]
    assert run([*words, "--part", "²/²"]) == 2
    assert run([*words, "--report", str(tmp_path)]) == 2
    assert run([*words, "--dry-run"]) == 0
    assert not place.exists()


def test_what_is_not_built_now_keeps_what_was_said_of_it(kept: Path, built: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(built, place)
    (kept / "b" / "rows.csv").unlink()
    (kept / "b" / "bowl.toml").write_text("landscape = 1\n", encoding="utf-8")
    build = ["gallery", "build", str(kept), "--out", str(place), "--jobs", "1", "--quiet"]

    def states() -> dict[str, str]:
        entries = json.loads((place / "manifest.json").read_text(encoding="utf-8"))["entries"]
        return {one["name"]: one["state"] for one in entries}

    expected = {"a": "ok", "b/bowl": "stale", "b/moved": "ok", "b/rows": "stale"}
    assert run(build) == 1 and states() == expected
    assert run([*build, "--only", "a"]) == 0 and states() == expected


def test_a_recipe_that_is_gone_from_a_site_is_put_there_again(gallery: Path, built: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(built, place)
    (place / "files" / "a" / "recipe.toml").unlink()
    assert set(why(gallery, place)) == {"a"}


def test_a_chapter_that_nobody_has_is_told(tmp_path: Path) -> None:
    (tmp_path / "1_speed").mkdir()
    (tmp_path / "1_speed" / "a.toml").write_text(VALLEY, encoding="utf-8")
    (tmp_path / "gallery.toml").write_text('[chapters.1_sped]\ntitle = "Speed"\n', encoding="utf-8")
    for words, code in (["check"], 1), (["build", "--out", str(tmp_path / "site"), "--jobs", "1"], 0):
        result = CliRunner().invoke(program, ["gallery", *words, str(tmp_path)])
        assert result.exit_code == code and "no recipe lies there; did you mean '1_speed'?" in result.output


def test_pages_have_the_formula_and_the_rule_as_mathematics(built: Path) -> None:
    page = (built / "en" / "a.html").read_text(encoding="utf-8")
    found = [ET.fromstring(one) for one in re.findall(r"<math.*?</math>", page, re.DOTALL)]
    said = ["".join(one.itertext()) for one in found]
    assert any(one.startswith("f(x,y)=") for one in said) and "β1" in said
    assert any(one.startswith("m←β1m+(1−β1)g") for one in said)
    assert re.findall(r"<(h\d)", page) == ["h1", "h2", *["h3"] * page.count("<h3")]


def test_a_study_has_its_numbers_beside_its_pictures_once_for_all_languages(tmp_path: Path) -> None:
    folder, site = tmp_path / "recipes", tmp_path / "site"
    folder.mkdir()
    asked = '[formats]\nbasins = ["png", "pdf", "csv", "npz"]\n'
    (folder / "gallery.toml").write_text('size = "320x240"\nlanguages = ["en", "kk"]\n' + asked, encoding="utf-8")
    (folder / "map.toml").write_text(
        'schema = 1\nstudy = "basins"\nlandscape = "himmelblau"\nresolution = "6x5"\nsteps = 20\n'
        '[[optimizer]]\nname = "gd"\nlr = 0.01\n',
        encoding="utf-8",
    )
    assert run(["gallery", "build", str(folder), "--out", str(site), "--jobs", "1", "--quiet"]) == 0
    names = sorted(
        path.name for path in (site / "files" / "map").iterdir() if not path.name.endswith((".json", ".toml"))
    )
    pictures = [f"{lang}.light.{end}" for lang in ("en", "kk") for end in ("pdf", "png", "thumb.webp")]
    assert names == sorted(["data.csv", "data.npz", *pictures])
    assert (site / "files" / "map" / "data.csv").read_text(encoding="utf-8").count("\n") == 31
    page = (site / "kk" / "map.html").read_text(encoding="utf-8")
    assert "data.npz" in page and "<img" in page
    again = CliRunner().invoke(program, ["gallery", "build", str(folder), "--out", str(site)])
    assert "0 pictures made, 2 kept" in again.output
    (folder / "gallery.toml").write_text('[formats]\nrace = ["png", "csv"]\n', encoding="utf-8")
    assert run(["gallery", "check", str(folder)]) == 2


def test_the_endings_of_numbers_are_those_that_studies_are_written_as() -> None:
    assert {f".{one}" for one in DATA} < set(WRITERS)
