"""What trackers do in compiled drivers: passes over the rows of a tile that answer what gdviz.backends.trackers does.

Drivers are handed all of them as one function, `note`, and call it as a step begins and after it, with two arrays and
no more: each is seven words of a call, and eight of them took as long as a pass. W: dtype[row * lane + number], the
tile, in which the lanes' `alive`, the rows of trackers and at last the numbers of all of them follow the rows of the
rule. N: int[row * lane + number], as wide as the dtype, so that loops over both vectorise: the lanes' status and
stopped, the rows of trackers, and from `told` on the numbers HEAD and, of every tracker, those of PART.

size: lanes. Where in W begin — loss: the row of the loss; x: the first of the point that is recorded; alive; a: a
tracker's numbers; r: its rows, own: those that are not handed on; and n: its rows in N. t and until: see
gdviz.backends.trackers.Moment.
"""

from __future__ import annotations

import numpy as np

from gdviz.compiling import inner

HEAD = 8
"""Numbers that all trackers are told: size, dim, steps, loss, x, alive, how many they are, and what MOVED says."""

MOVED = 7
"""Of them: whether any lane has gone farther than it may since it was placed, as the last step answered it; drivers
tell it after every step."""

PART = 6
"""Numbers that each is told: when it looks, its kind, a, r, n and own."""

FIRST = 2
"""Row of N with which those of trackers begin."""

BEGINS, AFTER, ASKED = range(3)
"""When a tracker looks: as a step begins, after every step, or after those where the loss was asked for."""

LOWEST, LEAST, LEFT, NEAREST, MOVES, SCORE = range(6)
"""Kinds. LEAST is LOWEST where no target is set. LEFT and MOVES are LEAST and NEAREST of which steps keep account, see
gdviz.emit.layout: all that is left of the one is the last loss, of the other what lanes that went too far do."""


@inner
def lowest(W, N, a, r, n, size, loss, t):
    """See gdviz.backends.trackers.Lowest."""
    f, best, hit = W[loss : loss + size], W[r : r + size], N[n : n + size]
    target, now, never, least = W[a], N.dtype.type(t), N.dtype.type(0), W.dtype.type(-np.inf)
    for j in range(size):
        hit[j] = now if (f[j] > least) & (f[j] <= target) & (hit[j] < never) else hit[j]
        best[j] = f[j] if (f[j] > least) & (f[j] < best[j]) else best[j]


@inner
def least(W, r, size, loss):
    """The same where no target is set."""
    f, best, never = W[loss : loss + size], W[r : r + size], W.dtype.type(-np.inf)
    for j in range(size):
        best[j] = f[j] if (f[j] > never) & (f[j] < best[j]) else best[j]


@inner
def nearest(W, N, a, n, own, x, size, dim, t):
    """See gdviz.backends.trackers.Nearest.

    A lane that has gone less far than it may since it was placed is where it was. That is asked in loops that
    vectorise; only where some have gone farther is each looked at by itself.
    """
    begun = own + 2 * size
    free, gone, some = W[own : own + size], W[own + size : begun], t == 0
    if dim == 2:
        x0, x1 = W[x : x + size], W[x + size : x + 2 * size]
        begun0, begun1 = W[begun : begun + size], W[begun + size : begun + 2 * size]
        for j in range(size):
            u, v = x0[j] - begun0[j], x1[j] - begun1[j]
            some |= not (u * u + v * v < free[j])
        for j in range(size if some else 0):
            u, v = x0[j] - begun0[j], x1[j] - begun1[j]
            gone[j] = u * u + v * v
    else:
        for d in range(dim):
            now, then = W[x + d * size : x + (d + 1) * size], W[begun + d * size : begun + (d + 1) * size]
            for j in range(size):
                u = now[j] - then[j]
                gone[j] = u * u if d == 0 else gone[j] + u * u
        for j in range(size):
            some |= not (gone[j] < free[j])
    for j in range(size if some else 0):
        if t == 0 or not (gone[j] < free[j]):
            place(W, N, a, n, own, x, size, dim, t, j)


