"""Recipes: the names and numbers that fully determine an artefact. TOML in, TOML out.

Names, types, defaults and limits are those of the options that jobs declare; the command line and the Python functions
both fill them in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, cast, get_args

from pydantic import BaseModel, Field, ValidationError, create_model, model_validator

from gdviz.errors import RecipeError, UsageError, nearest, short
from gdviz.recipe.chart import Graph, Graphs
from gdviz.recipe.entries import Entry, Model, Pace
from gdviz.recipe.fields import fields_of
from gdviz.recipe.grids import Grid
from gdviz.recipe.options import Option, defaults_left, jobs, options_of
from gdviz.recipe.options.look import Look
from gdviz.recipe.options.race import Race
from gdviz.recipe.page import KEY, Page, Paged, load, split, words_of
from gdviz.recipe.values import Words, is_colour
from gdviz.registry.names import is_formula
from gdviz.scene.paper import suited

if TYPE_CHECKING:

    class _Base(Model, Look): ...

else:
    _Base = Model


class Recipe(_Base):
    """Everything an artefact depends on. What is None is chosen when the recipe is resolved.

    There is a model for every job, made of its options, and `Recipe(landscape="beale", steps=100)` is one of the job
    that its keys tell. job: the class of these options.
    """

    job: ClassVar[type[Recipe]]
    schema_: Literal[1] = Field(default=1, alias="schema")

    @model_validator(mode="before")
    @classmethod
    def _suited(cls, data: Any) -> Any:
        """On a background of one's own the theme that reads best there, unless one is named."""
        page = data.get("background") if isinstance(data, Mapping) and "theme" not in data else None
        return {**data, "theme": suited(page)} if isinstance(page, str) and is_colour(page) else data

    def __new__(cls, **values: Any) -> Self:
        return cast(Self, validate(values)) if cls is Recipe else super().__new__(cls)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as text, so that it is checked where it is read, by whatever version of gdviz."""
        return parse_recipe, (self.text(), "the pickled recipe")

    @property
    def is_open(self) -> bool:
        """Whether it does not say yet what it is one of."""
        return not any(_decides(option, getattr(self, option.key)) for option in _deciding(self.job))

    def named(self) -> Iterator[tuple[str, Entry]]:
        """Every definition that it names: its kind, and the entry."""
        for option, item in self._items():
            if isinstance(item, str):
                yield from [(option.kind, Entry(name=item))] if option.kind else []
            elif hasattr(item, "named"):
                yield from item.named(option.kind)

    def texts(self) -> list[str]:
        """What its options write onto a picture, in its language."""
        own = [item for option, item in self._items() if option.type.startswith("Words")]
        own += [text for _, item in self._items() if hasattr(item, "texts") for text in item.texts()]
        return [self.said(text) for text in own if text is not None]

    def _items(self) -> Iterator[tuple[Option, Any]]:
        """Its options, of those that may be given again every value."""
        for option in options_of(self.job).values():
            value = getattr(self, option.key) if option.stored else None
            yield from ((option, one) for one in (value if isinstance(value, tuple) else (value,)))

    def said(self, words: Words | None) -> str:
        """A text of this recipe on one line, in its language; where that is missing in English, else the first."""
        return re.sub(r"\s*[\t\n\r\v\f]\s*", " ", words_of(words, self.lang))

    def updated(self, **changes: Any) -> Self:
        """The recipe with other values, checked like a new one; another domain is drawn whole. Raises RecipeError."""
        if "domain" in changes and options_of(self.job)["domain"].draws:
            changes = {"window": None, **changes}
        return cast(Self, validate({**self._given(), **changes}, usual=self.job))

    def taken(self, job: type[J]) -> J:
        """What it says that recipes of a job know."""
        return cast(J, self) if self.job is job else checked(job, _known(self._given(), job))

    def differs(self, other: Recipe) -> list[str]:
        """Keys of which the recipes hold different values; what one of them does not know has its default there."""
        keys = {**options_of(self.job), **options_of(other.job)}
        stored = [(key, option.default) for key, option in keys.items() if option.stored]
        return [key for key, usual in stored if getattr(self, key, usual) != getattr(other, key, usual)]

    def _given(self) -> dict[str, Any]:
        return {("schema" if key == "schema_" else key): getattr(self, key) for key in self.model_fields_set}

    def text(self) -> str:
        """The recipe as TOML: what is plain, lists of tables, tables."""
        import tomli_w

        plain: dict[str, Any] = {"schema": self.schema_}
        inner: dict[str, Any] = {}
        tables: dict[str, Any] = {}
        for option in options_of(self.job).values():
            if not option.stored or (value := getattr(self, option.key)) is None:
                continue
            made_of = type(self).model_fields[option.key].annotation
            if option.type.startswith("dict["):
                tables |= {option.key: value} if value else {}
            elif any(hasattr(part, "flat") for part in get_args(made_of)):
                inner |= {option.key: _written(value)} if value else {}
            else:
                plain[option.key] = _written(value)
        return tomli_w.dumps({**plain, **inner, **tables}, multiline_strings=False)


J = TypeVar("J", bound=Recipe)


def _written(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_written(item) for item in value]
    return value.flat() if hasattr(value, "flat") else value


@cache
def model_of(job: type[J]) -> type[J]:
    """The model of a job's recipes."""
    made = create_model(job.__name__, __base__=Recipe, __module__=__name__, **fields_of(job))
    made.job = job
    for key, usual in defaults_left(job).items():
        setattr(made, key, usual)
    return cast(type[J], made)


