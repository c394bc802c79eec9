"""Basins of attraction: against a plain loop of gradient descent, and laws of cells that no map may break."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdviz.errors import GdvizWarning, UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.studies.basins import Basins, basins
from gdviz.studies.minima import Minima
from gdviz.studies.statistics import basin_entropy

GD = ({"name": "gd", "lr": 0.01},)


def made(optimizers: tuple[dict[str, Any], ...] = GD, **asked: Any) -> Basins:
    recipe: Any = Recipe(study="basins", optimizer=optimizers, **{"landscape": "himmelblau", "steps": 100, **asked})
    return basins(recipe)


def places(problem: Basins, count: int = 200) -> np.ndarray:
    """Some cells of the domain, float64[axis, cell]."""
    draw = np.random.default_rng(5)
    return np.stack([draw.choice(axis.values, count) for axis in problem.axes])


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)


def descended(y: np.ndarray, x: np.ndarray, points: np.ndarray, radius: float, steps: int) -> tuple[Any, Any]:
    """The minimum of himmelblau at which gradient descent ends, -1 where at none, and the step from which it is there;
    with a loop over steps and gradients written by hand."""
    x, y = x.copy(), y.copy()
    near = np.empty((steps + 1, len(points), *x.shape), bool)
    for t in range(steps + 1):
        near[t] = [(x - a) ** 2 + (y - b) ** 2 <= radius**2 for a, b in points]
        p, q = x * x + y - 11, x + y * y - 7
        x, y = x - 0.01 * (4 * x * p + 2 * q), y - 0.01 * (2 * p + 4 * y * q)
    minimum = np.where(near[-1].any(axis=0), near[-1].argmax(axis=0), -1)
    own = np.take_along_axis(near, np.maximum(minimum, 0)[None, None], axis=1)[:, 0]
    since = steps + 1 - np.argmin(np.cumsum(own[::-1], axis=0) == np.arange(1, steps + 2)[:, None, None], axis=0)
    return minimum, np.where(own.all(axis=0), 0, since)


def test_gradient_descent_ends_where_a_plain_loop_does() -> None:
    problem = made(resolution="1000x1000", domain=((-5.0, 5.0), (-5.0, 5.0)))
    y, x = (axis.values for axis in problem.axes)
    middles = np.arange(10, 1000, 20)
    beside = (middles[:, None] + np.arange(-1, 2)).ravel()
    at = np.stack(np.meshgrid(y[beside], x[beside], indexing="ij"))
    minimum, since = descended(*at, problem.minima.points, problem.radius, problem.steps)
    blocks = minimum.reshape(50, 3, 50, 3)
    agree = (blocks == blocks[:, 1:2, :, 1:2]).all(axis=(1, 3))
    assert 0.9 < agree.mean() < 1
    found = problem.evaluate(0, at.reshape(2, -1))
    inside = found["minimum"].reshape(blocks.shape)[:, 1, :, 1]
    assert (inside[agree] == blocks[:, 1, :, 1][agree]).all()
    assert set(inside.ravel().tolist()) == {0, 1, 2, 3}
    assert (found["steps"] == since.ravel()).mean() > 0.9999


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"landscape": "himmelblau"}, 4),
        ({"landscape": "three_hump_camel"}, 3),
        ({"landscape": "rastrigin"}, 121),
        ({"landscape": "forrester"}, 2),
        ({"landscape": "saddle"}, 0),
        ({"landscape": None, "formula": "(x^2 - a)^2 + y^2", "constants": {"a": 1.0}}, 2),
        ({"landscape": "styblinski_tang", "dim": 3}, 8),
    ],
    ids=lambda one: one if isinstance(one, int) else str(one.get("landscape")),
)
def test_minima_are_found_and_in_order(asked: dict[str, Any], count: int) -> None:
    problem = made(**asked, resolution="8", backend="python", steps=2)
    known, setting = problem.minima, problem.cells.ground.settled(problem.cells.ground.recipe)
    assert len(known.points) == len({*known.names()}) == count
    assert np.allclose(setting.objective.value(known.points.T), known.values, atol=1e-4)
    assert (np.diff(known.values) >= -1e-9 * np.abs(known.values).max(initial=0)).all()
    stated = setting.landscape.minima(problem.dim)
    assert {known.points[k][0] for k in np.flatnonzero(known.lowest)} >= {stated[0][0]} if stated else count in (0, 2)
    apart = [np.linalg.norm(a - b) for i, a in enumerate(known.points) for b in known.points[:i]]
    assert problem.radius <= min([*apart, np.inf]) / 2 and problem.radius <= 0.02 * known.diagonal
    assert len(problem.axes) == min(problem.dim, 2)
    found = problem.evaluate(0, np.concatenate([[axis.values[:3] for axis in problem.axes]]))
    assert found["minimum"].max() < max(count, 1)


def test_a_run_along_a_line_of_minima_is_at_none_and_that_is_said() -> None:
    with pytest.warns(GdvizWarning, match="lines of minima"):
        problem = made(landscape=None, formula="(x^2 + y^2 - 1)^2", resolution="8", backend="python")
    found = problem.evaluate(0, places(problem, 20))
    assert (found["minimum"] == -1).all() and (problem.label(found) == -1).all()
    assert found["final"].max() < 0.01 and problem.minima.lines == 1


NOISY = {"transform": ({"name": "gaussian", "sigma": 2.0},)}
PACED = {"schedule": ({"parameter": "lr", "chain": ({"name": "cosine"},)},)}


@pytest.mark.parametrize(
    ("optimizers", "asked"),
    [
        (({"name": "adam", "lr": 0.1},), {**NOISY, **PACED}),
        (({"name": "gd", "lr": 0.3},), {}),
        (({"name": "lbfgs"},), {"steps": 10, "backend": "python"}),
        (({"name": "cma_es"},), {"steps": 10}),
    ],
    ids=["noise", "lost", "program", "host"],
)
def test_what_a_cell_is_worth_depends_on_nothing_beside_it(optimizers: Any, asked: dict[str, Any]) -> None:
    problem = made(optimizers, **asked)
    at = places(problem, 12 if "steps" in asked else 300)
    whole = problem.evaluate(0, at, threads=2)
    order = np.random.default_rng(0).permutation(at.shape[1])
    parts = [problem.evaluate(0, at[:, some]) for some in np.array_split(order, 5)]
    back = np.argsort(order)
    assert same(whole, {name: np.concatenate([part[name] for part in parts])[back] for name in whole})
    cells = problem.cells
    plans = [block.plan for block in cells.blocks(0, at, room=10)]
    assert len(plans) > 1 and max(plan.start.size for plan in plans) <= 10
    assert np.array_equal(np.concatenate([plan.start for plan in plans]).T, at[::-1])
    for cell in (0, 7):
        run = problem.again(0, at[:, cell])
        finite = run.f[np.isfinite(run.f)]
        assert run.f[0, 0, -1] == whole["final"][cell] or np.isinf(whole["final"][cell])
        assert finite.min(initial=np.inf) == whole["best"][cell]
        assert run.status[0, 0] == ("unfinished", "converged", "diverged", "undefined")[whole["status"][cell]]


def test_starts_move_by_ulps_and_the_precision_is_another() -> None:
    problem = made(({"name": "adam", "lr": 0.1},))
    at = places(problem)
    assert same(problem.evaluate(0, at, ulps=2), problem.evaluate(0, np.nextafter(np.nextafter(at, 9), 9)))
    assert not same(problem.evaluate(0, at, ulps=1), problem.evaluate(0, at))
    single = made(({"name": "adam", "lr": 0.1},), dtype="float32")
    assert same(problem.evaluate(0, at, dtype="float32"), single.evaluate(0, at))
    moved = np.nextafter(at.astype(np.float32), np.float32(9)).astype(float)
    assert same(problem.evaluate(0, at, dtype="float32", ulps=1), single.evaluate(0, moved))


def test_what_was_left_open_is_in_the_recipe_which_makes_the_same_again() -> None:
    problem = made(({"name": "gd", "lr": "auto"}, {"name": "adam", "lr": "auto"}), resolution="30x20", steps=50)
    assert all(isinstance(entry.options["lr"], float) for entry in problem.recipe.optimizer)
    assert problem.recipe.radius == problem.radius and problem.recipe.backend != "auto"
    again = basins(problem.recipe)
    assert again.recipe == problem.recipe and again.labels == problem.labels == ("GD", "Adam")
    assert [len(axis) for axis in problem.axes] == [20, 30] and problem.axes[0].edges == pytest.approx((-6.0, 6.0))
    assert same(again.evaluate(1, places(problem)), problem.evaluate(1, places(problem)))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"optimizers": ()}, "name at least one optimizer"),
        ({"optimizers": ({"name": "gd", "lr": -1.0},)}, "gd: lr is -1"),
        ({"landscape": "himmelblaw"}, "did you mean 'himmelblau'"),
        ({"landscape": None, "formula": "log(-1 - x^2) + y"}, "no start of"),
        ({"backend": "gpu"}, "there is no backend 'gpu'"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        made(**asked)


def test_entropy_of_basins() -> None:
    halves = np.repeat([[0] * 10 + [1] * 10], 20, axis=0)
    assert basin_entropy(halves) == (0.0, pytest.approx(np.nan, nan_ok=True))
    shifted = np.roll(halves, 1, axis=1)[:, :15]  # the middle column of boxes holds 1 of 5 columns of one label
    share = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))
    boxes = [len(np.unique(shifted[i : i + 5, j : j + 5])) > 1 for i in range(0, 20, 5) for j in range(0, 15, 5)]
    assert basin_entropy(shifted) == (pytest.approx(share * np.mean(boxes)), pytest.approx(share))
    chance = np.random.default_rng(0).integers(0, 3, (500, 500))
    assert np.log(2) < basin_entropy(chance)[1] < np.log(3)
    assert basin_entropy(np.array([0, 1, 1])) == (pytest.approx(np.log(3) - 2 / 3 * np.log(2)),) * 2


def test_pictures_tell_what_is_next_to_nothing_beside_the_domain_as_0() -> None:
    points = np.array([[-1.55e-6, 3.58443], [0.0123, -12345.6]])
    minima = Minima(points, np.zeros(2), diagonal=4.0)
    assert [minima.shown(one) for one in range(2)] == [[0.0, 3.58], [0.0123, -12300.0]]
