"""A gallery's pages in a real browser, from a folder: search, filters, languages, colours, copying."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser, missing

from gdviz.cli.program import run

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")]

SETTINGS = 'size = "320x180"\nlanguages = ["en", "kk"]\nthemes = ["light", "dark"]\n'
RECIPE = """
title = {{ en = "{en}", kk = "{kk}" }}
landscape = "{landscape}"
steps = 10
optimizer = [{{ name = "{optimizer}", lr = 0.01 }}]
[gallery]
tags = ["{tag}"]
formats = ["png"]
"""
ROWS = (
    ("1_a/bowl", "A round bowl", "Дөңгелек тостаған", "quadratic_2d", "gd", "first"),
    ("1_a/valley", "A bent valley", "Иілген аңғар", "beale", "adam", "second"),
    ("2_b/ravine", "A straight ravine", "Түзу сай", "ravine", "adam", "first"),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery") / "recipes"
    for name, en, kk, landscape, optimizer, tag in ROWS:
        file = folder / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        given = {"en": en, "kk": kk, "landscape": landscape, "optimizer": optimizer, "tag": tag}
        file.write_text(RECIPE.format(**given), encoding="utf-8")
    (folder / "gallery.toml").write_text(SETTINGS, encoding="utf-8")
    site = folder.parent / "site"
    assert run(["gallery", "build", str(folder), "--out", str(site), "--jobs", "1", "--quiet"]) == 0
    return site


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.driver.quit()


@pytest.fixture(autouse=True)
def quiet(browser: Browser) -> Iterator[None]:
    browser.media()
    browser.size(1280, 800)
    yield
    assert browser.complaints() == []


def shown(browser: Browser) -> list[str]:
    return browser.ask(
        "return [...document.querySelectorAll('.card:not([hidden]) .name')].map((one) => one.textContent)"
    )


def chosen(browser: Browser, name: str, value: str) -> None:
    browser.ask(
        f"const field = document.querySelector('form').elements['{name}']; field.value = '{value}';"
        "field.dispatchEvent(new Event('input', {bubbles: true}))"
    )


def test_the_first_page_leads_to_a_language(browser: Browser, place: Path) -> None:
    browser.open(place / "index.html")
    browser.until(lambda: browser.ask("return document.querySelectorAll('.card').length") == 3)
    assert browser.ask("return location.pathname").endswith("/en/index.html")


def test_search_and_filters_choose_and_stand_in_the_address(browser: Browser, place: Path) -> None:
    browser.open(place / "en" / "index.html")
    assert shown(browser) == ["A round bowl", "A bent valley", "A straight ravine"]
    chosen(browser, "q", "BENT vall")
    assert shown(browser) == ["A bent valley"]
    assert browser.ask("return [...document.querySelectorAll('.chapter')].map((one) => one.hidden)") == [False, True]
    assert browser.ask("return location.hash") == "#q=BENT+vall"
    chosen(browser, "q", "")
    chosen(browser, "optimizer", "optimizer:adam")
    assert shown(browser) == ["A bent valley", "A straight ravine"]
    chosen(browser, "tag", "tag:first")
    assert shown(browser) == ["A straight ravine"]
    assert "1" in browser.ask("return document.querySelector('.count').textContent")
    chosen(browser, "q", "nothing like it")
    assert shown(browser) == [] and browser.ask("return document.querySelector('.count').textContent")
    browser.open(place / "en" / "index.html", "#landscape=landscape%3Aravine")
    assert shown(browser) == ["A straight ravine"]


def test_a_language_keeps_the_search(browser: Browser, place: Path) -> None:
    browser.open(place / "en" / "index.html", "#tag=tag%3Asecond")
    browser.ask("document.querySelector('nav.languages a[lang=kk]').click()")
    browser.until(lambda: browser.ask("return location.pathname").endswith("/kk/index.html"))
    browser.until(lambda: shown(browser) == ["Иілген аңғар"])
    assert browser.ask("return document.documentElement.lang") == "kk"


def test_colours_are_those_of_the_system_or_of_the_button(browser: Browser, place: Path) -> None:
    picture = "return document.querySelector('figure img').getAttribute('src')"
    browser.open(place / "en" / "1_a" / "bowl.html")
    assert browser.ask(picture).endswith("en.light.png")
    browser.ask("document.getElementById('theme').click()")
    assert browser.ask(picture).endswith("en.dark.png")
    browser.until(lambda: browser.ask("return document.querySelector('figure img').naturalWidth") == 320)
    browser.open(place / "en" / "1_a" / "valley.html")
    assert browser.ask(picture).endswith("en.dark.png"), "the choice is kept"
    browser.ask("document.getElementById('theme').click()")


def test_command_and_recipe_are_copied(browser: Browser, place: Path) -> None:
    browser.open(place / "en" / "1_a" / "bowl.html")
    copied = (
        "window.taken = null; const done = (text) => { window.taken = text; return Promise.resolve(); };"
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: done}, configurable: true});"
    )
    for target, expected in (("command", "gdviz plot quadratic_2d"), ("recipe", 'landscape = "quadratic_2d"')):
        browser.ask(copied + f"document.querySelector('[data-copy={target}]').click()")
        browser.until(lambda: browser.ask("return window.taken"))
        assert expected in browser.ask("return window.taken")
        said = f"return document.querySelector('[data-copy={target}]').textContent"
        browser.until(lambda said=said: browser.ask(said) == "copied")


def test_pages_can_be_walked_by_keys(browser: Browser, place: Path) -> None:
    browser.open(place / "en" / "index.html")
    browser.press("/")
    assert browser.ask("return document.activeElement.name") == "q"
    browser.ask("document.querySelector('.card a').focus()")
    browser.ask(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))"
    )
    assert browser.ask("return document.activeElement.querySelector('.name').textContent") == "A bent valley"
    browser.open(place / "en" / "1_a" / "valley.html")
    assert browser.ask("return [...document.querySelectorAll('nav.around a')].length") == 2


def test_pages_fit_a_phone(browser: Browser, place: Path) -> None:
    browser.size(390, 844)
    for page in ("index.html", "1_a/bowl.html"):
        browser.open(place / "kk" / page)
        assert browser.ask("return document.documentElement.scrollWidth") <= 390
    browser.ask("document.querySelector('figure').append(document.createElement('iframe'))")
    wide, high = browser.ask("const one = document.querySelector('iframe'); return [one.clientWidth, one.clientHeight]")
    assert high == pytest.approx(2 * wide, abs=4) and high < 0.95 * 844, "the tall page of a clip with its controls"


CONTRASTS = """
const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const numbers = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const ground = (one) => {
  for (; one; one = one.parentElement) {
    const color = numbers(getComputedStyle(one).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const one = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || !one.checkVisibility() || one.closest("script,style")) continue;
  const [a, b] = [light(numbers(getComputedStyle(one).color)), light(ground(one))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) found.push([one.tagName, walk.currentNode.data.trim().slice(0, 40), ratio]);
}
return found;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "1_a/valley.html"])
def test_letters_stand_out_from_their_ground(browser: Browser, place: Path, page: str, scheme: str) -> None:
    """Source: Web Content Accessibility Guidelines 2.2, criterion 1.4.3."""
    browser.media(prefers_color_scheme=scheme)
    browser.open(place / "en" / page)
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.ask(CONTRASTS) == []


