"""Where pictures go: paths, names of their own, and open files."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest

import gdviz
from gdviz.encode import read_recipe
from gdviz.errors import OutputError

SMALL = {"size": "320x240", "panel": ["none"]}


@pytest.fixture(scope="module")
def run() -> gdviz.Trajectories:
    return gdviz.simulate("beale", ["gd:lr=0.01"], steps=5)


@pytest.mark.parametrize(("format", "head"), [("png", b"\x89PNG"), (".SVG", b"<?xml"), ("pdf", b"%PDF")])
def test_a_still_goes_into_an_open_file(
    run: gdviz.Trajectories, format: str, head: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO()
    assert gdviz.plot(run, file, format=format, at=2, **SMALL) == []
    (path,) = gdviz.plot(run, f"a.{format.strip('.').lower()}", at=2, **SMALL)
    assert file.getvalue().startswith(head) and file.getvalue() == path.read_bytes()
    with Path("b").open("wb") as opened:
        gdviz.plot("beale", opened, format=format, optimizer=[{"name": "gd"}], steps=3, **SMALL)
    assert Path("b").read_bytes().startswith(head) and read_recipe("b")
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted([path.name, "b"])


@pytest.mark.parametrize("format", ["mp4", "gif", "png"])
def test_a_clip_goes_into_an_open_file(run: gdviz.Trajectories, format: str, tmp_path: Path) -> None:
    file = io.BytesIO()
    told: list[tuple[int, int, str]] = []
    small = {**SMALL, "seconds": 0.3, "fps": 10}
    assert gdviz.animate(run, file, format=format, progress=lambda *step: told.append(step), **small) == []
    (path,) = gdviz.animate(run, tmp_path / f"a.{format}", **small)
    assert file.getvalue() == path.read_bytes()
    assert len(told) == (0 if format == "png" else 3)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda run, path: gdviz.plot(run, io.BytesIO()), "does not say what to write.*format='png' or"),
        (lambda run, path: gdviz.animate("beale", io.BytesIO()), "does not say what to write.*format='mp4' or"),
        (lambda run, path: gdviz.plot(run, io.BytesIO(), format="mp4"), "format='mp4' cannot be made here; .*'png'"),
        (lambda run, path: gdviz.plot(run, io.BytesIO(), format="jpg"), "format='jpg' cannot"),
        (lambda run, path: gdviz.plot(run, io.StringIO(), format="svg", **SMALL), "pictures are bytes.*'wb'"),
        (lambda run, path: gdviz.plot(run, path / "a.png", format="png"), "is for an open file"),
        (lambda run, path: gdviz.plot("beale", path / "a.mp4"), "unknown"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(make, sentence: str, run: gdviz.Trajectories, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=sentence) as told:
        make(run, tmp_path)
    assert "\n" not in str(told.value) and not list(tmp_path.iterdir())


def test_an_open_file_is_asked_before_anything_is_run(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    closed = io.BytesIO()
    closed.close()
    with (
        path.open("rb") as reading,
        path.open("a") as text,
        tempfile.NamedTemporaryFile("w", dir=tmp_path) as temporary,
    ):
        told = [(closed, "closed"), (reading, "reading"), (text, "'wb'"), (temporary, "'wb'"), (io.StringIO(), "'wb'")]
        for make in (gdviz.plot, gdviz.animate):
            for file, sentence in told:
                with pytest.raises(OutputError, match=sentence):
                    make("no such landscape", file, format="png")
