"""Saddle points, where the gradient vanishes and the way down is the flat direction."""

from gdviz.formula import cos, sin
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"


@define(
    "landscape",
    title="Saddle",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.0, 0.001),
    minima=(),
    steps=120,
    levels="linear",
    aliases=("hyperbolic_paraboloid",),
    source="Dauphin et al. 2014, Identifying and attacking the saddle point problem in high-dimensional non-convex "
    "optimization, arXiv:1406.2572",
)
def saddle(x, y):
    """One dimension up, one down, no minimum: methods differ in how soon they leave along the flat direction."""
    return x**2 - y**2


@define(
    "landscape",
    title="Monkey saddle",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(1.2, 0.02),
    minima=(),
    steps=150,
    levels="linear",
    source="Hilbert & Cohn-Vossen 1952, Geometry and the Imagination, Chelsea, ISBN 978-0-8284-0087-9",
)
def monkey_saddle(x, y):
    """Three ways down and a Hessian of 0 in the middle, where descent slows to a halt; there is no minimum."""
    return x**3 - 3 * x * y**2


@define(
    "landscape",
    domain=((-1.0, 2.0), (-1.0, 1.0)),
    start=(-0.8, 0.3),
    minima=(),
    steps=150,
    levels="linear",
    source=SURVEY,
)
def adjiman(x, y):
    """Winding slope without a minimum inside: the lowest place of the survey's domain, −2.0218, is on its rim."""
    return cos(x) * sin(y) - x / (y**2 + 1)
