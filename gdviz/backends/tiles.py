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
from gdviz.compiling import inner

# A row is sliced out before the loop over it: of an index that might be negative Numba takes the remainder in every
# turn, and then nothing vectorises.


@inner
def row(W, index, lanes):
    """One row of a tile, dtype[lanes]."""
    return W[index * lanes : (index + 1) * lanes]


@inner
def frozen(W, alive, x, before, dim, lanes):
    """Put stopped lanes back where they were: by selection, so that no lane takes another way through the loop."""
    for d in range(dim):
        now, then = row(W, x + d, lanes), row(W, before + d, lanes)
        for j in range(now.size):
            now[j] = now[j] if alive[j] > 0 else then[j]


@inner
def keep_shown(W, alive, x, shown, guarded, dim, lanes):
    """Copy what is to be recorded of running lanes, but for guarded ones where it or x is not finite, and say whether
    there are such."""
    unsound = False
    for j in range(lanes):
        sound = True
        for d in range(dim):
            sound &= np.isfinite(W[d * lanes + j]) & np.isfinite(W[(x + d) * lanes + j])
        if alive[j] > 0 and (sound or not guarded):
            for d in range(dim):
                W[(shown + d) * lanes + j] = W[d * lanes + j]
        unsound |= (alive[j] > 0) & (not sound)
    return unsound


@inner
def any_outside(W, alive, box, x, dim, lanes):
    """Whether a running lane is not finite or outside the box; `step` asks all lanes, also those that have stopped."""
    found = False
    for d in range(dim):
        c, r = box[d], box[dim + d]
        now = row(W, x + d, lanes)
        for j in range(now.size):
            found |= (not (abs(now[j] - c) <= r)) & (alive[j] > 0)
    return found


# Statuses: 2 is diverged, 3 undefined, see gdviz.backends.STATUSES.


@inner
def stop_unsound(W, alive, status, away, x, before, shows, dim, lanes, t, stopped):
    """Stop lanes whose step, or the point to record for it, is not finite; they stay where they were."""
    count = 0
    for j in range(lanes):
        if alive[j] > 0:
            sound = True
            for d in range(dim):
                sound &= np.isfinite(W[(x + d) * lanes + j]) & (not shows or np.isfinite(W[d * lanes + j]))
            if not sound:
                status[j] = 2 if away[j] > 0 else 3
                stopped[j] = t
                alive[j] = 0
                count += 1
                for d in range(dim):
                    W[(x + d) * lanes + j] = W[(before + d) * lanes + j]
    return count


@inner
def find_away(W, alive, away, box, x, dim, lanes):
    """Note which running lanes are outside the guard, and whether any is."""
    found = False
    for j in range(lanes):
        outside = False
        for d in range(dim):
            outside |= not (abs(W[(x + d) * lanes + j] - box[d]) <= box[dim + d])
        away[j] = outside
        found |= outside & (alive[j] > 0)
    return found


@inner
def none_unsound(W, alive, first, rows, lanes):
    """Whether some rows are finite in all running lanes."""
    unsound = False
    for d in range(rows):
        now = row(W, first + d, lanes)
        for j in range(now.size):
            unsound |= (not np.isfinite(now[j])) & (alive[j] > 0)
    return not unsound


@inner
def stop_judged(W, alive, status, away, begun, box, x, asks, dim, lanes, t, stopped, left):
    """Stop lanes by their value: undefined ones inside the guard where `asks`, and outside it those that are not
    defined, higher than at the start or beyond the far guard; the others there are marked as having left."""
    count = 0
    for j in range(lanes):
        if alive[j] > 0:
            f = W[2 * dim * lanes + j]
            sound = np.isfinite(f)
            now = 0
            if away[j] > 0:
                near = True
                for d in range(dim):
                    near &= abs(W[(x + d) * lanes + j] - box[d]) <= box[2 * dim + d]
                if not (near and sound and f <= begun[j]):
                    now = 2
                elif left[j] < 0:
                    left[j] = t
            elif asks and not sound:
                now = 3
            if now > 0:
                status[j] = now
                stopped[j] = t
                alive[j] = 0
                count += 1
    return count


@inner
def stop_steep(W, alive, status, away, asks, dim, lanes, t, stopped):
    """Stop lanes whose gradient is not finite where they are, those inside the guard only where `asks`."""
    count = 0
    if none_unsound(W, alive, dim, dim, lanes):
        return count
    for j in range(lanes):
        if alive[j] > 0 and (asks or away[j] > 0):
            sound = True
            for d in range(dim):
                sound &= np.isfinite(W[(dim + d) * lanes + j])
            if not sound:
                status[j] = 2 if away[j] > 0 else 3
                stopped[j] = t - 1
                alive[j] = 0
                count += 1
    return count


