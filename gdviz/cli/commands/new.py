"""`gdviz new`: a commented plugin to start from."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import click

from gdviz.cli import completion, console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import OutputError, UsageError


@gdviz_command()
@click.argument("kind", metavar="KIND", shell_complete=completion.kinds)
@click.argument("file", type=str)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def command(kind: str, file: str, force: bool) -> None:
    """Write a commented plugin to FILE, ready to run and to change.

    KIND is {kind}; the definition is named after the file.
    """
    from gdviz.cli.kinds import kind_of
    from gdviz.registry.kinds import KINDS

    kind = kind_of(kind)
    path = Path(file).expanduser().absolute()
    if path.suffix != ".py":
        raise OutputError(f"'{file}' is no Python file; write `gdviz new {kind} {Path(file).stem}.py`")
    name = _name(path, kind)
    text = KINDS[kind].template.format(
        name=name, title=name.replace("_", " ").capitalize(), file=path.name.replace("\\", "").replace('"', "")
    )
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as target:
            target.write(text)
    except FileExistsError:
        raise OutputError(f"'{file}' exists; choose another name or add --force") from None
    except OSError as error:
        raise OutputError(
            f"'{file}' cannot be written: {error.strerror}; choose a folder that exists and is yours"
        ) from None
    console.say(str(path))


def _name(path: Path, kind: str) -> str:
    from gdviz.catalogue.lookup import definitions
    from gdviz.registry.names import normal

    name = normal(re.sub(r"\W+", "_", path.stem)).strip("_")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"'{path.name}' gives the {kind} no usable name; call the file something like my_{kind}.py")
    if name in {normal(known) for d in definitions(kind).values() for known in (d.name, *d.aliases)}:
        raise UsageError(f"the {kind} '{name}' exists already; call the file something like my_{name}.py")
    return name
