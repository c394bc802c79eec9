"""Entries of recipes: definitions with their options, and how they are drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator

from gdviz.recipe.values import Batch, Colour, Text, Words, flat_schema
from gdviz.registry.names import library_of

STYLE_KEYS = ("label", "color", "dash", "marker")
"""Keys of an optimizer entry that say how it is drawn; every other key is one of its options."""

DIRECTIONS = ("gradient", "descent")
"""Names of arrows that are not a transform's."""

Option = float | Text | bool


class Model(BaseModel):
    """What recipes are made of: no keys but those declared, and no value changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


class Flat(Model):
    """A table that holds another one, called INNER: in a recipe the keys of that stand beside its own."""

    INNER: ClassVar[str] = "options"

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        """In a recipe it is flat: `name = "mlp"`, `widths = [16, 16]`, `bias = false`."""
        if not isinstance(data, Mapping):
            return data
        fixed = {key: value for key, value in data.items() if key in cls.model_fields}
        loose = {key: value for key, value in data.items() if key not in cls.model_fields}
        inner = data.get(cls.INNER, {})
        return {**fixed, cls.INNER: {**inner, **loose} if isinstance(inner, Mapping) else inner}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return flat_schema(handler.resolve_ref_schema(handler(schema)), cls.INNER)


class _Named(Model):
    name: str
    options: dict[str, Option] = Field(default_factory=dict)
    label: Words | None = None
    color: Colour | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather_options(cls, data: Any) -> Any:
        """In a recipe an entry is flat: `name = "adam"`, `lr = 0.1`, `label = "…"`."""
        if not isinstance(data, Mapping):
            return data
        fixed = set(cls.model_fields)
        several = library_of(str(data.get("name"))) is not None  # only rules of other packages take lists, as a/b
        loose = {
            key: ("/".join(map(str, value)) if several else json.dumps(value, default=str, ensure_ascii=False))
            if isinstance(value, (tuple, list))
            else value
            for key, value in data.items()
            if key not in fixed
        }
        options = data.get("options", {})
        return {
            **{key: value for key, value in data.items() if key in fixed},
            "options": {**options, **loose} if isinstance(options, Mapping) else options,
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return flat_schema(handler.resolve_ref_schema(handler(schema)), "options")

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The definition that it names, of this kind if it is not always of the same: its kind, and the entry."""
        yield kind, cast(Entry, self)

    def texts(self) -> tuple[Words | None, ...]:
        """What it writes onto a picture."""
        return (self.label,)

    def flat(self) -> dict[str, Any]:
        """The entry as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude={"options"})
        style = {key: whole.pop(key) for key in STYLE_KEYS if key in whole}
        inner = {key: one.flat() for key in whole if isinstance(one := getattr(self, key), _Named)}
        return {**whole, **inner, **self.options, **style}


class Begun(_Named):
    """What makes the initial weights of an optimizer's networks."""

    @property
    def entry(self) -> Entry:
        """The initialiser with its options."""
        return Entry(name=self.name, options=self.options)


class Entry(_Named):
    """One optimizer of a recipe: its name, preset, options and how it is drawn.

    row: in a sheet of responses, what the row is called in which it is drawn; entries of one row stand together. batch,
    init: in training, the samples of its steps and the initial weights of its networks, where not all optimizers have
    the same.
    """

    preset: Text | None = None
    batch: Batch | None = None
    init: Begun | None = None
    row: Text | None = None
    dash: Text | None = None
    marker: Text | None = None

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """Itself, and the initial weights that it names."""
        yield kind, self
        if self.init is not None:
            yield "initialiser", self.init.entry


class Arrow(_Named):
    """An arrow at points of the landscape: its gradient, the opposite, or what a transform makes of the gradient."""

    at: Literal["start", "path", "grid"] = "start"

    @property
    def transform(self) -> Entry:
        """What it does to the gradient, where its name is a transform's."""
        return Entry(name=self.name, options=self.options)

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The transform, if it is one."""
        if self.name not in DIRECTIONS:
            yield "transform", self.transform


class Pace(Model):
    """A chain of schedules for a hyperparameter of the optimizer so named or labelled, or of all; see gdviz.plans."""

    parameter: str
    optimizer: str | None = None
    chain: Annotated[tuple[Entry, ...], Field(min_length=1)]

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """Every schedule of the chain, without how long it lasts."""
        for part in self.chain:
            options = {key: value for key, value in part.options.items() if key != "steps"}
            yield kind, part.model_copy(update={"options": options})

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        return {**self.model_dump(exclude_none=True, exclude={"chain"}), "chain": [part.flat() for part in self.chain]}


class Tuned(NamedTuple):
    """What tuning found of an optimizer: a rate, 0 where the rule has none, the lower quartile, the median and the
    upper quartile of its final loss with it, and from how many starts."""

    rate: float
    low: float
    median: float
    high: float
    starts: float
