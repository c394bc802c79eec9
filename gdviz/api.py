"""What users, scripts and the command line call.

Everything above the kernels meets here: recipes are run, scenes composed, frames rendered and written.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz import __version__, simulation
from gdviz.analyse import minima
from gdviz.callables import read_landscape, read_optimizer
from gdviz.citation import bibtex as citations
from gdviz.description import lines as description
from gdviz.encode import atomic, check_target, gif_rate, labels, open_writer
from gdviz.encode import read_recipe as embedded_recipe
from gdviz.encode.formats import FORMATS, moving
from gdviz.errors import RecipeError, UsageError
from gdviz.installation import findings as installation
from gdviz.laws import examine
from gdviz.plugins import loaded_plugins
from gdviz.preparation import kernel_text, warm_up
from gdviz.recipe import (
    Entry,
    Recipe,
    parse_constant,
    parse_domain,
    parse_recipe,
    parse_transforms,
    read_toml,
    resolve_options,
    validate,
)
from gdviz.registry import Definition, find
from gdviz.simulation import Trajectories, rerun
from gdviz.starts import read_starts

if TYPE_CHECKING:
    from gdviz.scene import Scene

__all__ = [
    "Entry",
    "Recipe",
    "Trajectories",
    "Written",
    "animate",
    "bibtex",
    "changes",
    "check_outputs",
    "definitions_of",
    "description",
    "examine",
    "installation",
    "kernel_text",
    "load_recipe",
    "minima",
    "optimizer",
    "parse_constant",
    "parse_domain",
    "parse_formula",
    "parse_recipe",
    "plot",
    "render",
    "rerun",
    "run",
    "simulate",
    "warm_up",
]

CLIPS = moving()
STILLS = tuple(ending for ending in FORMATS if ending not in CLIPS)

Progress = Callable[[int, int, str], None]
"""Called with (done, total, stage) while something long is under way."""

OPTIMIZERS = ("gd", "momentum", "rmsprop", "adam")
"""Who races when nobody is named."""

DRAWN = frozenset(
    {
        *("view", "panel", "split", "anatomy", "arrows", "labels", "domain", "levels"),
        *("size", "fps", "seconds", "at", "theme", "lang", "title", "caption"),
        *("font", "font_size", "draft"),
    }
)
"""Options of a recipe that say how a run is drawn; the others say what was run."""

RECORDS = 10_000
"""Recorded steps that a picture is made of; a clip of a minute has a third as many frames."""

PALETTE_FRAMES = 6
"""Frames, spread over the clip, whose colours make a GIF's palette."""


@dataclasses.dataclass(frozen=True)
class Written:
    """A finished file; `note` is one sentence where it could not take the name asked for, else empty."""

    path: Path
    note: str


def optimizer(
    name: str, *, label: str | None = None, preset: str | None = None, **options: float | str | bool | tuple[float, ...]
) -> Entry:
    """An optimizer with options, for `simulate`: `optimizer("momentum", lr=2e-3)`. Raises UsageError.

    `label` names it in legends, `preset` chooses a library's or lecture's convention; `lr="auto"` lets gdviz choose.
    """
    definition = find("optimizer", name)
    values = {"name": definition.name, "label": label, "preset": preset, **definition.spelled(options)}
    entry = Entry.model_validate(values)
    resolve_options(entry, definition)
    return entry


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
    transforms: Sequence[str] = (),
    fair: str | None = None,
    progress: Progress | bool | None = None,
) -> Trajectories:
    """Run optimizers over a landscape.

    landscape: a name, or a function of its coordinates, f(x, y), or of one array where the start has several. Of one
    written with the functions of gdviz.formula the gradient is derived, of any other it is grad, or else central
    differences, which a warning says. optimizers: names with options as after -o ("adam:lr=0.1"), results of
    `optimizer`, or step rules. start: one point or several, data units, by default the landscape's; dim: coordinates of
    a family that takes *x, by default 2; domain: ranges of the coordinates that are looked at, by default the
    landscape's or ±3; steps: by default the landscape's; every: record each k-th step; tol: stop a run when the
    gradient's norm falls below it, 0 runs all steps; backend: "python", "cpu" or whichever suits the amount of work,
    with the same results; threads: of the compiled one, by default all cores this process may use; constants: of the
    landscape; transforms: what changes the gradient, as after --transform ("gaussian:sigma=0.5"); fair: "lr" gives
    all the same rate, "tuned" each its best one from random starts, "evals" all as many evaluations as `steps`;
    progress: True shows a bar for runs that take their time, a function is called with (done, total, "simulating").

    More than a thousand starts are not written into the recipe, which then holds their hash only: memory stays bounded
    by the answer, so record little (`every=steps`) of millions of runs.

    Raises UsageError, DefinitionError where something does not fit. See Trajectories for what comes back.
    """
    optimizers = [optimizers] if isinstance(optimizers, str) else optimizers
    entries, rules = zip(*map(read_optimizer, optimizers), strict=True) if optimizers else ((), ())
    points, many = read_starts(start)
    place = read_landscape(landscape, grad, points[0] if points else None if many is None else many[0].tolist())
    recipe = validate(
        {
            "landscape": landscape if place is None else place.name,
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
            "transform": [entry.flat() for text in transforms for entry in parse_transforms(text)],
        }
    )
    told = _told(_bar if progress is True else progress or None)
    return simulation.simulate(recipe, place, rules, told, many)


