"""`gdviz plot`: a race as one picture."""

from __future__ import annotations

import click

from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.race import Race


@gdviz_command()
@wishes(Race, without="clip")
@click.pass_context
def command(ctx: click.Context, **typed: object) -> None:
    """Draw the paths of optimizers on LANDSCAPE as one picture.

    The formats follow from the endings of --out: {stills}. The default is LANDSCAPE.png in this folder; its
    absolute path is the last line printed.
    """
    from gdviz.cli.production import produce

    produce(ctx, Race, ".png", clips=False)
