"""`gdviz demo`: the main job on real input."""

from __future__ import annotations

from pathlib import Path

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.progress import Progress
from gdviz.cli.wishes import single


@gdviz_command()
@click.argument("folder", metavar="[DIR]", default="demo")
@single("lang")
@single("theme")
@click.option("--force", is_flag=True, help="Replace files that gdviz did not make.")
@click.option("--quiet", is_flag=True, help="Print nothing but the paths.")
@click.option("--json-progress", is_flag=True, help="Progress as JSON lines on standard error.")
def command(folder: str, lang: str | None, theme: str | None, force: bool, quiet: bool, json_progress: bool) -> None:
    """Make a first set of films and pictures in DIR.

    A race of five methods, the effect of the learning rate, a race down a bent valley; DIR is ./demo by default. How to
    make each of them oneself is told by `gdviz recipe FILE`.
    """
    from gdviz.gallery.demo import demo

    look = {name: value for name, value in (("lang", lang), ("theme", theme)) if value is not None}
    with Progress(quiet=quiet, as_json=json_progress) as progress:
        for written in demo(folder, **look, force=force, progress=progress):
            progress.end()
            if written.note:
                console.remark(f"note: {written.note}")
            console.say(str(written.path))
    console.say(str(Path(folder).expanduser().absolute()))
