"""Networks on data: kernels answer what NumPy does, batches are means of their own, and runs do not know each other."""

from __future__ import annotations

import dataclasses
import functools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flat import assert_alike

from gdviz.backends import Paths, cpu, points, python
from gdviz.backends.selection import choose
from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import UsageError
from gdviz.objectives.architecture import Architecture, architecture_of
from gdviz.objectives.batches import FULL, Batch
from gdviz.objectives.network import Network
from gdviz.objectives.objective import Draw
from gdviz.plans.plan import Plan
from gdviz.plans.schedules import schedules
from gdviz.recipe.entries import Entry, Pace
from gdviz.registry.kinds.loss import LossFacts
from gdviz.registry.kinds.model import ModelFacts
from gdviz.words.entries import read_optimizer

SAMPLES = 23
SEVEN = Batch(7)

Widths = tuple[int, ...]


def layers(model: str, widths: Widths = (), features: int = 2, outputs: int = 1, act: str = "tanh", **options: Any):
    definition, activation = find("model", model), find("activation", act)
    given = {**definition.parameters, **definition.switches, **options}
    return architecture_of(definition, widths, given, (activation, dict(activation.parameters)), features, outputs)


def network(of: Architecture, loss: str = "squared", features: int = 2, **options: Any) -> Network:
    """A network on random samples."""
    rng = np.random.default_rng(0)
    definition = find("loss", loss)
    X = rng.normal(size=(SAMPLES, features))
    numbers = "regression" in LossFacts.of(definition).tasks
    y = rng.normal(size=SAMPLES) if numbers else rng.integers(0, max(2, of.sizes[-1]), SAMPLES)
    return Network(of, definition, dict(definition.parameters), X, y, classes=not numbers, **options)


@functools.cache
def small() -> Network:
    return network(layers("mlp", (3,)), "binary_cross_entropy", batch=SEVEN, l1=0.01, l2=0.02)


def plan(objective: Network, rule: str = "gd", runs: int = 5, steps: int = 12, lr: Any = 0.1) -> Plan:
    optimizer = find("optimizer", rule)
    return Plan(
        objective=objective,
        optimizer=optimizer,
        options={**optimizer.parameters, **optimizer.switches, "lr": lr},
        start=np.random.default_rng(1).normal(size=(runs, objective.dim)),
        steps=steps,
        every=4,
        tol=0.0,
        seed=7,
        dtype="float64",
        centre=np.zeros(objective.dim),
        reach=np.full(objective.dim, 1e3),
        runs=np.arange(runs),
    )


def some(objective: Network, lanes: int = 3) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(objective.dim, lanes))


