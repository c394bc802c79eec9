"""Shapes to Matplotlib: what stands still in a clip, and whole stills, as pixels or outlines.

`Figure` and its Agg canvas only: no pyplot, no state of the user's session, no change of their settings.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.fonts import check_letters, em, formula_outline, properties
from gdviz.draw.mathematics import prepared
from gdviz.draw.shapes import Box, Dots, Hairlines, Image, Polygon, Polyline, Shape, Text
from gdviz.draw.text import extent, width

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

# Unhinted letters look the same in every file format and at every size.
SETTINGS: dict[str, Any] = {
    "text.hinting": "no_hinting",
    "text.usetex": False,
    "path.simplify": False,
    "path.snap": False,
    "path.effects": [],
    "path.sketch": None,
    "agg.path.chunksize": 0,
    "image.composite_image": True,
    "lines.scale_dashes": True,
}
NESTED = 10  # strokes that stand for a taper: more cannot be told from a smooth one


@contextmanager
def settings(more: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Matplotlib's settings for a drawing, and those that a file format needs, put back afterwards."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS | dict(more or {})):  # type: ignore[arg-type]
        yield


@functools.cache
def pixel_image() -> Any:
    """The class of an image that Agg copies as it is; to other formats it goes Matplotlib's way, which scales it."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.image import AxesImage

    class PixelImage(AxesImage):
        def __init__(self, axes: Any, shape: Image, height: int | None) -> None:
            box = shape.box
            super().__init__(axes, interpolation="nearest", origin="upper", extent=(box.x0, box.x1, box.y1, box.y0))
            self.set_data(shape.pixels)
            self.pixels = shape.pixels
            self.corner = None if height is None else (box.x0, height - box.y1)  # of the lower edge, from below

        def draw(self, renderer: Any) -> None:
            if self.corner is None or not isinstance(renderer, RendererAgg) or self.get_clip_path() is not None:
                super().draw(renderer)
                return
            context = renderer.new_gc()
            opaque = np.full((*self.pixels.shape[:2], 4), 255, np.uint8)
            opaque[:, :, :3] = self.pixels[::-1]  # Agg copies images upside down
            renderer.draw_image(context, *self.corner, opaque)
            context.restore()

    return PixelImage


