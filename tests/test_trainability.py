"""Trainability: scores are those of a plain NumPy reimplementation, and each belongs to its cell alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gdviz import vmath
from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.studies.trainability import Trainability, trainability

SIDE = 64


def problem(optimizers: tuple[dict[str, Any], ...] = ({"name": "gd"},), **asked: Any) -> Trainability:
    asked = {"width": 8, "steps": 100, "resolution": str(SIDE), "seed": 3, **asked}
    recipe: Any = Recipe(study="trainability", optimizer=optimizers, **asked)
    return trainability(recipe)


def everywhere(made: Trainability) -> np.ndarray:
    return np.stack(np.meshgrid(*(axis.values for axis in made.axes), indexing="ij")).reshape(2, -1)


Product = Callable[[Any, Any], Any]


def one_by_one(a: Any, b: Any) -> Any:
    """a[n, k, cell] times b[k, m, cell], whose sums over k are taken in their order."""
    return sum(a[:, k, None] * b[k] for k in range(len(b)))


def as_matrices(a: Any, b: Any) -> Any:
    """The same as NumPy's products of matrices, whose sums are taken in whatever order is quickest."""
    return np.moveaxis(np.moveaxis(a, -1, 0) @ np.moveaxis(b, -1, 0), 0, -1)


def straight(made: Trainability, at: np.ndarray, product: Product, tanh: Callable[[Any], Any]) -> np.ndarray:
    """Scores of cells by loops over steps and layers, of tanh networks by gradient descent on all samples.

    Sums over inputs (on the way up), outputs (on the way down) and samples (of losses and gradients) are those of
    `product` and of Python; they are multiplied by a layer's scale, or by one over the number of samples, once they are
    whole.
    """
    settled = made.cells.ground.settled(made.cells.ground.recipe)
    X, y = settled.objective.X[..., None], settled.objective.y[:, None]
    width, depth, window = made.recipe.width, made.recipe.depth, made.recipe.window
    cells, theta = at.shape[1], settled.starts(np.zeros(1, np.int64))[0][0]
    shapes = [(width, width)] * depth + [(width, 1)]
    parts = np.split(theta, np.cumsum([a * b for a, b in shapes])[:-1])
    W = [np.repeat(part.reshape(*shape, 1), cells, axis=2) for part, shape in zip(parts, shapes, strict=True)]
    v, u = at
    rates = [u] * depth + [v]
    if made.recipe.vary == "init":
        W[0], rates = W[0] + u, [v] * (depth + 1)
    scale, share = [np.sqrt(2 / width)] * depth + [1 / width], 1 / len(y)
    losses = []
    with np.errstate(all="ignore"):
        for _ in range(made.steps):
            units = [np.repeat(X, cells, axis=2)]
            for k, weights in enumerate(W):
                sums = product(units[-1], weights) * scale[k]
                units.append(tanh(sums) if k < depth else sums)
            error = units[-1][:, 0] - y
            losses.append(sum(error**2) * share)
            slope = 2 * error[:, None]
            for k in range(depth, -1, -1):
                gradient = product(units[k].swapaxes(0, 1), slope) * (share * scale[k])
                slope = product(slope, W[k].swapaxes(0, 1)) * scale[k] * (1 - units[k] ** 2)
                W[k] = W[k] - rates[k] * gradient
        ratio = np.minimum(np.where(np.isfinite(losses), losses, 1e6) / losses[0], 1e6)
    converged = sum(ratio[-window:]) < window
    return np.where(converged, -sum(ratio), sum(1 / ratio))


@pytest.mark.parametrize(
    "asked", [{}, {"vary": "init"}, {"depth": 2, "width": 4, "steps": 50}], ids=["rates", "init", "deep"]
)
def test_scores_are_those_of_a_plain_reimplementation(asked: dict[str, Any]) -> None:
    """To the bit where it takes its sums in the same order and has gdviz's tanh. With NumPy's own products and tanh
    classes are the same where all around are of one, and scores nearly everywhere there: training is chaos where rates
    are high, so that one rounding makes another number of some. Compilers fuse no product and sum unless they are told
    to, so this holds of every processor."""
    made = problem(**asked)
    at = everywhere(made)
    score = made.evaluate(0, at)["score"]
    label = made.label({"score": score}).reshape(SIDE, SIDE)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(label, 1, "edge"), (3, 3))
    agree = (around == label[..., None, None]).all(axis=(2, 3)).ravel()
    tenth = np.arange(0, SIDE * SIDE, 10)
    found, agree = score[tenth], agree[tenth]
    assert 0.1 < label.mean() < 0.9 and agree.mean() > 0.8
    exact = straight(made, at[:, tenth], one_by_one, vmath.namespace("float64")["tanh"])
    np.testing.assert_array_equal(found, exact)
    usual = straight(made, at[:, tenth], as_matrices, np.tanh)
    assert np.array_equal(usual[agree] < 0, found[agree] < 0)
    assert np.isclose(usual[agree], found[agree], rtol=1e-6, atol=0).mean() > 0.8


def test_a_cell_is_worth_the_same_alone_in_any_company_on_any_threads() -> None:
    made = problem(({"name": "gd"}, {"name": "adam"}), resolution="12x8", steps=30, batch=5)
    at = everywhere(made)
    for optimizer in range(2):
        whole = made.evaluate(optimizer, at, threads=2)["score"]
        order = np.random.default_rng(1).permutation(at.shape[1])[:70]
        assert np.array_equal(made.evaluate(optimizer, at[:, order])["score"], whole[order])
        assert np.array_equal(made.evaluate(optimizer, at[:, 5:6])["score"], whole[5:6])
        assert np.isfinite(whole).all() and (whole != 0).all()


def test_a_cell_again_is_a_training_with_its_rates_and_losses() -> None:
    for vary in ("rates", "init"):
        made = problem(vary=vary, resolution="6", steps=40, window=8)
        at = everywhere(made)
        score = made.evaluate(0, at)["score"]
        trained = np.flatnonzero(score < 0)
        cell = trained[len(trained) // 2]
        run = made.again(0, at[:, cell])
        ratio = run.loss[0, 0, :-1] / run.loss[0, 0, 0]
        assert run.status.item() == "unfinished" and ratio[-8:].mean() < 1
        assert score[cell] == pytest.approx(-ratio.sum(), rel=1e-12)


def test_the_axes_fill_the_domain_and_windows_into_it_are_told_apart() -> None:
    made = problem(resolution="40x30", domain=((0.1, 1000.0), (1.0, 8.0)))
    v, u = made.axes
    assert (v.name, u.name, len(v), len(u)) == ("v", "u", 30, 40) and made.recipe.resolution == "40x30"
    np.testing.assert_allclose([*u.edges, *v.edges], [0.1, 1000.0, 1.0, 8.0])
    close = problem(domain=((3.0, 3.0 + 1e-9), (3.0, 3.0 + 1e-9)))
    assert (np.diff(close.axes[1].values) > 0).all()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"optimizers": ({"name": "gd", "lr": 0.1},)}, "lr is varied over the cells, and gd"),
        ({"optimizers": ({"name": "lbfgs"},)}, "lbfgs has no rate that could differ between layers"),
        ({"domain": ((0.0, 1.0), (0.1, 1.0))}, "must be two ranges of numbers above 0"),
        ({"domain": "whole"}, "rates have no box of their own"),
        ({"domain": ((0.1, 1.0),)}, "must be two ranges of numbers above 0"),
        ({"domain": ((1.0, 1.0 + 1e-15),) * 2}, f"has no {SIDE} different numbers in float64"),
        ({"batch": 100}, "a batch of 100"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        problem(**asked)
