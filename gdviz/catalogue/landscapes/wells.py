"""A few wells: which of them catches a method depends on the start, on the step and on momentum."""

from gdviz.formula import cos, exp, pi, sin
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
LIBRARY = "Adorio 2005, MVF: Multivariate test functions library in C, University of the Philippines"
TOWARDS = "Dixon & Szegő (eds.) 1978, Towards Global Optimisation 2, North-Holland, ISBN 0-444-85171-2"


@define(
    "landscape",
    title="Three-hump camel",
    domain=((-2.2, 2.2), (-2.2, 2.2)),
    start=(-2.0, 2.0),
    minima=(
        (0.0, 0.0, 0.0),
        (-1.747552345830289, 0.8737761729151445, 0.2986384422368594),
        (1.747552345830289, -0.8737761729151445, 0.2986384422368594),
    ),
    steps=200,
    levels="log",
    aliases=("camel_3",),
    source="Branin 1972, Widely convergent method for finding multiple solutions of simultaneous nonlinear equations, "
    "doi:10.1147/rd.165.0504",
)
def three_hump_camel(x, y):
    """Three wells in a row along a tilted axis, the middle one deepest; the survey's domain is -5 to 5."""
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


@define(
    "landscape",
    title="Six-hump camel",
    domain=((-2.0, 2.0), (-1.2, 1.2)),
    start=(1.9, 0.15),
    minima=(
        (-0.08984201310031806, 0.7126564030207396, -1.0316284534898774),
        (0.08984201310031806, -0.7126564030207396, -1.0316284534898774),
        (-1.703606714969981, 0.7960835686726251, -0.2154638243837184),
        (1.703606714969981, -0.7960835686726251, -0.2154638243837184),
        (-1.6071047529201974, -0.5686514548841314, 2.1042503103112575),
        (1.6071047529201974, 0.5686514548841314, 2.1042503103112575),
    ),
    steps=200,
    levels="quantile",
    aliases=("camel_6", "camel"),
    source=TOWARDS,
)
def six_hump_camel(x, y):
    """Six wells in three pairs of equal depth: overshooting decides which one is reached."""
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


@define(
    "landscape",
    title="Goldstein and Price",
    domain=((-2.0, 2.0), (-2.5, 1.5)),
    start=(-1.5, 0.8),
    minima=((0.0, -1.0, 3.0),),
    steps=300,
    levels="log",
    source="Goldstein & Price 1971, On descent from local minima, doi:10.1090/S0025-5718-1971-0312365-X",
)
def goldstein_price(x, y):
    """Four wells, the deepest of which is listed, between walls higher by five decades."""
    first = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    second = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * first) * (30 + (2 * x - 3 * y) ** 2 * second)


@define(
    "landscape",
    domain=((-5.0, 10.0), (0.0, 15.0)),
    start=(5.5, 13.0),
    minima=(
        (-3.141592653589793, 12.275, 0.39788735772973816),
        (3.141592653589793, 2.2749999999999995, 0.39788735772973816),
        (9.42477796076938, 2.474999999999999, 0.39788735772973816),
    ),
    steps=200,
    levels="log",
    aliases=("branin_hoo",),
    source="Branin 1972, Widely convergent method for finding multiple solutions of simultaneous nonlinear equations, "
    "doi:10.1147/rd.165.0504",
)
def branin(x, y, a=1.0, r=6.0, s=10.0):
    """Three equal wells along a bent valley."""
    b, c, t = 5.1 / (4 * pi**2), 5 / pi, 1 / (8 * pi)
    return a * (y - b * x**2 + c * x - r) ** 2 + s * (1 - t) * cos(x) + s


@define(
    "landscape",
    title="McCormick",
    domain=((-1.5, 4.0), (-3.0, 4.0)),
    start=(3.4, -2.0),
    minima=(
        (-0.5471975511965977, -1.5471975511965979, -1.9132229549810364),
        (2.5943951023931957, 1.5943951023931955, 1.2283696986087569),
    ),
    steps=150,
    levels="quantile",
    source="McCormick 1982, Applied Nonlinear Programming, in: " + SURVEY,
)
def mccormick(x, y):
    """Trough with waves along it: two wells, of which the one at the lower left is the deeper."""
    return sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


@define(
    "landscape",
    title="Aluffi-Pentini",
    domain=((-1.8, 1.8), (-1.5, 1.5)),
    start=(1.5, -1.2),
    minima=(
        (-1.0466805318046022, 0.0, -0.35238607380003645),
        (0.9456492739235914, 0.0, -0.15263944177378455),
    ),
    steps=200,
    levels="linear",
    aliases=("zirilli",),
    source="Aluffi-Pentini, Parisi & Zirilli 1985, Global optimization and stochastic differential equations",
)
def aluffi_pentini(x, y):
    """Two wells of slightly different depth: momentum enough climbs from the near one to the deeper one."""
    return x**4 / 4 - x**2 / 2 + x / 10 + y**2 / 2


