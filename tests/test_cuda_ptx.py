"""What compilers of CUDA make of kernels, looked at and run without a device: bit for bit what the processor answers.

Products and sums that were fused are taken apart again (`ptx.py`); nothing else may differ.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rules import assert_same, marked, plan

import gdviz
from gdviz.backends import Paths, cpu, python
from gdviz.backends.cuda import api
from gdviz.backends.trackers import Lowest, Nearest, Score
from gdviz.catalogue.lookup import definitions

pytestmark = pytest.mark.skipif(
    api.compiler() is None,
    reason='needs no device, but a toolkit of CUDA, or pip install "numba-cuda-mlir[cu13]", 310 MB',
)
if api.compiler() is not None:
    from emulated import compiled, faults, paths

LANDSCAPES = definitions("landscape")
VECTOR = {name: rule for name, rule in definitions("optimizer").items() if rule.rule == "vector"}
dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])
PROGRAM = {name: rule for name, rule in definitions("optimizer").items() if rule.rule == "program"}
long_in_one = pytest.mark.parametrize("dtype", marked(["float64", "float32"], {"float32"}))


def in_turn(names: list[str], chosen: dict[str, str]) -> list[Any]:
    """Each of them in both dtypes, of which the suite takes the one that is chosen."""
    return [
        pytest.param(name, dtype, marks=() if chosen.get(name) == dtype else pytest.mark.exhaustive)
        for name in names
        for dtype in ("float64", "float32")
    ]


# Formulas with exponentials, cosines of multiples of π, roots and powers; rules of each kind of state.
SAMPLE = {"ackley": "float32", "rastrigin": "float64", "beale": "float32"}
RULES = {"adam": "float64", "nesterov": "float64", "prodigy": "float32"}


def processor(one: Any, **kept: Any) -> Paths:
    """What it answers: by NumPy, which has nothing to compile, but where that sums otherwise."""
    return (cpu if one.objective.compiled else python).run(one, **kept)


def checked(one: Any, cuts: tuple[int, ...] = (5,), **kept: Any) -> None:
    flat, text = compiled(one, **kept)
    assert not faults(flat.kernel, text)
    assert_same(paths(flat, text, cuts), processor(one, **kept))


@pytest.mark.parametrize(("name", "dtype"), in_turn(list(LANDSCAPES), SAMPLE))
def test_landscapes(name: str, dtype: str) -> None:
    checked(plan(name, "gd", runs=5, steps=12, every=4, dtype=dtype, lr=1e-3))


@pytest.mark.parametrize(("name", "dtype"), in_turn(list(VECTOR), RULES))
def test_vector_rules(name: str, dtype: str) -> None:
    checked(plan("himmelblau", name, runs=4, steps=12, every=1, dtype=dtype))


@dtypes
@pytest.mark.parametrize("name", marked(list(PROGRAM), {"armijo"}))
def test_program_rules(name: str, dtype: str) -> None:
    checked(plan("beale", name, runs=2, steps=4, every=1, dtype=dtype), cuts=(1, 3))


@pytest.mark.exhaustive
@dtypes
@pytest.mark.parametrize("name", list(PROGRAM))
def test_program_rules_of_five_coordinates_that_are_followed(name: str, dtype: str) -> None:
    one = plan("rosenbrock", name, dim=5, runs=2, steps=4, every=2, dtype=dtype, tol=1e-3)
    trackers = (Lowest(1.0), Nearest(np.ones((1, 5)), 0.5), Score(window=3))
    flat, text = compiled(one, trackers)
    assert not faults(flat.kernel, text)
    ours, theirs = paths(flat, text, (2,)), processor(one, trackers=trackers)
    assert_same(ours, theirs)
    for name_, values in theirs.tracked.items():
        np.testing.assert_array_equal(ours.tracked[name_], values, err_msg=name_)


def test_one_launch_and_many_are_the_same() -> None:
    flat, text = compiled(plan("rosenbrock", "adam", runs=3, steps=9, every=2))
    whole = paths(flat, text)
    for cuts in ((1,), (4, 5), tuple(range(1, flat.turns))):
        assert_same(paths(flat, text, cuts), whole)


@dtypes
def test_runs_that_are_lost_and_that_come_to_rest(dtype: str) -> None:
    checked(plan("rosenbrock", "gd", runs=12, steps=40, every=7, dtype=dtype, lr=0.05))
    checked(plan("booth", "gd", runs=4, steps=60, every=60, tol=1e-2, dtype=dtype, lr=0.1), cuts=(1, 30, 59))


@long_in_one
def test_what_follows_runs(dtype: str) -> None:
    one = plan("himmelblau", "adam", runs=4, steps=15, every=15, dtype=dtype, lr=0.1)
    trackers = (Lowest(1.0), Nearest(np.array([[3.0, 2.0], [-2.8, 3.1]]), 0.5))
    flat, text = compiled(one, trackers, ("m",))
    assert not faults(flat.kernel, text)
    ours, theirs = paths(flat, text, (3, 4)), processor(one, trackers=trackers, states=("m",))
    assert_same(ours, theirs)
    for told, values in ((ours.tracked, theirs.tracked), (ours.states, theirs.states)):
        assert told.keys() == values.keys()
        for name, array in values.items():
            np.testing.assert_array_equal(told[name], array, err_msg=name)


CASES: dict[str, dict[str, Any]] = {
    "transforms": {"transforms": ["gaussian:sigma=0.1", "clip_norm:limit=1", "decoupled:decay=0.01"]},
    "schedules": {"schedules": ["lr=cosine", "mu=ramp:start=0.5"]},
    "a schedule of the loss": {"schedules": ["lr=plateau:patience=2"]},
}


@long_in_one
@pytest.mark.parametrize("case", CASES)
def test_what_stands_beside_rules(case: str, dtype: str) -> None:
    given = {"start": [(0.5, 1.0), (-1.0, 2.0)], "steps": 12, "seed": 3, "dtype": dtype, **CASES[case]}
    (one,) = gdviz.simulate("booth", ["momentum:lr=0.01"], backend="python", **given).plans
    checked(one)


@long_in_one
def test_networks_on_batches(dtype: str) -> None:
    (one,) = gdviz.train("mlp:3", "moons", ["adam:lr=0.05"], batch=5, steps=4, runs=2, dtype=dtype, backend="cpu").plans
    checked(one.unguarded(), trackers=(Score(2),))


@dtypes
def test_state_stays_in_registers(tmp_path: Path, dtype: str) -> None:
    """As ptxas tells, where there is one that reads what the compiler wrote."""
    found = shutil.which("ptxas")
    if found is None:
        pytest.skip("needs ptxas, which comes with CUDA")
    flat, text = compiled(plan("rosenbrock", "adam", runs=1, steps=1000, every=1000, dtype=dtype))
    (tmp_path / "kernel.ptx").write_text(text)
    command = [found, "-arch=sm_90", "-v", str(tmp_path / "kernel.ptx"), "-o", str(tmp_path / "kernel.cubin")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if "Unsupported .version" in done.stderr:
        pytest.skip("needs a ptxas as new as the compiler")
    assert done.returncode == 0, done.stderr
    assert "0 bytes spill stores, 0 bytes spill loads" in done.stderr
    assert flat.kernel.saved != (0, 0, 0)
