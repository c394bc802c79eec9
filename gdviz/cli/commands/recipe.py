"""`gdviz recipe`: what made this file."""

from __future__ import annotations

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command


@gdviz_command()
@click.argument("file", type=str)
def command(file: str) -> None:
    """Print what made FILE: its recipe and the command.

    FILE is a film, a picture or a .toml. The output is TOML and can itself be kept as a recipe.
    """
    from gdviz import api

    recipe = api.load_recipe(file)
    for line in api.command_of(recipe, file).splitlines():
        console.say(f"# {line}")
    console.say()
    console.say(recipe.text().rstrip("\n"))
