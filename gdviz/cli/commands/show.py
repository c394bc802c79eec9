"""`gdviz show`: one definition in full."""

from __future__ import annotations

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.kinds import find_any


@gdviz_command()
@click.argument("name", shell_complete=completion.any_name)
def command(name: str) -> None:
    """Show one definition in full.

    Of a landscape: formula, gradient, constants, minima. Of an optimizer or transform: its rule, options and
    presets."""
    from gdviz import api

    for number, definition in enumerate(find_any(name)):
        if number:
            console.say()
        for line in api.description(definition):
            console.say(line)
