"""What users type, on the cuda backend: races, trainings, studies and the doctor, bit for bit as on the processor."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rules import assert_same, plan
from test_network import close, layers, network
from test_network import plan as training

import gdviz
from gdviz.backends import cpu, python
from gdviz.backends.collectors import (
    Best,
    Collector,
    Final,
    Leading,
    Losses,
    Measured,
    Tracked,
    Whole,
    collect,
    moved,
)
from gdviz.backends.cuda import api, runs
from gdviz.backends.table import BACKENDS
from gdviz.backends.trackers import Lowest, Nearest, Score, Tracker
from gdviz.catalogue.lookup import definitions, find
from gdviz.cli import main
from gdviz.emit.expression import EmissionError
from gdviz.objectives.batches import Batch
from gdviz.plans.schedules import schedules
from gdviz.recipe.entries import Entry
from gdviz.registry.kinds.model import ModelFacts
from gdviz.words.schedules import parse_schedules

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


@pytest.mark.parametrize("model", definitions("model"))
def test_every_model(model: str) -> None:
    definition = find("model", model)
    task = next(iter(ModelFacts.of(definition).tasks))
    small = {"width": 2} if "width" in definition.parameters else {}
    objective = network(layers(model, outputs=3 if task == "classes" else 1, **small), LOSSES[task], batch=Batch(3))
    one = training(objective, "gd", runs=2, steps=2)
    close(runs.run(one), python.run(one), 1e-12)  # NumPy sums in its own order


LOSSES = {"regression": "squared", "binary": "binary_cross_entropy", "classes": "cross_entropy"}


def test_every_transform_one_after_the_other() -> None:
    one = plan("booth", "adam", runs=3, steps=3, every=1, lr=0.05)
    chain = [(each, {**each.parameters, **each.switches}) for each in definitions("transform").values()]
    one = dataclasses.replace(one, transforms=tuple(chain))
    assert_same(runs.run(one), python.run(one))


WATCHING = [name for name, schedule in definitions("schedule").items() if "f" in schedule.inputs]


@pytest.mark.parametrize("last", WATCHING)
def test_every_schedule_one_after_the_other(last: str) -> None:
    """The last one watches the loss."""
    others = [name for name in definitions("schedule") if name not in WATCHING]
    one = plan("booth", "gd", runs=3, steps=3 * len(others) + 3, every=1, lr=0.05)
    text = "lr=" + " then ".join([*(f"{name}:steps=3" for name in others), last])
    made = schedules([parse_schedules(text)], Entry(name="gd"), one.optimizer, one.steps)
    one = dataclasses.replace(one, schedules=made)
    assert_same(runs.run(one), python.run(one))


TRACKERS: dict[type[Tracker], Tracker] = {
    Lowest: Lowest(1.0),
    Nearest: Nearest(np.array([[3.0, 2.0], [-2.8, 3.1]]), 0.5),
    Score: Score(2),
}
COLLECTORS: dict[type[Collector[Any, Any]], Callable[[], Collector[Any, Any]]] = {
    Whole: Whole,
    Final: Final,
    Best: Best,
    Losses: Losses,
    Leading: lambda: Leading(2),
    Tracked: lambda: Tracked([*TRACKERS.values()]),
    Measured: lambda: Measured(moved),
}


@pytest.mark.parametrize("rule", {"vector": "adam", "program": "armijo"}.values())
def test_every_collector_and_tracker_of_every_kind_of_rules(rule: str) -> None:
    assert BACKENDS["cuda"].rules == ("vector", "program")
    assert {*concrete(Tracker)} == {*TRACKERS} and {*concrete(Collector)} == {*COLLECTORS}
    one = plan("himmelblau", rule, runs=5, steps=4, every=2)
    ours, theirs = (
        collect(one, lambda *asked, row=BACKENDS[name]: row.run(asked[0], 1, None, *asked[1:]), made, block=20)
        for name, made in ((name, [make() for make in COLLECTORS.values()]) for name in ("cuda", "python"))
    )
    for kind, mine, wanted in zip(COLLECTORS, ours, theirs, strict=True):
        for a, b in zip(arrays(mine), arrays(wanted), strict=True):
            np.testing.assert_array_equal(a, b, err_msg=kind.__name__)


def concrete(base: type[Any]) -> Iterator[type[Any]]:
    """All classes that are made of it, and of these."""
    for made in base.__subclasses__():
        yield from concrete(made)
        if not made.__abstractmethods__:
            yield made


def arrays(found: Any) -> list[Any]:
    """Those that something consists of."""
    if isinstance(found, np.ndarray) or found is None:
        return [found]
    parts = vars(found) if dataclasses.is_dataclass(found) else found._asdict() if hasattr(found, "_asdict") else found
    return [array for name in sorted(parts) for array in arrays(parts[name])]


def test_studies(tmp_path: Path) -> None:
    given = {"resolution": (4, 3), "steps": 6, "threads": 3}
    ours = gdviz.study("basins", "himmelblau", "gd:lr=0.01", backend="cuda", out=tmp_path / "a.zarr", **given)
    theirs = gdviz.study("basins", "himmelblau", "gd:lr=0.01", backend="cpu", out=tmp_path / "b.zarr", **given)
    for name, array in theirs.arrays.items():
        np.testing.assert_array_equal(ours.arrays[name], array, err_msg=name)


def test_generators_are_refused() -> None:
    with pytest.raises(EmissionError, match="nelder_mead, a host rule, in float64; use --backend python"):
        gdviz.simulate("booth", ["nelder_mead"], backend="cuda", steps=3)


@pytest.mark.skipif(not api.simulated(), reason="times a device")
def test_the_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["doctor", "--json"])
    assert not end.value.code
    told = json.loads(capsys.readouterr().out)["gpu"]
    assert [device["name"] for device in told["devices"]] == ["simulator"] and told["philox"] is True
