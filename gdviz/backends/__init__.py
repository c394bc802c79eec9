"""What runs a Plan. Every backend answers the same `Paths` for the same plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STATUSES = ("unfinished", "converged", "diverged", "undefined")
"""Codes 0 … 3 of `Paths.status`. Unfinished: all steps were made and none stopped it, or the rule gave up. Converged:
the gradient is shorter than `tol`, or the rule had nothing left to do. Undefined: value, gradient or step was not
finite while the run was inside the guard. Diverged: not finite outside it, higher than at the start outside it, or
beyond the far guard. What a run is depends on neither `every` nor on whether one more step was asked."""

LOST = ("diverged", "undefined")
"""How runs end that count last wherever rates are compared."""


@dataclasses.dataclass(frozen=True, eq=False)
class Paths:
    """What one plan's trajectories were.

    x: dtype[lane, record, dim], data units, repeated after stopping; f: dtype[lane, record], the value at x, and NaN in
    all records of an undefined run from `stopped_at` on; status: int8[lane], see STATUSES; stopped_at: int64[lane],
    the step at which it stopped (`steps` if it never did): that of the last move, or of the first that is undefined,
    where x is still the last finite one. left_at: int64[lane], the first step outside the guard at which a run went on
    because it was no higher than at the start, -1 where there is none;
    evals: int64[lane, record], evaluations spent until that record: a value, a gradient, or both at one point count 1,
    a Hessian counts dim. Where differences stand in for a gradient, each value they take counts. followed:
    dtype[schedule, lane, record], hyperparameters that follow the loss in the order of the plan's schedules, as they
    were in the step that led to the record, repeated after stopping, or None; stepped: int64[lane, record], the
    step that each record stands at, where these are not the plan's records. states: the rule's states that were asked
    for, dtype[lane, record, dim] or, one number per run, dtype[lane, record], as the step that led to the record left
    them, NaN at the start and after stopping. tracked: what trackers answer, by name, [lane] each, see
    gdviz.backends.trackers.
    """

    x: NDArray[np.floating]
    f: NDArray[np.floating]
    status: NDArray[np.int8]
    stopped_at: NDArray[np.int64]
    left_at: NDArray[np.int64]
    evals: NDArray[np.int64]
    followed: NDArray[np.floating] | None = None
    stepped: NDArray[np.int64] | None = None
    states: Mapping[str, NDArray[np.floating]] = dataclasses.field(default_factory=dict)
    tracked: Mapping[str, NDArray[Any]] = dataclasses.field(default_factory=dict)
