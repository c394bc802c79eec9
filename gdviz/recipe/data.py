"""Data as a recipe names them: a data set with its options, a formula that tells classes, or the columns of a file.

Of files and arrays a recipe holds where they are, their shape and their SHA-256, never their rows, unless it is told
to embed them: what stands in the table of a course does not travel in its films.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gdviz.errors import UsageError, nearest
from gdviz.recipe.entries import Entry, Flat
from gdviz.recipe.signal import LONGEST_FORMULA
from gdviz.recipe.tables import ENDINGS, relative, split_column
from gdviz.recipe.values import Finite, Text
from gdviz.registry.kinds.dataset import OF_COLUMNS
from gdviz.registry.names import is_formula

FILES = (*ENDINGS, ".npz")
"""Endings of files that data are read from."""

PARTING = ",:/"
"""Signs that part what is typed after --data, so that no heading with one of them can be typed."""

Name = Annotated[str, Field(max_length=1000)]
Names = tuple[Name, ...]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Cells = tuple[float | Text, ...]


class DataEntry(Flat):
    """What a model is trained on.

    `name` of a data set, a `formula` in x and y or a `file`, each with its keys; without them it is of arrays that were
    given in Python. options: of a data set or formula, n among them. target, features, drop: names of columns.
    missing: what becomes of rows that lack a cell. shape, sha256: rows and columns, and the hash, of the file or
    arrays. columns: what stands in those that are used, where these are embedded. seed: of random numbers.
    """

    name: Name | None = None
    formula: Annotated[str, Field(max_length=LONGEST_FORMULA)] | None = None
    file: Name | None = None
    target: Name | None = None
    features: Names | None = None
    drop: Names | None = None
    missing: Literal["drop", "refuse"] | None = None
    shape: tuple[int, int] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    columns: dict[Name, Cells] | None = None
    seed: Seed | None = None
    options: dict[str, Finite] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> DataEntry:
        given = [key for key in ("name", "formula", "file") if getattr(self, key) is not None]
        if len(given) > 1 or (not given and self.sha256 is None):
            raise ValueError("data have a name, a formula or a file, one of them")
        made = self.name is not None or self.formula is not None
        own = [key for key in (*OF_COLUMNS, "shape", "sha256", "columns") if getattr(self, key) is not None]
        if made and own:
            raise ValueError(f"{own[0]} belongs to the columns of a file, and there is none")
        if not made and self.options:
            raise ValueError(_unknown(min(self.options)))
        return self

    def named(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The data set, if it has a name."""
        if self.name is not None:
            yield kind, Entry(name=self.name, options=dict(self.options))

    def flat(self) -> dict[str, Any]:
        """As it is written into a recipe."""
        whole = self.model_dump(exclude_none=True, exclude={"options"})
        lists: dict[str, Any] = {key: list(value) for key, value in whole.items() if isinstance(value, tuple)}
        if self.columns is not None:
            lists["columns"] = {name: list(cells) for name, cells in self.columns.items()}
        return {**whole, **lists, **self.options}

    @property
    def word(self) -> str:
        """What files of pictures are called after it."""
        return self.name or ("formula" if self.formula else re.split(r"[/\\]", self.file or "data")[-1].split(".")[0])

    def typed(self) -> str:
        """As it is typed after --data; arrays cannot be typed, so a file stands for them."""
        said = {key: getattr(self, key) for key in (*OF_COLUMNS, "seed")}
        words = {key: "/".join(value) if isinstance(value, tuple) else value for key, value in said.items()}
        numbers = {key: repr(value).removesuffix(".0") for key, value in self.options.items()}
        pairs = [f"{key}={value}" for key, value in {**numbers, **words}.items() if value is not None]
        return ":".join(filter(None, [self.name or self.formula or self.file or "FILE.csv", ",".join(pairs)]))


def parse(text: str) -> DataEntry:
    """Read what follows --data: `moons:n=400`, `y > sin(k*x):k=3`, `file.csv:target=price,features=a/b,drop=id`.

    Whether there is such a data set, file or column is asked where it is loaded. Raises UsageError.
    """
    text = text.strip()
    if len(text) > LONGEST_FORMULA:
        raise UsageError(f"--data has {len(text)} characters; {LONGEST_FORMULA} are allowed")
    path, rest = split_column(text, FILES)
    head, _, more = (path, ":", rest) if path is not None else text.partition(":")
    head, more = head.strip(), more.strip()
    if not head:
        raise UsageError("--data needs a data set or a file, as in --data moons:n=400 or --data file.csv:target=price")
    pairs: dict[str, str] = {}
    for part in more.replace(":", ",").split(",") if more else ():
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (equals and key and value):
            usual = "target=price" if path is not None else "n=400"
            held = (
                "; where a heading holds a comma or a colon, type its number, as in target=3" if pairs and path else ""
            )
            raise UsageError(f"--data {text}: '{part}' is no key=value; type {head}:{usual}{held}")
        if key in pairs:
            raise UsageError(f"--data {text}: {key} is given twice; drop one of them")
        pairs[key] = value
    found: dict[str, Any] = {"seed": _seed(head, pairs.pop("seed"))} if "seed" in pairs else {}
    if path is not None:
        return DataEntry(**{"file": relative(path), **_choice(head, pairs), **found})
    typed = is_formula(head, constants=pairs)
    if not typed and set(head) & set("./\\"):
        raise UsageError(f"--data {head}: data are read from files that end in {', '.join(FILES)}; save it as one")
    found["options"] = {key: _number(head, key, value) for key, value in pairs.items()}
    return DataEntry(formula=head, **found) if typed else DataEntry(name=head, **found)


def _unknown(key: str) -> str:
    hint = nearest(key, OF_COLUMNS) or f"; they have {', '.join(OF_COLUMNS)}"
    return f"there is no key '{key}' of files{hint}"


def _choice(head: str, pairs: Mapping[str, str]) -> dict[str, Any]:
    """What is typed of columns."""
    if unknown := [key for key in pairs if key not in OF_COLUMNS]:
        raise UsageError(f"--data {head}: {_unknown(unknown[0])}")
    found: dict[str, Any] = dict(pairs)
    for key in ("features", "drop"):
        if key in found:
            found[key] = tuple(filter(None, map(str.strip, found[key].split("/"))))
    if found.get("missing", "drop") not in ("drop", "refuse"):
        raise UsageError(f"--data {head}: missing is '{found['missing']}'; it is drop or refuse")
    return found


def _seed(head: str, text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise UsageError(f"--data {head}: seed is '{text}'; it is a whole number from 0 to {2**32 - 1}")
    return int(text)


def _number(head: str, key: str, text: str) -> float:
    if key in OF_COLUMNS:
        raise UsageError(f"--data {head}: {key} is of the columns of files, which end in {', '.join(FILES)}")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"--data {head}: {key} is '{text}'; type a finite number, as in {key}=10")
    return value
