"""What a landscape's formula alone tells: its stationary points, how steep they are, and the rate they allow.

Nothing here knows the facts of a definition but its domain: minima are found, not looked up.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.analyse.field import FLAT, Field, is_flat, is_lowest, ring
from gdviz.analyse.followed import Followed, Stationary, neat, rounded
from gdviz.analyse.grid import grid_of, sides_of, starts_of
from gdviz.analyse.heaps import lumped
from gdviz.analyse.kinks import crossings, low_points, lower, settle
from gdviz.analyse.lines import Line
from gdviz.analyse.newton import newton
from gdviz.analyse.turns import is_short
from gdviz.objectives.called import is_called
from gdviz.objectives.landscape import Landscape
from gdviz.registry.definition import Definition

Floats = NDArray[np.float64]

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
class Survey:
    """The stationary points of a box: isolated ones, lowest first, lines of them, and in words what is left out."""

    points: tuple[Stationary, ...]
    lines: tuple[Line, ...]
    gaps: tuple[str, ...]


def survey(
    definition: Definition,
    constants: Mapping[str, float] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
) -> Survey:
    """The stationary points of a landscape inside a box.

    constants: those that differ from the definition's; domain: by default the definition's own, else -3 to 3.
    Smooth points of every kind are found by a damped Newton's method on the gradient with the derived Hessian, from
    every grid cell in which all slopes change sign and from a coarser grid of starts. Of the points at which the
    gradient jumps only minima are looked for. Of two coordinates, points that are not isolated are followed along their
    line. Flat regions, where every point is stationary, are left out, which the gaps say.
    """
    box = domain or definition.domain() or ((-3.0, 3.0),) * definition.size()
    low, high = np.array(box, dtype=np.float64).T
    field = Field(Landscape(definition, len(low), constants or {}), low, high)
    with np.errstate(all="ignore"):
        sides, coarse = sides_of(field)
        grid, values = grid_of(field, sides)
        finite = values[np.isfinite(values)]
        field = dataclasses.replace(
            field, size=float(np.median(np.abs(finite - np.median(finite)))) if len(finite) else 0
        )
        starts, idle, many = starts_of(field, grid, sides)
        points, flat = _described(field, _smooth(field, starts))
        points = lumped(field, points)
        followed = Followed(field)
        points = followed.isolated(points)
        smooth = len(followed.walks)
        kinks, unlooked = _sharp(field, values, grid, points, followed)
        points = _thinned(field, followed.alone(points, smooth) + kinks)
    gaps = [coarse, many, unlooked, *followed.gaps]
    if any("long" in walk.ends for walk in followed.walks):
        gaps.append("a line of stationary points goes on beyond where following it was given up")
    if flat or followed.regions or idle:
        gaps.append("flat regions, where every point is stationary to rounding, are not listed")
    if not (any(gaps) or followed.walks) and is_short(field, points):
        gaps.append(
            "the slopes along the rim of the box tell of a point that is missing: a stationary one, one at a kink, or "
            "one where the formula has no value"
        )
    ordered = sorted(points, key=lambda point: (point.value, KINDS.index(point.kind), point.x))
    lines = sorted(followed.lines, key=lambda line: (line.value, KINDS.index(line.kind)))
    return Survey(tuple(ordered), tuple(lines), tuple(filter(None, gaps)))


def stationary(
    definition: Definition,
    constants: Mapping[str, float] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
) -> list[Stationary]:
    """The isolated stationary points of a landscape inside a box, lowest first; see `survey`."""
    return list(survey(definition, constants, domain).points)


def minima(
    definition: Definition,
    constants: Mapping[str, float] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
) -> Floats:
    """float64[n, dim + 1] of coordinates and value: the isolated local minima in a box, kinks included, lowest first.

    None of a function that is called point by point: looking for them would call it some ten thousand times.
    """
    known = [] if is_called(definition) else stationary(definition, constants, domain)
    found = [(*point.x, point.value) for point in known if point.lowest]
    dimension = len(domain) if domain else definition.size()
    return np.array(found, dtype=np.float64).reshape(len(found), dimension + 1)


def _smooth(field: Field, starts: Floats) -> Floats:
    """Where Newton's method ends and the gradient is continuous, float64[dim, n]; of lines a choice of points."""
    x = newton(field.gradient, field.hessian, starts, field.span)
    slack = 1e-9 * field.span
    inside = ((x >= (field.low - slack)[:, None]) & (x <= (field.high + slack)[:, None])).all(axis=0)
    x = _tidy(field, _merge(x[:, inside], field.span))
    x = x[:, _even(field, x)]
    eigenvalues = np.abs(np.linalg.eigvalsh(field.scaled_hessian(x)))
    loose = eigenvalues.min(axis=1) <= DEGENERATE * eigenvalues.max(axis=1)
    # Along a line of stationary points Newton's method ends everywhere: thousands of them, of which some are enough.
    return np.concatenate([x[:, ~loose], _merge(x[:, loose], field.span, THIN / 2)], axis=1)


