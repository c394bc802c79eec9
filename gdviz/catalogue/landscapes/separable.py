"""Families of any dimension whose coordinates do not meet: sums of functions of one coordinate."""

from gdviz.formula import TIP, abs, cos, log, max, pi, sin, sqrt
from gdviz.registry import define, origin

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
SCHWEFEL = "Schwefel 1981, Numerical Optimization of Computer Models, Wiley, ISBN 0-471-09988-0"
BBOB = "Hansen, Finck, Ros & Auger 2009, Real-parameter black-box optimization benchmarking: noiseless functions"
BOX = ((-5.0, 5.0), (-5.0, 5.0))
MOST = 64
"""Minima that are listed; beyond, which takes more than a few coordinates, only the first of the lowest."""


def combined(holes, mean=False):
    """The fact `minima=` of a sum, or mean, of one term a coordinate with these holes: (place, value), lowest first."""

    def minima(n):
        found: list[tuple[tuple[float, ...], float]] = [((), 0.0)]
        for _ in range(n):
            found = [((*x, place), f + depth) for x, f in found for place, depth in holes][:MOST]
        if len(holes) ** n > MOST:
            found = found[:1]
        return tuple((*x, f / n if mean else f) for x, f in sorted(found, key=lambda minimum: minimum[1]))

    return minima


RAVINES = (
    *((2.2029055201726093, -0.8013034100985525), (1.5707963267948966, -1.0)),
    *((1.2849915705529245, -0.9590912698960059), (1.9230584698663629, -0.9384624184720834)),
    *((1.7204697725658413, -0.9888010806215044), (1.5707963267948966, -1.0)),
    *((1.454413971362379, -0.9932271353558816), (1.7560865209450263, -0.9828720362722106)),
    *((1.6557174168210291, -0.9963943649251029), (1.5707963267948966, -1.0)),
    *((1.497728803556071, -0.9973305415507682), (1.696616300797461, -0.992092741522682)),
    *((1.6300760803964554, -0.9982429868831687), (1.5707963267948966, -1.0)),
    *((1.517546114667673, -0.9985822047214444), (1.6660645117262647, -0.9954646286305587)),
    *((1.616328640436593, -0.9989634138447833), (1.5707963267948966, -1.0)),
    *((1.528907002355848, -0.9991226422291009), (1.6474563576741625, -0.9970627243255736)),
)
"""Place and depth of the deepest hole in each coordinate of Michalewicz's function, as far as pictures go."""


def deepest_ravines(n):
    """The fact `minima=` of `michalewicz`."""
    places, depths = zip(*RAVINES[:n], strict=True)
    return ((*places, sum(depths)),) if n <= len(RAVINES) else ()


@define(
    "landscape",
    title="Styblinski and Tang",
    domain=BOX,
    start=(0.4, 4.6),
    minima=combined(((-2.903534027771177, -39.166165703771415), (2.746802770990837, -25.029446655283942))),
    steps=200,
    levels="linear",
    source="Styblinski & Tang 1990, Experiments in nonconvex optimization, doi:10.1016/0893-6080(90)90029-K",
)
def styblinski_tang(*x):
    """Two wells in each coordinate, unequal: of the 2ⁿ minima only one is as low as −39.17 n."""
    return sum(c**4 - 16 * c**2 + 5 * c for c in x) / 2


@define(
    "landscape",
    title="Schwefel 2.26",
    domain=((-500.0, 500.0), (-500.0, 500.0)),
    start=(-60.0, 320.0),
    minima=combined(((420.96874635998205, -418.9828872724337),)),
    steps=300,
    levels="linear",
    aliases=("schwefel",),
    source=SCHWEFEL,
)
def schwefel_2_26(*x):
    """Wells that deepen outwards, the deepest far from the next; only it is listed; others add 418.9829 n."""
    return -sum(c * sin(sqrt(abs(c) + TIP)) for c in x)


