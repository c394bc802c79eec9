"""The options of an entry's definition: its own, its preset's, the defaults, each checked against its limits."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence

from gdviz.catalogue.lookup import definitions
from gdviz.errors import UsageError, nearest
from gdviz.recipe.entries import STYLE_KEYS, Entry, Option
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS
from gdviz.registry.kinds.optimizer import ForeignFacts
from gdviz.registry.names import normal
from gdviz.registry.vocabulary import OTHER_WORDS, SYMBOLS


def styles_of(kind: str) -> tuple[str, ...]:
    """Keys of an entry that are no options of its definition."""
    return (*STYLE_KEYS, "preset", "batch", "init") if KINDS[kind].is_drawn else ("preset",)


def check_untrained(entries: Iterable[Entry]) -> None:
    """Raise UsageError for an optimizer with a batch or initial weights of its own where nothing is trained."""
    for entry in entries:
        if entry.batch is not None:
            raise UsageError(f"{entry.name}: batch={entry.batch} counts samples, and there are none here; drop it")
        if entry.init is not None:
            raise UsageError(f"{entry.name}: init={entry.init.name} makes weights, and there are none here; drop it")


def base_of(definition: Definition, key: str) -> str:
    """The option that a key sets: `lr` for `lr.2`, the rate of the second layer, of a rule that moves all coordinates
    alike; any other key itself."""
    name, dot, layer = key.partition(".")
    fits = dot and layer.isdecimal() and name == "lr" and getattr(definition, "rule", "") == "vector"
    return name if fits and name in definition.parameters else key


def check_keys(definition: Definition, keys: Iterable[str], styles: Sequence[str] = ()) -> None:
    """Raise UsageError for the first key that is neither an option of the definition nor one of `styles`."""
    known = (*definition.parameters, *definition.switches)
    if (key := next((key for key in keys if base_of(definition, key) not in (*known, *styles)), None)) is not None:
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
    if not KINDS[definition.kind].is_drawn:
        return nearest(key, known) or f"; it has: {', '.join(known) or 'none'}"
    optimizers = definitions("optimizer")
    own = next((d for d in optimizers.values() if word in map(normal, (d.name, *d.aliases))), definition)
    if own is not definition:
        return f"; {key} is an optimizer of its own: type -o {own.name}"
    owners = [d.name for d in optimizers.values() if key in (*d.parameters, *d.switches)]
    # few who mistype an option mean how a path is drawn: those keys count where nearly all letters fit
    styles = [] if owners else difflib.get_close_matches(key, styles_of("optimizer"), cutoff=0.7)
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
    for typed, value in entry.options.items():
        key = base_of(definition, typed)
        default = known[key]
        if isinstance(default, bool):
            fits = isinstance(value, bool)
        elif key not in definition.choices and isinstance(default, str):
            fits = True
        elif isinstance(default, str):
            fits = isinstance(value, str) and value in definition.choices[key]
        else:
            fits = (typed == "lr" and value == "auto") or (
                isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            )
        if not fits:
            allowed = definition.choices.get(key)
            hint = f"one of: {', '.join(map(str, allowed))}" if allowed else "a finite number"
            raise UsageError(f"{definition.name}: {typed} is '{value}'; it must be {hint}")
        if not isinstance(value, (str, bool)):
            definition.check_limits(key, value)
            definition.check_whole(key, float(value))
        chosen[typed] = value if isinstance(value, (str, bool)) else float(value)
    definition.check_together(chosen)
    if (check := ForeignFacts.of(definition).check) is not None:
        check(chosen)
    return chosen
