"""What is done to gradients before the optimizers see them."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from rules import assert_same, plan
from scipy import stats

import gdviz
from gdviz.about.laws import examine
from gdviz.backends import cpu, python
from gdviz.backends.rules import Step
from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.options import resolve_options
from gdviz.compose.race import compose
from gdviz.recipe.entries import Entry
from gdviz.registry.defining import describe
from gdviz.runs.simulation import rerun

BACKENDS = ("python", "cpu")
TRANSFORMS = definitions("transform")
REFERENCES = Path(__file__).parent / "references" / "transforms.json"
RECORDED = json.loads(REFERENCES.read_text(encoding="utf-8"))


def load_script():
    """scripts/reference_tables.py as a module: it knows the gradients and how to ask the libraries."""
    file = Path(__file__).parents[1] / "scripts" / "reference_tables.py"
    spec = importlib.util.spec_from_file_location("reference_tables", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()


def changed(definition, preset, options):
    """What a transform makes of the script's gradients and points, float64[20, 3]."""
    entry = Entry(name=definition.name, preset=preset, options=options)
    step = Step(definition, resolve_options(entry, definition), np.dtype("float64"), 10)
    g, x = (np.array(rows).T for rows in SCRIPT.points())
    with np.errstate(all="ignore"):
        return step(x, {}, g=g, lr=np.float64(SCRIPT.RATE), t=1)[0].T


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * np.abs(theirs).max())


@pytest.mark.parametrize("run", RECORDED, ids=lambda run: f"{run['transform']}-{run['preset']}-{len(run['options'])}")
def test_changes_equal_the_recorded_ones(run):
    assert_close(changed(find("transform", run["transform"]), run["preset"], run["options"]), run["changed"])


def test_records_are_those_of_the_present_definitions():
    now = [
        {"transform": d.name, "preset": preset, "oracle": text, "options": options}
        for d in TRANSFORMS.values()
        for preset, text, options in SCRIPT.cases(d)
    ]
    assert [{key: run[key] for key in now[0]} for run in RECORDED] == now, "run scripts/reference_tables.py again"


@pytest.mark.parametrize("run", RECORDED, ids=lambda run: f"{run['transform']}-{run['preset']}-{len(run['options'])}")
def test_changes_equal_those_of_the_installed_library(run):
    library = run["oracle"].split(".", 1)[0]
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed: only its recorded answers were compared")
    definition = find("transform", run["transform"])
    theirs = SCRIPT.changed(definition, run["preset"], run["oracle"], run["options"])
    assert_close(changed(definition, run["preset"], run["options"]), theirs)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_has_an_oracle_or_says_why_not(name):
    definition = TRANSFORMS[name]
    assert bool(definition.facts.oracle) != bool(definition.facts.no_oracle)
    assert set(definition.facts.oracle) <= set(definition.presets)
    assert definition.summary.endswith(".") and len(definition.source) > 20


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_keeps_the_laws(name):
    for verdict in examine(TRANSFORMS[name]):
        assert verdict.holds, f"{verdict.law}: {verdict.finding}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_noise_changes_direction_not_only_length(backend):
    run = gdviz.simulate(
        "simple_quad",
        ["gd:lr=0.1"],
        start=[(1.0, 0.0)] * 500,
        steps=1,
        transforms=["gaussian:sigma=2"],
        backend=backend,
    )
    moved = (run.x[0, :, 0] - run.x[0, :, 1]) / 0.1 - [2.0, 0.0]
    for coordinate in moved.T:
        assert stats.kstest(coordinate, "norm", args=(0, 2)).pvalue > 1e-3
    assert abs(np.corrcoef(moved.T)[0, 1]) < 0.15


@pytest.mark.parametrize("backend", BACKENDS)
def test_rates_are_compared_under_the_same_noise(backend):
    run = gdviz.simulate(
        "simple_quad", ["gd:lr=0.1", "gd:lr=0.2"], steps=1, transforms=["gaussian"], seed=4, backend=backend
    )
    first, second = run.x[:, 0, 1] - run.x[:, 0, 0]
    assert np.allclose(2 * first, second, rtol=1e-12)
    plan = run.plans[0].with_lanes(lr=np.array([0.1, 0.2, 0.3]))
    swept = rerun(plan, backend)
    moved = swept.x[:, 1] - swept.x[:, 0]
    assert np.allclose(moved[1], 2 * moved[0], rtol=1e-12) and np.allclose(moved[2], 3 * moved[0], rtol=1e-12)


