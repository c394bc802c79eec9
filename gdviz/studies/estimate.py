"""What a study takes, before it is run: how many runs and files, how much memory and room, and about how long."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gdviz.errors import OutputError, UsageError
from gdviz.studies.chunks import Layout
from gdviz.studies.problem import Problem
from gdviz.studies.reliability import evaluations, spread_out
from gdviz.studies.table import problem_of
from gdviz.studies.variables import files_of

BUDGET = 3.0
"""Seconds that a calibration may take, but for what has to be compiled."""

TRIAL = 2**20
"""Coordinates that a first trial moves at most: thousandths of a second of a landscape."""

LANES = 64
"""Trajectories of a first trial at least: fewer take a kernel as long as these."""

BASE = 250e6
"""Bytes that Python, its packages and kernels take."""

UNITS = ((100, 1, "s"), (6000, 60, "min"), (48 * 3600, 3600, "h"), (math.inf, 86400, "days"))
"""Seconds below which a unit is used, and seconds of it."""

TRIED = 2
"""Random stream of the cells that are tried, beside those of a sample."""


@dataclass(frozen=True)
class Size:
    """What follows from the numbers alone.

    trajectories: of all cells. steps: of all of them, at most. chunks, files: of a store. bytes: of the arrays, in
    memory and before they are compressed in a store.
    """

    trajectories: int
    steps: int
    chunks: int
    files: int
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """What a study takes. missing: chunks that are still to compute. memory: bytes at most, of the arrays and of
    chunks under work on `threads`. seconds: about, with the reliability of the map; measured: of these, how many were
    measured to tell the others."""

    size: Size
    missing: int
    threads: int
    memory: int
    seconds: float
    measured: float

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What is told of it, line by line."""
        size = self.size
        left = "" if self.missing == size.chunks else f", {self.missing:,} of them missing"
        return [
            ("trajectories", f"{size.trajectories:,}"),
            ("steps", f"{size.steps:,} at most"),
            ("chunks", f"{size.chunks:,}{left}"),
            ("memory", f"{in_bytes(self.memory)} at most, beside {in_bytes(BASE)} for Python and its packages"),
            ("store", f"{in_bytes(size.bytes)} before compression, {size.files:,} files"),
            (
                "time",
                f"about {in_time(self.seconds)} on {self.threads} thread{'s' * (self.threads > 1)}, "
                f"by a trial of {self.measured:.1f} s",
            ),
        ]


def size_of(problem: Problem, layout: Layout) -> Size:
    """What follows from the numbers of a study alone."""
    cells = math.prod(layout.shape) * layout.optimizers
    runs = problem.trajectories
    each = sum(np.dtype(a.dtype).itemsize * math.prod(length for _, length in a.beside) for a in problem.arrays)
    return Size(runs, runs * problem.steps, len(layout), files_of(problem, layout), cells * each)


def check_room(problem: Problem, layout: Layout, store: Path | None = None) -> None:
    """Raise UsageError where arrays of a study do not fit into memory, OutputError where they do not fit onto the disk
    of its store, before anything is computed."""
    size = size_of(problem, layout)
    told = "{} cells of {} optimizer{} make arrays of {}".format(
        " × ".join(str(cells) for cells in layout.shape),
        layout.optimizers,
        "s" * (layout.optimizers != 1),
        in_bytes(size.bytes),
    )
    if store is None:
        free = available_memory()
        if free is not None and size.bytes > free:
            raise UsageError(f"{told}, and {in_bytes(free)} of memory are free; ask for fewer cells")
        return
    place = next(folder for folder in (store.absolute(), *store.absolute().parents) if folder.exists())
    room = shutil.disk_usage(place).free
    if size.bytes > room and not store.exists():
        raise OutputError(
            f"{told}, and {in_bytes(room)} are free where '{store}' is to be; ask for fewer cells or another place"
        )
    files = _free_files(place)
    if files is not None and size.files > files and not store.exists():
        raise OutputError(
            f"'{store}' would be {size.files} files, and its disk has room for {files}; ask for a larger --chunk"
        )


