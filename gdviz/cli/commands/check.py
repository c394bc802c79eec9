"""`gdviz check`: the laws on a plugin."""

from __future__ import annotations

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import GdvizError


@gdviz_command()
@click.argument("file", type=str)
def command(file: str) -> None:
    """Examine the definitions in FILE and print a verdict per law.

    A landscape must be finite with a gradient and Hessian that agree with differences and minima that are minima; an
    optimizer must stay finite, make progress on a bowl, and treat every trajectory alone as it does among others. The
    exit code is 1 when a law is broken.
    """
    from gdviz import api
    from gdviz.catalogue.plugins import load_plugin

    made = load_plugin(file)

    broken = 0
    for definition in made:
        console.say(f"{definition.kind} {definition.name}")
        verdicts = api.examine(definition)
        rows = [("ok" if v.holds else "BROKEN", v.law, v.finding) for v in verdicts]
        for line in console.table(rows, indent="  "):
            console.say(line)
        broken += sum(not v.holds for v in verdicts)
    if broken:
        laws = "1 law is" if broken == 1 else f"{broken} laws are"
        raise GdvizError(f"{laws} broken in {file}; the lines marked BROKEN say which")
