"""What people write in formulas, as Python's syntax: 2x, x(1 + x), |x|, √y, sin²(x), f(x, y) = …, ln, tg, lambda."""

from __future__ import annotations

import dataclasses
import keyword
import re
from collections.abc import Collection, Sequence

from gdviz.errors import FormulaError
from gdviz.registry.names import RAISED, WORD

SIGNS = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "·": "*",
        "×": "*",
        "⋅": "*",
        "∙": "*",
        "÷": "/",
        "∕": "/",
        "π": " pi ",
        "≤": "<=",
        "≥": ">=",
        "∣": "|",
    }
)
_LOWERED = str.maketrans(f"{RAISED}⁻", "0123456789-")
ROOTS = {"√": "sqrt", "∛": "cbrt"}
SPELLINGS = {
    "ln": "log",
    "lg": "log10",
    "sgn": "sign",
    "arctan2": "atan2",
    "tg": "tan",
    "sh": "sinh",
    "ch": "cosh",
    "th": "tanh",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctg": "atan",
}
"""Functions as others write them; such a word is one only with brackets behind it."""

_TOKEN = re.compile(
    rf"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<raised>[{RAISED}⁻]+)|(?P<word>{WORD.pattern})"
    r"|(?P<sign>\*\*|//|[<>=!:]=|.))",
    re.DOTALL,
)
_HEAD = re.compile(rf"\s*(?P<name>{WORD.pattern})\s*(?:\((?P<of>[^()]*)\))?\s*:?=(?!=)")


@dataclasses.dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def python_of(text: str, variables: Sequence[str], constants: Collection[str], functions: Collection[str]) -> str:
    """The text of a formula as an expression of Python; what it does not know is left for Python's parser.

    Names that Python keeps for itself get an underscore behind them. Raises FormulaError where the text can be read in
    two ways.
    """
    body = _without_head(text.translate(SIGNS), variables)
    given = {*variables, *constants, "pi", "e"}
    tokens = [
        token
        for found in _TOKEN.finditer(body.strip())
        for token in _split(_Token(found.lastgroup or "", found[found.lastgroup or 0]), given, functions)
    ]
    if ":" not in body:
        given.add("lambda")
    return _Writer(tokens, given, functions).written()


def _without_head(text: str, variables: Sequence[str]) -> str:
    """The formula behind `f(x, y) =`."""
    head = _HEAD.match(text)
    if head is None:
        return text
    rest = text[head.end() :]
    named = [word.strip() for word in (head["of"] or "").split(",") if word.strip()]
    said = " and ".join(variables)
    if strange := [word for word in named if word not in variables]:
        raise FormulaError(f"the formula is one of '{strange[0]}'; write it in {said}")
    if head["name"] in WORD.findall(rest) and head["name"] in variables:
        raise FormulaError("the formula holds an equation; write alone what is to be drawn, as in x**2 + 3*y**2")
    return rest


def _split(token: _Token, given: Collection[str], functions: Collection[str]) -> list[_Token]:
    """A word of letters that each have a value is their product: xy."""
    known = token.text in given or token.text in functions or token.text in SPELLINGS
    if token.kind != "word" or known or len(token.text) < 2 or not set(token.text) <= set(given) - {"e"}:
        return [token]
    return [_Token("word", letter) for letter in token.text]


