"""Gradient sequences as a recipe names them: a signal with its constants, a formula in i, or the numbers of a file."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from gdviz.errors import RecipeError, remark
from gdviz.recipe.entries import Entry, Flat
from gdviz.recipe.tables import file_name, read_table
from gdviz.recipe.values import Finite

LONGEST = 10_000
"""Points of a sequence: what a recipe can hold and a picture can show."""

HELD = 1000
"""Points of a user's own numbers that a recipe holds; of more it says where they are, unless told to embed them."""

LONGEST_FORMULA = 1000
"""Characters of a formula; gdviz.formula.typed reads no more."""


class Sequence(Flat):
    """One sequence: `name` of a signal or `formula` with its constants, or `values`, those of a file's column or given.

    points, sha256: how many of a user's own numbers there are, and the hash of their file or of themselves, in place of
    more values than HELD.
    """

    INNER: ClassVar[str] = "constants"

    name: str | None = None
    formula: Annotated[str, Field(max_length=LONGEST_FORMULA)] | None = None
    file: Annotated[str, Field(max_length=1000)] | None = None
    column: Annotated[str, Field(max_length=1000)] | None = None
    values: Annotated[tuple[Finite, ...], Field(min_length=1, max_length=LONGEST)] | None = None
    points: Annotated[int, Field(ge=1, le=LONGEST)] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    constants: dict[str, Finite] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> Sequence:
        given = [key for key in ("name", "formula", "values", "points") if getattr(self, key) is not None]
        if len(given) != 1 or (self.points is None) != (self.sha256 is None):
            raise ValueError("a signal has a name, a formula, values, or points with their sha256, one of them")
        return self

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The signal, if it has a name."""
        if self.name is not None:
            yield kind, Entry(name=self.name, options=dict(self.constants))

    def held(self, sha256: str = "") -> Sequence:
        """As recipes hold it: of more values than HELD their number and hash, by default that of the values alone."""
        if self.values is None or len(self.values) <= HELD:
            return self
        hashed = sha256 or hashlib.sha256(array("d", self.values).tobytes()).hexdigest()
        return self.model_copy(update={"values": None, "points": len(self.values), "sha256": hashed})

    def embedded(self) -> Sequence:
        """With its values, which are read again where they are those of a file. Raises UsageError, RecipeError."""
        if self.points is None:
            return self
        if self.file is None:
            told = f"the signal of this recipe was {self.points} numbers given in Python"
            raise RecipeError(f"{told}, which it does not hold; give them again, or type --signal")
        name, table = file_name(self.file), read_table(self.file)
        values = table.column(self.column or "", LONGEST, told=False)
        if table.sha256 != self.sha256:
            remark(f"{name} has changed since this recipe was made, so the picture may differ")
        return self.model_copy(update={"file": name, "values": values, "points": None, "sha256": None})

    def flat(self) -> dict[str, Any]:
        """The sequence as it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude={"constants"})
        if "values" in whole:
            whole["values"] = list(whole["values"])
        return {**whole, **self.constants}
