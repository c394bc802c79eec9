"""Notes at steps and marks at places: typed, composed, laid out, and read in films."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.compose import pacing
from gdviz.draw.render import Staging
from gdviz.errors import UsageError
from gdviz.scene import Callouts, Scene
from gdviz.words.callouts import parse_mark, parse_note


@pytest.fixture(scope="module")
def run() -> gdviz.Trajectories:
    return gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1:label=Mine"], steps=30)


TURNS = {"en": "turns", "kk": "бұрылады"}
NOTES = [{"step": 12, "text": "overshoots"}, {"step": 20, "text": TURNS, "optimizer": "mine"}]
MARKS = [{"at": [2.0, -0.5], "text": "plateau"}]


def called_out(run: gdviz.Trajectories, **look: Any) -> tuple[Scene, list[Callouts]]:
    scene = scene_of(api.redrawn(run, {"size": "480x320", **look}))
    return scene, [layer for panel in scene.panels for layer in panel.layers if isinstance(layer, Callouts)]


def test_a_note_stands_at_its_head_from_its_step_on(run: gdviz.Trajectories):
    scene, (layer,) = called_out(run, note=NOTES, mark=MARKS, lang="kk")
    assert layer.texts == ("plateau", "overshoots", "бұрылады") and layer.since == (0, 12, 20)
    assert np.array_equal(layer.points, [MARKS[0]["at"], run.x[0, 0, 12], run.x[1, 0, 20]])
    assert layer.colors == (scene.theme.ink, *(entry.style.color for entry in scene.entries))
    stages = Staging(scene).stages
    told = [{text.text for stage in stages for text in stage.texts(record)} for record in (0, 11, 12, 19, 20)]
    seen = [sorted(text & set(layer.texts)) for text in told]
    assert seen == [
        ["plateau"], ["plateau"], ["overshoots", "plateau"], ["overshoots", "plateau"],
        ["overshoots", "plateau", "бұрылады"],
    ]  # fmt: skip


def test_films_stand_still_to_be_read(run: gdviz.Trajectories):
    plain, noted = (called_out(run, note=notes)[0].clock for notes in ([], NOTES))
    assert noted.frames == plain.frames + 2 * pacing.READING * 30
    extra = np.bincount(noted.record) - np.bincount(plain.record)
    assert extra[[12, 20]].tolist() == [45, 45] and extra.sum() == 90
    typed = called_out(run, note=NOTES, seconds=2.0)[0].clock
    assert typed.frames == 60 and set(typed.record.tolist()) >= {0, 12, 20, 30}
    assert called_out(run, mark=MARKS)[0].clock.frames == plain.frames, "a mark is there from the start"


def test_each_panel_has_the_notes_of_its_own(run: gdviz.Trajectories):
    _, (first, second) = called_out(run, note=NOTES, mark=MARKS, split="optimizer")
    assert first.texts == ("plateau", "overshoots") and second.texts == ("plateau", "turns")
    _, (curve,) = called_out(run, note=NOTES, view="loss")
    assert curve.points[0].tolist() == [12.0, run.f[0, 0, 12]]


def test_a_mark_of_one_coordinate_stands_on_the_graph():
    run = gdviz.simulate("quadratic_1d", ["gd:lr=0.1"], steps=5)
    _, (layer,) = called_out(run, mark=[{"at": [1.0], "text": "here"}])
    assert layer.points[0] == pytest.approx([1.0, float(run.setting.objective.value(np.array([[1.0]]))[0])], rel=1e-3)


def test_notes_of_records_that_are_not_kept_come_with_the_next():
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=30, every=10)
    _, (layer,) = called_out(run, note=[{"step": 12, "text": "late"}])
    assert layer.since == (2,)


@pytest.mark.parametrize(
    ("look", "sentence"),
    [
        ({"note": [{"step": 31, "text": "a"}]}, "--note 31: the last step is 30"),
        ({"note": [{"step": 3, "text": "a", "optimizer": "adm"}]}, "--note adm@3: there is no optimizer 'adm' here"),
        ({"mark": [{"at": [99.0, 0.0], "text": "a"}]}, "--mark 99,0 lies outside the picture, where x goes from"),
        ({"mark": [{"at": [1.0], "text": "a"}]}, "--mark 1: type as many coordinates as .* here 2"),
        ({"mark": MARKS, "view": "loss"}, "--mark stands on the landscape, which is not drawn here"),
    ],
)
def test_what_cannot_stand_anywhere_is_refused(run: gdviz.Trajectories, look: dict[str, Any], sentence: str):
    with pytest.raises(UsageError, match=sentence):
        called_out(run, **look)


def test_callouts_are_typed():
    assert parse_note("12: over, there: yes").flat() == {"step": 12, "text": "over, there: yes"}
    assert parse_note("My own@3:a").flat() == {"step": 3, "text": "a", "optimizer": "My own"}
    assert parse_mark("-1.5,2e1:12 is here").flat() == {"at": [-1.5, 20.0], "text": "12 is here"}
    assert parse_mark("1:2:a").at == (1.0, 2.0) and parse_mark("1:a").at == (1.0,)
    for read, wrong in ((parse_note, "x:a"), (parse_note, "12"), (parse_mark, "a"), (parse_mark, "1,2")):
        with pytest.raises(UsageError, match="type a"):
            read(wrong)