def _deciding(job: type[Recipe]) -> list[Option]:
    return [option for option in options_of(job).values() if option.decides]


def _decides(option: Option, value: Any) -> bool:
    """Whether a recipe that holds this value of a deciding option is of the job that declares it."""
    held = value is not None and (not hasattr(value, "__len__") or len(value) > 0)
    return held and (not option.choices or value in option.chosen)


def _known(data: Mapping[str, Any], job: type[Recipe]) -> dict[str, Any]:
    """What a job's recipes know of these values."""
    own = options_of(job)
    return {key: value for key, value in data.items() if key == "schema" or (key in own and own[key].stored)}


def _keys() -> set[str]:
    """Keys of all recipes."""
    return {"schema", *(key for job in jobs() for key, option in options_of(job).items() if option.stored)}


def _check_word(data: Mapping[str, Any], where: str | None) -> None:
    """Raise RecipeError for a value that tells no job where each of several is told by a word of one key."""
    words: dict[str, list[str]] = {}
    for option in (option for job in jobs() for option in _deciding(job) if option.choices):
        words.setdefault(option.key, []).extend(option.chosen)
    for key, known in words.items():
        if (value := data.get(key)) is not None and value not in known:
            *others, last = known
            hint = nearest(value, known) if isinstance(value, str) else ""
            either = f"it must be {', '.join(map(repr, others))} or '{last}'{hint}"
            raise RecipeError(f"{where + ': ' if where else ''}{key} = {short(repr(value))}: {either}")


def checked(job: type[J], data: Mapping[str, Any], where: str | None = None) -> J:
    """The recipe of a job with these values. Raises RecipeError as `validate` does."""
    try:
        return model_of(job).model_validate(dict(data))
    except ValidationError as error:
        raise RecipeError(_sentence(error, where)) from None


def validate(data: Mapping[str, Any], where: str | None = None, usual: type[Recipe] = Race) -> Recipe:
    """Check the contents of a recipe; `usual` is the job of one that does not say what it is one of.

    One of a job that is built on another, as slice is on train, holds what tells the other, too, and `usual` may be
    such a job of a recipe that tells the other. What it says of other jobs, as earlier versions wrote it into every
    recipe, is checked and left out; one that tells its job by a word, which they did not know, holds nothing else.
    Raises RecipeError naming `where` (a file), the key, the value and what is allowed.
    """
    data, page = split(data)
    model_checked(Paged, {KEY: page}, where)
    order = sorted(jobs(), key=lambda job: job is not Race)
    told = [(job, option.key) for job in order for option in _deciding(job) if _decides(option, data.get(option.key))]
    bases = {base for job, _ in told for base in job.__mro__[1:]}
    told = [(job, key) for job, key in told if job not in bases]
    chosen = told[0][0] if told and not issubclass(usual, told[0][0]) else usual
    _check_word(data, where)
    if len(told) > 1:
        kinds = f"it is of one kind and holds both {told[0][1]} and {told[1][1]}; drop one of them"
        raise RecipeError(f"{where + ': ' if where else ''}recipe: {kinds}")
    known = _keys()
    own = {**_known(data, chosen), **{key: value for key, value in data.items() if key not in known}}
    for key in (key for job, key in told if job is chosen and options_of(job)[key].choices):
        if others := [other for other in data if other not in own]:
            said = f"a recipe with {key} = '{data[key]}' has no key '{others[0]}'; drop it"
            raise RecipeError(f"{where + ': ' if where else ''}{said}")
    made = checked(chosen, own, where)
    for other in order:
        if rest := {key: value for key, value in _known(data, other).items() if key not in own}:
            checked(other, rest, where)
    return made


