"""Arrows of a run: a step taken apart, and gradients at points with what transforms make of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.lang import Texts
from gdviz.recipe.entries import DIRECTIONS, Arrow
from gdviz.runs.anatomy import transformed
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import Arrows, Scale, Theme, themed

Floats = NDArray[np.float64]
View = tuple[tuple[float, float], ...]
"""The range of each coordinate that is drawn."""

GRID = 15
"""Arrows of a grid along the view's longer side."""

SHAPE = 1.25
"""About the width over height of a panel that fills its place, whatever the units of its axes are."""

GRADIENT, DESCENT, MEMORY = 4, 0, 3
"""Slots of the palette that the arrows wear: descent that of gradient descent."""

MADE = (2, 7, 5, 1, 6)
"""Slots of what transforms make of a gradient, in turn."""

SHAFTS = {
    GRADIENT: "solid",
    DESCENT: "dotted",
    MEMORY: "dashed",
    **dict(zip(MADE, ("dashed", "dotted") * 3, strict=False)),
}
"""What shafts of these slots have where the theme's colours do not tell arrows apart."""

SAID = {"solid": "arrow_solid", "dashed": "arrow_dashed", "dotted": "arrow_dotted"}
"""Texts that say which shaft an arrow has."""

WIDER = 1.3
"""How much larger the square around a step may become to hold the start: its arrows stay legible."""

LAST = 0.5
"""When the sum of a step's parts comes, of the time for which a film stands still; the parts come before it in turn."""


def anatomy(run: Trajectories, words: Texts) -> tuple[Arrows, ...]:
    """Step `anatomy` of every run: the part that the rule's memory brings, the part of the gradient, and their sum.

    The first is the step that a gradient of zero would have brought, the second what the gradient changed about it.
    Each starts at x, but the gradient's where that gradient was taken. Where a film stands still they come in this
    order.
    """
    step, theme = run.recipe.anatomy, themed(run.recipe)
    if step is None:
        return ()
    layers: list[Arrows] = []
    before = int(np.searchsorted(run.t, step - 1, side="right")) - 1
    for i, (plan, taken) in enumerate(zip(run.plans, run.apart, strict=True)):
        if taken is None:
            continue
        for s in np.flatnonzero(run.stopped_at[i] >= step).tolist():
            x, point, coast, moved = (
                part[:2, s].astype(np.float64) for part in (taken.x, taken.point, taken.coast, taken.moved)
            )
            # the part of the gradient in full: what rounding leaves over belongs to it
            pull = moved - x - coast
            apart = np.abs(point - x).max() > 1e-9 * np.abs(moved - x).max()
            ahead = apart and plan.optimizer.at is not None  # a rule may also record another point than x
            parts = [
                (x, x + coast, MEMORY, "momentum_step"),
                (point, point + pull, DESCENT, "lookahead_step" if ahead else "gradient_step"),
            ]
            drawn = [part for part in parts if np.abs(part[1] - part[0]).max() > 1e-9 * np.abs(moved - x).max()]
            if len(drawn) > 1:
                open_ends = [tip for _, tip, *_ in drawn if np.abs(tip - moved).max() > 1e-9 * np.abs(moved - x).max()]
                guides = np.array(open_ends).reshape(-1, 2)
                end, text = before + LAST, (words.text("actual_step"),)
                layers.append(_layer(guides, guides * 0 + moved, theme.dim, (), end, (i, s), "guide"))
                layers.append(_layer(x[None], moved[None], theme.ink, text, end, (i, s)))
            for turn, (tail, tip, slot, key) in enumerate(drawn):
                since, color = before + turn * LAST / 2, theme.colors[slot]
                mine = _layer(tail[None], tip[None], color, (words.text(key),), since, (i, s))
                layers.append(dataclasses.replace(mine, dash=_shaft(theme, slot)))
    return tuple(layers)


def _shaft(theme: Theme, slot: int) -> str:
    return SHAFTS[slot] if theme.dashes_arrows else "solid"


def _layer(
    tails: Floats,
    tips: Floats,
    color: str,
    texts: tuple[str, ...],
    since: float,
    whose: tuple[int, int],
    kind: str = "arrow",
) -> Arrows:
    return Arrows(tails, tips, color, texts, (since,) * len(tails), kind, *whose)


