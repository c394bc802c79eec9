"""What stands before vmath's functions: the constants and series of a dtype, as text."""

from __future__ import annotations

from gdviz.vmath.coefficients import COEFFICIENTS

WIDTHS = {"float64": (64, 52, 1023), "float32": (32, 23, 127)}
"""Bits of a number, bits of its fraction, bias of its exponent."""

# x − n π/2, π/2 in four pieces. In float32 the rounding error of the third subtraction is carried over to the fourth;
# in float64 the third piece ends so low that nothing is left to carry but next to multiples of π/2, where it is exact.
REDUCED = {
    "float64": """

@dev
def _reduced(x, n):
    return (((x - n * HALF_PI_1) - n * HALF_PI_2) - n * HALF_PI_3) - n * HALF_PI_4
""",
    "float32": """

@dev
def _reduced(x, n):
    r = (x - n * HALF_PI_1) - n * HALF_PI_2
    c = n * HALF_PI_3
    d = r - c
    return d - (n * HALF_PI_4 - ((r - d) - c))
""",
}


def preamble(dtype: str) -> str:
    """Constants and series of a dtype, as text."""
    size, fraction, bias = WIDTHS[dtype]
    double = dtype == "float64"
    table = COEFFICIENTS[dtype]
    root_half = 0x3FE6A09E667F3BCD if double else 0x3F3504F3  # bits of the number nearest to √½
    head = (fraction + 1) // 2  # bits of a number whose square is exact
    reals = {
        "MAGIC": 1.5 * 2.0**fraction,  # added to a number, it leaves the nearest integer in the lowest bits
        "EVEN_MAGIC": 3.0 * 2.0**fraction,  # the same with the nearest even integer, halved
        "WHOLE": 2.0**fraction,  # from here on every number is an integer
        "INF": float("inf"),
        "NAN": float("nan"),
        "TWO_OVER_PI": 0.6366197723675814,
        "TURN_LIMIT": 2.0 ** (fraction - 1),
        "LOG2E": 1.4426950408889634,
        "SMALLEST": 2.0 ** (1 - bias),  # normal number
        "LIFT": 2.0 ** (fraction + 2),
        "EXPONENT_BASE": 2.0**fraction + bias,
        "EXPONENT_BASE_LIFTED": 2.0**fraction + bias + fraction + 2,
        # Above, exp overflows for certain; below, it is under half the smallest subnormal; scaled: near the subnormals.
        "EXP_HIGH": 710.0 if double else 89.0,
        "EXP_LOW": -746.0 if double else -104.0,
        "EXP_SCALED": -700.0 if double else -80.0,
        "EXP_RAISE": 2.0 ** -(fraction + 12),
        "TANH_LIMIT": 20.0 if double else 10.0,  # 1 − tanh is under a quarter ulp
        "TANH_PLAIN": 0.5494,  # atanh ½: from here on the differences cancel little
        "TWO_LOG2E": 2.8853900817779268,
        "POWER_LIMIT": 2.0 ** (fraction + 14),  # |log a| is 0 or ≥ 2^-(fraction + 1): such a y under- or overflows
        **{f"HALF_PI_{i}": float(c) for i, c in enumerate(table["half_pi"], 1)},
        **{f"HALF_TURN_{i}": float(c) for i, c in zip((1, 3), table["half_turn"], strict=False)},
        **{name: float(c) for name, c in zip(("LN2_HIGH", "LN2_LOW"), table["ln2"], strict=True)},
        **{name: float(c) / 2 for name, c in zip(("HALF_LN2_HIGH", "HALF_LN2_LOW"), table["ln2"], strict=True)},
        "TWO_THIRDS": 2 / 3,
        "THIRD": 1 / 3,
        "HALF_E": 1.3591409142295225,
        "COSH_LARGE": 40.0 if double else 20.0,  # e^-2|x| is under a quarter ulp
        "TAN_EIGHTH": 0.4142135623730951,  # of half a turn
        "COT_EIGHTH": 2.414213562373095,
        "ANGLE_LARGE": 2.0 ** (bias - 3),  # from here on a sum of two might overflow
        "ANGLE_SMALL": 2.0 ** (fraction + 3 - bias),  # below, a product might lose bits
        **{name: float(c) for name, c in zip(("TWO_THIRDS_HEAD", "TWO_THIRDS_TAIL"), table["two_thirds"], strict=True)},
        **{
            f"{name.upper()}_{part}": float(c)
            for name in ("quarter_pi", "log10_2", "log10_e", "log2_e")
            for part, c in zip(("HIGH", "LOW"), table[name], strict=True)
        },
    }
    integers = {
        "ZERO": 0,
        "ONE": 1,
        "TWO": 2,
        "FRACTION": fraction,
        "FRACTION_MASK": (1 << fraction) - 1,
        "EXPONENT_MASK": (1 << (size - 1)) - (1 << fraction),
        "SIGN": -(1 << (size - 1)),
        "TO_SIGN": size - 2,
        "HEAD_MASK": -(1 << (fraction + 1 - head)),
        "ROOT_HALF": root_half,
        "FROM_ROOT_HALF": (bias << fraction) - root_half,
        "WHOLE_BITS": (bias + fraction) << fraction,
        "EXP_RAISE_BITS": (fraction + 12) << fraction,
        "EXP_HALVE_BITS": -(1 << fraction),
    }
    lines = [f"{name} = F({_real(value)})" for name, value in reals.items()]
    lines += [f"{name} = I({value})" for name, value in integers.items()]
    for name in ("exponential", "logarithm", "power", "tanh_above", "tanh_below", "arctangent"):
        lines += ["", "", "@dev", f"def _{name}_series(z):", *_series([f"F({c})" for c in table[name]])]
    pairs = [f"where(odd, F({c}), F({s}))" for s, c in zip(table["sine"], table["cosine"], strict=True)]
    lines += ["", "", "@dev", "def _circle_series(odd, z):", *_halved(pairs)]
    rest = [f"F({c})" for c in table["half_turn"][2:]]
    lines += ["", "", "@dev", "def _half_turn_series(z):", *_halved(rest)]
    return "\n".join(lines) + "\n" + REDUCED[dtype] + "\n"


def _real(value: float) -> str:
    return repr(value) if abs(value) < float("inf") else f'"{value}"'


def _series(terms: list[str]) -> list[str]:
    """Lines of a function of z that returns Σ terms[i] z^i; from four terms on in pairs, which is half as deep."""
    if len(terms) < 4:
        return [f"    return {_nest(terms, 'z')}"]
    pairs = [f"({_nest(terms[i : i + 2], 'z')})" for i in range(0, len(terms), 2)]
    return ["    z2 = z * z", f"    return {_nest(pairs, 'z2')}"]


def _halved(terms: list[str]) -> list[str]:
    """The same in halves of halves: for the same work not even half as deep, one more rounding off."""
    lines, z, degree = [], "z", 1
    while len(terms) > 1:
        pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
        terms = [f"({pair[0]} + {z} * {pair[1]})" if len(pair) > 1 else pair[0] for pair in pairs]
        if len(terms) > 1:
            degree *= 2
            lines.append(f"    z{degree} = {z} * {z}")
            z = f"z{degree}"
    return [*lines, f"    return {terms[0]}"]


def _nest(terms: list[str], z: str) -> str:
    *lower, text = terms
    for i, term in enumerate(lower[::-1]):
        text = f"{term} + {z} * {text}" if i == 0 else f"{term} + {z} * ({text})"
    return text