def _even(field: Field, x: Floats) -> NDArray[np.bool_]:
    """Whether the gradient is continuous at each point: across it, it changes by far less than a hundred arms away.

    So it is where a kink passes that has no jump, as in |x|³, and it is not at the tip of a cone.
    """
    jump, near, far = np.zeros((3, *x.shape))  # [coordinate of the gradient, point]
    arm = 1e-6 * field.span[:, None]
    for direction in (*np.eye(len(x)), np.ones(len(x)), (-1.0) ** np.arange(len(x))):
        ahead, behind, away, beyond = (
            field.gradient(x + share * arm * direction[:, None]) for share in (1.0, -1.0, 100.0, 10_000.0)
        )
        jump = np.fmax(jump, np.abs(ahead - behind))
        near = np.fmax(near, np.abs(away))
        far = np.fmax(far, np.abs(beyond))
    return np.asarray(((jump <= 0.1 * near) | (jump <= 1e-11 * far.max(axis=0))).all(axis=0))


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
    """Points with coordinates that rounding alone keeps off a number of ten digits put onto it."""
    unit = field.span[:, None]
    decimals = 10 - np.ceil(np.log10(field.span)).astype(int)
    near = np.stack([np.round(row, d) + 0.0 for row, d in zip(x, decimals.tolist(), strict=True)])
    near = np.where(np.abs(near - x) <= 1e-4 * 10.0 ** -decimals[:, None], near, x)
    x = x.copy()
    for part in (slice(None), *range(len(x))):
        tried = x.copy()
        tried[part] = near[part]
        better = np.abs(unit * field.gradient(tried)).max(axis=0) <= np.abs(unit * field.gradient(x)).max(axis=0)
        x = np.where(better, tried, x)
    return x


def _described(field: Field, x: Floats) -> tuple[list[Stationary], bool]:
    """Kinds and eigenvalues of smooth stationary points float64[dim, n]; whether any of flat regions were left out."""
    value = field.value(x)
    usable = np.isfinite(value)
    flat = is_flat(field, x, value)
    x, value = x[:, usable & ~flat], value[usable & ~flat]
    hessian = field.scaled_hessian(x)
    hessian, x = _settled(field, x, hessian)
    loose = _is_loose(field, x, value, hessian)
    scaled = np.linalg.eigvalsh(hessian)
    lowest = np.where(loose, is_lowest(field, x, value), ~(scaled < 0).any(axis=1))
    eigenvalues = np.linalg.eigvalsh(hessian / np.outer(field.span, field.span))
    found = []
    for i, point in enumerate(x.T):
        below = int((scaled[i] < 0).sum())
        kind = "minimum" if not below else "maximum" if below == len(x) else "saddle"
        if loose[i]:
            kind = "degenerate"
            if lowest[i]:  # Newton's method comes near only, where f rises with a high power
                point = neat(field, point, 1e-5)
                value[i] = field.value(point[:, None])[0]
        ends = tuple(map(float, eigenvalues[i]))
        found.append(Stationary(tuple(map(float, point)), float(value[i]), kind, ends, lowest=bool(lowest[i])))
    return found, bool((flat & usable).any())


def _is_loose(field: Field, x: Floats, value: Floats, hessian: Floats) -> NDArray[np.bool_]:
    """Whether an eigenvalue of the Hessians float64[n, dim, dim], in shares of the box, is 0 to rounding."""
    eigenvalues = np.abs(np.linalg.eigvalsh(hessian))
    sizes = eigenvalues.max(axis=1)
    rise = np.nanmax(np.abs(ring(field, x, 1e-2) - value[:, None]), axis=1, initial=0.0)
    even = 2 * rise / 1e-2**2  # the size if f rose evenly from the points to the rings around
    return np.asarray((sizes == 0) | (eigenvalues.min(axis=1) <= DEGENERATE * sizes) | (sizes <= 1e-7 * even))


def _settled(field: Field, x: Floats, hessian: Floats) -> tuple[Floats, Floats]:
    """Hessians in shares of the box, and points, where rounding spoils the formula's own, as that of sin(x)/x at 0.

    The mean over opposite neighbours, at two distances, tells what it is at the point, if f is smooth there.
    """
    around, beyond = (_neighbours(field, x, radius) for radius in (1e-3, 2e-3))
    near, far = around.mean(axis=1), beyond.mean(axis=1)
    limit, error = (4 * near - far) / 3, np.abs(far - near).max(axis=(1, 2))
    sizes = np.abs(limit).max(axis=(1, 2))
    even = np.abs(around - limit[:, None]).max(axis=(1, 2, 3)) <= 0.2 * sizes
    spoiled = even & ~(np.abs(hessian - limit).max(axis=(1, 2)) <= 10 * error + 1e-6 * sizes)
    x = x.copy()
    for i in np.flatnonzero(spoiled):
        x[:, i] = rounded(field, x[:, i], 1e-6)
    return np.where(spoiled[:, None, None], limit, hessian), x


