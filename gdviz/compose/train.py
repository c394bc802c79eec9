"""Training as a scene: where the weights are, what the model tells of its data, and how well, on one timeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.compose.callouts import called_out, whose
from gdviz.compose.dataspace import APART, data_panels, is_drawn, shown_of
from gdviz.compose.entries import check_styles, roll_of
from gdviz.compose.histories import HISTORIES, NEEDED, history_panels
from gdviz.compose.pacing import check as check_pace
from gdviz.compose.pacing import film
from gdviz.compose.parameters import RUNS, check_plane, plane_of, space_panel, window_of
from gdviz.compose.playing import playing
from gdviz.compose.quantity import hyperparameters
from gdviz.compose.readings import readings
from gdviz.compose.split import grid_of, part_of, said_once
from gdviz.compose.words import detail, lowered, told
from gdviz.errors import UsageError, nearest
from gdviz.lang import Texts, texts
from gdviz.plans.training import Training
from gdviz.recipe.sizes import page_size
from gdviz.registry.definition import Definition
from gdviz.runs.trained import Trained
from gdviz.runs.training import completed
from gdviz.scene import SCALES, Axis, Band, Entry, Panel, Paragraphs, Reading, Scene, Timeline, Trails, themed

BESIDE = 3
"""Panels that stand beside the first one; with more, all stand in a grid."""

PICTURES = ("space", "data")
"""Panels that show the weights of every record: themselves, and what they tell of samples."""

PLAIN = (*PICTURES, "batches")
"""Panels that are no charts; the last is what sizes of batches are like, in words."""


def panels_of(setting: Training) -> tuple[str, ...]:
    """Names of the panels of a picture: as asked for, else all that tell something of so simple a model."""
    if setting.recipe.panel:
        return tuple(name for name in setting.recipe.panel if name != "none")
    pictures = {"space": setting.objective.dim == 2, "data": is_drawn(setting.data)}
    return (*(name for name, there in pictures.items() if there), "loss")


def runs_shown(setting: Training) -> int:
    """Of how many runs of an optimizer, the first ones, the picture needs the weights of every record."""
    names = panels_of(setting)
    return RUNS if "space" in names else int("data" in names)


def compose(run: Trained, fps: Fraction | None = None) -> Scene:
    """The scene of a training as its recipe asks for it, at `fps` frames a second where the format cannot show the
    recipe's."""
    recipe, words = run.recipe, texts(run.recipe.lang)
    width, height, dpi = page_size(recipe.size)
    names = panels_of(run.setting)
    paths = "space" in names
    roll = roll_of(run, words, paths, [""] * len(run.plans), _apart(run, words), middle=not paths)
    entries = tuple(_measured(run, i, entry, words) for i, entry in enumerate(roll.entries))
    found = {name: _panels(run, words, entries, name) for name in names if name != "data"}
    timeline = film(recipe, [panel for panels in found.values() for panel in panels], run.t, fps)
    if "data" in names:
        found["data"] = data_panels(run, words, entries, _drawn(run, timeline))
    named = [dataclasses.replace(panel, name=name) for name in names for panel in found[name]]
    panels = _noted(run, named, entries)
    pictures = sum(panel.area == "main" for panel in panels)
    if not pictures:
        first = panels[0]
        label = dataclasses.replace(first.y, label=first.title)
        panels = (dataclasses.replace(first, area="main", title="", y=label), *panels[1:])
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=themed(recipe),
        panels=panels,
        entries=entries,
        title=_title(run, words),
        caption=_caption(run, words, panels),
        values_title=words.text("median_of_runs", n=run.f.shape[1]) if run.f.shape[1] > 1 else "",
        counter=_counter(run, words),
        readings=readings(recipe, lambda said, words: _reading(dataclasses.replace(run, recipe=said), words, panels)),
        shared=roll.shared,
        legend=recipe.legend,
        counter_total=_total(run, words),
        steps=run.t,
        timeline=timeline,
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid_of(panels, (width, height)) if pictures > 1 or len(panels) > 1 + BESIDE else None,
    )


