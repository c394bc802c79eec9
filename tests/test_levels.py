"""Values of level lines: few, true, along their lines, off paths and marks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.draw.furniture import furniture
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.render import shapes
from gdviz.draw.shapes import Hairlines, Text
from gdviz.draw.stretches import Places
from gdviz.draw.text import Glyphs, width
from gdviz.scene import Marks


@pytest.mark.parametrize("size", ["1080p", "square", "480x270"])
def test_values_of_levels_are_few_and_true_and_stand_along_their_lines(size):
    run = gdviz.simulate("himmelblau", ["gd:lr=0.01", "adam:lr=0.1"], steps=60, backend="python")
    run = gdviz.api.redrawn(
        run, {"size": size, "labels": ["levels", "start"], "inset": "off", "domain": ((-6.0, 6.0), (-6.0, 6.0))}
    )
    scene = scene_of(run)
    layout = arrange(scene, Glyphs(scene.font))
    place = Place(layout.panels[0], layout.boxes[0])
    shapes = furniture(scene, layout)
    told = [shape for shape in shapes if isinstance(shape, Text) and shape.angle is not None]
    assert (1 if size == "480x270" else 2) <= len(told) <= 8
    (lines,) = [shape.lines for shape in shapes if isinstance(shape, Hairlines) and shape.color == scene.theme.level][
        :1
    ]
    drawn = np.concatenate(lines)
    paths = np.concatenate([place.track(track.points, "path") for track in scene.trails()[0].tracks])
    marks = np.concatenate([place.pixels(one.points) for one in place.panel.layers if isinstance(one, Marks)])
    for text in told:
        around = np.array([(text.x, text.y)]) + 0.4 * text.size * np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])
        x = place.x_values((around[:, 0] - place.box.x0) / place.box.width)
        y = place.y_values((place.box.y1 - around[:, 1]) / place.box.height)
        values = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
        assert values.min() <= 1.005 * float(text.text) and 0.995 * float(text.text) <= values.max()
        wide = width(text.text, text.size, scene.font)
        along = np.array([math.cos(math.radians(text.angle)), -math.sin(math.radians(text.angle))])
        assert along[0] >= 0, "nothing is read upside down"
        body = np.array([text.x, text.y]) + np.linspace(-0.5, 0.5, 9)[:, None] * wide * along
        for others in (paths, marks):
            assert np.hypot(*(body[:, None] - others).transpose(2, 0, 1)).min() > 0.7 * text.size
        ends = np.array([text.x, text.y]) + np.array([[-0.5], [0.5]]) * (wide + 1.5 * text.size) * along
        for end in ends:  # the line goes on where the text ends, and not through it
            assert np.hypot(*(drawn - end).T).min() < 0.7 * text.size
        assert all(np.hypot(*(drawn - point).T).min() > 0.15 * text.size for point in body[3:6]) or len(told) > 1


def test_a_text_takes_the_straightest_free_stretch():
    from gdviz.draw.shapes import Box

    at = np.linspace(0.0, 1.0, 400)
    bent = np.column_stack([60 + 480 * at, 100 + 80 * np.sin(12 * at)])
    straight = np.column_stack([60 + 480 * at, 300 + 40 * at])
    places = Places(Box(0, 0, 600, 400), 16.0, np.empty((0, 2)))
    number, stretch = places.put([bent, straight], 60.0)
    assert number == 1 and stretch.angle == pytest.approx(-math.degrees(math.atan2(40, 480)), abs=0.5)
    assert sum(len(part) for part in stretch.rest) < len(straight) and len(stretch.rest) == 2
    taken = Places(Box(0, 0, 600, 400), 16.0, straight)
    assert taken.put([straight], 60.0) is None
    assert places.put([straight], 470.0) is None, "a line that is too short has none"


def test_names_and_insets_keep_off_the_values_of_levels():
    gallery = Path(__file__).parent.parent / "gallery" / "lectures" / "2_inertia"
    told = 0
    for name in ("friction_wobbly", "friction_hills_and_canyon"):
        scene = scene_of(api.make(api.load_recipe(gallery / f"{name}.toml")))
        layout = arrange(scene, Glyphs(scene.font))
        (seen,) = shapes(scene, [scene.records - 1])
        texts = [shape for shape in seen if isinstance(shape, Text)]
        values = [text for text in texts if text.angle is not None]
        for text in values:
            told += 1
            half = width(text.text, text.size, scene.font) / 2
            turn = np.array([math.cos(math.radians(text.angle)), -math.sin(math.radians(text.angle))])
            body = np.array([text.x, text.y]) + np.linspace(-half, half, 9)[:, None] * turn
            for name in (other for other in texts if other.bold and other is not text):
                wide = width(name.text, name.size, scene.font, True)
                across, down = (body - (name.x, name.y)).T
                assert not ((across > 0) & (across < wide) & (down > -0.7 * name.size) & (down < 0)).any(), name
            for inset in layout.insets:
                assert not any(inset.outer.holds(x, y) for x, y in body), text
    assert told > 2
