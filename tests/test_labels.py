"""Names at heads: off each other and all else, moving smoothly, left out where they would crowd; and what rows say."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from samples import stages

import gdviz
from gdviz.cli.program import run
from gdviz.compose.race import compose
from gdviz.draw.columns import column
from gdviz.draw.labels import Rect, nearest
from gdviz.draw.layout import arrange
from gdviz.draw.leaders import crosses
from gdviz.draw.ledger import Column
from gdviz.draw.render import Staging
from gdviz.draw.rims import gap
from gdviz.draw.search import LEAP, REACH, STILL
from gdviz.draw.shapes import Box
from gdviz.draw.text import Glyphs
from gdviz.encode import read_recipe
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import THEMES
from gdviz.scene.palette import contrast

MOMENTA = tuple(f"momentum:mu={mu}" for mu in (0.5, 0.9, 0.95, 0.975))
FOUR = ("gd", "momentum", "rmsprop", "adam")
EIGHT = (*FOUR, "nesterov", "adagrad", "adadelta", "adamax")


def race(landscape: str, rules: Any, steps: int | None = None, **look: Any) -> Trajectories:
    rules = [f"{rule}{',' if ':' in rule else ':'}lr=0.005" if "lr=" not in rule else rule for rule in rules]
    run = gdviz.simulate(landscape, rules, steps=steps)
    return dataclasses.replace(run, recipe=run.recipe.updated(**{"size": "960x540", **look}))


RACES = {
    "beale": lambda **look: race("beale", FOUR, 80, **look),
    "momenta": lambda **look: race("ravine", MOMENTA, 80, **look),
    "eight": lambda **look: race("rosenbrock", [f"{rule}:lr=0.0005" for rule in EIGHT], 60, **look),
    "line": lambda **look: race("quadratic_1d", [f"gd:lr={lr}" for lr in (0.1, 0.6, 0.95, 1.02)], **look),
    "loss": lambda **look: race("beale", FOUR[:2], 40, view="loss", **look),
    "leaving": lambda **look: race("quadratic_1d", [f"gd:lr={lr}" for lr in (1.1, 1.2, 0.3)], 30, **look),
}
LOOKS = (
    {},
    {"lang": "kk", "theme": "dark", "size": "540x960"},
    {"lang": "ru", "theme": "print", "size": "600x600"},
)


def overlap(a: Rect, b: Rect) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.5 and min(a[3], b[3]) - max(a[1], b[1]) > 0.5


def about(x: float, y: float, reach: float) -> Rect:
    return x - reach, y - reach, x + reach, y + reach


@pytest.mark.parametrize("name", RACES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.get("lang", "en"))
@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_names_cover_no_head_mark_text_or_edge(name: str, look: dict[str, str], every: int) -> None:
    shown = 0
    for stage in stages(compose(RACES[name](**look))):
        beside = stage.place.panel.x.until is not None  # names in a column end where the numbers of the axis begin
        room = dataclasses.replace(stage.box, y1=stage.box.y1 + math.floor(gap(stage.page)) * beside)
        for k in range(stage.scene.records):
            rects = [rect for tag in stage.tags if (rect := tag.rect(k))]
            shown += len(rects)
            if k % every and k < stage.scene.records - 1:
                continue
            others = [about(*trail.at(k), trail.head(k).radius) for trail in stage.trails if trail.inside[k]]
            others += [about(*one.place, stage.line(9)) for one in stage.exits(k)]
            others += [about(*point, stage.line(11)) for layer in stage.layers for point in layer.held()]
            others += [stage._rect(text) for text in stage.labels]
            others += [stage._rect(note.text) for note in stage.notes if k >= note.since]
            for rect in rects:
                assert not any(overlap(rect, other) for other in others), k
                assert room.holds(*rect[:2]) and room.holds(*rect[2:]), k
            assert not any(overlap(a, b) for a, b in itertools.combinations(rects, 2)), k
    assert shown > 80, "a small chart has none"


@pytest.mark.parametrize("name", ["beale", "momenta", "eight"])
def test_names_glide_beside_their_heads_and_do_not_flicker(name: str) -> None:
    scene = compose(RACES[name]())
    frames = np.bincount(scene.clock.record, minlength=scene.records)
    for stage in stages(scene):
        for tag in stage.tags:
            rects = [tag.rect(k) for k in range(scene.records)]
            named = [tag.at(k) for k in range(scene.records)]  # the head, or the mark of one that is outside
            around = math.hypot(tag.half[0], tag.half[1]) * 8 / 32 * REACH[0] + 1.5 * tag.text.size
            for k, (a, b) in enumerate(itertools.pairwise(rects)):
                if not a or not b:
                    continue
                head = math.dist(named[k][:2], named[k + 1][:2])
                if head < LEAP * 2 * tag.half[1] and frames[k] < STILL:
                    assert math.dist(a[:2], b[:2]) <= head + around + 2, k
            seen = [rect is not None for rect in rects]
            comes = sum(not a and b for a, b in itertools.pairwise(seen))
            assert comes <= 2, "it does not come and go"


def test_a_name_is_beside_its_own_head_or_a_line_leads_there() -> None:
    led = 0
    for name in ("eight", "line"):
        for stage in stages(compose(RACES[name]())):
            for tag in stage.tags:
                for k in range(0, stage.scene.records, 5):
                    rect, at = tag.rect(k), tag.at(k)
                    if rect is None or at is None:
                        continue
                    if tag.trail.inside[k]:
                        assert at[:2] == pytest.approx(tag.trail.at(k)), "of this record"
                    (text,) = tag.written(k)
                    assert text.text == stage.scene.entries[tag.trail.track.entry].label
                    assert rect[0] < text.x < rect[2] and rect[1] < text.y < rect[3]
                    far = math.hypot(*(max(low - c, c - high, 0.0) for c, low, high in
                                       zip(at[:2], rect[:2], rect[2:], strict=True)))  # fmt: skip
                    lines = tag.leader(k, "#ffffff")
                    led += len(lines)
                    assert lines or far < stage.line(18) + text.size, k
                    for _, shapes in lines:
                        ends = np.concatenate([shape.points for shape in shapes])
                        assert np.hypot(*(ends - at[:2]).T).min() < stage.line(20), "it begins at its head"
    assert led


def test_names_are_not_mistaken_for_those_of_others() -> None:
    """Where two left side by side, one arrow behind the other."""
    rules = ["gd:lr=0.02", "adagrad:lr=0.1", "rmsprop:lr=0.02", "adam:lr=0.02"]
    (stage,) = stages(compose(race("saddle", rules, 120, panel=("none",), size="1920x1080")))
    sure = 0
    for k in range(30, stage.scene.records, 5):
        told = [(tag.rect(k), tag.at(k), tag.leader(k, "#ffffff")) for tag in stage.tags]
        shown = [(rect, at[:2], led) for rect, at, led in told if rect and at]
        for rect, at, led in shown:
            gaps = {head: math.dist(nearest(rect, *head), head) for _, head, _ in shown}
            assert led or gaps.pop(at) < min(gaps.values()) - stage.line(5), k
            sure += not led
    assert sure > 20


def test_lines_to_heads_keep_off_the_names_of_others() -> None:
    middles, halves = np.array([(0.0, 0.0), (0.0, 3.0), (20.0, 0.0)]), np.full((3, 2), 2.0)
    assert crosses(np.array([-9.0, 0.0]), np.array([9.0, 0.0]), middles, halves).tolist() == [True, False, False]
    assert crosses(np.array([0.0, 9.0]), np.array([0.0, 1.5]), middles, halves).tolist() == [True, True, False]
    scene = compose(RACES["eight"]())
    frames = np.bincount(scene.clock.record, minlength=scene.records)
    (stage, _), shown, struck = stages(scene), 0, 0
    for k in range(scene.records):
        rects = [rect for tag in stage.tags if (rect := tag.rect(k))]
        lines = [
            (at[:2], nearest(tag.rect(k), *at[:2]))
            for tag in stage.tags
            if tag.leader(k, "#ffffff") and (at := tag.at(k))
        ]
        shown += frames[k] * len(rects)
        for begin, end in lines:
            others = np.array([rect for rect in rects if nearest(rect, *begin) != end])
            middles, halves = (others[:, :2] + others[:, 2:]) / 2, (others[:, 2:] - others[:, :2]) / 2
            struck += frames[k] * crosses(np.array(begin), np.array(end), middles, halves).any()
    assert shown > 500 and struck < 0.08 * shown, "twice as many where nobody looks"


def test_names_say_what_differs_and_rows_what_is_not_shared() -> None:
    one = compose(RACES["momenta"](lang="ru"))
    assert [entry.label for entry in one.entries] == ["μ = 0,5", "μ = 0,9", "μ = 0,95", "μ = 0,975"]
    assert [(entry.heading, entry.remark) for entry in one.entries] == [(entry.label, "") for entry in one.entries]
    assert one.shared == "Импульс: η = 0,005"
    two = compose(RACES["beale"]())
    assert [entry.label for entry in two.entries] == [entry.name for entry in two.entries]
    assert two.shared == "all: η = 0.005" and not any(entry.remark for entry in two.entries)
    three = compose(race("beale", ["adam:lr=0.1", "adam:lr=0.1,beta1=0.5", "gd:lr=0.01"], 5))
    assert [entry.label for entry in three.entries] == ["Adam, β₁ = 0.9", "Adam, β₁ = 0.5", "GD"]
    assert [entry.remark for entry in three.entries] == ["η = 0.1, β₁ = 0.9", "η = 0.1, β₁ = 0.5", "η = 0.01"]
    assert not three.shared


def test_equal_runs_are_told_and_share_a_name() -> None:
    scene = compose(race("beale", ["gd", "momentum:mu=0", "adam"], 10))
    assert [entry.label for entry in scene.entries] == ["GD = Momentum", "", "Adam"]
    assert scene.entries[1].remark.startswith("= GD") and "=" not in scene.entries[0].remark.split(";")[0][:2]
    run = race("beale", ["gd", "gd:lr=0.00500001"], 10)
    assert not any(entry.remark.startswith("≡") for entry in compose(run).entries), "nearly is not equal"


def test_many_paths_and_lone_ones_have_no_names() -> None:
    nine = [f"gd:lr={0.001 * n}" for n in range(1, 10)]
    assert not any(entry.label for entry in compose(race("beale", nine, 5)).entries)
    assert all(entry.label for entry in compose(race("beale", nine[:8], 5)).entries)
    assert not compose(race("beale", nine[:1], 5)).entries[0].label
    many = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1"], start=[(1.0, 1.5), (0.5, 0.5)], steps=5)
    assert not any(entry.label for entry in compose(many).entries)
    parts = race("beale", FOUR, 5, split="optimizer", panel=("none",))
    assert not any(stage.tags for stage in stages(compose(parts))), "a panel of its own has its name above it"


def test_long_names_stand_in_what_is_magnified() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.03", "conjugate_gradient"])
    scene = compose(dataclasses.replace(run, recipe=run.recipe.updated(size="1280x720")))
    (inset,) = Staging(scene).insets
    assert inset is not None
    tags = {tag.text.text: tag for tag in inset.tags if tag.rect(scene.records - 1)}
    assert set(tags) == {"GD", "Conjugate gradient"}
    assert tags["Conjugate gradient"].half[0] > 0.25 * inset.site.box.width, "more than half of it is one name"


@pytest.mark.parametrize("labels", [("start",), ("none",)])
def test_names_that_are_not_asked_for_are_in_the_legend_alone(labels: tuple[str, ...]) -> None:
    scene = compose(race("beale", FOUR, 5, labels=labels, legend="values"))
    assert not any(stage.tags for stage in stages(scene))
    assert [entry.heading for entry in scene.listed] == [entry.name for entry in scene.entries]


def test_the_legend_says_all_values_or_nothing() -> None:
    def book(legend: str) -> Any:
        scene = compose(RACES["beale"](legend=legend))
        return arrange(scene, Glyphs(scene.font))

    full, values, off = map(book, ("full", "values", "off"))
    assert [row.name for row in full.ledger.rows] == ["GD", "Momentum", "RMSProp", "Adam"]
    assert [(row.name, row.details) for row in values.ledger.rows] == [("", "")] * 4
    assert off.ledger is None and off.boxes[1].height > 1.3 * full.boxes[1].height, "its room goes to the panels"
    nine = [f"gd:lr={0.001 * n}" for n in range(1, 10)]
    many = compose(race("beale", nine, 5, legend="values"))
    assert all(entry.heading for entry in many.listed), "without names at the paths the rows keep theirs"


def test_the_legend_can_be_typed_and_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["plot", "beale", "-o", "gd,adam", "--steps", "5", "--size", "320x180", "--out", str(tmp_path / "a.png")]
    assert run([*typed, "--legend", "values"]) == 0
    assert 'legend = "values"' in read_recipe(tmp_path / "a.png")
    assert run([*typed, "--legend", "none", "--force"]) == 2
    assert "off" in capsys.readouterr().err


def test_decimal_marks_stand_below_each_other() -> None:
    glyphs = Glyphs(None)
    values = ("12,345", "0,004", "−3,2", "2,1·10⁻⁵", "7")
    scene = compose(RACES["beale"]())
    entries = [dataclasses.replace(scene.entries[0], values=(value,)) for value in (*values, "расходится")]
    column = Column.of(entries, glyphs)
    marks = [glyphs.width(v.partition(",")[0], 1.0, False) - glyphs.width(v, 1.0, False) - column.end(v, glyphs)
             for v in values]  # fmt: skip
    assert marks == pytest.approx([-column.after] * len(values))
    assert column.end("расходится", glyphs) == 0.0
    assert column.width >= column.before + column.after


def test_a_still_keeps_no_room_for_values_of_other_records() -> None:
    scene = compose(RACES["beale"]())
    last = scene.records - 1
    told = (*["2.1·10⁻⁵"] * last, "0.009"), ("diverged",) * (last + 1)
    entries = tuple(
        dataclasses.replace(one, values=values) for one, values in zip(scene.entries, told * 2, strict=True)
    )
    scene, glyphs = dataclasses.replace(scene, entries=entries), Glyphs(scene.font)
    film, still = (Column.of(one.listed, glyphs) for one in (scene, scene.standing(last)))
    assert film.end("0.009", glyphs) > 0
    assert still.end("0.009", glyphs) == still.end("diverged", glyphs) == 0, "both end at the margin"
    for a, b in zip(scene.standing(last).entries, scene.entries, strict=True):
        assert set(a.values) == {b.values[last]}


@pytest.mark.parametrize("theme", THEMES)
def test_names_are_legible(theme: str) -> None:
    scene = compose(RACES["eight"](theme=theme))
    smallest = 17 / 1080 * min(scene.size)
    for stage in stages(scene):
        for tag in stage.tags:
            assert tag.text.outline == scene.theme.halo and tag.text.rim > 0
            assert contrast(tag.text.color, scene.theme.halo) >= 4.5
            assert tag.text.size >= smallest


@pytest.mark.parametrize("name", ["beale", "eight"])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.get("lang", "en"))
def test_names_of_curves_stand_beside_their_ends_in_their_order(name: str, look: dict[str, str]) -> None:
    scene = compose(RACES[name](**look))
    stage = stages(scene)[1]
    if stage.place.panel.x.until is None:
        assert min(stage.box.width, stage.box.height) < 260, "only a small panel has no room"
        return
    for k in range(0, scene.records, 7):
        heads = [trail.at(k) for trail in stage.trails if trail.inside[k]]
        rects = [rect for tag in stage.tags if (rect := tag.rect(k))]
        assert all(rect[0] > max(x for x, _ in heads) for rect in rects), "where nothing has been drawn yet"
    ends = [(tag.at(scene.records - 1), tag.rect(scene.records - 1)) for tag in stage.tags]
    found = sorted((at[1], rect[1]) for at, rect in ends if at and rect)
    assert len(found) == len([entry for entry in scene.entries if entry.label])
    assert [level for _, level in found] == sorted(level for _, level in found)
    assert max(abs(level + stage.tags[0].half[1] - y) for y, level in found) < len(found) * 2 * stage.tags[0].half[1]


def test_names_in_a_column_are_pushed_apart_no_farther_than_needed() -> None:
    box = Box(0, 0, 300, 200)
    heads = np.array([[(100.0, y) for y in (50.0, 52.0, 54.0, 150.0)]])
    none = np.full((1, 1, 4), np.nan)
    (levels,) = column(heads, 19.0, box, none, (10.0, 80.0))
    assert levels.tolist() == [32.0, 52.0, 72.0, 150.0]
    low = np.array([[(90.0, 130.0, 130.0, 200.0)]])
    (levels,) = column(heads, 19.0, box, low, (10.0, 80.0))
    assert levels[3] <= 130 - 9.5 and np.diff(levels).min() >= 20
    many = np.array([[(100.0, 100.0 + n) for n in range(12)]])
    assert np.isnan(column(many, 19.0, box, none, (10.0, 80.0))).all(), "rather none than some over others"


def test_who_left_a_panel_is_named_beyond_who_is_in_it() -> None:
    """However far inside its mark stands, as many do behind one another."""
    rules = ["gd:lr=0.02", "momentum:lr=0.02", "nesterov:lr=0.02", "rmsprop:lr=0.02", "adadelta:lr=4", "adam:lr=0.02"]
    scene = compose(race("saddle", rules, 120, panel=("gradient:log",), size="1920x1080"))
    stage = list(stages(scene))[-1]
    last = max(k for k in range(scene.records) if not any(mark.count for mark in stage.exits(k)))
    told = {tag.trail.track.entry: rect[1] for tag in stage.tags if (rect := tag.rect(last))}
    out = {trail.track.entry for trail in stage.trails if not trail.inside[last]}
    assert 2 <= len(out) <= 4 and len(told) == 6
    assert max(told[entry] for entry in out) < min(told[entry] for entry in told if entry not in out)
