"""Layers of a panel: frozen data whose fields are its options. What they look like is `gdviz.draw`'s business."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from gdviz.scene.palette import DASHES, Style

Floats = NDArray[np.float64]


POINT = 1e-4
"""Share of a field's samples that may have no value before it is told: sin(x)/x lacks one at 0."""


HATCHES = ("", "rising", "falling", "crossed")
"""Lines over an area: none, those that rise from left to right, those that fall, both."""


class Layer:
    """Something drawn between the axes of a panel.

    pictured: whether it is an image that changes with the record.
    """

    pictured: ClassVar[bool] = False

    def part(self, entry: int | None, start: int | None) -> Self | None:
        """What of it is drawn in the panel of one of the scene's entries or of one of their starts, None for nothing.

        One of the two is given. What belongs to nobody is drawn in every panel.
        """
        return self

    def undefined(self, x: tuple[float, float], y: tuple[float, float]) -> bool:
        """Whether what it shows is not defined somewhere between the ends of two axes, which it then hatches."""
        return False


@dataclass(frozen=True, eq=False)
class Field(Layer):
    """A landscape's value as a quiet map: one tone between two levels, low is deep.

    With `smooth` the tones flow into each other instead.
    """

    x: Floats  # float64[column], axis units, rising
    y: Floats  # float64[row], axis units, rising
    z: Floats  # float64[row, column]; not finite where the landscape is not defined
    levels: Floats  # float64[level], rising
    smooth: bool = False

    def undefined(self, x: tuple[float, float], y: tuple[float, float]) -> bool:
        """Whether more than a point of it has no value between the ends of two axes."""
        rows, columns = ((at >= low) & (at <= high) for at, (low, high) in ((self.y, y), (self.x, x)))
        return bool(np.isnan(self.z[np.ix_(rows, columns)]).sum() > POINT * rows.sum() * columns.sum())


@dataclass(frozen=True, eq=False)
class Mosaic(Layer):
    """An image of cells between their edges. Cells that are smaller than pixels are averaged in linear light, larger
    ones keep sharp edges; over some of them lines are drawn, and a line where kinds of cells meet.
    """

    x: Floats  # float64[column + 1], edges of the columns, axis units, rising
    y: Floats  # float64[row + 1], edges of the rows, axis units, rising
    pixels: NDArray[np.uint8]  # uint8[row, column, 3], the lowest row first
    hatch: NDArray[np.uint8] | None = None  # uint8[row, column]: which of HATCHES lies over each
    kinds: NDArray[np.uint8] | None = None  # uint8[row, column]: between which of them there is a line; 0 has none
    edge: str = ""  # colour of that line

    def __post_init__(self) -> None:
        """Refuse an image that does not belong to the edges."""
        shape = len(self.y) - 1, len(self.x) - 1
        given = [one.shape for one in (self.hatch, self.kinds) if one is not None]
        if self.pixels.shape != (*shape, 3) or set(given) - {shape}:
            raise ValueError(f"a mosaic of {shape} cells needs as many pixels, hatches and kinds, not {given}")
        if min(shape) < 1 or not ((np.diff(self.x) > 0).all() and (np.diff(self.y) > 0).all()):
            raise ValueError("the edges of a mosaic rise")

    def undefined(self, x: tuple[float, float], y: tuple[float, float]) -> bool:
        """Never: what lines over cells say stands in the key."""
        return False


@dataclass(frozen=True, eq=False)
class Levels(Layer):
    """Level lines, thin and translucent; with `labels` the value stands on the longer ones."""

    x: Floats  # as Field
    y: Floats
    z: Floats
    levels: Floats
    labels: bool = False
    cut: NDArray[np.bool_] | None = None  # bool[row, column]: samples beside a pole, where no line is drawn


