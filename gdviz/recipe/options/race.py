"""What a race of optimizers over a landscape can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.look import Job

if TYPE_CHECKING:
    from gdviz.recipe.callouts import Mark, Note
    from gdviz.recipe.entries import Arrow, Entry, Pace, Tuned
    from gdviz.recipe.values import Domain, Finite, Inset, Levels, Panels, Starts, Text

DTYPES = ("float64", "float32")
HEIGHTS = ("log", "quantile", "linear")
"""How level lines may be spread."""


class Race(Job):
    """Optimizers that descend a landscape."""

    landscape: str | None = option(
        None,
        "A landscape, or a formula",
        flags=("landscape",),
        metavar="[LANDSCAPE|FORMULA]",
        kind="landscape",
        decides=True,
    )
    formula: Text | None = option(
        None, "A formula in x and y in place of LANDSCAPE; ^ means power", metavar="TEXT", decides=True
    )
    constants: dict[str, Finite] = option(
        {},
        "A constant; may be given again",
        flags=("--set",),
        metavar="NAME=VALUE",
        several=True,
        place=True,
        tunes=True,
    )
    optimizer: tuple[Entry, ...] = option(
        (),
        "An optimizer, as in -o adam:lr=0.1,beta1=0.8 or -o adam,gd; may be given again. Keys: its options, preset, "
        "label, color, dash, marker; lr=auto searches the rate",
        usual="gd, momentum, rmsprop, adam",
        word="optimizers",
        flags=("-o", "--optimizer"),
        metavar="NAME[:KEY=VALUE…]",
        several=True,
        lists=True,
        kind="optimizer",
        tunes=True,
    )
    transform: tuple[Entry, ...] = option(
        (),
        "What changes the gradient before the optimizer sees it, in the order typed, as in gaussian:sigma=0.5 or "
        "clip_norm:limit=1; `gdviz list transforms` shows all",
        word="transforms",
        metavar="NAME[:KEY=VALUE…]",
        several=True,
        lists=True,
        kind="transform",
        tunes=True,
    )
    dim: int | None = option(
        None,
        "Coordinates of a family, up to 20",
        usual="2",
        metavar="N",
        limits={"ge": 1, "le": 20},
        place=True,
        tunes=True,
    )
    schedule: tuple[Pace, ...] = option(
        (),
        "How a hyperparameter changes with the step, as in lr=cosine, adam.lr=step:every=50 or "
        '"lr=linear_warmup:steps=20 then cosine"; may be given again. `gdviz list schedules` shows all',
        word="schedules",
        metavar="[OPT.]PARAM=NAME[:KEY=VALUE…]",
        several=True,
        kind="schedule",
        tunes=True,
    )
    start: Starts | None = option(
        None,
        "Where to start; may be given again",
        metavar="X,Y",
        several=True,
        lists=True,
        place=True,
    )
    starts_hash: str | None = option(None, place=True)
    steps: int | None = option(
        None,
        "Number of steps",
        usual="the landscape's",
        metavar="N",
        limits={"ge": 1, "le": 10**7},
        place=True,
        tunes=True,
    )
    fair: str | None = option(
        None,
        "lr: all get the same rate; tuned: each the best from 64 random starts; evals: --steps counts evaluations, the "
        "same for all",
        choices=("lr", "tuned", "evals"),
        tunes=True,
    )
    every: int = option(1, "Record and show each K-th step only", metavar="K", limits={"ge": 1})
    tuned: tuple[Tuned, ...] = option((), place=True)  # what fair = "tuned" found
    tol: float = option(
        0.0,
        "Stop a run when its gradient's norm is below T",
        metavar="T",
        limits={"ge": 0, "allow_inf_nan": False},
    )
    seed: int = option(0, "Seed of everything random", metavar="N", limits={"ge": 0, "lt": 2**32}, tunes=True)
    dtype: str = option("float64", "Precision", usual="float64", choices=DTYPES, tunes=True)
    backend: str = option(
        "auto",
        "What computes; the results are the same",
        usual="auto, by the amount of work",
        recorded=True,
    )
    threads: int | None = option(
        None,
        "Threads of the compiled backend",
        usual="all cores",
        metavar="N",
        limits={"ge": 1, "le": 1024},
    )

    view: str | None = option(None, "How the landscape is drawn", choices=("contour", "line", "loss"), draws=True)
    panel: Panels = option(
        ("loss",),
        "What is drawn beside it, against the step: loss (or loss:log, loss:linear), gradient, step (its length), rate "
        "(effective, of each coordinate), state:NAME, a hyperparameter such as lr, or none; may be given again",
        usual="loss",
        word="panels",
        metavar="NAME",
        several=True,
        draws=True,
    )
    split: str | None = option(None, "A small picture for each of these", choices=("optimizer", "start"), draws=True)
    anatomy: int | None = option(
        None, "Take this step apart: arrows for what made it", metavar="STEP", limits={"ge": 1}, draws=True
    )
    arrows: tuple[Arrow, ...] = option(
        (),
        "Arrows of the gradient, of descent, or of what a transform makes of the gradient, as in descent:at=path; at: "
        "start, path or grid; may be given again",
        metavar="NAME[:KEY=VALUE…]",
        several=True,
        lists=True,
        draws=True,
    )
    note: tuple[Note, ...] = option(
        (),
        "A text beside the head of an optimizer, by default the first, from a step on, as in --note 12:overshoots or "
        "--note adam@5:turns; films stand still there; may be given again",
        metavar="[OPT@]STEP:TEXT",
        several=True,
        lists=True,
        draws=True,
        place=True,
    )
    mark: tuple[Mark, ...] = option(
        (),
        "A text beside a place of the landscape, as in --mark 0,0:saddle; may be given again",
        metavar="X,Y:TEXT",
        several=True,
        lists=True,
        draws=True,
        place=True,
    )
    labels: tuple[str, ...] = option(
        ("start", "names"),
        "What has words beside it; names: of up to eight optimizers, at heads of paths and curves; may be given again",
        usual="start, names",
        flags=("--label",),
        choices=("start", "names", "minimum", "levels", "none"),
        several=True,
        draws=True,
    )
    domain: Domain | None = option(
        None,
        "The part of the landscape that is looked at; whole is its own box",
        usual="around the paths",
        metavar="X0:X1,Y0:Y1|whole",
        lists=True,
        draws=True,
        place=True,
        tunes=True,
    )
    window: Domain | None = option(
        None,
        "The part that is drawn, where that is not all of --domain",
        metavar="X0:X1,Y0:Y1|whole",
        lists=True,
        draws=True,
        place=True,
    )
    inset: Inset | None = option(
        None,
        "What is shown magnified inside the main panel; auto: paths or ends of paths that are small in it",
        usual="auto",
        metavar="auto|off|X0:X1,Y0:Y1",
        lists=True,
        draws=True,
        place=True,
    )
    levels: Levels | None = option(
        None,
        "Level lines: log, quantile, linear or heights",
        metavar="WORD|A,B,…",
        lists=True,
        draws=True,
        place=True,
    )
