"""Studies as Python asks for them and gets them back."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gdviz import jobs, pictures
from gdviz.api.progress import watcher
from gdviz.artefacts import destination
from gdviz.errors import UsageError, nearest, short
from gdviz.jobs import Progress
from gdviz.objectives.functions import read_landscape
from gdviz.plans.starts import MANY, read_starts
from gdviz.recipe.entries import Entry
from gdviz.recipe.recipe import Recipe, checked, named_or_typed
from gdviz.studies.study import Study as Known
from gdviz.studies.table import KINDS
from gdviz.words import studies as words
from gdviz.words.entries import as_list, read_optimizers
from gdviz.words.grids import grid_of
from gdviz.words.models import parse_model
from gdviz.words.options import descent

if TYPE_CHECKING:
    from gdviz.encode import Files
    from gdviz.runs.trained import Trained
    from gdviz.runs.trajectories import Trajectories
    from gdviz.studies.estimate import Estimate
    from gdviz.studies.opening import State


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Study(Known):
    """What `gdviz.study` found; its arrays, dtype[optimizer, *axes, …], stand in `arrays` by name."""

    @classmethod
    def of(cls, known: Known) -> Study:
        """The same with what Python asks of one."""
        return cls(**{field.name: getattr(known, field.name) for field in dataclasses.fields(known)})

    def plot(self, out: Any = None, **look: Any) -> Files | Any:
        """Pictures of it as by `gdviz.plot`: `study.plot("map.png", theme="dark")`, or into axes of yours, `ax=`."""
        return pictures.plot(cast(Any, self), out, **look)

    def resume(self, progress: Progress | bool | None = None) -> Study:
        """The whole study: what is missing is computed, and kept in its store if it has one."""
        from gdviz.studies import execution

        if self.complete:
            return self
        how: dict[str, Any] = {} if self.store is None else {"store": self.store}
        told = watcher(progress)
        return Study.of(execution.study(self.problem, threads=self.recipe.threads, progress=told, **how))

    def run(self, optimizer: int | str = 0, run: int | None = None, **cell: int) -> Trajectories | Trained:
        """One cell again, exactly, as runs to be drawn: `study.run(optimizer=0, y=17, x=403)`.

        optimizer: its number from 0, or its label; cell: its number along each axis, from 0 or negative from the end;
        of axes that are not named it is 0. run: the number of one of its runs, which then stands alone; of an ensemble
        that of any run, `study.run(run=70_000)`, of whose blocks else the first hundred are run. Raises UsageError for
        what there is not.
        """
        labels, axes = self.problem.labels, {axis.name: axis for axis in self.problem.axes}
        number = labels.index(optimizer) if optimizer in labels else optimizer
        if isinstance(number, str) or not -len(labels) <= number < len(labels):
            raise UsageError(f"there is no optimizer {short(optimizer)}; there are, from 0, {', '.join(labels)}")
        for name, place in cell.items():
            if name not in axes:
                raise UsageError(f"there is no axis '{name}'; there are {', '.join(axes)}")
            if not -len(axes[name]) <= place < len(axes[name]):
                raise UsageError(f"{name}={place} is beyond the {len(axes[name])} cells of this axis; count from 0")
        at = np.array([axis.values[cell.get(name, 0)] for name, axis in axes.items()], np.float64)
        return self.problem.again(number % len(labels), at, run)

    def _repr_html_(self) -> str:
        told = jobs.of(self.recipe).results(self.recipe, cast(Any, self))
        rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in told)
        return f"<p>{html.escape(repr(self))}</p><table>{rows}</table>"


def study(
    kind: str,
    descended: str | Callable[..., Any] | None = None,
    optimizers: str | Sequence[str | Entry | Callable[..., Any]] | None = None,
    *,
    data: Any = None,
    grid: Mapping[str, Any] | None = None,
    start: Any = None,
    grad: Callable[..., Any] | None = None,
    transforms: str | Sequence[str] = (),
    schedules: str | Sequence[str] = (),
    out: Any = None,
    part: str | tuple[int, int] | None = None,
    cluster: str | None = None,
    force: bool = False,
    progress: Progress | bool | None = None,
    **options: Any,
) -> Study:
    """Make a map, or a distribution, of very many runs.

    kind: "basins", which minimum starts lead to; "sweep", how runs with hyperparameters of a grid end; "ensemble", how
    many runs go that differ by chance; "trainability", which learning rates train a network. descended: a landscape as
    in `simulate`, or with data as in `train` a model ("mlp:8"); of trainability none. optimizers, start, grad,
    transforms, schedules: as in `simulate`. grid: what a sweep varies, values or texts as after --grid by the names of
    hyperparameters, constants, options of transforms ("gaussian.sigma") or rates of layers ("lr.1"): `grid={"lr":
    np.geomspace(1e-4, 1, 64)}`. out: a store (x.zarr), in which chunks are kept as they are done, so that the same call
    goes on where one was stopped; pictures (x.png); or several; by default neither. part: "3/16" or (3, 16), what one
    of 16 processes does that share a store; cluster: of Dask, as after --cluster. options: all else that the command
    `gdviz study` has, such as resolution=(1000, 1000), domain, steps, target, radius, starts, runs, batch, width,
    seed, dtype, threads, reliability=False, theme.

    Raises UsageError where something does not fit, OutputError where a store or picture cannot be written.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no study '{short(kind)}'{nearest(str(kind), KINDS)}; there are {', '.join(KINDS)}")
    job = KINDS[kind]
    store, paths = words.places(out)
    place = destination(paths, None, ".png", force)
    entries, rules = read_optimizers(as_list(optimizers) if optimizers is not None else [])
    asked: dict[str, Any] = {
        **descent(entries, as_list(transforms), as_list(schedules)),
        **({"grid": [grid_of(name, values) for name, values in grid.items()]} if grid else {}),
        **words.asked(job, options),
    }
    given: dict[str, Any] = {"optimizers": rules} if any(rules) else {}
    if data is not None:
        from gdviz.plans.data import taken

        source, columns = taken(data)
        asked |= {"model": parse_model(cast(str, descended)), "data": source.flat()}
        given |= {} if columns is None else {"given": columns}
    elif descended is not None:
        points, many = read_starts(start)
        if many is not None:
            raise UsageError(f"a study takes {MANY} starts one by one; for more give starts=N, which draws them")
        landscape = read_landscape(descended, grad, points or ())
        named = (
            {"landscape": landscape.name} if landscape else named_or_typed(str(descended), asked.get("constants", {}))
        )
        asked |= {**named, **({} if points is None else {"start": points})}
        given |= {"landscape": landscape} if landscape else {}
    recipe = checked(job, asked, f"study of {kind}")
    found = explore(recipe, store, words.shared_out(part, cluster), progress, given=given)
    if paths:
        place.write(found)
    return found


