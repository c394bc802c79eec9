"""Data as a recipe names them: a data set with its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, model_validator

from gdviz.errors import UsageError
from gdviz.recipe.entries import Entry, Model
from gdviz.recipe.values import Finite, flat_schema

Seed = Annotated[int, Field(ge=0, lt=2**32)]


class DataEntry(Model):
    """What a model is trained on: `name` of a data set with its options, n among them, and the seed of its numbers."""

    name: str
    seed: Seed | None = None
    options: dict[str, Finite] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_options(cls, data: Any) -> Any:
        """In a recipe data are flat: `name = "moons"`, `n = 400`."""
        if not isinstance(data, Mapping):
            return data
        fixed = {key: value for key, value in data.items() if key in cls.model_fields}
        loose = {key: value for key, value in data.items() if key not in cls.model_fields}
        options = data.get("options", {})
        return {**fixed, "options": {**options, **loose} if isinstance(options, Mapping) else options}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return flat_schema(handler.resolve_ref_schema(handler(schema)), "options")

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The data set."""
        yield kind, Entry(name=self.name, options=dict(self.options))

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        return {**self.model_dump(exclude_none=True, exclude={"options"}), **self.options}

    def typed(self) -> str:
        """As it is typed after --data."""
        pairs = {**self.options, **({} if self.seed is None else {"seed": self.seed})}
        return ":".join([self.name, *([",".join(f"{key}={value:g}" for key, value in pairs.items())] if pairs else [])])


def parse(text: str) -> DataEntry:
    """Read what follows --data: `moons`, `moons:n=400,noise=0.2`. Whether there is such a data set is asked later.

    Raises UsageError for what is no pair of a key and a number.
    """
    head, colon, rest = text.strip().partition(":")
    if not head:
        raise UsageError("--data needs a data set or a file, as in --data moons:n=400 or --data file.csv:target=price")
    pairs: dict[str, float] = {}
    for part in rest.replace(":", ",").split(",") if colon else ():
        key, equals, value = (word.strip() for word in part.partition("="))
        if not equals:
            raise UsageError(f"--data {text}: '{part}' is no key=value; type {head}:key=value")
        try:
            pairs[key] = float(value)
        except ValueError:
            raise UsageError(f"--data {head}: {key} is '{value}'; type a number, as in {key}=10") from None
    return DataEntry.model_validate({"name": head, **pairs})
