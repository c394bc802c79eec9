"""Rings, needles and tables: minima that stand alone, or so many alike that only distance tells them apart."""

from gdviz.formula import TIP, abs, cos, exp, pi, sin, sqrt, where
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
MISHRA = (
    "Mishra 2006, Some new test functions for global optimization and performance of repulsive particle swarm "
    "method, doi:10.2139/ssrn.926132"
)


@define(
    "landscape",
    domain=((-2.0, 8.0), (-2.0, 8.0)),
    start=(1.6, 2.0),
    minima=((3.141592653589793, 3.141592653589793, -1.0),),
    steps=300,
    levels="linear",
    source="Easom 1990, A survey of global optimization techniques, MEng thesis, University of Louisville",
)
def easom(x, y):
    """A well in a plain: far off nothing points to it, and of the faint dents around only the well is listed."""
    return -cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2)


@define(
    "landscape",
    title="Drop wave",
    domain=((-2.5, 2.5), (-2.5, 2.5)),
    start=(-1.12, 0.64),
    minima=((0.0, 0.0, -1.0),),
    steps=200,
    levels="linear",
    source="Molga & Smutnicki 2005, Test functions for optimization needs, Wrocław University of Technology",
)
def drop_wave(x, y):
    """Rings of waves around the origin, each a closed valley of equal height; only the global minimum is listed."""
    return -(1 + cos(12 * sqrt(x**2 + y**2 + TIP))) / ((x**2 + y**2) / 2 + 2)


@define(
    "landscape",
    title="Schaffer F6",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 4.0),
    minima=((0.0, 0.0, 9.999999999999996e-37),),
    steps=200,
    levels="linear",
    aliases=("schaffer_f6",),
    source="Schaffer et al. 1989, A study of control parameters affecting online performance of genetic algorithms, "
    "Proc. 3rd Int. Conf. on Genetic Algorithms",
)
def schaffer_6(x, y):
    """Concentric circular valleys, the deeper the nearer; only the middle of all is listed; usual domain ±100."""
    return 0.5 + (sin(sqrt(x**2 + y**2 + TIP)) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


@define(
    "landscape",
    title="Schaffer 1",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.4, 0.35),
    minima=((0.0, 0.0, 0.0),),
    steps=300,
    levels="linear",
    source=SURVEY,
)
def schaffer_1(x, y):
    """Circular valleys that get narrower outwards around a flat middle, which alone is listed; usual domain ±100."""
    return 0.5 + (sin((x**2 + y**2) ** 2) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


@define(
    "landscape",
    title="Schaffer 2",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.1, 1.1),
    minima=((0.0, 0.0, 0.0),),
    steps=300,
    levels="linear",
    source=SURVEY,
)
def schaffer_2(x, y):
    """Hyperbolic valleys that all but meet in the middle; only the global minimum is listed; usual domain ±100."""
    return 0.5 + (sin(x**2 - y**2) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


@define(
    "landscape",
    title="Schaffer 3",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.3, 1.4),
    minima=(
        (-1.2531149631200684, 0.0, 0.0015668545260041698),
        (0.0, -1.2531149631200684, 0.0015668545260041698),
        (0.0, 1.2531149631200684, 0.0015668545260041698),
        (1.2531149631200684, 0.0, 0.0015668545260041698),
    ),
    steps=300,
    levels="linear",
    source=SURVEY,
)
def schaffer_3(x, y):
    """Hyperbolic valleys with four equal global minima, which alone are listed; usual domain ±100."""
    return 0.5 + (sin(cos(x**2 - y**2)) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


@define(
    "landscape",
    title="Schaffer 4",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.3, 1.4),
    minima=(
        (-1.2531318314637332, 0.0, 0.29257863203598056),
        (0.0, -1.2531318314637332, 0.29257863203598056),
        (0.0, 1.2531318314637332, 0.29257863203598056),
        (1.2531318314637332, 0.0, 0.29257863203598056),
    ),
    steps=300,
    levels="linear",
    source=SURVEY,
)
def schaffer_4(x, y):
    """Narrow hyperbolic valleys with four equal global minima, which alone are listed; usual domain ±100."""
    return 0.5 + (cos(sin(x**2 - y**2)) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


@define(
    "landscape",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.3, 0.6),
    minima=(
        (-1.3932490753255886, 0.0, -0.6736675211468547),
        (0.0, -1.3932490753255886, -0.6736675211468547),
        (0.0, 1.3932490753255886, -0.6736675211468547),
        (1.3932490753255886, 0.0, -0.6736675211468547),
    ),
    steps=200,
    levels="linear",
    aliases=("keane_bump",),
    source=SURVEY,
)
def keane(x, y):
    """Bumps between two crossing ridges of height 0; the four equal global minima are listed; usual domain 0 to 10."""
    return -(sin(x - y) ** 2) * sin(x + y) ** 2 / sqrt(x**2 + y**2 + TIP)


