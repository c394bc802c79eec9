"""Minima that are not isolated are lines, not heaps of points; lists of stationary points are whole or say so."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gdviz import api
from gdviz.about import description
from gdviz.analyse import minima, survey
from gdviz.compose.race import compose
from gdviz.draw.layers.valleys import valleys
from gdviz.draw.shapes import Dots
from gdviz.formula.typed import parse
from gdviz.lang import languages, texts
from gdviz.recipe.recipe import Recipe
from gdviz.scene import Marks, Valleys


def surveyed(text, domain=None):
    return survey(parse(text), domain=domain)


def ends(line):
    """Both ends, in an order that does not depend on where the line was found."""
    return sorted(tuple(np.round(end, 2) + 0.0) for end in (line.x[0], line.x[-1]))


@pytest.mark.parametrize(
    ("text", "count", "distance"),
    [
        ("(x+y)^2", 1, lambda x, y: x + y),
        ("(x+y)^4 + 5", 1, lambda x, y: x + y),
        ("(x*y-1)^2", 2, lambda x, y: x * y - 1),
        ("(x^2+y^2-1)^2", 1, lambda x, y: x * x + y * y - 1),
        ("x^2*y^2", 2, lambda x, y: np.minimum(abs(x), abs(y))),
        ("x^2*y^2*(x-y)^2", 3, lambda x, y: x * y * (x - y)),
        ("1e-12*(x+2*y-1)^2", 1, lambda x, y: x + 2 * y - 1),
        ("abs(x*y)", 2, lambda x, y: x * y),
        ("abs(x+y)", 1, lambda x, y: x + y),
        ("sqrt(abs(x*y))", 2, lambda x, y: x * y),
        ("abs(x^2+y^2-1)", 1, lambda x, y: x * x + y * y - 1),
        ("x^2*abs(y)", 2, lambda x, y: x * y),
        ("(x^2-y^3)^2", 2, lambda x, y: x * x - y**3),
    ],
)
def test_valleys_are_followed_from_end_to_end(text, count, distance):
    found = surveyed(text)
    lines = [line for line in found.lines if line.kind == "minimum"]
    assert len(lines) == count == len(found.lines)
    for line in lines:
        assert np.abs(distance(*line.x.T)).max() < 1e-9
        steps = np.hypot(*np.diff(line.x, axis=0).T)
        assert steps.max() <= 0.0092 * 6
        assert line.closed or (np.abs(line.x[[0, -1]]).max(axis=1) > 2.99).any()
        assert np.allclose(parse(text).function(*line.x[3]), line.value, atol=1e-7)
    assert not any(point.lowest for point in found.points), "and no star on them"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("exp(20*x)+y^2", None),
        ("exp(2000*x)+y^2", None),
        ("exp(20*(x+y))+(x-y)^2", None),
        ("exp(x)+y^2", [(-100.0, -50.0), (-3.0, 3.0)]),
        ("1/x+y^2", None),
        ("x+y", None),
    ],
)
def test_what_merely_underflows_is_no_minimum(text, domain):
    found = surveyed(text, domain)
    assert found.points == () and found.lines == ()


@pytest.mark.parametrize(
    ("text", "kind", "lowest"),
    [
        ("x^20+y^2", "degenerate", True),
        ("x^21+y^2", "degenerate", False),
        ("x^20", "degenerate", True),
        ("exp(-1/(x^2+1e-300))+y^2", "degenerate", True),
        ("1e-12*(x^2+y^2)", "minimum", True),
        ("1e-15*(x^2-3*y^2)", "saddle", False),
        ("sin(x)/x+y^2", "saddle", False),
    ],
)
def test_one_flat_or_tiny_or_removable_point_is_one_point(text, kind, lowest):
    points = surveyed(text).points
    near = [point for point in points if point.kind == kind]
    assert len(near) == 1 and near[0].lowest == lowest
    assert kind == "minimum" or np.abs(near[0].x).max() < 1e-9


def test_the_curvature_where_a_formula_is_nothing_over_nothing_is_its_limit():
    (point,) = surveyed("sin(x)/x+y^2").points
    assert point.x == (0.0, 0.0) and point.value == pytest.approx(1.0)
    assert point.eigenvalues == pytest.approx((-1 / 3, 2.0), rel=1e-5)
    (point,) = surveyed("3*x*y+y^2-2*sin(x)/x").points
    exact = np.linalg.eigvalsh([[2 / 3, 3.0], [3.0, 2.0]])
    assert point.kind == "saddle" and point.eigenvalues == pytest.approx(tuple(exact), rel=1e-5)


def test_units_of_coordinates_do_not_matter():
    stretched = surveyed("(x*y/1e6-1)^2", [(-3e6, 3e6), (-3.0, 3.0)])
    assert len(stretched.lines) == 2 and [point.kind for point in stretched.points] == ["saddle"]
    kinked = surveyed("abs(x/1e6-y)+abs(x/1e6+y-1)", [(-3e6, 3e6), (-3.0, 3.0)])
    assert [point.x for point in kinked.points if point.lowest] == [pytest.approx((5e5, 0.5))]


@pytest.mark.parametrize(("text", "minima", "others"), [("cos(500*x)+y^2", 478, 477), ("y^2-2*cos(300*x+1)", 287, 286)])
def test_short_waves_are_all_found(text, minima, others):
    found = surveyed(text)
    kinds = [point.kind for point in found.points]
    assert (kinds.count("minimum"), kinds.count("saddle")) == (minima, others) and found.gaps == ()


@pytest.mark.parametrize(
    ("text", "short"),
    [("(1-cos(x))/x^2", True), ("-abs(x)", True), ("1/x^2", True)]
    + [(text, False) for text in ("x^3-x", "abs(x)", "sin(x)/x", "1/x", "tan(x)", "log(x)", "x*sin(5*x)")],
)
def test_slopes_at_both_ends_tell_of_a_missing_point_on_a_line(text, short):
    assert ("missing" in " ".join(surveyed(text).gaps)) is short


@pytest.mark.parametrize(
    "text", ["x^2-y^2", "sin(x)*sin(y)", "x*y/(x^2+y^2+1)", "(x^2+y^2-1)^2+0.01*x", "sin(x)/x+y^2"]
)
def test_whole_lists_are_not_said_to_lack_a_point(text):
    assert surveyed(text).points and surveyed(text).gaps == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cos(500*x)+cos(500*y)", "955 times along x and 955 times along y"),
        ("cos(8e3*x)+y^2", "along x and 1 times along y, more often than the grid"),
        pytest.param(
            *("cos(1e6*x)+y^2", "along x and 1 times along y, more often than the grid"), marks=pytest.mark.exhaustive
        ),
        ("max(x^2+y^2-1,0)", "flat regions"),
        ("(1-cos(x))/x^2-y^2", "a point that is missing"),  # a maximum along x where it is 0/0
        ("(1-cos(y))/y^2+x^2", "a point that is missing"),
        ("(x^2+y^2-1)^2+1e-6*x", "a point that is missing"),
        ("-sqrt(x^2+y^2)", "one at a kink"),
        ("1/(x^2+y^2)", "where the formula has no value"),
        ("max(abs(x)-1,0)", "flat regions"),
        ("(x^2+y^2-1)^2+1e-11*x", "too level"),
    ],
)
def test_what_is_left_out_is_said(text, reason):
    said = [line for line in description.lines(parse(text)) if line.startswith("Not complete: ")]
    assert any(reason in line for line in said)


@pytest.mark.parametrize("text", ["(x+y)^2", "abs(x-2*y)"])
def test_a_line_that_is_left_before_its_end_is_told(text, monkeypatch):
    said = "goes on beyond where following it was given up"
    assert said not in "\n".join(description.lines(parse(text)))
    monkeypatch.setattr("gdviz.analyse.lines.STEPS", 20)
    told = "\n".join(description.lines(parse(text)))
    assert "line of minima" in told and f"Not complete: a line of stationary points {said}." in told


def test_lists_name_lines():
    assert len(minima(parse("(x+y)^2"))) == 0
    told = "\n".join(description.lines(parse("x^2*y^2")))
    assert "no isolated stationary point" in told
    assert "line of minima, from (-3, 0) to (3, 0), value 0" in told and "degenerate" not in told
    assert "line of minima, closed, through" in "\n".join(description.lines(parse("(x^2+y^2-1)^2")))
    assert "line of maxima" in "\n".join(description.lines(parse("3-(x-y)^2")))
    assert "line of minima at a kink" in "\n".join(description.lines(parse("abs(x-y)")))


@pytest.mark.parametrize(("text", "rest"), [("x^2*y^2", "1 more line"), ("x^2*y^2*(x-y)^2", "2 more lines")])
def test_lines_that_are_not_listed_are_counted(text, rest, monkeypatch):
    monkeypatch.setattr(description, "LISTED", 1)
    assert f"and {rest}, none lower" in list(description.lines(parse(text)))


def scene_of(text, **look):
    recipe = Recipe(formula=text, steps=3, start=[(-2.0, 1.0)], optimizer=[{"name": "gd", "lr": 0.001}], **look)
    return compose(api.run(recipe))


@pytest.mark.parametrize("text", ["(x+y)^2", "x^2*y^2", "abs(x-2*y)"])
def test_a_valley_is_drawn_as_a_line_and_named(text):
    scene = scene_of(text)
    layers = scene.panels[0].layers
    (valley,) = [layer for layer in layers if isinstance(layer, Valleys)]
    low, high = np.array([scene.panels[0].x.reach, scene.panels[0].y.reach]).T
    for line in valley.lines:  # to the edge of what may come into view, and not beyond it
        assert (np.minimum(line[[0, -1]] - low, high - line[[0, -1]]).min(axis=1) < 0.04).all()
        assert (line >= low - 1e-9).all() and (line <= high + 1e-9).all()
    assert all(not len(layer.points) for layer in layers if isinstance(layer, Marks) and layer.kind != "start")
    for lang in languages():
        assert scene_of(text, lang=lang).caption == texts(lang).text("valley")


def test_a_star_beside_a_valley_that_is_lower_is_a_lesser_one():
    (panel, *_) = scene_of("(x-1)^2*((x+1)^2+y^2+0.1)", domain="whole").panels
    marks = {m.kind: m.points for m in panel.layers if isinstance(m, Marks)}
    assert len(marks["minimum"]) == 0 and len(marks["local"]) == 1
    assert [point for point in scene_of("exp(20*x)+y^2").panels[0].layers if isinstance(point, Valleys)] == []


def test_dots_of_a_valley_stay_in_their_panel():
    from gdviz.draw.places import Place
    from gdviz.draw.shapes import Box
    from gdviz.scene import THEMES

    panel = scene_of("(x+y)^2").panels[0]
    panel = dataclasses.replace(panel, layers=())
    place = Place(panel, Box(100, 50, 500, 450))
    layer = Valleys((np.array([[-9.0, 9.0], [9.0, -9.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])))
    rim, dots = valleys(layer, place, THEMES["light"], 2.0)
    assert isinstance(dots, Dots) and np.array_equal(rim.points, dots.points)
    assert ((dots.points >= (100, 50)) & (dots.points <= (500, 450))).all() and len(dots.points) > 40


@pytest.mark.parametrize(
    ("text", "place"), [("sin({r})/({r})", (0.0, 0.0)), ("sin({r}-y+1/4)/({r}-y+1/4)", (0.0, 0.5))]
)
def test_a_heap_of_points_amid_rounding_is_one(text, place):
    """sin(r²)/r² is 1 - r⁴/6 + … beside its top, which is level, and not stationary again before r² is 4.49."""
    found = survey(parse(text.format(r="x^2+y^2")))
    (point,) = found.points
    assert point.x == place and point.kind == "degenerate" and not point.lowest
    assert point.value == pytest.approx(1, abs=1e-12) and found.lines


@pytest.mark.parametrize("text", ["abs(x)-y^2", "abs(x-1)-2*abs(y+1/2)", "abs(x+y)-(x-y)^2"])
def test_ways_beside_a_saddle_at_a_kink_are_no_lines(text):
    """There the gradient is nowhere 0, and f is lowest along no line: down, it goes along the kink."""
    found = survey(parse(text))
    assert found.lines == () and not any(point.lowest for point in found.points)
