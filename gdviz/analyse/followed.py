"""Stationary points, and which of them are isolated: the others belong to lines, which are followed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import Field, is_lowest
from gdviz.analyse.lines import STEP, WALKS, Line, Walk, follow, lines_of, middle_of, slopes

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Stationary:
    """A point where the gradient vanishes, or a minimum at which it jumps.

    x: coordinates in data units; value: f there; kind: "minimum", "saddle", "maximum", or "degenerate" where the
    Hessian has an eigenvalue 0; eigenvalues: of the Hessian, rising, empty at a kink; kink: whether the gradient jumps
    there; lowest: whether nothing around it is lower (of a degenerate point this is sampled).
    """

    x: tuple[float, ...]
    value: float
    kind: str
    eigenvalues: tuple[float, ...]
    kink: bool = False
    lowest: bool = False

    @property
    def conditioning(self) -> float | None:
        """Largest over smallest eigenvalue at a minimum; None elsewhere and at kinks."""
        return self.eigenvalues[-1] / self.eigenvalues[0] if self.kind == "minimum" and self.eigenvalues else None

    @property
    def largest_rate(self) -> float | None:
        """2/λmax: gradient descent with a rate below it is stable at this minimum; None elsewhere and at kinks."""
        return 2 / self.eigenvalues[-1] if self.kind == "minimum" and self.eigenvalues else None


class Followed:
    """The lines that were followed in a plane, and what they turned out to be."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.walks: list[Walk] = []
        self.lines: list[Line] = []
        self.regions = False
        self.gaps: list[str] = []

    def beside(self, x: Floats, reach: float = 0.75 * STEP, since: int = 0) -> NDArray[np.bool_]:
        """bool[n]: which of float64[dim, n] are farther than a share of the box from all that was followed."""
        free = np.ones(x.shape[1], bool)
        for walk in self.walks[since:]:
            free &= ~walk.covers(x / self.field.span[:, None], reach)
        return free

    def isolated(self, points: list[Stationary]) -> list[Stationary]:
        """The points without those of lines and flat stretches; of a stretch that stands for one point its middle."""
        if len(self.field.span) != 2:
            if len(self.field.span) > 2 and any(point.kind == "degenerate" for point in points):
                self.gaps.append(
                    "degenerate points may lie on lines or surfaces of such points, which are not followed"
                )
            return points
        found: list[Stationary] = []
        # where lines cross the Hessian is smallest: from there all of them are followed
        loose = sorted((p for p in points if p.kind == "degenerate"), key=lambda p: max(map(abs, p.eigenvalues)))
        waiting = np.array([point.x for point in loose]).reshape(-1, 2).T
        while waiting.shape[1]:
            if len(self.walks) >= WALKS:
                self.gaps.append(f"{WALKS} lines of stationary points were followed, and there are more")
                break
            walks = follow(self.field, waiting[:, 0], False)
            self.walks += walks
            found += [point for walk in walks for point in self._on(walk)]
            waiting = waiting[:, 1:]
            for walk in walks:
                waiting = waiting[:, ~walk.covers(waiting / self.field.span[:, None])]
        return self.alone(points) + found

    def alone(self, points: list[Stationary], since: int = 0) -> list[Stationary]:
        """The points that belong to nothing that was followed, counted from the walk `since` on."""
        if not self.walks[since:]:
            return points
        x = np.array([point.x for point in points]).reshape(-1, 2).T
        kept = zip(points, self.beside(x, since=since), self.beside(x, 1e-6, since), strict=True)
        return [p for p, lone, far in kept if (lone if p.kind == "degenerate" else far)]

    def _on(self, walk: Walk) -> Iterator[Stationary]:
        """The isolated points of a stretch that is no line; lines are kept."""
        self.regions |= not len(walk.u)
        rise = slopes(self.field, walk) if walk.is_line else np.zeros(0)
        if rise.any():
            known = np.flatnonzero(rise)
            rising = np.sign(rise[known])
            if walk.ends[0] == "closed":
                known, rising = np.append(known, known[0]), np.append(rising, rising[0])
            for k in np.flatnonzero(np.diff(rising)):
                yield self._degenerate(walk.u[known[k]] * self.field.span, rising[k] < 0)
        elif walk.is_line:
            self.lines += lines_of(self.field, walk, False)
        elif walk.ends == ("fade", "fade"):
            x = neat(self.field, middle_of(self.field, walk), STEP)
            value = self.field.value(np.stack([x, *walk.beyond * self.field.span], axis=1))
            yield self._degenerate(x, bool((value[1:] > value[0]).all()))

    def _degenerate(self, x: Floats, bottom: bool) -> Stationary:
        """A degenerate point float64[2]; bottom: whether f rises from it along its flattest direction."""
        value = self.field.value(x[:, None])
        lowest = bottom and bool(is_lowest(self.field, x[:, None], value)[0])
        ends = tuple(map(float, np.linalg.eigvalsh(self.field.hessian(x[:, None])[0])))
        return Stationary(tuple(map(float, x)), float(value[0]), "degenerate", ends, lowest=lowest)

    def along_kink(self, place: Floats) -> bool:
        """Whether a minimum float64[dim] at a kink is one of lines of them, which are then kept."""
        found = follow(self.field, place, True) if len(place) == 2 and len(self.walks) < WALKS else []
        lines = [(walk, lines_of(self.field, walk, True)) for walk in found if walk.is_line]
        # beside a saddle at a kink the way down can be too narrow for neighbours to be sampled there
        kept = [(walk, parts) for walk, parts in lines if any(line.kind == "minimum" for line in parts)]
        self.walks += [walk for walk, _ in kept]
        self.lines += [line for _, parts in kept for line in parts]
        return bool(kept)


def neat(field: Field, x: Floats, reach: float = 1e-7) -> Floats:
    """A point with coordinates rounded, by at most `reach` of the box, to as few decimals as its value allows."""
    value = float(field.value(x[:, None])[0])
    lower = (near for near in _roundings(field, x, reach) if float(field.value(near[:, None])[0]) <= value)
    return next(lower, x)


def rounded(field: Field, x: Floats, reach: float) -> Floats:
    """A point with every coordinate rounded by at most `reach` of the box, to as few decimals as that allows."""
    return next(_roundings(field, x, reach), x)


def _roundings(field: Field, x: Floats, reach: float) -> Iterator[Floats]:
    """A point with coordinates rounded to more and more decimals, from where that moves it by at most `reach`."""
    digits = 1 - np.ceil(np.log10(field.span)).astype(int)  # of which the first is a tenth of the box
    for more in range(12):
        near = np.array([np.round(c, d + more) for c, d in zip(x, digits.tolist(), strict=True)]) + 0.0
        if (np.abs(near - x) <= reach * field.span).all():
            yield near
