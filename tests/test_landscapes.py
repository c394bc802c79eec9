"""Laws that every registered landscape obeys; whoever adds one adds no test."""

import itertools

import numpy as np
import pytest

from gdviz.formula import derive
from gdviz.registry import definitions

LANDSCAPES = [pytest.param(definition, id=name) for name, definition in definitions("landscape").items()]
every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES)


def box(landscape):
    """Low and high corner of the domain, float64[dim] each."""
    return np.array(landscape.domain()).T


def grid(landscape, count):
    """Points of the domain's grid, corners and axes' middles included: float64[dim, count ** dim]."""
    axes = [np.linspace(low, high, count) for low, high in landscape.domain()]
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])


def smooth_points(landscape, derived, h):
    """Random points float64[dim, n] of the domain with no kink of the formula within h of them."""
    low, high = box(landscape)
    inside = np.random.default_rng(2).uniform(low + 2 * h, high - 2 * h, (300, len(low))).T
    corners = [np.array(c)[:, None] * 1.5 * h for c in itertools.product((-1, 0, 1), repeat=len(low))]
    signs = [[np.sign(k) for k in derived.kink_distances(*(inside + c))] for c in corners]
    same = np.ones(inside.shape[1], dtype=bool)
    for kinks in zip(*signs, strict=True):
        same &= np.abs(np.sum(kinks, axis=0)) == len(corners)
    assert same.mean() > 0.9, "nearly every point lies at a kink: the test would show nothing"
    return inside[:, same]


def differences(function, x, h):
    """Central differences of float64[...] function(x) along every axis of x = float64[dim, n]: float64[dim, ...]."""
    shifts = np.eye(len(x))[:, :, None] * h
    return np.stack([(function(x + shift) - function(x - shift)) / (2 * h) for shift in shifts])


def spread(entries, x):
    """Derivatives as one array; entries that do not depend on the coordinates come as plain numbers."""
    return np.stack([np.broadcast_to(np.asarray(entry, dtype=np.float64), x.shape[1:]) for entry in entries])


@every_landscape
def test_gradient_is_the_slope_of_the_value(landscape):
    derived = derive(landscape)
    h = 1e-5
    x = smooth_points(landscape, derived, h)
    slope = differences(lambda x: derived.value(*x), x, h)
    gradient = spread(derived.gradient(*x), x)
    # Rounding leaves about 1e-16 f / h = 1e-11 f, the third derivative h² f'''/6: 1e-7 for a wave of length 0.15.
    scale = 1 + np.abs(gradient).max() + np.abs(derived.value(*x)).max()
    assert np.abs(gradient - slope).max() <= 1e-7 * scale


@every_landscape
def test_hessian_is_the_slope_of_the_gradient(landscape):
    derived = derive(landscape)
    h = 1e-5
    x = smooth_points(landscape, derived, h)
    hessian = np.stack([spread(row, x) for row in derived.hessian(*x)])
    slope = differences(lambda x: spread(derived.gradient(*x), x), x, h)
    scale = 1 + np.abs(hessian).max() + np.abs(slope).max()
    assert np.abs(hessian - slope).max() <= 1e-6 * scale
    assert np.abs(hessian - hessian.swapaxes(0, 1)).max() <= 1e-12 * scale


@every_landscape
def test_value_and_gradient_are_finite_on_the_domain(landscape):
    derived = derive(landscape)
    x = grid(landscape, 101)
    value, gradient = derived.value_and_gradient(*x)
    assert np.isfinite(spread([value], x)).all()
    assert np.isfinite(spread(gradient, x)).all()


@every_landscape
def test_derived_value_is_the_function_itself(landscape):
    derived = derive(landscape)
    x = grid(landscape, 21)
    expected = np.array([landscape.function(*(float(c) for c in point)) for point in x.T])
    np.testing.assert_allclose(derived.value(*x), expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())


@every_landscape
def test_stated_minima_are_minima(landscape):
    derived = derive(landscape)
    low, high = box(landscape)
    draw = np.random.default_rng(3)
    for *point, stated in landscape.minima():
        assert (low <= point).all() and (point <= high).all(), "outside the domain"
        value, gradient = derived.value_and_gradient(*point)
        assert abs(value - stated) <= 1e-14 + 1e-15 * abs(stated)
        assert np.abs(gradient).max() <= 1e-13
        around = np.array(point)[:, None] + draw.uniform(-1e-3, 1e-3, (len(point), 500))
        assert (derived.value(*around) > stated - 1e-14).all(), "there is lower ground beside it"
    values = [minimum[-1] for minimum in landscape.minima()]
    assert values == sorted(values), "the lowest comes first"


@every_landscape
def test_no_lower_ground_than_the_global_minimum(landscape):
    x = grid(landscape, 401)
    values = derive(landscape).value(*x)
    if landscape.minima():
        assert values.min() >= min(minimum[-1] for minimum in landscape.minima()) - 1e-14
    else:
        lowest = x[:, values.argmin()]
        low, high = box(landscape)
        assert ((lowest == low) | (lowest == high)).any(), (
            f"no minimum is stated, but {lowest} is lower than the border"
        )


@every_landscape
def test_start_is_in_the_domain_and_not_a_critical_point(landscape):
    low, high = box(landscape)
    start = landscape.start()
    assert (low < start).all() and (start < high).all()
    assert np.abs(derive(landscape).gradient(*start)).max() > 1e-6


@every_landscape
def test_facts_say_what_a_reader_needs(landscape):
    facts = landscape.facts
    assert {"domain", "start", "minima", "steps", "source"} <= set(facts)
    assert isinstance(facts["steps"], int) and facts["steps"] > 0
    assert facts.get("levels", "linear") in ("linear", "log", "quantile") or isinstance(facts["levels"], tuple)
    assert landscape.summary.endswith(".") and len(landscape.source) > 20


def test_a_family_gains_coordinates():
    families = [definition for definition in definitions("landscape").values() if definition.variadic]
    assert families
    for family in families:
        derived = derive(family, 5)
        assert abs(derived.value(0.0, 0.0, 0.0, 0.0, 0.0)) < 1e-15  # e as exp rounds it
        x = np.random.default_rng(4).uniform(-2, 2, (5, 20))
        slope = differences(lambda x, derived=derived: derived.value(*x), x, 1e-5)
        assert np.abs(spread(derived.gradient(*x), x) - slope).max() < 1e-5
