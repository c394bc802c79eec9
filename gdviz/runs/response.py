"""Responses of optimizers to made-up gradients: the numbers behind signal figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import python, responses
from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import check_untrained, resolve_options
from gdviz.errors import UsageError
from gdviz.formula.typed import parse_signal
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.signal import LONGEST
from gdviz.recipe.signal import Sequence as Named
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.signal import SignalFacts
from gdviz.runs.provenance import digests, origins
from gdviz.runs.rows import fed_options
from gdviz.version import __version__

POINTS = 300
"""Points of a sequence that does not say how many it has: the lecture's."""


@dataclasses.dataclass(frozen=True, eq=False)
class Responses:
    """What a recipe of signals gives.

    signals: dtype[signal, point], the gradients that were fed. y: dtype[entry, signal, point], the steps −Δx that
    answer each of them. t: int64[point], the points' numbers. definitions: each entry's optimizer; options: all of its
    hyperparameters. sequences: each signal's definition, None for numbers from a file. recipe: all this depends on.
    """

    signals: NDArray[np.floating]
    y: NDArray[np.floating]
    t: NDArray[np.int64]
    definitions: tuple[Definition, ...]
    options: tuple[Mapping[str, Any], ...]
    sequences: tuple[Definition | None, ...]
    recipe: Signal

    @property
    def name(self) -> str:
        """What files of these responses are called unless told otherwise."""
        return name_of(self.recipe)


@dataclasses.dataclass(frozen=True, eq=False)
class Response:
    """One optimizer's response to one signal.

    signal: float64[point], the gradients. y: float64[point], the steps −Δx. recipe: all that this depends on;
    `gdviz.plot(response.recipe, "figure.svg")` draws it.
    """

    signal: NDArray[np.floating]
    y: NDArray[np.floating]
    recipe: Signal


def name_of(recipe: Signal) -> str:
    """`adam_rectangles`, or less where there are several methods or signals."""
    methods = list(dict.fromkeys(entry.row or entry.name for entry in recipe.optimizer))
    signals = [one.name or Path(one.file or "formula").stem for one in recipe.signal]
    said = [*(methods if len(methods) == 1 else []), *(signals if len(signals) == 1 else [])]
    return "_".join(said).lower() or "signals"


def respond(
    recipe: Signal,
    optimizers: Sequence[Definition | None] = (),
    sources: Sequence[Definition | None] = (),
    signals: Sequence[Named] = (),
) -> Responses:
    """Feed every optimizer of a recipe with each of its signals; `optimizers` and `sources` stand in for their names.

    signals: the recipe's with all their numbers, where it holds only the hash of some. Raises UsageError for names,
    options or numbers that do not fit.
    """
    entries = recipe.optimizer
    check_untrained(entries)
    given = [*optimizers, *[None] * (len(entries) - len(optimizers))]
    rules = [one or find("optimizer", entry.name) for one, entry in zip(given, entries, strict=True)]
    options = [fed_options(entry, rule) for entry, rule in zip(entries, rules, strict=True)]
    stand_ins = [*sources, *[None] * (len(recipe.signal) - len(sources))]
    found = [one or source_of(named) for one, named in zip(stand_ins, recipe.signal, strict=True)]
    whole = [named.embedded() for named in signals or recipe.signal]
    points = recipe.steps or min((len(named.values) for named in whole if named.values), default=POINTS)
    if points > LONGEST:
        raise UsageError(f"a signal has up to {LONGEST} points, not {points}; give fewer --steps")
    if recipe.at is not None and recipe.at >= points:
        raise UsageError(f"--at {recipe.at} is beyond the last point, {points - 1}")
    made = [sequence(named, source, points) for named, source in zip(whole, found, strict=True)]
    gradients = np.stack(made).astype(recipe.dtype)
    reading = responses.unweighted if recipe.original else responses.interpolated
    fed = np.ascontiguousarray(gradients.T)
    y = np.stack([responses.respond(r, o, fed, reading).T for r, o in zip(rules, options, strict=True)])
    used = [*rules, *(source for source in found if source is not None)]
    final = recipe.updated(
        optimizer=[{**entry.flat(), "name": rule.name} for entry, rule in zip(entries, rules, strict=True)],
        steps=points,
        plugins=origins(used),
        digests=digests(used),
        versions={"gdviz": __version__, "numpy": np.__version__},
    )
    return Responses(
        signals=gradients,
        y=y,
        t=np.arange(points, dtype=np.int64),
        definitions=tuple(rules),
        options=tuple(options),
        sequences=tuple(found),
        recipe=final,
    )


