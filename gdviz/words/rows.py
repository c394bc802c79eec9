"""Rows of the signal sheet as typed, `adam:beta1=0.25/0.9`, and typed again."""

from __future__ import annotations

from collections.abc import Sequence

from gdviz.catalogue.lookup import definitions, find
from gdviz.errors import UsageError
from gdviz.recipe.entries import Entry
from gdviz.registry.names import normal, split_name
from gdviz.runs.rows import Row, all_rows, filled, rows_of
from gdviz.words.entries import parse_optimizers

SEPARATOR = "/"
"""Between several values of one hyperparameter, as in adam:beta1=0.25/0.9."""


def expand(text: str) -> list[Entry]:
    """The entries meant by `adam`, `adam:beta2=0.99`, `adam:beta1=0.1/0.5` or the name of a row, as typed.

    Raises UsageError as for -o.
    """
    head, _, rest = split_name(text.strip())
    parts = [part for chunk in rest.split(":") for part in chunk.split(",")] if rest else []
    several = [part for part in parts if SEPARATOR in part.partition("=")[2]]
    if len(several) > 1:
        raise UsageError(f"'{text}' compares values of two hyperparameters; give one of them a single value")
    one = next((row for row in all_rows() if normal(row.name) == normal(head)), None)
    rows = [one] if one is not None else _found(head)
    result: list[Entry] = []
    for row in rows:
        name = row.definition.name
        key, _, values = several[0].partition("=") if several else ("", "", "")
        plain = [part for part in parts if part not in several]
        for value in values.split(SEPARATOR) if several else [""]:
            said = [*plain, f"{key}={value.strip()}"] if several else plain
            (entry,) = parse_optimizers(f"{name}:{','.join(said)}" if said else name)
            result += _spread(row, entry, compares=not several)
    return result


def _found(head: str) -> list[Row]:
    if normal(head) in definitions("signal"):
        raise UsageError(f"'{head}' is a signal; type --signal {head}, and a method such as adam before it")
    return rows_of(find("optimizer", head))


def _spread(row: Row, entry: Entry, compares: bool) -> list[Entry]:
    """The curves of a row with what an entry states put over it: one, or one for each value that is compared."""
    entry = entry.model_copy(update={"row": row.name})
    key = row.compared
    if key is None or not compares or key in entry.options:
        return [filled(entry, row)]
    base = filled(entry, row)
    return [base.model_copy(update={"options": {**base.options, key: float(v)}}) for v in row.options[key]]


def word(entries: Sequence[Entry]) -> str | None:
    """The text that `expand` makes exactly these entries of, or None where there is none."""
    row = entries[0].row
    if row is None:
        return None
    candidates = [entries[0].name, row, _spelled(entries[0].name, entries), _spelled(row, entries)]
    try:
        return next((text for text in candidates if text is not None and expand(text) == list(entries)), None)
    except UsageError:
        return None


def _spelled(row: str, entries: Sequence[Entry]) -> str | None:
    """The row's name with every option of these entries."""
    first = entries[0]
    keys = [key for key in first.options if len({str(entry.options.get(key)) for entry in entries}) > 1]
    if len(keys) > 1:
        return None
    values = {key: repr(value).removesuffix(".0") if isinstance(value, float) else str(value).lower()
              for key, value in first.options.items()}  # fmt: skip
    for key in keys:
        values[key] = SEPARATOR.join(repr(entry.options.get(key)).removesuffix(".0") for entry in entries)
    texts = [
        *([f"preset={first.preset}"] if first.preset else []),
        *(f"{key}={value}" for key, value in values.items()),
    ]
    return f"{row}:{','.join(texts)}"
