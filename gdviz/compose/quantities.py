"""Panels beside the landscape: a quantity of the run against the step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gdviz.compose.fairness import check_counts
from gdviz.compose.quantity import Quantity, hyperparameter_of, hyperparameters, losses_of, named, panel_of
from gdviz.errors import UsageError, nearest, remark
from gdviz.lang import Texts
from gdviz.plans.setting import Setting
from gdviz.recipe.options.race import Race
from gdviz.runs.anatomy import check_apart
from gdviz.runs.trajectories import Trajectories
from gdviz.scene import SCALES, Panel

Floats = NDArray[np.float64]


def _losses(run: Trajectories, words: Texts, which: str) -> Iterator[Quantity]:
    yield losses_of(run, words)


def _gradient_norms(run: Trajectories, words: Texts, which: str) -> Iterator[Quantity]:
    norms = np.sqrt((_gradients(run) ** 2).sum(axis=-1))
    yield Quantity(words.text("gradient_norm"), np.asarray(norms), tame=True)


def _step_lengths(run: Trajectories, words: Texts, which: str) -> Iterator[Quantity]:
    """Euclidean length of every step."""
    yield Quantity(words.text("step_length"), np.asarray(np.sqrt((_moves(run) ** 2).sum(axis=-1))))


def _rates(run: Trajectories, words: Texts, which: str) -> Iterator[Quantity]:
    """|Δxᵢ / ∂f/∂xᵢ| of every coordinate: the rate at which gradient descent would have made the same step."""
    with np.errstate(all="ignore"):
        rates = np.abs(_moves(run)[..., 1:, :] / _gradients(run)[..., :-1, :])
    rates = np.where(np.isfinite(rates), rates, np.nan)
    rates = np.concatenate([np.full_like(rates[..., :1, :], np.nan), rates], axis=-2)
    for c, variable in enumerate(run.setting.objective.names):
        yield Quantity(words.text("effective_rate", variable=variable), rates[..., c])


def _states(run: Trajectories, words: Texts, which: str) -> Iterator[Quantity]:
    """A state of the rules that have it: one panel for each coordinate, or one where it is a number per run."""
    found: dict[int, Floats] = {}
    if which not in (known := dict.fromkeys(state for plan in run.plans for state in plan.optimizer.state)):
        hint = f"type one of {', '.join(f'state:{state}' for state in known)}" if known else "none of these has any"
        raise UsageError(f"--panel state:{which}: no optimizer here has the state '{which}'; {hint}")
    for i, states in enumerate(run.states):
        if which in states:
            kept = states[which].astype(np.float64)
            found[i] = np.moveaxis(kept, -1, 0) if kept.ndim == 3 else kept[None]  # float64[coordinate, start, record]
    widths = {len(kept) for kept in found.values()}
    variables = run.setting.objective.names
    for c in range(max(widths)):
        values = np.full(run.f.shape, np.nan)
        for i, kept in found.items():
            if c < len(kept):
                values[i] = kept[c]
        title = f"{which}, {variables[c]}" if max(widths) > 1 else which
        yield Quantity(title, values, owners=tuple(i for i, kept in found.items() if c < len(kept)))


QUANTITIES: dict[str, Callable[[Trajectories, Texts, str], Iterator[Quantity]]] = {
    "loss": _losses,
    "gradient": _gradient_norms,
    "step": _step_lengths,
    "rate": _rates,
    "state": _states,
}
EACH_STEP = ("step", "rate")
"""Panels that are about single steps."""


def check_panels(setting: Setting) -> None:
    """Raise UsageError for a panel that cannot be drawn; asked before the simulation."""
    recipe = setting.recipe
    check_counts(recipe, (*EACH_STEP, "state"))
    for name in recipe.panel:
        head, _, which = name.partition(":")
        if name == "none":
            continue
        if head not in QUANTITIES and head not in (known := hyperparameters(recipe)):
            hint = nearest(head, (*QUANTITIES, *known)) or f"; type one of {', '.join((*QUANTITIES, *known))}, none"
            raise UsageError(f"--panel {name}: there is no panel and no hyperparameter '{head}'{hint}")
        if head != "state" and which and which not in SCALES:
            raise UsageError(
                f"--panel {name}: the scale of {head} is {', '.join(SCALES[:-1])} or {SCALES[-1]}, not '{which}'"
            )
        if head in EACH_STEP and recipe.every != 1:
            raise UsageError(
                f"--panel {name} shows single steps, but only one in {recipe.every} of {recipe.steps} is recorded; "
                "drop --every or type fewer --steps"
            )
        for definition in named(recipe):
            if head == "state" and which in definition.state:
                check_apart(definition)


def view_of(recipe: Race, dimension: int) -> str:
    """How a landscape is drawn: as asked for, else as a line or contours; beyond two coordinates only its loss is."""
    return recipe.view or {1: "line", 2: "contour"}.get(dimension, "loss")


def loss_panel(run: Trajectories, words: Texts, in_view: NDArray[np.bool_]) -> Panel:
    """The loss as the main panel, for landscapes that are not drawn."""
    loss = losses_of(run, words)
    panel = panel_of(run, words, loss, None, in_view)
    label = dataclasses.replace(panel.y, label=loss.title)
    return dataclasses.replace(panel, area="main", title="", y=label, name="loss")


def side_panels(run: Trajectories, words: Texts, in_view: NDArray[np.bool_]) -> tuple[Panel, ...]:
    """The recipe's panels; in_view: bool[optimizer, start, record], where the path is inside the main panel."""
    wanted = run.recipe.panel
    if (
        view_of(run.recipe, run.x.shape[-1]) == "loss"
    ):  # what the main panel shows already gives its place to the gradient
        wanted = tuple(dict.fromkeys("gradient" if name == "loss" else name for name in wanted))
    made = []
    for name in wanted:
        head, _, which = name.partition(":")
        scale, found = which if which in SCALES else None, list[Quantity]()
        if head in QUANTITIES:
            found = list(QUANTITIES[head](run, words, which))
            _check_positive(name, scale, found)
        elif name != "none":
            found = [hyperparameter_of(run, words, head)]
        made += [dataclasses.replace(panel_of(run, words, one, scale, in_view), name=name) for one in found]
    return tuple(made)


