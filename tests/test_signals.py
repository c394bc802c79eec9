"""Responses to gradient signals: the lecture's numbers, laws over the registries, recipes, scenes, files, bad input."""

from __future__ import annotations

import hashlib
import itertools
import re
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz.api import make as feed
from gdviz.catalogue.lookup import definitions, find
from gdviz.cli.commands.signal import command
from gdviz.cli.program import run
from gdviz.compose.signal import arrangement, compose
from gdviz.errors import DefinitionError, FormulaError, GdvizWarning, RecipeError, UsageError
from gdviz.formula.typed import parse, parse_signal
from gdviz.jobs import command_of, read
from gdviz.lang import languages
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.recipe import Recipe, parse_recipe
from gdviz.registry.defining import describe
from gdviz.runs.response import POINTS, sampled
from gdviz.runs.rows import all_rows, refusal
from gdviz.words.rows import expand, word
from gdviz.words.signals import all_signals

recipe_of = partial(read, asked=Race)
responses_of = partial(read, asked=Signal)

# --- the table of the lecture, in a few lines of NumPy ------------------------------------------------------------


def between(x: np.ndarray, s: float, original: bool) -> float:
    """A sequence at a fractional index; 0 past its ends."""
    if not 0 <= s <= len(x) - 1:
        return 0.0
    low, high = int(np.floor(s)), int(np.ceil(s))
    share = s - low
    return x[low] + share * x[high] if original else (1 - share) * x[low] + share * x[high]


def table(method: str, p: float, x: np.ndarray, original: bool = False) -> np.ndarray:
    y = np.zeros_like(x)
    v = m = total = mean = 0.0
    moved = 50.0 if method == "AdadeltaBigStart" else 0.0
    for i, g in enumerate(x):
        if method == "Simple_Momentum":
            y[i] = v = p * v + 0.25 * g
        elif method == "Nesterov":
            y[i] = v = p * v + 0.25 * between(x, i + p * v, original)
        elif method == "Smoothed_Nesterov":
            y[i] = v = p * v + 0.25 * np.mean([between(x, i + p * v * k / 4, original) for k in (1, 2, 3, 4)])
        elif method == "Adagrad":
            total += g**2
            y[i] = 2.5 * g / np.sqrt(total + p)
        elif method == "RMSProp":
            mean = p * mean + (1 - p) * g**2
            y[i] = 0.25 * g / np.sqrt(mean + 1e-5)
        elif method == "Adam":
            m, mean = p * m + (1 - p) * g, 0.999 * mean + 0.001 * g**2
            y[i] = 0.25 * m / (1 - p ** (i + 1)) / np.sqrt(mean / (1 - 0.999 ** (i + 1)) + 1e-7)
        else:
            mean = p * mean + (1 - p) * g**2
            y[i] = np.sqrt(moved + 0.001) / np.sqrt(mean + 0.001) * g
            moved = p * moved + (1 - p) * y[i] ** 2
    return y


METHODS = {
    "Simple_Momentum": (0.25, 0.9, 0.975),
    "Nesterov": (0.25, 0.9, 0.975),
    "Smoothed_Nesterov": (0.25, 0.9, 0.975),
    "Adagrad": (1e-7, 0.1, 10.0),
    "RMSProp": (0.25, 0.9, 0.975),
    "AdadeltaZeroStart": (0.25, 0.9, 0.975),
    "AdadeltaBigStart": (0.25, 0.9, 0.975),
    "Adam": (0.25, 0.9, 0.975),
}


def sheet(**fields: Any) -> Recipe:
    """All methods on all signals."""
    return responses_of({}, Recipe()).updated(**fields)


@pytest.mark.parametrize("original", [False, True])
def test_every_figure_of_the_lecture_has_the_numbers_of_its_table(original: bool) -> None:
    made = feed(sheet(original=original))
    entries = made.recipe.optimizer
    assert [row for row, _ in itertools.groupby(entry.row for entry in entries)] == list(METHODS)
    assert made.y.shape == (24, 6, 300)
    for number, (method, parameter) in enumerate((m, p) for m, values in METHODS.items() for p in values):
        assert parameter in made.options[number].values()
        for signal, x in enumerate(made.signals):
            expected = table(method, parameter, x, original)
            # the original reading jumps at whole indices, so some of its curves lose their digits on the way
            moved = np.abs(table(method, parameter, x * (1 + 1e-14), original) - expected)
            sound = np.maximum.accumulate(moved) < 1e-10 * np.abs(expected).max()
            assert sound.all() or (original and sound[:40].all())
            np.testing.assert_allclose(
                made.y[number, signal, sound], expected[sound], rtol=1e-9, atol=1e-9 * np.abs(expected).max()
            )


