"""Which part of a landscape the main panel shows, where nobody said: the action, with some air.

The window follows from the run alone, so every page and every format shows the same one.

1. Inside are all starts, and the ends of all runs that end in the landscape's own box.
2. Of the ways between them inside is what the bulk of the runs has. On either axis the farthest runs, one in EIGHTH and
   at least one of three, do not count where the range is less than TIGHTER of that of all without them; of a run that
   is alone its farthest FEW of records do not, where it is less than ALONE of it. Runs that diverged or left the guard
   do not count either then, and else as far as they stay in the box.
3. Beyond the box is only a start, and what more than OUTSIDE of all records lie beyond.
4. Lowest minima, nearest first, are inside while the window grows no more than NEAR times by them.
5. AIR is added on all sides, the shorter side is at least 1 / SLIM of the longer, and no side reaches out of the box
   that did not have to; then come the tips of arrows at starts, if they are drawn. What nearly fills the box becomes
   the box, and so does the window of runs that hardly move.

Lengths are compared in units of the axes where these have the same for a round landscape, else in shares of the box.
A window that is more than SLENDER has units of their own on its axes, so that it fills its place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.arrows import anatomy, gradient_arrows, reach
from gdviz.compose.minima import Known, known_of, others_of
from gdviz.lang import Texts
from gdviz.plans.setting import WHOLE, box, ranges
from gdviz.runs.trajectories import Trajectories

Floats = NDArray[np.float64]
View = tuple[tuple[float, float], ...]

WIDEST, HIGHEST = 1.6, 1.25
"""Width over height, and height over width, of the places that a round view may be widened to fill."""

EIGHTH, TIGHTER = 8, 0.6
FEW, ALONE = 0.03, 1 / 3
OUTSIDE = 0.6
NEAR = 1.5
AIR = 0.1
SLIM = 1.5

SLENDER = 4.0
"""How many times higher than wide, or wider than high, a window with one unit for both axes may be."""

ARROW = 0.36
"""Length of the longest arrow at a start as a share of the window's sides."""

FULL = 0.85
"""Share of the box, on every axis, from which a window is the box itself."""

MOVED = 0.01
"""Share of the box's longest side below which a way is a point."""

LEAST = 0.015
"""The shortest that a window's longest side is, as a share of the box's."""


@dataclasses.dataclass(frozen=True, eq=False)
class Window:
    """What the main panel shows: a range for every coordinate that is drawn, of a landscape that is not for all.

    even: one unit is as long on one axis as on the other; free: a page may widen it to fill its place, up to `most`;
    known: the minima that there are in and around it;
    home: the landscape's box and the window, among whose minima the lowest is one.
    """

    view: View
    even: bool
    free: bool
    known: Known
    home: View

    @property
    def most(self) -> View:
        """The ranges that a page may widen it to."""
        return widened(self.view) if self.free else self.view


def window_of(run: Trajectories, words: Texts, drawn: bool = True) -> Window:
    """The window as typed, else around the arrows of a step taken apart, else around the paths.

    drawn: whether the landscape is drawn, or its loss alone.
    """
    recipe, landscape, dimension = run.recipe, run.setting.landscape, len(run.setting.domain)
    own = box(landscape, dimension, ranges(recipe.domain))
    if not drawn:
        seen = ranges(recipe.window)
        return Window((*seen, *own[len(seen) :]), False, False, Known(np.empty((0, dimension + 1))), own)
    own = own[:2]
    typed = recipe.window or recipe.domain
    if typed and typed != WHOLE:
        view = (*ranges(recipe.window), *own)[: len(own)]
        return Window(view, is_round(view), False, known_of(run, view), view)
    if recipe.window == WHOLE:
        own = box(landscape, dimension, ())[:2]
    known = known_of(run, widened(own) if is_round(own) else own)
    near = own if typed else reach(anatomy(run, words), run.x[0, :, 0, :2].astype(np.float64))
    lowest = known.lowest_of(run, own)
    view = near or frame(run, own, lowest)
    free = is_round(near or own) and max(_spans(view)) <= SLENDER * min(_spans(view))
    view = near or _with_arrows(run, words, view, free)
    home = tuple((min(a, c), max(b, d)) for (a, b), (c, d) in zip(own, view, strict=True))
    return Window(view, free, free, known, home)