def _neighbours(field: Field, x: Floats, radius: float) -> Floats:
    """Hessians around points float64[dim, n], in opposite pairs and shares of the box: float64[n, way, dim, dim].

    No way is along a coordinate: there the formula may be as spoiled as at the point itself.
    """
    dimension = len(x)
    if dimension == 2:
        angles = 0.4 + np.arange(4) * np.pi / 4
        ways = np.stack([np.cos(angles), np.sin(angles)])
    else:
        ways = np.linalg.qr(np.random.default_rng(7).normal(size=(dimension, dimension)))[0]
    ways = np.concatenate([ways, -ways], axis=1)
    moved = x[:, :, None] + radius * field.span[:, None, None] * ways[:, None, :]
    found = field.scaled_hessian(moved.reshape(dimension, -1))
    return np.asarray(found.reshape(x.shape[1], ways.shape[1], dimension, dimension))


def _sharp(
    field: Field, values: Floats, grid: Floats, smooth: list[Stationary], followed: Followed
) -> tuple[list[Stationary], str]:
    """Minima that Newton's method did not end in: at kinks and tips of cones; in words, what was not looked at."""
    dimension = len(grid)
    if dimension == 2:  # where kinks run along a valley, few grid points are the lowest around them
        on = crossings(field.kinks, grid)
        on = on[:, ((on >= field.low[:, None]) & (on <= field.high[:, None])).all(axis=0)]
        for place in on[:, is_lowest(field, on, field.value(on))].T:
            if followed.beside(place[:, None])[0] and not followed.along_kink(place):
                break
    if values.ndim == dimension:
        starts = grid.reshape(dimension, -1)[:, low_points(values, field.size)]
        radius = field.span / (np.array(values.shape) - 1)
    else:
        if not len(field.kinks(grid[:, :1])):
            return [], ""
        starts = grid[:, np.argsort(values)[:100]]
        radius = field.span / 20
    taken = np.array([point.x for point in smooth if point.lowest]).reshape(-1, dimension)
    starts = starts[:, _apart(starts, taken, 3 * radius) & followed.beside(starts)]
    x = lower(field.value, starts, radius)
    x = x[:, _apart(x, taken, 1e-5 * field.span) & followed.beside(x)]
    kept: list[Stationary] = []
    x = _merge(x[:, np.argsort(field.value(x))], field.span, 2e-4)
    vain = looked = 0
    while x.shape[1] and vain < IN_VAIN and looked < MOST:
        place = neat(field, settle(field.value, field.kinks, x[:, 0], field.span))
        x, looked, vain = x[:, 1:], looked + 1, vain + 1
        value = field.value(place[:, None])
        known = np.array([point.x for point in (*smooth, *kept)]).reshape(-1, dimension)
        inside = bool(((place >= field.low) & (place <= field.high)).all())
        lone = place[:, None]
        if not inside or not (_apart(lone, known, 1e-5 * field.span) & followed.beside(lone))[0]:
            continue
        if _even(field, lone)[0]:
            if not followed.gaps and not is_flat(field, lone, value)[0] and is_lowest(field, lone, value)[0]:
                told = ", ".join(f"{c:.3g}" for c in place)
                followed.gaps.append(f"around ({told}) the ground is too level to tell where its lowest point is")
            continue
        if np.isfinite(value[0]) and not is_flat(field, lone, value)[0] and is_lowest(field, lone, value)[0]:
            if followed.along_kink(place):
                x = x[:, followed.beside(x)]
            else:
                kept.append(Stationary(tuple(map(float, place)), float(value[0]), "minimum", (), True, True))
            vain = 0
    kinked = x.shape[1] and len(field.kinks(grid.reshape(dimension, -1)[:, :1]))
    return kept, "minima at kinks were looked for in the lowest places only" if kinked else ""


def _thinned(field: Field, points: list[Stationary]) -> list[Stationary]:
    """Of degenerate points and kinks that are close and equally high, as on a line of them, one each."""
    loose = sorted((p for p in points if p.kind == "degenerate" or p.kink), key=lambda p: p.value)
    kept = [p for p in points if not (p.kind == "degenerate" or p.kink)]
    chosen: list[Stationary] = []
    for point in loose:
        twins = [p for p in chosen if abs(p.value - point.value) <= FLAT * (field.size + abs(point.value))]
        places = np.array([p.x for p in twins]).reshape(-1, len(field.span))
        if _apart(np.array(point.x)[:, None], places, (0.4 if point.kink else 1.0) * THIN * field.span)[0]:
            chosen.append(point)
    return kept + chosen


def _apart(x: Floats, taken: Floats, distance: Floats) -> NDArray[np.bool_]:
    """bool[n]: points of float64[dim, n] that are farther than `distance` from every one of float64[m, dim]."""
    far = np.ones(x.shape[1], dtype=bool)
    for place in taken:
        far &= (np.abs(x - place[:, None]) > distance[:, None]).any(axis=0)
    return far
