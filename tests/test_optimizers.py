"""Laws that every registered step rule obeys, and the steps of torch and optax; whoever adds a rule adds no test."""

import importlib.util
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from gdviz.recipe import Recipe, parse_optimizers
from gdviz.registry import definitions
from gdviz.simulation import feed, simulate

REFERENCES = Path(__file__).parent / "references"
OPTIMIZERS = definitions("optimizer")
every_optimizer = pytest.mark.parametrize("optimizer", [pytest.param(d, id=name) for name, d in OPTIMIZERS.items()])
with_oracle = [pytest.param(d, id=name) for name, d in OPTIMIZERS.items() if "oracle" in d.facts]


def load_script():
    """scripts/references.py as a module: it knows which runs are worth recording."""
    spec = importlib.util.spec_from_file_location("references", Path(__file__).parents[1] / "scripts" / "references.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()
FED = np.array(json.loads((REFERENCES / "gradients.json").read_text(encoding="utf-8")))


def spec(name, preset=None, **options):
    """An optimizer as typed after -o, floats in full."""
    given = {**({"preset": preset} if preset else {}), **options}
    return ":".join([name, *(f"{key}={value}" for key, value in given.items())])


def assert_same_path(ours, theirs):
    """Equal to 1e-12 of every number and of the path's extent in its coordinate, where sums of steps cancel."""
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.isfinite(theirs).all()
    extent = np.abs(theirs).max(axis=0)
    assert (extent > 0).all(), "a coordinate that never moves shows nothing"
    assert (np.abs(ours - theirs) <= 1e-12 * (np.abs(theirs) + extent)).all()


def runs():
    """One parameter set per recorded run."""
    for name, definition in OPTIMIZERS.items():
        if "oracle" not in definition.facts:
            continue
        file = REFERENCES / f"{name}.json"
        assert file.exists(), f"{name} has an oracle but no record; run scripts/references.py"
        for run in json.loads(file.read_text(encoding="utf-8"))["runs"]:
            changed = "+".join(run["options"]) or "defaults"
            yield pytest.param(name, run, id=f"{name}-{run['preset']}-{changed}")


@pytest.mark.parametrize(("name", "run"), list(runs()))
def test_steps_equal_the_recorded_ones(name, run):
    assert_same_path(feed(spec(name, run["preset"], **run["options"]), FED), run["x"])


@pytest.mark.parametrize("optimizer", with_oracle)
def test_records_are_those_of_the_present_definition(optimizer):
    recorded = json.loads((REFERENCES / f"{optimizer.name}.json").read_text(encoding="utf-8"))["runs"]
    now = [{"preset": preset, "oracle": text, "options": options} for preset, text, options in SCRIPT.cases(optimizer)]
    assert [{key: run[key] for key in now[0]} for run in recorded] == now, "run scripts/references.py again"


@pytest.mark.parametrize("library", sorted(SCRIPT.LIBRARIES))
@pytest.mark.parametrize("optimizer", with_oracle)
def test_steps_equal_those_of_the_installed_library(optimizer, library):
    if missing := [name for name in SCRIPT.LIBRARIES[library] if importlib.util.find_spec(name) is None]:
        pytest.skip(f"{missing[0]} is not installed: only its recorded steps were compared")
    mine = [case for case in SCRIPT.cases(optimizer) if SCRIPT.library(case[1]) == library]
    for preset, text, options in mine:
        theirs = SCRIPT.follow(optimizer, preset, text, options, FED.tolist())
        assert_same_path(feed(spec(optimizer.name, preset, **options), FED), theirs)


@every_optimizer
def test_every_rule_has_an_oracle_or_says_why_not(optimizer):
    assert optimizer.facts.get("oracle") or optimizer.facts.get("no_oracle")
    assert set(optimizer.facts.get("oracle", {})) <= set(optimizer.presets)
    assert optimizer.summary.endswith(".") and len(optimizer.source) > 20


def test_the_eight_core_slots_are_taken():
    assert sorted(d.facts["slot"] for d in OPTIMIZERS.values() if "slot" in d.facts) == list(range(8))


vector_rules = [pytest.param(d, id=name) for name, d in OPTIMIZERS.items() if d.rule == "vector"]


@pytest.mark.parametrize("optimizer", vector_rules)
def test_every_variant_steps_and_differs_from_the_default(optimizer):
    plain = feed(optimizer.name, FED)
    assert np.isfinite(plain).all() and np.abs(plain).max() > 0
    for preset in optimizer.presets:
        assert np.isfinite(feed(spec(optimizer.name, preset), FED)).all()
    names = list(optimizer.choices)
    for values in itertools.product(*optimizer.choices.values()):
        assert np.isfinite(feed(spec(optimizer.name, **dict(zip(names, values, strict=True))), FED)).all()
    # Every option changes something on these gradients, alone or together with others that are off by default.
    busy = {name: 0.3 for name, default in optimizer.parameters.items() if default == 0}
    for name, default in optimizer.parameters.items():
        other = {**busy, name: 0.5 if default == 0 else default * 0.5}
        assert any(
            not np.array_equal(
                feed(spec(optimizer.name, **busy, **switches), FED),
                feed(spec(optimizer.name, **other, **switches), FED),
            )
            for switches in (dict(zip(names, v, strict=True)) for v in itertools.product(*optimizer.choices.values()))
        ), f"{name} does nothing"


@pytest.mark.parametrize("optimizer", vector_rules)
def test_nothing_moves_without_a_gradient(optimizer):
    names = list(optimizer.choices)
    for values in itertools.product(*optimizer.choices.values()):
        x = feed(spec(optimizer.name, **dict(zip(names, values, strict=True))), np.zeros((5, 2)), [3.0, -1.0])
        assert (x == [3.0, -1.0]).all()


@pytest.mark.parametrize("optimizer", vector_rules)
def test_no_coordinate_is_special(optimizer):
    order = [2, 0, 1]
    assert np.array_equal(feed(optimizer.name, FED)[:, order], feed(optimizer.name, FED[:, order]))


@every_optimizer
def test_goes_down_a_bowl_from_any_side(optimizer):
    recipe = Recipe(
        landscape="simple_quad",
        optimizer=tuple(parse_optimizers(optimizer.name)),
        start=((2.0, 1.0), (-2.0, 1.0), (0.5, -2.0)),
        steps=500,
    )
    run = simulate(recipe)
    assert (run.f[0, :, -1] < run.f[0, :, 0]).all()
    # The bowl is symmetric, so mirrored starts have mirrored paths.
    assert np.array_equal(run.x[0, 0] * [-1, 1], run.x[0, 1])
