"""Lines from names to their heads: where each ends, and what it would strike through."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.labels import Floats, Rect, nearest
from gdviz.draw.markers import bar
from gdviz.draw.shapes import Polygon

FROM = 0.5
"""Heights of a text beyond a head's own room from which a line leads to it."""

STRUCK = 30.0
"""What a frame costs, in the units of `gdviz.draw.tags`, with a line that strikes through a name or a head: more than
any place beside it, less than to hide the name."""


BEGUN = 0.8
"""Of a head's own room, how far off the head a line begins."""


def bars(
    head: tuple[float, float],
    rect: Rect,
    clear: float,
    size: float,
    line: Callable[[float], float],
    colors: tuple[str, str],
) -> list[Polygon]:
    """The line from a head to the rectangle of a text of this size, with a halo; none where it stands beside it.

    clear: the head's own room, pixels. line: pixels of a width in units of the page. colors: of halo and line.
    """
    (x, y), (u, v) = head, nearest(rect, *head)
    far = math.hypot(u - x, v - y)
    if far < clear + FROM * size:
        return []
    begin = x + (u - x) * BEGUN * clear / far, y + (v - y) * BEGUN * clear / far
    return [
        shape for wide, color in zip((4.0, 1.6), colors, strict=True) for shape in bar(*begin, u, v, line(wide), color)
    ]


def ends(offsets: Floats, half: Floats) -> Floats:
    """float64[…, 2]: where lines from a head at the origin end, on rectangles around middles float64[…, 2]."""
    return np.clip(0.0, offsets - half, offsets + half)


def crosses(begins: Floats, ends: Floats, middles: Floats, halves: Floats) -> NDArray[np.bool_]:
    """bool[…]: whether lines between two points pass through rectangles, told as float64[…, 2] each."""
    step = ends - begins
    with np.errstate(divide="ignore", invalid="ignore"):
        first, last = (middles - halves - begins) / step, (middles + halves - begins) / step
    enter, leave = np.fmin(first, last).max(axis=-1), np.fmax(first, last).min(axis=-1)
    return np.asarray((enter < leave) & (leave > 0.0) & (enter < 1.0))


def struck(
    offsets: Floats, half: Floats, clear: float, led: NDArray[np.bool_], others: tuple[Floats, Floats], lines: Floats
) -> Floats:
    """float64[knot, place]: what lines cost that strike through something, with a name at offsets float64[place, 2].

    clear: the head's own room. led: which places have a line to the head. others: middles and half sides
    float64[knot, rectangle, 2] of names and heads, lines: float64[knot, line, end, 2] of other names; all are told from
    the head, NaN for none.
    """
    middles, halves = others
    cost = np.zeros((len(middles), len(offsets)))
    reach = np.abs(offsets).max(axis=0)
    own = (np.abs(middles) < 0.5 * clear).all(axis=2)  # the head itself, and who is nested in it
    near = (np.abs(middles) < reach + halves).all(axis=2) & ~own
    tips = ends(offsets[led], half)
    begins = tips * (BEGUN * clear / np.hypot(*tips.T))[:, None]
    for other in np.flatnonzero(near.any(axis=0)):
        at = np.flatnonzero(near[:, other])
        found = crosses(begins[None], tips[None], middles[at, other, None], halves[at, other, None])
        cost[np.ix_(at, np.flatnonzero(led))] += STRUCK * found
    for line in range(lines.shape[1]):
        begin, end = lines[:, line, 0], lines[:, line, 1]
        at = np.flatnonzero((np.minimum(np.abs(begin), np.abs(end)) < reach + half + np.abs(end - begin)).all(axis=1))
        if len(at):
            cost[at] += STRUCK * crosses(begin[at, None], end[at, None], offsets[None], half)
    return cost
