"""Anti-aliased strokes folded into coverage layers by maximum.

A layer keeps, for each pixel, the largest coverage that any piece of one path reaches there. So translucent paths have
no dark dots at their joints, the order of folding does not matter, and a path folded piece by piece gives the same
bytes as one folded at once. Pixel (row, column) is the unit square at (column, row), its centre at + ½.
"""

from __future__ import annotations

import math

import numpy as np

from gdviz.raster.jit import kernel

LAYER = "uint8[:, ::1]"
SPANS = "int32[:, ::1]"
POINTS = "float64[:, ::1]"
VECTOR = "float64[::1]"


@kernel(f"void({LAYER}, {SPANS}, float64, float64, float64, float64, float64, float64, float64, float64)")
def capsule(layer, spans, x0, y0, r0, a0, x1, y1, r1, a1):  # type: ignore[no-untyped-def]
    """Fold one round-capped piece whose radius and opacity run from (r0, a0) to (r1, a1).

    Coverage is r + ½ − distance, clipped to 0…1: exact for edges along the axes, within 0.06 for others.
    """
    height, width = layer.shape
    dx, dy = x1 - x0, y1 - y0
    square = dx * dx + dy * dy
    reach = max(r0, r1) + 0.5
    inverse = 1.0 / square if square > 0.0 else 0.0
    # a row meets the piece only where it meets the band around its line; without this a long diagonal costs its box
    slope = dx / dy if abs(dy) > 1e-9 else 0.0
    half = reach * math.sqrt(square) / abs(dy) if abs(dy) > 1e-9 else math.inf
    for row in range(max(math.floor(min(y0, y1) - reach), 0), min(math.ceil(max(y0, y1) + reach), height)):
        y = row + 0.5
        low, high = min(x0, x1) - reach, max(x0, x1) + reach
        middle = x0 + (y - y0) * slope
        low, high = max(low, middle - half), min(high, middle + half)
        first, last = max(math.floor(low), 0), min(math.ceil(high), width)
        if first >= last:
            continue
        for column in range(first, last):
            x = column + 0.5
            t = min(max(((x - x0) * dx + (y - y0) * dy) * inverse, 0.0), 1.0)
            ex, ey = x - x0 - t * dx, y - y0 - t * dy
            cover = min(max(r0 + t * (r1 - r0) + 0.5 - math.sqrt(ex * ex + ey * ey), 0.0), 1.0)
            value = np.uint8(255.0 * cover * (a0 + t * (a1 - a0)) + 0.5)
            layer[row, column] = max(layer[row, column], value)
        spans[row, 0] = min(spans[row, 0], first)
        spans[row, 1] = max(spans[row, 1], last)


@kernel(f"void({LAYER}, {SPANS}, {POINTS}, {VECTOR}, {VECTOR}, {VECTOR}, {VECTOR})")
def stroke(layer, spans, points, phase, radius, opacity, pattern):  # type: ignore[no-untyped-def]
    """Fold a polyline, dashed along its arc length.

    layer: uint8[row, column]; spans: int32[row, 2], first and one past the last column touched, widened.
    points: float64[n, 2], pixels from the layer's corner. phase: float64[n], arc length in
    pixels, which the pattern goes by. radius, opacity: float64[n]. pattern: float64[2 m], on and off lengths in
    pixels; empty for a solid line. Pieces without length are skipped.
    """
    period = 0.0
    for part in pattern:
        period += part
    for k in range(len(points) - 1):
        x0, y0, x1, y1 = points[k, 0], points[k, 1], points[k + 1, 0], points[k + 1, 1]
        start, length = phase[k], phase[k + 1] - phase[k]
        if length <= 0.0:
            continue
        r0, r1, a0, a1 = radius[k], radius[k + 1], opacity[k], opacity[k + 1]
        if period <= 0.0:
            capsule(layer, spans, x0, y0, r0, a0, x1, y1, r1, a1)
            continue
        at = math.floor(start / period) * period  # where the pattern's repeat began
        while at < start + length:
            for dash in range(0, len(pattern), 2):
                low, high = max(at, start), min(at + pattern[dash], start + length)
                if low < high:
                    t, u = (low - start) / length, (high - start) / length
                    xt, yt, xu, yu = x0 + t * (x1 - x0), y0 + t * (y1 - y0), x0 + u * (x1 - x0), y0 + u * (y1 - y0)
                    rt, ot, ru, au = r0 + t * (r1 - r0), a0 + t * (a1 - a0), r0 + u * (r1 - r0), a0 + u * (a1 - a0)
                    capsule(layer, spans, xt, yt, rt, ot, xu, yu, ru, au)
                at += pattern[dash] + pattern[dash + 1]


@kernel(f"Tuple(({POINTS}, {VECTOR}, {VECTOR}))({POINTS}, {VECTOR}, float64, float64)")
def recent(points, lengths, span, piece):  # type: ignore[no-untyped-def]
    """The last `span` records of a path, cut fine enough to taper.

    points: float64[n, 2], pixels; lengths: float64[n], arc length in pixels; span: need not be whole; piece: the
    longest part, pixels. Gives points float64[m, 2], arc lengths float64[m] and strengths float64[m]: 0 at the tail,
    1 at the head.
    """
    record = len(points) - 1
    begin = max(record - span, 0.0)
    first = int(begin)
    count = 1
    for k in range(first, record):
        count += min(max(math.ceil((lengths[k + 1] - lengths[k]) / piece), 1), 256)
    where = np.empty((count, 2))
    arcs = np.empty(count)
    strength = np.empty(count)
    n = 0
    for k in range(first, record):
        low = max(begin, float(k))
        parts = min(max(math.ceil((lengths[k + 1] - lengths[k]) / piece), 1), 256)
        for part in range(parts + (1 if k == record - 1 else 0)):
            time = low + (k + 1 - low) * part / parts
            t = time - k
            where[n, 0] = points[k, 0] + t * (points[k + 1, 0] - points[k, 0])
            where[n, 1] = points[k, 1] + t * (points[k + 1, 1] - points[k, 1])
            arcs[n] = lengths[k] + t * (lengths[k + 1] - lengths[k])
            strength[n] = max(1.0 - (record - time) / span, 0.0)
            n += 1
    if n == 0:
        where[0, 0], where[0, 1] = points[first, 0], points[first, 1]
        arcs[0] = lengths[first]
        strength[0] = 1.0
    return where, arcs, strength
