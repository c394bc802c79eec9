"""Surfaces of a well-known comparison of optimizers, all started in the same corner and run for 125 steps."""

from gdviz.formula import abs, exp, sin, sqrt
from gdviz.registry import define, origin

ARTICLE = "Siarshai 2017, Методы оптимизации нейронных сетей, https://habr.com/ru/articles/318970/"
BOX = ((-3.0, 3.0), (-3.0, 3.0))
CORNER = (-2.8, -2.5)


@define(
    "landscape",
    domain=BOX,
    start=CORNER,
    minima=((-0.17242094376299927, -0.9063018409018628, 0.9155064452470825),),
    steps=125,
    levels="quantile",
    source=ARTICLE,
)
def wobbly(x, y):
    """Wavy bowl with a hill between the corner and the basin, and a kink along x = 0."""
    hill = 8 * exp(-2 * ((x + 1) ** 2 + (y + 2) ** 2))
    return (x**2 + y**2) / 3 + abs(x) * sqrt(abs(x) + 0.1) + 3 * sin(x + y) + 3 + hill


@define(
    "landscape",
    title="Basins and walls",
    domain=BOX,
    start=CORNER,
    minima=(
        (0.0, 0.0, 0.0),
        (-0.76145653227215, 0.0, 0.2990512496110008),
        (0.76145653227215, 0.0, 0.2990512496110008),
        (-1.5220040759402682, 0.0, 1.195857953218746),
        (1.5220040759402682, 0.0, 1.195857953218746),
        (-2.28036728849271, 0.0, 2.689246992885812),
        (2.28036728849271, 0.0, 2.689246992885812),
    ),
    steps=125,
    levels="quantile",
    source=ARTICLE,
)
def basins_and_walls(x, y):
    """Parallel basins with walls between them: momentum enough climbs over, and so do steps that are long enough."""
    return (x**2 + y**2) / 2 + sin(4 * x) ** 2


@define(
    "landscape",
    title="Giant plateau",
    domain=BOX,
    start=CORNER,
    minima=((0.0, 0.0, 0.0),),
    steps=125,
    levels="linear",
    source=ARTICLE,
)
def giant_plateau(x, y):
    """A hole in a plateau: the gradient at the start is 2e-5, so that only scaled steps leave it."""
    return 4 * (1 - exp(-(x**2) - y**2))


@define(
    "landscape",
    title="Hills and canyon",
    domain=BOX,
    start=CORNER,
    minima=(
        (-0.04041944691066241, 0.07197372849804834, 0.08971671292158569),
        (1.9291459356955831, -1.9214576920479252, 2.954275201175234),
        (-2.0341939933736306, -1.0818787630063285, 6.644054939208323),
    ),
    steps=125,
    levels="quantile",
    source=ARTICLE,
)
def hills_and_canyon(x, y):
    """A canyon along x + y = 0 behind a row of hills that trap many methods in the corner."""
    hills = (
        3 * exp(-((x + 1) ** 2) - (y + 2) ** 2)
        + exp(-3 * (x + 2) ** 2 - 1.5 * (y - 0.5) ** 2)
        + 3 * exp(-1.5 * (x - 1) ** 2 - 3 * (y + 1.5) ** 2)
        + 1.5 * exp(-((x + 1.5) ** 2) - 3 * (y + 0.5) ** 2)
    )
    return (x**2 + y**2) / 3 + hills + 4 * (1 - exp(-((x + y) ** 2)))


@define(
    "landscape",
    title="Two minimums",
    domain=BOX,
    start=CORNER,
    minima=(
        (-1.5527953021231576e-06, -1.5527953021231576e-06, 0.9999981366589471),
        (-2.499944070180304, -2.499944070180304, 3.4999888169140183),
    ),
    steps=125,
    levels="linear",
    aliases=("bad_init",),
    source=ARTICLE,
)
def two_minimums(x, y):
    """A deep hole far away and a shallow one beside the start: the bad start that no method here gets away from."""
    return 4 - 0.5 * exp(-((x + 2.5) ** 2) - (y + 2.5) ** 2) - 3 * exp(-(x**2) - y**2)


@define(
    "landscape",
    domain=BOX,
    start=CORNER,
    minima=((0.0, 0.0, 0.0),),
    steps=125,
    levels="linear",
    source=ARTICLE,
)
def ripple(x, y):
    """Bowl under a fine ripple: hundreds of shallow dents around the one global minimum, which alone is listed."""
    return (x**2 + y**2) / 3 + (sin(20 * x) ** 2 + sin(20 * y) ** 2) / 15


@define(
    "landscape",
    title="Simple quadratic",
    domain=BOX,
    start=CORNER,
    minima=origin,
    steps=125,
    levels="linear",
    aliases=("sphere",),
    source=ARTICLE,
)
def simple_quad(*x):
    """Round bowl, the sphere function: the sanity check beside the harder surfaces."""
    return sum(c**2 for c in x)
