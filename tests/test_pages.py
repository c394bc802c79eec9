"""Pages that play: what is in the file, before any browser opens it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import gdviz
from gdviz import jobs
from gdviz.artefacts import scene_of
from gdviz.draw.render import Renderer
from gdviz.draw.score import NOWHERE, PART, placed, score
from gdviz.encode import Files, frames, read_recipe
from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe, parse_recipe, validate

HOSTILE = 'A <b>race</b> </script><script>alert("1")</script> & {{data}} <!-- Ең тік'
DTYPES = {"i2": "<i2", "u1": "u1", "u2": "<u2", "u4": "<u4", "f4": "<f4"}


class Page(HTMLParser):
    """Elements with their attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and data.strip():
            self.scripts.append(data)

    @property
    def data(self) -> dict:
        return json.loads(zlib.decompress(base64.b64decode(self.scripts[0])))


def array(told: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(told["bytes"]), DTYPES[told["type"]])


def recipe(**options) -> Recipe:
    given = {
        "landscape": "beale",
        "optimizer": [{"name": "gd", "options": {"lr": 0.03}}, {"name": "adam", "options": {"lr": 0.3}}],
        "steps": 40,
        "size": "720p",
    }
    return validate({**given, **options})


@pytest.fixture(scope="module")
def made():
    return jobs.make(recipe(title=HOSTILE))


