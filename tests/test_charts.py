"""Curves of typed formulas: their numbers, axes, words, and what is told when they cannot be drawn."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gdviz import api
from gdviz.cli.commands.chart import command as chart_command
from gdviz.cli.program import program, run
from gdviz.compose import chart as graphs
from gdviz.draw.layout import arrange
from gdviz.draw.text import Glyphs
from gdviz.errors import FormulaError, RecipeError, UsageError
from gdviz.jobs import command_of, read
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import Recipe, validate
from gdviz.runs.curves import curves
from gdviz.scene import Trails

chart_of = partial(read, asked=Chart)
recipe_of = partial(read, asked=Race)


def chart(*formulas: str, constants: dict[str, float] | None = None, **options: Any) -> Recipe:
    curve = [{"formula": text} for text in formulas]
    return validate({"chart": {"curve": curve, **options}, "constants": constants or {}})


def test_curves_are_the_formulas_at_even_points_of_the_axis() -> None:
    made = curves(chart("a*x^2", "max(0, x)", constants={"a": 3.0}, range=(-1.0, 4.0)))
    np.testing.assert_allclose(made.x, np.linspace(-1.0, 4.0, len(made.x)))
    np.testing.assert_allclose(made.y, [3 * made.x**2, np.maximum(made.x, 0)])
    made = curves(chart("4*x^2", range=(1e2, 1e7), log="xy"))
    np.testing.assert_allclose(np.diff(np.log(made.x)), np.log(1e5) / (len(made.x) - 1))


def test_a_chart_is_a_scene_with_labelled_axes() -> None:
    recipe = chart("4*x^2", "4*20*x", range=(100.0, 1e7), log="xy", x="weights", y={"en": "bytes", "kk": "байт"})
    scene = graphs.compose(curves(recipe.updated(lang="kk", title="T")))
    (panel,) = scene.panels
    assert (panel.x.scale, panel.x.label, panel.y.scale, panel.title) == ("log", "weights", "log", "байт")
    assert [entry.name for entry in scene.entries] == ["4·x²", "4·20·x"]
    (trails,) = panel.layers
    assert isinstance(trails, Trails)
    points = np.concatenate([track.points for track in trails.tracks])
    assert panel.y.low < points[:, 1].min() and points[:, 1].max() < panel.y.high
    assert scene.counter[-1] == "x = 10⁷"
    (placed,) = arrange(scene, Glyphs(scene.font)).panels  # names stand right of the curves on an axis of decades, too
    assert placed.x.until == pytest.approx(1e7) and placed.x.fraction(np.array(1e7)) < 0.97


def test_what_is_not_finite_is_left_out_of_the_axis() -> None:
    (panel,) = graphs.compose(curves(chart("1/x", "log(x)", range=(-1.0, 1.0)))).panels
    assert np.isfinite([panel.y.low, panel.y.high]).all()


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (lambda: chart("x + y"), "write it in x alone"),
        (lambda: chart("x", constants={"a": 1.0}), "no curve uses the constant a"),
        (lambda: chart("sqrt(-1 - x^2)"), "not finite anywhere"),
        (lambda: chart("a*x"), "'a', which has no value"),
        (lambda: chart("x", range=(1.0, 1.0)), "the range must rise"),
        (lambda: chart("x", log="x"), "a logarithmic axis starts above 0"),
        (lambda: chart("-x^2", log="y"), "no curve rises above 0"),
        (lambda: chart_of({}, Recipe()), "type formulas of x"),
        (lambda: chart_of({"formulas": ("ce",)}, Recipe()), "cross_entropy sees all outputs of a network at once"),
        (lambda: chart_of({"formulas": ("huber:dleta=2",)}, Recipe()), "no option 'dleta'; did you mean 'delta'"),
        (lambda: validate({"chart": {"curve": [{}]}}), "a formula, an activation or a loss, one of them"),
        (lambda: validate({"chart": {"curve": [{"formula": "x", "slope": True}]}}), "for activations and losses"),
        (lambda: chart_of({"formulas": ("x", "2*x"), "names": ("a",)}, Recipe()), "2 curves need as many --name"),
        (lambda: chart_of({"formulas": ("x",)}, validate({"landscape": "beale"})), "not one of a chart"),
        (lambda: recipe_of({"landscape": "beale"}, chart("x")), "it takes no landscape"),
        (lambda: recipe_of({"steps": 5}, chart("x")), "it takes no --steps"),
        (lambda: chart_of({"range": "5"}, chart("x")), "--range 5: type low:high, as in -2:2"),
        (lambda: chart_of({"range": "1:2,3:4"}, chart("x")), "--range"),
        (lambda: chart_of({"range": "0:1", "log": "x"}, chart("x")), "^chart: a logarithmic axis"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(recipe: Any, said: str) -> None:
    with pytest.raises((UsageError, RecipeError, FormulaError), match=said):
        graphs.compose(curves(recipe()))


def test_a_formula_that_begins_like_an_option_can_be_typed_again(capsys: pytest.CaptureFixture[str]) -> None:
    recipe = chart_of({"formulas": ("-x^2", "x", "huber:delta=0.1'", "relu")}, Recipe()).updated(lang="kk")
    _, name, *words = shlex.split(command_of(recipe))
    with chart_command.make_context(name, words) as ctx:
        assert chart_of(ctx.params, Recipe()) == recipe
    assert run(["chart", "-x^2"]) == 2 and 'gdviz chart -- "-x^2"' in capsys.readouterr().err


def test_charts_use_the_definitions_that_they_name() -> None:
    assert api.definitions_of(chart("x")) == []
    named = chart_of({"formulas": ("tanh", "huber:delta=2", "tanh'")}, Recipe())
    assert [f"{d.kind} {d.name}" for d in api.definitions_of(named)] == ["activation tanh", "loss huber"]
    assert set(curves(named).recipe.digests) == {"activation:tanh", "loss:huber"}


def test_names_are_drawn_as_their_definitions_say() -> None:
    made = curves(
        chart_of({"formulas": ("tanh", "tanh'", "mse", "hinge", "huber':delta=2"), "range": "-4:4"}, Recipe())
    )
    slope, half = np.cosh(made.x) ** -2, np.clip(made.x, -2, 2)
    told = [np.tanh(made.x), slope, made.x**2, np.maximum(0, 1 - made.x), half]
    np.testing.assert_allclose(made.y, told, atol=1e-15)
    assert not made.breaks.any()


def test_a_slope_is_not_joined_where_it_jumps() -> None:
    made = curves(chart_of({"formulas": ("relu'", "leaky_relu:slope=0.5", "absolute'"), "range": "-1:2"}, Recipe()))
    at = [np.flatnonzero(row) for row in made.breaks]
    assert [len(row) for row in at] == [1, 0, 2], "the slope of |x| is 0 where x is"
    assert all(abs(made.x[row]).max(initial=0) < 2 * np.diff(made.x)[0] for row in at)


def test_slopes_look_like_what_they_belong_to() -> None:
    recipe = chart_of({"formulas": ("leaky_relu:slope=0.1", "leaky_relu:slope=0.1'", "relu'")}, Recipe())
    scene = graphs.compose(curves(recipe.updated(lang="ru")))
    value, slope, other = (entry.style for entry in scene.entries)
    assert value.color == slope.color != other.color and value.dash != slope.dash
    names = [entry.name for entry in scene.entries]
    assert names == ["ReLU с утечкой, α = 0,1", "ReLU с утечкой, α = 0,1: производная", "ReLU: производная"]


def test_the_command_draws_and_the_file_tells_the_command(tmp_path: Path) -> None:
    out = tmp_path / "memory.svg"
    line = ["chart", "4*x^2", "4*m*x", "--set", "m=20", "--name", "Hessian", "--name", "L-BFGS", "--range", "10:1e6"]
    line += [
        "--log",
        "xy",
        "--x",
        "weights",
        "--y",
        "bytes",
        "--title",
        "Memory",
        "--out",
        str(out),
        "--size",
        "480x270",
    ]
    result = CliRunner().invoke(program, line)
    assert result.exit_code == 0 and result.output.strip().endswith(str(out))
    told = CliRunner().invoke(program, ["recipe", str(out)]).output.splitlines()[0]
    assert told == (
        "# gdviz chart '4*x^2' '4*m*x' --name Hessian --name L-BFGS --range 10:1000000 --log xy --x weights --y bytes "
        "--set m=20 --size 480x270 --title Memory --out memory.svg"
    )
    again = CliRunner().invoke(program, ["plot", "--recipe", str(out), "--out", str(tmp_path / "again.svg")])
    assert again.exit_code == 0 and (tmp_path / "again.svg").read_bytes() == out.read_bytes()
    assert api.load_recipe(out).chart is not None