def _bar(done: int, total: int, stage: str) -> None:
    """One line on standard error that is written over and over."""
    filled = 40 * done // max(total, 1)
    end = "\n" if done == total else ""
    print(f"\r{stage} [{'#' * filled}{' ' * (40 - filled)}] {100 * done // max(total, 1)} %", end=end, file=sys.stderr)


def _told(progress: Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(done, total, "simulating")


def run(recipe: Recipe, progress: Progress | None = None) -> Trajectories:
    """Run a recipe that is to be drawn; of more than RECORDS recorded steps only every so manieth is kept.

    Raises UsageError, also when the recipe was made with a plugin that is not loaded.
    """
    from gdviz.compose import check
    from gdviz.plan import settle

    if recipe.starts_hash is not None and recipe.start is None:
        raise RecipeError("the starts of this run were given as an array and are not in its recipe; type --start X,Y")
    for name, origin in recipe.plugins.items():
        if origin in (simulation.FUNCTION, simulation.DIFFERENCES):
            raise RecipeError(f"the recipe was made with {origin}, {name}, which it does not hold; run it from Python")
        if name not in loaded_plugins():
            raise RecipeError(f"the recipe was made with the plugin {name}; add --plugin {name}")
    if not recipe.optimizer:
        recipe = recipe.updated(optimizer=[{"name": name, "lr": "auto"} for name in OPTIMIZERS])
    setting = settle(recipe)
    check(setting)
    steps = setting.recipe.steps or 0
    if steps > RECORDS * recipe.every:
        recipe = recipe.updated(every=-(-steps // RECORDS))
    return simulation.simulate(recipe, progress=_told(progress))


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


def changes(recipe: Recipe, result: Trajectories) -> list[str]:
    """Names of definitions whose text is no longer the one a recipe was made with."""
    now = result.recipe.digests
    return [name for name, digest in recipe.digests.items() if name in now and now[name] != digest]


def definitions_of(recipe: Recipe) -> list[Definition]:
    """The landscape, the optimizers and the transforms of a recipe, each once. Raises UsageError for unknown names."""
    found = [find("landscape", recipe.landscape)] if recipe.landscape else []
    names = [entry.name for entry in recipe.optimizer] or list(OPTIMIZERS)
    found += [find("optimizer", name) for name in dict.fromkeys(names)]
    return found + [find("transform", entry.name) for entry in recipe.transform]


def animate(
    source: Trajectories | Recipe | str,
    out: str | Path | Iterable[str | Path] | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
    **changed: Any,
) -> list[Path]:
    """Make clips (.mp4, .gif) and stills of the last step (.png, .svg, .pdf), one simulation for all of them.

    source: a run, a recipe, or a landscape's name; out: one path or several, by default ./LANDSCAPE.mp4; force: replace
    files that gdviz did not make; other keywords change the recipe's options (`lang="kk"`, `theme="dark"`, …).
    Returns the paths as they were written. Raises UsageError, OutputError.
    """
    made = _source(source, changed)
    return [file.path for file in render(made, _outs(out, made, ".mp4"), force=force, progress=progress)]


def plot(
    source: Trajectories | Recipe | str,
    out: str | Path | Iterable[str | Path] | None = None,
    *,
    at: int | None = None,
    force: bool = False,
    **changed: Any,
) -> list[Path]:
    """Make stills (.png, .svg, .pdf) of step `at`, by default the last; the rest is as in `animate`."""
    made = _source(source, changed if at is None else {**changed, "at": at})
    outs = _outs(out, made, ".png")
    check_outputs(outs, force, clips=False)
    return [file.path for file in render(made, outs, force=force)]


def _source(source: Trajectories | Recipe | str, changed: Mapping[str, Any]) -> Trajectories:
    if isinstance(source, Trajectories):
        if wrong := set(changed) - DRAWN:
            raise UsageError(f"{min(wrong)} belongs to the simulation; pass it to gdviz.simulate")
        recipe = source.recipe.updated(**changed) if changed else source.recipe
        return dataclasses.replace(source, recipe=recipe)
    recipe = source if isinstance(source, Recipe) else validate({"landscape": source})
    return run(recipe.updated(**changed) if changed else recipe)


def _outs(out: str | Path | Iterable[str | Path] | None, made: Trajectories, ending: str) -> list[Path]:
    if out is None:
        return [Path(f"{made.setting.landscape.name}{ending}")]
    return [Path(out)] if isinstance(out, (str, Path)) else [Path(item) for item in out]


def check_outputs(outs: Iterable[str | Path], force: bool = False, *, clips: bool = True) -> None:
    """Raise OutputError for files that cannot be written, before any work is done."""
    seen: set[Path] = set()
    for out in outs:
        check_target(out, force, (*CLIPS, *STILLS) if clips else STILLS)
        if (path := Path(out).absolute()) in seen:
            raise UsageError(f"--out {out} is given twice")
        seen.add(path)


def render(
    made: Trajectories,
    outs: Sequence[str | Path],
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> list[Written]:
    """Write every file of `outs` from one run; the format is told by the ending."""
    check_outputs(outs, force)
    with np.errstate(all="ignore"):  # landscapes overflow far out; what is not finite is left blank
        return [
            _write_clip(made, Path(out), force, progress)
            if Path(out).suffix.lower() in CLIPS
            else _write_still(made, Path(out), force)
            for out in outs
        ]


def _metadata(made: Trajectories, scene: Scene) -> dict[str, str]:
    return {"gdviz": made.recipe.text(), "title": scene.title, "software": f"gdviz {__version__}"}


def _write_clip(made: Trajectories, out: Path, force: bool, progress: Progress | None) -> Written:
    from gdviz.compose import compose
    from gdviz.render import Renderer

    gif = out.suffix.lower() == ".gif"
    rate = Fraction(made.recipe.fps).limit_denominator(1001)
    scene = compose(made, gif_rate(rate) if gif else rate)
    renderer = Renderer(scene)
    frames = scene.clock.frames
    sampled = sorted({round(i * (frames - 1) / (PALETTE_FRAMES - 1)) for i in range(PALETTE_FRAMES)}) if gif else []
    with open_writer(
        out,
        size=scene.size,
        fps=scene.clock.fps,
        metadata=_metadata(made, scene),
        replace=force,
        palette_frames=(renderer.frame(i) for i in sampled),
        draft=made.recipe.draft,
    ) as writer:
        for i in range(frames):
            frame = renderer.frame(i)
            writer.write(frame, renderer.changed)
            if progress is not None:
                progress(i + 1, frames, out.name)
    return Written(writer.path, writer.note)


def _write_still(made: Trajectories, out: Path, force: bool) -> Written:
    from gdviz.compose import compose
    from gdviz.render import still

    scene = compose(made)
    record = len(made.t) - 1
    if made.recipe.at is not None:
        record = int(abs(made.t - made.recipe.at).argmin())
    with atomic(out, replace=force) as target:
        still(scene, record, target, out.suffix.lower().lstrip("."), labels(out, _metadata(made, scene)))
    return Written(target.path, target.note)
