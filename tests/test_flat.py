"""Flat kernels of vector rules, run by Python on NumPy's scalars: the bits of other backends, wherever they are cut."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from flat import assert_alike
from rules import RULES, marked, plan, sample, sample_of_rules
from test_network import layers, network, small
from test_network import plan as training
from test_trackers import CASES, trackers_of

from gdviz.backends.cuda.kernel import FlatPlan
from gdviz.backends.trackers import Lowest, Nearest, Score
from gdviz.catalogue.lookup import definitions, find
from gdviz.objectives.batches import Batch
from gdviz.plans.plan import Plan
from gdviz.plans.schedules import schedules
from gdviz.recipe.entries import Entry
from gdviz.words.schedules import parse_schedules

LANDSCAPES = definitions("landscape")
VECTOR = {name: d for name, d in definitions("optimizer").items() if d.rule == "vector"}
both_dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])
FEW: dict[str, Any] = {"runs": 5, "steps": 24, "every": 5}
CUTS = (2, 3, 11, 25)


def given(*names: Any, **options: Any) -> Plan:
    return plan(*names, **{**FEW, **options})


@pytest.mark.parametrize("landscape", marked(LANDSCAPES, sample(LANDSCAPES)))
def test_every_landscape(landscape: str) -> None:
    assert_alike(given(landscape, "adam", lr=0.05))


@both_dtypes
@pytest.mark.parametrize("optimizer", marked(VECTOR, sample_of_rules(VECTOR)))
def test_every_rule(optimizer: str, dtype: str) -> None:
    for preset in (None, *VECTOR[optimizer].presets):
        assert_alike(given("beale", optimizer, preset=preset, dtype=dtype), cuts=CUTS)


@both_dtypes
@pytest.mark.parametrize("dim", [2, 7])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_reductions_numbers_of_the_run_and_many_coordinates(rule: Any, dim: int, dtype: str) -> None:
    assert_alike(given("styblinski_tang", rule, dim=dim, lr=2e-3, dtype=dtype, steps=9), cuts=(4,))


@pytest.mark.parametrize("cuts", [(), (1,), tuple(range(1, 26))], ids=str)
@pytest.mark.parametrize("optimizer", ["gd", "nesterov", "adam"])
def test_launches_may_be_cut_anywhere(optimizer: str, cuts: tuple[int, ...]) -> None:
    """Some arrive, some leave, some of these return."""
    assert_alike(given("rosenbrock", optimizer, runs=8, lr=np.geomspace(1e-4, 1e-2, 8), tol=5.0), cuts=cuts)
    assert_alike(given("himmelblau", optimizer, runs=8, lr=np.geomspace(1e-3, 1e-1, 8), tol=1e-1), cuts=cuts)
    assert_alike(given("himmelblau", optimizer, runs=8, lr=np.geomspace(1e-3, 1.0, 8)).unguarded(), cuts=cuts)


def test_plans_that_differ_in_numbers_share_a_kernel() -> None:
    """Which is compiled once: starts, rates, steps, records, seeds, targets and centres are no text."""
    one = given("rosenbrock", "adam", tol=1e-3)
    rates = {"lr": 0.3, "beta1": 0.5}
    other = dataclasses.replace(one, options={**one.options, **rates}, steps=77, every=3, seed=9, tol=0.1)
    other = other.part(1, 4)
    points = np.ones((2, 2))
    followed = ([Lowest(1.0), Nearest(points, 0.3)], [Lowest(2.0), Nearest(points[:1], 0.5)])
    first, second = (FlatPlan(some, [*trackers]) for some, trackers in zip((one, other), followed, strict=True))
    assert first.kernel.text == second.kernel.text and first.turns != second.turns
    assert FlatPlan(dataclasses.replace(one, tol=0.0)).kernel.text != FlatPlan(one).kernel.text
    for some, trackers in zip((one, other), followed, strict=True):
        assert_alike(some, trackers)


@pytest.mark.parametrize("transform", definitions("transform"))
def test_every_transform(transform: str) -> None:
    for dtype, dim in (("float64", 2), ("float32", 7)):
        definition = find("transform", transform)
        for preset in (None, *definition.presets):
            options = {**definition.parameters, **definition.switches, **definition.presets.get(preset, {})}
            one = given("rastrigin", "adam", dim=dim, lr=np.linspace(0.01, 0.1, 3), dtype=dtype, runs=3, steps=12)
            assert_alike(dataclasses.replace(one, transforms=((definition, options),)), cuts=(2, 3, 9))


@pytest.mark.parametrize("schedule", definitions("schedule"))
def test_every_schedule(schedule: str) -> None:
    for dtype, lr in (("float64", 0.1), ("float32", np.linspace(0.01, 0.5, 5))):
        for text in (f"lr={schedule}", f"lr=linear_warmup:steps=5 then {schedule}"):
            one = given("beale", "adam", lr=lr, dtype=dtype)
            paces = [parse_schedules(text)]
            made = schedules(paces, Entry(name="adam"), one.optimizer, one.steps)
            assert_alike(dataclasses.replace(one, schedules=made), cuts=CUTS)


@pytest.mark.parametrize("case", [name for name in CASES if name != "a program"])
def test_what_follows_runs(case: str) -> None:
    whole = CASES[case]()
    last = min(40, whole.steps)
    for every in (1, 7):
        trackers = trackers_of(whole, every)
        some = whole.part(0, 8)
        assert_alike(dataclasses.replace(some, steps=last, every=last), trackers, cuts=(5, 20))


def test_states_are_kept() -> None:
    for optimizer, states in (("adam", ("m", "v")), ("nesterov", ("v",)), (RULES[1], ("s", "d"))):
        assert_alike(given("beale", optimizer, runs=3), states=states, cuts=CUTS)


def test_a_rate_for_each_coordinate() -> None:
    lanes = np.random.default_rng(1).uniform(0.01, 0.1, (5, 2))
    assert_alike(given("beale", "adam", lr=lanes), cuts=CUTS)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(small, id="batches of an order"),
        pytest.param(lambda: network(layers("mean_field", width=4), batch=Batch(6, True)), id="drawn batches"),
        pytest.param(
            lambda: network(layers("mlp", (18, 6), outputs=3), "cross_entropy"),
            id="blocks",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(lambda: network(layers("deep", width=3)), id="layers alike", marks=pytest.mark.exhaustive),
        pytest.param(
            lambda: network(layers("softmax", outputs=3), "cross_entropy"),
            id="one layer",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_networks(make: Any) -> None:
    assert_alike(training(make(), "adam", runs=2, steps=4), cuts=(3,))


def test_networks_are_followed_and_watched() -> None:
    of = dataclasses.replace(small(), validation=(np.ones((3, 2)), np.array([0, 1, 1])))
    one = training(of, "gd", runs=3, steps=5)
    made = schedules([parse_schedules("lr=plateau")], Entry(name="gd"), one.optimizer, one.steps)
    assert_alike(dataclasses.replace(one, schedules=made), [Score(window=2, largest=1e3)], cuts=(2, 4))