@define(
    "landscape",
    title="Schwefel 2.20",
    domain=BOX,
    start=(-4.2, 2.9),
    minima=origin,
    steps=150,
    levels="linear",
    aliases=("taxicab",),
    source=SCHWEFEL,
)
def schwefel_2_20(*x):
    """Pyramid on its tip: the slope is the same everywhere, so that no gradient tells how near the tip is."""
    return sum(abs(c) for c in x)


@define(
    "landscape",
    title="Schwefel 2.21",
    domain=BOX,
    start=(-4.2, 2.9),
    minima=origin,
    steps=200,
    levels="linear",
    source=SCHWEFEL,
)
def schwefel_2_21(*x):
    """Largest coordinate alone: descent moves one coordinate at a time and chatters along the diagonals."""
    highest = abs(x[0])
    for c in x[1:]:
        highest = max(highest, abs(c))
    return highest


@define(
    "landscape",
    title="Schwefel 2.23",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.4, 0.8),
    minima=origin,
    steps=300,
    levels="log",
    source=SCHWEFEL,
)
def schwefel_2_23(*x):
    """Tenth powers: walls at ±1.5 and a floor so flat that descent all but stops."""
    return sum(c**10 for c in x)


@define(
    "landscape",
    domain=((-1.28, 1.28), (-1.28, 1.28)),
    start=(-1.2, 1.0),
    minima=origin,
    steps=300,
    levels="log",
    aliases=("de_jong_4",),
    source="De Jong 1975, An analysis of the behavior of a class of genetic adaptive systems, University of Michigan",
)
def quartic(*x):
    """Fourth powers with weights, without De Jong's noise: the flatter the floor, the smaller the gradient."""
    return sum((i + 1) * c**4 for i, c in enumerate(x))


@define(
    "landscape",
    title="Sum of squares",
    domain=BOX,
    start=(-4.5, 3.5),
    minima=origin,
    steps=60,
    levels="linear",
    aliases=("axis_parallel_hyper_ellipsoid",),
    source="Molga & Smutnicki 2005, Test functions for optimization needs, Wrocław University of Technology",
)
def sum_squares(*x):
    """Bowl whose curvatures rise from 2 to 2n: the conditioning is the dimension."""
    return sum((i + 1) * c**2 for i, c in enumerate(x))


@define(
    "landscape",
    domain=BOX,
    start=(-3.0, 2.0),
    minima=origin,
    steps=300,
    levels="log",
    source=BBOB,
)
def ellipsoid(*x, condition=1e4):
    """Bowl with curvatures spread evenly over four decades; BBOB's f2: six, bent axes and another place."""
    n = len(x)
    return sum(condition ** (i / (n - 1) if n > 1 else 0.0) * c**2 for i, c in enumerate(x))


@define(
    "landscape",
    domain=BOX,
    start=(-4.5, 0.3),
    minima=origin,
    steps=300,
    levels="log",
    aliases=("cigar",),
    source=BBOB,
)
def bent_cigar(*x, condition=1e4):
    """Long valley along the first axis, straight despite its name: BBOB's f12 is bent and has condition 1e6."""
    return x[0] ** 2 + condition * sum(c**2 for c in x[1:])


@define(
    "landscape",
    domain=BOX,
    start=(-0.4, 4.5),
    minima=origin,
    steps=300,
    levels="log",
    aliases=("tablet",),
    source=BBOB,
)
def discus(*x, condition=1e4):
    """One direction a hundred times shorter than all others; BBOB's f11: condition 1e6 and bent axes."""
    return condition * x[0] ** 2 + sum(c**2 for c in x[1:])


@define(
    "landscape",
    title="Sum of different powers",
    domain=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.9, 0.8),
    minima=origin,
    steps=150,
    levels="log",
    source="Molga & Smutnicki 2005, Test functions for optimization needs, Wrocław University of Technology",
)
def different_powers(*x):
    """|x| to the powers 2, 3, 4 …: each further coordinate is flatter, so that scaled methods win."""
    return sum(abs(c) ** (i + 2) for i, c in enumerate(x))


