"""From a recipe to trajectories: settle it, choose the rates that are left open, run every plan."""

from __future__ import annotations

import dataclasses
import hashlib
import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz import __version__, pacing, sources
from gdviz import plan as planning
from gdviz.backends import LOST as LOST
from gdviz.backends import STATUSES, Paths, python
from gdviz.backends.selection import choose
from gdviz.entries import parse_optimizers, resolve_options
from gdviz.errors import UsageError, remark
from gdviz.fairness import RATES as RATES
from gdviz.fairness import best_rate, run_plans, settle_rates
from gdviz.plan import Plan, Setting
from gdviz.plugins import plugin_of
from gdviz.recipe import Entry, Pace, Recipe
from gdviz.registry import Definition, definitions, find

FUNCTION = "a Python function"
"""Stands for the hash of a plugin where a definition was a function that no file brings back."""

DIFFERENCES = "a Python function derived by central differences"
"""The same of a landscape that came without a gradient."""

SEARCHED = 64
"""Starts from which `lr=auto` and `--fair lr` search their rates when there are very many."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectories:
    """What a simulation was: paths, losses and how each run ended.

    x: dtype[optimizer, start, record, dim], positions in data units; record 0 is the start, repeated after stopping.
    f: dtype[optimizer, start, record], f(x) of that record, repeated after stopping, but NaN in every record of an
    undefined run whose step is stopped_at or later. t: int64[record], step numbers, with fair="evals" counts of
    evaluations.
    status: str[optimizer, start], "unfinished", "converged", "diverged" or "undefined" (see gdviz.backends.STATUSES).
    stopped_at: int64[optimizer, start], in units of t: where the run stopped, else the last. Records beyond it only
    repeat and are no part of the run; of a diverged run the record there is its last, of an undefined one it is the
    first without a value. left_at: int64[optimizer, start], where a run that went on first left the guard ("left the
    view"), -1 where none did.
    evals: int64[optimizer, start, record], evaluations spent: a value, a gradient, or both at one point count 1, a
    Hessian counts dim. labels: one per optimizer. recipe: all that this depends on, with nothing left open. followed:
    for each optimizer the hyperparameters that follow more than step numbers; `hyperparameter` reads any.
    """

    x: NDArray[np.floating]
    f: NDArray[np.floating]
    t: NDArray[np.int64]
    status: NDArray[np.str_]
    stopped_at: NDArray[np.int64]
    left_at: NDArray[np.int64]
    evals: NDArray[np.int64]
    labels: tuple[str, ...]
    recipe: Recipe
    setting: Setting
    plans: tuple[Plan, ...]
    followed: tuple[Mapping[str, NDArray[np.floating]], ...] = ()

    def hyperparameter(self, name: str) -> NDArray[np.float64]:
        """What a hyperparameter was, float64[optimizer, start, record]: in the step that led to each record, and in the
        first step at record 0. NaN where an optimizer has none of this name."""
        values = np.full(self.f.shape, np.nan)
        for i, plan in enumerate(self.plans):
            if name in plan.optimizer.parameters:
                values[i] = np.reshape(np.asarray(plan.options[name], dtype=np.float64), (-1, 1))
            for table in (table for table in pacing.tables(plan) if table.parameter == name):
                values[i] = table.values[np.maximum(self.t, 1) - 1][
                    :, slice(None) if table.cells is None else table.cells
                ].T
            if i < len(self.followed) and name in self.followed[i]:
                values[i] = self.followed[i][name]
        return values

    @property
    def medians(self) -> NDArray[np.float64]:
        """The median loss of all starts, float64[optimizer, record], the number by which pictures and the console tell
        an optimizer. A loss that is undefined counts as infinite; NaN where the median is then not a number."""
        losses = self.f.astype(np.float64)
        unknown = np.isnan(losses)
        with np.errstate(invalid="ignore"):
            middle = np.median(np.where(unknown, np.inf, losses), axis=1)
        return np.where(np.isinf(middle) & unknown.any(axis=1), np.nan, middle)

    @property
    def name(self) -> str:
        """What files of this run are called unless told otherwise."""
        return self.setting.landscape.name

    def _repr_html_(self) -> str:
        cells = (
            (html.escape(label), ", ".join(self.status[i]), f"{self.f[i, :, -1].min():.6g}")
            for i, label in enumerate(self.labels)
        )
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
        return f"<table><tr><th>optimizer</th><th>status</th><th>best final loss</th></tr>{rows}</table>"


def simulate(
    recipe: Recipe,
    landscape: Definition | None = None,
    optimizers: Sequence[Definition | None] = (),
    progress: Callable[[int, int], None] | None = None,
    points: NDArray[np.float64] | None = None,
) -> Trajectories:
    """Run a recipe. `landscape` and `optimizers` stand in for names when they are plain functions.

    `progress` is told, one optimizer after the other, how many trajectories are done and of how many. `points`,
    float64[start, dim], are starts too many for a recipe, which then holds their hash only; rates are searched from
    SEARCHED of them, drawn with the recipe's seed.

    Raises UsageError where names, options or starts do not fit.
    """
    if points is not None:
        recipe = recipe.updated(start=_sample(points, recipe.seed).tolist())
    setting = planning.settle(recipe, landscape)
    planning.check_starts(setting, points)
    entries = setting.recipe.optimizer
    if not entries:
        raise UsageError("name at least one optimizer, as in -o adam")
    given = [*optimizers, *[None] * (len(entries) - len(optimizers))]
    found = [definition or find("optimizer", entry.name) for entry, definition in zip(entries, given, strict=True)]
    pacing.check(setting.recipe.schedule, entries, found)
    plans: list[Plan] = []
    resolved: list[Entry] = []
    pairs = zip(entries, found, strict=True)
    spelled = [e.model_copy(update={"options": d.spelled(e.options)}) for e, d in pairs]
    fair, tuned = settle_rates(setting, spelled, found)
    for entry, definition in zip(fair, found, strict=True):
        options = resolve_options(entry, definition)
        if options.get("lr") == "auto":
            options = {**options, "lr": best_rate(setting, entry, definition)}
            entry = entry.model_copy(update={"options": {**entry.options, "lr": options["lr"]}})
        elif np.isfinite(options.get("lr", np.nan)):  # NaN: a foreign rule may leave its rate open
            entry = entry.model_copy(update={"options": {**entry.options, "lr": options["lr"]}})
        plans.append(planning.make(setting, entry, definition, options, points))
        resolved.append(entry.model_copy(update={"name": definition.name}))
    backend, paths = run_plans(plans, setting.recipe, progress)
    for plan, path in zip(plans, paths, strict=True):
        if path.followed is not None and setting.recipe.fair != "evals":
            for sentence in pacing.unmoved(plan, path.f, path.followed):
                remark(sentence)
    changed = [definition for definition, _ in plans[0].transforms]
    paced = [find("schedule", part.name) for pace in setting.recipe.schedule for part in pace.chain]
    used = (setting.landscape, *found, *changed, *paced)
    named = zip(setting.recipe.transform, changed, strict=True)
    final = setting.recipe.updated(
        optimizer=tuple(entry.flat() for entry in resolved),
        transform=tuple({**entry.flat(), "name": definition.name} for entry, definition in named),
        **({"schedule": tuple(map(_named, setting.recipe.schedule))} if setting.recipe.schedule else {}),
        tuned=tuned,
        backend=backend,
        threads=None,  # they change no bit of the result, so they are no part of what determines it
        plugins=origins(used),
        digests={d.name: d.digest for d in used},
        **({} if points is None else {"start": None, "starts_hash": _hash(points)}),
        versions={"gdviz": __version__, "numpy": np.__version__, **_packages(found)},
    )
    return Trajectories(
        x=_stacked([p.x for p in paths]),
        f=_stacked([p.f for p in paths]),
        t=plans[0].records,
        status=np.array(STATUSES)[np.stack([p.status for p in paths])],
        stopped_at=np.stack([p.stopped_at for p in paths]),
        left_at=np.stack([p.left_at for p in paths]),
        evals=_stacked([p.evals for p in paths]),
        labels=tuple(labels([final.said(entry.label) for entry in resolved], plans)),
        recipe=final,
        setting=dataclasses.replace(setting, recipe=final),
        plans=tuple(plans),
        followed=tuple(_followed(plan, p) for plan, p in zip(plans, paths, strict=True)),
    )


def _followed(plan: Plan, paths: Paths) -> dict[str, NDArray[np.floating]]:
    """Scheduled hyperparameters dtype[start, record] that the step numbers of the records alone do not tell."""
    found: dict[str, NDArray[np.floating]] = {}
    if paths.stepped is not None:
        for table in pacing.tables(plan):
            cells = np.zeros(len(paths.stepped), np.int64) if table.cells is None else table.cells
            found[table.parameter] = table.values[np.maximum(paths.stepped, 1) - 1, cells[:, None]]
    names = [scheduled.parameter for scheduled in plan.schedules if scheduled.watcher is not None]
    return found if paths.followed is None else {**found, **dict(zip(names, paths.followed, strict=True))}


def _named(pace: Pace) -> dict[str, Any]:
    """A schedule as recorded: under the names of the definitions, not their aliases."""
    chain = [{**part.flat(), "name": find("schedule", part.name).name} for part in pace.chain]
    return {**pace.flat(), "chain": chain}


def _stacked(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """np.stack without the copy for a single array, which may be most of the memory."""
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)


def _sample(points: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """SEARCHED of the points, drawn without replacement: the first, or every so manieth, of a grid are a few lines."""
    chosen = np.random.default_rng(seed).choice(len(points), min(SEARCHED, len(points)), replace=False)
    return points[np.sort(chosen)]


def _hash(points: NDArray[np.float64]) -> str:
    return hashlib.sha256(np.ascontiguousarray(points).data).hexdigest()[:16]


def origins(used: Sequence[Definition]) -> dict[str, str]:
    """Where definitions that are not gdviz's own come from: the hash of a plugin's file, or FUNCTION."""
    found = {}
    for definition in used:
        if (origin := plugin_of(definition)) is not None:
            found[origin[0]] = origin[1]
        elif definition.package or definition.source == "typed":
            continue  # their names bring them back
        elif definitions(definition.kind).get(definition.name) is not definition:
            found[definition.name] = DIFFERENCES if definition.facts.get("called") == "differences" else FUNCTION
    return found


def _packages(used: Sequence[Definition]) -> dict[str, str]:
    """Versions of the packages that foreign optimizers come from."""
    return dict(definition.package.split(" ", 1) for definition in used if definition.package)


def rerun(
    plan: Plan,
    backend: str = "auto",
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Paths:
    """Run one plan, such as one of a run's `plans` with other starts or rates, on a backend."""
    _, run = choose([plan], backend, threads, progress)
    return run(plan)


def updates(plan: Plan, until: int) -> list[python.Update]:
    """The first `until` steps of a plan taken apart: what the gradient and what the rule's memory did to each.

    Raises UsageError for a rule that calls the landscape back.
    """
    check_apart(plan.optimizer)
    return python.updates(plan, until)


def check_apart(optimizer: Definition) -> None:
    """Raise UsageError for a rule whose steps cannot be taken apart: it calls the landscape back."""
    if optimizer.rule != "vector":
        raise UsageError(
            f"{optimizer.name} calls the landscape back, so its steps cannot be taken apart; choose another rule"
        )


def transformed(
    plan: Plan, entry: Entry, points: NDArray[np.float64], gradients: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What a transform makes of gradients float64[n, dim] at points of that shape, with the plan's seed."""
    definition = find("transform", entry.name)
    alone = dataclasses.replace(plan, transforms=((definition, resolve_options(entry, definition)),), dtype="float64")
    return np.asarray(python.transformed(alone.with_start(points), gradients.T).T, np.float64)


def labels(given: Sequence[str], plans: Sequence[Plan]) -> list[str]:
    """What each optimizer is called: the label it was given or its title, and what differs where one stands twice."""
    names = [label or plan.optimizer.title for label, plan in zip(given, plans, strict=True)]
    result = []
    for i, name in enumerate(names):
        twins = [plans[j] for j in range(len(names)) if names[j] == name and j != i]
        mine = plans[i]
        differing = [key for key in mine.options if any(twin.options.get(key) != mine.options[key] for twin in twins)]
        holds = sources.values_held(mine.optimizer.function)
        others = [sources.values_held(twin.optimizer.function) for twin in twins]
        closed = [
            key
            for key, value in holds.items()
            if isinstance(value, (int, float, str)) and key not in mine.options
            if any(other.get(key) != value for other in others)
        ]
        said = ", ".join(
            (
                *(f"{mine.optimizer.symbol(key)} = {_short(holds[key])}" for key in closed),
                *(f"{mine.optimizer.symbol(key)} = {_short(mine.options[key])}" for key in differing),
                *(
                    f"{mine.optimizer.symbol(s.parameter)}: {s.name}"
                    for s in mine.schedules
                    if any(s.name not in [other.name for other in twin.schedules] for twin in twins)
                ),
            )
        )
        result.append(f"{name} ({said})" if said else name)
    return [_numbered(label, i, result, plans) for i, label in enumerate(result)]


def _numbered(label: str, i: int, among: Sequence[str], plans: Sequence[Plan]) -> str:
    """The label, with a number where another rule, whose difference no word tells, is called the same."""
    same = [plans[j].optimizer.name for j, other in enumerate(among) if other == label]
    place = list(dict.fromkeys(same)).index(plans[i].optimizer.name)
    return f"{label} {place + 1}" if place else label


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def feed(
    optimizer: str | Definition,
    gradients: NDArray[np.floating],
    x0: Sequence[float] | None = None,
    values: NDArray[np.floating] | None = None,
) -> NDArray[np.floating]:
    """Points of an optimizer that is handed made-up gradients: dtype[step, dim] in, dtype[step + 1, dim] out.

    `optimizer` is written as after -o ("adam:lr=0.1,preset=torch"); x0 is 0 by default. `values`, dtype[step], are the
    losses of a rule that asks for them. Raises UsageError for a rule that asks for more than it is given.
    """
    if isinstance(optimizer, Definition):
        definition, options = optimizer, {**optimizer.parameters, **optimizer.switches}
    else:
        (entry,) = parse_optimizers(optimizer)
        definition = find("optimizer", entry.name)
        options = resolve_options(entry, definition)
    if definition.rule != "vector":
        raise UsageError(f"{definition.name} calls the landscape back and cannot be fed gradients; choose another one")
    if options.get("lr") == "auto":
        raise UsageError(f"lr=auto needs a landscape; type a number, as in {definition.name}:lr=0.1")
    if values is None and "f" in definition.inputs:
        raise UsageError(f"{definition.name} asks for the loss and cannot be fed gradients alone; choose another one")
    start = np.zeros(gradients.shape[1]) if x0 is None else np.asarray(x0, dtype=np.float64)
    given = np.asarray(gradients)
    losses = np.zeros(len(given), given.dtype) if values is None else np.asarray(values, given.dtype)
    return python.feed(definition, options, given, losses, start)
