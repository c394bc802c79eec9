"""Decks of the lectures: every figure is there, in three languages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tomli_w

from gdviz.errors import RecipeError, UsageError
from gdviz.gallery import sources
from gdviz.lang import languages
from gdviz.recipe import lectures
from gdviz.recipe.deck import find_deck, read_deck

FIGURES = (
    # Basics: the idea, the effect of the rate, three sizes of a batch.
    *("parabola", "bowl", "bowl_steep", "learning_rates", "ascent_and_descent", "batches"),
    # Responses to signals, six signals a sheet of one method, and all of them.
    *("signals_simple_momentum", "signals_nesterov", "signals_smoothed_nesterov", "signals_adagrad"),
    *("signals_rmsprop", "signals_adadeltazerostart", "signals_adadeltabigstart", "signals_adam", "signals_adamax"),
    "signals_sheet",
    # Experiments 1 to 4 and the suite of three frictions.
    *("surface_wobbly", "surface_basins_and_walls", "surface_hills_and_canyon"),
    *("surface_giant_plateau", "surface_two_minimums"),
    *("friction_wobbly", "friction_basins_and_walls", "friction_hills_and_canyon"),
    *("friction_giant_plateau", "friction_two_minimums"),
    # Experiment 5.
    "methods_and_rates",
    # Further figures.
    *("momentum_and_nesterov", "schedule_shapes", "momentum_ramp", "schedules", "hessian_memory", "second_order"),
    *("effective_rates", "units_metres", "units_centimetres", "adam_correction", "clipping"),
    *("sigmoid", "tanh", "relu", "leaky_relu", "losses", "seven_more", "risk", "neuron", "softmax"),
    *("ravine", "newton_at_a_saddle", "deep_and_shallow"),
)
"""What the five lectures show, by the names of the recipes that make it."""


def test_every_figure_of_the_lectures_is_in_the_gallery() -> None:
    assert len(set(FIGURES)) == len(FIGURES)
    assert not set(FIGURES) - lectures.recipes().keys()


@pytest.mark.parametrize("name", lectures.decks())
def test_decks_show_figures_that_there_are(name: str) -> None:
    deck = read_deck(lectures.decks()[name])
    slides = [slide for part in deck.part for slide in part.slides]
    assert not set(slides) - lectures.recipes().keys()
    assert all(slides.count(slide) == 1 for slide in slides)
    for text in (deck.title, *(part.title for part in deck.part)):
        assert isinstance(text, dict) and set(text) == set(languages())


def test_lectures_are_found_by_their_names_and_their_titles() -> None:
    assert list(lectures.decks()) == [f"lecture_{k}" for k in range(1, 6)]
    aliases = [alias for file in lectures.decks().values() for alias in read_deck(file).aliases]
    assert len(set(aliases)) == len(aliases)
    assert find_deck("lecture_6") == find_deck("lecture_2") and find_deck("lecture_7") is None


def test_most_figures_of_the_lectures_stand_in_a_deck() -> None:
    shown = {slide for file in lectures.decks().values() for part in read_deck(file).part for slide in part.slides}
    assert set(FIGURES) - shown == {"signals_sheet"}, "which is all the others on one page"


def test_a_deck_without_parts_is_refused(tmp_path: pytest.TempPathFactory) -> None:
    file = tmp_path / "deck.toml"  # type: ignore[operator]
    file.write_text('title = "a"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=r"deck\.toml: part: it is missing"):
        read_deck(file)


PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files")


@pytest.mark.parametrize(
    ("slides", "said"),
    [
        (["deck.toml"], "is one of its own slides"),
        (["other.toml"], "is one of its own slides"),
        (["bowl.toml"] * 1001, "more than 1,000 slides"),
        (["/etc/passwd"], "was not made by gdviz"),
        (["../../x.toml"], "there is no file or figure"),
        (["long.toml"], "is no recipe"),
        (["a\0b"], r"it holds U\+0000"),
        pytest.param(["pipe.png"], "is no ordinary file", marks=PIPES),
        pytest.param(["pipe.toml"], "is no ordinary file", marks=PIPES),
    ],
)
def test_slides_of_hostile_decks_are_refused(tmp_path: Path, slides: list[str], said: str) -> None:
    """Before anything is drawn."""
    for name, named in (("deck", slides), ("other", ["deck.toml"])):
        text = {"title": "a", "part": [{"title": "b", "slides": named}]}
        (tmp_path / f"{name}.toml").write_text(tomli_w.dumps(text), encoding="utf-8")
    (tmp_path / "bowl.toml").write_text('landscape = "beale"\n', encoding="utf-8")
    (tmp_path / "long.toml").write_text("x" * 11_000_000, encoding="utf-8")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match=said):
        sources.read([tmp_path / "deck.toml"])