@define(
    "landscape",
    title="Alpine 1",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.8, 5.3),
    minima=origin,
    steps=200,
    levels="linear",
    source=SURVEY,
)
def alpine_1(*x):
    """Creased peaks with 8ⁿ equal minima of height 0, all with a kink; only the one at the origin is listed."""
    return sum(abs(c * sin(c) + 0.1 * c) for c in x)


@define(
    "landscape",
    domain=((0.0, 3.141592653589793), (0.0, 3.141592653589793)),
    start=(1.4, 2.4),
    minima=deepest_ravines,
    steps=300,
    levels="linear",
    source="Michalewicz 1996, Genetic Algorithms + Data Structures = Evolution Programs, Springer, "
    "ISBN 978-3-540-60676-5",
)
def michalewicz(*x):
    """Plains crossed by ravines 0.15 to 0.4 wide: elsewhere it is level; only the deepest place is listed (m = 10)."""
    return -sum(sin(c) * sin((i + 1) * c**2 / pi) ** 20 for i, c in enumerate(x))


@define(
    "landscape",
    title="Deb 1",
    domain=((-0.4, 0.4), (-0.4, 0.4)),
    start=(-0.03, 0.32),
    minima=combined(((-0.3, -1.0), (-0.1, -1.0), (0.1, -1.0), (0.3, -1.0)), mean=True),
    steps=150,
    levels="linear",
    source="Deb 1999, Multi-objective genetic algorithms: problem difficulties and construction of test problems, "
    "doi:10.1162/evco.1999.7.3.205",
)
def deb_1(*x):
    """Equal narrow wells in a lattice with level ground between them; all of these are global and listed."""
    return -sum(sin(5 * pi * c) ** 6 for c in x) / len(x)


@define(
    "landscape",
    domain=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.8, 0.55),
    minima=lambda n: ((*[0.0] * n, -0.1 * n),),
    steps=150,
    levels="linear",
    source=SURVEY,
)
def cosine_mixture(*x):
    """Shallow waves on a bowl; only the global minimum, −0.1 n at the origin, is listed."""
    return sum(c**2 for c in x) - 0.1 * sum(cos(5 * pi * c) for c in x)


@define(
    "landscape",
    domain=((0.25, 10.0), (0.25, 10.0)),
    start=(6.4, 3.4),
    minima=combined(
        (
            *((0.33301843547196486, -1.0), (0.6242284336485697, -1.0), (1.1700887874964219, -1.0)),
            *((2.1932800507380152, -1.0), (4.111207142885353, -1.0), (7.706277256305776, -1.0)),
        ),
        mean=True,
    ),
    steps=200,
    levels="linear",
    source="Li, Engelbrecht & Epitropakis 2013, Benchmark functions for CEC'2013 special session and competition on "
    "niching methods for multimodal function optimization, RMIT University",
)
def vincent(*x):
    """Equal wells, 6ⁿ of them, that get wider and wider: a rate that suits one is too long for its left neighbour.

    Published as a maximum of the mean.
    """
    return -sum(sin(10 * log(c)) for c in x) / len(x)


@define(
    "landscape",
    domain=((-1.6, 2.6), (-1.6, 2.6)),
    start=(0.9, 1.2),
    minima=combined(((-1.0, 0.0), (2.0, 0.0))),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def quintic(*x):
    """Creased wells of height 0 at the roots of a polynomial, −1, −0.4026 and 2; the first and last are listed.

    So does the survey; no floating-point number is the middle one, so that its slope is not 0 anywhere near.
    """
    return sum(abs(c**5 - 3 * c**4 + 4 * c**3 + 2 * c**2 - 10 * c - 4) for c in x)
