"""Studies run: chunks are computed on threads or by workers, in any order, and kept in memory or in a store."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gdviz.backends.cores import affinity
from gdviz.encode.targets import final_path
from gdviz.errors import Terminated, UsageError, remark
from gdviz.studies import variables
from gdviz.studies.chunks import Chunk, Layout, computed, layout_of
from gdviz.studies.estimate import check_room
from gdviz.studies.problem import Found, Problem
from gdviz.studies.reliability import judge
from gdviz.studies.shares import Reliability
from gdviz.studies.signals import asked_to_end
from gdviz.studies.store import Store, store_of
from gdviz.studies.study import Study

if TYPE_CHECKING:
    from gdviz.studies.work import Work

Progress = Callable[[int, int, str], None]
"""Told how much of a stage is done, of how much, and which stage that is."""

COMPUTING, JUDGING = "computing", "judging"
"""Stages."""

POLL = 0.1
"""Seconds between two looks at whether somebody asks to end."""


def study(
    problem: Problem,
    *,
    store: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    part: tuple[int, int] | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Study:
    """A problem computed; neither threads, workers, chunks nor parts change a bit of it, nor does being killed.

    store: where it is kept, and what is missing of it is computed; None for memory. threads: None for all cores. part:
    (K, N) for the K-th of N parts, from 1. cluster: whose workers compute it, see gdviz.studies.cluster. Once no chunk
    is missing, all cells together and the reliability of the map follow.

    Raises UsageError or OutputError before any work where the arrays fit neither into memory nor onto the disk,
    Terminated where SIGTERM came before all is computed: the chunks that were begun are kept. Raises OutputError where
    the store is another's or cannot be written to.
    """
    threads = threads or affinity()
    if store is None:
        return _in_memory(problem, threads, part, cluster, progress)
    check_room(problem, layout_of(problem), final_path(store))
    sent = None if cluster is None else _sent(cluster, problem, final_path(store))
    kept = store_of(problem, store)
    numbers = kept.layout.part(part)
    missing = kept.look(numbers)
    kept.mend(problem)
    if kept.damaged:
        are = "chunk is" if kept.damaged == 1 else "chunks are"
        remark(f"{kept.damaged} damaged {are} computed again in {kept.path}")
    with asked_to_end() as ended:
        told = _watched(progress, ended)
        if cluster is None or sent is None:
            made = _on_threads(problem, kept.layout, missing, kept, threads, ended)
        else:
            made = _by_workers(cluster, sent, kept, missing, ended)
        for done, _ in enumerate(made, len(numbers) - len(missing) + 1):
            if progress is not None:
                progress(done, len(numbers), COMPUTING)
        if ended():  # workers may have kept chunks that nobody waited for any more
            kept.look([number for number in missing if number not in kept.done])
        if ended() and len(kept.done) < len(numbers):
            raise Terminated(
                f"ended with {len(kept.done)} of {len(numbers)} chunks done, which {kept.path} keeps; type the same "
                "again and the study goes on"
            )
        return finished(problem, kept, threads, told)


def finished(problem: Problem, store: Store, threads: int | None = None, progress: Progress | None = None) -> Study:
    """What a store holds; where no chunk is missing also what all of them come to, which is computed where it is not
    there. Raises OutputError where the store cannot be written to.
    """
    others = [number for number in range(len(store.layout)) if number not in store.done]
    # Those of other parts are read only once all are there.
    if not store.look(others, closely=False):
        store.look(others)
    study = kept_of(problem, store)
    if not study.complete:
        return study
    whole = {name: values for name, values in study.arrays.items() if name not in store.arrays}
    if store.added(whole) is None:
        store.add(variables.whole(problem, whole))
    if study.reliability is None:
        reliability = judged(problem, study.arrays, threads or affinity(), progress)
        if reliability is not None:
            store.add(variables.judgement(reliability))
            study = replace(study, reliability=reliability)
    return study


def kept_of(problem: Problem, store: Store) -> Study:
    """What a store is known to hold, into which nothing is written."""
    done = len(store.done), len(store.layout)
    if done[0] < done[1]:
        return Study(problem, store.arrays, done, store=store.path)
    whole = store.added(array.name for array in problem.wholes)
    if whole is None:
        whole = dict(problem.whole(store.arrays))
    known = store.added(variables.JUDGED)
    return Study(
        problem,
        {**store.arrays, **whole},
        done,
        reliability=None if known is None else variables.judged(known),
        store=store.path,
    )


def judged(problem: Problem, arrays: Found, threads: int, progress: Progress | None) -> tuple[Reliability, ...] | None:
    """The reliability of a map that is whole, None where nobody asked for it or it is none."""
    if getattr(problem.recipe, "reliability", "no") != "yes":
        return None
    told = None if progress is None else lambda done, total: progress(done, total, JUDGING)
    return judge(problem, arrays, threads=threads, progress=told)


def _in_memory(
    problem: Problem,
    threads: int,
    part: tuple[int, int] | None,
    cluster: str | None,
    progress: Progress | None,
) -> Study:
    if cluster is not None:
        raise UsageError("the workers of --cluster write into a store that they see; add --out NAME.zarr")
    layout = layout_of(problem)
    check_room(problem, layout)
    kept = Memory(problem, layout)
    numbers = layout.part(part)
    with asked_to_end() as ended:
        for done, _ in enumerate(_on_threads(problem, layout, numbers, kept, threads, ended), 1):
            if progress is not None:
                progress(done, len(numbers), COMPUTING)
        if ended():
            raise Terminated("ended before all of the study was computed, which nothing keeps; add --out NAME.zarr")
        reliability = None
        if len(numbers) == len(layout):
            kept.arrays |= problem.whole(kept.arrays)
            reliability = judged(problem, kept.arrays, threads, _watched(progress, ended))
    return Study(problem, kept.arrays, (len(numbers), len(layout)), reliability)


def _watched(progress: Progress | None, ended: Callable[[], bool]) -> Progress:
    """What is told of a stage whose work is not kept before all of it is done. Raises Terminated once `ended`."""

    def told(done: int, total: int, stage: str) -> None:
        if ended():
            raise Terminated("ended before it was known how far the map can be trusted; type the same again")
        if progress is not None:
            progress(done, total, stage)

    return told


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


def _sent(cluster: str, problem: Problem, store: Path) -> Work:
    """What workers of a cluster are told. Raises UsageError where there is none or it cannot be told, before a store is
    made."""
    from gdviz.studies.cluster import check
    from gdviz.studies.work import Work

    sent = Work.of(problem, store)
    check(cluster)
    return sent


def _by_workers(
    cluster: str, sent: Work, store: Store, numbers: Sequence[int], ended: Callable[[], bool]
) -> Iterator[int]:
    """As `_on_threads`, by the workers of a cluster, who write into the store themselves."""
    from gdviz.studies.cluster import hand_out
    from gdviz.studies.work import perform

    for number in hand_out(cluster, perform, sent, numbers, ended):
        store.done.add(number)
        yield number


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
    threads, which nobody waits for, end with the chunks they are at. Each computes a chunk with its share of `threads`,
    the last ones with all of them, so that none idles while another one is at its last chunk.
    """
    waiting, back = deque(numbers), queue.SimpleQueue[int | BaseException]()
    stop = threading.Event()
    workers = min(threads, len(numbers))

    def work() -> None:
        try:
            while not stop.is_set() and (number := _next(waiting)) is not None:
                chunk = layout.chunk(number)
                share = max(1, threads // workers) if len(waiting) >= workers else threads
                keeper.write(chunk, computed(problem, chunk, share))
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
        count = 0  # whoever waits for threads to end after the last chunk waits for a whole POLL
        while count < len(numbers) and (any(thread.is_alive() for thread in pool) or not back.empty()):
            if ended():
                stop.set()
            try:
                made = back.get(timeout=POLL)
            except queue.Empty:
                continue
            if isinstance(made, BaseException):
                failed = failed or made
            else:
                count += 1
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
