"""What a map of trainable learning rates can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import again, left_out, option
from gdviz.recipe.options.study import Mapped
from gdviz.recipe.options.train import Train

if TYPE_CHECKING:
    from gdviz.recipe.values import Batch, Domain

VARIED = ("rates", "init")
"""What may be varied across: the rate of the hidden layers, or the mean of the first layer's initial weights."""


class Trainability(Mapped, Train):
    """Networks all over a grid of rates, and which of them learn."""

    study: str = option("trainability", choices=("trainability",), decides=True)
    width: int = option(16, "Neurons of a hidden layer", usual="16", metavar="N", limits={"ge": 1, "le": 4096})
    depth: int = option(1, "Hidden layers", usual="1", metavar="N", limits={"ge": 1, "le": 100})
    vary: str = option(
        "rates",
        "What is varied: rates, that of the hidden layers across and of the last one upwards; init, the mean of the "
        "first layer's initial weights across and the rate of all layers upwards",
        usual="rates",
        choices=VARIED,
    )
    batch: Batch | None = again(Train.batch, "Samples of a step, or full", usual="full")
    steps: int | None = again(Train.steps, "Number of steps", usual="500")
    domain: Domain | None = option(
        None,
        "The values across and upwards, on logarithmic axes",
        usual="0.1:1000,0.1:1000",
        metavar="U0:U1,V0:V1",
        lists=True,
    )
    window: int = option(
        20,
        "The last steps, over which the mean loss tells whether a network learned",
        usual="20",
        metavar="N",
        limits={"ge": 1, "le": 10**7},
    )
    colors: str = option(
        "inks",
        "How the map is coloured: inks, two with a dark line between them; rank, by the place of each score among all "
        "of its side, as in the paper",
        usual="inks",
        choices=("inks", "rank"),
        draws=True,
    )
    model = data = task = epochs = runs = init = loss = l1 = l2 = validation = standardise = embed = left_out()
    every = radius = panel = axis = plane = left_out()
