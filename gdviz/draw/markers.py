"""Outlines of markers, rings, stars and arrows, each a polygon inside the unit circle's neighbourhood."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.shapes import Box, Polygon

Floats = NDArray[np.float64]


def _regular(corners: int, turn: float, radius: float) -> Floats:
    angle = turn + 2 * math.pi * np.arange(corners) / corners
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _star(points: int, inner: float) -> Floats:
    angle = -math.pi / 2 + math.pi * np.arange(2 * points) / points
    reach = np.where(np.arange(2 * points) % 2, inner, 1.0)
    return np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])


def _cross(arm: float, reach: float, turn: float) -> Floats:
    a, r = arm, reach
    corners = [
        (-a, -r),
        (a, -r),
        (a, -a),
        (r, -a),
        (r, a),
        (a, a),
        (a, r),
        (-a, r),
        (-a, a),
        (-r, a),
        (-r, -a),
        (-a, -a),
    ]
    cos, sin = math.cos(turn), math.sin(turn)
    return np.array(corners) @ np.array([[cos, sin], [-sin, cos]])


# Radii are chosen so that all look equally heavy: a square of the circle's diameter would look larger than it.
OUTLINES: dict[str, Floats] = {
    "circle": _regular(40, 0.0, 1.0),
    "square": _regular(4, math.pi / 4, 1.27),
    "diamond": _regular(4, 0.0, 1.30),
    "triangle": _regular(3, -math.pi / 2, 1.36) + np.array([0.0, 0.18]),
    "down": _regular(3, math.pi / 2, 1.36) - np.array([0.0, 0.18]),
    "plus": _cross(0.36, 1.14, 0.0),
    "cross": _cross(0.36, 1.14, math.pi / 4),
    "hexagon": _regular(6, math.pi / 6, 1.10),
    "star": _star(5, 0.42) * 1.18,
    "arrow": np.array([(1.15, 0.0), (-0.75, -0.92), (-0.35, 0.0), (-0.75, 0.92)]),
}


@functools.cache
def _grown(name: str, rim: float) -> Floats:
    """The outline moved outwards by `rim` radii, corners mitred up to 2.2 rims."""
    points = OUTLINES[name]
    before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    turn = np.sign(np.sum(points[:, 0] * np.roll(points[:, 1], -1) - np.roll(points[:, 0], -1) * points[:, 1]))
    normals = [
        turn * np.column_stack([side[:, 1], -side[:, 0]]) / np.hypot(*side.T)[:, None] for side in (before, after)
    ]
    middle = normals[0] + normals[1]
    middle /= np.hypot(*middle.T)[:, None]
    stretch = np.minimum(1.0 / np.maximum(np.sum(middle * normals[0], axis=1), 1e-9), 2.2)
    return np.asarray(points + rim * stretch[:, None] * middle)


def marker(
    name: str, x: float, y: float, radius: float, color: str, rim: float, rim_color: str, clip: Box | None = None
) -> list[Polygon]:
    """A marker with a rim, as two polygons: rim first. radius and rim in pixels."""
    centre = (x, y)
    shapes = [Polygon(_grown(name, round(rim / radius, 3)) * radius + centre, rim_color, clip=clip)] if rim > 0 else []
    return [*shapes, Polygon(OUTLINES[name] * radius + centre, color, clip=clip)]


def ring(x: float, y: float, radius: float, width: float, color: str, clip: Box | None = None) -> Polygon:
    """A circle's outline as one polygon: out along the outer edge, back along the inner one."""
    angle = 2 * math.pi * np.arange(49) / 48
    unit = np.column_stack([np.cos(angle), np.sin(angle)])
    points = np.concatenate([unit * (radius + width / 2), unit[::-1] * (radius - width / 2)]) + np.array([x, y])
    return Polygon(points, color, clip=clip)


def hollow(
    name: str, x: float, y: float, radius: float, width: float, color: str, rim: float, rim_color: str
) -> list[Polygon]:
    """The outline of a marker, `width` pixels thick inside its radius, on a rim of its own."""
    shapes = []
    for out, into, paint in ((rim, width + rim, rim_color), (0.0, width, color)):
        outer, inner = (_grown(name, round(grown / radius, 3)) * radius for grown in (out, -into))
        # out along one edge, back along the other: opposite turns leave the middle open
        points = np.concatenate([outer, outer[:1], inner[:1], inner[::-1]]) + np.array([x, y])
        shapes.append(Polygon(points, paint))
    return shapes


def bar(x0: float, y0: float, x1: float, y1: float, width: float, color: str) -> list[Polygon]:
    """A thin straight line as a polygon."""
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    across = np.array([-(y1 - y0), x1 - x0]) * (width / 2 / length)
    ends = np.array([(x0, y0), (x1, y1)])
    return [Polygon(np.concatenate([ends + across, (ends - across)[::-1]]), color)]


def arrow(
    x: float, y: float, direction: tuple[float, float], radius: float, color: str, rim: float, rim_color: str
) -> list[Polygon]:
    """An arrow head at (x, y) that points along `direction`, with a rim."""
    length = math.hypot(*direction) or 1.0
    cos, sin = direction[0] / length, direction[1] / length
    turn = np.array([[cos, sin], [-sin, cos]])
    outer = _grown("arrow", round(rim / radius, 3)) @ turn * radius + (x, y)
    return [Polygon(outer, rim_color), Polygon(OUTLINES["arrow"] @ turn * radius + (x, y), color)]