def played(run: Trained, scene: Scene) -> dict[str, Any]:
    """What a page that plays says of a training besides its scene; the length of gradients is found where no panel
    has asked for it."""
    found = run
    if "gradient" not in run.measures:
        found = completed(dataclasses.replace(run, recipe=run.recipe.updated(panel=["gradient"])), 0)
    return playing(run, scene, texts(run.recipe.lang), found.measures["gradient"].astype(np.float64))


def _panels(run: Trained, words: Texts, entries: Sequence[Entry], name: str) -> tuple[Panel, ...]:
    """The panels of a name: the space of weights, for each batch by itself where these differ, or charts."""
    if name == "batches":
        return (_compared(run, words, entries),)
    if name != "space":
        return tuple(history_panels(run, words, name))
    assert run.path is not None
    plane = plane_of(run)
    points = plane.projected(run.path[:, :RUNS])
    whole = space_panel(run, words, plane, points, window_of(run, plane, points))
    if len(_sizes(run)) < 2 or len(entries) > APART:
        return (whole,)
    whole = dataclasses.replace(whole, aspect=None)  # of several none has the room for units of one length
    return tuple(
        part_of(said_once(whole) if number else whole, entry.heading, number) for number, entry in enumerate(entries)
    )


def _compared(run: Trained, words: Texts, entries: Sequence[Entry]) -> Panel:
    """What batches of the size of each optimizer are like, in words."""
    told = tuple(
        words.text(
            "batch_full_said" if batch.size is None else "batch_mini_said" if batch.size > 1 else "batch_single_said"
        )
        for batch in run.setting.batches
    )
    heads, colors = zip(*((entry.heading, entry.style.color) for entry in entries), strict=True)
    bare = Axis(0.0, 1.0, labelled=False)
    return Panel("side", bare, bare, (Paragraphs(heads, colors, told),))


def _noted(run: Trained, panels: Sequence[Panel], entries: Sequence[Entry]) -> tuple[Panel, ...]:
    """The panels with the recipe's notes: on the paths of weights, or on the first chart where none are drawn."""
    moving = [n for n, panel in enumerate(panels) if any(isinstance(layer, Trails) for layer in panel.layers)]
    where = [n for n in moving if panels[n].area == "main"] or moving[:1]
    told = called_out(run, [dataclasses.replace(panels[n], area="main") for n in where], entries)
    noted = {n: dataclasses.replace(one, area=panels[n].area) for n, one in zip(where, told, strict=True)}
    return tuple(noted.get(n, panel) for n, panel in enumerate(panels))


def _drawn(run: Trained, timeline: Timeline) -> NDArray[np.int64]:
    """The records that a film of this timeline, its stops and a still show, int64[n], rising from 0."""
    asked = [0, len(run.t) - 1, *timeline.stops]
    if run.recipe.at is not None:
        asked.append(int(np.abs(run.t - run.recipe.at).argmin()))
    return np.unique(np.concatenate([timeline.record, asked])).astype(np.int64)


def _sizes(run: Trained) -> list[int | None]:
    """Sizes of the batches of all optimizers, each once, None for all samples."""
    return list(dict.fromkeys(batch.size for batch in run.setting.batches))


def _apart(run: Trained, words: Texts) -> list[list[str]]:
    """What the row of each optimizer says of its batch, and of its initial weights where not all have the same."""
    sizes, begun = [batch.size for batch in run.setting.batches], run.setting.initialisers
    said = [[words.text("batch_full") if size is None else words.text("batch_of", n=size)] for size in sizes]
    if all(one == begun[0] for one in begun):
        return said
    return [[*parts, _named(*one, words)] for parts, one in zip(said, begun, strict=True)]


