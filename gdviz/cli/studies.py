"""What the commands of studies do once they know what is wished: compute or plan, keep, draw, and say what came out."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdviz.cli import console
from gdviz.cli.production import check, deliver, usual
from gdviz.cli.progress import Progress
from gdviz.cli.wishes import recipe_from
from gdviz.errors import UsageError

if TYPE_CHECKING:
    from gdviz.api import Recipe, Study

KEEPS = "numcodecs"
"""The package that stores need."""


def explore(ctx: click.Context, asked: type[Recipe]) -> None:
    """Compute a study, or say what that takes, keep it in the store of --out, and draw the pictures of --out.

    asked: the options of the command's kind.
    """
    from gdviz import api, jobs
    from gdviz.words import studies as words

    typed = ctx.params
    recipe, shared = recipe_from(ctx, asked), words.shared_out(typed["part"], typed["cluster"])
    job, name = jobs.of(recipe), jobs.of(recipe).file(recipe)
    store, pictures = words.places(typed["outs"] or _usual(ctx, name))
    outs = [str(path) for path in pictures or ()]
    if shared and store is None:
        raise UsageError(f"--{min(shared)} needs a store that all who compute see; type --out {name}{words.STORE}")
    if typed["opens"] and not outs:
        raise UsageError("--open shows a picture, and none is made; type --out FILE.png beside the store")
    check(ctx, recipe, outs, clips=False)
    with Progress(quiet=typed["quiet"], as_json=typed["json_progress"]) as progress:
        if typed["dry_run"]:
            plan = api.estimate(recipe, store, anew=not typed["outs"])
            for line in console.table(plan.rows):
                console.say(line)
            return
        made = api.explore(recipe, store, shared, progress, anew=not typed["outs"])
    for sentence in job.notes(recipe, made):
        console.remark(f"note: {sentence}")
    tell(ctx, recipe, made, outs if made.complete else [], made.store)
    if outs and not made.complete:
        console.remark(f"note: once all are, gdviz study show {made.store} --out {outs[0]} draws it")


def show(ctx: click.Context, store: str) -> None:
    """Draw the study in a store as the look options say, without computing anything."""
    from gdviz import api, jobs
    from gdviz.words import studies as words

    made = api.open_study(store)
    recipe = words.looked(ctx.params, made.recipe)
    outs = list(ctx.params["outs"]) or [f"{Path(store).stem}.png"]
    check(ctx, recipe, outs, clips=False)
    for sentence in jobs.of(recipe).notes(recipe, made):
        console.remark(f"note: {sentence}")
    tell(ctx, recipe, dataclasses.replace(made, recipe=recipe), outs)


def tell(ctx: click.Context, recipe: Recipe, made: Study, outs: Sequence[str], kept: Path | None = None) -> None:
    """Draw a study into files, and say what came out; kept: the store that is named with them."""
    from gdviz import jobs

    deliver(ctx, recipe, made, outs, console.table(jobs.of(recipe).results(recipe, made), indent="  "), kept)


def _usual(ctx: click.Context, name: str) -> list[str]:
    """Where a study goes that nobody says: into a picture, and beside it a store where there is what makes stores."""
    from gdviz.words.studies import STORE

    endings = [STORE] if importlib.util.find_spec(KEEPS) is not None else []
    return [usual(ctx, name, ending) for ending in (*endings, ".png")]
