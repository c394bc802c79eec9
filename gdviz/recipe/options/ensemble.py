"""What the distribution of very many runs can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.study import Either, Studied

if TYPE_CHECKING:
    from gdviz.recipe.model import ModelEntry
    from gdviz.recipe.values import Domain


class Ensemble(Studied, Either):
    """Very many runs that differ by chance or in their start, on a landscape or of a model on data."""

    study: str = option("ensemble", choices=("ensemble",), decides=True)
    landscape: str | None
    model: ModelEntry | None
    runs: int = option(10_000, "Runs of each optimizer", usual="10000", metavar="N", limits={"ge": 1, "le": 10**10})
    starts: int | None = option(
        None,
        "Random points of the domain from which runs start in turn, in place of --start",
        usual="the landscape's start where anything is random, else one for each run",
        metavar="N",
        limits={"ge": 1, "le": 10**10},
    )
    domain: Domain | None
    steps: int | None
    every: int = option(
        1, "Record each K-th step only", usual="as it makes at most 200 records", metavar="K", limits={"ge": 1}
    )
