"""Training as typed: a model, its data, and who runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from gdviz.errors import UsageError
from gdviz.recipe.options import options_of
from gdviz.recipe.options.train import Train
from gdviz.words import options
from gdviz.words.entries import parse_entries, parse_entry, rate_left_open
from gdviz.words.models import parse_batch, parse_model

R = TypeVar("R", bound=Train)


def read(typed: Mapping[str, Any], base: R) -> R:
    """The recipe `base`, of a training or of a study of one, with everything that was typed put over it.

    Raises UsageError or RecipeError.
    """
    begun = typed.get("init")
    several: dict[str, list[Any]] = {
        "batch": [parse_batch(size) for size in re.split("[,:]", typed.get("batch") or "") if size.strip()],
        "init": [one.flat() for one in parse_entries(begun, *NAMED["init"], INIT)] if begun else [],
    }
    changes = options.changes_of({**typed, **dict.fromkeys(several)}, base.job)
    if text := typed.get("model"):
        changes["model"] = parse_model(text)
    if "optimizer" in changes:
        changes["optimizer"] = [rate_left_open(entry) for entry in changes["optimizer"]]
    for key, values in several.items():
        if len(values) > 1:
            entries = changes.get("optimizer") or [entry.flat() for entry in base.optimizer]
            changes["optimizer"] = with_each(entries, key, values)
        elif values:
            changes[key] = values[0]
    for one, other in (("epochs", "steps"), ("steps", "epochs")):
        if one in changes:
            changes = {other: None, **changes}
    if _is_another(base.model, changes.get("model")) or _is_another(base.data, changes.get("data")):
        changes = {**dict.fromkeys(FOLLOWING), **changes}
    made = options.changed(base, changes)
    if made.model is None:
        raise UsageError("a model is missing; type one such as linear or mlp:16,16")
    if made.data is None:
        raise UsageError("what to learn from is missing; type --data moons, or --data file.csv:target=COLUMN")
    return made


def _is_another(held: Any, typed: Mapping[str, Any] | None) -> bool:
    """Whether a model or data are typed in place of others, which a recipe holds."""
    if held is None or typed is None:
        return False
    return any(typed.get(key) != getattr(held, key, None) for key in ("name", "formula", "file"))


def with_each(entries: Sequence[Mapping[str, Any]], key: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Every optimizer once for each size of a batch or initialiser; one that has its own keeps that alone."""
    if not entries:
        listed = ",".join(value["name"] if isinstance(value, dict) else str(value) for value in values)
        raise UsageError(f"--{key} {listed} compares an optimizer with itself; name it, as in -o gd")
    return [{key: value, **entry} for entry in entries for value in (values if key not in entry else values[:1])]


def asked(model: str, batch: Any, standardise: bool | None, named: Mapping[str, str | None]) -> dict[str, Any]:
    """What a recipe holds of that which Python gives otherwise than it holds it; `named`: definitions by their key."""
    return {
        "model": parse_model(model),
        "batch": None if batch is None else parse_batch(batch),
        "standardise": None if standardise is None else ("no", "yes")[bool(standardise)],
        **{key: parse_entry(text, *NAMED[key]).flat() for key, text in named.items() if text is not None},
    }


FOLLOWING = ("loss", "activation", "init")
"""What model and data decide where nobody says; recipes hold what they decided, which is none of another's."""

INIT = "normal:std=0.1"
"""Initial weights, as errors show them."""

NAMED = {option.key: (option.kind, option.flag) for option in options_of(Train).values()}
"""Kind and flag of the definitions that training names, by their key."""
