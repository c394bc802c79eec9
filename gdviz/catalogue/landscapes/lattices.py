"""Wells by the dozen on lattices and egg boxes: a global minimum that nothing points to."""

from gdviz.formula import TIP, abs, cos, exp, pi, sin, sqrt
from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
MISHRA = (
    "Mishra 2006, Some new test functions for global optimization and performance of repulsive particle swarm "
    "method, doi:10.2139/ssrn.926132"
)


@define(
    "landscape",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.3, 4.0),
    minima=(
        (-7.708313735499347, -7.0835064076515595, -186.73090883102384),
        (-7.708313735499347, -0.8003211004719731, -186.73090883102384),
        (-7.708313735499347, 5.482864206707613, -186.73090883102384),
        (-7.0835064076515595, -7.708313735499347, -186.73090883102384),
        (-7.0835064076515595, -1.425128428319761, -186.73090883102384),
        (-7.0835064076515595, 4.858056878859825, -186.73090883102384),
        (-1.425128428319761, -7.0835064076515595, -186.73090883102384),
        (-1.425128428319761, -0.8003211004719731, -186.73090883102384),
        (-1.425128428319761, 5.482864206707613, -186.73090883102384),
        (-0.8003211004719731, -7.708313735499347, -186.73090883102384),
        (-0.8003211004719731, -1.425128428319761, -186.73090883102384),
        (-0.8003211004719731, 4.858056878859825, -186.73090883102384),
        (4.858056878859825, -7.0835064076515595, -186.73090883102384),
        (4.858056878859825, -0.8003211004719731, -186.73090883102384),
        (4.858056878859825, 5.482864206707613, -186.73090883102384),
        (5.482864206707613, -7.708313735499347, -186.73090883102384),
        (5.482864206707613, -1.425128428319761, -186.73090883102384),
        (5.482864206707613, 4.858056878859825, -186.73090883102384),
    ),
    steps=200,
    levels="linear",
    source="Shubert 1972, A sequential method seeking the global maximum of a function, doi:10.1137/0709036",
)
def shubert(x, y):
    """760 minima of which 18, in pairs, are the lowest, −186.73; these alone are listed."""
    first = sum(i * cos((i + 1) * x + i) for i in range(1, 6))
    return first * sum(i * cos((i + 1) * y + i) for i in range(1, 6))


@define(
    "landscape",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.0, 3.1),
    minima=(
        (-7.589893010800887, -7.708313735499347, -176.54179313674564),
        (-7.589893010800887, -1.425128428319761, -176.54179313674564),
        (-7.589893010800887, 4.858056878859825, -176.54179313674564),
        (-1.306707703621301, -7.708313735499347, -176.54179313674564),
        (-1.306707703621301, -1.425128428319761, -176.54179313674564),
        (-1.306707703621301, 4.858056878859825, -176.54179313674564),
        (4.976477603558285, -7.708313735499347, -176.54179313674564),
        (4.976477603558285, -1.425128428319761, -176.54179313674564),
        (4.976477603558285, 4.858056878859825, -176.54179313674564),
    ),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def hansen(x, y):
    """Waves of different length in x and y: 760 minima of which nine are the lowest, −176.54, and listed."""
    first = sum((i + 1) * cos(i * x + i + 1) for i in range(5))
    return first * sum((i + 1) * cos((i + 2) * y + i + 1) for i in range(5))


@define(
    "landscape",
    domain=((-512.0, 512.0), (-512.0, 512.0)),
    start=(-130.0, 60.0),
    minima=(),
    steps=300,
    levels="linear",
    aliases=("egg_holder",),
    source="Whitley, Rana, Dzubera & Mathias 1996, Evaluating evolutionary algorithms, "
    "doi:10.1016/0004-3702(95)00124-7",
)
def eggholder(x, y):
    """Bent rows of wells that deepen outwards: the published minimum, −959.64 at (512, 404.23), is on the rim."""
    u = y + 47
    return -u * sin(sqrt(abs(u + x / 2) + TIP)) - x * sin(sqrt(abs(x - u) + TIP))


