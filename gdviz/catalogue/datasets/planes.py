"""Classes in the plane, as pictures of decision regions need them; classes take turns, so they are equally large."""

from math import inf

from gdviz.formula import cos, pi, sign, sin, sqrt, where
from gdviz.registry import define

SCIKIT = (
    "Pedregosa et al. 2011, Scikit-learn: machine learning in Python, https://jmlr.org/papers/v12/pedregosa11a.html"
)


@define("dataset", task="classes", source=f"{SCIKIT}, make_blobs")
def blobs(i, normal, n=300, classes=3, noise=0.6):
    """Round clouds around a circle of radius 2; with classes=2 the simplest task for logistic regression."""
    angle = 2 * pi * (i % classes) / classes + pi / 2
    return (2 * cos(angle) + noise * normal(), 2 * sin(angle) + noise * normal()), i % classes


@define("dataset", task="binary", source=f"{SCIKIT}, make_moons")
def moons(i, uniform, normal, n=200, noise=0.1):
    """Two crescents that reach into each other, which no straight border parts."""
    angle, below = pi * uniform(), i % 2
    x1 = where(below == 1, 1 - cos(angle), cos(angle)) - 0.5
    x2 = where(below == 1, 0.5 - sin(angle), sin(angle)) - 0.25
    return (x1 + noise * normal(), x2 + noise * normal()), below


@define("dataset", task="binary", limits={"inner": (0.0, 1.0)}, source=f"{SCIKIT}, make_circles")
def circles(i, uniform, normal, n=200, inner=0.5, noise=0.1):
    """A circle within another one."""
    angle, within = 2 * pi * uniform(), i % 2
    radius = where(within == 1, inner, 1.0)
    return (radius * cos(angle) + noise * normal(), radius * sin(angle) + noise * normal()), within


@define(
    "dataset",
    task="binary",
    limits={"turns": (0.0, inf)},
    source="Lang & Witbrock 1988, Learning to tell two spirals apart, Connectionist Models Summer School",
)
def spirals(i, uniform, normal, n=400, classes=2, turns=1.5, noise=0.02):
    """Arms that wind around each other, a task that takes hidden layers."""
    way, arm = sqrt(uniform()), i % classes
    angle = 2 * pi * (turns * way + arm / classes)
    return (way * cos(angle) + noise * normal(), way * sin(angle) + noise * normal()), arm


@define(
    "dataset",
    task="binary",
    limits={"gap": (0.0, 1.0)},
    title="XOR",
    source="Minsky & Papert 1969, Perceptrons, MIT Press, ISBN 0-262-63022-2",
)
def xor(uniform, normal, n=200, gap=0.1, noise=0.05):
    """Opposite quarters of a square belong together: the least that one neuron cannot tell."""
    x1, x2 = 2 * uniform() - 1, 2 * uniform() - 1
    label = where(x1 * x2 < 0, 1, 0)
    x1, x2 = x1 + gap * sign(x1), x2 + gap * sign(x2)
    return (x1 + noise * normal(), x2 + noise * normal()), label
