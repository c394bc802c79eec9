"""`gdviz explain`: the text that is compiled."""

from __future__ import annotations

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command


@gdviz_command()
@click.argument("name", metavar="NAME[:KEY=VALUE…]", shell_complete=completion.any_name)
@click.option(
    "--dim", type=click.IntRange(1, 1000), metavar="N", help="Coordinates.  [default: the landscape's, else 2]"
)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", help="Precision.")
def command(name: str, dim: int | None, dtype: str) -> None:
    """Print the kernel made of a landscape, an optimizer or a transform, as it is compiled.

    An optimizer may carry switches and a preset, as in adam:preset=lasagne.
    """
    from gdviz import api

    console.say(api.kernel_text(name, dim, dtype).rstrip())
