"""What recipes may be of: a record for every job, and nothing else asks what a recipe is one of."""

from __future__ import annotations

import dataclasses
import importlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from gdviz.about import results
from gdviz.catalogue.lookup import find
from gdviz.catalogue.plugins import loaded_plugins
from gdviz.encode import CLIPS, FORMATS
from gdviz.errors import RecipeError, UsageError
from gdviz.lang import texts
from gdviz.plans.setting import settle
from gdviz.plans.settled import Settled
from gdviz.recipe.options import options_of
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.options.slice import Slice
from gdviz.recipe.options.train import Train
from gdviz.recipe.recipe import Recipe, model_of
from gdviz.registry.definition import Definition
from gdviz.runs import anatomy, provenance, simulation
from gdviz.runs.curves import Curves, curves
from gdviz.runs.response import Responses, name_of, respond
from gdviz.runs.rows import all_rows
from gdviz.studies.table import KINDS
from gdviz.words import chart as chart_words
from gdviz.words import options as words
from gdviz.words import race as race_words
from gdviz.words import signal as signal_words
from gdviz.words import studies as studies_words
from gdviz.words import train as train_words
from gdviz.words.rows import expand

if TYPE_CHECKING:
    from gdviz.runs.slices import Slices
    from gdviz.runs.trained import Trained
    from gdviz.runs.trajectories import Trajectories
    from gdviz.scene import Scene
    from gdviz.studies.study import Study

    Made = Trajectories | Trained | Slices | Responses | Curves | Study
else:
    Made = Any  # who races does not load what trains
"""What recipes give, by their job: runs down a landscape, trained networks, cuts around these, responses to signals,
curves of a chart, studies."""

Progress = Callable[[int, int, str], None]
"""Called with (done, total, stage) while something long is under way."""

OPTIMIZERS = ("gd", "momentum", "rmsprop", "adam")
"""Who races when nobody is named."""

RECORDS = 10_000
"""Recorded steps that a picture is made of; a clip of a minute has a third as many frames."""


def _alone(recipe: Any) -> Any:
    return recipe


def _silent(recipe: Any, made: Any) -> list[Any]:
    return []


@dataclasses.dataclass(frozen=True)
class Job:
    """One thing that recipes may be of; its scene is made by `compose` in the module of gdviz.compose named like it.

    options: what it can be asked for, of which its recipes are made. run: what comes of a recipe. file: what files are
    called unless told otherwise. read: typed words put over a recipe; told: the words again, of a still or not, with
    those that name the file. whole: the recipe with all the definitions that it does not name. notes: what should be
    known of the results; results: a table of them. completed: the same with all that a picture by its recipe shows.
    called: what its command says that a recipe of another job is not; a command without takes recipes of all jobs.
    call: what of gdviz runs it from Python. group: the command above its own, if any. films: whether it can be filmed,
    touched: whether a page can play it, by `played` in the module that composes it.
    """

    options: type[Recipe]
    run: Callable[..., Made]
    file: Callable[[Any], str]
    read: Callable[[Mapping[str, Any], Any], Recipe] = words.read
    told: Callable[[Any, bool, Sequence[str]], list[str]] | None = None
    whole: Callable[[Any], Recipe] = _alone
    notes: Callable[[Any, Any], list[str]] = _silent
    results: Callable[[Any, Any], list[tuple[str, ...]]] = _silent
    completed: Callable[[Any], Any] = _alone
    called: str = ""
    call: str = ""
    group: str = ""
    films: bool = True
    touched: bool = False

    @property
    def drawn(self) -> frozenset[str]:
        """Options of its recipes that say how a run is drawn; the others say what was run."""
        return frozenset(option.key for option in options_of(self.options).values() if option.draws)

    @property
    def name(self) -> str:
        """Its word, and that of its modules."""
        return self.options.__name__.lower()

    @property
    def command(self) -> str:
        """What follows gdviz to ask for it."""
        return f"{self.group} {self.name}".strip()

    def compose(self, made: Made, rate: Fraction | None = None) -> Scene:
        """The scene of what a recipe gave; `rate` are the frames a second of a format that cannot show the recipe's."""
        scene = cast("Scene", importlib.import_module(f"gdviz.compose.{self.name}").compose(made, rate))
        asked = made.recipe
        return scene.bared(asked.title is not None, asked.caption is not None) if asked.bare else scene

    def played(self, made: Made, scene: Scene) -> dict[str, Any]:
        """What a page that plays says of it besides its scene."""
        return cast("dict[str, Any]", importlib.import_module(f"gdviz.compose.{self.name}").played(made, scene))


