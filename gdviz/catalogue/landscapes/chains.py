"""Families whose minimum is off the origin and moves with the dimension: chains, powers and systems of equations."""

from gdviz.formula import cos, exp, pi, sin, sqrt
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
MVF = "Adorio 2005, MVF: Multivariate test functions library in C, University of the Philippines"
MGH = "Moré, Garbow & Hillstrom 1981, Testing unconstrained optimization software, doi:10.1145/355934.355936"


def ones(n):
    """The fact `minima=` of a family that is 0 where every coordinate is 1."""
    return ((*[1.0] * n, 0.0),)


@define(
    "landscape",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.8, 4.1),
    minima=ones,
    steps=300,
    levels="log",
    source="Levy & Montalvo 1985, The tunneling algorithm for the global minimization of functions, "
    "doi:10.1137/0906002",
)
def levy(*x):
    """Corrugated bowl around (1, …, 1); of its many minima only the global one is listed; usual domain ±10.

    Waves are long here, w = 1 + (x − 1)/4; `levy_13` has the same form without this change of variable.
    """
    w = [1 + (c - 1) / 4 for c in x]
    inner = sum((c - 1) ** 2 * (1 + 10 * sin(pi * c + 1) ** 2) for c in w[:-1])
    return sin(pi * w[0]) ** 2 + inner + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)


def halving_roots(n):
    """The fact `minima=` of `dixon_price`: 2^(−(2^i − 2)/2^i), of which the last may have either sign."""
    place = [2.0 ** ((2.0 - 2.0**i) / 2.0**i) for i in range(1, n + 1)]
    ends = (-place[-1], place[-1]) if n > 1 else place
    return tuple((*place[:-1], end, 0.0) for end in ends)


@define(
    "landscape",
    title="Dixon and Price",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.4, 1.9),
    minima=halving_roots,
    steps=300,
    levels="log",
    source="Dixon & Price 1989, Truncated Newton method for sparse unconstrained optimization using automatic "
    "differentiation, doi:10.1007/BF00940007",
)
def dixon_price(*x):
    """Bent valley with two equal ends and a saddle between them; usual domain ±10."""
    return (x[0] - 1) ** 2 + sum((i + 1) * (2 * x[i] ** 2 - x[i - 1]) ** 2 for i in range(1, len(x)))


@define(
    "landscape",
    domain=lambda n: ((-1.0 * n**2, 1.0 * n**2),) * n,
    start=lambda n: tuple((-0.8 if i % 2 else 0.45) * n**2 for i in range(n)),
    minima=lambda n: ((*[(i + 1.0) * (n - i) for i in range(n)], -n * (n + 4.0) * (n - 1.0) / 6.0),),
    steps=150,
    levels="log",
    source="Neumaier, in: " + MVF,
)
def trid(*x):
    """Oblique bowl without a second minimum: neighbours pull along, so that its conditioning grows with n²."""
    return sum((c - 1) ** 2 for c in x) - sum(x[i] * x[i - 1] for i in range(1, len(x)))


@define(
    "landscape",
    title="Schwefel 2.4",
    domain=((-1.0, 4.0), (-2.5, 2.5)),
    start=(3.6, -1.2),
    minima=ones,
    steps=200,
    levels="log",
    source="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, ISBN 0-471-09988-0",
)
def schwefel_2_4(*x):
    """Lying parabola as a valley, wide where it bends: every coordinate wants to be 1 and the root of the first."""
    return sum((c - 1) ** 2 + (x[0] - c**2) ** 2 for c in x)


def square_roots(n):
    """The fact `minima=` of `qing`: ±√i; the signs of more than six coordinates are not listed."""
    found: list[tuple[float, ...]] = [()]
    for i in range(n):
        root = (i + 1) ** 0.5
        found = [(*x, c) for x in found for c in ((-root, root) if n <= 6 else (root,))]
    return tuple((*x, 0.0) for x in found)


@define(
    "landscape",
    domain=lambda n: ((-(n**0.5) - 0.8, n**0.5 + 0.8),) * n,
    start=(0.15, -0.3),
    minima=square_roots,
    steps=150,
    levels="log",
    source="Qing 2006, Dynamic differential evolution strategy and applications in electromagnetic inverse "
    "scattering problems, IEEE Transactions on Geoscience and Remote Sensing 44(1)",
)
def qing(*x):
    """Equal wells at every ±√i around one hill: each coordinate has its distance; usual domain ±500."""
    return sum((c**2 - (i + 1)) ** 2 for i, c in enumerate(x))


