"""Models as a recipe names them: a definition with the widths of its hidden layers and options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, model_validator

from gdviz.recipe.entries import Entry, Model, Option
from gdviz.recipe.values import flat_schema

Width = Annotated[int, Field(ge=1, le=10**6)]


class ModelEntry(Model):
    """A model: `name`, the `widths` of its hidden layers where it takes some, and its options."""

    name: str
    widths: tuple[Width, ...] = ()
    options: dict[str, Option] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_options(cls, data: Any) -> Any:
        """In a recipe a model is flat: `name = "mlp"`, `widths = [16, 16]`, `bias = false`."""
        if not isinstance(data, Mapping):
            return data
        fixed = {key: value for key, value in data.items() if key in cls.model_fields}
        loose = {key: value for key, value in data.items() if key not in cls.model_fields}
        options = data.get("options", {})
        return {**fixed, "options": {**options, **loose} if isinstance(options, Mapping) else options}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return flat_schema(handler.resolve_ref_schema(handler(schema)), "options")

    @property
    def entry(self) -> Entry:
        """Its definition with options."""
        return Entry(name=self.name, options=dict(self.options))

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The model."""
        yield kind, self.entry

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        widths = {"widths": list(self.widths)} if self.widths else {}
        return {"name": self.name, **widths, **self.options}

    def typed(self) -> str:
        """As it is typed: `mlp:16,16:bias=no`."""
        pairs = ",".join(f"{key}={_said(value)}" for key, value in self.options.items())
        return ":".join(filter(None, [self.name, ",".join(map(str, self.widths)), pairs]))


def _said(value: Option) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else value
