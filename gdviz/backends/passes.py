"""What trackers do in compiled drivers: passes over the rows of a tile, which answer what gdviz.backends.trackers does.

Drivers are handed all of them as one function, `note`, and call it as a step begins and after it. W: dtype[row, lane],
the tile; A: dtype[n], the numbers of all trackers; R and N: their rows, dtype[row, lane] and int[row, lane], as wide as
the dtype, so that loops over both vectorise; parts: int64[tracker, 6], when each looks, its kind, and where its
numbers, its rows in R and N, and those in R that are not handed on begin; alive, status and stopped: those of the
lanes; x: the first row of the point that is recorded; t and until: see gdviz.backends.trackers.Moment.
"""

from __future__ import annotations

import numpy as np

from gdviz.compiling import inner, pasted

# No row is sliced out: of slices references are counted, which takes longer than many a pass.

BEGINS, AFTER, ASKED = range(3)
"""When a tracker looks: as a step begins, after every step, or after those where the loss was asked for."""

LOWEST, LEAST, NEAREST, SCORE = range(4)
"""Kinds."""


@pasted
def lowest(W, A, R, N, a, r, n, dim, t):
    """See gdviz.backends.trackers.Lowest."""
    target, now, never, least = A[a], N.dtype.type(t), N.dtype.type(0), R.dtype.type(-np.inf)
    for j in range(W.shape[1]):
        f = W[2 * dim, j]
        N[n, j] = now if (f > least) & (f <= target) & (N[n, j] < never) else N[n, j]
        R[r, j] = f if (f > least) & (f < R[r, j]) else R[r, j]


@pasted
def least(W, R, r, dim):
    """The same where no target is set."""
    never = R.dtype.type(-np.inf)
    for j in range(W.shape[1]):
        f = W[2 * dim, j]
        R[r, j] = f if (f > never) & (f < R[r, j]) else R[r, j]


@pasted
def nearest(W, A, R, N, a, n, own, x, dim, t):
    """See gdviz.backends.trackers.Nearest.

    A lane that has gone less far than it may since it was placed is where it was. That is asked in loops that
    vectorise; only where some have gone farther is each looked at by itself.
    """
    gone, first, some = own + 1, own + 2, t == 0
    if dim == 2:
        for j in range(W.shape[1]):
            u, v = W[x, j] - R[first, j], W[x + 1, j] - R[first + 1, j]
            some |= not (u * u + v * v < R[own, j])
        for j in range(W.shape[1] if some else 0):
            u, v = W[x, j] - R[first, j], W[x + 1, j] - R[first + 1, j]
            R[gone, j] = u * u + v * v
    else:
        for d in range(dim):
            for j in range(W.shape[1]):
                u = W[x + d, j] - R[first + d, j]
                R[gone, j] = u * u if d == 0 else R[gone, j] + u * u
        for j in range(W.shape[1]):
            some |= not (R[gone, j] < R[own, j])
    radius, slack, count, margin = A[a], A[a + 1], np.int64(A[a + 2]), A[a + 3]
    for j in range(W.shape[1] if some else 0):
        if t == 0 or not (R[gone, j] < R[own, j]):
            found, closest, beyond, within = -1, radius, R.dtype.type(np.inf), 0
            for m in range(count):
                apart = R.dtype.type(0)
                for d in range(dim):
                    u = W[x + d, j] - A[a + 4 + m * dim + d]
                    apart = u * u if d == 0 else apart + u * u
                if apart <= radius:
                    within += 1
                    if found < 0 or apart < closest:
                        found, closest = m, apart
                elif not apart >= beyond:
                    beyond = apart
            # Points are as far from the edges of balls as their distance tells but for rounding.
            far = np.sqrt(beyond) if beyond < np.inf else beyond
            gap = far - slack - margin * (far + slack) if beyond < np.inf else far
            if within > 0:
                near = np.sqrt(closest)
                gap = min(gap, slack - near - margin * (near + slack))
            R[own, j] = gap * gap if gap > 0 and within < 2 else R.dtype.type(-1)
            for d in range(dim):
                R[own + 2 + d, j] = W[x + d, j]
            if t == 0:
                N[n + 2, j] = -1 if found >= 0 else -2
            elif found != N[n, j] and N[n + 2, j] == -1:
                N[n + 2, j] = t
            if t == 0 or found != N[n, j]:
                N[n, j] = found
                N[n + 1, j] = t


@pasted
def score(W, A, R, a, r, alive, status, stopped, dim, t, until, steps):
    """See gdviz.backends.trackers.Score; how many lanes are stopped."""
    first, last, total, inverse, late = r, r + 1, r + 2, r + 3, r + 4
    largest, least, window, one = A[a], A[a + 1], np.int64(A[a + 2]), R.dtype.type(1)
    ends = 0
    for j in range(W.shape[1]):
        lost = (status[j] == 2) | (status[j] == 3)
        live = (not lost) & (stopped[j] >= t)
        sound = np.isfinite(W[2 * dim, j])
        f = W[2 * dim, j] if live & sound else largest
        if t == 0:
            R[first, j] = f
        f = f / R[first, j]
        f = f if f <= largest else largest
        R[last, j] = f if live | lost else R[last, j]
        if live and not sound and t < steps:
            alive[j] = 0
            status[j] = 2
            stopped[j] = t
            ends += 1
    for step in range(t, min(until, steps - 1) + 1):
        for j in range(W.shape[1]):
            R[total, j] += R[last, j]
            R[inverse, j] += one / (R[last, j] if R[last, j] >= least else least)
        for j in range(W.shape[1] if step >= steps - window else 0):
            R[late, j] += R[last, j]
    return ends


def note(W, A, R, N, parts, alive, status, stopped, x, dim, when, t, until, steps):
    """Show a tile's lanes to their trackers `when` a step begins or has been made; how many lanes they stop."""
    ends = 0
    for i in range(parts.shape[0]):
        if parts[i, 0] == when or (when == ASKED and parts[i, 0] == AFTER):
            kind, a, r, n, own = parts[i, 1], parts[i, 2], parts[i, 3], parts[i, 4], parts[i, 5]
            if kind == LOWEST:
                lowest(W, A, R, N, a, r, n, dim, t)
            elif kind == LEAST:
                least(W, R, r, dim)
            elif kind == NEAREST:
                nearest(W, A, R, N, a, n, own, x, dim, t)
            else:
                ends += score(W, A, R, a, r, alive, status, stopped, dim, t, until, steps)
    return ends


def nothing(W, A, R, N, parts, alive, status, stopped, x, dim, when, t, until, steps):
    """In place of `note` where nothing follows runs: quicker to compile."""
    return 0


@inner
def begin_rows(rows, begun):
    """Fill rows of lanes for another tile with what each holds before the start."""
    for i in range(begun.size):
        for j in range(rows.shape[1]):
            rows[i, j] = begun[i]


@inner
def keep_rows(rows, kept, first, count):
    """Hand over what rows of lanes hold of the first, as that of runs from `first` on."""
    for i in range(kept.shape[0]):
        for j in range(count):
            kept[i, first + j] = rows[i, j]
