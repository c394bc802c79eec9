"""JSON Schemas, draft 2020-12, of the files that people write, made of what reads them: for editors and programs."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from gdviz.recipe.deck import Deck
from gdviz.recipe.options import jobs
from gdviz.recipe.page import KEY, Page, Settings
from gdviz.recipe.recipe import model_of

RECIPE = "recipe"
MODELS: dict[str, type[BaseModel]] = {"gallery": Settings, "deck": Deck}
"""Of files that are no recipes: `gallery.toml`, and decks."""

SCHEMAS = (RECIPE, *MODELS)


def schema(of: str = RECIPE) -> dict[str, Any]:
    """That of the recipes of all jobs, or of one of MODELS."""
    dialect = {"$schema": GenerateJsonSchema.schema_dialect, "title": f"gdviz {of}"}
    return {**dialect, **(_of_recipes() if of == RECIPE else _of_model(of))}


def _of_recipes() -> dict[str, Any]:
    models = [(model_of(job), "validation") for job in jobs()]
    places, whole = models_json_schema(cast(Any, [*models, (Page, "validation")]))
    page = places.pop(cast(Any, (Page, "validation")))
    for place in places.values():
        whole["$defs"][place["$ref"].rpartition("/")[2]]["properties"][KEY] = page
    return {"anyOf": list(places.values()), **whole}


def _of_model(of: str) -> dict[str, Any]:
    found = MODELS[of].model_json_schema()
    return {key: value for key, value in found.items() if key != "title"}
