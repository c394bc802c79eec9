"""Cuts of the loss around trained weights, held against NumPy written from the paper's definition."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import gdviz
from gdviz import jobs
from gdviz.artefacts import scene_of
from gdviz.backends import points
from gdviz.backends.table import BACKENDS
from gdviz.objectives.directions import filter_normalised
from gdviz.objectives.plane import in_pieces
from gdviz.recipe.options.slice import PLANES, Slice
from gdviz.recipe.options.train import Train
from gdviz.recipe.recipe import Recipe, parse_recipe
from gdviz.runs import cuts
from gdviz.runs.rates import judges
from gdviz.scene import Field


@pytest.fixture(scope="module")
def fit():
    """Two optimizers, on NumPy, so that of a network the kernel of values alone is compiled below."""
    named = {"activation": "relu", "epochs": 8, "paths": True, "backend": "python"}
    return gdviz.train("mlp:4,3", "moons:n=40", ["adam:lr=0.05", "gd:lr=0.5"], **named)


def relu_loss(fit, theta):
    """Mean binary cross-entropy of a 2-4-3-1 network, parameters in their order."""
    data, first = fit.setting.data, 0
    a = data.inputs(data.training)
    for fan_in, fan_out in ((2, 4), (4, 3), (3, 1)):
        W = theta[first : first + fan_in * fan_out].reshape(fan_in, fan_out)
        b = theta[first + W.size : first + W.size + fan_out]
        first += W.size + fan_out
        a = a @ W + b
        a = np.maximum(a, 0) if fan_out > 1 else a
    return np.mean(np.logaddexp(0, a[:, 0]) - data.targets(data.training) * a[:, 0])


def test_a_path_of_two_weights_is_in_its_plane_but_for_nothing():
    line = gdviz.train("linear", "line:n=20", ["adam:lr=0.1"], epochs=4, paths=True, backend="python")
    assert gdviz.slice(line, plane="pca", grid=2).off == 0.0


def test_a_random_plane_is_that_of_the_paper(fit):
    made = gdviz.slice(fit, span=0.8, grid=5)
    theta = fit.weights[0, 0]
    np.testing.assert_array_equal(made.u, np.linspace(-0.8, 0.8, 5))
    np.testing.assert_array_equal(made.v, made.u)
    assert made.z.shape == (5, 5) and made.explained is None and np.array_equal(made.centre, theta)
    first = 0
    for fan_in, fan_out in ((2, 4), (4, 3), (3, 1)):
        W = theta[first : first + fan_in * fan_out].reshape(fan_in, fan_out)
        D = made.directions[first : first + W.size].reshape(fan_in, fan_out, 2)
        for neuron in range(fan_out):
            lengths = np.sqrt((D[:, neuron] ** 2).sum(axis=0))
            np.testing.assert_allclose(lengths, np.sqrt((W[:, neuron] ** 2).sum()), rtol=1e-12)
        assert len({*np.round(np.abs(D / W[..., None]).ravel(), 9)}) > fan_out  # not weight by weight
        first += W.size + fan_out
        assert not made.directions[first - fan_out : first].any()  # biases
    for i, v in enumerate(made.v):
        for j, u in enumerate(made.u):
            expected = relu_loss(fit, theta + u * made.directions[:, 0] + v * made.directions[:, 1])
            np.testing.assert_allclose(made.z[i, j], expected, rtol=1e-12)
    np.testing.assert_allclose(made.z[2, 2], fit.loss[0, 0, -1], rtol=1e-12)
    other = gdviz.slice(fit, grid=2, seed=1)
    assert abs(np.corrcoef(other.directions[:, 0], made.directions[:, 0])[0, 1]) < 0.9


def test_a_cut_does_not_see_how_a_relu_layer_is_scaled(fit):
    """Weights in 8 times, weights out 8 times less: the same function, and filter by filter the same cut."""
    scaled = fit.weights.copy()
    scaled[:, :, :12] *= 8  # weights and biases of the first layer
    scaled[:, :, 12:24] /= 8  # weights of the second
    one = gdviz.slice(fit, grid=9)
    two = gdviz.slice(dataclasses.replace(fit, weights=scaled), grid=9)
    assert np.ptp(one.z) > 0.1
    np.testing.assert_allclose(two.z, one.z, rtol=1e-10)


def test_directions_of_dead_neurons_are_zero_and_never_nan(fit):
    weights = fit.weights[0, 0].copy()
    weights[[0, 4]] = 0.0  # all that goes into the first neuron
    made = filter_normalised(fit.setting.architecture, weights, 3)
    assert np.isfinite(made).all() and not made[[0, 4]].any() and made[1].all()
    dead = dataclasses.replace(fit, weights=np.zeros_like(fit.weights))
    with pytest.raises(gdviz.UsageError, match="all weights are 0"):
        gdviz.slice(dead)


def test_the_plane_of_a_path_is_that_of_its_singular_values(fit):
    made = gdviz.slice(fit, "pca", grid=7, optimizer=1)
    path = fit.path[1, 0]
    values, rows = np.linalg.svd(path - path.mean(axis=0), full_matrices=False)[1:]
    np.testing.assert_allclose(made.explained, (values**2 / (values**2).sum())[:2], rtol=1e-9)
    np.testing.assert_allclose(np.abs(made.directions.T @ rows[:2].T), np.eye(2), atol=1e-7)
    away = path - path[-1]
    np.testing.assert_allclose(made.path, away @ made.directions, atol=1e-12)
    left = away - made.path @ made.directions.T
    expected = np.linalg.norm(left, axis=1).max() / np.linalg.norm(away, axis=1).max()
    np.testing.assert_allclose(made.off, expected, rtol=1e-9)
    for axis, edges in enumerate((made.u, made.v)):
        assert edges[0] < made.path[:, axis].min() <= made.path[:, axis].max() < edges[-1]


def test_lines_go_through_one_network_and_from_one_to_another(fit):
    line = gdviz.slice(fit, "line", grid=5)
    plane = gdviz.slice(fit, grid=5)
    assert line.z.shape == (1, 5) and np.array_equal(line.v, [0.0])
    np.testing.assert_allclose(line.z[0], plane.z[2], rtol=1e-12)
    between = gdviz.slice(fit, "between", grid=401)
    assert (between.u[0], between.u[-1]) == (-0.5, 1.5)
    ends = np.interp([0.0, 1.0], between.u, between.z[0])
    np.testing.assert_allclose(ends, fit.loss[:, 0, -1], rtol=1e-10)


def test_kernels_answer_what_numpy_does_on_any_number_of_threads(fit):
    objective, centre = fit.setting.objective, fit.weights[0, 0]
    draw = np.random.default_rng(5)
    directions, at = draw.normal(size=(objective.dim, 2)), draw.normal(size=(2, 1001))
    one = points.section(objective, centre, directions, at, threads=1)
    np.testing.assert_array_equal(points.section(objective, centre, directions, at, threads=3), one)
    np.testing.assert_allclose(one, in_pieces(objective, centre, directions, at), rtol=1e-12)
    block = BACKENDS["python"].run(fit.plans[0], None, None, (), ())
    loss, share = judges(fit.setting, fit.plans[0], BACKENDS["cpu"], 2)(block)
    np.testing.assert_allclose(loss, fit.validation_loss[0], rtol=1e-12)
    np.testing.assert_array_equal(share, fit.accuracy[0])
    compiled = dataclasses.replace(fit, recipe=fit.recipe.updated(backend="cpu"))
    np.testing.assert_allclose(gdviz.slice(compiled).z, gdviz.slice(fit).z, rtol=1e-12)


def test_what_leaves_no_plane_is_refused_in_a_sentence(fit):
    with pytest.raises(gdviz.UsageError, match="there is no plane 'rnd'"):
        gdviz.slice(fit, "rnd")
    with pytest.raises(gdviz.UsageError, match="train with paths=True"):
        gdviz.slice(dataclasses.replace(fit, path=None), "pca")
    with pytest.raises(gdviz.UsageError, match="optimizer 2 and run 0"):
        gdviz.slice(fit, optimizer=2)
    with pytest.raises(gdviz.UsageError, match="grid is 1"):
        gdviz.slice(fit, grid=1)
    with pytest.raises(gdviz.UsageError, match="same weights"):
        gdviz.slice(fit, "between", to=(0, 0))
    with pytest.raises(gdviz.UsageError, match="finite nowhere"):
        gdviz.slice(dataclasses.replace(fit, weights=1e150 * fit.weights))
    alone = gdviz.train("linear", "line", "gd:lr=0.1", steps=2, backend="python")
    with pytest.raises(gdviz.UsageError, match="one direction only"):
        gdviz.slice(alone)
    with pytest.raises(gdviz.UsageError, match="two optimizers or two runs"):
        gdviz.slice(alone, "between")


def test_a_recipe_names_the_planes_that_there_are():
    assert tuple(cuts.PLANES) == PLANES


def test_a_recipe_of_a_training_can_be_cut_and_a_cut_is_told_by_its_command():
    trained = parse_recipe('backend = "python"\nmodel = { name = "linear" }\ndata = { name = "line" }', "", Slice)
    assert (trained.job, trained.cut) == (Slice, "random")
    recipe = trained.updated(cut="between", optimizer=[{"name": "gd", "lr": 0.1}], runs=2, grid=5, epochs=2)
    made = jobs.make(recipe)
    assert made.parts[0].to == (0, 1) and made.parts[0].cut.z.shape == (1, 5)
    assert parse_recipe(made.recipe.text(), "").job is Slice and jobs.make(made.recipe).recipe == made.recipe
    said = "gdviz slice linear --data line --plane between --grid 5 -o gd:lr=0.1 --batch 32 --epochs 2 --runs 2"
    assert jobs.command_of(made.recipe).startswith(said)
    assert parse_recipe(recipe.taken(Train).text(), "").job is Train
    with pytest.raises(gdviz.UsageError, match="has no steps"):
        jobs.make(trained.updated(optimizer=recipe.optimizer, at=3))
    with pytest.raises(gdviz.UsageError, match="or type --runs 2"):
        jobs.make(recipe.updated(runs=1))


@pytest.mark.parametrize("plane", PLANES)
def test_every_cut_is_drawn_in_the_units_of_its_numbers(plane):
    """Of two optimizers: two planes, or one panel of two lines or of one between them."""
    recipe = Recipe(model={"name": "mlp", "widths": [3]}, data={"name": "moons", "n": 40}, cut=plane, grid=7)
    optimizers = [{"name": "gd", "lr": 0.5}, {"name": "adam", "lr": 0.1}]
    made = jobs.make(recipe.updated(backend="python", epochs=3, optimizer=optimizers))
    scene = scene_of(made)
    cut = made.parts[0].cut
    assert len(scene.panels) == (1 if cut.is_line else 2) and scene.records == len(made.t)
    assert (scene.panels[0].x.low, scene.panels[0].x.high) == (cut.u[0], cut.u[-1])
    for part, panel in zip(made.parts, scene.panels, strict=False):
        for field in (layer for layer in panel.layers if isinstance(layer, Field)):
            np.testing.assert_array_equal(field.z, part.cut.z)
            np.testing.assert_array_equal(field.levels, scene.panels[0].layers[0].levels)  # of all at the same heights
    if plane == "pca":
        for share, axis in zip(cut.explained, (scene.panels[0].x, scene.panels[0].y), strict=True):
            assert f"{100 * share:.3g}" in axis.label
        assert f"{max(100 * part.cut.off for part in made.parts):.3g} %" in scene.caption
