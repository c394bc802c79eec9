"""What every job that runs optimizers can be asked for, whatever they descend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.look import Job

if TYPE_CHECKING:
    from gdviz.recipe.callouts import Note
    from gdviz.recipe.entries import Entry, Pace

DTYPES = ("float64", "float32")


class Descent(Job):
    """Optimizers that descend something."""

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
    every: int = option(1, "Record and show each K-th step only", metavar="K", limits={"ge": 1})
    tol: float = option(
        0.0,
        "Stop a run when its gradient's norm is below T",
        metavar="T",
        limits={"ge": 0, "allow_inf_nan": False},
    )
    seed: int = option(0, "Seed of everything random", metavar="N", limits={"ge": 0, "lt": 2**32}, tunes=True)
    first: int = option(
        0,
        "Number of the first run, from 0: what is random of a run follows from the seed and its number alone",
        metavar="N",
        limits={"ge": 0, "le": 10**10},
    )
    dtype: str = option("float64", "Precision", usual="float64", choices=DTYPES, tunes=True)
    backend: str = option(
        "auto",
        "What computes; the results are the same, but for the last digits on a GPU, which cuda is",
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
    labels: tuple[str, ...] = option(
        ("start", "names"),
        "What has words beside it; names: of up to eight optimizers, at heads of paths and curves; may be given again",
        usual="start, names",
        flags=("--label",),
        choices=("start", "names", "minimum", "levels", "none"),
        several=True,
        draws=True,
    )
