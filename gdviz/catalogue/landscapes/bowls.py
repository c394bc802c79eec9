"""Quadratic bowls, on which every rate of convergence can be worked out by hand."""

from gdviz.formula import cos, exp, pi, sqrt
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
BOHACHEVSKY = (
    "Bohachevsky, Johnson & Stein 1986, Generalized simulated annealing for function optimization, "
    "doi:10.1080/00401706.1986.10488128"
)


@define(
    "landscape",
    title="1D quadratic",
    domain=((-11.0, 7.0),),
    start=(6.0,),
    minima=((-2.0, 1.0),),
    steps=20,
    aliases=("parabola",),
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 4.3, https://www.deeplearningbook.org",
)
def quadratic_1d(x):
    """Parabola in one variable: gradient descent multiplies the distance to the minimum by 1 − 2η.

    Monotone below η = 0.5, one step at 0.5, oscillating up to η = 1, diverging above.
    """
    return x**2 + 4 * x + 5


@define(
    "landscape",
    title="2D quadratic",
    domain=((-6.0, 6.0), (-6.0, 6.0)),
    start=(-5.0, 5.0),
    minima=((3.0, -2.0, 0.0),),
    steps=30,
    levels="linear",
    aliases=("bowl",),
    source="Boyd & Vandenberghe 2004, Convex Optimization, section 9.3, ISBN 978-0-521-83378-3",
)
def quadratic_2d(x, y, a=1.0, b=1.0):
    """Bowl with its minimum at (3, −2): equal weights give a straight path, unequal ones bend it."""
    return a * (x - 3) ** 2 + b * (y + 2) ** 2


@define(
    "landscape",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-8.0, -3.0),
    minima=((1.0, 3.0, 0.0),),
    steps=100,
    levels="log",
    source=SURVEY,
)
def booth(x, y):
    """Oblique bowl with condition number 9: plain descent turns into the long axis and creeps along it."""
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


@define(
    "landscape",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-9.0, 4.0),
    minima=((0.0, 0.0, 0.0),),
    steps=150,
    levels="log",
    source=SURVEY,
)
def matyas(x, y):
    """Trough along the diagonal with condition number 25, turned away from the axes that scaled methods know."""
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


@define(
    "landscape",
    title="Rotated ellipse",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.5, 1.0),
    minima=((0.0, 0.0, 0.0),),
    steps=100,
    levels="linear",
    source=SURVEY,
)
def rotated_ellipse(x, y):
    """Bowl with condition number 4, turned by 30°: scaling single coordinates cannot make it round."""
    return 7 * x**2 - 6 * sqrt(3.0) * x * y + 13 * y**2


@define(
    "landscape",
    title="Rotated ellipse 2",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.5, 1.0),
    minima=((0.0, 0.0, 0.0),),
    steps=60,
    levels="linear",
    source=SURVEY,
)
def rotated_ellipse_2(x, y):
    """Bowl with condition number 3, turned by 45°."""
    return x**2 - x * y + y**2


@define(
    "landscape",
    title="Quadratic with offsets",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-8.0, -6.0),
    minima=((0.19388017278895323, 0.48513390912692317, -3873.724182186271),),
    steps=100,
    levels="log",
    source=SURVEY,
)
def quadratic(x, y):
    """Bowl far below zero with its centre off the origin: all that counts here is the difference in height."""
    return -3803.84 - 138.08 * x - 232.92 * y + 128.08 * x**2 + 203.64 * y**2 + 182.25 * x * y


@define(
    "landscape",
    domain=((-14.0, 6.0), (-14.0, 6.0)),
    start=(4.0, 0.5),
    minima=((-10.0, -10.0, 0.0),),
    steps=100,
    levels="linear",
    source="Brent 1973, Algorithms for Minimization Without Derivatives, Prentice-Hall, ISBN 0-13-022335-2",
)
def brent(x, y):
    """Round bowl; its bump, of height 1, is too low to see; in the survey's domain, ±10, the minimum is on the rim."""
    return (x + 10) ** 2 + (y + 10) ** 2 + exp(-(x**2) - y**2)


@define(
    "landscape",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.5, 0.6),
    minima=((1.0, 0.0, 0.0),),
    steps=150,
    levels="log",
    source="Engvall 1966, in: Adorio 2005, MVF: Multivariate test functions library in C, "
    "University of the Philippines",
)
def engvall(x, y):
    """Bowl that rises with the fourth power: the farther out, the shorter the stable step."""
    return x**4 + y**4 + 2 * x**2 * y**2 - 4 * x + 3


@define(
    "landscape",
    title="Bohachevsky 1",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.3, 0.9),
    minima=((0.0, 0.0, 0.0),),
    steps=150,
    levels="linear",
    source=BOHACHEVSKY,
)
def bohachevsky_1(x, y):
    """Bowl with dents on both axes; only the global minimum is listed; usual domain ±100."""
    return x**2 + 2 * y**2 - 0.3 * cos(3 * pi * x) - 0.4 * cos(4 * pi * y) + 0.7


@define(
    "landscape",
    title="Bohachevsky 2",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.3, 0.9),
    minima=((0.0, 0.0, 0.0),),
    steps=150,
    levels="linear",
    source=BOHACHEVSKY,
)
def bohachevsky_2(x, y):
    """Bowl whose dents are a product of waves; only the global minimum is listed; usual domain ±100."""
    return x**2 + 2 * y**2 - 0.3 * cos(3 * pi * x) * cos(4 * pi * y) + 0.3


@define(
    "landscape",
    title="Bohachevsky 3",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.3, 0.9),
    minima=((0.0, 0.0, 0.0),),
    steps=150,
    levels="linear",
    source=BOHACHEVSKY,
)
def bohachevsky_3(x, y):
    """Bowl with dents along oblique waves; only the global minimum is listed; usual domain ±100."""
    return x**2 + 2 * y**2 - 0.3 * cos(3 * pi * x + 4 * pi * y) + 0.3
