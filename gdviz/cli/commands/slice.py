"""`gdviz slice`: the loss around trained weights, as a picture."""

from __future__ import annotations

import click

from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.slice import Slice


@gdviz_command()
@wishes(Slice)
@click.pass_context
def command(ctx: click.Context, **typed: object) -> None:
    """Train MODEL on data and cut the loss around the weights that optimizers find.

    As in gdviz slice deep --against shallow --data spirals -o adam:lr=0.01. --plane says where the cut goes;
    gdviz slice --recipe FILE cuts a training that is there already, also one in a film made by gdviz train.

    The formats follow from the endings of --out: {stills} are pictures, in {clips} curves grow and paths go their way.
    The default is DATA-MODEL-slice.png in this folder; its absolute path is the last line printed.
    """
    from gdviz.cli.production import produce

    produce(ctx, Slice, ".png")
