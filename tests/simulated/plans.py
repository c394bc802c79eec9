"""What users type, on the cuda backend: races, trainings, studies and the doctor, bit for bit as on the processor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rules import assert_same, plan

import gdviz
from gdviz.backends import cpu
from gdviz.backends.cuda import runs
from gdviz.backends.trackers import Lowest, Nearest
from gdviz.cli import main
from gdviz.emit.expression import EmissionError

CASES: dict[str, dict[str, Any]] = {
    "a race": {"landscape": "beale", "optimizers": ["adam:lr=0.1", "gd:lr=0.005"], "steps": 12},
    "one coordinate": {"landscape": "x**4 - x**2", "optimizers": ["momentum:lr=0.02"], "steps": 10, "start": [0.4]},
    "many coordinates": {"landscape": "rastrigin", "optimizers": ["lamb:lr=0.01"], "dim": 7, "steps": 4},
    "float32": {"landscape": "ackley", "optimizers": ["rmsprop:lr=0.1"], "dtype": "float32", "steps": 8},
    "noise": {"landscape": "booth", "optimizers": ["gd:lr=0.02"], "transforms": ["gaussian:sigma=1"], "steps": 8},
    "a schedule": {"landscape": "booth", "optimizers": ["gd:lr=0.02"], "schedules": ["lr=cosine"], "steps": 8},
    "plateaus": {"landscape": "booth", "optimizers": ["gd:lr=0.1"], "schedules": ["lr=plateau:patience=1"], "steps": 8},
    "lost and at rest": {"landscape": "rosenbrock", "optimizers": ["gd:lr=0.1", "gd:lr=1e-3"], "tol": 4.0, "steps": 30},
    "every third": {"landscape": "himmelblau", "optimizers": ["nesterov:lr=0.01"], "every": 3, "steps": 10},
}


@pytest.mark.parametrize("case", CASES)
def test_races(case: str) -> None:
    given = {"start": [(0.5, 1.0), (-1.0, 1.5), (2.0, -2.0)], **CASES[case]}
    if "dim" in given:
        del given["start"]
    told: list[tuple[int, int]] = []
    ours = gdviz.simulate(**given, backend="cuda", progress=lambda done, of, stage: told.append((done, of)))
    theirs = gdviz.simulate(**given, backend="cpu")
    assert ours.recipe.backend == "cuda" and told and told[-1][0] == told[-1][1]
    for name in ("x", "f", "status", "stopped_at", "left_at", "evals"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)


def test_states_and_trackers() -> None:
    one = plan("himmelblau", "adam", runs=9, steps=8, every=2, lr=0.3)
    trackers = (Lowest(1.0), Nearest(np.array([[3.0, 2.0], [-2.8, 3.1]]), 0.5))
    ours = runs.run(one, states=("m", "v"), trackers=trackers)
    theirs = cpu.run(one, states=("m", "v"), trackers=trackers)
    assert_same(ours, theirs)
    for told, values in ((ours.states, theirs.states), (ours.tracked, theirs.tracked)):
        assert told.keys() == values.keys()
        for name, array in values.items():
            np.testing.assert_array_equal(told[name], array, err_msg=name)


def test_training() -> None:
    given = {"batch": 4, "steps": 3, "runs": 2, "validation": 0.2, "every": 3, "seed": 5}
    ours = gdviz.train("mlp:2", "moons", ["adam:lr=0.05"], backend="cuda", **given)
    theirs = gdviz.train("mlp:2", "moons", ["adam:lr=0.05"], backend="cpu", **given)
    for name in ("loss", "validation_loss", "accuracy", "weights"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)


def test_studies(tmp_path: Path) -> None:
    given = {"resolution": (4, 3), "steps": 6, "threads": 3}
    ours = gdviz.study("basins", "himmelblau", "gd:lr=0.01", backend="cuda", out=tmp_path / "a.zarr", **given)
    theirs = gdviz.study("basins", "himmelblau", "gd:lr=0.01", backend="cpu", out=tmp_path / "b.zarr", **given)
    for name, array in theirs.arrays.items():
        np.testing.assert_array_equal(ours.arrays[name], array, err_msg=name)


def test_generators_are_refused() -> None:
    with pytest.raises(EmissionError, match="nelder_mead, a host rule, in float64; use --backend python"):
        gdviz.simulate("booth", ["nelder_mead"], backend="cuda", steps=3)


def test_the_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["doctor", "--json"])
    assert not end.value.code
    told = json.loads(capsys.readouterr().out)["gpu"]
    assert [device["name"] for device in told["devices"]] == ["simulator"] and told["philox"] is True
