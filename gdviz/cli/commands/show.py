"""`gdviz show`: one definition in full."""

from __future__ import annotations

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.kinds import find_any


@gdviz_command()
@click.argument("name", shell_complete=completion.any_name)
def command(name: str) -> None:
    """Show a landscape's formula, gradient and minima, or an optimizer's rule, options and presets."""
    from gdviz import api

    for number, definition in enumerate(find_any(name)):
        if number:
            console.say()
        for line in api.describe(definition):
            console.say(line)
