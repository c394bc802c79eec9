"""Arrows of paths and curves that are outside their panel: where they left, at their own step."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import samples

import gdviz
from gdviz.compose.race import compose
from gdviz.draw.exits import ROWS
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs
from gdviz.scene import Scene, Track, Trails


def stages(scene: Scene) -> list[Stage]:
    glyphs = Glyphs(scene.font)
    layout = arrange(scene, glyphs)
    return [
        Stage(scene, layout, Place(panel, box), glyphs)
        for panel, box in zip(layout.panels, layout.boxes, strict=True)
    ]  # fmt: skip


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
            assert one.place[0] == pytest.approx(loss.box.x0 + loss.box.width * step / steps), (
                f"step {step}, record {k}"
            )
            assert loss.box.holds(*one.place)
            out += 1
    assert out > steps, "curves leave the panel"


def test_arrows_at_one_step_stand_behind_one_another_until_there_is_no_room() -> None:
    run = gdviz.simulate("quadratic_1d", [f"gd:lr={1.01 + 0.001 * n}" for n in range(12)], steps=100)
    _, loss = stages(compose(run))
    places = [one.place for one in loss.exits(50)]
    heights = sorted({round(y) for _, y in places})
    assert len(places) == 12 and len(heights) == ROWS
    assert min(np.diff(heights)) >= loss.line(17)


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
