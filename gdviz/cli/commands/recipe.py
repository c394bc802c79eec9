"""`gdviz recipe`: what made this file."""

from __future__ import annotations

import json

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import UsageError


@gdviz_command()
@click.argument("file", type=str, required=False)
@click.option(
    "--schema",
    type=click.Choice(("recipe", "gallery", "deck")),
    is_flag=False,
    flag_value="recipe",
    help="Print the JSON Schema of recipes, of gallery.toml or of decks, by which editors complete and check.",
)
def command(file: str | None, schema: str | None) -> None:
    """Print what made FILE: its recipe and the command.

    FILE is a film, a picture or a .toml. The output is TOML and can itself be kept as a recipe.
    """
    from gdviz import api

    if (schema is None) == (file is None):
        raise UsageError("give a FILE that gdviz made or a recipe, or --schema alone, as in gdviz recipe race.mp4")
    if schema is not None:
        console.say(json.dumps(api.schema(schema), indent=2, ensure_ascii=False))
        return
    recipe = api.load_recipe(str(file))
    for line in api.command_of(recipe, file).splitlines():
        console.say(f"# {line}")
    console.say()
    console.say(recipe.text().rstrip("\n"))
