"""How runs end: undefined, diverged, converged or unfinished, by one rule on both backends, whatever is recorded."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from rules import RULES, assert_same, plan

import gdviz
from gdviz import formula
from gdviz.backends import STATUSES, cpu, python
from gdviz.catalogue.lookup import definitions
from gdviz.errors import UsageError
from gdviz.formula.bounds import Interval, undefinable
from gdviz.objectives.landscape import derive
from gdviz.plans.plan import FAR, GUARD

ENDS = {name: code for code, name in enumerate(STATUSES)}


@pytest.mark.parametrize("backend", ["python", "cpu"])
@pytest.mark.parametrize(
    ("typed", "start", "step"),
    [
        ("log(x)+y^2", (0.3, 1.0), 1),  # the step leads to x < 0, where the gradient is finite but f is not
        ("sqrt(x)*3+y^2", (2.0, 1.0), 4),
        ("asin(x/2)+y^2", (-1.0, 1.0), 3),
    ],
)
def test_where_the_loss_is_undefined_the_run_ends(typed, start, step, backend):
    run = gdviz.simulate(typed, ["gd:lr=0.5"], start=start, steps=9, backend=backend)
    assert run.status[0, 0] == "undefined" and run.stopped_at[0, 0] == step
    assert np.isfinite(run.f[0, 0, :step]).all() and np.isnan(run.f[0, 0, step:]).all()
    assert np.isfinite(run.x).all() and (run.x[0, 0, step:] == run.x[0, 0, step]).all()
    assert run.evals[0, 0, -1] == step


@pytest.mark.parametrize("typed", ["log(x)+y^2", "1/sqrt(x-2)+y^2"])
def test_starts_where_the_loss_is_undefined(typed):
    """Among many they are undefined at step 0; the one that is chosen has a finite loss."""
    run = gdviz.simulate(typed, ["gd:lr=0.01", "nelder_mead"], start=[(-1.0, 1.0), (2.5, 1.0)], steps=4)
    assert run.status.tolist() == [["undefined", "unfinished"]] * 2
    assert run.stopped_at[:, 0].tolist() == [0, 0] and np.isnan(run.f[:, 0]).all() and np.isfinite(run.f[:, 1]).all()
    assert run.evals[:, 0].max() == 0
    alone = gdviz.simulate(typed, ["gd:lr=0.01"], steps=2)
    assert np.isfinite(alone.f).all() and alone.status[0, 0] == "unfinished"


@pytest.mark.filterwarnings("ignore:.*central differences")
@pytest.mark.parametrize(
    ("landscape", "start", "where"),
    [
        ("log(x)+y^2", (-1.0, 1.0), r"the start \(-1, 1\)"),
        ("log(x)+y^2", [(-1.0, 1.0), (0.0, 1.0)], "any of the 2 starts"),
        ("1/x+y^2", np.zeros((1500, 2)), "any of the 1500 starts"),
        (lambda x, y: math.sqrt(x - 2) + y * y, [(1.0, 1.0), (0.0, 1.0)], "any of the 2 starts"),
        (lambda x, y: formula.sqrt(x - 2) + y**2, np.ones((1500, 2)), "any of the 1500 starts"),
        ("exp(x)+y^2", (90.0, 1.0), r"the start \(90, 1\)"),
    ],
)
def test_starts_of_which_none_has_a_finite_loss_are_refused(landscape, start, where):
    dtype = "float32"  # in which exp(90) overflows
    with pytest.raises(UsageError, match=f"(is not finite|has no finite value) at {where}(, so|; give)"):
        gdviz.simulate(landscape, ["gd:lr=0.1"], start=start, steps=3, dtype=dtype)
    some = np.array([*np.atleast_2d(start), (3.0, 1.0)])
    run = gdviz.simulate(landscape, ["gd:lr=0.01"], start=some, steps=3, dtype=dtype, backend="python")
    assert (run.status[0, :-1] == "undefined").all() and run.status[0, -1] == "unfinished"


@pytest.mark.parametrize("typed", ["log(-1-x^2)+y", "sqrt(x-40)*y"])
def test_a_formula_without_any_start_gets_a_sentence(typed):
    with pytest.raises(UsageError, match=r"no start .* was found: it is not finite at 205 points of -3:3 × -3:3; type"):
        gdviz.simulate(typed, ["gd:lr=0.1"])


@pytest.mark.parametrize("every", [1, 4, 100])
@pytest.mark.parametrize("optimizer", ["gd:lr=0.3", "nesterov:lr=0.2", "adam:lr=0.4", "armijo"])
def test_a_status_depends_neither_on_records_nor_on_further_steps(optimizer, every):
    typed = "3*sqrt(x)+y^2"
    fine = gdviz.simulate(typed, [optimizer], start=(1.5, 1.0), steps=30)
    stop = int(fine.stopped_at[0, 0])
    assert fine.status[0, 0] == "undefined" and 0 < stop < 30
    for steps in (stop, stop + 1):
        run = gdviz.simulate(typed, [optimizer], start=(1.5, 1.0), steps=steps, every=every)
        assert (run.status[0, 0], run.stopped_at[0, 0]) == ("undefined", stop)
        assert (np.isnan(run.f[0, 0]) == (run.t >= stop)).all()
    before = gdviz.simulate(typed, [optimizer], start=(1.5, 1.0), steps=stop - 1, every=every)
    assert before.status[0, 0] == "unfinished" and np.isfinite(before.f).all()


@pytest.mark.parametrize("backend", ["python", "cpu"])
@pytest.mark.parametrize("optimizer", ["gd:lr=0.25", "momentum:lr=0.25,mu=0", "armijo:lr=0.25"])
def test_a_tolerance_reached_at_the_last_step_is_convergence(optimizer, backend):
    """Every step halves the gradient 2·sqrt(2)·2^-k, which is below 1e-6 at k = 22."""
    stop = 22
    for steps, status in ((stop, "converged"), (stop + 1, "converged"), (stop - 1, "unfinished")):
        run = gdviz.simulate("simple_quad", [optimizer], start=(1.0, 1.0), steps=steps, tol=1e-6, backend=backend)
        assert run.status[0, 0] == status and run.stopped_at[0, 0] == min(steps, stop)
    assert run.evals[0, 0, -1] == gdviz.simulate("simple_quad", [optimizer], start=(1.0, 1.0), steps=21).evals[0, 0, -1]


@pytest.mark.parametrize("method", ["BFGS", "Nelder-Mead"])
def test_a_foreign_rule_has_converged_only_where_it_says_so(method):
    pytest.importorskip("scipy")
    whole = gdviz.simulate("simple_quad", [f"scipy:{method}"], start=(1.0, 2.0), steps=300)
    end = int(whole.stopped_at[0, 0])
    assert whole.status[0, 0] == "converged" and 1 < end < 300
    for steps, status in ((end, "converged"), (end - 1, "unfinished")):
        run = gdviz.simulate("simple_quad", [f"scipy:{method}"], start=(1.0, 2.0), steps=steps)
        assert (run.status[0, 0], run.stopped_at[0, 0]) == (status, steps)


def three_points(x):
    for _ in range(3):
        x = 0.5 * x
        yield x


def test_a_rule_that_ends_at_the_last_step_has_converged():
    for steps, status in ((2, "unfinished"), (3, "converged"), (9, "converged")):
        run = gdviz.simulate("beale", [three_points], steps=steps)
        assert run.status[0, 0] == status and run.stopped_at[0, 0] == min(steps, 3)


@pytest.mark.parametrize("backend", ["python", "cpu"])
def test_a_run_that_descends_beyond_the_guard_goes_on(backend):
    """The guard is 10³ times the box of domain and start: x = 3000 here, and the minimum lies beyond."""
    run = gdviz.simulate("(x-5000)^2+y^2", ["gd:lr=0.1"], start=(0.0, 1.0), steps=60, backend=backend)
    assert run.status[0, 0] == "unfinished"
    left = int(run.left_at[0, 0])
    assert run.x[0, 0, left, 0] > 3000 > run.x[0, 0, left - 1, 0] and run.x[0, 0, -1, 0] == pytest.approx(5000, abs=1)
    # higher than at the start, it has diverged; a narrower guard is the domain's
    wild = gdviz.simulate("(x-5000)^2+y^2", ["gd:lr=1.1"], start=(0.0, 1.0), steps=60, backend=backend)
    stop = int(wild.stopped_at[0, 0])
    assert wild.status[0, 0] == "diverged" and wild.f[0, 0, stop] > wild.f[0, 0, 0]
    # without a floor it descends until the far guard
    slope = gdviz.simulate("x^3+y^2", ["gd:lr=0.1"], start=(-1.0, 1.0), steps=60, backend=backend)
    assert slope.status[0, 0] == "diverged" and slope.left_at[0, 0] > 0
    before, at = np.abs(slope.x[0, 0, [slope.stopped_at[0, 0] - 1, slope.stopped_at[0, 0]], 0])
    assert before <= 3 * GUARD * FAR < at


def test_the_guard_holds_domain_starts_and_minima():
    def guard(landscape, **wanted):
        made = gdviz.simulate(landscape, ["gd:lr=1e-9"], steps=1, **wanted).plans[0]
        return made.centre.tolist(), (made.reach / GUARD).tolist()

    assert guard("x^2+y^2", domain=((0, 1), (0, 2000))) == ([0.5, 1000.0], [0.5, 1000.0])
    assert guard("x^2+y^2", start=[(9.0, 0.0), (0.0, -5.0)]) == ([3.0, -1.0], [6.0, 4.0])
    assert guard("rosenbrock", domain=((-100, 100), (-300, 100))) == ([0.0, -100.0], [100.0, 200.0])
    # looked at from close by, start and minimum still count: (−1.5, 2) and (1, 1)
    close = guard("rosenbrock", domain=((0.9, 1.1), (0.9, 1.1)))
    assert np.allclose(close, ([-0.2, 1.45], [1.3, 0.55]))


def test_the_wider_the_domain_the_wider_the_guard():
    """What jumps out of the guard and climbs has diverged; in a wider domain it is still inside."""
    narrow = gdviz.simulate("rosenbrock", ["gd:lr=1.5"], start=(1.001, 1.0), steps=6)
    wide = gdviz.simulate("rosenbrock", ["gd:lr=1.5"], start=(1.001, 1.0), steps=6, domain=((-1e9, 1e9),) * 2)
    assert narrow.status[0, 0] == "diverged" and wide.stopped_at[0, 0] > narrow.stopped_at[0, 0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("landscape", ["alpine_2", "hosaki", "gramacy_lee"])
def test_all_ends_are_alike_on_both_backends(landscape, dtype):
    """Rates from tame to wild, a rule that looks ahead, one that records a mean, one whose steps are finite always."""
    seen = set()
    for rule, top in (("gd", 1e2), ("nesterov", 1e1), (RULES[3], 1e1), ("signsgd", 1e4)):
        wanted = {"runs": 100, "steps": 37, "every": 5, "tol": 1e-3, "dtype": dtype}
        given = plan(landscape, rule, lr=np.geomspace(1e-3, top, 100), **wanted)
        theirs = python.run(given)
        assert_same(cpu.run(given), theirs)
        longer = python.run(dataclasses.replace(given, steps=60, every=1))
        ended = theirs.status != ENDS["unfinished"]
        assert np.array_equal(ended, (longer.stopped_at <= 37) & (longer.status != ENDS["unfinished"]))
        for name in ("status", "stopped_at"):
            np.testing.assert_array_equal(getattr(theirs, name)[ended], getattr(longer, name)[ended])
        seen |= set(theirs.status.tolist())
    assert {ENDS["unfinished"], ENDS["converged"], ENDS["diverged"]} <= seen


def test_programs_end_alike_on_both_backends():
    seen = set()
    for rule in ("newton", "armijo"):
        given = plan("alpine_2", rule, runs=60, steps=30, every=7, tol=1e-3, lr=np.linspace(0.3, 3.0, 60))
        theirs = python.run(given)
        assert_same(cpu.run(given), theirs)
        seen |= set(theirs.status.tolist())
    assert ENDS["undefined"] in seen and ENDS["converged"] in seen


@pytest.mark.parametrize("rule", ["cma_es", "simulated_annealing", "nelder_mead", "armijo", "wolfe", "bfgs"])
@pytest.mark.parametrize(("landscape", "start"), [("alpine_2", (0.3, 5.0)), ("sqrt(x)*sin(x)+log(y)^2", (0.2, 3.0))])
def test_rules_that_compare_values_never_prefer_what_is_none(rule, landscape, start):
    """A value that is no number counts as infinite, and a run that ends at one is never called unfinished."""
    for seed in range(4):
        run = gdviz.simulate(landscape, [rule], start=start, steps=40, seed=seed)
        assert np.isfinite(run.f[0, 0]).all() == (run.status[0, 0] != "undefined")
        # What they keep has been compared, and the mean of samples that have a value has one here.
        if rule in ("nelder_mead", "simulated_annealing", "cma_es"):
            assert run.status[0, 0] != "undefined"


def hollow(x, value):
    """Asks where the landscape is not defined."""
    while True:
        assert value(-1.0 - x) == np.inf
        yield x


def test_what_is_no_number_is_answered_as_infinite():
    assert gdviz.simulate("log(x)+log(y)", [hollow], start=(1.0, 1.0), steps=2).status[0, 0] == "unfinished"


@pytest.mark.parametrize("rule", ["newton", "damped_newton"])
@pytest.mark.parametrize("gradient", [(np.nan, 0.0), (1.0, np.nan)])
def test_a_gradient_that_is_no_number_is_no_arrival(rule, gradient):
    x = np.array([1.0, 1.0])
    moved = definitions("optimizer")[rule].function(x, np.array(gradient), lambda x: np.eye(2))
    assert np.isnan(moved).any()
    still = definitions("optimizer")[rule].function(x, np.zeros(2), lambda x: np.zeros((2, 2)))
    assert np.array_equal(still, x)


def test_what_cannot_be_undefined_is_not_asked():
    asked = {}
    for typed in ("x^4+y^2", "log(1+x^2)+y^2", "sqrt(x^2+1)+atan(y)", "exp(-x^2)/(2+cos(y))", "log(x)+y^2", "1/x+y^2"):
        asked[typed] = gdviz.simulate(typed, ["gd:lr=1e-3"], start=(1.0, 1.0), steps=1).plans[0].asks
    assert [any(asks) for asks in asked.values()] == [False, False, False, False, True, True]
    for name in ("rosenbrock", "rastrigin", "beale", "himmelblau", "ackley"):
        assert plan(name, "gd", runs=1).asks == (False, False)
    assert plan("rosenbrock", "gd", runs=1).unguarded().asks == (False, False)


def test_bounds_hold_what_formulas_answer():
    """Where nothing is said to be undefined, nothing is, at seeded points of the box."""
    rng = np.random.default_rng(0)
    told = 0
    for definition in definitions("landscape").values():
        dim = definition.size()
        box = np.array(definition.domain(dim)) * rng.choice([0.5, 1.0, 100.0])
        derived = derive(definition, dim)
        value, slope = undefinable(derived, box.tolist(), definition.parameters, "float64")
        points = rng.uniform(*box.T, (200, dim)).T
        points[:, :2] = box  # the corners too
        with np.errstate(all="ignore"):
            f, g = derived.value_and_gradient(*points)
        assert value or np.isfinite(f).all(), definition.name
        assert slope or np.isfinite(np.stack(np.broadcast_arrays(*g))).all(), definition.name
        told += not value
    assert told > 100


def test_every_function_of_formulas_has_bounds():
    x = Interval("float64", 0.25, 0.5)
    from gdviz.formula.bounds import FUNCTIONS

    assert FUNCTIONS.keys() == formula.DERIVED.keys()
    for name, function in FUNCTIONS.items():
        if name in ("where",):
            continue
        pair = name in ("pow", "max", "min", "atan2")
        found = function(x, 0.375) if pair else function(x)
        plain = getattr(formula, {"pow": "power"}.get(name, name))
        for c in (0.25, 0.3, 0.5):
            assert found.low <= (plain(c, 0.375) if pair else plain(c)) <= found.high, name