def test_transforms_follow_each_other_in_the_order_typed():
    def doubled(g, scale=2.0):
        return g * scale

    def shifted(g, by=1.0):
        return g + by

    run = gdviz.simulate("quadratic_1d", ["gd:lr=1.0"], start=(0.0,), steps=1)
    pair = [(describe("transform", f), {k: v}) for f, k, v in ((doubled, "scale", 2.0), (shifted, "by", 1.0))]
    there = dataclasses.replace(run.plans[0], transforms=tuple(pair))
    back = dataclasses.replace(there, transforms=tuple(reversed(pair)))
    for backend in BACKENDS:
        assert rerun(there, backend).x[0, 1, 0] == -(4.0 * 2 + 1)
        assert rerun(back, backend).x[0, 1, 0] == -((4.0 + 1) * 2)


WRITTEN = ("clip_norm", "float64")
"""What is tried on three coordinates, written out as two are: a transform that adds up over them."""

ADAM, LOOKING = "adam:lr=0.05", "nesterov:lr=0.001,preset=lasagne"


def left(name, rule, dtype):
    """What rules differ in is the place of the rows that a transform reads: one rule in each dtype is enough. `stable`
    is long to compile; in float32 the test of many coordinates has it."""
    swapped = (rule == ADAM) == (dtype == "float64")
    return pytest.mark.exhaustive if swapped or (name, dtype) == ("stable", "float32") else ()


@pytest.mark.parametrize(
    ("name", "rule", "dtype"),
    [
        pytest.param(name, rule, dtype, marks=left(name, rule, dtype))
        for name in TRANSFORMS
        for rule in (ADAM, LOOKING)
        for dtype in ("float64", "float32")
    ],
)
def test_backends_agree_bit_for_bit(name, rule, dtype):
    starts = np.random.default_rng(2).uniform(-2, 2, (150, 2)).tolist()
    wanted = {"start": starts, "steps": 60, "every": 20, "transforms": [name, "gaussian:sigma=0.3"], "dtype": dtype}
    one, two = (gdviz.simulate("beale", [rule], backend=backend, **wanted) for backend in BACKENDS)
    assert np.array_equal(one.x, two.x) and np.array_equal(one.f, two.f)
    assert np.array_equal(one.status, two.status)


@pytest.mark.parametrize(
    ("name", "dim", "dtype"),
    [
        pytest.param(name, dim, dtype, marks=() if dim == 7 or (name, dtype) == WRITTEN else pytest.mark.exhaustive)
        for name in TRANSFORMS
        for dim in (3, 7)
        for dtype in ("float64", "float32")
    ],
)
def test_backends_agree_in_many_coordinates_and_with_rates_per_run(name, dim, dtype):
    definition = TRANSFORMS[name]
    for preset in (None, *definition.presets):
        options = {**definition.parameters, **definition.switches, **definition.presets.get(preset, {})}
        given = plan("rastrigin", "nesterov", dim=dim, dtype=dtype, steps=30, every=10, runs=90,
                     lr=np.linspace(1e-4, 1e-2, 90), nesterov_form="lookahead", lr_in_buffer=True)  # fmt: skip
        given = dataclasses.replace(given, transforms=((definition, options),))
        assert_same(cpu.run(given), python.run(given))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rule", ["gd", "momentum", "adam", "adagrad", "nesterov:nesterov_form=lookahead"])
def test_decoupled_decay_stands_beside_the_step_of_any_rule(rule, backend):
    """One step from the same point: what it adds is −η λ x, whatever the rule made of the gradient."""
    starts = np.random.default_rng(1).uniform(-2, 2, (50, 2))
    wanted = {"start": starts, "steps": 1, "backend": backend}
    rate = f"{rule},lr=0.01" if ":" in rule else f"{rule}:lr=0.01"
    plain, decayed = (
        gdviz.simulate("beale", [rate], **wanted, transforms=list(given)) for given in ((), ("decoupled:decay=0.3",))
    )
    np.testing.assert_allclose(decayed.x[0, :, 1] - plain.x[0, :, 1], -0.01 * 0.3 * starts, rtol=1e-9)


