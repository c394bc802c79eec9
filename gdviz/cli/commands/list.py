"""`gdviz list`: what there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command

if TYPE_CHECKING:
    from gdviz.registry.definition import Definition


@gdviz_command()
@click.argument("kind", required=False, metavar="[KIND]", shell_complete=completion.kinds)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def command(kind: str | None, as_json: bool) -> None:
    """List all definitions, or those of one kind.

    KIND is {kinds}.
    """
    from gdviz.catalogue.lookup import definitions
    from gdviz.cli.kinds import kind_of
    from gdviz.registry.kinds import KINDS

    kinds = (kind_of(kind),) if kind else tuple(KINDS)
    found = [definition for kind in kinds for definition in definitions(kind).values()]
    if as_json:
        console.say(json.dumps([_facts(definition) for definition in found], indent=1, ensure_ascii=True))
        return
    for number, kind in enumerate(kinds):
        if len(kinds) > 1:
            console.say(("\n" if number else "") + KINDS[kind].plural)
        rows = [(d.name, KINDS[kind].column(d), d.summary) for d in found if d.kind == kind]
        for line in console.table(rows, indent="  " if len(kinds) > 1 else ""):
            console.say(line)


def _facts(definition: Definition) -> dict[str, object]:
    from gdviz.registry.kinds import KINDS

    return {
        "kind": definition.kind,
        "name": definition.name,
        "title": definition.title,
        "summary": definition.summary,
        "aliases": list(definition.aliases),
        "parameters": dict(definition.parameters),
        "source": definition.source,
        **KINDS[definition.kind].listed(definition),
    }
