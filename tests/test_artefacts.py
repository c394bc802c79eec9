"""Where pictures go: paths, names of their own, and open files."""

from __future__ import annotations

import base64
import io
import re
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz import artefacts
from gdviz.cli import program
from gdviz.draw.render import Renderer
from gdviz.encode import FORMATS, read_recipe, showing
from gdviz.encode.formats import gif
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


TOGETHER = ["a.mp4", "a.png", "a.gif", "b.mp4", "b.svg", "b.gif"]


@pytest.mark.parametrize("fps", [10, 24])  # a GIF shows 25 frames a second in place of 24: other frames
def test_files_made_together_are_those_made_one_at_a_time(
    run: gdviz.Trajectories, fps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = {**SMALL, "seconds": 0.7, "fps": fps}
    alone = [gdviz.animate(run, tmp_path / name, **look)[0].read_bytes() for name in TOGETHER]
    (tmp_path / "c").mkdir()
    composed: list[object] = []
    drawn: list[int] = []
    told: list[str] = []
    at, compose = Renderer.at, artefacts.scene_of
    monkeypatch.setattr(artefacts, "scene_of", lambda *given: composed.append(given) or compose(*given))
    monkeypatch.setattr(Renderer, "at", lambda self, *asked: drawn.append(asked) or at(self, *asked))
    outs = [tmp_path / "c" / name for name in TOGETHER]
    assert gdviz.animate(run, outs, progress=lambda done, total, stage: told.append(stage), **look) == outs
    assert [path.read_bytes() for path in outs] == alone
    rates = {fps: "a.mp4, a.gif, b.mp4, b.gif"} if fps == 10 else {24: "a.mp4, b.mp4", 25: "a.gif, b.gif"}
    assert len(composed) == len(rates), "one scene for a rate"
    frames = [round(0.7 * rate) for rate in rates]
    assert len(drawn) == sum(frames) + 2 * min(6, frames[-1]), "every frame once, and what palettes are made of"
    assert list(dict.fromkeys(told)) == list(rates.values()) and len(told) == sum(frames)


@pytest.mark.parametrize("error", [OutputError("the disk is full"), KeyboardInterrupt()])
@pytest.mark.parametrize("when", ["opened", "take", "encode", "finish", "progress"])
def test_where_one_clip_fails_nothing_is_left_of_all(
    run: gdviz.Trajectories, error: BaseException, when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **named: object) -> None:
        raise error

    if when == "opened":
        monkeypatch.setattr(gif.Encoder, "__init__", fail)
    elif when != "progress":
        monkeypatch.setattr(gif.Encoder, when, fail)
    outs = [tmp_path / "a.mp4", tmp_path / "b.gif"]
    with pytest.raises(type(error)):
        gdviz.animate(run, outs, progress=fail if when == "progress" else None, seconds=0.5, fps=10, **SMALL)
    assert not list(tmp_path.iterdir())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("encode")]


def test_versions_of_several_clips_keep_the_order_in_which_they_were_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = "animate beale -o gd:lr=0.01 --steps 4 --size 320x240 --seconds 0.3 --fps 10 --lang ru --lang kk"
    assert program.run([*words.split(), "--out", "a.mp4", "--out", "b.gif"]) == 0
    out, err = capsys.readouterr()
    names = ["a.ru.mp4", "a.kk.mp4", "b.ru.gif", "b.kk.gif"]
    assert [Path(line).name for line in out.splitlines()[-4:]] == names
    told = [line for line in err.splitlines() if line.endswith("100 %")]
    assert told == ["a.ru.mp4, b.ru.gif 100 %", "a.kk.mp4, b.kk.gif 100 %"]


