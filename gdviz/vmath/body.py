"""The text of vmath's functions: additions, products, divisions, selections and bit operations in straight lines.

The functions are the same text for both dtypes; what differs are constants and series, which gdviz.vmath.preamble
writes in front. Names in capitals are those constants; `dev F I where bits from_bits sqrt floor` come from a header.
Nothing here may be reassociated: the low words are the rounding errors of the lines above them.
"""

from __future__ import annotations

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
# log10, log2: the logarithm of m as a sum of two numbers, the first with a head's bits, so that its product with the
#     head of log e is exact and what powers of the base answer is exact as well.
# log1p: the logarithm of u = 1 + x, times how much more x is than u − 1, the part of it that the sum has kept.
# cosh: half of e^|x| + e^-|x|; where the latter no longer counts, e/2 times e^(|x| - 1).
# atan, atan2: the angle of (a, b) is 0, π/4 or π/2 plus that of b/a, (b − a)/(b + a) or −a/b, which is in ±tan π/8: one
#     division. asin is the angle of (√((1 − x)(1 + x)), x), and acos twice that of (√(1 + x), √(1 − x)).
# cbrt: a third of log|x| gives the first half of the bits, whose square is exact, and Halley's step all of them.
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
def _logarithm_parts(x):
    m, k = _split(x)
    f = m - F(1.0)
    s = f / (F(2.0) + f)
    w = s * s
    half = F(0.5) * f * f
    high = _head(f - half)
    return high, ((f - high) - half) + s * (half + w * _logarithm_series(w)), k


@dev
def _logarithm_edges(x, y):
    return where(x > F(0.0), where(x < INF, y, x), where(x == F(0.0), -INF, NAN))


@dev
def log2(x):
    high, low, k = _logarithm_parts(x)
    t = high * LOG2_E_HIGH
    y = k + t
    return _logarithm_edges(x, y + (((k - y) + t) + ((low + high) * LOG2_E_LOW + low * LOG2_E_HIGH)))


@dev
def log10(x):
    high, low, k = _logarithm_parts(x)
    t = high * LOG10_E_HIGH
    ke = k * LOG10_2_HIGH
    y = ke + t
    rest = k * LOG10_2_LOW + (low + high) * LOG10_E_LOW + low * LOG10_E_HIGH
    return _logarithm_edges(x, y + (((ke - y) + t) + rest))


@dev
def log1p(x):
    u = F(1.0) + x
    kept = u - F(1.0)
    return where(kept == F(0.0), x, log(u) * where(kept == x, F(1.0), x / kept))


@dev
def cbrt(x):
    a = abs(x)
    t = _head(exp(log(a) * THIRD))
    r = a / (t * t)
    y = t + t * ((r - t) / ((t + t) + r))
    y = where((a > F(0.0)) & (a < INF), y, a)
    return from_bits(bits(y) | (bits(x) & SIGN))


@dev
def _angle(a, b):
    most = where(a > b, a, b)
    scale = where(most > ANGLE_LARGE, F(0.125), where(most < ANGLE_SMALL, LIFT, F(1.0)))
    edge = (a == b) & ((a == F(0.0)) | (a == INF))
    a = where(edge, where(a == INF, F(1.0), INF), a * scale)
    b = where(edge, F(1.0), b * scale)
    low = b <= TAN_EIGHTH * a
    high = b > COT_EIGHTH * a
    up = where(low, b, where(high, -a, b - a))
    down = where(low, a, where(high, b, b + a))
    r = up / down
    z = r * r
    base = where(low, F(0.0), where(high, F(2.0), F(1.0)))
    return base * QUARTER_PI_HIGH + (r - (r * (z * _arctangent_series(z)) - base * QUARTER_PI_LOW))


@dev
def atan(x):
    return from_bits(bits(_angle(F(1.0), abs(x))) | (bits(x) & SIGN))


@dev
def atan2(y, x):
    angle = _angle(abs(x), abs(y))
    left = bits(x) < ZERO
    angle = where(left, F(4.0) * QUARTER_PI_HIGH - (angle - F(4.0) * QUARTER_PI_LOW), angle)
    angle = where((x == x) & (y == y), angle, NAN)
    return from_bits(bits(angle) | (bits(y) & SIGN))


@dev
def asin(x):
    a = abs(x)
    return from_bits(bits(_angle(sqrt((F(1.0) - a) * (F(1.0) + a)), a)) | (bits(x) & SIGN))


@dev
def acos(x):
    return F(2.0) * _angle(sqrt(F(1.0) + x), sqrt(F(1.0) - x))


@dev
def cosh(x):
    u = abs(x)
    large = u > COSH_LARGE
    t = exp(where(large, u - F(1.0), u))
    return where(large, t * HALF_E, F(0.5) * t + F(0.5) / t)


@dev
def sinh(x):
    return tanh(x) * cosh(x)


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