def test_the_original_reading_matters_to_those_who_look_ahead_alone() -> None:
    ours, theirs = feed(sheet()), feed(sheet(original=True))
    for number, entry in enumerate(ours.recipe.optimizer):
        same = np.array_equal(ours.y[number], theirs.y[number])
        assert same != (entry.row in ("Nesterov", "Smoothed_Nesterov"))


@pytest.mark.parametrize(
    ("curve", "low", "high"),
    [("adagrad:eps=1e-7", -0.546, 2.5), ("adagrad:eps=0.1", -0.544, 2.384), ("adagrad:eps=10", -0.449, 0.754)],
)
def test_adagrad_on_rectangles_stays_in_the_quoted_range(curve: str, low: float, high: float) -> None:
    y = gdviz.respond(curve, "rectangles").y
    assert (y.min(), y.max()) == pytest.approx((low, high), abs=6e-4)


@pytest.mark.parametrize(("rho", "top"), [(0.25, 0.289), (0.9, 0.791), (0.975, 1.581)])
def test_rmsprop_on_rectangles_begins_with_a_leap(rho: float, top: float) -> None:
    y = gdviz.respond(f"rmsprop:rho={rho}", "rectangles").y
    assert y.max() == pytest.approx(top, abs=6e-4)
    assert y.max() == pytest.approx(0.25 / np.sqrt(1 - rho), rel=1e-3)
    assert int(y.argmax()) == 0


def test_signals_are_the_numbers_of_the_lecture() -> None:
    made = {signal.name: sampled(signal, signal.parameters, POINTS) for signal in all_signals()}
    i = np.arange(300)
    draws = np.random.RandomState(413).uniform(-0.5, 0.5, 600)
    expected = {
        "spikes": (i % 60 == 0) * 1.0,
        "rectangles": np.where(i % 40 < 20, 1.0, -1.0),
        "noisy_sin": np.sin(i / 20) + draws[:300],
        "very_noisy_sin": np.sin(i / 20) / 5 + draws[300:],
        "uneven_sawtooth": np.where(i <= 80, (i % 20) / 5, (i % 20) / 20),
        "saturation": np.where(i % 80 < 40, 1.0, 0.0),
    }
    assert list(made) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(made[name], values, rtol=0, atol=1e-15)
    assert np.abs(made["noisy_sin"]).max() == pytest.approx(1.47, abs=0.01)
    assert np.abs(made["very_noisy_sin"]).max() == pytest.approx(0.69, abs=0.01)


# --- laws ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [1, 7, 300, 1000])
def test_every_signal_is_finite_within_its_range_and_as_long_as_asked(points: int) -> None:
    for signal in all_signals():
        values = sampled(signal, signal.parameters, points)
        low, high = signal.facts.range
        assert values.shape == (points,) and np.isfinite(values).all()
        assert low <= values.min() and values.max() <= high
        if points == 300:
            assert values.max() - values.min() > 0.9 * (high - low), f"{signal.name}: the range says too much"


FED = [name for name, d in definitions("optimizer").items() if refusal(d) is None]


@pytest.mark.parametrize("name", FED)
def test_every_rule_that_asks_for_gradients_alone_responds_finitely(name: str) -> None:
    made = feed(responses_of({"methods": [name]}, Recipe()))
    assert np.isfinite(made.y).all()
    assert made.y.any(), "nothing answers"


@pytest.mark.parametrize("name", [name for name in definitions("optimizer") if name not in FED])
def test_other_rules_are_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(UsageError, match="signal"):
        gdviz.respond(name, "spikes")


def test_a_rule_refused_could_not_be_fed() -> None:
    vector = [d for d in definitions("optimizer").values() if d.rule == "vector" and not {"f", "x0"} & set(d.inputs)]
    assert {d.name for d in vector} <= set(FED)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_response_is_the_same_alone_and_among_others(dtype: str) -> None:
    made = feed(sheet(dtype=dtype))
    assert made.y.dtype == dtype
    for row in all_rows():
        (entry, *_) = expand(row.name)
        number = made.recipe.optimizer.index(entry)
        alone = feed(sheet(dtype=dtype, optimizer=[entry.flat()], signal=[{"name": "noisy_sin"}]))
        assert np.array_equal(alone.y[0, 0], made.y[number, 2])


