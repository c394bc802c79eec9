"""Any Python function as a landscape, and what is said of functions that are none."""

from __future__ import annotations

import copy
import functools
import math

import numpy as np
import pytest

import gdviz
from gdviz import api, formula
from gdviz.catalogue.lookup import definitions
from gdviz.compose.race import compose
from gdviz.lang import languages
from gdviz.objectives.functions import landscape_of
from gdviz.objectives.landscape import derive
from gdviz.registry import sources

NAMES = [name for name in formula.FUNCTIONS if name != "where"]
BOX = [name for name, d in definitions("landscape").items() if d.dimension == 2][::6]


def by_hand(name):
    """A catalogue's landscape as a function that gdviz cannot look into, and its gradient."""
    derived = derive(definitions("landscape")[name])

    def value(x, y):
        return float(derived.value(float(x), float(y)))

    return value, lambda x, y: derived.gradient(x, y), derived


@pytest.mark.parametrize("name", BOX)
def test_differences_agree_with_the_formula(name):
    value, _, derived = by_hand(name)
    landscape = definitions("landscape")[name]
    low, high = np.array(landscape.facts.domain).T
    points = np.random.default_rng(3).uniform(low, high, (40, 2)).T
    with pytest.warns(UserWarning, match="central differences stand in"):
        made = derive(landscape_of(value, None, points[:, 0].tolist()))
    exact, found = np.array(derived.gradient(*points)), np.array(made.gradient(*points))
    scale = 1 + np.abs(exact).max(axis=0) + np.abs(made.value(*points))
    assert np.median(np.abs(exact - found) / scale) < 1e-6  # a kink between the two ends spoils single points
    curved = np.array(made.hessian(*points))
    assert np.array_equal(curved, curved.transpose(1, 0, 2))
    assert np.median(np.abs(curved - np.array([[np.broadcast_to(h, 40) for h in r] for r in derived.hessian(*points)]))
                     / (1 + np.abs(curved))) < 1e-4  # fmt: skip
    assert np.array_equal(made.value(*points), np.broadcast_to(derived.value(*points), 40))


@pytest.mark.parametrize("name", BOX)
def test_a_gradient_given_makes_the_same_run(name):
    value, grad, _ = by_hand(name)
    landscape = definitions("landscape")[name]
    start = landscape.facts.start
    ours = gdviz.simulate(name, ["gd:lr=0.0001", "adam:lr=0.01"], start=start, steps=20, domain=landscape.facts.domain)
    run = gdviz.simulate(
        value, ["gd:lr=0.0001", "adam:lr=0.01"], start=start, steps=20, grad=grad, domain=landscape.facts.domain
    )
    assert np.allclose(run.x, ours.x, rtol=1e-9, atol=1e-12)
    assert np.array_equal(run.evals, ours.evals)


def bent(x, y):
    if x > 0:
        return math.cosh(x) + y * y
    return 1 + x * x / 2 + y**2


def slope(x, y):
    return (math.sinh(x) if x > 0 else x, 2 * y)


def distance(p):
    return float(np.sum((p - 1) ** 2 * np.arange(1, len(p) + 1)))


def root(x):
    return math.fabs(x) ** 1.5


@pytest.mark.parametrize(("function", "start"), [(bent, (1.0, 2.0)), (distance, (3.0, 2.0, 1.0, 0.0)), (root, (2.0,))])
def test_functions_of_any_dimension_descend_and_are_charged_for_differences(function, start, tmp_path):
    with pytest.warns(UserWarning, match=f"{function.__name__} is no formula"):
        run = gdviz.simulate(function, ["gd:lr=0.05", "scipy:BFGS"], start=start, steps=40)
    assert (run.f[:, 0, -1] < run.f[:, 0, 0]).all()
    price = 1 + 2 * len(start)
    assert run.evals[0, 0].tolist() == [price * t for t in run.t]
    assert run.recipe.plugins == {function.__name__: "a Python function derived by central differences"}
    with pytest.raises(gdviz.RecipeError, match="a Python function derived by central differences"):
        api.run(run.recipe)
    for lang in languages():
        scene = compose(api.redrawn(run, {"lang": lang}))
        assert scene.caption and scene.formula in ("", r"x \in \mathbb{R}^{4}")
    (path,) = gdviz.plot(run, tmp_path / "a.png", size="320x240")
    assert path.stat().st_size > 1000


