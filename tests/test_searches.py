"""Rules that search, gather curvature or try points: what their books prove of them, and SciPy's end points."""

from __future__ import annotations

import functools
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize
from rules import plan

from gdviz import formula
from gdviz.backends import python
from gdviz.catalogue.lookup import definitions
from gdviz.formula import linear
from gdviz.objectives.landscape import derive
from gdviz.registry.defining import describe

OPTIMIZERS = definitions("optimizer")
LANDSCAPES = definitions("landscape")
PLANE = {name: d for name, d in LANDSCAPES.items() if d.dimension == 2}
BOX = ((-5.0, 5.0),)
REFERENCES = Path(__file__).parent / "references"
CURVED = json.loads((REFERENCES / "curvatures.json").read_text(encoding="utf-8"))
BACKTRACKED = json.loads((REFERENCES / "backtracking.json").read_text(encoding="utf-8"))


def follow(landscape, optimizer, start, steps=100, **options):
    """Paths of one run, recorded at every step; x float64[record, dim], f float64[record], evals int64[record]."""
    given = plan(landscape, optimizer, runs=1, dim=len(start), steps=steps, every=1, **options)
    object.__setattr__(given, "start", np.array([start], dtype=np.float64))
    paths = python.run(given)
    return paths.x[0], paths.f[0], paths.evals[0]


def slopes(landscape, x):
    """Gradients float64[record, dim]."""
    derived = derive(landscape, x.shape[1])
    return np.array([[float(c) for c in derived.gradient(*point)] for point in x])


def quadratic(dim):
    """A bowl ½ xᵀ A x of condition 100, turned at random, and its A."""
    draw = np.random.default_rng(dim)
    turn = np.linalg.qr(draw.normal(size=(dim, dim)))[0]
    matrix = turn @ np.diag(np.geomspace(1, 100, dim)) @ turn.T

    def bowl(*x):
        return sum(float(matrix[i, j]) * x[i] * x[j] for i in range(len(x)) for j in range(len(x))) / 2

    return describe("landscape", bowl, domain=BOX), matrix


ALONG_RAYS = [
    name for name, d in OPTIMIZERS.items() if {"c1", "c2"} <= set(d.parameters) and "search" not in d.switches
]


@pytest.mark.parametrize("landscape", ["rosenbrock", "beale", "himmelblau"])
@pytest.mark.parametrize("name", ALONG_RAYS)
def test_steps_satisfy_the_strong_wolfe_conditions(name, landscape):
    definition, rule = LANDSCAPES[landscape], OPTIMIZERS[name]
    x, f, _ = follow(definition, rule, definition.facts.start, steps=30)
    g, s = slopes(definition, x), np.diff(x, axis=0)
    moving = f[:-1] - f[1:] > 1e-9 * f[0]  # past that, rounding decides
    first, last = (s * g[:-1]).sum(axis=1), (s * g[1:]).sum(axis=1)
    assert moving.sum() >= 4
    assert (f[1:] <= f[:-1] + rule.parameters["c1"] * first)[moving].all()
    assert (np.abs(last) <= -rule.parameters["c2"] * first)[moving].all()


@pytest.mark.parametrize("landscape", ["rosenbrock", "beale", "long_valley"])
def test_exact_search_turns_at_right_angles(landscape):
    definition = LANDSCAPES[landscape]
    x, _, _ = follow(definition, "exact_line_search", definition.facts.start, steps=20)
    g = slopes(definition, x)
    lengths = np.linalg.norm(g, axis=1)
    cosines = np.abs((g[:-1] * g[1:]).sum(axis=1)) / (lengths[:-1] * lengths[1:])
    assert (cosines[lengths[1:] > 1e-6] < 1e-6).all()


EXACT = [(name, {"search": "exact"}) for name, d in OPTIMIZERS.items() if "exact" in d.choices.get("search", ())]
FORMS = [(n, {**o, "form": form}) for n, o in EXACT for form in OPTIMIZERS[n].choices.get("form", ("",)) if form] + [
    (n, o) for n, o in EXACT if "form" not in OPTIMIZERS[n].choices
]


