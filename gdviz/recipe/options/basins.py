"""What a map of basins of attraction can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import again, left_out, option
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.study import Mapped

if TYPE_CHECKING:
    from gdviz.recipe.values import Domain


class Basins(Mapped, Race):
    """Starts all over a landscape, and the minimum to which each of them leads."""

    study: str = option("basins", choices=("basins",), decides=True)
    domain: Domain | None = again(
        Race.domain,
        "Where the starts are; whole is the landscape's own box",
        usual="the landscape's own box",
        draws=False,
    )
    start = starts_hash = fair = tuned = every = left_out()
    view = panel = split = anatomy = arrows = mark = window = inset = levels = left_out()
