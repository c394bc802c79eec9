"""A landscape between its samples, and its tones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.places import Place
from gdviz.draw.shapes import rgb
from gdviz.scene.layers import Field, Levels
from gdviz.scene.themes import Theme

Floats = NDArray[np.float64]

HATCH = 0.45
"""Opacity of the lines over what is not defined: seen at once, quieter than any path."""

PITCH, LINE = 15.0, 1.6
"""How far apart these lines are and how wide, units of the page."""


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


def stripes(height: int, width: int, pitch: float, line: float, kind: str = "rising") -> Floats:
    """float64[row, column]: how much of each pixel slanting lines cover, 0…1, that are `pitch` pixels apart.

    kind: one of HATCHES.
    """
    if kind == "crossed":
        return np.maximum(stripes(height, width, pitch, line), stripes(height, width, pitch, line, "falling"))
    slope = np.subtract if kind == "falling" else np.add
    diagonal = slope.outer(np.arange(height) + 0.5, np.arange(width) + 0.5) / np.sqrt(2.0)
    off = np.abs(diagonal % pitch - 0.5 * pitch)
    return np.asarray(np.clip(0.5 * line + 0.5 - off, 0.0, 1.0))


def hatched(
    pixels: NDArray[np.uint8], share: Floats | float, theme: Theme, pitch: float, line: float, kind: str = "rising"
) -> None:
    """Hatch what has no value, in place: uint8[row, column, 3], and the share of each pixel that is so, 0…1.

    The page's own colour would say that nothing is known there; that the landscape is not defined is known.
    """
    height, width, _ = pixels.shape
    cover = (np.asarray(share, float) * HATCH * stripes(height, width, pitch, line, kind))[:, :, None]
    pixels[:] = np.rint(pixels + cover * (np.array(rgb(theme.dim), float) - pixels)).astype(np.uint8)
