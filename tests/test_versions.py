"""Nothing vanishes without a word: options typed again make a file each, and files say what takes their place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gdviz import api
from gdviz.cli.program import run
from gdviz.runs import simulation

PLOT = ["plot", "beale", "-o", "gd:lr=0.01", "--steps", "12", "--size", "320x240", "--panel", "none", "--quiet"]
CLIP = ["animate", *PLOT[1:], "--seconds", "0.2", "--fps", "10", "--draft"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GDVIZ_LANG", raising=False)
    return tmp_path


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["--lang", "ru", "--lang", "kk"], {"beale.ru.png": "--lang ru", "beale.kk.png": "--lang kk"}),
        (["--theme", "dark", "--theme", "print"], {
            "beale.dark.png": "--theme dark", "beale.print.png": "--theme print",
        }),
        (["--at", "12", "--at", "3", "--theme", "dark"], {
            "beale.3.png": "--theme dark --at 3", "beale.12.png": "--theme dark --at 12",
        }),
        (["--at", "0", "--lang", "en", "--at", "3", "--lang", "ru", "--out", "x.svg"], {
            "x.en.0.svg": "--at 0 --lang en", "x.en.3.svg": "--at 3 --lang en",
            "x.ru.0.svg": "--at 0 --lang ru", "x.ru.3.svg": "--at 3 --lang ru",
        }),
    ],
)  # fmt: skip
def test_each_value_of_an_option_makes_a_file_of_one_run(
    line: list[str], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs: list[object] = []
    whole = simulation.race
    monkeypatch.setattr(simulation, "race", lambda *given, **more: runs.append(given) or whole(*given, **more))
    assert run([*PLOT, *line]) == 0
    assert len(runs) == 1, "one simulation serves them all"
    assert files() == set(expected) == {Path(path).name for path in capsys.readouterr().out.splitlines()}
    for name, alone in expected.items():
        made = Path(name).read_bytes()
        assert run([*PLOT, *alone.split(), "--out", name]) == 0
        assert Path(name).read_bytes() == made, "the same file as made alone"


def test_films_and_pictures_of_several_kinds() -> None:
    outs = ["--out", "a.mp4", "--out", "a.gif", "--out", "a.png"]
    assert run([*CLIP, "--lang", "ru", "--lang", "kk", *outs, "--save-recipe", "a.toml"]) == 0
    assert files() == {f"a.{lang}.{ending}" for lang in ("ru", "kk") for ending in ("mp4", "gif", "png", "toml")}
    assert api.load_recipe("a.kk.gif").lang == api.load_recipe("a.kk.toml").lang == "kk"
    assert Path("a.ru.mp4").read_bytes() != Path("a.kk.mp4").read_bytes()


def test_sheets_and_charts_too_and_films_show_all_steps() -> None:
    small = ["--size", "320x240", "--quiet"]
    steps = ["--at", "20", "--at", "40", "--seconds", "0.2", "--draft", "--out", "s.mp4", "--out", "s.png"]
    assert run(["signal", "adam", "--signal", "spikes", *steps, *small]) == 0
    assert files() == {"s.mp4", "s.20.png", "s.40.png"}
    assert run(["chart", "x^2", "--lang", "ru", "--lang", "en", "--theme", "dark", "--theme", "light", *small]) == 0
    assert files() - {"s.mp4", "s.20.png", "s.40.png"} == {
        f"chart.{lang}.{theme}.png" for lang in ("ru", "en") for theme in ("dark", "light")
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["--lang", "ru", "--lang", "ru"], "--lang"),
        (["--at", "3", "--at", "3"], "--at"),
        (["--at", "3", "--at", "4000"], "--at 4000"),
        (["--lang", "ru", "--lang", "kk", "--out", "a.png", "--out", "a.ru.png", "--out", "a.png"], "a.ru.png"),
    ],
)
def test_versions_that_cannot_be_are_one_sentence(
    line: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*PLOT, *line]) == 2
    told = capsys.readouterr()
    assert said in told.err and told.err.count("\n") == 1 and not files()


def test_an_artefact_is_named_after_its_recipe() -> None:
    assert run([*PLOT, "--out", "x.png", "--save-recipe", "friction_beale.toml"]) == 0
    shutil.copy("friction_beale.toml", "surface beale.toml")
    for name in ("friction_beale", "surface beale"):
        assert run(["plot", "--recipe", f"{name}.toml", "--quiet"]) == 0
        assert run(["plot", "--recipe", f"{name}.toml", "--lang", "ru", "--lang", "kk", "--quiet"]) == 0
        assert {f"{name}.png", f"{name}.ru.png", f"{name}.kk.png"} <= files()
    assert "beale.png" not in files()
    assert run(["animate", "--recipe", "x.png", "--seconds", "0.1", "--draft", "--quiet"]) == 0
    assert "x.mp4" in files(), "a picture is a recipe's file too"
    before = Path("x.png").read_bytes()
    assert run(["plot", "--recipe", "x.png", "--theme", "dark", "--quiet"]) == 0
    assert Path("x.png").read_bytes() == before and "beale.png" in files(), "but not its own copy"
    assert run(["plot", "wobbly", "--recipe", "friction_beale.toml", "--quiet"]) == 0
    assert "wobbly.png" in files()


def test_what_another_recipe_made_is_not_replaced_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    def notes(*line: str) -> list[str]:
        capsys.readouterr()
        assert run([*line]) == 0
        return [text for text in capsys.readouterr().err.splitlines() if text.startswith("note")]

    assert notes(*PLOT, "--out", "a.png") == [] == notes(*PLOT, "--out", "a.png")
    assert notes(*PLOT, "--theme", "dark", "--out", "a.png") == [
        "note: a.png takes the place of one by another recipe, which differs in theme"
    ]
    assert notes(*CLIP, "--out", "a.gif", "--lang", "ru") == []
    (note,) = notes("animate", "wobbly", *CLIP[2:], "--out", "a.gif")
    assert note.startswith("note: a.gif takes the place of one by another recipe, which differs in landscape")
    Path("b.png").write_bytes(b"somebody else's")
    assert notes(*PLOT, "--force", "--out", "b.png") == [], "--force says that it is known"


def test_the_language_of_the_machine_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDVIZ_LANG", "kk")
    assert run(PLOT) == 0
    assert files() == {"beale.png"} and api.load_recipe("beale.png").lang == "kk"
