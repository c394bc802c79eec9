"""Values of options as typed, and typed again: what most options of every job have in common.

No click here: the words arrive as a mapping from an option's word to its text, texts or number, None where nothing was
typed. Such an option leaves the recipe alone, so that recipe files and the recipe's own defaults stay in force.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from gdviz.catalogue.lookup import is_known
from gdviz.errors import RecipeError, UsageError
from gdviz.recipe.callouts import Mark, Note
from gdviz.recipe.data import parse as parse_data
from gdviz.recipe.entries import DIRECTIONS, Entry, Pace
from gdviz.recipe.options import Option, options_of, typed
from gdviz.recipe.recipe import Recipe
from gdviz.registry.names import normal
from gdviz.words.callouts import parse_mark, parse_note
from gdviz.words.callouts import typed as typed_callout
from gdviz.words.entries import parse_entry, parse_optimizers, parse_transforms
from gdviz.words.grids import parse_grid
from gdviz.words.models import parse_batch, parse_model
from gdviz.words.quantities import parse_box, parse_constant, parse_hold, parse_levels, parse_plane, parse_start
from gdviz.words.schedules import parse_schedules
from gdviz.words.schedules import typed as typed_schedule

R = TypeVar("R", bound=Recipe)


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
    "Entry": lambda text, option: parse_entry(text, option.kind, option.flag).flat(),
    "ModelEntry": lambda text, option: parse_model(text),
    "DataEntry": lambda text, option: parse_data(text).flat(),
    "Batch": lambda text, option: parse_batch(text),
    "Starts": lambda texts, option: [parse_start(text) for text in texts],
    "tuple[Note, ...]": lambda texts, option: [parse_note(text).flat() for text in texts],
    "tuple[Mark, ...]": lambda texts, option: [parse_mark(text).flat() for text in texts],
    "Domain": lambda text, option: parse_box(text, option.flag),
    "Inset": lambda text, option: parse_box(text, option.flag, ("auto", "off")),
    "Hold": lambda text, option: parse_hold(text, option.flag),
    "Levels": lambda text, option: parse_levels(text),
    "Plane": lambda text, option: parse_plane(text),
    "Grids": lambda texts, option: [parse_grid(text) for text in texts],
}
"""How the text of an option is read, by its type; words and numbers of other types go into a recipe as they are."""


def descent(entries: Iterable[Entry], transforms: Iterable[str], schedules: Iterable[str]) -> dict[str, Any]:
    """What a recipe holds of optimizers, and of what changes gradients and hyperparameters, as Python gives these."""
    return {
        "optimizer": [entry.flat() for entry in entries],
        "transform": [entry.flat() for text in transforms for entry in parse_transforms(text)],
        "schedule": [parse_schedules(text).flat() for text in schedules],
    }


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


def read(words: Mapping[str, Any], base: R) -> R:
    """The recipe `base` with everything that was typed put over it. Raises UsageError with what to type instead."""
    return changed(base, changes_of(words, base.job))


def changed(base: R, changes: Mapping[str, Any]) -> R:
    """The recipe with other values; a fault is told with the option's name."""
    try:
        return base.updated(**changes)
    except RecipeError as error:
        # The recipe speaks of its keys; whoever types thinks of options.
        key = str(error).split(" ")[0].split("[")[0].split(":")[0]
        told = f"--{str(error).replace(key, key.replace('_', '-'), 1)}"
        known = options_of(base.job)
        raise UsageError(told if key in changes and key in known and known[key].help else str(error)) from None


def command(
    recipe: Recipe,
    verb: str,
    first: Iterable[str] = (),
    out: Iterable[str] = (),
    own: Collection[str] = (),
    without: str = "",
) -> list[str]:
    """The command `gdviz VERB` with the words that say what a recipe holds.

    first: words that say what is called `own`; out: words of the end; without: the group of options that the command
    has not.
    """
    rest = (one for one in typed(recipe.job) if one.stored and one.key not in own and one.group != without)
    plugins = (word for name in recipe.plugins for word in ("--plugin", name))
    return ["gdviz", verb, *first, *words_of(recipe, rest), *plugins, *out]


def words_of(recipe: Recipe, options: Iterable[Option]) -> Iterator[str]:
    """The words that say what a recipe holds of these options; those at their defaults need none."""
    for option in options:
        value = getattr(recipe, option.key)
        leaning = option.key == "theme" and recipe.background is not None  # which chooses another where none is typed
        if (value == option.default and not leaning) or option.recorded:
            continue
        flag = [] if option.is_argument else [option.flags[0]]
        if value is True:
            yield from flag
        elif isinstance(value, dict) and option.several:
            yield from (word for name, one in value.items() for word in (*flag, f"{name}={text_of(one)}"))
        else:
            values = value if option.several else (value,)
            yield from (word for one in values for word in (*flag, said(recipe, one)))


def said(recipe: Recipe, value: Any) -> str:
    """One value as typed; of a text in several languages that of the recipe, as a command speaks one."""
    if isinstance(value, dict):
        return recipe.said(value)
    if hasattr(value, "typed"):
        return str(value.typed())
    if isinstance(value, Pace):
        return typed_schedule(value, partial(entry_of, recipe))
    if isinstance(value, (Note, Mark)):
        return typed_callout(value, recipe.said(value.text), text_of)
    if isinstance(value, tuple):
        return ",".join(":".join(map(text_of, one)) if isinstance(one, tuple) else text_of(one) for one in value)
    return entry_of(recipe, value.flat()) if hasattr(value, "flat") else text_of(value)


def entry_of(recipe: Recipe, flat: Mapping[str, Any]) -> str:
    """A definition with its options, as after -o; a label that holds a separator cannot be typed and is left out."""
    held = [key for key, value in flat.items() if isinstance(value, dict) and "name" in value]
    texts = {key: said(recipe, value) for key, value in flat.items() if key not in ("name", "row", *held)}
    texts |= {key: re.sub("[:,]", "/", entry_of(recipe, flat[key])) for key in held}
    pairs = ",".join(f"{key}={text}" for key, text in texts.items() if not set(text) & set(",:"))
    return f"{flat['name']}:{pairs}" if pairs else str(flat["name"])


def text_of(value: Any) -> str:
    """A number, a word or a switch as typed."""
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value).removesuffix(".0")