def test_plain_momentum_does_not_look_ahead_and_steps_are_those_of_a_run() -> None:
    from rules import feed as points

    signal = sampled(find("signal", "noisy_sin"), {"noise": 1.0}, 300)
    x = points("momentum:lr=0.25,mu=0.9", signal[:, None])[:, 0]
    np.testing.assert_array_equal(gdviz.respond("momentum:lr=0.25,mu=0.9", "noisy_sin").y, -np.diff(x))


def test_looking_ahead_by_whole_points_reads_the_sequence_there() -> None:
    def skipping(x, g, v, lr=1.0):
        return x - lr * g, v

    rule = describe("optimizer", skipping, at=lambda x, v: x - 2, init={"v": 0.0}, source="made up")
    from gdviz.backends.responses import interpolated, respond

    x = np.arange(10.0)[:, None] ** 2
    steps = respond(rule, {"lr": 1.0}, x, interpolated)
    np.testing.assert_array_equal(steps[:, 0], [*x[2:, 0], 0.0, 0.0])


# --- rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FED)
def test_every_row_can_be_typed_again(name: str) -> None:
    entries = expand(name)
    for row, group in itertools.groupby(entries, key=lambda entry: entry.row):
        members = list(group)
        assert row and (text := word(members)) and expand(text) == members


@pytest.mark.parametrize(
    ("text", "count", "options"),
    [
        ("adam", 3, {"beta1": 0.975, "lr": 0.25, "eps": 1e-7, "eps_mode": "inside"}),
        ("Adam:beta2=0.9", 3, {"beta2": 0.9, "beta1": 0.975}),
        ("adam:beta1=0.5", 1, {"beta1": 0.5}),
        ("adam:beta2=0.9/0.99", 2, {"beta2": 0.99, "beta1": 0.9}),
        ("adam:preset=torch", 3, {"beta1": 0.975}),
        ("adadelta", 6, {"delta_init": 50.0}),
        ("adadelta_big_start", 3, {}),
        ("AdadeltaBigStart", 3, {"delta_init": 50.0}),
        ("adamax", 3, {"beta1": 0.975, "lr": 0.25}),
        ("gd", 3, {"lr": 2.5}),
    ],
)
def test_a_method_becomes_curves(text: str, count: int, options: dict[str, Any]) -> None:
    if text == "adadelta_big_start":  # blanks, hyphens and case do not matter in names, joined words do
        with pytest.raises(UsageError, match="no optimizer"):
            expand(text)
        return
    entries = expand(text)
    assert len(entries) == count
    assert options.items() <= entries[-1].options.items()


def test_responses_are_checked_where_they_are_defined() -> None:
    def rule(x, g, lr=0.1, mu=0.9):
        return x - lr * g

    with pytest.raises(DefinitionError, match="sets 'muu'; did you mean 'mu'"):
        describe("optimizer", rule, responses={"A": {"muu": 1.0}}, source="made up")
    with pytest.raises(DefinitionError, match="more than one hyperparameter"):
        describe("optimizer", rule, responses={"A": {"mu": (0.1, 0.2), "lr": (1.0, 2.0)}}, source="made up")
    with pytest.raises(DefinitionError, match="ask for i"):
        describe("signal", lambda period=3: 1.0, name="thing", source="made up")
    with pytest.raises(DefinitionError, match="draws="):
        describe("signal", lambda i, uniform: i + uniform, name="thing", source="made up")
    with pytest.raises(DefinitionError, match="'kind'"):
        describe("signal", lambda i, kind="a": i, name="thing", source="made up")


# --- what was typed -----------------------------------------------------------------------------------------------


def typed(line: str) -> Recipe:
    program, name, *words = shlex.split(line)
    assert (program, name) == ("gdviz", "signal")
    with command.make_context("signal", words) as ctx:
        return responses_of(ctx.params, Recipe())


