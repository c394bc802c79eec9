"""Families of any dimension whose coordinates act on each other: chains, norms and products."""

from gdviz.formula import TIP, abs, cos, exp, log, pi, sin, sqrt
from gdviz.registry import define, origin

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
SCHWEFEL = "Schwefel 1981, Numerical Optimization of Computer Models, Wiley, ISBN 0-471-09988-0"
BBOB = "Hansen, Finck, Ros & Auger 2009, Real-parameter black-box optimization benchmarking: noiseless functions"


def product(factors):
    """Product of some values, in their order."""
    result = 1.0
    for factor in factors:
        result = result * factor
    return result


@define(
    "landscape",
    domain=((-12.0, 12.0), (-12.0, 12.0)),
    start=(-9.0, 6.5),
    minima=origin,
    steps=300,
    levels="linear",
    source="Griewank 1981, Generalized descent for global optimization, doi:10.1007/BF00933356",
)
def griewank(*x):
    """Fine waves on a wide bowl; only the global minimum is listed; usual domain ±600."""
    waves = product(cos(c / sqrt(i + 1.0)) for i, c in enumerate(x))
    return 1 + sum(c**2 for c in x) / 4000 - waves


@define(
    "landscape",
    domain=((-5.0, 10.0), (-5.0, 10.0)),
    start=(3.0, 7.0),
    minima=origin,
    steps=200,
    levels="log",
    source=SURVEY,
)
def zakharov(*x):
    """Plate with a fourth-power wall across the diagonal: no other minimum, but curvatures of all sizes."""
    weighted = sum((i + 1) * c for i, c in enumerate(x)) / 2
    return sum(c**2 for c in x) + weighted**2 + weighted**4


@define(
    "landscape",
    title="Schwefel 1.2",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.5, 1.0),
    minima=origin,
    steps=150,
    levels="log",
    aliases=("double_sum", "rotated_hyper_ellipsoid"),
    source=SCHWEFEL,
)
def schwefel_1_2(*x):
    """Sum of squared partial sums: an oblique bowl whose conditioning grows with the square of the dimension."""
    partial = [sum(x[: i + 1]) for i in range(len(x))]
    return sum(s**2 for s in partial)


@define(
    "landscape",
    title="Schwefel 2.22",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.2, 2.9),
    minima=origin,
    steps=150,
    levels="linear",
    source=SCHWEFEL,
)
def schwefel_2_22(*x):
    """Creased star: steep where all coordinates are large, of constant slope along the axes."""
    return sum(abs(c) for c in x) + product(abs(c) for c in x)


@define(
    "landscape",
    title="Chung and Reynolds",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.8, 1.1),
    minima=origin,
    steps=200,
    levels="log",
    source=SURVEY,
)
def chung_reynolds(*x):
    """Squared sphere: round, but the gradient fades with the third power of the distance."""
    return sum(c**2 for c in x) ** 2


@define(
    "landscape",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(2.6, -0.6),
    minima=origin,
    steps=300,
    levels="log",
    aliases=("powell_singular",),
    source="Powell 1962, An iterative method for finding stationary values of a function of several variables, "
    "doi:10.1093/comjnl/5.2.147",
)
def powell(*x):
    """Powell's function of blocks of four: singular at its minimum for n = 4k; of two coordinates an oblique bowl."""
    n = len(x)
    blocks = [[x[(i + k) % n] for k in range(4)] for i in range(0, n, 4)]
    return sum((a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4 for a, b, c, d in blocks)


def salomon_gradient(*x):
    """Gradient of `salomon`; 0 at the tip of its cone, where the derived one is 0/0."""
    r = sqrt(sum(c**2 for c in x) + TIP)
    slope = (2 * pi * sin(2 * pi * r) + 0.1) / r
    return tuple(slope * c for c in x)


@define(
    "landscape",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.3, 1.1),
    minima=origin,
    steps=200,
    levels="linear",
    gradient=salomon_gradient,
    source="Salomon 1996, Re-evaluating genetic algorithm performance under coordinate rotation of benchmark "
    "functions, doi:10.1016/0303-2647(96)01621-8",
)
def salomon(*x):
    """Rings of waves on a cone: no ring can be left downhill; only the tip is listed; usual domain ±100."""
    r = sqrt(sum(c**2 for c in x))
    return 1 - cos(2 * pi * r) + 0.1 * r


@define(
    "landscape",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.6, 2.2),
    minima=origin,
    steps=200,
    levels="linear",
    source="Rahnamayan, Tizhoosh & Salama 2007, A novel population initialization method for accelerating "
    "evolutionary algorithms, doi:10.1016/j.camwa.2006.07.013",
)
def pathological(*x):
    """Crossing waves; of the many minima of height 0 only the origin is listed; usual domain ±100."""
    pairs = [(x[i], x[i + 1]) for i in range(len(x) - 1)]
    return sum(0.5 + (sin(sqrt(100 * a**2 + b**2 + TIP)) ** 2 - 0.5) / (1 + 0.001 * (a - b) ** 4) for a, b in pairs)


def brown_gradient(*x):
    """Gradient of `brown`; 0 at its minimum, where the derived one is 0 times log 0."""
    slopes = [0.0] * len(x)
    for i in range(len(x) - 1):
        p, q = x[i] ** 2, x[i + 1] ** 2
        first, second = p ** (q + 1), q ** (p + 1)
        slopes[i] = slopes[i] + 2 * x[i] * ((q + 1) * p**q + second * log(q + 1e-300))
        slopes[i + 1] = slopes[i + 1] + 2 * x[i + 1] * (first * log(p + 1e-300) + (p + 1) * q**p)
    return tuple(slopes)


@define(
    "landscape",
    domain=((-1.0, 3.0), (-1.0, 3.0)),
    start=(2.6, 1.3),
    minima=origin,
    steps=200,
    levels="log",
    gradient=brown_gradient,
    source="Begambre & Laier 2009, A hybrid particle swarm optimization: simplex algorithm for structural damage "
    "identification, doi:10.1016/j.advengsoft.2009.01.004",
)
def brown(*x):
    """Powers of powers: a round bottom between walls that rise faster than any polynomial."""
    pairs = [(x[i] ** 2, x[i + 1] ** 2) for i in range(len(x) - 1)]
    return sum(p ** (q + 1) + q ** (p + 1) for p, q in pairs)


@define(
    "landscape",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.4, 2.1),
    minima=origin,
    steps=100,
    levels="linear",
    source="Dixon & Szegő 1978, in: " + SURVEY,
)
def sargan(*x):
    """Oblique bowl, steepest along the diagonal: its condition number, 1 + 2n/3, grows with the dimension."""
    n = len(x)
    total = sum(x)
    return sum(n * (c**2 + 0.4 * c * (total - c)) for c in x)


@define(
    "landscape",
    title="Xin-She Yang 2",
    domain=((-6.283185307179586, 6.283185307179586), (-6.283185307179586, 6.283185307179586)),
    start=(-4.4, 2.6),
    minima=origin,
    steps=200,
    levels="linear",
    source="Yang 2010, Test problems in optimization, arXiv:1008.0549",
)
def xin_she_yang_2(*x):
    """Creased pyramid under waves that get finer outwards; only its tip is listed."""
    return sum(abs(c) for c in x) * exp(-sum(sin(c**2) for c in x))
