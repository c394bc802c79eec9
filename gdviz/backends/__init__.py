"""What runs a Plan. Every backend answers the same `Paths` for the same plan."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

STATUSES = ("running", "converged", "diverged")
"""Codes 0, 1, 2 of `Paths.status`."""


@dataclasses.dataclass(frozen=True, eq=False)
class Paths:
    """What one plan's trajectories were.

    x: dtype[lane, record, dim], data units, repeated after stopping; f: dtype[lane, record], the value at x;
    status: int8[lane], see STATUSES; stopped_at: int64[lane], the step of the last move (`steps` if it never stopped);
    evals: int64[lane, record], evaluations spent until that record: a value, a gradient, or both at one point count 1,
    a Hessian counts dim. Where differences stand in for a gradient, each value they take counts. followed:
    dtype[schedule, lane, record], hyperparameters that follow the loss in the order of the plan's schedules, as they
    were in the step that led to the record, repeated after stopping, or None; stepped: int64[lane, record], the
    step that each record stands at, where these are not the plan's records.
    """

    x: NDArray[np.floating]
    f: NDArray[np.floating]
    status: NDArray[np.int8]
    stopped_at: NDArray[np.int64]
    evals: NDArray[np.int64]
    followed: NDArray[np.floating] | None = None
    stepped: NDArray[np.int64] | None = None
