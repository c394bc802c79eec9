"""Valleys: steep across, flat along, so that one step size cannot suit both directions."""

from gdviz.registry import define


@define(
    "landscape",
    domain=((-5.0, 3.0), (-2.25, 2.25)),
    start=(-4.0, 1.5),
    minima=((0.0, 0.0, 0.0),),
    steps=125,
    levels="log",
    aliases=("ill_conditioned",),
    source="Boyd & Vandenberghe 2004, Convex Optimization, section 9.3.2, ISBN 978-0-521-83378-3",
)
def ravine(x, y, kappa=25.0):
    """Straight ravine with condition number κ: descent zigzags across it, momentum runs along the floor.

    Gradient descent is stable for η < 2/κ.
    """
    return (x**2 + kappa * y**2) / 2


@define(
    "landscape",
    domain=((-4.5, 4.5), (-4.5, 4.5)),
    start=(1.0, 1.5),
    minima=((3.0, 0.5, 0.0),),
    steps=300,
    levels="log",
    source="Beale 1958, On an iterative method for finding a local minimum of a function of more than one variable, "
    "Princeton University, Statistical Techniques Research Group, report 25",
)
def beale(x, y):
    """Flat valley between steep corners: large first gradients make methods with velocity shoot off."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


@define(
    "landscape",
    domain=((-2.0, 2.0), (-6.0, 6.0)),
    start=(-0.8, 0.01),
    minima=((0.0, -4.47213595499958, 0.0), (0.0, 4.47213595499958, 0.0)),
    steps=200,
    levels="log",
    source="after the animation 'Long valley' by A. Radford, 2014, whose formula was never published; "
    "this one shows the same behaviour",
)
def long_valley(x, y):
    """Long valley that starts on its ridge: unscaled methods hardly break the symmetry, scaled ones descend at once."""
    return 2 * x**2 + 0.0025 * (y**2 - 20) ** 2


@define(
    "landscape",
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.5, 2.0),
    minima=((1.0, 1.0, 0.0),),
    steps=500,
    levels="log",
    aliases=("banana",),
    source="Rosenbrock 1960, An automatic method for finding the greatest or least value of a function, "
    "doi:10.1093/comjnl/3.3.175",
)
def rosenbrock(x, y, a=1.0, b=100.0):
    """Bent valley: quick to enter, slow to follow."""
    return (a - x) ** 2 + b * (y - x**2) ** 2
