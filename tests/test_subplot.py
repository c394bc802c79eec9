"""Panels in axes of a user's own figure: paths in data units, all else where the axes have it when they are drawn."""

from __future__ import annotations

import io
import pickle
from typing import Any

import matplotlib
import numpy as np
import pytest
import samples
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import gdviz
from gdviz.draw.subplot import draw_into
from gdviz.errors import UsageError
from gdviz.scene import Scene, Trails


def figure(columns: int = 2, **more: Any) -> tuple[Figure, Any]:
    made = Figure((4.0 * columns, 3.5), **more)
    return made, made.subplots(1, columns)


def drawn(made: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(made)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


@pytest.fixture(scope="module")
def run() -> gdviz.Trajectories:
    return gdviz.simulate("beale", ["gd:lr=0.005", "adam:lr=0.1"], steps=25, backend="python")


def at(axes: Any, pixels: np.ndarray, point: Any) -> np.ndarray:
    """The colour where a point in data units is."""
    x, y = axes.transData.transform(point)
    return pixels[len(pixels) - 1 - int(y), int(x)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_run_goes_into_two_axes_in_data_units_and_changes_nothing_else(run: gdviz.Trajectories, theme: str) -> None:
    made, axes = figure(3, facecolor="white" if theme == "light" else "black")
    before, size = dict(matplotlib.rcParams), (made.get_size_inches().tolist(), made.dpi, made.get_facecolor())
    empty = drawn(made)[:, -300:]
    assert gdviz.plot(run, ax=axes[:2], theme=theme, lang="kk", panel=["loss:log"]) is not None
    main, loss = axes[:2]
    for number, name in enumerate(("Градиенттік төмендеу", "Adam")):
        line, curve = main.lines[number], loss.lines[number]
        np.testing.assert_array_equal(line.get_xydata(), run.x[number, 0])
        np.testing.assert_array_equal(curve.get_xydata(), np.column_stack([run.t, run.f[number, 0]]))
        assert line.get_label() == curve.get_label() == name and line.get_color() == curve.get_color()
    assert [text.get_text() for text in loss.legend().get_texts()] == ["Градиенттік төмендеу", "Adam"]
    assert (main.get_xscale(), loss.get_yscale(), loss.get_xlabel()) == ("linear", "log", "қадам")
    assert main.get_aspect() == 1.0, "circles stay round"
    loss.get_legend().remove()

    seen = 0
    for dpi, view in ((100, None), (100, (0.5, 1.6)), (173, None)):  # as it is, with other limits, and finer
        made.dpi = dpi
        if view:
            main.set(xlim=view, ylim=(-0.2, 1.6))
        pixels = drawn(made)
        for panel, ends in ((main, run.x[:, 0, -1]), (loss, np.column_stack([[25, 25], run.f[:, 0, -1]]))):
            for line, end in zip(panel.lines, ends, strict=True):
                share = panel.transAxes.inverted().transform(panel.transData.transform(end))
                if ((share > 0) & (share < 1)).all():
                    seen += 1
                    color = 255 * np.array(to_rgb(line.get_color()))
                    assert np.abs(at(panel, pixels, end) - color).max() < 30, (dpi, view, line)
    assert seen == 10, "all but one that is outside the narrower view, in both sizes"
    made.dpi = size[1]
    assert np.array_equal(drawn(made)[:, -300:], empty), "axes that were not given"
    assert dict(matplotlib.rcParams) == before
    assert (made.get_size_inches().tolist(), made.dpi, made.get_facecolor()) == size
    assert np.array_equal(drawn(pickle.loads(pickle.dumps(made))), drawn(made))


def test_a_panel_is_named_and_a_step_too(run: gdviz.Trajectories) -> None:
    _, axes = figure()
    assert gdviz.plot(run, ax=axes[0], panel="gradient:log", at=7) is axes[0]
    assert [len(line.get_xdata()) for line in axes[0].lines] == [8, 8] and "log" in axes[0].get_title()
    gdviz.plot(run, ax=axes[1], panel="main", split=None)
    assert len(axes[1].lines) == 2 and axes[1].lines[0].get_xydata()[0].tolist() == run.x[0, 0, 0].tolist()


@pytest.mark.parametrize(
    ("given", "more", "sentence"),
    [
        (lambda made, axes: 3, {}, "ax is 3; give axes"),
        (lambda made, axes: [axes[0], made], {}, r"ax\[1\] is <Figure"),
        (lambda made, axes: made.add_subplot(projection="polar"), {}, "ax is polar"),
        (lambda made, axes: [*axes, axes[0]], {}, "ax has 3 axes for 2 panels"),
        (lambda made, axes: axes[0], {"panel": "lost"}, "no panel and no hyperparameter 'lost'"),
        (lambda made, axes: axes[0], {"panel": "none"}, "panel='none' is none of this picture, which has main"),
        (lambda made, axes: axes[0], {"out": "a.png"}, "writes no file"),
    ],
)
def test_axes_that_cannot_be_drawn_into_are_one_sentence(
    given: Any, more: dict[str, Any], sentence: str, run: gdviz.Trajectories
) -> None:
    made, axes = figure()
    with pytest.raises(UsageError, match=sentence) as told:
        gdviz.plot(run, ax=given(made, axes), **more)
    assert "\n" not in str(told.value) and not axes[0].lines


SCENES = {
    "race": lambda: samples.race("ru", "dark", frames=40),
    "pointed": lambda: samples.pointed("en", "light", frames=40),
    "learned": lambda: samples.learned("kk", "dark"),
}


@pytest.mark.parametrize("name", SCENES)
def test_whatever_a_scene_holds_is_drawn_at_any_size(name: str) -> None:
    scene: Scene = SCENES[name]()
    made, axes = figure(len(scene.placed), layout="constrained")
    for one, panel in zip(np.atleast_1d(axes), scene.placed, strict=True):
        draw_into(one, scene, panel, scene.records - 1)
        tracks = [track for layer in panel.layers if isinstance(layer, Trails) for track in layer.tracks]
        assert len(one.lines) == len(tracks)
        for line, track in zip(one.lines, tracks, strict=True):
            found = np.asarray(line.get_xydata())
            here = (found[:, 0] > panel.x.low) & (found[:, 0] < panel.x.high)
            assert np.isin(found[here & (found[:, 1] > panel.y.low) & (found[:, 1] < panel.y.high)], track.points).all()
    whole = drawn(made)
    for one in np.atleast_1d(axes):
        box = one.get_window_extent()
        inside = whole[len(whole) - int(box.y1) + 2 : len(whole) - int(box.y0) - 2, int(box.x0) + 2 : int(box.x1) - 2]
        assert len(np.unique(inside.reshape(-1, 3), axis=0)) > 20
    made.savefig(io.BytesIO(), format="svg", bbox_inches="tight")
    made.set_size_inches(1.0 * len(scene.placed), 0.8)
    np.atleast_1d(axes)[0].invert_xaxis()  # then its lines alone are seen
    drawn(made)


def test_nothing_of_a_later_step_is_drawn() -> None:
    scene = samples.learned()
    made, axes = figure(1)
    draw_into(axes, scene, scene.placed[-1], 10)
    pixels = drawn(made)
    ground = at(axes, pixels, (15.5, 0.31))
    assert np.array_equal(at(axes, pixels, (10.5, 0.31)), ground), "the band would go on here"
    assert not np.array_equal(at(axes, pixels, (7.5, 0.40)), ground), "as it does here"
    assert all(np.nanmax(line.get_xdata()) == 10 for line in axes.lines)
