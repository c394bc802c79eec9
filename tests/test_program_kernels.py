"""Program rules lowered for machines without an allocator: the bits of other backends, run by Python on NumPy's
scalars, wherever launches are cut."""

import ast
import dataclasses
from typing import Any

import numpy as np
import pytest
from flat import assert_alike
from rules import plan
from test_cpu import gathering, searching
from test_network import layers, network, small
from test_network import plan as training
from test_objectives import plan as regression
from test_trackers import BOTH, SCORE, typed

import gdviz
from gdviz.backends.cuda.api.interface import LOCAL
from gdviz.backends.cuda.program_kernel import ProgramPlan
from gdviz.backends.cuda.runs import fits, flat_of
from gdviz.backends.trackers import Lowest, Nearest
from gdviz.catalogue.lookup import definitions
from gdviz.emit.expression import EmissionError
from gdviz.formula import abs, dot, max, norm, sign, sqrt, where
from gdviz.objectives.batches import Batch
from gdviz.plans.plan import Plan
from gdviz.registry.defining import describe, scalar

PROGRAMS = [name for name, d in definitions("optimizer").items() if d.rule == "program"]
FEW: dict[str, Any] = {"runs": 4, "steps": 12, "every": 5}
CUTS = (1, 5, 11)


def given(landscape: str, optimizer: Any, **options: Any) -> Plan:
    return plan(landscape, optimizer, **{**FEW, **options})


SINGLE = {"lbfgs", "trust_region"}
"""Rules that are tried in float32, too; the others are left to `exhaustive`."""


def in_both_dtypes() -> list[Any]:
    """Every rule in every dtype."""
    left = {name: () if name in SINGLE else pytest.mark.exhaustive for name in PROGRAMS}
    single = [pytest.param(name, "float32", marks=marks) for name, marks in left.items()]
    return [*((name, "float64") for name in PROGRAMS), *single]


@pytest.mark.parametrize(("name", "dtype"), in_both_dtypes())
def test_every_rule(name: str, dtype: str) -> None:
    """On two coordinates, whose loops are written out, and on five."""
    assert_alike(given("himmelblau", name, dtype=dtype), cuts=CUTS)
    assert_alike(given("rosenbrock", name, dim=5, dtype=dtype), BOTH[:1])
    assert_alike(given("rastrigin", name, dtype=dtype), (SCORE, *BOTH), cuts=CUTS)


@pytest.mark.parametrize("search", ["wolfe", "exact"])
@pytest.mark.parametrize("name", [n for n in PROGRAMS if "search" in definitions("optimizer")[n].switches])
def test_switches(name: str, search: str) -> None:
    assert_alike(given("rosenbrock", name, search=search))


