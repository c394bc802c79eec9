"""The loop over tiles, joined with any objective and any step rule by the functions it is handed.

All steps of a tile are done before the next tile begins, so that its rows stay in the nearest cache. Guard, stopping
and recording are passes over the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.backends import flags
from gdviz.backends.addresses import call, call_bool, call_int
from gdviz.backends.ends import UNDEFINED, Lanes, end_before, end_by_value, settle
from gdviz.backends.kernels import alter_signature
from gdviz.backends.passes import AFTER, ASKED, BEGINS, MOVED, begin_rows, keep_rows
from gdviz.backends.records import compiled


class Rule(NamedTuple):
    """What a step is made of: addresses of compiled functions, and whether a plan has those that not all have. Where it
    has not, another function of that signature stands in the place.

    value, gradient: of the objective; look, step, show: of the rule (gdviz.emit.step); alter, beside: change the
    gradient before the step and x after it (gdviz.emit.transform); pace: fills the rows that follow the loss
    (gdviz.emit.schedule); note: what follows runs, see gdviz.backends.tracking.
    """

    value: Any
    gradient: Any
    look: Any
    step: Any
    show: Any
    alter: Any
    beside: Any
    pace: Any
    looks: bool
    shows: bool
    alters: bool
    paces: bool
    note: Any


class Rows(NamedTuple):
    """What the rows of a tile hold.

    x, before, x0, shown: first rows of x, of where lanes are that have stopped (-1 where no lane can stop), of x0 (or
    -1) and of the point to record; initial: dtype[row], what rows hold before the first step; copies: int64[n, 2], rows
    filled from `varied`, dtype[n, run]; kept: int64[n], rows of states to keep.
    """

    x: int
    before: int
    x0: int
    shown: int
    initial: Any
    copies: Any
    varied: Any
    kept: Any


class Paced(NamedTuple):
    """Hyperparameters that follow schedules.

    timed: dtype[steps, n], the values of h[places]; spread: dtype[steps, cell], of the rows targets, int64[m], until
    step untils, int64[m]; cells: int64[m, run], the cell of each run; watched: int64[k], rows that follow the loss.
    """

    timed: Any
    places: Any
    spread: Any
    targets: Any
    untils: Any
    cells: Any
    watched: Any


class Scratch(NamedTuple):
    """A thread's own: W, dtype[row * lane], the tile; h and p, see gdviz.emit.step; products, dtype[product], the
    running products of transforms; lanes, how the tile's runs stand; draw, int64[2 + lane], by what they draw; latest,
    dtype[k, lane], the rows `watched` in each lane's last step; N and told: see gdviz.backends.passes."""

    W: Any
    h: Any
    p: Any
    products: Any
    lanes: Lanes
    draw: Any
    latest: Any
    N: Any
    told: int


