"""Maps of studies: cells as an image, their key, and what they say."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from gdviz.about.studies import ledger
from gdviz.backends import STATUSES
from gdviz.compose.basins import compose as compose_basins
from gdviz.compose.maps import Scale
from gdviz.compose.trainability import compose as compose_trainability
from gdviz.draw.furniture import furniture
from gdviz.draw.layers.mosaic import brightness, pooled, reaching
from gdviz.draw.layout import arrange
from gdviz.draw.render import picture
from gdviz.draw.shapes import Text
from gdviz.draw.text import Glyphs
from gdviz.errors import UsageError
from gdviz.recipe.options.basins import Basins
from gdviz.recipe.options.trainability import Trainability
from gdviz.recipe.recipe import model_of
from gdviz.recipe.sizes import page_size
from gdviz.scene import THEMES, Axis, Bar, Key, Marks, Mosaic, Panel, Scene
from gdviz.scene.tones import ramp
from gdviz.studies.shares import Reliability, Shares
from gdviz.studies.study import Study
from gdviz.studies.table import problem_of


def page(layer: Mosaic, scale: str = "linear", size: tuple[int, int] = (640, 400), **extra: object) -> Scene:
    ends = [Axis(float(at[0]), float(at[-1]), scale) for at in (layer.x, layer.y)]
    panel = Panel("main", *ends, (layer,), aspect=1.0 if scale == "linear" else None)
    return Scene(size=size, theme=THEMES["light"], panels=(panel,), entries=(), **extra)


def inside(scene: Scene) -> np.ndarray:
    box = arrange(scene, Glyphs(scene.font)).boxes[0]
    return picture(scene, 0)[box.y0 : box.y1, box.x0 : box.x1]


def test_small_cells_are_averaged_in_linear_light_and_large_ones_stay_sharp() -> None:
    fine = np.zeros((1600, 1600, 3), np.uint8)
    fine[::2, ::2] = fine[1::2, 1::2] = 255
    edges = np.linspace(0.0, 1.0, 1601)
    seen = inside(page(Mosaic(edges, edges, fine)))
    assert np.abs(seen[2:-2, 2:-2].astype(int) - 188).max() <= 70, "half of the light of white is 188"
    assert abs(brightness()[seen].mean() - 0.5) < 0.002
    coarse = np.array([[[255, 0, 0], [0, 0, 255]], [[0, 128, 0], [255, 255, 0]]], np.uint8)
    large = inside(page(Mosaic(np.linspace(0, 1, 3), np.linspace(0, 1, 3), coarse)))
    assert {tuple(color) for color in large.reshape(-1, 3).tolist()} == {
        tuple(c) for c in coarse.reshape(-1, 3).tolist()
    }
    assert large[-1, 0].tolist() == [255, 0, 0] and large[0, -1].tolist() == [255, 255, 0], (
        "the first row is the lowest"
    )


def test_cells_of_logarithmic_axes_are_even() -> None:
    edges = np.geomspace(0.1, 1000.0, 5)
    seen = inside(page(Mosaic(edges, edges, np.repeat(np.arange(4, dtype=np.uint8), 12).reshape(4, 4, 3)), "log"))
    shares = np.bincount(seen[:, 5, 0]) / len(seen)
    assert shares == pytest.approx([0.25] * 4, abs=2 / len(seen))


def test_pooling_keeps_the_mean() -> None:
    values = np.random.default_rng(0).random((97, 3))
    for count in (5, 31, 96):
        assert pooled(values, reaching(np.linspace(0, count, 98), count)).mean(axis=0) == pytest.approx(
            values.mean(axis=0)
        )


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080), (1080, 1920), (640, 360)])
@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_key_lies_over_no_map_and_on_the_page(size: tuple[int, int], count: int) -> None:
    edges = np.linspace(-1.0, 1.0, 9)
    panel = page(Mosaic(edges, edges, np.zeros((8, 8, 3), np.uint8))).panels[0]
    bars = tuple(
        Bar(f"({n}, 0)", np.zeros((9, 3), np.uint8), star="#aa0000", values=("12.5 %",) * count) for n in range(4)
    )
    key = Key(bars, tuple(f"method {n}" for n in range(count)) if count > 1 else (), "share", ("A sentence. " * 5,))
    scene = Scene(size=size, theme=THEMES["light"], panels=(panel,) * count, entries=(), title="Title", key=key)
    layout = arrange(scene, Glyphs(None))
    texts = [shape for shape in layout.key if hasattr(shape, "text")]
    assert len(texts) >= 4 * (1 + count)
    for text in texts:
        assert 0 <= text.x <= size[0] and 0 <= text.y <= size[1]
        assert not any(box.holds(text.x, text.y) for box in layout.boxes)
    assert len({(box.width, box.height) for box in layout.boxes}) == 1


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_key_ends_above_the_caption_and_leaves_maps_room(count: int) -> None:
    """On a small page what is told of the key is less where maps would else be thumbnails."""
    edges = np.linspace(-1.0, 1.0, 9)
    panel = page(Mosaic(edges, edges, np.zeros((8, 8, 3), np.uint8))).panels[0]
    bars = [Bar(f"({n}, 0)", np.zeros((9, 3), np.uint8), star="#aa0000", values=("12.5",) * count) for n in range(5)]
    bars += [Bar(f"how sure {n}", values=("0.55 / 11",) * count) for n in range(5)]
    key = Key(tuple(bars), tuple(f"method {n}" for n in range(count)) if count > 1 else (), "share", ("A sentence.",))
    scene = Scene(
        size=(640, 360),
        theme=THEMES["light"],
        panels=(panel,) * count,
        entries=(),
        title="T",
        key=key,
        caption="C. " * 9,
    )
    layout = arrange(scene, Glyphs(None))
    assert max(shape.y for shape in layout.key if hasattr(shape, "text")) < layout.caption[0].y - layout.caption[0].size
    assert sum(box.width * box.height for box in layout.boxes) > 0.1 * 640 * 360


def test_names_of_axes_and_panels_are_brief_where_they_have_no_room() -> None:
    edges = np.linspace(0.1, 1.0, 9)
    panel = page(Mosaic(edges, edges, np.zeros((8, 8, 3), np.uint8))).panels[0]
    name = "the learning rate of all hidden layers of the network"
    axis = dataclasses.replace(panel.x, label=name, brief="η")
    panel = dataclasses.replace(panel, x=axis, y=axis, title=f"{name}, that is", brief=name)
    for size, told in (((1080, 1080), name), ((300, 300), "η")):
        scene = Scene(size=size, theme=THEMES["light"], panels=(panel,), entries=(), title="Title")
        said = [text.text for text in furniture(scene, arrange(scene, Glyphs(None))) if isinstance(text, Text)]
        assert said.count(told) == 2 and any(name in text for text in said) == (size == (1080, 1080))


def test_lines_stand_where_kinds_of_cells_meet() -> None:
    edges = np.linspace(0.0, 1.0, 5)
    kinds = np.ones((4, 4), np.uint8)
    kinds[:, 2:] = 2
    kinds[0] = 0  # which has no line
    layer = Mosaic(edges, edges, np.full((4, 4, 3), 200, np.uint8), kinds=kinds, edge="#000000")
    seen = inside(page(layer))
    rows, columns, _ = seen.shape
    dark = (seen[:, :, 0] < 100).any(axis=0)
    assert dark.any() and np.abs(np.flatnonzero(dark) - columns / 2).max() <= 2
    assert (seen[-rows // 5 :] == 200).all(), "kind 0 has no line of its own"


def test_scales_are_even_in_logarithms_or_in_ranks() -> None:
    values = np.geomspace(1.0, 1000.0, 2001)
    even = Scale.of(values)
    assert even.logarithmic and even.shares(np.array([np.sqrt(even.low * even.high)])) == pytest.approx(0.5)
    assert even.shares(np.array([0.1, 1e9])).tolist() == [0.0, 1.0]
    skew = np.random.default_rng(1).random(5000) ** 7
    shares = Scale.of(skew, ranked=True).shares(skew)
    assert np.histogram(shares, 10, (0.0, 1.0))[0] == pytest.approx([500] * 10, abs=2)
    assert Scale.of(np.full(9, 3)).single and not Scale.of(np.full(9, 3)).shares(np.array([3])).any()


def basins(count: int = 24, **changes: Any) -> Study:
    """Himmelblau's function, every start at the minimum nearest to it, the steps its distance; a corner is lost."""
    asked = {"optimizer": [{"name": "gd", "lr": 0.01}, {"name": "adam", "lr": 0.1}], "resolution": f"{count}x{count}"}
    recipe = model_of(Basins)(landscape="himmelblau", backend="python", size="640x360", **asked | changes)
    problem = problem_of(recipe)
    y, x = np.meshgrid(*(axis.values for axis in problem.axes), indexing="ij")
    far = np.hypot(x[..., None] - problem.minima.points[:, 0], y[..., None] - problem.minima.points[:, 1])
    lost = (x < -4) & (y > 4)
    one = {
        "minimum": np.where(lost, -1, far.argmin(axis=-1)).astype(np.int16),
        "steps": np.where(lost, 7, 1 + 100 * far.min(axis=-1)).astype(np.int32),
        "status": np.where(lost, STATUSES.index("diverged"), 0).astype(np.int8),
        "final": np.zeros(x.shape),
        "best": np.zeros(x.shape),
    }
    arrays = {name: np.stack([value] * len(problem.labels)) for name, value in one.items()}
    return Study(problem, arrays, (4, 4))


