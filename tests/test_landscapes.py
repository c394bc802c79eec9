"""Laws that every registered landscape obeys; whoever adds one adds no test."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy

from gdviz.catalogue.lookup import definitions
from gdviz.objectives.landscape import derive

EPS = np.finfo(np.float64).eps
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
    inside = np.random.default_rng(2).uniform(low + 3 * h, high - 3 * h, (300, len(low))).T
    corners = [np.array(c)[:, None] * 2.5 * h for c in itertools.product((-1, 0, 1), repeat=len(low))]
    signs = [[np.sign(k) for k in derived.kink_distances(*(inside + c))] for c in corners]
    same = np.ones(inside.shape[1], dtype=bool)
    for kinks in zip(*signs, strict=True):
        same &= np.abs(np.sum(kinks, axis=0)) == len(corners)
    assert same.mean() > 0.9, "nearly every point lies at a kink: the test would show nothing"
    return inside[:, same]


def differences(function, x, h):
    """Central differences over five points of float64[...] function(x) along every axis of x = float64[dim, n]."""

    def across(shift):
        return function(x + shift) - function(x - shift)

    return np.stack([(8 * across(s) - across(2 * s)) / (12 * h) for s in np.eye(len(x))[:, :, None] * h])


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
    # Rounding leaves about 1e-16 f / h = 1e-11 f, the fifth derivative h⁴ f⁽⁵⁾/30: 1e-8 for a wave of length 0.01.
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
        # The minimiser itself is rounded: half an ulp of x is half an ulp of |H| |x| in the gradient.
        rounding = np.abs(np.array(derived.hessian(*point), dtype=np.float64)) @ np.abs(point)
        assert (np.abs(gradient) <= np.fmax(1e-13, 2 * EPS * rounding)).all()
        around = np.array(point)[:, None] + draw.uniform(-1e-3, 1e-3, (len(point), 500))
        assert (derived.value(*around) > stated - 1e-14).all(), "there is lower ground beside it"
    values = [minimum[-1] for minimum in landscape.minima()]
    assert values == sorted(values), "the lowest comes first"


def basins(values):
    """Which values float64[count, …] on a grid are no higher than their neighbours along every axis."""
    low, inside = np.ones(values.shape, bool), np.pad(values, 1, constant_values=np.inf)
    for axis, shift in itertools.product(range(values.ndim), (-1, 1)):
        around = np.roll(inside, shift, axis)[(slice(1, -1),) * values.ndim]
        low &= values <= around
    return low


def lowest_nearby(landscape, points, reach):
    """Lowest values float64[n] around points float64[dim, n] of the domain, by grids ever finer, the first as wide as
    `reach` float64[dim] to either side."""
    low, high = (corner[:, None, None] for corner in box(landscape))
    ways = np.stack([way.ravel() for way in np.meshgrid(*[np.linspace(-1, 1, 21)] * len(points))])
    for finer in range(6):
        around = points[:, :, None] + reach[:, None, None] * ways[:, None, :] / 8.0**finer
        around = np.clip(around, low, high)
        values = np.broadcast_to(derive(landscape).value(*around), around.shape[1:])
        points = np.take_along_axis(around, values.argmin(axis=1)[None, :, None], axis=2)[:, :, 0]
    return values.min(axis=1)


@every_landscape
def test_no_lower_ground_than_the_global_minimum(landscape):
    x = grid(landscape, 401)
    values = derive(landscape).value(*x)
    if landscape.minima():
        least = min(minimum[-1] for minimum in landscape.minima())
        assert values.min() >= least - 1e-14
        found = np.flatnonzero(basins(values.reshape((401,) * len(x))))
        found = found[np.argsort(values[found], kind="stable")[:100]]
        low, high = box(landscape)
        lowest = lowest_nearby(landscape, x[:, found], (high - low) / 200).min()
        assert lowest >= least - 1e-14 * max(1, abs(least)), "there is lower ground between the points of the grid"
        assert lowest <= least + 1e-4 * (np.median(values) - least), "no basin of the grid is as deep as is stated"
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
    assert None not in (facts.domain, facts.start, facts.minima, facts.steps) and facts.source
    assert isinstance(facts.steps, int) and facts.steps > 0
    assert facts.levels in (None, "linear", "log", "quantile") or isinstance(facts.levels, tuple)
    assert landscape.summary.endswith(".") and len(landscape.source) > 20


FAMILIES = [p for p in LANDSCAPES if p.values[0].variadic]


@pytest.mark.parametrize("dimension", [3, 5])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_gains_coordinates(family, dimension):
    derived = derive(family, dimension)
    low, high = np.array(family.domain(dimension)).T[:, :, None]
    x = low + (high - low) * np.random.default_rng(4).uniform(0.01, 0.99, (dimension, 20))
    slope = differences(lambda x: derived.value(*x), x, 1e-5)
    scale = 1 + np.abs(slope).max() + np.abs(derived.value(*x)).max()
    assert np.abs(spread(derived.gradient(*x), x) - slope).max() < 1e-7 * scale
    minima = family.minima(dimension)
    assert minima, "a family knows its minimum in any dimension"
    assert [minimum[-1] for minimum in minima] == sorted(minimum[-1] for minimum in minima)
    assert (derived.value(*x) >= minima[0][-1]).all()
    start = family.start(dimension)
    assert (low[:, 0] < start).all() and (start < high[:, 0]).all()
    for minimum in minima:
        assert (low[:, 0] <= minimum[:-1]).all() and (minimum[:-1] <= high[:, 0]).all()


FUNCTIONS = {"abs": mpmath.fabs, "sign": mpmath.sign, "floor": mpmath.floor, "maximum": max, "minimum": min}
FUNCTIONS |= {"at_least": lambda a, b: int(a >= b), "above": lambda a, b: int(a > b)}


@pytest.mark.parametrize(
    ("landscape", "dimension"),
    [
        *(pytest.param(*p.values, p.values[0].size(), id=str(p.id)) for p in LANDSCAPES),
        *(pytest.param(*p.values, n, id=f"{p.id}-{n}") for p in FAMILIES for n in (3, 5)),
    ],
)
def test_stated_minima_are_right_to_rounding(landscape, dimension):
    """With forty digits, a step of Newton's method from a stated minimum goes no farther than rounding explains."""
    x = sympy.symbols(f"x:{dimension}", real=True)
    value = sympy.sympify(landscape.function(*x, **landscape.parameters))
    given = landscape.facts.gradient
    slopes = given(*x, **landscape.parameters) if given else [sympy.diff(value, c) for c in x]
    bends = [[sympy.diff(slope, c) for c in x] for slope in slopes]
    height, gradient, hessian = (sympy.lambdify(x, e, modules=[FUNCTIONS, "mpmath"]) for e in (value, slopes, bends))
    derived = derive(landscape, dimension)
    for *stated, lowest in landscape.minima(dimension)[:20]:
        if not np.isfinite(np.array(derived.hessian(*stated), dtype=np.float64)).all():
            continue  # 0/0, where the definition gives its own gradient
        if any(distance == 0 for distance in derived.kink_distances(*stated)):
            continue  # the kink is where it is in rounded numbers; with more digits there is none here
        with mpmath.workdps(40):
            point = [mpmath.mpf(c) for c in stated]
            assert abs(height(*point) - lowest) <= 1e-15 + EPS * abs(lowest)
            try:
                curvature = mpmath.matrix(hessian(*point))
            except ZeroDivisionError:
                continue  # 0/0, where the definition gives its own gradient, and the derived text answers 0
            scale = max(map(abs, curvature))
            if scale == 0 or abs(mpmath.det(curvature)) <= 1e-12 * scale**dimension:
                continue  # flat along some direction: no step tells how far the minimum is
            step = mpmath.lu_solve(curvature, mpmath.matrix(gradient(*point)))
            # Constants such as 0.01 are rounded too, which moves a minimum by half an ulp of H x over the curvature.
            size = curvature.apply(abs) * mpmath.matrix([abs(c) for c in point])
            most = EPS * (mpmath.inverse(curvature).apply(abs) * size)
            assert all(abs(d) <= (m or 1e-13) for d, m in zip(step, most, strict=True))
