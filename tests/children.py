"""Processes that tests start, and end."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any


def _default() -> None:
    """Take Ctrl-C as a process does that a terminal started: a shell's `&` has those below it ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def child(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process whose streams are read here, and which is gone when the block is left, however it is left."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    before = None if sys.platform == "win32" else _default
    with subprocess.Popen(command, **pipes, preexec_fn=before, **options) as process:
        try:
            yield process
        finally:
            process.kill()
