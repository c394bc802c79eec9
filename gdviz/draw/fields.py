"""A landscape as tones and lines: the quiet ground that paths speak on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Dots, Hairlines, Image, Shape, Text, rgb
from gdviz.draw.text import width
from gdviz.scene.layers import Curve, Field, Levels, Valleys
from gdviz.scene.themes import Theme

Floats = NDArray[np.float64]


def taps(at: Floats, targets: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Cubic (Catmull-Rom) interpolation from rising samples to targets: int64[target], float64[target, 4].

    The first of four samples, which may lie outside, and their weights. Spacing is taken as even; beyond the samples
    the edge value is kept. Source: Catmull & Rom 1974.
    """
    n = len(at)
    where = np.clip(np.interp(targets, at, np.arange(n, dtype=float)), 0, n - 1)
    base = np.minimum(where.astype(np.int64), max(n - 2, 0))
    t = where - base
    parts = (
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )
    return base - 1, np.ascontiguousarray(np.stack(parts, axis=-1))


def resampled(layer: Field | Levels, place: Place, down: Floats, across: Floats) -> Floats:
    """float64[row, column]: the values at shares 0…1 of a panel's height (from above) and width (from the left).

    Infinite values stand in as the highest or lowest finite one, so that a logarithm's pole keeps its look. Where the
    landscape is not defined the result is NaN.
    """
    from gdviz.raster.fields import resample

    x, y = place.x_values(across), place.y_values(1.0 - down)
    (rows, row_taps), (columns, column_taps) = taps(layer.y, y), taps(layer.x, x)
    z, hole = layer.z, None
    low, high = float(z.min()), float(z.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        finite = np.isfinite(z)
        low, high = (float(z[finite].min()), float(z[finite].max())) if finite.any() else (0.0, 0.0)
        hole = np.isnan(z)
        z = np.where(finite, z, np.where(z == -np.inf, low, high))
    out = np.empty((len(rows), len(columns)))
    resample(np.require(z, np.float64, ["C", "W"]), rows, row_taps, columns, column_taps, low, high, out)
    if hole is not None and hole.any():
        near_row = np.minimum(rows + 1 + (row_taps[:, 2] > row_taps[:, 1]), len(z) - 1)
        near_column = np.minimum(columns + 1 + (column_taps[:, 2] > column_taps[:, 1]), z.shape[1] - 1)
        out[hole[np.ix_(near_row, near_column)]] = np.nan
    return out


def tone(theme: Theme, share: Floats) -> Floats:
    """float64[…, 3]: the field's colour at 0 (deep) … 1 (high), 0…255, between the theme's stops."""
    stops = np.array([rgb(color) for color in theme.field], dtype=float)
    where = np.linspace(0.0, 1.0, len(stops))
    return np.stack([np.interp(share, where, stops[:, part]) for part in range(3)], axis=-1)


def field(layer: Field, place: Place, theme: Theme) -> Image:
    """One tone between two levels, anti-aliased by twofold oversampling; or smooth tones, in 1024 steps."""
    from gdviz.raster.fields import tones

    box = place.box
    down, across = ((np.arange(2 * side) + 0.5) / (2 * side) for side in (box.height, box.width))
    z = resampled(layer, place, down, across)
    steps = np.ascontiguousarray(layer.levels, np.float64)
    if layer.smooth and len(steps) > 1:
        steps = np.interp((np.arange(1023) + 0.5) / 1023, np.linspace(0.0, 1.0, len(steps)), steps)
    table = tone(theme, np.linspace(0.0, 1.0, len(steps) + 1)).astype(np.float32)
    pixels = np.empty((box.height, box.width, 3), np.uint8)
    tones(z, steps, np.ascontiguousarray(table), rgb(theme.page), pixels)
    return Image(pixels, box)


def levels(layer: Levels, place: Place, theme: Theme, line: float, size: float, font: str | None) -> list[Shape]:
    """Level lines as hairlines, and their values where they are asked for."""
    from contourpy import contour_generator

    box = place.box
    # a cell of three pixels bends no line visibly and keeps vector files small
    down, across = (np.linspace(0.0, 1.0, min(side // 3 + 2, 700)) for side in (box.height, box.width))
    z = resampled(layer, place, down, across)
    if layer.cut is not None:
        z[_beside(layer.cut, (layer.y, layer.x), (place.y_values(1.0 - down), place.x_values(across)))] = np.nan
    x, y = box.x0 + across * box.width, box.y0 + down * box.height
    generator = contour_generator(x, y, z)
    lines: list[Floats] = []
    texts: list[Shape] = []
    taken: list[tuple[float, float]] = []
    for level in layer.levels:
        found = [np.asarray(part) for part in generator.lines(float(level))]
        # in a gorge narrower than the grid a level falls apart into specks: those say nothing
        lines.extend(part for part in found if len(part) > 1 and np.ptp(part, axis=0).max() > 12 * line)
        if layer.labels and found:
            text = f"{level:g}".replace("-", "−").replace(".", place.panel.x.decimal)
            longest = max(found, key=len)
            span = width(text, size, font)
            for point in longest[len(longest) // 2 :: 7]:
                clear = all(abs(point[0] - a) > 2.2 * span or abs(point[1] - b) > 2.2 * size for a, b in taken)
                if clear and box.x0 + span < point[0] < box.x1 - span and box.y0 + size < point[1] < box.y1 - size:
                    taken.append((point[0], point[1]))
                    texts.append(Text(point[0], point[1] + 0.36 * size, text, size, theme.dim, "center",
                                      outline=theme.halo, rim=0.12 * size))  # fmt: skip
                    break
    return [Hairlines(tuple(lines), theme.level, line, theme.level_alpha, box), *texts]


def _beside(cut: NDArray[np.bool_], samples: tuple[Floats, Floats], nodes: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    """bool[row, column]: nodes nearest to samples that are cut, and the corners of cells that hold such a sample.

    samples, nodes: values of rows and columns; nodes of rows fall.
    """
    nearest = [np.rint(np.interp(at, own, np.arange(len(own)))).astype(np.int64)
               for own, at in zip(samples, nodes, strict=True)]  # fmt: skip
    found = cut[np.ix_(*nearest)]
    down, across = (np.interp(own, np.sort(at), np.arange(len(at))) for own, at in zip(samples, nodes, strict=True))
    rows, columns = np.nonzero(cut)
    for row in (np.floor(down[rows]), np.ceil(down[rows])):
        for column in (np.floor(across[columns]), np.ceil(across[columns])):
            found[len(nodes[0]) - 1 - row.astype(np.int64), column.astype(np.int64)] = True
    return found


def valleys(layer: Valleys, place: Place, theme: Theme, radius: float) -> list[Shape]:
    """Dots along lines of minima, with the soft rim that stars have."""
    box, points = place.box, [np.empty((0, 2))]
    for line in layer.lines:
        way = place.pixels(line)
        lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
        at = np.linspace(0.0, lengths[-1], max(round(lengths[-1] / (5 * radius)), 1) + 1)
        points.append(np.column_stack([np.interp(at, lengths, side) for side in way.T]))
    dots = np.concatenate(points)
    dots = dots[[box.holds(x, y) for x, y in dots]]
    return [Dots(dots, 1.7 * radius, theme.halo, 0.8, box), Dots(dots, radius, theme.ink, 1.0, box)]


def graph(layer: Curve, place: Place, theme: Theme, line: float) -> list[Shape]:
    """The graph of a one-dimensional landscape, and the ground beneath it toned by the height above."""
    box = place.box
    points = place.pixels(np.column_stack([layer.x, layer.y]))
    # a vertical axis much higher than the panel would overflow a drawer's coordinates
    points = np.clip(points, (-1e5, box.y0 - 2.0 * box.height), (1e5, box.y1 + 2.0 * box.height))
    good = np.isfinite(layer.x) & np.isfinite(layer.y)
    parted = ~good[1:] | ~good[:-1]
    if layer.breaks is not None:
        parted |= layer.breaks
    parts = [part[np.isfinite(part).all(axis=1)] for part in np.split(points, np.flatnonzero(parted) + 1)]
    parts = [part for part in parts if len(part) > 1]
    shapes: list[Shape] = []
    for part in parts if layer.fill else ():
        left, right = max(round(part[0, 0]), box.x0), min(round(part[-1, 0]), box.x1)
        if right <= left:
            continue
        ground_box = Box(left, box.y0, right, box.y1)
        height = np.interp(np.arange(left, right) + 0.5, part[:, 0], part[:, 1])
        rise = np.clip((box.y1 - height) / box.height, 0.0, 1.0)
        pixels = np.rint(np.repeat(tone(theme, 0.25 + 0.75 * rise)[None], box.height, axis=0)).astype(np.uint8)
        ground = np.concatenate([part, [(part[-1, 0], box.y1), (part[0, 0], box.y1)]])
        ground[:, 1] = np.clip(ground[:, 1], box.y0, box.y1)
        shapes.append(Image(pixels, ground_box, ground))
    return [*shapes, Hairlines(tuple(parts), theme.ink, line, 0.75, box)] if parts else []
