"""One process at a time writes into a site."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from gdviz.encode.locks import lock
from gdviz.errors import OutputError

LOCK = ".gdviz-lock"
"""A file of a site that is held while it is written into; one that a killed process has left is held by nobody."""


@contextlib.contextmanager
def held(site: Path) -> Iterator[None]:
    """Hold a site. Raises OutputError, naming who does, where another process holds it.

    File systems without locks keep nobody away.
    """
    file = _opened(site / LOCK)
    try:
        file.write(f"process {os.getpid()} on {platform.node()}".encode())
        file.flush()
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps what is open: it stays, and is nobody's
            (site / LOCK).unlink()
        file.close()


def check_free(site: Path) -> None:
    """Raise OutputError where a process holds a site."""
    with contextlib.suppress(OSError), (site / LOCK).open("rb") as file:
        if not lock(file):
            raise _refused(site, file)


def _opened(path: Path) -> IO[bytes]:
    """The file of a site, held and empty."""
    while True:
        file = path.open("ab+")
        try:
            if not lock(file):
                raise _refused(path.parent, file)
        except OSError:  # no locks there
            pass
        except OutputError:
            file.close()
            raise
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            file.truncate(0)
            return file
        file.close()  # who held it has removed it meanwhile: it is nobody's file any more


def _refused(site: Path, file: IO[bytes]) -> OutputError:
    file.seek(0)
    who = file.read(200).decode("utf-8", "replace") or "another process"
    return OutputError(f"{who} is writing into {site}; let it end, then type the same again")
