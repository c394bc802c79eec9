"""`gdviz cache`: what is kept between runs."""

from __future__ import annotations

import math

import click

from gdviz.cache import cache_directory, contents, limit
from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import UsageError

MEGABYTE = 1_000_000


@gdviz_command()
@click.option("--clear", is_flag=True, help="Delete everything; it is made again when needed.")
@click.option(
    "--limit", "most", type=click.FloatRange(min=0), metavar="MB", help="Delete the longest unused beyond MB."
)
def command(clear: bool, most: float | None) -> None:
    """Show, limit or clear what gdviz keeps between runs: derived formulas and compiled kernels.

    GDVIZ_CACHE_DIR names another folder.
    """
    if most is not None and not math.isfinite(most):
        raise UsageError(f"--limit: '{most}' is not a finite number; type it as in --limit 500")
    if clear or most is not None:
        freed = limit(0 if clear else int((most or 0) * MEGABYTE))
        console.say(f"freed {freed / MEGABYTE:.1f} MB")
    rows = [(part, f"{files} files", f"{size / MEGABYTE:.1f} MB") for part, (files, size) in contents().items()]
    for line in console.table(rows):
        console.say(line)
    console.say(str(cache_directory()))
