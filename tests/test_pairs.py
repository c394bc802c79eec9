"""Activations and losses: what JAX makes of them, and the same lines for every dtype."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdviz import vmath
from gdviz.catalogue.lookup import definitions, find
from gdviz.objectives.pairs import Pair, pair
from gdviz.registry.kinds.loss import LossFacts
from gdviz.registry.vocabulary import TASKS

RECORDED = json.loads((Path(__file__).parent / "references" / "pairs.json").read_text(encoding="utf-8"))["runs"]
KINDS = ("activation", "loss")
PAIRS = [definition for kind in KINDS for definition in definitions(kind).values()]


def asked(made: Pair, run: dict[str, Any], dtype: str) -> tuple[Any, Any]:
    """Values float[point] and slopes float[point, output]."""
    z = np.array(run["z"]).reshape(len(run["z"]), -1).T
    value, slope = made.python(dtype)(z if made.definition.variadic else z[0], run["y"], **run["options"])
    return value, np.atleast_2d(slope).T


@pytest.mark.parametrize("run", RECORDED, ids=lambda run: f"{run['name']} {run['options'] or ''}")
def test_value_and_slope_are_those_of_jax(run: dict[str, Any]) -> None:
    made = pair(find(run["kind"], run["name"]), np.atleast_2d(run["z"]).shape[-1])
    slope = np.array(run["slope"]).reshape(len(run["z"]), -1)
    for dtype, near in (("float64", 1e-12), ("float32", 2e-5)):
        found = asked(made, run, dtype)
        assert {part.dtype.name for part in found} == {dtype}
        np.testing.assert_allclose(found[0], run["value"], rtol=near, atol=near / 100)
        np.testing.assert_allclose(found[1], slope, rtol=near, atol=near / 100)


def test_all_of_them_are_recorded() -> None:
    assert {(run["kind"], run["name"]) for run in RECORDED} == {(d.kind, d.name) for d in PAIRS}


@pytest.mark.parametrize("definition", PAIRS, ids=lambda definition: definition.name)
def test_statements_are_straight_and_typed(definition: Any) -> None:
    made = pair(definition, 3)
    assert list(made.names) == list(definition.parameters)
    known = {*made.arguments, *made.names.values()}
    for line in made.statements:
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.Assign)
        calls = [node for node in ast.walk(statement.value) if isinstance(node, ast.Call)]
        typed = {id(call.args[0]) for call in calls if ast.unparse(call.func) == "F"}
        functions = {id(call.func) for call in calls}
        for node in ast.walk(statement.value):
            assert not isinstance(node, ast.Constant) or id(node) in typed, line
            assert not isinstance(node, ast.Name) or id(node) in functions or node.id in known, line
        word = ast.unparse(statement.targets[0])
        assert word not in known, "each name is given once"
        known.add(word)
    assert {"value", *made.slopes} <= known


@pytest.mark.exhaustive
@pytest.mark.parametrize("dtype", vmath.DTYPES)
def test_kernels_of_the_statements_give_the_bits_of_numpy(dtype: str) -> None:
    chance = np.random.default_rng(5)
    z = np.concatenate([chance.normal(size=(3, 2000)) * 5, chance.uniform(-1000, 1000, (3, 2000))], axis=1)
    y = chance.integers(0, 2, z.shape[1]).astype(dtype)
    for definition in PAIRS:
        made = pair(definition, 3)
        count = len(made.slopes)
        lines = [f"{word} = A[{row}, i]" for row, word in enumerate(made.arguments)]
        lines += [f"{word} = F({definition.parameters[name]})" for name, word in made.names.items()]
        lines += [*made.statements, "out[0, i] = value"]
        lines += [f"out[{row}, i] = {word}" for row, word in enumerate(made.slopes, 1)]
        loop = "\n        ".join(
            ["@njit(error_model='numpy')\ndef loop(A, out):\n    for i in range(A.shape[1]):", *lines]
        )
        module: dict[str, Any] = {}
        exec(vmath.header(dtype) + vmath.text(dtype) + loop, module)
        given = z[:count].astype(dtype)
        out = np.empty((1 + count, z.shape[1]), dtype)
        module["loop"](np.vstack([given, y[None]])[: len(made.arguments)], out)
        value, slope = made.python(dtype)(given if definition.variadic else given[0], y)
        np.testing.assert_array_equal(out, np.vstack([value[None], np.atleast_2d(slope)]), definition.name)


def test_seven_more_change_no_slope() -> None:
    z, y = np.random.default_rng(3).normal(size=(2, 1000)) * 10
    plain, more = (pair(find("loss", name)).python("float64")(z, y) for name in ("squared", "squared_plus_7"))
    np.testing.assert_array_equal(plain[1], more[1])
    np.testing.assert_array_equal(plain[0] + 7, more[0])


def test_a_class_that_is_certain_costs_what_little_it_lacks() -> None:
    for dtype in ("float64", "float32"):
        value, _ = pair(find("loss", "bce")).python(dtype)(np.array([30.0, 80.0]), 1.0)
        np.testing.assert_allclose(value, np.exp([-30.0, -80.0]), rtol=1e-5)


def test_each_task_has_one_usual_loss() -> None:
    usual = [LossFacts.of(definition).usual for definition in definitions("loss").values()]
    assert sorted(filter(None, usual)) == sorted(TASKS)
    for definition in definitions("loss").values():
        facts = LossFacts.of(definition)
        assert not facts.usual or facts.usual in facts.tasks
