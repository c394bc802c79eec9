"""`gdviz study`: maps and distributions of very many runs."""

from __future__ import annotations

import json

import click

from gdviz.cli import console
from gdviz.cli.command import Command, Group
from gdviz.cli.wishes import looks, wishes
from gdviz.recipe.options.basins import Basins
from gdviz.recipe.options.ensemble import Ensemble
from gdviz.recipe.options.sweep import Sweep
from gdviz.recipe.options.trainability import Trainability
from gdviz.studies.table import KINDS


@click.command(cls=Group)
def command() -> None:
    """Map what becomes of very many runs, on all cores or on many machines.

    As in gdviz study basins himmelblau -o gd:lr=0.01 --out basins.png. Studies are of these kinds; show, status and
    export are for stores, which keep what was computed.
    """


@command.command(cls=Command)
@wishes(Basins)
@click.pass_context
def basins(ctx: click.Context, **typed: object) -> None:
    """Starts all over LANDSCAPE, and the minimum to which each leads.

    As in gdviz study basins himmelblau -o gd:lr=0.01 -o momentum:lr=0.01 --resolution 1000x1000. Each of the cells of
    --resolution over --domain is a start, for each optimizer, which have maps side by side.

    {kept}
    """
    from gdviz.cli.studies import explore

    explore(ctx, Basins)


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


@command.command(cls=Command)
@wishes(Trainability)
@click.pass_context
def trainability(ctx: click.Context, **typed: object) -> None:
    """Networks all over a grid of learning rates, and which of them learn.

    As in gdviz study trainability --width 16 --activation tanh --resolution 256x256: the boundary between rates that
    train a network and rates that do not, whose windows --domain magnifies.

    {kept}
    """
    from gdviz.cli.studies import explore

    explore(ctx, Trainability)


@command.command(cls=Command)
@click.argument("store", type=str, metavar="STORE")
@looks(*KINDS.values())
@click.pass_context
def show(ctx: click.Context, store: str, **typed: object) -> None:
    """Draw what a store holds, in other colours or another language.

    As in gdviz study show basins.zarr --theme dark --lang kk --out basins.pdf. Nothing is computed; of a store that is
    not whole yet the chunks that are done are drawn. The default is a .png named after the store, in this folder.
    """
    from gdviz.cli.studies import show as draw

    draw(ctx, store)


@command.command(cls=Command)
@click.argument("store", type=str, metavar="STORE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def status(store: str, as_json: bool) -> None:
    """How much of a store is done, and the command that goes on with it."""
    from gdviz import api

    state = api.state(store)
    facts = {
        "study": str(state.path),
        "chunks": state.chunks,
        "done": state.done,
        "damaged": state.damaged,
        "missing": state.missing,
        "files": state.files,
        "bytes": state.size,
        "command": api.command_of(state.recipe, str(state.path)),
    }
    if as_json:
        console.say(json.dumps(facts, indent=1, ensure_ascii=True))
        return
    for line in console.table([(key, str(value)) for key, value in facts.items()]):
        console.say(line)


@command.command(cls=Command)
@click.argument("store", type=str, metavar="STORE")
@click.option(
    "--out", "outs", metavar="FILE", multiple=True, required=True, help="Where to; may be given again, one per format."
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def export(store: str, outs: tuple[str, ...], force: bool) -> None:
    """Write what a store holds for other programs.

    By the ending of --out: .npz, arrays for NumPy; .csv, a row for each cell, of ensembles for each recorded step, with
    quantiles of the loss; .zarr.zip, the store as one file.
    """
    from gdviz import api

    for out in outs:
        console.say(str(api.export(store, out, force=force)))
