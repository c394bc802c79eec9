"""Cuts of the loss around trained weights as a scene: level lines, a smooth map, or curves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.compose.pacing import check as check_pace
from gdviz.compose.pacing import film
from gdviz.compose.ranges import continued, level_heights, toned
from gdviz.compose.readings import readings
from gdviz.compose.split import grid_of
from gdviz.compose.values import value_axis, with_cut
from gdviz.compose.words import decimals, exactness, lowered
from gdviz.errors import UsageError
from gdviz.lang import Texts, texts
from gdviz.recipe.options.slice import Slice
from gdviz.recipe.sizes import page_size
from gdviz.runs.cuts import PLANES
from gdviz.runs.slices import Part, Slices
from gdviz.scene import (
    Axis,
    Callouts,
    Entry,
    Field,
    Layer,
    Levels,
    Marks,
    Panel,
    Reading,
    Scene,
    Style,
    Track,
    Trails,
    styles,
    themed,
)

Floats = NDArray[np.float64]

HERE = "θ*"
"""The trained weights, as the paper writes them."""


def check(recipe: Slice) -> None:
    """Raise UsageError for what no picture of cuts could show; asked before anything is trained."""
    if recipe.at is not None and not PLANES[recipe.cut].follows:
        raise UsageError(f"--at {recipe.at}: plane {recipe.cut} has no steps; type --plane pca, or drop --at")
    if PLANES[recipe.cut].joins and max(len(recipe.optimizer), recipe.runs) < 2:
        raise UsageError(
            f"--plane {recipe.cut} joins two networks, and one is trained; name another optimizer, or type --runs 2"
        )
    check_pace(recipe)


def compose(made: Slices, fps: Fraction | None = None) -> Scene:
    """The scene of cuts as their recipe asks for it; `fps` where the format cannot show the recipe's."""
    recipe, words = made.recipe, texts(made.recipe.lang)
    width, height, dpi = page_size(recipe.size)
    names = [_called(made, part, words) for part in made.parts]
    flat = made.parts[0].cut.is_line
    entries = () if not flat and made.parts[0].cut.path is None else tuple(_entries(made, names, words))
    panels = (_lines(made, entries, words),) if flat else tuple(_planes(made, names, words))
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=themed(recipe),
        panels=panels,
        entries=entries,
        title=_title(made, words),
        caption=_caption(made, words),
        values_title=words.text("loss") if entries else "",
        counter=_counter(made, words),
        readings=readings(recipe, lambda said, words: _reading(Slices(made.parts, said), words)),
        legend=recipe.legend,
        steps=made.t,
        timeline=film(recipe, panels, made.t, fps),
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid_of(panels, (width, height), bool(entries)) if len(panels) > 1 else None,
    )


def _model(made: Slices, part: Part, words: Texts) -> str:
    """The model of a cut, with all its layers where another stands beside it."""
    model = part.fit.recipe.model
    assert model is not None
    name = words.name("model", model.name) or find("model", model.name).title
    return name if len(made.fits) == 1 else f"{name} {'-'.join(map(str, part.fit.setting.architecture.sizes))}"


def _called(made: Slices, part: Part, words: Texts) -> str:
    """What tells a cut from the others: its model where there are two, its optimizer where there are several."""
    told = [_model(made, part, words)] if len(made.fits) > 1 else []
    return ": ".join([*told, *([_optimizer(part, words)] if len(part.fit.labels) > 1 or not told else [])])


def _optimizer(part: Part, words: Texts) -> str:
    ends = [end for end in (part.at, part.to) if end is not None]
    if len(ends) > 1 and ends[0][0] == ends[1][0]:
        return f"{_label(part, ends[0][0], words)}, {words.text('cut_runs')}"
    return " → ".join(_label(part, end[0], words) for end in ends)


