"""Quadratic bowls, on which every rate of convergence can be worked out by hand."""

from gdviz.registry import define


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
