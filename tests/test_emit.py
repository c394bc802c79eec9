"""Definitions as text: the canonical form of rules and the tile kernels made of it."""

import ast
import dataclasses

import numpy as np
import pytest
from rules import RULES

from gdviz.backends.rules import Products, Step
from gdviz.catalogue.lookup import definitions, find
from gdviz.emit.expression import EmissionError
from gdviz.emit.kernel import UNROLLED
from gdviz.emit.objective import objective_text
from gdviz.emit.reader import read_look_ahead, read_step
from gdviz.emit.step import step_text
from gdviz.formula import exp, norm, sqrt, where
from gdviz.objectives.landscape import derive
from gdviz.registry.defining import describe

OPTIMIZERS = definitions("optimizer")
LANDSCAPES = definitions("landscape")


def variants():
    """Every vector rule with every set of switches that is used."""
    for name, optimizer in OPTIMIZERS.items():
        if optimizer.rule != "vector":
            continue
        seen = []
        for preset in ({}, *optimizer.presets.values()):
            switches = {key: preset.get(key, value) for key, value in optimizer.switches.items()}
            if switches not in seen:
                seen.append(switches)
                yield pytest.param(optimizer, switches, id="-".join([name, *map(str, switches.values())]))
    for optimizer in RULES:
        yield pytest.param(optimizer, dict(optimizer.switches), id=optimizer.name)


VARIANTS = list(variants())


def texts(optimizer, switches):
    for dim in (2, UNROLLED + 2):
        yield step_text(optimizer, switches, dim).body
        yield step_text(optimizer, switches, dim, list(optimizer.parameters)[:2]).body


def loops(tree):
    """The loops over lanes of a module."""
    return [n for n in ast.walk(tree) if isinstance(n, ast.For) and ast.unparse(n.iter) == "range(L)"]


def assert_typed(text):
    """Every float literal is an argument of F; whole numbers stand only in subscripts, ranges and inside F."""
    tree = ast.parse(text)
    allowed = set()
    for node in ast.walk(tree):
        inside = []
        if isinstance(node, ast.Subscript):
            inside = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("F", "range"):
            inside = node.args
        allowed |= {id(leaf) for part in inside for leaf in ast.walk(part)}
    for loop in loops(tree):
        for node in ast.walk(loop):
            if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
                assert id(node) in allowed, f"{node.value} in {ast.unparse(loop)}"


@pytest.mark.parametrize("optimizer, switches", VARIANTS)
def test_every_literal_in_a_lane_loop_is_of_the_plans_dtype(optimizer, switches):
    for text in texts(optimizer, switches):
        assert_typed(text)


@pytest.mark.parametrize("landscape", [pytest.param(d, id=name) for name, d in LANDSCAPES.items()])
def test_objectives_have_typed_literals_and_three_kernels(landscape):
    text = objective_text(derive(landscape))
    assert_typed(text)
    assert [n.name for n in ast.parse(text).body] == ["value", "gradient", "both"]


@pytest.mark.parametrize("optimizer, switches", VARIANTS)
def test_switches_are_folded(optimizer, switches):
    for text in texts(optimizer, switches):
        words = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        assert not words & set(optimizer.switches)


def test_what_is_the_same_for_all_lanes_goes_before_the_loop():
    adam = find("optimizer", "adam")
    text = step_text(adam, adam.switches, 2).body
    (loop,) = loops(ast.parse(text))
    divisions = [n for n in ast.walk(loop) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)]
    assert len(divisions) == 2  # by √v̂ + ε, once a coordinate
    assert "F(1.0)" not in ast.unparse(loop)  # 1 - β is not computed there
    assert text.count("p[0]") == text.count("p[1]") == 2  # β₁ᵗ and β₂ᵗ: one product each


def test_a_power_of_t_that_differs_from_lane_to_lane_has_a_row():
    adam = find("optimizer", "adam")
    text = step_text(adam, adam.switches, 2, ["beta1"])
    assert text.swept == ("beta1",)
    assert text.products == len(text.product_rows) == 1
    assert f"W[{text.product_rows[0]} * L + j] * beta1" in text.body


def test_rows_do_not_overlap():
    for optimizer in (*OPTIMIZERS.values(), *RULES):
        if optimizer.rule == "vector":
            layout = step_text(optimizer, optimizer.switches, 3, list(optimizer.parameters)).layout
            firsts = sorted(set(layout.rows.values()))
            assert layout["g"] == 3
            assert layout["f"] == 6
            assert layout.count > firsts[-1]
            for state in optimizer.state:
                following = [first for first in (*firsts, layout.count) if first > layout[state]]
                assert following[0] - layout[state] >= (1 if state in optimizer.scalars else 3)


