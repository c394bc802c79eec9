"""`gdviz study`: maps and distributions of very many runs."""

from __future__ import annotations

import click

from gdviz.cli.command import Command, Group
from gdviz.cli.wishes import wishes
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.sweep import Sweep


@click.command(cls=Group)
def command() -> None:
    """Map what becomes of very many runs, on all cores or on many machines.

    As in gdviz study sweep rosenbrock -o momentum --grid lr=log:1e-4:1:64 --out rates.png. Studies are of these kinds.
    """


@command.command(cls=Command)
@wishes(Sweep)
@click.pass_context
def sweep(ctx: click.Context, **typed: object) -> None:
    """Hyperparameters all over a grid, and how runs with them end.

    As in gdviz study sweep rosenbrock -o momentum --grid lr=log:1e-4:1:64 --grid mu=lin:0:0.99:64, or of a model, gdviz
    study sweep mlp:8 --data moons -o adam --grid lr=log:1e-4:1:64. One --grid is drawn as curves, two as a map; of more
    all are kept and the first two drawn.

    {kept}
    """
    from gdviz.cli.studies import explore

    explore(ctx, Sweep)


@command.command(cls=Command)
@wishes(Ensemble)
@click.pass_context
def ensemble(ctx: click.Context, **typed: object) -> None:
    """Very many runs that differ by chance or in their start.

    As in gdviz study ensemble himmelblau -o gd:lr=0.01 --transform gaussian:sigma=5 --runs 10000: how the loss is
    spread at every step, where runs end and when they leave a minimum.

    {kept}
    """
    from gdviz.cli.studies import explore

    explore(ctx, Ensemble)
