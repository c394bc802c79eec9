"""Everything on a page that stands still, as shapes."""

from __future__ import annotations

import numpy as np

from gdviz.draw.axes import axes_of
from gdviz.draw.layer import Site
from gdviz.draw.layers import drawn
from gdviz.draw.layout import Layout
from gdviz.draw.ledger import Ledger
from gdviz.draw.markers import marker
from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.shapes import Hairlines, Polyline, Shape, Text
from gdviz.scene.page import Scene


def panel_ground(scene: Scene, layout: Layout, place: Place) -> list[Shape]:
    """A panel's layers that stand still, and its axes."""
    layers = drawn(Site(scene, layout.cell, place))
    below = [shape for one in layers for shape in one.below()]
    above = [shape for one in layers for shape in one.above()]
    axes = axes_of(scene, layout, place)
    grid = [shape for shape in axes if isinstance(shape, Hairlines)]
    return [*below, *grid, *above, *(shape for shape in axes if not isinstance(shape, Hairlines))]


def _ledger(scene: Scene, page: Measures, book: Ledger) -> list[Shape]:
    theme = scene.theme
    shapes: list[Shape] = [*book.titles]
    for row in book.rows:
        entry = scene.entries[row.entry]
        radius = page.line(2.4)
        x0, x1 = row.sample[0] + radius, row.sample[1] - radius
        points = np.array([(x0, row.y), (x1, row.y)])
        dashes = entry.style.dashes(2 * radius)
        shapes.append(
            Polyline(points, np.array([0.0, x1 - x0]), np.full(2, radius), np.ones(2), entry.style.color, dashes)
        )
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


def furniture(scene: Scene, layout: Layout) -> list[Shape]:
    """All that stands still: panels, header, ledger, caption."""
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
    if layout.ledger is not None:
        shapes.extend(_ledger(scene, layout.page, layout.ledger))
    for head in layout.heads:
        shapes.append(Text(*head.at, head.title, head.size, theme.ink, bold=True))
        shapes.extend(_ledger(scene, layout.cell, head.samples))
    return shapes