def test_a_gradient_of_ones_own_is_exact_and_one_evaluation(recwarn):
    run = gdviz.simulate(bent, ["gd:lr=0.05", "newton"], start=(1.0, 2.0), steps=20, grad=slope)
    assert not recwarn.list
    assert run.evals[0, 0, -1] == 20
    assert run.f[1, 0, -1] == pytest.approx(1.0, abs=1e-12)
    assert compose(run).caption == ""
    vector = gdviz.simulate(distance, ["gd:lr=0.1"], start=(0.0, 3.0), steps=9, grad=lambda p: 2 * (p - 1) * [1, 2])
    assert vector.x[0, 0, 1] == pytest.approx([0.2, 2.2])


def test_formulas_are_still_derived_and_lookalikes_are_not():
    def bowl(x, y):
        return x * x + 3 * y * y

    def typed(x, y):
        return x * x + y * y if isinstance(x, float) else x * x

    assert derive(landscape_of(bowl, None, (1.0, 2.0))).text
    with pytest.warns(UserWarning, match="typed is no formula"):
        assert not derive(landscape_of(typed, None, (1.0, 2.0))).text


def test_a_function_of_arrays_is_sampled_in_one_call():
    def wide(x, y):
        return np.hypot(x, y)

    with pytest.warns(UserWarning, match="wide"):
        assert derive(landscape_of(wide, None, (1.0, 2.0))).takes_arrays
    assert not derive(landscape_of(bent, slope, (1.0, 2.0))).takes_arrays


@pytest.mark.parametrize(
    ("function", "grad", "sentence"),
    [
        (lambda x, y: "a", None, "must return one number, not str"),
        (lambda x, y: None, None, "must return one number, not NoneType"),
        (lambda x, y: np.array([x, y]), None, r"ndarray of shape \(2,\)"),
        (lambda x, y: 1j * x, None, "returned complex"),
        (lambda x, y: math.nan, None, "no finite value at the start"),
        (lambda x, y, z: x, None, "takes 3, so give start="),
        (lambda: 1.0, None, "has no coordinate"),
        (lambda x, y: [][3], None, "a trial call failed: IndexError"),
        (max, None, "does not say what it takes"),
        (5, None, "a name or a function of coordinates, not 5"),
        (bent, 3, "grad= is a function"),
        (bent, lambda x, y: 1.0, "must return 2 numbers"),
        (bent, lambda x, y: "ab", "must return 2 numbers"),
        (bent, lambda x: x, "fails at .*: TypeError"),
        (bent, lambda x, y: (math.inf, 0), "no finite gradient at the start"),
        ("beale", slope, "grad= is for functions"),
        (lambda x, y: x * x + abs(y) if x > 0.9 else "far", slope, r"returned str at \(0"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*central differences")
def test_what_is_no_landscape_gets_a_sentence(function, grad, sentence):
    with pytest.raises(gdviz.UsageError, match=sentence) as caught:
        gdviz.simulate(function, ["gd:lr=0.1"], start=(1.0, 2.0), steps=30, grad=grad)
    assert "\n" not in str(caught.value)


def fussy(x, y):
    """Refuses, near the minimum, in words of its own."""
    if abs(x) < 0.5:
        raise ValueError("x came too near")
    return x * x + y * y


def fussy_slope(x, y):
    if abs(x) < 0.5:
        raise KeyError("slope")
    return 2 * x, 2 * y


def partly_defined(x, y):
    """Undefined where Python's mathematics says so."""
    return 3 * math.sqrt(x) + y * y + math.log(y + 5)


@pytest.mark.parametrize(
    ("function", "grad", "sentence"),
    [
        (
            fussy,
            None,
            r"'fussy' fails at \(0\.\d+, .*\): ValueError: x came too near \(test_callables\.py, line",
        ),
        (bent, fussy_slope, r"the gradient of .* fails at .*: KeyError: 'slope' \("),
    ],
)
@pytest.mark.filterwarnings("ignore:.*central differences")
def test_an_exception_in_a_users_function_is_its_own(function, grad, sentence):
    with pytest.raises(gdviz.GdvizError, match=sentence):
        gdviz.simulate(function, ["gd:lr=0.1"], start=(1.0, 2.0), steps=30, grad=grad)


@pytest.mark.parametrize(
    ("words", "of_mathematics"),
    [
        ("math domain error", True),
        ("expected a nonnegative input, got -1.0", True),
        ("expected a positive input", True),
        ("expected a number in range from -1 up to 1, got 2.0", True),
        ("expected argument value not less than 1, got 0.5", True),
        ("expected a list of weights", False),
        ("expected a positive input, not a list", False),
        ("a math domain error, I fear", False),
    ],
)
@pytest.mark.filterwarnings("ignore:.*central differences")
def test_only_what_mathematics_says_is_undefined(words, of_mathematics):
    def worded(x, y):
        if abs(x) < 0.5:
            raise ValueError(words)
        return float(x * x + y * y)

    if of_mathematics:
        assert gdviz.simulate(worded, ["gd:lr=0.1"], start=(1.0, 2.0), steps=30).status[0, 0] == "undefined"
    else:
        with pytest.raises(gdviz.GdvizError, match=f"ValueError: {words}"):
            gdviz.simulate(worded, ["gd:lr=0.1"], start=(1.0, 2.0), steps=30)


@pytest.mark.parametrize("start", [(0.2, 1.0), (0.9, 0.4)])
@pytest.mark.filterwarnings("ignore:.*central differences")
def test_domain_errors_of_mathematics_are_undefined(start):
    run = gdviz.simulate(partly_defined, ["gd:lr=0.5"], start=start, steps=20)
    assert run.status[0, 0] == "undefined"
    stop = run.stopped_at[0, 0]
    assert np.isfinite(run.f[0, 0, :stop]).all() and np.isnan(run.f[0, 0, stop:]).all()


def faulty_program(x, g, t):
    for _ in range(1):
        if t > 4:
            raise RuntimeError("late enough")
    return x - 0.1 * g


def faulty_host(x):
    for _ in range(2):
        x = 0.5 * x
        yield x
    raise LookupError("nowhere to go")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            faulty_program,
            r"faulty_program fails at step 5: RuntimeError: late enough \(test_callables\.py, line",
        ),
        (faulty_host, r"faulty_host fails at step 3: LookupError: nowhere to go \(test_callables\.py, line \d+\)"),
    ],
)
def test_an_exception_in_a_users_rule_is_its_own(rule, sentence):
    with pytest.raises(gdviz.GdvizError, match=sentence):
        gdviz.simulate("simple_quad", [rule], start=(1.0, 2.0), steps=30)