def _label(part: Part, optimizer: int, words: Texts) -> str:
    """An optimizer as it was labelled, else by its name in the language."""
    fit, plan = part.fit, part.fit.plans[optimizer]
    own = fit.recipe.said(fit.recipe.optimizer[optimizer].label) or words.name("optimizer", plan.optimizer.name)
    alone = sum(other.optimizer.name == plan.optimizer.name for other in fit.plans) == 1
    return own if own and alone else fit.labels[optimizer]


def _entries(made: Slices, names: Sequence[str], words: Texts) -> Iterator[Entry]:
    """A row for each cut, with the loss at every record: along the line, or of the path itself."""
    recipe, count = made.recipe, len(made.t)
    losses = [part.cut.z[0] if part.cut.is_line else _held(part.fit.f[part.at], count) for part in made.parts]
    digits = exactness(np.concatenate(losses))
    looks = styles([None] * len(names), list(names), themed(recipe))
    for name, part, look, loss in zip(names, made.parts, looks, losses, strict=True):
        asked = part.fit.recipe.optimizer[part.at[0]]
        style = look if len(made.fits) > 1 else Style(asked.color or look.color, asked.dash or look.dash, look.marker)
        values = tuple(words.number(float(one), digits) for one in loss)
        label = name if len(names) > 1 and part.cut.is_line and "names" in recipe.labels else ""
        yield Entry(name, "", style, values, label=label)


def _held(values: NDArray[np.floating], count: int) -> Floats:
    """Values of records float64[record], the last one repeated where others have more of them."""
    return np.pad(values.astype(np.float64), (0, count - len(values)), mode="edge")


def _planes(made: Slices, names: Sequence[str], words: Texts) -> Iterator[Panel]:
    """A panel for each plane, with level lines and tones at the same heights in all."""
    recipe, mark = made.recipe, words.decimal_mark
    seen = np.concatenate([part.cut.z for part in made.parts])
    levels = level_heights(seen, None)
    lines = continued(levels, seen)
    tones = toned(levels, seen)
    count = len(made.t)
    for i, (name, part) in enumerate(zip(names, made.parts, strict=True)):
        cut = part.cut
        layers: list[Layer] = [Field(cut.u, cut.v, cut.z, tones, smooth=recipe.view == "heat")]
        if recipe.view == "contour":
            layers.append(Levels(cut.u, cut.v, cut.z, lines, "levels" in recipe.labels))
        if cut.path is not None:
            way = np.column_stack([_held(axis, count) for axis in cut.path.T])
            stop = len(cut.path) - 1
            start = (words.text("start"),) if i == 0 and "start" in recipe.labels else ()
            layers.append(Marks("start", way[:1], start))
            layers.append(Trails((Track(i, way, stop=stop if stop < count - 1 else None),), kind="path"))
        else:
            layers.append(Callouts(np.zeros((1, 2)), (HERE,), (themed(recipe).ink,), (0,)))
        across, up = (
            Axis(float(at[0]), float(at[-1]), label=label, decimal=mark)
            for at, label in zip((cut.u, cut.v), _axes(part, words), strict=True)
        )
        chance = cut.path is None  # then units are the same along both, and no ledger tells the loss
        own = [words.text("cut_loss", loss=_short(float(part.fit.f[(*part.at, -1)]), words))] if chance else []
        title = ", ".join([name, *own]) if chance or len(names) > 1 else ""
        yield Panel("main", across, up, tuple(layers), title=title, aspect=1.0 if chance else None)


def _short(value: float, words: Texts) -> str:
    """A number of three digits."""
    return words.number(float(f"{value:.3g}"))


def _axes(part: Part, words: Texts) -> tuple[str, str]:
    """What the axes are called: u and v, of the plane of a path with the share of its variance along each."""
    if part.cut.explained is None:
        return "$u$", "$v$"
    first, second = (
        words.text("cut_direction", n=n, share=_short(100 * float(share), words))
        for n, share in enumerate(part.cut.explained, 1)
    )
    return first, second


