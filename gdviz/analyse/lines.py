"""Lines of stationary points in the plane: followed step by step, and told from stretches that are merely flat.

A formula's stationary points are isolated or fill whole lines, and a line ends only at the edge of the box, where the
formula has a kink, or where it is not defined. What fades out anywhere else is a place too flat for floating point,
such as the far side of an exponential, or the bottom of x²⁰.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import Field, is_lowest

Floats = NDArray[np.float64]
Height = Callable[[Floats], Floats]
"""What is 0 on a line and more beside it, float64[n] of points float64[2, n] in shares of the box."""

STEP = 0.006
"""Length of a step along a line, a share of the box: three pixels of a picture."""
TURN = 0.35
"""Most that a line may turn in a step, radians."""
STEPS = 4000
"""Steps after which a line that goes on and on is left, of which the list says so: 24 times across the box."""
WALKS = 60
"""Lines that are followed; of more, the list says so."""
LEVEL = {False: 1e-9, True: 1e-7}
"""A line's height is at most this share of the height beside it; at kinks, where it may grow with the root of the
distance, as it does in sqrt(|x|), rounding leaves more."""
SPREAD = np.linspace(-1.0, 1.0, 129)
"""Directions that are compared at once, as shares of half their spread."""
REGION = 0.25
"""Share of a circle that is as low as its middle from which that is no line but a region."""


@dataclasses.dataclass(frozen=True, eq=False)
class Line:
    """Stationary points that are not isolated: x: float64[n, 2], data units, `STEP` of the box apart.

    value: of f on it; kind: "minimum", "maximum" or "degenerate", as all of its points are; closed: whether the end is
    the beginning again; kink: whether the gradient jumps across it.
    """

    x: Floats
    value: float
    kind: str
    closed: bool = False
    kink: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Walk:
    """A line as it was followed, float64[n, 2] in shares of the box, and why it ended on either side."""

    u: Floats
    ends: tuple[str, str]

    @property
    def beyond(self) -> Floats:
        """The places, float64[2, 2], ten steps beyond either end."""
        first, last = self.u[0] - self.u[min(1, len(self.u) - 1)], self.u[-1] - self.u[max(len(self.u) - 2, 0)]
        ways = np.stack([first, last])
        return np.asarray(
            self.u[[0, -1]] + 10 * STEP * ways / np.maximum(np.linalg.norm(ways, axis=1), 1e-300)[:, None]
        )

    @property
    def is_line(self) -> bool:
        """Whether nothing says that it is merely flat."""
        return "fade" not in self.ends and len(self.u) > 2

    def covers(self, u: Floats, reach: float = 0.75 * STEP) -> NDArray[np.bool_]:
        """bool[n]: which of float64[2, n] lie on it."""
        near = np.full(u.shape[1], np.inf)
        for first in range(0, len(self.u) - 1, 64):  # pieces of the line by points: at most a few million numbers
            a, b = self.u[first : first + 64, :, None], self.u[first + 1 : first + 65, :, None]
            a = a[: len(b)]
            share = ((u - a) * (b - a)).sum(axis=1) / np.maximum(((b - a) ** 2).sum(axis=1), 1e-300)
            far = np.abs(u - a - np.clip(share, 0.0, 1.0)[:, None] * (b - a)).max(axis=1)
            near = np.minimum(near, far.min(axis=0))
        return np.asarray(near <= reach)


def follow(field: Field, x: Floats, kink: bool) -> list[Walk]:
    """The lines through a stationary point float64[2]: none where it stands alone, an empty one beside a region.

    kink: whether the gradient jumps at the point; lines are then told by f, else by the gradient's length.
    """
    unit = field.span[:, None]
    level = float(field.value(x[:, None])[0])

    def height(u: Floats) -> Floats:
        if kink:
            return np.abs(field.value(u * unit) - level) - 8 * np.finfo(float).eps * abs(level)
        return np.asarray(np.linalg.norm(unit * field.gradient(u * unit), axis=0))

    start, corners = x / field.span, (field.low / field.span, field.high / field.span)
    ways = _ways(height, start, LEVEL[kink])
    if ways is None:
        return [Walk(np.empty((0, 2)), ("region", "region"))]
    crossed = len(ways) > 2
    walks: list[Walk] = []
    while ways:
        way = ways.pop(0)
        out, end = _walk(field, height, start, way, corners, kink)
        if end == "closed":
            return [*walks, Walk(out, ("closed", "closed"))]
        back = max(ways, key=lambda other: abs(_turn(other - way)), default=way)
        if abs(_turn(back - way)) > np.pi / 2:
            ways.remove(back)
            before, beginning = _walk(field, height, start, back, corners, kink)
            walks.append(Walk(np.concatenate([before[:0:-1], out]), (beginning, end)))
        else:
            beginning = "edge" if crossed or _at_edge(start, corners) else _end(field, start[None], kink)
            walks.append(Walk(out, (beginning, end)))
    return walks


def _turn(angle: float) -> float:
    """An angle brought into -π … π."""
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def _arms(angles: NDArray[np.floating], length: float = STEP) -> Floats:
    return np.asarray(length * np.stack([np.cos(angles), np.sin(angles)]))


def _ways(height: Height, u: Floats, level: float) -> list[float] | None:
    """Directions in which a line leaves a point; none where it is isolated, None amid or beside a region."""
    count = 192
    angles = np.arange(count) * (2 * np.pi / count) + 0.003
    around = height(u[:, None] + _arms(angles))
    top = float(np.nanmax(around, initial=0.0))
    if not np.isfinite(top) or top <= 0 or (around <= level * top).mean() > REGION:
        return None if np.isfinite(top) else []
    lows = (around <= np.roll(around, 1)) & (around <= np.roll(around, -1))
    ways: list[float] = []
    for angle in angles[lows]:
        best, found, _ = _lowest(height, u, level, float(angle), 2 * np.pi / count)
        if found <= level * top and all(abs(_turn(best - way)) > 0.05 for way in ways):
            ways.append(best)
    return ways


def _lowest(
    height: Height, u: Floats, level: float, centre: float, half: float, length: float = STEP
) -> tuple[float, float, float]:
    """The direction in which height is lowest at a distance, the height there, and the largest one looked at."""
    top = 0.0
    for number in range(8):  # the last angles are 2e-15 apart
        angles = centre + half * SPREAD
        found = height(u[:, None] + _arms(angles, length))
        found = np.where(np.isnan(found), np.inf, found)
        if not number:
            top = float(np.where(np.isfinite(found), found, 0.0).max())
            if found[64] <= 1e-3 * level * top:  # straight on, also across another line
                return centre, float(found[64]), top
        best = int(found.argmin())
        centre, half = float(angles[best]), half / 60
    return centre, float(found[best]), top


def _walk(
    field: Field, height: Height, start: Floats, way: float, corners: tuple[Floats, Floats], kink: bool
) -> tuple[Floats, str]:
    """Points float64[n, 2] from a start on, and what ended the walk."""
    points, last, level = [start], way, LEVEL[kink]
    for number in range(STEPS):
        u = points[-1]
        turned, found, top = _lowest(height, u, level, way + _turn(way - last), TURN)
        if not found <= level * top:
            length = STEP
            while length > 1e-4 * STEP:
                length /= 2
                turned, found, top = _lowest(height, u, level, way, 3 * TURN, length)
                if found <= level * top:
                    u = u + _arms(np.array([turned]), length)[:, 0]
                    points.append(u)
            return np.array(points), _end(field, np.array(points), kink)
        beyond = u + _arms(np.array([turned]))[:, 0]
        low, high = corners
        if ((beyond < low) | (beyond > high)).any():
            for _ in range(3):  # the step that ends on the edge turns a little less
                step = beyond - u
                with np.errstate(divide="ignore", invalid="ignore"):
                    shares = np.where(step > 0, (high - u) / step, np.where(step < 0, (low - u) / step, np.inf))
                length = float(np.clip(shares.min(), 1e-9, 1.0)) * float(np.hypot(*step))
                turned = _lowest(height, u, level, turned, TURN, length)[0]
                beyond = u + _arms(np.array([turned]), length)[:, 0]
            points.append(np.clip(beyond, low, high))
            return np.array(points), "edge"
        points.append(beyond)
        last, way = way, turned
        if number > 8 and np.abs(beyond - start).max() < 0.75 * STEP:
            return np.array([*points[:-1], start]), "closed"
    return np.array(points), "long"


def _at_edge(u: Floats, corners: tuple[Floats, Floats]) -> bool:
    return bool((np.abs(u - corners[0]) < STEP).any() or (np.abs(u - corners[1]) < STEP).any())


def _end(field: Field, points: Floats, kink: bool) -> str:
    """What is at the end of points float64[n, 2]: "kink", "undefined", "cusp" as of (x² − y³)²; else they "fade"."""
    x = (points[-1][:, None] + _arms(np.arange(64) * (2 * np.pi / 64))) * field.span[:, None]
    sizes = np.abs(field.scaled_hessian((points[-10:] * field.span).T)).max(axis=(1, 2))
    if not kink and sizes[-1] <= 0.02 * sizes.max():
        return "cusp"
    if not np.isfinite(field.value(x)).all():
        return "undefined"
    crossing = [bool((row.min() <= 0) & (row.max() >= 0)) for row in field.kinks(x)]
    return "kink" if sum(crossing) > kink else "fade"


def slopes(field: Field, walk: Walk) -> Floats:
    """How f rises along a walk that is no line of stationary points, float64[n], 0 where rounding hides it.

    All 0 where f rises and falls at random, as it does on a line.
    """
    tangent = np.gradient(walk.u, axis=0).T
    across = tangent[::-1] * [[-1.0], [1.0]] / np.maximum(np.linalg.norm(tangent, axis=0), 1e-300)
    u, unit = walk.u.T, field.span[:, None]
    for _ in range(3):  # onto the bottom, as far as rounding lets
        pull = (field.gradient(u * unit) * unit * across).sum(axis=0)
        moved = pull / np.einsum("in,nij,jn->n", across, field.scaled_hessian(u * unit), across)
        u = u - across * np.where(np.abs(moved) < 0.1 * STEP, moved, 0.0)
    slope = field.gradient(u * unit) * unit
    along = (slope * tangent).sum(axis=0)
    told = np.abs(along) > 1e-2 * np.linalg.norm(slope, axis=0) * np.linalg.norm(tangent, axis=0)
    turns = (np.diff(np.sign(along[told])) != 0).sum()
    steady = told.mean() >= 0.9 and told.sum() >= 12 and turns <= told.sum() / 8
    return np.where(told, along, 0.0) if steady else np.zeros(len(along))


def lines_of(field: Field, walk: Walk, kink: bool) -> list[Line]:
    """A followed line cut where its points change their kind."""
    x = walk.u * field.span
    decimals = 12 - np.ceil(np.log10(field.span)).astype(int)  # what is beyond them is rounding
    x = np.stack([np.round(row, d) + 0.0 for row, d in zip(x.T, decimals.tolist(), strict=True)], axis=1)
    value = field.value(x.T)
    upside = dataclasses.replace(field, sign=-field.sign)
    kinds = np.where(
        is_lowest(field, x.T, value), "minimum", np.where(is_lowest(upside, x.T, -value), "maximum", "degenerate")
    )
    kinds[[0, -1]] = kinds[[min(1, len(x) - 1), max(len(x) - 2, 0)]]  # of the last points the surroundings may lack
    lone = np.flatnonzero((kinds[1:-1] != kinds[:-2]) & (kinds[:-2] == kinds[2:])) + 1  # where another line crosses
    kinds[lone] = kinds[lone - 1]
    cuts = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
    middle = float(np.median(value))
    middle = 0.0 if abs(middle) <= 1e-14 * field.size else middle
    return [
        Line(part, middle, str(kind[0]), walk.ends[0] == "closed" and not len(cuts), kink)
        for part, kind in zip(np.split(x, cuts), np.split(kinds, cuts), strict=True)
        if len(part) > 2
    ]


def middle_of(field: Field, walk: Walk) -> Floats:
    """The middle float64[2], data units, of a stretch that fades on both sides."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(walk.u, axis=0).T))])
    return np.array([np.interp(lengths[-1] / 2, lengths, side) for side in walk.u.T]) * field.span