def close(a: Paths, b: Paths, tolerance: float) -> None:
    np.testing.assert_allclose(a.x, b.x, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(a.f, b.f, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rule", ["gd", "armijo"])
def test_kernels_agree_with_numpy_but_for_rounding(rule: str) -> None:
    """A tile and a single point, each with a small batch at the end of epochs: 23 samples are 7, 7, 7 and 2."""
    close(cpu.run(plan(small(), rule)), python.run(plan(small(), rule)), 1e-12)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda: network(layers("mean_field", width=4), batch=Batch(6, True)), id="scaled, with replacement"
        ),
        pytest.param(lambda: network(layers("softmax", outputs=3), "cross_entropy"), id="all samples, one layer"),
        pytest.param(lambda: network(layers("deep", width=3)), id="layers alike", marks=pytest.mark.exhaustive),
        pytest.param(
            lambda: network(layers("mlp", (5, 18, 6), outputs=3), "cross_entropy"),
            id="blocks, all outputs",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_kernels_of_every_shape_agree_with_numpy(make: Any) -> None:
    close(cpu.run(plan(make())), python.run(plan(make())), 1e-12)


def test_neither_neighbours_nor_threads_nor_tiles_change_a_bit() -> None:
    given = plan(small(), runs=150)
    whole = cpu.run(given, threads=1)
    for other in (cpu.run(given, threads=2), cpu.run(given, threads=2, lanes=64)):
        np.testing.assert_array_equal(other.x, whole.x)
        np.testing.assert_array_equal(other.f, whole.f)
    alone = cpu.run(given.part(101, 102))
    np.testing.assert_array_equal(alone.x[0], whole.x[101])
    np.testing.assert_array_equal(alone.f[0], whole.f[101])


def test_neither_samples_in_pairs_nor_activations_side_by_side_change_a_bit() -> None:
    """Tiles of one lane have neither; an even number of samples goes in pairs, an odd one alone."""
    of = network(layers("mlp", (4,)))
    even = of.with_data(of.X[:-1], of.y[:-1])
    assert "range(0, taken, 2)" in even.tile_text(64) and "range(0, taken, 2)" not in of.tile_text(64) + even.tile_text(
        1
    )
    assert "tanh4" in even.tile_text(64) and "tanh4" not in even.tile_text(1)
    given = plan(even)
    abreast, alone = cpu.run(given), cpu.run(given, lanes=1)
    np.testing.assert_array_equal(abreast.x, alone.x)
    np.testing.assert_array_equal(abreast.f, alone.f)


@pytest.mark.parametrize(
    ("objective", "dtype"),
    [
        pytest.param(small, np.float64, id="two classes"),
        pytest.param(lambda: network(layers("softmax", outputs=3), "cross_entropy"), np.float32, id="three classes"),
    ],
)
def test_kernels_judge_networks_as_numpy_does(objective: Any, dtype: Any) -> None:
    """On samples that no step sees: their loss but for rounding, and how many are told rightly; each network alone as
    among others, and no more memory than the answer."""
    rng = np.random.default_rng(4)
    other = rng.normal(size=(9, 2)), rng.integers(0, max(2, objective().architecture.sizes[-1]), 9)
    of = dataclasses.replace(objective(), validation=other)
    W = rng.normal(size=(10, 2000, of.dim)).astype(dtype)
    points.answers(of, of.judging, W[:1, :1])
    tracemalloc.start()
    found = points.answers(of, of.judging, W, threads=1)
    assert tracemalloc.get_traced_memory()[1] < 1.2 * found.nbytes
    tracemalloc.stop()
    np.testing.assert_array_equal(points.answers(of, of.judging, W, threads=3), found)
    np.testing.assert_array_equal(points.answers(of, of.judging, W[4, 7]), found[:, 4, 7])
    flat = np.ascontiguousarray(W.reshape(-1, of.dim).T)
    loss, share = of.judging.judged(flat)
    np.testing.assert_allclose(found[0].ravel(), loss, rtol=1e-12 if dtype == np.float64 else 1e-5)
    np.testing.assert_array_equal(found[1].ravel(), share)
    told = of.predict(other[0], flat)
    classes = told.argmax(axis=0) if len(told) > 1 else told[0] > 0
    np.testing.assert_array_equal(found[1].ravel(), (classes == other[1][:, None]).mean(axis=0, dtype=dtype))
    assert found.dtype == dtype and len(np.unique(share)) > 5


def test_rates_of_layers_are_those_of_their_parameters() -> None:
    """A hyperparameter may differ between coordinates: with the same rate everywhere nothing changes, with none for a
    layer this layer stays where it is."""
    given = plan(small(), runs=3)
    rates = np.full((3, small().dim), 0.1)
    same, shown = (dataclasses.replace(given, options={**given.options, "lr": lr}) for lr in (rates, rates.copy()))
    shown.options["lr"][1, small().architecture.layers[0].weights] = 0
    for run in (cpu.run, python.run):
        whole, still = run(given), run(shown)
        np.testing.assert_array_equal(run(same).x, whole.x)
        np.testing.assert_array_equal(still.x[[0, 2]], whole.x[[0, 2]])
        moved = (still.x[1, -1] != given.start[1]).nonzero()[0]
        assert moved.tolist() == list(range(small().architecture.layers[0].weights.stop, small().dim))
    layered = dataclasses.replace(given, options={**given.options, "lr.1": 0.0})
    rates[:, small().parts[0]] = 0
    for run in (cpu.run, python.run):
        np.testing.assert_array_equal(run(layered).x, run(same).x)
    entry, _ = read_optimizer("gd:lr=0.1,lr.1=0")
    assert entry.flat() == {"name": "gd", "lr": 0.1, "lr.1": 0.0} and Entry(**entry.flat()) == entry
    with pytest.raises(UsageError, match="is the rate of a layer, and network has 2 layers"):
        dataclasses.replace(given, options={**given.options, "lr.3": 0.0})
    with pytest.raises(UsageError, match="lr cannot differ between coordinates where armijo is no vector rule"):
        plan(small(), "armijo", lr=rates)


def test_a_schedule_of_the_rate_moves_that_of_every_layer() -> None:
    """As schedulers of torch treat groups of parameters: each layer's own rate is what its schedule begins with."""
    full, entry = dataclasses.replace(small(), batch=FULL), Entry(name="gd")
    chain = (Pace(parameter="lr", chain=(Entry(name="cosine", options={"end": 0.1}),)),)
    given = dataclasses.replace(
        plan(full, runs=3, lr=np.array([0.4, 0.2, 0.4])),
        every=1,
        schedules=schedules(chain, entry, find("optimizer", "gd"), 12),
    )
    given = dataclasses.replace(given, options={**given.options, "lr.2": 0.05})
    paths = cpu.run(given)
    close(paths, python.run(given), 1e-12)
    assert_alike(dataclasses.replace(given, steps=3).part(0, 2))
    for run, lr in enumerate((0.4, 0.2, 0.4)):
        own = np.full(full.dim, lr)
        own[full.parts[1]] = 0.05
        x = given.start[run]
        for t, moved in enumerate(paths.x[run, 1:]):
            x = x - own * (0.1 + 0.45 * (1 + np.cos(np.pi * t / 12))) * full.gradient(x[:, None])[:, 0]
            np.testing.assert_allclose(moved, x, rtol=1e-10)
    plateau = (Pace(parameter="lr", chain=(Entry(name="plateau"),)),)
    with pytest.raises(UsageError, match=r"lr\.2 cannot stand beside plateau, which watches the loss"):
        dataclasses.replace(given, schedules=schedules(plateau, entry, find("optimizer", "gd"), 12))


def test_schedules_watch_the_loss_of_validation() -> None:
    """The rate falls as its rule says of these losses, which rise here while those of training fall."""
    of = small()
    watched = dataclasses.replace(of, validation=(of.X, 1 - of.y), l1=0.0, l2=0.0)
    entry = Entry(name="gd")
    chain = (Pace(parameter="lr", chain=(Entry(name="plateau", options={"patience": 2.0, "factor": 0.5}),)),)
    rates, paths = [], []
    for objective in (dataclasses.replace(watched, validation=None), watched):
        given = dataclasses.replace(
            plan(objective, steps=24), every=1, schedules=schedules(chain, entry, find("optimizer", "gd"), 24)
        )
        paths.append(cpu.run(given))
        close(paths[-1], python.run(given), 1e-12)
        rates.append(paths[-1].followed[0])
    expected = np.full_like(rates[1], 0.1)
    for run, x in enumerate(paths[1].x):
        best, bad, rate = np.inf, 0, 0.1
        for t, loss in enumerate(watched.watching.value(x[:-1].T), start=1):
            expected[run, t] = rate
            best, bad = (loss, 0) if loss < best * (1 - 1e-4) else (best, bad + 1)
            rate, bad = (rate / 2, 0) if bad > 2 else (rate, bad)
    np.testing.assert_allclose(rates[1], expected)
    assert (rates[0] != rates[1]).any()


def test_a_batch_is_the_mean_of_its_own_samples_and_the_whole_of_all() -> None:
    objective = small()
    X, draw = some(objective), Draw(7, 4, np.arange(3))
    f, G = objective.value_gradient(X, draw)
    assert len(SEVEN.chosen(SAMPLES, draw)) == 2
    for lane in range(3):
        rows = SEVEN.chosen(SAMPLES, draw)[:, lane]
        alone = objective.with_data(objective.X[rows], objective.y[rows])
        value, slope = alone.value_gradient(X[:, lane])
        np.testing.assert_allclose(f[lane], value, rtol=1e-13)
        np.testing.assert_allclose(G[:, lane], slope, rtol=1e-11)


def test_batches_are_unbiased_over_an_epoch() -> None:
    """Of batches of one size the mean over an epoch is the whole: not nearly, but up to rounding."""
    objective = network(layers("mlp", (3,)), batch=Batch(1))
    X = some(objective, 1)
    slopes = [objective.gradient(X, Draw(1, t, np.arange(1))) for t in range(1, SAMPLES + 1)]
    np.testing.assert_allclose(np.mean(slopes, axis=0), objective.gradient(X), rtol=1e-10)


REFERENCE = json.loads((Path(__file__).parent / "references" / "networks.json").read_text(encoding="utf-8"))
KEYS = {"regression": "numbers", "binary": "two", "classes": "many"}


def referred(model: str, loss: str, activation: str = "tanh", **options: Any) -> tuple[Network, np.ndarray]:
    """A network on the samples of the reference file, and its weights there."""
    name, _, typed = model.partition(":")
    widths = tuple(map(int, typed.split(","))) if typed and "=" not in typed else ()
    given = dict(pair.split("=") for pair in typed.split(",") if "=" in pair)
    definition = find("loss", loss)
    task = next(task for task in KEYS if task in LossFacts.of(definition).tasks)
    of = layers(
        *(name, widths, 2, 3 if task == "classes" else 1, activation), **{key: int(v) for key, v in given.items()}
    )
    X, y = np.array(REFERENCE["X"]), np.array(REFERENCE["targets"][KEYS[task]])
    return Network(of, definition, dict(definition.parameters), X, y, **options), np.array(REFERENCE["weights"])[
        : of.dim
    ]


def test_losses_and_gradients_are_those_of_jax() -> None:
    """Every model, with every loss of its tasks and every activation; scripts/reference_networks.py wrote them."""
    asked = set()
    for name, definition in definitions("model").items():
        for loss, one in definitions("loss").items():
            usual = next(task for task in KEYS if task in LossFacts.of(one).tasks)
            if usual in ModelFacts.of(definition).tasks:
                hidden = bool(definition.function(2, 1))
                asked |= {(name, loss, act) for act in (definitions("activation") if hidden else ("tanh",))}
    cases = {tuple(key.split(" ")): told for key, told in REFERENCE["cases"].items()}
    assert {(model.partition(":")[0], *rest) for model, *rest in cases} == asked
    for (model, loss, activation), (value, *slope) in cases.items():
        objective, w = referred(model, loss, activation)
        f, G = objective.value_gradient(w)
        told = f"{model} {loss} {activation}"
        np.testing.assert_allclose(f, value, rtol=1e-12, err_msg=told)
        np.testing.assert_allclose(G, slope, rtol=1e-10, atol=1e-14, err_msg=told)


@pytest.mark.parametrize("rule", ["gd", "adam"])
def test_two_hundred_steps_are_those_of_optax(rule: str) -> None:
    trained = REFERENCE["trained"]
    objective, w = referred("mlp:3,2", "binary_cross_entropy")
    given = plan(objective, rule, runs=1, steps=trained["steps"])
    given = dataclasses.replace(given, start=w[None, :], options={**given.options, "lr": trained["rate"]})
    np.testing.assert_allclose(python.run(given).x[0, -1], trained["ends"][rule], rtol=1e-8)


def test_what_networks_predict_is_what_their_loss_is_of() -> None:
    objective = network(layers("mlp", (3,)))
    W = some(objective)
    told = objective.predict(objective.X, W)
    assert told.shape == (1, SAMPLES, 3)
    np.testing.assert_allclose(((told[0] - objective.y[:, None]) ** 2).mean(axis=0), objective.value(W), rtol=1e-13)


def test_logistic_regression_ends_at_the_optimum_of_scipy() -> None:
    from scipy.optimize import minimize

    objective = network(layers("logistic"), "binary_cross_entropy", l2=0.01)
    sign = 2.0 * objective.y - 1

    def loss(w: np.ndarray) -> float:
        z = sign * (objective.X @ w[:2] + w[2])
        return float(np.logaddexp(0, -z).mean() + 0.01 * (w[:2] ** 2).sum())

    best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-10})
    found = python.run(plan(objective, "gd", steps=3000)).x[:, -1]
    np.testing.assert_allclose(found, np.tile(best.x, (5, 1)), atol=1e-7)


def test_nobody_choosing_means_kernels() -> None:
    name, _ = choose([plan(small(), steps=1)])
    assert name == "cpu"


def test_digests_tell_data_batches_and_penalties_apart() -> None:
    of = layers("mlp", (3,))
    made = [network(of), network(of, batch=SEVEN), network(of, l1=0.1), network(layers("mlp", (3,), act="relu"))]
    made.append(made[0].with_data(made[0].X[:5], made[0].y[:5]))
    assert len({one.digest for one in made}) == 5
    assert network(of, batch=FULL).digest == made[0].digest


def test_data_that_do_not_fit_are_refused() -> None:
    of = layers("mlp", (3,))
    for options, words in (
        ({"features": 3}, "the network takes 2 features, and the samples have 3"),
        ({"batch": Batch(24)}, "a batch of 24 needs as many samples, and there are 23"),
    ):
        with pytest.raises(UsageError, match=words):
            network(of, **options)
    with pytest.raises(UsageError, match="squared is of one output, and the network has 3"):
        network(layers("mlp", (3,), outputs=3))
