"""What is kept of runs: reductions that do not depend on how runs are cut, and the states of rules."""

import itertools

import numpy as np
import pytest
from rules import assert_same, marked, sample_of_rules

import gdviz
from gdviz.backends import LOST, STATUSES, cpu, python
from gdviz.backends.collectors import (
    Best,
    Collector,
    Final,
    Leading,
    Losses,
    Measured,
    Whole,
    at_points,
    collect,
    joined,
    moved,
)
from gdviz.catalogue.lookup import definitions

RUNS = 700
EDGES = np.geomspace(1e-30, 1e6, 8193)
"""Of the bins of losses: a quantile is known to a hundredth."""
SHARES = (0.1, 0.5, 0.9)

PLATEAU = "lr=plateau:patience=3"

VECTOR = {name: definition for name, definition in definitions("optimizer").items() if definition.rule == "vector"}


class Quantiles(Collector):
    """Quantiles of final losses, from counts alone: int64[bin], the last that of runs that were lost."""

    def create(self):
        return np.zeros(len(EDGES) + 2, np.int64)

    def append(self, kept, block):
        lost = np.isin(np.array(STATUSES)[block.status], LOST)
        place = np.where(lost, len(EDGES) + 1, np.searchsorted(EDGES, block.f[:, -1]))
        return kept + np.bincount(place, minlength=len(kept))

    def combine(self, kept, more):
        return kept + more

    def finalize(self, kept):
        above = np.append(EDGES, [np.inf, np.nan])
        return kept, above[np.searchsorted(np.cumsum(kept), np.array(SHARES) * kept.sum())]


@pytest.fixture(params=["python", "cpu"])
def run(request):
    """What runs a plan."""
    backend = {"python": python, "cpu": cpu}[request.param]
    return lambda plan, states, trackers=(): backend.run(plan, states=states, trackers=trackers)


def study(rule="adam:lr=0.2"):
    """A plan of many runs, each with noise of its own; far out gradient descent is lost."""
    made = gdviz.simulate("himmelblau", [rule], steps=60, every=60, transforms="gaussian:sigma=0.5")
    return made.plans[0].with_start(np.random.default_rng(7).uniform(-12.0, 12.0, (RUNS, 2)))


@pytest.mark.parametrize("rule", ["adam:lr=0.2", "gd:lr=0.01"])
def test_quantiles_by_histogram_do_not_depend_on_how_runs_are_cut(run, rule):
    plan = study(rule)
    numbers = len(plan.records) * 3
    counts, quantiles = collect(plan, run, [Quantiles()])[0]
    for size in (67, 256, RUNS - 1):
        again, same = collect(plan, run, [Quantiles()], block=size * numbers)[0]
        np.testing.assert_array_equal(again, counts)
        np.testing.assert_array_equal(same, quantiles)
    final = python.run(plan)
    losses = np.where(np.isin(np.array(STATUSES)[final.status], LOST), np.inf, final.f[:, -1])
    assert counts.sum() == RUNS
    exact = np.quantile(losses, SHARES, method="inverted_cdf")
    known = np.isfinite(exact)
    np.testing.assert_allclose(quantiles[known], exact[known], rtol=0.011)
    assert np.isnan(quantiles[~known]).all() and known.all() == rule.startswith("adam")


def test_blocks_may_be_combined_in_any_grouping(run):
    plan = study()
    collector = Quantiles()
    edges = [0, 1, 300, 301, RUNS]
    a, b, c, d = (
        collector.append(collector.create(), run(plan.part(*piece), ())) for piece in itertools.pairwise(edges)
    )
    join = collector.combine
    np.testing.assert_array_equal(join(join(join(a, b), c), d), join(a, join(b, join(c, d))))
    np.testing.assert_array_equal(join(join(a, b), join(c, d)), join(join(join(a, b), c), d))


def test_a_collector_that_keeps_is_handed_all_runs_at_once_and_others_only_pieces(run):
    plan, sizes = study(), []

    class Sizes(Quantiles):
        def append(self, kept, block):
            sizes.append(len(block.x))
            return super().append(kept, block)

    alone = collect(plan, run, [Sizes()], block=200 * len(plan.records) * 3)
    assert sizes == [200, 200, 200, 100]
    sizes.clear()
    (_, beside), whole = collect(plan, run, [Sizes(), Whole()], block=1)
    assert sizes == [RUNS]
    np.testing.assert_array_equal(beside, alone[0][1])
    assert_same(whole, run(plan, ()))
    assert_same(joined([run(plan.part(0, 123), ()), run(plan.part(123, RUNS), ())]), whole)


