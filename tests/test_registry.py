"""Definitions are checked where they are born."""

from __future__ import annotations

import importlib
import math

import click
import pytest

from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.options import resolve_options
from gdviz.catalogue.plugins import load_plugin
from gdviz.cli.commands.new import command as new
from gdviz.errors import DefinitionError, UsageError
from gdviz.formula import sqrt
from gdviz.recipe.entries import Entry
from gdviz.registry.contract import shape_of, start_of
from gdviz.registry.defining import define, describe, forget, normal, origin, scalar
from gdviz.registry.kinds import KINDS


def adam(x, g, m, v, t, lr=1e-3, beta1=0.9, eps=1e-8, eps_mode="outside", correct=True):
    """Momentum over scaled gradients."""
    m = beta1 * m + g
    v = v + g * g
    if eps_mode == "inside":
        return x - lr * m / sqrt(v + eps), m, v
    return x - lr * m / (sqrt(v) + eps), m, v


def test_signature_is_the_schema():
    made = describe("optimizer", adam)
    assert made.inputs == ("x", "g", "t")
    assert made.state == ("m", "v")
    assert made.parameters == {"lr": 1e-3, "beta1": 0.9, "eps": 1e-8}
    assert made.choices == {"eps_mode": ("outside", "inside"), "correct": (True, False)}
    assert made.rule == "vector"
    assert made.summary == "Momentum over scaled gradients."


def searching(x, f, g, value, lr=1.0):
    while value(x - lr * g) > f:
        lr = 0.5 * lr
    return x - lr * g


def branching(x, g, lr=0.1):
    return x - lr * g if g > 0 else x


def hosted(x, value, lr=0.1):
    while True:
        yield x


@pytest.mark.parametrize(("rule", "kind"), [(searching, "program"), (branching, "program"), (hosted, "host")])
def test_kind_of_rule_is_told_by_signature_and_body(rule, kind):
    assert describe("optimizer", rule).rule == kind


def counting(x, g, d: scalar, s, lr=0.1, seed0=2.0):
    return x - lr * g, d + 1, s


def test_state_per_run_and_its_start():
    made = describe("optimizer", counting, init={"d": 1e-6, "s": "seed0"})
    assert made.scalars == {"d"}
    assert start_of(made, "d") == 1e-6
    assert start_of(made, "s", {"seed0": 3.0}) == 3.0
    assert describe("optimizer", counting, init={"s": "x0"}).anchored == {"s"}


def no_x(g):
    return g


def three_results(x, g, m):
    return x, m, g


def uncallable(x, g):
    return x.missing


def keywords(x, g, **more):
    return x


def list_default(x, g, lr=(1, 2)):
    return x


