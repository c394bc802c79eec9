"""`gdviz animate`: a race as a film."""

from __future__ import annotations

import click

from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.race import Race


@gdviz_command()
@wishes(Race, without="still")
@click.pass_context
def command(ctx: click.Context, **typed: object) -> None:
    """Let optimizers race over LANDSCAPE and film it.

    The formats follow from the endings of --out: {films} are films, {pages} is a page that plays and can be
    touched, {stills} show the last step. The default is LANDSCAPE.mp4 in this folder; its absolute path is the last
    line printed.
    """
    from gdviz.cli.production import produce

    produce(ctx, Race, ".mp4")