def _check_positive(name: str, scale: str | None, found: Sequence[Quantity]) -> None:
    """Say of a logarithmic axis that was asked for what it cannot show. Raises UsageError where it shows nothing."""
    for quantity in found if scale == "log" else ():
        head, values = name.partition(":")[0], quantity.values[np.isfinite(quantity.values)]
        if len(values) and not (values > 0).any():
            raise UsageError(
                f"--panel {name}: of {quantity.title} nothing is above 0, where a logarithmic axis begins; "
                f"type --panel {head} or --panel {head}:symlog"
            )
        if (values < 0).any():
            remark(
                f"--panel {name}: a logarithmic axis shows nothing at 0 and below, and {quantity.title} goes down to "
                f"{values.min():.3g}; type --panel {head}:symlog for all of it"
            )


def _moves(run: Trajectories) -> Floats:
    """float64[optimizer, start, record, dim]: the step that led to each record, NaN at the start and after the end."""
    moves = np.diff(run.x.astype(np.float64), axis=2, prepend=np.nan)
    over = run.t > run.stopped_at[..., None]
    return np.where(over[..., None], np.nan, moves)


def _gradients(run: Trajectories) -> Floats:
    """float64[optimizer, start, record, dim] at the recorded points."""
    with np.errstate(all="ignore"):
        slopes = run.setting.objective.gradient(np.moveaxis(run.x.astype(np.float64), -1, 0))
    return np.stack(list(slopes), axis=-1)
