"""Regions of decision: scores between their samples, mixed into tints."""

# Numba gives variables types by its own rules.
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np

from gdviz.raster.jit import kernel

ROW = "float64[::1]"


@kernel(f"void(float32[:, :, ::1], {ROW}, {ROW}, float64[:, ::1], {ROW}, float64, boolean, uint8[:, :, ::1])")
def decided(scores, rows, columns, tints, ink, line, mixed, out):
    """Bilinear scores as colours, and a line where another class becomes the highest.

    scores: float32[class, row, column], finite. rows, columns: float64[pixel], where pixels lie among the samples,
    0 … n − 1. tints: float64[class, 3], 0…255; with `mixed` they mix by the softmax of the scores, else the highest has
    its own. ink: float64[3], the line's colour; line: its width in pixels. out: uint8[row, column, 3].
    """
    classes, height, width = scores.shape
    here = np.empty(classes)
    for i in range(out.shape[0]):
        r = min(max(math.floor(rows[i]), 0), height - 2)
        v = min(max(rows[i] - r, 0.0), 1.0)
        down = abs(rows[min(i + 1, out.shape[0] - 1)] - rows[max(i - 1, 0)]) / 2
        for j in range(out.shape[1]):
            c = min(max(math.floor(columns[j]), 0), width - 2)
            u = min(max(columns[j] - c, 0.0), 1.0)
            first, second = 0, 0
            for k in range(classes):
                above = scores[k, r, c] * (1.0 - u) + scores[k, r, c + 1] * u
                below = scores[k, r + 1, c] * (1.0 - u) + scores[k, r + 1, c + 1] * u
                here[k] = above * (1.0 - v) + below * v
                if k == 0:
                    continue
                if here[k] > here[first]:
                    first, second = k, first
                elif second == first or here[k] > here[second]:
                    second = k
            red, green, blue, whole = 0.0, 0.0, 0.0, 0.0
            for k in range(classes):
                share = 1.0 if k == first else math.exp(here[k] - here[first]) if mixed else 0.0
                red, green, blue = red + share * tints[k, 0], green + share * tints[k, 1], blue + share * tints[k, 2]
                whole += share
            # how far the line is: the lead of the first over the second by how quickly it changes, in pixels
            a, b = scores[first, r, c] - scores[second, r, c], scores[first, r, c + 1] - scores[second, r, c + 1]
            d = scores[first, r + 1, c] - scores[second, r + 1, c]
            e = scores[first, r + 1, c + 1] - scores[second, r + 1, c + 1]
            side = abs(columns[min(j + 1, out.shape[1] - 1)] - columns[max(j - 1, 0)]) / 2
            across = ((b - a) * (1.0 - v) + (e - d) * v) * side
            upright = ((d - a) * (1.0 - u) + (e - b) * u) * down
            slope = math.sqrt(across * across + upright * upright)
            lead = here[first] - here[second]
            cover = min(max(0.5 * line + 0.5 - lead / slope, 0.0), 1.0) if slope > 0.0 else 0.0
            out[i, j, 0] = np.uint8(red / whole + (ink[0] - red / whole) * cover + 0.5)
            out[i, j, 1] = np.uint8(green / whole + (ink[1] - green / whole) * cover + 0.5)
            out[i, j, 2] = np.uint8(blue / whole + (ink[2] - blue / whole) * cover + 0.5)