def test_stops_stand_beside_a_clip(run: gdviz.Trajectories, tmp_path: Path) -> None:
    outs = [tmp_path / "a.mp4", tmp_path / "a.gif"]
    written = gdviz.animate(run, outs, stops=True, seconds=1.0, fps=10, **SMALL)
    stills = [f"a.stop-0{k}.step-000{step}.png" for k, step in enumerate((0, 1, 2, 5))]
    clips = [f"a{part}.{ending}" for part in ("", ".part-01", ".part-02", ".part-03") for ending in ("mp4", "gif")]
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(stills + clips)
    assert {path.name for path in written} == {*stills, *clips} and written[0].name == "a.mp4"
    for k, still in enumerate(stills):
        (pixels,) = gdviz.frames(tmp_path / still)
        if k:
            for ending in ("mp4", "gif"):
                *_, last = gdviz.frames(tmp_path / f"a.part-0{k}.{ending}")
                assert np.abs(last.astype(float) - pixels).mean() < 2.0
        recipe = gdviz.load_recipe(tmp_path / still)
        assert recipe.at == (0, 1, 2, 5)[k] and not recipe.stops
    assert "--stops" in gdviz.api.command_of(gdviz.load_recipe(tmp_path / "a.part-02.mp4"))
    assert not gdviz.load_recipe(tmp_path / stills[1]).differs(run.recipe.updated(at=1, seconds=1.0, fps=10.0, **SMALL))

    mine = tmp_path / "a.part-04.gif"
    mine.write_text("mine")
    shorter = gdviz.simulate("beale", ["gd:lr=0.01"], steps=1)
    films = artefacts.render(gdviz.api.redrawn(shorter, {"stops": True, "seconds": 0.3, "fps": 10, **SMALL}), outs)
    gone = (
        "a.part-02.mp4, a.part-03.mp4, a.stop-02.step-0002.png, a.stop-03.step-0005.png of an earlier film are removed"
    )
    assert films[0].note.endswith(gone), "they would be taken for the new film's"
    left = {path.name for film in films for path in (film.path, *film.beside)}
    assert {item.name for item in tmp_path.iterdir()} == {*left, mine.name} and len(left) == 6


@pytest.mark.parametrize(
    ("formula", "look", "note"),
    [
        ("log(x)+y^2", {"bare": True}, "the page is bare and does not say: Hatched"),
        ("log(x)+y^2", {"bare": True, "caption": "mine"}, ""),
        ("+".join(f"sin({k}*x)*y^{k}" for k in range(2, 20)), {}, "the formula has no room on the page"),
    ],
)
def test_what_a_page_cannot_say_is_told(formula: str, look: dict[str, Any], note: str, tmp_path: Path) -> None:
    run = gdviz.simulate(formula, ["gd:lr=0.01"], steps=2, start=(1.0, 1.0))
    (made,) = artefacts.render(gdviz.api.redrawn(run, {**SMALL, **look}), [tmp_path / "a.png"])
    assert made.note.startswith(note) and bool(made.note) == bool(note)


def test_stops_appear_all_or_none(run: gdviz.Trajectories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = {"stops": True, "seconds": 0.5, "fps": 10, **SMALL}
    taken = tmp_path / "a.part-02.mp4"
    taken.write_text("mine")
    with pytest.raises(OutputError, match=r"a\.part-02\.mp4 exists and was not made by gdviz"):
        gdviz.animate(run, tmp_path / "a.mp4", **look)
    assert list(tmp_path.iterdir()) == [taken]
    monkeypatch.setattr(artefacts, "STILL", ".none")
    with pytest.raises(OutputError, match="ending"):
        gdviz.animate(run, tmp_path / "b.mp4", **look)
    assert list(tmp_path.iterdir()) == [taken]
    with pytest.raises(OutputError, match="an open file takes no stops"):
        gdviz.animate(run, io.BytesIO(), format="mp4", **look)


def test_what_is_returned_shows_itself_in_a_notebook(
    run: gdviz.Trajectories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outs = [tmp_path / f"<b> & {ending[1:]}{ending}" for ending in FORMATS]
    made = gdviz.animate(run, outs, seconds=0.3, fps=10, **SMALL)
    assert made == outs and isinstance(made, list)
    shown = made._repr_html_().splitlines()
    for path, line in zip(made, shown, strict=True):
        tag, kind = re.search(r"<(img|video|iframe|a) ", line)[1], FORMATS[path.suffix].mime
        assert tag == {"image": "img", "video": "video", "text": "iframe"}.get(kind.split("/")[0], "a")
        assert "&lt;b&gt; &amp;" in line and "<b>" not in line
        if tag == "a":
            assert path.read_bytes().startswith(b"%PDF") and 'href="/' in line and " " not in line.split('"')[1]
        else:
            assert (
                base64.b64decode(re.search(f'src="data:{re.escape(kind)};base64,(.*?)"', line)[1]) == path.read_bytes()
            )
    assert {line.split()[0] for line in shown} == {"<img", "<video", "<iframe", "<p><a"}
    monkeypatch.setattr(showing, "MOST", 1000)
    path = tmp_path / "<b> & mp4.mp4"
    assert re.fullmatch(r"<p>.*&amp; mp4\.mp4 has \d+ MB, .*open the file\.</p>", type(made)([path])._repr_html_())
    path.unlink()
    assert type(made)([path])._repr_html_().endswith("mp4.mp4 is no longer there.</p>")
    assert gdviz.plot(run, io.BytesIO(), format="png", **SMALL)._repr_html_() is None
