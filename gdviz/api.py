"""What users, scripts and the command line call.

Everything above the kernels meets here: recipes are run, scenes composed, frames rendered and written.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.about.citation import bibtex as citations
from gdviz.about.description import lines as description
from gdviz.about.installation import findings as installation
from gdviz.about.laws import examine
from gdviz.about.preparation import kernel_text, warm_up
from gdviz.analyse import minima
from gdviz.artefacts import Made, Out, Progress, Written, check_outputs, check_texts, destination, render
from gdviz.catalogue.lookup import find
from gdviz.catalogue.plugins import loaded_plugins
from gdviz.encode import CLIPS, STILLS, frames
from gdviz.encode import read_recipe as embedded_recipe
from gdviz.errors import RecipeError, UsageError
from gdviz.objectives.functions import read_landscape
from gdviz.plans.starts import read_starts
from gdviz.recipe.entries import DIRECTIONS, Entry
from gdviz.recipe.options import options_of
from gdviz.recipe.options.race import Race
from gdviz.recipe.race import Recipe, named_or_typed, parse_recipe, read_toml, validate
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.runs import provenance, simulation
from gdviz.runs.curves import Curves, curves
from gdviz.runs.response import Response, Responses
from gdviz.runs.rows import all_rows, filled
from gdviz.runs.simulation import rerun
from gdviz.runs.trajectories import Trajectories
from gdviz.version import __version__
from gdviz.words.entries import as_list, entry_of, parse_transforms, read_optimizer, read_optimizers
from gdviz.words.quantities import parse_constant, parse_domain
from gdviz.words.rows import expand
from gdviz.words.schedules import parse_schedules
from gdviz.words.signals import sequence_of

__all__ = [
    "CLIPS",
    "STILLS",
    "Curves",
    "Entry",
    "Made",
    "Progress",
    "Recipe",
    "Response",
    "Responses",
    "Trajectories",
    "Written",
    "animate",
    "bibtex",
    "changes",
    "check_outputs",
    "check_texts",
    "curves",
    "definitions_of",
    "description",
    "examine",
    "frames",
    "installation",
    "kernel_text",
    "load_recipe",
    "make",
    "minima",
    "optimizer",
    "parse_constant",
    "parse_domain",
    "parse_formula",
    "parse_recipe",
    "plot",
    "redrawn",
    "render",
    "rerun",
    "respond",
    "run",
    "simulate",
    "warm_up",
]

OPTIMIZERS = ("gd", "momentum", "rmsprop", "adam")
"""Who races when nobody is named."""

DRAWN = frozenset(option.key for option in options_of(Race).values() if option.draws)
"""Options of a recipe that say how a run is drawn; the others say what was run."""

RECORDS = 10_000
"""Recorded steps that a picture is made of; a clip of a minute has a third as many frames."""


def optimizer(
    name: str, *, label: str | None = None, preset: str | None = None, **options: float | str | bool | tuple[float, ...]
) -> Entry:
    """An optimizer with options, for `simulate`: `optimizer("momentum", lr=2e-3)`. Raises UsageError.

    `label` names it in legends, `preset` chooses a library's or lecture's convention; `lr="auto"` lets gdviz choose.
    """
    definition = find("optimizer", name)
    return entry_of(definition, {"label": label, "preset": preset, **options}, f"optimizer {name}")


def simulate(
    landscape: str | Callable[..., Any],
    optimizers: str | Sequence[str | Entry | Callable[..., Any]] = OPTIMIZERS,
    *,
    start: Sequence[float] | Sequence[Sequence[float]] | NDArray[np.floating] | None = None,
    dim: int | None = None,
    steps: int | None = None,
    every: int = 1,
    tol: float = 0.0,
    seed: int = 0,
    dtype: str = "float64",
    backend: str = "auto",
    threads: int | None = None,
    constants: Mapping[str, float] | None = None,
    grad: Callable[..., Any] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
    transforms: str | Sequence[str] = (),
    schedules: str | Sequence[str] = (),
    fair: str | None = None,
    progress: Progress | bool | None = None,
) -> Trajectories:
    """Run optimizers over a landscape.

    landscape: a name, a formula in x and y, or a function of its coordinates, f(x, y), or of one array where the start
    has several. Of one written with the functions of gdviz.formula the gradient is derived, of any other it is grad, or
    else central differences, which a warning says. optimizers: names with options as after -o ("adam:lr=0.1"), results
    of `optimizer`, or step rules. start: one point or several, data units, by default the landscape's; dim: coordinates
    of a family that takes *x, by default 2; domain: ranges of all coordinates, or of the two that are drawn, in which
    the landscape is looked at and starts are drawn for fair="tuned", by default the landscape's or ±3; steps: by
    default the landscape's; every: record each k-th step; tol: stop a run when the gradient's norm falls below it, 0
    runs all steps; backend: "python", "cpu" or whichever suits the amount of work, with the same results; threads: of
    the compiled one, by default all cores this process may use; constants: of the landscape; transforms: what changes
    the gradient, as after --transform ("gaussian:sigma=0.5"); schedules: how hyperparameters change with the step, as
    after --schedule ("lr=cosine", "adam.lr=step:every=50"); fair: "lr" gives all the same rate, "tuned" each its best
    one from random starts, "evals" all as many evaluations as `steps`; progress: True shows a bar for runs that take
    their time, a function is called with (done, total, "simulating").

    More than a thousand starts are not written into the recipe, which then holds their hash only: memory stays bounded
    by the answer, so record little (`every=steps`) of millions of runs. Rates that are left open (`lr=auto`, fair="lr")
    are then searched from 64 of these starts, drawn with `seed`.

    Raises UsageError, DefinitionError where something does not fit. See Trajectories for what comes back.
    """
    entries, rules = read_optimizers(as_list(optimizers))
    changing, paces = as_list(transforms), as_list(schedules)
    if not isinstance(constants, Mapping | None):
        raise UsageError(f"constants is {constants!r:.60}; give a dict of numbers, as in constants={{'a': 25}}")
    points, many = read_starts(start)
    place = read_landscape(landscape, grad, points or (() if many is None else many))
    recipe = validate(
        {
            **(named_or_typed(str(landscape), constants or {}) if place is None else {"landscape": place.name}),
            "optimizer": [entry.flat() for entry in entries],
            "constants": dict(constants or {}),
            "domain": domain,
            "start": points,
            "dim": dim,
            "steps": steps,
            "fair": fair,
            "every": every,
            "tol": tol,
            "seed": seed,
            "dtype": dtype,
            "backend": backend,
            "threads": threads,
            "transform": [entry.flat() for text in changing for entry in parse_transforms(text)],
            **({"schedule": [parse_schedules(text).flat() for text in paces]} if paces else {}),
        }
    )
    told = _told(_bar if progress is True else progress or None)
    return simulation.simulate(recipe, place, rules, told, many)


def respond(
    optimizer: str | Entry | Callable[..., Any],
    signal: str | Callable[..., Any] | Sequence[float] | NDArray[np.floating],
    *,
    steps: int | None = None,
    original: bool = False,
) -> Response:
    """Feed one optimizer with made-up gradients.

    optimizer: as in `simulate`; what it does not state is as in the lecture's figures, so that a gradient of about 1
    makes steps of about 1, or as its preset says. signal: a name ("rectangles", "spikes:period=30"), a formula in i
    ("sin(i/10)"), FILE.csv:COLUMN, a function of i, or the gradients themselves, float64[point]. steps: how many
    points, by default 300 or as many as are given. original: read between two points as the lecture's script did.

    Raises UsageError, also for rules that ask for more than gradients.
    """
    from gdviz.runs import response

    entry, rule = read_optimizer(optimizer)
    made = describe("signal", signal) if callable(signal) else None
    named = {"name": made.name} if made else sequence_of(signal).flat()
    recipe = validate(
        {
            "optimizer": [(filled(entry) if rule is None else entry).flat()],
            "signal": [named],
            "steps": steps,
            "original": original,
        }
    )
    found = response.respond(recipe, [rule], [made])
    return Response(found.signals[0], found.y[0, 0], found.recipe)


def _bar(done: int, total: int, stage: str) -> None:
    """One line on standard error that is written over and over."""
    filled = 40 * done // max(total, 1)
    end = "\n" if done == total else ""
    if sys.stderr is None:  # as under pythonw; print would take standard output
        return
    print(f"\r{stage} [{'#' * filled}{' ' * (40 - filled)}] {100 * done // max(total, 1)} %", end=end, file=sys.stderr)


def _told(progress: Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(done, total, "simulating")


def run(recipe: Recipe, progress: Progress | None = None) -> Trajectories:
    """Run a recipe that is to be drawn; of more than RECORDS recorded steps only every so manieth is kept.

    Raises UsageError, also when the recipe was made with a plugin that is not loaded.
    """
    from gdviz.compose.race import check
    from gdviz.plans.setting import settle

    if recipe.starts_hash is not None and recipe.start is None:
        raise RecipeError("the starts of this run were given as an array and are not in its recipe; type --start X,Y")
    _check_origins(recipe)
    if not recipe.optimizer:
        recipe = recipe.updated(optimizer=[{"name": name, "lr": "auto"} for name in OPTIMIZERS])
    steps = settle(recipe).recipe.steps or 0
    if steps > RECORDS * recipe.every:
        recipe = recipe.updated(every=-(-steps // RECORDS))
    check(settle(recipe))
    check_texts(recipe)
    return simulation.simulate(recipe, progress=_told(progress))


def feed(recipe: Recipe) -> Responses:
    """What comes of a recipe with signals; all rows there are where it names no optimizer.

    Raises UsageError, also when the recipe was made with a plugin that is not loaded.
    """
    from gdviz.compose.signal import check
    from gdviz.runs import response

    _check_origins(recipe)
    if not recipe.optimizer:
        recipe = recipe.updated(optimizer=[entry.flat() for row in all_rows() for entry in expand(row.name)])
    check(recipe)
    check_texts(recipe)
    return response.respond(recipe)


def make(recipe: Recipe, progress: Progress | None = None) -> Made:
    """What comes of a recipe, whatever it is one of: curves of a chart, responses to signals, or runs of optimizers.

    Raises UsageError, FormulaError.
    """
    if recipe.chart is not None:
        check_texts(recipe)
        return curves(recipe)
    return feed(recipe) if recipe.signal else run(recipe, progress)


def _check_origins(recipe: Recipe) -> None:
    for name, origin in recipe.plugins.items():
        if origin in (provenance.FUNCTION, provenance.DIFFERENCES):
            raise RecipeError(f"the recipe was made with {origin}, {name}, which it does not hold; run it from Python")
        if name not in loaded_plugins():
            raise RecipeError(f"the recipe was made with the plugin {name}; add --plugin {name}")


def load_recipe(path: str | Path) -> Recipe:
    """The recipe in a TOML file, or inside an artefact made by gdviz. Raises RecipeError."""
    file = Path(path)
    if not file.exists():
        raise RecipeError(f"there is no file '{path}'; give a recipe (.toml) or a file made by gdviz")
    if file.is_dir():
        raise RecipeError(f"'{path}' is a folder; give a recipe (.toml) or a file made by gdviz")
    if file.suffix.lower() == ".toml":
        return read_toml(file)
    text = embedded_recipe(file)
    if text is None:
        raise RecipeError(f"{file.name} carries no gdviz recipe; give a recipe (.toml) or a file made by gdviz")
    return parse_recipe(text, file.name)


def parse_formula(text: str, constants: Mapping[str, float] | None = None) -> Definition:
    """The landscape of a formula in x and y. Raises FormulaError."""
    from gdviz.formula.typed import parse

    return parse(text, constants)


def bibtex(used: Iterable[Definition]) -> str:
    """BibTeX of gdviz and of every definition used, each source once."""
    return citations(used, __version__)


def changes(recipe: Recipe, result: Made) -> list[str]:
    """Names of definitions and plugins that are no longer those a recipe was made with."""
    return provenance.changes(recipe, result.recipe)


def definitions_of(recipe: Recipe) -> list[Definition]:
    """All definitions that a recipe names, each once. Raises UsageError for unknown names."""
    if recipe.chart is not None:
        return []
    found = [find("landscape", recipe.landscape)] if recipe.landscape else []
    usual = [row.definition.name for row in all_rows()] if recipe.signal else list(OPTIMIZERS)
    names = [entry.name for entry in recipe.optimizer] or usual
    found += [find("signal", one.name) for one in recipe.signal if one.name]
    found += [find("optimizer", name) for name in dict.fromkeys(names)]
    drawn = [arrow.name for arrow in recipe.arrows if arrow.name not in DIRECTIONS]
    found += [find("transform", name) for name in dict.fromkeys([*(one.name for one in recipe.transform), *drawn])]
    parts = dict.fromkeys(part.name for pace in recipe.schedule for part in pace.chain)
    return found + [find("schedule", name) for name in parts]


def animate(
    source: Trajectories | Recipe | str,
    out: Out = None,
    *,
    format: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    **changed: Any,
) -> list[Path]:
    """Make clips (endings of `CLIPS`) and stills of the last step (of `STILLS`), one simulation for all of them.

    source: a run, a recipe, or a landscape's name or formula; out: one path or several, by default ./LANDSCAPE.mp4, or
    an open binary file, such as BytesIO, into which `format` ("mp4", "gif", …) is written; force: replace files that
    gdviz did not make; other keywords change the recipe's options (`lang="kk"`, `theme="dark"`, …). Returns the paths
    as they were written, none for an open file. Raises UsageError, OutputError.
    """
    place = destination(out, format, ".mp4", force)
    return place.write(_source(source, changed), progress)


def plot(
    source: Trajectories | Recipe | str,
    out: Out = None,
    *,
    at: int | None = None,
    format: str | None = None,
    force: bool = False,
    **changed: Any,
) -> list[Path]:
    """Make stills (endings of `STILLS`) of step `at`, by default the last; the rest is as in `animate`."""
    place = destination(out, format, ".png", force)
    return place.write(_source(source, changed if at is None else {**changed, "at": at}))


def redrawn(made: Made, changes: Mapping[str, Any]) -> Made:
    """The same run to be drawn otherwise: with other options of DRAWN in its recipe. Raises RecipeError.

    Another domain is the window that is drawn then: the run's own, which its guard follows, stays in its recipe.
    """
    if "domain" in changes:
        changes = {"window": changes["domain"], **{key: value for key, value in changes.items() if key != "domain"}}
    return dataclasses.replace(made, recipe=made.recipe.updated(**changes)) if changes else made


def _source(source: Trajectories | Recipe | str, changed: Mapping[str, Any]) -> Made:
    if isinstance(source, Trajectories):
        if wrong := set(changed) - DRAWN:
            raise UsageError(f"{min(wrong)} belongs to the simulation; pass it to gdviz.simulate")
        return redrawn(source, changed)
    named = {} if isinstance(source, Recipe) else named_or_typed(source, changed.get("constants", {}))
    recipe = source if isinstance(source, Recipe) else validate(named)
    recipe = recipe.updated(**changed) if changed else recipe
    return make(recipe)
