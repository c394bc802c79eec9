"""Axes of quantities against the step: which scale, how far, and what they say of what lies beyond."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.compose.race import compose
from gdviz.compose.values import PRESSED, value_axis, with_cut
from gdviz.draw.axes import axes_of
from gdviz.draw.edges import end_labels
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.shapes import Text
from gdviz.draw.text import Glyphs
from gdviz.draw.ticks import ticks
from gdviz.recipe.recipe import validate
from gdviz.scene import Axis

K = np.arange(301.0)


def curves(*rows: object) -> np.ndarray:
    """Rows of records as float64[optimizer, start, record]."""
    return np.array(rows, np.float64)[:, None, :]


def shares(axis: Axis, values: np.ndarray) -> float:
    """How much of the axis the values fill, at most all of it."""
    places = axis.fraction(values[np.isfinite(values)])
    return float(np.ptp(np.clip(places, 0.0, 1.0)))


def test_the_scale_follows_from_the_values() -> None:
    decay = (0.5 ** np.arange(20.0))[None, None]
    assert value_axis(decay).scale == "log" and value_axis(decay).low < decay.min()
    deep = (0.1 ** np.arange(40.0))[None, None]
    assert value_axis(deep).low > 1e-10  # the curve leaves the panel instead of flattening the others
    assert value_axis(-decay).scale == "linear"
    assert value_axis(1 + decay).scale == "linear"
    assert value_axis(np.zeros((1, 1, 3))).low < 0 < value_axis(np.zeros((1, 1, 3))).high
    assert value_axis(np.full((1, 1, 3), np.nan)).low < value_axis(np.full((1, 1, 3), np.nan)).high
    assert value_axis(curves(1e4 * 0.97**K - 3)).scale == "symlog"
    assert value_axis(curves(40 * 0.97**K - 3)).scale == "linear"
    assert value_axis(curves(1e4 * 0.97**K - 3), scale="linear").scale == "linear"
    assert value_axis(curves(8 * 0.9**K - 0.06, 8 * 0.9**K - 6)).scale == "linear", "one ends far from 0"
    few = curves(10 - 5 * (1 - 0.9**K), 10 - 4 * (1 - 0.9**K), 10 * 0.8**K + 1e-4)
    assert (value_axis(few).scale, with_cut(value_axis(few), few).cut) == ("linear", (False, False))


def test_decades_are_for_ends_that_a_fall_presses_together() -> None:
    high = [8 * 0.7**K + end for end in (0.25, 0.3, 0.31, 0.56)]
    values = curves(*high, 8 * 0.93**K)
    axis = value_axis(values)
    assert axis.scale == "log" and with_cut(axis, values).cut == (True, False) and shares(axis, values[:4]) >= 0.2
    low = curves(*(8 * 0.7**K + 10 * end for end in (0.25, 0.3, 0.31, 0.56)), 8 * 0.93**K)
    assert value_axis(low).scale == "linear", "these ends stand apart"


def test_an_axis_of_decades_goes_down_to_the_end_of_the_best() -> None:
    slow = 30 * 0.9 ** K[:101]
    for best in (1e-11, 1e-14):
        values = curves(slow, np.geomspace(30, best, 101))
        values[1, 0, 60] = best / 50  # as oscillations have
        axis = value_axis(values)
        assert with_cut(axis, values).cut == (False, False) and shares(axis, values[:1]) >= 0.2
        values[1, 0, 60] = best / 500
        assert with_cut(value_axis(values), values).cut == (True, False)
    for last in (0.0, 1e-19):  # exact, or nearer than float64 tells numbers of this size apart
        values = curves(slow, np.append(np.geomspace(30, 1e-20, 101)[:-1], last))
        axis = value_axis(values)
        assert axis.low > 1e-10 and with_cut(axis, values).cut == (True, False)


SLOW = [3 * 0.9**n * 0.99**K for n in range(4)]


@pytest.mark.parametrize(
    "far",
    [3 * 0.75**K, 3 * 0.9**K, 3 * np.minimum(1.007**K, 9.5), np.where(K > 40, 1e-11, 3), np.where(K > 200, 0.0, 3.0)],
)
@pytest.mark.parametrize("others", [1, 2, 4])
@pytest.mark.parametrize("scale", [None, "linear", "log", "symlog"])
def test_no_run_presses_the_others_into_a_fifth_of_the_axis(far: np.ndarray, others: int, scale: str | None) -> None:
    values = curves(*SLOW[:others], far)
    axis = value_axis(values, scale=scale)
    if others == 1 and axis.scale == "linear":  # how little the other does is to be seen
        assert axis.low < values.min() and axis.high > values.max()
    else:
        assert shares(axis, values[:others]) >= 0.2
    cut = with_cut(axis, values, told=True)
    for end, beyond, told in zip((values.min(), -values.max()), (axis.low, -axis.high), cut.beyond, strict=True):
        assert (told is None) == (end >= beyond) and (told is None or abs(told) == abs(end))


def test_axes_of_every_two_scales_of_curves_hold_them_apart() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        values = 10 ** rng.uniform(-9, 5, (4, 1, 1)) * 10 ** (-rng.uniform(0, 0.05, (4, 1, 1)) * K)
        axis = value_axis(values)
        held = sorted(shares(axis, row) for row in values)
        assert axis.low < axis.high and held[-1] >= PRESSED / 2


def test_a_fall_in_the_first_steps_leaves_the_rest_to_be_seen() -> None:
    for size in (1.0, 1e5):
        later = size * (1 + 0.9**K), size * 2 * 0.999**K
        values = curves(*(np.where(K < 3, 1e5 * size, row) for row in later))
        axis = value_axis(values)
        assert shares(axis, values[..., 15:]) >= 0.3 and axis.high < values.max()
        assert with_cut(axis, values, told=True).beyond == (None, values.max())
    level = curves(np.where(K < 3, 100.0, 1.0))
    assert value_axis(level).high > 100, "there is nothing to be seen in a level curve"


def test_most_curves_rule() -> None:
    few = curves(*SLOW[:3], 3 * 0.6**K, 2 * 0.5**K)
    assert shares(value_axis(few), few[:3]) >= 0.2, "two of five"
    half = curves(*SLOW[:2], 3 * 0.6**K, 2 * 0.5**K)
    assert shares(value_axis(half), half[2:]) > 0.9, "two of four are no exception"
    near = curves(3 * 0.98**K, 3 * 0.97**K)
    assert with_cut(value_axis(near), near).cut == (False, False)


def test_a_group_of_runs_has_its_decades() -> None:
    low = [300 * 0.93**K + 0.002 * n for n in (1, 2)]
    high = [(300 - level) * 0.8**K + level for level in (4.5, 5.0, 5.5, 6.0)]
    for far in (low, [*low, 0.98 + 200 * 0.9**K]):
        axis = value_axis(values := curves(*high, *far))
        assert axis.scale == "log" and axis.low < values.min()
    deep = [300 * 0.5**K for _ in low]
    axis = value_axis(values := curves(*high, *deep))
    assert axis.scale == "log" and shares(axis, values[:4]) >= 0.2 and axis.low < 0.01, "but not all of them"
    near = curves(*high, 300 * 0.8**K + 2.0)
    assert value_axis(near[..., 30:]).scale == "linear", "ends within a decade"


@pytest.mark.parametrize(("rate", "last"), [(0.1, 6.0), (0.001, 300.0)])
def test_an_axis_of_steps_ends_with_the_last_run(rate: float, last: float) -> None:
    rules = [f"gd:lr={rate}", f"adam:lr={rate}"]
    run = gdviz.simulate("sqrt(4-x^2-y^2)+0.3*x", rules, start=[(1.0, 1.0)], steps=300)
    loss = compose(api.redrawn(run, {})).panels[1]
    stop = float(run.stopped_at.max())
    assert stop <= loss.x.high <= max(1.2 * stop, stop + 1) and loss.x.high == last


@pytest.mark.parametrize("size", ["640x360", "540x960"])
def test_numbers_below_an_axis_stay_under_their_panel(size: str) -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.3"], steps=500)
    scene = compose(api.redrawn(run, {"size": size}))
    layout = arrange(scene, glyphs := Glyphs(scene.font))
    for place in map(Place, layout.panels, layout.boxes):
        found = [one for one in axes_of(scene, layout, place) if isinstance(one, Text) and one.align == "center"]
        found = [one for one in found if not one.turned]
        rows = [(one.x - half, one.x + half) for one in found for half in [glyphs.width(one.text, one.size, False) / 2]]
        assert len(rows) >= 2 and max(right for _, right in rows) <= place.box.x1 + 0.5
        assert min(left for left, _ in rows) > place.box.x0 - layout.cell.size(21)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(sorted(rows)))


@pytest.mark.parametrize(
    ("values", "beyond"),
    [
        ([1.0, 0.5, 11.0, 0.4], (None, 11.0)),
        ([1.0, np.inf, 0.5, np.nan], (None, np.inf)),
        ([1.2, -np.inf, np.nan, 1.0], (-np.inf, None)),
        ([1.0, 1e-12, 1e-3, 0.0], (None, None)),  # held by a linear axis
    ],
)
def test_an_axis_tells_how_far_curves_go_beyond_it(
    values: list[float], beyond: tuple[float | None, float | None]
) -> None:
    every = curves(values, [1.0, 0.9, 0.8, 0.7])
    axis = with_cut(value_axis(every), every, told=True)
    assert axis.beyond == beyond and axis.cut == tuple(end is not None for end in beyond)
    assert with_cut(value_axis(every), every).beyond == (None, None)
    assert with_cut(value_axis(every, scale="log"), every, told=True).beyond[0] == (0.0 if 0.0 in values else beyond[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.44e-11, "1,4·10⁻¹¹"), (9.97e-9, "10⁻⁸"), (-3.6e7, "−3,6·10⁷"), (12.34, "12,3"),
        (1523.0, "1520"), (280_123.0, "2,8·10⁵"), (-115.875, "−116"),
        (0.0345, "0,0345"), (5.0, "5"), (-2.55, "−2,55"), (np.inf, "∞"), (-np.inf, "−∞"), (5e-324, "4,9·10⁻³²⁴"),
    ],
)  # fmt: skip
def test_numbers_beside_a_break_are_short(value: float, text: str) -> None:
    assert end_labels(Axis(1.0, 2.0, decimal=",", beyond=(value, None))) == (text, "")


@pytest.mark.parametrize("bend", [1e-3, 1.0, 100.0])
def test_decades_on_both_sides_of_zero_are_one_mapping(bend: float) -> None:
    axis = Axis(-7.3 * bend, 2e4 * bend, "symlog", bend=bend)
    share = np.linspace(0.0, 1.0, 41)
    assert np.allclose(axis.fraction(axis.values(share)), share, atol=1e-12)
    assert axis.values(np.array([0.0, 1.0])) == pytest.approx([axis.low, axis.high])
    assert (np.diff(axis.values(share)) > 0).all()
    assert axis.fraction(np.array([-np.inf, np.inf, np.nan]))[:2].tolist() == [-np.inf, np.inf]
    for room in (2, 4, 9):
        marks = ticks(axis, room)
        values = [value for value, _ in marks]
        assert 0 in values and 2 <= len(marks) <= room and values == sorted(values)
        assert dict(marks)[0.0] == "0"


def test_ticks_of_decades_on_both_sides() -> None:
    assert [text for _, text in ticks(Axis(-5, 2e5, "symlog"), 9)] == [
        "−1",
        "0",
        "1",
        "10¹",
        "10²",
        "10³",
        "10⁴",
        "10⁵",
    ]
    assert len(ticks(Axis(0.2, 0.9, "symlog"), 5)) >= 2


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_pictures_say_what_lies_beyond_and_what_the_axis_is(lang: str) -> None:
    run = gdviz.simulate("x^4+y^4-3*x^2-2*y^2", ["gd:lr=0.0005", "adam:lr=0.3"], start=[(20.0, 15.0)], steps=150)
    scene = compose(api.redrawn(run, {"lang": lang}))
    assert scene.panels[1].y.scale == "symlog" and "±1" in scene.caption
    rules = ["gd:lr=0.01", "adam:lr=0.3", "momentum:lr=0.002"]
    run = gdviz.simulate("himmelblau", rules, steps=300)
    scene = compose(api.redrawn(run, {"lang": lang}))
    axis = scene.panels[1].y
    assert axis.cut == (True, False) and axis.beyond[0] == run.f.min()
    low, _ = end_labels(axis)
    assert low.endswith("10⁻³¹")


ADAMS = [{"name": "adam", "lr": 0.1}, {"name": "adam", "lr": 0.001}]


@pytest.mark.parametrize("panel", ["loss", "gradient", "step", "rate", "state:m"])
def test_all_panels_follow_one_rule(panel: str) -> None:
    run = api.run(validate({"landscape": "rosenbrock", "optimizer": ADAMS, "steps": 200, "panel": [panel]}))
    for side in compose(run).panels[1:]:
        tracks = [track.points[:, 1] for track in side.layers[0].tracks]  # type: ignore[attr-defined]
        every = np.concatenate([way[np.isfinite(way)] for way in tracks])
        ends = every.min() < side.y.low, every.max() > side.y.high
        assert side.y.cut == ends
        assert side.y.beyond == (every.min() if ends[0] else None, every.max() if ends[1] else None)


def test_a_logarithm_of_negative_losses_is_refused_or_told() -> None:
    run = gdviz.simulate("-x^2-y^2-1", ["gd:lr=0.01"], steps=5, start=[(1.0, 1.0)])
    with pytest.raises(gdviz.UsageError, match=r"--panel loss:log: of loss nothing is above 0"):
        compose(api.redrawn(run, {"panel": ["loss:log"]}))
    run = gdviz.simulate("monkey_saddle", ["gd:lr=0.003", "adam:lr=0.01"])
    with pytest.warns(gdviz.errors.GdvizWarning, match=r"goes down to -\S+; type --panel loss:symlog"):
        loss = compose(api.redrawn(run, {"panel": ["loss:log"]})).panels[1].y
    assert loss.scale == "log" and loss.cut[0] and loss.beyond[0] == run.f.min() < 0
    assert compose(api.redrawn(run, {"panel": ["loss:symlog"]})).panels[1].y.scale == "symlog"


@pytest.mark.parametrize("size", ["640x360", "1080x1080"])
def test_numbers_beside_breaks_touch_no_other(size: str) -> None:
    run = gdviz.simulate("himmelblau", ["gd:lr=0.01", "adam:lr=0.3", "momentum:lr=0.002"], steps=300)
    scene = compose(api.redrawn(run, {"size": size}))
    layout = arrange(scene, Glyphs(scene.font))
    shapes = axes_of(scene, layout, Place(layout.panels[1], layout.boxes[1]))
    column = [shape for shape in shapes if isinstance(shape, Text) and shape.align == "right" and not shape.turned]
    levels = sorted(shape.y for shape in column if shape.x == min(other.x for other in column))
    assert len(levels) > 2 and min(np.diff(levels)) > 0.95 * layout.cell.size(21)
    assert end_labels(layout.panels[1].y)[0] in [shape.text for shape in column]
