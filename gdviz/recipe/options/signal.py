"""What a sheet of responses to signals can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.descent import DTYPES
from gdviz.recipe.options.look import Job
from gdviz.recipe.options.rows import Rows

if TYPE_CHECKING:
    from gdviz.recipe.entries import Entry
    from gdviz.recipe.signal import Sequence


class Signal(Rows, Job):
    """Methods that are fed with made-up gradients."""

    methods: tuple[str, ...] = option(
        (),
        "Methods, each with its curves in a row",
        flags=("methods",),
        metavar="[METHOD[:KEY=VALUE…]]…",
        several=True,
        kind="optimizer",
        stored=False,
    )
    optimizer: tuple[Entry, ...] = option(
        (),
        "A curve, as in -o adam:beta1=0.25; all that are given stand in one picture",
        word="optimizers",
        flags=("-o", "--optimizer"),
        metavar="NAME[:KEY=VALUE…]",
        several=True,
        lists=True,
        kind="optimizer",
    )
    signal: tuple[Sequence, ...] = option(
        (),
        "A signal, a formula in i such as sin(i/10), or FILE.csv:COLUMN; may be given again",
        usual="all six",
        word="signals",
        metavar="NAME|FORMULA|FILE",
        several=True,
        kind="signal",
        decides=True,
    )
    constants: dict[str, float] = option(
        {},
        "A constant; may be given again",
        flags=("--set",),
        metavar="NAME=VALUE",
        several=True,
        stored=False,
    )
    steps: int | None = option(
        None, "Number of points", usual="300, or the file's", metavar="N", limits={"ge": 1, "le": 10**7}
    )
    original: bool = option(
        False, "Read between two points as the lecture's script did: the lower one plus a share of the upper one"
    )
    dtype: str = option("float64", choices=DTYPES)
