"""Scenes made of runs: levels, axes, texts, marks and how a run's end is told."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from rules import marked, sample

import gdviz
from gdviz.catalogue.lookup import definitions
from gdviz.compose.race import compose
from gdviz.compose.ranges import LEVELS, level_heights
from gdviz.compose.words import exactness
from gdviz.draw.layout import arrange
from gdviz.draw.text import Glyphs
from gdviz.errors import UsageError
from gdviz.objectives.landscape import derive
from gdviz.scene import Curve, Field, Levels, Marks, Trails


def scene_of(landscape="beale", optimizers=("gd:lr=0.01", "adam:lr=0.1"), look=None, **options):
    run = gdviz.simulate(landscape, list(optimizers), **{"steps": 30, **options})
    return compose(dataclasses.replace(run, recipe=run.recipe.updated(**(look or {}))))


def layer(scene, kind, panel=0):
    return next(item for item in scene.panels[panel].layers if isinstance(item, kind))


@pytest.mark.parametrize("name", marked(definitions("landscape"), sample(definitions("landscape"))))
def test_every_landscape_makes_a_scene(name):
    scene = scene_of(name, ("adam:lr=0.05",))
    assert scene.records == 31
    latex = derive(definitions("landscape")[name]).latex
    assert scene.formula.startswith("f(x") == (r"\begin" not in latex)  # mathtext sets no environments
    assert layer(scene, Field if len(definitions("landscape")[name].domain()) == 2 else Curve)


def test_one_dimension_is_drawn_as_a_line():
    scene = scene_of("quadratic_1d", ("gd:lr=0.1",))
    trails = layer(scene, Trails)
    assert trails.kind == "steps"
    x, y = trails.tracks[0].points.T
    assert np.allclose(y, x**2 + 4 * x + 5)
    steep = scene_of("x^4 - 3*x^2 + x", ("gd:lr=0.1",), start=(2.0,), backend="python")
    axis, ways = steep.panels[0].y, layer(steep, Trails).tracks[0].points[:, 1]
    assert layer(steep, Curve).y.max() > axis.high and not any(axis.cut)  # the graph goes on, as a landscape does
    assert axis.low < ways.min() and 0.5 * axis.span < np.ptp(ways) < 0.7 * axis.span
    with pytest.raises(UsageError, match="one coordinate and is drawn as a line"):
        scene_of("quadratic_1d", look={"view": "contour"})
    with pytest.raises(UsageError, match="cannot be drawn as a line"):
        scene_of("beale", look={"view": "line"})


def test_texts_follow_the_language():
    scene = scene_of("basins_and_walls", ("nesterov:lr=0.01", "gd:lr=0.5"), look={"lang": "kk"})
    assert scene.counter[12] == "12-қадам"
    assert scene.entries[0].details == "η = 0,01"
    assert "," in scene.entries[0].values[5]
    russian = scene_of("beale", look={"lang": "ru"})
    assert "1{,}5" in russian.formula
    assert russian.panels[0].x.decimal == ","
    assert russian.title == "Функция Била"
    assert scene_of("beale", look={"title": "Mine", "caption": "c"}).title == "Mine"


def test_ledger_states_rates_and_current_loss():
    scene = scene_of("beale", ("gd:lr=0.01", "momentum:lr=0.002,mu=0.95"))
    assert scene.entries[1].details == "η = 0.002, μ = 0.95"
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=30)
    assert scene.entries[0].values[0] == f"{run.f[0, 0, 0]:.3f}"
    assert len(scene.entries[0].values) == scene.records == 31


def test_divergence_is_told_and_does_not_squeeze_the_axis():
    scene = scene_of("quadratic_1d", ("gd:lr=1.6", "gd:lr=0.1"), steps=100)
    wild, tame = layer(scene, Trails).tracks
    assert wild.status == "diverged" and wild.note == f"diverged at step {wild.stop}"
    assert tame.stop is None and tame.note == ""
    assert scene.panels[1].y.high <= 10 * 65 * 1.5


def marks_of(scene):
    return {item.kind: item.points for item in scene.panels[0].layers if isinstance(item, Marks)}


def test_minima_are_marked_where_they_are():
    himmelblau = marks_of(scene_of("himmelblau"))
    assert {kind: len(points) for kind, points in himmelblau.items()} == {"start": 1, "local": 0, "minimum": 4}
    moved = scene_of("rosenbrock", constants={"a": 1.2})
    (star,) = (item for item in moved.panels[0].layers if isinstance(item, Marks) and item.kind == "minimum")
    assert np.allclose(star.points, [[1.2, 1.44]])
    assert "a = 1.2" in moved.formula


def test_local_minima_are_told_from_the_global_one():
    walls = marks_of(scene_of("basins_and_walls"))
    assert walls["minimum"].tolist() == [[0.0, 0.0]]
    assert len(walls["local"]) == 6


def test_fields_reach_beyond_the_domain_and_levels_do_not():
    scene = scene_of("basins_and_walls", look={"domain": "whole"})
    panel, field = scene.panels[0], layer(scene, Field)
    assert (panel.x.low, panel.x.high) == (-3.0, 3.0)
    assert panel.x.reach == (field.x[0], field.x[-1]) and panel.x.reach[0] == pytest.approx(-4.8, abs=0.02)
    assert panel.y.reach == (field.y[0], field.y[-1])
    assert np.ptp(np.diff(field.x)) < 1e-9 and -3.0 in field.x and 3.0 in field.x
    inside = field.z[np.abs(field.y) <= 3][:, np.abs(field.x) <= 3]
    assert np.allclose(field.levels, level_heights(inside, "quantile"))
    lines = layer(scene, Levels).levels
    assert np.array_equal(lines[: len(field.levels)], field.levels) and field.levels[-1] < lines[-1] < field.z.max()
    assert inside.shape == (480, 480)
    asked = scene_of("basins_and_walls", look={"domain": ((-2.0, 2.0), (-1.0, 2.0))})
    assert asked.panels[0].x.reach == (-2.0, 2.0) and layer(asked, Field).x.max() == 2.0
    assert layer(scene_of(look={"levels": [1.0, 2.0]}), Levels).levels.tolist() == [1.0, 2.0]


def test_divergence_stands_in_the_ledger():
    few = scene_of("quadratic_1d", ("gd:lr=1.6", "gd:lr=0.1"), steps=100)
    stop = layer(few, Trails).tracks[0].stop
    values = few.entries[0].values
    assert values[stop:] == ("diverged",) * (101 - stop) and "diverged" not in values[stop - 1]
    assert "diverged" not in "".join(few.entries[1].values)
    many = scene_of("quadratic_1d", tuple(f"gd:lr={1.6 + 0.1 * n}" for n in range(5)), steps=100, look={"lang": "ru"})
    for entry, track in zip(many.entries, layer(many, Trails).tracks, strict=True):
        assert track.note == ""
        assert entry.values[-1] == f"расходимость: шаг {track.stop}"
    # of several starts the median is told until most have diverged
    run = gdviz.simulate("rosenbrock", ["gd:lr=0.003"], start=[(1.0, 1.01), (0.9, 0.8), (-2.0, 3.0)], steps=40)
    assert (run.status == "diverged").sum() == 1
    assert "diverged" not in compose(run).entries[0].values


def test_what_is_undefined_and_what_left_the_view_stands_in_the_ledger():
    run = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.01"], start=[(1.0, 1.5), (0.5, 0.5), (0.3, 0.3)], steps=9)
    status, stopped, f, left = (getattr(run, n).copy() for n in ("status", "stopped_at", "f", "left_at"))
    status, f[0, :2, 4:] = status.astype("U10"), np.nan
    status[0, :2], stopped[0, :2], left[1, 1:] = "undefined", 4, (7, 5)
    told = dataclasses.replace(run, status=status, stopped_at=stopped, f=f, left_at=left)
    first, second = compose(told).entries
    assert first.values[4:] == ("undefined",) * 6 and "undefined" not in first.values[3]
    assert layer(compose(told), Trails).tracks[0].note == "undefined at step 4"
    notes = {(track.entry, track.start): (track.note, track.noted) for track in layer(compose(told), Trails).tracks}
    assert notes[1, 1] == ("went beyond ±4500", 7) and notes[1, 2] == ("went beyond ±4500", 5)
    assert notes[0, 0] == ("undefined at step 4", 4) and notes[1, 0] == ("", None) and "beyond" not in second.details
    left[0, 2] = 8  # of more than four nothing stands beside the paths
    first, second = compose(dataclasses.replace(told, left_at=left)).entries
    assert first.happened == ("",) * 8 + ("1 of 3 went beyond ±4500",) * 2, "from its own step on"
    assert second.happened == ("",) * 5 + ("1 of 3 went beyond ±4500",) * 2 + ("2 of 3 went beyond ±4500",) * 3
    assert "beyond" not in first.details + second.details and second.told(4) == second.remark
    assert second.told(9) == "2 of 3 went beyond ±4500" and len(second.longest) == len(second.told(9))
    assert first.values[4] == "undefined at step 4"
    four = dataclasses.replace(told, left_at=left, status=np.where(np.arange(3) == 1, "unfinished", status))
    assert four.gone.sum() == 4 and (left >= 0).sum() == 3
    assert {track.note for track in layer(compose(four), Trails).tracks} == {""}, (
        "three say the same: once in a row each"
    )
    assert compose(four).entries[1].told(9) == "2 of 3 went beyond ±4500"
    left[0, 2] = -1
    alone = compose(dataclasses.replace(told, left_at=left, recipe=run.recipe.updated(view="loss"))).entries
    assert alone[1].told(9).endswith("went beyond ±4500") and alone[0].values[4] == "undefined at step 4"
    one = dataclasses.replace(told, status=np.where(np.arange(3) == 1, "unfinished", status))
    assert one.status[0].tolist() == ["undefined", "unfinished", "unfinished"]
    f[0, 1] = run.f[0, 1]  # an undefined loss counts as infinite: of the other two the higher is the median
    assert compose(one).entries[0].values[6] == f"{max(f[0, 1:, 6]):.{exactness(one.medians)}f}"


@pytest.mark.parametrize(
    ("lang", "starts", "said"),
    [
        ("en", [(1.0, 1.5), (0.5, 0.5), (-1.0, 1.0), (2.0, 0.0)], "median of 4"),
        ("ru", [(1.0, 1.5), (0.5, 0.5), (-1.0, 1.0)], "медиана по 3 стартам"),
        ("kk", [(1.0, 1.5), (0.5, 0.5)], "медиана: 2 бастапқы нүкте"),
        ("ru", [(1.0, 1.5)], ""),
    ],
)
def test_a_median_is_named_as_one_and_is_the_number_of_the_console(lang, starts, said):
    run = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1"], start=starts, steps=9)
    scene = compose(dataclasses.replace(run, recipe=run.recipe.updated(lang=lang)))
    assert scene.values_title == said
    for i, entry in enumerate(scene.entries):
        expected = float(np.median(run.f[i, :, 9]))
        assert (
            entry.values[9].replace(",", ".") == f"{expected:.{exactness(run.medians)}f}"
            and run.medians[i, 9] == expected
        )


@pytest.mark.parametrize("size", ["1080p", "square", "vertical", "480x270"])
@pytest.mark.parametrize("split", [None, "start"])
def test_the_title_of_values_stands_above_them_and_over_nothing(size, split):
    starts = [(1.0, 1.5), (0.5, 0.5), (-1.0, 1.0), (2.0, 0.0)]
    run = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1", "momentum"], start=starts, steps=9)
    scene = compose(dataclasses.replace(run, recipe=run.recipe.updated(size=size, split=split)))
    layout = arrange(scene, Glyphs(None))
    book = layout.ledger
    assert book.valued or (size, split) == ("480x270", "start"), "which has room for names alone"
    assert {title.text for title in book.titles} == ({"median of 4"} if book.valued else set())
    for title in book.titles:
        column = [row for row in book.rows if abs(row.value_at[0] - title.x) < 1]
        assert title.y < min(row.value_at[1] for row in column) - 0.7 * book.value
        assert book.box.y0 <= title.y - 0.7 * title.size + 1 and title.y <= book.box.y1
    assert max(row.details_at[1] for row in book.rows) <= book.box.y1 + 1
    for box in layout.boxes:
        assert box.x1 <= book.box.x0 or book.box.x1 <= box.x0 or box.y1 <= book.box.y0 or book.box.y1 <= box.y0


def test_entries_keep_their_colours_and_take_the_ones_given():
    pair, other = scene_of("beale", ("gd", "adam")), scene_of("beale", ("rmsprop", "adam:lr=0.2", "gd:lr=0.1"))
    assert pair.entries[0].style == other.entries[2].style
    assert pair.entries[1].style == other.entries[1].style
    given = scene_of("beale", ("gd:color=#ff0000,dash=dotted,marker=plus",)).entries[0].style
    assert (given.color, given.dash, given.marker) == ("#ff0000", "dotted", "plus")


def test_timeline_follows_rate_and_length():
    scene = scene_of(look={"fps": 25.0, "seconds": 4.0})
    assert scene.clock.frames == 100 and scene.clock.fps == Fraction(25)
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=30)
    assert compose(run, Fraction(100, 3)).clock.fps == Fraction(100, 3)


def test_panels_are_asked_for():
    assert [panel.area for panel in scene_of(look={"panel": ["none"]}).placed] == ["main"]
    both = scene_of(look={"panel": ["loss", "gradient"]})
    assert [panel.title for panel in both.placed[1:]] == ["loss", "gradient norm"]


def test_the_loss_may_be_the_main_panel():
    scene = scene_of("beale", look={"view": "loss"})
    assert [(panel.area, panel.title, panel.y.label) for panel in scene.panels] == [
        ("main", "", "loss"),
        ("side", "gradient norm", ""),
    ]
    assert len(scene_of("beale", look={"view": "loss", "panel": ["none"]}).panels) == 1
    assert len(scene_of("beale", look={"view": "loss", "panel": ["gradient", "loss"]}).panels) == 2


FAMILIES = [name for name, definition in definitions("landscape").items() if definition.variadic]


@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_shown_by_their_loss_and_cut_on_request(name):
    run = gdviz.simulate(name, ["adam:lr=0.01"], dim=4, steps=20)
    assert run.x.shape == (1, 1, 21, 4)
    scene = compose(run)
    assert scene.formula == r"x \in \mathbb{R}^{4}" and scene.panels[0].y.label == "loss"
    assert scene.panels[1].title == "gradient norm" and scene.caption == ""
    cut = compose(dataclasses.replace(run, recipe=run.recipe.updated(view="contour")))
    field, definition = layer(cut, Field), definitions("landscape")[name]
    lowest = definition.minima(4)
    rest = lowest[0][2:-1] if lowest else definition.start(4)[2:]
    assert ("minimum" if lowest else "start") in cut.caption and "x1 and x2" in cut.caption
    assert (cut.panels[0].x.label, cut.panels[0].y.label) == ("x1", "x2")
    expected = derive(definition, 4).value(field.x[None, :], field.y[:, None], *rest)
    np.testing.assert_array_equal(field.z, np.broadcast_to(expected, field.z.shape))
    np.testing.assert_array_equal(layer(cut, Trails).tracks[0].points, run.x[0, 0, :, :2])
    marked = {item.kind: item.points for item in cut.panels[0].layers if isinstance(item, Marks)}
    on_it = [m for m in lowest if m[2:-1] == rest]
    assert len(marked["minimum"]) + len(marked["local"]) == len(on_it) and bool(on_it) == bool(lowest)


def test_levels():
    x, y = np.meshgrid(np.linspace(-2, 2, 200), np.linspace(-1, 3, 200))
    valley = (1 - x) ** 2 + 100 * (y - x * x) ** 2
    for word in ("log", "quantile", "linear", None):
        heights = level_heights(valley, word)
        assert len(heights) >= LEVELS - 2
        assert (np.diff(heights) > 0).all()
        assert heights[0] > valley.min() and heights[-1] < valley.max()
    assert np.allclose(level_heights(valley, None), level_heights(valley, "log"))
    bowl = x + y
    assert np.allclose(level_heights(bowl, None), level_heights(bowl, "linear"))
    shares = [(valley < h).mean() for h in level_heights(valley, "quantile")]
    assert np.allclose(np.diff(shares), np.diff(shares).mean(), atol=1e-3)
    assert level_heights(valley, (3.0, 1.0)).tolist() == [1.0, 3.0]
    holes = np.where(x > 0, np.nan, valley)
    assert np.isfinite(level_heights(holes, None)).all()
    assert len(level_heights(np.zeros((4, 4)), None)) == 1
    assert layer(scene_of(look={"levels": [1.0, 2.0]}), Levels).levels.tolist() == [1.0, 2.0]


def test_tones_are_those_of_the_heights_in_view():
    scene = scene_of("giant_plateau", ("adam:lr=0.25",), look={"levels": [-2.0, 1.0, 3.0, 3.9, 8.0, 19.0]})
    assert list(layer(scene, Field).levels) == [1.0, 3.0, 3.9]
    assert list(layer(scene, Levels).levels) == [-2.0, 1.0, 3.0, 3.9, 8.0, 19.0]


def test_a_loss_that_stands_still_has_labels_that_can_be_read():
    scene = scene_of("giant_plateau", ("gd:lr=0.01",))
    axis = scene.panels[1].y
    assert axis.low < 3.9 and axis.high > 4.1
