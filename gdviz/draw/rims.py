"""What a panel needs around it, and the box that it fills in a place of the page."""

from __future__ import annotations

import math
from dataclasses import replace

from gdviz.draw.edges import end_labels
from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box
from gdviz.draw.text import width
from gdviz.draw.ticks import ticks
from gdviz.scene.page import Scene
from gdviz.scene.panels import Panel


def tick_room(page: Measures, panel: Panel, box_height: float) -> int:
    """How many labels a vertical axis of this height carries: a field wants few, a chart is read by them, and of names
    as many as it has lines for."""
    if panel.y.names:
        return max(int(box_height / (page.size(21) * 1.1)), 1)
    apart = page.space(64 if panel.frame else 100)
    return max(2, min(9, int(box_height / max(apart, page.size(21) * 1.1))))


def gap(page: Measures) -> float:
    """How far numbers stand off their axes: enough to keep the lowest of one off the first of the other."""
    return max(page.space(12), 0.45 * page.size(21))


def label_width(scene: Scene, page: Measures, panel: Panel, height: float) -> float:
    """How far the labels of a panel's vertical axis hang out to its left, pixels, whatever its decimal mark is."""
    return number_width(scene, page, panel, height) + name_width(page, panel)


def number_width(scene: Scene, page: Measures, panel: Panel, height: float) -> float:
    """How far its numbers alone do."""
    own = replace(panel.y, decimal=".")
    axes = {own, own.widened(own.most)} if own.labelled else set()
    labels = [label for axis in axes for _, label in ticks(axis, tick_room(page, panel, height))]
    labels += [label for axis in axes for label in end_labels(axis)]
    return max((width(label, page.size(21), scene.font) for label in labels), default=0.0) + gap(page) + page.space(2)


def name_width(page: Measures, panel: Panel) -> float:
    """What its name takes beyond them, 0 where it stands elsewhere or nowhere."""
    return page.size(21) * 1.5 if panel.y.label and (panel.title or panel.area == "main") else 0.0


def slope_of(panel: Panel) -> float:
    """Height for each width of a panel that has an aspect and is not widened."""
    return (panel.aspect or 1.0) * panel.y.span / panel.x.span


def widest_of(panel: Panel) -> float:
    """The largest width for each height that the panel can fill."""
    return panel.x.most / panel.y.span / panel.aspect if panel.aspect else math.inf


def steepest_of(panel: Panel) -> float:
    """The height for each width that the panel fills at most: a chart is about as high as wide."""
    return panel.aspect * panel.y.most / panel.x.span if panel.aspect else 0.9


def scale_of(panel: Panel, room: float, height: float) -> float:
    """Pixels of a unit of the horizontal axis of a panel that keeps its aspect in a slot."""
    return min(room / panel.x.span, height / panel.y.span / (panel.aspect or 1.0))


def fitted(panel: Panel, x0: float, y0: float, room: float, height: float, centre: bool = False) -> Box:
    """The largest box at the top of a slot that the panel can fill at its aspect, widened as far as it may be."""
    if panel.aspect:
        flattest, steepest = panel.y.span / panel.x.most, panel.y.most / panel.x.span
        slope = min(max(height / room, panel.aspect * flattest), panel.aspect * steepest)
        wide = min(room, height / slope)
        x0, height = (x0 + (room - wide) / 2 if centre else x0), wide * slope
        room = wide
    return Box(round(x0), round(y0), round(x0 + max(room, 8)), round(y0 + max(height, 8)))


def filling(panel: Panel, box: Box) -> Panel:
    """The panel with the axis widened that lets it fill its box at its aspect."""
    if not panel.aspect:
        return panel
    unit = box.height / box.width / panel.aspect  # y units for each x unit, across the whole box
    return replace(panel, x=panel.x.widened(panel.y.span / unit), y=panel.y.widened(panel.x.span * unit))


def foot_of(page: Measures, panel: Panel) -> float:
    """What hangs below a panel: tick labels and the axis label."""
    numbers = page.size(21) * 1.05 + gap(page) if panel.x.labelled else 0.0
    return numbers + (page.size(21) * 1.3 if panel.x.label else 0.0)


def lift(page: Measures) -> float:
    """How far a panel's title stands above it: its letters' tails must not touch."""
    return max(page.space(18), 0.3 * page.size(25))


def head_of(page: Measures, panel: Panel) -> float:
    """What stands above a panel: its title."""
    titled = panel.title or (panel.y.label and panel.area == "side")
    return page.size(25) + lift(page) - page.space(2) if titled else 0.0
