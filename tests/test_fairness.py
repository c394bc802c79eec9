"""Fair play: the same rate, rates tuned alike from many starts, the same number of evaluations."""

from __future__ import annotations

import shlex
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner

import gdviz
from gdviz import api
from gdviz.catalogue.lookup import definitions
from gdviz.cli.program import program
from gdviz.compose.fairness import _rounded
from gdviz.compose.race import compose
from gdviz.formula import where
from gdviz.jobs import command_of
from gdviz.lang import languages, texts
from gdviz.recipe.recipe import parse_recipe
from gdviz.runs.tuning import RATES, STARTS

RACE = ["gd", "momentum", "adam"]


def rates(run):
    return [entry.options.get("lr") for entry in run.recipe.optimizer]


def again(run):
    """The run that its recipe makes."""
    return api.run(parse_recipe(run.recipe.text(), "again"))


def test_a_stated_rate_is_everybodys():
    run = gdviz.simulate("beale", ["gd", "adam:lr=0.002", "momentum:mu=0.5"], fair="lr", steps=20)
    assert rates(run) == [0.002] * 3
    alone = gdviz.simulate("beale", ["gd:lr=0.002"], steps=20)
    assert np.array_equal(run.x[0], alone.x[0])
    assert np.array_equal(again(run).x, run.x)


def standing(rows, ends):
    """What `standings` answers, rate by rate: the end, and of those within 1e-6 of the descent when each got there."""
    best, start = min(ends), rows[0][0]
    if not np.isfinite(best):
        return [(np.inf, 0)] * len(ends)
    found = []
    for row, end in zip(rows, ends, strict=True):
        late = [k for k, f in enumerate(row) if f > best + 1e-6 * (start - best)]
        found.append((best, late[-1] if late else -1) if end - best <= 1e-6 * (start - best) else (end, 0))
    return found


@pytest.mark.parametrize("landscape", ["beale", "quadratic_2d", "rosenbrock", "quadratic", "cube"])
def test_a_common_rate_has_the_lowest_mean_rank_of_those_at_which_nobody_diverges(landscape):
    run = gdviz.simulate(landscape, RACE, fair="lr", steps=60)
    chosen = rates(run)[0]
    assert rates(run) == [chosen] * 3 and chosen in RATES
    ranks, lost = np.zeros(len(RATES)), np.zeros(len(RATES), int)
    for name in RACE:
        alone = [gdviz.simulate(landscape, [f"{name}:lr={rate}"], steps=60) for rate in RATES]
        gone = np.array([one.status[0, 0] not in KEPT for one in alone])
        ends = [np.inf if end else one.f[0, 0, -6:].mean() for one, end in zip(alone, gone, strict=True)]
        keys = standing([one.f[0, 0] for one in alone], ends)
        ranks += [np.mean([i for i, key in enumerate(sorted(keys)) if key == mine]) for mine in keys]
        lost += gone
    assert chosen == RATES[min(range(len(RATES)), key=lambda i: (lost[i], ranks[i], i))]
    assert again(run).recipe == run.recipe


KEPT = ("running", "unfinished", "converged")
"""How runs end that are not lost."""


@pytest.mark.parametrize(
    ("landscape", "race"),
    [("powell", ["gd", "adam"]), ("quadratic", ["momentum", "adam"]), ("cube", ["gd", "rmsprop", "adam"])]
    + [(landscape, ["gd", "adam", "adagrad", "lion"]) for landscape in ("rosenbrock", "styblinski_tang")],
)
def test_a_common_rate_lets_nobody_diverge_where_there_is_such_a_rate(landscape, race):
    run = gdviz.simulate(landscape, race, fair="lr", steps=150)
    assert np.isin(run.status, KEPT).all()


def test_where_somebody_diverges_at_every_rate_it_is_as_few_as_can_be():
    run = gdviz.simulate(wall, ["gd", "adam", "sign_sgd"], fair="lr", steps=60, start=(3.0,))
    assert run.status[0, 0] == "diverged" and np.isin(run.status[1:], KEPT).all()


def wall(x):
    """So steep that gradient descent leaves at every rate of the grid."""
    return 1e9 * x**4


