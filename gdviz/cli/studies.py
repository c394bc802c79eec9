"""What the commands of studies do once they know what is wished: compute or plan, keep, draw, and say what came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gdviz.cli import console
from gdviz.cli.production import check, deliver, usual
from gdviz.cli.progress import Progress
from gdviz.cli.wishes import recipe_from
from gdviz.errors import UsageError

if TYPE_CHECKING:
    from gdviz.api import Recipe, Study


def explore(ctx: click.Context, asked: type[Recipe]) -> None:
    """Compute a study, keep it in the store of --out, draw the pictures of --out, and say what came out.

    asked: the options of the command's kind.
    """
    from gdviz import api, jobs
    from gdviz.words import studies as words

    typed = ctx.params
    recipe, shared = recipe_from(ctx, asked), words.shared_out(typed.get("part"), typed.get("cluster"))
    job = jobs.of(recipe)
    store, pictures = words.places(typed["outs"] or _usual(ctx, job.file(recipe)))
    outs = [str(path) for path in pictures or ()]
    if shared and store is None:
        raise UsageError(f"--{min(shared)} needs a store that all who compute see; type --out {job.file(recipe)}.zarr")
    if typed["opens"] and not outs:
        raise UsageError("--open shows a picture, and none is made; type --out FILE.png beside the store")
    check(ctx, recipe, outs, clips=False)
    with Progress(quiet=typed["quiet"], as_json=typed["json_progress"]) as progress:
        made = api.explore(recipe, store, shared, progress)
    tell(ctx, recipe, made, outs)


def tell(ctx: click.Context, recipe: Recipe, made: Study, outs: Sequence[str]) -> None:
    """Draw a study into files, and say what came out."""
    from gdviz import jobs

    job = jobs.of(recipe)
    for sentence in job.notes(recipe, made):
        console.remark(f"note: {sentence}")
    deliver(ctx, recipe, made, outs, console.table(job.results(recipe, made), indent="  "), made.store)


def _usual(ctx: click.Context, name: str) -> list[str]:
    """Where a study goes that nobody says: into a picture, and beside it a store where there is what makes stores."""
    return [usual(ctx, name, ".png")]
