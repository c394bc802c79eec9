"""Runs, plans and definitions go through pickle and copy, to other processes too."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.catalogue.lookup import definitions, find
from gdviz.formula.typed import parse
from gdviz.recipe.recipe import validate
from gdviz.registry.kinds import KINDS
from gdviz.runs.simulation import rerun


def bowl(x: Any, y: Any, a: float = 2.0) -> Any:
    return x**2 + a * y**2


def of_an_array(x: Any) -> Any:
    return (x**2).sum() + np.abs(x).max()


def rule(x: Any, g: Any, lr: float = 0.1) -> Any:
    return x - lr * g


RUNS: dict[str, Callable[[], Any]] = {
    "named": lambda: gdviz.simulate("beale", ["adam:lr=0.1", "newton"], steps=6),
    "scheduled": lambda: gdviz.simulate(
        "rosenbrock", ["sgd:lr=0.001"], steps=6, schedules=["lr=cosine"], transforms=["gaussian:sigma=0.1"]
    ),
    "watching": lambda: gdviz.simulate("wobbly", ["gd:lr=0.01"], steps=6, schedules=["lr=plateau"]),
    "family": lambda: gdviz.simulate("rastrigin", ["adam:lr=0.1"], dim=3, start=np.ones((70, 3)), steps=4),
    "formula": lambda: api.run(validate({"formula": "x^2 + a*y²", "constants": {"a": 3.0}, "steps": 6})),
    "functions": lambda: gdviz.simulate(bowl, [rule], constants={"a": 5.0}, steps=6),
    "package": lambda: gdviz.simulate("beale", ["scipy:Nelder-Mead"], steps=6),
}


@pytest.mark.parametrize("again", [lambda run: pickle.loads(pickle.dumps(run)), copy.deepcopy], ids=["pickle", "copy"])
@pytest.mark.parametrize("name", RUNS)
def test_a_run_comes_back_whole(name: str, again: Callable[[Any], Any]) -> None:
    run = RUNS[name]()
    other = again(run)
    for key in ("x", "f", "t", "status", "evals"):
        np.testing.assert_array_equal(getattr(other, key), getattr(run, key))
    assert other.recipe == run.recipe and other.labels == run.labels
    np.testing.assert_array_equal(other.hyperparameter("lr"), run.hyperparameter("lr"))
    for plan, whole in zip(other.plans, run.plans, strict=True):
        np.testing.assert_array_equal(rerun(plan).x, rerun(whole).x)


@pytest.mark.parametrize("name", ["formula", "functions"])
def test_a_pickled_run_is_drawn_as_the_run_itself(name: str) -> None:
    run, made = RUNS[name](), [io.BytesIO(), io.BytesIO()]
    for one, file in zip((run, pickle.loads(pickle.dumps(run))), made, strict=True):
        gdviz.plot(one, file, format="svg", size="320x240", panel=["none"])
    assert made[0].getvalue() == made[1].getvalue()


@pytest.mark.parametrize("name", ["x", "xy"])
def test_a_function_named_like_a_formula_stays_a_function(name: str, tmp_path: Path) -> None:
    function = types.FunctionType(bowl.__code__, globals(), name, bowl.__defaults__)
    run = gdviz.simulate(function, ["gd:lr=0.1"], start=(1.0, 2.0), steps=4)
    for recipe in (pickle.loads(pickle.dumps(run.recipe)), copy.deepcopy(run.recipe)):
        assert recipe == run.recipe and (recipe.landscape, recipe.formula) == (name, None)
    (picture,) = gdviz.plot(run, tmp_path / "a.svg", size="320x240", panel=["none"])
    (tmp_path / "a.toml").write_text(run.recipe.text(), encoding="utf-8")
    for file in (picture, tmp_path / "a.toml"):
        assert api.load_recipe(file).landscape == name
    (tmp_path / "typed.toml").write_text(f"landscape = '{name}'")
    assert api.load_recipe(tmp_path / "typed.toml").formula == name


def test_differences_are_pickled_too() -> None:
    with pytest.warns(UserWarning, match="differences"):
        run = gdviz.simulate(of_an_array, [rule], start=(1.0, 2.0, 3.0), steps=4)
    other = pickle.loads(pickle.dumps(run))
    np.testing.assert_array_equal(rerun(other.plans[0]).x, run.x[0])


def test_definitions_are_pickled_by_name_and_formulas_by_text() -> None:
    for kind in KINDS:
        for definition in definitions(kind).values():
            assert pickle.loads(pickle.dumps(definition)) is copy.deepcopy(definition) is definition
    formula = parse("x^(1/3) + a*y", {"a": 2.0})
    other = pickle.loads(pickle.dumps(formula))
    assert other.text == formula.text and other.digest == formula.digest and other.parameters == {"a": 2.0}
    assert b"adam" in pickle.dumps(find("optimizer", "adam")) and len(pickle.dumps(find("optimizer", "adam"))) < 100
    assert b'landscape = "beale"' in pickle.dumps(validate({"landscape": "beale"}))


def test_another_process_reads_it() -> None:
    run = gdviz.simulate("beale", ["adam:lr=0.1"], steps=6)
    program = (
        "import pickle, sys; run = pickle.load(sys.stdin.buffer); print(run.plans[0].optimizer.name, run.f[0, 0, -1])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(run), capture_output=True, check=True, timeout=60
    )
    assert told.stdout.decode().split() == ["adam", str(run.f[0, 0, -1])]