FOLLOWED = {
    "some are asked for seldom": (lambda: given("rosenbrock", "bfgs", steps=25), (Lowest(target=1.0, every=3),)),
    "some arrive": (lambda: given("himmelblau", "lbfgs", steps=25, tol=1e-4), (SCORE, *BOTH)),
    "five coordinates": (
        lambda: given("rastrigin", "trust_region", dim=5, tol=1e-2),
        (Nearest(np.zeros((1, 5)), radius=0.5), SCORE),
    ),
    "some diverge": (lambda: given("rosenbrock", "newton", lr=np.geomspace(1, 100, 4)), (SCORE, *BOTH)),
    "unguarded": (lambda: given("rosenbrock", "newton", lr=np.geomspace(1, 100, 4)).unguarded(), BOTH),
    "some are undefined": (lambda: typed("x*log(x)+y^2", "newton:lr=3", lanes=10, low=-0.2, steps=12), (SCORE,)),
    "kinks": (lambda: typed("sqrt(abs(x))+abs(y)", "armijo:lr=3", lanes=10, steps=12), BOTH),
    "a schedule": (lambda: gdviz.simulate("beale", ["armijo"], steps=20, schedules=["lr=linear"]).plans[0], BOTH),
    "batches of an objective": (lambda: regression("armijo", runs=5, steps=10), (Lowest(target=1.0),)),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_ends_schedules_batches_and_trackers(name: str) -> None:
    make, trackers = FOLLOWED[name]
    assert_alike(make(), trackers)
    assert_alike(make(), trackers, cuts=CUTS)


def test_networks_and_their_batches() -> None:
    """With penalties and without; a batch drawn without replacement and with."""
    assert_alike(training(small(), "armijo"), (SCORE,), cuts=CUTS)
    drawn = training(network(layers("mean_field", width=4), batch=Batch(6, True)), "armijo")
    assert_alike(drawn, cuts=CUTS)
    assert_alike(dataclasses.replace(drawn, dtype="float32"))


def swapping(x, f, g, value, before, last, count: scalar, H: "dim,dim", lr=0.1, reach=1.0):
    """Most of what the language of programs has: names that change places, values that are asked for in passing and
    only if they have to be, loops that end early, changes in place, comparisons of neighbours."""
    step, shift, tried = -lr * g, 0.5 * sign(g), 0
    while value(x + step) > f and tried < 4 and not norm(step) < 1e-3:
        step, shift = 0.5 * step + 0.01 * shift, step
        tried += 1
        if tried == 3:
            continue
    low, high = f, value(x + 2 * step)
    low, high = high, low
    bent = value(x - step) if low < high else f
    if low < high or value(x + shift) < bent or (tried >= 2 and value(x - shift) < f):
        count = count + 1
    if 0 < tried <= 2 < reach + 2:
        step -= 0.1 * before
    for i in range(len(x)):
        for j in range(len(x)):
            if j > i:
                break
            H[i, j] += g[i] * g[j]
    H[0] = H[0] + H[:, 0]
    H = widened(H, reach)
    limit = where(abs(g) > reach, reach / max(abs(g), 1e-3), 1.0)
    row = 1.0 * H[int(count) % len(x)]
    step = limit * step - 1e-3 * max(row, 0.0) / (1 + sqrt(dot(row, row)))
    return x + step, last, step, count, H


def widened(matrix, by):
    """A helper that answers an array."""
    wide = 1.0 * matrix
    for i in range(len(matrix)):
        wide[i, i] = wide[i, i] + by
    return wide


@pytest.mark.parametrize("dim", [2, 5])
def test_the_language_of_programs(dim: int) -> None:
    rule = describe("optimizer", swapping)
    assert_alike(given("rosenbrock", rule, dim=dim, lr=np.geomspace(1e-4, 1e-1, 4)), cuts=CUTS)
    assert_alike(given("rastrigin", rule, dim=dim, dtype="float32"), cuts=CUTS)


def test_rules_that_loop_branch_keep_matrices_and_call_functions() -> None:
    for mode in ("halve", "thirds"):
        assert_alike(given("himmelblau", describe("optimizer", searching), mode=mode, lr=np.linspace(0.01, 1, 4)))
    assert_alike(given("rosenbrock", describe("optimizer", gathering), dim=4), cuts=CUTS)


def test_what_has_no_constant_length_is_refused() -> None:
    rule = describe("optimizer", gathering)
    with pytest.raises(EmissionError, match=r"gathering keeps arrays as long as memory says, .*; use --backend cpu"):
        ProgramPlan(given("rosenbrock", rule, memory=np.array([1.0, 2.0, 3.0, 3.0])))


@pytest.mark.parametrize(("rule", "widths"), [("bfgs", (70,)), ("adam", (128, 128))])
def test_what_needs_more_memory_than_a_thread_has_is_refused(rule: str, widths: tuple[int, ...]) -> None:
    wide = training(network(layers("mlp", widths)), rule, runs=1)
    with pytest.raises(EmissionError, match=rf"{rule} on network keeps \d+ KiB for every run, .*; use --backend cpu"):
        fits(flat_of(wide).kernel, LOCAL)


def aliased(x, g, lr=0.1):
    """What is changed has two names, which an array of its own for each would tell apart."""
    step = -lr * g
    kept = step
    for i in range(len(x)):
        kept[i] = 2 * kept[i]
    return x + step


def test_two_names_of_what_changes_in_place_are_refused() -> None:
    with pytest.raises(EmissionError, match=r"aliased .*'kept' is another name of .*; use --backend cpu"):
        _ = ProgramPlan(given("beale", describe("optimizer", aliased))).kernel


@pytest.mark.parametrize("name", ["lbfgs", "trust_region"])
def test_kernels_make_no_arrays_and_have_no_plain_numbers(name: str) -> None:
    """Arrays of the text are of constant shape, and every number with a point is of the kernel's own dtype."""
    text = ProgramPlan(given("rosenbrock", name, dim=5, dtype="float32"), (SCORE,)).kernel.text
    tree = ast.parse(text)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        word = ast.unparse(call.func)
        assert not word.startswith("np.") or word in ("np.int64", "np.int8", "np.uint32", "np.uint64"), word
        if word == "cuda.local.array":
            assert isinstance(ast.literal_eval(call.args[0]), (int, tuple))
    cast = {id(arg) for node in ast.walk(tree) if isinstance(node, ast.Call) for arg in ast.walk(node)}
    numbers = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float)]
    assert numbers and all(id(number) in cast for number in numbers)
