"""What ends runs on compiled tiles: passes over the rows that stop lanes, which then stay as they are.

In W, the tile, the rows of the point at which value and gradient are taken come first, then those of the gradient, then
the value's. What is asked of all lanes is asked in loops that vectorise; only where some may have to stop is each
looked at by itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gdviz.compiling import inner


class Lanes(NamedTuple):
    """How the runs of a tile stand, an array [lane] each.

    alive: dtype, 1 or 0; status: int, see gdviz.backends.STATUSES; stopped: int, left: int64, as in `Paths`; away:
    int8, whether it is outside the guard; begun: dtype, the value at its start; norms: dtype, for a pass's own use.
    The first three are rows of those that trackers see, see gdviz.backends.passes.
    """

    alive: Any
    status: Any
    stopped: Any
    left: Any
    away: Any
    begun: Any
    norms: Any


CONVERGED, DIVERGED, UNDEFINED = 1, 2, 3

# A row is sliced out before the loop over it: of an index that might be negative Numba takes the remainder in every
# turn, and then nothing vectorises.


@inner
def end_before(W, lanes, tol, asked, dim, t):
    """Before step t, at the point where its gradient is taken: stop lanes whose gradient is not finite, those inside
    the guard only where `asked`, and those where it is shorter than tol. How many were stopped."""
    alive, norms, size = lanes.alive, lanes.norms, lanes.alive.size
    for d in range(dim):
        g = W[(dim + d) * size : (dim + d + 1) * size]
        for j in range(size):
            norms[j] = g[j] * g[j] if d == 0 else norms[j] + g[j] * g[j]
    some = False
    for j in range(size):
        some |= (alive[j] > 0) & (not (np.isfinite(norms[j]) & (np.sqrt(norms[j]) >= tol)))
    count = 0
    for j in range(size if some else 0):
        if alive[j] > 0:
            sound = True
            for d in range(dim):
                sound &= np.isfinite(W[(dim + d) * size + j])
            status = 0
            if not sound and (asked or lanes.away[j] > 0):
                status = DIVERGED if lanes.away[j] > 0 else UNDEFINED
            elif np.sqrt(norms[j]) < tol:
                status = CONVERGED
            if status > 0:
                lanes.status[j] = status
                lanes.stopped[j] = t - 1
                alive[j] = 0
                count += 1
    return count


@inner
def settle(W, lanes, guarded, box, x, before, shown, shows, frozen, lost, any_away, dim, t):
    """After step t: keep what is to be recorded of running lanes where `shows`, put those that have stopped, `frozen`
    says whether there are some, back where they were, and where some are `lost` or away stop those whose step, or the
    point to record for it, is not finite; these too stay where they were. How many were stopped, and whether any that
    runs is outside the guard."""
    alive, size = lanes.alive, lanes.alive.size
    some = any_away
    if shows:
        for j in range(size):
            sound = True
            for d in range(dim):
                sound &= np.isfinite(W[d * size + j]) & np.isfinite(W[(x + d) * size + j])
            if alive[j] > 0 and (sound or not guarded):
                for d in range(dim):
                    W[(shown + d) * size + j] = W[d * size + j]
            some |= (alive[j] > 0) & (not sound)
    for d in range(dim if frozen else 0):
        now, then = W[(x + d) * size : (x + d + 1) * size], W[(before + d) * size : (before + d + 1) * size]
        for j in range(size):  # by selection, so that no lane takes another way through the loop
            now[j] = now[j] if alive[j] > 0 else then[j]
    for d in range(dim if lost else 0):
        now, centre, reach = W[(x + d) * size : (x + d + 1) * size], box[d], box[dim + d]
        for j in range(size):
            some |= (not (abs(now[j] - centre) <= reach)) & (alive[j] > 0)
    count = 0
    away = False
    for j in range(size if some and guarded else 0):
        if alive[j] > 0:
            sound = True
            outside = False
            for d in range(dim):
                now = W[(x + d) * size + j]
                sound &= np.isfinite(now) & (not shows or np.isfinite(W[d * size + j]))
                outside |= not (abs(now - box[d]) <= box[dim + d])
            if sound:
                lanes.away[j] = outside
                away |= outside
            else:
                lanes.status[j] = DIVERGED if lanes.away[j] > 0 else UNDEFINED
                lanes.stopped[j] = t
                alive[j] = 0
                count += 1
                for d in range(dim):
                    W[(x + d) * size + j] = W[(before + d) * size + j]
    return count, away


@inner
def end_by_value(W, lanes, box, asked, x, dim, t):
    """At x, where step t has led: stop lanes by their value, undefined ones inside the guard where `asked`, and outside
    it those that are not defined, higher than at the start or beyond the far guard; the others there are marked as
    having left. How many were stopped."""
    alive, away, size = lanes.alive, lanes.away, lanes.alive.size
    values = W[2 * dim * size : (2 * dim + 1) * size]
    some = False
    for j in range(size):
        some |= (alive[j] > 0) & ((away[j] > 0) | (not np.isfinite(values[j])))
    count = 0
    for j in range(size if some else 0):
        if alive[j] > 0:
            status = 0
            if away[j] > 0:
                near = True
                for d in range(dim):
                    near &= abs(W[(x + d) * size + j] - box[d]) <= box[2 * dim + d]
                if not (near and np.isfinite(values[j]) and values[j] <= lanes.begun[j]):
                    status = DIVERGED
                elif lanes.left[j] < 0:
                    lanes.left[j] = t
            elif asked and not np.isfinite(values[j]):
                status = UNDEFINED
            if status > 0:
                lanes.status[j] = status
                lanes.stopped[j] = t
                alive[j] = 0
                count += 1
    return count