class Easel:
    """Makes plain artists of shapes, lowest first, in axes whose pixels `transform` finds.

    height: of a page whose pixels are the picture's own, so that images are copied as they are. What add_patch and its
    like do besides is to keep data limits, which costs as much as the drawing.
    """

    def __init__(self, axes: Axes, transform: Transform, height: int | None, dpi: float, font: str | None) -> None:
        self.axes, self.transform, self.height, self.font = axes, transform, height, font
        self.point = 72.0 / dpi  # points of a pixel
        self.artists: list[Artist] = []

    def add(self, shapes: Iterable[Shape]) -> None:
        """Draw shapes over each other in their order."""
        for shape in shapes:
            if isinstance(shape, Polyline):
                self._polyline(shape)
            elif isinstance(shape, Polygon):
                self._polygon(shape)
            elif isinstance(shape, Dots):
                self._dots(shape)
            elif isinstance(shape, Hairlines):
                self._hairlines(shape)
            elif isinstance(shape, Text):
                self._text(shape)
            else:
                self._image(shape)

    def _place(self, artist: Artist, clip: Box | None) -> None:
        from matplotlib.patches import Rectangle

        artist.set_transform(self.transform)
        artist.set_snap(False)
        if clip is not None:
            artist.set_clip_path(Rectangle((clip.x0, clip.y0), clip.width, clip.height, transform=self.transform))
        self.artists.append(artist)

    def _polyline(self, shape: Polyline) -> None:
        low, high = float(shape.radius[0]), float(shape.radius[-1])
        if low == high and shape.opacity[0] == shape.opacity[-1]:
            self._stroke(shape, 0, low, float(shape.opacity[0]))
            return
        # a taper is a pile of strokes that all end at the head: each begins later, is thicker, and adds the opacity
        # that is missing; within each there is no joint to show through
        done = 0.0
        starts = [int(np.searchsorted(shape.radius, low + (high - low) * (n / NESTED) ** 1.5)) for n in range(NESTED)]
        for start, following in zip(starts, [*starts[1:], len(shape.radius) - 1], strict=True):
            middle = (start + following) // 2
            opacity = float(shape.opacity[middle])
            if opacity > done and start < len(shape.points) - 1:
                self._stroke(shape, start, float(shape.radius[middle]), (opacity - done) / (1.0 - done))
                done = opacity
            elif start < len(shape.points) - 1:
                self._stroke(shape, start, float(shape.radius[middle]), 1.0 if done >= 1.0 else 0.0)

    def _stroke(self, shape: Polyline, start: int, radius: float, opacity: float) -> None:
        from matplotlib.lines import Line2D

        if opacity <= 0.0:
            return
        thick = 2 * radius
        line = Line2D(
            shape.points[start:, 0], shape.points[start:, 1], color=shape.color, linewidth=thick * self.point,
            alpha=opacity, solid_capstyle="round", solid_joinstyle="round", dash_capstyle="round",
            dash_joinstyle="round",
        )  # fmt: skip
        if shape.pattern:
            period = sum(shape.pattern)
            line.set_linestyle(
                (float(shape.phase[start] % period) / thick, tuple(part / thick for part in shape.pattern))
            )
        self._place(line, shape.clip)

    def _polygon(self, shape: Polygon) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        closed = np.concatenate([shape.points, shape.points[:1]])
        patch = PathPatch(Path(closed, closed=True), facecolor=shape.color, edgecolor="none", alpha=shape.opacity)
        self._place(patch, shape.clip)

    def _dots(self, shape: Dots) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        circle = Path.unit_circle()
        discs = [Path(np.asarray(circle.vertices) * shape.radius + point, circle.codes) for point in shape.points]
        patch = PathPatch(Path.make_compound_path(*discs), facecolor=shape.color, edgecolor="none", alpha=shape.opacity)
        self._place(patch, shape.clip)

    def _hairlines(self, shape: Hairlines) -> None:
        from matplotlib.collections import LineCollection

        lines = LineCollection(
            [line for line in shape.lines if len(line) > 1], colors=shape.color, linewidths=shape.width * self.point,
            alpha=shape.opacity, capstyle="butt", joinstyle="round",
        )  # fmt: skip
        self._place(lines, shape.clip)

    def _text(self, shape: Text) -> None:
        from matplotlib.patheffects import Normal, Stroke
        from matplotlib.text import Text as Letters

        text, holds = (shape.text, True) if shape.math else prepared(shape.text)
        if holds:
            self._formula(shape, text)
            return
        check_letters(text, self.font)
        label = Letters(
            shape.x, shape.y, text, color=shape.color, ha="center" if shape.align == "center" else shape.align,
            va="center" if shape.turned else "baseline", rotation=90 if shape.turned else shape.angle or 0,
            fontproperties=properties(self.font, shape.bold), parse_math=False,
            clip_on=False,
        )  # fmt: skip
        label.set_fontsize(shape.size * em(self.font) * self.point)
        if shape.turned:
            label.set_horizontalalignment("right")
        if shape.angle is not None:
            label.set_verticalalignment("center_baseline")
            label.set_rotation_mode("anchor")
        if shape.outline:
            rim = Stroke(linewidth=2 * shape.rim * self.point, foreground=shape.outline, joinstyle="round")
            label.set_path_effects([rim, Normal()])
        self._place(label, None)

    def _formula(self, shape: Text, text: str) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        corners, codes = formula_outline(text, self.font, shape.bold)
        wide = width(text, shape.size, self.font, shape.bold, math=True)
        along, up = (corners * shape.size).T
        if shape.turned:  # its lower edge to the left of the place, its middle beside it
            depth = extent(text, shape.size, self.font, math=True)[1]
            outline = np.column_stack([shape.x - depth - up, shape.y - along + 0.5 * wide])
        else:
            back = {"left": 0.0, "center": 0.5, "right": 1.0}[shape.align] * wide
            outline = np.column_stack([shape.x + along - back, shape.y - up])
        if shape.angle is not None:
            turn = np.radians(shape.angle)
            along, up = along - 0.5 * wide, up - 0.36 * shape.size
            outline = np.column_stack([along, -up]) @ [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
            outline += (shape.x, shape.y)
        for rim in (True, False)[not shape.outline :]:
            edge = (
                {"edgecolor": shape.outline, "linewidth": 2 * shape.rim * self.point} if rim else {"edgecolor": "none"}
            )
            patch = PathPatch(Path(outline, codes), facecolor=shape.color, joinstyle="round", **edge)
            self._place(patch, None)

    def _image(self, shape: Image) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        image = pixel_image()(self.axes, shape, self.height)
        self._place(image, None)
        if shape.clip is not None:
            image.set_clip_path(PathPatch(Path(shape.clip), transform=self.transform))


class Sheet:
    """A Matplotlib figure whose data units are the page's pixels."""

    def __init__(self, size: tuple[int, int], page: str, dpi: float, font: str | None) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.dpi = dpi
        # a hair more than the whole number, which a rounding error below would cut off
        self.figure = Figure(((size[0] + 1e-4) / dpi, (size[1] + 1e-4) / dpi), dpi=dpi, facecolor=page)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, size[0])
        self.axes.set_ylim(size[1], 0)
        self.easel = Easel(self.axes, self.axes.transData, size[1], dpi, font)
        self._order = 1.0

    def add(self, shapes: Iterable[Shape]) -> None:
        """Draw shapes over each other in their order."""
        self.easel.add(shapes)
        for artist in self.easel.artists:
            self._order += 1e-3
            artist.set_zorder(self._order)
            clip = artist.get_clip_box()
            self.axes.add_artist(artist)
            if clip is not None:  # which axes take for none where it is a rectangle
                artist.set_clip_box(clip)
        self.easel.artists.clear()

    def pixels(self) -> NDArray[np.uint8]:
        """uint8[H, W, 3], C-contiguous."""
        self.canvas.draw()
        drawn = np.asarray(self.canvas.buffer_rgba())
        pixels = np.empty((*drawn.shape[:2], 3), np.uint8)
        for part in range(3):  # four times as fast as copying three of four bytes at once
            pixels[:, :, part] = drawn[:, :, part]
        return pixels

    def save(self, file: Any, format: str, metadata: dict[str, str | None]) -> None:
        """Write a whole picture; the page is exactly its size."""
        self.figure.savefig(file, format=format, dpi=self.dpi, metadata=metadata, facecolor=self.figure.get_facecolor())
