"""What a sweep of hyperparameters can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import left_out, option
from gdviz.recipe.options.study import Either, Mapped

if TYPE_CHECKING:
    from gdviz.recipe.grids import Grids
    from gdviz.recipe.model import ModelEntry
    from gdviz.recipe.values import Domain


class Sweep(Mapped, Either):
    """Hyperparameters all over a grid, and how runs with them end, on a landscape or of a model on data."""

    study: str = option("sweep", choices=("sweep",), decides=True)
    landscape: str | None
    model: ModelEntry | None
    grid: Grids = option(
        (),
        "What is varied, and its values: of a hyperparameter, as in lr=log:1e-4:1:64 or beta1=lin:0:0.999:64, the rate "
        "of a layer, as in lr.1, a constant of the landscape, an option of a transform or of the initial weights, as "
        "in gaussian.sigma or init.std, batch or seed, as in batch=1/8/full; may be given again",
        metavar="NAME=lin|log:A:B:N|V/V…",
        several=True,
    )
    starts: int | None = option(
        None,
        "Runs of a cell, from the points of --start in turn, else from random ones of the domain",
        usual="16 where anything is random, else 1, from the landscape's start",
        metavar="N",
        limits={"ge": 1, "le": 10**6},
    )
    target: float | None = option(
        None,
        "The loss, above that of the minimum, from which on a run counts as arrived; by batches it is looked at once "
        "an epoch",
        usual="a thousandth of that at the start; of models a tenth",
        metavar="LOSS",
        limits={"gt": 0, "allow_inf_nan": False},
    )
    domain: Domain | None
    steps: int | None
    show: str | None = option(
        None,
        "What is drawn first: steps, the share that succeeds, the final loss or the share that diverges",
        usual="final of one axis; of two steps, where any run succeeds",
        choices=("steps", "success", "final", "diverged"),
        draws=True,
    )
    resolution = every = runs = radius = left_out()
