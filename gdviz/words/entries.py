"""Definitions with their options as typed: after -o, --transform and --schedule."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gdviz.catalogue.lookup import find, is_known
from gdviz.catalogue.options import check_keys, resolve_options, styles_of
from gdviz.encode import FORMATS
from gdviz.errors import UsageError
from gdviz.recipe.entries import Entry, Option
from gdviz.recipe.recipe import checked_entry
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS
from gdviz.registry.names import split_name


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
        raise UsageError(f"{KINDS[kind].plural} are given as text, as in '{example}', not {text!r:.60}")
    head, colon, rest = split_name(text.strip())
    names = _names(text, kind)
    if "=" not in text and not any(split_name(name)[1] for name in names):
        if not names:
            raise UsageError(
                f"{flag} needs a name, as in {flag} {example}; `gdviz list {KINDS[kind].plural}` shows all"
            )
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
                check_keys(find(kind, head), options, styles_of(kind))
            _explain_stray(f"{flag} {text}", part, options, flag)
        if (key := key.strip()) in options:
            raise UsageError(f"{flag} {text}: '{key}' is given twice")
        options[key] = value.strip()
    return [_entry(head.strip(), options, kind, flag)]


def parse_entry(text: str, kind: str, flag: str) -> Entry:
    """Read one definition of a kind with its options, `NAME[:key=value…]`. Raises UsageError, also for several."""
    entries = parse_entries(text, kind, flag, "NAME:key=value")
    if len(entries) != 1:
        raise UsageError(f"{flag} {text}: type one {kind}, not {len(entries)}")
    return entries[0]


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
    if Path(name).suffix.lower() in FORMATS:
        raise UsageError(f"{flag} {name}: {flag} names the {kind}; to name the file type --out {name}")
    definition = find(kind, name)
    style = styles_of(kind)
    own = definition.spelled(options)
    check_keys(definition, own, style)
    values: dict[str, Any] = {k: v if k in style else _option(definition, k, v) for k, v in own.items()}
    return entry_of(definition, values, f"{flag} {name}")


def entry_of(definition: Definition, values: Mapping[str, Any], where: str) -> Entry:
    """An entry of a definition: its options with a preset and a style. Raises UsageError for what does not fit."""
    own = definition.spelled(values)
    given = {key: value for key, value in own.items() if key not in styles_of("optimizer")}
    check_keys(definition, given)
    plain = {key: value if key in definition.switches else _plain(value) for key, value in given.items()}
    if isinstance(text := own.get("init"), str):  # its own options stand behind '/', for ':' ends it
        own["init"] = parse_entry(text.replace("/", ":"), "initialiser", f"{where}: init").flat()
    entry = checked_entry({"name": definition.name, **own, **plain}, where)
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


def rate_left_open(entry: dict[str, Any]) -> dict[str, Any]:
    """On the command line a rate that neither the user nor the preset states is searched."""
    definition = find("optimizer", entry["name"])
    stated = {**definition.presets.get(entry.get("preset", ""), {}), **entry}
    return entry if "lr" in stated or not definition.searches_rate else {**entry, "lr": "auto"}


def as_list(given: Any) -> list[Any]:
    """What was given as a list, or as one thing alone."""
    if isinstance(given, (str, bytes, Mapping, Entry)):
        return [given]
    try:
        return list(given)
    except TypeError:
        return [given]


def read_optimizer(item: str | Entry | Callable[..., Any]) -> tuple[Entry, Definition | None]:
    """An optimizer as a recipe holds it, with its definition where it is a function. Raises UsageError."""
    if isinstance(item, Entry):
        return item, None
    if isinstance(item, str):
        entries = parse_optimizers(item)
        if len(entries) != 1:
            raise UsageError(f"'{item}' names {len(entries)} optimizers; pass them as separate items of the list")
        return entries[0], None
    if not callable(item):
        raise UsageError(f"an optimizer is a name with options, as in 'adam:lr=0.1', or a function, not {item!r:.60}")
    inner = item.func if isinstance(item, functools.partial) else item
    definition = describe("optimizer", item, name=getattr(inner, "__name__", None))
    return Entry(name=definition.name), definition


def read_optimizers(
    items: Sequence[str | Entry | Callable[..., Any]],
) -> tuple[list[Entry], list[Definition | None]]:
    """As read_optimizer, of several. Functions of one name that are not the same, such as two of one factory, get
    names of their own, and labels that tell what they hold."""
    entries: list[Entry] = []
    rules: list[Definition | None] = []
    for entry, rule in map(read_optimizer, items):
        others = [other for other in rules if rule and other and other.title == rule.title]
        kept = next((other for other in others if rule and other.digest == rule.digest), None)
        if rule and others:
            rule = kept or _renamed(rule, len({other.name for other in others}) + 1)
        entries.append(entry if rule is None else entry.model_copy(update={"name": rule.name}))
        rules.append(rule)
    return entries, rules


def _renamed(rule: Definition, number: int) -> Definition:
    return describe("optimizer", rule.function, name=f"{rule.name}_{number}", title=rule.title)
