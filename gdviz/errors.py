"""Named exceptions and warnings. A message is one sentence: what is wrong, where, and what to type instead."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable
from pathlib import Path

LONGEST = 300
"""Letters of a word, or of what stands in quotes, that a message repeats whole: room for a path, not for a file."""


def flat(message: str) -> str:
    """A message on one line, in which what was typed at length is cut in its middle."""

    def cut(match: re.Match[str]) -> str:
        return f"{match[0][: LONGEST // 2]}…{match[0][-LONGEST // 4 :]}"

    line = re.sub(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*", " ", message)
    return re.sub(rf"'[^']{{{LONGEST},}}'|\S{{{LONGEST},}}", cut, line)


class GdvizError(Exception):
    """Anything gdviz itself refuses or fails at; the command line exits with 1. Its message is made one line."""

    def __init__(self, message: str = "") -> None:
        super().__init__(flat(message))


class UsageError(GdvizError):
    """The caller asked for something that cannot be; the command line exits with 2."""


class OutputError(UsageError):
    """An output file cannot be written where it was asked for."""


class RecipeError(UsageError):
    """A recipe is not valid: file, key and allowed values are named."""


class FormulaError(UsageError):
    """A typed formula is outside the allowed language."""


class DefinitionError(UsageError):
    """A definition breaks the contract of its kind."""


class Terminated(GdvizError):
    """Asked to end, gdviz ended before all was done; the command line exits with 143."""


class GdvizWarning(UserWarning):
    """What is told beside a result, see `remark`; the command line prints it as a note."""


def remark(sentence: str) -> None:
    """Warn with a sentence at the line that called gdviz, wherever inside it was found out."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "gdviz":
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, GdvizWarning, stacklevel=level)


def short(text: object, room: int = 60) -> str:
    """A text as messages repeat it: of a long one the beginning."""
    whole = str(text)
    return whole if len(whole) <= room else f"{whole[: room - 1]}…"


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'adam'?` for the closest known name, else an empty string; swapped letters come first."""
    import difflib

    lowered = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), lowered, n=5, cutoff=0.5)
    close.sort(key=lambda name: sorted(name) != sorted(word.lower()))
    return f"; did you mean '{lowered[close[0]]}'?" if close else ""


def own(error: Exception) -> str:
    """An exception inside a user's function as its own: type, message, and the file and line it was raised at."""
    import traceback

    where = traceback.extract_tb(error.__traceback__)[-1]
    said = f": {error}" if str(error) else ""
    return f"{type(error).__name__}{said} ({Path(where.filename).name}, line {where.lineno})"
