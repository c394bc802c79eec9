"""Cuts of the loss around trained weights: along a line or a plane, as numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.table import BACKENDS
from gdviz.errors import UsageError, nearest
from gdviz.objectives.directions import filter_normalised
from gdviz.objectives.plane import principal
from gdviz.runs.trained import Trained

Floats = NDArray[np.float64]

AIR = 0.1
"""Of the sides of a path in its plane: how much is shown beyond it on every side."""

SLENDER = 5.0
"""How many times longer than the other a side of the shown part may be at most."""

PARALLEL = 1e-9
"""How far the cosine of the angle between two directions may be from 1 for them to be one line."""

ROUNDED = 1e-12
"""How far off its plane a path lies, as a share of its reach, by rounding alone: then the plane holds all of it."""

LARGEST = 4001
"""Points of a side at most: 16 million values, 128 MB."""

Ends = tuple[int, int]
"""Which trained network: the number of its optimizer and of its run."""


@dataclasses.dataclass(frozen=True, eq=False)
class Cut:
    """The loss on a line or a plane through trained weights.

    plane: one of PLANES. u, v: float64[grid], v of a line [0.0]; z: float64[v, u], the loss of all samples of training
    with its penalties at centre + directions · (u, v). centre: float64[parameter]; directions:
    float64[parameter, direction], one of a line, two of a plane. explained: float64[2], the shares of the path's
    variance that the directions hold, None where they were not chosen by that. path: float64[record, 2], where the path
    of the training lies in the plane, None likewise; off: how far from the plane it comes at most, as a share of how
    far it comes from the centre, where 0 means that the plane shows all of it.
    """

    plane: str
    u: Floats
    v: Floats
    z: Floats
    centre: Floats
    directions: Floats
    explained: Floats | None = None
    path: Floats | None = None
    off: float | None = None

    @property
    def is_line(self) -> bool:
        """Whether it goes along one direction."""
        return self.directions.shape[1] == 1


class Frame(NamedTuple):
    """Where a cut goes, before any value is asked for; see Cut."""

    centre: Floats
    directions: Floats
    u: Floats
    v: Floats
    explained: Floats | None = None
    path: Floats | None = None
    off: float | None = None


class Asked(NamedTuple):
    """What a cut goes through: of a training the network `at`, and `to`, the other end of a line between two."""

    fit: Trained
    at: Ends
    to: Ends | None
    span: float
    grid: int
    seed: int

    def weights(self, end: Ends) -> Floats:
        """Those of a network, float64[parameter]. Raises UsageError for one that there is not, or has no weights."""
        count = self.fit.weights.shape[:2]
        if not all(0 <= number < most for number, most in zip(end, count, strict=True)):
            raise UsageError(
                f"there is no network of optimizer {end[0]} and run {end[1]}: optimizers go to {count[0] - 1}, runs to "
                f"{count[1] - 1}"
            )
        found = self.fit.weights[end].astype(np.float64)
        if not np.isfinite(found).all():
            raise UsageError(f"the weights of {self.fit.labels[end[0]]} are not finite; lower its rate")
        return found


def _chance(asked: Asked, count: int) -> tuple[Floats, Floats]:
    centre = asked.weights(asked.at)
    directions = filter_normalised(asked.fit.setting.architecture, centre, asked.seed, count)
    if not np.linalg.norm(directions, axis=0).all():
        raise UsageError("all weights are 0, so directions as long as they are have no length; train with another init")
    return centre, directions


def _random(asked: Asked) -> Frame:
    centre, directions = _chance(asked, 2)
    lengths = np.linalg.norm(directions, axis=0)
    if abs(directions[:, 0] @ directions[:, 1]) > (1 - PARALLEL) * lengths.prod():
        raise UsageError("so few weights have one direction only, and a plane needs two; choose plane line or pca")
    even = np.linspace(-asked.span, asked.span, asked.grid)
    return Frame(centre, directions, even, even)


def _line(asked: Asked) -> Frame:
    return Frame(*_chance(asked, 1), np.linspace(-asked.span, asked.span, asked.grid), np.zeros(1))


def _pca(asked: Asked) -> Frame:
    centre, way = asked.weights(asked.at), _way(asked)
    made = principal(asked.fit.setting.objective, centre, way)
    path = made.projected(way)
    low, high = path.min(axis=0), path.max(axis=0)
    sides = np.maximum(high - low, (high - low).max() / SLENDER)
    middle, half = (low + high) / 2, asked.span * (0.5 + AIR) * sides
    u, v = np.linspace(middle - half, middle + half, asked.grid).T.copy()
    far = float(np.linalg.norm(way - centre, axis=1).max())
    off = float(made.off(way).max()) / far
    return Frame(centre, made.directions, u, v, np.array(made.shares), path, off if off > ROUNDED else 0.0)


def _way(asked: Asked) -> Floats:
    """The path of the weights until it stopped, float64[record, parameter]."""
    fit, (optimizer, run) = asked.fit, asked.at
    if fit.path is None or run >= fit.path.shape[1]:
        raise UsageError("plane pca is that of the path, which was not kept; train with paths=True")
    if fit.path.shape[3] < 2:
        raise UsageError("plane pca needs two weights at least, and the model has one; choose plane line")
    kept = fit.path[optimizer, run, fit.t <= fit.stopped_at[optimizer, run]].astype(np.float64)
    kept = kept[np.isfinite(kept).all(axis=1)]
    if not np.ptp(kept, axis=0).any():
        raise UsageError("the weights do not move, so their path lies in no plane; choose plane random")
    return kept


def next_to(fit: Trained, at: Ends) -> Ends:
    """The other network that a line goes to where nobody names one: of another optimizer in the same run, else of
    another run. Raises UsageError where there is but one."""
    optimizers, runs = fit.weights.shape[:2]
    others = [(i, k) for i in range(optimizers) for k in range(runs) if (i, k) != at]
    if not others:
        raise UsageError("plane between goes from one network to another; train with two optimizers or two runs")
    return next((other for other in others if other[1] == at[1]), others[0])


def _between(asked: Asked) -> Frame:
    to = next_to(asked.fit, asked.at) if asked.to is None else asked.to
    centre = asked.weights(asked.at)
    apart = asked.weights(to) - centre
    if not apart.any():
        raise UsageError("the two networks have the same weights, so nothing lies between them")
    return Frame(centre, apart[:, None], np.linspace(-0.5 * asked.span, 1 + 0.5 * asked.span, asked.grid), np.zeros(1))


class Kind(NamedTuple):
    """Where a cut goes: what makes its frame, whether it needs the path, and whether it joins two networks."""

    frame: Callable[[Asked], Frame]
    follows: bool = False
    joins: bool = False


PLANES: Mapping[str, Kind] = {
    "random": Kind(_random),
    "pca": Kind(_pca, follows=True),
    "line": Kind(_line),
    "between": Kind(_between, joins=True),
}
"""Where cuts go, by their names."""


def slice(
    fit: Trained,
    plane: str = "random",
    span: float = 1.0,
    grid: int = 101,
    *,
    optimizer: int = 0,
    run: int = 0,
    to: Ends | None = None,
    seed: int | None = None,
) -> Cut:
    """The loss of all samples of training around the weights of a trained network, on a plane or a line through them.

    plane: "random", two directions by chance in which the incoming weights of every neuron move by as much as they are
    long, biases not at all; "line", one of these; "pca", the plane in which the path of the training varies most, for
    which it has to be trained with paths=True; "between", the line to another network. span: from -span to span of
    directions by chance; of pca 1 just holds the path; between networks at 0 and 1 half of it is shown beyond each.
    grid: points of each side. optimizer, run: which network, and `to`, (optimizer, run), the other one of "between", by
    default that of the next optimizer, else of the next run. seed: of the directions, by default that of the training.

    The points of a grid go through the network a few at a time. Raises UsageError where something does not fit. See Cut
    for what comes back.

    Source: Li et al. 2018, arXiv:1712.09913.
    """
    if not isinstance(fit, Trained):
        raise UsageError(f"a cut goes through what gdviz.train gave, not {type(fit).__name__}; pass its result")
    if plane not in PLANES:
        listed = f"; type one of {', '.join(PLANES)}"
        raise UsageError(f"there is no plane '{plane}'{nearest(plane, PLANES) or listed}")
    if not (np.isfinite(span) and span > 0):
        raise UsageError(f"span is {span}; type a number above 0")
    if not 2 <= grid <= LARGEST:
        raise UsageError(f"grid is {grid}; type a number from 2 to {LARGEST}")
    frame = PLANES[plane].frame(Asked(fit, (optimizer, run), to, span, grid, fit.recipe.seed if seed is None else seed))
    u, v = np.meshgrid(frame.u, frame.v)
    points = np.stack([u.ravel(), v.ravel()])[: frame.directions.shape[1]]
    with np.errstate(all="ignore"):
        z = BACKENDS[fit.recipe.backend].section(
            fit.setting.objective, frame.centre, frame.directions, points, fit.recipe.threads
        )
    if not np.isfinite(z).any():
        raise UsageError(f"the loss of {fit.labels[optimizer]} is finite nowhere on this plane; lower its rate")
    return Cut(plane=plane, z=z.reshape(u.shape), **frame._asdict())
