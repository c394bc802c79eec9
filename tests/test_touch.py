"""Pages that play, in a real browser, from a file: what people do there, and what they then see."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chromium import Browser, missing

import gdviz
from gdviz import jobs
from gdviz.artefacts import scene_of
from gdviz.draw.render import Renderer
from gdviz.draw.score import PART, score
from gdviz.pictures import redrawn
from gdviz.recipe.recipe import validate

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")]

SIZE = (1280, 720)
BAR = 48
"""Height of the controls below a page."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.driver.quit()


@pytest.fixture(autouse=True)
def quiet(browser) -> Iterator[None]:
    """No test makes a page complain or ask for anything."""
    browser.media()
    browser.size(SIZE[0], SIZE[1] + BAR)
    yield
    assert browser.complaints() == []


def run(**options):
    given = {
        "landscape": "beale",
        "optimizer": [
            {"name": "gd", "options": {"lr": 0.2}},  # it diverges
            {"name": "momentum", "options": {"lr": 0.003}},
            {"name": "adam", "options": {"lr": 0.3}},
        ],
        "steps": 60,
        "size": "720p",
        "seconds": 3.0,
    }
    return jobs.make(validate({**given, **options}))


@pytest.fixture(scope="module")
def made():
    return run()


@pytest.fixture(scope="module")
def page(made, tmp_path_factory) -> Path:
    (path,) = gdviz.animate(made, tmp_path_factory.mktemp("page") / "clip.html")
    return path


def step(browser: Browser) -> int:
    return int(browser.ask("return document.getElementById('scrub').value"))


def pressed(browser: Browser) -> list[str]:
    script = "return [...document.querySelectorAll('[data-entry]')].map((one) => one.getAttribute('aria-pressed'))"
    return browser.ask(script)


def address(browser: Browser) -> str:
    return browser.ask("return location.hash")


def pixels(browser: Browser, color: str) -> int:
    """How many pixels are nearly of a colour."""
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    return int((np.abs(browser.seen().astype(int) - wanted).max(axis=2) < 12).sum())


def test_it_plays_to_the_end_at_the_pace_of_the_film_and_stops(browser, page):
    browser.open(page, "#step=0&speed=4")
    assert step(browser) == 0
    begin = time.monotonic()
    browser.ask("document.getElementById('play').click()")
    browser.until(lambda: step(browser) > 5)
    assert browser.ask("return document.getElementById('play').ariaLabel") == "Pause"
    browser.until(
        lambda: step(browser) == 60 and browser.ask("return document.getElementById('play').ariaLabel") == "Play"
    )
    assert time.monotonic() - begin > 0.7  # three seconds, four times as fast
    browser.until(lambda: address(browser) == "#step=60&speed=4")


def test_it_is_stopped_in_the_middle_and_goes_on_from_there(browser, page):
    browser.open(page, "#step=0")
    browser.press(" ")
    middle = browser.until(lambda: step(browser) > 3 and step(browser))
    browser.press(" ")
    browser.until(lambda: address(browser) not in ("", "#step=0"))
    kept = step(browser)
    time.sleep(0.3)
    assert middle <= step(browser) == kept < 60


def test_it_halts_where_a_film_is_cut(browser, tmp_path):
    told = run(stops=True, steps=30)
    stops = scene_of(told).clock.stops
    (path,) = gdviz.animate(told, tmp_path / "stops.html")
    assert [one.name for one in tmp_path.iterdir()] == ["stops.html"]
    browser.open(path, "#step=0&speed=4")
    for stop in stops[1:]:
        browser.press(" ")
        browser.until(lambda stop=stop: step(browser) == stop)
        browser.until(lambda: browser.ask("return document.getElementById('play').ariaLabel") == "Play")
    browser.press("\ue00e")  # page up
    browser.until(lambda: step(browser) == stops[-2])


def test_scrubbing_and_keys_go_to_steps(browser, page):
    browser.open(page)
    assert step(browser) == 60  # the whole picture first, as a poster
    browser.ask("const one = document.getElementById('scrub'); one.value = 31; one.dispatchEvent(new Event('input'))")
    browser.until(lambda: browser.ask("return document.getElementById('now').textContent") == "step 31")
    for key, expected in (("\ue014", 32), ("\ue012", 31), ("\ue011", 0), ("\ue010", 60)):  # right, left, home, end
        browser.press(key)
        browser.until(lambda expected=expected: step(browser) == expected)
    assert browser.ask("return document.getElementById('scrub').getAttribute('aria-valuetext')") == "step 60"


