"""A panel in axes of a user's own figure: paths as lines in data units, all else drawn anew for the size of the moment.

Everything in those axes follows them: their size, limits and dots an inch as they are when the figure is drawn. Of the
figure, of other axes and of Matplotlib's settings nothing is changed.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgba
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from gdviz.draw.axes import breaks, level_line
from gdviz.draw.columns import roomy
from gdviz.draw.figure import Easel, settings
from gdviz.draw.furniture import grounds, inset_ground, inset_links
from gdviz.draw.header import Header, Line
from gdviz.draw.insets import inlaid
from gdviz.draw.layers.trails import Trail
from gdviz.draw.layout import Layout
from gdviz.draw.markers import OUTLINES
from gdviz.draw.mathematics import prepared
from gdviz.draw.measures import Measures, measures
from gdviz.draw.places import Place
from gdviz.draw.render import faded, moment
from gdviz.draw.rims import filling
from gdviz.draw.scales import now, put_scale
from gdviz.draw.shapes import Box, Polyline, Shape
from gdviz.draw.stages import Stage
from gdviz.draw.text import Glyphs
from gdviz.errors import UsageError
from gdviz.scene.layers import Floats
from gdviz.scene.page import Scene
from gdviz.scene.palette import legible
from gdviz.scene.panels import Panel
from gdviz.scene.timing import WHOLE

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

NUMBERS = 7.0
"""Points of the numbers at axes on paper: where the user's are larger, lines and markers are as well."""

ORDERS = (0.4, 1.9, 2.5)
"""Where ground, rims of paths and heads stand among the user's artists: below grids, below lines, above them."""

LINES = 2.0
"""The same of the paths."""

LEAST = 16
"""Pixels of the side of axes in which there is anything to be seen."""

FIGURES = 1e-9
"""Share of an axis by which a point may differ from where it is drawn and still be drawn itself."""


def check(given: object, what: str) -> Axes:
    """The axes that a picture can go into. Raises UsageError."""
    if not isinstance(given, Axes):
        raise UsageError(f"{what} is {given!r:.60}; give axes of a figure, as in figure, ax = plt.subplots()")
    if given.name != "rectilinear":
        raise UsageError(f"{what} is {given.name}; give axes with straight sides, as in figure, ax = plt.subplots()")
    return given


