"""The loop over tiles, joined with any objective and any step rule by the functions it is handed.

All steps of a tile are done before the next tile begins, so that its rows stay in the nearest cache. Guard, stopping
and recording are passes over the same rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numba
import numpy as np

from gdviz.backends import flags
from gdviz.backends.kernels import alter_signature, signatures

# A row is sliced out before the loop over it: of an index that might be negative Numba takes the remainder in every
# turn, and then nothing vectorises.


@flags.inner
def row(W, index, lanes):
    """One row of a tile, dtype[lanes]."""
    return W[index * lanes : (index + 1) * lanes]


@flags.inner
def frozen(W, alive, x, before, dim, lanes):
    """Put stopped lanes back where they were: by selection, so that no lane takes another way through the loop."""
    for d in range(dim):
        now, then = row(W, x + d, lanes), row(W, before + d, lanes)
        for j in range(now.size):
            now[j] = now[j] if alive[j] > 0 else then[j]


@flags.inner
def keep_shown(W, alive, point, x, shown, guarded, dim, lanes):
    """Copy what is to be recorded of running lanes, but for guarded ones where it or x is not finite."""
    for j in range(lanes):
        sound = True
        for d in range(dim):
            sound &= np.isfinite(W[(point + d) * lanes + j]) & np.isfinite(W[(x + d) * lanes + j])
        if alive[j] > 0 and (sound or not guarded):
            for d in range(dim):
                W[(shown + d) * lanes + j] = W[(point + d) * lanes + j]


@flags.inner
def any_outside(W, alive, box, x, dim, lanes):
    """Whether a running lane is not finite or outside the box; `step` asks all lanes, also those that have stopped."""
    found = False
    for d in range(dim):
        c, r = box[d], box[dim + d]
        now = row(W, x + d, lanes)
        for j in range(now.size):
            found |= (not (abs(now[j] - c) <= r)) & (alive[j] > 0)
    return found


@flags.inner
def stop_lost(W, alive, status, box, x, before, dim, lanes, t, stopped):
    """Stop lanes that are not finite, which stay where they were, or outside the box, which stay where they are."""
    count = 0
    for j in range(lanes):
        if alive[j] > 0:
            finite = True
            outside = False
            for d in range(dim):
                v = W[(x + d) * lanes + j]
                finite &= np.isfinite(v)
                outside |= not (abs(v - box[d]) <= box[dim + d])
            if outside:
                status[j] = 2
                stopped[j] = t
                alive[j] = 0
                count += 1
                if not finite:
                    for d in range(dim):
                        W[(x + d) * lanes + j] = W[(before + d) * lanes + j]
    return count


@flags.inner
def stop_arrived(W, alive, status, norms, tol, dim, lanes, t, stopped):
    """Stop lanes whose gradient is shorter than tol; the step that follows does not move them."""
    for d in range(dim):
        g = row(W, dim + d, lanes)
        for j in range(g.size):
            norms[j] = g[j] * g[j] if d == 0 else norms[j] + g[j] * g[j]
    count = 0
    for j in range(lanes):
        if alive[j] > 0 and np.sqrt(norms[j]) < tol:
            status[j] = 1
            stopped[j] = t - 1
            alive[j] = 0
            count += 1
    return count


def descend(
    value, gradient, look, step, show, looks, shows, alter, beside, pace,
    W, c, h, p, initial, copies, varied, rows,
    start, guarded, box, tol, steps, records,
    first, last, lanes, xs, fs, statuses, stops, cancel, products, seed, numbers,
    timed, places, spread, targets, untils, cells, watched, followed,
):  # fmt: skip
    """Run tiles first … last - 1 to their end.

    value, gradient: of the objective; look, step, show: of the rule, `looks` and `shows` say whether they are one.
    W: dtype[row * lanes], the tile; c: dtype[constant]; h, p: see gdviz.emit.step; initial: dtype[row], what rows hold
    before the first step; copies: int64[n, 2], rows filled from `varied`, dtype[n, run]; rows: int64[4], first rows of
    x, of x before the step (-1 where no lane can stop), of x0 or -1, and of the point to record. start:
    dtype[run, dim]; guarded: whether lanes that leave the box stop; box: dtype[2 * dim], centre and reach;
    records: int64[record].
    Results: xs dtype[run, record, dim], fs dtype[run, record], statuses int8[run], stops int64[run].
    cancel: int8[1], not 0 when the caller wants no more.
    alter, beside: change the gradient before the step and x after it, both or neither None; products: dtype[product],
    seed and numbers, int64[run], are what they read (gdviz.emit.transform).
    Hyperparameters that follow schedules. timed: dtype[steps, n], the values of h[places]; spread: dtype[steps, cell],
    of the rows targets, int64[m], until step untils, int64[m]; cells: int64[m, run], the cell of each run. pace: fills
    the rows that follow the loss (gdviz.emit.schedule), or None; watched: int64[k], these rows, whose values at records
    go to followed, dtype[k, run, record].
    """
    runs, dim = start.shape
    x, before, x0, shown = rows[0], rows[1], rows[2], rows[3]
    alive = np.empty(lanes, W.dtype)
    norms = np.empty(lanes, W.dtype)
    status = np.empty(lanes, np.int8)
    stopped = np.empty(lanes, np.int64)
    streams = np.empty(lanes, np.int64)
    latest = np.empty((watched.shape[0], lanes), W.dtype)
    for tile in range(first, last):
        base = tile * lanes
        count = min(lanes, runs - base)  # lanes beyond the last run repeat it
        for row in range(initial.shape[0]):
            for j in range(lanes):
                W[row * lanes + j] = initial[row]
        for i in range(copies.shape[0]):
            for j in range(lanes):
                W[copies[i, 0] * lanes + j] = varied[copies[i, 1], base + min(j, count - 1)]
        for d in range(dim):
            for j in range(lanes):
                v = start[base + min(j, count - 1), d]
                W[(x + d) * lanes + j] = v
                W[(shown + d) * lanes + j] = v
                if x0 >= 0:
                    W[(x0 + d) * lanes + j] = v
        for i in range(p.shape[0]):
            p[i] = 1
        for i in range(products.shape[0]):
            products[i] = 1
        for j in range(lanes):
            streams[j] = numbers[base + min(j, count - 1)]
            alive[j] = 1
            status[j] = 0
            stopped[j] = steps
            for i in range(watched.shape[0]):
                latest[i, j] = W[watched[i] * lanes + j]
        running = lanes
        k = 0
        for t in range(steps + 1):
            if cancel[0] != 0:
                return
            if t > 0 and running > 0:
                for i in range(places.shape[0]):
                    h[places[i]] = timed[t - 1, i]
                for i in range(targets.shape[0]):
                    if t <= untils[i]:
                        for j in range(lanes):
                            W[targets[i] * lanes + j] = spread[t - 1, cells[i, base + min(j, count - 1)]]
                if looks:
                    look(W, h, p, t, steps, box)
                gradient(W, c)
                if tol > 0:
                    running -= stop_arrived(W, alive, status, norms, tol, dim, lanes, t, stopped)
                if pace is not None:
                    pace(W, h, p, t, steps, box)
                    for i in range(watched.shape[0]):
                        for j in range(lanes):
                            if alive[j] > 0:
                                latest[i, j] = W[watched[i] * lanes + j]
                if alter is not None:
                    alter(W, h, products, t, steps, box, seed, streams)
                lost = step(W, h, p, t, steps, box)
                if beside is not None and beside(W, h, products, t, steps, box):
                    lost = any_outside(W, alive, box, x, dim, lanes)
                if shows:
                    show(W, h, p, t, steps, box)
                    keep_shown(W, alive, 0, x, shown, guarded, dim, lanes)
                if running < lanes:
                    frozen(W, alive, x, before, dim, lanes)
                    lost = lost and any_outside(W, alive, box, x, dim, lanes)
                if lost and guarded:
                    running -= stop_lost(W, alive, status, box, x, before, dim, lanes, t, stopped)
            if records[k] == t:
                for d in range(dim):
                    for j in range(lanes):
                        v = W[(shown + d) * lanes + j]
                        W[d * lanes + j] = v
                        if j < count:
                            xs[base + j, k, d] = v
                value(W, c)
                for j in range(count):
                    fs[base + j, k] = W[2 * dim * lanes + j]
                for i in range(watched.shape[0]):
                    for j in range(count):
                        followed[i, base + j, k] = latest[i, j]
                k += 1
                if running == 0:  # nothing changes any more
                    for later in range(k, records.shape[0]):
                        for j in range(count):
                            fs[base + j, later] = fs[base + j, k - 1]
                            for i in range(watched.shape[0]):
                                followed[i, base + j, later] = latest[i, j]
                            for d in range(dim):
                                xs[base + j, later, d] = xs[base + j, k - 1, d]
                    break
        for j in range(count):
            statuses[base + j] = status[j]
            stops[base + j] = stopped[j]


@lru_cache(maxsize=4)
def driver(dtype: str, alters: bool = False, paces: bool = False) -> Any:
    """`descend`, compiled for one dtype, with or without kernels of transforms and of schedules of the loss."""
    real, whole = numba.from_dtype(np.dtype(dtype)), numba.types.int64
    of_objective, of_step = (numba.types.FunctionType(signature) for signature in signatures(dtype))

    of_alter = numba.types.FunctionType(alter_signature(dtype)) if alters else numba.types.none
    of_beside = of_step if alters else numba.types.none
    of_pace = of_step if paces else numba.types.none

    def array(item: Any, axes: int) -> Any:
        return numba.types.Array(item, axes, "C")

    signature = numba.types.void(
        of_objective, of_objective, of_step, of_step, of_step, numba.types.boolean, numba.types.boolean,
        of_alter, of_beside, of_pace,
        array(real, 1), array(real, 1), array(real, 1), array(real, 1), array(real, 1), array(whole, 2),
        array(real, 2), array(whole, 1),
        array(real, 2), numba.types.boolean, array(real, 1), real, whole, array(whole, 1),
        whole, whole, whole, array(real, 3), array(real, 2), array(numba.types.int8, 1), array(whole, 1),
        array(numba.types.int8, 1), array(real, 1), whole, array(whole, 1),
        array(real, 2), array(whole, 1), array(real, 2), array(whole, 1), array(whole, 1), array(whole, 2),
        array(whole, 1), array(real, 3),
    )  # fmt: skip
    return flags.driver(signature, descend)
