"""Where a file goes: checked before any work, written beside, renamed when whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from gdviz.encode.formats import FORMATS
from gdviz.encode.recipes import carries_recipe
from gdviz.errors import OutputError, nearest

PATIENCE = 5.0  # seconds during which a name held by another program is tried again
PAUSE = 0.25  # seconds between two tries
LONGEST_NAME = 240  # bytes; most file systems take 255, and the temporary name is not longer
NAMES = 1000  # race-1.mp4 … race-999.mp4
NO_SPACE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is too large for this disk",
}


class Target(os.PathLike[str]):
    """A file on its way: as a path it is the temporary file; `path` and `note` hold when the `with` block has ended.

    path: absolute; the name asked for, or the next free one.
    note: one sentence when the name differs from the one asked for, else empty.
    """

    def __init__(self, temporary: Path, path: Path) -> None:
        self.temporary = temporary
        self.path = path
        self.note = ""

    def __fspath__(self) -> str:
        return str(self.temporary)


def check_target(path: str | os.PathLike[str], replace: bool = False, endings: Iterable[str] | None = None) -> None:
    """Raise OutputError, before any work is done, when a file cannot be written at `path`.

    replace: overwrite a file that carries no gdviz recipe; one that does is always replaced.
    endings: the allowed ones with their dot, by default those of every format.
    """
    target = final_path(path)
    allowed = tuple(FORMATS if endings is None else endings)
    if len(os.fsencode(target.name)) > LONGEST_NAME:
        raise OutputError(f"the name {target.name[:40]}… is longer than file systems take; choose a shorter one")
    if target.is_dir():
        raise OutputError(f"{target} is a folder; add a file name, such as {target / ('clip' + allowed[0])}")
    if target.suffix.lower() not in allowed:
        found, hint = f"{target.name} has no ending", ""
        if target.suffix:
            found = f"the ending '{target.suffix}' of {target.name} is unknown"
            hint = nearest(target.suffix, allowed)
        raise OutputError(f"{found}; use one of {' '.join(allowed)}{hint}")
    if not target.parent.is_dir():
        raise OutputError(f"the folder {target.parent} does not exist; make it first or choose another one")
    try:
        with tempfile.TemporaryFile(dir=target.parent, prefix=".gdviz-"):
            pass
    except OSError as error:
        raise OutputError(
            f"the folder {target.parent} cannot be written to ({reason(error)}); choose another one"
        ) from error
    if os.path.lexists(target):
        if not target.is_file():
            raise OutputError(f"{target} exists and is not a plain file; choose another name")
        if not replace and not carries_recipe(target):
            raise OutputError(f"{target} exists and was not made by gdviz; choose another name or add --force")


@contextlib.contextmanager
def atomic(path: str | os.PathLike[str], *, replace: bool = False) -> Iterator[Target]:
    """Write a file that appears under its name only when it is whole.

    Yields a Target, a path of a new empty file in the same folder with the same ending. When the block ends well the
    file is renamed; when it ends in any exception, Ctrl-C included, nothing is left. A name that another program
    holds is tried again for some seconds, then the file is kept whole under the next free name and `note` says so.
    """
    final = final_path(path)
    temporary = final.with_name(f".gdviz-{secrets.token_hex(6)}{final.suffix}")
    target = Target(temporary, final)
    try:
        temporary.touch(exist_ok=False)  # not mkstemp: the finished file has the rights of any file made here
        yield target
        target.path, target.note = settle(temporary, final, replace)
    except OSError as error:
        discard(temporary)
        names = {os.fspath(name) for name in (error.filename, error.filename2) if isinstance(name, (str, os.PathLike))}
        if error.errno in NO_SPACE or str(temporary) in names:
            space = "free some space or " * (error.errno in NO_SPACE)
            raise OutputError(f"{final} cannot be written: {reason(error)}; {space}choose another folder") from error
        raise
    except BaseException:
        discard(temporary)
        raise


def settle(temporary: Path, final: Path, replace: bool) -> tuple[Path, str]:
    """Give the whole file its name, or the next free one; returns the name and a note.

    A foreign file that appeared under the name while this one was made is not overwritten.
    """
    until = time.monotonic() + PATIENCE
    held = ""
    while True:
        if os.path.lexists(final) and not replace and not carries_recipe(final):
            held = "another file has taken that name"
            break
        try:
            os.replace(temporary, final)
            return final, ""
        except PermissionError:
            if time.monotonic() >= until:
                held = "another program holds it"
                break
            time.sleep(PAUSE)
    for number in range(1, NAMES):
        free = final.with_name(f"{final.stem}-{number}{final.suffix}")
        if not os.path.lexists(free):
            os.replace(temporary, free)
            return free, f"{final} could not be replaced, {held}; the file is {free}"
    raise OutputError(f"{final} could not be replaced, {held}; close it or choose another name")


def final_path(path: str | os.PathLike[str]) -> Path:
    """The absolute name of a file; a link stands for what it points to, so that renaming does not replace the link."""
    absolute = Path(path).expanduser().absolute()
    return absolute.resolve() if absolute.is_symlink() else absolute


def discard(path: Path) -> None:
    """Remove a file if it is there."""
    with contextlib.suppress(OSError):
        path.unlink()


def reason(error: OSError) -> str:
    """The system's own words for an error, in lower case; plain ones for a full disk."""
    text = NO_SPACE.get(error.errno or 0) or error.strerror or type(error).__name__
    return text[:1].lower() + text[1:]
