"""Folders of processes in the system's temporary folder, of which those are swept away whose process was killed."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gdviz.encode.locks import lock

PREFIX = "gdviz-workers-"
"""How their names begin."""

OWNED = "owned"
"""A file in each that its process keeps locked as long as it lives, however that ends."""


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder of this process, which is gone in the end; where the process is killed, once another asks for one."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with _owner(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if sys.platform == "win32":

    @contextlib.contextmanager
    def _owner(folder: Path) -> Iterator[None]:
        """Own a folder: what is open is not removed there."""
        with (folder / OWNED).open("wb"):
            yield

    def _is_left(folder: Path) -> bool:
        """Whether a folder is that of a process which is gone."""
        try:
            (folder / OWNED).unlink()
        except OSError:
            return False
        return True

else:

    @contextlib.contextmanager
    def _owner(folder: Path) -> Iterator[None]:
        """Own a folder: its file takes its name once it is locked, so that none is seen that is not."""
        made = folder / f".{OWNED}"
        with made.open("wb") as file:
            with contextlib.suppress(OSError):  # of file systems without locks, on which it is left
                lock(file)
                made.rename(folder / OWNED)
            yield

    def _is_left(folder: Path) -> bool:
        """Whether a folder is that of a process which is gone."""
        try:
            with (folder / OWNED).open("rb") as file:
                return lock(file)
        except OSError:
            return False