@pytest.mark.parametrize(
    "line",
    [
        "gdviz signal",
        "gdviz signal adam --signal rectangles",
        "gdviz signal adam:beta2=0.9/0.99 adadelta --signal spikes:period=30 --original --steps 100",
        "gdviz signal momentum --signal 'where(i % 9 < a, 1, -1)' --set a=3 --theme dark --lang kk",
        "gdviz signal -o adam:beta1=0.25 -o rmsprop:label=slow --signal saturation --title 'GRAD_{method}_{signal}'",
        "gdviz signal adam --signal rectangles --at 40",
    ],
)
def test_the_command_of_a_recipe_makes_the_recipe(line: str) -> None:
    recipe = typed(line)
    assert typed(command_of(recipe)) == recipe
    assert parse_recipe(recipe.text(), "made.toml") == recipe
    resolved = feed(recipe).recipe
    again = feed(typed(command_of(resolved))).recipe
    assert again.text() == resolved.text()


def test_races_and_responses_are_not_mixed_up() -> None:
    with pytest.raises(UsageError, match="gdviz plot --recipe"):
        responses_of({}, Recipe(landscape="beale"))
    for key, value in (("transforms", ("gaussian",)), ("start", ("1,1",)), ("tol", 0.1), ("panels", ("lr",))):
        with pytest.raises(UsageError, match=f"one of gdviz signal, so it takes no --{key.removesuffix('s')}"):
            recipe_of({key: value}, sheet())
    assert recipe_of({"at": 7, "lang": "kk", "steps": 50}, sheet()) == sheet().updated(at=7, lang="kk", steps=50)


def test_a_point_beyond_the_last_is_refused() -> None:
    assert feed(sheet().updated(steps=50, at=49)).recipe.at == 49
    with pytest.raises(UsageError, match="--at 50 is beyond the last point, 49"):
        feed(sheet().updated(steps=50, at=50))


def test_constants_reach_the_formulas_of_a_recipe() -> None:
    base = typed("gdviz signal momentum --signal 'sin(a*i)' --set a=3")
    assert responses_of({"constants": ("a=0.5",)}, base).signal[0].constants == {"a": 0.5}
    with pytest.raises(UsageError, match="no formula uses it"):
        responses_of({"constants": ("b=0.5",)}, base)


@pytest.mark.parametrize(("formula", "same"), [("ai", "a*i"), ("sin(2ai)", "sin(2*a*i)"), ("0.5 i a", "0.5*i*a")])
def test_constants_are_found_in_products_without_a_sign(formula: str, same: str) -> None:
    short, long = (typed(f"gdviz signal momentum --signal '{text}' --set a=3") for text in (formula, same))
    assert short.signal[0].constants == {"a": 3.0}
    assert np.array_equal(feed(short).signals, feed(long).signals)
    changed = responses_of({"constants": ("a=0.5",)}, short)
    assert changed.signal[0].constants == {"a": 0.5}
    with pytest.raises(UsageError, match="--set b: no formula uses it"):
        responses_of({"constants": ("b=0.5",)}, short)