class _Writer:
    """Goes through the tokens once; a bracket or bar that is opened is remembered until it is closed."""

    def __init__(self, tokens: Sequence[_Token], given: Collection[str], functions: Collection[str]) -> None:
        self.tokens = tokens
        self.given = given
        self.functions = functions
        self.said: list[str] = []
        self.open: list[tuple[str, bool]] = []  # what closes it, and whether it stands behind a division
        self.ended = False  # whether a factor has just ended, so that another one means a product
        self.divided = False  # whether this factor stands behind a division

    def written(self) -> str:
        place = 0
        while place < len(self.tokens):
            place = self._one(place)
        if any(closing == "|" for closing, _ in self.open):
            raise FormulaError("a bar | is not closed in the formula; write abs(…)")
        return "".join(self.said)

    def _one(self, place: int) -> int:
        """Write the token at a place and answer the next place."""
        token = self.tokens[place]
        match token.kind:
            case "number":
                self._say(f" {token.text}" if self.ended else token.text, ended=True)  # 2 3 is no 23
            case "raised":
                self._say(f"**({token.text.translate(_LOWERED)})", ended=True)
            case "word":
                return self._word(place)
            case _:
                return self._sign(place)
        return place + 1

    def _word(self, place: int) -> int:
        word = self.tokens[place].text
        calls = self._text(place + 1) == "("
        if word not in self.given and keyword.iskeyword(word):
            self._say(f" {word} ", ended=False)
            return place + 1
        if word in self.given:
            self._factor()
            self._say(f"{word}_" if keyword.iskeyword(word) else word, ended=True)
            return place + 1
        name = SPELLINGS.get(word, word)
        power, after = self._power(place + 1)
        if name in self.functions and power and self._text(after) == "(":  # sin²(x)
            self._factor()
            end = self._group_end(after)
            self._say(name, ended=False)
            self._inner(after, end)
            self._say(power, ended=True)
            return end
        self._factor()
        if calls:
            self._say(name if name in self.functions else word, ended=False)
            return self._opened(place + 1, ")", "(")
        self._say(word, ended=True)
        return place + 1

    def _sign(self, place: int) -> int:
        sign = self.tokens[place].text
        if sign in ROOTS:
            self._factor()
            return self._root(place)
        if sign == "|":
            if self.ended and self.open and self.open[-1][0] == "|":
                return self._closed(place)
            self._factor()
            return self._opened(place, "|", "abs(")
        if sign == "⌊":
            self._factor()
            return self._opened(place, "⌋", "floor(")
        if sign == "(":
            if self._text(place + 1) != ")":
                self._factor()
            return self._opened(place, ")", "(")
        if sign in (")", "⌋"):
            return self._closed(place)
        if sign == "=" and not self.open:
            raise FormulaError("the formula holds =; write alone what is to be drawn, as in x**2 + 3*y**2")
        if sign in ("/", "//", "%"):
            self.divided = True
        elif sign not in ("**", "^"):
            self.divided = False
        self._say("**" if sign == "^" else sign, ended=False)
        return place + 1

    def _factor(self) -> None:
        """A factor begins: a product where one has just ended."""
        if not self.ended:
            return
        if self.divided:
            raise FormulaError(
                f"the formula can be read in two ways behind '{''.join(self.said)[-20:]}'; "
                "write 1/(2*x) or (1/2)*x in place of 1/2x"
            )
        self._say("*", ended=False)

    def _opened(self, place: int, closing: str, said: str) -> int:
        self.open.append((closing, self.divided))
        self.divided = False
        self._say(said, ended=False)
        return place + 1

    def _closed(self, place: int) -> int:
        if self.open and self.open[-1][0] == self.tokens[place].text:
            self.divided = self.open.pop()[1]
        elif any(closing == "|" for closing, _ in self.open):
            raise FormulaError("a bar | is not closed in the formula; write abs(…)")
        self._say(")", ended=True)
        return place + 1

    def _root(self, place: int) -> int:
        """A root of the number, name, call or bracket behind its sign."""
        self._say(ROOTS[self.tokens[place].text] + "(", ended=False)
        end = self._atom_end(place + 1)
        self._inner(place + 1, end)
        self._say(")", ended=True)
        return end

    def _inner(self, place: int, end: int) -> None:
        kept, self.divided = self.divided, False
        while place < end:
            place = self._one(place)
        self.divided = kept

    def _power(self, place: int) -> tuple[str, int]:
        """The positive power at a place as Python writes it, empty where there is none, and the place behind it."""
        if place < len(self.tokens) and self.tokens[place].kind == "raised":
            raised = self.tokens[place].text.translate(_LOWERED)
            return (f"**{raised}", place + 1) if raised.isdigit() else ("", place)
        if (
            self._text(place) in ("^", "**")
            and place + 1 < len(self.tokens)
            and self.tokens[place + 1].kind == "number"
        ):
            return f"**{self.tokens[place + 1].text}", place + 2
        return "", place

    def _atom_end(self, place: int) -> int:
        text = self._text(place)
        if text in ROOTS:
            return self._atom_end(place + 1)
        if text == "|":
            try:
                return 2 + place + [token.text for token in self.tokens[place + 1 :]].index("|")
            except ValueError:
                raise FormulaError("a bar | is not closed in the formula; write abs(…)") from None
        called = place < len(self.tokens) and self.tokens[place].kind == "word" and text not in self.given
        return self._group_end(place + 1 if called and self._text(place + 1) == "(" else place)

    def _group_end(self, place: int) -> int:
        """The place behind the bracket that closes the one at a place; behind the token that is none."""
        depth = 0
        for i in range(place, len(self.tokens)):
            depth += (self.tokens[i].text == "(") - (self.tokens[i].text == ")")
            if depth <= 0:
                return i + 1
        return len(self.tokens)

    def _text(self, place: int) -> str:
        return self.tokens[place].text if place < len(self.tokens) else ""

    def _say(self, text: str, *, ended: bool) -> None:
        self.said.append(text)
        self.ended = ended
