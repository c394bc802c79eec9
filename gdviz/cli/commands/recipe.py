"""`gdviz recipe`: what made this file."""

from __future__ import annotations

import json

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import UsageError


@gdviz_command()
@click.argument("file", type=str, required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of recipes, by which editors complete and check.")
def command(file: str | None, schema: bool) -> None:
    """Print what made FILE: its recipe and the command.

    FILE is a film, a picture or a .toml. The output is TOML and can itself be kept as a recipe.
    """
    from gdviz import api

    if schema == (file is not None):
        raise UsageError("give a FILE that gdviz made or a recipe, or --schema alone, as in gdviz recipe race.mp4")
    if file is None:
        console.say(json.dumps(api.recipe_schema(), indent=2, ensure_ascii=False))
        return
    recipe = api.load_recipe(file)
    for line in api.command_of(recipe, file).splitlines():
        console.say(f"# {line}")
    console.say()
    console.say(recipe.text().rstrip("\n"))
