"""Words that an option may be where these are found in tables above the recipes, which hold them as plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdviz.backends import table
from gdviz.recipe.options import Option

OFFERED: Mapping[str, Callable[[], tuple[str, ...]]] = {"backend": table.names}
"""What finds them, by the option's key."""


def choices(option: Option) -> tuple[str, ...]:
    """What may be typed where it is one of few words, else nothing."""
    return OFFERED[option.key]() if option.key in OFFERED else option.chosen