def test_a_chart_is_scrubbed_by_its_axis(browser, page, made):
    browser.open(page)
    chart = score([scene_of(made)])["sheets"][0]["stages"][1]
    x = float(chart["trails"][1]["points"][20, 0]) / PART
    browser.point(x, (chart["box"][1] + chart["box"][3]) / 2, press=True)
    browser.until(lambda: step(browser) == 20)


def test_optimizers_are_hidden_and_shown_again(browser, page, made):
    color = scene_of(made).entries[2].style.color
    browser.open(page)
    browser.until(lambda: pixels(browser, color) > 1000)
    buttons = browser.driver.find_elements("css selector", "[data-entry]")
    assert [one.get_attribute("aria-label") for one in buttons][2].startswith("Adam")
    buttons[2].click()
    browser.until(lambda: pixels(browser, color) < 100)  # but its row, which is dimmed
    assert pressed(browser) == ["true", "true", "false"]
    browser.until(lambda: address(browser) == "#step=60&hidden=3")
    browser.press("3")
    browser.until(lambda: pixels(browser, color) > 1000)
    assert pressed(browser) == ["true"] * 3


def test_a_pointer_is_told_step_loss_and_gradient(browser, page, made):
    browser.open(page)
    trail = score([scene_of(made)])["sheets"][0]["stages"][0]["trails"][1]
    x, y = trail["points"][7] / PART
    browser.point(float(x), float(y))
    browser.until(lambda: browser.ask("return !document.getElementById('told').hidden"))
    name, step_, loss, slope = browser.ask(
        "return [...document.getElementById('told').children].map((one) => one.textContent)"
    )
    gradient = np.linalg.norm(made.setting.objective.gradient(made.x[1, 0, 7]))
    assert (name, step_) == ("Momentum", "step 7")
    assert float(loss.removeprefix("loss ")) == pytest.approx(made.f[1, 0, 7], rel=1e-3)
    assert float(slope.removeprefix("gradient norm ")) == pytest.approx(gradient, rel=1e-3)
    browser.point(5.0, 5.0)
    browser.until(lambda: browser.ask("return document.getElementById('told').hidden"))


def test_an_address_brings_a_state_back(browser, page):
    browser.open(page, "#step=17&speed=0.5&hidden=1,3&loop")
    assert step(browser) == 17
    assert browser.ask("return document.getElementById('speed').value") == "0.5"
    assert pressed(browser) == ["false", "true", "false"]
    browser.press("+")
    browser.until(lambda: address(browser) == "#step=17&hidden=1,3&loop")
    browser.ask("location.hash = 'step=999&hidden=7,x&speed=9'")  # nonsense is left out
    browser.until(lambda: step(browser) == 60)
    assert pressed(browser) == ["true"] * 3 and browser.ask("return document.getElementById('speed').value") == "1"


def test_it_plays_by_itself_where_that_was_asked_and_motion_is_welcome(browser, page):
    browser.open(page, "#play&loop&speed=4")
    browser.until(lambda: 3 < step(browser) < 50)
    browser.until(lambda: step(browser) > 50)
    browser.until(lambda: step(browser) < 30)  # it begins again
    browser.media(prefers_reduced_motion="reduce")
    browser.open(page, "#play&loop")
    assert step(browser) == 60
    time.sleep(0.3)
    assert step(browser) == 60


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'])
def test_it_plays_in_the_frame_of_a_slide(browser, page, sandbox, tmp_path):
    slide = tmp_path / "slide.html"
    slide.write_text(
        f'<!doctype html><iframe {sandbox} src="{page.as_uri()}#step=5" style="width: 960px; height: 600px"></iframe>'
        "<script>document.documentElement.dataset.ready = ''</script>"
    )
    browser.open(slide)
    browser.driver.switch_to.frame(0)
    browser.until(lambda: browser.ask("return document.documentElement.dataset.ready !== undefined"))
    assert step(browser) == 5
    browser.ask("document.getElementById('play').click()")
    browser.until(lambda: step(browser) == 60)
    browser.driver.switch_to.default_content()


