"""How time passes in a film: which step is shown for how long, and how long the film is.

Every step has a share of the time between the two holds. With "steps" all shares are equal, with "log" the share of
step k is log(k + 1) − log(k), with "path" it is its motion on the page and a floor that all steps have. Its motion is
how far the heads go in it, as a share of the diagonal of the panel in which they go, on an average of all heads. Of one
head no more than BOUND counts, so that one excursion does not rule, and what goes on outside the panel does not count
at all. Motion counts LINGERS times where a head turns back sharply (overshoot), and a step with which one leaves the
panel or is lost counts as BOUND. "auto" is "path" where a panel shows paths of iterates, else "steps".

From where all heads rest, none a pixel from where it ends, the remaining steps are run through: together they take
REST of the time, and the last frame shows the last one all the same. Where nobody typed a length the film is the
longest of at most USUAL seconds in which heads move in half of the frames, but never shorter than SHORT.

Whoever tells the story may stop at the start, after steps 1, 2, 5 and 10, where the paths bend most after that, where
the film stands still, and at the end; of curves, which all begin alike, at every quarter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError
from gdviz.recipe.recipe import Recipe
from gdviz.scene import Arrows, Callouts, Panel, Timeline, Trails, holds, timeline

Floats = NDArray[np.float64]

USUAL = 10.0
"""Seconds of a film."""

SHORT = 4.0
"""Seconds that a film has at least, however early its paths rest."""

RATE = 30.0
"""Frames a second for which its length is chosen, whatever its own: the same film lasts as long in every format."""

FLOOR = 0.42
"""The share of the time that all steps get alike."""

REST = 0.04
"""The share of the time for the steps after which all heads rest."""

BOUND = 0.1
"""Of the diagonal of a panel: how far a head may go in a step for all of it to count."""

STILL = 1 / 1300
"""Of the diagonal: about a pixel at 1080p. A head that is nearer to its end rests."""

WIDTH = 1.25
"""About the width over height of a panel that fills its place, whatever the units of its axes are."""

LINGERS = 2.0
"""How much more the motion counts of steps that overshoot."""


GROWING = 5.0
"""Seconds for which a film stands still where arrows take a step apart, one after another."""

READING = 1.5
"""Seconds for which a film stands still where a callout appears."""

STOPS = (1, 2, 5, 10)
"""Steps after which the story may be stopped: what a first step is, and how it goes on."""

BEND = 5
"""Records before and after a bend that tell how sharp it is."""


class Way(NamedTuple):
    """What a head does in its panel.

    where: float64[record, 2], shares of the panel's diagonal, held at its edge; inside: bool[record], whether it is
    there; lost: the record at which it diverged or has no value, None if it has not; curve: whether it draws a curve.
    """

    where: Floats
    inside: NDArray[np.bool_]
    lost: int | None
    curve: bool


def check(recipe: Recipe) -> None:
    """Raise UsageError where the holds leave no time for what is between them."""
    if recipe.hold is not None and recipe.seconds is not None and sum(recipe.hold) >= recipe.seconds:
        start, end = recipe.hold
        raise UsageError(
            f"--hold {start:g},{end:g} leaves no time for the steps in a film of {recipe.seconds:g} s; type shorter "
            "holds or more --seconds"
        )


def film(recipe: Recipe, panels: Sequence[Panel], steps: NDArray[np.int64], fps: Fraction | None = None) -> Timeline:
    """The timeline of a film as its recipe asks for it, of records with these step numbers int64[record].

    It stands still where a callout appears or arrows take a step apart. fps: frames a second where the format cannot
    show the recipe's.
    """
    records = len(steps)
    kind, ways = recipe.pace, list(_ways(panels))
    if kind in (None, "auto"):
        kind = "path" if ways and not all(way.curve for way in ways) else "steps"
    shares = np.ones(max(records - 1, 1))
    length = USUAL
    if kind == "log":
        shares = np.diff(np.log1p(np.abs(steps - steps[0])), append=np.log1p(1.0) if records == 1 else [])
    elif kind == "path" and records > 1:
        shares, length = _along(ways, records - 1)
    stands = _stands(panels)
    seconds, ends = recipe.seconds, recipe.hold or holds(length if recipe.seconds is None else recipe.seconds)
    if seconds is None:  # then holds and stands come in addition
        seconds = length - sum(holds(length)) + sum(ends) + sum(stands.values())
    around = np.concatenate([shares[:1], shares, shares[-1:]])
    pace = np.ones(records) if records == 1 else 0.5 * (around[1:] + around[:-1])  # half of a step before, half after
    rate = fps or Fraction(recipe.fps).limit_denominator(1001)
    return timeline(records, rate, seconds, ends, pace, tuple(sorted({*_stops(ways, steps), *stands})), stands)


def _stops(ways: Sequence[Way], steps: NDArray[np.int64]) -> tuple[int, ...]:
    """Records at which the story may be stopped, the first and the last among them."""
    last = len(steps) - 1
    if all(way.curve for way in ways):
        return tuple(sorted({round(last * quarter / 4) for quarter in range(5)}))
    found = [0, *np.flatnonzero(np.isin(steps, STOPS)).tolist(), last]
    bends = np.sum([_bends(way.where) for way in ways], axis=0)
    bends[: np.searchsorted(steps, 2 * STOPS[-1])] = 0.0  # sooner it is no stop of its own
    return tuple(sorted({*found, int(np.argmax(bends))} if bends.max() > STILL else {*found}))


def _bends(where: Floats) -> Floats:
    """How sharply a path turns at each record, float64[record]: by how much the straight way past it, from BEND records
    before to BEND after, is shorter than that over it, as a share of the panel's diagonal."""
    k = np.arange(len(where))
    before, after = where[np.maximum(k - BEND, 0)], where[np.minimum(k + BEND, len(where) - 1)]
    legs = (where - before, after - where, after - before)
    to, on, past = (np.hypot(*leg.T) for leg in legs)
    return np.asarray(to + on - past)


