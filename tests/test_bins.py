"""Bins of losses: every value has its bin, and quantiles are right to the width of one."""

from __future__ import annotations

import numpy as np
import pytest

from gdviz.studies.bins import BINS, bins_for

RNG = np.random.default_rng(7)
VALUES = {
    "even": RNG.normal(size=(500, 3)),
    "growing": 10 ** RNG.uniform(-9, 4, (500, 3)),
    "far apart": 10 ** RNG.uniform(-300, 300, (500, 3)),
    "above a floor": -78.33 + 10 ** RNG.uniform(-6, 3, (500, 3)),
    "equal": np.full((500, 3), 2.5),
    "nothing": np.zeros((500, 3)),
    "float32": RNG.uniform(-5, 90, (500, 3)).astype(np.float32),
    "lost": np.full((500, 3), np.nan),
}


def floor_of(name: str) -> float:
    return -78.33 if name == "above a floor" else 0.0


@pytest.mark.parametrize("name", VALUES)
def test_a_value_lies_between_the_edges_of_its_bin(name: str) -> None:
    values = np.concatenate([VALUES[name].ravel(), [np.inf, -np.inf, np.nan, 0.0, -0.0, 1e300]])
    bins = bins_for(VALUES[name], floor_of(name))
    edges, places = np.concatenate([[-np.inf], bins.edges, [np.inf]]), bins.places(values)
    assert (np.diff(edges) > 0).all() and len(bins.edges) == BINS + 1
    known = ~np.isnan(values)
    slack = 1e-9 * np.diff(bins.edges).min()  # an edge is rounded, and so is a place among even ones
    assert (edges[places] - slack <= values)[known].all() and (values <= edges[places + 1] + slack)[known].all()
    assert (places[~known] == BINS + 1).all() and places[-6] == BINS + 1 and places[-5] == 0


@pytest.mark.parametrize("name", VALUES)
def test_quantiles_are_right_to_the_width_of_a_bin(name: str) -> None:
    values = np.where(np.isnan(VALUES[name]), np.inf, VALUES[name].astype(np.float64))
    bins = bins_for(values, floor_of(name))
    percents = (5, 25, 50, 75, 95)
    found = bins.quantiles(bins.counted(values), percents)
    exact = np.quantile(values, np.array(percents) / 100, axis=0, method="inverted_cdf")
    inside = (exact >= bins.edges[0]) & np.isfinite(exact)
    assert inside.any() or name == "lost"
    widths = np.diff(bins.edges)[np.clip(bins.places(exact) - 1, 0, BINS - 1)]
    assert (np.abs(found[inside] - exact[inside]) <= widths[inside]).all()
    assert np.isinf(found[np.isinf(exact)]).all()
    assert (found[~inside & np.isfinite(exact)] == bins.edges[0]).all()


def test_what_is_below_all_bins_is_told_by_their_lowest_edge_and_what_is_lost_is_infinite() -> None:
    values = 10 ** RNG.uniform(-3, 3, (100, 1))
    bins = bins_for(values)
    values[:10], values[90:] = 0.0, np.nan
    (low, *_), (median, *_), (high, *_) = bins.quantiles(bins.counted(values), (5, 50, 95))
    assert low == bins.edges[0] and np.isinf(high) and values[10:90].min() < median < values[10:90].max()


def test_counts_of_parts_add_up() -> None:
    values = VALUES["growing"]
    bins = bins_for(values[:50])
    parts = [bins.counted(part) for part in np.split(values, [1, 30, 300])]
    assert np.array_equal(sum(parts), bins.counted(values)) and (bins.counted(values).sum(axis=1) == 500).all()


def test_nothing_is_told_of_what_is_not_counted() -> None:
    bins = bins_for(VALUES["growing"])
    counts = np.zeros((2, BINS + 2), np.int64)
    counts[0, 5] = 3
    found = bins.quantiles(counts, (5, 50))
    assert np.isfinite(found[:, 0]).all() and np.isnan(found[:, 1]).all()
