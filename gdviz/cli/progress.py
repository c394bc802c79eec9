"""How far a long job is: a bar on a terminal, lines elsewhere, JSON lines for programs, or nothing."""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import click

from gdviz.cli import console

TENTHS = 10

MOVES = 1.0
"""Seconds between two movements of a bar that tells what is at work since when."""

SILENT = 30.0
"""Seconds after which a line says what is at work, where none has said anything."""

ROOM = 40
"""Letters of what is at work that a bar has room for; the end of a longer name tells it apart."""


class Progress(AbstractContextManager["Progress"]):
    """Called as `progress(done, total, stage)` by whoever works; `done` counts up to `total`, then the stage is over.

    `begins` and `ends` tell what is at work meanwhile. All goes to standard error, so that standard output holds
    results only.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False, timed: bool = False) -> None:
        """timed: of a job of many minutes, lines also tell what time is left, by how long a stage has taken so far, and
        what is at work."""
        self.quiet = quiet
        self.as_json = as_json
        self.timed = timed
        self.began = 0.0
        self.said = 0.0  # when the last line was printed
        self.at = (0, 0)  # how many of how many are done
        self.working: dict[str, float] = {}
        self.bar: Any = None
        self.stage: str | None = None
        self.shown = -1  # the last tenth that was printed
        self.lock = threading.RLock()  # of what is printed, by those who work and by the clock
        self.over = threading.Event()
        self.clock = threading.Thread(target=self._tick, daemon=True)

    @property
    def on_terminal(self) -> bool:
        """Whether there is one for a bar."""
        return not self.as_json and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        if self.timed and not self.quiet:
            self.clock.start()
        return self

    def __call__(self, done: int, total: int, stage: str = "") -> None:
        with self.lock:
            if stage != self.stage:
                self.end()
                self.stage, self.shown, self.began = stage, -1, time.monotonic()
            self.at = (done, total)
            if self.quiet:
                return
            if self.on_terminal:
                self._move_bar()
                return
            tenth = TENTHS * done // max(total, 1)
            if tenth != self.shown:
                self.shown = tenth
                self._line(f"{10 * tenth} %")

    def begins(self, name: str) -> None:
        """Something is at work."""
        with self.lock:
            self.working[name] = time.monotonic()

    def ends(self, name: str) -> None:
        """It is no more."""
        with self.lock:
            self.working.pop(name, None)

    def tell(self) -> None:
        """Say what is at work since when, where nothing has been said for a while."""
        with self.lock:
            if self.stage is None or not self.working:
                return
            if self.on_terminal:
                self._move_bar()
            elif time.monotonic() - self.said >= SILENT:
                self._line("{} of {}".format(*self.at))

    def _tick(self) -> None:
        while not self.over.wait(MOVES):
            self.tell()

    def _line(self, far: str) -> None:
        done, total = self.at
        self.said = time.monotonic()
        if not self.as_json:
            working = f"; at {self._at_work()}" if self.working else ""
            console.remark(f"{self.stage} {far}{self._left(done, total)}{working}")
            return
        told: dict[str, Any] = {"stage": self.stage, "done": done, "total": total}
        if self.working:
            told["working"] = {name: round(self.said - since) for name, since in self.working.items()}
        console.remark(json.dumps(told, ensure_ascii=True))

    def _at_work(self) -> str:
        """What has been at work for longest, and how long."""
        name, since = min(self.working.items(), key=lambda item: item[1])
        return f"{name} for {round(time.monotonic() - since)} s"

    def _left(self, done: int, total: int) -> str:
        if not self.timed or not 0 < done < total:
            return ""
        seconds = round((time.monotonic() - self.began) * (total - done) / done)
        return f", {f'{seconds // 60} min {seconds % 60}' if seconds >= 60 else seconds} s left"

    def _move_bar(self) -> None:
        done, total = self.at
        if self.bar is None:
            self.bar = click.progressbar(
                length=total, label=self.stage, file=sys.stderr, show_pos=True, item_show_func=lambda item: item
            )
            self.bar.__enter__()
        self.bar.current_item = self._at_work()[-ROOM:] if self.working else None
        self.bar.update(done - self.bar.pos)
        self.bar.render_progress()

    def end(self) -> None:
        """Leave the bar's line, so that something else may be printed."""
        with self.lock:
            if self.bar is not None:
                self.bar.current_item = None
                self.bar.__exit__(None, None, None)
                self.bar = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        if self.clock.is_alive():
            self.clock.join()
        self.end()
