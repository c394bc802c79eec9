"""Laws that every registered step rule obeys, and the steps of libraries; whoever adds a rule adds no test."""

import ast
import importlib.util
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from rules import feed

from gdviz.catalogue.lookup import definitions
from gdviz.emit.expression import REDUCTIONS
from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.runs.simulation import simulate
from gdviz.words.entries import parse_optimizers

REFERENCES = Path(__file__).parent / "references"
OPTIMIZERS = definitions("optimizer")
every_optimizer = pytest.mark.parametrize("optimizer", [pytest.param(d, id=name) for name, d in OPTIMIZERS.items()])
with_oracle = [pytest.param(d, id=name) for name, d in OPTIMIZERS.items() if d.facts.oracle]


def load_script():
    """scripts/references.py as a module: it knows which runs are worth recording."""
    spec = importlib.util.spec_from_file_location("references", Path(__file__).parents[1] / "scripts" / "references.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()
FED = np.array(json.loads((REFERENCES / "gradients.json").read_text(encoding="utf-8")))
LOSSES = np.array(json.loads((REFERENCES / "losses.json").read_text(encoding="utf-8")))


def fed(optimizer, gradients=FED, x0=None):
    """Points under made-up gradients, and made-up losses for rules that ask for them."""
    return feed(optimizer, gradients, x0, values=LOSSES[: len(gradients)])


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
        if not definition.facts.oracle:
            continue
        file = REFERENCES / f"{name}.json"
        assert file.exists(), f"{name} has an oracle but no record; run scripts/references.py"
        for run in json.loads(file.read_text(encoding="utf-8"))["runs"]:
            changed = "+".join(run["options"]) or "defaults"
            yield pytest.param(name, run, id=f"{name}-{run['preset']}-{changed}")


@pytest.mark.parametrize(("name", "run"), list(runs()))
def test_steps_equal_the_recorded_ones(name, run):
    assert len(FED) == SCRIPT.STEPS == 200
    assert_same_path(fed(spec(name, run["preset"], **run["options"]))[list(SCRIPT.KEPT)], run["x"])


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
        theirs = SCRIPT.follow(optimizer, preset, text, options, FED.tolist(), LOSSES.tolist())
        assert_same_path(fed(spec(optimizer.name, preset, **options)), theirs)


@every_optimizer
def test_every_rule_has_an_oracle_or_says_why_not(optimizer):
    assert optimizer.facts.oracle or optimizer.facts.no_oracle
    assert set(optimizer.facts.oracle) <= set(optimizer.presets)
    assert optimizer.summary.endswith(".") and len(optimizer.source) > 20


def test_print_what_every_rule_is_held_against(capsys):
    """Two lists for the eye: compared with which library, and compared with none for which reason."""
    with_one = {name: sorted({SCRIPT.library(t) for t in d.facts.oracle.values()}) for name, d in OPTIMIZERS.items()
                if d.facts.oracle}  # fmt: skip
    with_none = {name: d.facts.no_oracle for name, d in OPTIMIZERS.items() if not d.facts.oracle}
    with capsys.disabled():
        print(f"\n{len(with_one)} rules take the steps of a library:")
        print("\n".join(f"  {name:24} {', '.join(libraries)}" for name, libraries in with_one.items()))
        print(f"{len(with_none)} have no such library:")
        print("\n".join(f"  {name:24} {reason}" for name, reason in with_none.items()))
    assert {*with_one, *with_none} == set(OPTIMIZERS)
    assert not set(with_one) & set(with_none)


def test_the_eight_core_slots_are_taken():
    assert sorted(d.facts.slot for d in OPTIMIZERS.values() if d.facts.slot is not None) == list(range(8))


vector_rules = [pytest.param(d, id=name) for name, d in OPTIMIZERS.items() if d.rule == "vector"]


@pytest.mark.parametrize("optimizer", vector_rules)
def test_every_variant_steps_and_differs_from_the_default(optimizer):
    plain = fed(optimizer.name)
    assert np.isfinite(plain).all() and np.abs(plain).max() > 0
    for preset in optimizer.presets:
        assert np.isfinite(fed(spec(optimizer.name, preset))).all()
    names = list(optimizer.choices)
    for values in itertools.product(*optimizer.choices.values()):
        assert np.isfinite(fed(spec(optimizer.name, **dict(zip(names, values, strict=True))))).all()
    # Every option changes something on these gradients, alone or together with others that are off by default.
    busy = {name: 0.3 for name, default in optimizer.parameters.items() if default == 0}
    for name, default in optimizer.parameters.items():
        # Bounds may be reached only where they are much tighter.
        others = [{**busy, name: 0.5 if default == 0 else default * factor} for factor in (0.5, 1e-3)]
        assert any(
            not np.array_equal(
                fed(spec(optimizer.name, **busy, **switches)), fed(spec(optimizer.name, **other, **switches))
            )
            for switches in (dict(zip(names, v, strict=True)) for v in itertools.product(*optimizer.choices.values()))
            for other in others
        ), f"{name} does nothing"


@pytest.mark.parametrize("optimizer", vector_rules)
def test_nothing_moves_without_a_gradient_but_by_decay(optimizer):
    names = list(optimizer.choices)
    for values in itertools.product(*optimizer.choices.values()):
        switches = dict(zip(names, values, strict=True))
        still = {"weight_decay": 0.0} if "weight_decay" in optimizer.parameters else {}
        x = fed(spec(optimizer.name, **switches, **still), np.zeros((5, 2)), [3.0, -1.0])
        assert (x == [3.0, -1.0]).all()
        if still:
            shrinking = np.abs(fed(spec(optimizer.name, **switches, weight_decay=0.1), np.zeros((5, 2)), [3.0, -1.0]))
            assert (np.diff(shrinking, axis=0) < 0).all()


def variants(optimizer):
    """Every choice of switches."""
    for values in itertools.product(*optimizer.choices.values()):
        yield dict(zip(optimizer.choices, values, strict=True))


@pytest.mark.parametrize("optimizer", vector_rules)
def test_at_every_limit_a_rule_is_finite_and_moves_or_is_refused(optimizer):
    """With a momentum of 1 the averages of a lecture stand still, which is what it says; no other rule may."""
    for name in optimizer.parameters:
        limits = {end for end in optimizer.limits(name) if 0 < end <= 1}
        for end, switches in itertools.product(limits, list(variants(optimizer))):
            try:
                path = fed(spec(optimizer.name, **switches, **{name: repr(end)}))
            except UsageError as error:
                assert "lower" in str(error)
                continue
            still = switches.get("momentum_form") == "ema" or switches.get("nesterov_form") == "ema_lookahead"
            assert np.isfinite(path).all() and (np.abs(path[-1]).max() > 0) == (not still)


with_eps = [pytest.param(d, id=n) for n, d in OPTIMIZERS.items() if d.stabilizers]


@pytest.mark.parametrize("optimizer", with_eps)
def test_without_eps_a_coordinate_without_a_gradient_rests(optimizer):
    """A bowl that is entered along an axis: the other coordinate has no gradient, and ε is 0."""
    zeros = {name: 0 for name in ("eps", "eps_root", "least", "acc_init") if name in optimizer.parameters}
    if "delta_init" in optimizer.parameters:
        zeros["delta_init"] = 0.1  # without either, Adadelta never begins
    rate = {"lr": 0.01} if optimizer.searches_rate else {}
    for switches in variants(optimizer):
        for dtype in ("float64", "float32"):
            entries = tuple(parse_optimizers(spec(optimizer.name, **zeros, **switches, **rate)))
            recipe = {"formula": "x**2 + 3*y**2 + x**4/100", "optimizer": entries, "steps": 40, "dtype": dtype}
            run = simulate(Recipe(**recipe, start=((2.0, 0.0), (0.0, 0.0)), backend="python"))
            assert (run.x[0, 0, :, 1] == 0).all() and (run.x[0, 1] == 0).all(), switches
            if not switches.get("centered"):  # the variance of the first gradient alone is 0
                assert np.isfinite(run.x).all() and run.f[0, 0, -1] < run.f[0, 0, 0]


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        *((rule, dtype) for rule in ("adam:eps=0:lr=0.1", "lamb:eps=0:lr=0.1") for dtype in ("float64", "float32")),
        ("saddle_free_newton:least=0", "float64"),  # a program rule is long to compile
        pytest.param("saddle_free_newton:least=0", "float32", marks=pytest.mark.exhaustive),
    ],
)
def test_without_eps_both_backends_take_the_same_steps(text, dtype):
    recipe = Recipe(landscape="ravine", optimizer=tuple(parse_optimizers(text)), start=((2.0, 0.0),), steps=30)
    a, b = (simulate(recipe.updated(backend=backend, dtype=dtype)) for backend in ("python", "cpu"))
    assert np.array_equal(a.x, b.x) and np.isfinite(a.x).all() and (a.x[..., 1] == 0).all()


