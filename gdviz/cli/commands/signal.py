"""`gdviz signal`: how methods respond to made-up gradients."""

from __future__ import annotations

import click

from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.signal import Signal


@gdviz_command()
@wishes(Signal)
@click.pass_context
def command(ctx: click.Context, **typed: object) -> None:
    """Feed methods with made-up gradients and draw the steps they answer with.

    METHOD is an optimizer, drawn at three values of its telling hyperparameter; adam:beta1=0.5/0.9 chooses the values.
    Every method makes a row and every --signal a column; without METHOD it is the lecture's sheet, all methods on all
    signals. A --title with {method} and {signal} in it names each panel, as in GRAD_{method}_{signal}.

    The formats follow from the endings of --out: {stills} are pictures, in {films} the curves grow.
    The default is a .png named after method and signal in this folder.
    """
    from gdviz.cli.production import produce

    produce(ctx, Signal, ".png")
