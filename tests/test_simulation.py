"""From recipes to trajectories: shapes, stopping, divergence, rates left open, all three kinds of rules."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from rules import feed

import gdviz
from gdviz import api, jobs
from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import UsageError
from gdviz.formula import dot, solve


def test_shapes_and_records():
    run = gdviz.simulate(
        "beale", ["gd:lr=0.001", "adam:lr=0.1"], start=[(1.0, 1.5), (2, 2), (0, 1)], steps=25, every=10
    )
    assert run.x.shape == (2, 3, 4, 2)
    assert run.f.shape == (2, 3, 4)
    assert run.t.tolist() == [0, 10, 20, 25]
    assert run.evals[0, 0].tolist() == [0, 10, 20, 25]
    assert run.x[:, 1, 0].tolist() == [[2, 2], [2, 2]]
    assert run.labels == ("GD", "Adam")
    assert (run.status == "unfinished").all()
    assert (run.stopped_at == 25).all()


def test_every_k_is_a_part_of_every_step():
    fine = gdviz.simulate("rosenbrock", ["adam:lr=0.05"], steps=40)
    coarse = gdviz.simulate("rosenbrock", ["adam:lr=0.05"], steps=40, every=7)
    assert np.array_equal(coarse.x, fine.x[:, :, coarse.t])
    assert np.array_equal(coarse.f, fine.f[:, :, coarse.t])


def test_starts_do_not_know_of_each_other():
    starts = np.random.default_rng(0).uniform(-2, 2, (9, 2)).tolist()
    together = gdviz.simulate("himmelblau", ["adam:lr=0.1"], start=starts, steps=50)
    for i, start in enumerate(starts):
        alone = gdviz.simulate("himmelblau", ["adam:lr=0.1"], start=start, steps=50)
        assert np.array_equal(alone.x[0, 0], together.x[0, i])


def test_convergence_is_asked_for():
    run = gdviz.simulate("simple_quad", ["gd:lr=0.25"], start=(1.0, 1.0), steps=100, tol=1e-6)
    # every step halves the distance: the gradient's norm 2·sqrt(2)·2^-k falls below 1e-6 at k = 22
    assert run.status[0, 0] == "converged"
    assert run.stopped_at[0, 0] == 22
    assert (run.x[0, 0, 22:] == run.x[0, 0, 22]).all()
    assert run.evals[0, 0, -1] == 22
    assert gdviz.simulate("simple_quad", ["gd:lr=0.25"], steps=100).status[0, 0] == "unfinished"


def test_divergence_always_stops_and_stays_finite():
    run = gdviz.simulate("quadratic_1d", ["gd:lr=1.6"], steps=400)
    stop = int(run.stopped_at[0, 0])
    assert run.status[0, 0] == "diverged"
    assert np.isfinite(run.x).all() and np.isfinite(run.f).all()
    outside = np.abs(run.x[0, 0, :, 0] - (-2.0)) > 1e3 * 9.0
    assert outside[stop:].all() and not outside[:stop].any()
    jumped = gdviz.simulate("beale", ["gd:lr=1e300"], steps=5)
    assert jumped.status[0, 0] == "diverged"
    assert np.isfinite(jumped.x).all()


def test_float32_stays_float32():
    for name in definitions("optimizer"):
        run = gdviz.simulate("rosenbrock", [f"{name}"], steps=5, dtype="float32")
        assert run.x.dtype == run.f.dtype == np.float32


def test_plain_functions_are_definitions():
    def bowl(x, y, a=3.0):
        return x * x + a * y * y

    def steepest(x, g, lr=0.1):
        return x - lr * g

    run = gdviz.simulate(bowl, [steepest, "gd:lr=0.1"], start=(1.0, 2.0), steps=30, constants={"a": 2.0})
    assert np.array_equal(run.x[0], run.x[1])
    assert run.recipe.landscape == "bowl"


def armijo(x, f, g, value, lr=1.0, c=1e-4, tries=30):
    rate = lr
    for _ in range(int(tries)):
        if value(x - rate * g) <= f - c * rate * dot(g, g):
            break
        rate = 0.5 * rate
    return x - rate * g


def newton(x, g, hessian):
    return x - solve(hessian(x), g)


def random_search(x, value, width=0.5):
    rng = np.random.default_rng(0)
    best = value(x)
    while True:
        trial = x + width * rng.normal(size=len(x))
        if (found := value(trial)) < best:
            x, best = trial, found
        answer = yield x
        assert answer == best


def giving_up(x, lr=0.1):
    for _ in range(3):
        x = x * 0.5
        yield x


def test_program_rules_call_back_and_are_charged():
    run = gdviz.simulate("rosenbrock", [armijo, newton], steps=50)
    assert (np.diff(run.f[0, 0]) <= 0).all()
    assert run.evals[0, 0, -1] > 100  # at least one gradient and one trial value a step
    assert run.f[1, 0, -1] < 1e-20
    assert run.evals[1, 0, 1] == 3  # the gradient, and a Hessian of two columns


def test_newton_solves_a_quadratic_in_one_step():
    run = gdviz.simulate("quadratic_2d", [newton], steps=1, constants={"b": 5.0})
    assert run.x[0, 0, 1] == pytest.approx([3.0, -2.0], abs=1e-14)


def test_host_rules_yield_points_and_receive_values():
    run = gdviz.simulate("rosenbrock", [random_search, giving_up], steps=60)
    assert run.f[0, 0, -1] < run.f[0, 0, 0]
    assert run.evals[0, 0, 1] == 2  # the start and a better trial, at which it is answered: one point, one evaluation
    assert run.status[1, 0] == "converged"
    assert run.stopped_at[1, 0] == 3
    assert run.x[1, 0, -1] == pytest.approx(run.x[1, 0, 0] / 8)


def test_feed_follows_made_up_gradients():
    gradients = np.array([[1.0, -2.0], [0.5, 0.0]])
    assert feed("gd:lr=0.1", gradients, [1.0, 1.0]).tolist() == [[1.0, 1.0], [0.9, 1.2], [0.85, 1.2]]
    with pytest.raises(UsageError, match="auto"):
        feed("gd:lr=auto", gradients)


def test_labels_tell_twins_apart():
    run = gdviz.simulate("beale", ["gd:lr=0.01", "gd:lr=0.02", "adam", "gd:lr=0.01,label=slow"], steps=3)
    assert run.labels == ("GD (η = 0.01)", "GD (η = 0.02)", "Adam", "slow")
    assert "GD" in run._repr_html_()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: gdviz.simulate("beal", ["gd"]), "did you mean 'beale'"),
        (lambda: gdviz.simulate("beale", ["gd"], start=(1.0,)), "has 1 coordinates; beale has 2"),
        (lambda: gdviz.simulate("beale", ["gd"], start=(np.nan, 1.0)), "finite"),
        (lambda: gdviz.simulate("beale", ["gd"], steps=-5), "steps = -5"),
        (lambda: gdviz.simulate("beale", ["gd"], constants={"q": 1}), "no constant 'q'"),
        (lambda: gdviz.simulate("beale", []), "name at least one optimizer"),
        (lambda: gdviz.simulate("beale", ["gd,adam"]), "pass them as separate items"),
        (lambda: gdviz.optimizer("adam", beta=0.9), "no option 'beta'; it has beta1 and beta2"),
    ],
)
def test_bad_calls_get_a_sentence(call, sentence):
    with pytest.raises(gdviz.UsageError, match=sentence):
        call()


def test_many_starts_stay_out_of_the_recipe(capsys):
    starts = np.random.default_rng(0).uniform(-2, 2, (5000, 2))
    wanted = {"steps": 30, "every": 30}
    rules = ["adam:lr=0.01", "gd:lr=auto"]
    run = gdviz.simulate("rosenbrock", rules, start=starts, progress=True, backend="cpu", **wanted)
    few = gdviz.simulate("rosenbrock", ["adam:lr=0.01"], start=starts[4990:], **wanted)
    assert np.array_equal(run.x[0, 4990:], few.x[0])
    assert len(run.recipe.text()) < 2000 and run.recipe.start is None
    assert "simulating [########################################] 100 %" in capsys.readouterr().err
    with pytest.raises(gdviz.RecipeError, match="given as an array"):
        api.run(run.recipe)
    other = gdviz.simulate("rosenbrock", ["gd:lr=0.001"], start=starts + 1e-9, steps=1)
    assert other.recipe.starts_hash != run.recipe.starts_hash
    for bad in (starts[:, :1], np.full((2000, 2), np.nan)):
        with pytest.raises(gdviz.UsageError, match=r"coordinates|finite"):
            gdviz.simulate("rosenbrock", ["gd"], start=bad)
    rates = [gdviz.simulate("rosenbrock", ["gd:lr=auto"], start=starts[:1001], steps=30, seed=3) for _ in range(2)]
    assert rates[0].recipe.optimizer == rates[1].recipe.optimizer  # from starts that are drawn with the seed
    family = gdviz.simulate("rastrigin", ["gd:lr=0.001"], start=np.ones((1001, 5)) * 0.3, steps=1)
    assert family.x.shape == (1, 1001, 2, 5)


def test_what_a_function_refers_to_counts():
    def bowl_of(a):
        def bowl(x, y):
            return x**2 + a * y**2

        return bowl

    flat, steep = (gdviz.simulate(bowl_of(a), ["gd:lr=0.1"], start=(1.0, 1.0), steps=1) for a in (1.0, 4.0))
    assert (flat.f[0, 0, 0], steep.f[0, 0, 0]) == (2.0, 5.0)
    rules = [lambda x, g: x - 0.1 * g, lambda x, g: x - 0.5 * g]
    run = gdviz.simulate("simple_quad", rules, start=(1.0, 1.0), steps=1)
    assert run.x[:, 0, 1, 0].tolist() == [0.8, 0.0]

    @functools.wraps(rules[0])
    def wrapped(x, g):
        return x - 0.25 * g

    assert gdviz.simulate("simple_quad", [wrapped], start=(1.0, 1.0), steps=1).x[0, 0, 1, 0] == 0.5


def test_recipes_of_plain_functions_say_so():
    def bowl(x, y):
        return x**4 + 10 * y**2

    run = gdviz.simulate(bowl, ["gd:lr=0.01"], start=(1.0, 1.0), steps=2)
    with pytest.raises(gdviz.RecipeError, match="a Python function, bowl"):
        api.run(run.recipe)


@pytest.mark.parametrize("rule", ["gd:lr=0.01", "cmaes"])
def test_a_run_is_the_same_under_its_number_alone(rule):
    asked = {"steps": 20, "transforms": ["gaussian:sigma=2"] if rule != "cmaes" else (), "backend": "python"}
    run = gdviz.simulate("beale", rule, start=[(1.0, 1.0)] * 5, **asked)
    alone = gdviz.simulate("beale", rule, start=(1.0, 1.0), first=3, **asked)
    assert (alone.x[0, 0] == run.x[0, 3]).all() and (alone.x[0, 0, 1:] != run.x[0, 2, 1:]).any()


def test_a_finished_run_keeps_what_was_run(tmp_path):
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=5)
    with pytest.raises(
        gdviz.UsageError, match="a picture is made of a run, a recipe or a landscape, and float is none"
    ):
        gdviz.plot(0.5, tmp_path / "a.png")
    with pytest.raises(gdviz.UsageError, match="steps belongs to the simulation"):
        gdviz.plot(run, tmp_path / "a.png", steps=7)
    with pytest.raises(gdviz.UsageError, match="1 range; beale has 2"):
        gdviz.plot(run, tmp_path / "a.png", domain=((-1, 1),))


@pytest.mark.parametrize("backend", ["python", "cpu"])
def test_rules_may_change_their_arguments_in_place(backend):
    run = gdviz.simulate("quadratic_2d", [in_place, careful], steps=6, backend=backend)
    assert np.array_equal(run.x[0], run.x[1])


def in_place(x, f, g, value, lr=0.1):
    for _ in range(1):
        if value(x) > 1e9:
            break
    x -= lr * g
    return x


def careful(x, f, g, value, lr=0.1):
    for _ in range(1):
        if value(x) > 1e9:
            break
    return x - lr * g


def test_what_is_recorded_changes_no_rate():
    chosen = [
        [
            e.options["lr"]
            for e in gdviz.simulate("rosenbrock", ["rmsprop:lr=auto", "adam:lr=auto"], every=k).recipe.optimizer
        ]
        for k in (1, 7, 100)
    ]
    assert chosen[0] == chosen[1] == chosen[2]


def test_lanes_stay_within_the_limits():
    (plan,) = gdviz.simulate("beale", ["momentum:lr=0.01"], steps=3).plans
    assert len(plan.with_lanes(mu=np.array([0.0, 1.0])).start) == 2
    with pytest.raises(gdviz.UsageError, match=r"momentum: mu is 1\.5; it must be from 0 to 1"):
        plan.with_lanes(mu=np.array([0.5, 1.5]))


def test_families_run_in_as_many_dimensions_as_asked():
    run = gdviz.simulate("rastrigin", ["gd:lr=0.001"], dim=5, steps=3)
    a, b = find("landscape", "rastrigin").facts.start
    assert run.x[0, 0, 0].tolist() == [a, b, a, b, a] and run.recipe.dim == 5
    assert gdviz.simulate("rastrigin", ["gd:lr=0.001"], start=(1.0,) * 7, steps=3).x.shape[-1] == 7
    one = gdviz.simulate("rastrigin", ["gd:lr=0.001"], dim=1, steps=3)
    assert one.x.shape == (1, 1, 4, 1)

    def bowl(*x):
        return sum(c**2 for c in x)

    assert gdviz.simulate(bowl, ["gd:lr=0.1"], dim=3, steps=3).x.shape[-1] == 3
    again = gdviz.simulate("rastrigin", ["gd:lr=0.001"], start=run.x[0, 0, 0], steps=3)
    np.testing.assert_array_equal(again.x, run.x)
    for wrong, said in (({"dim": 3}, "has 2 coordinates, not 3; drop --dim 3"), ({"dim": 0}, "dim = 0")):
        with pytest.raises(gdviz.UsageError, match=said):
            gdviz.simulate("beale", ["gd"], **wrong)
    with pytest.raises(gdviz.UsageError, match=r"has 2 coordinates; rastrigin has 3, so type --start 1.5,-2,0.5$"):
        gdviz.simulate("rastrigin", ["gd"], dim=3, start=(1.0, 2.0))


@pytest.mark.parametrize("start", [np.array([1, 2]), np.array([1, 2], np.float32), [np.int64(1), 2], ((1, 2),)])
def test_starts_of_any_number(start):
    assert gdviz.simulate("beale", ["gd:lr=0.001"], start=start, steps=1).x[0, 0, 0].tolist() == [1.0, 2.0]


def test_pictures_are_made_of_bounded_records():
    recipe = api.parse_recipe("landscape = 'beale'\nsteps = 1000001\noptimizer = [{name = 'gd', lr = 0.001}]", "long")
    run = api.run(recipe)
    assert len(run.t) <= jobs.RECORDS + 1
    assert run.t[-1] == 1000001 and run.recipe.every == 101


@pytest.mark.parametrize("start", [5, [(1, "a")], [(1.0,), (1.0, 2.0)], []])
def test_starts_that_are_none_get_a_sentence(start):
    with pytest.raises(gdviz.UsageError, match="start"):
        gdviz.simulate("beale", "gd:lr=0.1", start=start)
