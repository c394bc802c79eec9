"""One grid: laws over laid-out pages of all kinds, at all sizes and in all languages."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.compose.race import compose
from gdviz.compose.signal import arrangement
from gdviz.compose.split import grid_of
from gdviz.draw.furniture import furniture
from gdviz.draw.layout import Layout, arrange
from gdviz.draw.render import Staging
from gdviz.draw.shapes import Polyline, Text
from gdviz.draw.text import Glyphs, extent, width
from gdviz.lang import languages
from gdviz.recipe.sizes import page_size
from gdviz.scene import Axis, Panel, Scene

FIVE = ("nesterov", "rmsprop", "adadelta", "adagrad", "adam")
TWELVE = (*FIVE, "gd", "momentum", "adamax", "nadam", "amsgrad", "adamw", "radam")


def race(landscape: str, names: tuple[str, ...], more: str = "") -> str:
    listed = ", ".join(f'{{ name = "{name}", lr = 0.01 }}' for name in names)
    return f'schema = 1\nlandscape = "{landscape}"\nsteps = 20\nbackend = "python"\noptimizer = [{listed}]\n{more}'


LONG = "How momentum carries a ball over the walls of a wobbly bowl which plain descent cannot climb"
CASES = {
    "race": race("beale", FIVE),
    "two": race("rosenbrock", ("gd", "adam")),
    "twelve": race("himmelblau", TWELVE),
    "panels": race("basins_and_walls", FIVE, 'panel = ["loss:log", "gradient"]'),
    "many": race("basins_and_walls", FIVE[:3], 'panel = ["loss:log", "gradient", "step", "rate"]'),
    "none": race("beale", FIVE, 'panel = ["none"]'),
    "typed": race("beale", FIVE, "domain = [[-1.0, 4.0], [-2.0, 3.0]]"),
    "split": race("beale", ("gd", "momentum", "rmsprop", "adam"), 'split = "optimizer"'),
    "crowd": race("himmelblau", FIVE, 'split = "optimizer"'),
    "line": race("quadratic_1d", ("gd", "momentum")),
    "long": race("wobbly", FIVE[:3], f'title = "{LONG}"\ncaption = "{LONG}; {LONG}; {LONG}"'),
    "chart": 'schema = 1\ntitle = "Powers"\n[chart]\nrange = [0.0, 2.0]\nx = "x"\ny = "height"\n'
    'curve = [{ formula = "x^2", label = "square" }, { formula = "x^3", label = "cube" }]\n',
    "signal": 'schema = 1\nsteps = 60\noptimizer = [{ name = "adam", lr = 0.25 }, { name = "gd", lr = 0.25 }]\n'
    'signal = [{ name = "spikes" }, { name = "rectangles" }, { name = "noisy_sin" }]\n',
}  # fmt: skip
SIZES = ("1080p", "square", "vertical", "84mmx60mm")
PAGES = [
    pytest.param(case, size, marks=() if (i + k) % 2 == 0 else pytest.mark.exhaustive)
    for i, case in enumerate(CASES)
    for k, size in enumerate(SIZES)
]
"""Each case at two of the sizes, in turn; at the other two under `exhaustive`."""


@pytest.fixture(scope="module", autouse=True)
def coarse() -> Iterator[None]:
    """Fields of few samples: nothing here looks at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gdviz.compose.ground.SAMPLES", 24)
        yield
    made.cache_clear()
    page.cache_clear()


