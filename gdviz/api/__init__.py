"""What users, scripts and the command line call.

Everything above the kernels meets here: recipes are run, scenes composed, frames rendered and written.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.about.citation import bibtex as citations
from gdviz.about.description import lines as description
from gdviz.about.installation import findings as installation
from gdviz.about.laws import examine
from gdviz.about.preparation import kernel_text, warm_up
from gdviz.analyse import minima
from gdviz.api.progress import shown
from gdviz.api.studies import Study, estimate, explore, export, open_study, state, study
from gdviz.artefacts import Written, check_films, check_outputs, render
from gdviz.catalogue.lookup import find
from gdviz.encode import CLIPS, STILLS, frames
from gdviz.errors import UsageError
from gdviz.jobs import OPTIMIZERS, Made, Progress, check_texts, command_of, definitions_of, make
from gdviz.objectives.functions import read_landscape
from gdviz.pictures import animate, plot, redrawn
from gdviz.plans.starts import read_starts
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.options.train import Train
from gdviz.recipe.recipe import Recipe, checked, named_or_typed, parse_recipe
from gdviz.recipe.schemas import schema
from gdviz.recipe.signal import Sequence as Named
from gdviz.registry.defining import describe
from gdviz.registry.definition import Definition
from gdviz.runs import provenance, simulation
from gdviz.runs.curves import Curves, curves
from gdviz.runs.response import Response, Responses
from gdviz.runs.rows import filled
from gdviz.runs.simulation import rerun
from gdviz.runs.trajectories import Trajectories
from gdviz.version import __version__
from gdviz.words import train as train_words
from gdviz.words.entries import as_list, entry_of, read_optimizer, read_optimizers
from gdviz.words.files import load_recipe
from gdviz.words.options import descent
from gdviz.words.quantities import parse_constant, parse_domain
from gdviz.words.signals import sequence_of

if TYPE_CHECKING:
    from gdviz.about.devices import Report
    from gdviz.runs.cuts import Cut, slice
    from gdviz.runs.trained import Trained

LATER = {"Cut": "cuts", "slice": "cuts", "Trained": "trained"}
"""Names that their modules of gdviz.runs give when they are asked for: who races does not load what trains."""

__all__ = [
    "CLIPS",
    "STILLS",
    "Curves",
    "Cut",
    "Entry",
    "Made",
    "Progress",
    "Recipe",
    "Response",
    "Responses",
    "Study",
    "Trained",
    "Trajectories",
    "Written",
    "animate",
    "bibtex",
    "changes",
    "check_films",
    "check_outputs",
    "check_texts",
    "command_of",
    "curves",
    "definitions_of",
    "description",
    "devices",
    "estimate",
    "examine",
    "explore",
    "export",
    "frames",
    "installation",
    "kernel_text",
    "load_recipe",
    "make",
    "minima",
    "open_study",
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
    "schema",
    "simulate",
    "slice",
    "state",
    "study",
    "train",
    "warm_up",
]


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'gdviz.api' has no attribute '{name}'")
    return getattr(importlib.import_module(f"gdviz.runs.{LATER[name]}"), name)


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
    first: int = 0,
    dtype: str = "float64",
    backend: str = "auto",
    threads: int | None = None,
    constants: Mapping[str, float] | None = None,
    grad: Callable[..., Any] | None = None,
    domain: Sequence[tuple[float, float]] | str | None = None,
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
    the landscape is looked at and starts are drawn for fair="tuned", by default the landscape's or ±3, of which
    pictures show the part around the paths, and with "whole" all; steps: by default the landscape's;
    every: record each k-th step; tol: stop a run when the gradient's norm falls below it, 0
    runs all steps; seed, first: what is random of a run follows from the seed and its number, and the first start has
    that number; backend: "python", "cpu", "cuda" on a GPU, whose last digits may differ, or whichever suits the
    amount of work; threads: of the compiled one, by default all cores this process may use; constants: of the
    landscape; transforms: what changes the gradient, as after --transform ("gaussian:sigma=0.5"); schedules: how
    hyperparameters change with the step, as after --schedule ("lr=cosine", "adam.lr=step:every=50"); fair: "lr" gives
    all the same rate, "tuned" each its best one from random starts, "evals" all as many evaluations as `steps`;
    progress: True shows a bar for runs that take their time, a function is called with (done, total, "simulating").

    More than a thousand starts are not written into the recipe, which then holds their hash only: memory stays bounded
    by the answer, so record little (`every=steps`) of millions of runs. Rates that are left open (`lr=auto`, fair="lr")
    are then searched from 64 of these starts, drawn with `seed`.

    Raises UsageError, DefinitionError where something does not fit. See Trajectories for what comes back.
    """
    entries, rules = read_optimizers(as_list(optimizers))
    if not isinstance(constants, Mapping | None):
        raise UsageError(f"constants is {constants!r:.60}; give a dict of numbers, as in constants={{'a': 25}}")
    points, many = read_starts(start)
    place = read_landscape(landscape, grad, points or (() if many is None else many))
    recipe = checked(
        Race,
        {
            **(named_or_typed(str(landscape), constants or {}) if place is None else {"landscape": place.name}),
            **descent(entries, as_list(transforms), as_list(schedules)),
            "constants": dict(constants or {}),
            "domain": domain,
            "start": points,
            "dim": dim,
            "steps": steps,
            "fair": fair,
            "every": every,
            "tol": tol,
            "seed": seed,
            "first": first,
            "dtype": dtype,
            "backend": backend,
            "threads": threads,
        },
    )
    return simulation.simulate(recipe, place, rules, shown(progress, "simulating"), many)


