"""Newton's method on the gradient, for many starts at once: it ends at stationary points of every kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ITERATIONS = 90
"""Newton's method gains a digit in six steps even where f grows with the fourth power, so these reach 1e-15."""


def newton(
    gradient: Callable[[Floats], Floats], hessian: Callable[[Floats], Floats], x: Floats, span: Floats
) -> Floats:
    """Points float64[dim, n] near `x` at which the gradient vanishes; starts from which none is reached are left out.

    A step is cut to a quarter of the box and halved until the gradient gets shorter. Convergence is told by the length
    of the step, not of the gradient: on a plateau the gradient is short, but the next stationary point is far.
    """
    done: list[Floats] = []
    g = gradient(x)
    unit = span[:, None]
    for _ in range(ITERATIONS):
        usable = np.isfinite(g).all(axis=0)
        x, g = x[:, usable], g[:, usable]
        h = hessian(x)
        usable = np.isfinite(h * np.outer(span, span)).all(axis=(1, 2))
        x, g, h = x[:, usable], g[:, usable], h[usable]
        if not x.shape[1]:
            break
        step, rest = _newton_step(h, g, span)
        relative = np.abs(step / unit).max(axis=0)
        arrived = relative <= 4e-16 * (1 + np.abs(x / unit).max(axis=0))
        arrived |= (g == 0).all(axis=0)
        done.append(x[:, arrived & rest])
        x, g, step = x[:, ~arrived], g[:, ~arrived], step[:, ~arrived]
        relative, rest = relative[~arrived], rest[~arrived]
        step = step * np.minimum(1.0, 0.25 / np.maximum(relative, 1e-300))
        size = np.linalg.norm(unit * g, axis=0)
        moved, slope = x.copy(), g.copy()
        open_ = np.ones(x.shape[1], dtype=bool)
        for factor in (1.0, 0.5, 0.2, 0.05, 0.01):
            tried = x[:, open_] + factor * step[:, open_]
            new = gradient(tried)
            better = np.linalg.norm(unit * new, axis=0) < size[open_]
            lanes = np.flatnonzero(open_)[better]
            moved[:, lanes], slope[:, lanes] = tried[:, better], new[:, better]
            open_[lanes] = False
            if not open_.any():
                break
        # Where no step helps, rounding hides the rest of the way, or there is no point to reach.
        near = open_ & (relative <= 1e-8) & rest
        done.append(x[:, near])
        gone = (np.abs((moved - x) / unit).max(axis=0) == 0) | (np.abs(moved / unit).max(axis=0) > 1e6)
        x, g = moved[:, ~(open_ | gone)], slope[:, ~(open_ | gone)]
    else:
        step, rest = _newton_step(hessian(x), g, span)
        done.append(x[:, (np.abs(step / unit).max(axis=0) <= 1e-8) & rest])
    return np.concatenate([*done, np.empty((len(span), 0))], axis=1)


def _newton_step(h: Floats, g: Floats, span: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """-H⁻¹ g, float64[dim, lane], and whether g is short along directions in which H is 0 to rounding, bool[lane].

    Both are measured in shares of the box, so that units of the coordinates do not matter.
    """
    values, vectors = np.linalg.eigh(h * np.outer(span, span))
    along = np.einsum("lij,il->lj", vectors, g * span[:, None])
    largest = np.abs(values).max(axis=1)
    weak = np.abs(values) <= 1e-16 * largest[:, None]
    step = -np.einsum("lij,lj->il", vectors, np.where(weak, 0.0, along / np.where(weak, 1.0, values)))
    rest = np.linalg.norm(np.where(weak, along, 0.0), axis=1)
    return step * span[:, None], rest <= 1e-9 * largest
