"""The cuda backend on a device: as right as rounding lets it be, compiled once, bounded in memory, and quick."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any

import numpy as np
import pytest
from rules import assert_same, plan

import gdviz
from gdviz.backends import cpu
from gdviz.backends.cuda import api, diagnosis, launch, pieces, runs
from gdviz.backends.trackers import Lowest, Nearest, Score
from gdviz.plans.plan import Plan

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not api.ready(), reason='needs an NVIDIA GPU, its driver, and pip install "gdviz[cuda13]"'),
]

ULPS = 8
"""By how many times as much as a start moved by one unit in the last place moves a run, a device may: it rounds some
operations of every step otherwise, and such a start is off once. With operations fused as a device fuses them it is
below 1, of all CASES."""


def moved(one: Plan) -> Plan:
    """From starts that are off by one unit in the last place."""
    start = one.start.astype(one.dtype)
    return dataclasses.replace(one, start=np.nextafter(start, np.inf).astype(np.float64))


def close(one: Plan, **kept: Any) -> None:
    """A device's runs are where the processor's are, as far as these can be told apart from their neighbours."""
    ours, theirs, beside = runs.run(one, **kept), cpu.run(one, **kept), cpu.run(moved(one), **kept)
    steady = (theirs.status == beside.status) & (theirs.stopped_at == beside.stopped_at)
    assert steady.mean() > 0.5
    assert (ours.status == theirs.status)[steady].mean() > 0.99
    both = steady & (ours.status == theirs.status) & (ours.stopped_at == theirs.stopped_at)
    unit = np.finfo(one.dtype).eps * np.maximum(np.abs(theirs.x), np.abs(one.start).max())
    apart = np.maximum(np.abs(beside.x - theirs.x), unit)
    off = np.abs(ours.x - theirs.x)[both] / np.maximum.accumulate(apart, axis=1)[both]
    assert np.nanquantile(off, 0.99) <= ULPS * np.sqrt(one.steps)


CASES: dict[str, dict[str, Any]] = {
    "adam": {"landscape": "rosenbrock", "optimizer": "adam", "lr": 1e-2},
    "gd": {"landscape": "booth", "optimizer": "gd", "lr": 1e-2},
    "reductions": {"landscape": "himmelblau", "optimizer": "lamb", "lr": 1e-2},
    "many coordinates": {"landscape": "rastrigin", "optimizer": "momentum", "lr": 1e-4, "dim": 12},
    "lost runs": {"landscape": "rosenbrock", "optimizer": "gd", "lr": 2e-3},
    "a program": {"landscape": "booth", "optimizer": "armijo"},
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_devices_answer_as_the_processor(case: str, dtype: str) -> None:
    close(plan(runs=500, steps=60, every=20, dtype=dtype, **CASES[case]))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_networks(dtype: str) -> None:
    trained = gdviz.train("mlp:8", "moons", ["adam:lr=0.01"], batch=16, steps=30, runs=64, dtype=dtype, backend="cpu")
    close(trained.plans[0])
    close(trained.plans[0].unguarded(), trackers=(Score(),))


def test_integers_are_exact() -> None:
    assert diagnosis.draws_right(api.found())
    one = plan("himmelblau", "adam", runs=1000, steps=50, every=50, lr=0.1)
    trackers = (Lowest(1.0), Nearest(np.array([[3.0, 2.0]]), 0.5))
    ours, theirs = runs.run(one, trackers=trackers).tracked, cpu.run(one, trackers=trackers).tracked
    for name in ("hit", "minimum", "since"):
        assert (ours[name] == theirs[name]).mean() > 0.99


def test_neither_chunks_nor_launches_nor_threads_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    one = plan("rosenbrock", "adam", runs=5000, steps=40, every=10)
    whole = runs.run(one)
    for most, begin in ((700, 2**26), (5000, 5000 * 3), (999, 999 * 7)):
        monkeypatch.setattr(launch, "RUNS", most)
        monkeypatch.setattr(pieces, "BEGIN", begin)
        assert_same(runs.run(one), whole)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            assert_same(runs.run(one), whole)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_kernel_compiles_once() -> None:
    one = plan("beale", "adam", runs=100, steps=5, every=5)
    runs.run(one)
    made = api.found().dispatchers
    known = dict(made)
    runs.run(one.part(0, 50))
    runs.run(dataclasses.replace(one, seed=9, start=one.start + 0.01))
    assert made == known
    assert all(len(dispatcher.overloads) == 1 for dispatcher in made.values())


def test_memory_is_bounded() -> None:
    """Of all runs and records, on the device: a second time takes no more."""
    found = api.found()
    one = plan("rosenbrock", "adam", runs=2**18, steps=200, every=1)  # 0.8 GB of positions
    runs.run(one.part(0, 2**12))
    before = found.free()
    runs.run(one)
    assert before - found.free() < launch.FLIGHTS * launch.BYTES
    assert sum(len(slot.here) for slot in launch.POOL._idle) <= launch.FLIGHTS * launch.COPIED


def test_devices_are_quick() -> None:
    """Ten times a core at least, with all copies."""
    one = plan("rosenbrock", "adam", runs=2**20, steps=1000, every=1000, dtype="float32")
    few = one.part(0, 2**14)
    runs.run(one)
    cpu.run(few, 1)
    seconds = {}
    for name, run in (("device", lambda: runs.run(one)), ("core", lambda: cpu.run(few, 1))):
        begun = time.perf_counter()
        run()
        seconds[name] = time.perf_counter() - begun
    assert seconds["device"] / 2**20 < seconds["core"] / 2**14 / 10