def of(recipe: Recipe) -> Job:
    """The job of a recipe."""
    return JOBS[recipe.job]


def read(typed: Mapping[str, Any], base: Recipe | None, asked: type[Recipe]) -> Recipe:
    """The recipe of what was typed after the command of a job, over that of a file if there is one.

    Raises UsageError or RecipeError with the option and what to type instead.
    """
    job = JOBS[asked]
    base = model_of(asked)() if base is None else base.taken(asked) if base.is_open else base
    if base.job is asked:
        return job.read(typed, base)
    if job.called:
        raise UsageError(f"the recipe is not one of {job.called}; type gdviz plot --recipe")
    known = {option.key for option in options_of(base.job).values() if option.help and not option.kind}
    if wrong := [option for option in words.given(typed, asked) if option.key not in known]:
        raise UsageError(f"the recipe is one of gdviz {of(base).command}, so it takes no {wrong[0].flag}; drop it")
    return of(base).read(typed, base)


def command_of(recipe: Recipe, file: str | None = None) -> str:
    """The command that makes a recipe's artefact; options at their defaults are left out.

    file: path of the artefact, whose ending tells a picture from a film and whose name the command gives it; a recipe
    alone is one of a film, unless it says which step is shown.
    """
    ending = Path(file or "").suffix.lower()
    still = ending not in CLIPS if ending in FORMATS else recipe.at is not None
    out = ["--out", Path(file).name] if file is not None and ending in (*FORMATS, studies_words.STORE) else []
    job = of(recipe)
    said = job.told(recipe, still, out) if job.told else words.command(recipe, job.name, out=out)
    return shlex.join(said)


def make(recipe: Recipe, progress: Progress | None = None, **how: Any) -> Made:
    """What comes of a recipe; how: what its job's run is told besides. Raises UsageError as `whole` and `check_texts`
    do."""
    asked = whole(recipe)
    check_texts(asked)
    return of(recipe).run(asked, progress, **how)


def whole(recipe: Recipe) -> Any:
    """The recipe with all the definitions that it does not name.

    Raises RecipeError when it was made with a plugin that is not loaded, or with functions.
    """
    for name, origin in recipe.plugins.items():
        if origin in (provenance.FUNCTION, provenance.DIFFERENCES):
            raise RecipeError(f"the recipe was made with {origin}, {name}, which it does not hold; run it from Python")
        if name not in loaded_plugins():
            raise RecipeError(f"the recipe was made with the plugin {name}; add --plugin {name}")
    return of(recipe).whole(recipe)


def definitions_of(recipe: Recipe) -> list[Definition]:
    """All definitions that a recipe names, each once, first what is descended. Raises UsageError for unknown names."""
    named = dict.fromkeys((kind, entry.name) for kind, entry in of(recipe).whole(recipe).named())
    return [find(kind, name) for kind, name in sorted(named, key=lambda one: one[0] not in ("landscape", "signal"))]


def check_texts(recipe: Recipe) -> None:
    """Raise UsageError, before any work, for a language or a font that is not there, and for what in the recipe's own
    texts cannot be written: letters that the font lacks, mathematics that is none."""
    texts(recipe.lang)
    own = recipe.texts()
    if recipe.font is not None or not all(map(str.isascii, own)):
        from gdviz.draw.fonts import check_letters

        for text in ("", *own):
            check_letters(text, recipe.font)
    if any("$" in text for text in own):
        from gdviz.compose.formulas import check_mathematics

        check_mathematics(own, recipe.font)


D = TypeVar("D", bound=Descent)


def _racing(recipe: D) -> D:
    return recipe if recipe.optimizer else recipe.updated(optimizer=[{"name": n, "lr": "auto"} for n in OPTIMIZERS])


def _race(recipe: Race, progress: Progress | None) -> Trajectories:
    """Runs of every optimizer; of more than RECORDS recorded steps only every so manieth is kept."""
    from gdviz.compose.race import check

    if recipe.starts_hash is not None and recipe.start is None:
        raise RecipeError("the starts of this run were given as an array and are not in its recipe; type --start X,Y")
    setting = _shown(settle(recipe))
    check(setting)
    return simulation.race(setting, progress=_told(progress, "simulating"))


def _train(recipe: Train, progress: Progress | None) -> Trained:
    """Trained networks, recorded as a race is; their paths are kept where the picture shows them."""
    from gdviz.compose.train import check, runs_shown
    from gdviz.plans.training import settle
    from gdviz.runs import training

    setting = _shown(settle(recipe))
    check(setting)
    return training.train(setting, progress=_told(progress, "training"), paths=runs_shown(setting))


