"""The window of the main panel, the map of where it lies, and what is magnified in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import gdviz
from gdviz import api
from gdviz.catalogue.lookup import definitions
from gdviz.cli.program import run
from gdviz.compose.framing import around, window_of
from gdviz.compose.race import compose
from gdviz.draw.layout import arrange
from gdviz.draw.render import Renderer, picture
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs, width
from gdviz.errors import UsageError
from gdviz.lang import texts
from gdviz.scene import Field, Marks, Trails

ROOT = Path(__file__).parent.parent
SIZES = ("640x360", "500x500", "360x640")
BOX = ((-6.0, 6.0), (-6.0, 6.0))
SAMPLE = ("beale", "rastrigin", "bent_cigar", "quadratic_2d", "six_hump_camel", "quadratic_1d", "trefethen", "quintic")
GALLERY = ("3_adaptation/beale", "0_basics/ascent_and_descent", "3_adaptation/saddle", "0_basics/parabola")


def paths_of(run, view):
    """Points of all runs, those in a view, float64[n, dim]."""
    low, high = np.array(view).T
    x = run.x[..., : len(low)].astype(float)
    x = x[(run.t <= run.stopped_at[..., None]) & np.isfinite(x).all(axis=-1)]
    return x[((x >= low) & (x <= high)).all(axis=-1)]


def check_frame(run):
    own = run.setting.domain[:2]
    scenes = [compose(api.redrawn(run, {"size": size})) for size in SIZES]
    windows = {tuple((axis.low, axis.high) for axis in (s.panels[0].x, s.panels[0].y)) for s in scenes}
    assert len(windows) == 1  # whatever the page
    view = window_of(run, texts("en")).view
    low, high = np.array(view).T
    starts = run.x[0, :, 0, : len(low)]
    assert ((starts >= low) & (starts <= high)).all()
    box_low, box_high = np.array(own).T
    assert (high - low <= (box_high - box_low) * (1 + 1e-9)).all() or not (
        (starts >= box_low) & (starts <= box_high)
    ).all()
    assert (high - low >= 0.005 * (box_high - box_low)).all()
    if np.ptp(run.x[..., : len(low)].astype(float)[..., 0, :], axis=(0, 1)).max() > 0:
        return view
    span = np.ptp(paths_of(run, view), axis=0)
    if (span > 0.012 * (box_high - box_low).max()).any():
        for scene in scenes:
            panel = arrange(scene, Glyphs(None)).panels[0]
            shown = np.array([panel.x.span, panel.y.span])[: len(low)]
            assert panel.x.low <= low[0] and high[0] <= panel.x.high  # a page may add, but takes nothing away
            assert np.linalg.norm(span) >= 0.35 * np.linalg.norm(shown)
    return view


@pytest.mark.parametrize("name", SAMPLE)
def test_the_window_of_a_default_race_is_where_its_paths_are(name):
    check_frame(gdviz.simulate(name))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", definitions("landscape"))
def test_every_window_is_where_its_paths_are(name):
    run = gdviz.simulate(name)
    if run.x.shape[-1] <= 2:
        check_frame(run)


@pytest.mark.parametrize("name", GALLERY)
def test_windows_of_the_gallery_are_where_their_paths_are(name):
    check_frame(api.run(api.load_recipe(ROOT / "gallery" / "lectures" / f"{name}.toml")))


def tracks(*ways):
    most = max(map(len, ways))
    points = np.full((len(ways), most, 2), np.nan)
    for number, way in enumerate(ways):
        points[number, : len(way)] = way
    return points


def line(a, b, count=50):
    return np.linspace(a, b, count)


NONE = np.empty((0, 2))


def test_one_excursion_does_not_rule():
    calm = [line((-3, 2), end) for end in ((-1, 0.5), (-1.2, 0.4), (-1, 0))]
    wild = line((-3, 2), (-1, 0.2))
    wild[20:24] = 5.5, -5.0
    quiet = np.zeros(4, bool)
    alone = around(tracks(*calm), quiet[:3], BOX, NONE)
    assert around(tracks(*calm, wild), quiet, BOX, NONE) == pytest.approx(np.array(alone), abs=0.2)
    both = around(tracks(wild, wild), quiet[:2], BOX, NONE)  # but what is the way of all is the picture
    assert both[0][1] > 5.5 and both[1][0] < -5.0
    diverged = line((-3, 2), (5.9, -5.9))
    lost = np.array([False, False, False, True])
    assert around(tracks(*calm, diverged), lost, BOX, NONE) == pytest.approx(np.array(alone), abs=0.2)
    single = line((-3, 2), (-2.5, 1.6), 200)
    jump = single.copy()
    jump[50:53] = 5.0, 5.0
    one = np.zeros(1, bool)
    assert around(jump[None], one, BOX, NONE) == pytest.approx(np.array(around(single[None], one, BOX, NONE)), abs=0.05)


def test_what_leaves_the_box_is_followed_only_by_the_bulk():
    one = np.zeros(1, bool)
    beyond = np.concatenate([line((-3, 2), (8, 2), 10), line((8, 2), (6, 0), 10), line((6, 0), (3, 0), 80)])
    assert around(beyond[None], one, BOX, NONE)[0][1] <= 6.0
    gone = np.concatenate([line((-3, 2), (8, 2), 10), line((8, 2), (9, 0), 90)])
    assert around(gone[None], one, BOX, NONE)[0][1] > 9.0
    outside = around(line((8, 8), (3, 3))[None], one, BOX, NONE)
    assert outside[0][1] > 8.0 and outside[1][1] > 8.0
    lone = around(np.array([[(9.0, 9.0), (np.nan, np.nan)]]), np.ones(1, bool), BOX, NONE)
    assert lone[0][0] <= -6.0 and lone[0][1] > 9.0 and lone[1][1] > 9.0
    still = np.tile([(1.0, 1.0)], (30, 1))
    assert around(still[None], one, BOX, NONE) == BOX
    assert around(line((-5.9, -5.9), (5.9, 5.9))[None], one, BOX, NONE) == BOX


def test_minima_are_in_the_window_when_they_are_near():
    way, one = line((-3, 2), (-1, 0)), np.zeros(1, bool)
    (x0, x1), (y0, y1) = around(way[None], one, BOX, np.array([(-0.4, -0.4)]))
    assert x0 < -0.4 < x1 and y0 < -0.4 < y1
    assert around(way[None], one, BOX, np.array([(5.0, -5.0)])) == around(way[None], one, BOX, NONE)


def test_typed_ranges_stay_and_the_whole_box_is_a_word():
    made = gdviz.simulate("beale", ["gd:lr=0.01", "adam:lr=0.1"], steps=20)

    def axes(run):
        panel = compose(run).panels[0]
        return (panel.x.low, panel.x.high), (panel.y.low, panel.y.high)

    whole = ((-4.5, 4.5), (-4.5, 4.5))
    assert axes(made) != whole == axes(api.redrawn(made, {"domain": "whole"}))
    typed = ((-1.0, 4.0), (-2.0, 2.0))
    assert axes(api.redrawn(made, {"domain": typed})) == typed
    again = gdviz.simulate("beale", ["gd:lr=0.01"], steps=20, domain=typed)
    assert axes(again) == typed and axes(api.redrawn(again, {"domain": "whole"})) == whole
    assert axes(gdviz.simulate("beale", ["gd:lr=0.01"], steps=20, domain="whole")) == whole


def insets_of(scene):
    return [panel for panel in scene.panels if panel.inlaid]


@pytest.mark.parametrize("size", SIZES)
def test_a_map_and_an_inset_hide_no_heads(size):
    run = gdviz.simulate("beale", ["gd:lr=0.01", "gd:lr=0.0105"], steps=30)
    scene = compose(api.redrawn(run, {"size": size}))
    assert [panel.area for panel in insets_of(scene)] == ["inset", "locator"]
    layout = arrange(scene, Glyphs(None))
    assert layout.insets
    for number, one in enumerate(layout.insets):
        host, outer = one.host.box, one.outer
        assert host.x0 <= outer.x0 and outer.x1 <= host.x1 and host.y0 <= outer.y0 and outer.y1 <= host.y1
        for other in layout.insets[:number]:
            assert (
                outer.x1 <= other.outer.x0
                or other.outer.x1 <= outer.x0
                or (outer.y1 <= other.outer.y0 or other.outer.y1 <= outer.y0)
            )
        layers = one.host.panel.layers
        ends = [t.points[-1] for layer in layers if isinstance(layer, Trails) for t in layer.tracks]
        starts = [p for layer in layers if isinstance(layer, Marks) and layer.kind == "start" for p in layer.points]
        assert not any(outer.holds(x, y) for x, y in one.host.pixels(np.array([*ends, *starts])))
        (x0, y0), (x1, y1) = one.spot
        inner = host if one.magnifies else one.place.box
        assert inner.x0 <= x0 < x1 <= inner.x1 and inner.y0 <= y0 < y1 <= inner.y1
    (large,) = [one for one in layout.insets if one.magnifies]
    x, y = large.place.panel.x, large.place.panel.y
    per_unit = large.place.box.width / x.span, large.place.box.height / y.span
    assert per_unit[0] / (large.host.box.width / large.host.panel.x.span) == pytest.approx(large.factor)
    assert per_unit[0] == pytest.approx(per_unit[1], rel=0.02)  # circles stay round


@pytest.mark.parametrize("flip", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_what_is_told_in_an_inset_hides_no_head(flip):
    ways = np.linspace((-3.0, 3.0), (0.0, 0.0), 20) + np.array([[[0.0, 0.0]], [[-0.1, 0.1]]])
    run = gdviz.simulate("x^2 + y^2", ["gd:lr=0.1", "gd:lr=0.11"], start=(-3, 3), steps=19, backend="python")
    run = dataclasses.replace(run, x=(ways * flip)[:, None])
    scene = compose(api.redrawn(run, {"size": "84mmx60mm", "inset": ((-0.12, 0.12), (-0.12, 0.12))}))
    layout = arrange(scene, Glyphs(None))
    (large,) = [one for one in layout.insets if one.magnifies]
    told = large.told(layout.cell, scene.theme)
    wide = width(told.text, told.size)
    x0 = told.x - wide * (told.align == "right")
    for x, y in large.place.pixels(run.x[:, 0, -1]):
        assert not (x0 < x < x0 + wide and told.y - told.size < y < told.y), "a head"


def test_heads_are_named_where_they_are_shown_large():
    run = gdviz.simulate("beale", ["gd:lr=0.01", "gd:lr=0.0105", "adam:lr=0.1"], steps=30)
    scene = compose(api.redrawn(run, {"size": "1280x720"}))
    glyphs = Glyphs(None)
    layout = arrange(scene, glyphs)
    (large,) = [one for one in layout.insets if one.magnifies]
    host, part = (Stage(scene, layout, place, glyphs) for place in (large.host, large.place))
    told, told_large = ([text.text for text in stage.texts(30)] for stage in (host, part))
    names = [entry.label for entry in scene.entries]
    assert names[2] in told and names[2] not in told_large
    assert all(name not in told and name in told_large for name in names[:2])
    rect = large.outer
    for text in host.texts(30):
        wide = glyphs.width(text.text, text.size, text.bold)
        assert text.x + wide <= rect.x0 or text.x >= rect.x1 or text.y <= rect.y0 or text.y - text.size >= rect.y1


def test_maps_and_insets_stand_where_they_tell_something():
    def areas(name, optimizers, **options):
        look = {key: options.pop(key) for key in ("inset", "domain", "split") if key in options}
        run = gdviz.simulate(name, optimizers, **options)
        return [panel.area for panel in insets_of(compose(api.redrawn(run, look)))]

    pair = ["gd:lr=0.01", "gd:lr=0.0105"]
    assert areas("beale", pair, steps=30) == ["inset", "locator"]
    assert areas("beale", pair, steps=30, inset="off") == ["locator"]
    three = ["gd:lr=0.001", "gd:lr=0.0011", "momentum:lr=0.002"]
    assert areas("beale", three, steps=30, domain="whole") == areas("beale", three, steps=30) == ["inset"]
    assert areas("beale", pair, steps=30, split="optimizer") == ["locator"]
    assert areas("quadratic_2d", ["gd:lr=0.1"], domain="whole") == []
    small = areas("beale", ["gd:lr=0.01"], steps=30, domain=((-40.0, 40.0), (-40.0, 40.0)))
    assert small == ["inset"]  # of what was typed the paths are a speck
    with pytest.raises(UsageError, match="lies outside what is drawn"):
        areas("beale", pair, steps=30, inset=((7.0, 8.0), (7.0, 8.0)))


def test_between_typed_levels_an_inset_has_the_tones_around_it():
    """Of heights chosen by the program it has its own: there it shows what is too flat to be seen around it."""
    run = gdviz.simulate("giant_plateau", ["nesterov"], steps=10)
    look = {"domain": ((-4.0, 4.0), (-3.0, 3.0)), "inset": ((-2.9, -2.7), (-2.6, -2.4))}

    def tones(**more):
        main, inset = (
            next(layer.levels for layer in panel.layers if isinstance(layer, Field))
            for panel in compose(api.redrawn(run, {**look, **more})).panels
            if panel.area in ("main", "inset")
        )
        return main.tolist() == inset.tolist()

    assert tones(levels=(1.0, 2.0, 3.0)) and not tones()


def test_films_with_insets_are_the_same_in_any_order_and_that_of_stills():
    run = gdviz.simulate("ackley", ["gd:lr=0.01", "momentum:lr=0.001", "rmsprop:lr=0.01"], steps=40)
    look = {"size": "480x270", "inset": ((-3.2, -2.9), (1.9, 2.1))}
    scene = compose(api.redrawn(run, look))
    renderer, before = Renderer(scene), None
    for record in range(0, 41, 2):
        frame = renderer.at(record)
        if before is not None and renderer.changed is not None:
            same = np.ones(frame.shape[:2], bool)
            for y0, y1, x0, x1 in renderer.changed:
                same[y0:y1, x0:x1] = False
            assert (frame == before)[same].all()
        before = frame.copy()
    assert np.array_equal(Renderer(scene).at(40), before)
    renderer.at(10)
    assert np.array_equal(renderer.at(40), before)
    assert np.abs(before.astype(int) - picture(scene, 40)).mean() < 1.0
    off = Renderer(compose(api.redrawn(run, {**look, "inset": "off"}))).at(40)
    assert (before != off).any()


def test_an_inset_comes_with_the_first_path_in_it():
    run = gdviz.simulate("beale", ["gd:lr=0.01", "gd:lr=0.0105"], steps=30)
    look = {"size": "480x270", "labels": ("none",)}
    scene = compose(api.redrawn(run, look))
    (large,) = [one for one in arrange(scene, Glyphs(None)).insets if one.magnifies]
    (x0, y0), (x1, y1) = large.spot
    (trails,) = [layer for layer in large.host.panel.layers if isinstance(layer, Trails)]
    places = np.stack([large.host.pixels(track.points) for track in trails.tracks])
    inside = ((places > (x0, y0)) & (places < (x1, y1))).all(axis=-1)
    since = large.since
    assert 0 < since < 30 and inside[:, since].any() and not inside[:, :since].any()
    off = compose(api.redrawn(run, {**look, "inset": "off"}))
    y, x = slice(large.outer.y0, large.outer.y1), slice(large.outer.x0, large.outer.x1)
    renderer, bare = Renderer(scene), Renderer(off)
    frames = {}
    for record in (since - 1, since, 30, since - 1, 0, since):  # there and back
        frame = renderer.at(record).copy()
        assert np.array_equal(frames.setdefault(record, frame), frame)
        assert np.array_equal(Renderer(scene).at(record), frame)
        assert np.array_equal(bare.at(record)[y, x], frame[y, x]) == (record < since)
        assert np.abs(frame.astype(int) - picture(scene, record)).mean() < 1.0
    asked = compose(api.redrawn(run, {**look, "inset": ((0.5, 1.0), (0.5, 1.0))}))
    assert [one.since for one in arrange(asked, Glyphs(None)).insets] == [0, 0]


def test_an_inset_stands_in_a_column_that_its_ledger_leaves_empty():
    run = gdviz.simulate("beale", ["gd:lr=0.01", "gd:lr=0.0105", "momentum:lr=0.002"], steps=60)
    boxes = set()
    for lang in ("en", "ru", "kk"):
        scene = compose(api.redrawn(run, {"size": "960x540", "panel": ["none"], "lang": lang}))
        layout = arrange(scene, Glyphs(None))
        (large,) = [one for one in layout.insets if one.magnifies]
        host, book = large.host.box, layout.ledger.box
        assert large.outer.x0 == book.x0 and large.outer.y1 == host.y1 and large.outer.y0 > book.y1
        assert large.outer.x1 <= book.x1 and 0 < large.since < 60
        boxes.add((large.place.box, host))
    assert len(boxes) == 1, "in every language"
    renderer = Renderer(scene)
    frames = {k: Renderer(scene).at(k).copy() for k in (0, large.since - 1, large.since, 60)}
    for k in (60, large.since - 1, 0, large.since, 60, 0):
        assert np.array_equal(renderer.at(k), frames[k])
        assert np.abs(frames[k].astype(int) - picture(scene, k)).mean() < 1.0
    many = gdviz.simulate("beale", [f"gd:lr={0.01 + 0.0001 * n}" for n in range(12)], steps=30)
    scene = compose(api.redrawn(many, {"size": "960x540", "panel": ["none"]}))
    layout = arrange(scene, Glyphs(None))
    assert not any(one.beside for one in layout.insets), "twelve rows need their column"


def test_options_are_typed_and_refused(tmp_path, capsys):
    def typed(*words):
        words = "plot", "beale", "-o", "gd:lr=0.01", "--steps", "9", "--size", "320x180", "--force", *words
        return run([*words, "--out", str(tmp_path / "a.png")]), capsys.readouterr().err

    for words in (("--inset", "auto"), ("--inset", "off"), ("--inset", "0.8:1.2,1:1.4"), ("--domain", "whole"),
                  ("--window", "whole"), ("--domain", "0:3.5,-1.6:2", "--inset", "0.8:1.2,1:1.4")):  # fmt: skip
        assert typed(*words)[0] == 0, words
    for words, told in (
        (("--inset", "of"), "--inset of: type auto, off, or low:high"),
        (("--inset", "0:1"), "--inset has 1 range"),
        (("--inset", "7:8,7:8"), "outside what is drawn"),
        (("--inset", "0:1,0:1", "--view", "loss"), "--inset"),
        (("--inset", "0:1,0:1", "--split", "optimizer"), "drop --split"),
        (("--domain", "whol"), "--domain whol: type whole, or low:high"),
    ):
        code, said = typed(*words)
        assert code == 2 and told in said, (words, said)


@pytest.mark.parametrize("size", ["960x540", "540x540", "540x960"])
@pytest.mark.parametrize(("near", "few"), [(1.6, True), (0.3, False)])
def test_an_inset_that_hardly_magnifies_is_left_out(size, near, few):
    rules, start = ["gd:lr=0.01", "adam:lr=0.01"], [(near, 0.8 * near)]
    run = gdviz.simulate("x^2+3*y^2", rules, start=start, steps=60, domain=((-3.0, 3.0), (-3.0, 3.0)))
    scene = compose(api.redrawn(run, {"size": size}))
    factors = [one.factor for one in arrange(scene, Glyphs(scene.font)).insets if one.magnifies]
    assert insets_of(scene) and all(factor >= 2 for factor in factors) and bool(factors) != few
