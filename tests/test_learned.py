"""Pictures of training say what the networks do: where weights are, what is told of samples, and how well.

Networks here are small, run on NumPy, and are trained once for all tests.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from samples import stages

import gdviz
from gdviz import api, jobs
from gdviz.compose import train
from gdviz.compose.parameters import COVERED, RUNS, lowest_of
from gdviz.errors import UsageError
from gdviz.lang import languages, texts
from gdviz.scene import Band, Callouts, Fit, Marks, Paragraphs, Points, Regions, Scene, Trails

NUMPY = {"backend": "python", "paths": True}


@pytest.fixture(scope="module")
def line():
    """Three sizes of batches on the lecture's line."""
    sizes = [f"gd:lr=0.05,batch={size}" for size in ("full", 8, 1)]
    return gdviz.train("linear", "line:n=40", sizes, epochs=4, validation=0.0, init="normal", **NUMPY)


@pytest.fixture(scope="module")
def moons():
    """Two optimizers, five networks each."""
    return gdviz.train("mlp:4", "moons:n=60", ["adam:lr=0.05", "gd:lr=0.5"], batch=16, epochs=4, runs=5, **NUMPY)


def scene_of(fit, **drawn) -> Scene:
    """Its picture with other options that draw."""
    return train.compose(api.redrawn(fit, drawn))


def layers_of(scene: Scene, kind):
    return [layer for panel in scene.panels for layer in panel.layers if isinstance(layer, kind)]


def test_batches_have_their_own_columns_on_one_timeline(line):
    scene = scene_of(line, panel=("space", "data", "loss", "batches"), axis=("step", "samples"))
    spaces, charts = scene.panels[:3], scene.panels[4:6]
    for i, panel in enumerate(spaces):
        (trails,) = (layer for layer in panel.layers if isinstance(layer, Trails))
        assert [track.entry for track in trails.tracks] == [i]
        np.testing.assert_array_equal(trails.tracks[0].points, line.path[i, 0])
        assert panel.title == scene.entries[i].heading
    assert len({(panel.x.low, panel.x.high, panel.y.low) for panel in spaces}) == 1
    for axis, panel in zip(("step", "samples"), charts, strict=True):
        (trails,) = (layer for layer in panel.layers if isinstance(layer, Trails))
        for i, track in enumerate(trails.tracks):
            wanted = line.steps_at(i) if axis == "step" else line.samples
            np.testing.assert_array_equal(track.points, np.column_stack([wanted, line.f[i, 0]]))
    ends = [entry.happened[-1] for entry in scene.entries]
    assert [float(end.split("= ")[1]) for end in ends] == pytest.approx(line.roughness[:, 0], rel=5e-3)
    (said,) = layers_of(scene, Paragraphs)
    assert said.texts == tuple(texts("en").text(f"batch_{kind}_said") for kind in ("full", "mini", "single"))
    assert len({len(track.points) for layer in layers_of(scene, Trails) for track in layer.tracks}) == 1


def test_the_star_is_the_solution_and_the_pin_what_samples_were_made_with(line):
    data, scene = line.setting.data, scene_of(line, panel=("space",))
    solved = np.linalg.lstsq(np.column_stack([data.X, np.ones(40)]), data.y, rcond=None)[0]
    stars = [layer.points for layer in layers_of(scene, Marks) if layer.kind == "minimum"]
    pins = layers_of(scene, Callouts)
    assert len(stars) == len(pins) == 3
    for star in stars:
        np.testing.assert_allclose(star, [solved], rtol=1e-6)
    for pin in pins:
        np.testing.assert_array_equal(pin.points, [[data.truth["w"], data.truth["b"]]])
        assert "3, −2" in pin.texts[0]
    panel = scene.panels[0]
    assert panel.x.low < data.truth["w"] < panel.x.high and panel.y.low < data.truth["b"] < panel.y.high
    exact = gdviz.train("linear", "line:n=40,noise=0", ["gd:lr=0.05"], epochs=2, **NUMPY)
    [pin] = layers_of(scene_of(exact, panel=("space",)), Callouts)
    near = np.abs(pins[0].points - stars[0]) < COVERED * np.array(
        [panel.x.high - panel.x.low, panel.y.high - panel.y.low]
    )
    assert pin.around and pins[0].around == near.all(), "a star that would cover a pin stands in it"
    np.testing.assert_allclose(lowest_of(line)[0, 2], np.mean((data.y - data.X[:, 0] * solved[0] - solved[1]) ** 2))


