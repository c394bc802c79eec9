"""What a race of optimizers over a landscape can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.descent import Descent

if TYPE_CHECKING:
    from gdviz.recipe.callouts import Mark, Note
    from gdviz.recipe.entries import Arrow, Entry, Pace, Tuned
    from gdviz.recipe.values import Domain, Finite, Inset, Levels, Panels, Starts, Text

HEIGHTS = ("log", "quantile", "linear")
"""How level lines may be spread."""


class Race(Descent):
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
    optimizer: tuple[Entry, ...]
    transform: tuple[Entry, ...]
    dim: int | None = option(
        None,
        "Coordinates of a family, up to 20",
        usual="2",
        metavar="N",
        limits={"ge": 1, "le": 20},
        place=True,
        tunes=True,
    )
    schedule: tuple[Pace, ...]
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
    every: int
    tuned: tuple[Tuned, ...] = option((), place=True)  # what fair = "tuned" found
    tol: float
    seed: int
    first: int
    dtype: str
    backend: str
    threads: int | None

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
    note: tuple[Note, ...]
    mark: tuple[Mark, ...] = option(
        (),
        "A text beside a place of the landscape, as in --mark 0,0:saddle; may be given again",
        metavar="X,Y:TEXT",
        several=True,
        lists=True,
        draws=True,
        place=True,
    )
    labels: tuple[str, ...]
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
