"""The words on pictures and pages, in every language there is a file for; texts, numbers and names of definitions.

A language is one TOML file in this folder: `[text]` holds sentences with `{named}` gaps, `[format]` how numbers are
written, every other table the translated names of one kind of definition. English has no such tables: the titles of the
definitions are English already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gdviz.errors import UsageError

FOLDER = Path(__file__).parent

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def languages() -> tuple[str, ...]:
    """The codes that `texts` takes, in alphabetical order."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@cache
def offered() -> tuple[str, ...]:
    """The codes in the order of what languages call themselves, which is the first word of their files."""

    def own_name(code: str) -> str:
        with (FOLDER / f"{code}.toml").open(encoding="utf-8") as file:
            return file.readline().removeprefix("# ")

    return tuple(sorted(languages(), key=own_name))


class Texts:
    """The words of one language.

    Arguments:
        code: `en`, `ru`, …
        tables: what its file holds, table by table.
    """

    def __init__(self, code: str, tables: dict[str, dict[str, Any]]) -> None:
        self.code = code
        self.tables = tables
        self.decimal_mark: str = tables["format"]["decimal_mark"]

    def text(self, key: str, **values: object) -> str:
        """The sentence of this key with its gaps filled; an unknown key or a missing value raises KeyError."""
        sentence: str = self.tables["text"][key]
        return sentence.format(**values)

    def number(self, value: float, digits: int | None = None) -> str:
        """A number as this language writes it, with a true minus sign.

        Arguments:
            value: any float; not-a-number is written as a dash.
            digits: decimals, for columns of equal width. What these cannot show (0 < |value| < 10^-digits, or 10^6
                and more) is written as 2.1·10⁻⁵ with one decimal. None writes the shortest text that reads
                back as the value.
        """
        value = float(value) + 0.0  # -0.0 becomes 0.0
        if math.isnan(value):
            return "–"
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        if digits is None:
            plain = repr(value).removesuffix(".0")
            if abs(value) >= 1e6 and plain.endswith("000"):
                from decimal import Decimal

                plain = str(Decimal(plain).normalize()).lower()
            mantissa, _, exponent = plain.partition("e")
        elif value != 0 and not 10.0**-digits <= abs(value) < 1e6:
            mantissa, _, exponent = f"{value:.1e}".partition("e")
        else:
            mantissa, exponent = f"{value:.{digits}f}", ""
        if exponent:
            mantissa = f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
        return mantissa.replace("-", "−").replace(".", self.decimal_mark)

    def point(self, coordinates: Iterable[float]) -> str:
        """Coordinates as this language lists them, without brackets: where commas are decimal, semicolons part."""
        between = ", " if self.decimal_mark == "." else "; "
        return between.join(map(self.number, coordinates))

    def name(self, kind: str, name: str) -> str | None:
        """The translated title of a definition (`landscape`, `beale`), or None where its own title stands."""
        return self.tables.get(kind, {}).get(name)


@cache
def texts(code: str) -> Texts:
    """The words of a language; UsageError names the languages there are."""
    if code not in languages():
        hint = f"; type one of {', '.join(languages())}"
        raise UsageError(f"there is no language '{code}'{hint}")
    import tomllib

    return Texts(code, tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8")))
