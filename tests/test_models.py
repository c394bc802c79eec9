"""Models and their initial weights: sizes and names, random numbers by seed and run, the laws of each initialiser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import DefinitionError, UsageError
from gdviz.objectives import initial as module
from gdviz.objectives.architecture import Architecture, architecture_of
from gdviz.objectives.initial import initial
from gdviz.registry.defining import describe
from gdviz.registry.kinds.model import ModelFacts
from gdviz.vmath import random


def network(model: str, features: int = 1, outputs: int = 1, *widths: int, **options: Any) -> Architecture:
    definition = find("model", model)
    tanh = find("activation", "tanh")
    given = {**definition.parameters, **definition.switches, **options}
    return architecture_of(definition, widths, given, (tanh, tanh.parameters), features, outputs)


def weights(name: str, made: Architecture, runs: Any, seed: int = 0, **options: Any) -> Any:
    definition = find("initialiser", name)
    return initial(made, definition, {**definition.parameters, **definition.switches, **options}, seed, runs)


@pytest.mark.parametrize(
    ("made", "sizes", "dim"),
    [
        (network("linear", 3), (3, 1), 4),
        (network("polynomial", 2, degree=4.0), (8, 1), 9),
        (network("softmax", 2, 3), (2, 3), 9),
        (network("mlp", 2, 1, 5, 4), (2, 5, 4, 1), 15 + 24 + 5),
        (network("mlp", 2, 1, 5, bias=False), (2, 5, 1), 15),
        (network("deep", 2, 1, width=3.0), (2, *[3] * 7, 1), 9 + 6 * 12 + 4),
        (network("mean_field", 16), (16, 16, 1), 272),
    ],
)
def test_sizes_follow_from_the_model(made: Architecture, sizes: tuple[int, ...], dim: int) -> None:
    assert (made.sizes, made.dim, len(made.names)) == (sizes, dim, dim)


def test_parameters_have_the_names_of_lectures() -> None:
    assert network("linear").names == ("w", "b")
    assert network("logistic", 2).names == ("w1", "w2", "b")
    assert network("softmax", 1, 2).names == ("w1[1,1]", "w1[1,2]", "b1[1]", "b1[2]")
    deep = network("mlp", 2, 1, 3)
    assert deep.names[:9] == (*(f"w1[{i},{j}]" for i in (1, 2) for j in (1, 2, 3)), *(f"b1[{j}]" for j in (1, 2, 3)))
    assert [deep.names[part][0] for layer in deep.layers for part in (layer.weights, layer.biases)] == [
        *("w1[1,1]", "b1[1]", "w2[1,1]", "b2[1]")
    ]


def test_a_polynomial_sees_powers_of_every_feature() -> None:
    X = np.array([[2.0, 3.0], [-1.0, 0.5]])
    np.testing.assert_array_equal(network("polynomial", 2, degree=3.0).seen(X), np.hstack([X, X**2, X**3]))
    assert network("linear", 2).seen(X) is X


def test_mean_field_networks_divide_their_sums() -> None:
    assert network("mean_field", 4, width=9.0).scales == pytest.approx((np.sqrt(2 / 4), 1 / 9), rel=1e-15)
    assert network("mlp", 4, 1, 9).scales == (1.0, 1.0)


def test_widths_are_for_models_that_take_them() -> None:
    with pytest.raises(UsageError, match="linear takes no widths, as in linear:4; mlp is a model that does"):
        network("linear", 1, 1, 4)
    with pytest.raises(UsageError, match="type deep:width=4"):
        network("deep", 1, 1, 4)


@pytest.mark.parametrize("name", definitions("initialiser"))
def test_a_run_has_its_weights_alone_and_among_others(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = network("mlp", 3, 2, 5)
    whole = weights(name, made, range(100, 140), seed=7)
    assert whole.shape == (40, made.dim) and np.isfinite(whole).all()
    monkeypatch.setattr(module, "AT_ONCE", 64)
    np.testing.assert_array_equal(weights(name, made, [139, 100, 117], seed=7), whole[[39, 0, 17]])


def test_numbers_are_those_of_their_stream_and_place() -> None:
    made = network("mlp", 3, 2, 5)
    found = weights("mean_field", made, [12], seed=3, variance=1.0, bias_variance=1.0)[0]
    one = random.namespace("float64")["normal"]
    for number, layer in enumerate(made.layers):
        drawn = one(3, random.WEIGHTS["normal"], 12, number, np.arange(layer.biases.stop - layer.weights.start))
        told = np.concatenate([found[layer.weights] * np.sqrt(layer.fan_in), found[layer.biases]])
        np.testing.assert_allclose(told, drawn, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "options", "variance"),
    [
        ("normal", {"std": 0.5}, 0.25),
        ("uniform", {"low": 0.0, "high": 3.0}, 0.75),
        ("xavier", {"gain": 2.0}, 4 * 2 / 90),
        ("xavier", {"distribution": "uniform"}, 2 / 90),
        ("he", {}, 2 / 60),
        ("he", {"distribution": "uniform"}, 2 / 60),
        ("orthogonal", {}, 1 / 60),
        ("mean_field", {}, 1.76 / 60),
        ("offset", {"mean": 1.5}, 1.0),
    ],
)
def test_weights_have_the_variance_that_is_said(name: str, options: dict[str, Any], variance: float) -> None:
    first = network("mlp", 60, 1, 30).layers[0].weights
    found = weights(name, network("mlp", 60, 1, 30), range(40), **options)[:, first]
    mean = 1.5 if name in ("uniform", "offset") else 0.0
    assert found.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / found.size))
    assert found.var() == pytest.approx(variance, rel=0.02)


def test_an_offset_moves_the_weights_of_the_first_layer_alone() -> None:
    made = network("mlp", 3, 1, 5, 5)
    usual, moved = (weights("offset", made, range(2), mean=mean) for mean in (0.0, 2.0))
    first = np.zeros(made.dim, bool)
    first[made.layers[0].weights] = True
    assert np.array_equal(moved, np.where(first, usual + 2.0, usual))


@pytest.mark.parametrize("sizes", [(6, 4), (4, 6), (1, 3), (5, 5)])
def test_orthogonal_layers_stretch_nothing(sizes: tuple[int, int]) -> None:
    made = network("softmax", *sizes)
    found = weights("orthogonal", made, range(3), gain=2.0)[:, made.layers[0].weights].reshape(3, *sizes)
    tall = found if sizes[0] >= sizes[1] else found.transpose(0, 2, 1)
    products = tall.transpose(0, 2, 1) @ tall
    np.testing.assert_allclose(products, np.broadcast_to(4 * np.eye(min(sizes)), products.shape), atol=1e-14)


def test_an_initialiser_of_another_shape_is_named() -> None:
    wrong = describe("initialiser", lambda normal: normal[:2], name="wrong")
    with pytest.raises(DefinitionError, match=r"array of the shape \(2, 5, 2\); it must be \(3, 5"):
        initial(network("mlp", 3, 1, 5), wrong, {}, 0, [0, 1])


def test_what_models_take_where_nobody_says_is_there() -> None:
    for definition in definitions("model").values():
        facts = ModelFacts.of(definition)
        find("activation", facts.activation)
        find("initialiser", facts.initialiser)
