"""Quantities against the step, as data of scenes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.api import redrawn
from gdviz.catalogue.lookup import find
from gdviz.compose.race import compose
from gdviz.objectives.landscape import derive
from gdviz.recipe.recipe import validate
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Panel, Trails


def sides(run: Trajectories, *panels: str, **look: Any) -> list[Panel]:
    scene = compose(redrawn(run, {"panel": panels, **look}))
    return [panel for panel in scene.panels if panel.area == "side"]


def curves(panel: Panel) -> dict[int, np.ndarray]:
    (trails,) = [layer for layer in panel.layers if isinstance(layer, Trails)]
    return {track.entry: track.points for track in trails.tracks}


def test_the_effective_rate_of_adagrad_is_its_rate_over_the_root_of_its_sum() -> None:
    run = gdviz.simulate("beale", ["adagrad:lr=0.5,eps=0", "gd:lr=0.01"], steps=40, start=(-1.0, 1.2))
    derived = derive(find("landscape", "beale"))
    slopes = np.stack(derived.gradient(*run.x[0, 0].T), axis=-1)
    s = np.cumsum(slopes[:-1] ** 2, axis=0)
    along_x, along_y = sides(run, "rate")
    assert along_x.title == "effective rate along x"
    for c, panel in enumerate((along_x, along_y)):
        steps, rates = curves(panel)[0][1:].T
        np.testing.assert_array_equal(steps, np.arange(1, 41))
        np.testing.assert_allclose(rates, 0.5 / np.sqrt(s[:, c]), rtol=1e-9)
        np.testing.assert_allclose(curves(panel)[1][1:, 1], 0.01, rtol=1e-6)  # gradient descent's is its rate
    assert np.isnan(curves(along_x)[0][0, 1])  # before the first step there is none


def test_the_panel_of_a_state_shows_what_the_rule_keeps() -> None:
    run = gdviz.simulate("beale", ["adagrad:lr=0.5", "gd:lr=0.01"], steps=40)
    slopes = np.stack(derive(find("landscape", "beale")).gradient(*run.x[0, 0].T), axis=-1)
    panels = sides(run, "state:s")
    assert [panel.title for panel in panels] == ["s, x", "s, y"]
    for c, panel in enumerate(panels):
        assert list(curves(panel)) == [0]  # gradient descent keeps nothing
        np.testing.assert_allclose(curves(panel)[0][1:, 1], np.cumsum(slopes[:-1, c] ** 2), rtol=1e-9)


def test_step_lengths() -> None:
    run = gdviz.simulate("ravine", ["momentum:lr=0.07"], steps=30)
    (panel,) = sides(run, "step")
    np.testing.assert_allclose(curves(panel)[0][1:, 1], np.hypot(*np.diff(run.x[0, 0], axis=0).T))


@pytest.mark.parametrize(("name", "scale"), [("loss:linear", "linear"), ("loss:log", "log"), ("gradient:log", "log")])
def test_the_scale_is_the_one_asked_for(name: str, scale: str) -> None:
    run = gdviz.simulate("quadratic_1d", ["gd:lr=0.1"], steps=20)
    (panel,) = sides(run, name)
    assert panel.y.scale == scale and panel.title.endswith("logarithmic") == (scale == "log")


def test_a_run_that_has_stopped_makes_no_more_steps() -> None:
    run = gdviz.simulate("quadratic_1d", ["gd:lr=1.6", "gd:lr=0.2"], steps=60)
    (panel,) = sides(run, "rate")
    wild = curves(panel)[0]
    stop = run.stopped_at[0, 0]
    assert (wild[stop + 1 :] == wild[stop]).all(), "its curve ends at its own step"
    assert wild[stop, 0] == stop and np.isfinite(wild[1 : stop + 1]).all() and np.isnan(wild[0, 1])
    assert panel.y.high > 1.6


def test_the_state_of_a_run_that_has_stopped_is_not_drawn_on() -> None:
    run = gdviz.simulate("quadratic_1d", ["momentum:lr=0.2,mu=0.3"], steps=60, tol=0.1)
    stop = run.stopped_at[0, 0]
    assert run.status[0, 0] == "converged" and stop < 60
    (panel,) = sides(run, "state:v")
    drawn = curves(panel)[0]
    assert np.isfinite(drawn[1 : stop + 1]).all() and (drawn[stop + 1 :] == drawn[stop]).all()


def test_what_steps_cannot_tell_is_refused_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.simulation, "race", None)
    for changes, said in (
        ({"steps": 20_000, "panel": ("step",)}, "only one in 2 of 20000 is recorded"),
        ({"optimizer": [{"name": "newton"}], "anatomy": 2}, "newton calls the landscape back"),
    ):
        with pytest.raises(gdviz.UsageError, match=said):
            api.run(validate({"landscape": "beale", "optimizer": [{"name": "gd", "lr": 0.1}], **changes}))


def test_texts_in_several_languages() -> None:
    entry = {"name": "gd", "lr": 0.1, "label": {"en": "slow", "kk": "баяу"}}
    recipe = validate({"landscape": "beale", "optimizer": [entry], "steps": 5, "title": {"ru": "Так"}})
    for lang, label in (("en", "slow"), ("kk", "баяу"), ("ru", "slow")):
        run = gdviz.api.run(recipe.updated(lang=lang))
        scene = compose(run)
        assert (scene.entries[0].name, scene.title, run.labels) == (label, "Так", (label,))
    assert gdviz.api.parse_recipe(run.recipe.text(), "again") == run.recipe