def yields_too_many(x):
    yield np.zeros(5)


def halves(x):
    while True:
        x = 0.5 * x
        yield x


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (lambda x, g: "a", "returns 'a' as x"),
        (lambda x, g: None, "returns None as x"),
        (lambda x, g: np.ones(3), r"an array of shape \(3,\) as x"),
        (yields_too_many, r"an array of shape \(5,\) as x"),
        (lambda g: g, "must ask for x"),
        (halves(1.0), "a name with options, .* or a function, not <generator"),
        (7, "or a function, not 7"),
    ],
)
def test_what_is_no_rule_gets_a_sentence(rule, sentence):
    with pytest.raises(gdviz.UsageError, match=sentence) as caught:
        gdviz.simulate("beale", [rule], steps=3)
    assert "\n" not in str(caught.value)


def test_generators_are_rules():
    assert gdviz.simulate("beale", [halves], steps=3).x[0, 0, -1] == pytest.approx([0.125, 0.1875])


class Scalar:
    """What JAX and torch answer: no number to `numbers`, but one to float()."""

    shape = ()

    def __init__(self, value, dtype="float32"):
        self.value, self.dtype = value, np.dtype(dtype)

    def __float__(self):
        return float(self.value)


def single(x, y):
    return np.float32(x) ** 2 + 3 * np.float32(math.cosh(y))


def hidden(x, y):
    return float(np.exp(np.float32(x)) + np.float32(y) ** 2)


