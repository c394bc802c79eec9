"""Sheets of responses as typed: methods, signals, and the same words again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gdviz.errors import UsageError
from gdviz.formula.typed import POINT, constants_in
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.signal import Sequence as Named
from gdviz.runs.rows import all_rows, filled, grouped
from gdviz.words import options
from gdviz.words.entries import parse_optimizers
from gdviz.words.options import said, text_of
from gdviz.words.quantities import parse_constant
from gdviz.words.rows import expand, word
from gdviz.words.signals import all_signals, parse_signal


def read(typed: Mapping[str, Any], base: Signal) -> Signal:
    """The recipe `base` with everything that was typed put over it. Raises UsageError or RecipeError.

    `methods` make a row each, all `optimizers` together one more. What is named nowhere is left open.
    """
    changes = options.changes_of({**typed, "optimizers": None, "signals": None}, Signal)
    methods, others = typed.get("methods") or (), typed.get("optimizers") or ()
    if methods or others:
        entries = [entry for text in methods for entry in expand(text)]
        entries += [filled(entry) for text in others for entry in parse_optimizers(text)]
        changes["optimizer"] = [entry.flat() for entry in entries]
    constants = dict(parse_constant(text) for text in typed.get("constants") or ())
    embed = bool(changes.get("embed", base.embed))
    if (texts := typed.get("signals")) or constants or (embed and base.signal):
        signals = [parse_signal(text, constants, embed) for text in texts] if texts else base.signal
        changes["signal"] = _signals([one.embedded() if embed else one for one in signals], constants)
    elif not base.signal:
        changes["signal"] = [{"name": signal.name} for signal in all_signals()]
    return options.changed(base, changes)


def _signals(signals: Iterable[Named], constants: Mapping[str, float]) -> list[dict[str, Any]]:
    """The signals, where every formula gets those of the constants that it uses."""
    signals = tuple(signals)
    used = [
        constants_in(one.formula, {**one.constants, **constants}, (POINT,)) if one.formula else {} for one in signals
    ]
    if idle := sorted(set(constants).difference(*used)):
        raise UsageError(f'--set {idle[0]}: no formula uses it; type one with it, as in --signal "sin(i/{idle[0]})"')
    return [{**one.flat(), **own} for one, own in zip(signals, used, strict=True)]


def told(recipe: Signal, still: bool, out: Sequence[str]) -> list[str]:
    """A sheet of responses as typed, with `out` at the end."""
    return options.command(recipe, "signal", _sheet(recipe), out, own=("optimizer", "signal"))


def _sheet(recipe: Signal) -> list[str]:
    """Methods, curves and signals of a sheet of responses, as typed."""
    words: list[str] = []
    everything = [entry for row in all_rows() for entry in expand(row.name)]
    for _, entries in grouped(recipe.optimizer) if list(recipe.optimizer) != everything else ():
        method = word(entries)
        words += [method] if method else [item for one in entries for item in ("-o", said(recipe, one))]
    constants: dict[str, float] = {}
    usual = [{"name": signal.name} for signal in all_signals()]
    for one in recipe.signal if [one.flat() for one in recipe.signal] != usual else ():
        if one.formula is not None:
            words += ["--signal", one.formula]
            constants |= one.constants
        elif one.name is not None:
            pairs = ",".join(f"{name}={text_of(value)}" for name, value in one.constants.items())
            words += ["--signal", f"{one.name}:{pairs}" if pairs else one.name]
        else:
            words += ["--signal", f"{one.file}:{one.column}" if one.column else one.file or "FILE.csv"]
    return words + [item for name, value in constants.items() for item in ("--set", f"{name}={text_of(value)}")]
