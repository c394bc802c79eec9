"""Studies as they are typed and written: recipes of every kind, and what is refused."""

from __future__ import annotations

import math
import shlex
import tomllib
from typing import Any

import click
import jsonschema
import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.cli.wishes import wishes
from gdviz.errors import RecipeError, UsageError
from gdviz.recipe.grids import Grid
from gdviz.recipe.options.basins import Basins
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.options.train import Train
from gdviz.recipe.options.trainability import Trainability
from gdviz.recipe.recipe import model_of, parse_recipe
from gdviz.studies.table import KINDS
from gdviz.words import options as option_words
from gdviz.words import race as race_words
from gdviz.words import studies as studies_words
from gdviz.words.grids import grid_of, parse_grid

BASINS = 'study = "basins"\nlandscape = "himmelblau"\nresolution = "64x32"\noptimizer = [{ name = "gd", lr = 0.01 }]'
SWEEP = """
study = "sweep"
landscape = "rosenbrock"
grid = [{ name = "lr", scale = "log", low = 1e-4, high = 1.0, count = 16 }, { name = "batch", values = [1, 8, "full"] }]
"""
ENSEMBLE = 'study = "ensemble"\nmodel = { name = "mlp", widths = [8] }\ndata = { name = "moons" }\nruns = 500'
TRAINABILITY = 'study = "trainability"\nwidth = 8\ndomain = [[0.1, 10.0], [1.0, 100.0]]\nwindow = 5'
OF_EACH = [(BASINS, Basins), (SWEEP, Sweep), (ENSEMBLE, Ensemble), (TRAINABILITY, Trainability)]


@pytest.mark.parametrize(("text", "job"), OF_EACH, ids=lambda one: getattr(one, "__name__", ""))
def test_a_study_says_which_kind_it_is_of(text: str, job: type) -> None:
    recipe = parse_recipe(text, "study.toml")
    assert recipe.job is job and not recipe.is_open
    assert parse_recipe(recipe.text(), "again") == recipe == gdviz.Recipe(**recipe.model_dump(by_alias=True))
    assert f'study = "{job.__name__.lower()}"' in recipe.text()
    jsonschema.validate(tomllib.loads(recipe.text()), api.schema())
    assert recipe.updated(theme="dark").job is job


def test_what_settles_a_study_is_what_a_race_or_a_training_says() -> None:
    race = parse_recipe(BASINS, "a").taken(Race)
    assert race.job is Race and race.landscape == "himmelblau" and race.optimizer[0].options == {"lr": 0.01}
    lesson = parse_recipe(ENSEMBLE, "a").taken(Train)
    assert lesson.job is Train and lesson.model.widths == (8,) and lesson.runs == 500


def test_a_race_becomes_a_study_where_one_is_asked_for() -> None:
    film = 'landscape = "beale"\nfps = 20.0\nview = "contour"\nsteps = 30'
    recipe = parse_recipe(film, "race.toml", Basins)
    assert recipe.job is Basins and recipe.steps == 30 and recipe.study == "basins"
    assert parse_recipe(SWEEP, "sweep.toml", Basins).job is Sweep


def test_a_study_has_a_window_of_steps_and_no_film() -> None:
    recipe = parse_recipe(TRAINABILITY, "a").updated(domain=[[1.0, 2.0], [1.0, 2.0]])
    assert recipe.window == 5 and recipe.fps == 30 and not recipe.stops and "fps" not in recipe.text()


@pytest.mark.parametrize("scale", ["lin", "log"])
def test_a_grid_holds_both_of_its_ends(scale: str) -> None:
    made = [*Grid(name="lr", scale=scale, low=1e-4, high=0.3, count=97).numbers()]
    np.testing.assert_allclose(made, (np.geomspace if scale == "log" else np.linspace)(1e-4, 0.3, 97), rtol=1e-14)
    assert (made[0], made[-1]) == (1e-4, 0.3) and made == sorted(set(made))