def descend(rule, rows, ends, paced, follow, runs, results, scratch, width, first, last):
    """Run tiles first … last - 1, of `width` lanes each, to their end."""
    value, gradient, look, step, show, alter, beside, pace, looks, shows, alters, paces, note = rule
    W, h, p, products, lanes, draw, latest, N, told = scratch
    x, before, x0, shown, initial, copies, varied, kept = rows
    guarded, asks_value, asks_slope, box, tol = ends
    timed, places, spread, targets, untils, cells, watched = paced
    start, c, steps, records, seed, numbers, cancel, watched_c = runs
    xs, fs, statuses, stops, lefts, followed, states = results
    total, dim = start.shape
    alive, status, stopped, left, away, begun, kept_f = lanes
    begins, after, every, tells, real_rows, whole_rows, real, whole, kept_real, kept_whole = follow
    draw[0] = seed
    for tile in range(first, last):
        base = tile * width
        draw[1] = 0  # the tile before may have ended while it asked for a slope
        count = min(width, total - base)  # lanes beyond the last run repeat it
        for i in range(initial.shape[0]):
            for j in range(i * width, (i + 1) * width):
                W[j] = initial[i]
        for j in range(width):
            run = base + min(j, count - 1)
            for i in range(copies.shape[0]):
                W[copies[i, 0] * width + j] = varied[copies[i, 1], run]
            for d in range(dim):
                W[(x + d) * width + j] = start[run, d]
                W[(shown + d) * width + j] = start[run, d]
                if x0 >= 0:
                    W[(x0 + d) * width + j] = start[run, d]
            for i in range(watched.shape[0]):
                latest[i, j] = W[watched[i] * width + j]
            draw[2 + j] = numbers[run]
            alive[j] = 1
            status[j] = 0
            stopped[j] = steps
            left[j] = -1
            away[j] = 0
        for i in range(p.shape[0]):
            p[i] = 1
        for i in range(products.shape[0]):
            products[i] = 1
        begin_rows(W, real_rows, real, width)
        begin_rows(N, whole_rows, whole, width)
        running = width
        k = 0
        any_away = away[0] != 0  # no literal, for which `settle` would be compiled once more
        made = 0  # steps that were begun
        fresh = True  # whether trackers have not seen the loss after the last
        # What holds at the last point is known only once the step from there is begun.
        for t in range(steps + 2):
            if cancel[0] != 0:
                return
            if t > steps and not (running > 0 and (tol > 0 or asks_slope or any_away)):
                break
            if t > 0 and running > 0:
                if t <= steps:
                    for i in range(places.shape[0]):
                        h[places[i]] = timed[t - 1, i]
                    for i in range(targets.shape[0]):
                        if t <= untils[i]:
                            for j in range(width):
                                W[targets[i] * width + j] = spread[t - 1, cells[i, base + min(j, count - 1)]]
                if looks:
                    call_bool(look, (W, h, p, t, steps, box))
                draw[1] = t
                call(gradient, (W, c, draw))
                if tol > 0 or asks_slope or any_away:
                    running -= end_before(W, lanes, tol, asks_slope, dim, t)
                if begins:
                    ended = call_int(note, (W, N, told, BEGINS, t - 1, t - 1))
                    running -= ended
                    for d in range(dim if ended > 0 else 0):  # where those stay, as steps need not keep it
                        for j in range(width):
                            W[(before + d) * width + j] = W[(x + d) * width + j]
                made = t
                if t > steps:
                    break
                fresh = True
                if paces:
                    f = W[2 * dim * width : (2 * dim + 1) * width]
                    if watched_c.size > 0:  # the rule may ask for the loss of its step
                        for j in range(width):
                            kept_f[j] = f[j]
                        draw[1] = 0
                        call(value, (W, watched_c, draw))
                        draw[1] = t
                    call_bool(pace, (W, h, p, t, steps, box))
                    if watched_c.size > 0:
                        for j in range(width):
                            f[j] = kept_f[j]
                    for i in range(watched.shape[0]):
                        for j in range(width):
                            if alive[j] > 0:
                                latest[i, j] = W[watched[i] * width + j]
                if alters:
                    call(alter, (W, h, products, t, steps, box, draw))
                draw[1] = 0
                lost = call_bool(step, (W, h, p, t, steps, box))
                N[told + MOVED] = lost
                if alters:
                    lost |= call_bool(beside, (W, h, products, t, steps, box))
                if shows:
                    call_bool(show, (W, h, p, t, steps, box))
                if lost or shows or any_away or running < width:
                    ended, any_away = settle(
                        W, lanes, guarded, box, x, before, shown, shows, running < width, lost, any_away, dim, t
                    )
                    running -= ended
            recorded = t == records[k]
            judged = guarded and (t == 0 or (running > 0 and (asks_value or any_away)))
            asked = every > 0 and fresh and (t % every == 0 or t == steps)
            if recorded or judged or asked:
                if shown > 0:
                    for i in range(dim * width):
                        W[i] = W[shown * width + i]
                call(value, (W, c, draw))
                if t == 0:
                    for j in range(width):
                        begun[j] = W[2 * dim * width + j]
                if judged:
                    running -= end_by_value(W, lanes, box, t == 0 or asks_value, x, dim, t)
            if after and (asked or made == t):
                when = ASKED if asked else AFTER
                call_int(note, (W, N, told, when, t, t))
                fresh = fresh and not asked
            if recorded:
                for d in range(dim):
                    for j in range(count):
                        xs[base + j, k, d] = W[d * width + j]
                for j in range(count):
                    fs[base + j, k] = W[2 * dim * width + j]
                for i in range(watched.shape[0]):
                    for j in range(count):
                        followed[i, base + j, k] = latest[i, j]
                for i in range(kept.shape[0]):
                    for j in range(count):
                        states[i, base + j, k] = W[kept[i] * width + j] if 0 < t <= stopped[j] else np.nan
                k += 1
                if running == 0:  # nothing changes any more
                    for j in range(base, base + count):
                        for later in range(k, records.shape[0]):
                            fs[j, later] = fs[j, k - 1]
                            for d in range(dim):
                                xs[j, later, d] = xs[j, k - 1, d]
                            for i in range(watched.shape[0]):
                                followed[i, j, later] = followed[i, j, k - 1]
                            for i in range(kept.shape[0]):
                                states[i, j, later] = np.nan
                    break
        if every > 0 and fresh:  # the tile has ended before it was asked again
            if shown > 0:
                for i in range(dim * width):
                    W[i] = W[shown * width + i]
            call(value, (W, c, draw))
            t = min(-(-t // every) * every, steps)
            call_int(note, (W, N, told, ASKED, t, t))
        if begins and made <= steps:
            if tells:
                call(gradient, (W, c, draw))
            call_int(note, (W, N, told, BEGINS, made, steps))
        keep_rows(W, real_rows, kept_real, width, base, count)
        keep_rows(N, whole_rows, kept_whole, width, base, count)
        for j in range(count):
            statuses[base + j] = status[j]
            stops[base + j] = stopped[j]
            lefts[base + j] = left[j]
            if status[j] == UNDEFINED:
                for later in range(records.shape[0]):
                    if records[later] >= stopped[j]:
                        fs[base + j, later] = np.nan


def _idle(W, h, p, t, steps, box, draw):
    """Of the signature of `alter`."""


@lru_cache(maxsize=4)
def idle(dtype: str) -> Any:
    """What stands in the place of `alter` where there are no transforms."""
    return flags.kernel(alter_signature(dtype), _idle)


def driver(*records: NamedTuple) -> Callable[..., None]:
    """`descend`, compiled for records like these."""
    return compiled(descend, {}, *records, 0, 0, 0)
