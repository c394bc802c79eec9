"""What a lecturer writes onto a picture: notes at steps and marks at places."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from gdviz.recipe.entries import Model
from gdviz.recipe.values import Finite, Text, Words


class Note(Model):
    """A text beside the head of an optimizer, so named or labelled, else of the first one, from a step on."""

    step: Annotated[int, Field(ge=0)]
    text: Words
    optimizer: Text | None = None

    def texts(self) -> tuple[Words, ...]:
        """What it writes onto a picture."""
        return (self.text,)

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        return self.model_dump(exclude_none=True)


class Mark(Model):
    """A text beside a place of the landscape: as many coordinates as are drawn."""

    at: Annotated[tuple[Finite, ...], Field(min_length=1, max_length=2)]
    text: Words

    def texts(self) -> tuple[Words, ...]:
        """What it writes onto a picture."""
        return (self.text,)

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        return {"at": list(self.at), "text": self.text}