@pytest.mark.parametrize("dim", [2, 3, 6])
@pytest.mark.parametrize(("name", "options"), FORMS, ids=lambda value: str(value))
def test_exact_search_ends_on_a_quadratic_in_as_many_steps_as_coordinates(name, options, dim):
    """Nocedal & Wright 2006, theorems 5.1 and 6.4; one step more makes up for rounding."""
    bowl, _ = quadratic(dim)
    x, _, _ = follow(bowl, name, np.linspace(1, 2, dim), steps=dim + 1, **options)
    assert np.abs(slopes(bowl, x)[-1]).max() < 1e-8 * np.abs(slopes(bowl, x)[0]).max()


def built(pairs, scale):
    """Inverse Hessian that pairs (s, y) make of a multiple of the identity."""
    H = scale * np.eye(len(pairs[0][0]))
    for s, y in pairs:
        away = np.eye(len(s)) - np.outer(s, y) / (s @ y)
        H = away @ H @ away.T + np.outer(s, s) / (s @ y)
    return H


@pytest.mark.parametrize(("name", "memory"), [("bfgs", 100), ("lbfgs", 10), ("lbfgs", 3)])
@pytest.mark.parametrize("landscape", ["rosenbrock", "beale"])
def test_directions_are_those_of_the_matrix_that_the_pairs_stand_for(name, memory, landscape):
    definition = LANDSCAPES[landscape]
    options = {"memory": float(memory)} if "memory" in OPTIMIZERS[name].parameters else {}
    x, f, _ = follow(definition, name, definition.facts.start, steps=12, **options)
    g, s = slopes(definition, x), np.diff(x, axis=0)
    y = np.diff(g, axis=0)
    for k in range(1, 12):
        if f[k] - f[k + 1] < 1e-6 * f[0]:
            break
        pairs = list(zip(s[max(0, k - memory) : k], y[max(0, k - memory) : k], strict=True))
        s0, y0 = pairs[-1] if options else pairs[0]  # the pair that scales the identity
        p = -built(pairs, s0 @ y0 / (y0 @ y0)) @ g[k]
        assert p @ s[k] > (1 - 1e-9) * np.linalg.norm(p) * np.linalg.norm(s[k])
    assert k > 4


def test_newton_goes_to_a_saddle_that_others_leave():
    himmelblau = LANDSCAPES["himmelblau"]
    derived = derive(himmelblau, 2)

    def bends(name, **options):
        x, _, _ = follow(himmelblau, name, (-0.2, -1.9), steps=60, **options)
        assert np.abs(slopes(himmelblau, x)[-1]).max() < 1e-6
        return np.linalg.eigvalsh(np.array(derived.hessian(*x[-1]), dtype=float))

    assert bends("newton").min() < 0 < bends("newton").max()
    for name in ("saddle_free_newton", "trust_region", "bfgs"):
        assert bends(name).min() > 0
    assert bends("damped_newton", damping=100.0).min() > 0


def test_damped_newton_lies_between_newton_and_gradient_descent():
    start = LANDSCAPES["rosenbrock"].facts.start
    newton, _, _ = follow("rosenbrock", "newton", start, steps=3)
    np.testing.assert_array_equal(follow("rosenbrock", "damped_newton", start, steps=3, damping=0.0)[0], newton)
    descent, _, _ = follow("rosenbrock", "gd", start, steps=3, lr=1e-9)
    damped, _, _ = follow("rosenbrock", "damped_newton", start, steps=3, damping=1e9)
    np.testing.assert_allclose(damped - damped[0], descent - descent[0], rtol=1e-5)


