"""Schedules as a plan holds them: chains of parts, and the tables that backends read step by step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdviz.registry.definition import Definition

if TYPE_CHECKING:
    pass


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """One schedule of a chain: its options, and the steps it lasts, `first` … `last` of the run."""

    definition: Definition
    options: Mapping[str, Any]
    first: int
    last: int

    @property
    def watches(self) -> bool:
        """Whether it asks for the loss."""
        return "f" in self.definition.inputs


@dataclasses.dataclass(frozen=True, eq=False)
class Scheduled:
    """The schedule of one hyperparameter of one plan."""

    parameter: str
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """Its parts as typed, without their options: `linear_warmup then cosine`."""
        return " then ".join(part.definition.name for part in self.parts)

    @property
    def watcher(self) -> Part | None:
        """The part that asks for the loss, if there is one; it is the last."""
        return self.parts[-1] if self.parts[-1].watches else None

    @property
    def known(self) -> int:
        """The last step whose value the table holds."""
        return self.parts[-1].first - 1 if self.watcher else self.parts[-1].last

    def table(self, base: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """Values float64[steps, cell] in steps 1, 2 … of hyperparameters whose own values are `base`, float64[cell].

        Beyond `known` they are `base`.
        """
        values = np.tile(base, (steps, 1))
        for part in self.parts:
            if not part.watches:
                count = part.last - part.first + 1
                t = np.arange(1.0, steps - part.first + 2)[:, None]
                given = {"base": base[None, :], "t": np.minimum(t, count + 1.0), "steps": float(count)}
                asked = {name: given[name] for name in part.definition.inputs}
                with np.errstate(all="ignore"):
                    values[part.first - 1 :] = part.definition.function(**asked, **part.options)
        values[self.known if self.watcher else steps :] = base
        return values


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """Values of one hyperparameter in a plan: float64[steps, cell], and the cell of each lane, int64[lane], where lanes
    differ, or int64[lane, dim] where coordinates do. Beyond step `until` they come from elsewhere."""

    parameter: str
    values: NDArray[np.float64]
    cells: NDArray[np.int64] | None
    until: int