def explore(
    recipe: Recipe,
    store: str | Path | None = None,
    shared: Mapping[str, Any] | None = None,
    progress: Progress | bool | None = None,
    *,
    given: Mapping[str, Any] | None = None,
    anew: bool = False,
) -> Study:
    """The study of a recipe, kept in a store where there is one.

    shared: who computes it, as `words.studies.shared_out` tells; given: what stands in for names of the recipe; anew:
    whether another store keeps it where this one is another study's.
    """
    if "given" in (given or {}) and "cluster" in (shared or {}):
        raise UsageError("the workers of a cluster are sent no arrays; write them into a file that they see")
    place = None if store is None else Path(store)
    made = jobs.make(recipe, watcher(progress), store=place, anew=anew, **(shared or {}), **(given or {}))
    return Study.of(cast(Known, made))


def estimate(recipe: Recipe, store: str | Path | None = None, *, anew: bool = False) -> Estimate:
    """What the study of a recipe takes, or what is left of it in a store; some of it is tried, and nothing written."""
    from gdviz.studies.planning import estimated

    return estimated(jobs.whole(recipe), None if store is None else Path(store), anew=anew)


def open_study(path: str | Path) -> Study:
    """The study in a store as far as it is done, to be drawn, looked at and resumed.

    Raises OutputError where there is none.
    """
    from gdviz.studies import opening

    return Study.of(opening.open_study(path))


def state(path: str | Path) -> State:
    """How far a store is. Raises OutputError where there is none."""
    from gdviz.studies import opening

    return opening.state(path)


def export(path: str | Path, out: str | Path, *, force: bool = False) -> Path:
    """Write what a store holds into a file: .npz, .csv or .zarr.zip; its path. Raises OutputError."""
    from gdviz.studies import export as handed_on

    return handed_on.export(open_study(path), out, force=force)