@pytest.mark.parametrize(
    ("function", "slope", "precision"),
    [
        (single, lambda x, y: (2 * x, 3 * math.sinh(y)), "float32"),
        (hidden, lambda x, y: (math.exp(x), 2 * y), "float32"),
        (lambda x, y: np.asarray(single(x, y)), lambda x, y: (2 * x, 3 * math.sinh(y)), "float32"),
        (lambda x, y: Scalar(single(x, y)), lambda x, y: (2 * x, 3 * math.sinh(y)), "float32"),
        (lambda x, y: np.float16(math.exp(x) + y * y), lambda x, y: (math.exp(x), 2 * y), "float16"),
        (lambda x, y: Scalar(math.exp(x) + y * y, "float64"), lambda x, y: (math.exp(x), 2 * y), "float64"),
        (lambda x, y: np.array(math.exp(x) + y * y), lambda x, y: (math.exp(x), 2 * y), "float64"),
        (lambda x, y: math.fabs(x) + 2 * y, lambda x, y: (1.0, 2.0), "float64"),
    ],
)
def test_differences_are_as_wide_as_the_answers_are_coarse(function, slope, precision):
    word = f"as it answers in {precision}" if precision != "float64" else "central differences stand in"
    with pytest.warns(UserWarning, match=word):
        derived = derive(landscape_of(function, None, (1.25, 0.75)))
    assert derived.definition.facts.precision == precision
    off = np.abs(np.subtract(derived.gradient(1.3, 0.7), slope(1.3, 0.7))).max()
    assert off < {"float64": 1e-8, "float32": 2e-3, "float16": 0.05}[precision]


def test_an_array_without_axes_is_derived_as_what_it_holds(recwarn):
    derived = derive(landscape_of(lambda p: np.array(np.sum(p**2)), None, (1.0, 2.0)))
    assert derived.gradient(1.0, 2.0) == (2.0, 4.0)
    assert not recwarn.list
    with pytest.warns(UserWarning, match="central differences"):
        derived = derive(landscape_of(lambda x, y: (x > 0) if x > 1 else x < y, None, (0.5, 2.0)))
    assert derived.value(0.5, 2.0) == 1.0


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: (x % 2 - 1) ** 2 + y**2,
        lambda x, y: x // 1 + y * y,
        lambda x, y: round(x) ** 2 + y * y + x,
        lambda x, y: divmod(x, 2)[1] * y,
    ],
)
def test_remainders_and_rounding_are_derived_by_differences(function):
    with pytest.warns(UserWarning, match="central differences stand in"):
        run = gdviz.simulate(function, ["gd:lr=0.05"], start=(1.3, 2.2), steps=5, backend="python")
    x = run.x[0, 0, 1]
    arm = 1e-6
    slope = (function(1.3 + arm, 2.2) - function(1.3 - arm, 2.2)) / 2 / arm
    assert x[0] == pytest.approx(1.3 - 0.05 * slope, abs=1e-6)
    assert np.isfinite(run.f).all()


def halving(share):
    def rule(x, g):
        return x - share * g

    return rule


def storing(tables):
    def rule(x, g):
        return x - float(tables[0]) * g

    return rule


def moving(share, x, g):
    return x - share * g


class Mover:
    def __init__(self, share):
        self.share = share

    def __call__(self, x, g):
        return x - self.share * g


@pytest.mark.parametrize(
    ("rules", "labels"),
    [
        (
            [functools.partial(moving, 0.1), functools.partial(moving, 0.2)],
            ("Moving (share = 0.1)", "Moving (share = 0.2)"),
        ),
        ([Mover(0.1), Mover(0.2)], ("Mover (share = 0.1)", "Mover (share = 0.2)")),
        ([halving(0.1), halving(0.2)], ("Rule (share = 0.1)", "Rule (share = 0.2)")),
        ([storing(np.array([0.1])), storing(np.array([0.2]))], ("Rule", "Rule 2")),
        ([halving(0.1), halving(0.1)], ("Rule", "Rule")),
    ],
)
def test_rules_of_one_factory_differ_by_what_they_hold(rules, labels):
    run = gdviz.simulate("beale", rules, steps=3, backend="python")
    assert run.labels == labels
    digests = {name: digest for name, digest in run.recipe.digests.items() if name != "landscape:beale"}
    assert len(set(digests.values())) == len(set(labels)) == len({entry.name for entry in run.recipe.optimizer})
    again = gdviz.simulate("beale", rules[1:], steps=3, backend="python")
    assert (
        again.recipe.digests[f"optimizer:{run.recipe.optimizer[0].name}"]
        == digests[f"optimizer:{run.recipe.optimizer[1].name}"]
    )
    assert (run.x[0] != run.x[1]).any() == (len(digests) == 2)


