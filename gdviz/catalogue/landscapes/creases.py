"""Creases and tips: where the gradient jumps, a constant rate hops to and fro for ever."""

from gdviz.formula import TIP, abs, cos, exp, max, pi, sin, sqrt, where
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
SCHWEFEL = "Schwefel 1981, Numerical Optimization of Computer Models, Wiley, ISBN 0-471-09988-0"


@define(
    "landscape",
    title="Bartels and Conn",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.4, 0.8),
    minima=((0.0, 0.0, 1.0),),
    steps=150,
    levels="linear",
    source=SURVEY,
)
def bartels_conn(x, y):
    """Bowl with creases along x = 0 and y = ±π/2; usual domain ±500."""
    return abs(x**2 + y**2 + x * y) + abs(sin(x)) + abs(cos(y))


@define(
    "landscape",
    title="Price 1",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-0.4, 8.0),
    minima=(
        (-5.0, -5.0, 0.0),
        (-5.0, 5.0, 0.0),
        (5.0, -5.0, 0.0),
        (5.0, 5.0, 0.0),
    ),
    steps=100,
    levels="linear",
    aliases=("becker_lago",),
    source="Price 1977, A controlled random search procedure for global optimisation, doi:10.1093/comjnl/20.4.367",
)
def price_1(x, y):
    """Four equal round bowls; only long steps cross the creased ridges between them."""
    return (abs(x) - 5) ** 2 + (abs(y) - 5) ** 2


@define(
    "landscape",
    title="Bukin 4",
    domain=((-15.0, -5.0), (-3.0, 3.0)),
    start=(-6.0, 2.0),
    minima=((-10.0, 0.0, 0.0),),
    steps=300,
    levels="log",
    source=SURVEY,
)
def bukin_4(x, y):
    """Straight trough with a crease across its almost level floor: rates that suit one direction suit no other."""
    return 100 * y**2 + 0.01 * abs(x + 10)


@define(
    "landscape",
    title="Schwefel 2.6",
    domain=((-8.0, 10.0), (-6.0, 12.0)),
    start=(-6.0, 10.0),
    minima=((1.0, 3.0, 0.0),),
    steps=150,
    levels="linear",
    source=SCHWEFEL,
)
def schwefel_2_6(x, y):
    """Pyramid on its tip: the larger of two distances, so that each step sees one of four slopes."""
    return max(abs(x + 2 * y - 7), abs(2 * x + y - 5))


@define(
    "landscape",
    domain=((-100.0, 100.0), (-100.0, 100.0)),
    start=(60.0, 80.0),
    minima=(
        (0.0, -50.0, 0.0),
        (-50.0, 50.0, 1.0),
        (50.0, 50.0, 2.0),
    ),
    steps=400,
    levels="linear",
    source="Rahnamayan, Tizhoosh & Salama 2007, A novel population initialization method for accelerating "
    "evolutionary algorithms, doi:10.1016/j.camwa.2006.07.013",
)
def tripod(x, y):
    """Three pyramids with cliffs between them: the gradient leads to one of the three tips and knows no cliff."""
    px, py = where(x >= 0, 1.0, 0.0), where(y >= 0, 1.0, 0.0)
    return py * (1 + px) + abs(x + 50 * py * (1 - 2 * px)) + abs(y + 50 * (1 - 2 * py))


@define(
    "landscape",
    title="Ursem 3",
    domain=((-2.0, 2.0), (-1.5, 1.5)),
    start=(-1.5, 1.0),
    minima=((0.0, 0.0, -2.5),),
    steps=200,
    levels="linear",
    source="Rönkkönen 2009, Continuous multimodal global optimization with differential evolution based methods, "
    "Lappeenranta University of Technology, ISBN 978-952-214-851-3",
)
def ursem_3(x, y):
    """Wells under a creased roof; only the sharp one in the middle is listed: −2.5, not −3 as the survey says."""
    first = sin(2.2 * pi * x + pi / 2) * (2 - abs(y)) * (3 - abs(x)) / 4
    return -first - sin(pi * y**2 / 2 + pi / 2) * (2 - abs(y)) * (2 - abs(x)) / 4


def ackley_2_gradient(x, y):
    """Gradient of `ackley_2`; 0 at the tip of its cone, where the derived one is 0/0."""
    r = sqrt(x**2 + y**2 + TIP)
    slope = 4 * exp(-0.02 * r) / r
    return slope * x, slope * y


@define(
    "landscape",
    title="Ackley 2",
    domain=((-32.0, 32.0), (-32.0, 32.0)),
    start=(-26.0, 14.0),
    minima=((0.0, 0.0, -200.0),),
    steps=200,
    levels="linear",
    gradient=ackley_2_gradient,
    source="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, doi:10.1007/978-1-4613-1997-9",
)
def ackley_2(x, y):
    """Cone, steepest at its tip: the gradient does not fade there, so that constant rates hop to and fro over it."""
    return -200 * exp(-0.02 * sqrt(x**2 + y**2))


@define(
    "landscape",
    title="Ackley 3",
    domain=((-8.0, 8.0), (-8.0, 8.0)),
    start=(-6.5, 5.0),
    minima=(
        (-0.6825771831515794, -0.36070186306103735, -195.62902826227935),
        (0.6825771831515794, -0.36070186306103735, -195.62902826227935),
    ),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def ackley_3(x, y):
    """Cone under waves of height 36; two equal wells beside the tip are listed; usual domain ±32."""
    return -200 * exp(-0.02 * sqrt(x**2 + y**2 + TIP)) + 5 * exp(cos(3 * x) + sin(3 * y))