def source_of(named: Named) -> Definition | None:
    """The definition behind a sequence of a recipe; None where its numbers came from a file."""
    if named.formula is not None:
        return parse_signal(named.formula, named.constants)
    return None if named.name is None else find("signal", named.name)


def sequence(named: Named, source: Definition | None, points: int) -> NDArray[np.float64]:
    """float64[point]: the gradients of a sequence of a recipe. Raises UsageError where there are too few, or none."""
    if source is None:
        values = np.array(named.values, dtype=np.float64)
        if len(values) < points:
            raise UsageError(f"{named.file or 'the signal'} holds {len(values)} numbers, not {points}; drop --steps")
        return values[:points]
    if named.name is None:
        return sampled(source, source.parameters, points)
    given = Entry.model_validate({"name": source.name, "options": dict(named.constants)})
    constants = {name: float(value) for name, value in resolve_options(given, source).items()}
    return sampled(source, constants, points)


def sampled(signal: Definition, constants: Mapping[str, float], points: int) -> NDArray[np.float64]:
    """float64[point]: a signal at the points 0, 1, 2, …

    Its random numbers are those of NumPy's legacy generator, whose seed and place the fact `draws=` names. Raises
    UsageError where a value is not finite.
    """
    given: dict[str, Any] = {"i": np.arange(points, dtype=np.float64)}
    if (draws := SignalFacts.of(signal).draws) is not None:
        seed, before = draws
        given["uniform"] = np.random.RandomState(seed).random_sample(before + points)[before:]
    with np.errstate(all="ignore"):
        values = signal.function(**{name: given[name] for name in signal.inputs}, **constants)
    made = np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), (points,)))
    if bad := np.flatnonzero(~np.isfinite(made)).tolist():
        raise UsageError(f"{signal.name} is not finite at i = {bad[0]}; change the formula or its constants")
    return made


def feed(
    optimizer: Definition,
    gradients: NDArray[np.floating],
    x0: Sequence[float] | None = None,
    values: NDArray[np.floating] | None = None,
    options: Mapping[str, Any] | None = None,
) -> NDArray[np.floating]:
    """Points of an optimizer that is handed made-up gradients: dtype[step, dim] in, dtype[step + 1, dim] out.

    x0 is 0 by default. `values`, dtype[step], are the losses of a rule that asks for them; options: every
    hyperparameter and switch, by default the definition's. Raises UsageError for a rule that asks for more than it is
    given.
    """
    options = options or {**optimizer.parameters, **optimizer.switches}
    if optimizer.rule != "vector":
        raise UsageError(f"{optimizer.name} calls the landscape back and cannot be fed gradients; choose another one")
    if options.get("lr") == "auto":
        raise UsageError(f"lr=auto needs a landscape; type a number, as in {optimizer.name}:lr=0.1")
    if values is None and "f" in optimizer.inputs:
        raise UsageError(f"{optimizer.name} asks for the loss and cannot be fed gradients alone; choose another one")
    start = np.zeros(gradients.shape[1]) if x0 is None else np.asarray(x0, dtype=np.float64)
    given = np.asarray(gradients)
    losses = np.zeros(len(given), given.dtype) if values is None else np.asarray(values, given.dtype)
    return python.feed(optimizer, options, given, losses, start)
