"""Files of stores: whole or not there at all, whatever ends who writes them."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path

from gdviz.encode.targets import discard, reason
from gdviz.errors import OutputError

PARTIAL = ".partial"
"""Ending of files and folders on their way, which are nobody's once their writer was killed."""

TRIES = 20
"""Times that a file is written which another process has swept away meanwhile, or whose name another program holds."""

PAUSE = 0.1
"""Seconds between them where a name is held, as Windows does while somebody reads."""


def write(path: Path, data: bytes, *, lasting: bool = False) -> None:
    """Put a file in its place in one move. Raises OSError where the system refuses.

    lasting: it is on the disk when this returns, whatever happens to the machine: 5 ms of a virtual disk against 0.1.
    Chunks do without, as their checksums tell which of them a failing machine has lost.
    """
    for last in (attempt == TRIES for attempt in range(1, TRIES + 1)):
        temporary = path.with_name(f"{path.name}-{secrets.token_hex(4)}{PARTIAL}")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, path)
            return
        except (FileNotFoundError, PermissionError):
            discard(temporary)
            if last or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
                raise
            time.sleep(PAUSE if path.exists() else 0)
        except BaseException:
            discard(temporary)
            raise


def settle(folder: Path) -> None:
    """Have what was moved into a folder stay there, where the system can be asked for that."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def refused(store: Path, error: OSError) -> OutputError:
    """What a system's refusal to write into a store is told as."""
    return OutputError(
        f"{store} cannot be written to: {reason(error)}; what is done stays there: once that is mended, type the same "
        "again and the study goes on"
    )