@dataclass(frozen=True, eq=False)
class Curve(Layer):
    """The graph of a one-dimensional landscape, in ink; with `fill` the ground beneath is toned like a field."""

    x: Floats  # float64[sample], axis units, rising
    y: Floats  # float64[sample], axis units
    fill: bool = True
    breaks: NDArray[np.bool_] | None = None  # bool[sample - 1]: between which samples it passes through a pole

    def undefined(self, x: tuple[float, float], y: tuple[float, float]) -> bool:
        """Whether more than a point of it has no value between the ends of an axis."""
        within = (self.x >= x[0]) & (self.x <= x[1])
        return bool(np.isnan(self.y[within]).sum() > 1)


@dataclass(frozen=True, eq=False)
class Valleys(Layer):
    """Lines of minima that are not isolated, dotted in ink: every point of them would wear a star."""

    lines: tuple[Floats, ...]  # float64[n, 2] each, axis units


STATUSES = ("unfinished", "converged", "diverged", "undefined")
"""How a track may have ended. Undefined: from `stop` on there is nothing to draw but where it was last."""


@dataclass(frozen=True, eq=False)
class Track:
    """What one entry leaves behind in one panel."""

    entry: int  # index into the scene's entries
    points: Floats  # float64[record, 2], axis units; repeats after `stop`; may be huge or infinite, NaN where unknown
    status: str = "unfinished"  # one of STATUSES
    stop: int | None = None  # the first record at which it has stopped
    note: str = ""  # "diverged at step 62": beside the edge arrow or the head
    start: int = 0  # which of the entry's starts it comes from, −1 where it is the middle of all
    noted: int | None = None  # the first record at which the note is shown, `stop` where that is None
    breaks: tuple[int, ...] = ()  # records to which no line leads from the one before
    quiet: bool = False  # thin: what the others are held against

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.points.ndim != 2 or self.points.shape[1] != 2 or not len(self.points):
            raise ValueError(f"a track needs points[record, 2], not {self.points.shape}")
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status!r} is not one of {', '.join(STATUSES)}")


@dataclass(frozen=True, eq=False)
class Trails(Layer):
    """Moving paths with their heads.

    kind "path": iterates in the plane, a comet with a halo; "steps": iterates on a graph, with dots and small arrows;
    "curve": a quantity against the step, one even line. `comet` is the bright end's length as a share of all records;
    `dots` marks iterates where they lie far enough apart to be told from each other.
    """

    tracks: tuple[Track, ...]
    kind: str = "path"
    comet: float = 0.12
    dots: bool = True

    def __post_init__(self) -> None:
        """Refuse kinds that no drawer knows."""
        if self.kind not in ("path", "steps", "curve"):
            raise ValueError(f"kind {self.kind!r} of trails is not one of path, steps, curve")

    def part(self, entry: int | None, start: int | None) -> Trails:
        """Its tracks."""
        mine = tuple(track for track in self.tracks if track.entry == entry or track.start == start)
        return replace(self, tracks=mine)


@dataclass(frozen=True, eq=False)
class Marks(Layer):
    """Places to know: a ring for a "start", a star for a "minimum", a small hollow one for a "local" minimum.

    Rings and stars are always visible, also below a crowd of heads; heads cover local minima.
    """

    kind: str
    points: Floats  # float64[n, 2], axis units
    texts: tuple[str, ...] = ()  # a label for each point, or none at all
    colors: tuple[str, ...] = ()  # of each star, or ink for all

    def __post_init__(self) -> None:
        """Refuse kinds that no drawer knows, and colours for some only."""
        if self.kind not in ("start", "minimum", "local"):
            raise ValueError(f"kind {self.kind!r} of marks is not one of start, minimum, local")
        if self.colors and len(self.colors) != len(self.points):
            raise ValueError(f"{len(self.points)} marks need as many colours, not {len(self.colors)}")
        if self.points.ndim != 2 or self.points.shape[1] != 2:
            raise ValueError(f"marks need points[n, 2], not {self.points.shape}")

    def part(self, entry: int | None, start: int | None) -> Marks:
        """Of starts the one, without a text."""
        if self.kind != "start" or start is None:
            return self
        return replace(self, points=self.points[start : start + 1], texts=())