def sinc(x):
    """sin(πx)/(πx); within 1e-3 of 0, where it would be 0/0, its series, which there is exact to rounding."""
    near = abs(x) < 1e-3
    u = pi * where(near, 0.5, x)
    return where(near, 1 - (pi * x) ** 2 / 6 + (pi * x) ** 4 / 120, sin(u) / u)


@define(
    "landscape",
    domain=((0.0, 14.0), (0.0, 14.0)),
    start=(4.5, 3.2),
    minima=(
        (2.0, 2.0, 0.0),
        (7.0, 7.0, 2.0),
    ),
    steps=300,
    levels="linear",
    source="Damavandi & Safavi-Naeini 2005, A hybrid evolutionary programming method for circuit optimization, "
    "IEEE Transactions on Circuits and Systems I 52(5)",
)
def damavandi(x, y):
    """Bowl around (7, 7) that draws every method away from the needle at (2, 2), the only place of height 0."""
    return (1 - abs(sinc(x - 2) * sinc(y - 2)) ** 5) * (2 + (x - 7) ** 2 + 2 * (y - 7) ** 2)


@define(
    "landscape",
    title="Carrom table",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(5.3, 4.0),
    minima=(
        (-9.646167670410366, -9.646167670410366, -24.156815547391204),
        (-9.646167670410366, 9.646167670410366, -24.156815547391204),
        (9.646167670410366, -9.646167670410366, -24.156815547391204),
        (9.646167670410366, 9.646167670410366, -24.156815547391204),
    ),
    steps=200,
    levels="linear",
    source=MISHRA,
)
def carrom_table(x, y):
    """Table with deep pockets in its four corners; the pockets alone are listed."""
    return -exp(2 * abs(1 - sqrt(x**2 + y**2 + TIP) / pi)) * cos(x) ** 2 * cos(y) ** 2 / 30


@define(
    "landscape",
    title="Holder table",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(4.1, 4.3),
    minima=(
        (-8.055023475736563, -9.664590019241272, -19.208502567886736),
        (-8.055023475736563, 9.664590019241272, -19.208502567886736),
        (8.055023475736563, -9.664590019241272, -19.208502567886736),
        (8.055023475736563, 9.664590019241272, -19.208502567886736),
    ),
    steps=200,
    levels="linear",
    aliases=("holder_table_2",),
    source=MISHRA,
)
def holder_table(x, y):
    """Egg crate that sinks towards four deep corners, which alone are listed; kinks along the ridges."""
    return -abs(sin(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2 + TIP) / pi)))


@define(
    "landscape",
    title="Holder table 1",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(5.2, 4.3),
    minima=(
        (-9.646167670410366, -9.646167670410366, -26.920335555518918),
        (-9.646167670410366, 9.646167670410366, -26.920335555518918),
        (9.646167670410366, -9.646167670410366, -26.920335555518918),
        (9.646167670410366, 9.646167670410366, -26.920335555518918),
    ),
    steps=200,
    levels="linear",
    source=MISHRA,
)
def holder_table_1(x, y):
    """Holder table with cosines: the four deep corners, on the diagonals, are listed."""
    return -abs(cos(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2 + TIP) / pi)))


@define(
    "landscape",
    title="Test-tube holder",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(3.4, 2.2),
    minima=(
        (-1.5706026141658023, 0.0, -10.872300105622745),
        (1.5706026141658023, 0.0, -10.872300105622745),
    ),
    steps=200,
    levels="linear",
    source=MISHRA,
)
def test_tube_holder(x, y):
    """Rows of pockets with kinks between them; the two deepest, at (±π/2, 0), are listed."""
    return -4 * abs(sin(x) * cos(y) * exp(abs(cos((x**2 + y**2) / 200))))