def test_of_rates_that_end_alike_the_earlier_arrival_is_tuned():
    """Gradient descent multiplies x by 1 − η: at 0.3 it ends a ten-millionth of the descent lower than at 1, where it
    is there after one step."""

    def bowl(x):
        return x**2 / 2 + 3e-4 * abs(x - 1e-6)

    run = gdviz.simulate(bowl, ["gd", "momentum:mu=0"], fair="tuned", steps=40, start=(2.0,))
    assert rates(run) == [1.0, 1.0]
    curves = {}
    for rate in (0.3, 1.0):
        points = np.random.default_rng(0).uniform(-3, 3, (STARTS, 1))
        curves[rate] = np.median(gdviz.simulate(bowl, [f"gd:lr={rate}"], steps=40, start=points).f[0], axis=0)
    assert curves[1.0][1] < curves[0.3][1] and curves[0.3][-4:].mean() < curves[1.0][-4:].mean()


def test_tuned_rates_have_the_lowest_median_from_many_starts():
    run = gdviz.simulate("beale", [*RACE, "newton"], fair="tuned", steps=50, seed=4)
    low, high = np.array(run.setting.domain).T
    starts = np.random.default_rng(4).uniform(low, high, (STARTS, 2))
    for i, name in enumerate(RACE):
        medians = {}
        for rate in RATES:
            many = gdviz.simulate("beale", [f"{name}:lr={rate}"], steps=50, start=starts)
            ends = np.where(np.isin(many.status[0], KEPT), many.f[0, :, -5:].mean(axis=1), np.inf)
            medians[rate] = np.quantile(ends, [0.25, 0.5, 0.75], method="inverted_cdf")
        lr, *found, count = run.recipe.tuned[i]
        assert lr == rates(run)[i] and count == STARTS
        assert found == pytest.approx(medians[lr].tolist(), rel=1e-12)
        descent = np.median(many.f[0, :, 0]) - min(row[1] for row in medians.values())
        assert found[1] <= min(row[1] for row in medians.values()) + 1e-6 * descent
    assert rates(run)[3] == 1.0  # its natural rate, with the same statistics
    assert run.recipe.tuned[3][-1] == STARTS


def test_what_was_tuned_repeats_and_is_searched_again_when_it_must():
    run = gdviz.simulate("quadratic_2d", RACE, fair="tuned", steps=30)
    assert gdviz.simulate("quadratic_2d", RACE, fair="tuned", steps=30).recipe == run.recipe
    assert again(run).recipe == run.recipe
    typed = shlex.split(command_of(run.recipe))
    assert " ".join(typed).count("lr=auto") == 3 == " ".join(typed).count("lr=")
    from gdviz.jobs import read
    from gdviz.recipe.options.race import Race

    recipe_of = partial(read, asked=Race)

    longer = recipe_of({"steps": 90}, run.recipe)
    assert longer.tuned == () and [e.options["lr"] for e in longer.optimizer] == ["auto"] * 3
    assert recipe_of({"theme": "dark", "start": ["1,1"]}, run.recipe).tuned == run.recipe.tuned
    edited = run.recipe.updated(optimizer=[{**e.flat(), "lr": 7e-5} for e in run.recipe.optimizer])
    with pytest.raises(gdviz.UsageError, match="searches every rate, but gd states 7e-05"):
        api.run(edited)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"landscape": "ravine", "start": None, "domain": None}, {"landscape": "ravine"}),
        ({"steps": 7}, {"steps": 7}),
        ({"seed": 3}, {"seed": 3}),
        ({"constants": {"a": 9.0}}, {"constants": {"a": 9.0}}),
        ({"transform": [{"name": "gaussian", "sigma": 2.0}]}, {"transforms": ["gaussian:sigma=2"]}),
        ({"dtype": "float32"}, {"dtype": "float32"}),
    ],
)
def test_what_was_tuned_for_another_run_is_not_believed(changes, asked):
    first = gdviz.simulate("quadratic_2d", ["gd", "adam"], fair="tuned", steps=20)
    moved = api.run(first.recipe.updated(**changes))
    fresh = gdviz.simulate(
        **{"landscape": "quadratic_2d", "optimizers": ["gd", "adam"], "steps": 20} | asked, fair="tuned"
    )
    assert moved.recipe.tuned == fresh.recipe.tuned != first.recipe.tuned
    assert rates(moved) == rates(fresh) and np.array_equal(moved.x, fresh.x)


@pytest.mark.parametrize("start", [(1.0, 1.0), (4e5, -3.0)])
def test_what_is_tuned_does_not_depend_on_the_start(start):
    """Not even by the guard, which a start far away widens."""
    first = gdviz.simulate("beale", ["gd", "adam"], fair="tuned", steps=20)
    assert (
        gdviz.simulate("beale", ["gd", "adam"], fair="tuned", steps=20, start=start).recipe.tuned == first.recipe.tuned
    )