@pytest.mark.parametrize(
    ("kind", "function", "facts", "fault"),
    [
        ("optimizer", no_x, {}, "must ask for x"),
        ("optimizer", three_results, {}, "returns 3 values instead of 2"),
        ("optimizer", uncallable, {}, "trial call failed: AttributeError"),
        ("optimizer", keywords, {}, "hides the options"),
        ("optimizer", list_default, {}, "default of 'lr'"),
        ("optimizer", adam, {"sauce": "x"}, "no fact 'sauce='; did you mean 'source'"),
        ("optimizer", adam, {"presets": {"torch": {"beta": 1}}}, "sets 'beta'; did you mean 'beta1'"),
        ("optimizer", adam, {"init": {"q": 1}}, "'q', which is no state"),
        ("optimizer", adam, {"at": lambda x, mu: x}, "at= asks for 'mu'"),
        ("optimizer", adam, {"shown": lambda x, mu: x}, "shown= asks for 'mu'"),
        ("optimizer", hosted, {"shown": lambda x: x}, "shown= is for straight-line rules"),
        ("optimizer", adam, {"init": {"m": "nothing"}}, "which is no hyperparameter"),
        ("optimizer", counting, {"init": {"d": "x0"}}, "it is one number per run"),
        ("landscape", lambda: 1.0, {}, "no coordinate"),
        ("landscape", lambda x, y: (x, y), {}, "one number"),
        ("landscape", lambda x, y: x, {"domain": ((1, -1), (0, 1))}, "low < high"),
        ("landscape", lambda x, y: x, {"start": (1.0,)}, "start= has 1 entries for 2"),
        ("landscape", lambda x, y: x, {"minima": ((1.0, 2.0),)}, "a minimum is 2 coordinates and the value"),
        ("activation", lambda x: x, {}, "must ask for z"),
        ("activation", lambda z: (z, z), {}, "one number"),
        ("activation", lambda z, form="a": z, {}, "default of 'form' must be a number"),
        ("activation", lambda *z: z, {}, "is only for landscapes, models, losses"),
        ("loss", lambda p: p, {"tasks": ("binary",)}, "must ask for p and y"),
        ("loss", lambda p, y: p, {}, "tasks= must say what it suits"),
        ("loss", lambda p, y: p, {"tasks": ("clases",)}, "no task 'clases'; did you mean 'classes'"),
        (
            "loss",
            lambda p, y: p,
            {"tasks": ("binary",), "link": "sigmoyd"},
            "no link 'sigmoyd'; did you mean 'sigmoid'",
        ),
        ("initialiser", lambda normal, g: g, {}, "it may ask for fan_in, fan_out, layer, normal, uniform, not g"),
        ("initialiser", lambda normal: normal, {"biases": lambda std: std}, "biases= asks for 'std'"),
        ("model", lambda features: (), {"tasks": ("binary",)}, "must ask for features and outputs"),
        ("model", lambda features, outputs: (), {}, "tasks= must say what it suits"),
        ("model", lambda features, outputs: 3, {"tasks": ("binary",)}, "how many neurons its hidden layers have"),
        ("model", lambda features, outputs: (0,), {"tasks": ("binary",)}, "whole numbers above 0"),
        ("model", lambda features, outputs: (), {"tasks": ("binary",), "scale": lambda n: n}, "scale= asks for 'n'"),
        ("landscap", adam, {}, "did you mean 'landscape'"),
        ("landscape", lambda x, y: x, {"start": lambda n: (1.0,) * n}, "start= is a function, which is for families"),
        ("optimizer", adam, {"limits": {"beta": (0, 1)}}, "limits= names 'beta'; did you mean 'beta1'"),
        ("optimizer", adam, {"limits": {"lr": (1, 0)}}, "low < high"),
        (
            "optimizer",
            adam,
            {"refused": {"bad": lambda beta: beta == 1}},
            "refused= asks for 'beta', which is no option",
        ),
        ("optimizer", adam, {"limits": {"lr": (0.1, 1)}}, "lr = 0.001 is beyond its limits, 0.1 and 1"),
        ("optimizer", adam, {"presets": {"odd": {"beta1": 2}}}, "beta1 = 2 is beyond its limits, 0 and 1"),
    ],
)
def test_faults_are_named(kind, function, facts, fault):
    with pytest.raises(DefinitionError, match=fault):
        describe(kind, function, name="thing", **facts)


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_or_alias_stands_twice(kind):
    taken = [normal(n) for d in definitions(kind).values() for n in (d.name, *d.aliases)]
    assert len(taken) == len(set(taken))
    first = next(iter(definitions(kind).values()))
    with pytest.raises(DefinitionError, match="already belongs"):
        define(kind, name=first.name, **vars(first.facts))(first.function)


@pytest.mark.parametrize("kind", KINDS)
def test_every_definition_says_what_it_is(kind):
    for definition in definitions(kind).values():
        assert definition.source, f"{definition.name} has no source"
        assert definition.summary.endswith("."), f"{definition.name} has no docstring"


def test_values_beyond_the_limits_are_refused():
    bounded = 0
    for definition in (d for kind in set(KINDS) - {"landscape"} for d in definitions(kind).values()):
        for name in definition.parameters:
            low, high = definition.limits(name)
            for value in (end for end in (low, high) if math.isfinite(end)):
                bounded += 1
                definition.check_limits(name, value)
                beyond = math.nextafter(value, math.inf if value == high else -math.inf)
                with pytest.raises(UsageError, match=f"^{definition.name}: {name} is .*; it must be .*{value:g}"):
                    resolve_options(Entry(name=definition.name, options={name: beyond}), definition)
    assert bounded > 50


def test_stated_limits_win_over_the_usual_ones():
    assert describe("optimizer", adam).limits("lr") == (0, math.inf)
    freed = describe("optimizer", adam, limits={"lr": (-1, 1), "beta1": (-math.inf, math.inf)})
    assert freed.limits("lr") == (-1, 1) and freed.limits("beta1") == (-math.inf, math.inf)
    assert freed.limits("eps") == (0, math.inf)
    place = describe("landscape", lambda x, y, lr=-1.0, kappa=2.0: x, limits={"kappa": (0, math.inf)})
    assert place.limits("lr") == (-math.inf, math.inf)  # a landscape's constants mean what they like
    with pytest.raises(UsageError, match="kappa is -1; it must be 0 or more"):
        place.check_limits("kappa", -1)


def test_places_of_a_family_follow_its_dimension():
    def family(*x):
        return sum(x)

    bare = describe("landscape", family)
    assert (bare.size(), bare.size(5), bare.domain(5), bare.start(5), bare.minima(5)) == (2, 5, (), (), ())
    fixed = describe(
        "landscape", family, domain=((0, 1), (2, 3)), start=(0.5, 2.5), minima=((0, 2, 2), (0, 0, 0, 7)), name="fixed"
    )
    assert fixed.domain(3) == ((0, 1), (2, 3), (0, 1)) and fixed.start(3) == (0.5, 2.5, 0.5)
    assert fixed.minima() == ((0, 2, 2),) and fixed.minima(3) == ((0, 0, 0, 7),)
    made = describe("landscape", family, domain=lambda n: ((0, n),) * n, start=range, minima=origin, name="made")
    assert made.domain(3) == ((0, 3),) * 3 and made.start(3) == (0, 1, 2) and made.minima(3) == ((0, 0, 0, 0),)