def _worn(run: Trajectories) -> dict[str, list[tuple[Arrow, str, str]]]:
    """The arrows that the recipe asks for with their colours and the dashes of their shafts, by where they begin."""
    theme = themed(run.recipe)
    made = iter(MADE * len(run.recipe.arrows))
    found: dict[str, list[tuple[Arrow, str, str]]] = {}
    for place in ("grid", "path", "start"):
        wanted = [arrow for arrow in run.recipe.arrows if arrow.at == place]
        for arrow in wanted:
            slot = {"gradient": GRADIENT, "descent": DESCENT}.get(arrow.name)
            slot = next(made) if slot is None and place != "grid" else slot
            color = arrow.color or (theme.dim if place == "grid" or slot is None else theme.colors[slot])
            dash = "solid" if slot is None or len(wanted) == 1 else _shaft(theme, slot)
            found.setdefault(place, []).append((arrow, color, dash))
    return found


def gradient_arrows(
    run: Trajectories, words: Texts, views: tuple[View, View], others: tuple[float, ...] = (), even: bool = True
) -> tuple[Arrows, ...]:
    """The arrows that the recipe asks for. All of one place share a scale, so that their lengths can be compared.

    views: what is drawn at least and at most, as panels are widened to fill their place; others: coordinates beyond the
    second where a cut is drawn; even: whether a unit is as long on one axis as on the other. Arrows of a grid are quiet
    unless they are given a colour.
    """
    layers: list[Arrows] = []
    for place, wanted in _worn(run).items():
        spots = _spots(run, place, views, others, even)
        low, high = np.array(views[1]).T
        seen = ((spots.points[:, : len(low)] >= low) & (spots.points[:, : len(low)] <= high)).all(axis=1)
        # far out, where runs diverge, gradients are huge and nobody sees them
        pulls = [np.where(seen[:, None], _pull(run, arrow, spots.points), 0.0) for arrow, *_ in wanted]
        pulls = _comparable(pulls, float(max(high - low)))
        tails = _tails(run, spots.points)
        scale = Scale(np.tile(tails, (len(wanted), 1)), np.concatenate(pulls), spots.cell, len(wanted) == 1)
        for (arrow, color, dash), pull in zip(wanted, pulls, strict=True):
            found = _placed(run, arrow, spots, tails, tails + pull, scale, color, words)
            layers += [dataclasses.replace(one, dash=dash) for one in found]
    return tuple(layers)


@dataclasses.dataclass(frozen=True, eq=False)
class _Spots:
    """Points float64[n, dim] that arrows start from; of starts and paths which start they belong to, of points on
    paths whose they are and since which record, and of a grid the sides of its cells."""

    points: Floats
    start: NDArray[np.int64] | None = None
    entry: NDArray[np.int64] | None = None
    since: NDArray[np.int64] | None = None
    cell: tuple[float, float] | None = None


def _spots(run: Trajectories, place: str, views: tuple[View, View], others: tuple[float, ...], even: bool) -> _Spots:
    """Points float64[n, dim]; those of a grid lie on the cut that is drawn."""
    if place == "start":
        return _Spots(run.x[0, :, 0].astype(np.float64), np.arange(run.x.shape[1]))
    if place == "path":
        x = run.x.astype(np.float64)
        there = (run.t <= run.stopped_at[..., None]) & np.isfinite(x).all(axis=-1)
        entry, start, since = np.nonzero(there)
        return _Spots(x[there], start, entry, since)
    least, most = views
    spans = [high - low for low, high in least]
    seen = spans if even or len(spans) == 1 else [SHAPE, 1.0]  # cells are even on the page, whatever the units
    counts = [max(round(side * GRID / max(seen)), 3) for side in seen]  # of a narrow view three across
    cells = [span / count for span, count in zip(spans, counts, strict=True)]
    lines = []
    for (low, _), (first, _), side, count in zip(least, most, cells, counts, strict=True):
        beyond = int((low - first) / side + 0.5)
        lines.append(low + (np.arange(-beyond, count + beyond) + 0.5) * side)
    points = np.stack([axis.ravel() for axis in np.meshgrid(*lines, *others)], axis=-1)
    return _Spots(points, cell=(cells[0], cells[-1]))