T = TypeVar("T", bound=BaseModel)


def model_checked(model: type[T], data: Any, where: str | None) -> T:
    """A model of what is no recipe with these values. Raises RecipeError told of `where`."""
    try:
        return model.model_validate(data)
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
    "int_parsing": "it must be a whole number",
    "tuple_type": "it must be a list in [brackets]",
    "model_type": 'it must be a table in {braces}, as in { name = "adam", lr = 0.1 }',
    "model_attributes_type": 'it must be a table in {braces}, as in { name = "adam", lr = 0.1 }',
    "dict_type": "it must be a table in {braces}",
    "string_unicode": "it must be text in UTF-8",
    "missing": "it is missing",
}
"""For faults that pydantic tells in words of its own."""


_TABLES: Mapping[str, type[BaseModel]] = {
    "chart": Graphs,
    "curve": Graph,
    KEY: Page,
    "grid": Grid,
    "schedule": Pace,
}
"""Tables inside a recipe that have keys of their own."""


def _place(loc: tuple[int | str, ...]) -> list[int | str]:
    """Keys and numbers on the way to a fault, as they stand in the file: without the kinds that pydantic tried."""
    tried = re.compile(r"(constrained-)?(str|int)|float|bool|[\w-]+\[.*")
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
        table = _TABLES.get(inside[-1]) if inside else None
        known = set(table.model_fields) if table else _keys()
        of = f"{inside[-1]} has" if inside else "there is"
        return f"{prefix}{of} no key '{keys[-1]}'{nearest(keys[-1], known)}"
    key = keys[0] + "".join(f"[{int(k) + 1}]" if k.isdigit() else f".{k}" for k in keys[1:]) if keys else "recipe"
    value = first.get("input")
    shown = f" = {short(repr(value))}" if isinstance(value, (str, int, float, bool)) else ""
    tried = [one for at, one in found if at == place]
    either = tried if any(one["type"] == "literal_error" for one in tried) else [first]  # words, or something else
    first_said, *others = dict.fromkeys(map(_said, either))
    return f"{prefix}{key}{shown}: {', or '.join([first_said, *(said.removeprefix('it must be ') for said in others)])}"


def _said(error: Mapping[str, Any]) -> str:
    """What one fault of pydantic asks for."""
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    return _SENTENCES.get(error["type"], f"{message[0].lower()}{message[1:]}")


def parse_recipe(text: str, where: str, usual: type[Recipe] = Race) -> Recipe:
    """Read a recipe from TOML as gdviz writes it; `usual` is the job of one that does not say.

    Raises RecipeError naming the file, the line or key, and what is allowed.
    """
    return validate(load(text, where), where, usual)


def with_formula(recipe: Recipe) -> Recipe:
    """The recipe with a formula typed where a landscape is named; one that was run has the digests of its names."""
    named, constants = getattr(recipe, "landscape", None), getattr(recipe, "constants", {})
    known = (f"landscape:{named}", named)  # the latter as earlier versions wrote it
    if named is None or not {*recipe.digests, *recipe.plugins}.isdisjoint(known):
        return recipe
    place = named_or_typed(named, constants)
    return recipe if place["formula"] is None else recipe.updated(**place)


def named_or_typed(text: str, constants: Collection[str] = ()) -> dict[str, str | None]:
    """What stands where a landscape is named: `landscape`, or `formula` for one that is typed there, the other None."""
    typed = is_formula(text, constants=constants)
    return {"landscape": None if typed else text, "formula": text if typed else None}


def read_toml(path: str | Path, usual: type[Recipe] = Race) -> Recipe:
    """The recipe in a TOML file, where a formula may stand for a landscape's name. Raises RecipeError."""
    return with_formula(parse_recipe(read_text(path), Path(path).name, usual))


LONGEST = 10_000_000
"""Bytes of a file that is read as a recipe; a dozen signals of ten thousand numbers have some 2,000,000."""


def read_text(path: str | Path, longest: int = LONGEST) -> str:
    """What stands in a recipe's file. Raises RecipeError, before it is read where it is too long to be one."""
    try:
        if (size := Path(path).stat().st_size) > longest:
            said = f"a recipe of {size / 1e6:.0f} MB is no recipe; the longest allowed has {longest / 1e6:.0f} MB"
            raise RecipeError(f"{Path(path).name}: {said}")
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RecipeError(f"{Path(path).name}: this is not text; a recipe is a TOML file in UTF-8") from None
    except OSError as error:
        raise RecipeError(f"the recipe '{path}' cannot be read: {error.strerror}") from None
