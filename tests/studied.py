"""Studies whose arrays are computed here, for the tests of what is made of studies."""

from __future__ import annotations

import numpy as np

from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.recipe import model_of
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
        return {"target": 1e-3}

    def evaluate(self, optimizer, at, *, ulps=0, dtype=None, threads=1):
        raise NotImplementedError

    def again(self, optimizer, at):
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