def _with_arrows(run: Trajectories, words: Texts, view: View, even: bool) -> View:
    """The view with the tips of arrows at starts, which are as long on the page whatever the window is."""
    if len(view) < 2 or not any(arrow.at == "start" for arrow in run.recipe.arrows):
        return view
    low, high = np.array(view).T
    for _ in range(3):
        spans, now = high - low, tuple(zip(low.tolist(), high.tolist(), strict=True))
        layers = gradient_arrows(run, words, (now, now), others_of(run), even)
        parts = [one for one in layers if one.start is not None and one.entry is None and one.scale]
        lengths = [np.linalg.norm(one.scale.vectors / spans, axis=1).max() for one in parts if one.scale]
        tips = [
            one.tails + 1.1 * ARROW * (one.tips - one.tails) / most for one, most in zip(parts, lengths, strict=True)
        ]
        every = np.concatenate([np.stack([low, high]), *(tip for tip in tips if np.isfinite(tip).all())])
        low, high = every.min(axis=0), every.max(axis=0)
    return tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))


def widened(view: View) -> View:
    """The widest and highest that a view of two coordinates may become."""
    (x0, x1), (y0, y1) = view
    ratio = (x1 - x0) / (y1 - y0)
    beyond = (min(max(WIDEST / ratio, 1.0), 2.0) - 1.0) / 2, (min(max(HIGHEST * ratio, 1.0), 2.0) - 1.0) / 2
    return tuple((a - more * (b - a), b + more * (b - a)) for (a, b), more in zip(view, beyond, strict=True))


def in_view(run: Trajectories, window: Window) -> NDArray[np.bool_]:
    """bool[optimizer, start, record]: whether the point is in the window; all true when a start is outside."""
    low, high = np.array(window.view).T
    drawn = run.x[..., : len(low)]
    inside = ((drawn >= low) & (drawn <= high)).all(axis=-1)
    return inside if inside[:, :, 0].all() else np.ones_like(inside)


def _spans(view: View) -> list[float]:
    return [high - low for low, high in view]


def is_round(box: View) -> bool:
    """Whether a landscape of two coordinates is drawn with one unit for both."""
    if len(box) < 2:
        return False
    (x0, x1), (y0, y1) = box[:2]
    return 0.75 <= (x1 - x0) / (y1 - y0) <= 1.6


def frame(
    run: Trajectories,
    box: View,
    minima: Floats,
    optimizers: Collection[int] | None = None,
    starts: Collection[int] | None = None,
) -> View:
    """The window for some of a run's optimizers and starts, by default for all of them.

    box: the landscape's own, of the coordinates that are drawn; minima: float64[n, dim] of these, the lowest.
    """
    some = np.ix_(
        range(run.x.shape[0]) if optimizers is None else list(optimizers),
        range(run.x.shape[1]) if starts is None else list(starts),
    )
    points = run.x[..., : len(box)][some].astype(np.float64)
    points[run.t > run.stopped_at[some][..., None]] = np.nan
    points[~np.isfinite(points).all(axis=-1)] = np.nan
    return around(points.reshape(-1, *points.shape[2:]), run.gone[some].ravel(), box, minima)