def test_names_forgive():
    assert find("optimizer", "Heavy-Ball") is find("optimizer", "momentum")
    assert find("landscape", "basins and walls").name == "basins_and_walls"
    with pytest.raises(UsageError, match="did you mean 'rmsprop'"):
        find("optimizer", "rmsporp")


PLUGIN = '''
from gdviz.registry import define

@define("optimizer", source="here", aliases=("half",))
def halving(x, g, lr=0.5):
    """Half steps."""
    return x - lr * g
'''


def test_plugin_is_loaded_once_and_again_when_it_changes(tmp_path):
    file = tmp_path / "мой плагин.py"
    file.write_text(PLUGIN, encoding="utf-8")
    try:
        (first,) = load_plugin(file)
        assert load_plugin(file) == [first]
        assert find("optimizer", "half") is first
        file.write_text(PLUGIN.replace("0.5", "0.25"), encoding="utf-8")
        (second,) = load_plugin(file)
        assert find("optimizer", "halving").parameters["lr"] == 0.25
        assert second.digest != first.digest
    finally:
        file.write_text("", encoding="utf-8")
        with pytest.raises(DefinitionError, match="defines nothing"):
            load_plugin(file)
    with pytest.raises(UsageError):
        find("optimizer", "halving")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1", "defines nothing"),
        ("def f(:", "line 1: SyntaxError"),
        ("\n\nraise ValueError('no')", "line 3: ValueError: no"),
        ("raise SystemExit(5)", "line 1: SystemExit: 5"),
        ("from gdviz.registry import define\n@define('optimizer')\ndef adam(x, g):\n    return x", "already belongs"),
    ],
)
def test_bad_plugins_leave_nothing_behind(tmp_path, text, fault):
    file = tmp_path / "bad.py"
    file.write_text(text, encoding="utf-8")
    before = dict(definitions("optimizer"))
    with pytest.raises(DefinitionError, match=fault):
        load_plugin(file)
    assert definitions("optimizer") == before
    with pytest.raises(DefinitionError, match="cannot be read"):
        load_plugin(tmp_path / "missing.py")


def test_state_may_have_axes_of_its_own():
    def remembering(x, g, S: "memory,dim", B: "dim, 3", k: scalar, v, lr=0.1, memory=4.0):  # noqa: F821, UP037
        S[int(k) % len(S)] = g
        return x - lr * S[0], S, B, k + 1, v

    made = describe("optimizer", remembering)
    assert made.rule == "program"
    assert [shape_of(made, name, 2, made.parameters) for name in made.state] == [(4, 2), (2, 3), (), (2,)]
    assert shape_of(made, "S", 5, {"memory": 0.0}) == (1, 5)


def wide(x, g, S: "memori,dim", lr=0.1, memory=4.0):  # noqa: F821, UP037
    return x, S


def forgetful(x, g, S: "memory,dim", lr=0.1, memory=4.0):  # noqa: F821, UP037
    if S[0, 0] > 0:
        return x, S
    return x, S, g


def drawing(x, g, random, lr=0.1):
    return x + random.normal()


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (wide, "'memori' in the shape of S is neither dim, a number nor a hyperparameter; did you mean 'memory'"),
        (forgetful, "returns 3 values instead of 2"),
        (drawing, "only a rule that yields its points may ask for random"),
    ],
)
def test_faults_of_state_and_random_numbers_are_named(function, fault):
    with pytest.raises(DefinitionError, match=fault):
        describe("optimizer", function)


def listening(x, lr=0.1):
    f = yield x
    while f > 0:
        f = yield x


@pytest.mark.parametrize(("rule", "is_answered"), [(listening, True), (hosted, False)])
def test_a_host_rule_is_answered_where_it_listens(rule, is_answered):
    assert describe("optimizer", rule).is_answered is is_answered


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_laws_a_package_and_a_plugin_to_start_from(kind, tmp_path):
    for module in (f"gdviz.about.laws.{kind}", f"gdviz.catalogue.{KINDS[kind].plural}"):
        importlib.import_module(module)
    assert kind in new.get_help(click.Context(new)), "`gdviz new --help` names it"
    text = KINDS[kind].template.format(name="thing_of_mine", title="Thing of mine", file="thing_of_mine.py")
    file = tmp_path / "thing_of_mine.py"
    file.write_text(text, encoding="utf-8")
    (made,) = load_plugin(file)
    forget(made)
    assert (made.kind, made.name) == (kind, "thing_of_mine")


def test_kinds_stand_at_places_of_their_own():
    places = [kind.place for kind in KINDS.values()]
    assert places == sorted(set(places))
