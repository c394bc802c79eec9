"""Where gdviz keeps what it can make again: derived formulas and compiled kernels."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gdviz.errors import remark

settings_lock = threading.Lock()
"""Held while the one global from which Numba reads its cache folder is changed; it is put back before the release."""


def cache_directory() -> Path:
    """The folder of everything gdviz can make again; `GDVIZ_CACHE_DIR` overrides the system's place for it.

    The folder is not made here: whoever writes makes it.
    """
    if chosen := os.environ.get("GDVIZ_CACHE_DIR"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "gdviz"


@contextlib.contextmanager
def compiled_here(settings: Any) -> Iterator[None]:
    """While this lasts, Numba keeps what it compiles in gdviz's folder; then the user's own setting is put back.

    settings: Numba's, which only those who import it can name.
    """
    with settings_lock:
        kept = settings.CACHE_DIR
        settings.CACHE_DIR = str(cache_directory() / "numba")
        try:
            yield
        finally:
            settings.CACHE_DIR = kept


def write_text(path: Path, text: str) -> None:
    """As `write`, for text."""
    write(path, text.encode())


def write(path: Path, data: bytes) -> None:
    """Write a cache file so that no other process ever sees half of it; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


def read_text(path: Path) -> str | None:
    """The text of a cache file, or None where there is none that can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def sealed(data: bytes) -> bytes:
    """What is written of data that nothing but its own checksum tells from damaged data."""
    return data + b"\n" + hashlib.sha256(data).hexdigest().encode() + b"\n"


def kept(path: Path) -> bytes | None:
    """The data of a sealed cache file, or None where there is none that is whole; a damaged one is told and removed."""
    try:
        written = path.read_bytes()
    except OSError:
        return None
    data = written[: -len(sealed(b""))]
    if sealed(data) == written:
        return data
    tell_damaged(path)
    with contextlib.suppress(OSError):
        path.unlink()
    return None


damaged: set[str] = set()
"""Folders of which it was said in this process that they hold damaged files."""


def tell_damaged(path: Path) -> None:
    """Say that a file of the cache is made again; of a folder once, since what damages one file damages many."""
    if (folder := str(cache_directory())) not in damaged:
        damaged.add(folder)
        remark(f"the cache folder {folder} holds damaged files, such as {path.name}; they are made again")


def contents(folder: Path | None = None) -> dict[str, tuple[int, int]]:
    """Number of files and bytes of every part of the cache folder (formulas, kernels, …), by name."""
    found: dict[str, tuple[int, int]] = {}
    for part, size, _, _ in _files(folder or cache_directory()):
        files, total = found.get(part, (0, 0))
        found[part] = files + 1, total + size
    return dict(sorted(found.items()))


def limit(most: int, folder: Path | None = None) -> int:
    """Delete what was not used for longest until at most `most` bytes are left; answers the bytes freed.

    Everything deleted is made again when it is needed. Files another process holds open stay.
    """
    files = sorted(_files(folder or cache_directory()), key=lambda file: file[2])
    left, freed = sum(size for _, size, _, _ in files), 0
    for _, size, _, path in files:
        if left - freed <= most:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            freed += size
    return freed


def _files(folder: Path) -> list[tuple[str, int, float, Path]]:
    """Part, bytes, time of last use and path of every file that gdviz keeps."""
    found = []
    for part in ("formulas", "kernels", "numba"):
        for path in (folder / part).rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file():
                    state = path.stat()
                    found.append((part, state.st_size, max(state.st_atime, state.st_mtime), path))
    return found
