"""The text of vmath's functions: additions, products, divisions, selections and bit operations in straight lines.

The functions are the same text for both dtypes; what differs are constants and series, which `preamble` writes in
front. Names in capitals are those constants; `dev F I where bits from_bits sqrt floor` come from a header.
Nothing here may be reassociated: the low words are the rounding errors of the lines above them.
"""

from __future__ import annotations

from gdviz.vmath.coefficients import COEFFICIENTS

WIDTHS = {"float64": (64, 52, 1023), "float32": (32, 23, 127)}
"""Bits of a number, bits of its fraction, bias of its exponent."""

# sin, cos: x = n π/2 + r, n the nearest integer; the first two subtractions are exact, and r keeps all but its last bit
#     even next to a multiple of π/2 (see REDUCED). What 1 − z/2 loses to rounding is a tenth of an ulp of the cosine,
#     and keeping it would take a tenth of the time. Sine and cosine of r have series of one length, so the parity of n
#     selects coefficients and no second series is summed; sin and cos of one argument share the reduction.
# sinq, cosq: x = n + r without loss, n even or odd, so |r| ≤ 1 and one series serves without a choice: a third fewer
#     instructions than sin. It is r + r (π/2 − 1 + …), whose bracket vanishes towards r = 1, where sine is largest.
# exp: x = n ln 2 + r; 1 + (r + r² E(r)), and n added to the exponent. The last doubling is a product, so that overflow
#     is infinite; small results are made larger and scaled down once, so that subnormals are rounded once.
# log: x = 2^k m, m in [√½, √2), s = (m − 1)/(m + 1): log m = 2 atanh s by its odd series.
# tanh: h = |x| − k/2 ln 2 and tanh h = P/Q, so e^2|x| = 2^k (Q + P)/(Q − P) = a/b and tanh|x| = 1 − 2b/(a + b): one
#     division. Up to |x| = atanh ½ nothing is reduced, and h − t/Q, that quotient with h taken out, is exact enough.
# pow: log|x| as a sum of two numbers (heads are cut so that their products are exact), times y, then exp of such a sum.
FUNCTIONS = """
@dev
def _head(x):
    return from_bits(bits(x) & HEAD_MASK)


@dev
def _circle(x, r, quarter):
    z = r * r
    odd = (quarter & ONE) != ZERO
    y = where(odd, F(1.0) - F(0.5) * z, r) - where(odd, z, r) * z * _circle_series(odd, z)
    y = from_bits(bits(y) ^ ((quarter & TWO) << TO_SIGN))
    return where(abs(x) <= TURN_LIMIT, y, NAN)


@dev
def sin(x):
    turned = x * TWO_OVER_PI + MAGIC
    return _circle(x, _reduced(x, turned - MAGIC), bits(turned))


@dev
def cos(x):
    turned = x * TWO_OVER_PI + MAGIC
    return _circle(x, _reduced(x, turned - MAGIC), bits(turned) + ONE)


@dev
def _half_turn(x, r, turned):
    z = r * r
    y = r + r * (HALF_TURN_1 + z * HALF_TURN_3 + z * z * _half_turn_series(z))
    y = where(y < F(1.0), y, F(1.0))
    y = where(y > F(-1.0), y, F(-1.0))
    y = from_bits(bits(y) ^ (bits(turned) << (TO_SIGN + ONE)))
    return where(abs(x) <= TURN_LIMIT, y, NAN)


@dev
def sinq(x):
    turned = x + EVEN_MAGIC
    return _half_turn(x, x - (turned - EVEN_MAGIC), turned)


@dev
def cosq(x):
    turned = (x + F(1.0)) + EVEN_MAGIC
    return _half_turn(x, x - ((turned - EVEN_MAGIC) - F(1.0)), turned)


@dev
def tan(x):
    return sin(x) / cos(x)


@dev
def _exponential(x, less):
    turned = x * LOG2E + MAGIC
    n = turned - MAGIC
    a = x - n * LN2_HIGH
    b = n * LN2_LOW + less
    r = a - b
    p = F(1.0) + (a - (b - r * r * _exponential_series(r)))
    low = x < EXP_SCALED
    p = from_bits(bits(p) + (bits(turned) << FRACTION) + where(low, EXP_RAISE_BITS, EXP_HALVE_BITS))
    return p * where(low, EXP_RAISE, F(2.0))


@dev
def exp(x):
    y = _exponential(where(x > EXP_LOW, x, EXP_LOW), F(0.0))
    return where(x < EXP_HIGH, y, x * INF)


@dev
def _split(x):
    tiny = x < SMALLEST
    j = bits(where(tiny, x * LIFT, x)) + FROM_ROOT_HALF
    k = from_bits(((j & EXPONENT_MASK) >> FRACTION) | WHOLE_BITS) - where(tiny, EXPONENT_BASE_LIFTED, EXPONENT_BASE)
    return from_bits((j & FRACTION_MASK) + ROOT_HALF), k


@dev
def log(x):
    m, k = _split(x)
    f = m - F(1.0)
    s = f / (F(2.0) + f)
    w = s * s
    half = F(0.5) * f * f
    y = k * LN2_HIGH - ((half - (s * (half + w * _logarithm_series(w)) + k * LN2_LOW)) - f)
    return where(x > F(0.0), where(x < INF, y, x), where(x == F(0.0), -INF, NAN))


@dev
def tanh(x):
    u = abs(x)
    u = where(u > TANH_LIMIT, TANH_LIMIT, u)
    plain = u < TANH_PLAIN
    turned = where(plain, F(0.0), u * TWO_LOG2E) + MAGIC
    n = turned - MAGIC
    h = (u - n * HALF_LN2_HIGH) - n * HALF_LN2_LOW
    z = h * h
    t = h * (z * _tanh_above_series(z))
    q = F(1.0) + z * _tanh_below_series(z)
    p = h * q - t
    a = from_bits(bits(q + p) + (bits(turned) << FRACTION))
    b = q - p
    y = where(plain, u, F(1.0)) - where(plain, t, b + b) / where(plain, q, a + b)
    return from_bits(bits(y) | (bits(x) & SIGN))


@dev
def pow(x, y):
    a = abs(x)
    m, k = _split(a)
    f = m - F(1.0)
    g = m + F(1.0)
    v = F(1.0) / g
    s = f * v
    sh = _head(s)
    gh = _head(g)
    sl = ((f - sh * gh) - sh * ((g - gh) + (m - (g - F(1.0))))) * v
    s = sh + sl
    wh = sh * sh
    w = s * s
    e = sl * (sh + s) + w * w * _power_series(w)
    th = _head(F(3.0) + wh + e)
    t = sh * th
    tl = sl * th + s * (e - ((th - F(3.0)) - wh))
    ph = _head(t + tl)
    pl = tl - (ph - t)
    t = TWO_THIRDS_HEAD * ph
    ke = k * LN2_HIGH
    h = ke + t
    low = (t - (h - ke)) + (TWO_THIRDS_TAIL * ph + TWO_THIRDS * pl + k * LN2_LOW)
    lh = _head(h)
    ll = (h - lh) + low
    c = where(y < POWER_LIMIT, where(y > -POWER_LIMIT, y, -POWER_LIMIT), where(y == y, POWER_LIMIT, y))
    ch = _head(c)
    t = ch * lh
    tl = (c - ch) * lh + c * ll
    z = t + tl
    less = where(z > EXP_LOW, (z - t) - tl, F(0.0))
    r = where(z < EXP_HIGH, _exponential(where(z > EXP_LOW, z, EXP_LOW), less), z * INF)
    r = where(a == F(0.0), where(y < F(0.0), INF, F(0.0)), r)
    r = where(a == INF, where(y < F(0.0), F(0.0), INF), r)
    b = abs(y)
    broken = (b < WHOLE) & ((b + WHOLE) - WHOLE != b)
    d = where(broken, F(0.0), F(0.5) * b)
    odd = (d < WHOLE) & ((d + WHOLE) - WHOLE != d)
    r = where(odd & (bits(x) < ZERO), -r, r)
    r = where(broken & (x < F(0.0)) & (a < INF), NAN, r)
    r = where((x == x) & (y == y), r, NAN)
    return where((y == F(0.0)) | (x == F(1.0)), F(1.0), r)


@dev
def sign(x):
    return where(x > F(0.0), F(1.0), where(x < F(0.0), F(-1.0), x))


@dev
def max(a, b):
    return where((a >= b) | (a != a), a, b)


@dev
def min(a, b):
    return where((a <= b) | (a != a), a, b)
"""


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
        **{name: float(c) for name, c in zip(("TWO_THIRDS_HEAD", "TWO_THIRDS_TAIL"), table["two_thirds"], strict=True)},
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
    for name in ("exponential", "logarithm", "power", "tanh_above", "tanh_below"):
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
