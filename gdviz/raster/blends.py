"""Coverage into colour: layers, polygons and glyphs laid over pixels.

All blending is done on the sRGB values as they are, like Matplotlib's Agg, in integers rounded to nearest.
"""

from __future__ import annotations

import math

import numpy as np

from gdviz.raster.jit import kernel

PIXELS = "uint8[:, :, ::1]"
LAYER = "uint8[:, ::1]"
SPANS = "int32[:, ::1]"
COLOR = "uint8[::1]"
RECT = "UniTuple(int64, 4)"


@kernel(
    f"void({PIXELS}, {PIXELS}, {SPANS}, uint8[:, :, ::1], {LAYER}, uint8[:, ::1], {COLOR}, int64, int64, int64, int64)"
)
def settle(out, base, spans, covers, halo, colors, shine, opacity, shine_opacity, top, left):  # type: ignore[no-untyped-def]
    """Lay all settled paths of a panel over its ground, where `spans` says that something changed.

    out, base: uint8[H, W, 3], the page; covers: uint8[path, row, column], halo: uint8[row, column], the panel's layers,
    whose corner is at (top, left) of the page; colors: uint8[path, 3]; shine: uint8[3], the halo's colour; opacities
    0…255. The halo lies under every path, so that one path shows through the gaps of another.
    """
    for row in range(len(spans)):
        for column in range(spans[row, 0], spans[row, 1]):
            r, g, b = base[top + row, left + column]
            red, green, blue = int(r), int(g), int(b)
            a = (halo[row, column] * shine_opacity + 127) // 255
            if a:
                red = (red * (255 - a) + shine[0] * a + 127) // 255
                green = (green * (255 - a) + shine[1] * a + 127) // 255
                blue = (blue * (255 - a) + shine[2] * a + 127) // 255
            for path in range(len(covers)):
                a = (covers[path, row, column] * opacity + 127) // 255
                if a:
                    red = (red * (255 - a) + colors[path, 0] * a + 127) // 255
                    green = (green * (255 - a) + colors[path, 1] * a + 127) // 255
                    blue = (blue * (255 - a) + colors[path, 2] * a + 127) // 255
            out[top + row, left + column, 0] = red
            out[top + row, left + column, 1] = green
            out[top + row, left + column, 2] = blue


@kernel(f"void({PIXELS}, {LAYER}, {SPANS}, {COLOR}, int64, int64, int64)")
def overlay(out, layer, spans, color, opacity, top, left):  # type: ignore[no-untyped-def]
    """Lay one layer over the page in one colour where `spans` says, then empty the layer and the spans."""
    for row in range(len(spans)):
        for column in range(spans[row, 0], spans[row, 1]):
            a = (layer[row, column] * opacity + 127) // 255
            if a:
                for part in range(3):
                    under = int(out[top + row, left + column, part])
                    out[top + row, left + column, part] = (under * (255 - a) + color[part] * a + 127) // 255
            layer[row, column] = 0
        spans[row, 0] = 2147483647
        spans[row, 1] = 0


@kernel(f"UniTuple(int64, 4)({SPANS}, int64, int64)")
def bounds(spans, top, left):  # type: ignore[no-untyped-def]
    """(y0, y1, x0, x1) around all spans, in pixels of the page; empty spans give (0, 0, 0, 0)."""
    y0, y1, x0, x1 = len(spans), 0, 2147483647, 0
    for row in range(len(spans)):
        if spans[row, 0] < spans[row, 1]:
            y0, y1 = min(y0, row), row + 1
            x0, x1 = min(x0, int(spans[row, 0])), max(x1, int(spans[row, 1]))
    if y0 >= y1:
        return 0, 0, 0, 0
    return top + y0, top + y1, left + x0, left + x1


