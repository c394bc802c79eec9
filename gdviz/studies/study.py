"""A study that was run, whole or in part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz.recipe.options.descent import Descent
from gdviz.studies.problem import Problem
from gdviz.studies.shares import Reliability

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """What was asked and what is known of it.

    arrays: by name, dtype[optimizer, *axes, …] of the problem's arrays, its fill where a cell is not computed yet; and,
    once all are, those of `Problem.whole`. done: how many of the chunks are, and of how many. reliability: of each
    optimizer, None where it was not asked for or not all is done. store: where it is kept, None where nowhere. recipe:
    that of its problem, unless it is to be drawn otherwise.
    """

    problem: Problem
    arrays: Mapping[str, NDArray[Any]]
    done: tuple[int, int]
    reliability: tuple[Reliability, ...] | None = None
    store: Path | None = None
    recipe: Descent = field(default=cast(Descent, None))

    def __post_init__(self) -> None:
        if cast(Any, self.recipe) is None:
            object.__setattr__(self, "recipe", self.problem.recipe)

    def __repr__(self) -> str:
        cells = " x ".join(f"{len(axis)} {axis.name}" for axis in self.problem.axes)
        done, chunks = self.done
        return f"<study {self.name} of {', '.join(self.problem.labels)}: {cells}, {done} of {chunks} chunks>"

    @property
    def name(self) -> str:
        """What its files are called unless told otherwise."""
        return name_of(self.recipe)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.done[0] == self.done[1]

    def table(self) -> list[dict[str, Any]]:
        """A row for each optimizer, of names and values: what it came to and how far that can be trusted.

        Of basins: success (the share of starts that end at a lowest minimum) and areas (of each minimum, by name), with
        95 % limits by Wilson where all are computed, lost, entropy and boundary_entropy. Of a sweep: best (values by
        axis), with success, median_steps and the median of the final loss there, diverged (share of cells) and, of one
        axis, diverges (stretches of it). Of an ensemble: runs, final (quantiles of the loss by percents), ends, escape
        (steps by percents). Of trainability: trained. Of all: computed (share of cells) and, where they were asked for,
        ulp, dtype and resolution, shares of sampled cells whose labels change, with boundary_ulp and so on.
        """
        from gdviz.studies.results import table

        return table(self)

    @property
    def dataset(self) -> xarray.Dataset:
        """All arrays with their coordinates, units and what counts, read from the store as they are indexed.

        Raises UsageError where xarray is missing.
        """
        from gdviz.studies.export import dataset

        return dataset(self)

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool[optimizer, *axes]: which cells are computed."""
        first = self.problem.arrays[0]
        if self.complete:  # at 10^8 cells these would be 100 MB
            return np.broadcast_to(np.True_, self.arrays[first.name].shape[: 1 + len(self.problem.axes)])
        values = self.arrays[first.name]
        missing = np.isnan(values) if np.isnan(first.fill) else values == first.fill
        return ~missing.reshape(*missing.shape[: 1 + len(self.problem.axes)], -1).any(axis=-1)


def name_of(recipe: Descent) -> str:
    """What files of a study are called unless told otherwise: after what is descended, and its kind."""
    said: Any = recipe
    formula = getattr(said, "formula", None) and "formula"
    place = [getattr(said, "landscape", None) or formula]
    model = [said.data.word, said.model.name] if getattr(said, "model", None) else []
    return "-".join(filter(None, [*place, *model, said.study]))
