"""Models as a recipe names them: a definition with the widths of its hidden layers and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from gdviz.recipe.entries import Entry, Flat, Option

Width = Annotated[int, Field(ge=1, le=10**6)]


class ModelEntry(Flat):
    """A model: `name`, the `widths` of its hidden layers where it takes some, and its options."""

    name: str
    widths: tuple[Width, ...] = ()
    options: dict[str, Option] = Field(default_factory=dict)

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
    return repr(value).removesuffix(".0") if isinstance(value, float) else value