def test_a_minimum_that_is_none_gets_no_star(moons):
    """Of a network whose loss is bent downwards somewhere at its end Newton's method finds nothing it could show."""
    far = dataclasses.replace(moons, weights=np.full_like(moons.weights, 40.0))
    assert lowest_of(far).shape == (0, moons.setting.objective.dim + 1)


def test_lines_and_residuals_are_what_the_weights_of_their_record_tell(line):
    alone = gdviz.train("linear", "line:n=40", "gd:lr=0.1", batch="full", epochs=5, **NUMPY)
    for made, residuals in ((line, False), (alone, True)):
        scene = scene_of(made, panel=("data",))
        fits, (points,) = layers_of(scene, Fit), layers_of(scene, Points)
        assert len(fits) == len(made.plans)
        for fit in fits:
            w, b = made.path[fit.entry, 0].T
            np.testing.assert_allclose(fit.y, w[:, None] * fit.x + b[:, None], atol=1e-12)
            assert (fit.ends is not None) == residuals
            if residuals:
                np.testing.assert_allclose(fit.feet, w[:, None] * fit.ends[:, 0] + b[:, None], atol=1e-12)
        kept = made.setting.data.validation
        assert points.hollow.sum() == len(kept)
        np.testing.assert_array_equal(np.sort(points.points[points.hollow, 0]), np.sort(made.setting.data.X[kept, 0]))


def test_regions_are_what_the_network_of_their_record_tells(moons):
    scene = scene_of(moons, panel=("data", "loss", "accuracy"))
    found = layers_of(scene, Regions)
    assert len(found) == 2 and [panel.title for panel in scene.panels[:2]] == [one.heading for one in scene.entries]
    corners = np.column_stack([part.ravel() for part in np.meshgrid(found[0].x[::20], found[0].y[::20])])
    for entry, regions in enumerate(found):
        np.testing.assert_array_equal(np.intersect1d(regions.since, scene.clock.record), np.unique(scene.clock.record))
        for image in (0, len(regions.since) // 2, len(regions.since) - 1):
            record = regions.since[image]
            chance = moons.setting.predict(corners, moons.path[entry, 0, record][:, None])[:, 0, 0]
            told = regions.scores[image][:, ::20, ::20].reshape(2, -1)
            np.testing.assert_allclose(1 / (1 + np.exp(told[0] - told[1])), chance, rtol=1e-5)
    assert "5" in scene.caption.split("Predictions")[1].split(".")[0]


def test_bands_are_the_quartiles_of_all_runs_and_the_curve_in_them_their_median(moons):
    scene = scene_of(moons, panel=("loss", "accuracy"), axis=("epoch",))
    for panel, values in zip(scene.panels, (moons.f, moons.accuracy), strict=True):
        bands = [layer for layer in panel.layers if isinstance(layer, Band)]
        (trails,) = (layer for layer in panel.layers if isinstance(layer, Trails))
        for band, track in zip(bands, trails.tracks, strict=True):
            ordered = np.sort(values[band.entry], axis=0)
            np.testing.assert_array_equal(band.x, moons.epoch)
            np.testing.assert_array_equal([band.low, track.points[:, 1], band.high], ordered[[1, 2, 3]])


def test_medians_have_names_at_their_ends_and_paths_of_many_runs_have_none(moons):
    assert [entry.label for entry in scene_of(moons, panel=("loss",)).entries] == ["Adam", "GD"]
    assert not any(entry.label for entry in scene_of(moons, panel=("space", "loss")).entries)


def test_losses_of_training_and_validation_that_left_together_are_of_one_run():
    made = gdviz.train("linear", "line:n=40", ["gd:lr=1.5", "gd:lr=0.1"], batch="full", epochs=40, **NUMPY)
    (loss,) = stages(scene_of(made, panel=("loss",)))
    marks = loss.exits(len(made.t) - 1)
    assert marks and max(len(mark.trails) for mark in marks) == 2 and not any(mark.count for mark in marks)


def test_ten_classes_have_ten_colours_beside_any_number_of_optimizers():
    rules = [f"gd:lr={0.1 * k:g}" for k in range(1, 10)]
    made = gdviz.train("softmax", "blobs:n=60,classes=10", rules, epochs=1, **NUMPY)
    (points, *_) = layers_of(scene_of(made, panel=("data",)), Points)
    assert len({look.color for look in points.styles}) == 10


def test_of_more_weights_than_two_the_plane_says_what_it_does_not_show(moons):
    scene = scene_of(moons, panel=("space", "loss"))
    (trails, *_) = layers_of(scene, Trails)
    assert len(trails.tracks) == 10
    plane = train.plane_of(moons)
    np.testing.assert_allclose(trails.tracks[7].points, plane.projected(moons.path[1, 2]))
    assert "off this plane" in scene.caption and "direction 1: " in scene.panels[0].x.label
    pair = scene_of(moons, panel=("space",), plane=(0, 3))
    names = moons.setting.objective.names
    assert (pair.panels[0].x.label, pair.panels[0].y.label) == (names[0], names[3])


def test_rates_of_layers_stand_in_rows_with_their_numbers():
    rules = ["gd:lr=0.1,lr.2=0.01", "gd:lr=0.1"]
    made = gdviz.train("mlp:2", "moons:n=20", rules, batch="full", epochs=1, **NUMPY)
    assert [entry.row for entry in scene_of(made, panel=("loss",)).entries] == [("GD", "η₂ = 0.01"), ("GD", "")]


@pytest.mark.parametrize("lang", sorted({*languages()} - {"en"}))
def test_a_picture_stands_still_where_languages_differ(lang, line, moons):
    for made, names in ((line, ("space", "data", "loss")), (moons, ("data", "loss"))):
        scene, english = (scene_of(made, panel=names, lang=one) for one in (lang, "en"))
        assert [panel.area for panel in scene.panels] == [panel.area for panel in english.panels]
        assert scene.timeline.frames == english.timeline.frames and scene.title and scene.caption


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ({"panel": ("spice",)}, "no panel and no hyperparameter 'spice'; did you mean 'space'"),
        ({"panel": ("data:log",)}, "type data"),
        ({"panel": ("none",)}, "leaves nothing to be drawn"),
        ({"panel": ("space",), "plane": (0, 99)}, "--plane 0,99: type two of the 17 weights"),
        ({"at": 10**6}, "beyond the last step"),
    ],
)
def test_what_no_picture_could_show_is_refused(drawn, said, moons):
    with pytest.raises(UsageError, match=said):
        api.redrawn(moons, drawn)


