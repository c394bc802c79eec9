"""What the commands that make pictures do once they know what is wished: check, run, write, and say what came out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdviz.cli import console
from gdviz.cli.progress import Progress
from gdviz.cli.versions import all_versions, versions
from gdviz.cli.wishes import recipe_from
from gdviz.errors import UsageError

if TYPE_CHECKING:
    from gdviz.api import Made, Recipe, Trajectories
    from gdviz.plans.plan import Plan


def produce(ctx: click.Context, ending: str) -> None:
    """Make every file of --out, by default one named after the recipe's file or the landscape, with this ending."""
    from gdviz import api
    from gdviz.words import reading as words

    typed = ctx.params
    recipe = recipe_from(ctx, words.recipe_of)
    if recipe.signal or recipe.chart:
        _sheet(ctx, recipe, ending, ending)
        return
    outs = list(typed["outs"]) or [_usual(ctx, recipe.landscape or "formula", ending)]
    check(ctx, recipe, outs, ending)
    with Progress(quiet=typed["quiet"], as_json=typed["json_progress"]) as progress:
        made = api.run(recipe, progress)
    if made.recipe.every != recipe.every:
        console.remark(f"note: of {made.t[-1]} steps one in {made.recipe.every} is shown; --every K chooses another")
    for sentence in _divergences(made):
        console.remark(f"note: {sentence}")
    deliver(ctx, recipe, made, outs, _ledger(recipe, made))


def respond(ctx: click.Context) -> None:
    """Make every file of --out from responses to signals, by default one picture."""
    from gdviz.words import reading as words

    _sheet(ctx, recipe_from(ctx, words.responses_of), ".png", ".mp4")


def chart(ctx: click.Context) -> None:
    """Make every file of --out from curves of formulas, by default one picture."""
    from gdviz.words import reading as words

    _sheet(ctx, recipe_from(ctx, words.chart_of), ".png", ".mp4")


def _sheet(ctx: click.Context, recipe: Recipe, usual: str, ending: str) -> None:
    """Files of a recipe without landscape, by default one that ends in `usual`."""
    from gdviz import api

    made = api.make(recipe)
    outs = list(ctx.params["outs"]) or [_usual(ctx, made.name, usual)]
    check(ctx, recipe, outs, ending)
    deliver(ctx, recipe, made, outs, ())


def _usual(ctx: click.Context, name: str, ending: str) -> str:
    """The name of a file that nobody named: after the recipe's file, unless it is that file or shows something else."""
    typed = ctx.params
    if typed["recipe_file"] and not (typed.get("landscape") or typed.get("formula")):
        after = Path(Path(typed["recipe_file"]).stem + ending)
        if not (after.exists() and after.samefile(typed["recipe_file"])):
            return str(after)
    return f"{name}{ending}"


def check(ctx: click.Context, recipe: Recipe, outs: Sequence[str], ending: str) -> None:
    """Raise UsageError or OutputError for files that cannot be made."""
    from gdviz import api
    from gdviz.words import reading as words

    typed = ctx.params
    # Before any work: a long run must not end at a closed door.
    if ending not in api.CLIPS and (films := [out for out in outs if Path(out).suffix.lower() in api.CLIPS]):
        raise UsageError(f"plot makes still pictures; for {films[0]} type gdviz animate")
    wanted = all_versions(ctx, outs, api.CLIPS)
    api.check_outputs([path for _, path in wanted], typed["force"], clips=ending in api.CLIPS)
    for changes, _ in wanted:
        api.check_texts(recipe.updated(**changes))
    for _, path in versions(ctx, typed["save_recipe"]) if typed["save_recipe"] else ():
        words.check_recipe_target(path, typed["force"])


def deliver(ctx: click.Context, recipe: Recipe, made: Made, outs: Sequence[str], results: Iterable[str]) -> None:
    """Draw and write what was made, and say what came out: `results`, notes and paths."""
    from gdviz import api
    from gdviz.words import reading as words

    typed = ctx.params
    force, quiet = typed["force"], typed["quiet"]
    for name in api.changes(recipe, made):
        console.remark(f"note: {name} has changed since this recipe was made, so the picture may differ")
    with Progress(quiet=quiet, as_json=typed["json_progress"]) as progress:
        written = [
            file
            for changes, path in all_versions(ctx, outs, api.CLIPS)
            for file in api.render(api.redrawn(made, changes), [path], force=force, progress=progress)
        ]
    # What was wished may turn out impossible while it is drawn; results are told once there are some.
    if not quiet:
        for line in results:
            console.say(line)
    for changes, path in versions(ctx, typed["save_recipe"]) if typed["save_recipe"] else ():
        saved = words.save_recipe(made.recipe.updated(**changes), path, force)
        if not quiet:
            console.say(f"recipe: {saved}")
    for file in written:
        if file.note:
            console.remark(f"note: {file.note}")
    for file in written:
        console.say(str(file.path))
    if typed["opens"]:
        click.launch(str(written[0].path))


