"""What a cut of the loss around trained weights can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import left_out, option
from gdviz.recipe.options.train import Train

if TYPE_CHECKING:
    from gdviz.recipe.data import DataEntry
    from gdviz.recipe.model import ModelEntry

PLANES = ("random", "pca", "line", "between")
"""Where cuts may go."""

VIEWS = ("contour", "heat")
"""How planes may be drawn."""


class Slice(Train):
    """Cuts of the loss around the weights that optimizers found for a model."""

    model: ModelEntry | None
    against: ModelEntry | None = option(
        None,
        "Another model beside it, trained with the same optimizers and rates",
        metavar="MODEL[:WIDTHS][:KEY=VALUE…]",
        kind="model",
    )
    data: DataEntry | None
    cut: str = option(
        "random",
        "Where the cut goes: random, two directions by chance, filter-normalised; line, one of them; pca, the plane in "
        "which the path varies most; between, from the weights of the first optimizer to those of the second, or of "
        "the first run to the second",
        usual="random",
        word="plane",
        flags=("--plane",),
        choices=PLANES,
        decides=True,
    )
    span: float = option(
        1.0,
        "How far it goes: of directions by chance to either side, 1 as long as the weights; of pca 1 just holds the "
        "path; of between half of it lies beyond each end",
        usual="1",
        metavar="S",
        limits={"gt": 0, "allow_inf_nan": False},
    )
    grid: int = option(101, "Points of each side", usual="101", metavar="N", limits={"ge": 2, "le": 1001})
    view: str = option("contour", "How a plane is drawn", usual="contour", choices=VIEWS, draws=True)
    panel = axis = plane = note = left_out()
