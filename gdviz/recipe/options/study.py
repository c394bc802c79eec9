"""What every study can be asked for: maps and distributions made of very many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import left_out, option

if TYPE_CHECKING:
    from gdviz.recipe.grids import Resolution


class Studied:
    """Cells, each of which is worth what one or many runs come to."""

    target: float | None = option(
        None,
        "The loss, above that of the minimum, from which on a run counts as arrived",
        metavar="LOSS",
        limits={"gt": 0, "allow_inf_nan": False},
    )
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
        usual="by the runs of a cell",
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
    labels = note = left_out()


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
