"""A recipe made concrete for one optimizer: definitions, numbers, dtype and seed; all that a backend is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import UsageError
from gdviz.objectives.objective import Objective
from gdviz.plans.tables import Scheduled
from gdviz.registry.definition import Definition

GUARD, FAR = 1e3, 1e3
"""The guard is the box of domain, starts and known minima, stretched this many times about its centre; the far guard is
the guard stretched again. Outside the guard a run goes on while it is no higher than at its start; beyond the far guard
it has diverged."""

AHEAD = 4.0
"""How far beyond the guard, in its half-widths, a rule may look ahead from inside it: a step of at most two, again."""


def recorded_steps(steps: int, every: int) -> NDArray[np.int64]:
    """Step numbers int64[record]: 0, every, 2·every … and always the last."""
    found = np.arange(0, steps + 1, every, dtype=np.int64)
    return found if found[-1] == steps else np.append(found, steps)


Transform = tuple[Definition, Mapping[str, Any]]
"""A gradient transform and its options."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """Everything one optimizer's trajectories depend on.

    `start` is float64[lane, dim] in data units; `options` holds every hyperparameter and switch of the optimizer, a
    hyperparameter either as one number, as float64[lane], or where a vector rule has one for each coordinate as
    float64[lane, dim]; `centre` and `reach` (float64[dim]) are the guard, see GUARD, infinite where there is none;
    `runs` (int64[lane]) number the random streams: lanes that differ in hyperparameters only share theirs, as
    comparisons need; `transforms` change the gradient, in order, before the optimizer sees it, or move x beside its
    step; `schedules` change hyperparameters from step to step, whose options are then their own values.
    """

    objective: Objective
    optimizer: Definition
    options: Mapping[str, Any]
    start: NDArray[np.float64]
    steps: int
    every: int
    tol: float
    seed: int
    dtype: str
    centre: NDArray[np.float64]
    reach: NDArray[np.float64]
    runs: NDArray[np.int64]
    transforms: tuple[Transform, ...] = ()
    schedules: tuple[Scheduled, ...] = ()

    def __post_init__(self) -> None:
        """Refuse streams that do not fit the starts: compiled code would read past their end; a rule that asks for
        second derivatives where there are none, rates of layers that there are not, and hyperparameters of each
        coordinate beside a schedule of them that watches the loss, or of a rule that is no vector rule
        (UsageError)."""
        if len(self.runs) != len(self.start):
            raise ValueError(f"{len(self.start)} starts need as many runs, not {len(self.runs)}; use with_start")
        if "hessian" in self.optimizer.inputs and not self.objective.has_hessian:
            raise UsageError(
                f"{self.optimizer.name} asks for second derivatives, and {self.objective.name} has none; "
                "choose another optimizer"
            )
        count = len(self.objective.parts)
        for name in (name for name in self.options if "." in name):
            if not 1 <= int(name.partition(".")[2]) <= count:
                have = f"has {count} layer{'s' * (count != 1)}, so type lr.1 … lr.{count}" if count else "has no layers"
                raise UsageError(f"{name} is the rate of a layer, and {self.objective.name} {have}")
        watchers = {one.parameter: one.parts[-1].definition.name for one in self.schedules if one.watcher is not None}
        for name, value in self.options.items():
            base, own, _ = name.partition(".")
            if base in watchers and (own or np.ndim(value) == 2):
                raise UsageError(
                    f"{name} cannot stand beside {watchers[base]}, which watches the loss and moves one {base} for all "
                    f"layers; choose a schedule of the step alone, such as step or cosine"
                )
            if np.ndim(value) == 2 and self.optimizer.rule != "vector":
                why = f"{self.optimizer.name} is no vector rule"
                raise UsageError(f"{name} cannot differ between coordinates where {why}; type one number")

    @property
    def records(self) -> NDArray[np.int64]:
        """Step numbers that are recorded, int64[record]: 0, every, 2·every … and always the last."""
        return recorded_steps(self.steps, self.every)

    @property
    def guarded(self) -> bool:
        """Whether a trajectory that is lost stops, as diverged or undefined."""
        return bool(np.isfinite(self.reach).any())

    def check(self, name: str, value: float) -> None:
        """Raise UsageError for a value of a hyperparameter that is beyond its limits in the plan's dtype."""
        with np.errstate(over="ignore"):
            self.optimizer.check_limits(name, float(np.dtype(self.dtype).type(value)))

    @property
    def guard_told(self) -> str:
        """The guard as ranges of a domain are typed, of two coordinates at most."""
        ranges = zip((self.centre - self.reach).tolist(), (self.centre + self.reach).tolist(), strict=True)
        return ",".join(f"{low:g}:{high:g}" for low, high in list(ranges)[:2])

    def is_far(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether points, dtype[point, dim], lie beyond the far guard, where every run stops; bool[point]."""
        return np.asarray((~(np.abs(points - self.centre) <= FAR * self.reach)).any(axis=1))

    @cached_property
    def asks(self) -> tuple[bool, bool]:
        """Whether the value, and whether the gradient, has to be asked at every step whether it is a finite number.

        Not where there is no guard, nor where the objective proves that it is one wherever it may be asked.
        """
        if not self.guarded:
            return False, False
        box = [(c - AHEAD * r, c + AHEAD * r) for c, r in zip(self.centre.tolist(), self.reach.tolist(), strict=True)]
        return self.objective.undefinable(box, self.dtype)

    def unguarded(self) -> Plan:
        """The same plan with nothing to stop a trajectory that leaves, and nothing spent on asking.

        Those that stay inside and are defined are the same bit for bit. Others go on, if need be as infinities and NaN,
        and their status is "unfinished" to the end.
        """
        return dataclasses.replace(self, reach=np.full_like(self.reach, np.inf))

    def with_start(self, start: NDArray[np.float64], runs: NDArray[np.int64] | None = None) -> Plan:
        """The same plan from other points, float64[lane, dim], with the random streams `runs`, int64[lane].

        Unless told otherwise they are numbered from 0. Who cuts many starts into pieces says which they are, or every
        piece would draw the same numbers.
        """
        return dataclasses.replace(self, start=start, runs=np.arange(len(start)) if runs is None else runs)

    def part(self, first: int, last: int) -> Plan:
        """The plan of its lanes first … last - 1 alone, which keep their random streams and hyperparameters."""
        lanes = slice(first, last)
        options = {k: v[lanes] if isinstance(v, np.ndarray) else v for k, v in self.options.items()}
        return dataclasses.replace(self, start=self.start[lanes], runs=self.runs[lanes], options=options)

    def by_coordinate(self) -> Plan:
        """The same plan with rates of parts of the coordinates, options such as `lr.2`, in the rate's own place."""
        own = [(name, *name.split(".")) for name in self.options if "." in name]
        options = dict(self.options)
        for name, base, part in own:
            if np.ndim(options[base]) < 2:
                lanes = np.broadcast_to(options[base], len(self.start))
                options[base] = np.repeat(lanes[:, None], self.start.shape[1], axis=1)
            options[base][:, self.objective.parts[int(part) - 1]] = np.reshape(options.pop(name), (-1, 1))
        return dataclasses.replace(self, options=options) if own else self

    def with_lanes(self, **options: NDArray[np.float64]) -> Plan:
        """The same plan with hyperparameters that differ from lane to lane; starts are repeated to fit.

        `options` are float64[cell]; lane order is cell by cell, and within a cell start by start. Raises UsageError for
        values beyond a hyperparameter's limits.
        """
        for name, values in options.items():
            for extreme in (values.min(), values.max()):
                self.check(name, float(extreme))
            for value in np.unique(values):
                self.optimizer.check_whole(name, float(value))
        cells = len(next(iter(options.values())))
        starts = len(self.start)
        spread = {name: np.repeat(values, starts) for name, values in options.items()}
        start = np.tile(self.start, (cells, 1))
        runs = np.tile(self.runs, cells)
        return dataclasses.replace(self, start=start, runs=runs, options={**self.options, **spread})
