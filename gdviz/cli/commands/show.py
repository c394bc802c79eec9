"""`gdviz show`: one definition in full."""

from __future__ import annotations

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import UsageError


@gdviz_command()
@click.argument("name", metavar="NAME|FORMULA", shell_complete=completion.any_name)
@click.option("--set", "constants", metavar="NAME=VALUE", multiple=True, help="A constant; may be given again.")
@click.option("--domain", metavar="X0:X1,Y0:Y1", help="Where stationary points are looked for.")
@click.option("--dim", type=click.IntRange(1, 10), metavar="N", help="Coordinates of a family.  [default: 2]")
def command(name: str, constants: tuple[str, ...], domain: str | None, dim: int | None) -> None:
    """Show one definition, or a formula in x and y, in full.

    Of a landscape: formula, LaTeX, gradient, Hessian, constants, and the stationary points that the formula has in its
    domain, with the conditioning and the largest stable rate of gradient descent at minima. Of an optimizer or
    transform: its rule, options and presets."""
    from gdviz import api
    from gdviz.cli.kinds import find_any
    from gdviz.registry.names import is_formula

    values = dict(api.parse_constant(text) for text in constants)
    box = api.parse_domain(domain) if domain is not None else None
    if is_formula(name, constants=values):
        found = [api.parse_formula(name, values)]
        values = {}
    else:
        found = find_any(name)
    for number, definition in enumerate(found):
        if not definition.has_coordinates and (constants or domain or dim):
            raise UsageError(f"{definition.name} is no landscape; --set, --domain and --dim are for landscapes")
        if number:
            console.say()
        given = (values, box, dim) if definition.has_coordinates else ()
        for line in api.description(definition, *given):
            console.say(line)