def reciprocals(n):
    """The fact `minima=` of `perm`: (1, 1/2, 1/3, …); two equations in two coordinates have another solution."""
    other = ((11 / 23, 45 / 46, 0.0),) if n == 2 else ()
    return ((*[1 / (i + 1.0) for i in range(n)], 0.0), *other)


@define(
    "landscape",
    title="Perm",
    aliases=("perm_0",),
    domain=lambda n: ((-1.0 * n, 1.0 * n),) * n,
    start=lambda n: tuple(-0.85 * n if i % 2 else 0.6 * n for i in range(n)),
    minima=reciprocals,
    steps=300,
    levels="log",
    source="Neumaier, in: " + MVF,
)
def perm(*x, beta=10.0):
    """Steep valley towards (1, 1/2, 1/3, …), beyond two coordinates the only one listed; its floor hardly falls."""
    n = len(x)
    rows = [sum((j + beta) * (x[j - 1] ** i - (1 / j) ** i) for j in range(1, n + 1)) for i in range(1, n + 1)]
    return sum(row**2 for row in rows)


@define(
    "landscape",
    title="Variably dimensioned",
    domain=((-2.0, 4.0), (-2.0, 4.0)),
    start=(-1.5, 3.4),
    minima=ones,
    steps=200,
    levels="log",
    source=MGH + ", function 25",
)
def variably_dimensioned(*x):
    """Bowl with a fourth-power wall along one oblique direction, the steeper, the more coordinates."""
    weighted = sum((i + 1) * (c - 1) for i, c in enumerate(x))
    return sum((c - 1) ** 2 for c in x) + weighted**2 + weighted**4


@define(
    "landscape",
    title="Exponential well",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-2.2, 1.4),
    minima=lambda n: ((*[0.0] * n, -1.0),),
    steps=150,
    levels="linear",
    source=SURVEY,
)
def exponential(*x):
    """One round well in a plain: the farther out, the fainter the gradient; usual domain ±1."""
    return -exp(-sum(c**2 for c in x) / 2)


CRESTS = (
    (1.8365972031521258, 1.3076194129914442),
    (4.815842317845935, -2.182769784677722),
    (7.917052684666207, 2.808131180007005),
)
"""Place and height of the highest and lowest points of √x sin x below 10."""


def alpine_wells(n):
    """The fact `minima=` of `alpine_2`: all up to three coordinates, then the lowest alone."""
    chosen = CRESTS if n <= 3 else CRESTS[-1:]
    found: list[tuple[tuple[float, ...], float]] = [((), -1.0)]
    for _ in range(n):
        found = [((*x, place), f * height) for x, f in found for place, height in chosen]
    return tuple((*x, f) for x, f in sorted(found, key=lambda minimum: minimum[1]) if f < 0)


@define(
    "landscape",
    title="Alpine 2",
    domain=((0.25, 10.0), (0.25, 10.0)),
    start=(3.4, 6.0),
    minima=alpine_wells,
    steps=200,
    levels="linear",
    source="Clerc 1999, The swarm and the queen: towards a deterministic and adaptive particle swarm optimization, "
    "doi:10.1109/CEC.1999.785513",
)
def alpine_2(*x):
    """Wells that deepen outwards, the deepest of −2.808ⁿ; published as a maximum of the same size without the sign."""
    product = 1.0
    for c in x:
        product = product * sqrt(c) * sin(c)
    return -product


def solutions(n):
    """The fact `minima=` of `trigonometric`: the origin; of two coordinates both solutions are known."""
    return ((0.0,) * (n + 1), *(((0.24306420220156216, 0.6126761171373342, 0.0),) if n == 2 else ()))


@define(
    "landscape",
    domain=((-1.0, 1.5), (-1.0, 1.5)),
    start=(1.2, -0.7),
    minima=solutions,
    steps=200,
    levels="log",
    source=MGH + ", function 26",
)
def trigonometric(*x):
    """Squared equations in sines and cosines: bent valleys with a minimum of height 0 at the origin, and another."""
    n, waves = len(x), sum(cos(c) for c in x)
    return sum((n - waves + (i + 1) * (1 - cos(c)) - sin(c)) ** 2 for i, c in enumerate(x))