@kernel("void(float64[:, ::1], float64[:, ::1], float64, float64)")
def outline(area, points, left, top):  # type: ignore[no-untyped-def]
    """Add one closed polygon to a buffer of signed areas; a running sum along its rows is then the exact coverage.

    area: float64[row, column ≥ 2 wider than the polygon]; points: float64[n, 2], pixels; (left, top): the buffer's
    corner. Contours of opposite turn make holes.
    """
    n = len(points)
    for k in range(n):
        x0, y0 = points[k, 0] - left, points[k, 1] - top
        x1, y1 = points[(k + 1) % n, 0] - left, points[(k + 1) % n, 1] - top
        if y0 == y1:
            continue
        sign = 1.0
        if y0 > y1:
            sign, x0, y0, x1, y1 = -1.0, x1, y1, x0, y0
        slope = (x1 - x0) / (y1 - y0)
        for row in range(max(math.floor(y0), 0), min(math.ceil(y1), area.shape[0])):
            low, high = max(y0, float(row)), min(y1, float(row + 1))
            xa, xb = x0 + (low - y0) * slope, x0 + (high - y0) * slope
            if xa > xb:
                xa, xb = xb, xa
            share = sign * (high - low)
            first = math.floor(xa)
            if xb <= first + 1:
                right = 0.5 * (xa + xb) - first  # the part of this column that lies left of the edge
                area[row, first] += share * (1.0 - right)
                area[row, first + 1] += share * right
            else:
                # the edge crosses several columns: each takes the integral of coverage over its own width
                per = share / (xb - xa)
                before = 0.0
                for column in range(first, math.ceil(xb)):
                    a, b = max(xa, float(column)), min(xb, float(column + 1))
                    done = per * (b - xa)
                    begun = per * (a - xa)
                    whole = 0.5 * (begun + done) * (b - a) + done * (column + 1 - b)
                    area[row, column] += whole - before
                    before = whole
                area[row, math.ceil(xb)] += share - before


@kernel(f"void({PIXELS}, float64[:, ::1], {COLOR}, int64, {RECT})")
def fill(out, points, color, opacity, clip):  # type: ignore[no-untyped-def]
    """Fill one polygon, float64[n, 2] in pixels of the page, in one colour inside clip (y0, y1, x0, x1)."""
    if len(points) < 3:
        return
    x0, x1, y0, y1 = points[0, 0], points[0, 0], points[0, 1], points[0, 1]
    for k in range(1, len(points)):  # a loop compiles in a fraction of the time that four reductions take
        x0, x1 = min(x0, points[k, 0]), max(x1, points[k, 0])
        y0, y1 = min(y0, points[k, 1]), max(y1, points[k, 1])
    left, top = math.floor(x0), math.floor(y0)
    area = np.zeros((math.ceil(y1) - top, math.ceil(x1) - left + 2))
    outline(area, points, float(left), float(top))
    for row in range(area.shape[0]):
        y = top + row
        total = 0.0
        for column in range(area.shape[1]):
            total += area[row, column]
            x = left + column
            if clip[0] <= y < clip[1] and clip[2] <= x < clip[3]:
                a = int(min(abs(total), 1.0) * opacity + 0.5)
                if a:
                    for part in range(3):
                        under = int(out[y, x, part])
                        out[y, x, part] = (under * (255 - a) + color[part] * a + 127) // 255


@kernel(f"void({PIXELS}, {LAYER}, int64, int64, {COLOR}, {RECT})")
def stamp(out, mask, top, left, color, clip):  # type: ignore[no-untyped-def]
    """Lay a mask, uint8[row, column], over the page at (top, left) in one colour inside clip (y0, y1, x0, x1)."""
    for row in range(max(clip[0] - top, 0), min(clip[1] - top, mask.shape[0])):
        for column in range(max(clip[2] - left, 0), min(clip[3] - left, mask.shape[1])):
            a = int(mask[row, column])
            if a:
                for part in range(3):
                    under = int(out[top + row, left + column, part])
                    out[top + row, left + column, part] = (under * (255 - a) + color[part] * a + 127) // 255