@dataclass(frozen=True, eq=False)
class Callouts(Layer):
    """What a lecturer says of places, each from a record on: a pin there, and a text beside it."""

    points: Floats  # float64[n, 2], axis units
    texts: tuple[str, ...]
    colors: tuple[str, ...]
    since: tuple[int, ...]  # record
    around: bool = False  # pins so wide that a star in them covers none

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.points.ndim != 2 or {len(self.texts), len(self.colors), len(self.since)} != {len(self.points)}:
            raise ValueError(f"{len(self.points)} callouts need as many texts, colours and records")


@dataclass(frozen=True, eq=False)
class Scale:
    """How long arrows are on the page where their tips only say where they point and which is the longer.

    Directions and lengths are those on the page, whose axes may have different units. The longest of all that begin in
    the panel has a length of its own; with `cell` each is shorter than a cell instead, by v / (v + median), as
    gradients span decades. An arrow that is alone in its cell stands in its middle, else all begin there.
    """

    tails: Floats  # float64[n, 2], axis units: of all arrows that share it, in whatever panel
    vectors: Floats  # float64[n, 2], axis units
    cell: tuple[float, float] | None = None  # axis units
    alone: bool = True


@dataclass(frozen=True, eq=False)
class Arrows(Layer):
    """Straight arrows of one colour: the parts of an update, gradients at points.

    kind "arrow"; "fine" for many at once; "guide", a thin broken line without a head that closes a figure. `since` says
    from which record each is there; without it they stand still and lie below the paths. A share of 1 added to it says
    how late it comes of all that comes with that record while a film stands still there. `entry` is whose they are,
    `start` which of its starts they belong to. Without a `scale` each goes from its tail to its tip. `dash`: of its
    shaft, which tells arrows apart where colours do not.
    """

    tails: Floats  # float64[n, 2], axis units
    tips: Floats  # float64[n, 2], axis units
    color: str
    texts: tuple[str, ...] = ()  # a label for each arrow, or none at all
    since: tuple[float, ...] | None = None  # record, one for each arrow
    kind: str = "arrow"
    entry: int | None = None
    start: int | None = None
    scale: Scale | None = None
    dash: str = "solid"  # a name of DASHES

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.dash not in DASHES:
            raise ValueError(f"dash {self.dash!r} of arrows is not one of {', '.join(DASHES)}")
        if self.kind not in ("arrow", "fine", "guide"):
            raise ValueError(f"kind {self.kind!r} of arrows is not one of arrow, fine, guide")
        if self.tails.shape != self.tips.shape or self.tails.ndim != 2 or self.tails.shape[1] != 2:
            raise ValueError(f"arrows need tails[n, 2] and as many tips, not {self.tails.shape} and {self.tips.shape}")
        if self.since is not None and len(self.since) != len(self.tails):
            raise ValueError(f"{len(self.tails)} arrows need as many records, not {len(self.since)}")

    def part(self, entry: int | None, start: int | None) -> Arrows | None:
        """Itself, unless it is another's."""
        pairs = ((self.entry, entry), (self.start, start))
        return self if all(whose is None or asked is None or whose == asked for whose, asked in pairs) else None


@dataclass(frozen=True, eq=False)
class Points(Layer):
    """Samples of data, a marker for each in the look of its group; hollow are those that nothing is fitted to.

    texts: the name of each group, beside the sample in its midst, or none at all.
    """

    points: Floats  # float64[n, 2], axis units
    groups: NDArray[np.int64]  # int64[n]: which of the looks each has
    styles: tuple[Style, ...]
    hollow: NDArray[np.bool_] | None = None  # bool[n]
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.points.ndim != 2 or self.points.shape[1] != 2 or len(self.groups) != len(self.points):
            raise ValueError(f"points[n, 2] need as many groups, not {self.points.shape} and {self.groups.shape}")
        if len(self.groups) and not 0 <= self.groups.min() <= self.groups.max() < len(self.styles):
            raise ValueError(f"groups go from {self.groups.min()} to {self.groups.max()}, of {len(self.styles)} looks")


