"""Sweeps: where theory puts the boundary of divergence, each cell against its own runs, and what can be varied."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.studies.statistics import ordered, quantile
from gdviz.studies.sweep import Sweep, sweep

GD = ({"name": "gd"},)
MLP = {"model": {"name": "mlp", "widths": [4]}, "data": {"name": "moons", "n": 20}, "epochs": 2, "backend": "python"}
"""16 samples are trained on, and 4 are kept for validation."""

RATES = {"name": "lr", "scale": "log", "low": 1e-3, "high": 0.1, "count": 8}
NOISE = {"transform": ({"name": "gaussian", "sigma": 0.5}, {"name": "clip_norm"})}


def made(*grid: dict[str, Any], optimizers: tuple[dict[str, Any], ...] = GD, **asked: Any) -> Sweep:
    place = {} if "model" in asked or "formula" in asked else {"landscape": "himmelblau", "steps": 50}
    recipe: Any = Recipe(study="sweep", optimizer=optimizers, grid=grid, **{**place, **asked})
    return sweep(recipe)


def everywhere(problem: Sweep) -> np.ndarray:
    return np.stack([grid.ravel() for grid in np.meshgrid(*(axis.values for axis in problem.axes), indexing="ij")])


def listed(name: str, *values: float | str) -> dict[str, Any]:
    return {"name": name, "values": list(values)}


def test_divergence_begins_where_theory_says() -> None:
    """Of gradient descent at 2/L, of momentum at 2(1 + μ)/L: Polyak 1964, doi:10.1016/0041-5553(64)90137-5."""
    kappa, count = 25.0, 60
    rates = {"name": "lr", "low": 0.5 / kappa, "high": 4.5 / kappa, "count": count}
    for name, mu in (("gd", None), ("momentum", {"name": "mu", "low": 0.0, "high": 0.9, "count": 7})):
        problem = made(
            *filter(None, (mu, rates)),
            optimizers=({"name": name},),
            landscape="ravine",
            steps=3000,
            constants={"kappa": kappa},
            backend="python",
        )
        diverged = problem.evaluate(0, everywhere(problem))["diverged"].reshape(-1, count)
        mus = problem.axes[0].values if mu else np.zeros(1)
        lr = problem.axes[-1].values
        assert (np.diff(diverged, axis=1) >= 0).all(), "beyond the boundary all diverge"
        first = lr[np.argmax(diverged > 0, axis=1)]
        assert (np.abs(first - 2 * (1 + mus) / kappa) <= lr[1] - lr[0]).all()


@pytest.mark.parametrize(
    ("grid", "asked"),
    [
        ((RATES, listed("gaussian.sigma", 0.0, 20.0)), NOISE),
        ((RATES, listed("seed", 1, 5)), {**NOISE, "starts": 5}),
        (
            (RATES, listed("clip_norm.mode", "threshold", "always")),
            {"transform": ({"name": "clip_norm"},), "starts": 3},
        ),
        ((listed("a", 1.0, 2.0), RATES), {"formula": "(x^2 - a)^2 + y^2", "constants": {"a": 1.0}, "starts": 3}),
        (
            (RATES,),
            {"start": ((-5.0, 5.0), (1.0, 1.0)), "schedule": ({"parameter": "lr", "chain": ({"name": "cosine"},)},)},
        ),
        ((listed("lr.1", 0.1, 9.0), listed("batch", 4, "full")), MLP),
        (
            (listed("init.std", 0.1, 9.0),),
            {**MLP, "init": {"name": "normal"}, "starts": 3, "optimizers": ({"name": "gd", "lr": 9.0},)},
        ),
    ],
    ids=["noise", "seed", "word", "constant", "schedule", "layers", "init"],
)
def test_a_cell_is_worth_what_its_runs_come_to_whatever_stands_beside_it(grid: Any, asked: dict[str, Any]) -> None:
    problem = made(*grid, **asked)
    at = everywhere(problem)
    whole = problem.evaluate(0, at)
    order = np.random.default_rng(1).permutation(at.shape[1])
    for some in np.array_split(order, 3):
        part = problem.evaluate(0, at[:, some])
        assert all(np.array_equal(part[name], whole[name][some]) for name in whole)
    for cell in order[:4].tolist():
        run: Any = problem.again(0, at[:, cell])
        assert run.f.shape[1] == problem.runs
        f = np.where(np.isfinite(run.f[0]), run.f[0], np.inf)
        setting = run.setting
        target = problem.target + (problem.cells.ground.least(setting) if problem.above else 0)
        words = {axis.name: axis.words[int(k)] for axis, k in zip(problem.axes, at[:, cell], strict=True) if axis.words}
        epoch = 16 // int(words["batch"]) if words.get("batch", "full") != "full" else 1
        steps = np.arange(f.shape[1])
        low = (f <= target) & ((steps % epoch == 0) | (steps == steps[-1]))
        hits = np.where(low.any(axis=1), low.argmax(axis=1), np.inf)
        lost = np.isin(run.status[0], ("diverged", "undefined")) | (f[:, -1] > f[:, 0])
        found = {name: values[cell] for name, values in whole.items()}
        assert found["success"] == np.float32(np.isfinite(hits).mean())
        assert found["diverged"] == np.float32(lost.mean())
        assert found["median_steps"] == np.sort(hits)[(problem.runs - 1) // 2]
        for share in (10, 50, 90):
            expected = np.quantile(f[:, -1], share / 100, method="inverted_cdf")
            assert found[f"final_q{share}"] == expected
    assert len(np.unique(whole["final_q50"])) > at.shape[1] // 2, "cells differ"


def test_runs_begin_at_typed_points_in_turn_or_at_random_ones_that_all_cells_share() -> None:
    """16 where anything is random, and as many as are typed where that is more."""
    typed = {"start": ((0.0, 1.0), (2.0, 3.0), (4.0, 5.0))}
    assert made(RATES).runs == 1 and made(RATES, **typed).runs == 3 and made(RATES, **NOISE).runs == 16
    assert made(RATES, **MLP).runs == 16
    zeros = {**MLP, "init": {"name": "zeros"}, "batch": "full"}
    assert made(RATES, **zeros).runs == 1
    problem = made(RATES, **typed, starts=4)
    (block,) = problem.cells.blocks(0, everywhere(problem))
    assert block.plan.start.reshape(8, 4, 2)[5].tolist() == [[0, 1], [2, 3], [4, 5], [0, 1]]
    assert block.plan.runs.reshape(8, 4)[5].tolist() == [0, 1, 2, 3]
    few, many = (made(RATES, starts=count, domain=((0.0, 1.0), (2.0, 3.0))) for count in (5, 9))
    points = [next(one.cells.blocks(0, everywhere(one))).plan.start.reshape(8, -1, 2) for one in (few, many)]
    assert (points[0] == points[1][:, :5]).all() and (points[0][0] == points[0][7]).all()
    assert ((points[1] > (0, 2)) & (points[1] < (1, 3))).all() and len(np.unique(points[1])) == 18
    cut = list(many.cells.blocks(0, everywhere(many), room=8))
    assert sorted({block.first for block in cut}) == [0, 4, 8] and len(cut) == 24
    starts = np.concatenate([block.plan.start for block in cut]).reshape(8, 9, 2)
    assert (starts == points[1]).all()


def test_what_was_left_open_is_in_the_recipe_which_makes_the_same_again() -> None:
    grid = {"name": "beta1", "low": 0.5, "high": 0.9, "count": 3}
    problem = made(grid, optimizers=({"name": "adam", "lr": "auto"},), starts=4)
    (entry,) = problem.recipe.optimizer
    assert isinstance(entry.options["lr"], float) and "beta1" not in entry.options
    assert (problem.recipe.target, problem.recipe.starts, problem.recipe.start) == (problem.target, 4, None)
    again = sweep(problem.recipe)
    assert again.recipe == problem.recipe and again.criteria == problem.criteria
    at = everywhere(problem)
    assert all(map(np.array_equal, again.evaluate(0, at).values(), problem.evaluate(0, at).values()))
    swept = made(RATES, optimizers=({"name": "gd", "lr": "auto"},))
    assert "lr" not in swept.recipe.optimizer[0].options


def test_targets_are_shares_of_the_height_above_the_minimum() -> None:
    problem = made(RATES, start=((0.0, 0.0), (1.0, 1.0), (-5.0, 5.0)))  # himmelblau is 170, 106 and 610 high there
    assert problem.criteria["target"] == problem.target == 0.2
    networks = made(RATES, **MLP)
    assert networks.criteria["loss"] == networks.target and "target" not in networks.criteria
    assert "loss" in made(RATES, landscape="saddle", target=0.1).criteria


def test_runs_by_batches_are_asked_for_the_whole_loss_once_an_epoch() -> None:
    batches = made(listed("lr", 0.3, 1.0, 3.0), **{**MLP, "epochs": 9}, batch=4, starts=5)
    whole = made(listed("lr", 0.3, 1.0, 3.0), **{**MLP, "epochs": 90}, batch="full", starts=5, target=batches.target)
    assert (batches.criteria["asked"], whole.criteria["asked"], made(RATES).criteria["asked"]) == (
        "epoch",
        "step",
        "step",
    )
    hits = [one.evaluate(0, everywhere(one))["median_steps"] for one in (batches, whole)]
    hits = [found[np.isfinite(found)] for found in hits]
    assert hits[0].size and (hits[0] % 4 == 0).all() and (hits[1] % 4 != 0).any()


@pytest.mark.parametrize(
    ("grid", "asked", "told"),
    [
        ((), {}, "say what is varied"),
        ((listed("beta1", 0.5),), {}, "nothing that can be varied here is called 'beta1'"),
        ((listed("lrr", 0.5),), {}, "did you mean 'lr'"),
        ((listed("mu", 0.5),), {"optimizers": ({"name": "gd"}, {"name": "momentum"})}, "called 'mu'"),
        ((listed("lr.1", 0.5),), {}, "did you mean 'lr'"),
        ((listed("lr.9", 0.5),), MLP, "called 'lr.9'"),
        ((listed("lr", -1.0, 1.0),), {}, "gd: lr is -1; it must be 0 or more"),
        ((listed("lr", 0.1),), {"optimizers": ({"name": "gd", "lr": 0.1},)}, "gd states lr=0.1; drop one"),
        ((listed("lr", 0.1, "much"),), {}, "lr is a number"),
        ((listed("clip_norm.mode", "half"),), NOISE, "clip_norm.mode is threshold, always"),
        ((listed("clip_norm.mode", 0.5),), NOISE, "clip_norm.mode is threshold, always"),
        ((listed("gaussian.sigma", 1.0), listed("noise.sigma", 2.0)), NOISE, "noise.sigma is varied twice"),
        (({"name": "seed", "low": 0, "high": 3, "count": 9},), {}, "seed is a whole number"),
        ((listed("batch", 99),), MLP, "a batch of 99 is more than"),
        ((listed("lr", 0.5),), {"formula": "lr*x^2 + y^2", "constants": {"lr": 2.0}}, "type set.lr or rule.lr"),
        ((RATES,), {"landscape": "saddle"}, "no minimum of saddle is known"),
        ((RATES,), {"start": ((3.0, 2.0),)}, "the start is no higher than the minimum"),
    ],
)
def test_what_does_not_fit_is_refused(grid: Any, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        made(*grid, **asked)


def test_a_name_of_two_things_is_told_apart() -> None:
    asked = {"formula": "lr*x^2 + y^2", "constants": {"lr": 2.0}, "optimizers": ({"name": "gd", "lr": "auto"},)}
    problem = made(listed("set.lr", 1.0, 2.0), listed("rule.lr", 0.1, 0.2, 0.3), steps=5, backend="python", **asked)
    assert "lr" not in problem.recipe.optimizer[0].options
    steepest = problem.evaluate(0, everywhere(problem))["final_q50"].reshape(2, 3)
    assert len(np.unique(steepest)) == 6


def test_lists_of_values_are_ordered_and_spaced_as_they_are() -> None:
    axes = [made(listed("lr", *values)).axes[0] for values in ((0.1, 0.01, 0.001), (0.1, 0.3, 0.2), (0.5,))]
    assert [axis.scale for axis in axes] == ["log", "linear", "linear"]
    assert axes[0].values.tolist() == [0.001, 0.01, 0.1]
    words = made(listed("batch", 4, "full"), **MLP).axes[0]
    assert (words.words, words.scale, words.continuous) == (("4", "full"), "words", False)


def test_quantiles_are_values_of_runs() -> None:
    draw = np.random.default_rng(0)
    for runs in (1, 2, 7, 10, 16):
        values = draw.normal(size=(50, runs))
        values[draw.random(values.shape) < 0.2] = np.nan
        known = np.where(np.isnan(values), np.inf, values)
        for share in (0.05, 0.1, 0.25, 0.5, 0.9, 0.95):
            expected = np.quantile(known, share, axis=1, method="inverted_cdf")
            assert np.array_equal(quantile(ordered(values), share), expected)