@pytest.mark.parametrize("page", ["index.html", "1_a/valley.html"])
def test_headings_go_down_one_by_one_and_the_focus_is_seen(browser: Browser, place: Path, page: str) -> None:
    browser.open(place / "kk" / page)
    levels = browser.ask("return [...document.querySelectorAll('h1,h2,h3,h4')].map((one) => +one.tagName[1])")
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    for _ in range(8):
        browser.press("\ue004")
        seen = "const style = getComputedStyle(document.activeElement);"
        assert browser.ask(seen + "return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1")


def test_long_formulas_scroll_in_a_box_of_their_own(browser: Browser, place: Path) -> None:
    browser.size(390, 844)
    browser.open(place / "en" / "1_a" / "valley.html")
    assert browser.ask("return document.documentElement.scrollWidth") <= 390
    boxes = browser.ask(
        "return [...document.querySelectorAll('.formula')]"
        ".map((one) => [one.scrollWidth > one.clientWidth, one.tabIndex])"
    )
    assert (True, 0) in map(tuple, boxes) and (False, -1) in map(tuple, boxes)
    math = browser.ask(
        "return [...document.querySelectorAll('.formula math')].map((one) => one.getBoundingClientRect().height)"
    )
    assert len(math) >= 5 and all(height > 12 for height in math)