def test_no_eps_is_a_small_one_to_the_bit():
    """Where nothing is 0 / 0, the number in place of ε = 0 is noticed by no sum."""
    for name in ("adam", "adamax", "rmsprop", "adagrad", "lamb", "amsgrad"):
        path = fed(spec(name, eps="0"), FED[:, [0, 2]])
        assert np.array_equal(path, fed(spec(name, eps="1e-200"), FED[:, [0, 2]]))


def reduces(optimizer):
    """Whether a rule adds up over the coordinates."""
    names = {node.id for node in ast.walk(ast.parse(optimizer.text)) if isinstance(node, ast.Name)}
    return not names.isdisjoint(REDUCTIONS)


@pytest.mark.parametrize("optimizer", vector_rules)
def test_no_coordinate_is_special(optimizer):
    swapped, turned = [1, 0, 2], [2, 0, 1]
    path = fed(optimizer.name)
    assert np.array_equal(path[:, swapped], fed(optimizer.name, FED[:, swapped]))
    other = fed(optimizer.name, FED[:, turned])
    if reduces(optimizer):  # a + b + c is rounded in its order
        assert_same_path(path[:, turned], other)
    else:
        assert np.array_equal(path[:, turned], other)


@pytest.mark.parametrize("optimizer", [pytest.param(d, id=n) for n, d in OPTIMIZERS.items() if "f" not in d.inputs])
def test_a_loss_that_is_7_higher_everywhere_changes_no_path(optimizer):
    if "value" in optimizer.inputs:
        pytest.skip("it compares losses, and 7 more rounds them")
    entries = tuple(parse_optimizers(spec(optimizer.name, **({"lr": 1e-3} if "lr" in optimizer.parameters else {}))))
    paths = [
        simulate(Recipe(formula=text, optimizer=entries, start=((-1.5, 2.0),), steps=60)).x
        for text in ("(1 - x)**2 + 10*(y - x**2)**2", "(1 - x)**2 + 10*(y - x**2)**2 + 7")
    ]
    assert np.abs(np.diff(paths[0], axis=2)).max() > 0
    assert np.array_equal(*paths)


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
    if "random" in optimizer.inputs:
        return  # other starts draw other numbers
    # The bowl is symmetric, so mirrored starts have mirrored paths.
    assert np.array_equal(run.x[0, 0] * [-1, 1], run.x[0, 1])
