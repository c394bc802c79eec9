r"""Mathematics inside texts: what stands between two dollars is set as TeX, `\$` is a dollar."""

from __future__ import annotations

import functools
import re

from gdviz.errors import UsageError

SPAN = re.compile(r"(?<!\\)\$(?=[^\s$])([^$]*?)(?<![\s\\])\$(?!\d)")
"""Dollars with mathematics between them: none has a space on its inner side and no digit follows, so that prices stay
what they are. Source: the rule of Pandoc's `tex_math_dollars`."""

_ATOM = re.compile(rf"(?:{SPAN.pattern}|\S|\u00a0| (?=%))+")  # no break at a space that allows none, or before %

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ "
    "tau τ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Sigma Σ Phi Φ Psi Ψ Omega Ω"
)
_OTHERS = "nabla ∇ infty ∞ cdot · times × leq ≤ geq ≥ to → sqrt √ partial ∂ in ∈ pm ± approx ≈ neq ≠ ldots …"
_SIGNS: dict[str, str] = dict(re.findall(r"(\w+) (\S)", f"{_GREEK} {_OTHERS}")) | {"quad": " "}
_RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")


@functools.lru_cache(maxsize=4096)
def prepared(text: str) -> tuple[str, bool]:
    """A text as Matplotlib takes it, and whether it holds mathematics, which it then parses."""
    if "$" not in text:
        return text, False
    if not SPAN.search(text):
        return text.replace(r"\$", "$"), False
    parts, end = [], 0
    for span in SPAN.finditer(text):
        parts += [text[end : span.start()].replace(r"\$", "$").replace("$", r"\$"), span[0]]
        end = span.end()
    return "".join([*parts, text[end:].replace(r"\$", "$").replace("$", r"\$")]), True


def atoms(text: str) -> list[str]:
    """The words of a text; mathematics between dollars is broken nowhere."""
    return [found[0] for found in _ATOM.finditer(text)]


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The same in single letters, for what is drawn letter by letter because it moves: β₁ for $\\beta_1$."""
    if "$" not in text:
        return text
    return SPAN.sub(lambda span: _letters(span[1]), text).replace(r"\$", "$")


def _letters(tex: str) -> str:
    tex = re.sub(r"\\(?:mathrm|mathbf|mathit|text|operatorname|left|right)(?![A-Za-z])", "", tex)
    tex = re.sub(r"\\hat\{?([A-Za-z])\}?", "\\1\u0302", tex)
    tex = re.sub(r"\\([A-Za-z]+)\s*", lambda name: _SIGNS.get(name[1], name[1]), tex)
    tex = re.sub(r"\\[,;:! ]", " ", tex)
    tex = re.sub(r"\^(?:\{([-+n\d]+)\}|([n\d]))", lambda p: (p[1] or p[2]).translate(_RAISED), tex)
    tex = re.sub(r"_(?:\{([-+\d]+)\}|(\d))", lambda p: (p[1] or p[2]).translate(_LOWERED), tex)
    return re.sub(r"[{}]", "", tex).replace("-", "−")


def refusal(text: str, why: str) -> UsageError:
    """What is said of TeX that cannot be set; `why` is the parser's own, which speaks of its grammar."""
    unknown = re.search(r"Unknown symbol: (\\\w+)", why)
    reason = f"{unknown[1]} is not known" if unknown else "it is not whole"
    return UsageError(
        rf"the mathematics in '{text[:60]}' cannot be set, as {reason}; correct the TeX, or write \$ for a dollar"
    )
