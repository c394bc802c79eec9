"""Models and batches as typed."""

from __future__ import annotations

from typing import Any

from gdviz.catalogue.lookup import find
from gdviz.errors import UsageError
from gdviz.words.entries import parse_entries

WIDTHS = "mlp:16,16"
"""A model with widths, as errors show one."""


def parse_model(text: str, where: str = "") -> dict[str, Any]:
    """Read `NAME[:WIDTH,WIDTH…][:KEY=VALUE…]` as a recipe holds it; ':' works in place of every ','.

    Raises UsageError for a width that is no whole number above 0, and for names and options that there are not.
    """
    if not isinstance(text, str):
        raise UsageError(f"a model is given as text, as in '{WIDTHS}', not {text!r:.60}")
    head, _, rest = text.strip().partition(":")
    parts = [part.strip() for part in rest.replace(":", ",").split(",")] if rest else []
    widths = [part for part in parts if "=" not in part]
    for width in widths:
        if not width.isdecimal() or int(width) == 0:
            raise UsageError(
                f"{where}{text}: '{width}' is no width; type a whole number above 0 for each hidden layer, as in "
                f"{WIDTHS}"
            )
    pairs = [part for part in parts if "=" in part]
    if not pairs:
        return {"name": find("model", head).name, "widths": [int(width) for width in widths]}
    (entry,) = parse_entries(f"{head}:{','.join(pairs)}", "model", "", "mlp:16,16:bias=no")
    return {**entry.flat(), "widths": [int(width) for width in widths]}


def parse_batch(text: Any) -> int | str:
    """Read the samples of a batch: a whole number above 0, or `full`. Raises UsageError."""
    word = str(text).strip().lower()
    if word == "full":
        return word
    if isinstance(text, bool) or not word.isdecimal() or int(word) == 0:
        raise UsageError(f"--batch {text}: type how many samples a step sees, as in --batch 32, or --batch full")
    return int(word)
