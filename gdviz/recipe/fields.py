"""Fields of recipes, made of the options that a job declares."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field

from gdviz.recipe import callouts, chart, data, entries, grids, model, signal, values
from gdviz.recipe.options import Option, options_of

TYPES = {
    key: kind
    for module in (values, entries, signal, chart, callouts, data, model, grids)
    for key, kind in vars(module).items()
}
"""What the types of options may be made of, by name."""


def fields_of(job: type) -> dict[str, Any]:
    """Type and default of every option that a job's recipes store, as pydantic's create_model takes them."""
    return {
        option.key: (kind_of(option), Field(default=option.default, description=_told(option) or None))
        for option in options_of(job).values()
        if option.stored
    }


def _told(option: Option) -> str:
    """Its help, and what stands for it where its default does not tell."""
    return f"{option.help}; by default {option.usual}" if option.usual and not option.default else option.help


def kind_of(option: Option) -> Any:
    """The type of an option with its limits and choices inside: of an optional one they hold for what is not None."""
    own: dict[str, Any] = {}
    if option.choices:
        own["str"] = Literal[option.chosen]
    if option.limits:
        own |= {"int": Annotated[int, Field(**option.limits)], "float": Annotated[float, Field(**option.limits)]}
    written = SimpleNamespace(__annotations__={option.key: option.type})
    return get_type_hints(written, TYPES, own, include_extras=True)[option.key]
