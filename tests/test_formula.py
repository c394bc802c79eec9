"""The functions of formulas, derivation and the allow-list of typed formulas."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy
from grammar import drawn, faults
from rules import marked

from gdviz import api, formula
from gdviz.backends import LOST
from gdviz.cache import kept, sealed
from gdviz.catalogue.lookup import definitions
from gdviz.emit.objective import straight
from gdviz.errors import DefinitionError, FormulaError, GdvizWarning
from gdviz.formula import symbols
from gdviz.formula.typed import constants_in, parse
from gdviz.objectives.landscape import derive
from gdviz.recipe.recipe import validate
from gdviz.registry.defining import describe
from gdviz.words.entries import parse_optimizers

POINTS = np.array([-2.5, -1.0, -0.3, 0.0, 0.2, 1.0, 2.5])
ONE = [name for name in formula.FUNCTIONS if name not in ("where", "min", "max", "atan2")]


@pytest.mark.parametrize("name", ONE)
def test_floats_arrays_and_symbols_agree(name):
    function = formula.FUNCTIONS[name]
    x = sympy.Symbol("x", real=True)
    with np.errstate(all="ignore"):
        array = function(POINTS)
    for point, expected in zip(POINTS, array, strict=True):
        assert function(float(point)) == pytest.approx(expected, rel=1e-15, nan_ok=True)
        if np.isfinite(expected):
            assert float(function(x).subs(x, sympy.Float(point, 30))) == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "point", "slope"),
    [
        ("abs(x)", 0.0, 0.0),
        ("abs(x)", -2.0, -1.0),
        ("sign(x)*x**2", 3.0, 6.0),
        ("floor(x)*x", 2.5, 2.0),
        ("max(x, 2*x)", 1.0, 2.0),
        ("max(x, 2*x)", -1.0, 1.0),
        ("min(x, 2)*x", 3.0, 2.0),
        ("max(x, 0)", 0.0, 1.0),
        ("where(x > 1, x**3, 5*x)", 2.0, 12.0),
        ("where(x > 1, x**3, 5*x)", 1.0, 5.0),
        ("where(where(x > 1, x, 2) > 1.5, x**2, x)", 3.0, 6.0),
        ("where(where(x > 1, x, 0) > 1.5, x**2, x)", 0.5, 1.0),
        ("max(7^x, x^1.5 - 3/x)^1.5*x - sin(x*x)", 2.0, 49**1.5 * (1 + 3 * np.log(7)) - 4 * np.cos(4.0)),
        ("x**7", 2.0, 448.0),
        ("x^-2", 2.0, -0.25),
        ("2**x", 3.0, 8 * np.log(2)),
        ("x²·π", 1.0, 2 * np.pi),
    ],
)
def test_derivatives_are_almost_everywhere_ones(text, point, slope):
    derived = derive(parse(text))
    assert derived.gradient(point)[0] == pytest.approx(slope, rel=1e-15)
    assert derived.gradient(np.array([point]))[0] == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("__import__('os').system('x')", "not allowed"),
        ("__import__('os')", "no function '__import__'"),
        ("x.real", "'x.real', which is not allowed"),
        ("x[0]", "not allowed"),
        ("(lambda: x)()", "not allowed"),
        ("[x for x in y]", "not allowed"),
        ("x if y else 1", "not allowed"),
        ("x and y", "not allowed"),
        ("x // 2", "not allowed"),
        ("'x'", "only numbers and names"),
        ("9**9**9 + x", "exponents up to 100"),
        ("((x**99)**99)**99", "exponents up to 100"),
        ("x*1e400", "too large for floating point"),
        ("x**2*10**99**9", "exponents up to 100"),
        ("x" * 10_000, "10000 characters; 1000 are allowed"),
        ("(" * 400 + "x" + ")" * 400, "nests 400 brackets"),
        ("-" * 600 + "x", "parts|deeply"),
        ("4 .5x", r"put \* between '4' and '\.5'"),
        ("4(x) 3", r"put \* between '\)' and '3'"),
        ("x^2+", r"it ends after '\+'; type what comes next"),
        ("3*y^", r"it ends after '\^'"),
        ("x!", "'!' is no sign of formulas"),
        ("2 x & 3!", "'&' is no sign of formulas"),
        ("x # 2", "'#' is no sign of formulas"),
        ("sin(x", "a bracket is opened, but not closed"),
        ("x + y)", "a bracket is closed, but not opened"),
        ("(x^2+)*3", r"something is missing before '\)\*3'"),
        ("*x", r"something is missing before '\*x'"),
        ("4()", r"'4\(\)', brackets with nothing in them"),
        ("(x + 1)()", r"brackets with nothing in them"),
        ("1/2x", r"two ways behind '1/2'; write 1/\(2\*x\)"),
        ("x/xy", "two ways"),
        ("1/3(x + 1)", "two ways"),
        ("sin x", "sin is a function; give it brackets"),
        ("sin + x", "sin is a function"),
        ("|x + 1", r"a bar \| is not closed"),
        ("(|x)|", r"a bar \| is not closed"),
        ("x^2 + y^2 = 1", "holds =; write alone"),
        ("y = x^2 + y", "holds an equation"),
        ("f(u, v) = u^2", "one of 'u'; write it in x and y"),
        ("log(0)*x", r"holds log\(0\), which is minus infinity"),
        ("log2(1 - 1) + x", "which is minus infinity"),
        ("exp(800)*x + y^2", r"holds exp\(800\), a number that is too large"),
        ("x + 2*sinh(1000)", r"holds sinh\(1000\), a number that is too large"),
        ("sqrt(-1)*x + y^2", r"holds sqrt\(-1\), which is no real number"),
        ("asin(2) + x", r"holds asin\(2\), which is no real number"),
        ("y/(3 - 3)", "divides by zero, as 3 - 3 is 0"),
        ("0,5*x", "write decimals with a point"),
        ("sinn(x)", "did you mean 'sin'"),
        ("sin(x, y)", "takes 1 argument, not 2"),
        ("sin(*x)", "takes 1 argument"),
        ("max(x, key=y)", "not allowed|no function"),
        ("where(x, 1, 2)", "where takes one comparison"),
        ("x > 2", "only first in where"),
        ("a*x", "give it one with --set a=1"),
        ("7", "neither x nor y"),
        ("х^2 + y", "Cyrillic letter х; type the Latin x"),
        ("", "empty"),
        ("x / 0", "divides by zero"),
        ("(-8)**0.5*x", "which is no real number"),
        ("x +", "cannot be read"),
        ("x\x00", "cannot be read"),
    ],
)
def test_what_is_not_on_the_list_gets_a_sentence(text, sentence):
    with pytest.raises(FormulaError, match=sentence) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2x", "2*x"),
        ("x(1+x)", "x*(1 + x)"),
        ("(x+1)(y-1)", "(x + 1)*(y - 1)"),
        ("3 sin(2x) y", "3*sin(2*x)*y"),
        ("x^2y + xy^2", "x**2*y + x*y**2"),
        ("2πx + e^-x", "2*pi*x + e**-x"),
        ("|x|+y^2", "abs(x) + y**2"),
        ("2|x||y-1|", "2*abs(x)*abs(y - 1)"),
        ("||x|-1| + |x|²", "abs(abs(x) - 1) + abs(x)**2"),
        ("√y + √(x+1)", "sqrt(y) + sqrt(x + 1)"),
        ("2√|x|·√√y", "2*sqrt(abs(x))*sqrt(sqrt(y))"),
        ("∛x + ⌊y⌋", "cbrt(x) + floor(y)"),
        ("sin²(x) + cos^2(y)", "sin(x)**2 + cos(y)**2"),
        ("x⁻¹ + x¹⁰", "x**-1 + x**10"),
        ("ln(x) + lg(y)", "log(x) + log10(y)"),
        ("tg(x) − arctg(y) + sh(x)", "tan(x) - atan(y) + sinh(x)"),
        ("f(x,y)=x^2+y^2", "x**2 + y**2"),
        ("f(x) := 3·x", "3*x"),
        ("z = x^2 + y^2", "x**2 + y**2"),
        ("y = x^2", "x**2"),
    ],
)
def test_formulas_are_read_as_people_write_them(typed, meant):
    assert parse(typed).digest == parse(meant).digest


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x^(1/3)", "x^{1/3}"),
        ("(x + y)^(-2/5)", r"\frac{1}{\left(x + y\right)^{2/5}}"),
        ("2/3*x", r"\frac{2 x}{3}"),
        ("cbrt(x)", r"\sqrt[3]{x}"),
        ("exp(x^1.5)^(1/3)", r"\left(e^{x^{1.5}}\right)^{1/3}"),
        ("sin(x)^(2/3)", r"\sin^{2/3}{\left(x \right)}"),
        ("log10(x)", r"\log_{10}\left(x\right)"),
        ("where(x > 1/3, x, y)", r"x\ \mathrm{if}\ x > \frac{1}{3},\ \mathrm{else}\ y"),
    ],
)
def test_heads_show_what_was_typed(text, latex):
    assert derive(parse(text)).latex == latex


def test_constants_are_found_in_products_without_a_sign():
    assert constants_in("ax^2 + λ y", {"a": 1.0, "b": 2.0, "λ": 3.0}) == {"a": 1.0, "λ": 3.0}
    assert constants_in("abs(x)", {"a": 1.0, "b": 2.0, "s": 3.0}) == {}


@pytest.mark.parametrize("name", ["lambda", "class", "λ"])
def test_a_constant_may_be_called_as_python_calls_something_else(name):
    definition = parse(f"{name}*x^2 + y", {name: 3.0})
    assert derive(definition).gradient(2.0, 1.0) == (12.0, 1.0)
    assert derive(definition).gradient(2.0, 1.0, **{name: 5.0}) == (20.0, 1.0)
    assert straight(derive(definition), "value").constants
    if name == "lambda":
        with pytest.raises(FormulaError, match="--set lambda=1"):
            parse("lambda*x")


@pytest.mark.parametrize(
    ("text", "points", "slopes", "bends"),
    [
        ("sqrt(x^2)", (-2.0, 0.0, 3.0), (-1.0, 0.0, 1.0), 0.0),
        ("((x-1)^2)^0.5", (-2.0, 1.0, 3.0), (-1.0, 0.0, 1.0), 0.0),
        ("(x^4)^0.25", (-2.0, 0.0, 3.0), (-1.0, 0.0, 1.0), 0.0),
        ("sqrt(log(x)^2)", (0.5, 1.0, 2.0), (-2.0, 0.0, 0.5), None),
        ("abs(log(x))", (0.5, 1.0, 2.0), (-2.0, 0.0, 0.5), None),
        ("sign(x^3)*x", (-2.0, 0.0, 3.0), (-1.0, 0.0, 1.0), 0.0),
        ("((x - 1)^6)^(1/2)", (-1.0, 1.0, 3.0), (-12.0, 0.0, 12.0), None),
    ],
)
def test_roots_of_even_powers_are_kinks_without_delta_functions(text, points, slopes, bends):
    derived = derive(parse(text))
    assert derived.gradient(np.array(points))[0] == pytest.approx(slopes)
    if bends is not None:
        assert np.broadcast_to(derived.hessian(np.array(points))[0][0], 3).tolist() == [bends] * 3
    assert derived.kinks


@pytest.mark.parametrize("text", ["1e308*x^2 + y^2", "y - 9e307*x^3", "9e99*10^99*10^99*10^12*x"])
def test_a_gradient_beyond_floating_point_is_told(text):
    with pytest.raises(FormulaError, match="too large for floating point"):
        derive(parse(text))


def test_what_sympy_does_not_end_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("GDVIZ_CACHE_DIR", str(tmp_path))
    for name in ("where", "sin"):
        monkeypatch.setattr(symbols, name, lambda *given: endless(given))
    for text in ("where(x > 1, x, y) + 0.123", "sin(x) + 0.456*y"):
        with pytest.raises(DefinitionError, match="nested too deeply"):
            derive(parse(text))


def endless(given):
    return endless(given)


@pytest.mark.parametrize("text", ["log(x - x)", "x/(y - y)", "y + sqrt(-x^2)"])
def test_a_formula_without_any_value_is_told(text):
    with pytest.raises(FormulaError, match="no finite value anywhere"):
        derive(parse(text))


@pytest.mark.parametrize(("text", "constants"), [(drawn(6813), {"a": 0.7}), ("x + abs(7^x/(y - y))", {})])
def test_a_formula_with_a_part_that_has_no_real_value_is_told(text, constants):
    with pytest.raises(FormulaError) as caught:
        derive(parse(text, constants))
    told = "the formula cannot be derived, because a part of it has no real value that can be worked out"
    assert str(caught.value) == told


def test_a_pole_where_definitions_are_tried_is_no_fault():
    assert derive(parse("1/(x - 0.5)")).value(1.0) == 2.0
    assert derive(parse("log(x - 0.5) + y")).value(1.5, 0.0) == 0.0


@pytest.mark.parametrize("y", POINTS.tolist())
def test_angles_of_floats_arrays_and_symbols_agree(y):
    x, s = sympy.symbols("x s", real=True)
    found = formula.atan2(y, POINTS)
    for point, angle in zip(POINTS.tolist(), found.tolist(), strict=True):
        assert formula.atan2(y, point) == pytest.approx(angle, rel=1e-15)
        if (point, y) != (0, 0):
            assert float(formula.atan2(s, x).subs({s: y, x: point})) == pytest.approx(angle, rel=1e-14)


@pytest.mark.parametrize("first", marked(range(0, 300, 50), (0,)))
def test_random_formulas_work_or_are_refused_in_a_sentence(first, tmp_path, monkeypatch):
    """`scripts/formulas.py` takes ten thousand."""
    monkeypatch.setenv("GDVIZ_CACHE_DIR", str(tmp_path))
    for number in range(first, first + 50):
        text = drawn(number, (1,))
        assert not list(faults(text, heading=number % 10 == 0)), text


def test_random_formulas_are_told_apart_from_broken_ones(monkeypatch):
    assert any("where" in drawn(number) for number in range(50))
    monkeypatch.setattr(symbols.cbrt, "fdiff", lambda self, argindex=1: sympy.Integer(1))
    assert any("differences say" in fault for fault in faults("cbrt(x + y)"))


def test_random_formulas_are_not_accused_of_steps_kinks_and_overflow(monkeypatch):
    """The slope of a step is 0, at a kink that of one side, and overflow in float64 alone says nothing of it."""
    steps, kinks = ("floor(1e8*x) + y", "x*sign(y)*floor(1e9*y)"), ("min(x/2.5, x*y)", "3*max(2*x*y, 0.56)")
    for text in (*steps, *kinks, "|atan2(exp(1e3/x), y)+x*y|^(1/3)"):
        assert not list(faults(text, heading=False)), text
    monkeypatch.setattr(symbols.floor, "fdiff", lambda self, argindex=1: sympy.Integer(1))
    assert any("differences say" in fault for fault in faults("floor(x*y)", heading=False))


def test_constants_of_typed_formulas():
    definition = parse("a*x^2 + b*y^2", {"a": 1.0, "b": 25.0})
    derived = derive(definition)
    assert derived.gradient(1.0, 1.0) == (2.0, 50.0)
    assert derived.latex == "x^{2} + 25 y^{2}"
    for constants, sentence in (
        ({"q": 1.0}, "does not use 'q'"),
        ({"sin": 1.0}, "cannot be called"),
        ({"a": np.inf}, "finite"),
    ):
        with pytest.raises(FormulaError, match=sentence):
            parse("x + a*0" if "a" in constants else "x", constants)


def test_typed_texts_make_different_definitions():
    assert parse("x**2 + y").digest != parse("x**2 - y").digest
    assert parse("x^2+y").digest == parse("x**2 + y").digest


@pytest.mark.parametrize("name", definitions("landscape"))
def test_derived_value_is_the_definition(name):
    definition = definitions("landscape")[name]
    derived = derive(definition)
    rng = np.random.default_rng(1)
    domain = definition.domain()
    x = [rng.uniform(low, high, 50) for low, high in domain]
    assert np.allclose(derived.value(*x), definition.function(*x), rtol=1e-12, atol=1e-12)
    assert np.allclose(derived.value_and_gradient(*x)[0], definition.function(*x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("cos(2*pi*x)", "cosq(4.0*x)"),
        ("sin(6.283185307179586*x + pi/2)", "sinq(4.0*x + 1.0)"),
        ("sin(pi*y**2/2)", "sinq((y*y))"),
        ("sin(pi*(x - 0.5))", "sinq(2.0*x - 1.0)"),
        ("cos(3*x)", "cos(3.0*x)"),
        ("cos(2*pi*x + y)", "cos("),
        ("sin(2.2*pi*x)", "sin("),
    ],
)
def test_multiples_of_pi_are_quarter_turns(text, call):
    derived = derive(parse(text))
    assert call in derived.text
    assert ("q(" in derived.text) == ("q(" in call)
    points = np.linspace(-3, 3, 61)
    namespace = {name: getattr(np, name) for name in ("sin", "cos", "pi")}
    given = {name: 0.7 * points if name == "y" else points for name in derived.variables}
    np.testing.assert_allclose(derived.value(*given.values()), eval(text, {**namespace, **given}), atol=1e-14)


def test_slopes_vanish_exactly_where_a_wave_has_its_crest():
    whole = np.arange(-50.0, 50.0)
    (slope,) = derive(parse("cos(2*pi*x)")).gradient(whole)
    np.testing.assert_array_equal(slope, 0)


@pytest.mark.parametrize("x", [0.0, 0.3, 1.0, -1.7, 2.0, 3.0, 1e6 + 0.5])
def test_quarter_turns_of_plain_numbers_are_those_of_arrays(x):
    for function in (formula.sinq, formula.cosq):
        np.testing.assert_allclose(function(x), function(np.float64(x)), rtol=1e-15, atol=1e-16)
        if x == int(x):
            assert function(x) in (-1, 0, 1)


def test_cache_is_used_survives_damage_and_notices_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("GDVIZ_CACHE_DIR", str(tmp_path / "кэш мой"))
    derive(parse("x**2 + 3*y"))
    (file,) = (tmp_path / "кэш мой" / "formulas").iterdir()
    fields = json.loads(kept(file))
    fields["latex"] = "from the cache"
    file.write_bytes(sealed(json.dumps(fields).encode()))
    assert derive(parse("x**2 + 3*y")).latex == "from the cache"
    file.write_text("{", encoding="utf-8")
    with pytest.warns(GdvizWarning, match="damaged"):
        assert derive(parse("x**2 + 3*y")).latex == "x^{2} + 3 y"
    derive(parse("x**2 + 4*y"))
    assert len(list(file.parent.iterdir())) == 2


def test_functions_that_cannot_be_derived_get_a_sentence():
    def with_numpy(x, y):
        return np.sin(x) + y

    with pytest.raises(DefinitionError, match="functions of gdviz\\.formula"):
        derive(describe("landscape", with_numpy))


def test_families_take_any_dimension():
    def sphere(*x):
        return sum(c * c for c in x)

    derived = derive(describe("landscape", sphere), 5)
    assert derived.variables == ("x1", "x2", "x3", "x4", "x5")
    assert derived.gradient(1.0, 2.0, 3.0, 4.0, 5.0) == (2.0, 4.0, 6.0, 8.0, 10.0)
    assert derived.hessian(*range(5))[2] == (0.0, 0.0, 2.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "tip", "slope"),
    [
        ("sqrt(x^2+y^2)", (0.0, 0.0), (0.0, 0.0)),
        ("sqrt((x-1)^2+y^2)/2+x", (1.0, 0.0), (1.0, 0.0)),
        ("x*sqrt(x^2+y^2)+y", (0.0, 0.0), (0.0, 1.0)),
        ("sqrt(abs(x))+y^2", (0.0, 1.0), (0.0, 2.0)),
        ("(x^2+y^2)^(3/4)", (0.0, 0.0), (0.0, 0.0)),
        ("sqrt(x)+y^2", (0.0, 0.0), (np.inf, 0.0)),
        ("1/x+y^2", (0.0, 0.0), (-np.inf, 0.0)),
        ("sqrt(x)+y^2", (-1.0, 0.0), (np.nan, 0.0)),
    ],
)
def test_the_tip_of_a_cone_has_no_slope_and_a_real_one_is_kept(text, tip, slope):
    """0 / 0 where the value is finite is 0, as that of abs is at 0; a wall, a pole and a hole stay what they are."""
    derived = derive(parse(text, {}))
    with np.errstate(all="ignore"):
        found = [float(g) for g in derived.gradient(*tip)]
    assert np.array_equal(found, slope, equal_nan=True)


@pytest.mark.parametrize(
    "text", ["|atan2(exp(1000*x), y)+x*y|^(1/3)", "1/(atan2(exp(1000*x), y)+x*y)", "sqrt(x+atan(exp(900*x)*y))"]
)
def test_slopes_that_pass_through_infinity_are_not_taken_for_the_tip_of_a_cone(text):
    """∞ / ∞ is no 0 / 0: at (2, 0.5) the value is finite, and its slope is not 0."""
    derived = derive(parse(text, {}))
    with np.errstate(all="ignore"):
        far, near = (np.array(derived.gradient(*place), float) for place in ((2.0, 0.5), (0.1, 0.5)))
    assert np.isfinite(derived.value(2.0, 0.5)) and np.isfinite(near).all()
    assert not (far == 0).any(), "not a number, or the limit"


@pytest.mark.parametrize(("text", "small"), [("x^4/(x^2+y^2)", 1e-90), ("x^3/sqrt(x^2+y^2)", 1e-110)])
def test_the_tip_of_a_cone_is_flat_as_far_as_floats_cannot_tell(text, small):
    """Powers of what a term divides by are infinite before it is 0 itself: 0 · ∞ is 0 there too."""
    slopes = np.array(derive(parse(text, {})).gradient(small, small), float)
    assert (np.abs(slopes) < 1e-80).all()


@pytest.mark.parametrize("backend", ["python", "cpu"])
@pytest.mark.parametrize(("text", "tip"), [("sqrt(x^2+y^2)", (0.0, 0.0)), ("sqrt((x-1)^2+(y+2)^2)^1.5", (1.0, -2.0))])
def test_runs_at_the_tip_of_a_cone_are_at_rest(backend, text, tip):
    optimizers = ["gd:lr=0.1", "adam:lr=0.1,eps=0", "newton"] if backend == "cpu" else [
        *("gd:lr=0.1", "adam:lr=0.1", "newton", "saddle_free_newton", "trust_region", "adahessian", "bfgs"),
        *("nesterov_implicit:lr=0.1", "conjugate_gradient"),
    ]  # fmt: skip
    entries = [entry.flat() for one in optimizers for entry in parse_optimizers(one)]
    fields = {"formula": text, "optimizer": entries, "start": [tip], "steps": 5, "backend": backend}
    run = api.run(validate(fields))
    assert (run.x[:, 0] == np.array(tip)).all() and np.isfinite(run.f).all()
    assert not np.isin(run.status, LOST).any()
