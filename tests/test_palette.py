"""Colours as numbers: who is told from whom, by which sight, and what stands off the page and the field."""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import samples

from gdviz.api import make, parse_recipe, redrawn
from gdviz.artefacts import scene_of
from gdviz.draw.furniture import furniture
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.shapes import Hairlines
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs
from gdviz.scene import DASHES, MARKERS, SLOTS, THEMES, Theme, styles
from gdviz.scene.tones import ramp

SCRIPT = Path(__file__).parent.parent / "scripts" / "palette.py"
PAIRS = list(itertools.combinations(range(len(SLOTS)), 2))
ALIKE = [(i, j) for i, j in PAIRS if SLOTS[i][0] == SLOTS[j][0] or SLOTS[i][1] == SLOTS[j][1]]
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


@pytest.fixture(scope="module")
def measured() -> ModuleType:
    spec = importlib.util.spec_from_file_location("palette_search", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["palette_search"] = module
    spec.loader.exec_module(module)
    return module


def seen(measured: ModuleType, colors: tuple[str, ...], sight: str) -> np.ndarray:
    return measured.seen(np.array([measured.linear(color) for color in colors]), sight)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_of_the_standard(measured: ModuleType, one, other, apart: float) -> None:
    """From the table of Sharma, Wu & Dalal 2005, doi:10.1002/col.20070."""
    assert measured.difference(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)


def test_lightness_and_white_are_those_of_the_standard(measured: ModuleType) -> None:
    assert measured.lab(measured.linear("#ffffff")) == pytest.approx([100.0, 0.0, 0.0], abs=1e-3)
    assert measured.lab(measured.linear("#808080"))[0] == pytest.approx(53.585, abs=1e-2)
    for color in ("#d2314e", "#008ec1", "#11141b"):
        assert measured.written(measured.unlab(measured.lab(measured.linear(color)))) == color


@every_theme
@pytest.mark.parametrize("sight", ["normal", "protan", "deutan"])
def test_what_shares_a_dash_or_a_marker_differs_in_colour(measured: ModuleType, theme: Theme, sight: str) -> None:
    looks = seen(measured, theme.colors, sight)
    for i, j in ALIKE:
        assert measured.difference(looks[i], looks[j]) >= 20, (i, j)


def test_every_slot_looks_its_own_way() -> None:
    assert len(set(SLOTS)) == len(SLOTS) == 12
    assert {dash for dash, _ in SLOTS} == set(DASHES) and {marker for _, marker in SLOTS} == set(MARKERS)
    assert all(len(theme.colors) == len(SLOTS) for theme in THEMES.values())


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("sight", "first", "all_of_them"), [
    ("normal", 18, 15), ("protan", 10, 7), ("deutan", 10, 7), ("tritan", 10, 6),
])  # fmt: skip
def test_hues_are_told_apart(measured: ModuleType, name: str, sight: str, first: float, all_of_them: float) -> None:
    """The eight that are drawn most by more than the others; beside their hue all these differ in dash and marker."""
    looks = seen(measured, THEMES[name].colors, sight)
    for i, j in PAIRS:
        assert measured.difference(looks[i], looks[j]) >= (first if j < 8 else all_of_them), (i, j)


@every_theme
def test_colours_stand_off_the_page_and_the_field(measured: ModuleType, theme: Theme) -> None:
    page = measured.linear(theme.page)
    for color in theme.colors:
        assert measured.contrast(measured.linear(color), page) >= 3.0, color
    for color in (theme.ink, theme.dim):
        assert measured.contrast(measured.linear(color), page) >= 4.5, color
    grey = len(set(theme.colors)) < len(SLOTS)
    for sight in measured.SIGHTS:
        field, colors = (seen(measured, which, sight) for which in (theme.field, theme.colors))
        nearest = measured.difference(colors[:, None], field[None]).min(axis=1)
        assert nearest.min() >= (15 if grey else 18), theme.colors[int(nearest.argmin())]


@every_theme
def test_fields_are_neutral_and_even_in_lightness(measured: ModuleType, theme: Theme) -> None:
    """Deep is darker in every theme; no step stands out, and none has a hue of its own."""
    looks = seen(measured, theme.field, "normal")
    steps = np.diff(looks[:, 0])
    assert (steps > 0).all() and steps.max() <= 1.25 * steps.mean() and steps.min() >= 0.75 * steps.mean()
    assert np.hypot(looks[:, 1], looks[:, 2]).max() <= 9
    parts = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in theme.field]
    assert len({(green - red, blue - red) for red, green, blue in parts}) == 1, "rounded tones would be of many hues"
    turns = np.linspace(0, 1, 200)
    between = np.stack([np.interp(turns, np.linspace(0, 1, len(looks)), part) for part in looks.T], axis=1)
    assert (np.diff(between[:, 0]) > 0).all()