@pytest.fixture(scope="module")
def himmelblau() -> Study:
    return basins()


def mosaic(made: Scene, number: int = 0) -> Mosaic:
    return next(layer for layer in made.panels[number].layers if isinstance(layer, Mosaic))


def test_basins_are_hues_and_steps_are_light(himmelblau: Study) -> None:
    made = compose_basins(himmelblau)
    image, arrays = mosaic(made), {name: value[0] for name, value in himmelblau.arrays.items()}
    lost = arrays["minimum"] < 0
    quiet, _ = THEMES["light"].maps.quiet[2]
    assert set(map(tuple, image.pixels[lost].tolist())) == {tuple(bytes.fromhex(quiet[1:]))}
    for number, hue in enumerate(THEMES["light"].maps.hues[:4]):
        shades = {tuple(color): at for at, color in enumerate(ramp(hue, THEMES["light"].maps.span).tolist())}
        mine = arrays["minimum"] == number
        at = np.array([shades[tuple(color)] for color in image.pixels[mine].tolist()])
        order = np.argsort(arrays["steps"][mine], kind="stable")
        assert (np.diff(at[order]) <= 0).all() and np.ptp(at) > 100, "later is darker"
    stars = next(layer for layer in made.panels[0].layers if isinstance(layer, Marks) and layer.kind == "minimum")
    assert stars.points.tolist() == himmelblau.problem.minima.points.tolist()
    assert stars.texts == ("A", "B", "C", "D") and len(set(stars.colors)) == 4
    assert made.key is not None
    shares = {bar.name: bar.values for bar in made.key.bars}
    assert shares["diverged"] == (f"{100 * lost.mean():.1f}",) * 2
    total = sum(float(bar.values[0]) for bar in made.key.bars if bar.colors is not None)
    assert total == pytest.approx(100, abs=0.3)


