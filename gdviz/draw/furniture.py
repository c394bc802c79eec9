"""Everything on a page that stands still, as shapes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gdviz.draw.axes import axes_of
from gdviz.draw.insets import Inlaid
from gdviz.draw.layer import Floats, Site
from gdviz.draw.layers import drawn
from gdviz.draw.layout import Layout
from gdviz.draw.ledger import Ledger
from gdviz.draw.markers import marker
from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Hairlines, Polygon, Polyline, Shape, Text
from gdviz.draw.text import width
from gdviz.scene.page import Scene

AGAIN = 0.25
"""Share of its first dash that a sample ends with: without it a long dash and a gap would be a short solid line."""


def grounds(scene: Scene, layout: Layout, place: Place) -> tuple[list[Shape], list[Shape]]:
    """What stands still of a panel's layers, below the hairlines of its axes and above them."""
    layers = drawn(Site(scene, layout.cell, place))
    insets = [one.outer for one in layout.insets if one.host.panel is place.panel]
    below = [shape for one in layers for shape in one.below() if not _cut(shape, insets, scene.font)]
    return below, [shape for one in layers for shape in one.above()]


def panel_ground(scene: Scene, layout: Layout, place: Place) -> list[Shape]:
    """A panel's layers that stand still, and its axes."""
    below, above = grounds(scene, layout, place)
    axes = axes_of(scene, layout, place)
    grid = [shape for shape in axes if isinstance(shape, Hairlines)]
    return [*below, *grid, *above, *(shape for shape in axes if not isinstance(shape, Hairlines))]


def _cut(shape: Shape, insets: list[Box], font: str | None) -> bool:
    """Whether it is a text of which an inset would leave a part or nothing."""
    if not isinstance(shape, Text):
        return False
    reach = width(shape.text, shape.size, font) / 2 + shape.rim
    return any(
        one.x0 - reach < shape.x < one.x1 + reach and one.y0 - reach < shape.y < one.y1 + reach for one in insets
    )


def inset_ground(scene: Scene, layout: Layout, insets: Iterable[Inlaid]) -> list[Shape]:
    """What stands still of panels inside the main one."""
    theme, page = scene.theme, layout.cell
    shapes: list[Shape] = []
    for one in insets:
        box, outer, line = one.place.box, one.outer, max(page.line(1.5), 1.0)
        shapes.append(Polygon(corners(outer.x0, outer.y0, outer.x1, outer.y1)[:-1], theme.halo))
        layers = drawn(Site(scene, page, one.place))
        shapes += [shape for layer in layers for shape in (*layer.below(), *layer.above())]
        shapes.append(Hairlines((corners(box.x0, box.y0, box.x1, box.y1),), theme.ink, line, 0.75))
        if not one.magnifies:
            (x0, y0), (x1, y1) = one.spot.tolist()
            least = page.line(5)  # a window smaller than that would be a speck
            across, down = max(least - (x1 - x0), 0.0) / 2, max(least - (y1 - y0), 0.0) / 2
            spot = corners(x0 - across, y0 - down, x1 + across, y1 + down)
            shapes.append(Hairlines((spot,), theme.halo, 3 * line, 0.8, box))
            shapes.append(Hairlines((spot,), theme.ink, 1.3 * line, 1.0, box))
            stars = [star for layer in layers for star in layer.spots(0)]
            shapes += [part for star in stars for part in star.drawn(0.5, page.line(1.2))[1]]
    return shapes


def inset_links(scene: Scene, layout: Layout, insets: Iterable[Inlaid]) -> list[Shape]:
    """What is magnified, and which lines lead from there to where it is shown large."""
    theme, line = scene.theme, max(layout.cell.line(1.5), 1.0)
    shapes: list[Shape] = []
    for one in insets:
        if one.magnifies:
            (x0, y0), (x1, y1) = one.spot.tolist()
            outer = one.place.box
            lines = leaders((x0, y0, x1, y1), (outer.x0, outer.y0, outer.x1, outer.y1))
            if one.beside:  # not over what else is in its column
                lines = [np.array([(x1, a), (outer.x0, b)], float) for a, b in ((y0, outer.y0), (y1, outer.y1))]
            found, within = (corners(x0, y0, x1, y1), *lines), None if one.beside else one.host.box
            shapes.append(Hairlines(found, theme.halo, 3 * line, 0.6, within))
            shapes.append(Hairlines(found, theme.ink, line, 0.75, within))
    return shapes


