"""What a landscape's formula alone tells: its stationary points, how steep they are, and the rate they allow.

Nothing here knows the facts of a definition but its domain: minima are found, not looked up.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz import formula
from gdviz.analyse.field import FLAT, Field, is_flat, is_lowest, ring
from gdviz.analyse.kinks import low_points, lower, settle
from gdviz.analyse.newton import newton
from gdviz.registry import Definition

Floats = NDArray[np.float64]

CELLS = {1: 8000, 2: 480}
"""Cells along each side of the grid whose corners tell where every slope changes sign; waves longer than about four
cells are all seen."""
SEEDS = {1: 500, 2: 56}
"""Further starts of Newton's method along each side: at some points the slopes touch 0 without a change of sign."""
SAMPLES = 6000
"""Random starts in three and more dimensions, where a grid would be too large."""
DEGENERATE = 1e-9
"""An eigenvalue of the Hessian this small beside the largest counts as 0."""

MOST = 200
"""Lowest candidates for minima at kinks that are looked at closely."""
IN_VAIN = 40
"""So many of them in a row that bring nothing new, as along a bent valley, end the search."""
THIN = 0.01
"""Of a line of stationary points, those are listed that are farther apart than this share of the box."""

KINDS = ("minimum", "degenerate", "saddle", "maximum")


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


def stationary(
    definition: Definition,
    constants: Mapping[str, float] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
) -> list[Stationary]:
    """The stationary points of a landscape inside a box, lowest first.

    constants: those that differ from the definition's; domain: by default the definition's own, else -3 to 3.
    Smooth points of every kind are found by a damped Newton's method on the gradient with the derived Hessian, from
    every grid cell in which all slopes change sign and from a coarser grid of starts. Of the points at which the
    gradient jumps only minima are listed. Flat regions, where every point is stationary, are left out.
    """
    box = domain or definition.domain() or ((-3.0, 3.0),) * definition.size()
    low, high = np.array(box, dtype=np.float64).T
    field = Field(formula.derive(definition, len(low)), {**definition.parameters, **(constants or {})}, low, high)
    with np.errstate(all="ignore"):
        grid, values = _grid(field)
        points = _smooth(field, grid)
        kept = _described(field, points)
        kept += _sharp(field, values, grid, [point for point in kept if point.lowest])
        kept = _thinned(kept, field.span)
    return sorted(kept, key=lambda point: (point.value, KINDS.index(point.kind), point.x))


def minima(
    definition: Definition,
    constants: Mapping[str, float] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
) -> Floats:
    """float64[n, dim + 1] of coordinates and value: the local minima in a box, kinks included, lowest first.

    None of a function that is called point by point: looking for them would call it some ten thousand times.
    """
    known = [] if "called" in definition.facts else stationary(definition, constants, domain)
    found = [(*point.x, point.value) for point in known if point.lowest]
    dimension = len(domain) if domain else definition.size()
    return np.array(found, dtype=np.float64).reshape(len(found), dimension + 1)