def _named(definition: Definition, options: Mapping[str, float | str | bool], words: Texts) -> str:
    """A definition's name with what differs from its defaults."""
    name, own = words.name(definition.kind, definition.name) or definition.title, told(definition, options, words)
    return f"{name} ({own})" if own else name


def _measured(run: Trained, i: int, entry: Entry, words: Texts) -> Entry:
    """The entry with how long its way was by each record, the median of all runs, where batches are compared and every
    step is recorded."""
    if not run.setting.by_samples or run.recipe.every != 1:
        return entry
    lengths = np.median(run.way[i].astype(np.float64), axis=0)
    said = (words.number(float(f"{one:.3g}")) for one in lengths)
    return dataclasses.replace(entry, happened=tuple(words.text("path_length", length=one) for one in said))


def _counter(run: Trained, words: Texts) -> tuple[str, ...]:
    """Where the film stands: at a step, or where steps see different numbers of samples at an epoch."""
    if run.setting.by_samples:
        return tuple(words.text("counter_epoch", k=words.fixed(float(epoch), 1)) for epoch in run.epoch)
    return tuple(words.text("counter", k=min(int(t), _ended(run))) for t in run.t)


def _total(run: Trained, words: Texts) -> str:
    last = run.epoch[-1] if run.setting.by_samples else run.t[-1]
    return words.text("counter_total", n=words.number(float(last)))


def _ended(run: Trained) -> int:
    """The step after which nothing happens any more."""
    stopped = run.status != "unfinished"
    return int(run.stopped_at.max()) if stopped.all() else int(run.t[-1])


def _reading(run: Trained, words: Texts, panels: Sequence[Panel]) -> Reading:
    """What the page says at most in the language of its recipe."""
    return Reading(_title(run, words), _counter(run, words)[-1], _total(run, words), _caption(run, words, panels))


def _title(run: Trained, words: Texts) -> str:
    """The recipe's, else model and data."""
    recipe = run.recipe
    if recipe.title is not None:
        return recipe.said(recipe.title)
    told = [(kind, entry.name) for kind, entry in recipe.named() if kind in ("model", "dataset")]
    model, *data = (words.name(kind, name) or find(kind, name).title for kind, name in told)
    typed = recipe.data.formula if recipe.data else None
    return f"{model}: {typed or lowered(next(iter(data), run.setting.data.name))}"


def _caption(run: Trained, words: Texts, panels: Sequence[Panel]) -> str:
    """The recipe's, else what a picture must not hide: what is shown of how much, and how it was made."""
    recipe, data = run.recipe, run.setting.data
    if recipe.caption is not None:
        return recipe.said(recipe.caption)
    names, runs = panels_of(run.setting), run.f.shape[1]
    said = [_counts(run, words)]
    for definition, options in run.plans[0].transforms:
        name = words.name("transform", definition.name) or definition.title
        details = [detail(definition.symbol(key), value, words, definition.name) for key, value in options.items()]
        said.append(", ".join([name, *details]))
    if data.is_standardised:
        said.append(words.text("standardised"))
    if "data" in names and len(shown_of(data)) < len(data.y):
        said.append(words.text("samples_drawn", n=len(shown_of(data)), all=len(data.y)))
    if "data" in names and len(data.validation):
        said.append(words.text("hollow"))
    if "data" in names and runs > 1:
        said.append(words.text("first_run", all=runs))
    if "data" in names and len(data.features) > 1 and len(run.plans) > APART:
        said.append(words.text("rows_drawn", n=APART, all=len(run.plans)))
    if "space" in names and run.path is not None and (drawn := min(run.path.shape[1], RUNS)) < runs:
        said.append(words.text("runs_drawn", n=drawn, all=runs))
    if any(isinstance(layer, Band) for panel in panels for layer in panel.layers):
        said.append(words.text("band"))
    elif data.validation.size and "loss" in [name.partition(":")[0] for name in names]:
        said.append(words.text("thin"))
    if "space" in names and run.setting.objective.dim > 2 and run.path is not None:
        said += _projected(run, words)
    searching = [plan.optimizer for plan in run.plans if plan.optimizer.rule != "vector" and plan.objective.batched]
    if searching:
        called = (words.name("optimizer", optimizer.name) or optimizer.title for optimizer in searching)
        said.append(words.text("batch_searched", names=", ".join(dict.fromkeys(called))))
    if any(any(panel.y.cut) for panel in panels):
        said.append(words.text("axis_cut"))
    for bend in dict.fromkeys(panel.y.bend for panel in panels if panel.y.scale == "symlog"):
        said.append(words.text("axis_symlog", bend=words.number(bend)))
    for bend in dict.fromkeys(panel.x.bend for panel in panels if panel.x.scale == "symlog"):
        said.append(words.text("along_symlog", bend=words.number(bend)))
    return ". ".join(one[:1].upper() + one[1:] for one in said)


