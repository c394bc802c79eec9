"""`gdviz chart`: curves of formulas, for the slides between the races."""

from __future__ import annotations

import click

from gdviz.cli.command import command as gdviz_command
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.chart import Chart


@gdviz_command()
@wishes(Chart)
@click.pass_context
def command(ctx: click.Context, **typed: object) -> None:
    """Draw curves of formulas in x over a range.

    As in gdviz chart "4*x^2" "80*x" --name Hessian --name L-BFGS --range 10:1e7 --log xy --x weights --y bytes.
    The formats follow from the endings of --out: {stills} are pictures, in {clips} the curves grow.
    The default is chart.png in this folder.
    """
    from gdviz.cli.production import produce

    produce(ctx, Chart, ".png")
