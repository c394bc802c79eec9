"""Numbers to be told from one other: a line, a polynomial, a wave."""

from math import inf

from gdviz.formula import pi, sin
from gdviz.registry import define


@define(
    "dataset",
    task="regression",
    truth={"w": "slope", "b": "offset"},
    source="gdviz, the lecture's line: the least squares' minimum is that of (w - 3)^2 + (b + 2)^2",
)
def line(uniform, normal, n=512, slope=3.0, offset=-2.0, noise=0.5):
    """The line y = 3x − 2 under noise, so that the loss of a linear model is lowest near (3, −2)."""
    x = 2 * uniform() - 1
    return x, slope * x + offset + noise * normal()


@define(
    "dataset",
    task="regression",
    truth={"w1": "c1", "w2": "c2", "w3": "c3", "b": "c0"},
    source="gdviz, the third polynomial of Chebyshev under noise",
)
def polynomial(uniform, normal, n=200, c0=0.0, c1=-3.0, c2=0.0, c3=4.0, noise=0.2):
    """The cubic 4x³ − 3x under noise, which a model of degree 3 can tell and one of a lower degree cannot."""
    x = 2 * uniform() - 1
    return x, c0 + x * (c1 + x * (c2 + x * c3)) + noise * normal()


@define(
    "dataset",
    task="regression",
    limits={"waves": (0.0, inf)},
    source="Bishop 2006, Pattern recognition and machine learning, Springer, ISBN 978-0-387-31073-2, section 1.1",
)
def sine(uniform, normal, n=200, waves=1.0, noise=0.2):
    """Waves under noise: no line can follow them, a network can."""
    x = 2 * uniform() - 1
    return x, sin(pi * waves * x) + noise * normal()
