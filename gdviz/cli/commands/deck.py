"""`gdviz deck`: clips, pictures and captions as slides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.cli.progress import Progress
from gdviz.cli.versions import versions
from gdviz.cli.wishes import decorator, single
from gdviz.recipe.options import options_of
from gdviz.recipe.options.look import Look


@gdviz_command()
@click.argument("sources", metavar="FILE|RECIPE|DECK...", nargs=-1, required=True)
@click.option("--out", "out", metavar="FILE", help="Where to, a .pptx.  [default: named after the first]")
@click.option("--template", metavar="FILE", help="A presentation (.pptx) whose layouts and colours the slides take.")
@decorator(options_of(Look)["lang"])
@single("theme", "background", "draft")
@click.option("--size", metavar="SIZE", help="Pixels of a whole slide, as 720p.  [default: 1080p]")
@click.option("--clips", metavar="FORMAT", help="mp4, or gif for programs that drop films.  [default: mp4]")
@click.option("--force", is_flag=True, help="Replace a file that gdviz did not make, or that was edited since.")
@click.option("--open", "opens", is_flag=True, help="Show the first file when it is done.")
@click.option("--quiet", is_flag=True, help="Print nothing but the paths.")
@click.option("--json-progress", is_flag=True, help="Progress as JSON lines on standard error.")
@click.pass_context
def command(ctx: click.Context, sources: tuple[str, ...], **typed: Any) -> None:
    """Make slides of clips, pictures, recipes and lectures.

    As in gdviz deck lecture_1 --lang kk, or gdviz deck race.mp4 ravine mine.toml --template university.pptx. Files made
    by gdviz are taken as they are. Recipes, those of a folder, and figures of the lectures by their names are drawn as
    large as there is room, without their words: titles and captions are the template's. Films play by themselves and
    again; notes hold the command of each. Needs pip install "gdviz[slides]".
    """
    from gdviz.gallery.decks import FILMS, SIZE, decks

    file = typed["out"] or f"{Path(sources[0]).stem or 'slides'}.pptx"
    outs: dict[str | None, str | Path] = {
        changes.get("lang", typed["lang"]): path for changes, path in versions(ctx, file)
    }
    look = {key: typed[key] for key in ("template", "theme", "background", "force")}
    with Progress(quiet=typed["quiet"], as_json=typed["json_progress"], timed=True) as progress:
        written = decks(
            sources,
            outs,
            **look,
            size=typed["size"] or SIZE,
            clips=typed["clips"] or FILMS[0],
            draft=bool(typed["draft"]),
            progress=progress,
        )
    for one in written:
        if one.note:
            console.remark(f"note: {one.note}")
    for one in written:
        console.say(str(one.path))
    if typed["opens"]:
        click.launch(str(written[0].path))