def test_what_is_not_computed_is_crossed_and_said(himmelblau: Study) -> None:
    arrays = {name: value.copy() for name, value in himmelblau.arrays.items()}
    for array in himmelblau.problem.arrays:
        arrays[array.name][:, 12:] = array.fill
    made = compose_basins(dataclasses.replace(himmelblau, arrays=arrays, done=(2, 4)))
    image = mosaic(made)
    assert image.hatch is not None and (image.hatch[12:] == 3).all() and not image.hatch[:12].any()
    assert (image.pixels[12:] == 255).all() and made.caption.startswith("50 % computed")
    assert made.key is not None and "basin entropy" not in [bar.name for bar in made.key.bars]
    assert not made.key.notes and compose_basins(himmelblau).key.notes, "half of a map is no sample of the other"
    part = dataclasses.replace(himmelblau, arrays=arrays, done=(2, 4))
    assert ledger(part.recipe, part)[0][2] == "100 % of the computed starts end at a lowest minimum"
    for array in himmelblau.problem.arrays:
        arrays[array.name][:] = array.fill
    with pytest.raises(UsageError, match="nothing"):
        compose_basins(dataclasses.replace(himmelblau, arrays=arrays, done=(0, 4)))


def test_starts_that_come_to_nothing_are_drawn(himmelblau: Study) -> None:
    arrays = {name: value.copy() for name, value in himmelblau.arrays.items()}
    arrays["minimum"][:] = -1
    arrays["status"][:] = STATUSES.index("undefined")
    minima = dataclasses.replace(himmelblau.problem.minima, points=np.empty((0, 2)), values=np.empty(0))
    problem = dataclasses.replace(himmelblau.problem, minima=minima)
    made = compose_basins(dataclasses.replace(himmelblau, problem=problem, arrays=arrays))
    assert made.key is not None
    assert [(bar.name, bar.values) for bar in made.key.bars[:1]] == [("undefined", ("100", "100"))]
    assert mosaic(made).hatch is not None and picture(made, 0).any()