def vector(
    tail: Floats,
    tip: Floats,
    width: float,
    color: str,
    rim: float,
    rim_color: str,
    clip: Box | None = None,
    dashes: tuple[float, ...] = (),
) -> list[Polygon]:
    """An arrow from tail to tip, shaft and head in one outline, on a rim; a short one is all head. Pixels.

    Its head is 4.6 widths long and 3.8 wide. dashes: widths on and off in turn of its shaft, as of lines with round
    ends; smaller where it has no room for two of them.
    """
    length = math.hypot(*(tip - tail))
    if not length > 0:
        return []
    slim = min(1.0, length / (4.6 * width))
    width, rim = slim * width, slim * rim
    along = (tip - tail) / length
    across = np.array([-along[1], along[0]])

    def outline(grown: float) -> Floats:
        # the head's edges lean by atan(1.9 / 4.6): a rim reaches 2.6 of its widths beyond the tip, 1.5 beside the barbs
        half, barb = width / 2 + grown, 1.9 * width + 1.5 * grown
        neck, end, start = length - 4.6 * width - grown, length + 2.6 * grown, min(-grown, length - 4.6 * width - grown)
        side = [(start, half), (neck, half), (neck, barb), (end, 0.0)]
        corners = np.array([*side, *((x, -y) for x, y in reversed(side[:-1]))])
        return np.asarray(tail + corners[:, :1] * along + corners[:, 1:] * across)

    under = [Polygon(outline(rim), rim_color, clip=clip)] if rim > 0 else []
    whole, neck = outline(0.0), length - 4.6 * width
    if not dashes or neck <= 0:
        return [*under, Polygon(whole, color, clip=clip)]
    pieces: list[Floats] = []
    at = 0.0
    unit = min(width, neck / (2 * sum(dashes) + dashes[0]))
    while at < neck:
        for on, off in zip(dashes[::2], dashes[1::2], strict=True):
            ends = tail + np.array([min(at, neck), min(at + (on + 1) * unit, neck)])[:, None] * along
            pieces += [np.concatenate([ends + width / 2 * across, (ends - width / 2 * across)[::-1]])]
            at += (on + off) * unit
    head = whole[2:5]  # barb, tip, barb
    return [*under, *(Polygon(part, color, clip=clip) for part in (*pieces, head))]


def gap(tail: Floats, tip: Floats, width: float, color: str, ground: str) -> list[Polygon]:
    """Two slanted strokes across an arrow's shaft with a gap between: it is longer than drawn. Pixels.

    They stand behind its head, or in the middle of what is left of it.
    """
    length = math.hypot(*(tip - tail))
    if not length > 0:
        return []
    along = (tip - tail) / length
    across = np.array([-along[1], along[0]])
    centre = tip - along * min(8.0 * width, 0.5 * length)
    slant = 1.9 * width * (0.9 * across + 0.44 * along)
    shapes = []
    for shift, thick, paint in ((0.0, 2.2, ground), (-1.1, 0.55, color), (1.1, 0.55, color)):
        middle = centre + shift * width * along
        (x0, y0), (x1, y1) = middle - slant, middle + slant
        shapes += bar(x0, y0, x1, y1, thick * width, paint)
    return shapes


def broken(a: Floats, b: Floats, width: float, color: str, clip: Box | None = None) -> list[Polygon]:
    """A thin dashed line, each dash four widths long with gaps of three."""
    length = math.hypot(*(b - a))
    pieces: list[Polygon] = []
    for start in np.arange(0.0, length, 7.0 * width):
        end = min(start + 4.0 * width, length)
        (x0, y0), (x1, y1) = a + (b - a) * start / length, a + (b - a) * end / length
        pieces += [Polygon(part.points, color, clip=clip) for part in bar(x0, y0, x1, y1, width, color)]
    return pieces


def ribbon(
    points: Floats, width: float, color: str, pattern: tuple[float, ...] = (), clip: Box | None = None
) -> list[Polygon]:
    """A line of one width through points float64[n, 2] as polygons, one for each dash; its corners should be blunt.

    pattern: on and off in turn, pixels, both longer by a width for its butt ends.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    kept = np.append(True, np.diff(along) > 0)
    points, along = points[kept], along[kept]
    if len(points) < 2:
        return []
    begins, ends = np.array([0.0]), along[-1:]
    if pattern:
        edges = np.cumsum(np.tile(pattern, int(along[-1] / sum(pattern)) + 1)).reshape(-1, 2)
        begins, ends = np.append(0.0, edges[:-1, 1]), edges[:, 0] + width
        ends = np.minimum(ends, along[-1])[begins < along[-1]]
    pieces = []
    for begin, end in zip(begins, ends, strict=False):
        at = np.concatenate([[begin], along[(along > begin) & (along < end)], [end]])
        way = np.column_stack([np.interp(at, along, points[:, part]) for part in (0, 1)])
        sides = np.diff(way, axis=0)
        sides = np.column_stack([-sides[:, 1], sides[:, 0]]) / np.maximum(np.hypot(*sides.T), 1e-12)[:, None]
        across = np.concatenate([sides[:1], sides[1:] + sides[:-1], sides[-1:]])
        across *= 0.5 * width / np.maximum(np.hypot(*across.T), 1e-12)[:, None]
        pieces.append(Polygon(np.concatenate([way + across, (way - across)[::-1]]), color, clip=clip))
    return pieces
