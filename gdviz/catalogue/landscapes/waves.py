"""Waves over bowls and slopes: dozens of minima, of which momentum passes some and small steps none."""

from gdviz.formula import cos, exp, pi, sin
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
MISHRA = (
    "Mishra 2006, Some new test functions for global optimization and performance of repulsive particle swarm "
    "method, doi:10.2139/ssrn.926132"
)


@define(
    "landscape",
    title="Egg crate",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.6, 1.9),
    minima=((0.0, 0.0, 0.0),),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def egg_crate(x, y):
    """Egg crate in a bowl: nine wells, of which only the global one is listed."""
    return x**2 + y**2 + 25 * (sin(x) ** 2 + sin(y) ** 2)


@define(
    "landscape",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-1.3, 1.45),
    minima=((0.0, 0.0, 0.9),),
    steps=200,
    levels="linear",
    aliases=("price_2",),
    source="Price 1977, A controlled random search procedure for global optimisation, doi:10.1093/comjnl/20.4.367",
)
def periodic(x, y):
    """Equal wells everywhere, of which one, a tenth deeper, alone is listed; from outside nothing points to it."""
    return 1 + sin(x) ** 2 + sin(y) ** 2 - 0.1 * exp(-(x**2) - y**2)


@define(
    "landscape",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(0.1, 1.5),
    minima=(
        (-4.71238898038469, 0.0, 1.6048699329389858e-114),
        (4.71238898038469, 0.0, 1.6048699329389858e-114),
        (-1.5707963267948966, 0.0, 1.6177988608879242e-114),
        (1.5707963267948966, 0.0, 1.6177988608879242e-114),
        (-4.71238898038469, -3.141592653589793, 8.076065376490682e-114),
        (-4.71238898038469, 3.141592653589793, 8.076065376490682e-114),
        (4.71238898038469, -3.141592653589793, 8.076065376490682e-114),
        (4.71238898038469, 3.141592653589793, 8.076065376490682e-114),
        (-1.5707963267948966, -3.141592653589793, 8.088994304439622e-114),
        (-1.5707963267948966, 3.141592653589793, 8.088994304439622e-114),
        (1.5707963267948966, -3.141592653589793, 8.088994304439622e-114),
        (1.5707963267948966, 3.141592653589793, 8.088994304439622e-114),
    ),
    steps=150,
    levels="linear",
    source="Parsopoulos & Vrahatis 2004, On the computation of all global minimizers through particle swarm "
    "optimization, doi:10.1109/TEVC.2004.826076",
)
def parsopoulos(x, y):
    """Twelve equal wells on a chequerboard: neighbouring starts end in different ones."""
    return cos(x) ** 2 + sin(y) ** 2


@define(
    "landscape",
    domain=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.4, 0.9),
    minima=((0.4673200253979606, 0.4673200253979606, 0.06447042053690563),),
    steps=150,
    levels="linear",
    source=SURVEY,
)
def giunta(x, y):
    """Bent slopes around one well off the middle, with two saddles far from it."""
    u, v = 16 * x / 15 - 1, 16 * y / 15 - 1
    return 0.6 + sin(u) + sin(u) ** 2 + sin(4 * u) / 50 + sin(v) + sin(v) ** 2 + sin(4 * v) / 50


@define(
    "landscape",
    title="Ursem 1",
    domain=((-2.5, 3.0), (-2.0, 2.0)),
    start=(0.3, 1.6),
    minima=(
        (1.697136454365936, 0.0, -4.816814063734822),
        (-1.4444561992238574, 0.0, -3.2460177369399257),
    ),
    steps=100,
    levels="linear",
    source="Rönkkönen 2009, Continuous multimodal global optimization with differential evolution based methods, "
    "Lappeenranta University of Technology, ISBN 978-952-214-851-3",
)
def ursem_1(x, y):
    """Two wells in a row on a slope that falls to the right, where the lower one is."""
    return -sin(2 * x - pi / 2) - 3 * cos(y) - x / 2


@define(
    "landscape",
    title="Ursem waves",
    domain=((-0.9, 1.2), (-1.2, 1.2)),
    start=(-0.55, -0.2),
    minima=(),
    steps=200,
    levels="linear",
    source="Rönkkönen 2009, Continuous multimodal global optimization with differential evolution based methods, "
    "Lappeenranta University of Technology, ISBN 978-952-214-851-3",
)
def ursem_waves(x, y):
    """Bent waves with wells between them; the lowest place, (1.2, 1.2), is on the rim and no minimum."""
    return -0.9 * x**2 + (y**2 - 4.5 * y**2) * x * y + 4.7 * cos(3 * x - y**2 * (2 + x)) * sin(2.5 * pi * x)