def train(
    model: str,
    data: Any,
    optimizers: str | Sequence[str | Entry | Callable[..., Any]] = OPTIMIZERS,
    *,
    batch: int | str | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    runs: int = 1,
    loss: str | None = None,
    activation: str | None = None,
    init: str | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    validation: float = 0.2,
    standardise: bool | None = None,
    task: str | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    embed: bool = False,
    replacement: bool = False,
    transforms: str | Sequence[str] = (),
    schedules: str | Sequence[str] = (),
    every: int = 1,
    tol: float = 0.0,
    seed: int = 0,
    first: int = 0,
    dtype: str = "float64",
    backend: str = "auto",
    threads: int | None = None,
    paths: bool = False,
    progress: Progress | bool | None = None,
) -> Trained:
    """Train a model on data with optimizers, which have the same initial weights and the same batches.

    model: a name with widths of hidden layers and options ("linear", "mlp:16,16", "mlp:64:bias=no"). data: a name with
    options ("moons:noise=0.2"), a formula that labels points ("y > sin(3*x)"), a file ("file.csv:target=price"), arrays
    (X, y), or a frame, of which target and features name the columns; recipes hold where these are and their hash, with
    embed=True those that are used. optimizers, transforms, schedules: as in `simulate`; lr="auto" takes the rate of the
    half-decade grid with which the validation loss ends lowest. batch: samples of a step, or "full", by default 32,
    or all of fewer, each once an epoch, or with replacement any time; an optimizer has its own as in "gd:batch=8", and
    initial weights of its own as in "gd:init=normal/std=0.1".
    epochs: how often all samples are seen, by default 20, or steps in their place. runs: networks of each optimizer,
    whose initial weights and batches follow from seed and number alone; first: the number of the first. loss,
    activation, init: names with options ("huber:delta=0.5"), by default those of task and model; l1, l2: penalties of
    weights. validation: share of samples that no step sees; standardise: give columns mean 0 and variance 1, by default
    those of a user's own data; task: "regression", "binary" or "classes"; paths: keep the weights of every record. The
    rest is as in `simulate`.

    Beside the answer memory stays bounded; what a large one takes is told before the work begins. Raises UsageError
    where something does not fit. See Trained for what comes back.
    """
    from gdviz.plans import training as lessons
    from gdviz.plans.data import taken
    from gdviz.runs import training

    entries, rules = read_optimizers(as_list(optimizers))
    source, columns = taken(data, target, features)
    named = {"loss": loss, "activation": activation, "init": init}
    recipe = checked(
        Train,
        {
            **train_words.asked(model, batch, standardise, named),
            "data": source.flat(),
            **descent(entries, as_list(transforms), as_list(schedules)),
            "epochs": epochs,
            "steps": steps,
            "runs": runs,
            "l1": l1,
            "l2": l2,
            "validation": validation,
            "task": task,
            "embed": embed,
            "replacement": replacement,
            "every": every,
            "tol": tol,
            "seed": seed,
            "first": first,
            "dtype": dtype,
            "backend": backend,
            "threads": threads,
        },
    )
    return training.train(lessons.settle(recipe, columns), rules, shown(progress, "training"), runs if paths else 0)


def respond(
    optimizer: str | Entry | Callable[..., Any],
    signal: str | Callable[..., Any] | Sequence[float] | NDArray[np.floating],
    *,
    steps: int | None = None,
    original: bool = False,
    embed: bool = False,
) -> Response:
    """Feed one optimizer with made-up gradients.

    optimizer: as in `simulate`; what it does not state is as in the lecture's figures, so that a gradient of about 1
    makes steps of about 1, or as its preset says. signal: a name ("rectangles", "spikes:period=30"), a formula in i
    ("sin(i/10)"), FILE.csv:COLUMN, a function of i, or the gradients themselves, float64[point]. steps: how many
    points, by default 300 or as many as are given. original: read between two points as the lecture's script did.
    embed: whether the recipe holds more than a thousand numbers of yours instead of their place and hash.

    Raises UsageError, also for rules that ask for more than gradients.
    """
    from gdviz.runs import response

    entry, rule = read_optimizer(optimizer)
    made = describe("signal", signal) if callable(signal) else None
    whole = Named(name=made.name) if made else sequence_of(signal)
    recipe = checked(
        Signal,
        {
            "optimizer": [(filled(entry) if rule is None else entry).flat()],
            "signal": [(whole.embedded() if embed else whole.held()).flat()],
            "embed": embed,
            "steps": steps,
            "original": original,
        },
    )
    found = response.respond(recipe, [rule], [made], [whole])
    return Response(found.signals[0], found.y[0, 0], found.recipe)


def run(recipe: Recipe, progress: Progress | None = None) -> Trajectories:
    """Run a recipe of a race that is to be drawn; see `make`."""
    return cast(Trajectories, make(recipe.taken(Race), progress))


def parse_formula(text: str, constants: Mapping[str, float] | None = None) -> Definition:
    """The landscape of a formula in x and y. Raises FormulaError."""
    from gdviz.formula.typed import parse

    return parse(text, constants)


def devices() -> Report:
    """What GPUs there are, and on the first trials that take some seconds."""
    from gdviz.about.devices import report  # which loads compilers

    return report()


def bibtex(used: Iterable[Definition]) -> str:
    """BibTeX of gdviz and of every definition used, each source once."""
    return citations(used, __version__)


def changes(recipe: Recipe, result: Made) -> list[str]:
    """Names of definitions and plugins that are no longer those a recipe was made with."""
    return provenance.changes(recipe, result.recipe)
