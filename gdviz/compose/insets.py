"""Panels inside the main one: what is small in it magnified, and a map of where it lies.

A map stands in a picture whose window is less than THIRD of the landscape's box. Magnified is what the recipe says. By
itself, that is of a domain that was typed and in which the paths take less than SMALL the window around them; else the
ends of two runs or more that lie within PILE of each other, where that makes them LEAST to MOST times as large and most
of the heads that covered each other stand apart then.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.arrows import anatomy
from gdviz.compose.framing import Window, frame, is_round
from gdviz.compose.ground import paths, relief
from gdviz.errors import UsageError
from gdviz.lang import Texts
from gdviz.plans.setting import box
from gdviz.recipe.options.race import Race
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Axis, Layer, Marks, Panel

Floats = NDArray[np.float64]
View = tuple[tuple[float, float], ...]

THIRD = 1 / 3
"""Of the box's diagonal: the window below which a map says where it lies."""

SMALL = 0.35
"""Of the window's diagonal: the box of the paths below which they are magnified."""

PILE = 0.03
"""Of the window's diagonal: how near ends lie that are piled up."""

LEAST, MOST = 3.0, 60.0
"""How many times larger ends have to become for an inset to be worth its place, and how many times they may at most."""

SIDE = 0.36
"""About the side of an inset as a share of the main panel's."""

COVERED = 0.02
"""Of the window's diagonal: how near ends lie whose heads cover each other."""

BUSY = 6.0
"""Sides of an inset that the ways in it may be long; more is a tangle."""

ROOM = 1.7
"""Side of what is magnified, in sides of the box of the ends in it."""

TRACKS = 24
"""Most paths of a picture that has an inset by itself."""

MAP = 160
"""Samples along each side of a map."""


def check_inset(recipe: Race, view: str) -> None:
    """Raise UsageError where no inset could stand."""
    if recipe.inset is None or isinstance(recipe.inset, str):
        return
    if view != "contour":
        raise UsageError(f"--inset magnifies a plane, and this picture shows a {view}; drop --inset")
    if len(recipe.inset) != 2:
        raise UsageError(f"--inset has {len(recipe.inset)} range(s); type --inset X0:X1,Y0:Y1, as in -0.1:0.1,0.9:1.1")
    if recipe.split:
        raise UsageError("--inset stands in one picture of all paths; drop --split or type --inset off")


def inlays(run: Trajectories, words: Texts, window: Window) -> tuple[Panel, ...]:
    """What stands inside the main panel, the inset first."""
    if len(window.view) != 2 or (run.recipe.view or "contour") != "contour":
        return ()
    return (*_inset(run, words, window), *_map(run, words, window))


def _inset(run: Trajectories, words: Texts, window: Window) -> tuple[Panel, ...]:
    wanted = run.recipe.inset
    if wanted is None or isinstance(wanted, str):
        view = None if wanted == "off" or run.recipe.split else small(run, window)
        if view is None:
            return ()
    else:
        view = wanted
        if any(b <= low or a >= high for (a, b), (low, high) in zip(view, window.view, strict=True)):
            shown, typed = (",".join(f"{a:.6g}:{b:.6g}" for a, b in ranges) for ranges in (window.view, view))
            raise UsageError(f"--inset {typed} lies outside what is drawn, {shown}; type ranges inside it")
    part = dataclasses.replace(window, view=view, free=False)
    field, lying = relief(run, words, part, told=False)
    if isinstance(run.recipe.levels, tuple):  # the lines are those around it, so the tones are too
        field = dataclasses.replace(field, levels=relief(run, words, window, told=False, count=MAP)[0].levels)
    starts = run.x[0, :, 0, :2].astype(np.float64)
    low, high = np.array(view).T
    starts = starts[((starts >= low) & (starts <= high)).all(axis=1)]
    layers: tuple[Layer, ...] = (
        field,
        *lying,
        Marks("start", starts),
        paths(run, words, told=False),
        *(dataclasses.replace(arrows, texts=()) for arrows in anatomy(run, words)),
    )
    asked = wanted is not None and not isinstance(wanted, str)
    return (_panel("inset", view, words, layers, window.even, asked),)