def test_minima_beyond_the_hues_are_others(himmelblau: Study) -> None:
    light = THEMES["light"]
    few = dataclasses.replace(light, maps=dataclasses.replace(light.maps, hues=light.maps.hues[:2]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(THEMES, "light", few)
        made = compose_basins(himmelblau)
    assert made.key is not None
    told = {bar.name: bar for bar in made.key.bars}
    minimum = himmelblau.arrays["minimum"][0]
    counts = np.bincount(minimum[minimum >= 0])
    kept = [0, 1 + int(np.argmax(counts[1:]))]
    assert float(told["2 other minima"].values[0]) == pytest.approx(
        100 * (counts.sum() - counts[kept].sum()) / minimum.size, abs=0.06
    )


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("size", "lang"), [("square", "kk"), ("vertical", "ru"), ("84mm", "kk"), ("1080p", "en")])
def test_maps_of_basins_find_room(himmelblau: Study, theme: str, size: str, lang: str) -> None:
    recipe = himmelblau.recipe.updated(theme=theme, size=size, lang=lang)
    layout = arrange(compose_basins(dataclasses.replace(himmelblau, recipe=recipe)), Glyphs(None))
    width, height, _ = page_size(size)
    assert min(box.width for box in layout.boxes) >= 0.2 * min(width, height)
    told = [text for text in layout.key if isinstance(text, Text)]
    assert {"A", "B", "C", "D"} <= {text.text[:1] for text in told}, "whatever is left out, hues are told"
    assert all(text.x < width and text.y < height for text in told)


def test_a_page_without_room_for_a_key_is_drawn(himmelblau: Study) -> None:
    for size in ("200x150", "160x120"):
        recipe = himmelblau.recipe.updated(size=size)
        assert len(arrange(compose_basins(dataclasses.replace(himmelblau, recipe=recipe)), Glyphs(None)).boxes) == 2


def trainability(**changes: Any) -> Study:
    recipe = model_of(Trainability)(
        **{"optimizer": [{"name": "gd"}], "resolution": "40x30", "backend": "python", "width": 2} | changes
    )
    problem = problem_of(recipe)
    v, u = np.meshgrid(*(axis.values for axis in problem.axes), indexing="ij")
    score = np.where(u * v < 100, -(1 + u), 1 + v)
    return Study(problem, {"score": np.stack([score] * len(problem.labels))}, (1, 1))


SURE = Reliability(Shares(800, 0.0, 0.0012, 0.024), Shares(800, 0.0, 0.045, 0.36))


@pytest.mark.parametrize("size", ["1080p", "720p", "square", "vertical", "800x600", "640x360", "480x480", "84mmx60mm"])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_nothing_that_a_key_says_is_cut(size: str, lang: str) -> None:
    optimizers = [{"name": name, "lr": 0.01} for name in ("gd", "momentum", "nesterov", "adam")]
    rates: Any = [{"name": "gd"}, {"name": "adam"}]
    studies = [basins(8, optimizer=optimizers[:count]) for count in (1, 2, 4)]
    studies += [trainability(optimizer=rates[:count], resolution="8x8") for count in (1, 2)]
    for study in studies:
        compose = compose_basins if study.problem.kind == "basins" else compose_trainability
        sure = dataclasses.replace(study, reliability=(SURE,) * len(study.problem.labels))
        made = compose(dataclasses.replace(sure, recipe=study.recipe.updated(size=size, lang=lang)))
        layout = arrange(made, Glyphs(None))
        assert not [text.text for text in layout.key if isinstance(text, Text) and "…" in text.text]
        named = [text for text in furniture(made, layout) if isinstance(text, Text) and text.bold]
        cut = [text.text for text in named if "…" in text.text]
        assert not cut or (size, cut) == ("84mmx60mm", ["Momen…"]), "one of four side by side on a column's width"


def test_trainability_is_two_inks_with_a_dark_line_between() -> None:
    study = trainability(size="640x360")
    made = compose_trainability(study)
    image, score = mosaic(made), study.arrays["score"][0]
    blue = image.pixels[:, :, 2].astype(int) > image.pixels[:, :, 0]
    assert (blue == (score < 0)).all()
    assert image.kinds is not None and (image.kinds == np.where(score < 0, 1, 2)).all() and image.edge
    assert made.key is not None
    shares = {bar.name: bar.values[0] for bar in made.key.bars if bar.values}
    assert shares == {
        "trainable": f"{100 * (score < 0).mean():.1f}",
        "not trainable": f"{100 * (score > 0).mean():.1f}",
    }
    assert made.panels[0].x.scale == made.panels[0].y.scale == "log"
    seen, light = inside(made), brightness()
    assert light[seen].mean(axis=-1).min() < 0.03, "the line is darker than any ink"


def test_ranks_use_every_shade_as_often() -> None:
    study = trainability(colors="rank")
    made = compose_trainability(study)
    image, score = mosaic(made), study.arrays["score"][0]
    good = brightness()[image.pixels[score < 0]].sum(axis=-1)
    order = np.argsort(-score[score < 0], kind="stable")
    assert (np.diff(good[order]) <= 1e-9).all() and len(np.unique(good)) > 25 and not image.edge


def test_a_map_of_one_value_says_it() -> None:
    study = trainability()
    study = dataclasses.replace(study, arrays={"score": np.full((1, 30, 40), -5.0)})
    made = compose_trainability(study)
    assert made.key is not None
    assert [(bar.name, bar.values) for bar in made.key.bars] == [("trainable", ("100",))]
    assert len(np.unique(mosaic(made).pixels.reshape(-1, 3), axis=0)) == 1
