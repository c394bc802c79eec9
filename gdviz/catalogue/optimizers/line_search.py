"""Searches along a direction, and descent that uses them: how far to go is tried out at every step."""

from gdviz.formula import abs, dot, max, norm, sqrt
from gdviz.registry import define, scalar

EXACT = 1e-10
"""An exact search ends where the slope along the ray is this fraction of what it was."""

ROUNDING = 1e-15
"""Losses that differ by less than this fraction are equal: some units in the last place of double precision."""


def strong_wolfe(value, gradient, x, p, f, slope, rate, c1, c2, tries):
    """A rate that satisfies the strong Wolfe conditions along p, `rate` being tried first and f, slope known at x.

    φ(a) = f(x + a p) must fall enough, φ(a) ≤ φ(0) + c₁ a φ'(0), and flatten enough, |φ'(a)| ≤ c₂ |φ'(0)|. Bracketing
    and zoom of Nocedal & Wright 2006 (algorithms 3.5 and 3.6) as one loop: `low` is the best rate so far that falls
    enough, `high` the other end of a bracket once there is one; inside it the next rate is the cubic's minimum (3.59),
    kept off the ends, before it that of the slope's secant, within 1.25 and 5 times. Where `tries` do not suffice,
    `low`: 0 if none fell enough.
    """
    low, f_low, s_low = 0.0, f, slope
    high, f_high, s_high = 0.0, f, slope
    bracketed = False
    if not slope < 0:
        return low
    for _ in range(int(tries)):
        f_rate = value(x + rate * p)
        s_rate = dot(gradient(x + rate * p), p)
        falls = f_rate <= f + c1 * rate * slope or (f_rate <= f + ROUNDING * abs(f) and s_rate <= (2 * c1 - 1) * slope)
        if falls and abs(s_rate) <= -c2 * slope:
            return rate
        before, s_before = low, s_low
        if falls and f_rate < f_low:
            if (not bracketed and s_rate >= 0) or (bracketed and s_rate * (high - low) >= 0):
                high, f_high, s_high = low, f_low, s_low
                bracketed = True
            low, f_low, s_low = rate, f_rate, s_rate
        else:
            high, f_high, s_high = rate, f_rate, s_rate
            bracketed = True
        if bracketed:
            d1 = s_low + s_high - 3 * (f_low - f_high) / (low - high)
            d2 = sqrt(max(d1 * d1 - s_low * s_high, 0.0))
            if high < low:
                d2 = -d2
            part = 1 - (s_high + d2 - d1) / (s_high - s_low + 2 * d2)
            if not part > 0.1:
                part = 0.1
            if part > 0.9:
                part = 0.9
            rate = low + part * (high - low)
        else:
            part = s_before / (s_before - s_low)
            if not (part > 1.25 and s_before < s_low):
                part = 1.25
                if s_low <= s_before:
                    part = 5.0
            if part > 5:
                part = 5.0
            rate = before + part * (low - before)
        if rate == low:
            break
    return low


def exact_rate(gradient, x, p, slope, rate, tries):
    """The rate at which the slope along p is zero, the first one met by growing steps from `rate`.

    The slope φ'(a) = ∇f(x + a p)·p is followed by its secant until it changes sign, then its root is found by the
    Illinois form of regula falsi (Dowell & Jarratt 1971, doi:10.1007/BF01934364). On a quadratic φ' is a line and the
    secant exact.
    """
    low, s_low = 0.0, slope
    high, s_high = 0.0, slope
    bracketed, rising = False, False
    if not slope < 0:
        return low
    for _ in range(int(tries)):
        s_rate = dot(gradient(x + rate * p), p)
        if abs(s_rate) <= -EXACT * slope:
            return rate
        if s_rate < 0:
            before, s_before = low, s_low
            if bracketed and not rising:
                s_high = 0.5 * s_high
            low, s_low = rate, s_rate
            rising = False
            part = s_before / (s_before - s_low)
            if not (part < 5 and s_before < s_low):
                part = 5.0
            grown = before + part * (low - before)
        else:
            if rising:
                s_low = 0.5 * s_low
            high, s_high = rate, s_rate
            bracketed, rising = True, True
            grown = rate
        if bracketed:
            part = s_low / (s_low - s_high)
            if not (part > 0 and part < 1):
                part = 0.5
            grown = low + part * (high - low)
        if not (grown < rate or grown > rate) or grown == low:
            break
        rate = grown
    return rate


