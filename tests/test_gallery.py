"""Every recipe of the gallery makes a picture and a clip, in every language, and is made again by its own command."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.cli.program import program
from gdviz.draw.render import Renderer
from gdviz.gallery.reading import read as read_gallery
from gdviz.jobs import JOBS, command_of, read
from gdviz.lang import languages
from gdviz.recipe import lectures
from gdviz.recipe.options import options_of
from gdviz.recipe.page import words_of
from gdviz.recipe.recipe import Recipe
from gdviz.words.files import check_names

READERS = {job.name: partial(read, asked=options) for options, job in JOBS.items()}

ROOT = Path(__file__).parent.parent
GALLERY = read_gallery(ROOT / "gallery")
OWN = [entry for entry in GALLERY.entries if not entry.made_of]
"""Those that somebody wrote."""
FILES = [entry.file for entry in OWN]
NAMES = [file.relative_to(ROOT / "gallery").with_suffix("").as_posix() for file in FILES]
ALL = pytest.mark.parametrize("file", FILES, ids=NAMES)
LOOKS = list(zip(languages(), ("light", "dark", "print"), strict=True))
SHOWN = [
    pytest.param(file, *look, id=f"{name}-{look[0]}", marks=() if i % 3 == k else pytest.mark.exhaustive)
    for i, (file, name) in enumerate(zip(FILES, NAMES, strict=True))
    for k, look in enumerate(LOOKS)
]
"""Each recipe in one language and theme, in turn; in the other two under `exhaustive`."""
SMALL = {"size": "480x270", "seconds": 0.2, "hold": (0.0, 0.0), "fps": 20.0}
FEW = {"resolution": "12x12", "width": 4, "steps": 40, "runs": 200, "backend": "python"}
"""What makes a study of the gallery quick."""
LEARNT = {"epochs": 2, "grid": 41, "backend": "python"}
"""What makes a training quick: kernels of networks take up to fifteen seconds to be compiled."""


def quick(recipe: Recipe) -> Recipe:
    """The recipe of a small page, of a study with few cells, of a short training."""
    own = options_of(recipe.job)
    if "study" in own:
        grid = [{**one.flat(), "count": 6} for one in getattr(recipe, "grid", ())]
        wanted = {**FEW, "size": "960x540", "grid": grid}
    else:
        wanted = {**SMALL, **(LEARNT if "epochs" in own else {})}
    return recipe.updated(**{key: value for key, value in wanted.items() if key in own})


def spoken(recipe: Recipe) -> dict[str, Any]:
    """What a recipe holds, with its texts in its own language alone, as a command can say it."""

    def said(value: Any) -> Any:
        if isinstance(value, dict):
            return recipe.said(value) if set(value) == set(languages()) else {k: said(v) for k, v in value.items()}
        return [said(item) for item in value] if isinstance(value, (list, tuple)) else value

    return {key: said(value) for key, value in recipe.model_dump(by_alias=True).items()}


@ALL
def test_a_recipe_keeps_its_meaning(file: Path) -> None:
    recipe = api.load_recipe(file)
    assert recipe.schema_ == 1 and "schema_" in recipe.model_fields_set
    check_names(recipe, file.name)
    assert api.parse_recipe(recipe.text(), file.name) == recipe


@ALL
@pytest.mark.parametrize("lang", languages())
def test_its_command_makes_it_again(file: Path, lang: str) -> None:
    recipe = api.load_recipe(file).updated(lang=lang)
    command, words = program, shlex.split(command_of(recipe))[1:]
    while isinstance(command, click.Group):
        name, *words = words
        command = command.get_command(None, name)  # type: ignore[arg-type,assignment]
    context = command.make_context(name, words)
    read = READERS.get(name, READERS["race"])
    assert spoken(read(context.params, Recipe())) == spoken(recipe)


@ALL
def test_every_text_is_there_in_every_language(file: Path) -> None:
    def texts(value: Any) -> list[dict[str, str]]:
        if isinstance(value, dict) and set(value) & set(languages()):
            return [value]
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        return [text for item in inner for text in texts(item)]

    recipe = api.load_recipe(file)
    assert all(set(text) == set(languages()) for text in texts(recipe.model_dump()))
    own = [
        recipe.title,
        recipe.caption,
        *(entry.label for entry in getattr(recipe, "optimizer", ())),
    ]  # charts have none
    assert not any(isinstance(text, str) for text in own), "a text in one language alone"


@pytest.mark.parametrize(("file", "lang", "theme"), SHOWN)
def test_a_recipe_makes_pictures_and_clips(file: Path, lang: str, theme: str) -> None:
    """By the frames of its clip alone: that a still is the frame of its record is tried in test_render.py."""
    recipe = quick(api.load_recipe(file))
    made = api.make(recipe)
    scene = scene_of(api.redrawn(made, {"lang": lang, "theme": theme}))
    assert scene.title
    renderer = Renderer(scene)
    first, last = (renderer.frame(i).copy() for i in (0, scene.clock.frames - 1))
    moves = scene.records > 1 and "seconds" in options_of(recipe.job)  # of studies there are no films
    assert first.shape == last.shape and (first != last).any() == moves
    assert len(np.unique(last.reshape(-1, 3), axis=0)) > 100


def test_the_gallery_names_its_chapters_in_order() -> None:
    chapters = sorted({file.parent.name for file in lectures.recipes().values()})
    assert chapters == ["0_basics", "1_speed", "2_inertia", "3_adaptation", "4_practice", "5_data", "6_networks"]
    assert len(FILES) == len({file.stem for file in FILES}), "two files would be written under one name"


def test_every_chapter_that_has_a_title_has_entries_and_the_other_way_round() -> None:
    assert {entry.chapter for entry in GALLERY.entries if not entry.is_cell} == set(GALLERY.settings.chapters)
    for chapter in GALLERY.settings.chapters.values():
        assert set(chapter.title) == set(chapter.text) == set(languages())


def test_a_page_is_told_in_every_language_to_those_who_do_not_see_it() -> None:
    for entry in OWN:
        page = entry.page
        assert page.alt and page.tags, entry.name
        for text in filter(None, (page.title, page.caption, page.alt)):
            assert isinstance(text, dict) and set(text) == set(languages()) and all(text.values()), entry.name
        assert page.caption or entry.recipe.caption, f"{entry.name}: nothing tells what to see"


@pytest.mark.parametrize("lang", languages())
def test_titles_tell_the_entries_of_an_index_apart(lang: str) -> None:
    titles = [words_of(entry.page.title or entry.recipe.title, lang) for entry in OWN]
    assert all(titles)
    made = {words_of(entry.page.title or entry.recipe.title, lang) for entry in GALLERY.entries if entry.made_of}
    assert len(titles) == len(set(titles)) == len(set(titles) - made)


def test_only_adadelta_does_not_notice_the_units_of_its_weights() -> None:
    folder = ROOT / "gallery" / "lectures" / "3_adaptation"
    metres, centimetres = (
        api.run(api.load_recipe(folder / f"units_{name}.toml")) for name in ("metres", "centimetres")
    )
    for i, entry in enumerate(metres.recipe.optimizer):
        same = np.allclose(centimetres.x[i], 100 * metres.x[i], rtol=1e-9)
        assert same == (entry.name == "adadelta"), entry.name


def test_the_readmes_figures_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("Pictures can explain a step")[1].split("```")[1]
    lines = [line.split(" # ")[0] for line in block.splitlines() if line.startswith("gdviz")]
    assert len(lines) == 5
    for line in lines:
        result = CliRunner().invoke(program, [*shlex.split(line)[1:], "--size", "480x270"])
        assert result.exit_code == 0, f"{line}: {result.output}"
    assert {path.name for path in tmp_path.iterdir()} == {"ravine.png", "beale.png", "chart.png"}