BAD = {
    "gdviz signal rectangles": "'rectangles' is a signal; type --signal rectangles",
    "gdviz signal adm": "did you mean 'adam'",
    "gdviz signal adam --signal rectangle": "did you mean 'rectangles'",
    "gdviz signal adam --signal spikes:perid=3": "did you mean 'period'",
    "gdviz signal adam --signal spikes:period": "no key=value",
    f"gdviz signal adam --signal {'i+' * 6000}i": "12001 characters; 1000 are allowed",
    "gdviz signal adam --signal spikes:period=0": "it must be 1 or more",
    "gdviz signal adam --recipe bad.toml": "there is no signal 'spices'; did you mean 'spikes'",
    "gdviz signal adam --signal spikes:period=x": "period is 'x'",
    "gdviz signal adam --signal 'sin(j/10)'": "uses 'j'",
    "gdviz signal adam --signal 'sin(3/10)'": "does not use i",
    "gdviz signal adam --signal 'sin(i/10)' --set b=3": "--set b: no formula uses it",
    "gdviz signal adam --signal '1/i'": "not finite at i = 0",
    "gdviz signal adam --signal missing.csv": "missing.csv: the file cannot be read",
    "gdviz signal adam --signal table.csv:c": "no column 'c'; it has a, b",
    "gdviz signal adam --signal table.csv:b": "table.csv, line 3: 'x' is no finite number",
    "gdviz signal adam --signal table.csv:a --steps 5": "holds 2 numbers, not 5",
    "gdviz signal newton": "asks the landscape for more than gradients",
    "gdviz signal adam:lr=auto": "lr=auto needs a landscape",
    "gdviz signal adam:beta1=0.1/0.2,beta2=0.1/0.2": "values of two hyperparameters",
    "gdviz signal adam --steps 20000": "up to 10000 points",
    "gdviz signal adam --steps 0": "--steps = 0",
    "gdviz signal adam --out a.docx": "a.docx",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_one_sentence(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("a,b\n1,2\n3,x\n", encoding="utf-8")
    Path("bad.toml").write_text('signal = [{ name = "spices" }]', encoding="utf-8")
    assert run(shlex.split(line)[1:]) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1 and BAD[line] in told.err, told.err
    assert not told.out and sorted(path.name for path in tmp_path.iterdir()) == ["bad.toml", "table.csv"]


def test_formulas_in_i_are_read_by_an_allow_list() -> None:
    definition = parse_signal("a*sin(i/10) + where(i % 4 < 2, 1, -1)", {"a": 2.0})
    i = np.arange(50.0)
    expected = 2 * np.sin(i / 10) + np.where(i % 4 < 2, 1, -1)
    np.testing.assert_allclose(sampled(definition, definition.parameters, 50), expected, rtol=1e-14)
    for text in ("i.real", "__import__('os')", "[i]", "i if i else 1", "x + i", "i == 3"):
        with pytest.raises(FormulaError):
            parse_signal(text)
    with pytest.raises(FormulaError, match="no derivative"):
        parse("x % 2")


# --- the api ------------------------------------------------------------------------------------------------------


def test_respond_takes_names_formulas_numbers_and_functions(tmp_path: Path) -> None:
    response = gdviz.respond("adam:beta1=0.25", "rectangles")
    assert response.y.shape == response.signal.shape == (300,)
    assert response.y.dtype == np.float64
    numbers = gdviz.respond("adam:beta1=0.25", response.signal)
    assert np.array_equal(numbers.y, response.y)
    table = tmp_path / "g.csv"
    table.write_text("t,g\n" + "\n".join(f"{k},{value}" for k, value in enumerate(response.signal)), encoding="utf-8")
    assert np.array_equal(gdviz.respond("adam:beta1=0.25", f"{table}:g").y, response.y)

    def half(i, high=1.0):
        return high * (i % 40 < 20) - high * (i % 40 >= 20)

    def plain(x, g, lr=0.5):
        return x - lr * g

    made = gdviz.respond(plain, half, steps=60)
    np.testing.assert_array_equal(made.y, 0.5 * half(np.arange(60)))
    with pytest.raises(RecipeError, match="Python function"):
        gdviz.plot(made.recipe, tmp_path / "a.png")
    for bad in ([], [np.nan], "", 3):
        with pytest.raises(UsageError):
            gdviz.respond("adam", bad)  # type: ignore[arg-type]


def test_a_recipe_of_numbers_needs_no_file(tmp_path: Path) -> None:
    response = gdviz.respond("momentum", [1.0, 0.0, -1.0, 0.5])
    (out,) = gdviz.plot(response.recipe, tmp_path / "a.png", size="480x320")
    again = feed(gdviz.load_recipe(out))
    assert np.array_equal(again.y[0, 0], response.y)


def test_a_recipe_of_many_numbers_holds_their_place_and_hash_unless_told_to_embed_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    numbers = np.round(np.sin(np.arange(1200.0) / 7), 6)
    table, text = tmp_path / "g.csv", "t,g\n" + "\n".join(f"{k},{value}" for k, value in enumerate(numbers))
    table.write_text(text, encoding="utf-8")
    recipe = typed(f"gdviz signal adam --signal {table}:g")
    (held,) = recipe.signal
    assert (held.file, held.points, held.values) == ("g.csv", 1200, None)
    assert held.sha256 == hashlib.sha256(text.encode()).hexdigest() and str(numbers[9]) not in recipe.text()
    again = parse_recipe(feed(recipe).recipe.text(), "again")
    np.testing.assert_array_equal(feed(again).signals[0], numbers)
    assert "--signal g.csv:g" in command_of(again)
    whole = responses_of({"embed": True}, again)
    assert whole.embed and len(whole.signal[0].values or ()) == 1200 and "--embed" in command_of(whole)
    response = gdviz.respond("adam:beta1=0.25", numbers)
    assert response.recipe.signal[0].values is None
    assert len(gdviz.respond("adam", numbers, embed=True).recipe.signal[0].values) == 1200
    assert len(gdviz.respond("adam", "g.csv:g", embed=True).recipe.signal[0].values) == 1200
    table.write_text(text + "\n1200,1", encoding="utf-8")
    with pytest.warns(GdvizWarning, match=r"g.csv has changed since this recipe was made"):
        feed(again)
    table.unlink()
    for lost, sentence in ((again, "the file cannot be read"), (response.recipe, "1200 numbers given in Python")):
        with pytest.raises(UsageError, match=sentence):
            feed(lost)
    assert len(feed(whole).t) == 1200


# --- pictures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", languages())
def test_a_single_figure_says_what_it_shows(lang: str) -> None:
    scene = compose(feed(typed(f"gdviz signal adam --signal rectangles --lang {lang}")))
    assert scene.grid == (1, 1) and not scene.heads
    assert [entry.name.split(" ")[0] for entry in scene.entries[1:]] == ["β₁"] * 3
    (panel,) = scene.panels
    assert panel.x.label and panel.y.label and panel.base == 0.0 and panel.x.step == 20
    assert scene.title.startswith("Adam: ")
    assert scene.records == 300
    lines = [track.points for track in scene.trails()[0].tracks]
    assert len(lines) == 4 and np.array_equal(lines[0][:, 0], np.arange(300))


def test_titles_can_be_the_lectures() -> None:
    named = "--title 'GRAD_{method}_{signal}'"
    one = compose(feed(typed(f"gdviz signal momentum --signal spikes {named}")))
    assert one.title == "GRAD_Simple_Momentum_spikes"
    row = compose(feed(typed(f"gdviz signal adadelta {named}")))
    assert [panel.title for panel in row.panels][:7:6] == [
        "GRAD_AdadeltaZeroStart_spikes",
        "GRAD_AdadeltaBigStart_spikes",
    ]
    given, *others = one.entries  # in grey the sequence is told from its responses by its marker
    assert len(others) == 3 and given.style.marker not in {entry.style.marker for entry in others}
    assert compose(feed(typed("gdviz signal adam --title Mine"))).title == "Mine"
    assert compose(feed(typed("gdviz signal adam --title ''"))).title == ""


def test_a_sheet_names_methods_at_rows_and_signals_above_columns() -> None:
    scene = compose(feed(sheet()))
    assert scene.grid == (8, 6) and len(scene.panels) == 48 and len(scene.heads) == 8
    assert [bool(panel.title) for panel in scene.panels] == [True] * 6 + [False] * 42
    assert [entry.name for entry in scene.listed] == ["gradient"]
    assert len({head.title for head in scene.heads}) == 8
    for head, panels in zip(scene.heads, np.array(scene.panels).reshape(8, 6), strict=True):
        for panel in panels:
            assert [track.entry for track in panel.layers[0].tracks] == [0, *head.entries]
    with pytest.raises(UsageError, match="more than a page can show"):
        feed(responses_of({"methods": FED * 3, "signals": ["spikes", "rectangles", "i", "2*i", "3*i"]}, Recipe()))


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080), (1080, 1920)])
def test_six_panels_fill_a_page(size: tuple[int, int]) -> None:
    rows, columns = arrangement(6, size)
    assert rows * columns == 6 and size[0] / columns > size[1] / rows


