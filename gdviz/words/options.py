"""Values of options as typed, and typed again: what most options of every job have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from gdviz.catalogue.lookup import is_known
from gdviz.errors import UsageError
from gdviz.recipe.entries import DIRECTIONS, Pace
from gdviz.recipe.options import Option, typed
from gdviz.recipe.race import Recipe
from gdviz.registry.names import normal
from gdviz.words.entries import parse_optimizers, parse_transforms
from gdviz.words.quantities import parse_constant, parse_domain, parse_levels, parse_start
from gdviz.words.schedules import parse_schedules
from gdviz.words.schedules import typed as typed_schedule

ENTRIES = {"optimizer": parse_optimizers, "transform": parse_transforms}
"""What reads definitions of a kind with their options."""


def _entries(texts: Iterable[str], option: Option) -> list[dict[str, Any]]:
    return [entry.flat() for text in texts for entry in ENTRIES[option.kind](text)]


def _arrows(texts: Iterable[str], option: Option) -> list[dict[str, Any]]:
    return [_arrow(one) for text in texts for one in _listed(text)]


def _listed(text: str) -> list[str]:
    """Names without options may stand in one list, as after -o."""
    names = [name for name in re.split("[,:]", text) if name.strip()]
    listed = all(normal(name) in DIRECTIONS or is_known("transform", name) for name in names)
    return names if names and (listed or not set(text) & set(":=")) else [text]


def _arrow(text: str) -> dict[str, Any]:
    """An arrow as typed after --arrows, `NAME[:KEY=VALUE…]`: gradient, descent or a transform with its options."""
    head, *chunks = text.strip().split(":")
    pairs = [word.strip() for chunk in chunks for word in chunk.split(",")]
    own = [pair for pair in pairs if pair.partition("=")[0].strip() in ("at", "label", "color")]
    options = [pair for pair in pairs if pair not in own]
    flat: dict[str, Any] = {"name": normal(head)}
    if flat["name"] not in DIRECTIONS:
        (entry,) = parse_transforms(":".join([head, ",".join(options)]) if options else head, "--arrows")
        flat = entry.flat()
    elif options:
        raise UsageError(f"--arrows {text}: {flat['name']} has no '{options[0]}'; its keys are at, label and color")
    return {**flat, **{key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in own)}}


READERS: Mapping[str, Callable[[Any, Option], Any]] = {
    "tuple[Entry, ...]": _entries,
    "tuple[Arrow, ...]": _arrows,
    "tuple[Pace, ...]": lambda texts, option: [parse_schedules(text).flat() for text in texts],
    "dict[str, Finite]": lambda texts, option: dict(parse_constant(text) for text in texts),
    "Starts": lambda texts, option: [parse_start(text) for text in texts],
    "Domain": lambda text, option: parse_domain(text, option.flag),
    "Levels": lambda text, option: parse_levels(text),
}
"""How the text of an option is read, by its type; words and numbers of other types go into a recipe as they are."""


def given(words: Mapping[str, Any], job: type) -> list[Option]:
    """Those of a job's options that were typed."""
    return [option for option in typed(job) if words.get(option.word) not in (None, (), [])]


def changes_of(words: Mapping[str, Any], job: type) -> dict[str, Any]:
    """What was typed of a job's options, as its recipe holds it. Raises UsageError with the option and an example."""
    found: dict[str, Any] = {}
    for option in given(words, job):
        if option.stored:
            read, value = READERS.get(option.type.removesuffix(" | None")), words[option.word]
            found[option.key] = read(value, option) if read else list(value) if option.several else value
    return found


def words_of(recipe: Recipe, options: Iterable[Option]) -> Iterator[str]:
    """The words that say what a recipe holds of these options; those at their defaults need none."""
    for option in options:
        value = getattr(recipe, option.key)
        if value == option.default or option.recorded:
            continue
        flag = option.flags[0]
        if value is True:
            yield flag
        elif isinstance(value, dict) and option.several:
            yield from (word for name, one in value.items() for word in (flag, f"{name}={text_of(one)}"))
        else:
            yield from (w for one in (value if option.several else (value,)) for w in (flag, said(recipe, one)))


def said(recipe: Recipe, value: Any) -> str:
    """One value as typed; of a text in several languages that of the recipe, as a command speaks one."""
    if isinstance(value, dict):
        return recipe.said(value)
    if isinstance(value, Pace):
        return typed_schedule(value, partial(entry_of, recipe))
    if isinstance(value, tuple):
        return ",".join(":".join(map(text_of, one)) if isinstance(one, tuple) else text_of(one) for one in value)
    return entry_of(recipe, value.flat()) if hasattr(value, "flat") else text_of(value)


def entry_of(recipe: Recipe, flat: Mapping[str, Any]) -> str:
    """A definition with its options, as after -o; a label that holds a separator cannot be typed and is left out."""
    texts = {key: said(recipe, value) for key, value in flat.items() if key not in ("name", "row")}
    pairs = ",".join(f"{key}={text}" for key, text in texts.items() if not set(text) & set(",:"))
    return f"{flat['name']}:{pairs}" if pairs else str(flat["name"])


def text_of(value: Any) -> str:
    """A number, a word or a switch as typed."""
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value).removesuffix(".0")
