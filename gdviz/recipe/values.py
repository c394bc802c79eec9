"""Values that recipes hold, with their limits."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gdviz.recipe.options.race import HEIGHTS
from gdviz.recipe.sizes import page_size

Finite = Annotated[float, Field(allow_inf_nan=False)]


def _of_letters(text: str) -> str:
    for letter in "" if text.isprintable() else text:
        if unicodedata.category(letter) == "Cc" and letter not in "\t\n\v\f\r":
            raise ValueError(f"it holds U+{ord(letter):04X}, which is no letter and controls consoles; leave it out")
    return text


Text = Annotated[str, Field(max_length=10**6), AfterValidator(_of_letters)]
"""Text that a recipe can hold. Where letters are counted they must be letters, not bytes of a command line."""

Words = Text | dict[Annotated[str, Field(pattern="^[a-z]{2}$")], Text]
"""A text on a picture: the same in every language, or one for each by its code, as in { en = "…", kk = "…" }."""

COLOUR = r"^#[0-9a-fA-F]{6}$"
Colour = Annotated[str, Field(pattern=COLOUR)]


def is_colour(text: str) -> bool:
    """Whether a text is a colour as recipes write it."""
    return re.search(COLOUR, text) is not None


def flat_schema(schema: dict[str, Any], inner: str) -> dict[str, Any]:
    """The JSON Schema of a table in which the keys of its table `inner` are written beside its own."""
    properties = dict(schema["properties"])
    return {**schema, "properties": properties, "additionalProperties": properties.pop(inner)["additionalProperties"]}


def _known(size: str) -> str:
    page_size(size)
    return size


def _spelled(panels: tuple[str, ...]) -> tuple[str, ...]:
    for name in panels:
        if not re.fullmatch(r"\w+(:\w+)?", name):
            raise ValueError(f"'{name}' is no panel; type a name such as loss, loss:log or state:v")
    return panels


def _ordered(domain: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    for low, high in domain:
        if not low < high:
            raise ValueError(f"each range must rise, as in -2:2, but {low:g}:{high:g} does not")
    return domain


Standing = Annotated[float, Field(ge=0, le=600)]
Hold = tuple[Standing, Standing]
"""Seconds for which a film stands at its start and at its end."""

Batch = Annotated[int, Field(ge=1)] | Literal["full"]
"""Samples of a batch, or all of them."""

Place = Annotated[int, Field(ge=0)]
Plane = Literal["pca", "random"] | tuple[Place, Place]
"""A plane through many weights: by how paths vary, by chance, or of two of them by their numbers."""

Switch = Literal["yes", "no"]
"""What is done or not, where nobody who says neither leaves it open."""

Size = Annotated[str, AfterValidator(_known)]
Panels = Annotated[tuple[str, ...], AfterValidator(_spelled)]
Starts = Annotated[tuple[tuple[Finite, ...], ...], Field(min_length=1)]
Domain = Annotated[tuple[tuple[Finite, Finite], ...], AfterValidator(_ordered)] | Literal["whole"]
Inset = Annotated[tuple[tuple[Finite, Finite], ...], AfterValidator(_ordered)] | Literal["auto", "off"]
Levels = Literal[HEIGHTS] | tuple[Finite, ...]  # type: ignore[valid-type]