def test_a_phone_gets_a_page_of_its_own_whose_parts_can_be_hit(browser, page):
    browser.size(390, 844, 2.0)
    browser.open(page)
    wide, high = browser.ask("const one = document.getElementById('clip'); return [one.offsetWidth, one.offsetHeight]")
    assert (wide, high) == (390, 693) and browser.ask("return document.documentElement.scrollWidth") == 390
    sizes = browser.ask(
        "return [...document.querySelectorAll('button, select, input')]"
        ".map((one) => Math.min(one.offsetWidth, one.offsetHeight))"
    )
    assert min(sizes) >= 24  # WCAG 2.2, 2.5.8


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"theme": "dark", "lang": "kk"},
        {"theme": "print", "lang": "ru", "panel": ["loss", "lr", "gradient"]},
        {"landscape": "himmelblau", "start": [(0.0, 0.0), (-1.0, -4.0)], "steps": 30},
        {"formula": "x^4 - 2x^2 + 0.3x", "landscape": None, "start": [(1.9,)], "view": "line", "steps": 20},
        {"anatomy": 5, "inset": [[0.3, 0.5], [0.0, 0.3]]},
        {"split": "optimizer"},
    ],
    ids=["light", "dark", "panels", "starts", "line", "anatomy", "split"],
)
def test_what_is_seen_is_what_the_film_shows(browser, options, tmp_path):
    told = run(**options)
    (path,) = gdviz.animate(told, tmp_path / "clip.html")
    renderer = Renderer(scene_of(told))
    for record in (0, 6, len(told.t) // 2, len(told.t) - 1):
        browser.open(path, f"#step={told.t[record]}")
        film = renderer.at(record)
        browser.until(lambda film=film: close_to(browser, film))


@pytest.mark.parametrize("panels", [("data", "loss"), ("loss", "accuracy")])
def test_trainings_are_touched_as_races_are(browser, panels, tmp_path):
    runs = 1 if "data" in panels else 5
    fit = gdviz.train("mlp:4", "moons", ["adam:lr=0.05", "gd:lr=0.3"], batch=32, epochs=3, runs=runs)
    told = redrawn(fit, {"panel": panels, "size": "720p", "seconds": 2.0})
    (path,) = gdviz.animate(told, tmp_path / "train.html")
    renderer = Renderer(scene_of(told))
    for record in (0, len(told.t) // 2, len(told.t) - 1):
        browser.open(path, f"#step={told.t[record]}")
        film = renderer.at(record)
        browser.until(lambda film=film: close_to(browser, film))
    trail = score([scene_of(told)])["sheets"][0]["stages"][-1]["trails"][0]
    x, y = trail["points"][5] / PART
    browser.point(float(x), float(y))
    lines = browser.until(lambda: browser.ask("return document.getElementById('told').innerText").splitlines())
    numbers = [float(line.rpartition(" ")[2]) for line in lines if line.startswith(("loss", "gradient"))]
    assert numbers[0] == pytest.approx(told.medians[0, 5] if told.f.shape[1] > 1 else told.f[0, 0, 5], rel=1e-3)
    assert np.isfinite(numbers[1])
    if "accuracy" in panels:
        assert lines[-1] == f"validation accuracy {np.median(told.accuracy[0, :, 5]):.4g}"


def close_to(browser: Browser, film: np.ndarray) -> bool:
    """Whether the page shows what a frame shows: letters stand between pixels, the line of the step is its own."""
    far = np.abs(browser.seen()[: SIZE[1], : SIZE[0]].astype(int) - film).max(axis=2)
    return bool((far > 60).mean() < 2.5e-3 and (far > 150).mean() < 2e-4)


def test_eight_optimizers_of_500_steps_are_drawn_faster_than_they_are_shown(browser, tmp_path):
    names = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamax")
    told = run(optimizer=[{"name": name, "options": {}} for name in names], steps=500)
    (path,) = gdviz.animate(told, tmp_path / "eight.html")
    browser.open(path, "#step=0")
    browser.ask("window.drawn = 0; const one = () => { window.drawn += 1; requestAnimationFrame(one); }; one()")
    browser.ask("document.getElementById('play').click()")
    browser.until(lambda: step(browser) == 500, 30.0)
    assert browser.ask("return window.drawn") > 20
