"""Names at the heads of curves: one column to the right of them, in their order, and the room that it needs.

Curves that end at one step end on one line. Their names stand beside it as on a printed chart, where nothing is drawn
and none can be struck through; an axis ends that much before its panel does.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.layer import Site
from gdviz.draw.layers.trails import Trail
from gdviz.draw.measures import Measures
from gdviz.draw.rims import gap
from gdviz.draw.shapes import Box
from gdviz.draw.text import Glyphs
from gdviz.scene.page import Scene
from gdviz.scene.panels import Panel

Floats = NDArray[np.float64]

SIZE = 20.0
"""Size of a name, units of a full page."""

PAD = 0.16
"""Air around its letters, ems."""

CLOSE = 1.14
"""Height that a name takes in a column, ems: from capital to descender and a hair more."""

OFF = 15.0
"""How far right of the heads names begin, units of lines: marks of those that have left the panel are as wide."""

MOST = 0.42
"""Share of a panel's width that names may take; where they need more a side panel has none."""

FIRM = 0.6
"""Heights of a name by which two heads have to have changed places for their names to do so before the end, where no
name passes two others at once."""


def roomy(scene: Scene, page: Measures, glyphs: Glyphs, panel: Panel, box: Box) -> Panel:
    """The panel with room for names right of its curves."""
    if not panel.frame or not any(entry.label for entry in scene.entries):
        return panel
    entries = list(dict.fromkeys(track.entry for curves in panel.curves for track in curves.tracks))
    labels = [label for label in (scene.entries[entry].label for entry in entries) if label]
    size, axis = page.size(SIZE), panel.x
    if len(entries) < 2 or not labels:
        return panel
    widest = max(glyphs.width(label, size, True) for label in labels)
    share = (page.line(OFF) + widest + 2 * PAD * size + 6) / max(box.width, 1)
    if share > MOST or len(labels) * CLOSE * size > box.height - 8:
        return panel
    high = float(axis.values(np.array(1.0 / (1.0 - share))))
    return dataclasses.replace(panel, x=dataclasses.replace(axis, high=high, until=axis.high))


def abreast(
    named: Sequence[Trail],
    trails: Sequence[Trail],
    knots: NDArray[np.intp],
    places: Floats,
    site: Site,
    glyphs: Glyphs,
    taken: Floats,
) -> dict[int, Floats]:
    """Middles float64[knot, 2] of the names that stand in the column right of all heads, by the identity of the trail.

    A run that stops before the others is passed by them, and its name stands where it finds a place. knots: records of
    places. taken: rectangles float64[knot, rectangle, 4] to keep off at the panel's edges, NaN for none.
    """
    if site.place.panel.x.until is None:
        return {}
    size, line = site.page.size(SIZE), site.page.line
    front = fronts(places)
    numbers = {id(trail): number for number, trail in enumerate(trails)}
    level = [
        trail for trail in named if not (places[:, numbers[id(trail)], 0] < front - 0.5).any()
    ]  # of whom nothing is known at a moment, nothing is behind either
    if not level:
        return {}
    heads = places[:, [numbers[id(trail)] for trail in level]]
    widths = [glyphs.width(site.scene.entries[trail.track.entry].label, size, True) + 2 * PAD * size for trail in level]
    # as far down as the numbers below the axis let them: names of a heap at its end push those above off their heads
    room = dataclasses.replace(site.box, y1=site.box.y1 + math.floor(gap(site.page)))
    true = np.stack([trail.points[knots, 1] for trail in level], axis=1)
    beyond = (true > site.box.y1).astype(np.float64) - (true < site.box.y0)  # whose marks stand before heads inside
    order = heads[..., 1] + beyond * site.box.height
    levels = column(heads, CLOSE * size, room, taken, (line(OFF), line(OFF) + max(widths)), order)
    across = np.where(np.isnan(levels), np.nan, heads[..., 0])
    return {
        id(trail): np.column_stack([across[:, n] + line(OFF) + widths[n] / 2, levels[:, n]])
        for n, trail in enumerate(level)
    }


def fronts(places: Floats) -> Floats:
    """float64[knot]: how far right the foremost of heads float64[knot, trail, 2] is; NaN where there is none."""
    across = np.where(np.isfinite(places).all(axis=-1), places[..., 0], -np.inf).max(axis=1)
    return np.asarray(np.where(np.isfinite(across), across, np.nan))


def column(
    places: Floats, high: float, box: Box, taken: Floats, across: tuple[float, float], by: Floats | None = None
) -> Floats:
    """float64[knot, name]: heights of the middles of names beside heads float64[knot, name, 2]; NaN for none.

    They stand in the order of their heads, as near as they can without covering one another. high: of a name, pixels.
    taken: rectangles float64[knot, rectangle, 4] to keep off at the panel's edges, NaN for none; across: from where to
    where names reach right of their heads. by: heights float64[knot, name] that give the order, where marks at an edge
    stand lower or higher than heads they are beyond.
    """
    heights = places[..., 1]
    by = heights if by is None else by
    found = np.full(heights.shape, np.nan)
    order: list[int] = []
    high += 1.0  # places are rounded
    for knot in range(len(heights) - 1, -1, -1):  # backwards: in the end the order is that of the ends
        here = [int(n) for n in np.flatnonzero(np.isfinite(heights[knot]))]
        new = sorted((n for n in here if n not in order), key=lambda n: float(by[knot, n]))
        order = _nearer(_merged(order, new, by[knot]), by[knot], FIRM * high)
        shown = [n for n in order if n in here]
        if not shown:
            continue
        x, middle = float(np.nanmax(places[knot, :, 0])), (box.y0 + box.y1) / 2
        low, top = box.y1 - 3.0, box.y0 + 3.0
        for x0, y0, x1, y1 in taken[knot]:
            if x0 < x + across[1] and x1 > x + across[0]:
                low, top = (min(low, y0 - 1), top) if (y0 + y1) / 2 > middle else (low, max(top, y1 + 1))
        if len(shown) * high <= low - top:
            steps = high * np.arange(len(shown))
            level = np.clip(_rising(heights[knot, shown] - steps), top + high / 2, low - high / 2 - steps[-1])
            found[knot, shown] = level + steps
    return found


def _merged(order: list[int], new: list[int], heights: Floats) -> list[int]:
    """The order with those that it lacks, each before the first one below it."""
    for n in new:
        below = (at for at, other in enumerate(order) if heights[other] > heights[n])
        order = [*order[: (at := next(below, len(order)))], n, *order[at:]]
    return order


def _nearer(order: list[int], heights: Floats, firm: float) -> list[int]:
    """The order with neighbours exchanged that stand the wrong way round by more than this, each name once at most."""
    found, rest = [], list(order)
    while rest:
        swap = len(rest) > 1 and heights[rest[0]] > heights[rest[1]] + firm
        found += [rest[1], rest[0]] if swap else rest[:1]
        rest = rest[2 if swap else 1 :]
    return found


def _rising(values: Floats) -> Floats:
    """The nearest numbers, by squares, of which none is smaller than the one before. Source: Ayer et al. 1955."""
    blocks: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    return np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
