"""Recipes: the names and numbers that fully determine an artefact. TOML in, TOML out.

Names, types, defaults and limits are those of the options that jobs declare; the command line and the Python functions
both fill them in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from gdviz.errors import RecipeError, UsageError, nearest, short
from gdviz.recipe.chart import Graph, Graphs
from gdviz.recipe.entries import Entry, Model, Pace
from gdviz.recipe.fields import model_of
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.values import Words
from gdviz.registry.names import is_formula


class _Versioned(Model):
    schema_: Literal[1] = Field(default=1, alias="schema")


class _All(Race, Signal, Chart):
    """Options of all jobs."""


if TYPE_CHECKING:

    class _Fields(_Versioned, _All): ...

else:
    _Fields = model_of(_All, _Versioned)


class Recipe(_Fields):
    """Everything an artefact depends on. What is None is chosen when the recipe is resolved."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> Recipe:
        given = [key for key in ("landscape", "formula", "signal", "chart") if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(f"it is of one kind and holds both {given[0]} and {given[1]}; drop one of them")
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as text, so that it is checked where it is read, by whatever version of gdviz."""
        return parse_recipe, (self.text(), "the pickled recipe")

    def said(self, words: Words | None) -> str:
        """A text of this recipe on one line, in its language; where that is missing in English, else the first."""
        if isinstance(words, dict):
            words = words.get(self.lang) or words.get("en") or next(iter(words.values()), "")
        return re.sub(r"\s*[\t\n\r\v\f]\s*", " ", words or "")

    def updated(self, **changes: Any) -> Recipe:
        """The recipe with other values, checked like a new one; another domain is drawn whole. Raises RecipeError."""
        if "domain" in changes:
            changes = {"window": None, **changes}
        fields = {("schema" if key == "schema_" else key): getattr(self, key) for key in self.model_fields_set}
        return validate({**fields, **changes})

    def text(self) -> str:
        """The recipe as TOML."""
        import tomli_w

        lists = ("transform", "schedule", "arrows", "signal")
        data = self.model_dump(exclude_none=True, by_alias=True, exclude={"optimizer", "chart", *lists})
        if not self.signal:
            del data["original"]
        tables = {key: data.pop(key) for key in ("constants", "plugins", "digests", "versions")}
        whole = {
            **{key: _plain(value) for key, value in data.items()},
            "optimizer": [entry.flat() for entry in self.optimizer],
            **{key: [item.flat() for item in getattr(self, key)] for key in lists if getattr(self, key)},
            **({"chart": self.chart.flat()} if self.chart else {}),
            **{key: table for key, table in tables.items() if table},
        }
        return tomli_w.dumps(whole, multiline_strings=False)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def validate(data: Mapping[str, Any], where: str | None = None) -> Recipe:
    """Check the contents of a recipe.

    Raises RecipeError naming `where` (a file), the key, the value and what is allowed.
    """
    try:
        return Recipe.model_validate(dict(data))
    except ValidationError as error:
        raise RecipeError(_sentence(error, where)) from None


def checked_entry(data: Mapping[str, Any], where: str) -> Entry:
    """The entry of these values. Raises UsageError told of `where`."""
    try:
        return Entry.model_validate(dict(data))
    except ValidationError as error:
        raise UsageError(_sentence(error, where)) from None


_SENTENCES = {
    "string_pattern_mismatch": "it must be a colour such as #1f57b8",
    "tuple_type": "it must be a list in [brackets]",
    "model_type": 'it must be a table in {braces}, as in { name = "adam", lr = 0.1 }',
    "model_attributes_type": 'it must be a table in {braces}, as in { name = "adam", lr = 0.1 }',
    "dict_type": "it must be a table in {braces}",
    "string_unicode": "it must be text in UTF-8",
    "missing": "it is missing",
}
"""For faults that pydantic tells in words of its own."""


_TABLES: Mapping[str, type[BaseModel]] = {"chart": Graphs, "curve": Graph, "schedule": Pace}
"""Tables inside a recipe that have keys of their own."""


def _place(loc: tuple[int | str, ...]) -> list[int | str]:
    """Keys and numbers on the way to a fault, as they stand in the file: without the kinds that pydantic tried."""
    tried = re.compile(r"(constrained-)?str|float|bool|[\w-]+\[.*")
    place = [part for part in loc if not (isinstance(part, str) and tried.fullmatch(part))]
    return [part for part in place[:-1] if part != "options"] + place[-1:]


def _sentence(error: ValidationError, where: str | None) -> str:
    """What pydantic found first, in one sentence; `where` is what it is told of."""
    # Keys before values; of a value that may be one of several things, the one that came farthest is what was meant.
    errors = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    found = [(_place(one["loc"]), one) for one in errors]
    whole = found[0][0]
    place, first = max((pair for pair in found if pair[0][: len(whole)] == whole), key=lambda pair: len(pair[0]))
    keys = [str(part) for part in place]
    prefix = f"{where}: " if where else ""
    if first["type"] == "extra_forbidden":
        inside = [key for key in keys[:-1] if not key.isdigit()]
        model = _TABLES.get(inside[-1], Recipe) if inside else Recipe
        known = {field.alias or name for name, field in model.model_fields.items()}
        of = f"{inside[-1]} has" if inside else "there is"
        return f"{prefix}{of} no key '{keys[-1]}'{nearest(keys[-1], known)}"
    key = keys[0] + "".join(f"[{int(k) + 1}]" if k.isdigit() else f".{k}" for k in keys[1:]) if keys else "recipe"
    value = first.get("input")
    shown = f" = {short(repr(value))}" if isinstance(value, (str, int, float, bool)) else ""
    if first["type"] in _SENTENCES:
        return f"{prefix}{key}{shown}: {_SENTENCES[first['type']]}"
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    return f"{prefix}{key}{shown}: {message[0].lower()}{message[1:]}"


def parse_recipe(text: str, where: str) -> Recipe:
    """Read a recipe from TOML as gdviz writes it.

    Raises RecipeError naming the file, the line or key, and what is allowed.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(f"{where}: this is not a recipe in TOML ({error})") from None
    return validate(data, where)


def _with_formula(recipe: Recipe) -> Recipe:
    """The recipe with a formula typed where a landscape is named; one that was run has the digests of its names."""
    known = (f"landscape:{recipe.landscape}", recipe.landscape)  # the latter as earlier versions wrote it
    if recipe.landscape is None or not {*recipe.digests, *recipe.plugins}.isdisjoint(known):
        return recipe
    place = named_or_typed(recipe.landscape, recipe.constants)
    return recipe if place["formula"] is None else recipe.updated(**place)


def named_or_typed(text: str, constants: Collection[str] = ()) -> dict[str, str | None]:
    """What stands where a landscape is named: `landscape`, or `formula` for one that is typed there, the other None."""
    typed = is_formula(text, constants=constants)
    return {"landscape": None if typed else text, "formula": text if typed else None}


def read_toml(path: str | Path) -> Recipe:
    """The recipe in a TOML file, where a formula may stand for a landscape's name. Raises RecipeError."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RecipeError(f"{file.name}: this is not text; a recipe is a TOML file in UTF-8") from None
    except OSError as error:
        raise RecipeError(f"the recipe '{path}' cannot be read: {error.strerror}") from None
    return _with_formula(parse_recipe(text, file.name))