def of_sweep(grid: str) -> str:
    return f'study = "sweep"\nlandscape = "beale"\ngrid = [{{ {grid} }}]'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('study = "basin"', "study = 'basin': it must be 'basins', 'ensemble', .* did you mean 'basins'"),
        ("study = 3", "study = 3: it must be 'basins', 'ensemble', 'sweep' or 'trainability'"),
        ('study = "basins"\nmodel = { name = "mlp" }', "it is of one kind and holds both study and model"),
        ('study = "trainability"\nlandscape = "beale"', "it is of one kind and holds both landscape and study"),
        (f"{BASINS}\nfps = 20", "a recipe with study = 'basins' has no key 'fps'; drop it"),
        (f"{BASINS}\ngrid = []", "a recipe with study = 'basins' has no key 'grid'; drop it"),
        (BASINS.replace("64x32", "0x5"), "resolution = '0x5': a side has at least one cell"),
        (BASINS.replace("64x32", "64,32"), "resolution = '64,32': it must be the cells across and down, as in 512x512"),
        (BASINS.replace("64x32", "1000000x1000000"), "at most 10,000,000,000 cells, and these are 1,000,000,000,000"),
        (of_sweep("name = 'lr'"), r"grid\[1\]: a grid needs low, high and count, or values"),
        (of_sweep("name = 'lr', lo = 3"), "grid has no key 'lo'; did you mean 'low'"),
        (of_sweep("name = 'lr', low = 0, high = 1, count = 0"), r"grid\[1\].count = 0: it must be greater"),
        (of_sweep("name = 'lr', low = 1, high = 1, count = 3"), "a grid rises from low to high in two values or more"),
        (of_sweep("name = 'lr', low = 0, high = 1, count = 1"), "a grid rises from low to high in two values or more"),
        (of_sweep("name = 'lr', low = 0, high = 1, count = 9, values = [1]"), "either values, or low, high and count"),
        (of_sweep("name = 'lr', values = [1, 1.0]"), "1 stands twice in its values"),
        (of_sweep("name = 'lr', scale = 'log', low = -1, high = 1, count = 9"), "begins above 0, and not at -1"),
        (SWEEP.replace('"batch"', '"lr"'), "lr is varied twice; drop one of them"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_study_is_named(text: str, said: str) -> None:
    with pytest.raises(RecipeError, match=rf"^mine\.toml: .*{said}") as caught:
        parse_recipe(text, "mine.toml")
    assert "\n" not in str(caught.value)


def test_more_cells_than_a_study_has_are_refused_whatever_makes_them() -> None:
    side = {"scale": "lin", "low": 0.0, "high": 1.0, "count": 10**6}
    with pytest.raises(RecipeError, match="at most 10,000,000,000 cells"):
        gdviz.Recipe(study="sweep", grid=[{"name": "lr", **side}, {"name": "mu", **side}])
    assert math.prod(map(len, gdviz.Recipe(study="sweep", grid=[{"name": "lr", **side}]).grid)) == 10**6


def as_typed(line: str, base: type | None = None) -> api.Recipe:
    """The recipe of a command, read as the command line reads it."""
    program, group, kind, *words = shlex.split(line)
    assert (program, group) == ("gdviz", "study")

    @click.command()
    @wishes(KINDS[kind])
    @click.pass_context
    def command(ctx: click.Context, **typed: Any) -> api.Recipe:
        return READERS[kind](ctx.params, base or model_of(KINDS[kind])())

    made = command.main(words, standalone_mode=False)
    assert isinstance(made, api.Recipe)
    return made


READERS: dict[str, Any] = {
    "basins": race_words.read,
    "sweep": studies_words.read_either,
    "ensemble": studies_words.read_either,
    "trainability": option_words.read,
}

LINES = [
    "gdviz study basins himmelblau -o gd:lr=0.01 --resolution 100x80 --domain=-5:5,-4:4 --radius 0.05 --steps 500",
    'gdviz study basins --formula "(x^2-1)^2+y^2" -o gd:lr=0.1 --chunk 8 --reliability no --theme dark --lang kk',
    "gdviz study basins styblinski_tang --dim 3 -o momentum:lr=0.01,mu=0.8 --dtype float32 --seed 3 --tol 1e-6",
    "gdviz study sweep rosenbrock -o adam:lr=0.1 --grid lr=log:0.0001:1:64 --grid beta1=lin:0:0.999:32 --starts 16",
    "gdviz study sweep mlp:8 --data moons:n=64 -o adam:lr=0.01 --grid batch=1/full --grid lr.1=log:0.01:1:5 --epochs 3",
    "gdviz study sweep beale -o gd:lr=0.01 --transform gaussian:sigma=0.5 --grid gaussian.sigma=0/0.5/1 --target 0.25",
    "gdviz study ensemble beale -o gd:lr=0.01 --transform gaussian --runs 500 --every 5 --start=1,1 --start=-1,2",
    "gdviz study ensemble linear --data moons -o gd:lr=0.1 --runs 64 --loss huber:delta=0.5 --batch 8 --steps 90",
    "gdviz study trainability --width 8 --depth 2 --vary init --batch 16 --activation relu --domain 0.1:9,1:99 -o adam",
]


@pytest.mark.parametrize("line", LINES)
def test_the_command_of_a_study_makes_it_again(line: str) -> None:
    recipe = as_typed(line)
    said = studies_words.told(recipe, True, ())
    assert as_typed(shlex.join(said)) == recipe == parse_recipe(recipe.text(), "again")
    # every word that was typed is said again, except that numbers may be written otherwise
    flags = [word for word in shlex.split(line) if word.startswith("-")]
    assert {flag.split("=")[0] for flag in flags} <= {word.split("=")[0] for word in said}


def test_a_rate_that_cells_decide_is_not_searched() -> None:
    (swept,) = as_typed("gdviz study sweep beale -o adam --grid lr=0.1/1").optimizer
    (other,) = as_typed("gdviz study sweep beale -o adam --grid beta1=0.1/0.9").optimizer
    assert swept.options == {} and other.options == {"lr": "auto"}


def test_a_landscape_of_a_recipe_gives_way_to_a_model_and_its_data() -> None:
    race = parse_recipe('landscape = "beale"\nstart = [[1.0, 1.0]]\nsteps = 9\n[constants]\na = 2.0', "a", Sweep)
    swept = as_typed("gdviz study sweep mlp:4 --data moons --grid lr=0.1/1", race)
    assert (swept.landscape, swept.start, swept.constants, swept.steps) == (None, None, {}, None)
    assert swept.model.widths == (4,) and swept.data.name == "moons"
    assert as_typed("gdviz study sweep linear", swept).model.name == "linear"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "sweep beale --grid lr",
            r"--grid lr: type what is varied and its values, as in lr=log:1e-4:1:64 or batch=1/8",
        ),
        ("sweep beale --grid lr=1:2", "'1' is neither lin nor log; type lr=log:LOW:HIGH:COUNT"),
        ("sweep beale --grid lr=lin:1:2", "type the lowest value, the highest and how many"),
        ("sweep beale --grid lr=log:a:1:9", "--grid lr: 'a' is no finite number; type it as in lr=log:1e-4:1:64"),
        ("sweep beale --grid lr=log:1:inf:9", "--grid lr: 'inf' is no finite number"),
        ("sweep beale --grid lr=log:-1:1:10", "a logarithmic grid begins above 0, and not at -1; take lin"),
        ("sweep beale --grid lr=lin:0:1:0.5", "'0.5' is no number of values; type lr=log:1e-4:1:64"),
        ("sweep beale --grid lr=lin:0:1:0", "count = 0: it must be greater than or equal to 1"),
        ("sweep beale --grid lr=lin:0:1:1000000000000", "count = 1000000000000: it must be less than or equal to"),
        ("sweep beale --grid lr=0,1/0,2", "--grid lr=0,1: put strokes between values, as in batch=1/8/full"),
        ("sweep beale --grid lr=0.1 --grid lr=0.2", "lr is varied twice"),
        ("sweep beale --grid lr=0.1 --batch 8", "--batch belongs to models; drop it, or type --data and a model"),
        (
            "sweep linear --data moons --grid lr=0.1 --start 1,1",
            "--start belongs to landscapes; drop it, or drop --dat",
        ),
        ("sweep linear --data moons --grid lr=0.1 --domain 0:1", "--domain belongs to landscapes"),
        ("sweep --data moons --grid lr=0.1", "a model is missing; type one such as linear or mlp:16,16"),
        ("sweep --grid lr=0.1", "what to descend is missing; type a landscape such as beale"),
        ("basins beale --resolution 0x5", "--resolution = '0x5': a side has at least one cell, as in 512x512"),
        ("basins beale --resolution 1000000x1000000", "--resolution = .*: a study has at most 10,000,000,000 cells"),
        ("basins beale --radius -1", "--radius = -1.0: it must be greater than 0"),
    ],
)
def test_mistakes_get_a_sentence(words: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        as_typed(f"gdviz study {words}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/4/4"])
def test_a_part_is_one_of_many(text: str) -> None:
    with pytest.raises(UsageError, match=rf"^--part {text}: type which part and of how many, as in 1/16"):
        studies_words.shared_out(text, None)