def small(run: Trajectories, window: Window) -> View | None:
    """What is worth being magnified; None where nothing is."""
    points = run.x[..., :2].astype(np.float64)
    if points.shape[0] * points.shape[1] > TRACKS or run.recipe.anatomy is not None or run.recipe.arrows:
        return None
    low, high = np.array(window.view).T
    unit = np.full(2, (high - low).max()) if window.even else high - low
    whole = float(np.linalg.norm((high - low) / unit))
    alive = (run.t <= run.stopped_at[..., None]) & ((points >= low) & (points <= high)).all(axis=-1)
    if (run.recipe.window or run.recipe.domain) and alive.any():
        seen = points[alive] / unit
        if np.linalg.norm(np.ptp(seen, axis=0)) < SMALL * whole:
            part = frame(run, window.view, window.known.lowest_of(run, window.home))
            return part if (np.subtract(*np.array(part).T[::-1]) < (high - low) / 2).all() else None
    ends = _ends(run, points)[~run.gone]
    ends = ends[((ends >= low) & (ends <= high)).all(axis=-1)] / unit
    if len(ends) < 2:
        return None
    apart = np.linalg.norm(ends[:, None] - ends[None], axis=-1)
    near = apart <= PILE * whole
    mine = near[near.sum(axis=1).argmax()]
    heap = ends[mine]
    if len(heap) < 2:
        return None
    centre, far = (heap.min(axis=0) + heap.max(axis=0)) / 2, float(np.ptp(heap, axis=0).max())
    lowest = window.known.lowest_of(run, window.home) / unit
    around = np.concatenate([heap, lowest[(np.abs(lowest - centre) <= 1.5 * far).all(axis=1)]])
    side = max(float(np.ptp(around, axis=0).max()) * ROOM, 1e-300)
    factor = SIDE * float(((high - low) / unit).max()) / side
    pairs = apart[np.ix_(mine, mine)][np.triu_indices(len(heap), 1)]
    met = pairs[pairs < COVERED * whole]
    if not LEAST <= factor <= MOST or (met * factor >= COVERED * whole).sum() < max(len(met) / 2, 1):
        return None
    first = (around.min(axis=0) + around.max(axis=0) - side) / 2
    if _ways(points / unit, first, first + side) > BUSY * side:
        return None
    return tuple((float(a), float(b)) for a, b in zip(first * unit, (first + side) * unit, strict=True))


def _ways(points: Floats, low: Floats, high: Floats) -> float:
    """The middle one of how long the ways of runs are between corners; a step counts at most the side of these."""
    inside = np.asarray(((points >= low) & (points <= high)).all(axis=-1))
    steps = np.minimum(np.linalg.norm(np.diff(points, axis=2), axis=-1), float((high - low).max()))
    return float(np.median(np.where(inside[:, :, 1:] | inside[:, :, :-1], steps, 0.0).sum(axis=2)))


def _ends(run: Trajectories, points: Floats) -> Floats:
    """float64[optimizer, start, dim]: where each run is at last."""
    last = np.minimum(np.searchsorted(run.t, run.stopped_at), len(run.t) - 1)
    return np.asarray(np.take_along_axis(points, last[..., None, None], axis=2)[:, :, 0])


def _map(run: Trajectories, words: Texts, window: Window) -> tuple[Panel, ...]:
    own = box(run.setting.landscape, len(run.setting.domain), ())[:2]
    spans, whole = (np.subtract(*np.array(ranges).T[::-1]) for ranges in (window.view, own))
    unit = np.full(2, whole.max()) if is_round(own) else whole
    if np.linalg.norm(spans / unit) >= THIRD * np.linalg.norm(whole / unit):
        return ()
    around = dataclasses.replace(window, view=own, free=False)
    field, lying = relief(run, words, around, told=False, count=MAP)
    stars = [layer for layer in lying if isinstance(layer, Marks) and layer.kind == "minimum"]
    return (_panel("locator", own, words, (field, *stars), is_round(own)),)


def _panel(area: str, view: View, words: Texts, layers: tuple[Layer, ...], even: bool, asked: bool = False) -> Panel:
    x, y = (Axis(low, high, decimal=words.decimal_mark) for low, high in view)
    return Panel(area, x, y, layers, aspect=1.0 if even else None, asked=asked)
