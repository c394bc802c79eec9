"""What a page says in every language, so that its parts find the same places in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gdviz.lang import Texts, languages, texts
from gdviz.recipe.recipe import Recipe
from gdviz.scene import Reading

R = TypeVar("R", bound=Recipe)


def readings(recipe: R, read: Callable[[R, Texts], Reading]) -> tuple[Reading, ...]:
    """`read` of the recipe as it is in each language."""
    return tuple(read(recipe.model_copy(update={"lang": lang}), texts(lang)) for lang in languages())