def _stands(panels: Sequence[Panel]) -> dict[int, float]:
    """Seconds for which records are shown in addition, so that what appears with them can be read."""
    layers = [layer for panel in panels for layer in panel.layers]
    said = [record for layer in layers if isinstance(layer, Callouts) for record in layer.since if record > 0]
    since = [layer.since or () for layer in layers if isinstance(layer, Arrows)]
    apart = {int(moment) for moments in since for moment in moments if moment % 1 > 0}
    return {k: READING * said.count(k) + (GROWING if k in apart else 0.0) for k in {*said, *apart}}


def _ways(panels: Sequence[Panel]) -> Iterator[Way]:
    for panel in panels:
        wide, high = (panel.x.span, panel.y.span * panel.aspect) if panel.aspect else (WIDTH, 1.0)
        scale = np.array([wide, high]) / np.hypot(wide, high)
        trails = [layer for layer in panel.layers if isinstance(layer, Trails)] if panel.area == "main" else []
        for kind, track in ((layer.kind, track) for layer in trails for track in layer.tracks):
            where = np.column_stack([panel.x.fraction(track.points[:, 0]), panel.y.fraction(track.points[:, 1])])
            known = ~np.isnan(where).any(axis=1)
            before = np.maximum.accumulate(np.where(known, np.arange(len(where)), 0))
            lost = track.stop if track.status in ("diverged", "undefined") else None
            inside = np.logical_and.reduce((where >= 0) & (where <= 1), axis=1)
            yield Way(np.nan_to_num(np.clip(where, 0.0, 1.0))[before] * scale, inside, lost, kind == "curve")


def _along(ways: Sequence[Way], steps: int) -> tuple[Floats, float]:
    """The share of the time for each step, float64[step], and seconds of a film whose length nobody typed."""
    motion, most, rest = np.zeros(steps), np.zeros(steps), 0
    for where, inside, lost, _ in ways:
        move = np.diff(where, axis=0)
        far = np.hypot(*move.T)
        most = np.maximum(most, far)
        away = np.flatnonzero(np.hypot(*(where - where[-1]).T) > STILL)
        rest = max(rest, int(away[-1]) + 1 if len(away) else 0)
        counts = np.ones(steps)
        turns = 1 + np.flatnonzero((move[1:] * move[:-1]).sum(axis=1) < -0.25 * far[1:] * far[:-1])
        counts[turns] = counts[turns - 1] = LINGERS
        far = np.minimum(far, BOUND)
        far[inside[:-1] & ~inside[1:]] = BOUND
        if lost is not None and 0 < lost <= steps:
            far[lost - 1] = BOUND
        motion += counts * far / len(ways)
    shares = np.full(steps, 1.0 / steps)
    if rest and motion[:rest].sum() > 0:
        left = min(REST, (steps - rest) / steps)
        shares[:rest] = (1 - left) * (FLOOR / rest + (1 - FLOOR) * motion[:rest] / motion[:rest].sum())
        shares[rest:] = left / max(steps - rest, 1)
    return shares, _length(shares[:rest][most[:rest] > STILL])


def _length(shares: Floats) -> float:
    """Seconds of the longest film in which heads move in half of the frames, if these steps move and no others."""
    for tenths in range(round(10 * USUAL), round(10 * SHORT), -1):
        seconds = tenths / 10
        frames = RATE * (seconds - sum(holds(seconds)))
        if np.minimum(frames * shares, 1.0).sum() >= 0.5 * RATE * seconds:
            return seconds
    return SHORT
