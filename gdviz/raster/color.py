"""Colour conversion of finished frames: to yuv420p planes for video."""

from __future__ import annotations

from gdviz.raster.jit import kernel

RECT = "UniTuple(int64, 4)"


@kernel(f"void(uint8[:, :, ::1], uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], {RECT})")
def planes(rgb, y, u, v, rect):  # type: ignore[no-untyped-def]
    """Convert one rectangle of a frame to yuv420p: BT.709, limited range (Y 16…235, U and V 16…240).

    Chroma is the mean of each 2 × 2 block. The rectangle grows to even bounds; where the picture has an odd side, its
    last row or column is repeated once. Writes in place.

    rgb: uint8[H, W, 3], C-contiguous.
    y: uint8[≥ H + H % 2, ≥ W + W % 2]; u, v: half of that both ways. Rows may be longer than the picture, so an
        encoder's plane can be passed as `numpy.frombuffer(plane, uint8).reshape(-1, plane.line_size)`.
    rect: (y0, y1, x0, x1) in pixels of rgb, half-open, each an int; clipped to the picture.
    Source: ITU-R BT.709-6, table 3.
    """
    height, width = rgb.shape[0], rgb.shape[1]
    top, bottom = max(rect[0], 0) // 2, (min(rect[1], height) + 1) // 2
    left, right = max(rect[2], 0) // 2, (min(rect[3], width) + 1) // 2
    # 16-bit fixed point; each row's coefficients add up so that grey has no chroma and white is 235
    for row in range(top, bottom):
        upper = 2 * row
        lower = min(upper + 1, height - 1)
        for column in range(left, right):
            near = 2 * column
            far = min(near + 1, width - 1)
            r0, g0, b0 = int(rgb[upper, near, 0]), int(rgb[upper, near, 1]), int(rgb[upper, near, 2])
            r1, g1, b1 = int(rgb[upper, far, 0]), int(rgb[upper, far, 1]), int(rgb[upper, far, 2])
            r2, g2, b2 = int(rgb[lower, near, 0]), int(rgb[lower, near, 1]), int(rgb[lower, near, 2])
            r3, g3, b3 = int(rgb[lower, far, 0]), int(rgb[lower, far, 1]), int(rgb[lower, far, 2])
            y[upper, near] = (11966 * r0 + 40254 * g0 + 4064 * b0 + 1081344) >> 16
            y[upper, near + 1] = (11966 * r1 + 40254 * g1 + 4064 * b1 + 1081344) >> 16
            y[upper + 1, near] = (11966 * r2 + 40254 * g2 + 4064 * b2 + 1081344) >> 16
            y[upper + 1, near + 1] = (11966 * r3 + 40254 * g3 + 4064 * b3 + 1081344) >> 16
            r, g, b = r0 + r1 + r2 + r3, g0 + g1 + g2 + g3, b0 + b1 + b2 + b3
            u[row, column] = (-6596 * r - 22189 * g + 28785 * b + 33685504) >> 18
            v[row, column] = (28785 * r - 26145 * g - 2640 * b + 33685504) >> 18
