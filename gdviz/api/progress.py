"""How far a long job is, for whoever calls from Python: a bar, or a function that is told."""

from __future__ import annotations

import sys
from collections.abc import Callable

from gdviz.jobs import Progress


def watcher(progress: Progress | bool | None) -> Progress | None:
    """Who is told of all stages of a long job: whoever wants to know of it, or for True a bar."""
    return bar if progress is True else progress or None


def shown(progress: Progress | bool | None, stage: str) -> Callable[[int, int], None] | None:
    """What is told of a run."""
    told = watcher(progress)
    return None if told is None else lambda done, total: told(done, total, stage)


def bar(done: int, total: int, stage: str) -> None:
    """One line on standard error that is written over and over."""
    filled = 40 * done // max(total, 1)
    end = "\n" if done == total else ""
    if sys.stderr is None:  # as under pythonw; print would take standard output
        return
    print(f"\r{stage} [{'#' * filled}{' ' * (40 - filled)}] {100 * done // max(total, 1)} %", end=end, file=sys.stderr)
