"""The user guide: what its pages tell people to type does what they say, at small sizes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import gdviz
from gdviz.cli.program import run

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(page.stem for page in DOCS.glob("*.md"))
# Commands of the English page, which a test compares, in other languages; studies compile for half a minute, and their
# commands are tried one by one elsewhere.
LONG = {"lecturers.ru", "lecturers.kk", "researchers"}
SLOW = {"lecturers", "galleries"}
MARKS = {**dict.fromkeys(LONG, pytest.mark.exhaustive), **dict.fromkeys(SLOW, pytest.mark.slow)}
TRIED = [pytest.param(page, marks=MARKS.get(page, ())) for page in PAGES]
BLOCK = re.compile(r'(<!-- not run: [^\n]+ -->\n)?```(\w+)(?: title="([^"]+)")?\n(.*?)```', re.DOTALL)
SMALL = {
    "animate": ["--size", "320x240", "--seconds", "0.2", "--draft"],
    "plot": ["--size", "320x240"],
    "train": ["--size", "480x270"],
    "gallery build": ["--size", "320x240", "--jobs", "1", "--draft"],
    "gallery test": ["--jobs", "1"],
    "study show": ["--size", "480x270"],
}


def text(page: str) -> str:
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


def blocks(page: str) -> Iterator[tuple[str, str, str]]:
    """Language, file and text of every block that is to be tried, in the order of the page."""
    for skipped, language, title, body in BLOCK.findall(text(page)):
        if not skipped and language in ("sh", "python", "toml"):
            yield language, title, body


def quick(words: list[str]) -> list[str]:
    """A command at small sizes; a size or resolution that was typed gives way."""
    options = next((SMALL[key] for key in (words[0], " ".join(words[:2])) if key in SMALL), [])
    words = [re.sub(r"^200x200$", "24x24", re.sub(r"^(lr=log:.*|mu=lin:.*):32$", r"\1:8", word)) for word in words]
    if "--size" in words and "--size" in options:
        at = words.index("--size")
        words = [*words[:at], *words[at + 2 :]]
    if words[0] == "animate" and "--recipe" not in words:
        options = [*options, "--steps", "25"]
    if any(word.endswith(".html") for word in words):
        options = [word for word in options if word not in ("--size", "320x240")]
    return [*words, *options]


@pytest.mark.parametrize("page", TRIED)
def test_what_a_page_tells_to_type_works(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GDVIZ_LANG", raising=False)
    for language, title, body in blocks(page):
        if title:
            Path(title).parent.mkdir(parents=True, exist_ok=True)
            Path(title).write_text(body, encoding="utf-8")
        elif language == "python":
            exec(compile(body, f"{page}.md", "exec"), {})
        elif language == "sh":
            for line in body.splitlines():
                words = shlex.split(line, comments=True)
                assert words and words[0] == "gdviz", f"{line}: only gdviz can be tried, say <!-- not run: why -->"
                assert run(quick(words[1:])) == 0, f"{line}: {capfd.readouterr().err}"
    missing = [name for name in made(page) if not Path(name).exists()]
    assert not missing


def made(page: str) -> list[str]:
    """The files that commands of a page are told to write."""
    return [
        word
        for language, _, body in blocks(page)
        if language == "sh"
        for line in body.splitlines()
        for flag, word in zip(shlex.split(line), shlex.split(line)[1:], strict=False)
        if flag in ("--out", "--poster", "--save-recipe") and "--dry-run" not in line
    ]


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_guide_lead_somewhere(page: str) -> None:
    assert [link for link in re.findall(r"\]\(([^)#:]+)\)", text(page)) if not (DOCS / link).exists()] == []


def test_every_page_is_in_the_contents_and_every_public_name_on_its_page() -> None:
    contents = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    assert sorted(re.findall(r": ([\w.]+)\.md$", contents, re.MULTILINE)) == PAGES
    assert sorted(re.findall(r"^::: gdviz\.(\w+)$", text("api"), re.MULTILINE)) == sorted(gdviz.__all__)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_lecturers_find_the_same_chapters_in_their_language(language: str) -> None:
    ours, english = text(f"lecturers.{language}"), text("lecturers")
    assert ours.count("\n## ") == english.count("\n## ")
    assert set(made(f"lecturers.{language}")) <= set(made("lecturers"))
    commands = [
        line for block, _, body in blocks(f"lecturers.{language}") if block == "sh" for line in body.splitlines()
    ]
    told = [line for line in commands if re.match(r"gdviz (animate|plot|train) ", line) and "wobbly.png" not in line]
    assert all(f"--lang {language}" in line for line in told)