def estimate(
    problem: Problem, layout: Layout, *, threads: int, missing: int | None = None, budget: float = BUDGET
) -> Estimate:
    """What a study takes on so many threads, by trials of some of its cells that take at most about `budget` seconds
    beside what has to be compiled.

    missing: chunks to compute, None for all. What takes long is tried with fewer steps and fewer runs of a cell, and
    told as if all of them took as long as these.
    """
    size, todo = size_of(problem, layout), len(layout) if missing is None else missing
    cells, workers = math.prod(layout.shape) * todo / len(layout), min(threads, max(todo, 1))
    if todo and getattr(problem.recipe, "reliability", "no") == "yes":
        cells += evaluations(problem) / layout.optimizers
    begun, seconds, memory = time.perf_counter(), 0.0, 0.0
    for optimizer in range(layout.optimizers):
        left = max(budget - (time.perf_counter() - begun), 0) / (layout.optimizers - optimizer)
        trial = _tried(problem, optimizer, left)
        seconds += trial.beside * todo / layout.optimizers + trial.each * cells
        memory = max(memory, trial.room * math.prod(layout.sides) * workers)
    spent = time.perf_counter() - begun
    return Estimate(size, todo, threads, int(size.bytes + memory), seconds / workers, spent)


class Trial(NamedTuple):
    """What cells of an optimizer take on one thread: seconds of a call beside its cells, and seconds and bytes of each
    cell."""

    beside: float
    each: float
    room: float


def _tried(problem: Problem, optimizer: int, budget: float) -> Trial:
    """By cells from all over the study: with more steps and then more cells until these take a third of the budget."""
    most = math.prod(len(axis) for axis in problem.axes)
    cells = min(most, max(1, LANES // max(problem.runs, 1)))
    runs = max(LANES, TRIAL // max(problem.dim, 1))
    short = _lighter(problem, TRIAL // (cells * max(min(problem.runs, runs) * problem.dim, 1)), runs)
    _timed(short, optimizer, cells)  # compiles
    took, fewer, before = _timed(short, optimizer, cells), 0, 0.0
    while (more := min(budget / 3 / took, 8)) >= 2 and (short.steps < problem.steps or cells < most):
        if short.steps < problem.steps:
            short, fewer, before = _lighter(problem, int(short.steps * more), runs), 0, 0.0
        else:
            fewer, before, cells = cells, took, min(int(cells * more), most)
        took = _timed(short, optimizer, cells)
    each = max(took - before, took / 4) / (cells - fewer)  # a clock that others disturb tells too little at times
    few = max(1, cells // 4)
    tracemalloc.start()
    try:
        _timed(short, optimizer, few)
        room = tracemalloc.get_traced_memory()[1] / few
    finally:
        tracemalloc.stop()
    longer = problem.steps / short.steps
    return Trial(max(took - each * cells, 0.0) * longer, each * longer * problem.runs / short.runs, room)


def _lighter(problem: Problem, steps: int, runs: int) -> Problem:
    """The same with no more steps and runs of a cell, or itself where its recipe does not bring it back."""
    if steps >= problem.steps and runs >= problem.runs:
        return problem
    try:
        return problem_of(problem.lighter(max(min(steps, problem.steps), 1), runs))
    except UsageError:
        return problem


def _timed(problem: Problem, optimizer: int, cells: int) -> float:
    """Seconds of so many cells from all over the study on one thread."""
    shape = tuple(len(axis) for axis in problem.axes)
    chosen = spread_out(problem.recipe.seed, optimizer, TRIED, math.prod(shape), cells)
    places = np.unravel_index(chosen, shape)
    at = np.stack([axis.values[place] for axis, place in zip(problem.axes, places, strict=True)])
    begun = time.perf_counter()
    problem.evaluate(optimizer, at, threads=1)
    return max(time.perf_counter() - begun, 1e-6)


def available_memory() -> int | None:
    """Bytes that this process may still use, or all that the machine has where it does not tell more, None where it
    tells nothing."""
    found = []
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().split("\n")
        found.append(1024 * int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]))
    with contextlib.suppress(OSError, ValueError):  # a container or a job has a share of the machine's
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        found.append(max(0, limit - used))
    if not found and hasattr(os, "sysconf"):
        with contextlib.suppress(OSError, ValueError):
            found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return min(found, default=None)


def _free_files(place: Path) -> int | None:
    """How many more files a disk can hold, None where it does not say."""
    if not hasattr(os, "statvfs"):
        return None
    found = os.statvfs(place)
    return found.f_favail if found.f_files else None


def in_bytes(number: float) -> str:
    """Bytes with a unit, as in 1.5 GB."""
    power = 0
    while number >= 1000 and power < 5:
        number, power = number / 1000, power + 1
    return f"{number:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB', 'PB')[power]}"


def in_time(seconds: float) -> str:
    """Seconds as people tell them, as in 3 min, 2.5 h or 1,200 days."""
    each, unit = next((each, unit) for most, each, unit in UNITS if seconds < most)
    return f"{float(f'{seconds / each:.2g}'):,.15g} {unit}"