def test_a_study_is_shared_out_in_one_way() -> None:
    assert studies_words.shared_out("3/16", None) == {"part": (3, 16)}
    assert studies_words.shared_out(None, "local:2") == {"cluster": "local:2"} and not studies_words.shared_out(
        None, None
    )
    with pytest.raises(UsageError, match="--part is for jobs that each compute a part, --cluster hands out all"):
        studies_words.shared_out("1/2", "local:2")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.geomspace(1e-4, 1, 512), "lr=log:0.0001:1:512"),
        (np.linspace(0, 0.999, 512), "lr=lin:0:0.999:512"),
        (np.logspace(-3, 2, 7), "lr=log:0.001:100:7"),
        (range(1, 33), "lr=lin:1:32:32"),
        ("log:1e-4:1:9", "lr=log:0.0001:1:9"),
        ([0.1, 0.2, 0.5], "lr=0.1/0.2/0.5"),
        ([1, 8, "full"], "lr=1/8/full"),
        ([1e-3, 1e-2], "lr=0.001/0.01"),
        (np.linspace(0, 1, 9)[::-1][:3], "lr=1/0.875/0.75"),
    ],
)  # fmt: skip
def test_a_grid_of_numbers_is_told_by_its_ends_where_it_is_one(given: Any, told: str) -> None:
    made = Grid.model_validate(grid_of("lr", given))
    assert made.typed() == told and Grid.model_validate(parse_grid(told)) == made
    values = list(made.values or made.numbers())
    if not isinstance(given, str):
        assert values == pytest.approx([*given], rel=1e-12, abs=1e-12) if "full" not in values else [1, 8, "full"]


@pytest.mark.parametrize("given", [3, None, [[1, 2], [3, 4]], [1j]])
def test_what_is_no_grid_is_told(given: Any) -> None:
    with pytest.raises(UsageError, match=r"grid of lr is .*; give its values, or a text such as 'log:1e-4:1:64'"):
        grid_of("lr", given)
