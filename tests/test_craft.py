"""What a picture owes its viewer, measured on the scene and on the laid-out page: the action fills the window, a film
moves, and no words stand on each other, on a head or at the edge.

Held for every recipe of the lectures and, with `exhaustive`, for the default race on every landscape, else on a
third of the sample.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
from rules import marked, sample

from gdviz import api
from gdviz.artefacts import scene_of
from gdviz.catalogue.lookup import definitions
from gdviz.draw.measures import SMALLEST
from gdviz.draw.render import shapes
from gdviz.draw.shapes import Text
from gdviz.draw.text import extent, width
from gdviz.recipe import lectures
from gdviz.scene import Panel, Scene, Trails

GALLERY = {f"lecture-{name}": file for name, file in lectures.recipes().items()}
LANDSCAPES = definitions("landscape")
LONG = {f"lecture-{name}" for name in ("deep_and_shallow", "initialisations", "methods_and_rates")}
"""Networks whose kernels take twenty seconds to be compiled; others of each kind are tried here."""
CASES = [*marked(LANDSCAPES, sorted(sample(LANDSCAPES))[::3]), *marked(GALLERY, GALLERY.keys() - LONG)]
ALL = pytest.mark.parametrize("name", CASES, scope="module")

EXTENT = 0.35
"""Of the window's diagonal, what the box of all paths in it takes at least."""

FIRST_QUARTER = 0.55
"""Of all motion in a film, what its first quarter may show."""

POINTS = 6.0
"""Size of the smallest text on paper; on a screen it is `SMALLEST` pixels where the shorter side has 1080."""

EDGE = 0.005
"""Of the page's sides, what stays free of words."""


@functools.lru_cache(maxsize=1)
def composed(name: str) -> Scene:
    """The scene of a landscape's default race or of a recipe."""
    recipe = api.load_recipe(GALLERY[name]) if name in GALLERY else api.parse_recipe(f'landscape = "{name}"', name)
    return scene_of(api.make(recipe))


def paths_of(panel: Panel) -> list[np.ndarray]:
    """float64[record, 2] shares of a panel's width and height, one for each path in the plane or on a graph."""
    trails = [layer for layer in panel.layers if isinstance(layer, Trails) and layer.kind != "curve"]
    tracks = [track.points for trail in trails for track in trail.tracks]
    return [np.stack([panel.x.fraction(p[:, 0]), panel.y.fraction(p[:, 1])], axis=1) for p in tracks]


def inside(path: np.ndarray) -> np.ndarray:
    """bool[record]: where a path is in its window."""
    return np.asarray((np.isfinite(path) & (path >= 0) & (path <= 1)).all(axis=1))


def extent_of(panel: Panel) -> float:
    """How much of a window's diagonal the box of all that moves in it takes."""
    found = np.concatenate([path[inside(path)] for path in paths_of(panel)])
    return float(np.hypot(*np.ptp(found, axis=0)) / np.sqrt(2.0)) if len(found) else 0.0


def motion(scene: Scene) -> np.ndarray:
    """float64[frame - 1, path]: how far each path moves from frame to frame, in sides of its window.

    A step counts as a tenth of the diagonal at most: a longer one is a jump, of which a film shows no more than that.
    """
    clock = scene.clock
    rows = []
    for panel in scene.panels:
        for path in paths_of(panel):
            held = inside(path)
            ways = np.hypot(*np.diff(np.where(held[:, None], path, 0.0), axis=0).T)
            ways[~(held[1:] & held[:-1])] = 0.0
            ways = np.minimum(ways, 0.1 * np.sqrt(2.0))
            rows.append(np.diff(np.concatenate([[0.0], np.cumsum(ways)])[clock.record]))
    return np.array(rows).T if rows else np.zeros((clock.frames - 1, 0))


def rectangle(text: Text, font: str | None) -> tuple[float, float, float, float]:
    """What a line of text covers, pixels: x0, y0, x1, y1."""
    wide = width(text.text, text.size, font, text.bold, text.math)
    rise, depth = extent(text.text, text.size, font, text.math)
    before = wide * {"left": 0.0, "center": 0.5, "right": 1.0}[text.align]
    if text.turned:
        return text.x - rise, text.y - wide + before, text.x + depth, text.y + before
    return text.x - before, text.y - rise, text.x - before + wide, text.y + depth


@ALL
def test_the_action_fills_the_window(name: str) -> None:
    scene = composed(name)
    panels = [panel for panel in scene.panels if paths_of(panel)]
    if not panels or all(np.ptp(path, axis=0).max() == 0 for panel in panels for path in paths_of(panel)):
        return
    assert max(extent_of(panel) for panel in panels) >= EXTENT


@ALL
def test_a_film_moves(name: str) -> None:
    scene = composed(name)
    steps = motion(scene).sum(axis=1)
    if not steps.any():
        return
    quarter = len(steps) // 4
    assert steps[:quarter].sum() <= FIRST_QUARTER * steps.sum()
    shown = np.count_nonzero(np.diff(np.unique(scene.clock.record)))  # frames show whole records: few steps, few moves
    assert np.count_nonzero(steps) >= min(0.5 * len(steps), 0.9 * shown - 1)


@ALL
def test_words_stand_apart_and_off_the_edge(name: str) -> None:
    scene = composed(name)
    wide, high = scene.size
    least = POINTS / 72 * scene.dpi if scene.dpi else SMALLEST / 1080 * min(scene.size)
    for seen in shapes(scene, sorted({0, scene.records // 2, scene.records - 1})):
        texts = [shape for shape in seen if isinstance(shape, Text) and shape.text.strip()]
        boxes = [rectangle(text, scene.font) for text in texts]
        for text, (x0, y0, x1, y1) in zip(texts, boxes, strict=True):
            assert text.size >= 0.98 * least, text
            assert x0 >= EDGE * wide and x1 <= (1 - EDGE) * wide, text
            assert y0 >= EDGE * high and y1 <= (1 - EDGE) * high, text
        for (a, p), (b, q) in itertools.combinations(zip(texts, boxes, strict=True), 2):
            over = min(p[2], q[2]) - max(p[0], q[0]), min(p[3], q[3]) - max(p[1], q[1])
            assert min(over) <= 1.0, (a, b)
