"""Beside poles: levels that show the rest of a field, and no line from one side to the other."""

from __future__ import annotations

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.analyse.poles import is_unbounded, poles
from gdviz.compose.chart import compose as compose_chart
from gdviz.compose.race import compose
from gdviz.compose.ranges import level_heights
from gdviz.draw.layers.curve import graph
from gdviz.draw.layers.levels import levels
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.render import Renderer
from gdviz.draw.shapes import Box, Hairlines, rgb
from gdviz.draw.text import Glyphs
from gdviz.formula.typed import parse
from gdviz.lang import texts
from gdviz.objectives.landscape import derive
from gdviz.recipe.recipe import Recipe
from gdviz.runs.curves import curves
from gdviz.scene import THEMES, Curve, Field, Levels, Trails


def sampled(text, count=481):
    value = derive(parse(text), 1).value
    x = np.linspace(-3.0, 3.0, count)
    return value, x, np.asarray(value(x))


@pytest.mark.parametrize("count", [480, 481, 960])
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("1/x", [0.0]),
        ("1/x + 1000", [0.0]),
        ("tan(x)", [-np.pi / 2, np.pi / 2]),
        ("1/(x-0.123)", [0.123]),
        ("x/(x^2-2)", [-(2**0.5), 2**0.5]),
    ],
)
def test_poles_are_found_between_samples_and_on_them(text, places, count):
    value, x, y = sampled(text, count)
    (found,) = poles(value, (x,), y)
    middles = (x[:-1] + x[1:])[found] / 2
    for place in places:
        assert np.abs(middles - place).min() <= x[1] - x[0]
    assert all(np.abs(np.array(places) - middle).min() <= x[1] - x[0] for middle in middles)
    assert is_unbounded(value, (x,), y)


@pytest.mark.parametrize("text", ["tanh(1e5*x)", "floor(x)", "sin(50*x)", "exp(-1e4*x^2)", "exp(3*x)", "abs(x)"])
def test_cliffs_and_peaks_are_no_poles(text):
    value, x, y = sampled(text)
    assert not poles(value, (x,), y)[0].any() and not is_unbounded(value, (x,), y)


@pytest.mark.parametrize("text", ["1/x^2", "1/sqrt(abs(x))", "1/abs(x-0.1234)"])
def test_poles_that_rise_on_both_sides_part_nothing(text):
    value, x, y = sampled(text)
    assert not poles(value, (x,), y)[0].any() and is_unbounded(value, (x,), y)


def scene_of(text, **look):
    recipe = Recipe(formula=text, steps=3, optimizer=[{"name": "gd", "lr": 0.001}], **look)
    return compose(api.run(recipe))


@pytest.mark.parametrize("text", ["1/x+y^2", "tan(x)+y^2", "1/(x^2+y^2)", "y/(x^2+y^2-1)"])
def test_a_pole_leaves_the_rest_of_the_field_its_levels(text):
    field = next(layer for layer in scene_of(text).panels[0].layers if isinstance(layer, Field))
    inside = field.z[np.abs(field.y) <= 3][:, np.abs(field.x) <= 3]
    share = np.bincount(np.searchsorted(field.levels, inside[np.isfinite(inside)])) / inside.size
    assert share.max() < 0.25 and len(field.levels) > 15


@pytest.mark.parametrize("text", ["exp(20*x)+y^2", "exp(-12*y)+x^2+y^2"])
def test_a_cliff_leaves_the_plain_its_levels_and_no_bundle_beyond(text):
    layers = scene_of(text, start=[[-1.0, 1.0]]).panels[0].layers
    field = next(layer for layer in layers if isinstance(layer, Field))
    drawn = next(layer for layer in layers if isinstance(layer, Levels)).levels
    inside = field.z[np.abs(field.y) <= 3][:, np.abs(field.x) <= 3]
    assert np.array_equal(drawn, level_heights(inside, "quantile"))
    assert (drawn < 10).sum() > 5, "a good part of the field is lower than that"