def _divergences(made: Trajectories) -> list[str]:
    """Why runs diverged: for each cause one sentence with the optimizers that it stopped."""
    found: dict[str, list[str]] = {}
    starts = made.f.shape[1]
    for i, (label, plan) in enumerate(zip(made.labels, made.plans, strict=True)):
        far = plan.is_far(made.x[i, :, -1])
        lost = [
            _cause(plan, float(made.f[i, j, 0]), float(made.f[i, j, -1]), bool(far[j]))
            for j in (made.status[i] == "diverged").nonzero()[0]
        ]
        for cause in dict.fromkeys(lost):
            of = f" (from {lost.count(cause)} of {starts} starts)" if starts > 1 else ""
            found.setdefault(cause, []).append(f"{label}{of}")
    return [f"{', '.join(labels)} {cause}" for cause, labels in found.items()]


def _cause(plan: Plan, begun: float, ended: float, far: bool) -> str:
    """Why a run diverged, from its first and last loss and whether it ended beyond the far guard."""
    outside = f"diverged outside the guard {plan.guard_told} (10³ times domain, starts and minima)"
    if not math.isfinite(ended):
        return f"{outside}, where the loss is not a finite number"
    if ended > begun:
        return f"{outside} with a loss above the one at the start; a wider --domain widens the guard"
    if far:
        return "diverged beyond 10⁶ times domain, starts and minima, where every run stops; a wider --domain widens it"
    if plan.optimizer.shown:  # the point that is judged is not the one that is recorded
        return f"{outside}, where its own point went beyond 10⁶ times or a gradient or step was not a finite number"
    return f"{outside}, where a gradient or step was not a finite number"


def _ledger(recipe: Recipe, made: Trajectories) -> list[str]:
    """One line per optimizer: its rate, the loss it ended with, and how."""
    searched = [entry.options.get("lr") == "auto" for entry in recipe.optimizer] or [True] * len(made.labels)
    at = made.recipe.at
    k = len(made.t) - 1 if at is None else int(abs(made.t - at).argmin())  # the record a still shows
    tuned, unit = made.recipe.tuned, "evaluations" if made.recipe.fair == "evals" else "steps"
    at_word = "after" if made.recipe.fair == "evals" else "at step"
    rows = []
    for i, (label, entry) in enumerate(zip(made.labels, made.recipe.optimizer, strict=True)):
        rate = entry.options.get("lr")
        origin = " (tuned)" if tuned and tuned[i].rate and searched[i] else " (auto)" if searched[i] else ""
        said = f"lr={rate:g}{origin}" if isinstance(rate, float) else ""
        steps = {str(end): made.stopped_at[i][made.status[i] == end] for end in sorted({*made.status[i]})}
        steps.pop("unfinished", None)
        gone = made.left_at[i][made.left_at[i] >= 0]
        ends = {**steps, "left the guard": gone} if len(gone) else steps
        how = ", ".join(_ending(end, when, made.f.shape[1], at_word) for end, when in ends.items())
        if not steps:
            how = ", ".join(filter(None, [f"after {made.t[k]} {unit}", how]))
        loss = made.medians[i, k]
        told = "loss –" if math.isnan(loss) else f"loss {loss:.4g}"
        if made.f.shape[1] > 1:
            told += f" (median of {made.f.shape[1]})"
        row: tuple[str, ...] = (label, said, told, how)
        if tuned:
            _, low, median, high, starts = tuned[i]
            row += (f"from {starts:g} random starts: median {median:.3g}, quartiles {low:.3g} and {high:.3g}",)
        rows.append(row)
    return console.table(rows, indent="  ")


def _ending(end: str, when: Sequence[int], starts: int, at_word: str) -> str:
    """How and when runs of an optimizer ended; of several starts how many did."""
    if starts == 1:
        return f"{end} {at_word} {when[0]}"
    many = "all" if len(when) == starts else f"{len(when)} of {starts}"
    return f"{many} {end}, the first {at_word} {min(when)}"
