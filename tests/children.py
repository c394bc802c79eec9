"""Processes that tests start, and end, and the folders that they find."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gdviz.cache import cache_directory


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


def without_kernels(folder: Path) -> Path:
    """The cache folder, with what the suite has compiled of gdviz's own files and without kernels: a driver takes four
    seconds to compile, the kernels of a plan half of one."""
    for part in (cache_directory() / "numba").glob("*"):
        for file in () if part.name.startswith("kernels") else part.glob("*.nb?"):
            target = folder / "numba" / part.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return folder
