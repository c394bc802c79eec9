"""Noise on the gradient itself, so that its direction changes too: what a mini-batch does to the exact gradient."""

from gdviz.formula import cos, log, pi, sin
from gdviz.registry import define


@define(
    "transform",
    title="Gaussian noise",
    aliases=("noise", "gaussian_noise"),
    symbols={"sigma": "σ"},
    no_oracle="random numbers are each library's own; their distribution is what a test asks for",
    source="Neelakantan et al. 2015, Adding gradient noise improves learning for very deep networks, arXiv:1511.06807",
)
def gaussian(g, normal, sigma=0.1):
    """Adds independent normal noise of standard deviation σ to every coordinate of the gradient."""
    return g + sigma * normal


@define(
    "transform",
    title="Multiplicative noise",
    aliases=("multiplicative_noise",),
    symbols={"sigma": "σ"},
    no_oracle="random numbers are each library's own; their distribution is what a test asks for",
    source="Bottou, Curtis & Nocedal 2018, Optimization methods for large-scale machine learning, arXiv:1606.04838, "
    "assumption 4.3",
)
def multiplicative(g, normal, sigma=0.5):
    """Scales every coordinate of the gradient by 1 + σ·noise: the noise dies out at a stationary point."""
    return g * (1 + sigma * normal)


@define(
    "transform",
    title="Heavy-tailed noise",
    aliases=("heavy_tailed", "levy", "alpha_stable"),
    symbols={"sigma": "σ", "alpha": "α"},
    limits={"alpha": (0.1, 2.0)},
    presets={"cauchy": {"alpha": 1.0}},
    no_oracle="random numbers are each library's own; their distribution is what a test asks for",
    source="Simsekli, Sagun & Gurbuzbalaban 2019, A tail-index analysis of stochastic gradient noise in deep neural "
    "networks, arXiv:1901.06053; drawn as in Chambers, Mallows & Stuck 1976, A method for simulating stable random "
    "variables, doi:10.1080/01621459.1976.10480344",
)
def stable(g, uniform, uniform2, sigma=0.1, alpha=1.5):
    """Adds symmetric α-stable noise of scale σ: now and then a jump, the farther the smaller α is.

    α between 0 and 2: 1 is Cauchy's distribution, 2 the normal one with standard deviation σ √2; below 2 the variance
    is infinite.
    """
    angle = pi * (uniform - 0.5)
    wait = -log(uniform2)
    spread = (cos((1 - alpha) * angle) / wait) ** ((1 - alpha) / alpha)
    return g + sigma * spread * sin(alpha * angle) / cos(angle) ** (1 / alpha)
