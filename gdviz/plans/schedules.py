"""How hyperparameters change with the step: schedules as typed, as recorded, and as the tables that backends read.

A schedule is a chain of parts. Each part counts its own steps from 1 and lasts as long as it says, as a number of steps
or a share of the run; the last one lasts until the run ends, or stays at its last value. Where a part watches the loss
it stands last, and its values are the backends' to find; all others become a table here, once for every run.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.catalogue.lookup import find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError, nearest
from gdviz.plans.tables import Part, Scheduled, Table
from gdviz.recipe.entries import Entry, Pace
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.schedule import ScheduleFacts
from gdviz.registry.names import normal

if TYPE_CHECKING:
    from gdviz.plans.plan import Plan


def tables(plan: Plan) -> tuple[Table, ...]:
    """Everything about a plan's schedules that is known before it runs.

    Where coordinates have values of their own, such as the rates of layers, each of these follows the schedule.
    """
    found = []
    for scheduled in plan.schedules:
        own = np.asarray(plan.options[scheduled.parameter], dtype=np.float64)
        base, cells = (own[None], None) if own.ndim == 0 else np.unique(own, return_inverse=True)
        cells = None if cells is None else cells.reshape(own.shape)  # flat before NumPy 2
        until = plan.steps if scheduled.watcher is None else scheduled.known
        values = scheduled.table(base, plan.steps)
        if scheduled.parameter in plan.optimizer.stabilizers:
            values[values == 0] = np.finfo(plan.dtype).tiny
        found.append(Table(scheduled.parameter, values, cells, until))
    return tuple(found)


def unmoved(plan: Plan, f: NDArray[np.floating], followed: NDArray[np.floating]) -> list[str]:
    """Why schedules that watch the loss left their hyperparameters as they were, where their fact `unmoved=` knows.

    It maps a reason to a function of the loss f and the step numbers t of one run, float64[record] each, and options.
    f: dtype[lane, record]; followed: dtype[watcher, lane, record], the hyperparameters' values.
    """
    said = []
    for scheduled, values in zip((s for s in plan.schedules if s.watcher is not None), followed, strict=True):
        part = scheduled.parts[-1]
        watched = plan.records >= part.first
        still = (values[:, watched] == values[:, watched][:, :1]).all(axis=1)
        for reason, holds in ScheduleFacts.of(part.definition).unmoved.items():
            asked = {k: v for k, v in part.options.items() if k in inspect.signature(holds).parameters}
            given = ((lane[watched].astype(np.float64), plan.records[watched]) for lane in f[still])
            if any(holds(loss, t, **asked) for loss, t in given):
                said.append(
                    f"{part.definition.name} never changed {scheduled.parameter} of {plan.optimizer.name}: {reason}"
                )
    return said


def check_values(plan: Plan) -> None:
    """Raise UsageError where a schedule leads a hyperparameter beyond its limits."""
    for table in tables(plan.by_coordinate()):
        for value in (table.values.min(), table.values.max()):
            if not np.isfinite(value):
                raise UsageError(f"the schedule of {table.parameter} of {plan.optimizer.name} is not finite everywhere")
            plan.check(table.parameter, float(value))


def schedules(paces: Sequence[Pace], entry: Entry, optimizer: Definition, steps: int) -> tuple[Scheduled, ...]:
    """The schedules that a recipe has for one of its optimizers, those that name it before those that do not.

    Raises UsageError where one does not fit.
    """
    chosen: dict[str, Pace] = {}
    for pace in sorted(paces, key=lambda pace: pace.optimizer is not None):
        if not meant(pace, entry, optimizer):
            continue
        before = chosen.get(pace.parameter)
        if before is not None and (before.optimizer is None) == (pace.optimizer is None):
            raise UsageError(f"{pace.parameter} of {optimizer.name} is given two schedules; join them by 'then'")
        chosen[pace.parameter] = pace
    return tuple(_scheduled(pace, optimizer, steps) for pace in chosen.values())


def meant(pace: Pace, entry: Entry, optimizer: Definition) -> bool:
    """Whether a schedule is for this optimizer: it has the hyperparameter, and is named (or labelled) so if any is."""
    names = {optimizer.name, *optimizer.aliases, *_labels(entry)}
    named = pace.optimizer is None or normal(pace.optimizer) in set(map(normal, names))
    return named and pace.parameter in optimizer.parameters


def _labels(entry: Entry) -> tuple[str, ...]:
    """The label of an optimizer, in every language that it is given in."""
    label = entry.label or ()
    return (label,) if isinstance(label, str) else tuple(label.values() if isinstance(label, dict) else ())


def check(paces: Sequence[Pace], entries: Sequence[Entry], optimizers: Sequence[Definition]) -> None:
    """Raise UsageError for a schedule that is for no optimizer here."""
    for pace in paces:
        if any(meant(pace, entry, optimizer) for entry, optimizer in zip(entries, optimizers, strict=True)):
            continue
        here = [o for e, o in zip(entries, optimizers, strict=True) if meant(_of_any(pace, o), e, o)]
        if not here:
            known = {name for o in optimizers for name in (o.name, *o.aliases)}
            known |= {label for entry in entries for label in _labels(entry)}
            word = pace.optimizer or ""
            hint = nearest(word, known) or f"; there are: {', '.join(o.name for o in optimizers)}"
            raise UsageError(f"--schedule {word}.{pace.parameter}: no optimizer here is called '{word}'{hint}")
        parameters = {name: None for o in here for name in o.parameters}
        hint = nearest(pace.parameter, parameters) or f"; there are: {', '.join(parameters) or 'none'}"
        whose = here[0].name if len(here) == 1 else "no optimizer here"
        has = "has no hyperparameter" if len(here) == 1 else "has a hyperparameter"
        raise UsageError(f"--schedule {pace.parameter}=…: {whose} {has} '{pace.parameter}'{hint}")


def _of_any(pace: Pace, optimizer: Definition) -> Pace:
    """The schedule as if it were of the optimizer's first hyperparameter."""
    return pace.model_copy(update={"parameter": next(iter(optimizer.parameters), pace.parameter)})


