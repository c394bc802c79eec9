"""Notes and marks as typed after --note and --mark, and typed again."""

from __future__ import annotations

import re
from collections.abc import Callable

from gdviz.errors import UsageError
from gdviz.recipe.callouts import Mark, Note

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


def parse_note(text: str) -> Note:
    """Read `[OPTIMIZER@]STEP:TEXT`. Raises UsageError."""
    found = re.fullmatch(r"(?s)\s*(?:([^:@]+)@)?\s*(\d{1,8})\s*:\s*(.*\S)\s*", text)
    if not found:
        raise UsageError(f'--note {text}: type a step and a text, as in --note "12:overshoots here" or "adam@12:turns"')
    return Note(step=int(found[2]), text=found[3], optimizer=found[1].strip() if found[1] else None)


def parse_mark(text: str) -> Mark:
    """Read `X,Y:TEXT`, with a colon in place of the comma `X:Y:TEXT`, or `X:TEXT`. Raises UsageError."""
    found = re.fullmatch(rf"(?s)\s*({NUMBER})\s*(?:[,:]\s*({NUMBER})\s*)?:\s*(.*\S)\s*", text)
    if not found:
        raise UsageError(f'--mark {text}: type a place and a text, as in --mark "1.5,-2:saddle"')
    return Mark(at=tuple(float(part) for part in found.groups()[:2] if part is not None), text=found[3])


def typed(callout: Note | Mark, text: str, number: Callable[[float], str]) -> str:
    """One of them as typed, with its text in the recipe's language; `number` writes a coordinate."""
    if isinstance(callout, Note):
        return f"{callout.optimizer}@{callout.step}:{text}" if callout.optimizer else f"{callout.step}:{text}"
    return f"{','.join(number(part) for part in callout.at)}:{text}"