@pytest.fixture(scope="module")
def page(made, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "clip.html"
    gdviz.animate(made, path)
    return path


def test_a_page_carries_its_recipe_and_is_the_same_bytes_again(made, page, tmp_path):
    assert parse_recipe(read_recipe(page), "page") == made.recipe
    again = tmp_path / "again.html"
    gdviz.animate(made, again)
    assert again.read_bytes() == page.read_bytes()


def test_a_notebook_shows_it_in_a_frame(page):
    shown = Files([page])._repr_html_()
    assert shown is not None and shown.startswith('<iframe src="data:text/html;base64,')


def test_texts_of_users_stay_texts(page):
    text = page.read_text(encoding="utf-8")
    found = Page(text)
    assert [tag for tag, _ in found.elements].count("script") == 2 == len(found.scripts)
    assert "alert" not in {tag for tag, _ in found.elements}
    assert found.data["words"]["play"] == "Play"
    label = next(attributes["aria-label"] for tag, attributes in found.elements if tag == "canvas")
    assert label.startswith(HOSTILE)


def test_nothing_outside_the_page_is_named(page):
    text = page.read_text(encoding="utf-8")
    found = Page(text)
    addresses = [
        value
        for _, attributes in found.elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "poster")
    ]
    assert set(addresses) == {"data:,"}
    assert not re.search(r"https?://|//[a-z0-9.-]+\.[a-z]{2,}|@import|url\(", text)
    policy = next(a["content"] for _, a in found.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


@pytest.mark.slow
@pytest.mark.parametrize("landscape", ["beale", "rosenbrock"])
def test_eight_optimizers_of_500_steps_stay_below_a_megabyte(landscape, tmp_path):
    rates = {"gd": 0.001, "momentum": 5e-4, "nesterov": 5e-4, "adagrad": 0.3, "rmsprop": 0.02, "adadelta": 1.0}
    entries = [{"name": n, "options": {"lr": lr}} for n, lr in {**rates, "adam": 0.05, "adamax": 0.05}.items()]
    whole = recipe(landscape=landscape, optimizer=entries, steps=500, size="1080p")
    (path,) = gdviz.animate(whole, tmp_path / "eight.html")
    assert path.stat().st_size < 1_000_000


def test_all_but_what_is_shown_is_small(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) - len(Page(text).scripts[0].encode()) < 60_000


def test_the_ground_is_the_film_without_what_moves(made, page, tmp_path):
    sheet = Page(page.read_text(encoding="utf-8")).data["sheets"][0]
    ground = tmp_path / "ground.webp"
    ground.write_bytes(base64.b64decode(sheet["ground"].partition(",")[2]))
    (picture,) = frames(ground)
    film = Renderer(scene_of(made)).at(0)
    assert picture.shape == film.shape
    assert (picture != film).any(axis=2).mean() < 0.01  # two heads, a ring, a star, names, figures


def test_places_are_told_to_a_sixteenth_of_a_pixel(made, page):
    scene = scene_of(made)
    stage = score([scene])["sheets"][0]["stages"][0]
    trails = Page(page.read_text(encoding="utf-8")).data["sheets"][0]["stages"][0]["trails"]
    for told, trail in zip(trails, stage["trails"], strict=True):
        assert (array(told["points"]) == trail["points"].ravel()).all()
    exact = np.array([[0.03, 719.96], [np.nan, np.nan], [-3.0, 1280.0]])
    kept = placed(exact)
    assert kept.dtype == np.int16 and (kept[1] == NOWHERE).all()
    assert np.abs(kept[[0, 2]] / PART - exact[[0, 2]]).max() <= 0.5 / PART
    assert placed(np.array([[40_000.0, 1.0]])).dtype == np.float32  # far outside: a path keeps its direction


def test_losses_and_gradients_are_those_of_the_run(made, page):
    data = Page(page.read_text(encoding="utf-8")).data
    shape = made.f.shape
    losses, slopes = (array(data["run"][key]).reshape(shape) for key in ("loss", "slope"))
    assert np.allclose(losses, made.f, rtol=1e-6)
    gradient = made.setting.objective.gradient(np.moveaxis(made.x, -1, 0))
    assert np.allclose(slopes, np.sqrt((gradient**2).sum(axis=0)), rtol=1e-6)


def test_of_several_starts_the_middle_is_told_behind_the_last(tmp_path):
    told = jobs.make(recipe(start=[(1.0, 1.5), (0.5, 1.0), (2.0, 1.0)], steps=10))
    (path,) = gdviz.animate(told, tmp_path / "starts.html")
    data = Page(path.read_text(encoding="utf-8")).data
    losses = array(data["run"]["loss"]).reshape(2, 4, 11)
    assert np.allclose(losses[:, :3], told.f, rtol=1e-6) and np.allclose(losses[:, 3], told.medians, rtol=1e-6)
    assert "3" in data["words"]["middle"]


def test_a_page_keeps_the_pace_of_the_film(made, page):
    clock, told = scene_of(made).clock, Page(page.read_text(encoding="utf-8")).data["clock"]
    assert np.repeat(np.arange(len(made.t)), array(told["counts"])).tolist() == clock.record.tolist()
    assert told["fps"] == float(clock.fps)


def test_where_an_entry_was_lost_is_told_as_in_the_film(tmp_path):
    run = jobs.make(recipe(optimizer=[{"name": "gd", "options": {"lr": 0.2}}, {"name": "adam"}], lang="kk"))
    assert run.status[0, 0] == "diverged"
    (path,) = gdviz.animate(run, tmp_path / "lost.html")
    data = Page(path.read_text(encoding="utf-8")).data
    scene = scene_of(run)
    trail = data["sheets"][0]["stages"][0]["trails"][0]
    assert trail["lost"] and trail["stop"] == int(np.searchsorted(run.t, run.stopped_at[0, 0]))
    values = next(figure for figure in data["sheets"][0]["figures"] if figure["entry"] == 0)
    assert data["texts"][values["texts"]][-1] == scene.entries[0].values[-1]
    assert data["words"]["decimal"] == ","


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["signal", "adam", "--signal", "rectangles", "--out", "a.html"], r"a\.mp4"),
        (["plot", "beale", "--out", "a.html"], "gdviz animate"),
        (["study", "basins", "himmelblau", "--out", "a.html"], r"a\.png|\.png"),
    ],
)
def test_what_cannot_be_touched_is_refused_in_one_sentence(words, sentence, tmp_path):
    run = subprocess.run([sys.executable, "-m", "gdviz", *words], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 2 and re.search(sentence, run.stderr) and "Traceback" not in run.stderr
    assert not [*tmp_path.iterdir()]


def test_python_refuses_it_as_well(tmp_path):
    with pytest.raises(UsageError, match=r"touched.*a\.mp4"):
        gdviz.animate(
            validate({"optimizer": [{"name": "adam"}], "signal": [{"name": "rectangles"}]}), tmp_path / "a.html"
        )
