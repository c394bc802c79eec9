"""Pages of a colour of one's own, as of slides, and posters beside films."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from decoding import corners

import gdviz
from gdviz.cli.program import run
from gdviz.jobs import command_of, read
from gdviz.recipe.options.race import Race
from gdviz.scene.palette import contrast
from gdviz.scene.paper import READABLE, on_paper, suited
from gdviz.scene.themes import THEMES

SMALL = {"size": "320x180", "steps": 6, "seconds": 0.2, "fps": 10, "optimizer": [{"name": "gd", "lr": 0.01}]}
CLIP = ["animate", "beale", "-o", "gd:lr=0.01", "--steps", "12", "--size", "320x180", "--seconds", "0.2", "--fps", "10"]


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GDVIZ_LANG", raising=False)
    return tmp_path


@pytest.mark.parametrize("color", ["#fff3d6", "#102A43", "#2e1065"])
def test_corners_have_the_colour_of_the_slide(color: str) -> None:
    """8-bit video rounds: it may be two off, stills and GIF are exact."""
    files = gdviz.animate("beale", ["a.mp4", "a.gif", "a.png"], background=color, **SMALL)
    for file in files:
        off = 2 if file.suffix == ".mp4" else 0
        for found in corners(file):
            assert np.abs(found - rgb(color)).max() <= off, file.name


def test_video_can_say_every_colour_within_two() -> None:
    from gdviz.raster.color import planes

    colors = np.random.default_rng(0).integers(0, 256, (50, 50, 3)).astype(np.uint8)
    frame = np.ascontiguousarray(np.repeat(np.repeat(colors, 2, 0), 2, 1))
    y, u, v = np.empty((100, 100), np.uint8), np.empty((50, 50), np.uint8), np.empty((50, 50), np.uint8)
    planes(frame, y, u, v, (0, 100, 0, 100))
    light, blue, red = (y[::2, ::2] - 16.0) * 255 / 219, (u - 128.0) * 255 / 224, (v - 128.0) * 255 / 224
    r, b = light + 2 * (1 - 0.2126) * red, light + 2 * (1 - 0.0722) * blue
    shown = np.stack([r, (light - 0.2126 * r - 0.0722 * b) / 0.7152, b], axis=-1)
    assert np.abs(np.clip(np.rint(shown), 0, 255) - colors).max() <= 2


def test_all_that_is_paper_has_its_colour() -> None:
    for theme in THEMES.values():
        for page in ("#fff3d6", "#102a43"):
            other = on_paper(theme, page)
            assert other.page == other.halo == page and other.field == theme.field
            readable = contrast(theme.ink, page) >= READABLE
            assert not readable or contrast(other.dim, page) >= READABLE
        assert on_paper(theme, theme.page).dim == theme.dim


def test_a_theme_is_chosen_by_the_paper_unless_it_is_named() -> None:
    assert (suited("#ffffee"), suited("#102a43")) == ("light", "dark")
    assert gdviz.Recipe(landscape="beale", background="#102a43").theme == "dark"
    assert gdviz.Recipe(landscape="beale", background="#102a43", theme="light").theme == "light"
    assert gdviz.Recipe(landscape="beale").updated(background="#102a43").theme == "dark"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_command_of_a_page_makes_it_again(theme: str) -> None:
    recipe = gdviz.Recipe(landscape="beale", background="#102a43", theme=theme)
    words = shlex.split(command_of(recipe))
    assert words[words.index("--background") + 1] == "#102a43"
    again = read(
        {"landscape": "beale", "background": "#102a43", "theme": words[words.index("--theme") + 1]}, None, Race
    )
    assert (again.theme, again.background) == (recipe.theme, recipe.background)


def test_words_that_cannot_be_read_on_it_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    plot = ["plot", "beale", "-o", "gd:lr=0.01", "--steps", "3", "--size", "320x180", "--quiet"]
    assert run([*plot, "--background", "#102a43", "--theme", "light"]) == 0
    assert "theme dark reads better" in capsys.readouterr().err
    assert run([*plot, "--background", "#102a43", "--out", "b.png"]) == 0
    assert capsys.readouterr().err == ""
    assert run([*plot, "--background", "blue"]) == 2
    assert "--background = 'blue': it must be a colour such as #1f57b8" in capsys.readouterr().err


def test_a_poster_shows_the_end_of_the_film() -> None:
    assert run([*CLIP, "--lang", "ru", "--lang", "kk", "--out", "a.gif", "--poster", "p.png", "--quiet"]) == 0
    for lang in ("ru", "kk"):
        poster = next(iter(gdviz.frames(f"p.{lang}.png"))).astype(int)
        first, *_, last = (np.abs(frame - poster).mean() for frame in gdviz.frames(f"a.{lang}.gif"))
        assert last < min(1, first / 2), "but for the palette of a GIF, and letters that move by whole pixels in films"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["--out", "a.png", "--poster", "p.png"], "--poster shows the end of a film, and none is written"),
        (["--out", "a.mp4", "--poster", "p.mp4"], "--poster p.mp4 is no still; type p.png"),
        (["--out", "a.mp4", "--poster", "no/p.png"], "does not exist"),
    ],
)
def test_posters_that_cannot_be(line: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*CLIP, *line]) == 2
    assert told in capsys.readouterr().err
    assert not list(Path().iterdir())
