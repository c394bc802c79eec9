"""Colours of maps: what a cell is by its hue, how much of it by its lightness, which video keeps at full resolution."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.themes import Hue

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SHADES = 256
"""Colours of a ramp."""


@cache
def ramp(hue: Hue, span: float) -> Bytes:
    """uint8[SHADES, 3]: a hue from dark to light, with as much chroma as screens show."""
    angle, middle, most = hue
    light = np.linspace(middle - span, middle + span, SHADES)
    low, high = np.zeros(SHADES), np.full(SHADES, float(most))
    for _ in range(16):
        chroma = (low + high) / 2
        fits = _shown(light, chroma, angle)
        low, high = np.where(fits, chroma, low), np.where(fits, high, chroma)
    found = np.clip(_linear(light, low, angle), 0.0, 1.0)
    shares = np.where(found <= 0.0031308, 12.92 * found, 1.055 * found ** (1 / 2.4) - 0.055)
    return np.rint(255 * shares).astype(np.uint8)


_WHITE = np.array([0.95047, 1.0, 1.08883])
_RGB = np.linalg.inv(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def _linear(light: Floats, chroma: Floats, angle: float) -> Floats:
    """float64[n, 3]: linear sRGB of CIE LCh, beyond 0…1 where no screen shows it.

    Source: CIE 15:2018 and IEC 61966-2-1.
    """
    turn = np.radians(angle)
    y = (light + 16) / 116
    f = np.stack([y + chroma * np.cos(turn) / 500, y, y - chroma * np.sin(turn) / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (116 * f - 16) * 27 / 24389) * _WHITE
    return np.asarray(xyz @ _RGB.T)


def _shown(light: Floats, chroma: Floats, angle: float) -> NDArray[np.bool_]:
    found = _linear(light, chroma, angle)
    return np.asarray(((found >= -1e-4) & (found <= 1 + 1e-4)).all(axis=-1))
