"""Pictures of sweeps and ensembles: layers that sum up many runs, and the scenes made of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.render import picture
from gdviz.draw.rims import tick_room
from gdviz.draw.text import Glyphs
from gdviz.draw.ticks import ticks
from gdviz.scene import THEMES, Axis, Counts, Entry, Outline, Panel, Scene, Spans, Style, Whiskers
from gdviz.scene.layers import Layer

RED, BLUE = "#ff0000", "#0000ff"
NAMES = ("1", "8", "full")


def scene(*layers: Layer, x: Axis | None = None, y: Axis | None = None) -> Scene:
    panel = Panel("main", x or Axis(0.0, 10.0), y or Axis(-0.5, 2.5, names=NAMES), layers, frame=True)
    entries = (Entry("a", "", Style(RED, marker="square")), Entry("b", "", Style(BLUE, "dashed")))
    return Scene((640, 400), THEMES["light"], (panel,), entries)


def seen(made: Scene, points: list[tuple[float, float]]) -> list[tuple[int, ...]]:
    """The colours of a picture at points in axis units."""
    layout = arrange(made, Glyphs(None))
    frame = picture(made, 0)
    at = Place(layout.panels[0], layout.boxes[0]).pixels(np.array(points))
    return [tuple(map(int, frame[int(y), int(x)])) for x, y in at]


def red(color: tuple[int, ...]) -> bool:
    return color[0] > 200 and color[1] < 120 and color[2] < 120


def test_counts_reach_as_far_as_they_say() -> None:
    made = scene(Counts(0, np.array([0.0, 2.0]), np.array([2.0, 8.0]), 0.6, ("2", "8")))
    near, beyond, long_, past, between = seen(made, [(1.5, 0.0), (5.0, 0.0), (7.3, 2.0), (9.5, 1.6), (1.0, 1.0)])
    assert red(near) and red(long_) and not any(map(red, (beyond, past, between)))


def test_whiskers_span_their_values_and_say_where_there_is_no_end() -> None:
    x, low, middle, high = np.array([[1.0, 5.0, 9.0], [0.0, 0.5, np.nan], [1.0, np.inf, 1.0], [2.0, np.inf, 2.0]])
    made = scene(Whiskers(0, x, low, middle, high), y=Axis(-0.5, 2.5))
    ends = seen(made, [(1.0, 0.05), (1.0, 1.0), (1.0, 1.95), (1.0, 2.3), (5.0, 1.5), (9.0, 1.0)])
    assert [red(one) for one in ends] == [True, True, True, False, True, False]


def test_spans_lie_side_by_side_over_their_stretch() -> None:
    stretch = np.array([[6.0, np.inf]])
    made = scene(Spans(0, stretch, 0, "lost"), Spans(1, np.array([[2.0, 4.0]]), 1), y=Axis(0.0, 1.0))
    box = arrange(made, Glyphs(None)).boxes[0]
    frame = picture(made, 0)[box.y0 : box.y0 + box.height // 4, box.x0 : box.x1].astype(int)
    for number, (low, high) in ((0, (0.6, 1.0)), (2, (0.2, 0.4))):
        colored = (frame[..., number] > 200) & (np.delete(frame, number, axis=2) < 90).all(axis=2)
        columns = np.flatnonzero(colored.any(axis=0)) / box.width
        assert abs(columns[0] - low) < 0.03 and abs(columns[-1] - high) < 0.03


def test_an_outline_is_in_ink_where_it_says() -> None:
    made = scene(Outline((np.array([(5.0, -0.5), (5.0, 2.5)]),)))
    on, off = seen(made, [(5.0, 1.3), (6.0, 1.3)])
    assert max(on) < 130 and min(off) > 200


def test_axes_of_words_have_them_for_ticks() -> None:
    axis = Axis(-0.5, 2.5, names=NAMES)
    assert ticks(axis, 9) == [(0.0, "1"), (1.0, "8"), (2.0, "full")]
    assert ticks(axis, 2) == [(0.0, "1"), (2.0, "full")]
    assert ticks(dataclasses.replace(axis, low=0.5), 9) == [(1.0, "8"), (2.0, "full")]
    made = scene(y=axis)
    assert tick_room(arrange(made, Glyphs(None)).cell, made.panels[0], 300) >= 3


@pytest.mark.parametrize(
    "make",
    [
        lambda: Counts(0, np.zeros(2), np.zeros(3), 0.5),
        lambda: Counts(0, np.zeros(2), np.zeros(2), 0.5, ("one",)),
        lambda: Whiskers(0, np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(1)),
        lambda: Spans(0, np.zeros(2)),
    ],
)
def test_layers_refuse_what_does_not_fit(make) -> None:
    with pytest.raises(ValueError, match="need"):
        make()


def test_layers_of_an_entry_are_in_its_panel_alone() -> None:
    layer = Counts(1, np.zeros(1), np.ones(1), 0.5)
    assert layer.part(1, None) is layer and layer.part(0, None) is None and layer.part(None, 0) is layer