def test_saddle_free_newton_is_newton_in_a_bowl():
    bowl, _ = quadratic(4)
    x, _, _ = follow(bowl, "saddle_free_newton", (1.0, 2.0, -1.0, 0.5), steps=1)
    assert np.abs(x[1]).max() < 1e-13


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [name for name, d in OPTIMIZERS.items() if d.rule == "program"])
def test_nothing_breaks_where_the_gradient_is_zero(name, dtype):
    """At a minimum, on a plain (H = 0) and on a bowl from which the pairs have nothing left to tell."""
    flat = describe("landscape", lambda x, y: 0 * x + 0 * y + 1, name="flat", domain=BOX * 2)
    for landscape, start in ((flat, (1.0, 2.0)), (LANDSCAPES["simple_quad"], (0.0, 0.0))):
        given = plan(landscape, name, runs=1, steps=5, every=1, dtype=dtype)
        object.__setattr__(given, "start", np.array([start]))
        paths = python.run(given)
        assert (paths.x == paths.x[:, :1]).all() and paths.status[0] == 0
    x, f, _ = follow("simple_quad", name, (0.5, 0.25), steps=300)
    assert np.isfinite(x).all() and f[-1] <= f[0]


@pytest.mark.parametrize("name", [name for name, d in OPTIMIZERS.items() if d.rule == "program"])
def test_tolerance_stops_them_uncharged(name):
    given = plan("simple_quad", name, runs=1, steps=3000, every=1, tol=1e-2)
    object.__setattr__(given, "start", np.array([[0.3, 0.2]]))
    paths = python.run(given)
    k = int(paths.stopped_at[0])
    steep = np.linalg.norm(slopes(LANDSCAPES["simple_quad"], paths.x[0, : k + 1]), axis=1)
    assert paths.status[0] == 1 and steep[k] < 1e-2 and (steep[:k] >= 1e-2).all()
    assert paths.evals[0, -1] == paths.evals[0, k]


def separable(x, y):
    return x**4 / 4 + x**2 + 3 * formula.cos(y) + y**2


