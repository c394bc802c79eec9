"""Optimizers, transforms and schedules as people type them, and what their options come to."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gdviz.definition import OTHER_WORDS, SYMBOLS
from gdviz.errors import UsageError, nearest
from gdviz.names import normal, split_name
from gdviz.recipe import STYLE_KEYS, Entry, Option, sentence
from gdviz.registry import Definition, definitions, find, is_known


def parse_optimizers(text: str) -> list[Entry]:
    """Read `NAME[:key=value…]` or a comma list of names, as typed after -o.

    Keys are separated by ',' or ':'. Raises UsageError with a sentence for what people mistype.
    """
    return parse_entries(text, "optimizer", "-o", "adam:lr=0.1")


def parse_transforms(text: str, flag: str = "--transform") -> list[Entry]:
    """Read transforms as typed after --transform, in the same way as optimizers."""
    return parse_entries(text, "transform", flag, "gaussian:sigma=0.5")


def parse_entries(text: str, kind: str, flag: str, example: str) -> list[Entry]:
    """Read definitions of a kind with their options; `flag` and `example` are what errors speak of."""
    if not isinstance(text, str):
        raise UsageError(f"{kind}s are given as text, as in '{example}', not {text!r:.60}")
    head, colon, rest = split_name(text.strip())
    names = _names(text, kind)
    if "=" not in text and not any(split_name(name)[1] for name in names):
        if not names:
            raise UsageError(f"{flag} needs a name, as in {flag} {example}; `gdviz list {kind}s` shows all")
        return [_entry(name, {}, kind, flag) for name in names]
    if not colon:
        name, _, tail = head.partition(",")
        if "=" in name:
            raise UsageError(f"{flag} {text}: the {kind}'s name comes first, as in {flag} {example}")
        raise UsageError(f"{flag} {text}: write a colon after the name, as in {flag} {name}:{tail}")
    options: dict[str, str] = {}
    for part in (item.strip() for chunk in rest.split(":") for item in chunk.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            if is_known(kind, head):  # whose key is wrong needs no advice about its value
                check_keys(find(kind, head), options, _styles(kind))
            _explain_stray(f"{flag} {text}", part, options, flag)
        if (key := key.strip()) in options:
            raise UsageError(f"{flag} {text}: '{key}' is given twice")
        options[key] = value.strip()
    return [_entry(head.strip(), options, kind, flag)]


def _names(text: str, kind: str) -> list[str]:
    """Names of a list: with commas between them, or with colons where every part is a name of this kind."""
    parts = [part.strip() for part in re.split("[:,]", text)]
    if all(is_known(kind, part) for part in parts):
        return parts
    return [name.strip() for name in text.split(",") if name.strip()]


def _explain_stray(where: str, part: str, options: dict[str, str], flag: str) -> None:
    last = next(reversed(options), None)
    if part.isdigit() and last is not None:
        raise UsageError(f"{where}: write decimals with a point, as in {last}={options[last]}.{part}")
    if not part:
        raise UsageError(f"{where}: a key=value is missing; type NAME:key=value, as in adam:lr=0.1")
    raise UsageError(f"{where}: '{part}' is no key=value; give another one with another {flag}")


def _entry(name: str, options: Mapping[str, str], kind: str, flag: str) -> Entry:
    if "," in name:
        raise UsageError(f"{flag} {name}:…: options belong to one {kind}; give each its own {flag}")
    if Path(name).suffix.lower() in {".mp4", ".gif", ".png", ".svg", ".pdf", ".webm"}:
        raise UsageError(f"{flag} {name}: {flag} names the {kind}; to name the file type --out {name}")
    definition = find(kind, name)
    style = _styles(kind)
    own = definition.spelled(options)
    check_keys(definition, own, style)
    values: dict[str, Any] = {k: v if k in style else _option(definition, k, v) for k, v in own.items()}
    return entry_of(definition, values, f"{flag} {name}")


def entry_of(definition: Definition, values: Mapping[str, Any], where: str) -> Entry:
    """An entry of a definition: its options with a preset and a style. Raises UsageError for what does not fit."""
    own = definition.spelled(values)
    given = {key: value for key, value in own.items() if key not in _styles("optimizer")}
    check_keys(definition, given)
    plain = {key: value if key in definition.switches else _plain(value) for key, value in given.items()}
    try:
        entry = Entry.model_validate({"name": definition.name, **own, **plain})
    except ValidationError as error:
        raise UsageError(sentence(error, where)) from None
    resolve_options(entry, definition)
    return entry


def _plain(value: Any) -> Any:
    """A number of any kind (NumPy's, a fraction) as Python's; all else as it is written, for resolve_options."""
    if isinstance(value, (str, bool)):
        return value
    try:
        return repr(value) if getattr(value, "mask", False) else float(value)
    except (TypeError, ValueError, OverflowError):
        return repr(value)


def _option(definition: Definition, key: str, value: str) -> Option:
    if key in definition.switches:
        if isinstance(definition.switches[key], bool):
            if value.lower() not in ("true", "false", "yes", "no", "1", "0"):
                raise UsageError(f"{definition.name}: {key} is yes or no, not '{value}'")
            return value.lower() in ("true", "yes", "1")
        return value
    if value == "auto" and key == "lr":
        return value
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"{definition.name}: {key} is '{value}'; type a number, as in {key}=0.1") from None


def _styles(kind: str) -> tuple[str, ...]:
    """Keys of an entry that are no options of its definition."""
    return (*STYLE_KEYS, "preset") if kind == "optimizer" else ("preset",)


def check_keys(definition: Definition, keys: Iterable[str], styles: Sequence[str] = ()) -> None:
    """Raise UsageError for the first key that is neither an option of the definition nor one of `styles`."""
    known = (*definition.parameters, *definition.switches)
    if (key := next((key for key in keys if key not in (*known, *styles)), None)) is not None:
        raise UsageError(f"{definition.name} has no option '{key}'{_meant(definition, key, known)}")


def _meant(definition: Definition, key: str, known: Sequence[str]) -> str:
    """What to type in place of a key that a definition does not have."""
    word = normal(key)
    numbered = [name for name in known if re.fullmatch(rf"{re.escape(word.removesuffix('s'))}\d", name)]
    if numbered:
        return f"; it has {' and '.join(numbered)}, each a number: {','.join(f'{name}=…' for name in numbered)}"
    other = OTHER_WORDS.get(word) or next((name for name, sign in SYMBOLS.items() if sign == key), "")
    if other in known:
        return f"; did you mean '{other}'?"
    if definition.kind != "optimizer":
        return nearest(key, known) or f"; it has: {', '.join(known) or 'none'}"
    optimizers = definitions("optimizer")
    own = next((d for d in optimizers.values() if word in map(normal, (d.name, *d.aliases))), definition)
    if own is not definition:
        return f"; {key} is an optimizer of its own: type -o {own.name}"
    owners = [d.name for d in optimizers.values() if key in (*d.parameters, *d.switches)]
    # few who mistype an option mean how a path is drawn: those keys count where nearly all letters fit
    styles = [] if owners else difflib.get_close_matches(key, _styles("optimizer"), cutoff=0.7)
    if hint := nearest(key, (*known, *styles)):
        return hint
    if owners:
        owner = (difflib.get_close_matches(definition.name, owners, n=1) or owners)[0]
        return f"; {owner} has one: type -o {owner}:{key}=…"
    return f"; it has: {', '.join(known) or 'none'}"


def resolve_options(entry: Entry, definition: Definition) -> dict[str, Option]:
    """Every hyperparameter and switch of an entry's definition: its own, else its preset's, else the default.

    `lr` may come back as "auto". Raises UsageError naming the nearest preset, option or allowed value.
    """
    known: dict[str, Option] = {**definition.parameters, **definition.switches}
    chosen: dict[str, Option] = dict(known)
    if entry.preset is not None:
        presets = definition.presets
        if entry.preset not in presets:
            hint = nearest(entry.preset, presets) or f"; it has: {', '.join(presets) or 'none'}"
            raise UsageError(f"{definition.name} has no preset '{entry.preset}'{hint}")
        chosen |= {k: v if isinstance(v, (str, bool)) else float(v) for k, v in presets[entry.preset].items()}
    check_keys(definition, entry.options)
    for key, value in entry.options.items():
        default = known[key]
        if isinstance(default, bool):
            fits = isinstance(value, bool)
        elif key not in definition.choices and isinstance(default, str):
            fits = True
        elif isinstance(default, str):
            fits = isinstance(value, str) and value in definition.choices[key]
        else:
            fits = (key == "lr" and value == "auto") or (
                isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            )
        if not fits:
            allowed = definition.choices.get(key)
            hint = f"one of: {', '.join(map(str, allowed))}" if allowed else "a finite number"
            raise UsageError(f"{definition.name}: {key} is '{value}'; it must be {hint}")
        if not isinstance(value, (str, bool)):
            definition.check_limits(key, value)
            definition.check_whole(key, float(value))
        chosen[key] = value if isinstance(value, (str, bool)) else float(value)
    definition.check_together(chosen)
    if (check := definition.facts.get("check")) is not None:
        check(chosen)
    return chosen
