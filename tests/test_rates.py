"""Rates that `lr=auto` finds: the best of the grid, unless its path is restless at the end; one for all variants."""

from __future__ import annotations

import numpy as np
import pytest
from rules import marked, sample

import gdviz
from gdviz.catalogue.lookup import definitions
from gdviz.runs.trajectories import Trajectories
from gdviz.runs.tuning import RATES

RACE = ("gd", "momentum", "rmsprop", "adam")
LANDSCAPES = definitions("landscape")
FEW = sorted(sample(LANDSCAPES))[::9]
"""Landscapes whose default race is tried; of all of them under `exhaustive`."""


RATED = [name for name, d in definitions("optimizer").items() if "lr" in d.parameters]


def rates(run: Trajectories) -> list[float]:
    return [plan.options["lr"] for plan in run.plans]


def spread(points: np.ndarray, run: Trajectories) -> float:
    """The diagonal of the box of points, float64[n, dim], where the landscape's own box has sides of 1."""
    sides = np.array([high - low for low, high in run.setting.landscape.domain(points.shape[1])])
    return float(np.linalg.norm(np.ptp(points, axis=0) / sides))


def restless(run: Trajectories, i: int = 0) -> bool:
    """Whether the last quarter of a path goes back and forth over more than a tenth of the diagonal of its box."""
    path = run.x[i, 0].astype(np.float64)
    last = path[len(path) - 1 - (len(path) - 1) // 4 :]
    sides = np.array([high - low for low, high in run.setting.landscape.domain(path.shape[1])])
    moves = np.linalg.norm(np.diff(last, axis=0) / sides, axis=1).sum()
    forth = bool(moves >= 2 * np.linalg.norm((last[-1] - last[0]) / sides))
    return forth and spread(last, run) > 0.1 * spread(path, run)


@pytest.mark.parametrize("name", marked(RATED, RATED[::4]))
def test_the_best_rate_is_taken_unless_its_path_is_restless(name: str) -> None:
    (chosen,) = rates(found := gdviz.simulate("quadratic_2d", [f"{name}:lr=auto"], steps=60))
    assert chosen in RATES
    assert found.recipe.optimizer[0].options["lr"] == chosen
    runs, ends = {}, {}
    for rate in RATES:
        runs[rate] = one = gdviz.simulate("quadratic_2d", [f"{name}:lr={rate}"], steps=60)
        inside = (np.abs(one.x) <= 6).all() and one.status[0, 0] == "unfinished"
        ends[rate] = one.f[0, 0, -6:].mean() if inside else np.inf
    best = [rate for rate in RATES if ends[rate] <= min(ends.values()) + 1e-6 * 113.0]
    if chosen not in best:
        assert all(restless(runs[rate]) for rate in best)
        assert not restless(runs[chosen]) and chosen < min(best)
        between = [rate for rate in RATES if chosen < rate < min(best) and ends[rate] < np.inf]
        assert all(restless(runs[rate]) for rate in between)


@pytest.mark.parametrize("name", marked(LANDSCAPES, FEW))
def test_no_path_of_a_default_race_bounces_across_the_picture_at_its_end(name: str) -> None:
    run = gdviz.simulate(name, [f"{rule}:lr=auto" for rule in RACE])
    for i, rule in enumerate(RACE):
        if restless(run, i):  # then there is no lower rate at which it is not
            lower = [rate for rate in RATES if rate < rates(run)[i]]
            assert all(restless(gdviz.simulate(name, [f"{rule}:lr={rate}"])) for rate in lower), rule


@pytest.mark.parametrize(
    ("landscape", "rule", "best", "calm"),
    [("bohachevsky_1", "gd", 0.1, 0.03), ("aluffi_pentini", "gd", 1.0, 0.3), ("bazaraa_shetty", "rmsprop", 0.3, 0.1)],
)
def test_a_rate_at_which_the_end_bounces_gives_way(landscape: str, rule: str, best: float, calm: float) -> None:
    run = gdviz.simulate(landscape, [f"{rule}:lr=auto"])
    assert rates(run) == [calm]
    other = gdviz.simulate(landscape, [f"{rule}:lr={best}"])
    assert other.f[0, 0, -20:].mean() < run.f[0, 0, -20:].mean(), "it ends lower, but nobody learns from it"
    assert restless(other) and not restless(run)


@pytest.mark.parametrize(
    ("landscape", "rules"),
    [("goldstein_price", ("gd", "momentum")), ("dekkers_aarts", ("gd", "momentum")), ("ellipsoid", ("gd",))],
)
def test_where_the_whole_grid_is_too_long_shorter_rates_are_found(landscape: str, rules: tuple[str, ...]) -> None:
    """At its lowest they diverge, or bounce for ever where 2 / L is that very rate."""
    run = gdviz.simulate(landscape, [f"{rule}:lr=auto" for rule in rules])
    assert max(rates(run)) < RATES[0] and (run.status == "unfinished").all()
    assert not any(restless(run, i) for i in range(len(rules)))
    lowest = gdviz.simulate(landscape, [f"{rule}:lr={RATES[0]}" for rule in rules])
    assert not (lowest.f[:, 0, -1] <= run.f[:, 0, -1]).any()


def test_a_rate_below_the_grid_does_not_take_the_place_of_one_that_ends_lower() -> None:
    """On walls without bound every rate bounces; who goes too slowly to arrive would be calm."""
    run = gdviz.simulate("bukin_6", ["gd:lr=auto"])
    assert rates(run) == [RATES[0]] and restless(run)


def test_who_is_still_on_the_way_is_not_restless() -> None:
    run = gdviz.simulate("rosenbrock", ["nesterov:lr=auto"])
    last = run.x[0, 0, -len(run.t) // 4 :]
    assert spread(last, run) > 0.1 * spread(run.x[0, 0], run) and rates(run) == [0.0003]


def test_variants_of_one_rule_share_a_rate() -> None:
    adam, gd = ["adam:lr=auto", "adam:lr=auto,bias_correction=false"], "gd:lr=auto"
    alone = [rates(gdviz.simulate("beale", [one], steps=60))[0] for one in (*adam, gd)]
    assert alone[0] != alone[1]
    both = rates(gdviz.simulate("beale", adam, steps=60))
    assert both[0] == both[1] and min(alone[:2]) <= both[0] <= max(alone[:2])
    run = gdviz.simulate("beale", [adam[1], gd, adam[0], "adam:lr=0.07"], steps=60)
    assert rates(run) == [both[0], alone[2], both[0], 0.07]


def test_variants_share_a_rate_at_which_none_of_them_is_lost() -> None:
    """Gradient descent with much momentum diverges where plain descent is quickest."""
    moments = [0.0, 0.5, 0.9, 0.99]
    run = gdviz.simulate("quadratic_2d", [f"momentum:lr=auto,mu={mu}" for mu in moments], steps=60)
    assert len(set(rates(run))) == 1 and (run.status == "unfinished").all()
    assert not any(restless(run, i) for i in range(len(moments)))