def test_landscapes_of_one_factory_have_digests_of_their_own():
    def made(k):
        return lambda p: float(np.sum(p * p)) * k

    with pytest.warns(UserWarning, match="central differences"):
        found = [landscape_of(made(k), None, (1.0, 2.0)).digest for k in (1, 2, 1)]
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_function_of_formulas_is_the_same_on_both_backends(dtype):
    """One landscape with all of them: a sum of what each answers for the coordinates, and of the constants."""
    calls = [f"{name}(x/4, a y)" if name in ("max", "min", "atan2") else f"{name}(y/5)" for name in NAMES]
    text = "x^2 + y^2 + (" + " + ".join(calls) + ")/100 + where(x > atan2(a, lambda), cbrt(x)^2, acos(a)*y)"
    starts = np.random.default_rng(5).uniform(-4, 4, (40, 2))
    runs = [
        gdviz.simulate(
            text, ["gd:lr=0.05"], start=starts, steps=9, dtype=dtype, backend=backend,
            constants={"a": 0.3, "lambda": 2.0},
        )
        for backend in ("python", "cpu")
    ]  # fmt: skip
    for ours, other in zip((runs[0].x, runs[0].f), (runs[1].x, runs[1].f), strict=True):
        assert ours.dtype == dtype
        np.testing.assert_array_equal(ours, other)
    assert (runs[0].status == runs[1].status).all()
    assert np.isfinite(runs[0].f[:, :, -1]).any()


@pytest.mark.parametrize("text", ["x^2+3*y^2", "|x| + √(y^2 + 1)", "a*x^2 + lambda y^2"])
def test_a_formula_may_stand_where_a_landscape_is_named(text, tmp_path):
    constants = {name: 2.0 for name in ("a", "lambda") if name in text}
    run = gdviz.simulate(text, ["gd:lr=0.1"], start=(1.0, 1.5), steps=5, constants=constants)
    assert run.recipe.formula == text and run.recipe.landscape is None
    assert run.f[0, 0, -1] < run.f[0, 0, 0]
    (path,) = gdviz.plot(text, tmp_path / "a.png", size="320x240", steps=5, constants=constants)
    assert path.exists()
    with pytest.raises(gdviz.UsageError, match="did you mean 'beale'"):
        gdviz.simulate("beal")
    with pytest.raises(gdviz.UsageError) as caught:
        gdviz.simulate("x+" * 6000 + "x", ["gd:lr=0.1"])
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    "rules",
    [
        [lambda x, g: x - 0.1 * g, lambda x, g: x - 0.5 * g],
        [lambda x, g: x - 0.1 * g, lambda x, g: x + 0.1 * g],
    ],
)
def test_two_lambdas_of_one_line_are_two_rules(rules):
    run = gdviz.simulate("simple_quad", rules, start=(1.0, 1.0), steps=1)
    assert run.x[0, 0, 1, 0] != run.x[1, 0, 1, 0]
    assert len(set(run.recipe.digests.values())) == 3


def nested(deep, wide=2, leaf=0.5, shared=True):
    """Lists in lists: of one list told twice, or each of lists of its own."""
    held = [leaf]
    for _ in range(deep):
        held = [held] * wide if shared else [copy.deepcopy(held) for _ in range(wide)]
    return held


def holding(values):
    """A rule that holds values."""

    def holds(x, g):
        return x - 0.1 * g * (1 if values else 0)

    return holds


@pytest.mark.parametrize("held", [nested(60), nested(5000, wide=1), {"a": nested(40, 3), "b": (nested(40),)}])
def test_what_a_rule_holds_is_told_in_the_time_it_takes_to_walk_it(held):
    run = gdviz.simulate("beale", [holding(held)], steps=2, backend="python")
    assert len(run.recipe.digests["optimizer:holds"]) == len("closure:") + 16 and len(sources.held(holding(held))) < 200


def test_what_rules_hold_tells_them_apart():
    loop: list[object] = [1.0]
    loop.append(loop)
    other: list[object] = [2.0]
    other.append(other)
    kinds = [
        *(nested(4), nested(4, leaf=0.25), nested(3), nested(4, wide=3), nested(900, wide=1, leaf=3.0)),
        *(nested(900, wide=1), loop, other, {1.0, 2.0}, {1.0, 3.0}, (1.0, 2.0), np.array([1.0, None]), len),
        *(np.array([2.0, None]), np.array([1.0, 2.0]), holding([1]), holding([2]), bowl_of(1.0), bowl_of(2.0)),
    ]
    told = [sources.held(holding(kind)) for kind in kinds]
    assert len(set(told)) == len(told)
    assert sources.held(holding(nested(4, shared=False))) == told[0]
    assert all(" at 0x" not in text for text in told)


def bowl_of(a):
    return functools.partial(bent, a)
