"""Processes that make the entries of a gallery, one entry at a time each: what ends a process costs its entry alone."""

from __future__ import annotations

import dataclasses
import multiprocessing
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from gdviz.gallery import records
from gdviz.gallery.rendering import Made, Task, begin, make

KILLED = "its process was killed, perhaps for want of memory; ask for a smaller size"
"""Of an entry whose worker has been killed twice."""

LATE = "it was not done after {} s; ask for less, or give it more time by --limit"
"""Of an entry that took longer than it may."""

OFTEN = 0.5
"""Seconds between two looks at what has taken too long."""


class Watch(Protocol):
    """Whom a build tells how far it is."""

    def __call__(self, done: int, total: int, stage: str) -> None:
        """So many pictures of all are done."""

    def begins(self, name: str) -> None:
        """An entry is at work."""

    def ends(self, name: str) -> None:
        """It is no more."""


@dataclasses.dataclass(frozen=True)
class _Running:
    """A task at work: its worker, a pool of one process, and since when."""

    task: Task
    worker: ProcessPoolExecutor
    since: float

    def lasted(self) -> float:
        return time.monotonic() - self.since


def entries_made(
    tasks: Sequence[Task], workers: int, plugins: tuple[str, ...], limit: float | None, watch: Watch | None
) -> Iterator[tuple[Made, Task]]:
    """What becomes of tasks, in any order; limit: seconds that each may take, after which its process is ended.

    Without a limit a single worker is this process.
    """
    if workers <= 1 and limit is None:
        for task in tasks:
            if watch is not None:
                watch.begins(task.name)
            made = make(task)
            if watch is not None:
                watch.ends(task.name)
            yield made, task
        return
    lost = yield from _apart(tasks, workers, plugins, limit, watch)
    for task in lost:  # others may have taken the memory: each is tried once more, alone
        if (yield from _apart([task], 1, plugins, limit, watch)):
            yield Made(task.name, (), KILLED, (), 0.0), task


def _apart(
    tasks: Sequence[Task], workers: int, plugins: tuple[str, ...], limit: float | None, watch: Watch | None
) -> Generator[tuple[Made, Task], None, list[Task]]:
    """The same in processes of their own; in the end the tasks whose workers were killed by somebody else."""
    waiting, lost = list(tasks), list[Task]()
    idle, running = list[ProcessPoolExecutor](), dict[Future[Made], _Running]()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                future, one = _started(waiting.pop(0), idle, plugins)
                running[future] = one
                if watch is not None:
                    watch.begins(one.task.name)
            finished, _ = wait(running, timeout=OFTEN, return_when=FIRST_COMPLETED)
            late = [one for one in running if limit is not None and running[one].lasted() > limit]
            for future in dict.fromkeys([*finished, *late]):
                one = running.pop(future)
                if watch is not None:
                    watch.ends(one.task.name)
                if not future.done():
                    _end([one.worker])
                    records.sweep(one.task.site, one.task.name)
                    yield Made(one.task.name, (), LATE.format(f"{limit:g}"), (), one.lasted()), one.task
                    continue
                try:
                    made = future.result()
                except BrokenProcessPool:
                    one.worker.shutdown(wait=False)
                    lost.append(one.task)
                    continue
                idle.append(one.worker)
                yield made, one.task
    finally:
        _end([*idle, *(one.worker for one in running.values())])
    return lost


def _started(task: Task, idle: list[ProcessPoolExecutor], plugins: tuple[str, ...]) -> tuple[Future[Made], _Running]:
    """A task handed to one of the workers that have nothing to do, or to a new one.

    Workers are started anew, not forked: what has threads must not be forked.
    """
    began = time.monotonic()
    while idle:
        worker = idle.pop()
        try:
            return worker.submit(make, task), _Running(task, worker, began)
        except BrokenProcessPool:  # it was killed meanwhile
            worker.shutdown(wait=False)
    context = multiprocessing.get_context("spawn")
    worker = ProcessPoolExecutor(1, mp_context=context, initializer=begin, initargs=(plugins,))
    return worker.submit(make, task), _Running(task, worker, began)


def _end(workers: Sequence[ProcessPoolExecutor]) -> None:
    """End processes, at once, and wait until they write no more."""
    for worker in workers:
        processes = list(dict(worker._processes or {}).values())
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        worker.shutdown(wait=False, cancel_futures=True)
