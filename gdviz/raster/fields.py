"""A field's samples brought to the page's pixels, and its tones."""

# Numba gives variables types by its own rules.
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from gdviz.raster.jit import kernel

ROW = "float64[::1]"
TAPS = "float64[:, ::1]"


@kernel(f"void(float64[:, ::1], int64[::1], {TAPS}, int64[::1], {TAPS}, float64, float64, float64[:, ::1])")
def resample(z, rows, row_taps, columns, column_taps, low, high, out):
    """Cubic interpolation of samples, first down, then across.

    z: float64[row, column], finite. rows, columns: int64[target], the first of the four samples that a target lies
    among, from -1 on: beyond its edges z repeats. row_taps, column_taps: float64[target, 4], their weights.
    out: float64[row target, column target], clipped to low … high, as a cubic overshoots at cliffs.
    """
    height, width = z.shape
    line = np.empty(width + 4)  # one more at its beginning, two at its end, so that no column need be clamped
    for i in range(len(rows)):
        a, b, c, d = row_taps[i, 0], row_taps[i, 1], row_taps[i, 2], row_taps[i, 3]
        first = rows[i]
        r0, r1 = min(max(first, 0), height - 1), min(first + 1, height - 1)
        r2, r3 = min(first + 2, height - 1), min(first + 3, height - 1)
        for j in range(width):
            line[j + 1] = a * z[r0, j] + b * z[r1, j] + c * z[r2, j] + d * z[r3, j]
        line[0] = line[1]
        line[width + 1] = line[width + 2] = line[width + 3] = line[width]
        for j in range(len(columns)):
            k = columns[j] + 1
            value = column_taps[j, 0] * line[k] + column_taps[j, 1] * line[k + 1]
            value += column_taps[j, 2] * line[k + 2] + column_taps[j, 3] * line[k + 3]
            out[i, j] = min(max(value, low), high)


@kernel(f"void(float64[:, ::1], {ROW}, float32[:, ::1], uint8[::1], uint8[:, :, ::1])")
def tones(z, steps, table, blank, out):
    """One tone between two steps, the mean of 2 × 2 values for each pixel.

    z: float64[2 row, 2 column], NaN where there is nothing to show. steps: float64[n], rising.
    table: float32[n + 1, 3], the tone below the first step, …, from the last one on. blank: uint8[3], shown for NaN.
    out: uint8[row, column, 3].
    """
    last = len(steps)
    at = 0
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            r, g, b = np.float32(0), np.float32(0), np.float32(0)
            for part in range(4):
                value = z[2 * row + part // 2, 2 * column + part % 2]
                if np.isnan(value):
                    r, g, b = r + blank[0], g + blank[1], b + blank[2]
                    continue
                # neighbours mostly share a tone, so the last one found is where the search begins
                while at < last and value >= steps[at]:
                    at += 1
                while at > 0 and value < steps[at - 1]:
                    at -= 1
                r, g, b = r + table[at, 0], g + table[at, 1], b + table[at, 2]
            out[row, column, 0] = np.uint8(r / 4 + np.float32(0.5))
            out[row, column, 1] = np.uint8(g / 4 + np.float32(0.5))
            out[row, column, 2] = np.uint8(b / 4 + np.float32(0.5))
