"""Lines of minima, dotted."""

from __future__ import annotations

import numpy as np

from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.places import Place
from gdviz.draw.shapes import Dots, Shape
from gdviz.scene.layers import Valleys
from gdviz.scene.themes import Theme


def valleys(layer: Valleys, place: Place, theme: Theme, radius: float) -> list[Shape]:
    """Dots along lines of minima, with the soft rim that stars have."""
    box, points = place.box, [np.empty((0, 2))]
    for line in layer.lines:
        way = place.pixels(line)
        lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
        at = np.linspace(0.0, lengths[-1], max(round(lengths[-1] / (5 * radius)), 1) + 1)
        points.append(np.column_stack([np.interp(at, lengths, side) for side in way.T]))
    dots = np.concatenate(points)
    dots = dots[[box.holds(x, y) for x, y in dots]]
    return [Dots(dots, 1.7 * radius, theme.halo, 0.8, box), Dots(dots, radius, theme.ink, 1.0, box)]


class DrawnValleys(Drawn[Valleys]):
    """Dots that texts keep off."""

    draws = Valleys

    def below(self) -> list[Shape]:
        """Rims and dots."""
        return valleys(self.layer, self.site.place, self.site.theme, self.site.page.stroke(2.0))

    def ways(self) -> list[Floats]:
        """The lines."""
        site = self.site
        return [samples(site.place.pixels(line), site.box, site.line(9)) for line in self.layer.lines]


DRAWN = DrawnValleys
