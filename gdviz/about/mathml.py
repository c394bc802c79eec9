"""TeX as MathML, which browsers set by themselves: the part of TeX that formulas and rules of gdviz are written in."""

from __future__ import annotations

import functools
import re
from html import escape

_LETTERS = (
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ "
    "pi π rho ρ sigma σ tau τ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ "
    "Phi Φ Psi Ψ Omega Ω infty ∞ nabla ∇ partial ∂ varnothing ∅ top ⊤ ldots … ell ℓ"
)
_OPERATORS = (
    "cdot · times × leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ to → leftarrow ← in ∈ sim ∼ pm ± approx ≈ land ∧ lor ∨ neg ¬ "
    "exists ∃ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ | ‖ { { } } sum ∑ prod ∏ mid ∣ prime ′"
)
_NAMED = "sin cos tan sinh cosh tanh arcsin arccos arctan exp ln lg log max min dim bmod det sup inf"
LETTERS = dict(re.findall(r"(\S+) (\S)", _LETTERS))
OPERATORS = dict(re.findall(r"(\S+) (\S)", _OPERATORS))
NAMED = {name: "mod" if name == "bmod" else name for name in _NAMED.split()}
SPACES = {",": 0.167, ";": 0.278, ":": 0.222, " ": 0.3, "quad": 1.0, "!": -0.167}
"""Widths of spaces, in the height of the letters."""
SCRIPTS = {("N", "mathcal"): "𝒩", ("U", "mathcal"): "𝒰", ("R", "mathbb"): "ℝ", ("E", "mathbb"): "𝔼"}
"""Letters of other alphabets."""
APPLIED = "<mo>&#x2061;</mo>"
"""The sign, which nobody sees, of a function applied to what follows."""

_TOKEN = re.compile(r"\\([A-Za-z]+|.)|(\d+(?:(?:\.|\{,\})\d+)?)|\s+|([^\W\d_]{2,})|(.)", re.DOTALL)
_OPENING, _CLOSING = "([", ")]"
_BRACKETS = (("(", "("), ("\\", "left"), ("{", "{"))
_ENDS = (("\\", "right"), ("\\", "end"), ("\\", "\\"))


class UnknownTeXError(ValueError):
    """TeX that is not among what is known here, or not whole."""


@functools.lru_cache(maxsize=4096)
def mathml(tex: str, block: bool = True) -> str:
    """A `math` element of a formula; block: in a line of its own, else inside a sentence. Raises UnknownTeXError."""
    reader = _Reader(tex)
    inner = reader.row()
    if reader.place < len(reader.tokens):
        raise UnknownTeXError(f"'{tex}' has a {reader.tokens[reader.place][0]} too many")
    shown = ' display="block"' if block else ""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{shown}>{inner}</math>'


