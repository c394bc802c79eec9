"""Damaged recipes of scripts/mutations.py: each runs, or is refused in one sentence. The script tries two thousand."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import gdviz
from gdviz.errors import LONGEST, UsageError

SCRIPT = Path(__file__).parent.parent / "scripts" / "mutations.py"
COUNT, SEED = 200, 7


@pytest.fixture(scope="module")
def mutations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutations", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = module
    spec.loader.exec_module(module)
    return module


def test_two_hundred_damaged_recipes_run_or_are_refused_in_one_sentence(mutations: ModuleType) -> None:
    said = []
    for number, (name, text) in enumerate(mutations.mutants(COUNT, SEED)):
        try:
            said.append(mutations.outcome(text))
        except Exception as error:
            pytest.fail(f"{number}, of {name}: {type(error).__name__}: {error}\n{text[:2000]}")
    works = said.count("works")
    assert 0.1 * COUNT < works < 0.6 * COUNT, "damage that is never or always refused tries nothing"
    assert len(set(said)) > 0.3 * COUNT


def test_damage_is_of_many_kinds_and_repeats_itself(mutations: ModuleType) -> None:
    texts = [text for _, text in mutations.mutants(COUNT, SEED)]
    assert texts == [text for _, text in mutations.mutants(COUNT, SEED)]
    assert len(set(texts)) > 0.9 * COUNT
    assert all(tomllib.loads(text) is not None for text in texts[:20])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('landscape = "beale"\noptimizer = [{ name = "adam", options = 3 }]', r"optimizer\[1\].options = 3"),
        ('signal = [{ name = "spikes", constants = "x" }]\noptimizer = [{ name = "gd" }]', r"signal\[1\].constants"),
        ('signal = [{ name = "spikes" }]\noptimizer = [{ name = "newton" }]', "newton asks the landscape for more"),
        ('signal = [{ name = "spikes" }]\noptimizer = [{ name = "gd", lr = "auto" }]', "lr=auto needs a landscape"),
        ('landscape = "beale"\noptimizer = [{ name = "adam", lr = {} }]', r"optimizer\[1\].lr: it must be a"),
        ('landscape = "beale"\ntitle = { en = 1 }', "title.en = 1: it must be a valid string"),
        ('landscape = "beale"\nconstants = 3', "constants = 3: it must be a table"),
        ('landscape = "beale"\nconstants = [[1]]', "constants: it must be a table"),
        ('landscape = "beale"\nlevels = [nan]', r"levels\[1\] = nan: it must be a finite number"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(mutations: ModuleType, text: str, sentence: str) -> None:
    with pytest.raises(gdviz.GdvizError, match=sentence):
        gdviz.api.make(gdviz.api.parse_recipe(text, "mine.toml"))


@pytest.mark.parametrize("typed", ["x" * 20_000, f"a{'b c' * 5000}", "two\nlines", "one\r\n\ttwo\u2028three"])
def test_what_was_typed_at_length_or_over_lines_is_not_repeated_whole(typed: str) -> None:
    for call in (
        lambda: gdviz.simulate(typed),
        lambda: gdviz.optimizer("adam", preset=typed),
        lambda: gdviz.optimizer(typed),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        said = str(caught.value)
        assert len(said) < 2 * LONGEST and len(said.splitlines()) == 1
        assert typed[:3] in said or "the formula has 20000 characters" in said


def test_a_path_is_repeated_whole() -> None:
    path = "/somewhere/" + "folder of mine/" * 12 + "race.mp4"
    assert path in str(UsageError(f"'{path}' is a folder"))