def test_a_note_stands_where_the_head_is_and_films_stop_for_it(line):
    note = {"step": 9, "text": "nine samples", "optimizer": None}
    for names, place in ((("data", "space"), line.path[0, 0, 9]), (("data", "loss"), (9 / 40, line.f[0, 0, 9]))):
        (pin,) = (one for one in layers_of(scene_of(line, panel=names, note=(note,)), Callouts) if one.since != (0,))
        assert pin.since == (9,) and pin.texts == ("nine samples",)
        np.testing.assert_allclose(pin.points, [place])


def test_a_title_says_model_and_data_in_the_language_of_the_page(line):
    titles = {lang: scene_of(line, lang=lang).title for lang in languages()}
    assert titles["en"] == "Linear regression: line" and titles["ru"] == "Линейная регрессия: прямая"
    typed = gdviz.train("logistic", "y > sin(3*x)", "gd:lr=0.1", epochs=1, **NUMPY)
    assert scene_of(typed).title == "Logistic regression: y > sin(3*x)"


def test_weights_that_nobody_kept_are_collected_for_the_picture(line):
    shown = api.redrawn(dataclasses.replace(line, path=None), {})
    np.testing.assert_array_equal(shown.path, line.path)


def test_of_many_runs_a_picture_keeps_no_more_weights_than_it_draws():
    made = jobs.make(api.parse_recipe(MANY, "many"))
    assert made.path.shape[:2] == (1, 1) and made.f.shape[:2] == (1, 30)
    shown = api.redrawn(dataclasses.replace(made, path=None), {"panel": ("space",)})
    assert shown.path.shape[1] == RUNS
    scene = train.compose(shown)
    assert [len(layer.tracks) for layer in layers_of(scene, Trails)] == [RUNS]
    assert f"the first {RUNS} of 30 runs" in scene.caption


MANY = """
schema = 1
runs = 30
epochs = 2
backend = "python"
panel = ["data"]
optimizer = [{ name = "gd", lr = 0.1 }]
model = { name = "linear" }
data = { name = "line", n = 20 }
init = { name = "normal" }
"""
