"""Where panels inside the main one stand, or in an empty column beside it: a part of it magnified, a map around it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.layer import Site
from gdviz.draw.layers import drawn
from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.rims import slope_of
from gdviz.draw.shapes import Area, Box, Text
from gdviz.scene.page import Scene
from gdviz.scene.panels import Panel
from gdviz.scene.themes import Theme

Floats = NDArray[np.float64]

SHARES = {"inset": (0.42, 0.36, 0.3), "locator": (0.24, 0.2)}
"""Sides of a square panel of each kind as shares of the mean side of the main one; the largest that hides nothing."""

LEAST, SPACIOUS = 60.0, 4.0
"""Units of the page, and heights of the text in its corner, below which a side of one says nothing."""

TWICE = 2.0
"""How many times larger things must be in a panel that magnifies, lest it hides more than it shows."""


@dataclass(frozen=True, eq=False)
class Inlaid:
    """A panel inside another, its host; rim: pixels of ground around it; since: the record with which it comes.

    corner: in which of its corners it is told how much larger things are, whether right and whether below.
    """

    place: Place
    host: Place
    rim: int
    since: int = 0
    corner: tuple[bool, bool] = (False, False)

    @property
    def outer(self) -> Box:
        """Its box with the rim."""
        box = self.place.box
        return Box(box.x0 - self.rim, box.y0 - self.rim, box.x1 + self.rim, box.y1 + self.rim)

    @property
    def magnifies(self) -> bool:
        """Whether it shows a part of its host, not what is around it."""
        return self.place.panel.area == "inset"

    @property
    def factor(self) -> float:
        """How much larger things are in it than in its host."""
        return _factor(self.place.panel, self.host, self.place.box.width)

    @property
    def beside(self) -> bool:
        """Whether it stands beside its host, not in it."""
        return self.outer.x0 >= self.host.box.x1

    def told(self, page: Measures, theme: Theme) -> Text:
        """How much larger things are, in its corner."""
        size, box = page.size(19), self.place.box
        said = f"{self.factor:.0f}" if self.factor >= 9.5 else f"{self.factor:.1f}".removesuffix(".0")
        said = f"×{said}".replace(".", self.place.panel.x.decimal)
        right, below = self.corner
        x, align = (box.x1 - 0.4 * size, "right") if right else (box.x0 + 0.4 * size, "left")
        y = round(box.y1 - 0.5 * size if below else box.y0 + 1.1 * size)
        return Text(x, y, said, size, theme.ink, align, outline=theme.halo, rim=0.13 * size)

    @property
    def spot(self) -> Floats:
        """The corners float64[2, 2], pixels, upper left and lower right, of the part that both show, in the larger."""
        small, large = (self.place, self.host) if self.magnifies else (self.host, self.place)
        x, y = small.panel.x, small.panel.y
        return large.pixels(np.array([(x.low, y.high), (x.high, y.low)]))


@dataclass(frozen=True, eq=False)
class _Busy:
    """What is drawn in a panel, pixels: points along its paths float64[n, 2], and places of heads and marks."""

    ways: Floats
    held: Floats

    def hidden(self, box: Box, reach: float) -> tuple[int, int]:
        """How many heads and marks, and how many points of paths, lie in a box or within reach of it."""
        return tuple(
            int(
                np.count_nonzero(
                    (points[:, 0] > box.x0 - far)
                    & (points[:, 0] < box.x1 + far)
                    & (points[:, 1] > box.y0 - far)
                    & (points[:, 1] < box.y1 + far)
                )
            )
            for points, far in ((self.held, reach), (self.ways, 0.4 * reach))
        )  # type: ignore[return-value]


def inlaid(scene: Scene, page: Measures, host: Place, spare: Area | None = None) -> tuple[Inlaid, ...]:
    """The scene's panels inside the main one, each where it hides least; those that would hide much are left out.

    spare: what is empty beside the host, where the first of them hides nothing.
    """
    found: list[Inlaid] = []
    busy = None
    for panel in scene.panels:
        if panel.inlaid:
            busy = busy or _busy(scene, page, host)
            one = _beside(panel, host, page, spare) if spare and not found else None
            one = one or _placed(panel, host, page, busy, found)
            found += [_told_aside(replace(one, since=_since(scene, page, one.place)), scene, page)] if one else []
    return tuple(found)


def _since(scene: Scene, page: Measures, place: Place) -> int:
    """The record at which the first path is in a panel that was not asked for; 0 of one without paths."""
    trails = [trail for layer in drawn(Site(scene, page, place)) for trail in layer.trails()]
    return 0 if place.panel.asked or not trails else int(np.any([one.inside for one in trails], axis=0).argmax())


def _told_aside(one: Inlaid, scene: Scene, page: Measures) -> Inlaid:
    """The panel with what is told of it in the corner where that hides least."""
    if not one.magnifies:
        return one
    size, box, busy = page.size(19), one.place.box, _busy(scene, page, one.place)
    found = []
    for right, below in itertools.product((False, True), repeat=2):
        x, y = box.x1 - 2.6 * size if right else box.x0, box.y1 - 1.6 * size if below else box.y0
        corner = Box(round(x), round(y), round(x + 2.6 * size), round(y + 1.6 * size))
        found.append((*busy.hidden(corner, page.line(8)), below, right))
    *_, below, right = min(found)
    return replace(one, corner=(bool(right), bool(below)))


def _busy(scene: Scene, page: Measures, host: Place) -> _Busy:
    site, end = Site(scene, page, host), scene.records - 1
    layers = drawn(site)
    ways = [np.empty((0, 2)), *(way for layer in layers for way in layer.ways())]
    held = [(spot.x, spot.y) for layer in layers for spot in layer.spots(end)]
    held += [ring for layer in layers for ring in layer.rings()]
    ends = [trail.at(end) for layer in layers for trail in layer.trails() if not trail.inside[end]]
    held += [site.within(*at) for at in ends if math.isfinite(sum(at))]
    return _Busy(np.concatenate(ways), np.array(held, np.float64).reshape(-1, 2))


def _beside(panel: Panel, host: Place, page: Measures, spare: Area) -> Inlaid | None:
    """The panel in an empty area beside its host, whose bottom it shares; None where it would be no larger there."""
    (wide, high), rim = _sides(panel, host, SHARES[panel.area][0]), max(round(page.line(3)), 1)
    scale = min((spare.width - 2 * rim) / wide, (spare.height - 2 * rim) / high)
    if scale < 1.0 or (panel.area == "inset" and not panel.asked and _factor(panel, host, scale * wide) < TWICE):
        return None
    x, y = round(spare.left) + rim, round(spare.bottom) - rim
    return Inlaid(Place(panel, Box(x, y - round(scale * high), x + round(scale * wide), y)), host, rim)


def _factor(panel: Panel, host: Place, wide: float) -> float:
    """How much larger things are in a panel of a width than in its host."""
    return wide / panel.x.span * host.panel.x.span / host.box.width


def _placed(panel: Panel, host: Place, page: Measures, busy: _Busy, taken: list[Inlaid]) -> Inlaid | None:
    """The panel where it hides least; None where it has no room, or hides much and nobody asked for it."""
    rim, pad, reach = max(round(page.line(3)), 1), page.line(16), page.line(17)
    best: tuple[tuple[float, ...], Inlaid] | None = None
    for number, share in enumerate(SHARES[panel.area]):
        wide, high = _sides(panel, host, share)
        if panel.area == "inset" and not panel.asked and _factor(panel, host, wide) < TWICE:
            continue
        least = max(page.space(LEAST), 0.0 if panel.area == "locator" else SPACIOUS * page.size(19))
        if (
            (not panel.asked and min(wide, high) < least)
            or min(wide, high) < page.space(LEAST)
            or max(wide / host.box.width, high / host.box.height) > 0.6
        ):
            continue
        for corner, (x, y) in enumerate(_corners(host.box, wide, high, pad)):
            box = Box(round(x), round(y), round(x) + round(wide), round(y) + round(high))
            one = Inlaid(Place(panel, box), host, rim)
            others = [other.outer for other in taken] + [
                _around(other.spot) for other in [*taken, one] if other.magnifies
            ]
            if any(_meet(one.outer, other, pad) for other in others):
                continue
            held, ways = busy.hidden(one.outer, reach)
            far = math.dist(*(((b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2) for b in (box, _around(one.spot))))
            cost = (held, ways // 3, number, far if one.magnifies else corner)
            if best is None or cost < best[0]:
                best = cost, one
    if best is None or (not panel.asked and best[0][0]):
        return None
    return best[1]


def _sides(panel: Panel, host: Place, share: float) -> tuple[float, float]:
    """Width and height, pixels, of a panel; magnified by one factor where its axes have units of their own."""
    slope = host.box.height / host.box.width
    if panel.aspect:
        slope = slope_of(panel)
    elif panel.area == "inset":
        slope *= panel.y.span / host.panel.y.span * host.panel.x.span / panel.x.span
    side = share * math.sqrt(host.box.width * host.box.height)
    return side / math.sqrt(slope), side * math.sqrt(slope)


def _corners(box: Box, wide: float, high: float, pad: float) -> Iterator[tuple[float, float]]:
    """Places in the corners of a box and in the middle of its sides."""
    xs = box.x1 - pad - wide, box.x0 + pad, (box.x0 + box.x1 - wide) / 2
    ys = box.y0 + pad, box.y1 - pad - high, (box.y0 + box.y1 - high) / 2
    yield from ((x, y) for x in xs for y in ys if (x, y) != (xs[2], ys[2]))


def _around(corners: Floats) -> Box:
    (x0, y0), (x1, y1) = corners.tolist()
    return Box(math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))


def _meet(a: Box, b: Box, gap: float) -> bool:
    return a.x0 < b.x1 + gap and b.x0 < a.x1 + gap and a.y0 < b.y1 + gap and b.y0 < a.y1 + gap