def first_rate(last, p, lr):
    """What a search tries first: the last step's rate, or where there is none a step of length η at most."""
    if last > 0:
        return last
    return lr / max(norm(p), 1.0)


@define(
    "optimizer",
    title="GD with Armijo search",
    aliases=("backtracking", "line_search", "armijo_line_search"),
    presets={"textbook": {}},
    limits={"decrease": (0.0, 1.0), "shrink": (0.0, 1.0), "tries": (1.0, 1000.0)},
    no_oracle="a search asks the landscape, which recorded gradients do not answer; steps are compared with those of "
    "optax's backtracking search",
    source="Armijo 1966, Minimization of functions having Lipschitz continuous first partial derivatives, "
    "doi:10.2140/pjm.1966.16.1",
)
def armijo(x, f, g, value, lr=1.0, decrease=1e-4, shrink=0.5, tries=30.0):
    """Gradient descent that shortens its step until the loss falls enough: no rate to choose, each try is charged.

    From η on, the rate is multiplied by `shrink` until f(x − η g) ≤ f − c η |g|², c being `decrease`; after `tries`
    tries it is taken as it is. In the paper c and `shrink` are ½.
    """
    rate = lr
    for _ in range(int(tries)):
        if value(x - rate * g) <= f - decrease * rate * dot(g, g):
            break
        rate = shrink * rate
    return x - rate * g


@define(
    "optimizer",
    title="GD with Wolfe search",
    aliases=("strong_wolfe", "wolfe_search"),
    presets={"textbook": {}},
    no_oracle="a search may choose any rate within the conditions; the conditions are what a test asks for",
    source="Wolfe 1969, Convergence conditions for ascent methods, doi:10.1137/1011036; search after Nocedal & Wright "
    "2006, Numerical Optimization, algorithms 3.5 and 3.6, ISBN 978-0-387-30303-1",
)
def wolfe(x, f, g, value, gradient, rate: scalar, lr=1.0, c1=1e-4, c2=0.1, tries=20.0):
    """Gradient descent that goes down each ray until the loss has fallen and flattened enough.

    The first step is tried with length η at most, later ones with the last step's rate. The slope must be small on
    either side, the strong form of Wolfe's condition, which bounds it from below only.
    """
    slope = -dot(g, g)
    rate = strong_wolfe(value, gradient, x, -g, f, slope, first_rate(rate, g, lr), c1, c2, tries)
    return x - rate * g, rate


@define(
    "optimizer",
    title="Steepest descent (exact)",
    aliases=("exact", "exact_search", "steepest_descent"),
    presets={"textbook": {}},
    no_oracle="no library searches exactly; successive gradients are orthogonal, which a test asks for",
    source="Nocedal & Wright 2006, Numerical Optimization, section 3.3, ISBN 978-0-387-30303-1; after "
    "Cauchy 1847, Méthode générale pour la résolution des systèmes d'équations simultanées",
)
def exact_line_search(x, g, gradient, rate: scalar, lr=1.0, tries=50.0):
    """Gradient descent that goes to the lowest point of each ray, so that every turn is a right angle.

    The point is where the slope along the ray is zero, found by its secant; on a long valley the path still zigzags.
    """
    slope = -dot(g, g)
    rate = exact_rate(gradient, x, -g, slope, first_rate(rate, g, lr), tries)
    return x - rate * g, rate