def _counts(run: Trained, words: Texts) -> str:
    data = run.setting.data
    key = "samples_parted" if len(data.validation) else "samples_all"
    return words.text(key, n=len(data.training), kept=len(data.validation))


def _projected(run: Trained, words: Texts) -> list[str]:
    """Which plane is drawn, and how far the paths are from it, as a share of how far they go: it shows no more than
    lies in it."""
    plane, points = plane_of(run), np.asarray(run.path, np.float64)
    points = points[np.isfinite(points).all(axis=-1)]
    far = float(np.linalg.norm(points - plane.centre, axis=1).max())
    share = float(f"{100 * plane.off(points).max() / max(far, 1e-300):.2g}")
    named = [words.text("directions")] if plane.shares else []
    return [*named, words.text("off_plane", share=words.number(share))]


def check(setting: Training) -> None:
    """Raise UsageError for what no picture of a settled training could show; asked before it runs."""
    recipe = setting.recipe
    known = (*PLAIN, *HISTORIES, *hyperparameters(recipe))
    for name in recipe.panel:
        head, _, scale = name.partition(":")
        if head == "none":
            continue
        if head not in known:
            hint = nearest(head, known) or f"; type one of {', '.join(known)}"
            raise UsageError(f"--panel {name}: there is no panel and no hyperparameter '{head}'{hint}")
        there, said = NEEDED.get(head, (lambda data: True, ""))
        if not there(setting.data):
            raise UsageError(f"--panel {name} needs {said}")
        if scale and (scale not in SCALES or head in PLAIN):
            raise UsageError(
                f"--panel {name}: type {head}" + ("" if head in PLAIN else f", or with {', '.join(SCALES)}")
            )
    _check_pictures(setting)
    last, unit = int(setting.records[-1]), "sample" if setting.by_samples else "step"
    if recipe.at is not None and recipe.at > last:
        raise UsageError(f"--at {recipe.at} is beyond the last {unit}, {last}")
    for note in recipe.note:
        if note.step > last:
            raise UsageError(f"--note {note.step}: the last {unit} is {last}; type an earlier one")
        whose(note, recipe)
    check_styles(recipe)
    check_pace(recipe)


def _check_pictures(setting: Training) -> None:
    names, dim, data = panels_of(setting), setting.objective.dim, setting.data
    if not names:
        raise UsageError("--panel none leaves nothing to be drawn; name a panel, as in --panel loss")
    if "data" in names and not is_drawn(data):
        count = f"{len(data.features)} feature{'s' * (len(data.features) > 1)}"
        raise UsageError(
            f"--panel data has room for one feature and its target, or two and classes; {data.name} has {count} and "
            f"{f'{len(data.classes)} classes' if data.classes else 'numbers'}; drop it"
        )
    if "space" in names and dim > 2 and isinstance(setting.recipe.plane, tuple):
        check_plane(setting.recipe.plane, setting.objective.names)
