"""Frames and stills: the same whatever the order, only what changed, one look in both drawers."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
import tracemalloc

import numpy as np
import pytest
import samples

from gdviz.draw.layer import Drawn, Item, Said
from gdviz.draw.layers import KINDS, drawn
from gdviz.draw.layers.paragraphs import BELOW
from gdviz.draw.layout import arrange
from gdviz.draw.render import Renderer, merged, picture, still
from gdviz.draw.shapes import Polygon, Shape
from gdviz.draw.text import Glyphs
from gdviz.encode import FORMATS
from gdviz.scene import DASHES, MARKERS, THEMES, Axis, Entry, Panel, Paragraphs, Style
from gdviz.scene.layers import Layer

SMALL = (640, 400)
SCENES = {
    "race": lambda: samples.race("kk", "dark", SMALL, frames=40),
    "rates": lambda: samples.rates("ru", "light", SMALL),
    "valley": lambda: samples.valley("en", "print", (400, 640)),
    "pointed": lambda: samples.pointed("ru", "light", SMALL, frames=40),
    "split": lambda: samples.split(samples.rates("en", "light", SMALL), 4, sides=True),
    "sheet": lambda: samples.sheet("ru", "dark", SMALL, (2, 3)),
    "learned": lambda: samples.learned("kk", "dark", SMALL),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_frame_is_the_same_alone_in_sequence_and_again(name: str) -> None:
    scene = SCENES[name]()
    last = scene.clock.frames - 1
    renderer = Renderer(scene)
    walk = [renderer.frame(i).copy() for i in range(last + 1)]
    for i in (last // 2, 3, last, 0, last // 2 + 1):
        assert np.array_equal(renderer.frame(i), walk[i]), i
    for i in (0, last // 3, last):
        assert np.array_equal(Renderer(scene).frame(i), walk[i]), i


@pytest.mark.parametrize("name", SCENES)
def test_changed_rectangles_hold_every_change(name: str) -> None:
    scene = SCENES[name]()
    renderer = Renderer(scene)
    before = renderer.frame(0).copy()
    assert renderer.changed is None
    shares = []
    for i in [*range(1, scene.clock.frames), 5, 2, scene.clock.frames - 1]:
        now = renderer.frame(i)
        differs = np.any(now != before, axis=2)
        for y0, y1, x0, x1 in renderer.changed:
            assert 0 <= y0 < y1 <= now.shape[0]
            assert 0 <= x0 < x1 <= now.shape[1]
            differs[y0:y1, x0:x1] = False
        assert not differs.any(), i
        shares.append(sum((y1 - y0) * (x1 - x0) for y0, y1, x0, x1 in renderer.changed) / now[:, :, 0].size)
        before = now.copy()
    assert np.median(shares) < 0.35
    renderer.frame(scene.clock.frames - 1)
    assert renderer.changed == []


def test_arrows_appear_with_their_record_in_both_drawers() -> None:
    scene = samples.pointed(size=SMALL)
    violet = np.array([0x7F, 0x00, 0xFF])  # nothing else wears it

    def drawn(record: int) -> tuple[bool, bool]:
        frame = Renderer(scene).at(record)
        pictures = (picture(scene, record), frame)
        one, other = (bool((np.abs(made.astype(int) - violet).max(axis=2) < 12).sum() > 60) for made in pictures)
        return one, other

    assert drawn(samples.POINTED - 1) == (False, False)
    assert drawn(samples.POINTED) == (True, True)


def test_merged_rectangles_cover_and_stay_apart() -> None:
    draw = np.random.default_rng(2)
    for _ in range(50):
        corner, side = draw.integers(0, 180, (12, 2)), draw.integers(0, 20, (12, 2))
        rects = [(int(y), int(y + h), int(x), int(x + w)) for (y, x), (h, w) in zip(corner, side, strict=True)]
        page = np.zeros((200, 200), int)
        for y0, y1, x0, x1 in merged(rects):
            page[y0:y1, x0:x1] += 1
        assert page.max() == 1
        assert all(page[y0:y1, x0:x1].all() for y0, y1, x0, x1 in rects)


def test_memory_does_not_grow_with_frames() -> None:
    scene = samples.race("en", "light", SMALL, frames=600)
    renderer = Renderer(scene)
    for i in range(150):
        renderer.frame(i)
    tracemalloc.start()
    kept = tracemalloc.get_traced_memory()[0]
    for i in range(150, 600):
        renderer.frame(i)
    grown = tracemalloc.get_traced_memory()[0] - kept
    tracemalloc.stop()
    assert grown < SMALL[0] * SMALL[1] * 3, "less than one frame"


def test_frames_outside_the_timeline_are_refused() -> None:
    with pytest.raises(IndexError, match="40"):
        Renderer(SCENES["race"]()).frame(40)


def test_frames_move_without_jumps() -> None:
    """Between two frames a head moves by a step at most: at no frame does the whole picture change."""
    scene = samples.race("en", "light", SMALL, frames=300)
    renderer = Renderer(scene)
    before = renderer.frame(100).astype(int)
    for i in range(101, 110):
        now = renderer.frame(i).astype(int)
        changed = (np.abs(now - before).max(axis=2) > 24).mean()
        assert 0 <= changed < 0.03
        assert (changed > 0) == (scene.clock.record[i] > scene.clock.record[i - 1])
        before = now


@pytest.mark.parametrize(("records", "frames"), [(6, 60), (61, 24), (61, 90)])
def test_all_in_a_frame_is_of_one_record(records: int, frames: int) -> None:
    """With more frames than records, and with fewer: heads, dots, path, counter and values of every frame."""
    scene = samples.race("en", "light", SMALL, count=2, steps=records - 1, frames=frames)
    renderer = Renderer(scene)
    for i in range(frames):
        renderer.frame(i)
        k = int(scene.clock.record[i])
        figures = [text.text for text, _ in renderer._figures]
        assert figures == [scene.counter[k], *(entry.values[k] for entry in scene.entries)]
        for canvas in renderer._canvases:
            stage = canvas.stage
            assert canvas.record == k, "paths and dots end at the record"
            heads = [
                look[1:3] for look, _ in stage.heads(k) if look[0] in {trail.style.marker for trail in stage.trails}
            ]
            drawn = {key[2][1:3] for key in renderer._drawn if len(key) == 3 and isinstance(key[2], tuple)}
            assert set(heads) <= drawn
            for trail in stage.trails:
                assert not trail.inside[k] or trail.at(k) in heads
                comet = trail.comet(k)
                assert comet is None or np.allclose(comet.points[-1], trail.points[k])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_theme_and_language_draws(theme: str, lang: str) -> None:
    frame = Renderer(samples.race(lang, theme, SMALL)).at(70)
    assert frame.shape == (400, 640, 3)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 200


PAIRS = [*zip(itertools.cycle(MARKERS), DASHES, strict=False), *zip(MARKERS, itertools.cycle(DASHES), strict=False)]
"""Each marker and each dash at least once; the other pairs are left to `exhaustive`."""


@pytest.mark.parametrize(
    ("marker", "dash"),
    [
        pytest.param(*pair, marks=() if pair in PAIRS else pytest.mark.exhaustive)
        for pair in itertools.product(MARKERS, DASHES)
    ],
)
def test_every_marker_and_dash_draws(marker: str, dash: str) -> None:
    scene = samples.race("en", "light", SMALL, count=1, loss=False)
    color = np.array([255, 0, 255])
    bare = dataclasses.replace(
        scene, entries=(Entry("A", "", Style("#ff00ff", dash, marker), scene.entries[0].values),)
    )
    frame = Renderer(bare).at(20)
    exact = np.all(frame == color, axis=2)
    assert exact.sum() > 90
    book = arrange(bare, Glyphs(None)).ledger.box
    assert exact[book.y0 : book.y1, book.x0 : book.x1].sum() > 22, "the ledger's sample and marker"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["race", "rates", "valley", "sheet", "learned"])
def test_a_still_is_the_frame(name: str, theme: str) -> None:
    scene = getattr(samples, name)("ru", theme, (960, 540))
    k = 25
    theirs = picture(scene, k).astype(int)
    frame = Renderer(scene).at(k).astype(int)
    assert theirs.shape == frame.shape
    difference = np.abs(theirs - frame).max(axis=2)
    assert difference.mean() < 1.0
    assert (difference > 64).mean() < 0.004


@pytest.mark.parametrize("format", ["svg", "pdf"])
def test_stills_are_deterministic_and_undated(format: str) -> None:
    import matplotlib

    scene = samples.race("kk", "light", SMALL)
    settings = dict(matplotlib.rcParams)
    made = []
    for _ in range(2):
        file = io.BytesIO()
        outlines = FORMATS[f".{format}"].outlines
        still(scene, 30, file, outlines.name, outlines.labels({}), outlines.settings)
        made.append(file.getvalue())
    assert made[0] == made[1]
    for word in (b"CreationDate", b"dc:date", b"tIME"):
        assert word not in made[0]
    assert dict(matplotlib.rcParams) == settings
    if format == "svg":
        assert b"<text" not in made[0], "text as paths: no font is needed to see it"


@pytest.mark.parametrize("formula", ["x^2 + y^2", r"\frac{x^2}{2}"])
def test_without_a_title_the_formula_stands_in_its_place(formula: str) -> None:
    for made in (samples.race, samples.rates):
        scene = dataclasses.replace(made(), formula=formula)
        told, bare = (arrange(dataclasses.replace(scene, title=text), Glyphs(None)) for text in ("A title", ""))
        assert bare.boxes[0].y0 < told.boxes[0].y0
        assert bare.header.formula[0].text and bare.header.formula[0].y < told.header.formula[0].y
        assert bare.header.formula[0].y <= bare.header.counter.y + bare.page.size(29), "nothing stands above it"


def test_paper_keeps_its_size() -> None:
    scene = samples.race("en", "print", (975, 720), dpi=300.0)
    file = io.BytesIO()
    still(scene, 125, file, "svg")
    head = file.getvalue()[:2000].decode()
    assert 'width="234' in head  # 3.25 in of 72 pt
    assert 'height="172.8' in head


def test_metadata_reaches_the_file() -> None:
    file = io.BytesIO()
    still(samples.rates(size=SMALL), 3, file, "svg", {"Description": "қадам = 3", "Creator": "gdviz"})
    assert {"қадам = 3", "gdviz"} <= set(re.findall(r">([^<>\n]+)<", file.getvalue().decode()))


def test_a_scene_of_one_record_and_one_without_tracks() -> None:
    scene = samples.race("en", "light", SMALL, steps=0)
    assert Renderer(scene).frame(0).shape == (400, 640, 3)
    bare = dataclasses.replace(
        scene, panels=tuple(dataclasses.replace(panel, layers=panel.layers[:2]) for panel in scene.panels[:1]),
        entries=(), counter=(), steps=None, timeline=None,
    )  # fmt: skip
    assert Renderer(bare).frame(0).shape == (400, 640, 3)


def test_points_beyond_all_bounds_do_no_harm() -> None:
    scene = samples.race("en", "light", SMALL, count=1)
    track = scene.panels[0].layers[2].tracks[0]
    points = track.points.copy()
    points[10:20] = [[1e300, -1e300]] * 10
    points[20:30] = np.nan
    points[30:] = np.inf
    layers = list(scene.panels[0].layers)
    layers[2] = dataclasses.replace(layers[2], tracks=(dataclasses.replace(track, points=points, stop=30),))
    wild = dataclasses.replace(scene, panels=(dataclasses.replace(scene.panels[0], layers=tuple(layers)),))
    renderer = Renderer(wild)
    for record in (5, 9, 15, 25, 40):
        renderer.at(record)
    still(wild, 40, io.BytesIO(), "pdf")


def test_where_a_landscape_is_not_defined_it_is_hatched() -> None:
    scene = samples.race("en", "light", SMALL)
    main = scene.panels[0]
    field, lines = main.layers[:2]
    z = field.z.copy()
    z[:, field.x < -1.0] = np.nan
    z[:, field.x > 3.0] = np.inf
    layers = (dataclasses.replace(field, z=z), dataclasses.replace(lines, z=z))
    bare = dataclasses.replace(
        scene, panels=(dataclasses.replace(main, layers=layers),), entries=(), counter=(), steps=None, timeline=None
    )
    renderer = Renderer(bare)
    box = renderer._set.layout.boxes[0]
    frame = renderer.frame(0)[box.y0 : box.y1, box.x0 : box.x1]
    edge = round(box.width * (3.2 - 1.0) / 6.4)
    paper = (frame[:, : edge - 4] == 255).all(axis=2)
    assert 0.5 < paper.mean() < 0.95 and paper.any(axis=0).all() and not paper.all(axis=0).any()
    assert (frame[:, edge + 4 :] == 255).all(axis=2).mean() < 0.01
    pole = frame[:, -8:].reshape(-1, 3)
    assert np.abs(pole.astype(int) - [0xF4, 0xF7, 0xFA]).max(axis=1).mean() < 8, "a pole is as high as can be"


def test_every_layer_is_drawn_by_a_module_of_its_own() -> None:
    found = {KINDS[kind].__module__ for kind in Layer.__subclasses__() if kind.__module__.startswith("gdviz.")}
    assert len(found) == len(KINDS)


@dataclasses.dataclass(frozen=True, eq=False)
class Band(Layer):
    """A layer that gdviz does not have: a stripe that stands still, and a square that comes with a record."""

    since: int


class DrawnBand(Drawn[Band]):
    draws = Band
    moves = True

    def below(self) -> list[Shape]:
        box = self.site.box
        corners = [(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y0 + 20), (box.x0, box.y0 + 20)]
        return [Polygon(np.array(corners, float), "#00ff00")]

    def under(self, moment: float) -> list[Item]:
        x, y = self.site.box.x0 + 30.0, self.site.box.y1 - 60.0
        square = np.array([(x, y), (x + 30, y), (x + 30, y + 30), (x, y + 30)])
        return [("square", [Polygon(square, "#ff00ff")])] if moment >= self.layer.since else []

    def labels(self) -> list[Said]:
        return [Said((320.0, 200.0), "band", "#000000", 20.0, 4.0)]


def test_another_layer_is_its_data_and_one_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, Band, DrawnBand)
    scene = samples.race("en", "light", SMALL)
    main = scene.panels[0]
    alone = dataclasses.replace(scene, panels=(dataclasses.replace(main, layers=(Band(9),)),), entries=())
    renderer = Renderer(alone)
    box = renderer._set.layout.boxes[0]
    for record, there in ((0, False), (9, True), (8, False), (20, True)):
        for page in (renderer.at(record), picture(alone, record)):
            assert (page[box.y0 + 10, box.x0 + box.width // 2] == (0, 255, 0)).all()
            assert (page[box.y1 - 45, box.x0 + 45] == (255, 0, 255)).all() == there
    assert [text.text for text in renderer._set.stages[0].texts(0)] == ["band"]


def test_what_was_learned_is_drawn_of_its_own_record() -> None:
    """A pixel between two classes changes its tint with the image of its record, in both drawers."""
    scene = samples.learned("en", "light", SMALL)
    regions = scene.panels[1].layers[0]
    renderer = Renderer(scene)
    box = renderer._set.layout.boxes[1]
    for record in (0, 13, 30):
        pages = [
            page[box.y0 : box.y1, box.x0 : box.x1].astype(int) for page in (renderer.at(record), picture(scene, record))
        ]
        assert (np.abs(pages[0] - pages[1]).max(axis=2) > 64).mean() < 0.01
        winner = regions.scores[regions.at(record), :, 3, 17].argmax()  # x = 1.4, y = −1.4: no sample is near
        seen = pages[0][round(0.85 * box.height), round(0.85 * box.width)]
        tints = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in regions.colors])
        if record:
            assert np.abs(255 - 0.38 * (255 - tints) - seen).sum(axis=1).argmin() == winner
        else:
            assert np.abs(255 - 0.38 * (255 - tints).mean(axis=0) - seen).max() < 2, "all alike, their tints mix"


@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (300, 500)])
def test_paragraphs_are_written_whole_or_left_out_from_below(size: tuple[int, int]) -> None:
    told = tuple(f"{head} has " + "a few words to say and then some more of them " * 3 for head in "ABC")
    layer = Paragraphs(("A", "B", "C"), THEMES["light"].colors[:3], told)
    bare = Axis(0, 1, labelled=False)
    scene = dataclasses.replace(samples.learned(size=size), panels=(Panel("main", bare, bare, (layer,)),), grid=None)
    (stage,) = samples.stages(scene)
    lines = [text for one in drawn(stage.site) for text in one.below()]
    assert all(line.y <= stage.box.y1 + stage.page.space(BELOW) for line in lines)
    said = " ".join(line.text for line in lines)
    wholes = [" ".join(" ".join((*pair,)).split()) for pair in zip(layer.heads, told, strict=True)]
    assert said in ["", *(" ".join(wholes[:count]) + " …" for count in (1, 2)), " ".join(wholes)]
    assert said == " ".join(wholes) or size != (1920, 1080)
