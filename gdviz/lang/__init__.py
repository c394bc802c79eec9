"""The words on pictures and pages, in every language there is a file for; texts, numbers and names of definitions.

A language is one TOML file in this folder: `[text]` holds sentences with `{named}` gaps, `[format]` how numbers are
written and counted and whose spelling is kept, `[option]` the words for options that have no letter and for what
switches are set to, `[function]` what functions are called in formulas where that is not as in English. Every other
table holds the translated names of one kind of definition, and `[about]` a line about each; English has none of these:
the titles and first lines of the definitions are English already.

A gap whose format holds bars, `{k:step|steps}`, is not the number but the form of the word that goes with it.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gdviz.errors import UsageError

FOLDER = Path(__file__).parent

ABOUT = "about"
"""The table of lines about definitions, by kind and name, as in `"landscape.beale"`."""

LARGE = 1e4
"""From here on a number in a column is written with a power of ten: 573054.2 beside 0.001 says seven digits of one loss
and one of the other."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _slavic(n: int) -> int:
    """1, 21, 31 … шаг; 2, 3, 4, 22 … шага; 5 to 20, 25 … шагов."""
    if n % 10 == 1 and n % 100 != 11:
        return 0
    return 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2


PLURALS: Mapping[str, Callable[[int], int]] = {"one": lambda n: 0, "two": lambda n: int(n != 1), "slavic": _slavic}
"""Which of the forms of a word goes with a number, by the rule that a language's file names. Source: CLDR's plural
rules, of which gdviz needs those of whole numbers."""


class _Sentences(string.Formatter):
    """str.format, with gaps that choose a form of a word: `{k:step|steps}`."""

    def __init__(self, rule: Callable[[int], int]) -> None:
        self.rule = rule

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" not in format_spec:
            return str(super().format_field(value, format_spec))
        return format_spec.split("|")[self.rule(abs(int(value)))]


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
        self.region: str = tables["format"]["region"]
        self._sentences = _Sentences(PLURALS[tables["format"]["plural"]])

    def text(self, key: str, **values: object) -> str:
        """The sentence of this key with its gaps filled; an unknown key or a missing value raises KeyError."""
        sentence: str = self.tables["text"][key]
        return self._sentences.format(sentence, **values)

    def number(self, value: float, digits: int | None = None) -> str:
        """A number as this language writes it, with a true minus sign.

        Arguments:
            value: any float; not-a-number is written as a dash.
            digits: decimals, so that the numbers of a column align and are of one exactness. What these cannot show
                (0 < |value| < 10^-digits, or 10⁴ and more) is written as 2.1·10⁻⁵ with one decimal, and 0, which is
                then exact, as 0. None writes the shortest text that reads back as the value.
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
        elif value == 0:
            mantissa, exponent = "0", ""
        elif not 10.0**-digits <= abs(value) < LARGE - 0.5 * 10.0**-digits:
            mantissa, _, exponent = f"{value:.1e}".partition("e")
        else:
            mantissa, exponent = f"{value:.{digits}f}", ""
        if exponent:
            power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
            mantissa = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa}·{power}")
        return mantissa.replace("-", "−").replace(".", self.decimal_mark)

    def fixed(self, value: float, digits: int) -> str:
        """A number with so many decimals whatever it is, for a text that changes in place."""
        return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−").replace(".", self.decimal_mark)

    def option(self, key: str, of: str = "") -> str | None:
        """The words for a hyperparameter, `patience`, or for what a switch is set to, `bias_correction=true`; None
        where there are none. `of` names the definition, for whose sake the words may differ."""
        table = self.tables["option"]
        return table.get(f"{of}.{key}") or table.get(key)

    def point(self, coordinates: Iterable[float]) -> str:
        """Coordinates as this language lists them, without brackets: where commas are decimal, semicolons part."""
        between = ", " if self.decimal_mark == "." else "; "
        return between.join(map(self.number, coordinates))

    def about(self, kind: str, name: str) -> str | None:
        """One line about a definition, or None where that of its own stands, which is English."""
        return self.tables.get(ABOUT, {}).get(f"{kind}.{name}")

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