def _completed(run: Trained) -> Trained:
    from gdviz.compose.train import check, runs_shown
    from gdviz.runs import training

    setting = run.setting.told(run.recipe)
    check(setting)
    return training.completed(run, runs_shown(setting))


def _slice(recipe: Slice, progress: Progress | None) -> Slices:
    from gdviz.compose.slice import check
    from gdviz.plans.training import settle
    from gdviz.runs import slices

    settings = [_shown(settle(one)) for one in slices.trainings(recipe)]
    check(recipe)
    return slices.cut_all(recipe, settings, _told(progress, "training"))


S = TypeVar("S", bound=Settled)


def _shown(setting: S) -> S:
    """The setting that records no more than a picture shows, see RECORDS."""
    if setting.steps <= RECORDS * setting.recipe.every:
        return setting
    fewer = setting.recipe.updated(every=-(-setting.steps // RECORDS))
    return cast(S, dataclasses.replace(cast(Any, setting), recipe=fewer))


def _told(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(done, total, stage)


def _all_rows(recipe: Signal) -> Signal:
    entries = recipe.optimizer or [entry for row in all_rows() for entry in expand(row.name)]
    return recipe if recipe.optimizer else recipe.updated(optimizer=[entry.flat() for entry in entries])


def _signal(recipe: Signal, progress: Progress | None) -> Responses:
    from gdviz.compose.signal import check

    check(recipe)
    return respond(recipe)


def _descending(recipe: D) -> D:
    return recipe if recipe.optimizer else recipe.updated(optimizer=[{"name": "gd"}])


def _study(
    recipe: Descent, progress: Progress | None, *, store: Path | None = None, anew: bool = False, **how: Any
) -> Study:
    """A study; store, anew: where it is kept, see `planned`; how: who computes it, and what stands in for its names."""
    from gdviz.compose.studies import check
    from gdviz.studies.execution import study
    from gdviz.studies.planning import planned

    check(recipe)
    shared = {key: how.pop(key) for key in ("part", "cluster") if key in how}
    problem, place = planned(recipe, store, anew=anew, **how)
    return study(problem, store=place, threads=recipe.threads, progress=progress, **shared)


def _name_of_study(recipe: Descent) -> str:
    from gdviz.studies.study import name_of

    return name_of(recipe)


def _about(module: str, what: str) -> Callable[..., Any]:
    """What a module of gdviz.about answers, loaded when it is asked."""
    return lambda *given: getattr(importlib.import_module(f"gdviz.about.{module}"), what)(*given)


def _of_studies(kind: str, called: str, read: Callable[..., Any] = words.read, whole: Any = _racing) -> Job:
    return Job(
        KINDS[kind],
        _study,
        file=_name_of_study,
        read=read,
        told=studies_words.told,
        whole=whole,
        notes=_about("studies", "notes"),
        results=_about("studies", "ledger"),
        called=called,
        call="study",
        group="study",
        films=False,
    )


_ALL = (
    Job(
        Race,
        _race,
        file=lambda recipe: recipe.landscape or "formula",
        read=race_words.read,
        told=race_words.told,
        whole=_racing,
        notes=results.notes,
        results=results.ledger,
        completed=anatomy.completed,
        call="simulate",
        touched=True,
    ),
    Job(
        Train,
        _train,
        file=lambda recipe: f"{recipe.data.word}-{recipe.model.name}",
        read=train_words.read,
        whole=_racing,
        notes=_about("training", "notes"),
        results=_about("training", "ledger"),
        completed=_completed,
        called="training",
        call="train",
        touched=True,
    ),
    Job(
        Slice,
        _slice,
        file=lambda recipe: f"{recipe.data.word}-{recipe.model.name}-slice",
        read=train_words.read,
        whole=_racing,
        notes=_about("slices", "notes"),
        results=_about("slices", "ledger"),
        called="cuts of the loss",
        call="slice",
    ),
    Job(
        Signal,
        _signal,
        file=name_of,
        read=signal_words.read,
        told=signal_words.told,
        whole=_all_rows,
        called="responses to signals",
    ),
    Job(
        Chart,
        lambda recipe, progress: curves(recipe),
        file=lambda recipe: "chart",
        read=chart_words.read,
        told=chart_words.told,
        called="a chart",
    ),
    _of_studies("basins", "basins of attraction", race_words.read),
    _of_studies("sweep", "a sweep", studies_words.read_either),
    _of_studies("ensemble", "an ensemble", studies_words.read_either),
    _of_studies("trainability", "trainability", whole=_descending),
)

JOBS: Mapping[type[Recipe], Job] = {job.options: job for job in _ALL}
"""Every job by its options."""