def around(points: Floats, lost: NDArray[np.bool_], box: View, minima: Floats) -> View:
    """The window of tracks float64[track, record, dim], NaN where a run has no point or has stopped.

    lost: bool[track], those that do not rule; box and minima as in `frame`.
    """
    low, high = np.array(box).T
    unit = np.full(len(low), (high - low).max()) if is_round(box) else high - low
    ways, edge, places = (points - low) / unit, (high - low) / unit, (minima - low) / unit
    starts = ways[:, 0][np.isfinite(ways[:, 0]).all(axis=-1)]
    if not len(starts):
        return box
    inside = ((ways >= 0) & (ways <= edge)).all(axis=-1)
    gone = np.logical_or.accumulate(~inside, axis=1) & lost[:, None]
    ways = np.where(gone[..., None], np.nan, ways)
    known = np.isfinite(ways[..., 0])
    ends = ways[np.arange(len(ways)), known.shape[1] - 1 - known[:, ::-1].argmax(axis=1)][~lost]
    ends = ends[((ends >= 0) & (ends <= edge)).all(axis=-1)]
    first, last = _bulk(ways, lost, np.concatenate([starts, ends]), edge)
    if np.max(last - first) < MOVED:
        if ((first >= 0) & (last <= edge)).all():
            return box
        first, last = np.minimum(first, 0.0), np.maximum(last, edge)  # its start is told with what it is away from
    first, last = _with_minima(first, last, places, edge)
    return _aired(first, last, edge, low, unit, box)


def _bulk(ways: Floats, lost: NDArray[np.bool_], kept: Floats, edge: Floats) -> tuple[Floats, Floats]:
    """Low and high corner, float64[dim] each, of what the bulk of the tracks holds, and all of kept points."""
    first, last = kept.min(axis=0), kept.max(axis=0)
    known = np.isfinite(ways[..., 0])
    some = known.any(axis=1)
    ways, known, lost = ways[some], known[some], lost[some]
    if not len(ways):
        return first, last
    steady = known & ~lost[:, None]
    count = max(int(steady.sum()), 1)
    ruling = ~lost if not lost.all() else lost  # where all are lost there is nobody else to follow
    dropped = max(int(ruling.sum()) // EIGHTH, int(ruling.sum() > 2))
    for axis in range(len(edge)):
        values = ways[..., axis]
        with np.errstate(all="ignore"):
            lows, highs = np.nanmin(values, axis=1), np.nanmax(values, axis=1)
        if np.count_nonzero(steady & (values < 0)) <= OUTSIDE * count:
            lows = np.maximum(lows, 0.0)
        if np.count_nonzero(steady & (values > edge[axis])) <= OUTSIDE * count:
            highs = np.minimum(highs, edge[axis])
        whole = min(first[axis], lows.min()), max(last[axis], highs.max())
        if ruling.sum() > 1:
            tight = np.sort(lows[ruling])[dropped], np.sort(highs[ruling])[-1 - dropped]
        else:
            tight = tuple(np.nanquantile(values[ruling], [FEW, 1.0 - FEW]))
        share = TIGHTER if len(ways) > 1 else ALONE
        tight = min(first[axis], tight[0]), max(last[axis], tight[1])
        first[axis], last[axis] = tight if tight[1] - tight[0] < share * (whole[1] - whole[0]) else whole
    return first, last


def _with_minima(first: Floats, last: Floats, places: Floats, edge: Floats) -> tuple[Floats, Floats]:
    """The corners with the minima that lie near."""
    most = NEAR * float(np.linalg.norm(last - first))
    places = places[((places >= -1e-9) & (places <= edge + 1e-9)).all(axis=-1)]
    off = np.maximum(np.maximum(first - places, places - last), 0.0)
    for place in places[np.argsort(np.linalg.norm(off, axis=-1), kind="stable")]:
        low, high = np.minimum(first, place), np.maximum(last, place)
        if np.linalg.norm(high - low) > most:
            break
        first, last = low, high
    return first, last


def _aired(first: Floats, last: Floats, edge: Floats, low: Floats, unit: Floats, box: View) -> View:
    """The window around corners in the units of the rule."""
    spans = (last - first) + 2 * AIR * float((last - first).max())
    spans = np.maximum(spans, max(float(spans.max()) / SLIM, LEAST))
    held = (first >= 0) & (last <= edge)  # what has to reach out has its air out there too
    spans = np.where(held, np.minimum(spans, edge), spans)
    begin = (first + last - spans) / 2
    begin = np.where(held, np.clip(begin, 0.0, edge - spans), begin)
    if held.all() and (spans >= FULL * edge).all():
        return box
    ends = zip(low + begin * unit, low + (begin + spans) * unit, strict=True)
    return tuple((float(a), float(b)) for a, b in ends)