def test_decoupled_decay_with_adam_is_adamw():
    torch = pytest.importorskip("torch")
    p = torch.tensor([-1.5, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([p], lr=0.05, weight_decay=0.2)
    points = [p.tolist()]
    for _ in range(200):
        optimizer.zero_grad()
        ((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2).backward()
        optimizer.step()
        points.append(p.tolist())
    run = gdviz.simulate(
        "rosenbrock", ["adam:lr=0.05"], start=(-1.5, 2.0), steps=200, transforms=["decoupled:decay=0.2"]
    )
    np.testing.assert_allclose(run.x[0, 0], points, rtol=1e-9)


def test_decoupled_decay_with_adam_is_the_rule_adamw_too():
    start, wanted = (-1.5, 2.0), {"steps": 200}
    decayed = gdviz.simulate("rosenbrock", ["adam:lr=0.05"], start=start, transforms=["decoupled:decay=0.2"], **wanted)
    rule = gdviz.simulate("rosenbrock", ["adamw:lr=0.05,weight_decay=0.2"], start=start, **wanted)
    np.testing.assert_allclose(decayed.x, rule.x, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name, d in definitions("optimizer").items() if d.at or d.shown])
def test_what_is_recorded_is_of_the_point_that_decay_left(name):
    """Rules that look ahead or record another point than x: both backends, bit for bit, and decay shows."""
    wanted = {"start": [(2.0, 1.0), (-1.0, 0.5)], "steps": 40, "every": 3}
    runs = [
        gdviz.simulate("beale", [f"{name}:lr=0.003"], **wanted, backend=backend, transforms=["decoupled:decay=3"])
        for backend in BACKENDS
    ]
    assert np.array_equal(runs[0].x, runs[1].x) and np.array_equal(runs[0].f, runs[1].f)
    plain = gdviz.simulate("beale", [f"{name}:lr=0.003"], **wanted)
    assert not np.array_equal(plain.x, runs[0].x)


def test_a_path_that_decay_throws_out_has_diverged():
    for backend in BACKENDS:
        run = gdviz.simulate("simple_quad", ["gd:lr=0.5"], steps=60, transforms=["decoupled:decay=8"], backend=backend)
        assert run.status[0, 0] == "diverged" and np.isfinite(run.x).all()


def test_norm_clipping_keeps_the_direction_and_component_clipping_turns_it():
    g = np.array(SCRIPT.points()[0])
    long = np.abs(g).max(axis=1) > 2
    for name, turned in (("clip_norm", False), ("clip_value", True)):
        cut = changed(find("transform", name), None, {})[long]
        cosine = (cut * g[long]).sum(axis=1) / np.linalg.norm(cut, axis=1) / np.linalg.norm(g[long], axis=1)
        assert (np.abs(cosine - 1) > 1e-6).all() == turned and (np.abs(cut) <= 1).all()


@pytest.mark.parametrize(("alpha", "law", "scale"), [(1, "cauchy", 2.0), (2, "norm", 2 * np.sqrt(2))])
@pytest.mark.parametrize("backend", BACKENDS)
def test_heavy_tails_are_those_of_the_stated_distribution(backend, alpha, law, scale):
    run = gdviz.simulate(
        "simple_quad", ["gd:lr=1e-6"], start=[(1.0, 0.0)] * 800, steps=1, backend=backend,
        transforms=[f"stable:alpha={alpha},sigma=2"],
    )  # fmt: skip
    drawn = (run.x[0, :, 0] - run.x[0, :, 1]) / 1e-6 - [2.0, 0.0]
    for coordinate in drawn.T:
        assert stats.kstest(coordinate, law, args=(0, scale)).pvalue > 1e-3


def test_a_rule_without_a_rate_has_no_decoupled_decay():
    def fixed(x, g, pace=0.1):
        return x - pace * g

    with pytest.raises(gdviz.UsageError, match=r"fixed has none; drop --transform decoupled"):
        gdviz.simulate("beale", [fixed], transforms=["decoupled"])


def test_rules_that_call_back_are_refused():
    with pytest.raises(gdviz.UsageError, match="calls the landscape back"):
        gdviz.simulate("beale", ["newton"], transforms=["gaussian"])


def test_the_picture_says_so():
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=3, transforms=["noise:sigma=0.5"])
    assert compose(run).caption.split(". ")[0] == "Gaussian noise, σ = 0.5"
    assert run.recipe.transform[0].name == "gaussian"
    assert "transform:gaussian" in run.recipe.digests
