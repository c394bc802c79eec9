"""Batches: what a step sees, and orders of samples that nobody stores."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from gdviz import vmath
from gdviz.errors import UsageError
from gdviz.objectives.batches import FULL, Batch
from gdviz.objectives.objective import Draw
from gdviz.vmath import random


def epoch(size: int, samples: int, number: int = 0, runs: int = 500, seed: int = 3) -> np.ndarray:
    """All samples of an epoch as its batches have them, int64[place, run]."""
    batch = Batch(size)
    steps = range(number * batch.epoch(samples), (number + 1) * batch.epoch(samples))
    return np.concatenate([batch.chosen(samples, Draw(seed, t + 1, np.arange(runs))) for t in steps])


@pytest.mark.parametrize(("size", "samples"), [(1, 2), (7, 72), (32, 512), (7, 1000), (5, 5)])
def test_every_sample_comes_once_in_an_epoch(size: int, samples: int) -> None:
    for number in (0, 3):
        assert (np.sort(epoch(size, samples, number), axis=0) == np.arange(samples)[:, None]).all()


@pytest.mark.parametrize("samples", [2, 3, 5])
def test_all_orders_are_equally_likely(samples: int) -> None:
    orders = epoch(1, samples, runs=24_000)
    found = [(order == orders.T).all(axis=1).sum() for order in itertools.permutations(range(samples))]
    assert len(found) == math.factorial(samples) and stats.chisquare(found).pvalue > 1e-3


def test_neighbours_in_an_order_are_as_likely_as_any_pair() -> None:
    for number in (0, 1):
        order = epoch(4, 97, number, runs=20_000)
        away = (order[1:] - order[:-1]) % 97
        for place in (0, 3, 50, 95):
            assert stats.chisquare(np.bincount(away[place], minlength=97)[1:]).pvalue > 1e-3
            assert stats.chisquare(np.bincount(order[place], minlength=97)).pvalue > 1e-3


def test_orders_of_runs_epochs_and_seeds_differ() -> None:
    first = epoch(8, 40)
    assert len(np.unique(first, axis=1).T) == 500
    for other in (epoch(8, 40, 1), epoch(8, 40, seed=4)):
        assert abs((first == other).mean() - 1 / 40) < 0.01


def test_draws_with_replacement_are_uniform_and_fall_twice() -> None:
    drawn = Batch(10, True).chosen(10, Draw(1, 5, np.arange(20_000)))
    assert stats.chisquare(np.bincount(drawn.ravel(), minlength=10)).pvalue > 1e-3
    distinct = np.mean([len(set(column)) for column in drawn[:, :2000].T])
    assert abs(distinct - 10 * (1 - 0.9**10)) < 0.1


def test_samples_are_counted_with_the_small_batch_at_the_end_of_epochs() -> None:
    assert Batch(32).epoch(100) == 4
    assert Batch(32).seen(100, [0, 1, 4, 5, 8]).tolist() == [0, 32, 100, 132, 200]
    assert Batch(32, True).seen(100, 5) == 160 and FULL.seen(100, 5) == 500
    assert len(Batch(32).chosen(100, Draw(0, 4, np.arange(1)))) == 4


def test_batches_that_cannot_be_drawn_are_refused() -> None:
    for make, words in (
        (lambda: Batch(0), "a batch of 0 samples has none"),
        (lambda: Batch(None, True), "a full batch is never drawn"),
        (lambda: Batch(50).drawn_of(40), "a batch of 50 needs as many samples, and there are 40"),
    ):
        with pytest.raises(UsageError, match=words):
            make()


def test_numpy_and_numba_choose_alike() -> None:
    source = vmath.header("float64") + vmath.text("float64", random.NEEDS) + random.text("float64")
    source += "\n@njit\ndef loop(count, a, out):\n    for i in range(out.size):\n"
    source += "        out[i] = shuffled(i, count, a, a + 1, a + 2, a + 3)\n"
    module: dict[str, Any] = {}
    exec(source, module)
    for count, word in ((1000, 2**32 - 3), (3, 5), (2**31 - 1, 77)):
        out = np.empty(min(count, 1000), np.int64)
        module["loop"](count, np.uint64(word), out)
        words = [np.uint64(word + i) for i in range(4)]
        np.testing.assert_array_equal(random.namespace("float64")["shuffled"](np.arange(len(out)), count, *words), out)