@functools.cache
def made(case: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return api.make(api.parse_recipe(CASES[case], case))


@functools.cache
def composed(case: str, lang: str) -> Scene:
    run = made(case)
    return scene_of(dataclasses.replace(run, recipe=run.recipe.updated(lang=lang)))


@functools.cache
def page(case: str, size: str, lang: str = "en") -> tuple[Scene, Layout]:
    """A page as compose would make it for a size: of what it knows only its grid follows the size."""
    scene = composed(case, lang)
    wide, high, dpi = page_size(size)
    grid = scene.grid
    if grid and not scene.heads:
        grid = arrangement(len(scene.panels), (wide, high)) if case == "signal" else grid_of(scene.panels, (wide, high))
    scene = dataclasses.replace(scene, size=(wide, high), dpi=dpi, grid=grid)
    return scene, arrange(scene, Glyphs(scene.font))


def texts(scene: Scene) -> list[Text]:
    """All that is written on a page at its end."""
    still = [shape for shape in furniture(scene, arrange(scene, Glyphs(scene.font))) if isinstance(shape, Text)]
    return [*still, *Staging(scene).figures(scene.records - 1)]


def bounds(text: Text, font: str | None) -> tuple[float, float, float, float]:
    wide = width(text.text, text.size, font, text.bold, text.math)
    rise, depth = extent(text.text, text.size, font, text.math) if text.text.strip() else (0.0, 0.0)
    if text.turned:
        return text.x - text.size, text.y - wide / 2, text.x, text.y + wide / 2
    x = text.x - {"left": 0.0, "center": wide / 2, "right": wide}[text.align]
    return x, text.y - rise, x + wide, text.y + depth


@pytest.mark.parametrize(("case", "size"), PAGES)
def test_gutters_are_equal(case: str, size: str) -> None:
    scene, layout = page(case, size)
    boxes = layout.boxes
    if scene.grid:
        columns = scene.grid[1]
        rows = [boxes[at : at + columns] for at in range(0, len(boxes), columns)]
        lines = [boxes[at::columns] for at in range(columns)]
        across = {b.x0 - a.x1 for row in rows for a, b in itertools.pairwise(row)}
        down = {b.y0 - a.y1 for line in lines for a, b in itertools.pairwise(line)}
        assert len(across) <= 1 and len(down) <= 1
        assert len({(box.width, box.height) for box in boxes}) == 1
        return
    main, *sides = boxes
    if len(sides) > 1:
        beside = sides[0].y0 == sides[1].y0
        gaps = [b.x0 - a.x1 if beside else b.y0 - a.y1 for a, b in itertools.pairwise(sides)]
        assert max(gaps) - min(gaps) <= 1 and min(gaps) > 0
        assert len({(box.width, box.height) for box in sides}) == 1
    if sides and layout.page.kind == "wide":
        assert sides[-1].y1 == main.y1, "panels end at one height"
        assert layout.ledger
        if layout.ledger.box.y1 < main.y0:  # many rows on a small page
            assert abs(layout.ledger.box.x0 - main.x0) <= 1 and sides[0].y0 - main.y0 < 60
            return
        assert abs(layout.ledger.box.x0 - sides[0].x0) <= 1
        assert abs(layout.ledger.box.y0 - main.y0) <= 1, "and begin at one"


@pytest.mark.parametrize("size", ["square", "vertical", "320x320"])
@pytest.mark.parametrize("case", ["race", "two", "twelve", "none", "typed"])
def test_pages_begin_at_one_line_on_the_left_and_rows_do_not_meet(case: str, size: str) -> None:
    _, layout = page(case, size)
    assert abs(layout.boxes[0].x0 - layout.header.title[0].x) <= 1, "the main panel where the header does"
    assert layout.ledger
    for a, b in itertools.pairwise(layout.ledger.rows):
        if a.name_at[0] == b.name_at[0]:
            low = a.details_at[1] if a.details and a.details_at[1] > a.name_at[1] else a.name_at[1]
            crowded = case == "twelve" and size == "320x320"
            assert crowded or b.name_at[1] - low >= layout.ledger.name, "a line each"


@pytest.mark.parametrize(("case", "size"), PAGES)
def test_nothing_is_near_the_edge_or_too_small(case: str, size: str) -> None:
    scene, layout = page(case, size)
    wide, high = scene.size
    least = 6 * scene.dpi / 72 if scene.dpi else 17 / 1080 * min(wide, high)
    edge = 0.005 * max(wide, high)
    for text in texts(scene):
        x0, y0, x1, y1 = bounds(text, scene.font)
        assert min(x0, y0, wide - x1, high - y1) >= edge, text
        assert text.size >= 0.999 * least, text
    for box in layout.boxes:
        assert min(box.x0, box.y0, wide - box.x1, high - box.y1) >= edge


@pytest.mark.parametrize(("case", "size"), PAGES)
def test_no_cell_and_no_large_part_of_the_page_is_empty(case: str, size: str) -> None:
    scene, layout = page(case, size)
    if scene.grid:
        left = scene.grid[0] * scene.grid[1] - len(scene.panels)
        last = layout.boxes[-1]
        assert not left or (layout.ledger and layout.ledger.box.x0 > last.x1 and layout.ledger.box.y0 >= last.y0)
    cells = 24
    unit = np.array(scene.size) / cells
    used = np.zeros((cells, cells), bool)
    ways = [(box.x0, box.y0, box.x1, box.y1) for box in layout.boxes]
    ways += [bounds(text, scene.font) for text in texts(scene)]
    ways += [(row.sample[0], row.y, row.value_at[0], row.y) for row in layout.ledger.rows] if layout.ledger else []
    for x0, y0, x1, y1 in ways:
        used[int(y0 / unit[1]) : int(y1 / unit[1]) + 1, int(x0 / unit[0]) : int(x1 / unit[0]) + 1] = True
    assert emptiest(used) <= 0.2 * used.size


def emptiest(used: np.ndarray) -> int:
    """The cells of the largest rectangle in which none is used."""
    depth, best = np.zeros(used.shape[1], int), 0
    for row in used:
        depth = np.where(row, 0, depth + 1)
        for at in range(len(depth)):
            lowest = np.minimum.accumulate(depth[at:])
            best = max(best, int((lowest * np.arange(1, len(lowest) + 1)).max()))
    return best


@pytest.mark.parametrize("case", CASES)
def test_every_language_has_the_same_places(case: str) -> None:
    for size in ("1080p", "square", "vertical"):
        found = {lang: page(case, size, lang)[1].boxes for lang in languages()}
        assert len(set(found.values())) == 1, (size, found)


@pytest.mark.parametrize("case", [case for case in CASES if case != "long"])
@pytest.mark.parametrize("lang", languages())
def test_nothing_is_cut_on_a_full_page(case: str, lang: str) -> None:
    scene, _ = page(case, "1080p", lang)
    assert not [text.text for text in texts(scene) if "…" in text.text]


def test_runs_that_leave_along_one_axis_have_a_panel_that_fills_its_place() -> None:
    far = race("saddle", ("adam", "rmsprop")).replace("steps = 20", "steps = 2000")
    scene = scene_of(api.make(api.parse_recipe(far, "far")))
    assert scene.panels[0].y.span > 4 * scene.panels[0].x.span, "or it tests nothing"
    for size in ((1920, 1080), (1080, 1080), (1080, 1920)):
        layout = arrange(dataclasses.replace(scene, size=size), Glyphs(scene.font))
        assert layout.boxes[0].width >= 0.4 * size[0]


@pytest.mark.parametrize("size", ["640x360", "square", "84mmx60mm"])
@pytest.mark.parametrize("case", ["split", "crowd", "signal"])
def test_titles_of_a_grid_are_of_one_size_and_cut_only_at_the_smallest(case: str, size: str) -> None:
    scene, layout = page(case, size, "ru")
    told = {panel.title: box for panel, box in zip(layout.panels, layout.boxes, strict=True) if panel.title}
    heads = [
        (text, box)
        for text in furniture(scene, layout)
        if isinstance(text, Text) and text.bold
        for title, box in told.items()
        if text.x == box.x0 and box.y0 - 2 * text.size < text.y < box.y0
    ]
    (large,) = {text.size for text, _ in heads}
    cut = any("…" in text.text for text, _ in heads)
    assert len(heads) == len(told) and (not cut or large == layout.cell.size(17))
    for (a, _), (b, box) in itertools.pairwise(heads):
        assert a.y != b.y or bounds(a, scene.font)[2] < box.x0, "before the next one"


def test_panels_of_a_grid_are_as_large_as_pages_and_ledgers_let_them() -> None:
    plane = Panel("main", Axis(0.0, 1.0, reach=(-0.3, 1.3)), Axis(0.0, 1.0, reach=(-0.1, 1.15)), (), aspect=1.0)
    assert grid_of([plane] * 5, (1080, 1080)) == (2, 3), "three low rows would leave half of the page to gaps"
    assert grid_of([plane] * 5, (1080, 1920)) == (3, 2)
    scene, layout = page("many", "84mmx60mm")
    assert layout.ledger is not None and layout.ledger.box.height < 0.2 * scene.size[1]
    assert all(panel.y.labelled for panel in layout.panels), "below which numbers still have room"


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_a_name_is_cut_only_where_nothing_stands_beside_it(lang: str) -> None:
    _, layout = page("split", "84mmx60mm", lang)
    assert layout.ledger is not None
    rows = layout.ledger.rows
    assert sum("…" in row.name for row in rows) <= 1
    assert all(row.sample[0] == row.sample[1] for row in rows) or not any("…" in row.name for row in rows)


def test_a_long_title_takes_two_lines_before_it_is_set_smaller() -> None:
    scene, layout = page("long", "1080p")
    lines = layout.header.title
    assert " ".join(line.text for line in lines) == scene.title and len(lines) == 2
    (short,) = page("race", "1080p")[1].header.title
    assert {line.size for line in lines} == {short.size}


def test_air_for_the_second_line_of_another_language_is_shared_out() -> None:
    titles = f'title = {{ en = "Bowl", ru = "{LONG}", kk = "Bowl" }}'
    run = api.make(api.parse_recipe(race("beale", FIVE[:2], titles), "titles"))
    plain = api.make(api.parse_recipe(race("beale", FIVE[:2], 'title = "Bowl"'), "plain"))
    layouts = [arrange(scene, Glyphs(scene.font)) for one in (run, plain) for scene in [scene_of(one)]]
    (told, alone), both = (layout.header for layout in layouts), scene_of(api.redrawn(run, {"lang": "ru"}))
    other = arrange(both, Glyphs(both.font))
    assert layouts[0].boxes == other.boxes and len(other.header.title) == 2
    more, lower = told.end - alone.end, told.title[0].y - alone.title[0].y
    assert more > told.title[0].size and lower == pytest.approx(more / 2, abs=1.5)
    assert told.counter.y == told.title[0].y and told.formula[0].y - alone.formula[0].y == pytest.approx(lower, abs=1)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("size", ["480x270", "320x320"])
def test_on_a_small_page_a_name_is_whole_and_the_rest_gives_way(size: str, lang: str) -> None:
    for case in ("two", "race"):
        scene, layout = page(case, size, lang)
        glyphs, book = Glyphs(scene.font), layout.ledger
        assert [row.name for row in book.rows] == [entry.heading for entry in scene.listed]
        for row in book.rows:
            assert row.name_at[0] + glyphs.width(row.name, book.name, True) < scene.size[0]
            assert row.sample[0] <= row.sample[1] < row.marker < row.name_at[0]


NAMES = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw")
NAMES += ("nadam", "amsgrad", "adamax", "lion")


@pytest.mark.parametrize("count", [2, 4, 8, 12])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("theme", ["light", "print"])
def test_on_paper_no_name_is_cut_and_no_row_over_another(count: int, lang: str, theme: str) -> None:
    run = gdviz.simulate("beale", [f"{name}:lr={0.001 * (n + 1):.3f}" for n, name in enumerate(NAMES[:count])], steps=9)
    told = {"lang": lang, "theme": theme, "caption": "A caption of one line"}
    scene = compose(api.redrawn(run, {"size": "84mmx60mm", **told}))
    layout = arrange(scene, glyphs := Glyphs(scene.font))
    book = layout.ledger
    assert book is not None and [row.name for row in book.rows] == [entry.heading for entry in scene.listed]
    assert min(book.name, book.value) >= 6 / 72 * scene.dpi - 1e-9
    assert not any("…" in row.details for row in book.rows if book.detailed)
    rows = sorted((row.name_at, row.value_at, row.name) for row in book.rows)
    for (a, value, name), (b, *_) in itertools.pairwise(rows):
        assert a[0] + glyphs.width(name, book.name, True) < value[0] + 1
        assert b[1] - a[1] >= book.name if a[0] == b[0] else b[0] > value[0]
    inner = layout.boxes[1]
    assert book.box.y1 < inner.y0 and inner.height > 60
    strokes = {float(one.points[0, 1]): one for one in furniture(scene, layout) if isinstance(one, Polyline)}
    for row in book.rows:  # a sample tells its dashes: all of them, and that the first comes again
        assert sum(strokes[row.y].pattern) < 0.99 * np.ptp(strokes[row.y].points[:, 0])