def test_no_number_of_a_recipe_is_believed_that_the_run_can_contradict():
    run = gdviz.simulate("beale", ["gd", "newton"], fair="tuned", steps=20)
    forged = run.recipe.updated(tuned=[[row[0], 0.0, 1e-9, 2e-9, 9999.0] for row in run.recipe.tuned])
    assert api.run(forged).recipe.tuned == run.recipe.tuned
    other = run.recipe.updated(optimizer=[{"name": "adam"}, *(e.flat() for e in run.recipe.optimizer)])
    assert rates(api.run(other))[1:] == rates(run)
    equal = api.run(run.recipe.updated(fair="lr", optimizer=[run.recipe.optimizer[0].flat(), {"name": "adam"}]))
    assert rates(equal) == rates(gdviz.simulate("beale", ["gd", "adam"], fair="lr", steps=20))
    assert equal.recipe.tuned == ()


@pytest.mark.parametrize("columns", [1, 40])
def test_of_very_many_starts_rates_are_searched_from_all_over(columns):
    """Where the first 64 lie the valley is flat, and only large rates get anywhere; at all others these diverge."""

    def valley(x, y):
        return where(y < -1.85, 0.1, 30.0) * x**2

    y = np.concatenate([np.full(64, -1.9), np.linspace(-1.8, 2, 1600 // columns)])
    grid = np.array([(1.0 + i / columns, row) for row in np.sort(y) for i in range(columns)])
    for optimizers, fair in ((["gd:lr=auto"], None), (["gd", "adam"], "lr")):
        run = gdviz.simulate(valley, optimizers, start=grid, steps=30, every=30, fair=fair)
        assert (run.status != "diverged").all() and rates(run)[0] <= 0.03
        assert rates(gdviz.simulate(valley, optimizers, start=grid, steps=30, every=30, fair=fair)) == rates(run)
        few = gdviz.simulate(valley, optimizers, start=grid[:64], steps=30, every=30, fair=fair)
        assert rates(few)[0] > 0.03


STEADY = ["gd:lr=0.002", "newton", "armijo", "scipy:BFGS", "scipy:Nelder-Mead"]


@pytest.mark.parametrize("landscape", ["rosenbrock", "himmelblau"])
@pytest.mark.parametrize("every", [1, 7])
def test_all_get_the_same_number_of_evaluations(landscape, every):
    budget = 90
    run = gdviz.simulate(landscape, STEADY, fair="evals", steps=budget, every=every)
    free = gdviz.simulate(landscape, STEADY, steps=budget)
    assert run.t[-1] == budget
    assert (run.evals <= run.t).all()
    for i in range(len(STEADY)):
        for k, t in enumerate(run.t):
            step = int(np.flatnonzero(free.evals[i, 0] <= t)[-1])
            assert np.array_equal(run.x[i, 0, k], free.x[i, 0, step])
            assert run.evals[i, 0, k] == free.evals[i, 0, step]
    assert np.array_equal(run.x[0, 0], free.x[0, 0, run.t])  # one gradient a step
    for i in range(len(STEADY)):
        if run.status[i, 0] == "converged":
            assert run.stopped_at[i, 0] == free.evals[i, 0, free.stopped_at[i, 0]]
        else:
            resting = np.array_equal(free.x[i, 0, -1], free.x[i, 0, -2])
            assert resting or run.evals[i, 0, -1] > budget - 40  # the step that would exceed it is not made
    assert np.array_equal(again(run).x, run.x)


def test_a_rate_is_searched_within_the_evaluations_that_count():
    names, budget = [n for n, d in definitions("optimizer").items() if d.rule == "program" and d.searches_rate], 60
    assert names
    for name in names[:3]:
        ends = {}
        for rate in RATES:
            run = gdviz.simulate("ravine", [gdviz.optimizer(name, lr=rate)], fair="evals", steps=budget)
            tail = run.f[0, 0, -(len(run.t) // 10) :].mean()
            ends[rate] = tail if run.status[0, 0] != "diverged" and np.isfinite(tail) else np.inf
        (found,) = rates(gdviz.simulate("ravine", [gdviz.optimizer(name, lr="auto")], fair="evals", steps=budget))
        assert ends[found] <= 2 * min(ends.values()) + 1e-6


def test_a_run_that_diverges_does_so_after_its_evaluations():
    run = gdviz.simulate("quadratic_1d", ["gd:lr=1.6"], fair="evals", steps=400)
    free = gdviz.simulate("quadratic_1d", ["gd:lr=1.6"], steps=400)
    assert run.status[0, 0] == "diverged"
    assert run.stopped_at[0, 0] == free.stopped_at[0, 0]
    cut = gdviz.simulate("quadratic_1d", ["gd:lr=1.6"], fair="evals", steps=int(free.stopped_at[0, 0]) - 1)
    assert cut.status[0, 0] == "unfinished"


@pytest.mark.parametrize("lang", languages())
def test_pictures_say_what_is_equal(lang):
    known = {}
    for fair in ("lr", "tuned", "evals"):
        run = gdviz.simulate("beale", RACE, fair=fair, steps=12)
        known[fair] = compose(api.redrawn(run, {"lang": lang}))
        assert known[fair].caption
    plain = compose(api.redrawn(gdviz.simulate("beale", RACE, steps=12), {"lang": lang}))
    assert plain.caption == ""
    assert known["evals"].counter[-1] != plain.counter[-1]
    assert known["evals"].panels[1].x.label != plain.panels[1].x.label
    assert known["lr"].counter == plain.counter
    assert all("(" in entry.details for entry in known["tuned"].entries)
    assert str(STARTS) in known["tuned"].caption


@pytest.mark.parametrize(
    ("optimizers", "fair", "more", "sentence"),
    [
        (["gd:lr=0.1", "adam:lr=0.2"], "lr", {}, "but gd has 0.1 and adam has 0.2; state one, or none"),
        (["adam:lr=0.1", "adam:lr=0.2"], "lr", {}, "but adam has 0.1 and adam has 0.2; state one, or none"),
        (["gd:lr=0.1", "scipy:BFGS"], "lr", {}, "scipy:BFGS has none; drop -o scipy:BFGS or type --fair evals"),
        (["gd", "adam:lr=0.2"], "tuned", {}, "but adam states 0.2; drop lr= or type --fair lr"),
        (["gd"], "equal", {}, "must be 'lr', 'tuned' or 'evals'"),
        (["gd"], "evals", {"panel": ("rate",)}, "--panel rate shows single steps"),
        (["gd"], "evals", {"anatomy": 2}, "--anatomy takes a step apart"),
    ],
)
def test_contradictions_get_a_sentence(optimizers, fair, more, sentence, tmp_path):
    with pytest.raises(gdviz.UsageError, match=sentence) as caught:
        run = gdviz.simulate("beale", optimizers, fair=fair, steps=5)
        gdviz.plot(run, tmp_path / "a.png", **more)
    assert "\n" not in str(caught.value)


def test_rules_without_rates_of_every_kind_can_be_compared_by_evaluations():
    names = [n for n, d in definitions("optimizer").items() if d.rule != "vector"]
    run = gdviz.simulate("himmelblau", names, fair="evals", steps=30)
    assert (run.evals[:, 0, -1] <= 30).all()
    assert (run.evals[:, 0, -1] > 0).sum() >= len(names) - 3  # a population's first step may cost more than that


def test_medians_and_quartiles_have_two_digits():
    told = [_rounded(value, texts("ru")) for value in (3.04, 2.8, 10.4, 0.0, 1.2e-6, 3.2e5, 0.996)]
    assert told == ["3,0", "2,8", "10", "0", "1,2·10⁻⁶", "320000", "1,0"]


def test_the_command_line_tells_the_table(tmp_path):
    line = ["plot", "beale", "-o", "gd,adam", "--steps", "20", "--size", "320x240", "--force"]
    out = [*line, "--out", str(tmp_path / "a.png")]
    told = {
        fair: CliRunner().invoke(program, [*out, "--fair", fair], catch_exceptions=False).output
        for fair in ("lr", "tuned", "evals")
    }
    assert told["tuned"].count("(tuned)") == 2 and told["tuned"].count("from 64 random starts: median") == 2
    assert told["evals"].count("after 20 evaluations") == 2
    same = {row.split("lr=")[1].split()[0] for row in told["lr"].splitlines()[:2]}
    assert len(same) == 1
    again = CliRunner().invoke(program, ["recipe", str(tmp_path / "a.png")], catch_exceptions=False).output
    assert "--fair evals" in again.splitlines()[0]
