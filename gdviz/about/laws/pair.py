"""What activations and losses have to keep alike: their values and slopes, float64[z, point], are tried at points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.about.laws.verdict import Verdict, told
from gdviz.objectives.pairs import Pair

Floats = NDArray[np.float64]

STEP = 1e-3
"""Arm of central differences over five points: rounding leaves 1e-10 where z is 1,000."""
TOLERANCE = 1e-7
"""Of a slope beside differences, relative to it, to 1, and to a millionth of the value, which rounding leaves."""


def finite(made: Pair, z: Floats, y: Floats | None = None) -> Verdict:
    """Whether value and slopes are finite numbers, in float32 as well."""
    for dtype in ("float64", "float32"):
        answers = [np.broadcast_to(part, z.shape) for part in _asked(made, z, y, dtype)]
        bad = np.flatnonzero(~np.isfinite(answers).all(axis=(0, 1)))
        if bad.size:
            return Verdict("finite far out", False, f"not at {told(z[:, bad[0]])} in {dtype}")
    return Verdict("finite far out", True, f"z from {z.min():.4g} to {z.max():.4g}, in float32 as well")


def agreement(made: Pair, z: Floats, y: Floats | None = None) -> Verdict:
    """Whether slopes agree with differences wherever no kink is near."""
    value, slopes = _asked(made, z, y)
    errors = []
    for i, slope in enumerate(np.atleast_2d(slopes)):
        arm = np.zeros_like(z)
        arm[i] = STEP
        near, far = (_asked(made, z + k * arm, y)[0] - _asked(made, z - k * arm, y)[0] for k in (1, 2))
        found = (8 * near - far) / (12 * STEP)
        error = np.abs(slope - found) / (1 + np.abs(slope) + 1e-6 * np.abs(value))
        errors.append(np.where(_kinked(made, z - 3 * arm, z + 3 * arm, y), 0.0, error))
    error = np.max(errors, axis=0)
    worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    holds = bool(error[worst] <= TOLERANCE)
    finding = f"largest relative error {error[worst]:.1e}"
    return Verdict("slope agrees with differences", holds, finding if holds else f"{finding} at {told(z[:, worst])}")


def _asked(made: Pair, z: Floats, y: Floats | None, dtype: str = "float64") -> tuple[Any, Any]:
    return made.python(dtype)(z if made.definition.variadic else z[0], y)


def _kinked(made: Pair, low: Floats, high: Floats, y: Floats | None) -> NDArray[np.bool_]:
    """Whether a kink of the formula lies between two points."""
    targets = [y] * bool(made.definition.targets)
    ends = (made.derived.kink_distances(*point, *targets) for point in (low, high))
    found = np.zeros(low.shape[1], bool)
    for lower, upper in zip(*ends, strict=True):
        found |= np.sign(lower) != np.sign(upper)
    return found
