"""Colours of maps: what a cell is by its hue, how much of it by its lightness, which video keeps at full resolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.themes import Theme

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SHADES = 256
"""Colours of a ramp."""

Hue = tuple[float, float, float]
"""Hue in degrees, lightness L* in the middle of its ramp, and chroma at most: CIE LCh under D65."""


@dataclass(frozen=True)
class Tones:
    """The colours of maps in a theme.

    hues: of kinds of cells, in the order in which they are worn; span: how far lightness goes up and down from the
    middle of each; fine: the same of `inks`. rest: of all kinds that have no hue of their own. quiet: colours and
    hatches of cells that came to nothing: none, undefined, diverged. inks: of the two sides of a boundary; ranks: of
    the same where lightness goes as far as in a hue. edge: the boundary. lined: whether kinds of cells have a boundary
    between them, which without hues nothing else tells.
    """

    hues: tuple[Hue, ...]
    span: float
    fine: float
    rest: Hue
    quiet: tuple[tuple[str, int], ...]
    inks: tuple[Hue, Hue]
    ranks: tuple[Hue, Hue]
    edge: str
    lined: bool = False


# Hues of light and dark pages were found by a search: for normal sight and without red, green or blue cones any two
# differ by 10 in CIEDE2000 at the same share of their ramps, the first four by 13. On paper there are bands of grey,
# with lines between them; `tests/test_palette.py` holds this.
TONES: Mapping[str, Tones] = {
    "light": Tones(
        hues=(
            (295, 43, 50), (68, 68, 32), (186, 60, 36), (7, 48, 49), (105, 77, 71),
            (236, 77, 39), (328, 31, 34), (101, 44, 44),
        ),
        span=18,
        fine=7,
        rest=(264, 55, 4),
        quiet=(("#eef0f3", 0), ("#dde1e6", 2), ("#ccd2da", 0)),
        inks=((262, 72, 40), (62, 82, 48)),
        ranks=((265, 62, 45), (48, 66, 60)),
        edge="#12161d",
    ),
    "dark": Tones(
        hues=(
            (295, 44, 50), (74, 68, 27), (188, 58, 35), (7, 48, 50), (103, 76, 71),
            (240, 79, 37), (333, 36, 34), (107, 42, 62),
        ),
        span=20,
        fine=7,
        rest=(264, 50, 4),
        quiet=(("#1d222b", 0), ("#2b323d", 2), ("#3a4350", 0)),
        inks=((262, 48, 42), (62, 66, 52)),
        ranks=((265, 50, 45), (48, 54, 60)),
        edge="#05070b",
    ),
    "print": Tones(
        hues=((0, 84, 0), (0, 62, 0), (0, 40, 0), (0, 73, 0), (0, 51, 0), (0, 89, 0), (0, 67, 0), (0, 45, 0)),
        span=7,
        fine=6,
        rest=(0, 30, 0),
        quiet=(("#ffffff", 2), ("#ffffff", 1), ("#ffffff", 0)),
        inks=((0, 88, 0), (0, 58, 0)),
        ranks=((0, 86, 0), (0, 46, 0)),
        edge="#000000",
        lined=True,
    ),
}  # fmt: skip


def tones(theme: Theme) -> Tones:
    """Those of a theme."""
    return TONES[theme.name]


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
