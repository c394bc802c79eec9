"""Training as a scene: what it came to against epochs, steps or samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from gdviz.compose.callouts import called_out
from gdviz.compose.entries import check_styles, roll_of
from gdviz.compose.formulas import check_mathematics
from gdviz.compose.pacing import check as check_pace
from gdviz.compose.pacing import film
from gdviz.compose.quantity import Along, Quantity, hyperparameter_of, hyperparameters, losses_of, panel_of
from gdviz.compose.readings import readings
from gdviz.compose.split import grid_of
from gdviz.compose.words import detail
from gdviz.errors import UsageError, nearest
from gdviz.lang import Texts, texts
from gdviz.plans.training import Training
from gdviz.recipe.sizes import page_size
from gdviz.runs.trained import Trained
from gdviz.scene import SCALES, THEMES, Reading, Scene

QUANTITIES: dict[str, Callable[[Trained, Texts], Iterator[Quantity]]] = {}
"""Panels by their names."""


def _losses(run: Trained, words: Texts) -> Iterator[Quantity]:
    yield losses_of(run, words)
    if run.validation_loss is not None:
        yield Quantity(words.text("validation_loss"), run.validation_loss.astype(np.float64), tame=True)


def _accuracy(run: Trained, words: Texts) -> Iterator[Quantity]:
    if run.accuracy is not None:
        yield Quantity(words.text("accuracy"), run.accuracy.astype(np.float64))


def _measure(name: str, title: str) -> Callable[[Trained, Texts], Iterator[Quantity]]:
    def found(run: Trained, words: Texts) -> Iterator[Quantity]:
        yield Quantity(words.text(title), run.measures[name].astype(np.float64), tame=True)

    return found


QUANTITIES |= {
    "loss": _losses,
    "accuracy": _accuracy,
    "gradient": _measure("gradient", "gradient_norm"),
    "step": _measure("step", "step_length"),
}


def check(setting: Training) -> None:
    """Raise UsageError for what no picture of a settled training could show; asked before it runs."""
    recipe = setting.recipe
    known = (*QUANTITIES, *hyperparameters(recipe))
    for name in recipe.panel:
        head, _, scale = name.partition(":")
        if head not in known:
            hint = nearest(head, known) or f"; type one of {', '.join(known)}"
            raise UsageError(f"--panel {name}: there is no panel '{head}'{hint}")
        if scale and scale not in SCALES:
            raise UsageError(f"--panel {name}: the scale of {head} is {', '.join(SCALES)}, not '{scale}'")
    last, counted = int(setting.records[-1]), "sample" if setting.by_samples else "step"
    if recipe.at is not None and recipe.at > last:
        raise UsageError(f"--at {recipe.at} is beyond the last {counted}, {last}")
    check_styles(recipe)
    check_pace(recipe)
    texts(recipe.lang)
    own = (recipe.title, recipe.caption, *(entry.label for entry in recipe.optimizer))
    check_mathematics(map(recipe.said, own), recipe.font)


def shows_paths(setting: Training) -> int:
    """Of how many runs, the first ones, a picture shows weights at every record."""
    return 0


def compose(run: Trained, fps: Fraction | None = None) -> Scene:
    """The scene of training as its recipe asks for it; `fps` where the format cannot show the recipe's."""
    recipe, words = run.recipe, texts(run.recipe.lang)
    check(run.setting)
    width, height, dpi = page_size(recipe.size)
    roll = roll_of(run, words, False, _batches(run, words))
    along = _along(run, words)
    panels = []
    for name in recipe.panel:
        head, _, scale = name.partition(":")
        found = QUANTITIES[head](run, words) if head in QUANTITIES else iter([hyperparameter_of(run, words, head)])
        panels += [panel_of(run, words, one, scale or None, along=along) for one in found]
    panels[0] = dataclasses.replace(panels[0], area="main")
    panels = list(called_out(run, panels, roll.entries))
    return Scene(
        size=(width, height),
        dpi=dpi,
        theme=THEMES[recipe.theme],
        panels=tuple(panels),
        entries=roll.entries,
        title=_title(run),
        caption=_caption(run, words),
        values_title=words.text("median_of", n=run.f.shape[1]) if run.f.shape[1] > 1 else "",
        counter=_counter(run, words),
        readings=readings(recipe, lambda said, words: _reading(dataclasses.replace(run, recipe=said), words)),
        shared=roll.shared,
        legend=recipe.legend,
        counter_total="" if run.setting.by_samples else words.text("counter_total", n=int(run.t[-1])),
        steps=run.t,
        timeline=film(recipe, panels, run.t, fps),
        font=recipe.font,
        font_scale=recipe.font_size,
        grid=grid_of(panels, (width, height)) if len(panels) > 4 else None,
    )


def _batches(run: Trained, words: Texts) -> list[str]:
    """What the row of each optimizer says of its batches, where they differ."""
    sizes = [batch.size for batch in run.setting.batches]
    told = [words.text("batch", n=size) if size else words.text("batch_full") for size in sizes]
    return told if run.setting.by_samples else [""] * len(told)


def _along(run: Trained, words: Texts) -> Along:
    """What curves stand against: each stands still between its steps, and one that has stopped goes no further."""
    samples = len(run.setting.data.training)
    steps = [run.steps_at(i) for i in range(len(run.plans))]
    seen = [batch.seen(samples, own) for batch, own in zip(run.setting.batches, steps, strict=True)]
    kind = run.recipe.axis
    title = "samples_seen" if kind == "samples" else kind
    values = np.stack(steps if kind == "step" else seen).astype(np.float64) / (samples if kind == "epoch" else 1)
    stops = np.minimum(np.searchsorted(run.t, run.stopped_at), len(run.t) - 1)
    ends = np.take_along_axis(values, stops, axis=1)
    return Along(np.minimum(values[:, None], ends[..., None]), words.text(title), max(float(values.max()), 1e-9))


def _title(run: Trained) -> str:
    given = run.recipe.title
    return f"{run.setting.model} · {run.setting.data.name}" if given is None else run.recipe.said(given)


def _caption(run: Trained, words: Texts) -> str:
    """The recipe's, else what no picture must hide: what was done to data and gradients, and what rules cannot see."""
    if run.recipe.caption is not None:
        return run.recipe.said(run.recipe.caption)
    said = [words.text("standardised")] if run.setting.data.is_standardised else []
    for definition, options in run.plans[0].transforms:
        name = words.name("transform", definition.name) or definition.title
        details = [detail(definition.symbol(key), value, words, definition.name) for key, value in options.items()]
        said.append(", ".join([name, *details]))
    searching = [plan for plan in run.plans if plan.optimizer.rule != "vector" and plan.objective.batched]
    if searching:
        names = (words.name("optimizer", plan.optimizer.name) or plan.optimizer.title for plan in searching)
        said.append(words.text("batch_searched", names=", ".join(dict.fromkeys(names))))
    return ". ".join(one[:1].upper() + one[1:] for one in said)


def _reading(run: Trained, words: Texts) -> Reading:
    total = "" if run.setting.by_samples else words.text("counter_total", n=int(run.t[-1]))
    return Reading(_title(run), _counter(run, words)[-1], total, _caption(run, words), "")


def _counter(run: Trained, words: Texts) -> tuple[str, ...]:
    """Where the film stands: at a step, or where these differ at an epoch."""
    if not run.setting.by_samples:
        return tuple(words.text("counter", k=int(t)) for t in run.t)
    return tuple(f"{words.text('epoch')} {words.number(float(epoch), 2)}" for epoch in run.epoch)