@pytest.mark.parametrize("run", CURVED, ids=lambda run: run["rule"])
def test_rules_with_a_hessian_diagonal_step_as_the_library_does_where_its_estimates_are_exact(run):
    """scripts/curvatures.py recorded them."""
    options = {name: float(value) for name, value in run["options"].items()}
    points = np.array(run["x"])
    x, _, _ = follow(
        describe("landscape", separable, domain=BOX * 2), run["rule"], points[0], steps=len(points) - 1, **options
    )
    np.testing.assert_allclose(x, points, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("run", BACKTRACKED, ids=lambda run: f"lr{run['options']['lr']}")
def test_backtracking_steps_as_optax_does(run):
    """scripts/backtracking.py recorded them."""
    points = np.array(run["x"])
    x, _, _ = follow("rosenbrock", "armijo", points[0], steps=len(points) - 1, **run["options"])
    np.testing.assert_allclose(x, points, rtol=1e-12, atol=1e-12)


# SciPy's end points.

FACTOR = 2.5
"""Evaluations may be so many times SciPy's; the median over the landscapes must stay below 1.25."""

RIVALS = {name: d.facts.scipy for name, d in OPTIMIZERS.items() if d.facts.scipy}


def theirs(landscape, method, start):
    """SciPy's result, and the loss of each of its evaluations with what had been spent by then."""
    derived = derive(landscape, 2)
    seen, curved = [], [0]

    def both(x):
        f, g = derived.value_and_gradient(*map(float, x))
        seen.append((float(f), len(seen) + 1 + curved[0]))
        return float(f), np.array(g, dtype=float)

    def hessian(x):
        curved[0] += 2
        return np.array(derived.hessian(*map(float, x)), dtype=float)

    asks = {"jac": True} if method != "Nelder-Mead" else {}
    asks |= {"hess": hessian} if method.startswith("trust") else {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = scipy.optimize.minimize(both if asks else lambda x: both(x)[0], start, method=method, **asks)
    return found, seen


@functools.cache
def agreeing():
    """Landscapes on which all of SciPy's methods end at one point, also from a start moved by 1e-10."""
    chosen = []
    for name, landscape in PLANE.items():
        start = np.array(landscape.facts.start, dtype=float)
        extent = max(high - low for low, high in landscape.facts.domain)
        ends = (theirs(landscape, method, at)[0].x for method in RIVALS.values() for at in (start, start + 1e-10))
        first = next(ends)
        if all(np.abs(end - first).max() < 1e-3 * extent for end in ends):
            chosen.append(name)
    return chosen


@pytest.mark.slow
@pytest.mark.parametrize("name", RIVALS)
def test_ends_where_scipy_ends_after_as_many_evaluations(name):
    assert len(agreeing()) >= 10
    ratios = {}
    for place in agreeing():
        landscape = LANDSCAPES[place]
        start = landscape.facts.start
        found, seen = theirs(landscape, RIVALS[name], start)
        line = found.fun + 1e-8 * (seen[0][0] - found.fun)
        for steps in (12, 50, 300):  # most are there long before
            _, f, evals = follow(landscape, name, start, steps=steps)
            if (f <= line).any():
                break
        assert (f <= line).any(), f"{place}: {f.min()} instead of {found.fun}"
        ratios[place] = evals[np.argmax(f <= line)] / next(spent for loss, spent in seen if loss <= line)
    assert max(ratios.values()) <= FACTOR, ratios
    assert np.median(list(ratios.values())) < 1.25


# Rules that see values only.


@pytest.mark.parametrize("landscape", ["rosenbrock", "beale", "himmelblau", "wobbly", "rastrigin"])
def test_nelder_mead_is_scipys_corner_by_corner(landscape):
    definition = LANDSCAPES[landscape]
    start = np.array(definition.facts.start, dtype=float)
    derived, path = derive(definition, 2), []
    with np.errstate(all="ignore"):
        scipy.optimize.minimize(
            lambda x: float(derived.value(*x)), start, method="Nelder-Mead", callback=lambda x: path.append(x.copy())
        )
    x, _, _ = follow(definition, "nelder_mead", start, steps=len(path))
    np.testing.assert_array_equal(x[1:], path)


def test_cold_annealing_never_climbs_and_warm_annealing_does():
    start = LANDSCAPES["himmelblau"].facts.start
    _, cold, _ = follow("himmelblau", "simulated_annealing", start, steps=300, temperature=0.0)
    _, warm, _ = follow("himmelblau", "simulated_annealing", start, steps=300, temperature=20.0)
    assert (np.diff(cold) <= 0).all() and (np.diff(warm) > 0).any()


def test_only_the_order_of_the_values_counts_for_cma_es():
    def bowl(x, y):
        return x**2 + 10 * (y - 1) ** 2

    def dented(x, y):
        return formula.sqrt(x**2 + 10 * (y - 1) ** 2) * 3 + 7

    plain, bent = (
        follow(describe("landscape", f, domain=BOX * 2), "cma_es", (3.0, -2.0), steps=40)[0] for f in (bowl, dented)
    )
    np.testing.assert_array_equal(plain, bent)


@pytest.mark.parametrize("name", [name for name, d in OPTIMIZERS.items() if "random" in d.inputs])
def test_random_rules_repeat_with_their_seed_and_differ_from_run_to_run(name):
    given = plan("himmelblau", name, runs=2, steps=30, every=1)
    object.__setattr__(given, "start", np.zeros((2, 2)))
    first, again = python.run(given), python.run(given)
    np.testing.assert_array_equal(first.x, again.x)
    assert (first.x[0, -1] != first.x[1, -1]).all()
    object.__setattr__(given, "seed", 1)
    assert (python.run(given).x[0, -1] != first.x[0, -1]).all()


# Linear algebra.


@pytest.mark.parametrize("dim", [1, 2, 3, 10])
def test_rotations_find_eigenvalues_and_vectors(dim):
    draw = np.random.default_rng(dim)
    matrix = draw.normal(size=(dim, dim)) * np.geomspace(1e-3, 1e3, dim)
    matrix = matrix + matrix.T
    values, vectors = linear.jacobi(matrix)
    size = np.abs(matrix).max()
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(matrix), atol=1e-13 * size)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(dim), atol=1e-13)
    np.testing.assert_allclose(vectors.T @ np.diag(values) @ vectors, matrix, atol=1e-12 * size)
    np.testing.assert_allclose(linear.multiplied(matrix, vectors[0]), matrix @ vectors[0], atol=1e-13 * size)
    np.testing.assert_array_equal(linear.diagonal_of(matrix), np.diag(matrix))
