"""Formulas as a language writes them: decimal comma, tg for tan, cases in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gdviz.lang import SUPERSCRIPTS, Texts

LATEX_IF, LATEX_ELSE = r"\ \mathrm{if}\ ", r",\ \mathrm{else}\ "
"""How the LaTeX of formulas joins cases, see `gdviz.formula.printing`."""

_FUNCTION = re.compile(r"\\(tan|sinh|cosh|tanh|arctan)(?![a-z])")
_SPELLINGS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "log": "ln", "log10": "lg", "sign": "sgn"}
"""Functions as they are typed, and as people write them."""


def localized(latex: str, words: Texts) -> str:
    """LaTeX of gdviz.formula in a language: its functions, its decimal mark, its words for cases."""
    spelled: Mapping[str, str] = words.tables["function"]
    text = _FUNCTION.sub(lambda f: rf"\operatorname{{{spelled[f[1]]}}}" if f[1] in spelled else f[0], latex)
    text = _closed_up(text)
    text = text.replace(LATEX_ELSE, _words(words.text("case_else"))).replace(LATEX_IF, _words(words.text("case_if")))
    if spelled:
        text = text.replace(r"\log_{10}", r"\lg")
    text = re.sub(r"([,;(]\s*|\\mathrm\{[^{}]*\}\\ )- (?=\S)", r"\1{-}", text)  # a sign and no difference
    if words.decimal_mark == ".":
        return text
    if re.search(r"\d\.\d", text):  # max(0,01x; y): a comma would be read as a decimal one
        text = re.sub(r",(?=\\; | [^\\])", ";", text)
    return re.sub(r"(?<=\d)\.(?=\d)", lambda _: "{" + words.decimal_mark + "}", text)


_NAMED = (
    r"\\(?:sin|cos|tan|sinh|cosh|tanh|arcsin|arccos|arctan|ln|log_\{\d+\}|max|min|operatorname\{[a-z]+\}|mathrm\{sgn\})"
)


def _closed_up(text: str) -> str:
    """The same with the spaces of a printed formula: x sin(x)cos(y) and not xsin (x)cos (y), and with brackets of one
    height where nothing in them is high."""
    low = re.compile(r"\\left\(((?:(?!\\left|\\right|\\frac|\\sqrt).)*?)\s*\\right\)")
    while (plain := low.sub(r"(\1)", text)) != text:
        text = plain
    opened = re.compile(rf"({_NAMED}(?:\^\{{[^{{}}]*\}})?)\{{(?=\()")
    while (found := opened.search(text)) is not None:  # the group around an argument, which keeps it apart
        end = _closing(text, found.end(), "{}")
        text = text[: found.start()] + found[1] + text[found.end() : end] + text[end + 1 :]
    return re.sub(rf"(?<=[\w)}}])\s*(?={_NAMED})", r"\\,", text)


def _words(sentence: str) -> str:
    """Words and commas of a text in upright letters, with their spaces."""
    spaced = sentence.strip().replace(" ", r"\ ")
    lead = r"\ " if sentence.startswith(" ") else ""
    mark, rest = (",", spaced[1:].removeprefix(r"\ ")) if spaced.startswith(",") else ("", spaced)
    return rf"{lead}{mark}\ \mathrm{{{rest}}}\ " if mark else rf"{lead}\mathrm{{{rest}}}\ "


def check_mathematics(said: Iterable[str], font: str | None) -> None:
    """Raise UsageError for a text with mathematics between dollars that cannot be set; asked before anything is run."""
    from gdviz.draw.mathematics import prepared
    from gdviz.draw.text import width

    for text in said:
        if prepared(text)[1]:
            width(text, 1.0, font)


def typed(formula: str, words: Texts) -> str:
    """A typed formula as people write it, in plain letters: |x|, √x, x², max(0,01·x; x)."""
    text = re.sub(r"\s+", "", formula)
    text = re.sub(r"(?<![\w.])\d+\.?\d*[eE][+-]?\d+", lambda number: words.number(float(number[0])), text)
    text = _called(text, words)
    text = re.sub(r"(?:\*\*|\^)(-?\d+)(?![\d.,])", lambda power: power[1].translate(SUPERSCRIPTS), text)
    text = re.sub(r"(?<=[\w)|⁰¹²³⁴⁵⁶⁷⁸⁹])(?<![\d.][eE])([+\-])", r" \1 ", text)
    text = text.replace("**", "^").replace("*", "·").replace("-", "−").replace("<=", "≤").replace(">=", "≥")
    return text.replace("≤", " ≤ ").replace("≥", " ≥ ").replace("<", " < ").replace(">", " > ")


def _called(text: str, words: Texts) -> str:
    """The same with its functions written as people do; commas between arguments and decimal marks as in a language."""
    found = re.search(r"([A-Za-z]\w*)\(", text)
    if found is None:
        return text.replace(".", words.decimal_mark)
    end = _closing(text, found.end())
    before, after = text[: found.start()].replace(".", words.decimal_mark), _called(text[end + 1 :], words)
    given = [_called(one, words) for one in _arguments(text[found.end() : end])]
    name = found[1]
    if name == "abs" and len(given) == 1:
        return f"{before}|{given[0]}|{after}"
    if name == "sqrt" and len(given) == 1:
        return f"{before}√{given[0] if re.fullmatch(r'[A-Za-z0-9]+', given[0]) else f'({given[0]})'}{after}"
    if name == "where" and len(given) == 3:
        cases = f"{given[1]}{words.text('case_if')}{given[0]}{words.text('case_else')}{given[2]}"
        return f"{before}({cases}){after}" if before or after else cases
    said = _SPELLINGS.get(name, name)
    if said == "lg" and not words.tables["function"]:
        said = "log₁₀"
    between = ", " if words.decimal_mark == "." else "; "
    return f"{before}{words.tables['function'].get(said, said)}({between.join(given)}){after}"


def _closing(text: str, start: int, pair: str = "()") -> int:
    """Where the bracket that is open at a place is closed."""
    depth = 1
    for place in range(start, len(text)):
        depth += {pair[0]: 1, pair[1]: -1}.get(text[place], 0)
        if not depth:
            return place
    return len(text)


def _arguments(text: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