def read_once(optimizer: Definition) -> frozenset[str]:
    """Hyperparameters that say how state begins and how large it is."""
    sizes = (axis for axes in optimizer.shapes.values() for axis in axes)
    return frozenset(optimizer.parameters) & {*optimizer.init.values(), *sizes}


def _scheduled(pace: Pace, optimizer: Definition, steps: int) -> Scheduled:
    if optimizer.rule == "host":
        raise UsageError(
            f"{optimizer.name} takes its options once, so {pace.parameter} cannot follow a schedule; "
            f"name another optimizer, as in --schedule adam.{pace.parameter}=…, or drop -o {optimizer.name}"
        )
    if pace.parameter in read_once(optimizer):
        raise UsageError(f"{optimizer.name} reads {pace.parameter} only once, before its first step; drop its schedule")
    parts: list[Part] = []
    first = 1
    for place, entry in enumerate(pace.chain):
        definition = find("schedule", entry.name)
        chosen = resolve_options(without_steps(entry), definition)
        stated = entry.options.get("steps")
        last = place == len(pace.chain) - 1
        if stated is None and not last:
            raise UsageError(
                f"say how long {definition.name} lasts before the next begins, as in {definition.name}:steps=20 then …"
            )
        count = steps - first + 1 if stated is None else _count(length_of(stated, definition.name), steps)
        if count < 1:
            raise UsageError(
                f"the schedule of {pace.parameter} takes {first - 1} steps before {definition.name} begins, and the "
                f"run has {steps}; type --steps {first + 9} or shorten its parts"
            )
        part = Part(definition, chosen, first, first + count - 1)
        if part.watches and (not last or stated is not None):
            raise UsageError(f"{definition.name} watches the loss to the end of the run; put it last, without steps=")
        if part.watches and optimizer.rule != "vector":
            raise UsageError(
                f"{definition.name} watches the loss from step to step, which {optimizer.name} asks for as it likes; "
                f"choose a schedule of the step alone, such as step or cosine"
            )
        parts.append(part)
        first += count
    return Scheduled(pace.parameter, tuple(parts))


def length_of(stated: Any, where: str) -> float:
    """How long a part lasts as it was stated. Raises UsageError, told of `where`, for what is no number of steps."""
    try:
        count = -1.0 if isinstance(stated, bool) else float(stated)
    except (TypeError, ValueError):
        count = -1.0
    if not (0 < count < 1 or (count >= 1 and count.is_integer())):
        raise UsageError(f"{where}: steps is '{stated}'; type a whole number, or a share of the run such as 0.1")
    return count


def _count(stated: float, steps: int) -> int:
    """How many steps a part lasts: a share of the run below 1."""
    return max(1, round(stated * steps)) if stated < 1 else round(stated)


def without_steps(entry: Entry) -> Entry:
    """A schedule of a chain without what says how long it lasts: its own options."""
    return entry.model_copy(update={"options": {k: v for k, v in entry.options.items() if k != "steps"}})