@inner
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
    start, guarded, asks, box, tol, steps, records,
    first, last, lanes, xs, fs, statuses, stops, lefts, cancel, products, seed, numbers,
    timed, places, spread, targets, untils, cells, watched, followed,
):  # fmt: skip
    """Run tiles first … last - 1 to their end.

    value, gradient: of the objective; look, step, show: of the rule, `looks` and `shows` say whether they are one.
    W: dtype[row * lanes], the tile; c: dtype[constant]; h, p: see gdviz.emit.step; initial: dtype[row], what rows hold
    before the first step; copies: int64[n, 2], rows filled from `varied`, dtype[n, run]; rows: int64[4], first rows of
    x, of x before the step (-1 where no lane can stop), of x0 or -1, and of the point to record. start:
    dtype[run, dim]; guarded: whether lanes that are lost stop; asks: int8[2], whether value and gradient may be
    undefined inside the guard; box: dtype[3 * dim], its centre and reach, and that of the far guard;
    records: int64[record].
    Results: xs dtype[run, record, dim], fs dtype[run, record], statuses int8[run], stops and lefts int64[run].
    cancel: int8[1], not 0 when the caller wants no more.
    alter, beside: change the gradient before the step and x after it, both or neither None; products: dtype[product],
    seed and numbers, int64[run], are what they and batches read (gdviz.emit.transform).
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
    left = np.empty(lanes, np.int64)
    away = np.empty(lanes, np.int8)  # whether a lane is outside the guard
    begun = np.empty(lanes, W.dtype)  # the value at the start
    draw = np.empty(2 + lanes, np.int64)
    draw[0], draw[1] = seed, 0
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
            draw[2 + j] = numbers[base + min(j, count - 1)]
            alive[j] = 1
            status[j] = 0
            stopped[j] = steps
            left[j] = -1
            away[j] = 0
            for i in range(watched.shape[0]):
                latest[i, j] = W[watched[i] * lanes + j]
        running = lanes
        k = 0
        any_away = False
        # What holds at the last point is known only once the step from there is begun.
        for t in range(steps + 2):
            if cancel[0] != 0:
                return
            if t > steps and not (running > 0 and (tol > 0 or asks[1] > 0 or any_away)):
                break
            if t > 0 and running > 0:
                if t <= steps:
                    for i in range(places.shape[0]):
                        h[places[i]] = timed[t - 1, i]
                    for i in range(targets.shape[0]):
                        if t <= untils[i]:
                            for j in range(lanes):
                                W[targets[i] * lanes + j] = spread[t - 1, cells[i, base + min(j, count - 1)]]
                if looks:
                    look(W, h, p, t, steps, box)
                draw[1] = t
                gradient(W, c, draw)
                if asks[1] > 0 or any_away:
                    running -= stop_steep(W, alive, status, away, asks[1] > 0, dim, lanes, t, stopped)
                if tol > 0:
                    running -= stop_arrived(W, alive, status, norms, tol, dim, lanes, t, stopped)
                if t > steps:
                    break
                if pace is not None:
                    pace(W, h, p, t, steps, box)
                    for i in range(watched.shape[0]):
                        for j in range(lanes):
                            if alive[j] > 0:
                                latest[i, j] = W[watched[i] * lanes + j]
                if alter is not None:
                    alter(W, h, products, t, steps, box, draw)
                draw[1] = 0
                lost = step(W, h, p, t, steps, box)
                if beside is not None and beside(W, h, products, t, steps, box):
                    lost = any_outside(W, alive, box, x, dim, lanes)
                unsound = False
                if shows:
                    show(W, h, p, t, steps, box)
                    unsound = keep_shown(W, alive, x, shown, guarded, dim, lanes)
                if running < lanes:
                    frozen(W, alive, x, before, dim, lanes)
                    lost = lost and any_outside(W, alive, box, x, dim, lanes)
                if guarded and (lost or unsound or any_away):
                    running -= stop_unsound(W, alive, status, away, x, before, shows, dim, lanes, t, stopped)
                    any_away = find_away(W, alive, away, box, x, dim, lanes)
                if any_away or asks[0] > 0:
                    for d in range(dim):
                        for j in range(lanes):
                            W[d * lanes + j] = W[(shown + d) * lanes + j]
                    value(W, c, draw)
                    if any_away or not none_unsound(W, alive, 2 * dim, 1, lanes):
                        running -= stop_judged(
                            W, alive, status, away, begun, box, x, asks[0] > 0, dim, lanes, t, stopped, left
                        )
            if records[k] == t:
                for d in range(dim):
                    for j in range(lanes):
                        v = W[(shown + d) * lanes + j]
                        W[d * lanes + j] = v
                        if j < count:
                            xs[base + j, k, d] = v
                value(W, c, draw)
                for j in range(count):
                    fs[base + j, k] = W[2 * dim * lanes + j]
                if t == 0:
                    for j in range(lanes):
                        begun[j] = W[2 * dim * lanes + j]
                    if guarded and not none_unsound(W, alive, 2 * dim, 1, lanes):
                        running -= stop_judged(
                            W, alive, status, away, begun, box, x, True, dim, lanes, 0, stopped, left
                        )
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
            lefts[base + j] = left[j]
            if status[j] == 3:
                for later in range(records.shape[0]):
                    if records[later] >= stopped[j]:
                        fs[base + j, later] = np.nan


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
        array(real, 2), numba.types.boolean, array(numba.types.int8, 1), array(real, 1), real, whole, array(whole, 1),
        whole, whole, whole, array(real, 3), array(real, 2), array(numba.types.int8, 1), array(whole, 1),
        array(whole, 1),
        array(numba.types.int8, 1), array(real, 1), whole, array(whole, 1),
        array(real, 2), array(whole, 1), array(real, 2), array(whole, 1), array(whole, 1), array(whole, 2),
        array(whole, 1), array(real, 3),
    )  # fmt: skip
    return flags.driver(signature, descend)
