"""The axis of a quantity against the step: linear, of decades, or of decades on both sides of 0, and its range.

A picture of a race is read by comparing curves. What would press them together, one run far below or above the others
or a fall within the first steps, is cut off, and the axis says at its end how far the curves go on.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from gdviz.scene import Axis

Floats = NDArray[np.float64]

LOG_RATIO = 50.0
"""Largest over smallest value from which an axis is logarithmic; where some are negative, largest over those at which
runs end."""

STILL = 1e-5
"""Share of its size below which a quantity that changes is drawn as one that does not."""

LOG_SPAN, DEEPEST, DIP = 1e-9, 1e-16, 1e-2
"""A logarithmic axis reaches at most this far below its top. Where a run ends deeper it goes on to that end, unless it
is as far below the top as float64 tells numbers apart, and to what has dipped this far below it on the way; curves that
go deeper are shown to leave."""

DEPTH = 1e-6
"""An axis of decades on both sides of 0 has them down to this share of the largest value: less may be rounding."""

RISE = 10.0
"""A quantity whose axis does not follow runs that diverge is shown up to so many times its largest start."""

PRESSED = 0.22
"""Share of the range below which curves are pressed by the others: with the air at both ends a fifth of the axis."""

DECADES, GROUP = 5.0, 0.1
"""What a group of runs, fewer than half, may do to the others that one run may not: make an axis of decades so many
decades long, and press them on a linear one to this share of it."""

EARLY, FALLEN = 0.05, 0.1
"""First share of the records, and share of the axis below which all later values are pressed by the fall in it."""

LEVEL = 0.01
"""Share of their size by which curves have to differ to be told apart: what differs less is as good as level."""


def value_axis(values: Floats, decimal: str = ".", scale: str | None = None, tame: bool = True) -> Axis:
    """The axis of a quantity float64[optimizer, start, record] against the step.

    NaN where a point is of no interest. scale: "linear", "log", "symlog", or None for the one that suits. With `tame` a
    run that diverges does not squeeze the others: the top is at most RISE times the largest value at the start.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    if tame and (first := float(np.abs(values[:, :, 0][~np.isnan(values[:, :, 0])]).max(initial=0.0))) > 0:
        values = np.where(values <= RISE * first, values, np.nan)
    rows = values.reshape(-1, values.shape[-1])
    rows = rows[~np.isnan(rows).all(axis=1)]
    if not len(rows):
        return Axis(-0.05, 1.05, decimal=decimal)
    scale = scale or _scale(rows)
    if scale == "log":
        top, ends = float(np.nanmax(rows)), _ends(rows)
        deepest = DIP * ends[ends >= DEEPEST * top].min(initial=top)
        rows = np.where((rows > 0) & (rows >= min(deepest, LOG_SPAN * top)), rows, np.nan)
        rows = rows[~np.isnan(rows).all(axis=1)]
        if len(rows):
            (low, high), (under, over) = _held(np.log10(rows), decades=True)
            return Axis((0.7, 1.0)[under] * 10**low, (1.5, 1.0)[over] * 10**high, "log", decimal=decimal)
        return Axis(0.1, 10.0, "log", decimal=decimal)
    if scale == "symlog":
        bend = _bend(rows)
        plain = Axis(-bend, bend, "symlog", decimal=decimal, bend=bend)
        (low, high), cut = _held(plain.heights(rows), decades=True)
        low, high = _padded(low, high, cut)
        low, high = plain.unheights(np.array([low, high])).tolist()
        return dataclasses.replace(plain, low=low, high=high)
    (low, high), cut = _held(rows)
    return Axis(*_padded(low, high, cut), decimal=decimal)


def _scale(rows: Floats) -> str:
    """Which scale tells the curves float64[run, record] apart."""
    low, high = float(np.nanmin(rows)), float(np.nanmax(rows))
    ends = np.abs(_ends(rows))
    if low < 0 < high:
        return "symlog" if ends.max() < max(-low, high) / LOG_RATIO / 2 else "linear"
    above = np.where(rows > 0, rows, np.nan)
    if high <= 0 or not np.nanmin(above) < high / LOG_RATIO:
        return "linear"
    if np.median(ends) < high / LOG_RATIO or _spread(ends) > LOG_RATIO:
        return "log"
    # most end high and near each other: decades are for the one that does not, and where it would be cut off for ends
    # that a fall from far above presses together
    above = above[~np.isnan(above).all(axis=1)]
    (bottom, top), _ = _held(rows)
    told = float(np.ptp(ends)) >= PRESSED * (top - bottom)
    return "linear" if told and any(_held(np.log10(above), decades=True)[1]) else "log"