def corners(x0: float, y0: float, x1: float, y1: float) -> Floats:
    """A rectangle as a closed line, float64[5, 2]."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], np.float64)


def leaders(small: tuple[float, ...], large: tuple[float, ...]) -> list[Floats]:
    """The two lines float64[2, 2] between the same corners of two rectangles that cross neither of them."""
    found = []
    for across in (0, 2):
        for down in (1, 3):
            a, b = np.array([small[across], small[down]]), np.array([large[across], large[down]])
            ways = a + np.linspace(0.02, 0.98, 25)[:, None] * (b - a)
            clear = all(not ((ways > (r[0], r[1])) & (ways < (r[2], r[3]))).all(axis=1).any() for r in (small, large))
            found += [np.array([a, b])] if clear else []
    return found[:2]


def _ledger(scene: Scene, page: Measures, book: Ledger) -> list[Shape]:
    theme = scene.theme
    shapes: list[Shape] = [*book.titles]
    for row in book.rows:
        entry = scene.entries[row.entry]
        radius = page.line(2.4) * book.scale
        x0, x1 = row.sample[0] + radius, row.sample[1] - radius
        if x0 < x1:
            points = np.array([(x0, row.y), (x1, row.y)])
            dashes = sampled(entry.style.dashes(2 * radius), x1 - x0)
            line = Polyline(points, np.array([0.0, x1 - x0]), np.full(2, radius), np.ones(2), entry.style.color, dashes)
            shapes.append(line)
        shapes.extend(
            marker(
                entry.style.marker, row.marker, row.y, page.line(10.5) * book.scale, entry.style.color, 0.0, theme.page
            )
        )
        if row.name:
            shapes.append(Text(*row.name_at, row.name, book.name, theme.ink, bold=True))
        if row.details and not entry.happened:
            shapes.append(Text(*row.details_at, row.details, book.details, theme.dim))
    return shapes


def sampled(dashes: tuple[float, ...], length: float) -> tuple[float, ...]:
    """Dashes of a line sample, closer where they have to be: all of them are seen, and that the first comes again."""
    shown = sum(dashes) + AGAIN * (dashes[0] if dashes else 0.0)
    return tuple(part * min(length / shown, 1.0) for part in dashes)


def furniture(scene: Scene, layout: Layout) -> list[Shape]:
    """All that stands still and is there from the start: panels, header, ledger, caption."""
    theme = scene.theme
    shapes: list[Shape] = []
    for panel, box in zip(layout.panels, layout.boxes, strict=True):
        shapes.extend(panel_ground(scene, layout, Place(panel, box)))
    header = layout.header
    shapes.extend(Text(line.x, line.y, line.text, line.size, theme.ink, bold=True) for line in header.title)
    for line in header.formula:
        shapes.append(Text(line.x, line.y, line.text, line.size, theme.dim, math=line.text.startswith("$")))
    if header.total.text:
        line = header.total
        shapes.append(Text(line.x, line.y, line.text, line.size, theme.dim, "right"))
    shapes.extend(Text(line.x, line.y, line.text, line.size, theme.dim) for line in layout.caption)
    shapes.extend(layout.key)
    if layout.ledger is not None:
        shapes.extend(_ledger(scene, layout.page, layout.ledger))
    for head in layout.heads:
        shapes.append(Text(*head.at, head.title, head.size, theme.ink, bold=True))
        shapes.extend(_ledger(scene, layout.cell, head.samples))
    return shapes
