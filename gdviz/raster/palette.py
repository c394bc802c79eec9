"""Kernels of a clip's one palette: which colours occur, which 255 stand for them, and each pixel's index."""

# Numba gives variables types by its own rules.
# mypy: disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from gdviz.raster.jit import kernel

COLORS = 1 << 24
INDICES = 256  # index 0 is kept for "unchanged", which GIF calls transparent
# the eye sees green best and red least in dark colours: squared distance = 2 dr² + 4 dg² + 3 db²
RED, GREEN, BLUE = 2, 4, 3
FAR = 1 << 12  # unused entries lie this far outside, so that no colour is nearest to them


@kernel("int64(uint8[:, :, ::1], uint32[::1], uint32[::1], int64)")
def tally(rgb, counts, found, known):
    """Count the exact colours of a frame; returns how many different ones are known now.

    rgb: uint8[H, W, 3]. counts: uint32[2^24], by r << 16 | g << 8 | b. found: uint32[n], colours in order of
    appearance, `known` of them so far; colours beyond n are left out. counts and found are changed in place.
    """
    last, streak = -1, 0  # counts lie far apart in memory, so equal neighbours are added up before one is touched
    for row in range(rgb.shape[0]):
        for column in range(rgb.shape[1]):
            pixel = rgb[row, column]
            color = np.int64(pixel[0]) << 16 | np.int64(pixel[1]) << 8 | np.int64(pixel[2])
            if color == last:
                streak += 1
                continue
            if streak > 0:
                counts[last] += streak
            last, streak = color, 1
            if counts[color] == 0:
                if known == found.shape[0]:
                    last, streak = -1, 0
                else:
                    found[known] = color
                    known += 1
    if streak > 0:
        counts[last] += streak
    return known


@kernel("int64(int32[:, ::1], float32[::1], int64[::1])")
def spread(colors, weights, chosen):
    """Choose colours one by one, each where weight × squared distance to those chosen is largest.

    Rare colours far from all others get entries this way, and a smooth field gets evenly spaced ones.
    colors: int32[3, n]. weights: float32[n]. chosen: int64[k], filled with places in colors. Returns how many were
    chosen: fewer than k when every colour is taken.
    Source: greedy form of Arthur & Vassilvitskii 2007, k-means++.
    """
    count = colors.shape[1]
    distance = np.empty(count, np.float32)
    place = np.int64(0)
    for i in range(count):
        distance[i] = np.float32(3e38)
        if weights[i] > weights[place]:
            place = i
    for entry in range(chosen.shape[0]):
        chosen[entry] = place
        r, g, b = colors[0, place], colors[1, place], colors[2, place]
        for i in range(count):
            dr, dg, db = colors[0, i] - r, colors[1, i] - g, colors[2, i] - b
            distance[i] = min(distance[i], np.float32(RED * dr * dr + GREEN * dg * dg + BLUE * db * db))
        best = np.float32(0)
        for i in range(count):
            score = weights[i] * distance[i]
            if score > best:
                best = score
                place = i
        if best == 0:
            return entry + 1
    return chosen.shape[0]


@kernel("int64(int32[:, ::1], int64, int64, int64)")
def nearest(palette, r, g, b):
    """Index of the nearest entry, the lowest of equals. palette: int32[3, 256]."""
    best = np.int32(2**31 - 1)
    red, green, blue = np.int32(r), np.int32(g), np.int32(b)
    for i in range(INDICES):
        dr, dg, db = palette[0, i] - red, palette[1, i] - green, palette[2, i] - blue
        # distance and index in one number: the minimum of numbers vectorises, that of places does not; far entries,
        # whose distance has no room beside the index, are cut to 2^22 (real distances are below 9 × 255² < 2^20)
        distance = min(np.int32(RED * dr * dr + GREEN * dg * dg + BLUE * db * db), np.int32(1 << 22))
        best = min(best, np.int32(distance << 8 | i))
    return np.int64(best & 255)


@kernel("void(int32[:, ::1], float32[::1], int32[:, ::1], uint8[::1], float64[:, ::1])")
def gather(colors, weights, palette, labels, sums):
    """One half step of k-means: label every colour with its nearest entry and add up what each entry got.

    colors: int32[3, n]. weights: float32[n]. palette: int32[3, 256]. Filled: labels: uint8[n],
    sums: float64[256, 4], weighted r, g, b and the weight.
    """
    sums[:] = 0
    for i in range(colors.shape[1]):
        entry = nearest(palette, colors[0, i], colors[1, i], colors[2, i])
        labels[i] = entry
        weight = np.float64(weights[i])
        sums[entry, 0] += weight * colors[0, i]
        sums[entry, 1] += weight * colors[1, i]
        sums[entry, 2] += weight * colors[2, i]
        sums[entry, 3] += weight


@kernel("UniTuple(int64, 4)(uint8[:, :, ::1], int32[:, ::1], uint8[::1], uint8[:, ::1], uint8[:, ::1], int64[:, ::1])")
def update(rgb, palette, known, canvas, fresh, rects):
    """Bring the indices of a frame up to date; returns the smallest rectangle (y0, y1, x0, x1) that holds all changes.

    Each colour's nearest entry is looked for once per clip and remembered, so the map is exact at any depth. The
    rectangle is empty (0, 0, 0, 0) when no index changed.
    rgb: uint8[H, W, 3]. palette: int32[3, 256], entry 0 unused. known: uint8[2^24], 0 = not looked for yet.
    canvas: uint8[≥ H, ≥ W], indices shown so far. fresh: the same shape, all 0 before: set where an index changed.
    rects: int64[n, 4], half-open; clipped to the frame, may overlap.
    """
    height, width = rgb.shape[0], rgb.shape[1]
    top, bottom, left, right = height, 0, width, 0
    last, entry = -1, 0
    for k in range(rects.shape[0]):
        for row in range(max(rects[k, 0], 0), min(rects[k, 1], height)):
            for column in range(max(rects[k, 2], 0), min(rects[k, 3], width)):
                color = (
                    np.int64(rgb[row, column, 0]) << 16
                    | np.int64(rgb[row, column, 1]) << 8
                    | np.int64(rgb[row, column, 2])
                )
                if color != last:
                    last = color
                    entry = np.int64(known[color])
                    if entry == 0:
                        entry = nearest(palette, color >> 16, color >> 8 & 255, color & 255)
                        known[color] = entry
                if canvas[row, column] != entry:
                    canvas[row, column] = entry
                    fresh[row, column] = entry
                    top, bottom = min(top, row), max(bottom, row + 1)
                    left, right = min(left, column), max(right, column + 1)
    if bottom == 0:
        return 0, 0, 0, 0
    return top, bottom, left, right
