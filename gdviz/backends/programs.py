"""The loop over trajectories one by one, for rules that call the landscape back, each as often as it needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np

from gdviz.backends import tracking
from gdviz.backends.passes import AFTER, ASKED, BEGINS, begin_rows, keep_rows
from gdviz.backends.records import compiled
from gdviz.compiling import inner


@lru_cache(maxsize=4)
def signatures(dtype: str) -> dict[str, Any]:
    """Of a landscape's functions of a point and of a program."""
    real, whole = numba.from_dtype(np.dtype(dtype)), numba.types.int64
    row, table = numba.types.Array(real, 1, "C"), numba.types.Array(real, 2, "C")
    counter = draw = numba.types.Array(whole, 1, "C")
    point = {
        "value_of": real(row, row, draw),
        "both_of": real(row, row, row, draw),
        "hessian_of": numba.types.void(row, row, table, draw),
    }
    functions = (numba.types.FunctionType(signature) for signature in point.values())
    return {**point, "program": real(*functions, row, row, table, row, row, draw, whole, counter, row, row)}


class Rule(NamedTuple):
    """What a step is made of: compiled functions of the objective at one point, and the program itself, which is handed
    those; batched: whether batches are drawn, so that no point is known in the next step; note: what follows runs, see
    gdviz.backends.tracking."""

    value_of: Any
    both_of: Any
    hessian_of: Any
    program: Any
    batched: bool
    note: Any


class Options(NamedTuple):
    """What runs begin with: h, dtype[run, hyperparameter]; initial, dtype[run, state, widest]; the hyperparameters
    places, int64[m], follow spread, dtype[steps, cell], each run its cells, int64[m, run]."""

    h: Any
    initial: Any
    spread: Any
    places: Any
    cells: Any


def descend(rule, given, ends, follow, runs, results, evals, scratch, first, last):
    """Run trajectories first … last - 1 to their end; evals, int64[run, record], are counted as they are spent;
    scratch: the tile of one lane as which trackers see a run, see gdviz.backends.tracking.Rows."""
    value_of, both_of, hessian_of, program, batched, note = rule
    h, initial, spread, places, cells = given
    guarded, asks_value, asks_slope, box, tol = ends
    start, c, steps, records, seed, numbers, cancel, _ = runs
    xs, fs, statuses, stops, lefts, _, _ = results
    begins, after, every, _, real_rows, whole_rows, real, whole, kept_real, kept_whole = follow
    W, N, told, alive, statuses_seen, stops_seen = scratch
    dim = start.shape[1]
    moved = np.empty(dim, start.dtype)
    x = np.empty(dim, start.dtype)
    x0 = np.empty(dim, start.dtype)
    seen = np.empty(dim, start.dtype)
    spent = np.zeros(1, np.int64)
    options = np.empty(h.shape[1], h.dtype)
    draw = np.zeros(3, np.int64)
    draw[0] = seed
    for run in range(first, last):
        draw[2] = numbers[run]
        x[:] = start[run]
        x0[:] = x
        options[:] = h[run]
        state = initial[run].copy()
        status = 0
        stopped = steps
        left = -1
        away = False  # whether it is outside the guard
        begun = value_of(x, c, draw)
        if guarded and not np.isfinite(begun):
            status = 3
            stopped = 0
        spent[0] = 0
        seen[:] = np.nan
        begin_rows(W, real_rows, real, 1)
        begin_rows(N, whole_rows, whole, 1)
        made = 0  # steps that were begun
        k = 0
        # What holds at the last point is known only once the step from there is made.
        for t in range(steps + 2):
            if cancel[0] != 0:
                return
            if t > steps and not (status == 0 and (tol > 0 or asks_slope or away)):
                break
            if t > 0 and status == 0:
                if t <= steps:
                    for i in range(places.shape[0]):
                        options[places[i]] = spread[t - 1, cells[i, run]]
                before = spent[0]
                if batched:
                    seen[:] = np.nan
                draw[1] = t
                slope = program(
                    value_of, both_of, hessian_of, x, x0, state, options, c, draw, steps, spent, seen, moved
                )
                if begins:
                    W[2 * dim] = value_of(x, c, draw)
                draw[1] = 0
                if np.isnan(slope) and (asks_slope or away):
                    status = 2 if away else 3
                elif tol > 0 and slope < tol:
                    status = 1
                if status != 0:
                    stopped = t - 1
                if begins:
                    _stand(alive, statuses_seen, stops_seen, status, stopped)
                    if note(W, N, told, BEGINS, t - 1, t - 1) > 0:
                        status = 2
                        stopped = t - 1
                made = t
                if status != 0 or t > steps:
                    spent[0] = before
                else:
                    sound = True
                    if guarded:
                        for d in range(dim):
                            sound &= np.isfinite(moved[d])
                    if sound:
                        x[:] = moved
                        if guarded:
                            away = False
                            near = True
                            for d in range(dim):
                                away |= not (abs(x[d] - box[d]) <= box[dim + d])
                                near &= abs(x[d] - box[d]) <= box[2 * dim + d]
                            if away or asks_value:
                                f = value_of(x, c, draw)
                                if away and not (near and np.isfinite(f) and f <= begun):
                                    status = 2
                                elif away and left < 0:
                                    left = t
                                elif not away and not np.isfinite(f):
                                    status = 3
                    else:
                        status = 2 if away else 3
                    if status != 0:
                        stopped = t
            if t > steps:
                break
            asked = every > 0 and (t % every == 0 or t == steps)
            if after and (asked or made == t):
                W[:dim] = x
                if asked:
                    W[2 * dim] = value_of(x, c, draw)
                _stand(alive, statuses_seen, stops_seen, status, stopped)
                when = ASKED if asked else AFTER
                note(W, N, told, when, t, t)
            if records[k] == t:
                for d in range(dim):
                    xs[run, k, d] = x[d]
                fs[run, k] = value_of(x, c, draw)
                evals[run, k] = spent[0]
                k += 1
        if begins and made <= steps:
            _stand(alive, statuses_seen, stops_seen, status, stopped)
            note(W, N, told, BEGINS, made, steps)
        keep_rows(W, real_rows, kept_real, 1, run, 1)
        keep_rows(N, whole_rows, kept_whole, 1, run, 1)
        statuses[run] = status
        stops[run] = stopped
        lefts[run] = left
        if status == 3:
            for later in range(records.shape[0]):
                if records[later] >= stopped:
                    fs[run, later] = np.nan


@inner
def _stand(alive, statuses, stops, status, stopped):
    """Tell trackers how the run stands."""
    alive[0] = status == 0
    statuses[0] = status
    stops[0] = stopped


def driver(dtype: str, *records: Any) -> Callable[..., None]:
    """`descend`, compiled for records and arrays like these."""
    return compiled(descend, {**signatures(dtype), "note": tracking.signature(dtype)}, *records, 0, 0, makes=True)
