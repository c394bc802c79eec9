"""What a layer of a panel is to the drawers: shapes that stand still, and parts that come and go with a record."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.measures import Measures
from gdviz.draw.places import Place
from gdviz.draw.shapes import Box, Image, Polygon, Shape, Text
from gdviz.scene.layers import Layer
from gdviz.scene.page import Scene
from gdviz.scene.themes import Theme

if TYPE_CHECKING:
    from gdviz.draw.layers.trails import Trail

Floats = NDArray[np.float64]
Point = tuple[float, float]
L = TypeVar("L", bound=Layer)

Item = tuple[object, Sequence[Polygon | Image]]
"""What is drawn as one, with a key that is equal where it looks the same."""


@dataclass(frozen=True, eq=False)
class Site:
    """Where a layer is drawn: its scene, the measures inside panels, and its panel on the page."""

    scene: Scene
    page: Measures
    place: Place

    @property
    def theme(self) -> Theme:
        """The scene's."""
        return self.scene.theme

    @property
    def box(self) -> Box:
        """The pixels between the panel's axes."""
        return self.place.box

    def line(self, units: float) -> float:
        """Pixels of a line width or a marker's radius."""
        return self.page.line(units)

    def within(self, x: float, y: float) -> Point:
        """A point, or where the mark for it stands at the edge if it lies outside."""
        box, inset = self.box, self.line(14)
        if box.holds(x, y):
            return x, y
        return min(max(x, box.x0 + inset), box.x1 - inset), min(max(y, box.y0 + inset), box.y1 - inset)


@dataclass(frozen=True, eq=False)
class Spot:
    """What stands at a point that it may share: where several meet they stand inside each other.

    radius: of it alone, pixels. drawn: from the factor by which it is larger or smaller and the width of its rim.
    head: it is the head of a path, for which rings widen and which stars stand on.
    """

    x: float
    y: float
    radius: float
    drawn: Callable[[float, float], Item]
    head: bool = True


@dataclass(frozen=True, eq=False)
class Said:
    """A text beside a point, `clear` pixels off it, from a record on; size: pixels of an em; entry: whose it is."""

    at: Point
    text: str
    color: str
    size: float
    clear: float
    since: float = 0
    entry: int | None = None


class Drawn(Generic[L]):
    """One layer in its panel. Of whatever a kind of layers does not say here, it has nothing."""

    draws: ClassVar[type[Layer]]
    """The kind of layers."""

    moves: ClassVar[bool] = False
    """Whether its panel has a stage, on which things come, go and make room for each other."""

    def __init__(self, layer: L, site: Site) -> None:
        self.layer, self.site = layer, site

    def below(self) -> Sequence[Shape]:
        """What stands still under the hairlines of the axes."""
        return ()

    def above(self) -> Sequence[Shape]:
        """What stands still on them."""
        return ()

    def written(self) -> Sequence[Text]:
        """Texts among what stands still, which names at heads keep off."""
        return ()

    def trails(self) -> Sequence[Trail]:
        """Its paths."""
        return ()

    def own(self) -> Mapping[str, Sequence[Any]]:
        """What a page that plays draws of it by rules of its own, under the name that it has there, see `score`."""
        return {}

    def under(self, moment: float) -> Sequence[Item]:
        """What there is at a moment below all marks: from `record` on what comes with a record may come in turn."""
        return ()

    def marks(self, record: int, heads: Sequence[Point]) -> Sequence[Item]:
        """What there is below all heads, given where these and the arrows of those outside stand."""
        return ()

    def spots(self, record: int) -> Sequence[Spot]:
        """What stands at points."""
        return ()

    def ways(self) -> Sequence[Floats]:
        """Points along lines that texts keep off, float64[n, 2] pixels each."""
        return ()

    def held(self) -> Sequence[Point]:
        """Where its marks are, which texts do not cover."""
        return ()

    def rings(self) -> Sequence[Point]:
        """Those of them that are wide: what is said of others keeps farther off."""
        return ()

    def labels(self) -> Sequence[Said]:
        """Texts that stand right beside their points or are left out."""
        return ()

    def notes(self) -> Sequence[Said]:
        """Texts that come with a record and may stand farther off, where a line leads to them."""
        return ()


def nearness(a: Point, b: Point, radius: float) -> float:
    """1 for heads at one place, 0 for heads 1.5 radii apart, smooth between."""
    t = min(max((1.5 - math.hypot(a[0] - b[0], a[1] - b[1]) / radius) / 1.2, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)
