"""Studies run: chunks are computed on threads, in any order, and kept in memory or in a store."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.cores import affinity
from gdviz.errors import Terminated
from gdviz.studies.chunks import Chunk, Layout, layout_of
from gdviz.studies.problem import Found, Problem
from gdviz.studies.reliability import judge
from gdviz.studies.signals import asked_to_end
from gdviz.studies.study import Reliability, Study

Progress = Callable[[int, int, str], None]
"""Told how much of a stage is done, of how much, and which stage that is."""

POLL = 0.1
"""Seconds between two looks at whether somebody asks to end."""


def study(
    problem: Problem,
    *,
    threads: int | None = None,
    part: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> Study:
    """A problem computed; neither threads, chunks nor parts change a bit of it.

    threads: None for all cores; part: (K, N) for the K-th of N parts, from 1. Once no chunk is missing, all cells
    together and the reliability of the map follow. Raises Terminated where SIGTERM came before that: the chunks that
    were begun are finished.
    """
    layout, threads = layout_of(problem), threads or affinity()
    kept = Memory(problem, layout)
    numbers = layout.part(part)
    with asked_to_end() as ended:
        for done, _ in enumerate(_on_threads(problem, layout, numbers, kept, threads, ended), 1):
            if progress is not None:
                progress(done, len(numbers), "computing")
        if ended():
            raise Terminated("the study was ended before all of it was computed")
        reliability = None
        if len(numbers) == len(layout):
            kept.add(problem.whole(kept.arrays))
            reliability = judged(problem, kept.arrays, threads, progress)
    return Study(problem, kept.arrays, (len(numbers), len(layout)), reliability)


def judged(problem: Problem, arrays: Found, threads: int, progress: Progress | None) -> tuple[Reliability, ...] | None:
    """The reliability of a map that is whole, None where nobody asked for it or it is none."""
    if getattr(problem.recipe, "reliability", "no") != "yes":
        return None
    told = None if progress is None else lambda done, total: progress(done, total, "judging")
    return judge(problem, arrays, threads=threads, progress=told)


class Keeper(Protocol):
    """Where chunks go."""

    def write(self, chunk: Chunk, found: Found) -> None:
        """Keep what its cells are worth, dtype[*axes of the chunk, …]; any thread may."""


class Memory:
    """Arrays of a study, dtype[optimizer, *axes, …] by name, which hold their fill where nothing is computed."""

    def __init__(self, problem: Problem, layout: Layout) -> None:
        shape = (layout.optimizers, *layout.shape)
        self.arrays: dict[str, NDArray[Any]] = {
            array.name: np.full((*shape, *(length for _, length in array.beside)), array.fill, array.dtype)
            for array in problem.arrays
        }

    def write(self, chunk: Chunk, found: Found) -> None:
        """See Keeper."""
        for name, values in found.items():
            self.arrays[name][chunk.place] = values

    def add(self, whole: Found) -> None:
        """Keep what all cells come to."""
        self.arrays |= whole


def computed(problem: Problem, chunk: Chunk, threads: int = 1) -> Found:
    """What the cells of a chunk are worth, dtype[*axes of the chunk, …] by name."""
    found = problem.evaluate(chunk.optimizer, chunk.at(problem.axes), threads=threads)
    return {
        array.name: np.asarray(found[array.name], array.dtype).reshape(
            *chunk.shape, *(length for _, length in array.beside)
        )
        for array in problem.arrays
    }


def _on_threads(
    problem: Problem,
    layout: Layout,
    numbers: Sequence[int],
    keeper: Keeper,
    threads: int,
    ended: Callable[[], bool],
) -> Iterator[int]:
    """Numbers of chunks, each once it is kept, in no particular order.

    Once `ended` says so no chunk is begun any more, and it ends with those that were. Ctrl-C is answered at once: the
    threads, which nobody waits for, end with the chunks they are at.
    """
    waiting, back = deque(numbers), queue.SimpleQueue[int | BaseException]()
    stop = threading.Event()
    workers = min(threads, len(numbers))

    def work() -> None:
        try:
            while not stop.is_set() and (number := _next(waiting)) is not None:
                chunk = layout.chunk(number)
                keeper.write(chunk, computed(problem, chunk, max(1, threads // workers)))
                back.put(number)
        except BaseException as error:  # raised again below
            stop.set()
            back.put(error)

    pool = [threading.Thread(target=work, name=f"chunks {number}", daemon=True) for number in range(workers)]
    failed: BaseException | None = None
    try:
        for thread in pool:
            thread.start()
        # Short waits: on Windows Python sees only between them that it was interrupted.
        while any(thread.is_alive() for thread in pool) or not back.empty():
            if ended():
                stop.set()
            try:
                made = back.get(timeout=POLL)
            except queue.Empty:
                continue
            if isinstance(made, BaseException):
                failed = failed or made
            else:
                yield made
        if failed is not None:
            raise failed
    finally:
        stop.set()


def _next(waiting: deque[int]) -> int | None:
    """The first of what waits, None where another thread took the last."""
    try:
        return waiting.popleft()
    except IndexError:
        return None
