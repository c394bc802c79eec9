"""What a chart of curves can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.look import Job

if TYPE_CHECKING:
    from gdviz.recipe.chart import Graphs
    from gdviz.recipe.values import Finite


class Chart(Job):
    """Curves of formulas, activations and losses, without landscape or optimizer."""

    formulas: tuple[str, ...] = option(
        (),
        'Formulas in x, or names of activations and losses, whose slopes are typed with a prime, as in "tanh\'"',
        flags=("formulas",),
        metavar="[FORMULA|NAME]…",
        several=True,
        stored=False,
    )
    names: tuple[str, ...] = option(
        (),
        "What a curve is called, one for each",
        flags=("--name",),
        metavar="TEXT",
        several=True,
        stored=False,
    )
    range: str | None = option(None, "The values of x", usual="-3:3", metavar="A:B", lists=True, stored=False)
    log: str | None = option(None, "Which axes are logarithmic", choices=("x", "y", "xy"), stored=False)
    x: str | None = option(
        None, "What stands at the horizontal axis, as in bytes", usual="x", metavar="TEXT", stored=False
    )
    y: str | None = option(None, "What stands above the vertical axis", metavar="TEXT", stored=False)
    constants: dict[str, Finite] = option(
        {}, "A constant; may be given again", flags=("--set",), metavar="NAME=VALUE", several=True
    )
    chart: Graphs | None = option(decides=True)
    at: int | None = option(limits={"ge": 0}, draws=True, group="still")