def _ends(rows: Floats) -> Floats:
    """float64[run]: the last value known of each."""
    return np.array([row[~np.isnan(row)][-1] for row in rows])


def _spread(ends: Floats) -> float:
    """Largest over smallest of float64[run], whichever of the two is without its fellows left out."""
    ends = np.sort(ends)
    if len(ends) < 3:
        return 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.fmin(ends[-1] / ends[1], ends[-2] / ends[0]))


def _bend(rows: Floats) -> float:
    """Within which values an axis of decades on both sides is about linear: a power of ten, at which curves end."""
    ends = float(np.median(np.abs(_ends(rows))))
    most = float(np.nanmax(np.abs(rows))) or 1.0
    return float(f"1e{math.floor(math.log10(max(ends, DEPTH * most)))}")


def _held(rows: Floats, decades: bool = False) -> tuple[tuple[float, float], tuple[bool, bool]]:
    """From where to where an axis of curves float64[run, record] goes, in its own units, and at which end it is cut."""

    def nearer(whole: tuple[float, float], core: tuple[float, float], share: float) -> tuple[float, float]:
        """The range, or where its core has less than this share of it, the core and as much again on either side."""
        span = core[1] - core[0]
        if span >= share * (whole[1] - whole[0]) or level(core):
            return whole
        return max(whole[0], core[0] - span), min(whole[1], core[1] + span)

    def around(whole: tuple[float, float], core: tuple[float, float]) -> tuple[float, float]:
        """The core and as much of the range beside it as a group of runs is given."""
        span, under, over = core[1] - core[0], core[0] - whole[0], whole[1] - core[1]
        more = max(span / PRESSED, DECADES) - span if decades else span / GROUP - span
        if level(core) or more >= under + over:
            return whole
        least = min(under, over, more / 2)
        return core[0] - min(under, more - least), core[1] + min(over, more - least)

    def level(core: tuple[float, float]) -> bool:
        return core[1] - core[0] <= (math.log10(1 + LEVEL) if decades else LEVEL * max(map(abs, core)))

    low, high = whole = float(np.nanmin(rows)), float(np.nanmax(rows))
    most = _most(np.nanmin(rows, axis=1), np.nanmax(rows, axis=1), decades)
    core = float(np.nanmin(rows[most])), float(np.nanmax(rows[most]))
    if np.count_nonzero(~most) > 1:
        low, high = around(whole, core)
    else:
        low, high = nearer(whole, core, PRESSED)
        rows = rows[most]
    later = rows[:, math.ceil(EARLY * rows.shape[1]) :]
    later = later[(later >= low) & (later <= high)]
    if len(later):
        low, high = nearer((low, high), (float(later.min()), float(later.max())), FALLEN)
    return (low, high), (low > whole[0], high < whole[1])


def _most(lows: Floats, highs: Floats, decades: bool) -> NDArray[np.bool_]:
    """bool[run]: all, or without the fewest that press all the others together: one, or fewer than half.

    Of two runs on a linear axis none is left out: how little one of them does beside the other is to be seen.
    """
    whole, kept = highs.max() - lows.min(), np.ones(len(lows), np.bool_)
    for _ in range(max(1, (len(lows) - 1) // 2) if len(lows) > (1 if decades else 2) else 0):
        ends = int(np.argmin(np.where(kept, lows, np.inf))), int(np.argmax(np.where(kept, highs, -np.inf)))
        without = [kept & (np.arange(len(lows)) != end) for end in ends]
        kept = min(without, key=lambda others: float(highs[others].max() - lows[others].min()))
        if highs[kept].max() - lows[kept].min() < PRESSED * whole:
            return kept
    return np.ones(len(lows), np.bool_)


def _padded(low: float, high: float, cut: tuple[bool, bool]) -> tuple[float, float]:
    # what moves less than this stands still for who looks, and labels that tell it apart would fill the page
    span = high - low if high - low > STILL * max(abs(low), abs(high)) else max(abs(low), abs(high)) or 1.0
    return low - 0.05 * span * (not cut[0]), high + 0.05 * span * (not cut[1])


def with_cut(axis: Axis, values: Floats, told: bool = False) -> Axis:
    """The axis, which says where values go on beyond it; with `told` also how far."""
    low, high = values[values < axis.low], values[values > axis.high]
    axis = dataclasses.replace(axis, cut=(bool(len(low)), bool(len(high))))
    if not told:
        return axis
    ends = (float(low.min()) if len(low) else None, float(high.max()) if len(high) else None)
    return dataclasses.replace(axis, beyond=ends)
