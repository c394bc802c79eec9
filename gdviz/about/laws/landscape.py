"""Laws of landscapes: finite, derivatives that agree with differences, minima that are minima."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.about.laws.verdict import POINTS, Verdict, told
from gdviz.objectives.landscape import Landscape
from gdviz.registry.definition import Definition

SEED = 7
STEP = 1e-5
"""Central differences over five points, h = STEP × (1 + |x|): rounding leaves 1e-11 f, waves of length 0.01 less."""
SHORT = 0.05
"""Share of the arm that is tried too: beside a cusp, where the slope grows without end, only a short one is right."""
GRADIENT_TOLERANCE = 1e-6
HESSIAN_TOLERANCE = 1e-5


def laws(definition: Definition) -> Iterator[Verdict]:
    """At random points of its domain, and at the minima that it states."""
    objective = Landscape(definition)
    domain = np.array(definition.domain() or [(-3.0, 3.0)] * objective.dim, dtype=np.float64)
    low, high = domain.T
    # float64[dim, POINTS], data units
    x = (low + (high - low) * np.random.default_rng(SEED).random((POINTS, len(domain)))).T
    f = objective.value(x)
    bad = np.flatnonzero(~np.isfinite(f))
    where = f"not at {told(x[:, bad[0]])}" if bad.size else f"{POINTS} random points, {f.min():.4g} to {f.max():.4g}"
    yield Verdict("finite on its domain", not bad.size, where)

    h = STEP * (1 + np.abs(x))
    near = np.zeros(POINTS, bool)
    # A kink closer than the difference's arm changes sign, or comes to zero, between its ends.
    for i in range(len(x)):
        for distance, lower, upper in zip(
            objective.kinks(x),
            objective.kinks(_moved(x, i, -3 * h)),
            objective.kinks(_moved(x, i, 3 * h)),
            strict=True,
        ):
            near |= (np.sign(lower) != np.sign(upper)) | (np.sign(distance) == 0)
    away = ~near & np.isfinite(f)
    gradient = objective.gradient(x)
    differences = [np.stack([_slope(objective.value, x, i, arm) for i in range(len(x))]) for arm in (h, SHORT * h)]
    yield _agreement(
        "gradient agrees with differences", gradient, differences, np.abs(f) + 1, x, away, GRADIENT_TOLERANCE
    )

    hessian = objective.hessian(x).reshape(-1, POINTS)
    slopes = [lambda x, i=i: objective.gradient(x)[i] for i in range(len(x))]  # type: ignore[misc]
    rows = [np.stack([_slope(slope, x, j, arm) for slope in slopes for j in range(len(x))]) for arm in (h, SHORT * h)]
    scale = np.abs(gradient).max(axis=0) + 1
    yield _agreement("Hessian agrees with differences", hessian, rows, scale, x, away, HESSIAN_TOLERANCE)
    yield from _minima_laws(objective, domain, float(f[np.isfinite(f)].min(initial=np.inf)))


def _minima_laws(objective: Landscape, domain: NDArray[np.float64], lowest: float) -> Iterator[Verdict]:
    minima = objective.definition.minima()
    for *coordinates, value in minima:
        at = np.array(coordinates, dtype=np.float64)[:, None]  # float64[dim, 1], as the functions take lanes
        found = float(objective.value(at)[0])
        close = bool(np.isclose(found, value, rtol=1e-9, atol=1e-12))
        yield Verdict(f"value at the minimum {told(at[:, 0])}", close, f"{found:.12g}, stated {value:.12g}")
        steep = float(np.abs(objective.gradient(at)).max())
        finding = f"largest component {steep:.2g}" if np.isfinite(steep) else "not finite"
        yield Verdict(f"gradient at the minimum {told(at[:, 0])}", steep <= 1e-6 * (1 + abs(found)), finding)
        arms = np.concatenate([1e-4 * np.eye(len(at)), -1e-4 * np.eye(len(at))], axis=1)
        around = objective.value(at + arms)
        lower = bool((around < found - 1e-12 * (1 + abs(found))).any())
        yield Verdict(f"nothing lower beside {told(at[:, 0])}", not lower, "1e-4 along each axis")
    if minima:
        best = min(float(m[-1]) for m in minima)
        holds = lowest >= best - 1e-9 * (1 + abs(best))
        yield Verdict("no random point below the minima", holds, f"lowest seen {lowest:.6g}, lowest stated {best:.6g}")
    if start := objective.definition.start():
        inside = all(low <= c <= high for c, (low, high) in zip(start, domain, strict=True))
        yield Verdict("the start lies in the domain", inside, told(np.array(start, dtype=np.float64)))


def _agreement(
    law: str,
    derived: NDArray[np.float64],
    differences: Sequence[NDArray[np.float64]],
    scale: NDArray[np.float64],
    x: NDArray[np.float64],
    away: NDArray[np.bool_],
    tolerance: float,
) -> Verdict:
    """Compare float64[entry, POINTS] with the nearer of several differences of that shape.

    An error counts relative to the entry plus `scale`, float64[POINTS].
    """
    errors = [(np.abs(derived - found) / (np.abs(derived) + scale)).max(axis=0) for found in differences]
    error = np.min(errors, axis=0)
    error = np.where(away, error, 0.0)
    worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    holds = bool(error[worst] <= tolerance)
    finding = f"largest relative error {error[worst]:.1e}"
    return Verdict(law, holds, finding if holds else f"{finding} at {told(x[:, worst])}")


def _slope(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    x: NDArray[np.float64],
    coordinate: int,
    h: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Differences of a function along one coordinate, float64[POINTS]."""
    near, far = (function(_moved(x, coordinate, k * h)) - function(_moved(x, coordinate, -k * h)) for k in (1, 2))
    return np.asarray((8 * near - far) / (12 * h[coordinate]))


def _moved(x: NDArray[np.float64], coordinate: int, arm: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = x.copy()
    moved[coordinate] += arm[coordinate]
    return moved
