"""Which rates train a network as a scene: two inks, shaded by how soon a run was settled, and the boundary between."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
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
from gdviz.compose.words import lowered
from gdviz.lang import Texts, texts
from gdviz.recipe.options.trainability import Trainability
from gdviz.recipe.sizes import page_size
from gdviz.scene import Bar, Key, Mosaic, Panel, Reading, Scene, themed
from gdviz.scene.themes import Tones
from gdviz.scene.tones import ramp
from gdviz.studies.study import Study

Floats = NDArray[np.float64]

SIDES = (("trainable", "trainable_score"), ("untrainable", "untrainable_score"))
"""What a network is on either side of the boundary, and what its score tells, as pictures say it."""

AXES: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "rates": (("rate_hidden", "rate_last"), ("rate_hidden_short", "rate_last_short")),
    "init": (("mean_first", "rate_all"), ("mean_first_short", "rate_all_short")),
}
"""What the axes are called, across first, by what is varied; where they have no room, with a letter for a word."""


def compose(study: Study, fps: Fraction | None = None) -> Scene:
    """The scene of a map as its recipe asks for it; it stands still, so `fps` changes nothing.

    Raises UsageError where nothing is computed yet.
    """
    recipe, words = cast(Trainability, study.recipe), texts(study.recipe.lang)
    check_known(study)
    width, height, dpi = page_size(recipe.size)
    found = _found(study, recipe)
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=themed(recipe),
        panels=tuple(_panels(study, recipe, words, found)),
        entries=(),
        title=title(study, words, "trainability_title"),
        caption=_caption(study, words, recipe),
        readings=readings(recipe, lambda said, words: _reading(study, said, words)),
        font=recipe.font,
        font_scale=recipe.font_size,
        key=None if recipe.legend == "off" else _key(study, recipe, words, found),
    )


@dataclasses.dataclass(frozen=True, eq=False)
class _Found:
    """scores: float64[optimizer, row, column], NaN where nothing is computed. scales: of what is trainable and of what
    is not. ramps: their colours."""

    scores: Floats
    scales: tuple[Scale, Scale]
    ramps: tuple[NDArray[np.uint8], NDArray[np.uint8]]

    @property
    def sides(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """bool[optimizer, row, column]: what is trainable, and what is not."""
        return self.scores < 0, self.scores >= 0


def _found(study: Study, recipe: Trainability) -> _Found:
    scores = np.stack([plane(study, one) for one in study.arrays["score"]]).astype(np.float64)
    ranked, look = recipe.colors == "rank", _look(study)
    first, second = (Scale.of(np.abs(scores[side]), ranked) for side in (scores < 0, scores >= 0))
    span, (good, bad) = (look.span, look.ranks) if ranked else (look.fine, look.inks)
    return _Found(scores, (first, second), (ramp(good, span), ramp(bad, span)))


def _look(study: Study) -> Tones:
    return themed(study.recipe).maps


def _panels(study: Study, recipe: Trainability, words: Texts, found: _Found) -> list[Panel]:
    pixels = np.broadcast_to(page_of(study), (*found.scores.shape, 3)).copy()
    kinds = np.zeros(found.scores.shape, np.uint8)
    for number, (side, scale, shades) in enumerate(zip(found.sides, found.scales, found.ramps, strict=True), 1):
        pixels[side] = shaded(shades, scale.shares(np.abs(found.scores[side])))
        kinds[side] = number
    axes = [(words.text(name), words.text(brief)) for name, brief in zip(*AXES[recipe.vary], strict=True)]
    edge = _look(study).edge if recipe.colors == "inks" else ""
    panels = []
    for image, kind, name in zip(pixels, kinds, optimizers_of(study, words), strict=True):
        hatch = np.where(kind == 0, MISSING, 0).astype(np.uint8)
        cells = partial(Mosaic, pixels=image, hatch=hatch, kinds=kind, edge=edge)
        panels.append(map_panel(study, words, cells, axes, title=name))
    return panels


def _key(study: Study, recipe: Trainability, words: Texts, found: _Found) -> Key:
    """A bar of each side with its scores and its share of the map, the boundary, and how far that can be trusted."""
    counts = np.stack([side.sum(axis=(1, 2)) for side in found.sides], axis=1)
    totals = counts.sum(axis=1)
    bars = []
    for number, ((name, score), scale, shades) in enumerate(zip(SIDES, found.scales, found.ramps, strict=True)):
        if not counts[:, number].any():
            continue
        shares = tuple(share_of(*pair, words) for pair in zip(counts[:, number].tolist(), totals.tolist(), strict=True))
        axis = scale.axis(words.text(score), words.decimal_mark)
        bars.append(Bar(words.text(name), scale.bar(partial(shaded, shades)), axis=axis, values=shares))
    if recipe.colors == "inks" and len(bars) > 1:
        bars.append(Bar(words.text("boundary"), colour(_look(study).edge)[None]))
    bars += missing_bar(study, words)
    bars += trust_bars(study, words) if is_roomy(study) else ()
    heads = tuple(names(study, words)) if len(totals) > 1 else ()
    said = words.text("map_share" if study.known.all() else "map_share_known")
    notes = [words.text("ranked")] if recipe.colors == "rank" else []
    if study.known.all():  # rectangles of a map are no sample of it
        notes.append(wilson_note(counts, totals, words))
    return Key(tuple(bars), heads, said, tuple(notes))


def _caption(study: Study, words: Texts, recipe: Trainability) -> str:
    """The network, what it learns and how, and what counts as trainable."""
    problem = study.problem
    sides = " × ".join(str(len(axis)) for axis in reversed(problem.axes))
    batch = words.text("batch_full") if recipe.batch in (None, "full") else words.text("batch_of", n=recipe.batch)
    network = words.text(
        "trainability_network",
        depth=recipe.depth,
        width=recipe.width,
        activation=_activation(recipe, words),
        n=problem.dim,
        batch=batch,
    )
    runs = words.text("trainability_runs", cells=sides, steps=problem.steps, dtype=recipe.dtype)
    measure = words.text("trainability_measure", window=words.number(float(problem.criteria["window"])))
    roomy = is_roomy(study)
    batched = [] if recipe.batch in (None, "full") else [words.text("trainability_batch")]
    last = [] if roomy else told_of(study, words)
    more = [runs, measure, *batched]
    return caption(study, words, more, criteria=(), recipe=recipe, runs=network, judged=not roomy, last=last)


def _activation(recipe: Trainability, words: Texts) -> str:
    name = recipe.activation.name if recipe.activation else "tanh"
    return lowered(words.name("activation", name) or find("activation", name).title)


def _reading(study: Study, recipe: Trainability, words: Texts) -> Reading:
    """What the page says at most in the language of its recipe."""
    return Reading(title(study, words, "trainability_title", recipe), caption=_caption(study, words, recipe))