class Sketch:
    """What is drawn of a panel at a record besides its paths, kept until axes have another size or other limits."""

    def __init__(self, scene: Scene, panel: Panel, axes: Axes, record: int) -> None:
        self.scene, self.panel, self.axes, self.record = scene, panel, axes, record
        numbers = axes.xaxis.get_major_ticks(1)[0].label1.get_fontproperties()
        self.scale = numbers.get_size_in_points() / NUMBERS
        self._key: object = None
        self._drawn: list[list[Artist]] = []

    def __getstate__(self) -> dict[str, Any]:
        """Without what is drawn again anyway."""
        return {**self.__dict__, "_key": None, "_drawn": []}

    def measured(self, times: float = 1.0) -> tuple[Scene, Measures, Box]:
        """The scene of a page of the axes' size with the panel alone, its measures, and its pixels.

        times: how many pixels of it a pixel of the figure has.
        """
        sides = (max(round(times * side), LEAST) for side in (self.axes.bbox.width, self.axes.bbox.height))
        box = Box(0, 0, *sides)
        inside = tuple(one for one in self.scene.panels if one.inlaid) if self.panel.area == "main" else ()
        scene = dataclasses.replace(
            self.scene,
            size=(box.x1, box.y1),
            dpi=times * self.axes.figure.dpi * self.scale,
            panels=(self.panel, *inside),
            grid=None,
            heads=(),
        )
        return scene, measures(scene), box

    def place(self, box: Box) -> Place | None:
        """The panel in the limits that the axes have now; None where these are turned round or of another scale."""
        x, y = now(self.panel.x, self.axes.xaxis), now(self.panel.y, self.axes.yaxis)
        return Place(dataclasses.replace(self.panel, x=x, y=y), box) if x and y else None

    def artists(self, renderer: RendererBase) -> list[list[Artist]]:
        """What belongs to each of ORDERS, lowest first."""
        times, bounds = renderer.get_image_magnification(), self.axes.bbox.bounds
        key = times, bounds, self.axes.figure.dpi, self.axes.get_xlim(), self.axes.get_ylim()
        if key != self._key:
            scene, page, box = self.measured(times)
            left, low, wide, high = bounds
            transform = Affine2D().scale(wide / box.x1, -high / box.y1).translate(left, low + high)
            place = self.place(box) if min(wide, high) >= LEAST else None
            self._key, self._drawn = key, []
            for part in self._shapes(scene, page, place) if place else ((), (), ()):
                easel = Easel(self.axes, transform, None, times * self.axes.figure.dpi, scene.font)
                easel.add(part)
                for artist in easel.artists:
                    artist.set_figure(self.axes.figure)
                self._drawn.append(easel.artists)
        return self._drawn

    def _shapes(self, scene: Scene, page: Measures, place: Place) -> tuple[list[Shape], list[Shape], list[Shape]]:
        layout = alone(page, place)
        if place.panel.area == "main":
            layout = dataclasses.replace(layout, insets=inlaid(scene, page, place))
        there = [one for one in layout.insets if one.since <= self.record]
        stage = Stage(scene, layout, place, Glyphs(scene.font))
        below, above = grounds(scene, layout, place)
        theme, panel, record = scene.theme, place.panel, self.record
        if panel.base is not None and panel.y.low < panel.base < panel.y.high:
            above = [level_line(page, theme, place, panel.base), *above]
        rims: list[Shape] = []
        over: list[Shape] = []
        comets: list[Shape] = []
        for trail in stage.trails:
            lines = trail.strokes(0, record)
            signs = trail.signs(0, record)
            rims += [faded(trail.halo(one), theme.halo_alpha) for one in (*lines, *signs) if isinstance(one, Polyline)]
            over += [faded(one, _opacity(trail, scene)) for one in signs]
            comet = trail.comet(record)
            comets += [faded(trail.halo(comet), theme.halo_alpha), comet] if comet else []
        under = [shape for _, shapes in stage.under(record + WHOLE) for shape in shapes]
        heads = [shape for _, shapes in stage.heads(record) for shape in shapes]
        inside: list[Shape] = inset_ground(scene, layout, there)
        for one in there:
            if one.magnifies:
                inside += moment(Stage(scene, layout, one.place, stage.glyphs), record)
        over += [*comets, *breaks(page, theme, place), *heads[len(under) :], *stage.texts(record), *inside]
        return below, [*above, *inset_links(scene, layout, there), *rims, *under], over


class Part(Artist):
    """One of the parts of a sketch among the artists of its axes."""

    def __init__(self, sketch: Sketch, number: int) -> None:
        super().__init__()
        self.sketch, self.number = sketch, number
        self.set_zorder(ORDERS[number])
        self.set_in_layout(False)

    def draw(self, renderer: RendererBase) -> None:
        """Draw it as the axes are now."""
        if self.get_visible():
            with settings(), np.errstate(all="ignore"):
                for artist in self.sketch.artists(renderer)[self.number]:
                    artist.draw(renderer)
        self.stale = False


def alone(page: Measures, place: Place) -> Layout:
    """The layout of a page that a panel fills."""
    nothing = Line("", 0.0, 0.0, 0.0)
    return Layout(page, page, (place.panel,), (place.box,), None, (), Header((), (), nothing, nothing, 0.0, False), ())


