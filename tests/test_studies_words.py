"""Studies as they are typed and written: recipes of every kind, and what is refused."""

from __future__ import annotations

import math
import tomllib

import jsonschema
import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.errors import RecipeError
from gdviz.recipe.grids import Grid
from gdviz.recipe.options.basins import Basins
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.options.train import Train
from gdviz.recipe.options.trainability import Trainability
from gdviz.recipe.recipe import parse_recipe

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
    jsonschema.validate(tomllib.loads(recipe.text()), api.recipe_schema())
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
        (of_sweep("name = 'lr', low = 1, high = 1, count = 3"), "a grid goes from one number to another one"),
        (of_sweep("name = 'lr', low = 0, high = 1, count = 1"), "a grid goes from one number to another one"),
        (of_sweep("name = 'lr', low = 0, high = 1, count = 9, values = [1]"), "either values, or low, high and count"),
        (of_sweep("name = 'lr', values = [1, 1.0]"), "1 stands twice in its values"),
        (of_sweep("name = 'lr', scale = 'log', low = -1, high = 1, count = 9"), "above 0 to another, not from -1"),
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
