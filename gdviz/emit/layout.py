"""Where a tile keeps what: rows of L lanes in one array."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Layout:
    """Rows of a tile of one step rule, named; every row is L lanes.

    Every rule begins alike, so that every objective joins it: `@point` (dim rows, where value and gradient are taken),
    `g` (dim rows), `f` (one row). `x` is `@point` itself unless the rule looks ahead or records another point;
    `@before` (dim rows) keeps x from before the step, where a lane may stop, `@shown` (dim rows) the point to record
    where it is not x. `@free` (2 + dim rows) are the rows that gdviz.backends.passes.nearest has for itself: the step
    answers also whether a lane has gone farther than it may; `@best` (one row) is the lowest f, of which the step keeps
    account. Then x0 if asked for, state, running products, hyperparameters that differ from lane to lane, and
    what the kernel itself puts aside. Names that no definition can have begin with @.
    """

    dim: int
    rows: Mapping[str, int]
    count: int

    def __getitem__(self, name: str) -> int:
        return self.rows[name]


class Rows:
    """Gives rows in order."""

    def __init__(self, dim: int, taken: int | None = None) -> None:
        self.dim = dim
        self.rows: dict[str, int] = {"@point": 0, "g": dim, "f": 2 * dim}
        self.count = 2 * dim + 1 if taken is None else taken

    def add(self, name: str, count: int) -> int:
        """First of `count` new rows."""
        self.rows[name] = self.count
        self.count += count
        return self.rows[name]

    def layout(self) -> Layout:
        """What has been given so far."""
        return Layout(self.dim, self.rows, self.count)
