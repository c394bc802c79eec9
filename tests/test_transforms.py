"""What is done to gradients before the optimizers see them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import gdviz
from gdviz.compose import compose
from gdviz.laws import examine
from gdviz.registry import definitions, describe
from gdviz.simulation import rerun

BACKENDS = ("python", "cpu")


@pytest.mark.parametrize("name", definitions("transform"))
def test_every_transform_keeps_the_laws(name):
    for verdict in examine(definitions("transform")[name]):
        assert verdict.holds, f"{verdict.law}: {verdict.finding}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_noise_changes_direction_not_only_length(backend):
    run = gdviz.simulate(
        "simple_quad",
        ["gd:lr=0.1"],
        start=[(1.0, 0.0)] * 500,
        steps=1,
        transforms=["gaussian:sigma=2"],
        backend=backend,
    )
    moved = (run.x[0, :, 0] - run.x[0, :, 1]) / 0.1 - [2.0, 0.0]
    for coordinate in moved.T:
        assert stats.kstest(coordinate, "norm", args=(0, 2)).pvalue > 1e-3
    assert abs(np.corrcoef(moved.T)[0, 1]) < 0.15


@pytest.mark.parametrize("backend", BACKENDS)
def test_rates_are_compared_under_the_same_noise(backend):
    run = gdviz.simulate(
        "simple_quad", ["gd:lr=0.1", "gd:lr=0.2"], steps=1, transforms=["gaussian"], seed=4, backend=backend
    )
    first, second = run.x[:, 0, 1] - run.x[:, 0, 0]
    assert np.allclose(2 * first, second, rtol=1e-12)
    plan = run.plans[0].with_lanes(lr=np.array([0.1, 0.2, 0.3]))
    swept = rerun(plan, backend)
    moved = swept.x[:, 1] - swept.x[:, 0]
    assert np.allclose(moved[1], 2 * moved[0], rtol=1e-12) and np.allclose(moved[2], 3 * moved[0], rtol=1e-12)


def test_transforms_follow_each_other_in_the_order_typed():
    def doubled(g, scale=2.0):
        return g * scale

    def shifted(g, by=1.0):
        return g + by

    run = gdviz.simulate("quadratic_1d", ["gd:lr=1.0"], start=(0.0,), steps=1)
    pair = [(describe("transform", f), {k: v}) for f, k, v in ((doubled, "scale", 2.0), (shifted, "by", 1.0))]
    import dataclasses

    plan = dataclasses.replace(run.plans[0], transforms=tuple(pair))
    back = dataclasses.replace(plan, transforms=tuple(reversed(pair)))
    for backend in BACKENDS:
        assert rerun(plan, backend).x[0, 1, 0] == -(4.0 * 2 + 1)
        assert rerun(back, backend).x[0, 1, 0] == -((4.0 + 1) * 2)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", definitions("transform"))
def test_backends_agree_bit_for_bit(name, dtype):
    starts = np.random.default_rng(2).uniform(-2, 2, (150, 2)).tolist()
    wanted = {"start": starts, "steps": 60, "every": 20, "transforms": [name, "gaussian:sigma=0.3"], "dtype": dtype}
    for rule in ("adam:lr=0.05", "nesterov:lr=0.001,preset=lasagne"):
        one, two = (gdviz.simulate("beale", [rule], backend=backend, **wanted) for backend in BACKENDS)
        assert np.array_equal(one.x, two.x) and np.array_equal(one.f, two.f)
        assert np.array_equal(one.status, two.status)


def test_rules_that_call_back_are_refused():
    with pytest.raises(gdviz.UsageError, match="calls the landscape back"):
        gdviz.simulate("beale", ["newton"], transforms=["gaussian"])


def test_the_picture_says_so():
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=3, transforms=["noise:sigma=0.5"])
    assert compose(run).caption == "Gaussian noise, σ = 0.5"
    assert run.recipe.transform[0].name == "gaussian"
    assert "gaussian" in run.recipe.digests