def test_the_command_makes_files_that_carry_their_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def told(*words: str) -> str:
        assert run(words) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    endings = ("png", "svg", "pdf", "mp4", "gif")
    small = ("--size", "480x320", "--seconds", "0.5", "--fps", "10", "--draft")
    told("signal", "adam", "--signal", "spikes", *small, *(w for e in endings for w in ("--out", f"a.{e}")))
    commands, recipes = zip(*(told("recipe", f"a.{e}").split("\n", 1) for e in endings), strict=True)
    assert len(set(recipes)) == 1
    assert {command.partition(" --out a.")[0] for command in commands} == {commands[0].partition(" --out a.")[0]}
    assert commands[0].startswith("# gdviz signal adam --signal spikes")
    told("signal", "--recipe", "a.mp4", "--out", "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert "Siarshai" in told("cite", "a.png")
    default = told("signal", "adam", "--signal", "spikes", "--size", "480x320", "--quiet")
    assert default.strip().endswith("adam_spikes.png")


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    lines = [line.split("#")[0] for line in text.splitlines() if line.startswith("gdviz signal")]
    assert len(lines) == 4
    for line in lines:
        assert run(shlex.split(re.sub(r"--size \S+", "", line) + " --size 960x640")[1:]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "adam_formula.png",
        "adam_rectangles.png",
        "signals.png",
    ]
