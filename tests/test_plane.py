"""Planes through the space of an objective's coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from gdviz.catalogue.lookup import find
from gdviz.objectives import plane
from gdviz.objectives.landscape import Landscape

VALLEY = Landscape(find("landscape", "rosenbrock"), 4, {"a": 1.0, "b": 100.0})


def test_a_plane_answers_what_the_whole_space_does() -> None:
    draw = np.random.default_rng(1)
    points = draw.normal(size=(30, 4)) * (3.0, 0.1, 2.0, 0.2)
    made = plane.principal(VALLEY, points[7], points)
    assert np.allclose(made.directions.T @ made.directions, np.eye(2))
    u = draw.normal(size=(2, 5))
    lifted = made.centre[:, None] + made.directions @ u
    assert np.array_equal(made.value(u), VALLEY.value(lifted))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plane, "ROOM", 9)  # of four coordinates two points
        assert np.array_equal(made.value(u), VALLEY.value(lifted))
    grid = made.sampled(u[0][None, :], u[1][:, None])
    assert np.allclose(grid.diagonal(), VALLEY.value(lifted), rtol=1e-12)
    near = 1e-6 * np.eye(2)
    slopes = [(made.value(u[:, :1] + d[:, None]) - made.value(u[:, :1] - d[:, None]))[0] / 2e-6 for d in near]
    assert np.allclose(made.gradient(u[:, :1])[:, 0], slopes, rtol=1e-4)
    assert np.allclose(made.projected(lifted.T), u.T)
    assert made.off(lifted.T).max() < 1e-12


def test_the_principal_plane_holds_what_varies_most() -> None:
    """Against the singular values of the points about their mean."""
    points = np.random.default_rng(2).normal(size=(50, 4)) * (3.0, 0.1, 2.0, 0.2)
    for some in (points, points[:3]):  # more points than coordinates, and fewer
        made = plane.principal(VALLEY, some.mean(axis=0), some)
        values = np.linalg.svd(some - some.mean(axis=0), compute_uv=False)
        assert np.allclose(made.shares, values[:2] ** 2 / (values**2).sum())
        assert np.allclose((made.projected(some) ** 2).sum(axis=0), values[:2] ** 2)
    assert plane.principal(VALLEY, np.ones(4), np.full((3, 4), 0.1)).shares is None  # nothing varies
    first = plane.axes(VALLEY, np.arange(4.0), (3, 1))
    assert np.array_equal(first.value(np.array([[5.0], [6.0]])), VALLEY.value(np.array([[0.0], [6.0], [2.0], [5.0]])))
