"""Studies whose arrays are computed here, for the tests of what is made of studies."""

from __future__ import annotations

import numpy as np

from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.recipe import model_of
from gdviz.studies.bins import bins_for
from gdviz.studies.minima import Minima
from gdviz.studies.problem import Array, Problem
from gdviz.studies.problem import Axis as Varied
from gdviz.studies.study import Study


class Made(Problem):
    """A study whose cells are written by hand."""

    kind = "sweep"
    dim = 2
    arrays = (Array("success", "float64", np.nan, "share of runs that succeed"),)

    def __init__(self, recipe, axes, runs, steps):
        self.recipe, self.axes, self.runs, self.steps = recipe, axes, runs, steps
        self.labels = tuple(entry.name for entry in recipe.optimizer)

    @property
    def criteria(self):
        return {"target": 1e-3, "radius": 0.5}

    def evaluate(self, optimizer, at, *, ulps=0, dtype=None, threads=1):
        raise NotImplementedError

    def again(self, optimizer, at, run=None):
        raise NotImplementedError


CURVATURES = np.array([1.0, 10.0])


def descended(lr, mu, runs, steps=200, target=1e-3, seed=0):
    """Arrays of a sweep of momentum on the quadratic of CURVATURES, lr and mu of one shape: float64[*shape] each."""
    lr, mu = np.broadcast_arrays(lr, mu)
    x = np.random.default_rng(seed).normal(size=(runs, 2)) * 2 if runs > 1 else np.array([[-3.0, 2.0]])
    x = np.broadcast_to(x, (*lr.shape, runs, 2)).copy()
    v, hit = np.zeros_like(x), np.full((*lr.shape, runs), np.inf)
    begun = 0.5 * (CURVATURES * x**2).sum(-1)
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            v = mu[..., None, None] * v - lr[..., None, None] * CURVATURES * x
            x = x + v
            f = 0.5 * (CURVATURES * x**2).sum(-1)
            hit = np.where((f <= target) & np.isinf(hit), t, hit)
    f = np.where(np.isfinite(f) & (f < 1e12), f, np.inf)
    quantiles = np.quantile(f, (0.1, 0.5, 0.9), axis=-1, method="inverted_cdf")
    return {
        "success": np.isfinite(hit).mean(-1),
        "diverged": (f > begun).mean(-1),
        "median_steps": np.sort(hit, axis=-1)[..., (runs - 1) // 2],
        **dict(zip(("final_q10", "final_q50", "final_q90"), quantiles, strict=True)),
    }


def stacked(*of):
    return {name: np.stack([one[name] for one in of]) for name in of[0]}


def swept(axes, arrays, runs=1, done=(16, 16), reliability=None, **look):
    optimizers = [{"name": name} for name in ("gd", "momentum")[-len(arrays["success"]) :]]
    grid = [{"name": axis.name, "values": axis.values.tolist()} for axis in axes]
    recipe = model_of(Sweep)(study="sweep", landscape="ravine", optimizer=optimizers, grid=grid, **look)
    return Study(Made(recipe, axes, runs, 200), arrays, done, reliability)


def line(count=64, runs=16, **look):
    """Of gd and momentum along the rate."""
    axis = Varied("lr", np.geomspace(1e-3, 1.0, count), "log")
    arrays = stacked(*(descended(axis.values, np.array(mu), runs) for mu in (0.0, 0.9)))
    return swept((axis,), arrays, runs, **look)


def plane(count=(64, 48), runs=1, one=False, **look):
    """Of momentum along rate and mu, beside gd, which has no mu."""
    axes = Varied("lr", np.geomspace(1e-3, 1.0, count[0]), "log"), Varied("mu", np.linspace(0.0, 0.99, count[1]))
    lr, mu = axes[0].values[:, None], axes[1].values[None]
    of = [descended(lr, factor * mu, runs) for factor in ((1,) if one else (0, 1))]
    return swept(axes, stacked(*of), runs, **look)


PLACES = Minima(np.array([[-1.0467, 0.0], [0.9456, 0.0]]), np.array([-0.3524, -0.1526]), diagonal=8.0)
"""Minima of x⁴/4 − x²/2 + x/10 + y²/2."""


class Steps:
    """Records of every fourth step."""

    records = np.arange(0, 401, 4)


PERCENTS = (0.05, 0.25, 0.5, 0.75, 0.95)


def noisy(lr, runs=2000, noise=0.6, lost=0, seed=0):
    """Sums of noisy descents in that double well, all from the higher minimum, over all runs, and of every run the step
    at which it left, infinite where it did not."""
    random, x, records = np.random.default_rng(seed), np.full(runs, PLACES.points[1, 0]), Steps.records
    losses, left = [], np.full(runs, np.inf)
    for t in range(records[-1] + 1):
        left = np.where(np.isinf(left) & (np.abs(x - PLACES.points[1, 0]) > 0.5), t, left)
        if t in records:
            losses.append(x**4 / 4 - x * x / 2 + x / 10)
        x = x - lr * (x**3 - x + 0.1 + noise / lr**0.5 * random.normal(size=runs))
    nearest = np.abs(x[:, None] - PLACES.points[:, 0])
    kinds = np.where(nearest.min(axis=1) < 0.5, nearest.argmin(axis=1), 2)
    kinds[:lost] = 3
    return {
        "loss_q": np.quantile(losses, PERCENTS, axis=1, method="inverted_cdf"),
        "ends": np.bincount(kinds, minlength=5),
        "began": np.array(runs),
        "escaped": (left[:, None] <= records).sum(axis=0),
    }


def gathered(optimizers=("gd", "momentum"), done=(2, 2), minima=PLACES, lost=0, **look):
    """An ensemble whose optimizers stand for rates of `noisy`."""
    arrays = stacked(*(noisy(lr, lost=lost) for lr in np.linspace(0.02, 0.06, len(optimizers))))
    recipe = model_of(Ensemble)(
        study="ensemble", landscape="aluffi_pentini", optimizer=[{"name": name} for name in optimizers], **look
    )
    problem = Made(recipe, (Varied("block", np.arange(1.0)),), 2000, 400)
    problem.kind, problem.arrays = "ensemble", (Array("blocks", "int64", -1, "runs that began"),)
    problem.drawn, problem.minima, problem.bins = Steps, minima, bins_for(arrays["loss_q"])
    problem.whole = lambda found: arrays
    return Study(problem, {"blocks": np.full((len(optimizers), 1), 2000), **arrays}, done)
