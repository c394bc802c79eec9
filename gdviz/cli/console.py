"""What is printed, and that printing never fails: results go to standard output, all else to standard error."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def prepare() -> None:
    """Give standard streams that are closed or missing (`>&-`, pythonw) a place, and let no letter stop the printing.

    What a console cannot show (Windows code pages, PYTHONIOENCODING=cp1251) is printed as its code; bytes of file names
    that are no text are printed as they are, so that a path which is printed leads to its file.
    """
    for number in range(3):  # else the next file that is opened becomes the stream, and prints are written into it
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # open as long as the process
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    codecs.register_error("gdviz", _code_of)
    for stream, errors in ((sys.stdout, "gdviz"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _code_of(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for letters that cannot be encoded: bytes that were none, as they were, else the letters' codes."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    if all("\udc80" <= letter <= "\udcff" for letter in letters):
        return letters.encode("utf-8", "surrogateescape"), error.end
    return codecs.backslashreplace_errors(error)


def say(line: str = "") -> None:
    """One line of the result."""
    print(line)


def remark(line: str) -> None:
    """One line beside the result, which is made whether or not anyone reads it."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:  # Python would try once more as it ends, and exit with 120
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def complain(sentence: str) -> None:
    """The one sentence of an error."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    remark(f"gdviz: {sentence}")


def table(rows: Sequence[tuple[str, ...]], indent: str = "") -> list[str]:
    """Lines of a table whose columns are as wide as their widest cell; the last column is not padded."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        (indent + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])).rstrip()
        for row in rows
    ]
