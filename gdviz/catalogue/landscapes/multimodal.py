"""Many minima: where a method ends depends on where it starts and on how far it steps."""

from gdviz.formula import TIP, cos, exp, pi, sin, sqrt
from gdviz.registry import define, origin


@define(
    "landscape",
    domain=((-6.0, 6.0), (-6.0, 6.0)),
    start=(0.0, -4.0),
    minima=(
        (3.0, 2.0, 0.0),
        (-2.805118086952745, 3.131312518250573, 0.0),
        (-3.779310253377747, -3.2831859912861696, 0.0),
        (3.5844283403304917, -1.8481265269644036, 0.0),
    ),
    steps=200,
    levels="log",
    source="Himmelblau 1972, Applied Nonlinear Programming, McGraw-Hill, ISBN 0-07-028921-2",
)
def himmelblau(x, y):
    """Four equal minima around one hill: neighbouring starts end in different ones."""
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@define(
    "landscape",
    domain=((-5.12, 5.12), (-5.12, 5.12)),
    start=(-3.6, 3.4),
    minima=origin,
    steps=300,
    levels="linear",
    source="Rastrigin 1974, Systems of Extremal Control, Nauka (two variables); "
    "Mühlenbein, Schomisch & Born 1991, The parallel genetic algorithm as function optimizer, "
    "doi:10.1016/S0167-8191(05)80052-3 (any number of variables)",
)
def rastrigin(*x, a=10.0):
    """Egg box on a bowl: a local minimum near every integer point, of which only the global one is listed."""
    return sum(a + c**2 - a * cos(2 * pi * c) for c in x)


def ackley_gradient(*x, a=20.0, b=0.2):
    """Gradient of `ackley`; 0 at its minimum, the tip of a cone, where the derived one is 0/0."""
    n = len(x)
    r = sqrt(sum(c**2 for c in x) / n + TIP)
    steep = a * b * exp(-b * r) / r
    wave = 2 * pi * exp(sum(cos(2 * pi * c) for c in x) / n)
    return tuple((steep * c + wave * sin(2 * pi * c)) / n for c in x)


@define(
    "landscape",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.5, 2.1),
    minima=origin,
    steps=300,
    levels="linear",
    gradient=ackley_gradient,
    source="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, doi:10.1007/978-1-4613-1997-9",
)
def ackley(*x, a=20.0, b=0.2):
    """Nearly flat egg box with a funnel at the origin; of its local minima only the global one is listed."""
    n = len(x)
    distance = sqrt(sum(c**2 for c in x) / n)
    return a * (1 - exp(-b * distance)) + exp(1) - exp(sum(cos(2 * pi * c) for c in x) / n)
