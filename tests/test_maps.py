"""Maps of studies: cells as an image, their key, and what they say."""

from __future__ import annotations

import numpy as np
import pytest

from gdviz.draw.layers.mosaic import brightness, pooled, reaching
from gdviz.draw.layout import arrange
from gdviz.draw.render import picture
from gdviz.draw.text import Glyphs
from gdviz.scene import THEMES, Axis, Bar, Key, Mosaic, Panel, Scene


def page(layer: Mosaic, scale: str = "linear", size: tuple[int, int] = (640, 400), **extra: object) -> Scene:
    ends = [Axis(float(at[0]), float(at[-1]), scale) for at in (layer.x, layer.y)]
    panel = Panel("main", *ends, (layer,), aspect=1.0 if scale == "linear" else None)
    return Scene(size=size, theme=THEMES["light"], panels=(panel,), entries=(), **extra)


def inside(scene: Scene) -> np.ndarray:
    box = arrange(scene, Glyphs(scene.font)).boxes[0]
    return picture(scene, 0)[box.y0 : box.y1, box.x0 : box.x1]


def test_small_cells_are_averaged_in_linear_light_and_large_ones_stay_sharp() -> None:
    fine = np.zeros((4000, 4000, 3), np.uint8)
    fine[::2, ::2] = fine[1::2, 1::2] = 255
    edges = np.linspace(0.0, 1.0, 4001)
    seen = inside(page(Mosaic(edges, edges, fine)))
    assert np.abs(seen[2:-2, 2:-2].astype(int) - 188).max() <= 40, "half of the light of white is 188"
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
