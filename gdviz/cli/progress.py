"""How far a long job is: a bar on a terminal, one line per tenth elsewhere, JSON lines for programs, or nothing."""

from __future__ import annotations

import json
import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import click

from gdviz.cli import console

TENTHS = 10


class Progress(AbstractContextManager["Progress"]):
    """Called as `progress(done, total, stage)` by whoever works; `done` counts up to `total`, then the stage is over.

    All goes to standard error, so that standard output holds results only.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False, timed: bool = False) -> None:
        """timed: lines, too, tell what time is left, by how long a stage has taken so far."""
        self.quiet = quiet
        self.as_json = as_json
        self.timed = timed
        self.began = 0.0
        self.bar: Any = None
        self.stage: str | None = None
        self.shown = -1  # the last tenth that was printed

    def __call__(self, done: int, total: int, stage: str = "") -> None:
        if stage != self.stage:
            self.end()
            self.stage, self.shown, self.began = stage, -1, time.monotonic()
        if self.quiet:
            return
        if not self.as_json and sys.stderr.isatty():
            self._move_bar(done, total, stage)
            return
        tenth = TENTHS * done // max(total, 1)
        if tenth == self.shown:
            return
        self.shown = tenth
        if self.as_json:
            line = json.dumps({"stage": stage, "done": done, "total": total}, ensure_ascii=True)
        else:
            line = f"{stage} {10 * tenth} %{self._left(done, total)}"
        console.remark(line)

    def _left(self, done: int, total: int) -> str:
        if not self.timed or not 0 < done < total:
            return ""
        seconds = round((time.monotonic() - self.began) * (total - done) / done)
        return f", {f'{seconds // 60} min {seconds % 60}' if seconds >= 60 else seconds} s left"

    def _move_bar(self, done: int, total: int, stage: str) -> None:
        if self.bar is None:
            self.bar = click.progressbar(length=total, label=stage, file=sys.stderr, show_pos=True)
            self.bar.__enter__()
        self.bar.update(done - self.bar.pos)

    def end(self) -> None:
        """Leave the bar's line, so that something else may be printed."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