@define(
    "landscape",
    domain=((-3.2, 1.2), (-2.2, 2.2)),
    start=(-0.95, 2.0),
    minima=(
        (-2.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
    ),
    steps=200,
    levels="log",
    source="Dixon & Szegő 1975, in: " + LIBRARY,
)
def treccani(x, y):
    """Two equal wells with a ridge between them: the side of the start decides, unless a long step crosses it."""
    return x**4 + 4 * x**3 + 4 * x**2 + y**2


@define(
    "landscape",
    title="Complex cube root",
    domain=((-1.6, 1.6), (-1.6, 1.6)),
    start=(-1.4, 0.1),
    minima=(
        (-0.5, -0.8660254037844386, 0.0),
        (-0.5, 0.8660254037844386, 0.0),
        (1.0, 0.0, 0.0),
    ),
    steps=200,
    levels="log",
    aliases=("complex",),
    source=LIBRARY,
)
def complex_root(x, y):
    """|z³ − 1|²: three equal wells around a flat monkey saddle, as Newton's fractal has them."""
    return (x**3 - 3 * x * y**2 - 1) ** 2 + (3 * y * x**2 - y**3) ** 2


@define(
    "landscape",
    title="El-Attar, Vidyasagar and Dutta",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-1.0, -4.0),
    minima=(
        (3.409186822190061, -2.171433036284005, 1.7127803548622034),
        (-3.6231475066867547, -2.3841454737409036, 26.97543097321582),
        (2.276170285567143, 0.8647773429290152, 54.75111864223102),
        (-1.5207074488890022, 1.4122812360054402, 99.0205581066429),
    ),
    steps=300,
    levels="log",
    source="El-Attar, Vidyasagar & Dutta 1979, An algorithm for l1-norm minimization with application to nonlinear "
    "l1-approximation",
)
def el_attar(x, y):
    """Three curves that nearly meet, their equations squared: walls of the sixth power; usual domain ±500."""
    return (x**2 + y - 10) ** 2 + (x + y**2 - 7) ** 2 + (x**2 + y**3 - 1) ** 2


@define(
    "landscape",
    title="Price 3",
    domain=((-1.5, 1.5), (-1.0, 2.0)),
    start=(-1.2, 0.0),
    minima=(
        (0.3413075033535242, 0.11649081184541596, 4.562231053769268e-104),
        (1.0, 1.0, 8.089933318541745e-102),
        (-0.6636998009061591, 0.44114432466806924, 0.007415391415435565),
    ),
    steps=400,
    levels="log",
    source="Price 1977, A controlled random search procedure for global optimisation, doi:10.1093/comjnl/20.4.367",
)
def price_3(x, y):
    """Rosenbrock's parabola crossed by another one: several wells lie in one narrow valley."""
    return 100 * (y - x**2) ** 2 + (6.4 * (y - 0.5) ** 2 - x - 0.6) ** 2


@define(
    "landscape",
    title="Wayburn and Seader 1",
    domain=((-2.0, 2.2), (-2.5, 3.0)),
    start=(-1.2, -1.5),
    minima=(
        (1.0, 2.0, 0.0),
        (1.5968041538769333, 0.8063916922461333, 0.0),
    ),
    steps=400,
    levels="log",
    source="Wayburn & Seader 1987, Homotopy continuation methods for computer-aided process design, "
    "doi:10.1016/0098-1354(87)80002-9",
)
def wayburn_seader_1(x, y):
    """Two equal wells behind walls of the twelfth power."""
    return (x**6 + y**4 - 17) ** 2 + (2 * x + y - 4) ** 2


@define(
    "landscape",
    title="Wayburn and Seader 2",
    domain=((-0.5, 1.1), (0.7, 2.4)),
    start=(0.33, 2.3),
    minima=(
        (0.20013897472877884, 1.0, 0.0),
        (0.42486102527122116, 1.0, 0.0),
    ),
    steps=300,
    levels="log",
    source="Wayburn & Seader 1987, Homotopy continuation methods for computer-aided process design, "
    "doi:10.1016/0098-1354(87)80002-9",
)
def wayburn_seader_2(x, y):
    """Ring-shaped valley with two equal wells side by side, near (0.2, 1) and (0.425, 1), not exactly there."""
    return (1.613 - 4 * (x - 0.3125) ** 2 - 4 * (y - 1.625) ** 2) ** 2 + (y - 1) ** 2


