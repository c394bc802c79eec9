"""What workers are told of a study suffices for them: recipe, plugins, and a store that they see."""

from __future__ import annotations

import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdviz.catalogue import plugins
from gdviz.catalogue.plugins import load_plugin
from gdviz.errors import DefinitionError, GdvizError, OutputError, UsageError
from gdviz.recipe.recipe import validate
from gdviz.registry.defining import forget
from gdviz.studies.execution import study
from gdviz.studies.store import found, store_of
from gdviz.studies.table import problem_of
from gdviz.studies.work import Work, perform
from tests.children import child

RULE = """
from gdviz.registry import define

@define("optimizer", source="here")
def halving_there(x, g, lr=0.5):
    return x - 0.5 * lr * g
"""

WORKER = "import pickle, sys; from gdviz.studies.work import perform; perform(pickle.load(sys.stdin.buffer), 0)"


def problem_with(rule: str) -> Any:
    recipe = {"study": "basins", "landscape": "himmelblau", "resolution": "6x4", "steps": 20, "reliability": "no"}
    return problem_of(validate({**recipe, "optimizer": [{"name": rule, "lr": 0.01}], "backend": "python"}))


def test_another_process_makes_a_chunk_of_a_plugins_rule(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(RULE)
    made = load_plugin(file)
    try:
        problem = problem_with("halving_there")
        store = store_of(problem, tmp_path / "x.zarr")
        work = Work.of(problem, store.path)
        file.write_text("")
        with pytest.raises(DefinitionError, match="has changed since it was loaded"):
            Work.of(problem, store.path)
        with child([sys.executable, "-c", WORKER], stdin=-1) as process:
            said = process.communicate(pickle.dumps(work), 60)
        assert process.returncode == 0, said[1].decode()
        whole = study(problem)
    finally:
        plugins._plugins.pop(file.absolute())
        for definition in made:
            forget(definition)
    again = found(store.path)
    assert again.look([0, 1]) == [1]
    for name, values in again.arrays.items():
        place = again.layout.chunk(0).place
        np.testing.assert_array_equal(values[place], whole.arrays[name][place])


def test_what_workers_cannot_be_told_is_refused(tmp_path: Path) -> None:
    problem = problem_with("gd")
    store = store_of(problem, tmp_path / "x.zarr")
    with pytest.raises(UsageError, match=r"--out NAME\.zarr"):
        study(problem, cluster="local:1")
    work = Work.of(problem, store.path)
    with pytest.raises(OutputError, match="it sees no store"):
        perform(work._replace(store=str(tmp_path / "elsewhere.zarr")), 0)
    other = problem.recipe.updated(seed=4).text()
    with pytest.raises(GdvizError, match="seed is 0 there and 4 here"):
        perform(work._replace(recipe=other), 0)
    problem.__dict__["recipe"] = problem.recipe.updated(plugins={"mine": "a Python function"})
    with pytest.raises(UsageError, match="mine is a Python function, which other machines cannot be sent"):
        Work.of(problem, store.path)


def test_a_store_that_was_made_again_has_its_own_chunks(tmp_path: Path) -> None:
    problem, path = problem_with("gd"), tmp_path / "x.zarr"
    work = Work.of(problem, path)
    for side in (2, 3):
        problem.__dict__["recipe"] = problem.recipe.updated(chunk=side)
        store_of(problem, path)
        perform(work, 0)
        made = found(path)
        assert made.layout.sides == (side, side) and 0 not in made.look([0])
        assert np.isfinite(made.arrays["final"][made.layout.chunk(0).place]).all()
        shutil.rmtree(path)
