"""Badly scaled: values and curvatures of many orders of magnitude in one picture."""

from gdviz.formula import TIP, abs, exp, sqrt
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
MGH = "Moré, Garbow & Hillstrom 1981, Testing unconstrained optimization software, doi:10.1145/355934.355936"


@define(
    "landscape",
    title="Jennrich and Sampson",
    domain=((-0.6, 0.5), (-0.6, 0.5)),
    start=(0.3, 0.4),
    minima=((0.2578252136703641, 0.2578252136703641, 124.36218235561485),),
    steps=300,
    levels="log",
    source=MGH + ", function 6",
)
def jennrich_sampson(x, y):
    """Plain on one side, exponential walls on the other: published start (0.3, 0.4), where the slope is 10⁵."""
    return sum((2 + 2 * i - (exp(i * x) + exp(i * y))) ** 2 for i in range(1, 11))


@define(
    "landscape",
    title="Dekkers and Aarts",
    domain=((-20.0, 20.0), (-20.0, 20.0)),
    start=(-12.0, 3.0),
    minima=(
        (0.0, -14.945112151891959, -24776.51834231769),
        (0.0, 14.945112151891959, -24776.51834231769),
    ),
    steps=300,
    levels="quantile",
    aliases=("deckkers_aarts",),
    source="Dekkers & Aarts 1991, Global optimization and simulated annealing, doi:10.1007/BF01594945",
)
def dekkers_aarts(x, y):
    """Narrow trough along y with two wells 25 000 deep, in which it bends 56 times as much across as along."""
    q = x**2 + y**2
    return 1e5 * x**2 + y**2 - q**2 + 1e-5 * q**4


@define(
    "landscape",
    title="Müller and Brown",
    aliases=("mueller_brown",),
    domain=((-1.5, 1.2), (-0.3, 2.0)),
    start=(0.9, 0.7),
    minima=(
        (-0.5582236346330243, 1.4417258418046686, -146.69951720995402),
        (0.6234994049308765, 0.02803775852868566, -108.16672411685236),
        (-0.05001082299820604, 0.4666941048719721, -80.76781812965903),
    ),
    steps=300,
    levels=tuple(range(-140, 101, 15)),
    source="Müller & Brown 1979, Location of saddle points and minimum energy paths by a constrained simplex "
    "optimization procedure, doi:10.1007/BF00547608",
)
def muller_brown(x, y):
    """Energy of a made-up reaction: three wells in a bent valley between cliffs, joined by two saddles."""
    terms = (
        (-200, 1, 0, -1, 0, -10),
        (-100, 0, 0.5, -1, 0, -10),
        (-170, -0.5, 1.5, -6.5, 11, -6.5),
        (15, -1, 1, 0.7, 0.6, 0.7),
    )
    return sum(
        height * exp(a * (x - p) ** 2 + b * (x - p) * (y - q) + c * (y - q) ** 2) for height, p, q, a, b, c in terms
    )


@define(
    "landscape",
    title="Bukin 6",
    domain=((-15.0, -5.0), (-3.0, 3.0)),
    start=(-6.0, 2.0),
    minima=((-10.0, 1.0, 1e-16),),
    steps=300,
    levels="linear",
    source=SURVEY,
)
def bukin_6(x, y):
    """Knife-edged valley along a parabola: its walls get infinitely steep at the floor, which alone leads down."""
    return 100 * sqrt(abs(y - 0.01 * x**2) + TIP) + 0.01 * abs(x + 10)