@define(
    "landscape",
    title="Wayburn and Seader 3",
    domain=((0.5, 7.5), (2.0, 9.0)),
    start=(1.5, 4.0),
    minima=((5.14689674955931, 6.839589743760508, 19.105879794568025),),
    steps=300,
    levels="log",
    source="Wayburn & Seader 1987, Homotopy continuation methods for computer-aided process design, "
    "doi:10.1016/0098-1354(87)80002-9",
)
def wayburn_seader_3(x, y):
    """Ring-shaped valley under a cubic slope; the survey states 21.35 at (5.611, 6.187), which is no minimum."""
    return 2 * x**3 / 3 - 8 * x**2 + 33 * x - x * y + 5 + ((x - 4) ** 2 + (y - 5) ** 2 - 4) ** 2


@define(
    "landscape",
    domain=((0.0, 5.5), (0.0, 6.0)),
    start=(2.6, 4.5),
    minima=(
        (4.0, 2.0, -2.3458115761012865),
        (1.0, 2.0, -1.1277940269717723),
    ),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def hosaki(x, y):
    """Two wells of unequal depth side by side: the start decides, unless a step is long enough."""
    return (1 - 8 * x + 7 * x**2 - 7 * x**3 / 3 + x**4 / 4) * y**2 * exp(-y)


@define(
    "landscape",
    title="Schwefel 2.36",
    domain=((0.0, 34.0), (0.0, 34.0)),
    start=(32.0, 0.7),
    minima=((12.0, 12.0, -3456.0),),
    steps=200,
    levels="quantile",
    source="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, ISBN 0-471-09988-0",
)
def schwefel_2_36(x, y):
    """Triangular basin between three straight lines of height 0; drawn where it is, of the survey's 0 to 500."""
    return -x * y * (72 - 2 * x - 2 * y)


@define(
    "landscape",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(0.3, 1.35),
    minima=(
        (0.22827892055636909, -1.6255349574999964, -6.551133332835837),
        (-1.3473962443682108, 0.20451886609700518, -3.04984940280026),
        (0.2964455538468321, 0.32019624766683435, -0.06493586825552689),
    ),
    steps=150,
    levels="linear",
    source="MATLAB's function peaks, https://www.mathworks.com/help/matlab/ref/peaks.html",
)
def peaks(x, y):
    """Hills and hollows from moved and scaled bells: known from a thousand surface plots."""
    return (
        3 * (1 - x) ** 2 * exp(-(x**2) - (y + 1) ** 2)
        - 10 * (x / 5 - x**3 - y**5) * exp(-(x**2) - y**2)
        - exp(-((x + 1) ** 2) - y**2) / 3
    )


@define(
    "landscape",
    title="Gramacy and Lee, 2D",
    domain=((-2.0, 6.0), (-2.0, 6.0)),
    start=(0.6, 0.7),
    minima=((-0.7071067811865476, 0.0, -0.4288819424803534),),
    steps=200,
    levels="linear",
    source="Gramacy & Lee 2008, Bayesian treed Gaussian process models with an application to computer modeling, "
    "arXiv:0710.4536",
)
def gramacy_lee_2d(x, y):
    """A hill, a hollow and a wide plain: whoever leaves the hill on the wrong side never arrives."""
    return x * exp(-(x**2) - y**2)


@define(
    "landscape",
    domain=((-1.6, 1.6), (-1.6, 1.6)),
    start=(1.05, 0.03),
    minima=((-1.0241203002150503, 0.0, -0.20244043434482242),),
    steps=200,
    levels="quantile",
    aliases=("mexican_hat",),
    source="Goldstone 1961, Field theories with superconductor solutions, doi:10.1007/BF02812722",
)
def sombrero(x, y, tilt=0.2):
    """Ring-shaped valley, tilted: who starts on the far side has to go half around it."""
    return (x**2 + y**2 - 1) ** 2 + tilt * x


@define(
    "landscape",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(2.5, 1.8),
    minima=(
        (-0.15543723585956104, 0.6945637753029045, 0.7731990564929238),
        (0.15543723585956104, -0.6945637753029045, 0.7731990564929238),
    ),
    steps=200,
    levels="log",
    source="Madsen 1973, in: " + LIBRARY,
)
def madsen(x, y):
    """Two equal wells in a flat, skew bowl: the sum of squares of a system without a solution."""
    return (x**2 + y**2 + x * y) ** 2 + sin(x) ** 2 + cos(y) ** 2