def literally(optimizer, switches, dtype, steps=60):
    """Points of the function as it is written, and of its canonical form, on made-up gradients: [step, dim, 1]."""
    options = {**optimizer.parameters, **switches}
    rng = np.random.default_rng(3)
    gradients = rng.normal(size=(steps, 2, 1))
    results = []
    for is_canonical in (False, True):
        step = Step(optimizer, options, np.dtype(dtype), steps)
        if not is_canonical:
            step.function, step.bound = optimizer.function, step.options
        X = x0 = np.array([[1.0], [-2.0]])
        state, points = step.start(X), []
        with np.errstate(all="ignore"):
            for t, g in enumerate(gradients, start=1):
                X, state = step(X, state, t=t, g=g, f=g[0], x0=x0)
                points.append(X)
        results.append(np.array(points))
    return results


@pytest.mark.parametrize("optimizer, switches", VARIANTS)
def test_the_canonical_form_is_the_rule(optimizer, switches):
    written, canonical = literally(optimizer, switches, "float64")
    assert np.isfinite(written).all()
    np.testing.assert_allclose(canonical, written, rtol=1e-12, atol=1e-13)


def test_the_canonical_form_of_a_look_ahead_is_the_look_ahead():
    nesterov = find("optimizer", "nesterov")
    x, v = np.array([[1.0], [2.0]]), np.array([[0.5], [-0.25]])
    for form in nesterov.choices["nesterov_form"]:
        switches = {**nesterov.switches, "nesterov_form": form}
        rule = read_look_ahead(nesterov, switches)
        given = {"x": x, "v": v, **{k: np.float64(nesterov.parameters[k]) for k in ("lr", "mu")}}
        ours = rule.function(np.float64, np.power)(**given, _product=Products())
        written = nesterov.facts.at(**given, **switches)
        np.testing.assert_allclose(ours, written, rtol=1e-14)


def test_division_by_what_only_hyperparameters_decide_is_by_reciprocal():
    adam = find("optimizer", "adam")
    text = read_step(adam, adam.switches).text()
    assert "* (1.0 / gain_m)" in text
    assert "/ scale" in text


def test_running_products_are_products_in_order():
    products, h = Products(), np.float64(0.97)
    taken = [products(0, h, t) for t in range(1, 400)]
    np.testing.assert_array_equal(taken, np.cumprod(np.full(399, h)))
    assert products(0, h, 3) == h * h * h  # going back starts again
    assert products(0, h, 2**13) == 0  # rather than ever smaller


REFUSED = {
    "loop": (lambda: loop_rule, "not straight-line"),
    "branch": (lambda: branching_rule, "asks for more than switches"),
    "foreign": (lambda: foreign_rule, "no function of gdviz.formula"),
    "condition": (lambda: counting_rule, "computes with a condition"),
    "moving power": (lambda: moving_rule, "changes on the way"),
    "object": (lambda: object_rule, "no number"),
}
TABLE = [0.1, 0.2]


def loop_rule(x, g, lr=0.1):
    for _ in range(3):
        x = x - lr * g
    return x


def branching_rule(x, g, t, lr=0.1):
    if t > 3:
        lr = 0.5 * lr
    return x - lr * g


def foreign_rule(x, g, lr=0.1):
    return x - lr * np.cbrt(g)


def counting_rule(x, g, lr=0.1):
    return x - lr * (g > 0)


def moving_rule(x, g, t, lr=0.1):
    return x - lr * g * sqrt(g * g) ** t


def object_rule(x, g, lr=0.1):
    return x - lr * g * TABLE


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_become_a_kernel_is_said(case):
    function, message = REFUSED[case]
    with pytest.raises(EmissionError, match=message):
        step_text(describe_quietly(function()), {}, 2)


def describe_quietly(function):
    return describe("optimizer", function) if function is not object_rule else find_like(function)


def find_like(function):
    """A definition whose trial call would fail: only its text matters here."""

    def stand_in(x, g, lr=0.1):
        return x - lr * g

    return dataclasses.replace(describe("optimizer", stand_in), function=function)


def test_names_of_the_surroundings_and_lambdas_are_read():
    scale = 0.25

    def rule(x, g, v, lr=0.1):
        v = v + g
        return x - lr * scale * exp(-norm(g)) * where(v > 0, 1.0, 0.5) * g, v

    definition = describe("optimizer", rule, at=lambda x, v, lr: x - lr * v)
    text = step_text(definition, {}, 2).body
    assert "F(0.25)" in text
    assert "def look" in text
    assert_typed(text)
