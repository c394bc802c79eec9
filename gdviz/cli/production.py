"""What the commands that make pictures do once they know what is wished: check, run, write, and say what came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gdviz.cli import console
from gdviz.cli.progress import Progress
from gdviz.cli.versions import all_versions, versions
from gdviz.cli.wishes import recipe_from
from gdviz.errors import UsageError

if TYPE_CHECKING:
    from gdviz.api import Made, Recipe


def produce(ctx: click.Context, asked: type[Recipe], ending: str, clips: bool = True) -> None:
    """Make every file of --out, by default one named after the recipe's file or what it shows, with this ending.

    asked: the options of the command's job; clips: whether it makes films as well as stills.
    """
    from gdviz import api, jobs

    typed = ctx.params
    recipe = recipe_from(ctx, asked)
    job = jobs.of(recipe)
    outs = list(typed["outs"]) or [usual(ctx, job.file(recipe), ending)]
    check(ctx, recipe, outs, clips)
    with Progress(quiet=typed["quiet"], as_json=typed["json_progress"]) as progress:
        made = api.make(recipe, progress)
    for sentence in job.notes(recipe, made):
        console.remark(f"note: {sentence}")
    deliver(ctx, recipe, made, outs, console.table(job.results(recipe, made), indent="  "))


def usual(ctx: click.Context, name: str, ending: str) -> str:
    """The name of a file that nobody named: after the recipe's file, unless it is that file or shows something else."""
    typed = ctx.params
    if typed["recipe_file"] and not any(typed.get(key) for key in ("landscape", "formula", "model", "data")):
        after = Path(Path(typed["recipe_file"]).stem + ending)
        if not (after.exists() and after.samefile(typed["recipe_file"])):
            return str(after)
    return f"{name}{ending}"


def check(ctx: click.Context, recipe: Recipe, outs: Sequence[str], clips: bool) -> None:
    """Raise UsageError or OutputError for files that cannot be made."""
    from gdviz import api
    from gdviz.words import files

    typed = ctx.params
    # Before any work: a long run must not end at a closed door.
    api.check_films(recipe, outs)
    if not clips and (films := [out for out in outs if Path(out).suffix.lower() in api.CLIPS]):
        raise UsageError(f"plot makes still pictures; for {films[0]} type gdviz animate")
    if typed.get("stops") and not any(Path(out).suffix.lower() in api.CLIPS for out in outs):
        raise UsageError("--stops cuts a film, and none is written; type --out FILE.mp4 beside it, or drop --stops")
    wanted = _wanted(ctx, outs)
    api.check_outputs([path for _, path in wanted], typed["force"], clips=clips)
    for changes, _ in wanted:
        api.check_texts(recipe.updated(**changes))
    for _, path in versions(ctx, typed["save_recipe"]) if typed["save_recipe"] else ():
        files.check_recipe_target(path, typed["force"])


def _wanted(ctx: click.Context, outs: Sequence[str]) -> list[tuple[dict[str, Any], str]]:
    """Every file that is to be made, and what its recipe has of its own: of a poster, no step but the last."""
    from gdviz import api

    wanted = all_versions(ctx, outs, api.CLIPS)
    if (poster := ctx.params.get("poster")) is None:
        return wanted
    films = [Path(out) for out in outs if Path(out).suffix.lower() in api.CLIPS]
    if not films:
        raise UsageError("--poster shows the end of a film, and none is written; type --out FILE.mp4 beside it")
    if Path(poster).suffix.lower() not in api.STILLS:
        raise UsageError(f"--poster {poster} is no still; type {Path(poster).stem}.png")
    stepped = ctx.params.get("at") is not None
    last: dict[str, Any] = {"at": None} if stepped else {}
    return [*wanted, *(({**changes, **last}, path) for changes, path in versions(ctx, poster, clip=True))]


def deliver(
    ctx: click.Context,
    recipe: Recipe,
    made: Made,
    outs: Sequence[str],
    results: Iterable[str],
    kept: Path | None = None,
) -> None:
    """Draw and write what was made, and say what came out: `results`, notes and paths; kept: where it is stored."""
    from gdviz import api
    from gdviz.words.files import save_recipe

    typed = ctx.params
    force, quiet = typed["force"], typed["quiet"]
    for name in api.changes(recipe, made):
        console.remark(f"note: {name} has changed since this recipe was made, so the picture may differ")
    with Progress(quiet=quiet, as_json=typed["json_progress"]) as progress:
        wanted = _wanted(ctx, outs)
        alike: dict[str, tuple[dict[str, Any], list[str]]] = {}
        for changes, path in wanted:
            alike.setdefault(repr(changes), (changes, []))[1].append(path)
        files: dict[str, api.Written] = {}
        for changes, paths in alike.values():
            found = api.render(api.redrawn(made, changes), paths, force=force, progress=progress)
            files |= zip(paths, found, strict=True)
        written = [files[path] for _, path in wanted]
    # What was wished may turn out impossible while it is drawn; results are told once there are some.
    if not quiet:
        for line in results:
            console.say(line)
    for changes, path in versions(ctx, typed["save_recipe"]) if typed["save_recipe"] else ():
        saved = save_recipe(made.recipe.updated(**changes), path, force)
        if not quiet:
            console.say(f"recipe: {saved}")
    for file in written:
        if file.note:
            console.remark(f"note: {file.note}")
    if kept is not None:
        console.say(str(kept.absolute()))
    for made_file in dict.fromkeys(one for file in written for one in (file.path, *file.beside)):
        console.say(str(made_file))
    if typed["opens"]:
        click.launch(str(written[0].path))