@inner
def place(W, N, a, n, own, x, size, dim, t, j):
    """Where a lane is, whether it was there before, and how far it may go until that is asked again."""
    radius, slack, count, margin = W[a], W[a + 1], np.int64(W[a + 2]), W[a + 3]
    found, closest, beyond, within = -1, radius, W.dtype.type(np.inf), 0
    for m in range(count):
        apart = W.dtype.type(0)
        for d in range(dim):
            u = W[x + d * size + j] - W[a + 4 + m * dim + d]
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
    W[own + j] = gap * gap if gap > 0 and within < 2 else W.dtype.type(-1)
    for d in range(dim):
        W[own + (2 + d) * size + j] = W[x + d * size + j]
    minimum, since, left = n + j, n + size + j, n + 2 * size + j
    if t == 0:
        N[left] = -1 if found >= 0 else -2
    elif found != N[minimum] and N[left] == -1:
        N[left] = t
    if t == 0 or found != N[minimum]:
        N[minimum] = found
        N[since] = t


@inner
def score(W, N, a, r, alive, size, loss, t, until, steps):
    """See gdviz.backends.trackers.Score; how many lanes are stopped."""
    f, runs, status, stopped = W[loss : loss + size], W[alive : alive + size], N[:size], N[size : 2 * size]
    first, last, total = W[r : r + size], W[r + size : r + 2 * size], W[r + 2 * size : r + 3 * size]
    inverse, late = W[r + 3 * size : r + 4 * size], W[r + 4 * size : r + 5 * size]
    largest, lowest, window, one = W[a], W[a + 1], np.int64(W[a + 2]), W.dtype.type(1)
    ends = 0
    for j in range(size):
        lost = (status[j] == 2) | (status[j] == 3)
        live = (not lost) & (stopped[j] >= t)
        sound = np.isfinite(f[j])
        seen = f[j] if live & sound else largest
        if t == 0:
            first[j] = seen
        seen = seen / first[j]
        seen = seen if seen <= largest else largest
        last[j] = seen if live | lost else last[j]
        if live and not sound and t < steps:
            runs[j] = 0
            status[j] = 2
            stopped[j] = t
            ends += 1
    for step in range(t, min(until, steps - 1) + 1):
        for j in range(size):
            total[j] += last[j]
            inverse[j] += one / (last[j] if last[j] >= lowest else lowest)
        for j in range(size if step >= steps - window else 0):
            late[j] += last[j]
    return ends


def note(W, N, told, when, t, until):
    """Show a tile's lanes to their trackers `when` a step begins or has been made; how many lanes they stop."""
    size, dim, steps = np.int64(N[told]), np.int64(N[told + 1]), np.int64(N[told + 2])
    loss, x, alive, ends = np.int64(N[told + 3]), np.int64(N[told + 4]), np.int64(N[told + 5]), 0
    for i in range(N[told + 6]):
        part = told + HEAD + i * PART
        if N[part] == when or (when == ASKED and N[part] == AFTER):
            kind, a, r = N[part + 1], np.int64(N[part + 2]), np.int64(N[part + 3])
            n, own = np.int64(N[part + 4]), np.int64(N[part + 5])
            if kind == LOWEST:
                lowest(W, N, a, r, n, size, loss, t)
            elif kind in (LEAST, LEFT):
                if kind == LEAST or t == steps or until > t:
                    least(W, r, size, loss)
            elif kind in (NEAREST, MOVES):
                if kind == NEAREST or t == 0 or N[told + MOVED] != 0:
                    nearest(W, N, a, n, own, x, size, dim, t)
            else:
                ends += score(W, N, a, r, alive, size, loss, t, until, steps)
    return ends


def nothing(W, N, told, when, t, until):
    """In place of `note` where nothing follows runs: quicker to compile."""
    return 0


@inner
def begin_rows(W, places, begun, size):
    """Fill the rows `places` of W or N for another tile with what each holds before the start."""
    for i in range(begun.size):
        for j in range(size):
            W[places[i] * size + j] = begun[i]


@inner
def keep_rows(W, places, kept, size, base, count):
    """Hand over what those rows hold of the first lanes, as that of runs from `base` on."""
    for i in range(kept.shape[0]):
        for j in range(count):
            kept[i, base + j] = W[places[i] * size + j]
