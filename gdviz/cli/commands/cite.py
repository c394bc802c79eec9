"""`gdviz cite`: BibTeX."""

from __future__ import annotations

from pathlib import Path

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command


@gdviz_command()
@click.argument("target", required=False, metavar="[FILE|NAME]", shell_complete=completion.any_name)
def command(target: str | None) -> None:
    """Print BibTeX of gdviz and of what is used.

    FILE is an artefact or a recipe, NAME a definition of any kind; gdviz itself is always among the entries.
    """
    from gdviz import api
    from gdviz.cli.kinds import find_any

    if target is None:
        used = []
    elif Path(target).suffix or Path(target).exists():
        used = api.definitions_of(api.load_recipe(target))
    else:
        used = find_any(target)
    console.say(api.bibtex(used))