def _lines(made: Slices, entries: Sequence[Entry], words: Texts) -> Panel:
    """The loss along a line of each cut, and where on it trained weights are."""
    mark, ink = words.decimal_mark, themed(made.recipe).ink
    values = np.stack([part.cut.z[0] for part in made.parts])
    axis = value_axis(values, mark, None, False)
    tracks = tuple(Track(i, np.column_stack([part.cut.u, part.cut.z[0]])) for i, part in enumerate(made.parts))
    layers: list[Layer] = [Trails(tracks, kind="curve", dots=False)]
    if len(made.parts) == 1:
        part = made.parts[0]
        ends = [(0.0, part.at), *([(1.0, part.to)] if part.to else [])]
        places = np.array([[u, float(part.fit.f[(*end, -1)])] for u, end in ends])
        told = tuple(_label(part, end[0], words) if part.to else HERE for _, end in ends)
        layers.append(Callouts(places, told, (ink,) * len(told), (0,) * len(told)))
    u = made.parts[0].cut.u
    title = words.text("loss")
    title = words.text("logarithmic", quantity=title) if axis.scale == "log" else title
    return Panel(
        "main",
        Axis(float(u[0]), float(u[-1]), label="$u$", decimal=mark),
        with_cut(axis, values),
        tuple(layers),
        title,
        frame=True,
    )


def _title(made: Slices, words: Texts) -> str:
    """The recipe's, else models and data."""
    recipe, data = made.recipe, made.fits[0].recipe.data
    if recipe.title is not None:
        return recipe.said(recipe.title)
    assert data is not None and recipe.model is not None
    models = [recipe.model, *([] if recipe.against is None else [recipe.against])]
    told = [words.name("model", one.name) or find("model", one.name).title for one in models]
    of = next((words.name(kind, one.name) or find(kind, one.name).title for kind, one in data.named("dataset")), "")
    both = " – ".join(dict.fromkeys([told[0], *map(lowered, told[1:])]))
    return f"{both}: {lowered(of or made.fits[0].setting.data.name)}"


def _followed(made: Slices, words: Texts) -> list[str]:
    off = max(part.cut.off or 0.0 for part in made.parts)
    return [words.text("directions"), words.text("off_plane", share=_short(100 * off, words))]


CAPTIONS: Mapping[str, Callable[[Slices, Texts], list[str]]] = {
    "random": lambda made, words: [words.text("cut_random")],
    "line": lambda made, words: [words.text("cut_line")],
    "pca": _followed,
    "between": lambda made, words: [words.text("cut_between")],
}
"""What must be said of a cut, by its plane."""


def _caption(made: Slices, words: Texts) -> str:
    """The recipe's, else where the cut goes, and what the levels of several have in common."""
    if made.recipe.caption is not None:
        return made.recipe.said(made.recipe.caption)
    said = CAPTIONS[made.recipe.cut](made, words)
    if not made.parts[0].cut.is_line:
        seen = np.concatenate([part.cut.z[np.isfinite(part.cut.z)] for part in made.parts])
        low, high = (_short(float(end), words) for end in (seen.min(), seen.max()))
        said.append(words.text("cut_range", low=low, high=high))
        said += [words.text("cut_levels")] if len(made.parts) > 1 else []
    if made.fits[0].setting.data.is_standardised:
        said.append(words.text("standardised"))
    return ". ".join(one[:1].upper() + one[1:] for one in said)


def _counter(made: Slices, words: Texts) -> tuple[str, ...]:
    cut = made.parts[0].cut
    if cut.path is not None:
        return tuple(words.text("counter", k=int(t)) for t in made.t)
    if not cut.is_line:
        return ()
    digits = decimals(float(cut.u[0]), float(cut.u[-1]), len(cut.u))
    return tuple(f"u = {words.fixed(float(u), digits)}" for u in cut.u)


def _reading(made: Slices, words: Texts) -> Reading:
    """What the page says at most in the language of its recipe."""
    counter = _counter(made, words)
    return Reading(_title(made, words), counter[-1] if counter else "", "", _caption(made, words))
