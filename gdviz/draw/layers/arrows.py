"""Arrows: those that stand still, and those that appear with a record and may carry a label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdviz.draw.layer import Drawn, Floats, Item, Said
from gdviz.draw.markers import broken, gap, vector
from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Polygon, Shape
from gdviz.scene.layers import Arrows
from gdviz.scene.palette import DASHES
from gdviz.scene.themes import Theme

WIDTHS = {"arrow": 6.0, "fine": 2.4, "guide": 2.2}
"""Of shafts, in units of the page."""

BEYOND = 2.0
"""Panels that an arrow may reach beyond its own; the rest of it would only cost time."""

LONGEST = 0.36
"""Length of the longest arrow of a scale, as a share of the panel's shorter side."""

FILL = 0.95
"""Length of the longest arrow of a grid, as a share of the shorter side of its cell."""


GROWS = 0.12
"""How much of the time for which a film stands still while arrows come one of them grows."""


@dataclass(frozen=True, eq=False)
class Vector:
    """One arrow: its outlines, the record from which it is there, and what is written beside it."""

    since: float
    tail: Floats  # float64[2], pixels
    tip: Floats
    middle: tuple[float, float]  # of what is to be seen of it, pixels: where its label belongs
    shapes: tuple[Polygon, ...]
    text: str
    color: str

    def samples(self, step: float) -> Floats:
        """float64[n, 2]: points along it, `step` pixels apart."""
        count = max(int(np.hypot(*(self.tip - self.tail)) / step), 1)
        return np.asarray(self.tail + np.linspace(0.0, 1.0, count + 1)[:, None] * (self.tip - self.tail))


def vectors(layer: Arrows, place: Place, page: Measures, theme: Theme) -> Iterator[Vector]:
    """Every arrow of a layer that has a length and a place.

    One whose tip lies outside is shortened to the panel, and says so by a gap in its shaft. Of gradients those are
    left out whose point is not shown, and of a grid those that do not fit.
    """
    box = place.box
    most = BEYOND * (box.width + box.height)
    width = page.stroke(WIDTHS[layer.kind])
    rim = page.line(2.2 if layer.kind == "arrow" else 1.2)
    for number, (tail, tip) in enumerate(zip(*_ends(layer, place), strict=True)):
        length = float(np.hypot(*(tip - tail)))
        if not (np.isfinite(length) and length > 0 and np.abs(tail).max() < most):
            continue
        tip = tail + (tip - tail) * min(1.0, most / length)
        first, last = _seen(tail, tip, box)
        if first >= last or (layer.scale and (first > 0 or (layer.scale.cell and last < 1))):
            continue
        x, y = tail + 0.5 * (first + last) * (tip - tail)
        if layer.kind == "guide":
            shapes = broken(tail, tip, width, layer.color, box)
        else:
            tip = tail + last * (tip - tail)
            shapes = vector(tail, tip, width, layer.color, rim, theme.halo, box, DASHES[layer.dash])
            if last < 1:
                shapes += gap(tail + first * (tip - tail), tip, width, layer.color, theme.halo)
        since = layer.since[number] if layer.since is not None else 0
        text = layer.texts[number] if number < len(layer.texts) else ""
        yield Vector(since, tail, tip, (float(x), float(y)), tuple(shapes), text, layer.color)


def _ends(layer: Arrows, place: Place) -> tuple[Floats, Floats]:
    """Tails and tips float64[n, 2] in pixels, as long as their scale makes them."""
    tails, tips = place.pixels(layer.tails), place.pixels(layer.tips)
    if layer.scale is None:
        return tails, tips
    box, (across, up) = place.box, (place.panel.x.span, place.panel.y.span)
    unit = np.array([box.width / across, box.height / up])  # pixels of an axis unit
    lengths = np.hypot(*(layer.scale.vectors * unit).T)
    begins = place.pixels(layer.scale.tails)
    seen = ((begins >= (box.x0, box.y0)) & (begins <= (box.x1, box.y1))).all(axis=1)
    lengths = lengths[seen & (lengths > 0)]
    ways = (layer.tips - layer.tails) * unit * (1.0, -1.0)
    if not len(lengths):
        return tails, tails
    if layer.scale.cell is None:
        return tails, tails + ways * (LONGEST * min(box.width, box.height) / float(lengths.max()))
    room = FILL * float(min(np.array(layer.scale.cell) * unit)) * (1.0 if layer.scale.alone else 0.5)
    ways *= room / (np.hypot(*ways.T)[:, None] + float(np.median(lengths)))
    return (tails - 0.5 * ways, tails + 0.5 * ways) if layer.scale.alone else (tails, tails + ways)


def _seen(tail: Floats, tip: Floats, box: Box) -> tuple[float, float]:
    """The shares of the way from tail to tip at which it enters and leaves the box; the first is larger if never."""
    first, last = 0.0, 1.0
    for begin, end, low, high in zip(tail, tip, (box.x0, box.y0), (box.x1, box.y1), strict=True):
        if begin == end:
            if not low <= begin <= high:
                return 1.0, 0.0
            continue
        shares = sorted((float((low - begin) / (end - begin)), float((high - begin) / (end - begin))))
        first, last = max(first, shares[0]), min(last, shares[1])
    return first, last


class DrawnArrows(Drawn[Arrows]):
    """Arrows on the graph and below the paths where they stand still, below the marks where they come with a record."""

    draws = Arrows
    moves = True

    @cached_property
    def vectors(self) -> list[Vector]:
        """Each of them."""
        return list(vectors(self.layer, self.site.place, self.site.page, self.site.theme))

    @property
    def coming(self) -> list[Vector]:
        """Those that come with a record."""
        return self.vectors if self.layer.since is not None else []

    def above(self) -> list[Shape]:
        """Those that stand still."""
        return [shape for one in self.vectors for shape in one.shapes] if self.layer.since is None else []

    def under(self, moment: float) -> list[Item]:
        """Those that have come, and those that come as far as they have grown."""
        items: list[Item] = []
        for one in self.coming:
            if moment >= one.since and one.shapes:
                share = min((moment - one.since) / GROWS, 1.0)
                shapes = one.shapes if share == 1.0 else self._grown(one, share)
                items += [(("vector", one, share), [*shapes])] if shapes else []
        return items

    def _grown(self, one: Vector, share: float) -> tuple[Polygon, ...]:
        """A share of an arrow from its tail on."""
        tip, site = one.tail + share * (one.tip - one.tail), self.site
        width, kind = site.page.line(WIDTHS[self.layer.kind]), self.layer.kind
        if kind == "guide":
            return tuple(broken(one.tail, tip, width, one.color, site.box))
        rim = site.page.line(2.2 if kind == "arrow" else 1.2)
        dashes = DASHES[self.layer.dash]
        return (
            tuple(vector(one.tail, tip, width, one.color, rim, site.theme.halo, site.box, dashes)) if share > 0 else ()
        )

    def ways(self) -> list[Floats]:
        """Their shafts."""
        return [one.samples(self.site.line(3)) for one in self.coming]

    def notes(self) -> list[Said]:
        """What is written beside them."""
        size, clear = self.site.page.size(24), self.site.line(9)
        return [
            Said(one.middle, one.text, one.color, size, clear, one.since + GROWS, self.layer.entry)
            for one in self.coming
            if one.text
        ]


DRAWN = DrawnArrows
