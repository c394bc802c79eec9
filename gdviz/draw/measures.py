"""The page's unit and the sizes of everything, from which no other module departs."""

from __future__ import annotations

from dataclasses import dataclass

from gdviz.scene.page import Scene

SMALLEST = 17.0  # units of the smallest text: 17 px at 1080p, 6 pt on paper

EDGE = 0.006
"""Share of the page's longer side along its edges where nothing stands."""


@dataclass(frozen=True)
class Measures:
    """Lengths in units of 1/1080 of a full page, turned into pixels of this page.

    A small page (paper, thumbnails) keeps the smallest text legible by a larger unit; what is larger than that, and
    the air between, then shrinks towards it by `squeeze`.
    """

    unit: float
    squeeze: float
    text: float  # the caller's font scale
    kind: str  # "wide", "square" or "tall"
    edge: float = 0.0  # pixels along the page's edge that stay empty
    thinnest: float = 0.8  # width of the thinnest stroke, pixels

    def size(self, units: float) -> float:
        """Pixels of a text whose full-page size is `units`."""
        return (SMALLEST + (units - SMALLEST) * self.squeeze) * self.unit * self.text

    def space(self, units: float) -> float:
        """Pixels of a gap."""
        return units * self.unit * self.squeeze

    def line(self, units: float) -> float:
        """Pixels of a line width or a marker's radius: thinner on small pages, but less so than gaps."""
        return units * self.unit * (0.25 + 0.75 * self.squeeze)

    def stroke(self, units: float) -> float:
        """Pixels of the width of a thin line: half a point on paper, where presses lose what is thinner."""
        return max(self.line(units), self.thinnest)


def measures(scene: Scene) -> Measures:
    """The measures of a scene's page."""
    width, height = scene.size
    ratio = width / height
    kind = "wide" if ratio >= 1.2 else "square" if ratio >= 0.8 else "tall"
    if scene.dpi:
        unit = 6.0 / 72.0 * scene.dpi / SMALLEST
    elif kind == "wide":
        unit = max(min(height / 1080, width / 1600), 0.62)
    else:
        unit = max(width / 1080 * (1.2 if kind == "tall" else 1.0), 0.62)
    full = 1080.0 if kind != "tall" else 900.0
    squeeze = min(max(min(width, height) / unit / full, 0.25), 1.0)
    edge = max(EDGE * max(width, height), 12 * unit * squeeze)
    return Measures(unit, squeeze, scene.font_scale, kind, edge, scene.dpi / 144.0 if scene.dpi else 0.8)
