"""Schedules as typed after --schedule, and typed again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gdviz.errors import UsageError
from gdviz.plans.schedules import length_of
from gdviz.recipe.entries import Entry, Pace
from gdviz.words.entries import parse_entries

if TYPE_CHECKING:
    pass


EXAMPLE = '--schedule "lr=linear_warmup:steps=20 then cosine"'


def parse_schedules(text: str) -> Pace:
    """Read `[OPTIMIZER.]PARAMETER=NAME[:key=value…][ then NAME…]`, as typed after --schedule.

    Keys are the schedule's options and `steps`, how long it lasts. Raises UsageError.
    """
    if not isinstance(text, str):
        raise UsageError(f"schedules are given as text, as in 'lr=cosine', not {text!r:.60}")
    head, equals, rest = text.partition("=")
    target, dot, parameter = head.strip().rpartition(".")
    if not equals or not parameter.isidentifier():
        raise UsageError(f"--schedule {text}: say first what follows it, as in {EXAMPLE}")
    if dot and not target:
        raise UsageError(f"--schedule {text}: type the optimizer before the point, as in adam.{parameter}=…")
    chain = [_part(part.strip(), text) for part in re.split(r"(?:\s|[:,])+then(?:\s|[:,])+", rest, flags=re.I)]
    return Pace(parameter=parameter, optimizer=target or None, chain=tuple(chain))


def _part(text: str, whole: str) -> Entry:
    if not text or re.search(r"\bthen$|^then\b", text):
        raise UsageError(f"--schedule {whole}: a schedule's name is missing beside 'then', as in {EXAMPLE}")
    name, *keys = (key.strip() for key in re.split("[:,]", text))
    lengths = [key for key in keys if re.match(r"steps\s*=", key)]
    others = ",".join(key for key in keys if key not in lengths)
    if any(re.search(r"\w\s+\w", key) for key in (name, *keys)):
        raise UsageError(f"--schedule {whole}: write 'then' between two schedules, as in {EXAMPLE}")
    found = parse_entries(f"{name}:{others}" if others else name, "schedule", "--schedule", "lr=cosine")
    if not lengths:
        return found[0]
    count = length_of(lengths[-1].partition("=")[2].strip(), f"--schedule {whole}")
    return found[0].model_copy(update={"options": {"steps": count, **found[0].options}})


def typed(pace: Pace, entry: Any) -> str:
    """A schedule as after --schedule; `entry` writes one of its parts."""
    target = f"{pace.optimizer}." if pace.optimizer else ""
    return f"{target}{pace.parameter}={' then '.join(entry(part.flat()) for part in pace.chain)}"