def draw_into(axes: Axes, scene: Scene, panel: Panel, record: int) -> None:
    """Draw a panel of a scene at a record into axes, which get its limits, scales, ticks, title and colours."""
    sketch = Sketch(scene, panel, axes, record)
    sized, page, box = sketch.measured()
    with settings(), np.errstate(all="ignore"):
        panel = roomy(sized, page, Glyphs(scene.font), filling(panel, box), box)
        sketch.panel = panel
        _dress(axes, panel, scene)
        for number in range(len(ORDERS)):
            axes.add_artist(Part(sketch, number))
        place = Place(panel, box)
        stage = Stage(dataclasses.replace(sized, panels=(panel,)), alone(page, place), place, Glyphs(scene.font))
        told: dict[int, Trail] = {}  # whom the legend shows for an entry: its first path, no thin one
        for trail in sorted(stage.trails, key=lambda one: one.track.quiet):
            told.setdefault(trail.track.entry, trail)
        for trail in stage.trails:
            line, entry = _line(trail, place, scene, record, 72.0 / axes.figure.dpi), trail.track.entry
            line.set_label(_name(scene, entry) if told[entry] is trail else f"_{entry}")
            axes.add_line(line)
        axes.set(xlim=(panel.x.low, panel.x.high), ylim=(panel.y.low, panel.y.high))


def _opacity(trail: Trail, scene: Scene) -> float:
    return 1.0 if trail.layer.kind == "curve" else scene.theme.settled


def _line(trail: Trail, place: Place, scene: Scene, record: int, point: float) -> Line2D:
    """A path up to a record in data units, with its marker for legends alone. point: points of a pixel."""
    style = trail.style
    wide = 2 * trail.radius
    line = Line2D(
        *_points(trail, place, record).T, color=style.color, linewidth=wide * point, alpha=_opacity(trail, scene),
        zorder=LINES, solid_capstyle="round", solid_joinstyle="round", dash_capstyle="round",
        dash_joinstyle="round", marker=Path(OUTLINES[style.marker] * (1, -1)), markeredgewidth=0, markevery=[],
        markersize=2 * trail.head(record).radius * point,
    )  # fmt: skip
    if trail.pattern:
        line.set_linestyle((0.0, tuple(part / wide for part in trail.pattern)))
    return line


def _name(scene: Scene, entry: int) -> str:
    """What a legend says of an entry: its name, with its details where others have that name."""
    one = scene.entries[entry]
    alike = sum(other.name == one.name for other in scene.entries) > 1
    text, holds = prepared(", ".join(filter(None, [one.name, one.details])) if alike else one.name)
    return text if holds else text.replace("$", r"\$")


def _points(trail: Trail, place: Place, record: int) -> Floats:
    """float64[point, 2]: the track up to a record, with NaN where no line leads; what is far off as it is drawn."""
    panel, box, true = place.panel, place.box, np.asarray(trail.track.points[: record + 1], np.float64)
    across, up = (trail.points[: record + 1] - (box.x0, box.y1)).T / ((box.width,), (-box.height,))
    drawn = np.column_stack([panel.x.values(across), panel.y.values(up)])
    close = np.abs(place.pixels(true) - trail.points[: record + 1]) <= FIGURES * np.array([box.width, box.height])
    points = np.where(close, true, drawn)
    cuts = [cut for cut in trail.track.breaks if 0 < cut <= record]
    return np.insert(points, cuts, np.nan, axis=0)


def _dress(axes: Axes, panel: Panel, scene: Scene) -> None:
    """Scales, ticks, words and colours of the axes; what stands around them is legible on the user's own figure."""
    theme = scene.theme
    face = to_rgba(axes.figure.get_facecolor())
    ground = to_hex(face) if face[3] > 0.5 else theme.page
    own = to_hex(axes.xaxis.label.get_color())
    ink, dim = (legible(color, ground, own) for color in (theme.ink, theme.dim))
    axes.set_facecolor(theme.page)
    axes.set_aspect(panel.aspect or "auto", adjustable="box")
    axes.set_axisbelow(True)
    put_scale(axes.xaxis, panel.x, axes.set_xscale)
    put_scale(axes.yaxis, panel.y, axes.set_yscale)
    axes.grid(False)
    if panel.frame:
        axes.grid(True, color=theme.grid)
    axes.tick_params(colors=dim)
    for spine in axes.spines.values():
        spine.set_edgecolor(dim)
    beside = [(panel.x.label, axes.xaxis.label, dim), (panel.y.label, axes.yaxis.label, dim)]
    for text, label, color in [(panel.title, axes.title, ink), *beside]:
        if text:
            said, holds = prepared(text)
            label.set(text=said, color=color, parse_math=holds)
