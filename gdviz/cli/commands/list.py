"""`gdviz list`: what there is."""

from __future__ import annotations

import json

import click

from gdviz.catalogue.lookup import definitions
from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.kinds import kind_of
from gdviz.registry.definition import Definition
from gdviz.registry.kinds import KINDS

PLURALS = [kind.plural for kind in KINDS.values()]

HELP = f"""List all definitions, or those of one kind.

KIND is {", ".join(PLURALS[:-1])} or {PLURALS[-1]}.
"""


@gdviz_command(help=HELP)
@click.argument("kind", required=False, metavar="[KIND]", shell_complete=completion.kinds)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def command(kind: str | None, as_json: bool) -> None:
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
