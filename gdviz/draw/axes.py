"""Axes with their ticks and names."""

from __future__ import annotations

import dataclasses

import numpy as np

from gdviz.draw.edges import end_labels
from gdviz.draw.header import LEADING
from gdviz.draw.layout import Layout
from gdviz.draw.markers import bar, gap
from gdviz.draw.measures import SMALLEST, Measures
from gdviz.draw.places import Place
from gdviz.draw.rims import gap as distance
from gdviz.draw.rims import lift, tick_room
from gdviz.draw.shapes import Box, Hairlines, Polygon, Shape, Text
from gdviz.draw.text import filled, fitting, width, wrap
from gdviz.draw.ticks import multiples, ticks
from gdviz.scene.page import Scene
from gdviz.scene.panels import Axis, Panel
from gdviz.scene.themes import Theme


def title_size(scene: Scene, layout: Layout) -> float:
    """The size of the titles of all panels, pixels: the usual one, or one in which the longest fits."""
    page = layout.cell
    size, least = page.size(25), page.size(SMALLEST)
    if layout.titles > 1:
        return least
    told = [one for one in zip(layout.panels, layout.boxes, strict=True) if one[0].title or one[0].area == "side"]
    return min(
        (fitting(_head(scene, layout, *one), _room(layout, one[1]), size, least, scene.font, True) for one in told),
        default=size,
    )


def _room(layout: Layout, box: Box) -> float:
    """The width that a title may take, pixels: over the gap to the next panel, or a little beyond the last."""
    page = layout.cell
    beside = [other.x0 for other in layout.boxes if other.x0 > box.x1 and other.y0 == box.y0]
    return max(min(beside, default=0) - box.x0 - page.size(25), box.width + page.space(28))


def _head(scene: Scene, layout: Layout, panel: Panel, box: Box) -> str:
    """The title of a panel; one that has no room in letters of any size is brief, if it can be."""
    said, room, least = panel.title or panel.y.label, _room(layout, box), layout.cell.size(SMALLEST)
    lines = filled(said, room, least, scene.font, True) if panel.brief else []
    cut = len(lines) > layout.titles or any(width(line, least, scene.font, True) > room for line in lines)
    return panel.brief if cut else said


def _named(axis: Axis, room: float, size: float, font: str | None) -> str:
    """The name of an axis, brief where that has no room, if it can be."""
    return axis.brief if axis.brief and width(axis.label, size, font) > room else axis.label


def level_line(page: Measures, theme: Theme, place: Place, base: float) -> Hairlines:
    """The axis of x at a value of y."""
    level = round(float(place.pixels(np.array([(place.panel.x.low, base)]))[0, 1])) + 0.5
    line = np.array([(place.box.x0, level), (place.end, level)])
    return Hairlines((line,), theme.dim, max(page.stroke(1.3), 1.0), 0.55)


def breaks(page: Measures, theme: Theme, place: Place) -> list[Polygon]:
    """Where curves go on beyond an axis a piece of it with two strokes across, on both sides: a curve may hide one."""
    box, shapes = place.box, list[Polygon]()
    for cut, end, way in zip(place.panel.y.cut, (box.y1, box.y0), (1.0, -1.0), strict=True):
        for x in (box.x0, place.end) if cut else ():
            inner, outer = np.array([x, end - way * page.line(44)]), np.array([float(x), float(end)])
            shapes += bar(x, inner[1], x, end, page.stroke(2.2), theme.dim)
            shapes += gap(inner, outer, page.line(3.4), theme.dim, theme.page)
    return shapes