@define(
    "landscape",
    title="Cross in tray",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-4.0, 2.6),
    minima=(
        (-1.3494066171539107, -1.3494066171539107, -2.062611870822738),
        (-1.3494066171539107, 1.3494066171539107, -2.062611870822738),
        (1.3494066171539107, -1.3494066171539107, -2.062611870822738),
        (1.3494066171539107, 1.3494066171539107, -2.062611870822738),
    ),
    steps=200,
    levels="linear",
    source=MISHRA,
)
def cross_in_tray(x, y):
    """Tray with a cross of sharp ridges: the four lowest wells stand around its middle and alone are listed."""
    return -0.0001 * (abs(sin(x) * sin(y) * exp(abs(100 - sqrt(x**2 + y**2 + TIP) / pi))) + 1) ** 0.1


@define(
    "landscape",
    title="Pen holder",
    domain=((-11.0, 11.0), (-11.0, 11.0)),
    start=(6.6, 4.2),
    minima=(
        (-9.646167670410366, -9.646167670410366, -0.9635348327265058),
        (-9.646167670410366, 9.646167670410366, -0.9635348327265058),
        (9.646167670410366, -9.646167670410366, -0.9635348327265058),
        (9.646167670410366, 9.646167670410366, -0.9635348327265058),
    ),
    steps=200,
    levels="linear",
    source=MISHRA,
)
def pen_holder(x, y):
    """Square holes with level rims, deepest in the four corners, which alone are listed."""
    return -exp(-1 / abs(cos(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2 + TIP) / pi))))


@define(
    "landscape",
    domain=((-0.5, 0.5), (-0.5, 0.5)),
    start=(0.31, -0.26),
    minima=((-0.024403079694375173, 0.21061242715535577, -3.306868647475237),),
    steps=200,
    levels="linear",
    aliases=("hundred_digit",),
    source="Trefethen 2002, A hundred-dollar, hundred-digit challenge, SIAM News 35(1), problem 4",
)
def trefethen(x, y):
    """Five waves of different length on a bowl: problem 4 of the hundred digits; only the global minimum is listed."""
    waves = exp(sin(50 * x)) + sin(60 * exp(y)) + sin(70 * sin(x)) + sin(sin(80 * y)) - sin(10 * (x + y))
    return waves + (x**2 + y**2) / 4


@define(
    "landscape",
    title="De Jong 5",
    domain=((-48.0, 48.0), (-48.0, 48.0)),
    start=(-3.5, 11.0),
    minima=((-31.97833483565697, -31.978334837300796, 0.9980038377944502),),
    steps=200,
    levels="linear",
    aliases=("foxholes", "shekel_foxholes"),
    source="De Jong 1975, An analysis of the behavior of a class of genetic adaptive systems, University of Michigan",
)
def de_jong_5(x, y):
    """25 foxholes in a plain of height 500, each a little deeper than the next; nothing between them shows the way."""
    holes = [(-32 + 16 * (k % 5), -32 + 16 * (k // 5)) for k in range(25)]
    return 1 / (0.002 + sum(1 / (k + 1 + (x - a) ** 6 + (y - b) ** 6) for k, (a, b) in enumerate(holes)))


@define(
    "landscape",
    domain=((0.0, 12.0), (-3.0, 4.0)),
    start=(1.4, 3.0),
    minima=(
        (6.18986658698431, 0.5, -42.94438701899097),
        (5.427453952203763, 0.5, -39.15531592714289),
        (6.963829572206937, 0.5, -32.76545935546901),
        (2.2052932112282977, 0.5, -28.525045118963696),
        (9.411596102978379, 0.5, -27.79930218578539),
        (4.632570994435517, 0.5, -25.86058740574518),
        (10.174301467912695, 0.5, -25.487547482138147),
        (2.9803444074357732, 0.5, -24.542456990413378),
        (8.61564222465723, 0.5, -20.86801628827734),
        (7.782031368985873, 0.5, -20.772476080072394),
        (3.799038107523178, 0.5, -19.09686679521779),
        (1.4437273901521057, 0.5, -18.6396682034174),
        (10.946688232900065, 0.5, -9.122844684641139),
        (0.6501090723286459, 0.5, 1.0092331450214196),
        (11.764685976415459, 0.5, 9.41473737332298),
    ),
    steps=200,
    levels="linear",
    source=SURVEY,
)
def chichinadze(x, y):
    """Waves along a valley whose sides are all but level; usual domain ±30.

    The survey's minimum, −43.32, is no value of its formula; SciPy's benchmarks state this one.
    """
    waves = 10 * cos(pi * x / 2) + 8 * sin(5 * pi * x / 2)
    return x**2 - 12 * x + 11 + waves - sqrt(0.2) * exp(-((y - 0.5) ** 2) / 2)
