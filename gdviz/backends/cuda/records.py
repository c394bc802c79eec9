"""A plan as one flat kernel: its text, and what each of its arguments is."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["in", "run", "out"]
"""The same for all runs; of each run, read or written."""


class Argument(NamedTuple):
    """An argument of a kernel.

    ndim: its axes, of which the last counts runs where there are such, 0 for a number. shape: what is written has for
    each run. fill: a number that stands there before the first step.
    """

    name: str
    dtype: str
    ndim: int
    role: Role
    shape: tuple[int, ...] = ()
    fill: float | None = None


class FlatKernel(NamedTuple):
    """All steps of a run as the body of one function, `descend`.

    what: the definitions that it is made of, as sentences name them. dtype: of its numbers. text: a module that begins
    after an Api's header. saved: rows of numbers of its dtype, of int64 and of int8 that a run keeps between launches;
    none where it cannot be cut by steps. own: bytes of arrays that each thread has for itself. `descend` takes the
    arguments in their order, an array [row, run] of each kind of rows that there are, and four int64: the number of the
    first run, how many runs there are, and the steps from which and to which they go.
    """

    what: str
    dtype: str
    text: str
    arguments: tuple[Argument, ...]
    saved: tuple[int, int, int] = (0, 0, 0)
    own: int = 0

    @property
    def kept(self) -> tuple[tuple[str, int], ...]:
        """The arrays of what a run keeps between launches: dtype and rows."""
        kinds = zip((self.dtype, "int64", "int8"), self.saved, strict=True)
        return tuple((dtype, rows) for dtype, rows in kinds if rows)
