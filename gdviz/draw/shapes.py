"""Shapes: what layers and page furniture become before either drawer sees them. Pixels of the page, y downwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; whole numbers, so that both drawers agree on its edges."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.y1 - self.y0

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside or on the edge."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass(frozen=True)
class Area:
    """A part of the page, pixels, before anything in it is rounded."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels down."""
        return self.bottom - self.top


@dataclass(frozen=True, eq=False)
class Polyline:
    """A stroke with round caps and joins, whose radius and opacity may change along it."""

    points: Floats  # float64[n, 2], pixels
    phase: Floats  # float64[n], arc length in pixels, which the dashes go by
    radius: Floats  # float64[n], half the width, pixels
    opacity: Floats  # float64[n], 0…1
    color: str
    pattern: tuple[float, ...] = ()  # on and off in turn, pixels
    clip: Box | None = None


@dataclass(frozen=True, eq=False)
class Dots:
    """Discs of one size."""

    points: Floats  # float64[n, 2], pixels
    radius: float
    color: str
    opacity: float = 1.0
    clip: Box | None = None


@dataclass(frozen=True, eq=False)
class Hairlines:
    """Many thin lines of one look; only what stands still is drawn with them."""

    lines: tuple[Floats, ...]  # float64[n, 2] each, pixels
    color: str
    width: float
    opacity: float = 1.0
    clip: Box | None = None


@dataclass(frozen=True, eq=False)
class Polygon:
    """A filled outline."""

    points: Floats  # float64[n, 2], pixels
    color: str
    opacity: float = 1.0
    clip: Box | None = None


@dataclass(frozen=True)
class Text:
    """One line of text; (x, y) is on its baseline."""

    x: float
    y: float
    text: str
    size: float  # pixels of an em
    color: str
    align: str = "left"  # left, center, right
    bold: bool = False
    math: bool = False
    outline: str | None = None  # colour of a rim, for text that stands on a field
    rim: float = 0.0  # its width, pixels
    turned: bool = False  # reads upwards
    angle: float | None = None  # degrees against the clock about (x, y), then its middle; only of what stands still


@dataclass(frozen=True, eq=False)
class Image:
    """Pixels that fill a box exactly, or the part of it under an outline."""

    pixels: NDArray[np.uint8]  # uint8[row, column, 3], top row first
    box: Box
    clip: Floats | None = None  # float64[n, 2], pixels of the page


Shape = Polyline | Dots | Hairlines | Polygon | Text | Image


def rgb(color: str) -> NDArray[np.uint8]:
    """uint8[3] of "#rrggbb"."""
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.uint8)