class _Reader:
    """Goes through the tokens once. A token: ("\\", a command), ("0", a number), ("w", a word), or a letter
    or sign twice."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.tokens: list[tuple[str, str]] = []
        self.starts: list[int] = []
        for found in _TOKEN.finditer(tex):
            command, number, word, sign = found.groups()
            if command is not None:
                self._token(("\\", command), found)
            elif number is not None:
                self._token(("0", number.replace("{,}", ",")), found)
            elif word is not None:  # letters side by side are one name, as SymPy writes them
                self._token(("w", word), found)
            elif sign is not None:
                self._token((sign, sign), found)
        self.place = 0

    def _token(self, token: tuple[str, str], found: re.Match[str]) -> None:
        self.tokens.append(token)
        self.starts.append(found.end())

    def row(self, *, barred: bool = False) -> str:
        """Elements up to what closes a group, which is left, or to the end, as one; barred: a bar opened it."""
        parts: list[str] = []
        while self.place < len(self.tokens):
            begins = not parts or (parts[-1].startswith(("<mo>", "<mo ")) and not parts[-1].endswith(APPLIED))
            if (
                self._now()[0] in ("}", "&", *_CLOSING)
                or self._now() in _ENDS
                or (barred and self._now()[0] == "|" and not begins)
            ):
                break
            parts.append(self._scripted(begins))
        if len(parts) == 1:
            return parts[0]
        return f"<mrow>{''.join(parts)}</mrow>"

    def _now(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("", "")

    def _next(self, wanted: str = "") -> tuple[str, str]:
        token = self._now()
        if not token[0] or (wanted and token[0] != wanted):
            raise UnknownTeXError(f"'{self.tex}' is not whole")
        self.place += 1
        return token

    def _scripted(self, begins: bool) -> str:
        """An element with what stands above and below it; begins: nothing before it that a sign could join."""
        large = self._now() in (("\\", "sum"), ("\\", "prod"))
        base, named = self._atom(begins)
        scripts: dict[str, str] = {}
        while self._now()[0] in ("_", "^") and self._now()[0] not in scripts:
            place = self._next()[0]
            scripts[place] = self._argument()
        if scripts:
            below, above = scripts.get("_"), scripts.get("^")
            name = {(True, False): "sub", (False, True): "sup", (True, True): "subsup"}[
                below is not None, above is not None
            ]
            if large:
                name = {"sub": "under", "sup": "over", "subsup": "underover"}[name]
            base = f"<m{name}>{base}{below or ''}{above or ''}</m{name}>"
        if not named:
            return base
        return base + APPLIED + ("" if self._now() in _BRACKETS else f'<mspace width="{SPACES[","]}em"/>')

    def _argument(self) -> str:
        """A group in braces, or the one element that stands without."""
        if self._now()[0] == "{":
            self._next()
            inner = self.row()
            self._next("}")
            return inner
        return self._atom(True)[0]

    def _word(self) -> str:
        """The letters of a group in braces, as they are."""
        self._next("{")
        start = self.starts[self.place - 1]
        while self._now()[0] != "}":
            self._next()
        self._next()
        return re.sub(r"\\ ", " ", self.tex[start : self.starts[self.place - 1] - 1])

    def _atom(self, begins: bool) -> tuple[str, bool]:
        """An element, and whether it is a function that is applied to what follows."""
        kind, said = self._next()
        if kind == "\\":
            return self._command(said, begins)
        if kind == "w" and len(said) > 1:
            return f"<mi>{said}</mi>", False
        if kind == "0":
            return f"<mn>{said}</mn>", False
        if kind == "{":
            inner = self.row()
            self._next("}")
            return inner, False
        if kind in _OPENING:
            inner = self.row()
            closing = self._next()[0]
            if closing not in _CLOSING:
                raise UnknownTeXError(f"'{self.tex}' is not whole")
            return _fenced(kind, inner, closing, stretchy=False), False
        if kind == "|":
            inner = self.row(barred=True)
            self._next("|")
            return _fenced("|", inner, "|"), False
        if kind in "+-*/=<>,;:.!'":
            sign = {"-": "−", "*": "∗", "'": "′"}.get(kind, kind)
            form = ' form="prefix"' if begins and kind in "+-" else ""
            return f"<mo{form}>{escape(sign)}</mo>", False
        if kind.isalpha():
            return f"<mi>{kind}</mi>", False
        if kind in "^_&}":
            raise UnknownTeXError(f"'{self.tex}' is not whole")
        return f"<mo>{escape(kind)}</mo>", False

    def _command(self, said: str, begins: bool) -> tuple[str, bool]:
        if said in SPACES:
            return f'<mspace width="{SPACES[said]}em"/>', False
        if said in NAMED:
            return f"<mi>{NAMED[said]}</mi>" if said != "bmod" else "<mo>mod</mo>", said not in ("bmod",)
        if said in LETTERS:
            return f"<mi>{LETTERS[said]}</mi>", False
        if said in OPERATORS:
            form = ' form="prefix"' if begins and said in ("pm", "neg", "exists") else ""
            still = ' stretchy="false"' if said in ("|", "langle", "rangle", "lfloor", "rfloor") else ""
            return f"<mo{form}{still}>{escape(OPERATORS[said])}</mo>", False
        match said:
            case "frac" | "dfrac" | "tfrac":
                return f"<mfrac>{self._argument()}{self._argument()}</mfrac>", False
            case "sqrt" if self._now()[0] == "[":
                self._next()
                index = self.row()
                self._next("]")
                return f"<mroot>{self._argument()}{index}</mroot>", False
            case "sqrt":
                return f"<msqrt>{self._argument()}</msqrt>", False
            case "hat" | "bar":
                above = {"hat": "^", "bar": "¯"}[said]
                return f'<mover accent="true">{self._argument()}<mo stretchy="false">{above}</mo></mover>', False
            case "mathrm" | "operatorname" | "mathit" | "mathbf":
                word = self._word()
                upright = ' mathvariant="normal"' if len(word) == 1 and said != "mathit" else ""
                return f"<mi{upright}>{_spaced(word)}</mi>", said == "operatorname"
            case "text":
                return f"<mtext>{_spaced(self._word())}</mtext>", False
            case "mathcal" | "mathbb":
                letter = self._word()
                if (letter, said) not in SCRIPTS:
                    raise UnknownTeXError(f"\\{said}{{{letter}}} is not known")
                return f"<mi>{SCRIPTS[letter, said]}</mi>", False
            case "left":
                return self._fence(), False
            case "begin" if self._word() == "cases":
                return self._cases(), False
        raise UnknownTeXError(f"\\{said} is not known")

    def _sign(self) -> str:
        kind, said = self._next()
        if kind == "\\" and said in OPERATORS:
            return OPERATORS[said]
        if kind in "()[]|.":
            return "" if kind == "." else kind
        raise UnknownTeXError(f"'{said}' is no bracket")

    def _fence(self) -> str:
        before = self._sign()
        inner = self.row()
        if self._next() != ("\\", "right"):
            raise UnknownTeXError(f"'{self.tex}' is not whole")
        return _fenced(before, inner, self._sign())

    def _cases(self) -> str:
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self.row())
            token = self._next()
            if token == ("\\", "\\"):
                rows.append([])
            elif token == ("\\", "end") and self._word() == "cases":
                break
            elif token[0] != "&":
                raise UnknownTeXError(f"'{self.tex}' is not whole")
        told = "".join("<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in row) + "</mtr>" for row in rows)
        return f'<mrow><mo fence="true" form="prefix">{{</mo><mtable class="cases">{told}</mtable></mrow>'


def _fenced(before: str, inner: str, behind: str, *, stretchy: bool = True) -> str:
    kept = "" if stretchy else ' stretchy="false"'
    first = f'<mo fence="true" form="prefix"{kept}>{escape(before)}</mo>' if before else ""
    last = f'<mo fence="true" form="postfix"{kept}>{escape(behind)}</mo>' if behind else ""
    return f"<mrow>{first}{inner}{last}</mrow>"


def _spaced(words: str) -> str:
    """Words whose spaces at both ends count, which MathML drops."""
    return escape(re.sub(r"^ | $", "\u00a0", words))