@pytest.mark.parametrize("text", ["1e4*exp(-100*(x^2+y^2))", "exp(-100*(x^2+y^2))+exp(-50*(x-1)^2-50*y^2)"])
def test_the_tail_of_a_peak_takes_no_levels_from_it(text):
    x = np.linspace(-3.0, 3.0, 200)
    z = derive(parse(text), 2).value(x[None, :], x[:, None])
    assert np.array_equal(level_heights(z, None), level_heights(z, "log"))


@pytest.mark.parametrize("text", ["x^2+y^2", "-exp(-1000*((x-1)^2+y^2))", "exp(-x^2-y^2)", "tanh(9*x)+y^2/9"])
def test_a_field_without_poles_keeps_its_levels(text):
    layers = scene_of(text, start=[[0.9, 0.1]]).panels[0].layers
    field = next(layer for layer in layers if isinstance(layer, Field))
    inside = field.z[np.abs(field.y) <= 3][:, np.abs(field.x) <= 3]
    asked = level_heights(inside, None)
    assert np.array_equal(field.levels, asked[(asked > field.z.min()) & (asked < field.z.max())])
    assert next(layer for layer in layers if isinstance(layer, Levels)).cut is None


@pytest.mark.parametrize(("text", "places"), [("1/x+y^2", [0.0]), ("tan(x)+y^2", [-np.pi / 2, np.pi / 2])])
def test_no_level_line_runs_along_a_pole(text, places):
    panel = scene_of(text).panels[0]
    place = Place(panel, Box(0, 0, 600, 600))
    layer = next(layer for layer in panel.layers if isinstance(layer, Levels))
    lines = next(
        shape for shape in levels(layer, place, THEMES["light"], 1.0, 10.0, None) if isinstance(shape, Hairlines)
    )
    near = [abs(place.x_values(points[:, :1] / 600) - pole).min() for points in lines.lines for pole in places]
    assert len(lines.lines) > 15 and min(near) > 0.009


@pytest.mark.parametrize(("text", "parts"), [("1/x", 2), ("tan(x)", 3), ("x^2", 1), ("1/x^2", 1)])
def test_the_graph_of_a_landscape_is_parted_at_poles(text, parts):
    panel = scene_of(text, start=[[2.0]]).panels[0]
    layer = next(layer for layer in panel.layers if isinstance(layer, Curve))
    shapes = graph(layer, Place(panel, Box(0, 0, 600, 400)), THEMES["light"], 2.0, (8.0, 1.0))
    (lines,) = (shape for shape in shapes if isinstance(shape, Hairlines))
    assert len(lines.lines) == parts
    assert panel.y.high - panel.y.low < 60, "the axis is not ruled by what stands beside the pole"


def chart_of(*texts, **options):
    return curves(Recipe(chart={"curve": [{"formula": text} for text in texts], **options}))


@pytest.mark.parametrize(("text", "count"), [("1/x", 1), ("tan(x)", 2), ("exp(x)", 0)])
def test_curves_of_charts_are_parted_at_poles(text, count):
    made = chart_of(text, "x")
    (panel,) = compose_chart(made).panels
    track, straight = next(layer for layer in panel.layers if isinstance(layer, Trails)).tracks
    places = made.x[list(track.breaks)]
    assert straight.breaks == () and len(np.unique(np.round(places, 1))) == count
    steps = np.diff(made.y[0])
    joined = np.delete(steps, np.array(track.breaks, int) - 1)
    assert count == 0 or (joined[np.isfinite(joined)] > 0).all() == (text == "tan(x)")
    assert panel.y.high < 25


def test_a_chart_keeps_what_has_no_pole_whole():
    (panel,) = compose_chart(chart_of("exp(x)", range=[0.0, 100.0])).panels
    assert panel.y.high > np.exp(100)
    (panel,) = compose_chart(chart_of("1/x", range=[0.001, 10.0], log="xy")).panels
    assert panel.y.high > 1000