@define(
    "landscape",
    title="Venter and Sobieszczanski-Sobieski",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-8.6, 4.0),
    minima=((0.0, 0.0, -400.0),),
    steps=200,
    levels="linear",
    aliases=("venter_sobieski",),
    source="Venter & Sobieszczanski-Sobieski 2003, Particle swarm optimization, doi:10.2514/2.2111",
)
def venter(x, y):
    """Deep egg crate in a shallow bowl; only the global minimum is listed; usual domain ±50."""
    waves = cos(x) ** 2 + cos(x**2 / 30) + cos(y) ** 2 + cos(y**2 / 30)
    return x**2 + y**2 - 100 * waves


@define(
    "landscape",
    domain=((-6.5, 6.5), (-6.5, 6.5)),
    start=(2.0, -2.6),
    minima=(
        (-1.5821421769300335, -3.1302468034546562, -106.76453674926468),
        (4.701043130249553, 3.15293850372493, -106.76453674926468),
    ),
    steps=200,
    levels="quantile",
    source=MISHRA,
)
def bird(x, y):
    """Bowl along the diagonal with spikes on either side: two equal deep wells, which alone are listed."""
    return sin(x) * exp((1 - cos(y)) ** 2) + cos(y) * exp((1 - sin(x)) ** 2) + (x - y) ** 2


@define(
    "landscape",
    title="Mishra 5",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(0.8, -0.4),
    minima=(),
    steps=200,
    levels="log",
    source=MISHRA,
)
def mishra_5(x, y):
    """Winding floor that sinks out of the picture; the survey's minimum, too, is on the rim, at y = −10."""
    return (sin((cos(x) + cos(y)) ** 2) ** 2 + cos((sin(x) + sin(y)) ** 2) ** 2 + x) ** 2 + 0.01 * x + 0.1 * y


@define(
    "landscape",
    title="Levy 13",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.4, 3.7),
    minima=((1.0, 1.0, 0.0),),
    steps=300,
    levels="log",
    source="Levy & Montalvo 1985, The tunneling algorithm for the global minimization of functions, "
    "doi:10.1137/0906002",
)
def levy_13(x, y):
    """Corrugated bowl around (1, 1); of its many minima only the global one is listed; usual domain ±10."""
    first = (x - 1) ** 2 * (1 + sin(3 * pi * y) ** 2)
    return sin(3 * pi * x) ** 2 + first + (y - 1) ** 2 * (1 + sin(2 * pi * y) ** 2)


@define(
    "landscape",
    domain=((0.0, 10.0), (0.0, 10.0)),
    start=(4.2, 3.6),
    minima=((2.0029921199344654, 1.0060959402921883, -5.162126159963982),),
    steps=200,
    levels="linear",
    source="Molga & Smutnicki 2005, Test functions for optimization needs, Wrocław University of Technology",
)
def langermann(x, y):
    """Rings around five centres interfere: wells at irregular places, of which only the deepest is listed."""
    centres = ((3, 5, 1), (5, 2, 2), (2, 1, 5), (1, 4, 2), (7, 9, 3))
    distances = [((x - a) ** 2 + (y - b) ** 2, c) for a, b, c in centres]
    return -sum(c * exp(-d / pi) * cos(pi * d) for d, c in distances)


@define(
    "landscape",
    title="Ripple 25",
    domain=((0.0, 1.0), (0.0, 1.0)),
    start=(0.44, 0.83),
    minima=((0.1, 0.1, -2.0),),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def ripple_25(x, y):
    """25 narrow wells under a bell: between them the ground is level; only the deepest is listed."""
    first = exp(-2 * 0.6931471805599453 * ((x - 0.1) / 0.8) ** 2) * sin(5 * pi * x) ** 6
    return -first - exp(-2 * 0.6931471805599453 * ((y - 0.1) / 0.8) ** 2) * sin(5 * pi * y) ** 6


@define(
    "landscape",
    title="Gramacy and Lee, 1D",
    domain=((0.5, 2.5),),
    start=(2.3,),
    minima=((0.5485634445276052, -0.8690111349894998),),
    steps=200,
    source="Gramacy & Lee 2012, Cases for the nugget in modeling computer experiments, arXiv:1007.4580",
)
def gramacy_lee(x):
    """Damped wave on a valley of the fourth power: nine dips, of which only the deepest is listed."""
    return sin(10 * pi * x) / (2 * x) + (x - 1) ** 4


@define(
    "landscape",
    domain=((0.0, 1.0),),
    start=(0.45,),
    minima=(
        (0.7572487578418559, -6.0207400557670825),
        (0.14258918932471631, -0.9863254063210815),
    ),
    steps=100,
    source="Forrester, Sóbester & Keane 2008, Engineering Design via Surrogate Modelling, Wiley, "
    "ISBN 978-0-470-06068-1",
)
def forrester(x):
    """A deep dip and a shallow one, and above the shallow one a shelf at x = 1/3, where small steps all but stop."""
    return (6 * x - 2) ** 2 * sin(12 * x - 4)