def _grid(field: Field) -> tuple[Floats, Floats]:
    """Points float64[dim, …] of the grid and f there, float64[…]; in three and more dimensions a random sample."""
    dimension = len(field.low)
    if dimension not in CELLS:
        draw = np.random.default_rng(11).random((dimension, SAMPLES))
        points = field.low[:, None] + field.span[:, None] * draw
        return points, field.value(points)
    # The share of a cell on either side keeps corners off the round numbers at which f likes to be symmetric.
    edges = (np.arange(CELLS[dimension] + 1) - 0.37) / (CELLS[dimension] - 0.74 + 0.37)
    axes = [low + span * edges for low, span in zip(field.low, field.span, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"))
    return points, field.value(points.reshape(dimension, -1)).reshape(points.shape[1:])


def _smooth(field: Field, grid: Floats) -> Floats:
    """Where Newton's method ends and the gradient is continuous, float64[dim, n]; of lines a choice of points."""
    dimension = len(grid)
    starts = grid.reshape(dimension, -1)
    if dimension in CELLS:
        slopes = field.gradient(starts).reshape(grid.shape)
        crossed = np.ones([n - 1 for n in grid.shape[1:]], dtype=bool)
        for slope in slopes:
            corners = np.stack([slope[corner] for corner in _corners(dimension)])
            crossed &= (corners.min(axis=0) <= 0) & (corners.max(axis=0) >= 0)
        cell = field.span / CELLS[dimension]
        centres = np.stack([axis[_corners(dimension)[0]][crossed] for axis in grid]) + cell[:, None] / 2
        seeds = (np.arange(SEEDS[dimension]) + 0.413) / SEEDS[dimension]
        axes = [low + span * seeds for low, span in zip(field.low, field.span, strict=True)]
        coarse = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
        middle = (field.low + field.high)[:, None] / 2
        starts = np.concatenate([centres, coarse, middle], axis=1)
    idle = (field.gradient(starts) == 0).all(axis=0) & (field.hessian(starts) == 0).all(axis=(1, 2))  # flat regions
    x = newton(field.gradient, field.hessian, starts[:, ~idle], field.span)
    slack = 1e-9 * field.span
    inside = ((x >= (field.low - slack)[:, None]) & (x <= (field.high + slack)[:, None])).all(axis=0)
    x = _tidy(field, _merge(x[:, inside], field.span))
    x = x[:, _even(field, x)]
    eigenvalues = np.abs(np.linalg.eigvalsh(field.hessian(x)))
    loose = eigenvalues.min(axis=1) <= DEGENERATE * eigenvalues.max(axis=1)
    # Along a line of stationary points Newton's method ends everywhere: thousands of them, of which some are enough.
    return np.concatenate([x[:, ~loose], _merge(x[:, loose], field.span, THIN / 2)], axis=1)


def _even(field: Field, x: Floats) -> NDArray[np.bool_]:
    """Whether the gradient is continuous at each point: across it, it changes by far less than a hundred arms away.

    So it is where a kink passes that has no jump, as in |x|³, and it is not at the tip of a cone.
    """
    jump, near, far = np.zeros((3, *x.shape))  # [coordinate of the gradient, point]
    arm = 1e-6 * field.span.max()
    for direction in (*np.eye(len(x)), np.ones(len(x)), (-1.0) ** np.arange(len(x))):
        ahead, behind, away, beyond = (
            field.gradient(x + share * arm * direction[:, None]) for share in (1.0, -1.0, 100.0, 10_000.0)
        )
        jump = np.fmax(jump, np.abs(ahead - behind))
        near = np.fmax(near, np.abs(away))
        far = np.fmax(far, np.abs(beyond))
    return np.asarray(((jump <= 0.1 * near) | (jump <= 1e-11 * far.max(axis=0))).all(axis=0))


def _corners(dimension: int) -> list[tuple[slice, ...]]:
    ends = (slice(None, -1), slice(1, None))
    return list(itertools.product(ends, repeat=dimension))


def _merge(x: Floats, span: Floats, distance: float = 2e-6) -> Floats:
    """Each place once, float64[dim, n]: of points closer than `distance`, a share of the box, the first one stays."""
    kept: dict[tuple[int, ...], Floats] = {}
    dimension = len(x)
    shifts = list(itertools.product((0, -1, 1), repeat=dimension)) if dimension <= 3 else [(0,) * dimension]
    keys = np.rint(x / (distance * span[:, None])).astype(np.int64)
    _, first = np.unique(keys, axis=1, return_index=True)
    for i in sorted(first):
        key = tuple(int(k) for k in keys[:, i])
        if not any(tuple(k + s for k, s in zip(key, shift, strict=True)) in kept for shift in shifts):
            kept[key] = x[:, i]
    return np.array(list(kept.values())).reshape(len(kept), dimension).T


def _tidy(field: Field, x: Floats) -> Floats:
    """Points with coordinates that rounding alone keeps off a number of ten decimals put onto it."""
    x = x.copy()
    unit = 1e-10 * 10 ** np.ceil(np.log10(field.span.max()))
    for i in range(len(x)):
        near = np.rint(x[i] / unit) * unit
        near = np.round(near, 12) + 0.0
        tried = x.copy()
        tried[i] = np.where(np.abs(near - x[i]) <= 1e-4 * unit, near, x[i])
        better = np.abs(field.gradient(tried)).max(axis=0) <= np.abs(field.gradient(x)).max(axis=0)
        x[i] = np.where(better, tried[i], x[i])
    return x


def _described(field: Field, x: Floats) -> list[Stationary]:
    """Kinds and eigenvalues of smooth stationary points float64[dim, n], those in flat regions left out."""
    value = field.value(x)
    usable = np.isfinite(value) & ~is_flat(field, x, value)
    x, value = x[:, usable], value[usable]
    eigenvalues = np.linalg.eigvalsh(field.hessian(x))
    sizes, least = np.abs(eigenvalues).max(axis=1), np.abs(eigenvalues).min(axis=1)
    loose = (sizes == 0) | (least <= DEGENERATE * sizes) | (sizes <= 1e-7 * _curvature(field, x, value))
    lowest = np.where(loose, is_lowest(field, x, value), ~(eigenvalues < 0).any(axis=1))
    found = []
    for i, point in enumerate(x.T):
        below = int((eigenvalues[i] < 0).sum())
        kind = "minimum" if not below else "maximum" if below == len(x) else "saddle"
        if loose[i]:
            kind = "degenerate"
            if lowest[i]:  # Newton's method comes near only, where f rises with a high power
                point = _neat(field, point, 1e-5)
                value[i] = field.value(point[:, None])[0]
        ends = tuple(map(float, eigenvalues[i]))
        found.append(Stationary(tuple(map(float, point)), float(value[i]), kind, ends, lowest=bool(lowest[i])))
    return found


def _curvature(field: Field, x: Floats, value: Floats) -> Floats:
    """What the Hessians' sizes would be if f rose evenly from points to the rings around: 2 Δf / r², float64[n]."""
    rise = np.nanmax(np.abs(ring(field, x, 1e-2) - value[:, None]), axis=1, initial=0.0)
    return np.asarray(2 * rise / (1e-2 * float(field.span.min())) ** 2)


def _sharp(field: Field, values: Floats, grid: Floats, smooth: list[Stationary]) -> list[Stationary]:
    """Minima that Newton's method did not end in: at kinks and at the tips of cones."""
    dimension = len(grid)
    if dimension in CELLS:
        starts = grid.reshape(dimension, -1)[:, low_points(values)]
        radius = field.span / CELLS[dimension]
    else:
        if not len(field.kinks(grid[:, :1])):
            return []
        starts = grid[:, np.argsort(values)[:100]]
        radius = field.span / 20
    taken = np.array([point.x for point in smooth]).reshape(len(smooth), dimension)
    starts = starts[:, _apart(starts, taken, 3 * radius)]
    x = lower(field.value, starts, radius)
    x = x[:, _apart(x, taken, 1e-5 * field.span)]
    kept: list[Stationary] = []
    x = _merge(x[:, np.argsort(field.value(x))], field.span, 2e-4)
    vain = 0
    for start in x[:, :MOST].T:
        if (vain := vain + 1) > IN_VAIN:
            break
        place = _neat(field, settle(field.value, field.kinks, start, field.span))
        value = field.value(place[:, None])
        known = np.array([point.x for point in (*smooth, *kept)]).reshape(-1, dimension)
        inside = bool(((place >= field.low) & (place <= field.high)).all())
        if not inside or not _apart(place[:, None], known, 1e-5 * field.span)[0]:
            continue
        if _even(field, place[:, None])[0]:
            continue  # on a line of smooth minima, of which Newton's method found some
        lone = place[:, None]
        if np.isfinite(value[0]) and not is_flat(field, lone, value)[0] and is_lowest(field, lone, value)[0]:
            kept.append(Stationary(tuple(map(float, place)), float(value[0]), "minimum", (), kink=True, lowest=True))
            vain = 0
    return kept


def _thinned(points: list[Stationary], span: Floats) -> list[Stationary]:
    """Of degenerate points and kinks that are close and equally high, as on a line of them, one each."""
    loose = sorted((p for p in points if p.kind == "degenerate" or p.kink), key=lambda p: p.value)
    kept = [p for p in points if not (p.kind == "degenerate" or p.kink)]
    chosen: list[Stationary] = []
    for point in loose:
        twins = [p for p in chosen if abs(p.value - point.value) <= FLAT * (1 + abs(point.value))]
        places = np.array([p.x for p in twins]).reshape(-1, len(span))
        if _apart(np.array(point.x)[:, None], places, (0.4 if point.kink else 1.0) * THIN * span)[0]:
            chosen.append(point)
    return kept + chosen


def _apart(x: Floats, taken: Floats, distance: Floats) -> NDArray[np.bool_]:
    """bool[n]: points of float64[dim, n] that are farther than `distance` from every one of float64[m, dim]."""
    far = np.ones(x.shape[1], dtype=bool)
    for place in taken:
        far &= (np.abs(x - place[:, None]) > distance[:, None]).any(axis=0)
    return far


def _neat(field: Field, x: Floats, reach: float = 1e-7) -> Floats:
    """A point with coordinates rounded, by at most `reach` of the box, to as few decimals as its value allows."""
    value = float(field.value(x[:, None])[0])
    for decimals in range(4, 12):
        near = np.round(x, decimals) + 0.0
        if np.abs(near - x).max() <= reach * field.span.max() and float(field.value(near[:, None])[0]) <= value:
            return near
    return x
