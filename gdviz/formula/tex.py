"""Numbers and names in TeX, as formulas and rules have them."""

from __future__ import annotations

import re

GREEK = frozenset(
    {
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
        *("xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
    }
)
"""Names that TeX has a letter for."""


def number(value: float) -> str:
    """A number as a person writes it: as a power of ten where it would have five zeros or more."""
    plain = repr(value).removesuffix(".0")
    if abs(value) >= 1e5 and plain.endswith("0000"):
        digits = plain.rstrip("0").lstrip("-")
        if len(digits) == 1 or len(plain.lstrip("-")) > 6:
            power = len(plain.lstrip("-")) - 1
            plain = f"{'-' * (value < 0)}{digits[0]}{'.' * (len(digits) > 1)}{digits[1:]}e{power}"
    mantissa, _, power_text = plain.partition("e")
    if not power_text:
        return mantissa
    raised = f"10^{{{int(power_text)}}}"
    return {"1": raised, "-1": f"-{raised}"}.get(mantissa, rf"{mantissa} \cdot {raised}")


def letters(name: str) -> str:
    """A constant's name, as SymPy writes its symbol."""
    matched = re.fullmatch(r"(.*?)_?(\d*)", name)
    word, index = matched.groups() if matched else (name, "")
    letter = f"\\{word}" if word in GREEK else word
    return f"{letter}_{{{index}}}" if index else letter
