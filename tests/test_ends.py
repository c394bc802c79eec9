"""The ends of runs in every panel: a gap and a mark at the step at which it happened, and nothing after it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from samples import stages as staged

import gdviz
from gdviz import Trajectories
from gdviz.api import redrawn
from gdviz.compose.race import compose
from gdviz.draw.labels import samples
from gdviz.draw.layers.trails import Trail
from gdviz.draw.shapes import Polyline
from gdviz.draw.stages import Stage
from gdviz.scene import Marks, Valleys

STEPS = 40
PANELS = ("loss", "gradient", "step", "rate", "lr", "state:v")


def undefined(run: Trajectories, step: int, entry: int = 0, start: int = 0) -> Trajectories:
    """The run as it is where one of its trajectories has no value from a step on."""
    x, f, status, stopped = (getattr(run, name).copy() for name in ("x", "f", "status", "stopped_at"))
    status = status.astype("U10")
    x[entry, start, step:] = x[entry, start, max(step - 1, 0)]
    f[entry, start, step:], status[entry, start], stopped[entry, start] = np.nan, "undefined", step
    return dataclasses.replace(run, x=x, f=f, status=status, stopped_at=stopped)


def made(landscape: str, optimizers: list[str], **options: Any) -> Trajectories:
    return gdviz.simulate(landscape, optimizers, **{"steps": STEPS, **options})


def stages(run: Trajectories, **look: Any) -> list[Stage]:
    return staged(compose(redrawn(run, look)))


def step_at(stage: Stage, step: int) -> float:
    """Pixels of a step of a chart of curves, by its axis: all steps, from its frame to where it ends, evenly."""
    axis, box = stage.place.panel.x, stage.box
    assert axis.scale == "linear" and (axis.low, axis.high if axis.until is None else axis.until) == (0, STEPS)
    end = float(axis.fraction(np.array([float(STEPS)]))[0])
    assert 0.5 < end <= 1.0 and (axis.until is not None or end == 1.0)
    return box.x0 + end * box.width * step / STEPS


def start_in(stage: Stage) -> tuple[float, float]:
    """Pixels of the first start."""
    marks = next(layer for layer in stage.place.panel.layers if isinstance(layer, Marks) and layer.kind == "start")
    x, y = stage.place.pixels(marks.points)[0]
    return float(x), float(y)


def ink(stage: Stage, record: int) -> list[tuple[float, float]]:
    """Centres of the marks of ends, crosses and dots in ink on top of heads, at a record."""
    found = []
    for look, shapes in stage.heads(record):
        if look[0] not in ("ring", "local", "leader", "vector", None) and shapes[-1].color == stage.scene.theme.ink:
            found.append(tuple(shapes[-1].points.mean(axis=0)))
    return found


CASES = {
    "log": lambda: made("log(x)+y^2", ["momentum:lr=0.02,mu=0.5", "gd:lr=0.01"], start=(1.0, 1.0)),
    "root": lambda: made("sqrt(x)+x/9", ["momentum:lr=0.05,mu=0.5", "gd:lr=0.001"], start=(1.0,)),
    "plane": lambda: undefined(made("beale", ["momentum:lr=0.002", "gd:lr=0.01"]), 12),
    "graph": lambda: undefined(made("quadratic_1d", ["momentum:lr=0.1", "gd:lr=0.01"]), 7),
    "at once": lambda: undefined(made("quadratic_1d", ["momentum:lr=0.1", "gd:lr=0.01"]), 0),
    "loss alone": lambda: undefined(made("simple_quad", ["momentum:lr=0.1", "gd:lr=0.01"], dim=4), 9),
}


@pytest.mark.parametrize("split", [None, "optimizer"])
@pytest.mark.parametrize("name", CASES)
def test_what_has_no_value_ends_in_every_panel_at_its_step(name: str, split: str | None) -> None:
    run = CASES[name]()
    assert run.status[0, 0] == "undefined" and run.status[1, 0] == "unfinished"
    stop = int(run.stopped_at[0, 0])
    panels = [panel for panel in PANELS if stop > 1 or panel != "state:v"]
    every = stages(run, panel=panels, split=split)
    own = [stage for stage in every if any(trail.track.entry == 0 for trail in stage.trails)]
    assert len(own) >= len(panels)
    for stage in own:
        box = stage.box
        (trail,) = [trail for trail in stage.trails if trail.track.entry == 0]
        curve = trail.layer.kind == "curve"
        assert len(ink(stage, stop)) == 1 and not (stop and ink(stage, stop - 1))
        for k in range(stop, STEPS + 1):
            (mark,) = ink(stage, k)
            if curve:
                assert mark[0] == pytest.approx(step_at(stage, stop), abs=0.6), "at its step"
                before = max(stop - 1, 0)
                if trail.inside[before] or not trail.known[before]:
                    assert mark[1] == pytest.approx(box.y1, abs=0.6), "on the axis, at no height"
                else:
                    assert box.holds(*mark), "at the edge that it left by"
            elif trail.layer.kind == "path" and trail.inside[stop]:
                assert mark == pytest.approx(trail.at(stop), abs=0.6), "where it was last"
            elif trail.layer.kind == "path":
                assert box.holds(*mark), "where it left"
            else:
                assert mark[1] == pytest.approx(box.y1, abs=0.6), "no head floats at a held height"
        lines = [line for line in trail.settled(0, STEPS) if isinstance(line, Polyline)]
        drawn = np.concatenate([line.points for line in lines]) if lines else np.empty((0, 2))
        assert np.isfinite(drawn).all()
        if curve and len(drawn):
            assert drawn[:, 0].max() <= step_at(stage, stop - 1) + 1e-6, "a gap before the mark"


@pytest.mark.parametrize(("rule", "tol", "said"), [("gd:lr=1.6", 0.0, "diverged"), ("gd:lr=0.3", 1e-2, "converged")])
def test_no_line_goes_on_after_a_run_has_stopped(rule: str, tol: float, said: str) -> None:
    run = made("quadratic_1d", [rule, "gd:lr=0.001"], tol=tol)
    stop = int(run.stopped_at[0, 0])
    assert run.status[0, 0] == said and stop < STEPS
    main, *sides = stages(run, panel=PANELS[:-1])
    for stage in (main, *sides):
        assert len(ink(stage, stop)) == 1 and len(ink(stage, STEPS)) == 1 and not ink(stage, stop - 1)
    for stage in sides:
        along = step_at(stage, stop)
        (trail,) = [trail for trail in stage.trails if trail.track.entry == 0]
        drawn = np.concatenate([line.points for line in trail.settled(0, STEPS) if isinstance(line, Polyline)])
        assert drawn[:, 0].max() == pytest.approx(along)
        assert ink(stage, STEPS)[0][0] == pytest.approx(along, abs=0.6)


def test_many_that_end_at_one_step_share_a_mark_on_the_axis() -> None:
    """None stands above it, where it would read as a value."""
    run = made("quadratic_1d", [f"gd:lr={0.01 * n}" for n in range(1, 5)])
    for entry in range(4):
        run = undefined(run, 5, entry)
    _, loss = stages(run)
    ((x, y),) = ink(loss, STEPS)
    assert x == pytest.approx(loss.trails[0].across[5], abs=0.6) and y == pytest.approx(loss.box.y1, abs=0.6)
    assert [one.count for one in loss.exits(STEPS)] == ["4×"] and "4×" in [text.text for text in loss.texts(STEPS)]


@pytest.mark.parametrize(("place", "way"), [(-20.0, -1.0), (9.0, 1.0), (np.inf, 1.0)])
def test_an_end_beyond_the_axis_points_to_where_it_is(place: float, way: float) -> None:
    run = undefined(made("quadratic_1d", ["gd:lr=0.1"]), 5)
    run.x[0, 0, 5:] = place
    stage, *_ = stages(run)
    (one,) = stage.exits(STEPS)
    edge = stage.box.x0 if way < 0 else stage.box.x1
    assert one.place == (edge, stage.box.y1) and one.direction is not None and np.sign(one.direction[0]) == way


def test_values_between_gaps_are_dots() -> None:
    run = made("quadratic_1d", ["gd:lr=0.1"])
    _, loss = stages(undefined(run, 1))
    (trail,) = loss.trails
    assert isinstance(trail, Trail) and trail.dotted.tolist() == [True] + [False] * STEPS


@pytest.mark.parametrize(
    ("landscape", "start", "domain"),
    [("beale", (1.0, 1.5), ((2.0, 4.0), (0.0, 1.0))), ("quadratic_1d", (6.0,), ((-5.0, 1.0),))],
)
@pytest.mark.parametrize("labels", [("start",), ("none",)])
def test_a_start_outside_has_a_mark_at_the_edge(landscape: str, start: Any, domain: Any, labels: Any) -> None:
    run = made(landscape, ["gd:lr=0.01"], start=start)
    stage = stages(run, domain=domain, labels=labels)[0]
    (x, y), box = start_in(stage), stage.box
    assert not box.holds(x, y)
    for k in (0, 20, STEPS):
        (ring,) = [shapes for look, shapes in stage.heads(k) if look[0] == "ring"]
        u, v = ring[1].points.mean(axis=0)
        assert box.holds(u, v) and min(u - box.x0, box.x1 - u, v - box.y0, box.y1 - v) < stage.line(30)
    assert bool(stage.labels) == (labels == ("start",))


@pytest.mark.parametrize(("formula", "start"), [("(x-5000)^2+y^2", (0.0, 1.0)), ("(x-4000)^2", (0.0,))])
def test_a_run_that_left_the_view_is_followed_by_its_loss(formula: str, start: tuple[float, ...]) -> None:
    run = made(formula, ["gd:lr=0.2"], start=start)
    assert run.left_at[0, 0] > 0 and run.status[0, 0] == "unfinished"
    main, loss = stages(run)
    (note,) = main.notes
    assert note.since == run.left_at[0, 0] and note.text.text == "went beyond ±3000"
    assert main.box.holds(note.text.x, note.text.y)
    (trail,) = loss.trails
    assert trail.inside[: int(run.left_at[0, 0]) + 1].all()


@pytest.mark.parametrize(
    ("formula", "start"), [("x+1/(x^2+y^2)", (-2.4, 2.1)), ("x/9+y^2", (-2.0, 1.0)), ("x/4+cos(x)/9", (-2.0,))]
)
def test_a_loss_that_falls_outside_the_view_is_followed(formula: str, start: tuple[float, ...]) -> None:
    run = made(formula, ["gd:lr=0.4", "gd:lr=0.01"], start=start, steps=300)
    edge = run.setting.domain[0][0]
    assert run.x[0, 0, -1, 0] < edge and run.left_at[0, 0] < 0, "out of the view, not beyond the guard"
    _, loss = stages(run)
    assert all(trail.inside.all() for trail in loss.trails)


def test_a_loss_that_rises_outside_the_view_does_not_press_the_others_down() -> None:
    run = made("x^2+3*y^2", ["gd:lr=0.35", "gd:lr=0.01"], start=(1.0, 1.0))
    assert run.status[0, 0] == "unfinished" and run.f[0, 0, -1] > 10 * run.f[0, 0, 0]
    _, loss = stages(run)
    assert not loss.trails[0].inside[STEPS] and loss.place.panel.y.high < 0.5 * run.f[0, 0, -1]


def test_a_mark_on_an_axis_hides_no_number_below_it() -> None:
    for stage in stages(undefined(made("quadratic_1d", ["gd:lr=0.1"]), 5)):
        (mark,) = [shapes for look, shapes in stage.heads(STEPS) if look[0] == "arrow"]
        under = max(shape.points[:, 1].max() for shape in mark) - stage.box.y1
        assert under < stage.line(13), "numbers begin there"


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("formula", ["log(x)+y^2", "sqrt(x-1)+y^2"])
def test_what_is_said_of_an_end_keeps_off_rings_of_starts(formula: str, lang: str) -> None:
    run = made(formula, ["gd:lr=0.1"], start=[(2.0, 1.0), (-1.0, 1.0), (2.5, -1.0)])
    stage = stages(run, lang=lang)[0]
    said = [note.text for note in stage.notes]
    rings = [shapes[1].points for look, shapes in stage.heads(STEPS) if look[0] == "ring"]
    assert said and len(rings) == 3
    for text in said:
        wide = stage.glyphs.width(text.text, text.size, False)
        box = (text.x - 2, text.y - text.size, text.x + wide + 2, text.y + 0.3 * text.size)
        for x, y in np.concatenate(rings):
            assert not (box[0] < x < box[2] and box[1] < y < box[3])


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize(
    ("formula", "start"), [("(x+y)^2", (-2.4, 2.1)), ("(y-x/9)^2", (-1.0, 0.0)), ("(x-5000)^2+y^2", (0.0, 1.0))]
)
def test_the_word_for_a_start_keeps_off_valleys_and_long_strides(
    formula: str, start: tuple[float, float], lang: str
) -> None:
    stage = stages(made(formula, ["gd:lr=0.1"], start=start), lang=lang)[0]
    drawn = [trail.points for trail in stage.trails]
    drawn += [stage.place.pixels(x) for one in stage.place.panel.layers if isinstance(one, Valleys) for x in one.lines]
    (word,) = stage.labels
    wide = stage.glyphs.width(word.text, word.size, False)
    for line in drawn:
        x, y = samples(line, stage.box, 3.0).T
        assert not ((x > word.x) & (x < word.x + wide) & (y > word.y - 0.7 * word.size) & (y < word.y)).any()


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("landscape", ["quadratic_1d", "beale"])
def test_the_word_for_a_start_stands_beside_its_ring_where_there_is_room(landscape: str, lang: str) -> None:
    look = {"arrows": [{"name": "gradient"}, {"name": "descent"}], "lang": lang}
    stage = stages(made(landscape, ["gd:lr=0.01", "momentum:lr=0.01"]), **look)[0]
    (x, y), (word,) = start_in(stage), stage.labels
    wide = stage.glyphs.width(word.text, word.size, False)
    across = max(word.x - x, x - word.x - wide, 0.0)
    down = max(word.y - word.size - y, y - word.y, 0.0)
    assert np.hypot(across, down) < stage.line(36)