def axes_of(scene: Scene, layout: Layout, place: Place) -> list[Shape]:
    page, theme, panel, box = layout.cell, scene.theme, place.panel, place.box
    size, off = page.size(21), distance(page)
    shapes: list[Shape] = []
    told = zip((box.y1, box.y0), end_labels(panel.y), strict=True)
    ends = [(end, label) for end, label in told if label and panel.y.labelled]  # how far curves go beyond a break
    y_ticks = [
        (value, label)
        for value, label in ticks(panel.y, tick_room(page, panel, box.height))
        if all(
            abs(end - box.y1 + box.height * float(panel.y.fraction(np.array(value)))) > 1.1 * size for end, _ in ends
        )
    ]
    y_at = place.pixels(np.array([(panel.x.low, value) for value, _ in y_ticks]).reshape(-1, 2))[:, 1]
    end_x = place.end
    ending = dataclasses.replace(panel.x, high=panel.x.high if panel.x.until is None else panel.x.until)
    most = max(2, min(9, int((end_x - box.x0) / max(page.space(70), 1.0))))
    for x_ticks in [multiples(ending), *(ticks(ending, room) for room in range(most, 1, -1))]:
        widest = max((width(label, size, scene.font) for _, label in x_ticks), default=0.0)
        if x_ticks and len(x_ticks) * (widest + 1.3 * size) <= end_x - box.x0 + size:
            break
    x_at = place.pixels(np.array([(value, panel.y.low) for value, _ in x_ticks]).reshape(-1, 2))[:, 0]
    if panel.frame:
        across = tuple(np.array([(box.x0, y), (end_x, y)]) for y in np.round(y_at) + 0.5)
        down = tuple(np.array([(x, box.y0), (x, box.y1)]) for x in np.round(x_at) + 0.5)
        shapes.append(Hairlines(across + down, theme.grid, max(page.stroke(1.3), 1.0)))
        base = panel.base if panel.base is not None and panel.y.low < panel.base < panel.y.high else panel.y.low
        shapes.append(level_line(page, theme, place, base))
    base = round(box.y1 + off + 0.78 * size)
    for x, (_, label) in zip(x_at, x_ticks if panel.x.labelled else (), strict=False):
        half = width(label, size, scene.font) / 2
        # no label hangs out to the right of its panel, nor over the numbers left of it
        x = max(min(float(x), box.x1 - half), box.x0 - off + half)
        shapes.append(Text(x, base, label, size, theme.dim, "center"))
    shapes += breaks(page, theme, place)
    shapes += [Text(box.x0 - off, round(end + 0.36 * size), label, size, theme.dim, "right") for end, label in ends]
    below = box.y1 + 2 * size
    for y, (_, label) in zip(y_at, y_ticks if panel.y.labelled else (), strict=False):
        if below - y < 0.95 * size:  # a chart so low that two labels would touch keeps the lower one
            continue
        below = float(y)
        shapes.append(Text(box.x0 - off, round(float(y) + 0.36 * size), label, size, theme.dim, "right"))
    if panel.x.label:
        line = base + 1.3 * size * panel.x.labelled
        said = _named(panel.x, box.width + off, size, scene.font)
        shapes.append(Text(end_x, round(line), said, size, theme.dim, "right"))
    if panel.title or panel.y.label:
        if panel.title or panel.area == "side":
            large = title_size(scene, layout)
            head = wrap(_head(scene, layout, panel, box), _room(layout, box), large, layout.titles, scene.font, True)
            for above, part in enumerate(reversed(head)):
                y = round(box.y0 - lift(page) - above * LEADING * large)
                shapes.append(Text(box.x0, y, part, large, theme.ink, bold=True))
        if panel.y.label and (panel.title or panel.area == "main"):
            column = [one for one in zip(layout.panels, layout.boxes, strict=True) if one[1].x0 == box.x0]
            numbers = [
                ticks(one.y, tick_room(page, one, other.height)) for one, other in column if one.y.labelled
            ]  # the names of all axes of a column stand in one line
            hang = max((width(label, size, scene.font) for found in numbers for _, label in found), default=0.0)
            x = box.x0 - off - hang - 0.55 * size
            said = _named(panel.y, box.height + 2 * off, size, scene.font)
            shapes.append(Text(x, (box.y0 + box.y1) / 2, said, size, theme.dim, "center", turned=True))
    return shapes
