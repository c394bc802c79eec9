"""Writes gdviz/vmath/coefficients.py: the polynomials of vmath, fitted here and by nobody else.

    python scripts/coefficients.py [--check]

Each function of the reduced argument is fitted in 60 digits by least squares on Chebyshev points, which is within a
fraction of a bit of the best polynomial of its degree. Coefficients are then rounded to the dtype one after another,
from the constant upwards, and those not yet rounded are fitted again to what the rounding left. With --check nothing is
written; the exit status is 1 if the file would change.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import mpmath  # type: ignore[import-untyped]
import numpy
from mpmath import mp, mpf  # type: ignore[import-untyped]

Function = Callable[[mpf], mpf]
TARGET = Path(__file__).parent.parent / "gdviz" / "vmath" / "coefficients.py"
DIGITS = {"float64": 53, "float32": 24}  # bits of the significand
MARGIN = mpf("1.001")  # the reduced argument may leave its interval by a rounding

# How many coefficients bring the approximation below about 2^-57 (float64) and 2^-27 (float32) of the result.
TERMS = {
    "float64": {
        "sine": 6,
        "cosine": 6,
        "half_turn": 8,
        "exponential": 10,
        "logarithm": 7,
        "power": 8,
        "tanh": (3, 3),
        "arctangent": 11,
    },
    "float32": {
        "sine": 3,
        "cosine": 3,
        "half_turn": 4,
        "exponential": 5,
        "logarithm": 3,
        "power": 3,
        "tanh": (2, 1),
        "arctangent": 5,
    },
}


def unit(value: mpf, bits: int) -> mpf:
    """The place value of the last of so many significant bits."""
    return mpmath.ldexp(mpf(1), int(mpmath.floor(mpmath.log(abs(value), 2))) + 1 - bits)


def rounded(value: mpf, bits: int) -> mpf:
    """The nearest number of so many significant bits."""
    return mpmath.nint(value / unit(value, bits)) * unit(value, bits)


def points(low: mpf, high: mpf, count: int) -> list[mpf]:
    """Chebyshev points of an interval; an even count leaves out the middle, where a quotient may be 0/0."""
    turns = [mpmath.cos((2 * i + 1) * mpmath.pi / (2 * count)) for i in range(count)]
    return [(low + high) / 2 + (high - low) / 2 * t for t in turns]


def least_squares(rows: list[list[mpf]], right: list[mpf]) -> list[mpf]:
    """Coefficients that bring rows · c nearest to the right side, by the normal equations (60 digits bear them)."""
    matrix, vector = mpmath.matrix(rows), mpmath.matrix(right)
    return list(mpmath.lu_solve(matrix.T * matrix, matrix.T * vector))


def polynomial(function: Function, low: mpf, high: mpf, terms: int, bits: int) -> list[mpf]:
    """c[0] … c[terms - 1] of Σ c[i] x^i, each of so many bits."""
    places = points(low, high, 8 * terms)
    values = [function(x) for x in places]
    fixed: list[mpf] = []
    while len(fixed) < terms:
        rest = range(len(fixed), terms)
        left = [v - mpmath.polyval(fixed[::-1] or [0], x) for v, x in zip(values, places, strict=True)]
        free = least_squares([[x**i for i in rest] for x in places], left)
        fixed.append(rounded(free[0], bits))
    return fixed


def quotient(function: Function, high: mpf, terms: tuple[int, int], bits: int) -> tuple[list[mpf], list[mpf]]:
    """p and q of p(z) / (1 + z q(z)) on 0 … high: q from the linear problem, rounded, then p for that q."""
    above, below = terms
    places = points(mpf(0), high, 8 * (above + below))
    values = [function(z) for z in places]
    rows = [
        [z**i for i in range(above)] + [-v * z**i for i in range(1, below + 1)]
        for v, z in zip(values, places, strict=True)
    ]
    q = [rounded(c, bits) for c in least_squares(rows, values)[above:]]
    return polynomial(lambda z: function(z) * (1 + z * mpmath.polyval(q[::-1], z)), mpf(0), high, above, bits), q


def table(dtype: str) -> dict[str, list[mpf]]:
    """All polynomials of a dtype by name."""
    bits, terms = DIGITS[dtype], TERMS[dtype]
    quarter = (mpmath.pi / 4 * MARGIN) ** 2
    half = mpmath.log(2) / 2 * MARGIN
    slope = (3 - 2 * mpmath.sqrt(2)) ** 2 * MARGIN  # ((√2 − 1) / (√2 + 1))²

    slope_of_eighth = (mpmath.sqrt(2) - 1) ** 2 * MARGIN  # tan²(π/8)

    def sine(z: mpf) -> mpf:
        return (1 - mpmath.sin(mpmath.sqrt(z)) / mpmath.sqrt(z)) / z

    def cosine(z: mpf) -> mpf:
        return (1 - z / 2 - mpmath.cos(mpmath.sqrt(z))) / z**2

    def half_turn(z: mpf) -> mpf:
        return (mpmath.sin(mpmath.pi / 2 * mpmath.sqrt(z)) / mpmath.sqrt(z) - mpmath.pi / 2) / z

    def exponential(r: mpf) -> mpf:
        return (mpmath.exp(r) - 1 - r) / r**2

    def logarithm(w: mpf) -> mpf:
        return (2 * mpmath.atanh(mpmath.sqrt(w)) / mpmath.sqrt(w) - 2) / w

    def power(w: mpf) -> mpf:
        return (3 * mpmath.atanh(mpmath.sqrt(w)) / mpmath.sqrt(w) - 3 - w) / w**2

    def arctangent(z: mpf) -> mpf:
        return (1 - mpmath.atan(mpmath.sqrt(z)) / mpmath.sqrt(z)) / z

    def tangent(z: mpf) -> mpf:
        return (1 - mpmath.tanh(mpmath.sqrt(z)) / mpmath.sqrt(z)) / z

    p, q = quotient(tangent, mpf("0.5494") ** 2, terms["tanh"], bits)  # type: ignore[arg-type]
    fits = {
        name: polynomial(function, low, high, terms[name], bits)  # type: ignore[arg-type]
        for name, function, low, high in (
            ("sine", sine, mpf(0), quarter),
            ("cosine", cosine, mpf(0), quarter),
            ("half_turn", half_turn, mpf(0), MARGIN),
            ("exponential", exponential, -half, half),
            ("logarithm", logarithm, mpf(0), slope),
            ("power", power, mpf(0), slope),
            ("arctangent", arctangent, mpf(0), slope_of_eighth),
        )
    }
    fits["half_turn"].insert(0, rounded(mpmath.pi / 2 - 1, bits))
    return {**fits, "tanh_above": p, "tanh_below": q}


def pieces(value: mpf, widths: list[int]) -> list[mpf]:
    """A constant as a sum of numbers of so many bits each, so that products with small integers are exact.

    Cut, not rounded: every piece is positive, as 0 times a negative one would turn −0 into 0.
    """
    parts = []
    for bits in widths:
        part = rounded(value, bits)
        parts.append(part if part <= value or bits == widths[-1] else part - unit(value, bits))
        value -= parts[-1]
    return parts


def constants(dtype: str) -> dict[str, list[mpf]]:
    """π/2, ln 2, 2/3, π/4 and the logarithms of 2 and e to bases 2 and 10 in pieces.

    The second piece of π/2 ends at 2^-53 or 2^-22, so that the first two subtractions of the reduction are exact for
    less than 2^20 or 2^13 quarter turns; ln 2 and its decimal logarithm leave 11 or 8 bits for the exponent; 2/3 and
    the logarithms of e meet a head of half width; π/4 is a whole number and what it lacks.
    """
    bits, half, product = (53, 26, 40) if dtype == "float64" else (24, 12, 15)
    turn = [33, 20, 33, 53] if dtype == "float64" else [11, 11, 11, 24]
    return {
        "half_pi": pieces(mpmath.pi / 2, turn),
        "ln2": pieces(mpmath.log(2), [product, bits]),
        "two_thirds": pieces(mpf(2) / 3, [half, bits]),
        "quarter_pi": pieces(mpmath.pi / 4, [bits, bits]),
        "log10_2": pieces(mpmath.log(2, 10), [product, bits]),
        "log10_e": pieces(1 / mpmath.log(10), [half, bits]),
        "log2_e": pieces(1 / mpmath.log(2), [half, bits]),
    }


def literal(value: mpf, dtype: str) -> str:
    """The shortest decimal that reads back as this very number of the dtype, through a float64 too."""
    scalar = numpy.dtype(dtype).type(float(value))
    text = str(scalar)
    if mpf(float(scalar)) != value or numpy.dtype(dtype).type(float(text)) != scalar:
        raise ValueError(f"{value} is no {dtype}")
    return text


def source() -> str:
    """The text of the module."""
    lines = [
        '"""Polynomials and split constants of vmath, lowest order first; written by scripts/coefficients.py."""',
        "",
        "from __future__ import annotations",
        "",
        "COEFFICIENTS: dict[str, dict[str, list[str]]] = {",
    ]
    for dtype in DIGITS:
        lines.append(f'    "{dtype}": {{')
        for name, values in {**constants(dtype), **table(dtype)}.items():
            lines.append(f'        "{name}": [')
            lines += [f'            "{literal(value, dtype)}",' for value in values]
            lines.append("        ],")
        lines.append("    },")
    return "\n".join([*lines, "}", ""])


def main(arguments: list[str]) -> int:
    mp.dps = 60
    text = source()
    if "--check" in arguments:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