@pytest.mark.parametrize("rule", ["adam:lr=0.2", "gd:lr=0.02"])
def test_final_and_best_are_those_of_the_whole_and_hold_one_record_of_each_run(run, rule):
    """Of gradient descent some runs are lost: their best is what was before, never what is no number."""
    made = gdviz.simulate("himmelblau", [rule], steps=60, transforms="gaussian:sigma=20")
    plan = made.plans[0].with_start(np.random.default_rng(7).uniform(-9.0, 9.0, (RUNS, 2)))
    whole, final, best = collect(plan, run, [Whole(), Final(), Best()])
    lowest = np.where(np.isfinite(whole.f), whole.f, np.inf).min(axis=1)
    np.testing.assert_array_equal(final.f, whole.f[:, -1])
    np.testing.assert_array_equal(final.x, whole.x[:, -1])
    np.testing.assert_array_equal(best.f, lowest)
    first = (whole.f == lowest[:, None]).argmax(axis=1)
    np.testing.assert_array_equal(best.record, first)
    np.testing.assert_array_equal(best.x, whole.x[np.arange(RUNS), first])
    assert (best.f < final.f).any() and 0 < best.record.min() + best.record.max() < 2 * 60
    assert (whole.status > 0).any() == rule.startswith("gd")
    for size in (64, 333):
        for found, same in zip((final, best), collect(plan, run, [Final(), Best()], block=size * 61 * 3), strict=True):
            for ours, theirs in zip(found, same, strict=True):
                np.testing.assert_array_equal(theirs, ours)
    held = Best().append(Best().create(), run(plan, ()))[0]
    assert sum(array.nbytes for array in held) == RUNS * (8 + 16 + 8 + 1 + 8)
    assert held.x.base is None and held.f.base is None, "a view would hold the whole record"


def test_losses_and_measures_are_those_of_the_whole_and_hold_no_positions(run):
    made = gdviz.simulate("himmelblau", ["gd:lr=0.02"], steps=60, transforms="gaussian:sigma=20", schedules=PLATEAU)
    plan = made.plans[0].with_start(np.random.default_rng(7).uniform(-9.0, 9.0, (RUNS, 2)))
    kinds = (Whole(), Losses(), Measured(at_points(lambda X: X[0] - 2 * X[1])), Measured(moved), Leading(70))
    whole, losses, first, lengths, leading = collect(plan, run, kinds)
    np.testing.assert_array_equal(leading, whole.x[:70])
    assert len({*whole.status.tolist()}) > 1 and np.isnan(whole.f).any() == np.isnan(first).any()
    for name in losses._fields:
        np.testing.assert_array_equal(getattr(losses, name), getattr(whole, name))
    np.testing.assert_array_equal(first, np.where(np.isnan(whole.f), np.nan, whole.x[..., 0] - 2 * whole.x[..., 1]))
    np.testing.assert_allclose(lengths[:, 1:], np.hypot(*np.moveaxis(np.diff(whole.x, axis=1), -1, 0)), rtol=1e-14)
    for size in (64, 333):
        again = collect(plan, run, kinds[1:], block=size * 61 * 3)
        for ours, theirs in zip((*losses, first, lengths, leading), (*again[0], *again[1:]), strict=True):
            np.testing.assert_array_equal(theirs, ours)
    (held,) = Losses().append(Losses().create(), whole)
    assert all(array.base is None or array.base.nbytes < whole.x.nbytes for array in held), "a view would hold x"


@pytest.mark.parametrize("name", marked(VECTOR, sample_of_rules(VECTOR)))
def test_both_backends_keep_the_same_states(name):
    options = {"lr": 0.05} if "lr" in definitions("optimizer")[name].parameters else {}
    made = gdviz.simulate("log(x)+y^2", [gdviz.optimizer(name, **options)], steps=40, every=3, tol=0.05, start=(1, 1))
    plan = made.plans[0].with_start(np.random.default_rng(3).uniform(0.2, 2.0, (9, 2)))
    states = tuple(plan.optimizer.state)
    ours, theirs = cpu.run(plan, states=states), python.run(plan, states=states)
    assert ours.states.keys() == theirs.states.keys() == set(states)
    over = plan.records > theirs.stopped_at[:, None]
    for state in states:
        kept = theirs.states[state]
        np.testing.assert_array_equal(ours.states[state], kept)
        assert kept.shape == (9, len(plan.records)) + (() if state in plan.optimizer.scalars else (2,))
        assert np.isnan(kept[over]).all() and np.isnan(kept[:, 0]).all()
        assert np.isfinite(kept[:, 1]).any()
