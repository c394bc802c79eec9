"""What the distribution of very many runs can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import left_out, option
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.study import Studied
from gdviz.recipe.options.train import Train

if TYPE_CHECKING:
    from gdviz.recipe.model import ModelEntry
    from gdviz.recipe.values import Domain


class Ensemble(Studied, Race, Train):
    """Very many runs that differ by chance or in their start, on a landscape or of a model on data."""

    study: str = option("ensemble", choices=("ensemble",), decides=True)
    landscape: str | None = option(
        None,
        "A landscape, a formula, or with --data a model",
        flags=("landscape",),
        metavar="[LANDSCAPE|FORMULA|MODEL]",
        kind="landscape",
    )
    model: ModelEntry | None = option(None, kind="model")
    runs: int = option(10_000, "Runs of each optimizer", usual="10000", metavar="N", limits={"ge": 1, "le": 10**10})
    starts: int | None = option(
        None,
        "Random points of the domain from which runs start in turn, in place of --start",
        usual="the landscape's start where anything is random, else one for each run",
        metavar="N",
        limits={"ge": 1, "le": 10**10},
    )
    domain: Domain | None = option(
        None,
        "Where random starts are; whole is the landscape's own box",
        usual="the landscape's own box",
        metavar="X0:X1,Y0:Y1|whole",
        lists=True,
        place=True,
        tunes=True,
    )
    steps: int | None = option(
        None,
        "Number of steps",
        usual="the landscape's, or 20 epochs",
        metavar="N",
        limits={"ge": 1, "le": 10**7},
        place=True,
        tunes=True,
    )
    every: int = option(
        1, "Record each K-th step only", usual="as it makes at most 200 records", metavar="K", limits={"ge": 1}
    )
    starts_hash = fair = tuned = target = left_out()
    view = panel = split = anatomy = arrows = mark = window = inset = levels = axis = plane = left_out()
