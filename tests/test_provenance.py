"""What recipes record of definitions: everything that a definition depends on, by kind and name."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.catalogue.lookup import find
from gdviz.catalogue.plugins import load_plugin
from gdviz.errors import DefinitionError
from gdviz.formula.derivation import derive
from gdviz.registry.defining import describe

HELPED = """
from gdviz.formula import sqrt
from gdviz.registry import define

SHARE = 0.5
LEFT = [1.0, 2.0]

def inner(x):
    return x * SHARE

def slope(x, y):
    return inner(x) * 2, y + LEFT[0]

def helped(x, y):
    return inner(x) ** 2 + y * y + LEFT[1]
"""


def module_of(text, folder, name="gdviz.catalogue.tried"):
    """A module with this text, as if it were one of gdviz's own."""
    folder.mkdir(exist_ok=True)
    path = folder / "tried.py"
    path.write_text(text)
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location(name, path))
    module.__spec__.loader.exec_module(module)
    return module


def made(text, folder):
    module = module_of(text, folder)
    return describe("landscape", module.helped, name="helped", gradient=module.slope)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("SHARE = 0.5", "SHARE = 0.25", False),  # a constant that a helper reads
        ("return x * SHARE", "return x + SHARE", False),  # a helper
        ("[1.0, 2.0]", "[1.0, 3.0]", False),  # what a constant holds
        ("y + LEFT[0]", "y - LEFT[0]", False),  # the gradient that is given
        ("SHARE = 0.5", "SHARE = 0.5\nOTHER = 3", True),
        ("def inner", "def other(x):\n    return x\n\n\ndef inner", True),
    ],
)
def test_digests_and_formulas_follow_what_a_definition_reads(before, after, same, tmp_path):
    old, new = made(HELPED, tmp_path / "a"), made(HELPED.replace(before, after), tmp_path / "b")
    assert (old.digest == new.digest) is same
    at = (3.0, 5.0)
    for definition in (old, new):  # the second finds the first's formula in the cache, if it has the same key
        derived = derive(definition, 2)
        assert derived.value(*at) == definition.function(*at)
        assert np.array_equal(derived.gradient(*at), definition.facts.gradient(*at))


def test_digests_are_the_same_in_another_process(tmp_path):
    first, again = made(HELPED, tmp_path), made(HELPED, tmp_path)
    assert first.digest == again.digest
    assert find("optimizer", "lbfgs").digest == find("optimizer", "lbfgs").digest


PLUGIN = """
from gdviz.formula import cos
from gdviz.registry import define

@define("{kind}", {facts}source="mine")
def {name}({signature}):
    return {value}
"""


@pytest.fixture
def plugin(tmp_path):
    """Writes and loads a plugin of these definitions; in the end it is forgotten."""
    paths = set()

    def load(name, *definitions):
        path = tmp_path / name
        path.write_text("".join(PLUGIN.format(**definition) for definition in definitions))
        paths.add(path)
        load_plugin(path)

    yield load
    for path in paths:
        path.write_text("")
        with pytest.raises(DefinitionError, match="defines nothing"):
            load_plugin(path)


def landscape(name, value="x * x + y * y"):
    facts = "domain=((-2.0, 2.0), (-2.0, 2.0)), start=(1.0, 1.0), "
    return {"kind": "landscape", "facts": facts, "name": name, "signature": "x, y", "value": value}


def schedule(name):
    return {"kind": "schedule", "facts": "", "name": name, "signature": "base, t, steps", "value": "base / (t + 1)"}


@pytest.mark.parametrize("name", ["twin_of_two_kinds", "another_twin"])
def test_a_landscape_and_a_schedule_of_one_name_both_keep_their_digests(name, plugin):
    plugin("twins.py", landscape(name), schedule(name))
    run = gdviz.simulate(name, ["gd:lr=0.1"], steps=3, schedules=[f"lr={name}"])
    keys = {f"landscape:{name}", f"schedule:{name}"}
    assert keys <= set(run.recipe.digests)
    assert len({run.recipe.digests[key] for key in keys}) == 2


@pytest.mark.parametrize(
    ("value", "changed"), [("x * x + y * y", []), ("2 * x * x + y * y", ["bowl_of_mine", "mine.py"])]
)
def test_a_plugin_is_compared_with_the_one_that_a_recipe_records(value, changed, plugin):
    plugin("mine.py", landscape("bowl_of_mine"))
    run = gdviz.simulate("bowl_of_mine", ["gd:lr=0.1"], steps=3)
    plugin("mine.py", landscape("bowl_of_mine", value))
    assert api.changes(run.recipe, api.run(run.recipe)) == changed
