"""Arrows on the page: cells, directions and lengths of the screen, what does not fit, and the lines to their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gdviz
from gdviz import formula
from gdviz.api import redrawn
from gdviz.catalogue.lookup import find
from gdviz.compose.race import compose
from gdviz.draw.layers.arrows import vectors
from gdviz.draw.layout import arrange
from gdviz.draw.places import Place
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs
from gdviz.objectives.landscape import derive
from gdviz.scene import Arrows, Scene


def scene_of(landscape: Any, optimizers: tuple[str, ...] = ("gd:lr=0.01",), look: Any = None, **options: Any) -> Scene:
    run = gdviz.simulate(landscape, list(optimizers), **{"steps": 5, **options})
    return compose(redrawn(run, look or {}))


def stage_of(scene: Scene) -> Stage:
    """Of the main panel."""
    glyphs = Glyphs(scene.font)
    layout = arrange(scene, glyphs)
    return Stage(scene, layout, Place(layout.panels[0], layout.boxes[0]), glyphs)


GRIDS = {
    "wide": (lambda x, y: x**2 / 1000 + y**2, [(-100.0, 100.0), (-1.0, 1.0)], "1080p"),
    "high": (lambda x, y: x**2 + y**2 / 10000, [(-1.0, 1.0), (-300.0, 300.0)], "1080p"),
    "flat": (lambda x, y: formula.sin(x) + formula.cos(50 * y), [(-3.0, 3.0), (0.0, 0.1)], "square"),
    "round": (lambda x, y: x**2 + 3 * y**2, [(-2.0, 2.0), (-2.0, 2.0)], "vertical"),
}


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "two"])
def test_arrows_of_a_grid_keep_to_their_cells_and_point_where_a_step_would_go(name: str, alone: bool) -> None:
    landscape, domain, size = GRIDS[name]
    names = ["descent"] if alone else ["gradient", "descent"]
    look = {"size": size, "arrows": [{"name": name, "at": "grid"} for name in names]}
    scene = scene_of(landscape, look=look, domain=domain)
    stage = stage_of(scene)
    box, panel = stage.box, stage.place.panel
    layer = [layer for layer in panel.layers if isinstance(layer, Arrows)][-1]
    found = list(vectors(layer, stage.place, stage.page, scene.theme))
    assert len(found) > 80
    tails, tips = (np.array([getattr(one, end) for one in found]) for end in ("tail", "tip"))
    for ends in (tails, tips):
        assert (ends >= (box.x0, box.y0)).all() and (ends <= (box.x1, box.y1)).all()
    centres, ways = (tails + tips) / 2 if alone else tails, tips - tails
    cell = np.array([np.diff(np.unique(np.round(part, 6))).min() for part in centres.T])
    assert max(cell) < 1.7 * min(cell), "cells are about square on the page"
    assert np.hypot(*ways.T).max() < min(cell) * (1.0 if alone else 0.5), "no arrow reaches its neighbour's"
    # on the page an arrow points along the path of a small step
    across, up = (centres - (box.x0, box.y1)).T / ((box.width,), (-box.height,))
    points = np.column_stack([panel.x.low + across * panel.x.span, panel.y.low + up * panel.y.span])
    h = 1e-5 * np.array([panel.x.span, panel.y.span])
    slope = np.column_stack([
        (landscape(points[:, 0] + h[0], points[:, 1]) - landscape(points[:, 0] - h[0], points[:, 1])) / (2 * h[0]),
        (landscape(points[:, 0], points[:, 1] + h[1]) - landscape(points[:, 0], points[:, 1] - h[1])) / (2 * h[1]),
    ])  # fmt: skip
    path = -slope * (box.width / panel.x.span, -box.height / panel.y.span)
    turned = np.abs(ways[:, 0] * path[:, 1] - ways[:, 1] * path[:, 0])
    assert (turned < 1e-3 * np.hypot(*ways.T) * np.hypot(*path.T).clip(1e-6 * np.hypot(*path.T).max())).all()
    assert ((ways * path).sum(axis=1) >= 0).all()


def test_all_arrows_of_a_place_share_a_scale_in_small_multiples_too() -> None:
    look = {"arrows": [{"name": "gradient"}], "split": "start"}
    scene = scene_of("beale", look=look, start=[(1.0, 1.5), (-1.0, 1.0), (0.5, 0.5)])
    glyphs = Glyphs(scene.font)
    layout = arrange(scene, glyphs)
    lengths, slopes = [], []
    for number in range(3):
        place = Place(layout.panels[number], layout.boxes[number])
        (layer,) = [layer for layer in place.panel.layers if isinstance(layer, Arrows)]
        (one,) = vectors(layer, place, layout.cell, scene.theme)
        lengths.append(np.hypot(*(layer.tips[0] - layer.tails[0])))
        slopes.append(np.hypot(*np.array(derive(find("landscape", "beale")).gradient(*layer.tails[0]), float)))
        assert np.hypot(*(one.tip - one.tail)) <= 0.36 * min(place.box.width, place.box.height) + 1e-6
    np.testing.assert_allclose(np.divide(lengths, slopes), lengths[0] / slopes[0])


OUT = {
    "issue": ("quadratic_1d", {}, {"arrows": [{"name": "gradient"}, {"name": "descent"}], "lang": "ru"}),
    "upwards": ("beale", {"start": (1.0, 1.9)}, {"arrows": [{"name": "gradient"}], "domain": ((-2, 2), (-2, 2))}),
    "along": ("rosenbrock", {}, {"arrows": [{"name": "gradient", "at": "path"}], "domain": ((-1.55, 0), (1.9, 2.3))}),
    "anatomy": ("beale", {"start": (1.0, 1.9)}, {"anatomy": 1, "domain": ((0.95, 1.05), (1.85, 1.95))}),
}


@pytest.mark.parametrize("name", OUT)
def test_arrows_that_do_not_fit_are_shortened_with_a_mark_and_nothing_leaves_the_panel(name: str) -> None:
    landscape, options, look = OUT[name]
    optimizers = ("momentum:lr=0.01",) if name == "anatomy" else ("gd:lr=0.004",)
    scene = scene_of(landscape, optimizers, look=look, **options)
    stage = stage_of(scene)
    box = stage.box
    layers = [layer for layer in stage.place.panel.layers if isinstance(layer, Arrows) and layer.kind != "guide"]
    cut = 0
    for layer in layers:
        for one in vectors(layer, stage.place, stage.page, scene.theme):
            assert box.x0 - 1 <= one.tip[0] <= box.x1 + 1 and box.y0 - 1 <= one.tip[1] <= box.y1 + 1
            assert box.holds(*one.middle)
            cut += len(one.shapes) > 2
    assert cut > 0
    for note in stage.notes:
        for polygon in note.leader:
            assert (polygon.points >= (box.x0 - 3, box.y0 - 3)).all()
            assert (polygon.points <= (box.x1 + 3, box.y1 + 3)).all()


@pytest.mark.parametrize("rate", ["0.02", "0.004"])
def test_who_runs_away_does_not_make_the_arrows_in_view_vanish(rate: str) -> None:
    scene = scene_of("rosenbrock", (f"gd:lr={rate}",), look={"arrows": [{"name": "gradient", "at": "path"}]})
    stage = stage_of(scene)
    (layer,) = [layer for layer in stage.place.panel.layers if isinstance(layer, Arrows)]
    lengths = [np.hypot(*(one.tip - one.tail)) for one in vectors(layer, stage.place, stage.page, scene.theme)]
    assert max(lengths) > 0.1 * stage.box.height
