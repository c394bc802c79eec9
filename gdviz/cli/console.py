"""What is printed, and that printing never fails: results go to standard output, all else to standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence


def prepare() -> None:
    """Make consoles that cannot show a letter (Windows code pages, PYTHONIOENCODING=cp1251) print its code instead."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(line: str = "") -> None:
    """One line of the result."""
    print(line)


def remark(line: str) -> None:
    """One line beside the result."""
    print(line, file=sys.stderr)


def complain(sentence: str) -> None:
    """The one sentence of an error."""
    sys.stdout.flush()
    print(f"gdviz: {sentence}", file=sys.stderr)


def table(rows: Sequence[tuple[str, ...]], indent: str = "") -> list[str]:
    """Lines of a table whose columns are as wide as their widest cell; the last column is not padded."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        (indent + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])).rstrip()
        for row in rows
    ]
