"""Steps taken apart, gradients as arrows, and small multiples, as data of scenes."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from rules import feed

import gdviz
from gdviz.api import redrawn
from gdviz.backends.python import update
from gdviz.catalogue.lookup import definitions, find
from gdviz.compose.race import compose
from gdviz.draw.markers import vector
from gdviz.errors import UsageError
from gdviz.objectives.landscape import derive
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Arrows, Field, Marks, Scene, Trails
from gdviz.scene.palette import DASHES

VECTOR = [name for name, definition in definitions("optimizer").items() if definition.rule == "vector"]
SIGHTLESS = [name for name in VECTOR if "f" not in find("optimizer", name).inputs]  # what can be handed gradients alone


def drawn(run: Trajectories, **look: Any) -> Scene:
    return compose(redrawn(run, look))


def arrows(scene: Scene, panel: int = 0) -> list[Arrows]:
    return [layer for layer in scene.panels[panel].layers if isinstance(layer, Arrows)]


def optimizer(name: str, preset: str | None) -> Any:
    stated = find("optimizer", name).presets.get(preset or "", {})
    rate = {"lr": 0.05} if "lr" in find("optimizer", name).parameters and "lr" not in stated else {}
    return gdviz.optimizer(name, preset=preset, **rate)


@pytest.mark.parametrize("name", VECTOR)
def test_steps_taken_apart_are_the_steps_of_the_run(name: str) -> None:
    for preset in (None, *find("optimizer", name).presets):
        run = gdviz.simulate("quadratic_2d", [optimizer(name, preset)], steps=12, transforms=["gaussian:sigma=0.1"])
        for step in (update(run.plans[0], t) for t in range(1, 13)):
            if run.stopped_at[0, 0] >= step.t:
                assert np.array_equal(step.moved[:, 0], run.x[0, 0, step.t])
                assert np.array_equal(step.x[:, 0], run.x[0, 0, step.t - 1])


@pytest.mark.parametrize("name", SIGHTLESS)
def test_coasting_is_the_step_that_a_gradient_of_zero_brings(name: str) -> None:
    run = gdviz.simulate("quadratic_2d", [optimizer(name, None)], steps=7)
    steps = [update(run.plans[0], t) for t in range(1, 8)]
    gradients = np.stack([step.gradient[:, 0] for step in steps])
    gradients[-1] = 0.0
    definition = find("optimizer", name)
    fed = feed(dataclasses.replace(definition, parameters=run.plans[0].options | {}), gradients, x0=run.x[0, 0, 0])
    np.testing.assert_allclose(steps[-1].coast[:, 0], fed[-1] - fed[-2], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", VECTOR)
def test_arrows_of_a_step_add_up(name: str) -> None:
    for preset in (None, *find("optimizer", name).presets):
        run = gdviz.simulate("quadratic_2d", [optimizer(name, preset)], steps=6, start=(-3.0, 1.0))
        if run.stopped_at[0, 0] < 4 or np.array_equal(run.x[0, 0, 3], run.x[0, 0, 4]):
            continue
        solid = [layer for layer in arrows(drawn(run, anatomy=4)) if layer.kind == "arrow"]
        assert all(int(layer.since[0]) == 3 and layer.entry == 0 for layer in solid)
        total, *parts = solid if len(solid) > 1 else (solid[0], solid[0])
        np.testing.assert_allclose(total.tails[0], run.x[0, 0, 3])
        np.testing.assert_allclose(total.tips[0], run.x[0, 0, 4])
        together = sum(part.tips[0] - part.tails[0] for part in parts)
        np.testing.assert_allclose(together, total.tips[0] - total.tails[0], rtol=1e-9, atol=1e-12)


def test_momentum_and_nesterov_differ_in_where_the_gradient_is_taken() -> None:
    rules = ["momentum:lr=0.1,mu=0.9", "nesterov:lr=0.1,mu=0.9,nesterov_form=lookahead"]
    run = gdviz.simulate("ravine", rules, steps=5, constants={"kappa": 6.0})
    scene = drawn(run, anatomy=2, split="optimizer", panel=["none"])
    (guide, whole, coast, pull), (_, _, coast_n, pull_n) = (arrows(scene, panel) for panel in (0, 1))
    assert whole.texts == ("actual step",) and coast.texts == ("momentum step",) and pull.texts == ("gradient step",)
    assert pull_n.texts == ("look-ahead gradient step",)
    first = run.x[0, 0, 1] - run.x[0, 0, 0]
    np.testing.assert_allclose(coast.tips - coast.tails, [0.9 * first])  # the last step, slowed by friction
    np.testing.assert_allclose(coast_n.tips, coast.tips)
    np.testing.assert_allclose(pull_n.tails, coast_n.tips)  # its gradient is taken where momentum alone would lead
    np.testing.assert_allclose(pull.tails, coast.tails)
    assert len(guide.tails) == 2  # the other two sides of the parallelogram
    (x0, x1), (y0, y1) = ((axis.low, axis.high) for axis in (scene.panels[0].x, scene.panels[0].y))
    both = [*arrows(scene, 0), *arrows(scene, 1)]
    ends = np.concatenate([end for layer in both for end in (layer.tails, layer.tips)])
    assert ((ends > (x0, y0)) & (ends < (x1, y1))).all() and x1 - x0 < 3.0  # a close view of the step
    first_x, first_y = run.x[0, 0, 0]
    assert x0 < first_x < x1 and y0 < first_y < y1, "and of the start, where that is near"


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_in_grey_shafts_tell_arrows_apart_and_the_caption_says_which(lang: str) -> None:
    run = gdviz.simulate("ravine", ["momentum:lr=0.1,mu=0.9"], steps=5, constants={"kappa": 6.0})
    for theme, other in (("print", 3), ("light", 1)):
        scene = drawn(run, anatomy=2, theme=theme, lang=lang)
        solid = [layer for layer in arrows(scene) if layer.kind == "arrow"]
        assert len({layer.dash for layer in solid}) == other and len({layer.color for layer in solid}) == 4 - other
        assert all((layer.texts[0] in scene.caption) == (theme == "print") for layer in solid)
    pair = [{"name": "gradient", "at": "path"}, {"name": "clip_norm", "limit": 1.0, "at": "path"}]
    scene = drawn(run, arrows=pair, theme="print", lang=lang)
    assert len({layer.dash for layer in arrows(scene)}) == 2 and scene.caption.count("(") == 2


def test_dashes_of_a_shaft_lie_in_its_outline_and_leave_gaps() -> None:
    tail, tip = np.array([10.0, 20.0]), np.array([110.0, 20.0])
    (whole,) = vector(tail, tip, 4.0, "#000000", 0.0, "#ffffff")
    for dash in ("dashed", "dotted"):
        *pieces, head = vector(tail, tip, 4.0, "#000000", 0.0, "#ffffff", dashes=DASHES[dash])
        ends = [(piece.points[:, 0].min(), piece.points[:, 0].max()) for piece in pieces]
        assert len(pieces) > 2 and all(a[1] < b[0] for a, b in itertools.pairwise(ends))
        assert (
            ends[0][0] == 10.0 and ends[-1][1] <= head.points[:, 0].min() and head.points[1].tolist() == [110.0, 20.0]
        )
        assert all(np.isin(piece.points[:, 1], whole.points[:, 1]).all() for piece in pieces)
    assert len(vector(tail, tail + 5.0, 4.0, "#000000", 0.0, "#ffffff", dashes=DASHES["dashed"])) == 1, "all head"


def test_a_rule_without_memory_has_one_arrow() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=5)
    (only,) = arrows(drawn(run, anatomy=3))
    assert only.texts == ("gradient step",)


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"anatomy": 9}, "beyond the last step"),
        ({"panel": ["los"]}, "did you mean 'loss'"),
        ({"panel": ["loss:cubic"]}, "linear, log or symlog, not 'cubic'"),
        ({"panel": ["state:w"]}, "type one of state:m, state:v"),
        ({"arrows": [{"name": "gaussian", "sigma": "x"}]}, "sigma is 'x'"),
        ({"arrows": [{"name": "gausian"}]}, "there is no transform 'gausian'"),
        ({"arrows": [{"name": "decoupled"}]}, "leaves the gradient alone"),
    ],
)
def test_what_cannot_be_drawn_is_told(look: dict[str, Any], said: str) -> None:
    run = gdviz.simulate("beale", ["adam:lr=0.1"], steps=5)
    with pytest.raises(UsageError, match=said):
        drawn(run, **look)


def test_only_straight_line_rules_are_taken_apart() -> None:
    with pytest.raises(UsageError, match="newton calls the landscape back"):
        drawn(gdviz.simulate("beale", ["newton"], steps=5), anatomy=1)
    with pytest.raises(UsageError, match="needs a plane"):
        drawn(gdviz.simulate("quadratic_1d", ["gd:lr=0.1"], steps=5), anatomy=1)
    with pytest.raises(UsageError, match="drop --every"):
        drawn(gdviz.simulate("beale", ["gd:lr=0.01"], steps=6, every=2), panel=["rate"])


def test_gradient_arrows_keep_direction_and_share_a_scale() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=5)
    slope = np.array(derive(find("landscape", "beale")).gradient(*run.x[0, 0, 0]), float)
    up, down, noisy = arrows(
        drawn(run, arrows=[{"name": "gradient"}, {"name": "descent"}, {"name": "multiplicative", "sigma": 0.0}])
    )
    np.testing.assert_allclose(up.tips - up.tails, -(down.tips - down.tails))
    np.testing.assert_allclose(noisy.tips, up.tips)
    way = up.tips[0] - up.tails[0]
    np.testing.assert_allclose(way / np.hypot(*way), slope / np.hypot(*slope))
    assert up.texts == ("gradient: steepest ascent",) and len({up.color, down.color, noisy.color}) == 3


def test_arrows_along_the_path_come_with_their_iterates_and_those_of_a_grid_stand_still() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1"], steps=5)
    grid, *along = arrows(drawn(run, arrows=[{"name": "descent", "at": "path"}, {"name": "descent", "at": "grid"}]))
    assert grid.since is None and len(grid.tails) > 100
    assert [layer.entry for layer in along] == [0, 1]
    assert along[0].since == (0, 1, 2, 3, 4, 5)
    np.testing.assert_allclose(along[1].tails, run.x[1, 0])
    scene = drawn(run, split="optimizer", arrows=[{"name": "descent", "at": "path"}])
    assert [layer.entry for layer in arrows(scene, 1)] == [1]


def test_of_many_coordinates_arrows_are_drawn_on_the_cut() -> None:
    run = gdviz.simulate("simple_quad", ["momentum:lr=0.1"], steps=5, dim=4)
    with pytest.raises(UsageError, match="type --view contour"):
        drawn(run, arrows=[{"name": "descent"}])
    grid, down, *parts = arrows(
        drawn(run, view="contour", anatomy=2, arrows=[{"name": "descent"}, {"name": "descent", "at": "grid"}])
    )
    shown = -2 * run.x[0, 0, 0, :2]
    way = down.tips[0] - down.tails[0]
    np.testing.assert_allclose(way / np.hypot(*way), shown / np.hypot(*shown))
    assert grid.tails.shape[1] == 2 and len(parts) == 4


def test_on_a_graph_gradients_point_along_the_axis() -> None:
    run = gdviz.simulate("quadratic_1d", ["gd:lr=0.1"], steps=5)
    (up,) = arrows(drawn(run, arrows=[{"name": "gradient"}]))
    np.testing.assert_allclose(up.tails, [(6.0, 65.0)])
    assert up.tips[0, 1] == 65.0 and up.tips[0, 0] > 6.0


def test_a_part_that_needs_a_third_of_the_window_has_one_of_its_own_and_says_so() -> None:
    run = gdviz.simulate("beale", ["adam:lr=0.1", "gd:lr=0.0001"], steps=40)
    scene = drawn(run, split="optimizer", lang="kk")
    whole, part = scene.panels[:2]
    times = int(part.title.partition("(×")[2].rstrip(")"))
    assert "×" not in whole.title and times >= 3 and "×n" in scene.caption
    assert whole.x.span / part.x.span == pytest.approx(times) == pytest.approx(whole.y.span / part.y.span)
    inside = run.x[1, 0]
    assert ((inside >= (part.x.low, part.y.low)) & (inside <= (part.x.high, part.y.high))).all()
    (word,) = [layer.texts for layer in whole.layers if isinstance(layer, Marks) and layer.kind == "start"]
    assert word and not any(layer.texts for layer in part.layers if isinstance(layer, Marks) and layer.kind == "start")
    for look in ({"domain": ((-1.0, 4.0), (-1.0, 2.0))}, {"view": "loss"}, {"anatomy": 2}):
        assert not any("×" in panel.title for panel in drawn(run, split="optimizer", **look).panels), look


def test_captions_say_what_arrows_without_a_word_are() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=5)
    assert drawn(run, arrows=[{"name": "descent", "at": "grid"}]).caption.startswith("Arrows: −∇f")
    assert "Arrows" not in drawn(run, arrows=[{"name": "descent"}]).caption, "those at starts have a word of their own"
    assert "step 2 taken apart" in drawn(run, anatomy=2).caption


def test_small_multiples_hold_one_optimizer_or_start_each() -> None:
    run = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1"], steps=5, start=[(1.0, 1.5), (-1.0, 1.0), (0.0, 0.0)])
    whole = drawn(run)
    assert whole.grid is None
    scene = drawn(run, split="optimizer", panel=["loss", "gradient"])
    assert [panel.title for panel in scene.placed] == ["GD, η = 0.01", "Adam, η = 0.1", "loss", "gradient norm"]
    assert scene.grid is not None and scene.grid[0] * scene.grid[1] >= 4
    for i in (0, 1):
        (trails,) = [layer for layer in scene.panels[i].layers if isinstance(layer, Trails)]
        assert [track.entry for track in trails.tracks] == [i, i, i]
        assert scene.panels[i].layers[0] is scene.panels[0].layers[0] and isinstance(scene.panels[0].layers[0], Field)
    assert drawn(run, panel=["loss", "gradient", "step"]).grid is None
    assert drawn(run, panel=["loss", "gradient", "rate"]).grid == (2, 3)  # five panels and the ledger
    scene = drawn(run, split="start", lang="ru")
    titles = [panel.title.partition(" (×")[0] for panel in scene.panels[:3]]
    assert titles == ["старт (1; 1,5)", "старт (−1; 1)", "старт (0; 0)"]
    for s in (0, 1, 2):
        (trails,) = [layer for layer in scene.panels[s].layers if isinstance(layer, Trails)]
        assert [(track.entry, track.start) for track in trails.tracks] == [(0, s), (1, s)]
        (ring,) = [layer for layer in scene.panels[s].layers if isinstance(layer, Marks) and layer.kind == "start"]
        np.testing.assert_array_equal(ring.points, run.x[0, s : s + 1, 0])
    for look in ({"arrows": [{"name": "gradient", "at": place} for place in ("path", "start")]}, {"anatomy": 2}):
        whole, scene = drawn(run, **look), drawn(run, split="start", **look)
        for s in (0, 1, 2):
            near = run.x[:, s].reshape(-1, 2)
            for layer in arrows(scene, s):
                assert layer.start == s
                if layer.kind != "guide":
                    assert all(np.abs(near - tail).max(axis=1).min() < 1e-12 for tail in layer.tails)
        assert sum(len(arrows(scene, s)) for s in (0, 1, 2)) == len(arrows(whole)) > 0


@pytest.mark.parametrize("name", [name for name in VECTOR if find("optimizer", name).shown])
def test_a_gradient_is_no_look_ahead_because_another_point_is_recorded(name: str) -> None:
    run = gdviz.simulate("himmelblau", [f"{name}:lr=0.003"], steps=5)
    texts = {text for layer in arrows(drawn(run, anatomy=4)) for text in layer.texts}
    ahead = find("optimizer", name).at is not None
    assert ("gradient step" in texts, "look-ahead gradient step" in texts) == (not ahead, ahead)
