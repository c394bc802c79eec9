"""Valleys: steep across, flat along, so that one step size cannot suit both directions."""

from gdviz.registry import define

SURVEY = "Jamil & Yang 2013, A literature survey of benchmark functions for global optimisation, arXiv:1308.4008"
SCHWEFEL = "Schwefel 1981, Numerical Optimization of Computer Models, Wiley, ISBN 0-471-09988-0"


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
    """Straight ravine with condition number κ: a rate that suits its steep walls only creeps along its flat floor.

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
    """Long valley with a start on its ridge: unscaled methods are slow to leave it, scaled ones descend at once."""
    return 2 * x**2 + 0.0025 * (y**2 - 20) ** 2


LOCAL = {
    4: (-0.7756592265653526, 0.6130933654850435, 0.38206284633839316, 0.1459720185521946, 3.701428610430017),
    5: (
        *(-0.9620510206947501, 0.93573939597671, 0.8807136041943205, 0.7778776758544064, 0.6050936785926528),
        3.930839434133028,
    ),
    6: (
        *(-0.9865749795709937, 0.9833982288361818, 0.9721066700530919, 0.947437436826436, 0.8986511848517297),
        *(0.8075739520354176, 3.973940500930295),
    ),
    7: (
        *(-0.9917225725614055, 0.9935553935033713, 0.9921733215946921, 0.986898762690314, 0.975164756608873),
        *(0.9514319827049926, 0.9052228177139535, 3.983600536424854),
    ),
}
"""The second minimum of Rosenbrock's function, by the number of coordinates: no other number from 3 to 7 has one."""


def bends(n):
    """The fact `minima=` of `rosenbrock`: (1, …, 1), and the second one where it is known."""
    return ((*[1.0] * n, 0.0), *([LOCAL[n]] if n in LOCAL else []))


@define(
    "landscape",
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.5, 2.0),
    minima=bends,
    steps=500,
    levels="log",
    aliases=("banana",),
    source="Rosenbrock 1960, An automatic method for finding the greatest or least value of a function, "
    "doi:10.1093/comjnl/3.3.175",
)
def rosenbrock(*x, a=1.0, b=100.0):
    """Bent valley: quick to enter, slow to follow; with more coordinates a chain of such valleys, as in SciPy."""
    return sum((a - x[i]) ** 2 + b * (x[i + 1] - x[i] ** 2) ** 2 for i in range(len(x) - 1))


@define(
    "landscape",
    domain=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.2, 1.0),
    minima=((1.0, 1.0, 0.0),),
    steps=500,
    levels="log",
    aliases=("leon",),
    source="Leon 1966, A comparison among eight known optimizing procedures, in: " + SURVEY,
)
def cube(x, y):
    """Rosenbrock's valley with a cubic floor, flat at the origin, where fast methods cut the bend."""
    return 100 * (y - x**3) ** 2 + (1 - x) ** 2


@define(
    "landscape",
    title="Bukin 2",
    domain=((-15.0, -5.0), (-3.0, 3.0)),
    start=(-6.0, 2.0),
    minima=((-10.0, 0.0, 0.0),),
    steps=300,
    levels="log",
    source=SURVEY,
)
def bukin_2(x, y):
    """Steep parabolic valley with a floor 10 000 times flatter; the survey omits the square of the first bracket."""
    return 100 * (y - 0.01 * x**2 + 1) ** 2 + 0.01 * (x + 10) ** 2


@define(
    "landscape",
    domain=((-1.0, 3.0), (-2.0, 2.0)),
    start=(2.2, 1.2),
    minima=((-0.029895985050660382, 0.0, -0.003791237220468898),),
    steps=300,
    levels="log",
    source="Zettl 1970, in: " + SCHWEFEL,
)
def zettl(x, y):
    """Ring-shaped valley around (1, 0) whose floor tilts gently towards the minimum beside the origin."""
    return (x**2 + y**2 - 2 * x) ** 2 + 0.25 * x


@define(
    "landscape",
    title="Bazaraa and Shetty",
    domain=((-1.0, 5.0), (-1.0, 4.0)),
    start=(0.0, 3.0),
    minima=((2.0, 1.0, 0.0),),
    steps=300,
    levels="log",
    source="Bazaraa, Sherali & Shetty 2006, Nonlinear Programming, section 8.6, ISBN 978-0-471-48600-8",
)
def bazaraa_shetty(x, y):
    """Valley that flattens with the fourth power: the Hessian is singular at the minimum, so Newton's method slows."""
    return (x - 2) ** 4 + (x - 2 * y) ** 2


@define(
    "landscape",
    title="Freudenstein and Roth",
    domain=((-5.0, 15.0), (-3.0, 6.0)),
    start=(0.5, -2.0),
    minima=(
        (5.0, 4.0, 0.0),
        (11.412778986902094, -0.8968052532744765, 48.98425367924002),
    ),
    steps=400,
    levels="log",
    source="Freudenstein & Roth 1963, Numerical solution of systems of nonlinear equations, doi:10.1145/321186.321200",
)
def freudenstein_roth(x, y):
    """Two bent valleys: the published start, (0.5, −2), leads most methods to the higher minimum, 48.98."""
    return (x - 13 + ((5 - y) * y - 2) * y) ** 2 + (x - 29 + ((y + 1) * y - 14) * y) ** 2


@define(
    "landscape",
    domain=((-1.0, 4.0), (-2.0, 3.0)),
    start=(3.5, 2.6),
    minima=(
        (0.0, 0.0, 0.0),
        (1.695415196279133, 0.7186081719435529, 2.8574684782056875e-101),
    ),
    steps=300,
    levels="log",
    source="Stenger 1975, in: Adorio 2005, MVF: Multivariate test functions library in C, "
    "University of the Philippines",
)
def stenger(x, y):
    """Two solutions of a system of equations, with a saddle between them on a winding floor."""
    return (x**2 - 4 * y) ** 2 + (y**2 - 2 * x + 4 * y) ** 2
