"""Pictures look as they did when somebody looked at them; `scripts/pictures.py` draws them anew."""

import importlib.util
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from gdviz import api
from gdviz.jobs import JOBS
from gdviz.lang import languages
from gdviz.scene.themes import THEMES

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "tests" / "pictures").glob("*.toml"))


@pytest.fixture(scope="module")
def pictures():
    """scripts/pictures.py as a module: it knows how a picture is made and what may differ."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "scripts" / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_a_picture_is_the_one_that_was_looked_at(recipe, pictures, tmp_path):
    before, now = pictures.kept(recipe), pictures.drawn(recipe)
    assert before is not None, f"there is no {recipe.stem}.png; run scripts/pictures.py and look at it"
    share = pictures.off(now, before).mean()
    if share >= pictures.FEW:
        beside = tmp_path / f"{recipe.stem}.png"
        iio.imwrite(beside, pictures.side_by_side(now, before))
        pytest.fail(f"{share:.2%} of {recipe.stem}.png changed: look at {beside}, then run scripts/pictures.py")


def test_pictures_are_of_every_theme_language_job_and_shape():
    recipes = [api.load_recipe(recipe) for recipe in RECIPES]
    assert {recipe.theme for recipe in recipes} == set(THEMES)
    assert {recipe.lang for recipe in recipes} == set(languages())
    assert {recipe.job for recipe in recipes} == set(JOBS)
    assert {file.stem for file in RECIPES[0].parent.glob("*.png")} == {recipe.stem for recipe in RECIPES}


def test_a_changed_word_is_seen_and_a_shade_is_not(pictures):
    """Half of the pixels of a word's box are its letters; a shade is what their edges vary by."""
    page = np.full((270, 480, 3), 240, np.uint8)
    word, shade = page.copy(), page.copy()
    word[100:109:2, 200:230] = 30
    shade[:, ::2] -= 20
    assert pictures.off(word, page).mean() >= pictures.FEW > pictures.off(shade, page).mean() == 0
    assert pictures.off(page[:-1], page).all()
    assert pictures.side_by_side(word, page).shape == (270, 3 * 480, 3)