@pytest.mark.parametrize(("text", "pole"), [("1/x", 0.0), ("1/(1-x)", 1.0)])
def test_no_pixel_of_a_curve_stands_on_a_pole(text, pole):
    scene = compose_chart(chart_of(text))
    frame, (box,) = Renderer(scene).at(scene.records - 1), arrange(scene, Glyphs(scene.font)).boxes
    column = box.x0 + round((pole + 3) / 6 * box.width)
    beside = frame[box.y0 : box.y1, column - 3 : column + 4].astype(int)
    curve = np.ptp(beside, axis=2) > 60  # ink and grid are grey
    assert not curve.any()
    assert (np.ptp(frame[box.y0 : box.y1, box.x0 : box.x1].astype(int), axis=2) > 60).any()


@pytest.mark.parametrize(
    ("text", "cut"),
    [("1/x", (True, True)), ("tan(x)", (True, True)), ("1/x^2", (False, True)), ("-1/abs(x-0.3)", (True, False)),
     ("x^2", (False, False)), ("exp(3*x)", (False, False))],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_an_axis_that_is_cut_says_so(text, cut, lang):
    said = texts(lang).text("axis_cut")
    run = scene_of(text, start=[[2.0]], lang=lang)
    drawn = compose_chart(curves(Recipe(chart={"curve": [{"formula": text}]}, lang=lang)))
    assert run.panels[0].y.cut == cut == drawn.panels[0].y.cut
    assert (said in run.caption) == any(any(panel.y.cut) for panel in run.panels)
    assert any(cut) == (drawn.caption == said)
    assert scene_of(text, start=[[2.0]], caption="as it is").caption == "as it is"


@pytest.mark.parametrize(
    ("formula", "start", "rule", "cut"),
    [
        ("1/x+y^2", (-0.7, 1.5), "gd:lr=0.3528", (False, True)),  # lands close beside the pole, and goes on
        ("1/x+y^2", (1.0, 1.0), "gd:lr=0.25", (False, False)),
        ("x^2+y^2", (1.0, 1.0), "gd:lr=1.2", (False, False)),  # diverges, which its arrow tells
        ("x^2+y^2", (1.0, 1.0), "gd:lr=0.45", (True, False)),  # stays below
        ("(1-x)^2+100*(y-x^2)^2", (-1.5, 2.0), "newton", (True, True)),  # beyond the view, and back; ends at 0
    ],
)
def test_a_loss_axis_is_cut_where_a_run_goes_beyond_it(formula, start, rule, cut):
    run = gdviz.simulate(formula, [rule], start=[start], steps=40)
    scene = compose(run)
    loss = scene.panels[1].y
    assert loss.cut == cut and (run.f > loss.high).any() == (cut[1] or run.status[0, 0] == "diverged")
    assert loss.beyond == (run.f.min() if cut[0] else None, run.f.max() if cut[1] else None)
    assert ("Break" in scene.caption) == any(cut)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_cut_axis_bears_a_break_at_that_end(theme):
    """A piece of the axis with two strokes across it, and the page between them."""
    for text, ends in (("1/x^2", (False, True)), ("-1/x^2", (True, False)), ("x^2", (False, False))):
        scene = scene_of(text, start=[[2.0]], theme=theme, size="1920x1080")
        renderer = Renderer(scene)
        pixels, box = renderer.at(0), renderer._set.layout.boxes[0]
        for cut, (y0, y1) in zip(ends, ((box.y1 - 40, box.y1 - 8), (box.y0 + 8, box.y0 + 40)), strict=True):
            for x in (box.x0, box.x1):
                assert len(across(pixels, x, y0, y1, scene.theme)) == (2 if cut else 0), (text, cut)


def across(pixels, x, y0, y1, theme):
    """Runs of rows of the axis's colour in a column."""
    dim, column = np.array(rgb(theme.dim), int), pixels[y0:y1, x].astype(int)
    ink = np.abs(column - dim).max(axis=1) < 60
    return np.flatnonzero(np.diff(ink.astype(int), prepend=0) > 0)
