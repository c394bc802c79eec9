"""`gdviz train`: a model learns from data, as a film or as one picture."""

from __future__ import annotations

import click

from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.train import Train


@gdviz_command()
@wishes(Train)
@click.pass_context
def command(ctx: click.Context, **typed: object) -> None:
    """Let optimizers train MODEL on data.

    As in gdviz train mlp:16,16 --data moons:noise=0.2 -o adam:lr=0.01. MODEL is a name with the widths of its hidden
    layers where it takes some; gdviz list models shows all, gdviz list datasets what comes with gdviz. Numbers follow
    from the seed alone: they depend on neither threads nor on how many networks are trained.

    The formats follow from the endings of --out: {films} are films, {pages} is a page that plays and can be
    touched, {stills} show the last step. The default is DATA-MODEL.mp4 in this folder; its absolute path is the last
    line printed.
    """
    from gdviz.cli.production import produce

    produce(ctx, Train, ".mp4")