@dataclass(frozen=True, eq=False)
class Regions(Layer):
    """What is predicted where, as a tint of each class, with a line where the decision changes; an image for a record.

    It hides what stands still below it and paths as well, so it comes first, in a panel without any.
    """

    x: Floats  # float64[column], axis units, rising evenly
    y: Floats  # float64[row], axis units, rising evenly
    scores: NDArray[np.float32]  # float32[image, class, row, column]; the highest is the prediction
    since: NDArray[np.int64]  # int64[image]: from which record on each is shown, rising, the first from 0 on
    colors: tuple[str, ...]  # of the classes
    shares: bool = True  # scores are logits, so tints mix by the shares of their softmax

    pictured: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse images that do not belong to axes, classes and records."""
        shape = len(self.since), len(self.colors), len(self.y), len(self.x)
        if self.scores.shape != shape or len(self.colors) < 2 or min(shape[2:]) < 2:
            raise ValueError(f"regions need scores[image, class, row, column] {shape}, not {self.scores.shape}")
        if not len(self.since) or self.since[0] != 0 or (np.diff(self.since) <= 0).any():
            raise ValueError("the first image of regions is shown from record 0 on, each other one later")

    def at(self, record: int) -> int:
        """The image that is shown at a record."""
        return int(np.searchsorted(self.since, record, side="right")) - 1


@dataclass(frozen=True, eq=False)
class Fit(Layer):
    """The graph of what an entry has learned by each record, and how far some samples are from it.

    ends: float64[n, 2], the samples, axis units; feet: float64[record, n], what is predicted for them.
    """

    entry: int
    x: Floats  # float64[sample], axis units, rising
    y: Floats  # float64[record, sample], axis units
    ends: Floats | None = None
    feet: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse what no drawer could place."""
        if self.y.ndim != 2 or self.y.shape[1:] != self.x.shape or len(self.x) < 2:
            raise ValueError(f"a fit needs y[record, sample] for x[sample], not {self.y.shape} for {self.x.shape}")
        shapes = [None if one is None else one.shape for one in (self.ends, self.feet)]
        wanted = None if self.ends is None else (len(self.y), len(self.ends))
        if shapes[1] != wanted or (self.ends is not None and self.ends.shape[1:] != (2,)):
            raise ValueError(f"residuals need ends[n, 2] and feet[record, n], not {shapes[0]} and {shapes[1]}")

    def part(self, entry: int | None, start: int | None) -> Fit | None:
        """Itself, unless it is another's."""
        return self if entry is None or entry == self.entry else None


@dataclass(frozen=True, eq=False)
class Band(Layer):
    """Between which values the middle of an entry's runs lies, up to the record that is shown, or all of it at once and
    then below all curves."""

    entry: int
    x: Floats  # float64[record], axis units
    low: Floats  # float64[record], axis units; NaN where it is not known
    high: Floats
    still: bool = False

    def __post_init__(self) -> None:
        """Refuse edges of another length."""
        if not self.x.shape == self.low.shape == self.high.shape or self.x.ndim != 1:
            raise ValueError(
                f"a band needs x, low and high[record], not {self.x.shape, self.low.shape, self.high.shape}"
            )

    def part(self, entry: int | None, start: int | None) -> Band | None:
        """Itself, unless it is another's."""
        return self if entry is None or entry == self.entry else None


@dataclass(frozen=True, eq=False)
class Paragraphs(Layer):
    """What is said of several things, each under its name.

    They fill a panel without a frame whose axes have no numbers. Where not all find room they lose
    their last sentences, and only then are some left out, from below, behind an ellipsis.
    """

    heads: tuple[str, ...]
    colors: tuple[str, ...]  # of the heads
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse heads without a text or a colour."""
        if not len(self.heads) == len(self.colors) == len(self.texts):
            raise ValueError(f"{len(self.heads)} heads need as many colours and texts")