def _pull(run: Trajectories, arrow: Arrow, points: Floats) -> Floats:
    """float64[n, 2]: the gradient at points, its opposite, or what a transform makes of it, as the panel shows it.

    0 where it is not finite.
    """
    with np.errstate(all="ignore"):
        slope = np.stack(list(run.setting.objective.gradient(points.T)), axis=-1)
    pull = -slope if arrow.name == "descent" else slope
    if arrow.name not in DIRECTIONS:
        pull = transformed(run.plans[0], arrow.transform, points, slope)
    if pull.shape[1] == 1:  # on a graph a gradient points along the axis
        pull = np.column_stack([pull, np.zeros(len(pull))])
    return np.where(np.isfinite(pull).all(axis=1, keepdims=True), pull, 0.0)[:, :2]


def _comparable(pulls: list[Floats], length: float) -> list[Floats]:
    """The same arrows, the longest about of a length: added to a place they must not be lost in its rounding."""
    longest = max(float(np.abs(pull).max(initial=0.0)) for pull in pulls)
    return [pull / longest * length for pull in pulls] if longest > 0 else pulls


def _tails(run: Trajectories, points: Floats) -> Floats:
    """Where arrows of points float64[n, dim] begin in the panel, float64[n, 2]: on a graph at its height."""
    if points.shape[1] > 1:
        return points[:, :2]
    with np.errstate(all="ignore"):
        heights = run.setting.objective.value(points.T)
    return np.column_stack([points[:, 0], heights])


def _placed(
    run: Trajectories,
    arrow: Arrow,
    spots: _Spots,
    tails: Floats,
    tips: Floats,
    scale: Scale,
    color: str,
    words: Texts,
) -> Iterator[Arrows]:
    if spots.start is None:
        yield Arrows(tails, tips, color, kind="fine", scale=scale)
        return
    for s in np.unique(spots.start).tolist():
        if spots.entry is None or spots.since is None:
            texts = (run.recipe.said(arrow.label) or _name(arrow, words),) if len(tails) == 1 else ()
            yield Arrows(tails[s : s + 1], tips[s : s + 1], color, texts, (0,), start=s, scale=scale)
            continue
        for i in np.unique(spots.entry).tolist():
            mine = (spots.start == s) & (spots.entry == i)
            records = tuple(spots.since[mine].tolist())
            yield Arrows(tails[mine], tips[mine], color, (), records, "fine", i, s, scale)


def said_of(run: Trajectories, words: Texts) -> str:
    """What a caption calls the arrows that carry no label: the gradient's symbol, or the name of what is made of it.

    Where dashes tell them apart it names these too.
    """
    names = {}
    for place, wanted in _worn(run).items():
        for arrow, _, dash in wanted if place != "start" else ():
            name = {"gradient": "∇f", "descent": "−∇f"}.get(arrow.name) or _name(arrow, words)
            names[run.recipe.said(arrow.label) or name] = dash
    return shafts(names, words) if len(set(names.values())) > 1 else ", ".join(names)


def shafts(dashes: Mapping[str, str], words: Texts) -> str:
    """Names of arrows, and what shafts they have."""
    return ", ".join(words.text(SAID[dash], name=name) for name, dash in dashes.items())


def _name(arrow: Arrow, words: Texts) -> str:
    if arrow.name in DIRECTIONS:
        return words.text({"gradient": "ascent", "descent": "descent"}[arrow.name])
    return words.name("transform", arrow.name) or find("transform", arrow.name).title


def reach(layers: tuple[Arrows, ...], starts: Floats) -> View | None:
    """The square around all arrows with some room for their labels; None where there is no arrow.

    starts: float64[n, 2], inside too where the square need not become more than WIDER times as large.
    """
    ends = [end for layer in layers for end in (layer.tails, layer.tips)]
    if not ends:
        return None
    low, high = np.concatenate(ends).min(axis=0), np.concatenate(ends).max(axis=0)
    centre, half = (low + high) / 2, 0.8 * float((high - low).max())
    first, last = np.minimum(low, starts.min(axis=0)), np.maximum(high, starts.max(axis=0))
    larger = max(0.57 * float((last - first).max()), half)
    if larger <= WIDER * half:
        centre, half = (first + last) / 2, larger
    (x0, y0), (x1, y1) = centre - half, centre + half
    return (float(x0), float(x1)), (float(y0), float(y1))
