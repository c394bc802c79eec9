"""Arrows of paths and curves that are outside their panel: where they left, at their own step."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
import samples
from samples import stages

import gdviz
from gdviz.compose.race import compose
from gdviz.draw.crossings import APART, MOST
from gdviz.draw.exits import ROWS, Rect
from gdviz.draw.render import Renderer, picture
from gdviz.draw.stages import Stage
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Track, Trails


@pytest.mark.parametrize(
    ("rates", "steps"),
    [
        ((1.01, 1.02, 1.03, 1.025, 1.04), 125),  # all out at once, at the same step; some diverge later
        ((1.5, 1.6, 1.7, 0.3), 30),  # each diverges at a step of its own, a few pixels from the next
        (tuple(1.01 + 0.001 * n for n in range(12)), 100),  # more than can stand behind one another
    ],
)
def test_arrows_of_curves_stand_at_their_own_step(rates: tuple[float, ...], steps: int) -> None:
    run = gdviz.simulate("quadratic_1d", [f"gd:lr={rate}" for rate in rates], steps=steps)
    _, loss = stages(compose(run))
    out = 0
    for k in range(steps + 1):
        for one in loss.exits(k):
            step = min(k, int(run.stopped_at[one.trail.track.entry, 0]))
            assert one.place[0] == pytest.approx(across(loss, step)), f"step {step}, record {k}"
            assert loss.box.holds(*one.place)
            out += 1
    assert out > steps, "curves leave the panel"


def across(stage: Stage, step: float) -> float:
    """Where a step is, pixels."""
    return stage.box.x0 + stage.box.width * float(stage.place.panel.x.fraction(np.array(step)))


def race_of(count: int, first: float = 1.01, apart: float = 0.001, steps: int = 100, **look: Any) -> Trajectories:
    rules = [f"gd:lr={first + apart * n:.4g}" for n in range(count)]
    run = gdviz.simulate("quadratic_1d", rules, steps=steps)
    return dataclasses.replace(run, recipe=run.recipe.updated(**look))


def boxes_of(stage: Stage, record: int) -> list[Rect]:
    """Of every mark a square as wide as it, and of every count its rectangle."""
    half = stage.line(8)
    marks = [(x - half, y - half, x + half, y + half) for x, y in (one.place for one in stage.exits(record))]
    return marks + [one.room for one in stage.exits(record) if one.count]


def test_marks_at_one_step_stand_behind_one_another_or_become_one() -> None:
    for count in (3, 6, 12):
        (loss,) = stages(compose(race_of(count, view="loss", panel=["none"])))
        found = loss.exits(50)
        assert {round(one.place[0]) for one in found} == {round(across(loss, 50))}
        if count <= ROWS:
            heights = sorted(one.place[1] for one in found)
            assert len(found) == count and min(np.diff(heights)) >= loss.line(17)
            assert not any(one.count for one in found)
            assert not any(text.text.endswith("×") for text in loss.texts(50))
            continue
        (one,) = found
        assert one.count == "12×" and len(set(one.trails)) == 12 and one.span == (one.place[0],) * 2
        assert one.direction is not None and one.direction[1] < 0
        (text,) = loss.texts(50)
        assert text.text == "12×" and one.room[0] == text.x and one.room[1] < text.y < one.room[3]


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1080, 1920)])
@pytest.mark.parametrize(
    ("count", "first", "apart"),
    [(12, 1.01, 0.001), (20, 1.21, 0.01), (30, 1.05, 0.02), (40, 0.9, 0.01), (12, 1.5, 0.1)],
)
def test_no_marks_of_curves_overlap(count: int, first: float, apart: float, size: tuple[int, int]) -> None:
    scene = dataclasses.replace(compose(race_of(count, first, apart)), size=size)
    *_, loss = stages(scene)
    merged = 0
    for k in range(0, 101, 3):
        found = loss.exits(k)
        outside = [one for one in loss.trails if not one.inside[k]]
        assert sorted(id(trail) for one in found for trail in one.trails) == sorted(map(id, outside)), "each has one"
        for one, other in itertools.combinations(boxes_of(loss, k), 2):
            assert min(one[2], other[2]) <= max(one[0], other[0]) or min(one[3], other[3]) <= max(one[1], other[1])
        for one in found:
            steps = [across(loss, min(k, trail.track.stop or k)) for trail in one.trails]
            assert one.span == pytest.approx((min(steps), max(steps)))
            assert any(one.place[0] == pytest.approx(step) for step in steps), "at a step of one of them"
            assert one.count == (f"{len(steps)}×" if len(steps) > 1 else "")
            assert loss.box.x0 <= one.room[0] and one.room[2] <= loss.box.x1
            merged += len(steps) > 1
    assert merged or apart == 0.1


def test_a_mark_of_many_is_drawn_with_its_count_and_the_steps_that_it_spans() -> None:
    rules = [*(f"gd:lr={1.21 + 0.01 * n:.4g}" for n in range(20)), "gd:lr=0.3"]  # the last goes on to the end
    run = gdviz.simulate("quadratic_1d", rules, steps=100)
    scene = compose(run)
    _, loss = stages(scene)
    (one,) = loss.exits(100)
    first, last = (across(loss, end) for end in (run.stopped_at.min(), run.stopped_at[:-1].max()))
    assert one.span == pytest.approx((first, last)) and last - first > 20
    ((look, shapes),) = [item for item in loss.heads(100) if item[0][0] == "arrow"]  # type: ignore[index]
    assert look[-1] == "lost"  # type: ignore[index]
    drawn = np.concatenate([shape.points for shape in shapes if shape.color == scene.theme.ink])
    assert drawn[:, 0].min() == pytest.approx(first) and drawn[:, 0].max() == pytest.approx(last)
    x0, y0, x1, y1 = map(round, one.room)
    for pixels in (Renderer(scene).at(100), picture(scene, 100)):
        assert (pixels[y0:y1, x0:x1].max(axis=2) < 90).any(), "its count is to be read"
        bar = pixels[y0 - 4 : y1 + 4, round(first) + 2]
        assert (bar.max(axis=1) < 120).any(), "the bar goes to the first step"


def chart_of(*heights: np.ndarray) -> Stage:
    """The chart of curves that are told as shares of its height."""
    scene = compose(race_of(len(heights), view="loss", panel=["none"]))
    (panel,) = scene.panels
    steps, axis = np.arange(101.0), panel.y
    layers = tuple(
        dataclasses.replace(
            layer,
            tracks=tuple(
                dataclasses.replace(track, points=np.column_stack([steps, axis.values(share)]), stop=None, note="")
                for track, share in zip(layer.tracks, heights, strict=True)
            ),
        )
        if isinstance(layer, Trails)
        else layer
        for layer in panel.layers
    )
    (stage,) = stages(dataclasses.replace(scene, panels=(dataclasses.replace(panel, layers=layers),)))
    return stage


def test_marks_of_curves_that_left_hide_no_head_of_one_that_stays() -> None:
    rising, up = np.linspace(0.5, 0.96, 101), np.linspace(0.0, 1.0, 101)
    swinging = np.where(np.arange(101) % 2, 0.96, 0.6)
    for staying in (rising, swinging):
        stage = chart_of(0.1 + 2 * up, 0.1 + 2.2 * up, 0.1 + 2.4 * up, staying)
        head = next(trail for trail in stage.trails if trail.inside.all())
        counts = []
        for k in range(60, 101):
            marks = stage.exits(k)
            assert min(np.hypot(*np.subtract(mark.place, head.at(k))) for mark in marks) > stage.line(16)
            assert sum(len(mark.trails) for mark in marks) == 3
            counts.append(len(marks))
        assert counts[0] == (3 if staying is rising else 1) and counts[-1] == 1
        assert np.count_nonzero(np.diff(counts)) <= 1, "never one and several by turns"
        looks = [look[0] for look, _ in stage.heads(100)]  # type: ignore[index]
        assert looks.index("arrow") < looks.index(head.style.marker), "what is there lies above what is not"


@pytest.mark.parametrize("size", ["640x360", "1280x720"])  # in the smaller one the numbers of the ledger touch
def test_a_frame_with_marks_of_many_depends_on_its_record_alone(size: str) -> None:
    scene = compose(race_of(20, 1.21, 0.01, 60, size=size))
    renderer = Renderer(scene)
    for record in range(61):
        frame = renderer.at(record)
        if record % 12 == 5 or record == 60:
            assert np.array_equal(frame, Renderer(scene).at(record)), record


@pytest.mark.parametrize("rise", [1.0, 0.02])
def test_arrows_of_paths_stand_on_their_own_way(rise: float) -> None:
    """Steeply and nearly along the edge: at most as far beside it as an arrow is wide."""
    scene = samples.race("en", "light", (1920, 1080), count=6, loss=False)
    main = scene.panels[0]
    along = np.linspace(0.0, 8.0, 126)
    tracks = tuple(
        Track(n, np.column_stack([-2.0 + along * (1.0 - rise) + 0.001 * n, 2.8 - 3.0 * rise + along * rise]))
        for n in range(6)
    )
    layers = tuple(Trails(tracks) if isinstance(layer, Trails) else layer for layer in main.layers)
    (stage,) = stages(dataclasses.replace(scene, panels=(dataclasses.replace(main, layers=layers),)))
    exits = stage.exits(125)
    assert len(exits) == 6
    for one in exits:
        a, b = one.trail.points[0], one.trail.points[-1]
        normal = np.array([a[1] - b[1], b[0] - a[0]]) / np.hypot(*(b - a))
        assert abs(normal @ (np.array(one.place) - a)) <= stage.line(14)
    apart = [np.hypot(*np.subtract(p.place, q.place)) for n, p in enumerate(exits) for q in exits[:n]]
    assert min(apart) > stage.line(20)


@pytest.mark.parametrize(
    ("way", "seen", "ahead"),
    [
        ([(0.0, 1.0), (0.0, -4.0), (6.0, 2.0)], (3.2, -0.8), (1, 1)),  # in again from below, out to the right
        ([(0.0, 1.0), (9.0, 1.0), (-9.0, 1.0)], (-3.2, 1.0), (-1, 0)),  # back all the way across
        ([(0.0, 1.0), (9.0, 1.0), (9.0, 9.0)], (3.2, 1.0), (1, 0)),  # around it: as it left before
        ([(-9.0, 9.0), (-9.0, 1.0), (9.0, 1.0), (9.0, 2.0)], (3.2, 1.0), (1, 0)),  # no point of it is inside
        ([(-9.0, 1.0), (-9.0, 2.0), (-4.0, 2.0)], (-3.2, 2.0), (-1, 0)),  # never seen: where it is
    ],
)
def test_an_arrow_stands_where_the_path_was_seen_last(
    way: list[tuple[float, float]], seen: tuple[float, float], ahead: tuple[int, int]
) -> None:
    scene = samples.race("en", "light", (640, 360), count=1, loss=False)
    main = scene.panels[0]
    track = Track(0, np.array([*way, *[way[-1]] * (126 - len(way))]))
    layers = tuple(Trails((track,)) if isinstance(layer, Trails) else layer for layer in main.layers)
    (stage,) = stages(dataclasses.replace(scene, panels=(dataclasses.replace(main, layers=layers),)))
    (one,) = stage.exits(125)
    box, (x, y) = stage.box, seen
    expected = box.x0 + box.width * (x + 3.2) / 6.4, box.y1 - box.height * (y + 2.9) / 5.8
    assert np.hypot(*np.subtract(one.place, expected)) < stage.line(25) and box.holds(*one.place)
    assert one.direction is not None
    assert np.sign(np.round(np.multiply(one.direction, (1, -1)), 6)).tolist() == list(ahead)


def stage_of(*ways: list[tuple[float, float]], breaks: tuple[int, ...] = ()) -> Stage:
    """The panel, from −3.2 to 3.2 and −2.9 to 2.9, of paths that stay where they end."""
    scene = samples.race("en", "light", (640, 360), count=len(ways), loss=False)
    main = scene.panels[0]
    tracks = tuple(
        Track(n, np.array([*way, *[way[-1]] * (126 - len(way))]), breaks=breaks) for n, way in enumerate(ways)
    )
    layers = tuple(Trails(tracks) if isinstance(layer, Trails) else layer for layer in main.layers)
    (stage,) = stages(dataclasses.replace(scene, panels=(dataclasses.replace(main, layers=layers),)))
    return stage


OUT, IN, UP, FAR = (9.0, 1.0), (0.0, 1.0), (0.0, 9.0), (9.0, 9.0)


@pytest.mark.parametrize(
    ("way", "marks"),
    [
        ([IN, OUT, IN], [(2, (3.2, 1.0), 1)]),  # back by the same way: one mark
        ([IN, OUT, FAR, UP, (0.5, 1.0)], [(4, (3.2, 1.0), 1), (4, (0.38, 2.9), -1)]),
        ([OUT, IN], [(1, (3.2, 1.0), -1)]),  # begins outside
        ([IN, OUT, FAR], []),  # gone for good: its arrow says it
        ([IN, (-1.0, 1.0)], []),
        ([(-9.0, 1.0), OUT, (9.0, 2.0)], [(1, (-3.2, 1.0), -1)]),  # straight through
        ([IN, (3.15, 1.0), (3.15, 0.0), (0.0, 0.0)], []),  # along the rim, never outside
        ([(3.0 - 0.02 * k, 1.0) for k in range(-20, 60)], [(10, (3.2, 1.0), -1)]),  # by small steps
        ([*(x for k in range(40) for x in (IN, (9.0, -2.8 + 0.14 * k)))], None),  # again and again
    ],
)
def test_who_comes_back_has_marks_where_it_left_and_came_in(
    way: list[tuple[float, float]], marks: list[tuple[int, tuple[float, float], int]] | None
) -> None:
    stage = stage_of(way)
    box, found = stage.box, stage.crossings
    assert all(box.holds(*mark.place) for mark in found)
    apart = [np.hypot(*np.subtract(a.place, b.place)) for a, b in itertools.combinations(found, 2)]
    assert len(found) <= MOST and (not apart or min(apart) >= stage.line(APART))
    if marks is None:
        assert len(found) > 2
        return
    assert len(found) == len(marks)
    for mark, (since, (x, y), outward) in zip(found, marks, strict=True):
        rim = box.x0 + box.width * (x + 3.2) / 6.4, box.y1 - box.height * (y + 2.9) / 5.8
        assert abs(mark.since - since) <= (2 if len(way) > 50 else 0)
        assert np.hypot(*np.subtract(mark.place, rim)) < stage.line(14)
        middle = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]) - mark.place
        assert np.sign(np.dot(mark.direction, middle)) == -outward
        shown = [any(item[0][0] == "crossing" for item in stage.heads(k)) for k in (mark.since - 1, mark.since)]  # type: ignore[index]
        assert shown == [False, True]


def test_marks_of_several_paths_do_not_lie_over_each_other_or_under_arrows() -> None:
    def near(x: float) -> list[tuple[float, float]]:
        return [(0.0, 1.0), (9.0, 1.0 + x), (0.0, 1.0)]

    assert len(stage_of(near(0.0), near(0.1), near(3.0)).crossings) == 2, "one stands for two"
    stage = stage_of(near(0.0), [(0.0, 1.0)] * 5 + [(9.0, 1.0)])
    shown = [sum(item[0][0] == "crossing" for item in stage.heads(k)) for k in (1, 2, 4, 5, 125)]  # type: ignore[index]
    assert shown == [0, 1, 1, 0, 0], "the arrow of the other stands there"


def test_no_line_no_mark() -> None:
    assert stage_of([OUT, IN, (0.0, 0.0)], breaks=(1,)).crossings == []
    (loss,) = stages(compose(race_of(3, view="loss", panel=["none"])))
    assert loss.crossings == [], "breaks of the axis tell it of curves"
