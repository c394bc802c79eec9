"""Pictures of sweeps and ensembles: layers that sum up many runs, and the scenes made of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from studied import CURVATURES, Steps, descended, gathered, line, noisy, plane, stacked, swept

from gdviz.compose import ensemble, sweep
from gdviz.compose.ramps import ramp
from gdviz.compose.studies import percent
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.render import picture
from gdviz.draw.rims import tick_room
from gdviz.draw.text import Glyphs
from gdviz.draw.ticks import ticks
from gdviz.errors import UsageError
from gdviz.lang import texts
from gdviz.scene import (
    THEMES,
    Axis,
    Band,
    Counts,
    Entry,
    Marks,
    Mosaic,
    Outline,
    Panel,
    Scene,
    Spans,
    Style,
    Trails,
    Whiskers,
)  # fmt: skip
from gdviz.scene.layers import Layer
from gdviz.studies.optimum import best_cell
from gdviz.studies.problem import Axis as Varied
from gdviz.studies.shares import Reliability, Shares
from gdviz.studies.statistics import wilson

RED, BLUE = "#ff0000", "#0000ff"
NAMES = ("1", "8", "full")


def scene(*layers: Layer, x: Axis | None = None, y: Axis | None = None) -> Scene:
    panel = Panel("main", x or Axis(0.0, 10.0), y or Axis(-0.5, 2.5, names=NAMES), layers, frame=True)
    entries = (Entry("a", "", Style(RED, marker="square")), Entry("b", "", Style(BLUE, "dashed")))
    return Scene((640, 400), THEMES["light"], (panel,), entries)


def seen(made: Scene, points: list[tuple[float, float]]) -> list[tuple[int, ...]]:
    """The colours of a picture at points in axis units."""
    layout = arrange(made, Glyphs(None))
    frame = picture(made, 0)
    at = Place(layout.panels[0], layout.boxes[0]).pixels(np.array(points))
    return [tuple(map(int, frame[int(y), int(x)])) for x, y in at]


def red(color: tuple[int, ...]) -> bool:
    return color[0] > 200 and color[1] < 120 and color[2] < 120


def test_counts_reach_as_far_as_they_say() -> None:
    made = scene(Counts(0, np.array([0.0, 2.0]), np.array([2.0, 8.0]), 0.6, ("2", "8")))
    near, beyond, long_, past, between = seen(made, [(1.5, 0.0), (5.0, 0.0), (7.3, 2.0), (9.5, 1.6), (1.0, 1.0)])
    assert red(near) and red(long_) and not any(map(red, (beyond, past, between)))


def test_whiskers_span_their_values_and_say_where_there_is_no_end() -> None:
    x, low, middle, high = np.array([[1.0, 5.0, 9.0], [0.0, 0.5, np.nan], [1.0, np.inf, 1.0], [2.0, np.inf, 2.0]])
    made = scene(Whiskers(0, x, low, middle, high), y=Axis(-0.5, 2.5))
    ends = seen(made, [(1.0, 0.05), (1.0, 1.0), (1.0, 1.95), (1.0, 2.3), (5.0, 1.5), (9.0, 1.0)])
    assert [red(one) for one in ends] == [True, True, True, False, True, False]


def test_spans_lie_side_by_side_over_their_stretch() -> None:
    stretch = np.array([[6.0, np.inf]])
    made = scene(Spans(0, stretch, 0, "lost"), Spans(1, np.array([[2.0, 4.0]]), 1), y=Axis(0.0, 1.0))
    box = arrange(made, Glyphs(None)).boxes[0]
    frame = picture(made, 0)[box.y0 : box.y0 + box.height // 4, box.x0 : box.x1].astype(int)
    for number, (low, high) in ((0, (0.6, 1.0)), (2, (0.2, 0.4))):
        colored = (frame[..., number] > 200) & (np.delete(frame, number, axis=2) < 90).all(axis=2)
        columns = np.flatnonzero(colored.any(axis=0)) / box.width
        assert abs(columns[0] - low) < 0.03 and abs(columns[-1] - high) < 0.03


def test_an_outline_is_in_ink_where_it_says() -> None:
    made = scene(Outline(np.array([[(5.0, -0.5), (5.0, 2.5)]])))
    on, off = seen(made, [(5.0, 1.3), (6.0, 1.3)])
    assert max(on) < 130 and min(off) > 200


def test_axes_of_words_have_them_for_ticks() -> None:
    axis = Axis(-0.5, 2.5, names=NAMES)
    assert ticks(axis, 9) == [(0.0, "1"), (1.0, "8"), (2.0, "full")]
    assert ticks(axis, 2) == [(0.0, "1"), (2.0, "full")]
    assert ticks(dataclasses.replace(axis, low=0.5), 9) == [(1.0, "8"), (2.0, "full")]
    made = scene(y=axis)
    assert tick_room(arrange(made, Glyphs(None)).cell, made.panels[0], 300) >= 3


@pytest.mark.parametrize(
    "make",
    [
        lambda: Counts(0, np.zeros(2), np.zeros(3), 0.5),
        lambda: Counts(0, np.zeros(2), np.zeros(2), 0.5, ("one",)),
        lambda: Whiskers(0, np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(1)),
        lambda: Spans(0, np.zeros(2)),
        lambda: Outline(np.zeros((3, 2))),
    ],
)
def test_layers_refuse_what_does_not_fit(make) -> None:
    with pytest.raises(ValueError, match="need"):
        make()


def test_layers_of_an_entry_are_in_its_panel_alone() -> None:
    layer = Counts(1, np.zeros(1), np.ones(1), 0.5)
    assert layer.part(1, None) is layer and layer.part(0, None) is None and layer.part(None, 0) is layer


def layers(made, kind):
    return [[layer for layer in panel.layers if isinstance(layer, kind)] for panel in made.panels]


def test_curves_mark_where_runs_diverge_to_a_cell():
    """At 2 / L for descent and 2 (1 + mu) / L with momentum."""
    study = line(200)
    made = sweep.compose(study)
    main, *others = layers(made, Spans)
    step = np.diff(np.log(study.problem.axes[0].values))[0]
    limits = [2 / CURVATURES.max(), 2 * 1.9 / CURVATURES.max()]
    for span, limit in zip(main, limits, strict=True):
        assert len(span.ends) == 1 and abs(np.log(span.ends[0, 0] / limit)) <= step
    assert [span.row for span in main] == [0, 1] and not any(others)
    (curves,) = layers(made, Trails)[0]
    for track, limit in zip(curves.tracks, limits, strict=True):
        assert (
            track.stop is not None
            and track.status == "diverged"
            and track.points[track.stop, 0] <= limit * np.exp(step)
        )


def test_curves_have_the_bands_of_their_numbers():
    study = line(20, runs=8)
    made = sweep.compose(study)
    assert [panel.title for panel in made.panels] == ["final loss, logarithmic", "success, %", "median steps"]
    (band, _), (shares, _), none = layers(made, Band)
    lowest = study.arrays["final_q10"][0]
    np.testing.assert_array_equal(band.low, np.where(np.isfinite(lowest), lowest, np.nan))
    low, high = wilson(8 * study.arrays["success"][0], 8)
    np.testing.assert_allclose([shares.low, shares.high], 100 * np.array([low, high]))
    assert not none, "no quantiles of steps are known"
    assert not any(layers(sweep.compose(line(20, runs=1)), Band))
    made = sweep.compose(line(20, show="success"))
    assert made.panels[0].title == "success, %" and made.panels[1].title.startswith("final loss")


def test_a_falling_axis_is_drawn_as_a_rising_one():
    study = line(20)
    axis = study.problem.axes[0]
    back = Varied("lr", axis.values[::-1], "log")
    other = swept((back,), {name: one[:, ::-1] for name, one in study.arrays.items()}, 16)
    for mine, its in zip(sweep.compose(study).panels, sweep.compose(other).panels, strict=True):
        assert mine.x == its.x and mine.y == its.y
        for a, b in zip(mine.curves[0].tracks, its.curves[0].tracks, strict=True):
            np.testing.assert_array_equal(a.points, b.points)


def test_words_have_whiskers_and_no_line_between_them():
    axis = Varied("batch", np.arange(3.0), "words", ("1", "8", "full"))
    arrays = stacked(*(descended(np.array([0.1, 0.02, 0.5]), np.array(mu), 16) for mu in (0.0, 0.9)))
    made = sweep.compose(swept((axis,), arrays, 16))
    assert made.panels[0].x.names == ("1", "8", "full batch") and made.panels[0].x.label == "batch size"
    assert not any(layers(made, Trails)) and not any(layers(made, Band))
    gd, momentum = layers(made, Whiskers)[0]
    assert np.isinf(gd.middle[2]) and (np.abs(gd.x - np.arange(3)) < 0.5).all() and (gd.x < momentum.x).all()


def test_maps_outline_where_runs_diverge_to_a_cell():
    study = plane((90, 30))
    made = sweep.compose(study)
    rates, mus = (axis.values for axis in study.problem.axes)
    step = np.diff(np.log(rates))[0]
    for (outline,), limit in zip(
        layers(made, Outline), (lambda mu: 0.2 + 0 * mu, lambda mu: 0.2 * (1 + mu)), strict=True
    ):
        upright = [one for one in outline.lines if one[0, 0] == one[1, 0]]
        for mu in mus[:-3]:  # beyond, 200 steps are too few to grow
            (there,) = [one[0, 0] for one in upright if one[:, 1].min() < mu < one[:, 1].max()]
            assert abs(np.log(there / limit(mu))) <= 1.5 * step


def test_maps_show_every_number_in_its_colour_and_name_the_best_cell():
    study = plane((20, 12))
    made = sweep.compose(study)
    steps = study.arrays["median_steps"]
    finite = steps[np.isfinite(steps)]
    bar = made.key.bars[0]
    assert (bar.axis.low, bar.axis.high) == (finite.min(), finite.max()) and bar.axis.label == "median steps"
    for i, ((mosaic,), (star,)) in enumerate(zip(layers(made, Mosaic), layers(made, Marks), strict=True)):
        np.testing.assert_array_equal(mosaic.hatch == 0, np.isfinite(steps[i]).T)
        light = mosaic.pixels.sum(axis=-1, dtype=int)[mosaic.hatch == 0]
        order = np.argsort(steps[i].T[mosaic.hatch == 0], kind="stable")
        assert (np.diff(light[order]) >= -1).all(), "fewer steps are darker on a light page"
        column, row = best_cell(study.arrays, i)
        assert steps[i, column, row] == steps[i].min()
        at = study.problem.axes[0].values[column], study.problem.axes[1].values[row]
        np.testing.assert_array_equal(star.points, [at])
        assert star.texts[0].endswith(f"{steps[i].min():g} steps")


def test_maps_of_more_axes_cut_through_the_best_cell():
    study = plane((16, 8), one=True)
    further = Varied("damping", np.array([0.0, 0.5, 1.0]))
    worse = {"success": 0, "diverged": 0, "median_steps": 3, "final_q10": 0, "final_q50": 0, "final_q90": 0}
    arrays = {
        name: np.stack([one + shift * worse[name] for shift in (2, 0, 1)], axis=-1)
        for name, one in study.arrays.items()
    }
    made = sweep.compose(swept((*study.problem.axes, further), arrays))
    assert "0.5" in made.panels[0].title and "Other axes stand at the best cell" in made.caption
    np.testing.assert_array_equal(layers(made, Mosaic)[0][0].pixels, layers(sweep.compose(study), Mosaic)[0][0].pixels)


def test_what_is_not_computed_is_crossed_out_and_told():
    study = plane((16, 8), one=True)
    arrays = {name: one.copy() for name, one in study.arrays.items()}
    for one in arrays.values():
        one[:, 12:] = np.nan
    made = sweep.compose(swept(study.problem.axes, arrays, done=(3, 4)))
    assert made.caption.startswith("75 % computed. ") and "Crossed: not computed yet" in made.caption
    assert (layers(made, Mosaic)[0][0].hatch == 3).sum() == 4 * 8


def test_no_line_parts_what_diverges_from_what_is_not_computed():
    study = plane((16, 8), one=True)
    assert layers(sweep.compose(study), Outline)[0]
    rates = np.isin(np.arange(16), (11, 12, 13))[:, None]  # between those that diverge and all others
    arrays = {name: np.where(rates, np.nan, one) for name, one in study.arrays.items()}
    made = sweep.compose(swept(study.problem.axes, arrays, done=(3, 4)))
    assert not layers(made, Outline)[0] and "Falling hatching: most runs diverge" in made.caption


def test_captions_say_how_reliable_a_map_is():
    one = Reliability(Shares(65_536, 0.001, 0.0, 0.02), Shares(900, 0.1, 0.25, np.nan))
    two = Reliability(Shares(65_536, 0.004, 0.0, 0.03), Shares(800, 0.1, 0.5, np.nan))
    said = sweep.compose(plane((8, 6), reliability=(one, two))).caption
    assert "Labels of 65536 cells that change (1 ulp / float32 / grid ×2): 0.1–0.4 / 0 / 2–3 %; of 900 at " in said
    assert "of 900 at boundaries: 10 / 25–50 / – %" in said, "in the same order"


@pytest.mark.parametrize("share, told", [(0.0, "0"), (1.0, "100"), (0.5, "50"), (1e-9, "10⁻⁷"), (0.99999, "99.999")])
def test_percents_are_all_or_nothing_only_where_they_are(share, told):
    assert percent(share, texts("en")) == told


def test_wilson_limits():
    """Of Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I."""
    told = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
    for count, total, low, high in told:
        np.testing.assert_allclose(wilson(count, total), (low, high), atol=6e-5)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("size", ["1080p", "square", "84mmx60mm"])
def test_pages_have_room_for_what_they_say(lang, size):
    for study in (line(20, lang=lang, size=size), plane((8, 6), runs=16, lang=lang, size=size)):
        made = sweep.compose(study)
        box = arrange(made, Glyphs(None)).boxes[0]
        assert box.width > 0.3 * made.size[0] and box.height > 0.25 * made.size[1]


def test_own_words_are_read_in_every_language():
    own = {"en": "Rates", "ru": "Скорости", "kk": "Жылдамдықтар"}
    made = sweep.compose(line(8, title=own, caption=own, lang="ru"))
    assert (made.title, made.caption) == ("Скорости", "Скорости")
    assert {reading.title for reading in made.readings} == {*own.values()}
    assert {reading.caption for reading in made.readings} == {*own.values()}


def test_ensembles_have_bands_of_the_middle_half_and_nine_tenths():
    study = gathered()
    made = ensemble.compose(study)
    losses = made.panels[0]
    bands = [layer for layer in losses.layers if isinstance(layer, Band)]
    found = study.arrays["loss_q"]
    for band, (i, at) in zip(bands, [(0, 0), (1, 0), (0, 1), (1, 1)], strict=True):
        assert band.entry == i and band.still
        np.testing.assert_array_equal([band.x, band.low, band.high], [Steps.records, found[i, at], found[i, -1 - at]])
    for i, track in enumerate(losses.curves[0].tracks):
        np.testing.assert_array_equal(track.points, np.column_stack([Steps.records, found[i, 2]]))
    assert made.entries[0].values[-1] == texts("en").number(float(found[0, 2, -1]), 3)
    assert made.title == "Aluffi-Pentini: 2000 runs" and "2000 runs of each method, float64" in made.caption


def test_ensembles_count_where_runs_end():
    study = gathered(lost=25)
    made = ensemble.compose(study)
    ends = made.panels[1]
    assert ends.y.names == ("diverged", "elsewhere", "(0.946, 0)", "(−1.05, 0)"), "the first row is the highest"
    for i, bars in enumerate(layer for layer in ends.layers if isinstance(layer, Counts)):
        counts = study.arrays["ends"][i, :4]
        np.testing.assert_array_equal(np.rint(bars.places), [3, 2, 1, 0])
        np.testing.assert_allclose(bars.lengths, counts / 20)
        assert bars.texts[3].startswith("25 (") and bars.texts[0].startswith(f"{counts[0]} (")


def test_ensembles_follow_how_many_stay_where_they_began():
    study = gathered()
    stays = ensemble.compose(study).panels[2].curves[0].tracks
    left = noisy(0.02)["escaped"]
    np.testing.assert_allclose(stays[0].points[:, 1], 100 - left / 20)
    assert stays[0].points[0, 1] == 100 and (np.diff(stays[0].points[:, 1]) <= 0).all()
    study.arrays["escaped"][:] = 0
    assert len(ensemble.compose(study).panels) == 2, "where none leaves there is nothing to follow"


def test_nothing_is_told_of_an_optimizer_of_which_nothing_is_computed():
    study = gathered(done=(1, 2))
    study.arrays["blocks"][1] = -1
    study.arrays["loss_q"][1] = np.nan
    for name in ("ends", "began", "escaped"):
        study.arrays[name][1] = 0
    made = ensemble.compose(study)
    assert made.entries[0].values and not made.entries[1].values
    assert [layer.entry for layer in made.panels[1].layers if isinstance(layer, Counts)] == [0]
    assert not any(any(panel.y.cut) for panel in made.panels), "what is not known is not lost"


def test_many_optimizers_have_panels_of_one_axis():
    made = ensemble.compose(gathered(("gd", "momentum", "adam")))
    first, *others = made.panels[:3]
    assert made.grid is not None and all(panel.y == first.y and panel.x == first.x for panel in others)
    assert [panel.title for panel in made.panels[:3]] == ["GD", "Momentum", "Adam"] and first.y.label == "loss"
    legends = {size: ensemble.compose(gathered(("gd", "momentum", "adam"), size=size)).legend for size in SIZES}
    assert legends == {"1080p": "full", "640x360": "full", "480x480": "off", "84mmx60mm": "off"}  # no room for names


SIZES = ("1080p", "640x360", "480x480", "84mmx60mm")


@pytest.mark.parametrize("size", SIZES)
def test_captions_end_with_a_sentence_and_what_has_no_room_is_told(size):
    made = sweep.compose(plane(runs=16, size=size, lang="ru"))
    layout = arrange(made, Glyphs(None))
    shown = " ".join(line.text for line in layout.caption)
    assert (f"{shown}. {layout.untold}" if layout.untold else shown) == made.caption
    assert (layout.untold != "") == (size == "84mmx60mm")


def test_a_single_value_stands_alone_under_its_name():
    study = line(1, runs=16)
    made = sweep.compose(study)
    assert (
        made.panels[0].x.names == ("0.001",) and not any(layers(made, Trails)) and len(layers(made, Whiskers)[0]) == 2
    )
    alone = layers(sweep.compose(line(1, runs=1)), Whiskers)
    assert all((one.low == one.high).all() for panel in alone for one in panel), "of one run no limits are told"


def test_colours_of_final_losses_are_for_cells_that_do_not_diverge():
    study = plane((24, 8), show="final")
    axis = sweep.compose(study).key.bars[0].axis
    kept = study.arrays["final_q50"][study.arrays["diverged"] < 0.5]
    assert axis.scale == "log" and axis.high == kept.max() and axis.low == max(kept[kept > 0].min(), 1e-12 * axis.high)
    assert axis.label.endswith("colours do not change")


def test_nothing_is_drawn_of_nothing():
    for study, module in ((line(8), sweep), (gathered(), ensemble)):
        arrays = {
            name: np.full_like(one, -1 if one.dtype.kind == "i" else np.nan) for name, one in study.arrays.items()
        }
        with pytest.raises(UsageError, match="nothing of this study is computed yet"):
            module.compose(dataclasses.replace(study, arrays=arrays, done=(0, 2)))


@pytest.mark.parametrize("theme", THEMES)
def test_ramps_tell_better_from_worse_in_grey(theme):
    light = ramp(THEMES[theme].maps.scale, np.linspace(0.0, 1.0, 64)) @ np.array([0.2126, 0.7152, 0.0722])
    steps = np.diff(light) * (1 if THEMES[theme].dark else -1)
    assert (steps > 0).all() and abs(light[-1] - light[0]) > 150


def test_steps_tell_runs_that_miss_from_those_that_diverge():
    study = plane((24, 8))
    made = sweep.compose(study)
    steps, lost = study.arrays["median_steps"], study.arrays["diverged"] > 0.5
    for i, (mosaic,) in enumerate(layers(made, Mosaic)):
        expected = np.where(np.isfinite(steps[i]), 0, np.where(lost[i], 2, 1))
        np.testing.assert_array_equal(mosaic.hatch, expected.T)
    assert "Rising hatching: most runs miss. Falling hatching: most runs diverge. Diverged: " in made.caption


def test_a_boundary_that_is_none_has_no_line():
    axes = (Varied("lr", np.arange(1.0, 41.0)), Varied("mu", np.arange(0.0, 40.0)))
    speckled = (np.add.outer(np.arange(40), np.arange(40)) % 2).astype(float)
    for lost, there in ((speckled, False), (np.sort(speckled), True)):
        arrays = dict.fromkeys(("median_steps", "final_q10", "final_q50", "final_q90"), 1.0 + lost[None])
        made = sweep.compose(swept(axes, arrays | {"success": 1 - lost[None], "diverged": lost[None]}))
        assert bool(layers(made, Outline)[0]) == there == ("Beyond the line" in made.caption)
