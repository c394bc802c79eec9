"""Basins of attraction as a scene: the hue of a start is the minimum it leads to, its lightness how soon."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import STATUSES
from gdviz.compose.ground import lettered
from gdviz.compose.maps import (
    MISSING,
    Scale,
    colour,
    is_roomy,
    map_panel,
    missing_bar,
    optimizers_of,
    page_of,
    plane,
    shaded,
    share_of,
    told_of,
    trust_bars,
    wilson_note,
)
from gdviz.compose.readings import readings
from gdviz.compose.studies import caption, check_known, names, title
from gdviz.lang import Texts, texts
from gdviz.recipe.options.basins import Basins
from gdviz.recipe.sizes import page_size
from gdviz.scene import Bar, Key, Layer, Marks, Mosaic, Panel, Reading, Scene, themed
from gdviz.scene.themes import Tones
from gdviz.scene.tones import SHADES, ramp
from gdviz.studies import basins
from gdviz.studies.minima import Minima
from gdviz.studies.statistics import basin_entropy
from gdviz.studies.study import Study

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

OUTCOMES = ("outcome_none", "outcome_undefined", "outcome_diverged")
"""What may come of a start besides a minimum, as pictures say it; in the order of `Tones.quiet`."""

STARRED = 40
"""Minima without a hue of their own that are marked; more would hide the map."""


def compose(study: Study, fps: Fraction | None = None) -> Scene:
    """The scene of basins as their recipe asks for it. Raises UsageError where nothing is computed yet."""
    recipe, words = cast(Basins, study.recipe), texts(study.recipe.lang)
    check_known(study)
    width, height, dpi = page_size(recipe.size)
    found = _found(study)
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=themed(recipe),
        panels=tuple(_panels(study, words, found)),
        entries=(),
        title=title(study, words, "basins_title"),
        caption=_caption(study, words, recipe),
        readings=readings(recipe, lambda said, words: _reading(study, said, words)),
        font=recipe.font,
        font_scale=recipe.font_size,
        key=None if recipe.legend == "off" else _key(study, words, found),
    )


@dataclasses.dataclass(frozen=True, eq=False)
class _Found:
    """What starts lead to.

    kinds: int16[optimizer, row, column], -1 where nothing is computed; 0 … n - 1 minima with a hue of their own, of
    which `own` says which they are; n other minima, n + 1 … OUTCOMES. others: how many of these minima there are.
    steps: int32[optimizer, row, column] from which on a run stays at its minimum. scale: of these, for all optimizers.
    """

    kinds: NDArray[np.int16]
    own: tuple[int, ...]
    others: int
    steps: NDArray[np.integer]
    scale: Scale

    def letter(self, number: int) -> str:
        """What a minimum with a hue of its own is called on the map."""
        return "ABCDEFGH"[number]


def _found(study: Study) -> _Found:
    minimum, status, steps = (
        np.stack([plane(study, one) for one in study.arrays[name]]) for name in ("minimum", "status", "steps")
    )
    known = np.stack([plane(study, one) for one in study.known])
    reached = known & (minimum >= 0)
    counts = np.bincount(minimum[reached], minlength=len(_minima(study).points))
    hues = len(_tones(study).hues)
    met = np.flatnonzero(counts)
    if len(met) > hues:  # the lowest, then those with the largest basins
        first = met[:1]
        largest = met[1:][np.argsort(-counts[met[1:]], kind="stable")]
        own = np.sort(np.concatenate([first, largest[: hues - 1]]))
    else:
        own = met
    count = len(own)
    places = np.full(len(counts) + 1, count, np.int16)
    places[own] = np.arange(count)
    lost = {"undefined": 1, "diverged": 2}
    kinds = np.array([count + 1 + lost.get(name, 0) for name in STATUSES], np.int16)[np.where(known, status, 0)]
    kinds = np.where(known, kinds, np.int16(-1))
    kinds[reached] = places[minimum[reached]]
    scale = Scale.of(np.maximum(steps[reached], 1))
    return _Found(kinds, tuple(own.tolist()), len(met) - count, steps, scale)


def _tones(study: Study) -> Tones:
    return themed(study.recipe).maps


def _ramps(study: Study, found: _Found) -> list[NDArray[np.uint8]]:
    """uint8[SHADES, 3] of each minimum that has a hue, and of all others."""
    look = _tones(study)
    return [ramp(hue, look.span) for hue in (*look.hues[: len(found.own)], look.rest)]


def _star(study: Study, shades: NDArray[np.uint8]) -> str:
    """The colour of a star on its own basin: the end of its ramp that the map around it has not."""
    if _tones(study).lined:
        return themed(study.recipe).ink
    dark = themed(study.recipe).dark
    return "#" + bytes(shades[-1 if dark else 0].tolist()).hex()


def _panels(study: Study, words: Texts, found: _Found) -> list[Panel]:
    theme, look, ramps = themed(study.recipe), _tones(study), _ramps(study, found)
    table = np.stack([*ramps, *(np.broadcast_to(colour(one), (SHADES, 3)) for one, _ in look.quiet)])
    hatches = np.array([0] * len(ramps) + [hatch for _, hatch in look.quiet], np.uint8)
    axes = [(lettered(axis.name), "") for axis in reversed(study.problem.axes)]
    panels = []
    for kinds, steps, name in zip(found.kinds, found.steps, optimizers_of(study, words), strict=True):
        shade = np.rint((1.0 - found.scale.shares(np.maximum(steps, 1))) * (SHADES - 1)).astype(np.uint8)
        pixels = table[kinds, shade]
        pixels[kinds < 0] = page_of(study)
        hatch = np.where(kinds < 0, MISSING, hatches[kinds]).astype(np.uint8)
        lines = (kinds + 1).astype(np.uint8) if look.lined else None

        def mosaic(x: Floats, y: Floats, given: tuple = (pixels, hatch, lines, theme.ink)) -> Mosaic:  # type: ignore[type-arg]
            return Mosaic(x, y, *given)

        panels.append(map_panel(study, words, mosaic, axes, _stars(study, found, ramps), name))
    return panels


def _stars(study: Study, found: _Found, ramps: Sequence[NDArray[np.uint8]]) -> list[Layer]:
    """Minima with a hue as stars with their letters, others hollow."""
    points = _minima(study).points[:, : len(study.problem.axes)]
    if points.shape[1] == 1:
        points = np.column_stack([points, np.full(len(points), 0.5)])
    own = list(found.own)
    letters = tuple(found.letter(number) for number in range(len(own)))
    colors = tuple(_star(study, shades) for shades in ramps[: len(own)])
    rest = np.delete(points, own, axis=0)
    layers: list[Layer] = [Marks("local", rest)] if 0 < len(rest) <= STARRED else []
    return [*layers, Marks("minimum", points[own], letters, colors)] if own else layers


def _key(study: Study, words: Texts, found: _Found) -> Key:
    """A row for each minimum and for what else came of starts, with shares of the area for each optimizer."""
    look, ramps, minima = _tones(study), _ramps(study, found), _minima(study)
    counts = np.stack([np.bincount(kinds[kinds >= 0].ravel(), minlength=len(ramps) + 3) for kinds in found.kinds])
    totals = counts.sum(axis=1)

    def shares(kind: int) -> tuple[str, ...]:
        return tuple(
            share_of(count, total, words)
            for count, total in zip(counts[:, kind].tolist(), totals.tolist(), strict=True)
        )

    told = [*(f"{found.letter(n)}  ({words.point(minima.shown(one))})" for n, one in enumerate(found.own))]
    rows = [(number, name) for number, name in enumerate(told)]
    rows += [(len(told), words.text("basins_others", n=found.others))] if found.others else []
    bars = []
    for number, name in rows:
        star = _star(study, ramps[number]) if number < len(told) else ""
        colors = found.scale.bar(partial(shaded, ramps[number]))
        axis = found.scale.axis(words.text("basins_steps"), words.decimal_mark) if number == rows[-1][0] else None
        bars.append(Bar(name, colors, 0, axis, star, shares(number)))
    for number, (name, (quiet, hatch)) in enumerate(zip(OUTCOMES, look.quiet, strict=True), len(ramps)):
        if counts[:, number].any():
            bars.append(Bar(words.text(name), colour(quiet)[None], hatch, values=shares(number)))
    bars += missing_bar(study, words)
    if found.kinds.min() >= 0:
        entropies = [basin_entropy(_labels(study, i))[0] for i in range(len(totals))]
        bars.append(Bar(words.text("basin_entropy"), values=tuple(_short(one, words) for one in entropies)))
    bars += trust_bars(study, words) if is_roomy(study) else ()
    notes = []
    if found.scale.single and rows:
        notes.append(words.text("basins_at_once", k=int(found.scale.low)))
    if study.known.all():  # rectangles of a map are no sample of it
        notes.append(wilson_note(counts, totals, words))
    heads = tuple(names(study, words)) if len(totals) > 1 else ()
    share = words.text("basins_share" if found.kinds.min() >= 0 else "basins_share_known")
    return Key(tuple(bars), heads, share, tuple(notes))


def _labels(study: Study, optimizer: int) -> Numbers:
    """int64[y, x] or [x]: what each cell counts as."""
    found = {name: study.arrays[name][optimizer].ravel() for name in ("minimum", "status")}
    return study.problem.label(found).reshape(study.arrays["minimum"].shape[1:])


def _minima(study: Study) -> Minima:
    return cast(basins.Basins, study.problem).minima


def _short(value: float, words: Texts) -> str:
    """A number of two digits."""
    return words.number(float(f"{value:.2g}"))


def _caption(study: Study, words: Texts, recipe: Basins) -> str:
    """What was run, beside what studies say of themselves."""
    sides = " × ".join(str(len(axis)) for axis in reversed(study.problem.axes))
    said = words.text("basins_runs", cells=sides, steps=study.problem.steps, dtype=recipe.dtype)
    roomy = is_roomy(study)
    rows = [] if roomy else told_of(study, words)
    return caption(study, words, recipe=recipe, runs=said, judged=not roomy, last=rows)


def _reading(study: Study, recipe: Basins, words: Texts) -> Reading:
    """What the page says at most in the language of its recipe."""
    return Reading(title(study, words, "basins_title", recipe), caption=_caption(study, words, recipe))
