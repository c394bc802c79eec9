"""What every study can be asked for: maps and distributions made of very many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import again, left_out, option
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.train import Train

if TYPE_CHECKING:
    from gdviz.recipe.grids import Resolution
    from gdviz.recipe.model import ModelEntry
    from gdviz.recipe.values import Domain


class Studied:
    """Cells, each of which is worth what one or many runs come to."""

    radius: float | None = option(
        None,
        "The distance within which a run is at a minimum",
        usual="half of that between the nearest two minima, at most 2 % of the domain's diagonal",
        metavar="D",
        limits={"gt": 0, "allow_inf_nan": False},
    )
    chunk: int | None = option(
        None,
        "Cells of a chunk's side, which is computed and stored as one; no number depends on it",
        usual="by the work of a run",
        metavar="N",
        limits={"ge": 1, "le": 10**6},
    )
    part: str | None = option(
        None,
        "Compute only every N-th chunk from the K-th on, as one of N jobs that share a store",
        metavar="K/N",
        stored=False,
    )
    cluster: str | None = option(
        None,
        "Hand chunks to the workers of a Dask scheduler, of its file, or to N of one's own",
        metavar="ADDRESS|FILE|local:N",
        stored=False,
    )
    dry_run: bool = option(False, "Tell what it would take, and compute nothing", stored=False)
    fps = seconds = pace = hold = stops = draft = at = left_out()
    labels = note = first = left_out()


class Mapped(Studied):
    """Cells that are places of a map."""

    resolution: Resolution = option("512x512", "Cells across and down", usual="512x512", metavar="WxH")
    reliability: str = option(
        "yes",
        "Whether the map says how far it can be trusted: which share of its labels changes with the last digit of "
        "the start, with the precision and at twice the resolution",
        usual="yes",
        choices=("yes", "no"),
    )


class Either(Race, Train):
    """Runs on a landscape or of a model on data, whichever is named."""

    landscape: str | None = again(
        Race.landscape,
        "A landscape, a formula, or with --data a model",
        metavar="[LANDSCAPE|FORMULA|MODEL]",
        decides=False,
    )
    model: ModelEntry | None = option(None, kind="model")
    domain: Domain | None = again(
        Race.domain,
        "Where random starts are; whole is the landscape's own box",
        usual="the landscape's own box",
        draws=False,
    )
    steps: int | None = again(Race.steps, "Number of steps", usual="the landscape's, or 20 epochs")
    starts_hash = fair = tuned = left_out()
    view = panel = split = anatomy = arrows = mark = window = inset = levels = axis = plane = left_out()
