"""Ensembles: very many runs that differ by chance or in their start, as counts of what they are like."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST, STATUSES, Paths
from gdviz.backends.table import BACKENDS
from gdviz.backends.trackers import Nearest
from gdviz.errors import UsageError
from gdviz.plans.plan import Plan, recorded_steps
from gdviz.plans.setting import Setting
from gdviz.plans.sources import Columns
from gdviz.recipe.options import ensemble as options
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.train import Train
from gdviz.registry.definition import Definition
from gdviz.runs.trained import Trained
from gdviz.runs.trajectories import Trajectories
from gdviz.studies.bins import BINS, Bins, Counts, bins_for
from gdviz.studies.cells import moved
from gdviz.studies.grounds import Ground, LandscapeGround, over_landscape, over_networks
from gdviz.studies.minima import Minima, minima_of
from gdviz.studies.problem import Array, Axis, Floats, Found, Problem
from gdviz.studies.results import Row, part, whole

if TYPE_CHECKING:
    from gdviz.studies.study import Study

BLOCKS, SMALLEST = 64, 1024
"""Blocks at most, so that a study of any size takes the same memory and disk, and runs of one at least."""

ROOM = 2**21
"""Numbers recorded at once, 16 MB, by the depth of the backend."""

RECORDS = 200
"""Records at most, where nobody says which steps are recorded."""

PILOT = 256
"""Runs by which the bins of losses are settled."""

PERCENTS = (5, 25, 50, 75, 95)
"""Quantiles of losses and of escape times."""

SHOWN = 100
"""Runs of a block, the first ones, that are run again to be drawn where nobody says which."""

ELSEWHERE = "elsewhere"
"""The end of a run that is neither lost nor at a minimum that is known."""


@dataclasses.dataclass(frozen=True, eq=False)
class Runs:
    """Runs on a ground, settled, by their numbers.

    records: int64[record], the steps that are recorded. starts: from how many random points runs begin in turn, None
    where they begin as the ground says.
    """

    ground: Ground
    settled: Any
    records: NDArray[np.int64]
    starts: int | None

    def plans(self, optimizer: int, first: int, last: int) -> Iterator[Plan]:
        """The runs first … last − 1, as many at once as there is room for."""
        room = ROOM * BACKENDS[self.ground.recipe.backend].depth
        size = max(1, room // (len(self.records) * (self.settled.objective.dim + 1)))
        for begin in range(first, last, size):
            runs = np.arange(begin, min(begin + size, last))
            plan = self.ground.plan(self.settled, optimizer, runs)
            if self.starts is not None:
                plan = plan.with_start(
                    cast(LandscapeGround, self.ground).starts(self.settled, runs % self.starts), runs
                )
            yield dataclasses.replace(plan, every=self.ground.recipe.every)


@dataclasses.dataclass(frozen=True, eq=False)
class Ensemble(Problem):
    """Runs numbered from 0, of which a cell is a block of `runs`, the last one of those that are left.

    minima: where runs may end, which are within `radius` of one; None where none is known. bins: of losses.
    """

    kind = "ensemble"

    recipe: options.Ensemble
    drawn: Runs
    minima: Minima | None
    radius: float | None
    bins: Bins
    labels: tuple[str, ...]
    axes: tuple[Axis, ...]
    runs: int
    steps: int
    dim: int
    guard: str

    @property
    def trajectories(self) -> int:
        """The last block may have fewer runs than the others."""
        return len(self.labels) * self.recipe.runs

    def lighter(self, steps: int, runs: int) -> Descent:
        """As many blocks, of fewer runs."""
        fewer = max(runs, SMALLEST) * len(self.axes[0])
        return self.recipe.updated(steps=steps, runs=min(self.recipe.runs, fewer))

    @property
    def ends(self) -> tuple[str, ...]:
        """How runs may end: at a minimum, by its coordinates, elsewhere, or lost."""
        return (*(self.minima.names() if self.minima else ()), ELSEWHERE, *LOST)

    @property
    def arrays(self) -> tuple[Array, ...]:  # type: ignore[override]
        """losses, ended, left and at_minimum."""
        words = [end.replace(" ", "") for end in self.ends]
        records = ("record", len(self.drawn.records))
        return (
            Array(
                "losses",
                "int32",
                -1,
                "Runs whose loss is in a bin, from below the first edge to above the last; lost ones count above.",
                (records, ("bin", BINS + 2)),
                attributes={"edges": self.bins.edges.tolist(), "steps": self.drawn.records.tolist()},
            ),
            Array(
                "ended",
                "int32",
                -1,
                "Runs by how they ended.",
                (("end", len(self.ends)),),
                attributes={"flag_values": [*range(len(self.ends))], "flag_meanings": " ".join(words)},
            ),
            Array(
                "left",
                "int32",
                -1,
                "Runs that were for the first time out of the radius of the minimum at which they began, by the record "
                "that followed.",
                (records,),
            ),
            Array("at_minimum", "int32", -1, "Runs that began within the radius of a minimum."),
        )

    @property
    def wholes(self) -> tuple[Array, ...]:  # type: ignore[override]
        """See `whole`."""
        quantiles, records = ("quantile", len(PERCENTS)), ("record", len(self.drawn.records))
        ended = self.arrays[1]
        return (
            Array("loss_q", "float64", np.nan, "Loss that a share of runs is no higher than.", (quantiles, records)),
            Array("ends", "int64", -1, "Runs by how they ended.", ended.beside, attributes=ended.attributes),
            Array("began", "int64", -1, "Runs that began within the radius of a minimum."),
            Array("escaped", "int64", -1, "Those of them that had left that radius by a record.", (records,)),
            Array("escape_q", "float64", np.nan, "Step by which a share of them had.", (quantiles,), "step"),
        )

    @property
    def beside(self) -> Mapping[str, NDArray[Any]]:  # type: ignore[override]
        """Steps of records, shares of quantiles, and words of ends."""
        ends = np.array(self.ends)
        return {"record": self.drawn.records, "quantile": np.array(PERCENTS) / 100, "end": ends}

    @property
    def criteria(self) -> Mapping[str, float | str]:
        """radius, where minima are known, guard, and how many bins there are of which scale between which losses."""
        edges = self.bins.edges
        ends = {"lowest": float(edges[0]), "highest": float(edges[-1])}
        told = {} if self.radius is None else {"radius": self.radius}
        return {**told, "guard": self.guard, "bins": BINS, "scale": self.bins.scale, **ends}

    def evaluate(
        self, optimizer: int, at: Floats, *, ulps: int = 0, dtype: str | None = None, threads: int = 1
    ) -> Found:
        """Counts of the runs of blocks at float64[axis, block]."""
        found = {
            array.name: np.zeros((at.shape[1], *(count for _, count in array.beside)), array.dtype)
            for array in self.arrays
        }
        for cell, block in enumerate(at[0].astype(np.int64).tolist()):
            first, last = block * self.runs, min((block + 1) * self.runs, self.recipe.runs)
            for plan in self.drawn.plans(optimizer, first, last):
                paths = self._run(moved(plan, ulps, dtype), threads)
                for name, counts in self._counted(paths).items():
                    found[name][cell] += counts.astype(found[name].dtype)
        return found

    def whole(self, arrays: Found) -> Found:
        """Of all runs of each optimizer: loss_q, float64[optimizer, quantile, record], the loss that PERCENTS of them
        are no higher than, right to the width of a bin and NaN where no run is counted; ends, int64[optimizer, end];
        began, int64[optimizer]; escaped, int64[optimizer, record], those of them that had left by a record; and
        escape_q, float64[optimizer, quantile], by which record, as a step, a share of them had, infinite where fewer
        did and NaN where none began there."""
        sums = {name: np.stack([_summed(one) for one in values]) for name, values in arrays.items()}
        escaped, began = sums["left"].cumsum(axis=1), sums["at_minimum"]
        steps = np.array([*self.drawn.records.tolist(), np.inf])
        needed = [np.maximum(-(-percent * began // 100), 1) for percent in PERCENTS]
        times = np.stack([steps[(escaped < need[:, None]).sum(axis=1)] for need in needed], axis=1)
        return {
            "loss_q": np.moveaxis(self.bins.quantiles(sums["losses"], PERCENTS), 0, 1),
            "ends": sums["ended"],
            "began": began,
            "escaped": escaped,
            "escape_q": np.where(began[:, None] > 0, times, np.nan),
        }

    def columns(self, optimizer: int, whole: Found) -> Mapping[str, Sequence[Any]]:
        """By record: its step, quantiles of the loss, as loss_q50, and the share of the runs which began at a minimum
        that had not left it yet, empty where none began at one. How many runs ended in which way stands beside the
        last record."""
        began, escaped = int(whole["began"][optimizer]), whole["escaped"][optimizer]
        before = [""] * (len(self.drawn.records) - 1)
        return {
            "step": self.drawn.records.tolist(),
            **{f"loss_q{share}": q.tolist() for share, q in zip(PERCENTS, whole["loss_q"][optimizer], strict=True)},
            "survival": ((began - escaped) / began).tolist() if began else ["", *before],
            **{
                f"ends[{end}]": [*before, n]
                for end, n in zip(self.ends, whole["ends"][optimizer].tolist(), strict=True)
            },
        }

    def again(self, optimizer: int, at: Floats, run: int | None = None) -> Trajectories | Trained:
        """The first runs of a block, SHOWN at most, or one run, counted from the first of the block."""
        ground, first, every = self.drawn.ground, int(at[0]) * self.runs, self.recipe.runs
        if run is not None and not 0 <= first + run < every:
            raise UsageError(f"there are {every} runs, counted from 0, and no {first + run}")
        runs = np.arange(first, min(first + min(SHOWN, self.runs), every)) if run is None else np.array([first + run])
        begin = None if self.drawn.starts is None else runs % self.drawn.starts
        return ground.again(ground.recipe, optimizer, runs, ground.racers[optimizer], begin)

    def _run(self, plan: Plan, threads: int) -> Paths:
        trackers = [] if self.minima is None or self.radius is None else [Nearest(self.minima.points, self.radius)]
        return BACKENDS[self.recipe.backend].run(plan, threads, None, (), trackers)

    def _counted(self, paths: Paths) -> dict[str, NDArray[np.int64]]:
        """The arrays of some runs."""
        records, minima = len(self.drawn.records), 0 if self.minima is None else len(self.minima.points)
        none = np.full(len(paths.status), -1)
        ends, left = paths.tracked.get("minimum", none), paths.tracked.get("left", none - 1)
        ends = np.where(ends < 0, minima, ends)
        for place, status in enumerate(LOST, minima + 1):
            ends[paths.status == STATUSES.index(status)] = place
        record = np.searchsorted(self.drawn.records, left[left > 0])
        return {
            "losses": self.bins.counted(losses(paths, self.drawn.records)),
            "ended": np.bincount(ends, minlength=len(self.ends)),
            "left": np.bincount(record, minlength=records),
            "at_minimum": np.asarray((left > -2).sum()),
        }


def ensemble(
    recipe: options.Ensemble,
    landscape: Definition | None = None,
    optimizers: Sequence[Definition | None] = (),
    given: Columns | None = None,
) -> Ensemble:
    """The ensemble that a recipe asks for, with nothing left open.

    landscape, optimizers: in place of names when they are plain functions; given: columns that the recipe does not
    hold. Raises UsageError where something does not fit.
    """
    ground, starts = _model(recipe, optimizers, given) if recipe.model else _landscape(recipe, landscape, optimizers)
    settled = ground.settled(ground.recipe)
    every = recipe.every if "every" in cast(Any, recipe).model_fields_set else _every(settled.steps)
    ground = dataclasses.replace(cast(Any, ground), recipe=ground.recipe.updated(every=every)).searched()
    minima = minima_of(settled) if isinstance(settled, Setting) else None
    known = minima is not None and len(minima.points) > 0
    if recipe.radius is not None and not known:
        raise UsageError(f"a radius is one around minima, and none is known of {settled.objective.name}; drop --radius")
    radius = recipe.radius or minima.radius if minima and known else None
    final = ground.completed(recipe, recipe.runs, runs=recipe.runs, every=every, starts=starts, radius=radius)
    made = Runs(ground.on(final.backend), settled, recorded_steps(settled.steps, every), starts)
    size = max(SMALLEST, -(-recipe.runs // BLOCKS))
    (plan, *_) = ground.plans()
    pilot = [
        losses(BACKENDS[final.backend].run(plan, None, None, (), ()), made.records)
        for optimizer in range(len(ground.racers))
        for plan in made.plans(optimizer, 0, min(PILOT, recipe.runs))
    ]
    return Ensemble(
        recipe=final,
        drawn=made,
        minima=minima if known else None,
        radius=radius,
        bins=bins_for(np.concatenate(pilot), ground.least(settled) or 0.0),
        labels=ground.labels(),
        axes=(Axis("block", np.arange(-(-recipe.runs // size), dtype=np.float64), continuous=False),),
        runs=size,
        steps=settled.steps,
        dim=settled.objective.dim,
        guard=plan.guard_told,
    )


def _model(
    recipe: options.Ensemble, optimizers: Sequence[Definition | None], given: Columns | None
) -> tuple[Ground, None]:
    """Networks, each with weights of its own. Raises UsageError where steps do not see as many samples."""
    ground = over_networks(cast(Any, recipe).updated(runs=1).taken(Train), (), given, optimizers)
    if ground.settled(ground.recipe).by_samples:
        raise UsageError("steps of batches of different sizes are not comparable; give all optimizers the same batch")
    return ground, None


def _landscape(
    recipe: options.Ensemble, landscape: Definition | None, optimizers: Sequence[Definition | None]
) -> tuple[Ground, int | None]:
    """A landscape, and from how many random points runs begin in turn; where nothing else differs each has its own."""
    if recipe.start and recipe.starts is not None:
        raise UsageError("--start and --starts both say where runs begin; drop one of them")
    race = cast(Any, recipe).taken(Race)
    ground = over_landscape(race, recipe.starts is not None, (), landscape, optimizers)
    if recipe.starts is None and not recipe.start and not ground.random:
        return over_landscape(race, True, (), landscape, optimizers), recipe.runs
    return ground, recipe.starts


def _every(steps: int) -> int:
    """The least of 1, 2, 5, 10, 20 … that makes RECORDS records at most."""
    return next(
        digit * 10**power
        for power in range(len(str(steps)) + 1)
        for digit in (1, 2, 5)
        if len(recorded_steps(steps, digit * 10**power)) <= RECORDS
    )


def _summed(blocks: NDArray[Any]) -> Counts:
    """Of one optimizer over its blocks, [block, …], of which a store hands over one at a time."""
    found = np.zeros(blocks.shape[1:], np.int64)
    for number in range(len(blocks)):
        found += blocks[number]
    return found


def losses(paths: Paths, records: NDArray[np.int64]) -> NDArray[np.floating]:
    """dtype[run, record], infinite from where a run is lost on."""
    lost = np.isin(paths.status, [STATUSES.index(status) for status in LOST])
    if not lost.any():
        return paths.f
    return np.where(lost[:, None] & (records >= paths.stopped_at[:, None]), np.inf, paths.f)


def row(study: Study, i: int) -> Row:
    """How many runs there are, quantiles of the loss at the end, how runs end, and by when they leave where they began:
    quantiles by their percents."""
    problem: Any = study.problem
    sums = whole(study)
    ends = sums["ends"][i]
    total = int(ends.sum())
    percents = (5, 25, 50, 75, 95)
    row: Row = {"runs": total, "final": dict(zip(percents, sums["loss_q"][i, :, -1].tolist(), strict=True))}
    names = problem.ends if problem.minima is not None else ("finished", *problem.ends[1:])
    row["ends"] = {name: part(int(count), total) for name, count in zip(names, ends, strict=True) if count}
    if sums["began"][i]:
        row["escape"] = dict(zip(percents, sums["escape_q"][i].tolist(), strict=True))
    return row
