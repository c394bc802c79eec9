"""Trainability: scores are those of a plain NumPy reimplementation, and each belongs to its cell alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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


def straight(made: Trainability, at: np.ndarray, ulp: bool = False) -> np.ndarray:
    """Scores of cells by loops over steps and layers, of tanh networks by gradient descent on all samples; of a start
    that is moved by an ulp."""
    settled = made.cells.ground.settled(made.cells.ground.recipe)
    X, y = settled.objective.X, settled.objective.y
    width, depth, window = made.recipe.width, made.recipe.depth, made.recipe.window
    cells, theta = at.shape[1], settled.starts(np.zeros(1, np.int64))[0][0]
    theta = np.nextafter(theta, np.inf) if ulp else theta
    shapes = [(width, width)] * depth + [(width, 1)]
    cuts = np.cumsum([a * b for a, b in shapes])[:-1]
    W = [np.tile(part.reshape(shape), (cells, 1, 1)) for part, shape in zip(np.split(theta, cuts), shapes, strict=True)]
    v, u = at[:, :, None, None]
    rates = [u] * depth + [v]
    if made.recipe.vary == "init":
        W[0], rates = W[0] + u, [v] * (depth + 1)
    scale = [np.sqrt(2 / width)] * depth + [1 / width]
    losses = []
    with np.errstate(all="ignore"):
        for _ in range(made.steps):
            units = [np.broadcast_to(X, (cells, *X.shape))]
            for k, weights in enumerate(W):
                sums = units[-1] @ weights * scale[k]
                units.append(np.tanh(sums) if k < depth else sums)
            error = units[-1][..., 0] - y
            losses.append((error**2).mean(axis=1))
            slope = 2 / len(y) * error[..., None]
            for k in range(depth, -1, -1):
                gradient = scale[k] * units[k].transpose(0, 2, 1) @ slope
                slope = scale[k] * slope @ W[k].transpose(0, 2, 1) * (1 - units[k] ** 2)
                W[k] = W[k] - rates[k] * gradient
        ratio = np.minimum(np.where(np.isfinite(losses), losses, 1e6) / losses[0], 1e6)
    converged = ratio[-window:].mean(axis=0) < 1
    return np.where(converged, -ratio.sum(axis=0), (1 / ratio).sum(axis=0))


@pytest.mark.parametrize(
    "asked", [{}, {"vary": "init"}, {"depth": 2, "width": 4, "steps": 50}], ids=["rates", "init", "deep"]
)
def test_scores_are_those_of_a_plain_reimplementation(asked: dict[str, Any]) -> None:
    """Class where all around are of one, and scores where a start moved by an ulp has the same: training is chaos where
    rates are high, and there sums in another order are other numbers."""
    made = problem(**asked)
    at = everywhere(made)
    score = made.evaluate(0, at)["score"]
    label = made.label({"score": score}).reshape(SIDE, SIDE)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(label, 1, "edge"), (3, 3))
    agree = (around == label[..., None, None]).all(axis=(2, 3)).ravel()
    tenth = np.arange(0, SIDE * SIDE, 10)
    found, agree = score[tenth], agree[tenth]
    expected, moved = (straight(made, at[:, tenth], ulp) for ulp in (False, True))
    assert 0.1 < label.mean() < 0.9 and agree.mean() > 0.8
    assert np.array_equal(expected[agree] < 0, found[agree] < 0)
    sure = agree & (np.abs(moved - expected) <= 1e-9 * np.abs(expected))
    assert sure.mean() > 0.6
    np.testing.assert_allclose(found[sure], expected[sure], rtol=1e-6)


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
        ({"schedule": ({"parameter": "lr", "chain": ({"name": "cosine"},)},)}, "cannot stand beside a schedule of lr"),
        ({"batch": 100}, "a batch of 100"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        problem(**asked)
