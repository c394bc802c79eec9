"""`gdviz warmup`: compile now what would be compiled on first use."""

from __future__ import annotations

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.progress import Progress


@gdviz_command()
@click.argument("names", nargs=-1, shell_complete=completion.any_name)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", help="Precision.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
@click.option("--json-progress", is_flag=True, help="Progress as JSON lines on standard error.")
def command(names: tuple[str, ...], dtype: str, quiet: bool, json_progress: bool) -> None:
    """Compile kernels before they are needed: those of NAMES, or of every landscape and optimizer.

    The kernels that draw pictures are always among them.
    """
    from gdviz import api

    with Progress(quiet=quiet, as_json=json_progress) as progress:
        seconds = api.warm_up(names, dtype, progress)
    if not quiet:
        console.say(f"ready in {seconds:.1f} s")