@pytest.mark.parametrize("made", [samples.race, samples.rates, samples.valley])
def test_lines_on_paper_are_half_a_point_wide(made) -> None:
    """On 84 mm, the column of a journal, at 300 pixels an inch."""
    scene = dataclasses.replace(made("en", "print", (992, 709)), dpi=300.0)
    layout = arrange(scene, glyphs := Glyphs(None))
    drawn = [shape for shape in furniture(scene, layout) if isinstance(shape, Hairlines)]
    widths = [shape.width for shape in drawn]
    for panel, box in zip(layout.panels, layout.boxes, strict=True):
        stage = Stage(scene, layout, Place(panel, box), glyphs)
        widths += [2 * trail.radius for trail in stage.trails]
    assert drawn and min(widths) * 72 / 300 >= 0.5 - 1e-9


def test_print_names_its_axes() -> None:
    run = make(parse_recipe('landscape = "beale"\nsteps = 3\noptimizer = [{name = "gd", lr = 0.01}]', "a test"))
    for theme in THEMES:
        panels = scene_of(redrawn(run, {"theme": theme})).panels
        named = [(panel.area, panel.x.label, panel.y.label) for panel in panels if panel.area != "side"]
        assert named[0] == ("main", *(("$x$", "$y$") if theme == "print" else ("", "")))
        assert not any(x or y for _, x, y in named[1:]), "what is laid into a panel has its axes"
        assert all(panel.x.label for panel in panels if panel.area == "side")


def test_print_is_grey() -> None:
    theme = THEMES["print"]
    for color in (*theme.colors, *theme.field, theme.page, theme.ink, theme.dim, theme.grid, theme.level, theme.halo):
        assert color[1:3] == color[3:5] == color[5:7]


def test_styles_are_canonical_and_never_shared() -> None:
    light = THEMES["light"]
    alone = styles([6], ["adam"], light)[0]
    assert styles([0, 6], ["gd", "adam"], light)[1] == alone
    strangers = styles([None, 2, None, 5], ["mine", "nesterov", "yours", "adadelta"], light)
    assert strangers[1] == styles([2], ["nesterov"], light)[0]
    assert len({style.color for style in strangers}) == 4
    for slots, families in (
        ([0] * 12, ["gd"] * 12),
        ([0, 0, 0, 6, 6, 4, 4, 2], ["gd"] * 3 + ["adam"] * 2 + ["rmsprop"] * 2 + ["nesterov"]),
        ([None] * 12, list("abcdefghijkl")),
        ([*range(8), *[None] * 4], list("abcdefghijkl")),
    ):
        found = styles(slots, families, light)
        assert len({(style.dash, style.marker) for style in found}) == len(slots), families
    assert len(styles([None] * 20, [str(n) for n in range(20)], light)) == 20


def test_repeats_take_free_slots_after_canonical_ones() -> None:
    light = THEMES["light"]
    rates = styles([0] * 5, ["gd"] * 5, light)
    assert [style.color for style in rates] == list(light.colors[:5])
    mixed = styles([0, 0, None, 1, 0], ["gd", "gd", "mine", "momentum", "gd"], light)
    assert [style.color for style in mixed] == [light.colors[slot] for slot in (0, 3, 2, 1, 4)]
    # with no slot left a repeat keeps its hue in another shade, and nobody looks like another
    crowd = styles([*range(8), *[None] * 4, 0, 6, 0, None], [*"abcdefghijkl", "a", "g", "a", "new"], light)
    assert [style.color for style in crowd[:12]] == list(light.colors)
    assert len({(style.color, style.dash, style.marker) for style in crowd}) == 16
    assert len({(style.dash, style.marker) for style in crowd}) == 16
    assert len({style.color for style in crowd if style.color in light.colors}) == 12


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_basins_are_told_apart_by_every_sight(theme: str, measured: ModuleType) -> None:
    look, shares = THEMES[theme].maps, [0, 64, 128, 191, 255]
    light = [
        np.array([measured.linear(f"#{bytes(color.tolist()).hex()}") for color in ramp(hue, look.span)[shares]])
        for hue in look.hues
    ]
    for sight in measured.SIGHTS:
        seen = [measured.lab(one) if sight == "normal" else measured.seen(one, sight) for one in light]
        far = {(i, j): measured.difference(seen[i], seen[j]).min() for i, j in itertools.combinations(range(8), 2)}
        assert min(far.values()) >= 10
        assert min(value for (_, j), value in far.items() if j < 4) >= 13


def test_light_alone_tells_how_soon_in_every_theme(measured: ModuleType) -> None:
    for look in (theme.maps for theme in THEMES.values()):
        spans = [*((one, look.span) for one in (*look.hues, look.rest)), *((one, look.fine) for one in look.inks)]
        for hue, span in spans:
            colors = [measured.linear(f"#{bytes(color.tolist()).hex()}") for color in ramp(hue, span)]
            light = measured.lab(np.array(colors))[:, 0]
            assert np.diff(light).min() > -0.4
            assert light[-1] - light[0] == pytest.approx(2 * span, abs=1)
